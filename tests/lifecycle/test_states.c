// SPDX-License-Identifier: GPL-2.0-or-later
/* Configurations in states that should be short, and what is refused in them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/lifecycle/rig.h"

static long run(const struct vmm *v, unsigned int cpu)
{
	return direct_ioctl(v->t, v->vcpu[cpu], KVM_RUN, 0);
}

static void set_operating(const struct vmm *v, unsigned int cpu)
{
	struct kvm_mp_state mp = {KVM_MP_STATE_OPERATING};

	assert_int_equal(0, direct_ioctl(v->t, v->vcpu[cpu], KVM_SET_MP_STATE, (uintptr_t)&mp));
}

/* A CPU that is plugged in afterwards is secure. The guest has lost all others: it does not run. */
static void half_configuration_runs_no_new_cpu(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 0, 1, 0x0110, 0, true);
	assert_int_equal(-EIO, vmm_pv(&r.v, KVM_PV_DISABLE));
	expect_counts(&r, .half = 1, .count = 1);
	vmm_vcpus(&r.v, 1);
	assert_int_not_equal(0, kvm_s390_pv_cpu_get_handle(kvm_get_vcpu_by_id(r.v.kvm, RIG_VCPUS)));
	set_operating(&r.v, RIG_VCPUS);
	/* It would get no further than to the signal if it were let in. */
	direct_kick(r.v.t);
	assert_int_equal(-EINVAL, run(&r.v, RIG_VCPUS));
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_DISABLE));
	r.w->expect_leaked_bytes = true; /* the storage of the first CPU */
	rig_destroy(&r);
}

/* "Must be destroyed" without a handle: there is nothing that could be destroyed. */
static void create_conf_demands_destroy_of_nothing(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, UVC_RC_NEED_DESTROY | 0x0110, 7, false);
	expect_pv(&r.v, KVM_PV_ENABLE, -EIO, UVC_RC_NEED_DESTROY | 0x0110, 7);
	expect_counts(&r, .count = 0);
	rig_enable(&r, 1);
	expect_counts(&r, .active = 1, .count = 1);
	rig_destroy(&r);
}

/* As DUMP_INIT would leave it on a machine that can: all CPUs are kept out of the engine. */
static void begin_dump(struct vmm *v)
{
	kvm_s390_vcpu_block_all(v->kvm);
	atomic_store(&v->kvm->arch.pv.dumping, true);
}

/* Nobody would end the dump of a configuration that is gone. */
static void dump_ends_with_its_configuration(void **state)
{
	const uint32_t ends[] = {KVM_PV_DISABLE, KVM_PV_ASYNC_CLEANUP_PREPARE};
	struct rig r;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		rig_create(&r, NULL);
		rig_enable(&r, 0);
		begin_dump(&r.v);
		set_operating(&r.v, 0);
		assert_int_equal(-EINVAL, run(&r.v, 0));
		assert_int_equal(0, vmm_pv(&r.v, ends[i]));
		assert_false(atomic_load(&r.v.kvm->arch.pv.dumping));
		assert_false(atomic_load(&kvm_get_vcpu_by_id(r.v.kvm, 0)->immediate_block));
		/* It is let in, and gets as far as to the signal. */
		direct_kick(r.v.t);
		assert_int_equal(-EINTR, run(&r.v, 0));
		rig_destroy(&r);
	}
}

static void *enable_thread(void *arg)
{
	struct vmm *v = arg;
	struct task *t = direct_task_start(v->mm);
	uint16_t rc, rrc;
	long ret = vmm_pv_from(v, t, KVM_PV_ENABLE, &rc, &rrc);

	direct_task_end(t);
	return (void *)ret;
}

/* The VM has a configuration, and CPU 0 is on its way into it: CPU 1 must not run as it was. */
static void cpu_waits_for_its_protection(void **state)
{
	pthread_t thread;
	void *ret;
	struct rig r;

	rig_create(&r, NULL);
	set_operating(&r.v, 1);
	gate_close_at_uvc(UVC_CMD_CREATE_SEC_CPU);
	assert_int_equal(0, pthread_create(&thread, NULL, enable_thread, &r.v));
	gate_wait();
	/* It would get no further than to the signal if it were let in. */
	direct_kick(r.v.t);
	assert_int_equal(-EINVAL, run(&r.v, 1));
	gate_open();
	assert_int_equal(0, pthread_join(thread, &ret));
	assert_int_equal(0, (long)ret);
	expect_counts(&r, .active = 1, .count = 1);
	rig_destroy(&r);
}

static void *close_vm(void *arg)
{
	struct vmm *heir = arg;

	assert_int_equal(0, direct_close(heir->mm, heir->vm));
	return NULL;
}

/* While the callback of the address space's end stands in its call, the last file goes. */
static void *close_meanwhile(void *arg)
{
	pthread_t thread;

	gate_wait();
	assert_int_equal(0, pthread_create(&thread, NULL, close_vm, arg));
	gate_open();
	assert_int_equal(0, pthread_join(thread, NULL));
	return NULL;
}

/* Both would destroy the same CPUs and the same configuration: release comes second. */
static void release_beside_the_end_of_the_address_space(void **state)
{
	struct vmm heir;
	pthread_t thread;
	struct rig r;

	rig_create(&r, "z16");
	rig_enable(&r, 1);
	vmm_start(&heir, r.w);
	assert_int_equal(0, direct_close(heir.mm, heir.vm));
	heir.vm = direct_pass(r.v.mm, r.v.vm, heir.mm);
	assert_true(heir.vm >= 0);
	vmm_close(&r.v);
	gate_close_at_uvc(UVC_CMD_DESTROY_SEC_CPU);
	assert_int_equal(0, pthread_create(&thread, NULL, close_meanwhile, &heir));
	/* The thread of the test is the task of both: the former one ends first. */
	vmm_exit(&r.v);
	assert_int_equal(0, pthread_join(thread, NULL));
	assert_int_equal(RIG_VCPUS, uvc_count(UVC_CMD_DESTROY_SEC_CPU));
	assert_int_equal(1, uvc_count(UVC_CMD_DESTROY_SEC_CONF_FAST));
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CONF));
	assert_int_equal(0, world_status(r.w).vms);
	world_assert_quiet(r.w);
	vmm_exit(&heir);
	vmm_free_memory(r.low, RIG_SIZE);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

/* What is set aside is not the callback's: there is no handle that it could name in a call. */
static void end_of_the_address_space_without_configuration(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, "z17", 1);
	uvc_reset();
	vmm_exit(&r.v);
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CPU));
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CONF_FAST));
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CONF));
	world_assert_quiet(r.w);
	vmm_free_memory(r.low, RIG_SIZE);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_configuration_runs_no_new_cpu),
		cmocka_unit_test(create_conf_demands_destroy_of_nothing),
		cmocka_unit_test(dump_ends_with_its_configuration),
		cmocka_unit_test(cpu_waits_for_its_protection),
		cmocka_unit_test(release_beside_the_end_of_the_address_space),
		cmocka_unit_test(end_of_the_address_space_without_configuration),
	};

	return cmocka_run_group_tests_name("lifecycle-states", tests, NULL, NULL);
}
