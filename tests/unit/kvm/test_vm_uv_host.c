// SPDX-License-Identifier: GPL-2.0-or-later
/* VMs with an Ultravisor of their own: how one is made, its slots, its accesses, its end. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kvm/uv_host_state.h"
#include "tests/unit/kvm/uv_host_env.h"

#define PGM_SECURE 0x3d

static uint16_t import(struct env *e, uint64_t handle)
{
	struct uv_cb_cts block = {
		.header = {.len = be16_make(sizeof(block)),
			   .cmd = be16_make(UVC_CMD_CONV_TO_SEC_STOR)},
		.guest_handle = be64_make(handle),
	};

	return call(e, &block.header, sizeof(block));
}

static uint16_t destroy_fast(struct env *e, uint64_t handle)
{
	struct uv_cb_destroy_fast block = {
		.header = {.len = be16_make(sizeof(block)),
			   .cmd = be16_make(UVC_CMD_DESTROY_SEC_CONF_FAST)},
		.handle = be64_make(handle),
	};

	return call(e, &block.header, sizeof(block));
}

static long mem_op(struct env *e, uint32_t op, gpa_t gpa, uint64_t *value)
{
	const struct kvm_s390_mem_op mop = {
		.op = op, .gaddr = gpa, .size = sizeof(*value), .buf = (uintptr_t)value};

	return vmm_ioctl(&e->v, KVM_S390_MEM_OP, (uintptr_t)&mop);
}

static long delete_slot(struct env *e, uint32_t slot)
{
	return vmm_try_slot(&e->v, slot, 0, 0, NULL);
}

static void when_it_can_be_made(void **state)
{
	struct world *w = world_create(NULL);
	struct vmm v, second;
	uint8_t *mem;

	vmm_start(&v, w);
	assert_int_equal(vmm_ioctl(&v, KVM_CHECK_EXTENSION, KVM_CAP_PROTVIRT_UV_HOST), 1);
	assert_int_equal(vmm_ioctl(&v, KVM_CHECK_EXTENSION, KVM_CAP_S390_PROTECTED), 1);
	assert_int_equal(uv_host(&v, KVM_PROTVIRT_UV_HOST_RESET), -EINVAL);
	assert_int_equal(uv_host(&v, 2), -EINVAL);
	mem = vmm_memory(&v, 0, 0, MIB);
	assert_int_equal(uv_host(&v, KVM_PROTVIRT_UV_HOST_CREATE), -EBUSY);
	assert_false(test_kvm_facility(v.kvm, 158));
	vmm_second_vm(&second, &v);
	assert_int_equal(uv_host(&second, KVM_PROTVIRT_UV_HOST_CREATE), 0);
	assert_int_equal(uv_host(&second, KVM_PROTVIRT_UV_HOST_CREATE), -EBUSY);
	assert_true(test_kvm_facility(second.kvm, 158));
	assert_int_equal(vmm_ioctl(&second, KVM_CHECK_EXTENSION, KVM_CAP_S390_PROTECTED), 0);
	assert_int_equal(uv_host(&second, KVM_PROTVIRT_UV_HOST_RESET), 0);
	vmm_close(&second);
	vmm_second_vm(&second, &v);
	vmm_vcpus(&second, 1);
	assert_int_equal(uv_host(&second, KVM_PROTVIRT_UV_HOST_CREATE), -EBUSY);
	vmm_close(&second);
	vmm_exit(&v);
	vmm_free_memory(mem, MIB);
	world_destroy(w);
}

static void without_an_ultravisor(void **state)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	struct world *w;
	struct vmm v;

	params.host = false;
	w = world_create_with(&params);
	vmm_start(&v, w);
	assert_int_equal(vmm_ioctl(&v, KVM_CHECK_EXTENSION, KVM_CAP_PROTVIRT_UV_HOST), 0);
	assert_int_equal(uv_host(&v, KVM_PROTVIRT_UV_HOST_CREATE), -EINVAL);
	vmm_exit(&v);
	world_destroy(w);
}

static void it_is_no_protected_guest(void **state)
{
	struct env e;

	env_create(&e);
	vmm_vcpus(&e.v, 1);
	expect_pv(&e.v, KVM_PV_ENABLE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_int_equal(world_status(e.w).uv.configs, 0);
	env_destroy(&e);
}

static void running_cpus_are_counted(void **state)
{
	struct env e;

	env_create(&e);
	vmm_vcpus(&e.v, 2);
	assert_int_equal(init(&e), UVC_RC_EXECUTED); /* none runs */
	assert_int_equal(uv_host(&e.v, KVM_PROTVIRT_UV_HOST_RESET), 0);
	atomic_store(&kvm_get_vcpu_by_id(e.v.kvm, 0)->stopped, false);
	assert_int_equal(init(&e), UVC_RC_EXECUTED);
	assert_int_equal(uv_host(&e.v, KVM_PROTVIRT_UV_HOST_RESET), 0);
	atomic_store(&kvm_get_vcpu_by_id(e.v.kvm, 1)->stopped, false);
	assert_int_equal(init(&e), 0x102);
	env_destroy(&e);
}

static void the_machine_below_knows_of_nothing(void **state)
{
	struct machine_status before, after;
	struct env e;

	env_create(&e);
	before = world_status(e.w);
	assert_int_equal(init(&e), UVC_RC_EXECUTED);
	assert_int_equal(import(&e, create(&e)), UVC_RC_EXECUTED);
	after = world_status(e.w);
	assert_memory_equal(&before.storage, &after.storage, sizeof(before.storage));
	assert_memory_equal(&before.uv, &after.uv, sizeof(before.uv));
	assert_int_equal(after.active, 0);
	assert_int_equal(after.protected_count, 0);
	env_destroy(&e); /* and is left with nothing */
}

static void secrets_are_out_of_reach(void **state)
{
	struct env e;
	uint64_t value = 1;
	uint64_t handle;

	env_create(&e);
	memset(e.low + 2 * MIB, 0x5a, PAGE_SIZE);
	assert_int_equal(mem_op(&e, KVM_S390_MEMOP_ABSOLUTE_READ, 2 * MIB, &value), 0);
	assert_int_equal(value, 0x5a5a5a5a5a5a5a5a);
	assert_int_equal(init(&e), UVC_RC_EXECUTED);
	handle = create(&e);
	assert_int_equal(import(&e, handle), UVC_RC_EXECUTED);
	assert_int_equal(mem_op(&e, KVM_S390_MEMOP_ABSOLUTE_READ, 2 * MIB, &value), PGM_SECURE);
	assert_int_equal(mem_op(&e, KVM_S390_MEMOP_ABSOLUTE_WRITE, HIGH, &value), PGM_SECURE);
	assert_int_equal(mem_op(&e, KVM_S390_MEMOP_ABSOLUTE_READ, MIB + 0x10000, &value),
			 PGM_SECURE);
	/* the VMM's own mapping has neither what the guest keeps there nor what the Ultravisor does
	 */
	for (size_t i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(e.low[2 * MIB + i], 0);
	for (size_t i = 0; i < BASE_LEN; i++)
		assert_int_equal(e.high[i], 0);
	memset(e.high, 0xff, BASE_LEN); /* nor is it asked */
	assert_int_equal(import(&e, handle + 1), UVC_RC_INV_GHANDLE);
	assert_int_equal(import(&e, handle), UVC_RC_EXECUTED);
	env_destroy(&e);
}

static void slots_stay_while_they_are_used(void **state)
{
	struct env e;

	env_create(&e);
	assert_int_equal(init(&e), UVC_RC_EXECUTED);
	assert_int_equal(delete_slot(&e, 1), -EBUSY);
	assert_int_equal(vmm_try_slot(&e.v, 1, HIGH + MIB, HIGH_SIZE, e.high), -EINVAL);
	assert_int_equal(delete_slot(&e, 0), 0);
	assert_int_equal(uv_host(&e.v, KVM_PROTVIRT_UV_HOST_RESET), 0);
	assert_int_equal(delete_slot(&e, 1), 0);
	assert_int_equal(init(&e), 0x105);
	assert_int_equal(vmm_try_slot(&e.v, 1, HIGH, HIGH_SIZE, e.high), 0);
	assert_int_equal(vmm_try_slot(&e.v, 2, 4 * GIB, HIGH_SIZE, e.high), -EBUSY);
	assert_int_equal(init(&e), UVC_RC_EXECUTED);
	env_destroy(&e);
}

static void one_machine_has_the_memory(void **state)
{
	struct vmm second;
	struct env e;

	env_create(&e);
	vmm_second_vm(&second, &e.v);
	assert_int_equal(uv_host(&second, KVM_PROTVIRT_UV_HOST_CREATE), 0);
	assert_int_equal(vmm_try_slot(&second, 0, 0, LOW_SIZE, e.low), -EBUSY);
	assert_int_equal(delete_slot(&e, 0), 0);
	assert_int_equal(vmm_try_slot(&second, 0, 0, LOW_SIZE, e.low), 0);
	vmm_close(&second);
	env_destroy(&e);
}

static void allocations_fail(void **state)
{
	struct env e;
	long ret = -ENOMEM;

	env_create(&e);
	assert_int_equal(delete_slot(&e, 0), 0);
	fail_alloc(ALLOC_BACKING, 0, 1);
	assert_int_equal(vmm_try_slot(&e.v, 0, 0, LOW_SIZE, e.low), -ENOMEM);
	fail_clear();
	for (uint32_t n = 0; ret; n++) {
		fail_alloc(ALLOC_OBJECT, n, 1);
		ret = vmm_try_slot(&e.v, 0, 0, LOW_SIZE, e.low);
		if (ret)
			assert_int_equal(ret, -ENOMEM);
		assert_true(n < 32);
		fail_clear();
	}
	assert_int_equal(init(&e), UVC_RC_EXECUTED);
	assert_int_equal(delete_slot(&e, 1), -EBUSY);
	env_destroy(&e);
}

static void a_reset_leaves_nothing(void **state)
{
	struct storage_stats stats;
	struct env e;
	uint64_t handle;

	env_create(&e);
	assert_int_equal(init(&e), UVC_RC_EXECUTED);
	handle = create(&e);
	assert_int_equal(import(&e, handle), UVC_RC_EXECUTED);
	if (destroy_fast(&e, handle) == UVC_RC_EXECUTED) {
		storage_get_stats(e.v.kvm->arch.uv_host->storage, &stats);
		assert_int_equal(stats.frames_orphan, 1);
		assert_int_equal(delete_slot(&e, 0), -EBUSY);
	}
	assert_int_equal(uv_host(&e.v, KVM_PROTVIRT_UV_HOST_RESET), 0);
	storage_get_stats(e.v.kvm->arch.uv_host->storage, &stats);
	assert_int_equal(stats.frames_orphan + stats.frames_secure + stats.bytes_donated, 0);
	assert_int_equal(import(&e, handle), UVC_RC_INV_STATE);
	assert_int_equal(delete_slot(&e, 0), 0);
	env_destroy(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(when_it_can_be_made),
		cmocka_unit_test(without_an_ultravisor),
		cmocka_unit_test(it_is_no_protected_guest),
		cmocka_unit_test(running_cpus_are_counted),
		cmocka_unit_test(the_machine_below_knows_of_nothing),
		cmocka_unit_test(secrets_are_out_of_reach),
		cmocka_unit_test(slots_stay_while_they_are_used),
		cmocka_unit_test(one_machine_has_the_memory),
		cmocka_unit_test(allocations_fail),
		cmocka_unit_test(a_reset_leaves_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("uv-host", tests, NULL, NULL);
}
