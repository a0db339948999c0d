// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_S390_PV_COMMAND as an interface: arguments, answers, what else a protected VM refuses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "tests/lifecycle/rig.h"

static void scenario_01_enable_disable(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	expect_pv(&r.v, KVM_PV_ENABLE, 0, 1, 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	world_assert_quiet(r.w);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void scenario_02_enable_twice(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	rig_enable(&r, 0);
	expect_pv(&r.v, KVM_PV_ENABLE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	rig_destroy(&r);
}

static void scenario_03_normal_vm_refuses(void **state)
{
	const uint32_t cmds[] = {
		KVM_PV_DISABLE,
		KVM_PV_ASYNC_CLEANUP_PREPARE,
		KVM_PV_ASYNC_CLEANUP_PERFORM,
		KVM_PV_SET_SEC_PARMS,
		KVM_PV_UNPACK,
		KVM_PV_VERIFY,
		KVM_PV_PREP_RESET,
		KVM_PV_UNSHARE_ALL,
		KVM_PV_DUMP,
	};
	struct kvm_s390_pv_info info = {.header = {.id = KVM_PV_INFO_VM, .len_max = sizeof(info)}};
	struct rig r;

	rig_create(&r, NULL);
	for (size_t i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++)
		expect_pv(&r.v, cmds[i], -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_int_equal(0, vmm_pv_data(&r.v, KVM_PV_INFO, &info));
	rig_destroy(&r);
}

static void scenario_04_unknown_command(void **state)
{
	const uint32_t cmds[] = {11, UINT32_MAX};
	struct rig r;

	rig_create(&r, NULL);
	for (size_t i = 0; i < 2; i++) {
		struct kvm_pv_cmd cmd = {.cmd = cmds[i], .rc = 7, .rrc = 8, .data = 9},
				  before = cmd;

		assert_int_equal(-ENOTTY, vmm_ioctl(&r.v, KVM_S390_PV_COMMAND, (uintptr_t)&cmd));
		assert_memory_equal(&before, &cmd, sizeof(cmd));
	}
	rig_destroy(&r);
}

static void scenario_05_argument(void **state)
{
	struct kvm_pv_cmd cmd = {.cmd = KVM_PV_ENABLE, .flags = 1}, before = cmd;
	struct rig r;

	rig_create(&r, NULL);
	assert_int_equal(-EINVAL, vmm_ioctl(&r.v, KVM_S390_PV_COMMAND, (uintptr_t)&cmd));
	assert_memory_equal(&before, &cmd, sizeof(cmd));
	assert_int_equal(-EFAULT, vmm_ioctl(&r.v, KVM_S390_PV_COMMAND, 8));
	cmd.flags = 0;
	memset(cmd.reserved, 0xff, sizeof(cmd.reserved));
	assert_int_equal(0, vmm_ioctl(&r.v, KVM_S390_PV_COMMAND, (uintptr_t)&cmd));
	rig_destroy(&r);
}

static void scenario_06_argument_read_only(void **state)
{
	struct kvm_pv_cmd *cmd =
		mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rig r;

	assert_true(cmd != MAP_FAILED);
	cmd->cmd = KVM_PV_ENABLE;
	assert_int_equal(0, mprotect(cmd, PAGE_SIZE, PROT_READ));
	rig_create(&r, NULL);
	assert_int_equal(-EFAULT, vmm_ioctl(&r.v, KVM_S390_PV_COMMAND, (uintptr_t)cmd));
	expect_counts(&r, .active = 1, .count = 1);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_destroy(&r);
	assert_int_equal(0, munmap(cmd, PAGE_SIZE));
}

static long prepare_with_limit(uint64_t limit, uint64_t size)
{
	struct world *w = world_create(NULL);
	struct vmm v;
	uint8_t *memory;
	long ret;

	vmm_start(&v, w);
	if (limit)
		assert_int_equal(0, vmm_limit(&v, limit));
	memory = vmm_memory(&v, 0, 0, size);
	vmm_vcpus(&v, 1);
	assert_int_equal(0, vmm_pv(&v, KVM_PV_ENABLE));
	ret = vmm_pv(&v, KVM_PV_ASYNC_CLEANUP_PREPARE);
	assert_int_equal(0, world_status(w).secure_vcpus);
	if (ret)
		expect_pv(&v, KVM_PV_DISABLE, 0, 1, 0);
	vmm_exit(&v);
	vmm_free_memory(memory, size);
	world_destroy(w);
	return ret;
}

static void scenario_08_limit_of_2g(void **state)
{
	assert_int_equal(-EINVAL, prepare_with_limit(2 * GIB, MIB));
	assert_int_equal(0, prepare_with_limit(2 * GIB + MIB, MIB));
}

static void scenario_09_no_limit_set(void **state)
{
	assert_int_equal(0, prepare_with_limit(0, 64 * MIB));
}

static void scenario_39_slots_of_protected_vm(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	rig_enable(&r, 0);
	assert_int_equal(-EINVAL, vmm_try_slot(&r.v, 1, RIG_HIGH, 0, NULL));
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	assert_int_equal(0, vmm_try_slot(&r.v, 1, RIG_HIGH, 0, NULL));
	rig_destroy(&r);
}

static long capability(struct rig *r, uint64_t cap)
{
	long value = direct_ioctl(r->v.t, r->v.kvm_fd, KVM_CHECK_EXTENSION, cap);

	assert_int_equal(value, vmm_ioctl(&r->v, KVM_CHECK_EXTENSION, cap));
	return value;
}

static void scenario_51_async_destroy_off(void **state)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	struct rig r;

	rig_create(&r, NULL);
	assert_int_equal(1, capability(&r, KVM_CAP_S390_PROTECTED_ASYNC_DISABLE));
	rig_destroy(&r);

	params.async_destroy = false;
	rig_create_with(&r, &params);
	assert_int_equal(0, capability(&r, KVM_CAP_S390_PROTECTED_ASYNC_DISABLE));
	assert_int_equal(1, capability(&r, KVM_CAP_S390_PROTECTED));
	rig_enable(&r, 1);
	expect_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PREPARE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PERFORM, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_int_equal(RIG_VCPUS, world_status(r.w).secure_vcpus);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_destroy(&r);
}

static void scenario_52_no_prot_virt_host(void **state)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	struct rig r;

	params.host = false;
	rig_create_with(&r, &params);
	assert_int_equal(0, capability(&r, KVM_CAP_S390_PROTECTED));
	assert_int_equal(0, capability(&r, KVM_CAP_S390_PROTECTED_DUMP));
	assert_int_equal(0, capability(&r, KVM_CAP_S390_PROTECTED_ASYNC_DISABLE));
	expect_pv(&r.v, KVM_PV_ENABLE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_pv(&r.v, KVM_PV_INFO, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_int_equal(-EINVAL, vmm_ioctl(&r.v, KVM_S390_PV_COMMAND, 8));
	assert_true(atomic_load(&r.v.kvm->arch.user_cpu_state_ctrl));
	rig_destroy(&r);
}

static void scenario_60_info(void **state)
{
	static const struct {
		uint32_t id;
		uint32_t len_max;
		long ret;
		uint32_t written;
	} cases[] = {
		{KVM_PV_INFO_VM, 0, -EINVAL, 0},    {KVM_PV_INFO_VM, 15, -EINVAL, 0},
		{KVM_PV_INFO_VM, 16, -EINVAL, 0},   {KVM_PV_INFO_VM, 79, -EINVAL, 0},
		{KVM_PV_INFO_VM, 80, 0, 80},        {KVM_PV_INFO_VM, 200, 0, 80},
		{KVM_PV_INFO_DUMP, 16, -EINVAL, 0}, {KVM_PV_INFO_DUMP, 39, -EINVAL, 0},
		{KVM_PV_INFO_DUMP, 40, 0, 40},      {2, 200, -EINVAL, 0},
	};
	struct rig r;

	rig_create(&r, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		union {
			struct kvm_s390_pv_info info;
			uint8_t bytes[200];
		} u;

		memset(&u, 0x5a, sizeof(u));
		u.info.header.id = cases[i].id;
		u.info.header.len_max = cases[i].len_max;
		assert_int_equal(cases[i].ret, vmm_pv_data(&r.v, KVM_PV_INFO, &u));
		assert_int_equal(UNTOUCHED_RC, r.v.rc);
		if (!cases[i].ret)
			assert_int_equal(cases[i].written, u.info.header.len_written);
		for (size_t at = cases[i].written ? cases[i].written : 8; at < sizeof(u); at++)
			assert_int_equal(0x5a, u.bytes[at]);
		if (cases[i].written == 80)
			assert_int_equal(248, u.info.vm.max_cpus);
		if (cases[i].written == 40) {
			assert_int_equal(0x1000, u.info.dump.dump_cpu_buffer_len);
			assert_int_equal(0x1000, u.info.dump.dump_config_mem_buffer_per_1m);
			assert_int_equal(0x1000, u.info.dump.dump_config_finalize_len);
		}
	}
	rig_destroy(&r);
}

static long memop(struct rig *r, int fd, uint32_t op, uint64_t gaddr, uint32_t size, void *buf)
{
	struct kvm_s390_mem_op mop = {
		.op = op,
		.gaddr = gaddr,
		.size = size,
		.buf = (uintptr_t)buf,
	};

	return direct_ioctl(r->v.t, fd, KVM_S390_MEM_OP, (uintptr_t)&mop);
}

static long set_tod(struct rig *r)
{
	uint64_t tod = 0x1000;
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_TOD,
		.attr = KVM_S390_VM_TOD_LOW,
		.addr = (uintptr_t)&tod,
	};

	return vmm_ioctl(&r->v, KVM_SET_DEVICE_ATTR, (uintptr_t)&attr);
}

static void expect_ordinary_ioctls(struct rig *r, long memop_ret, long tod_ret)
{
	uint64_t data = 0;
	struct kvm_one_reg reg = {.id = KVM_REG_S390_CPU_TIMER, .addr = (uintptr_t)&data};

	assert_int_equal(memop_ret,
			 memop(r, r->v.vcpu[0], KVM_S390_MEMOP_LOGICAL_READ, 0x1000, 8, &data));
	assert_int_equal(memop_ret,
			 memop(r, r->v.vm, KVM_S390_MEMOP_ABSOLUTE_READ, 0x1000, 8, &data));
	assert_int_equal(memop_ret,
			 direct_ioctl(r->v.t, r->v.vcpu[0], KVM_GET_ONE_REG, (uintptr_t)&reg));
	assert_int_equal(tod_ret, set_tod(r));
}

static void scenario_63_ordinary_ioctls(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	expect_ordinary_ioctls(&r, 0, 0);
	rig_enable(&r, 0);
	expect_ordinary_ioctls(&r, -EINVAL, -EOPNOTSUPP);
	rig_prepare(&r);
	expect_ordinary_ioctls(&r, 0, 0);
	rig_destroy(&r);
}

static void expect_gbea(struct rig *r, uint64_t expected)
{
	for (unsigned int i = 0; i < RIG_VCPUS; i++) {
		uint64_t gbea = 0;
		struct kvm_one_reg reg = {.id = KVM_REG_S390_GBEA, .addr = (uintptr_t)&gbea};

		assert_int_equal(
			0, direct_ioctl(r->v.t, r->v.vcpu[i], KVM_GET_ONE_REG, (uintptr_t)&reg));
		assert_int_equal(expected, gbea);
	}
}

/* While a CPU is protected the field holds the address of its SIDA, which is nobody's business. */
static void scenario_63_no_host_address(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	rig_enable(&r, 0);
	rig_prepare(&r);
	expect_gbea(&r, 1);
	rig_enable(&r, 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	expect_gbea(&r, 1);
	rig_destroy(&r);
}

static void scenario_62_sida(void **state)
{
	uint8_t data[8] = {0};
	struct kvm_s390_mem_op mop = {
		.op = KVM_S390_MEMOP_SIDA_WRITE,
		.size = sizeof(data),
		.buf = (uintptr_t)data,
	};
	static const struct {
		uint32_t offset;
		uint32_t size;
		long ret;
	} cases[] = {
		{4088, 8, 0},
		{4089, 8, -E2BIG},
		{UINT32_MAX - 3, 8, -EINVAL},
		{0, 0, -EINVAL},
	};
	struct rig r;

	rig_create(&r, NULL);
	assert_int_equal(-EINVAL,
			 direct_ioctl(r.v.t, r.v.vcpu[0], KVM_S390_MEM_OP, (uintptr_t)&mop));
	rig_enable(&r, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mop.sida_offset = cases[i].offset;
		mop.size = cases[i].size;
		assert_int_equal(cases[i].ret, direct_ioctl(r.v.t, r.v.vcpu[0], KVM_S390_MEM_OP,
							    (uintptr_t)&mop));
	}
	rig_destroy(&r);
}

static bool service_masked(struct rig *r)
{
	return atomic_load(&r->v.kvm->arch.float_int.masked_irqs) != 0;
}

static void scenario_64_service_interrupts(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	assert_false(service_masked(&r));
	/* A guest that stays ordinary keeps its console. */
	fail_uvc(UVC_CMD_CREATE_SEC_CPU, 0, 1, 0x1aa, 0, false);
	assert_int_equal(-EIO, vmm_pv(&r.v, KVM_PV_ENABLE));
	assert_false(service_masked(&r));
	fail_clear();
	rig_enable(&r, 0);
	assert_true(service_masked(&r));
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	assert_false(service_masked(&r));
	rig_enable(&r, 0);
	rig_prepare(&r);
	assert_false(service_masked(&r));
	/* A failure while the CPUs leave protected mode keeps the mask, a later one does not. */
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 0, 1, 0x1aa, 0, true);
	assert_int_equal(-EIO, vmm_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	assert_true(service_masked(&r));
	assert_int_equal(-EINVAL, vmm_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	assert_false(service_masked(&r));
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

/* The same with DISABLE: the CPUs are the step that decides. */
static void scenario_64_failed_disable(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 0, 1, 0x1aa, 0, true);
	assert_int_equal(-EIO, vmm_pv(&r.v, KVM_PV_DISABLE));
	assert_true(service_masked(&r));
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, 0x1aa, 0, false);
	assert_int_equal(-EIO, vmm_pv(&r.v, KVM_PV_DISABLE));
	assert_false(service_masked(&r));
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

/* FLIC CLEAR_IRQS resets the mask of an ordinary VM only: a protected guest has not asked for more.
 */
static void scenario_64_clear_irqs(void **state)
{
	struct kvm_create_device flic = {.type = KVM_DEV_TYPE_FLIC};
	struct kvm_device_attr clear = {.group = KVM_DEV_FLIC_CLEAR_IRQS};
	struct rig r;

	rig_create(&r, NULL);
	assert_int_equal(0, vmm_ioctl(&r.v, KVM_CREATE_DEVICE, (uintptr_t)&flic));
	rig_enable(&r, 0);
	assert_int_equal(0,
			 direct_ioctl(r.v.t, (int)flic.fd, KVM_SET_DEVICE_ATTR, (uintptr_t)&clear));
	assert_true(service_masked(&r));
	rig_destroy(&r);
}

static void scenario_65_hot_plug(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 0);
	vmm_vcpus(&r.v, 1);
	assert_int_equal(RIG_VCPUS + 1, world_status(r.w).secure_vcpus);
	rig_prepare(&r);
	vmm_vcpus(&r.v, 1);
	assert_int_equal(0, world_status(r.w).secure_vcpus);
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_CREATE_SEC_CPU, 0, 1, 0x1aa, 0, false);
	assert_int_equal(-EIO, vmm_ioctl(&r.v, KVM_CREATE_VCPU, r.v.vcpus));
	vmm_vcpus(&r.v, 1);
	assert_int_equal(-EEXIST, vmm_ioctl(&r.v, KVM_CREATE_VCPU, 0));
	assert_int_equal(-EINVAL, vmm_ioctl(&r.v, KVM_CREATE_VCPU, KVM_MAX_VCPUS));
	rig_destroy(&r);
}

static void scenario_68_rrc_42(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	expect_pv(&r.v, KVM_PV_ENABLE, 0, 1, 0);
	expect_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PREPARE, 0, 1, 42);
	expect_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PERFORM, 0, 1, 0);
	rig_leftover(&r); /* asserts 1/42 of the interrupted PERFORM */
	expect_pv(&r.v, KVM_PV_ENABLE, 0, 1, 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenario_01_enable_disable),
		cmocka_unit_test(scenario_02_enable_twice),
		cmocka_unit_test(scenario_03_normal_vm_refuses),
		cmocka_unit_test(scenario_04_unknown_command),
		cmocka_unit_test(scenario_05_argument),
		cmocka_unit_test(scenario_06_argument_read_only),
		cmocka_unit_test(scenario_08_limit_of_2g),
		cmocka_unit_test(scenario_09_no_limit_set),
		cmocka_unit_test(scenario_39_slots_of_protected_vm),
		cmocka_unit_test(scenario_51_async_destroy_off),
		cmocka_unit_test(scenario_52_no_prot_virt_host),
		cmocka_unit_test(scenario_60_info),
		cmocka_unit_test(scenario_63_no_host_address),
		cmocka_unit_test(scenario_62_sida),
		cmocka_unit_test(scenario_63_ordinary_ioctls),
		cmocka_unit_test(scenario_64_service_interrupts),
		cmocka_unit_test(scenario_64_failed_disable),
		cmocka_unit_test(scenario_64_clear_irqs),
		cmocka_unit_test(scenario_65_hot_plug),
		cmocka_unit_test(scenario_68_rrc_42),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
