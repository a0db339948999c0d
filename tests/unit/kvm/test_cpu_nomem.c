// SPDX-License-Identifier: GPL-2.0-or-later
/* Each allocation of a vCPU's ioctls fails in turn; the n-th, until none is left. */
#include "tests/unit/kvm/cpu_world.h"

#include <errno.h>

#include "kvm/vcpu.h"
#include "storage/inject.h"

static _Atomic int countdown;

static bool fail_alloc(enum inject_point point, uint32_t detail, uint64_t subject,
		       struct inject_outcome *outcome)
{
	return point == INJECT_ALLOC && atomic_fetch_sub(&countdown, 1) == 0;
}

/** sweep() - Return: number of allocations; each of them failed once, with @error */
static int sweep(struct world *w, long (*act)(struct world *w), long error)
{
	int n = 0;
	long rc;

	for (;; n++) {
		atomic_store(&countdown, n);
		atomic_store(&inject_hook, fail_alloc);
		rc = act(w);
		atomic_store(&inject_hook, NULL);
		if (rc >= 0)
			return n;
		assert_int_equal(error, rc);
	}
}

static long create_vcpu(struct world *w)
{
	return direct_ioctl(w->t, w->vm_fd, KVM_CREATE_VCPU, 100);
}

/* A CPU that could not be made does not exist: its id stays free */
static void create_vcpu_fails(void **state)
{
	struct world *w = *state;

	assert_true(sweep(w, create_vcpu, -ENOMEM) >= 3);
	assert_int_equal(WORLD_CPUS + 1, atomic_load(&w->kvm->online_vcpus));
	assert_int_equal(-EEXIST, create_vcpu(w));
}

/* Neither does one that would have SIE */
static void create_vcpu_with_sie_fails(void **state)
{
	struct world *w = *state;

	assert_true(sweep(w, create_vcpu, -ENOMEM) >= 4);
	assert_non_null(world_vcpu(w, WORLD_CPUS)->arch.vsie);
}

static long memop_read(struct world *w)
{
	uint64_t buf;
	struct kvm_s390_mem_op op = {.gaddr = 0x5000, .size = 8, .buf = (uintptr_t)&buf};

	return cpu_ioctl(w, 0, KVM_S390_MEM_OP, &op);
}

static struct kvm_s390_irq irqs[8];

static long get_irq_state(struct world *w)
{
	struct kvm_s390_irq_state arg = {.buf = (uintptr_t)irqs, .len = sizeof(irqs)};

	return cpu_ioctl(w, 0, KVM_S390_GET_IRQ_STATE, &arg);
}

static long set_irq_state(struct world *w)
{
	struct kvm_s390_irq_state arg = {.buf = (uintptr_t)irqs, .len = sizeof(irqs[0])};

	irqs[0] = (struct kvm_s390_irq){.type = KVM_S390_RESTART};
	return cpu_ioctl(w, 0, KVM_S390_SET_IRQ_STATE, &arg);
}

static long inject_io(struct world *w)
{
	struct kvm_s390_interrupt irq = {0x30003, 0x00010003, 2 << 27};

	return vm_ioctl(w, KVM_S390_INTERRUPT, &irq);
}

static void single_allocations_fail(void **state)
{
	struct world *w = *state;

	assert_int_equal(1, sweep(w, memop_read, -ENOMEM));
	assert_int_equal(1, sweep(w, get_irq_state, -ENOMEM));
	assert_int_equal(1, sweep(w, set_irq_state, -ENOMEM));
	assert_int_equal(1, sweep(w, inject_io, -ENOMEM));
	/* What failed left nothing pending */
	assert_int_equal(1, w->kvm->arch.float_int.counters[FIRQ_LIST_IO_ISC_0 + 2]);
}

static int flic_fd;

static long flic_get(struct world *w)
{
	struct kvm_device_attr attr = {
		.group = KVM_DEV_FLIC_GET_ALL_IRQS, .attr = sizeof(irqs), .addr = (uintptr_t)irqs};

	return direct_ioctl(w->t, flic_fd, KVM_GET_DEVICE_ATTR, (uintptr_t)&attr);
}

static long flic_adapter(struct world *w)
{
	struct kvm_s390_io_adapter adapter = {.id = 1};
	struct kvm_device_attr attr = {.group = KVM_DEV_FLIC_ADAPTER_REGISTER,
				       .addr = (uintptr_t)&adapter};

	return direct_ioctl(w->t, flic_fd, KVM_SET_DEVICE_ATTR, (uintptr_t)&attr);
}

static void flic_fails(void **state)
{
	struct world *w = *state;
	struct kvm_create_device cd = {.type = KVM_DEV_TYPE_FLIC};

	assert_int_equal(0, vm_ioctl(w, KVM_CREATE_DEVICE, &cd));
	flic_fd = (int)cd.fd;
	assert_int_equal(1, sweep(w, flic_get, -ENOBUFS));
	assert_int_equal(1, sweep(w, flic_adapter, -ENOMEM));
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(create_vcpu_fails),
		cmocka_unit_test_setup_teardown(create_vcpu_with_sie_fails, world_setup_nested,
						world_teardown),
		WORLD_TEST(single_allocations_fail),
		WORLD_TEST(flic_fails),
	};

	return cmocka_run_group_tests_name("kvm-cpu-nomem", tests, NULL, NULL);
}
