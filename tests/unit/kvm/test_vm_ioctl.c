// SPDX-License-Identifier: GPL-2.0-or-later
/* The ioctls of /dev/kvm and of a VM that are not about protection. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#include "tests/lifecycle/world.h"

#define SIZE (4 * MIB)

struct env {
	struct world *w;
	struct vmm v;
	uint8_t *mem;
};

static void env_create(struct env *e)
{
	e->w = world_create(NULL);
	vmm_start(&e->v, e->w);
	e->mem = vmm_memory(&e->v, 0, 0, SIZE);
}

static void env_destroy(struct env *e)
{
	vmm_exit(&e->v);
	vmm_free_memory(e->mem, SIZE);
	world_destroy(e->w);
}

static long sys(struct env *e, unsigned int cmd, uint64_t arg)
{
	return direct_ioctl(e->v.t, e->v.kvm_fd, cmd, arg);
}

static void system_ioctls(void **state)
{
	struct env e;

	env_create(&e);
	assert_int_equal(12, sys(&e, KVM_GET_API_VERSION, 0));
	assert_int_equal(-EINVAL, sys(&e, KVM_GET_API_VERSION, 1));
	assert_int_equal(4096, sys(&e, KVM_GET_VCPU_MMAP_SIZE, 0));
	assert_int_equal(-EINVAL, sys(&e, KVM_GET_VCPU_MMAP_SIZE, 1));
	assert_int_equal(0, sys(&e, KVM_S390_ENABLE_SIE, 0));
	assert_int_equal(-EINVAL, sys(&e, KVM_CREATE_VM, 1));
	assert_int_equal(-EINVAL, sys(&e, KVM_CREATE_VM, 2));
	assert_int_equal(-EINVAL, sys(&e, KVM_RUN, 0));
	assert_int_equal(-EINVAL, sys(&e, 0x1234, 0));
	env_destroy(&e);
}

static void capabilities(void **state)
{
	static const struct {
		uint32_t cap;
		long value;
	} expected[] = {
		{KVM_CAP_NR_MEMSLOTS, 32766},
		{KVM_CAP_MP_STATE, 1},
		{KVM_CAP_MAX_VCPUS, 248},
		{KVM_CAP_MAX_VCPU_ID, 248},
		{KVM_CAP_IRQ_ROUTING, 4096},
		{KVM_CAP_S390_MEM_OP, 65536},
		{KVM_CAP_S390_MEM_OP_EXTENSION, 3},
		{KVM_CAP_S390_VCPU_RESETS, 1},
		{KVM_CAP_S390_PROTECTED, 1},
		{KVM_CAP_S390_PROTECTED_ASYNC_DISABLE, 1},
		{KVM_CAP_S390_HPAGE_1M, 0},
		{KVM_CAP_READONLY_MEM, 0},
		{KVM_CAP_S390_UCONTROL, 0},
		{KVM_CAP_SYNC_MMU, 1},
		{KVM_CAP_S390_PSW, 1},
		{KVM_CAP_ENABLE_CAP, 1},
		{KVM_CAP_ASYNC_PF, 1},
		{KVM_CAP_ONE_REG, 1},
		{KVM_CAP_S390_GMAP, 1},
		{KVM_CAP_SYNC_REGS, 1},
		{KVM_CAP_S390_CSS_SUPPORT, 1},
		{KVM_CAP_DEVICE_CTRL, 1},
		{KVM_CAP_ENABLE_CAP_VM, 1},
		{KVM_CAP_S390_IRQCHIP, 1},
		{KVM_CAP_VM_ATTRIBUTES, 1},
		{KVM_CAP_CHECK_EXTENSION_VM, 1},
		{KVM_CAP_S390_USER_SIGP, 1},
		{KVM_CAP_S390_USER_STSI, 1},
		{KVM_CAP_S390_SKEYS, 1},
		{KVM_CAP_S390_INJECT_IRQ, 1},
		{KVM_CAP_S390_IRQ_STATE, 1},
		{KVM_CAP_S390_USER_INSTR0, 1},
		{KVM_CAP_IMMEDIATE_EXIT, 1},
		{KVM_CAP_S390_AIS_MIGRATION, 1},
		{KVM_CAP_S390_DIAG318, 1},
		{KVM_CAP_S390_USER_OPEREXEC, 1},
		/* what there is not: each is refused when it is used */
		{KVM_CAP_SET_GUEST_DEBUG, 0},
		{KVM_CAP_SET_GUEST_DEBUG2, 0},
		{KVM_CAP_IRQFD, 0},
		{KVM_CAP_IOEVENTFD, 0},
		{KVM_CAP_S390_VECTOR_REGISTERS, 0},
		{KVM_CAP_S390_RI, 0},
		{KVM_CAP_S390_GS, 0},
		{KVM_CAP_S390_AIS, 0},
		{KVM_CAP_S390_CMMA_MIGRATION, 0},
		{KVM_CAP_S390_ZPCI_OP, 0},
		{KVM_CAP_S390_CPU_TOPOLOGY, 0},
		{225, 0},
		{100000, 0},
	};
	struct env e;

	env_create(&e);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(expected[i].value, sys(&e, KVM_CHECK_EXTENSION, expected[i].cap));
		assert_int_equal(expected[i].value,
				 vmm_ioctl(&e.v, KVM_CHECK_EXTENSION, expected[i].cap));
	}
	assert_true(sys(&e, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS) >= 1);
	/* the upper half is not cut off */
	assert_int_equal(0, sys(&e, KVM_CHECK_EXTENSION, 1UL << 32 | KVM_CAP_MP_STATE));
	env_destroy(&e);
}

static long enable_cap(struct env *e, uint32_t cap, uint32_t flags)
{
	struct kvm_enable_cap arg = {.cap = cap, .flags = flags};

	return vmm_ioctl(&e->v, KVM_ENABLE_CAP, (uintptr_t)&arg);
}

static void enabling_capabilities(void **state)
{
	struct env e;

	env_create(&e);
	assert_int_equal(-EINVAL, enable_cap(&e, KVM_CAP_S390_IRQCHIP, 1));
	assert_int_equal(-EINVAL, enable_cap(&e, 100000, 0));
	assert_int_equal(-EINVAL, enable_cap(&e, KVM_CAP_S390_HPAGE_1M, 0));
	assert_int_equal(-EINVAL, vmm_ioctl(&e.v, KVM_CREATE_IRQCHIP, 0));
	assert_int_equal(0, enable_cap(&e, KVM_CAP_S390_IRQCHIP, 0));
	assert_int_equal(0, vmm_ioctl(&e.v, KVM_CREATE_IRQCHIP, 0));
	assert_int_equal(0, enable_cap(&e, KVM_CAP_S390_USER_SIGP, 0));
	assert_true(atomic_load(&e.v.kvm->arch.user_sigp));
	assert_int_equal(0, enable_cap(&e, KVM_CAP_S390_USER_STSI, 0));
	assert_int_equal(0, enable_cap(&e, KVM_CAP_S390_USER_INSTR0, 0));
	assert_int_equal(-EINVAL, enable_cap(&e, KVM_CAP_S390_RI, 0));
	vmm_vcpus(&e.v, 1);
	assert_int_equal(-EBUSY, enable_cap(&e, KVM_CAP_S390_RI, 0));
	assert_int_equal(-EBUSY, enable_cap(&e, KVM_CAP_S390_HPAGE_1M, 0));
	env_destroy(&e);
}

static void unknown_ioctls(void **state)
{
	struct env e;

	env_create(&e);
	vmm_vcpus(&e.v, 1);
	assert_int_equal(-ENOTTY, vmm_ioctl(&e.v, _IO(KVMIO, 0x7f), 0));
	assert_int_equal(-ENOTTY, vmm_ioctl(&e.v, KVM_RUN, 0));
	assert_int_equal(-ENXIO, vmm_ioctl(&e.v, KVM_S390_GET_CMMA_BITS, 0));
	assert_int_equal(-EINVAL, vmm_ioctl(&e.v, KVM_S390_ZPCI_OP, 0));
	assert_int_equal(-EINVAL, direct_ioctl(e.v.t, e.v.vcpu[0], 0x1234, 0));
	assert_int_equal(-ENOTTY, direct_ioctl(e.v.t, e.v.vcpu[0], _IO(KVMIO, 0x7f), 0));
	env_destroy(&e);
}

static void another_process(void **state)
{
	struct vmm other;
	struct env e;
	int vm, vcpu;

	env_create(&e);
	vmm_vcpus(&e.v, 1);
	vmm_start(&other, e.w);
	vm = direct_pass(e.v.mm, e.v.vm, other.mm);
	vcpu = direct_pass(e.v.mm, e.v.vcpu[0], other.mm);
	assert_int_equal(-EIO, direct_ioctl(other.t, vm, KVM_CHECK_EXTENSION, 9));
	assert_int_equal(-EIO, direct_ioctl(other.t, vm, 0x1234, 0));
	assert_int_equal(-EIO, direct_ioctl(other.t, vcpu, KVM_RUN, 0));
	vmm_exit(&other);
	env_destroy(&e);
}

static void dead_vm(void **state)
{
	struct env e;

	env_create(&e);
	vmm_vcpus(&e.v, 1);
	atomic_store(&e.v.kvm->vm_dead, true);
	assert_int_equal(-EIO, vmm_ioctl(&e.v, KVM_CHECK_EXTENSION, 9));
	assert_int_equal(-EIO, direct_ioctl(e.v.t, e.v.vcpu[0], KVM_RUN, 0));
	env_destroy(&e);
}

static void vcpus(void **state)
{
	struct env e;

	env_create(&e);
	assert_int_equal(-EINVAL, vmm_ioctl(&e.v, KVM_CREATE_VCPU, 248));
	assert_int_equal(-EINVAL, vmm_ioctl(&e.v, KVM_CREATE_VCPU, 1UL << 32));
	vmm_vcpus(&e.v, 1);
	assert_int_equal(-EEXIST, vmm_ioctl(&e.v, KVM_CREATE_VCPU, 0));
	assert_int_equal(0, direct_close(e.v.mm, e.v.vcpu[0]));
	/* closing the file does not take the CPU away */
	assert_int_equal(-EEXIST, vmm_ioctl(&e.v, KVM_CREATE_VCPU, 0));
	env_destroy(&e);
}

/* Each allocation in turn: a CPU that could not be made does not exist. */
static void vcpu_without_memory(void **state)
{
	struct env e;
	long ret = -ENOMEM;

	env_create(&e);
	for (uint32_t n = 0; ret < 0; n++) {
		fail_any_alloc(n);
		ret = vmm_ioctl(&e.v, KVM_CREATE_VCPU, 247);
		assert_int_equal(ret >= 0, world_status(e.w).vcpus);
		assert_true(ret >= 0 || ret == -ENOMEM);
		assert_true(n < 50);
		fail_clear();
	}
	assert_int_equal(-EEXIST, vmm_ioctl(&e.v, KVM_CREATE_VCPU, 247));
	env_destroy(&e);
}

static long attr(struct env *e, unsigned int cmd, uint32_t group, uint64_t nr, void *data)
{
	struct kvm_device_attr a = {.group = group, .attr = nr, .addr = (uintptr_t)data};

	return vmm_ioctl(&e->v, cmd, (uintptr_t)&a);
}

#define GET KVM_GET_DEVICE_ATTR
#define SET KVM_SET_DEVICE_ATTR
#define HAS KVM_HAS_DEVICE_ATTR

static void memory_limit(void **state)
{
	uint64_t limit = 0;
	struct env e;

	env_create(&e);
	assert_int_equal(0, attr(&e, GET, 0, KVM_S390_VM_MEM_LIMIT_SIZE, &limit));
	assert_int_equal(ABS_LIMIT, limit);
	limit = ABS_LIMIT + 1;
	assert_int_equal(-E2BIG, attr(&e, SET, 0, KVM_S390_VM_MEM_LIMIT_SIZE, &limit));
	limit = 0;
	assert_int_equal(-EINVAL, attr(&e, SET, 0, KVM_S390_VM_MEM_LIMIT_SIZE, &limit));
	assert_int_equal(-EFAULT, attr(&e, SET, 0, KVM_S390_VM_MEM_LIMIT_SIZE, (void *)8));
	assert_int_equal(-EBUSY, vmm_limit(&e.v, MIB)); /* a slot lies above */
	fail_alloc(ALLOC_TABLE, 0, 1);
	assert_int_equal(-ENOMEM, vmm_limit(&e.v, SIZE));
	fail_clear();
	assert_int_equal(0, vmm_limit(&e.v, SIZE + 1));
	assert_int_equal(0, attr(&e, GET, 0, KVM_S390_VM_MEM_LIMIT_SIZE, &limit));
	assert_int_equal(SIZE + MIB, limit);
	assert_int_equal(-E2BIG, vmm_limit(&e.v, SIZE + 2 * MIB));
	assert_int_equal(-ENXIO, attr(&e, SET, 0, KVM_S390_VM_MEM_ENABLE_CMMA, NULL));
	assert_int_equal(-ENXIO, attr(&e, HAS, 0, KVM_S390_VM_MEM_CLR_CMMA, NULL));
	vmm_vcpus(&e.v, 1);
	assert_int_equal(-EBUSY, vmm_limit(&e.v, SIZE));
	env_destroy(&e);
}

static void limit_of_protected_vm(void **state)
{
	struct env e;

	/* The Ultravisor uses the tables that the new limit would free. */
	env_create(&e);
	assert_int_equal(0, vmm_pv(&e.v, KVM_PV_ENABLE));
	assert_int_equal(-EBUSY, vmm_limit(&e.v, SIZE));
	assert_int_equal(0, vmm_pv(&e.v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	assert_int_equal(-EBUSY, vmm_limit(&e.v, SIZE));
	assert_int_equal(0, vmm_pv(&e.v, KVM_PV_ASYNC_CLEANUP_PERFORM));
	assert_int_equal(0, vmm_limit(&e.v, SIZE));
	env_destroy(&e);
}

static void clock_attributes(void **state)
{
	struct kvm_s390_vm_tod_clock ext = {.epoch_idx = 1, .tod = 5};
	uint64_t tod = 1UL << 40, now = 0;
	uint8_t high = 1;
	struct env e;

	env_create(&e);
	assert_int_equal(0, attr(&e, SET, 1, KVM_S390_VM_TOD_LOW, &tod));
	assert_int_equal(0, attr(&e, GET, 1, KVM_S390_VM_TOD_LOW, &now));
	assert_true(now >= tod && now - tod < 60UL * 4096 * 1000000);
	assert_int_equal(-EINVAL, attr(&e, SET, 1, KVM_S390_VM_TOD_HIGH, &high));
	assert_int_equal(0, attr(&e, GET, 1, KVM_S390_VM_TOD_HIGH, &high));
	assert_int_equal(0, high);
	assert_int_equal(-EINVAL, attr(&e, SET, 1, KVM_S390_VM_TOD_EXT, &ext));
	ext.epoch_idx = 0;
	assert_int_equal(0, attr(&e, SET, 1, KVM_S390_VM_TOD_EXT, &ext));
	assert_int_equal(-ENXIO, attr(&e, SET, 1, 3, &ext));
	env_destroy(&e);
}

static void cpu_model(void **state)
{
	static struct kvm_s390_vm_cpu_processor proc;
	static struct kvm_s390_vm_cpu_machine mach;
	struct kvm_s390_vm_cpu_feat feat = {.feat = {1}};
	struct kvm_s390_vm_cpu_uv_feat uv_feat = {0}, machine_uv_feat;
	struct env e;

	env_create(&e);
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_MACHINE, &mach));
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_PROCESSOR, &proc));
	assert_int_equal(mach.cpuid, proc.cpuid);
	assert_memory_equal(mach.fac_list, proc.fac_list, sizeof(proc.fac_list));
	/* unpack: needed for protected guests */
	assert_true(mach.fac_list[161 / 64] & (1UL << (63 - 161 % 64)));
	/* enhanced DAT, both parts, and instruction-execution protection with the TEIDs it needs */
	for (unsigned int i = 0; i < 4; i++) {
		static const unsigned int translation[] = {8, 78, 130, 131};
		unsigned int nr = translation[i];

		assert_true(mach.fac_list[nr / 64] & (1UL << (63 - nr % 64)));
	}
	proc.fac_list[0] = 0;
	proc.cpuid = 0x123;
	assert_int_equal(0, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR, &proc));
	assert_false(test_kvm_facility(e.v.kvm, 0));
	assert_int_equal(0x123, e.v.kvm->arch.model.cpuid);
	assert_int_equal(-ENXIO, attr(&e, SET, 3, KVM_S390_VM_CPU_MACHINE, &mach));
	assert_int_equal(-EINVAL, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
	assert_int_equal(0, feat.feat[0]);
	/* SIE for guests of guests and what belongs to it; none is on unless it is asked for */
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_MACHINE_FEAT, &feat));
	assert_int_equal(0x6404000000000000, feat.feat[0]);
	assert_int_equal(0, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
	memset(&feat, 0, sizeof(feat));
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
	assert_int_equal(0x6404000000000000, feat.feat[0]);
	assert_true(test_kvm_cpu_feat(e.v.kvm, KVM_S390_VM_CPU_FEAT_SIEF2));
	feat.feat[0] |= 1UL << (63 - KVM_S390_VM_CPU_FEAT_GPERE);
	assert_int_equal(-EINVAL, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
	feat.feat[0] = 0;
	assert_int_equal(0,
			 attr(&e, GET, 3, KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST, &machine_uv_feat));
	uv_feat.feat = ~machine_uv_feat.feat;
	assert_int_equal(-EINVAL,
			 attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST, &uv_feat));
	assert_int_equal(
		0, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST, &machine_uv_feat));
	vmm_vcpus(&e.v, 1);
	assert_int_equal(-EBUSY, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR, &proc));
	assert_int_equal(-EBUSY, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_FEAT, &feat));
	env_destroy(&e);
}

/* What the machine's queries answer; the processor's are kept as they are given */
static void subfunctions(void **state)
{
	static struct kvm_s390_vm_cpu_subfunc machine, processor, given;
	static const uint8_t query[16] = {0x80}, none[16], ptff[16] = {0xf0};
	static const uint8_t plo[32] = {0xff, 0xff, 0xff};
	struct env e;

	env_create(&e);
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_MACHINE_SUBFUNC, &machine));
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_PROCESSOR_SUBFUNC, &processor));
	assert_memory_equal(&machine, &processor, sizeof(machine));
	assert_memory_equal(plo, machine.plo, sizeof(plo));
	assert_memory_equal(ptff, machine.ptff, sizeof(ptff));
	assert_memory_equal(query, machine.kmac, sizeof(query));
	assert_memory_equal(query, machine.km, sizeof(query));
	assert_memory_equal(query, machine.klmd, sizeof(query));
	assert_memory_equal(query, machine.pcc, sizeof(query));
	assert_memory_equal(query, machine.ppno, sizeof(query));
	/* facilities 76, 146 and behind are not there */
	assert_memory_equal(none, machine.pckmo, sizeof(none));
	assert_memory_equal(none, machine.kma, sizeof(none));
	for (size_t i = 0; i < sizeof(machine.reserved); i++)
		assert_int_equal(0, machine.reserved[i]);

	memset(&given, 0x5a, sizeof(given));
	assert_int_equal(0, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_SUBFUNC, &given));
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_PROCESSOR_SUBFUNC, &processor));
	assert_memory_equal(&given, &processor, sizeof(given));
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_MACHINE_SUBFUNC, &processor));
	assert_memory_equal(&machine, &processor, sizeof(machine));
	assert_int_equal(-ENXIO, attr(&e, SET, 3, KVM_S390_VM_CPU_MACHINE_SUBFUNC, &given));
	assert_int_equal(-EFAULT, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_SUBFUNC, NULL));
	vmm_vcpus(&e.v, 1);
	assert_int_equal(-EBUSY, attr(&e, SET, 3, KVM_S390_VM_CPU_PROCESSOR_SUBFUNC, &machine));
	assert_int_equal(0, attr(&e, GET, 3, KVM_S390_VM_CPU_PROCESSOR_SUBFUNC, &processor));
	assert_memory_equal(&given, &processor, sizeof(given));
	env_destroy(&e);
}

static void other_attributes(void **state)
{
	struct kvm_userspace_memory_region logged = {.flags = KVM_MEM_LOG_DIRTY_PAGES,
						     .memory_size = SIZE};
	uint64_t mode = 7;
	struct env e;

	env_create(&e);
	assert_int_equal(-ENXIO, attr(&e, SET, 6, 0, NULL));
	assert_int_equal(-ENXIO, attr(&e, GET, 77, 0, NULL));
	assert_int_equal(-ENXIO, attr(&e, HAS, 5, 0, NULL));
	assert_int_equal(-EINVAL, attr(&e, SET, 2, KVM_S390_VM_CRYPTO_ENABLE_AES_KW, NULL));
	assert_int_equal(-EOPNOTSUPP, attr(&e, SET, 2, KVM_S390_VM_CRYPTO_ENABLE_APIE, NULL));
	assert_int_equal(-EINVAL, attr(&e, SET, 4, KVM_S390_VM_MIGRATION_START, NULL));
	logged.userspace_addr = (uintptr_t)e.mem;
	assert_int_equal(0, vmm_ioctl(&e.v, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&logged));
	assert_int_equal(0, attr(&e, SET, 4, KVM_S390_VM_MIGRATION_START, NULL));
	assert_int_equal(0, attr(&e, GET, 4, KVM_S390_VM_MIGRATION_STATUS, &mode));
	assert_int_equal(1, mode);
	assert_int_equal(0, attr(&e, SET, 4, KVM_S390_VM_MIGRATION_STOP, NULL));
	env_destroy(&e);
}

static long memop(struct env *e, uint32_t op, gpa_t gaddr, uint32_t size, uint64_t flags,
		  const void *buf, uint8_t key, void *old)
{
	struct kvm_s390_mem_op mop = {
		.op = op,
		.gaddr = gaddr,
		.size = size,
		.flags = flags,
		.buf = (uintptr_t)buf,
		.key = key,
		.old_addr = (uintptr_t)old,
	};

	return vmm_ioctl(&e->v, KVM_S390_MEM_OP, (uintptr_t)&mop);
}

#define READ    KVM_S390_MEMOP_ABSOLUTE_READ
#define WRITE   KVM_S390_MEMOP_ABSOLUTE_WRITE
#define CMPXCHG KVM_S390_MEMOP_ABSOLUTE_CMPXCHG
#define CHECK   KVM_S390_MEMOP_F_CHECK_ONLY
#define SKEY    KVM_S390_MEMOP_F_SKEY_PROTECTION

static void absolute_accesses(void **state)
{
	uint8_t buf[16] = {0};
	struct env e;

	env_create(&e);
	memcpy(e.mem + PAGE_SIZE - 4, "abcdefgh", 8);
	assert_int_equal(0, memop(&e, READ, PAGE_SIZE - 4, 8, 0, buf, 0, NULL));
	assert_memory_equal("abcdefgh", buf, 8);
	assert_int_equal(0, memop(&e, WRITE, PAGE_SIZE - 2, 4, 0, "1234", 0, NULL));
	assert_memory_equal("ab1234gh", e.mem + PAGE_SIZE - 4, 8);
	assert_int_equal(-EINVAL, memop(&e, READ, 0, 0, 0, buf, 0, NULL));
	assert_int_equal(-E2BIG, memop(&e, READ, 0, 65537, 0, buf, 0, NULL));
	assert_int_equal(-EINVAL, memop(&e, READ, 0, 8, 2, buf, 0, NULL));
	assert_int_equal(-EINVAL, memop(&e, READ, 0, 8, SKEY, buf, 16, NULL));
	assert_int_equal(-EINVAL, memop(&e, KVM_S390_MEMOP_LOGICAL_READ, 0, 8, 0, buf, 0, NULL));
	assert_int_equal(-EFAULT, memop(&e, READ, 0, 8, 0, (void *)8, 0, NULL));
	/* addressing: nothing there, or only a part */
	assert_int_equal(5, memop(&e, READ, SIZE, 8, 0, buf, 0, NULL));
	assert_int_equal(5, memop(&e, WRITE, SIZE - 4, 8, 0, buf, 0, NULL));
	assert_int_equal(5, memop(&e, READ, UINT64_MAX - 3, 8, 0, buf, 0, NULL));
	assert_int_equal(0, memop(&e, WRITE, 0, 8, CHECK, (void *)8, 0, NULL));
	assert_int_equal(5, memop(&e, WRITE, SIZE - 4, 8, CHECK, NULL, 0, NULL));
	env_destroy(&e);
}

static void compare_and_swap(void **state)
{
	uint64_t old[2] = {0}, new[2] = {0x1122334455667788, 0x99aabbccddeeff00};
	struct env e;

	env_create(&e);
	for (uint32_t size = 1; size <= 16; size *= 2) {
		memset(e.mem, 0, 16);
		memset(old, 0, sizeof(old));
		assert_int_equal(0, memop(&e, CMPXCHG, 0, size, 0, new, 0, old));
		assert_memory_equal(new, e.mem, size);
		/* differs now: what is there comes back, nothing is stored */
		assert_int_equal(0, memop(&e, CMPXCHG, 0, size, 0, new, 0, old));
		assert_memory_equal(new, old, size);
	}
	assert_int_equal(-EINVAL, memop(&e, CMPXCHG, 0, 3, 0, new, 0, old));
	assert_int_equal(-EINVAL, memop(&e, CMPXCHG, 0, 32, 0, new, 0, old));
	assert_int_equal(-EINVAL, memop(&e, CMPXCHG, 4, 8, 0, new, 0, old));
	assert_int_equal(-EINVAL, memop(&e, CMPXCHG, 0, 8, CHECK, new, 0, old));
	assert_int_equal(5, memop(&e, CMPXCHG, SIZE, 8, 0, new, 0, old));
	env_destroy(&e);
}

static long skeys(struct env *e, unsigned int cmd, uint64_t gfn, uint64_t count, void *data,
		  uint32_t flags)
{
	struct kvm_s390_skeys args = {
		.start_gfn = gfn,
		.count = count,
		.skeydata_addr = (uintptr_t)data,
		.flags = flags,
	};

	return vmm_ioctl(&e->v, cmd, (uintptr_t)&args);
}

static void storage_keys(void **state)
{
	uint8_t keys[3] = {0x10, 0x38, 0xf6}, got[3], buf[8];
	struct env e;

	env_create(&e);
	assert_int_equal(-EINVAL, skeys(&e, KVM_S390_GET_SKEYS, 0, 3, got, 1));
	assert_int_equal(1, skeys(&e, KVM_S390_GET_SKEYS, 0, 3, got, 0));
	assert_int_equal(-EINVAL, skeys(&e, KVM_S390_SET_SKEYS, 0, 0, keys, 0));
	assert_int_equal(-EINVAL, skeys(&e, KVM_S390_SET_SKEYS, 0, 1048577, keys, 0));
	assert_int_equal(0, skeys(&e, KVM_S390_SET_SKEYS, 5, 3, keys, 0));
	assert_int_equal(0, skeys(&e, KVM_S390_GET_SKEYS, 5, 3, got, 0));
	assert_memory_equal(keys, got, 3);
	assert_int_equal(-EFAULT, skeys(&e, KVM_S390_GET_SKEYS, SIZE / PAGE_SIZE - 1, 3, got, 0));
	assert_int_equal(-EFAULT, skeys(&e, KVM_S390_SET_SKEYS, 5, 3, (void *)8, 0));
	keys[1] = 1;
	assert_int_equal(-EINVAL, skeys(&e, KVM_S390_SET_SKEYS, 5, 3, keys, 0));
	/* page 5 has key 1 without, page 6 key 3 with fetch protection */
	assert_int_equal(0, memop(&e, READ, 5 * PAGE_SIZE, 8, SKEY, buf, 2, NULL));
	assert_int_equal(4, memop(&e, WRITE, 5 * PAGE_SIZE, 8, SKEY, buf, 2, NULL));
	assert_int_equal(0, memop(&e, WRITE, 5 * PAGE_SIZE, 8, SKEY, buf, 1, NULL));
	assert_int_equal(4, memop(&e, READ, 6 * PAGE_SIZE, 8, SKEY, buf, 2, NULL));
	assert_int_equal(0, memop(&e, READ, 6 * PAGE_SIZE, 8, SKEY, buf, 0, NULL));
	assert_int_equal(0, memop(&e, READ, 6 * PAGE_SIZE, 8, 0, buf, 2, NULL));
	env_destroy(&e);
}

static void devices(void **state)
{
	struct kvm_create_device cd = {.type = 5, .fd = 77};
	struct kvm_device_attr a = {.group = 99};
	struct env e;

	env_create(&e);
	assert_int_equal(-ENODEV, vmm_ioctl(&e.v, KVM_CREATE_DEVICE, (uintptr_t)&cd));
	cd.type = KVM_DEV_TYPE_FLIC;
	cd.flags = KVM_CREATE_DEVICE_TEST;
	assert_int_equal(0, vmm_ioctl(&e.v, KVM_CREATE_DEVICE, (uintptr_t)&cd));
	assert_int_equal(77, cd.fd);
	cd.flags = 0;
	assert_int_equal(0, vmm_ioctl(&e.v, KVM_CREATE_DEVICE, (uintptr_t)&cd));
	assert_int_equal(-ENXIO, direct_ioctl(e.v.t, (int)cd.fd, HAS, (uintptr_t)&a));
	assert_int_equal(-ENOTTY, direct_ioctl(e.v.t, (int)cd.fd, KVM_RUN, 0));
	assert_int_equal(-EINVAL, vmm_ioctl(&e.v, KVM_CREATE_DEVICE, (uintptr_t)&cd));
	/* the device holds the VM */
	vmm_close(&e.v);
	assert_int_equal(1, world_status(e.w).vms);
	assert_int_equal(0, direct_close(e.v.mm, (int)cd.fd));
	assert_int_equal(0, world_status(e.w).vms);
	env_destroy(&e);
}

static void machines(void **state)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;

	assert_true(params.async_destroy);
	params.model = "z900";
	assert_null(machine_create(&params));
	assert_int_equal(EINVAL, errno);
	params.model = NULL;
	params.max_guest_memory = 0;
	assert_null(machine_create(&params));
	assert_int_equal(EINVAL, errno);
	params.max_guest_memory = GIB;
	params.host_key = "/nonexistent";
	assert_null(machine_create(&params));
	assert_int_equal(EINVAL, errno);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_ioctls),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(enabling_capabilities),
		cmocka_unit_test(unknown_ioctls),
		cmocka_unit_test(another_process),
		cmocka_unit_test(dead_vm),
		cmocka_unit_test(vcpus),
		cmocka_unit_test(vcpu_without_memory),
		cmocka_unit_test(memory_limit),
		cmocka_unit_test(limit_of_protected_vm),
		cmocka_unit_test(clock_attributes),
		cmocka_unit_test(cpu_model),
		cmocka_unit_test(subfunctions),
		cmocka_unit_test(other_attributes),
		cmocka_unit_test(absolute_accesses),
		cmocka_unit_test(compare_and_swap),
		cmocka_unit_test(storage_keys),
		cmocka_unit_test(devices),
		cmocka_unit_test(machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
