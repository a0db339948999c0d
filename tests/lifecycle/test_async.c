// SPDX-License-Identifier: GPL-2.0-or-later
/* Asynchronous destroy: several lives at once, deaths at every point, failures of every kind. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "tests/lifecycle/rig.h"

#define PREPARE KVM_PV_ASYNC_CLEANUP_PREPARE
#define PERFORM KVM_PV_ASYNC_CLEANUP_PERFORM

#define RC_A  0x1aa
#define RRC_A 0x0a
#define RC_B  0x1bb
#define RRC_B 0x0b

static void scenario_10_11_prepare_twice(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 2);
	rig_enable(&r, 0);
	expect_pv(&r.v, PREPARE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	expect_counts(&r, .count = 0);
	world_assert_quiet(r.w);
	/* The thread of the first reboot comes late. */
	expect_pv(&r.v, PERFORM, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	rig_destroy(&r);
}

static void scenario_12_13_perform_twice(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 2);
	expect_pv(&r.v, KVM_PV_DISABLE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .aside = 1, .count = 1);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	expect_pv(&r.v, PERFORM, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	rig_destroy(&r);
}

static void scenario_14_two_performs_at_once(void **state)
{
	struct perform a, b;
	long ret_a, ret_b;
	struct rig r;

	rig_create(&r, world_keeping_model());
	for (int round = 0; round < 20; round++) {
		rig_enable(&r, 4);
		rig_prepare(&r);
		perform_start(&a, &r.v);
		perform_start(&b, &r.v);
		ret_a = perform_join(&a);
		ret_b = perform_join(&b);
		assert_int_equal(-EINVAL, ret_a + ret_b);
		assert_true(!ret_a || !ret_b);
		expect_counts(&r, .count = 0);
	}
	rig_destroy(&r);
}

static void scenario_15_two_generations(void **state)
{
	struct perform first, second;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_page(&r, &first, 1);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	vmm_touch(&r.v, RIG_HIGH + MIB, 4);
	rig_prepare(&r);
	expect_counts(&r, .tearing = 1, .aside = 1, .count = 2);
	perform_start(&second, &r.v);
	assert_int_equal(0, perform_join(&second));
	expect_counts(&r, .tearing = 1, .count = 1);
	gate_open();
	assert_int_equal(0, perform_join(&first));
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

#define GENERATIONS 8

static void scenario_16_eight_generations(void **state)
{
	struct perform p[GENERATIONS];
	struct rig r;

	rig_create(&r, world_keeping_model());
	gate_close_for(GENERATIONS);
	for (unsigned int i = 0; i < GENERATIONS; i++) {
		assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
		vmm_touch(&r.v, RIG_HIGH + (i + 1) * 8 * PAGE_SIZE, 8);
		/* One page goes from each guest to the next. */
		vmm_take_over(&r.v, RIG_HIGH, 1);
		rig_prepare(&r);
		perform_start(&p[i], &r.v);
		assert_int_equal(i + 1, vmm_count(&r.v));
		/* Until its thread has taken the record, the next one cannot be set aside. */
		while (world_status(r.w).tearing != i + 1)
			sched_yield();
	}
	assert_int_equal(GENERATIONS * 8 + 1, world_status(r.w).storage.frames_secure);
	gate_wait();
	expect_counts(&r, .tearing = GENERATIONS, .count = GENERATIONS);
	gate_open();
	for (unsigned int i = 0; i < GENERATIONS; i++)
		assert_int_equal(0, perform_join(&p[i]));
	expect_counts(&r, .count = 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

/* Kill a PERFORM of @pages pages when @after of them are destroyed, and end the VM. */
static void kill_after(unsigned int pages, unsigned int after)
{
	struct perform p;
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, pages);
	rig_prepare(&r);
	gate_close(after);
	perform_start(&p, &r.v);
	gate_wait();
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(KVM_S390_PV_FAKED_RRC, p.rrc);
	expect_counts(&r, .leftover = 1, .count = 1);
	/* The page at the gate is still destroyed, no other one. */
	assert_int_equal(pages - after - 1, world_status(r.w).storage.frames_secure);
	rig_destroy(&r);
}

static void scenario_21_kill(void **state)
{
	const unsigned int after[] = {0, 1, 31, 32, 33, 50, 98};

	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++)
		kill_after(100, after[i]);
}

static void scenario_22_kill_around_the_record(void **state)
{
	struct perform p;
	struct rig r;

	/* Dead before it could call: it stays set aside, the end of the VM disposes of it. */
	rig_create_set_aside(&r, world_keeping_model(), 4);
	expect_counts(&r, .aside = 1, .count = 1);
	rig_destroy(&r);

	/* Waiting for the lock: it still takes the record, and gives it up at the first page. */
	rig_create_set_aside(&r, world_keeping_model(), 4);
	mutex_lock(&r.v.kvm->lock);
	perform_start(&p, &r.v);
	direct_task_kill(p.t);
	mutex_unlock(&r.v.kvm->lock);
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(KVM_S390_PV_FAKED_RRC, p.rrc);
	expect_counts(&r, .leftover = 1, .count = 1);
	assert_int_equal(4, world_status(r.w).storage.frames_secure);
	rig_destroy(&r);

	/* In DESTROY_SEC_CONF: completes. */
	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_uvc(&r, &p, UVC_CMD_DESTROY_SEC_CONF);
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(0, p.rrc);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void scenario_23_other_signals(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_page(&r, &p, 2);
	direct_kick(p.t);
	direct_kick(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(1, p.rc);
	assert_int_equal(0, p.rrc);
	rig_destroy(&r);
}

static void scenario_24_exit_of_the_process(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 8);
	rig_perform_to_page(&r, &p, 2);
	/* exit(): every thread gets the fatal signal, the walk ends, then the rest goes. */
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	rig_destroy(&r);
}

static void scenario_25_three_interrupted(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_leftover(&r);
	rig_leftover(&r);
	expect_counts(&r, .leftover = 3, .count = 3);
	rig_enable(&r, 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	expect_counts(&r, .count = 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

/* The last one that was interrupted is disposed of first, so its answer is the first failure. */
static void scenario_25_newest_first(void **state)
{
	uint64_t handle[3];
	struct rig r;

	rig_create(&r, world_keeping_model());
	for (int i = 0; i < 3; i++) {
		rig_enable(&r, 4);
		handle[i] = kvm_s390_pv_get_handle(r.v.kvm);
		rig_interrupt(&r);
	}
	rig_enable(&r, 0);
	fail_uvc_of(handle[0], UVC_CMD_DESTROY_SEC_CONF, RC_A, RRC_A);
	fail_uvc_of(handle[2], UVC_CMD_DESTROY_SEC_CONF, RC_B, RRC_B);
	expect_pv(&r.v, KVM_PV_DISABLE, -EIO, RC_B, RRC_B);
	expect_counts(&r, .leaked = 2, .count = 2);
	r.w->expect_leaked_configs = 2;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

/* Three leftovers and an active one; the calls that fail are counted from the active one's. */
static void disable_with_failures(bool third_too)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_leftover(&r);
	rig_leftover(&r);
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 2, 1, RC_A, RRC_A, false);
	if (third_too)
		fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 2, 1, RC_B, RRC_B, false);
	expect_pv(&r.v, KVM_PV_DISABLE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .leaked = third_too ? 2 : 1, .count = third_too ? 2 : 1);
	world_assert_quiet(r.w);
	r.w->expect_leaked_configs = third_too ? 2 : 1;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

static void scenario_26_second_leftover_fails(void **state)
{
	disable_with_failures(false);
}

static void scenario_27_two_leftovers_fail(void **state)
{
	disable_with_failures(true);
}

static void scenario_28_active_fails_first(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_enable(&r, 2);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, RC_A, RRC_A, false);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, RC_B, RRC_B, false);
	expect_pv(&r.v, KVM_PV_DISABLE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .stuck = 1, .leaked = 1, .count = 2);
	assert_true(kvm_s390_pv_get_handle(r.v.kvm) != 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	expect_counts(&r, .leaked = 1, .count = 1);
	r.w->expect_leaked_configs = 1;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

static void scenario_29_leaked_storage_is_never_reused(void **state)
{
	abs_t base, var;
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 1);
	base = r.v.kvm->arch.pv.stor_base;
	var = r.v.kvm->arch.pv.stor_var;
	rig_prepare(&r);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, RC_A, RRC_A, false);
	expect_pv(&r.v, PERFORM, -EIO, RC_A, RRC_A);
	fail_clear();
	for (int i = 0; i < 4; i++) {
		rig_enable(&r, 0);
		assert_true(r.v.kvm->arch.pv.stor_base != base);
		assert_true(r.v.kvm->arch.pv.stor_var != var);
		expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	}
	assert_non_null(storage_ptr(machine_storage(r.w->m), base, 1));
	r.w->expect_leaked_configs = 1;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

static void scenario_30_create_conf_fails(void **state)
{
	struct rig r;

	rig_create(&r, "z15");
	fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, RC_A, RRC_A, false);
	expect_pv(&r.v, KVM_PV_ENABLE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .count = 0);
	fail_clear();
	fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, UVC_RC_NEED_DESTROY | RC_A, RRC_A, true);
	expect_pv(&r.v, KVM_PV_ENABLE, -EIO, UVC_RC_NEED_DESTROY | RC_A, RRC_A);
	expect_counts(&r, .count = 0);
	fail_clear();
	/* Destroying fails for ever: the release leaks what it must. */
	fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, UVC_RC_NEED_DESTROY | RC_A, RRC_A, true);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, UINT32_MAX, RC_B, RRC_B, false);
	expect_pv(&r.v, KVM_PV_ENABLE, -EIO, UVC_RC_NEED_DESTROY | RC_A, RRC_A);
	expect_counts(&r, .stuck = 1, .count = 1);
	r.w->expect_leaked_configs = 1;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

static void scenario_31_create_cpu_fails(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	vmm_vcpus(&r.v, 1);
	for (uint32_t k = 0; k < 3; k++) {
		fail_uvc(UVC_CMD_CREATE_SEC_CPU, k, 1, RC_A, RRC_A, false);
		expect_pv(&r.v, KVM_PV_ENABLE, -EIO, RC_A, RRC_A);
		fail_clear();
		expect_counts(&r, .count = 0);
		world_assert_quiet(r.w);
		assert_int_equal(0, atomic_load(&r.v.kvm->arch.float_int.masked_irqs));
	}
	rig_destroy(&r);
}

static void scenario_32_destroy_cpu_fails(void **state)
{
	struct rig r;

	for (uint32_t k = 0; k < RIG_VCPUS; k++) {
		rig_create(&r, world_keeping_model());
		/* In DISABLE and in PREPARE: the first code, all others tried, then it works. */
		rig_enable(&r, 0);
		fail_uvc(UVC_CMD_DESTROY_SEC_CPU, k, 1, RC_A, RRC_A, true);
		expect_pv(&r.v, KVM_PV_DISABLE, -EIO, RC_A, RRC_A);
		assert_int_equal(0, world_status(r.w).secure_vcpus);
		expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
		fail_clear();
		rig_enable(&r, 0);
		fail_uvc(UVC_CMD_DESTROY_SEC_CPU, k, 1, RC_A, RRC_A, true);
		expect_pv(&r.v, PREPARE, -EIO, RC_A, RRC_A);
		expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
		fail_clear();
		/* All of them: the first code counts. */
		rig_enable(&r, 0);
		fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 0, 1, RC_B, RRC_B, true);
		fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 0, 1, RC_A, RRC_A, true);
		expect_pv(&r.v, KVM_PV_DISABLE, -EIO, RC_B, RRC_B);
		expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
		fail_clear();
		/* At the end of the address space. */
		rig_enable(&r, 2);
		fail_uvc(UVC_CMD_DESTROY_SEC_CPU, k, 1, RC_A, RRC_A, true);
		r.w->expect_leaked_bytes = true;
		rig_destroy(&r);
	}
}

/* After a command that may have failed for want of memory, everything can still be cleaned up. */
static void clean_up_after(struct rig *r)
{
	if (kvm_s390_pv_get_handle(r->v.kvm))
		expect_pv(&r->v, KVM_PV_DISABLE, 0, 1, 0);
	expect_counts(r, .count = 0);
	world_assert_quiet(r->w);
}

static void scenario_33_each_allocation_fails(void **state)
{
	bool failed = true;
	struct rig r;

	rig_create(&r, world_keeping_model());
	for (uint32_t n = 0; failed; n++) {
		fail_any_alloc(n);
		failed = vmm_pv(&r.v, KVM_PV_ENABLE) != 0;
		if (!fail_hits())
			assert_false(failed);
		fail_clear();
		clean_up_after(&r);
		assert_true(n < 100);
	}
	failed = true;
	for (uint32_t n = 0; failed; n++) {
		rig_enable(&r, 1);
		fail_any_alloc(n);
		failed = vmm_pv(&r.v, PREPARE) != 0;
		fail_clear();
		if (failed)
			expect_counts(&r, .half = 1, .count = 1);
		else
			expect_pv(&r.v, PERFORM, 0, 1, 0);
		clean_up_after(&r);
		assert_true(n < 100);
	}
	rig_destroy(&r);
}

static void scenario_34_prepare_without_table(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 2);
	fail_alloc(ALLOC_TABLE, 0, 2);
	expect_pv(&r.v, PREPARE, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_pv(&r.v, PREPARE, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_pv(&r.v, PREPARE, 0, 1, 42);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	rig_destroy(&r);
}

static void scenario_35_destroy_fast(void **state)
{
	struct rig r;

	rig_create(&r, "z16");
	rig_enable(&r, 4);
	assert_true(world_status(r.w).storage.bytes_kernel[ALLOC_CONF_BASE] > 0);
	rig_prepare(&r);
	assert_int_equal(0, world_status(r.w).storage.bytes_kernel[ALLOC_CONF_BASE]);
	assert_int_equal(0, world_status(r.w).storage.bytes_kernel[ALLOC_CONF_VAR]);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	rig_enable(&r, 4);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF_FAST, 0, 1, 0x104, 0, false);
	expect_pv(&r.v, PREPARE, -EIO, 0x104, 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_destroy(&r);
}

static void scenario_36_destroy_fast_interrupted(void **state)
{
	struct rig r;

	rig_create(&r, "z16");
	rig_leftover(&r);
	expect_counts(&r, .leftover = 1, .count = 1);
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CONF));
	vmm_close(&r.v);
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CONF));
	assert_int_equal(0, vmm_count(&r.v));
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void scenario_37_page_cannot_be_destroyed(void **state)
{
	struct rig r;

	/* Exported instead: the VMM sees ciphertext. */
	rig_create_set_aside(&r, "z16", 4);
	fail_page((RIG_HIGH >> PAGE_SHIFT) + 2);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	assert_int_equal(0, world_status(r.w).storage.frames_lost);
	world_assert_quiet(r.w);
	fail_clear();
	/* Lost: nobody gets it again. */
	rig_enable(&r, 4);
	rig_prepare(&r);
	fail_page((RIG_HIGH >> PAGE_SHIFT) + 2);
	fail_uvc(UVC_CMD_CONV_FROM_SEC_STOR, 0, UINT32_MAX, RC_A, RRC_A, false);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	assert_int_equal(1, world_status(r.w).storage.frames_lost);
	rig_destroy(&r);
}

static void scenario_38_slots_during_perform(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 8);
	assert_int_equal(0, vmm_try_slot(&r.v, 1, 4 * GIB, RIG_SIZE, r.high));
	rig_perform_to_page(&r, &p, 2);
	/* None of these waits for PERFORM, which stands at the gate. */
	assert_int_equal(0, vmm_try_slot(&r.v, 1, 6 * GIB, RIG_SIZE, r.high));
	assert_int_equal(0, vmm_try_slot(&r.v, 2, 8 * GIB, RIG_SIZE, r.high));
	assert_int_equal(0, vmm_try_slot(&r.v, 1, 6 * GIB, 0, NULL));
	assert_int_equal(0, vmm_try_slot(&r.v, 2, 8 * GIB, 0, NULL));
	gate_open();
	assert_int_equal(0, perform_join(&p));
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void scenario_40_hole_below_2g(void **state)
{
	struct rig r;
	uint8_t *mem;

	rig_create(&r, world_keeping_model());
	mem = vmm_memory(&r.v, 2, GIB, RIG_SIZE);
	rig_enable(&r, 4);
	vmm_touch(&r.v, RIG_LOW, 8);
	vmm_touch(&r.v, GIB, 8);
	assert_int_equal(20, world_status(r.w).storage.frames_secure);
	rig_prepare(&r);
	assert_int_equal(4, world_status(r.w).storage.frames_secure);
	rig_destroy(&r);
	vmm_free_memory(mem, RIG_SIZE);
}

static void scenario_41_slot_across_2g(void **state)
{
	struct world *w = world_create(world_keeping_model());
	struct vmm v;
	uint8_t *mem;

	vmm_start(&v, w);
	mem = vmm_memory(&v, 0, 2 * GIB - MIB, 2 * MIB);
	vmm_vcpus(&v, 1);
	assert_int_equal(0, vmm_pv(&v, KVM_PV_ENABLE));
	vmm_touch(&v, 2 * GIB - 4 * PAGE_SIZE, 8);
	expect_pv(&v, PREPARE, 0, 1, 42);
	assert_int_equal(4, world_status(w).storage.frames_secure);
	expect_pv(&v, PERFORM, 0, 1, 0);
	vmm_exit(&v);
	vmm_free_memory(mem, 2 * MIB);
	world_destroy(w);
}

static void scenario_42_vmm_unmaps_memory(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 8);
	rig_perform_to_page(&r, &p, 2);
	assert_int_equal(0, munmap(r.high, RIG_SIZE));
	assert_true(mmap(r.high, RIG_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == r.high);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void scenario_43_other_ioctls_during_perform(void **state)
{
	struct kvm_s390_pv_info info = {.header = {.id = KVM_PV_INFO_VM, .len_max = sizeof(info)}};
	uint64_t limit = 0, data = 0;
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_MEM_CTRL,
		.attr = KVM_S390_VM_MEM_LIMIT_SIZE,
		.addr = (uintptr_t)&limit,
	};
	struct kvm_s390_mem_op mop = {
		.op = KVM_S390_MEMOP_ABSOLUTE_WRITE,
		.gaddr = RIG_HIGH + 3 * PAGE_SIZE,
		.size = 8,
		.buf = (uintptr_t)&data,
	};
	struct kvm_mp_state mp = {0};
	struct kvm_regs regs;
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 8);
	rig_perform_to_page(&r, &p, 1);
	/* PERFORM stands still; whatever waited for it would wait for ever. */
	for (int i = 0; i < 10; i++) {
		assert_int_equal(0, vmm_pv_data(&r.v, KVM_PV_INFO, &info));
		assert_int_equal(0, vmm_ioctl(&r.v, KVM_GET_DEVICE_ATTR, (uintptr_t)&attr));
		assert_int_equal(0, vmm_ioctl(&r.v, KVM_S390_MEM_OP, (uintptr_t)&mop));
		assert_int_equal(0,
				 direct_ioctl(r.v.t, r.v.vcpu[0], KVM_GET_REGS, (uintptr_t)&regs));
		assert_int_equal(
			0, direct_ioctl(r.v.t, r.v.vcpu[0], KVM_GET_MP_STATE, (uintptr_t)&mp));
		assert_int_equal(0, direct_ioctl(r.v.t, r.v.vcpu[0], KVM_S390_INITIAL_RESET, 0));
		expect_pv(&r.v, KVM_PV_ENABLE, 0, 1, 0);
		expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	}
	vmm_vcpus(&r.v, 1);
	expect_counts(&r, .tearing = 1, .count = 1);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	rig_destroy(&r);
}

static void *disable_thread(void *arg)
{
	struct vmm *v = arg;
	struct task *t = direct_task_start(v->mm);
	long ret;

	ret = vmm_pv_from(v, t, KVM_PV_DISABLE, &v->rc, &v->rrc);
	direct_task_end(t);
	return (void *)ret;
}

static void scenario_45_perform_and_disable(void **state)
{
	struct perform p;
	pthread_t thread;
	void *ret;
	struct rig r;

	/* DISABLE comes and goes while PERFORM stands at the gate: row_33_disable_beside_perform.
	 */
	/* PERFORM ends while DISABLE is in its call, with kvm->lock held. */
	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_page(&r, &p, 1);
	rig_enable(&r, 0);
	gate_open();
	gate_close_at_uvc(UVC_CMD_DESTROY_SEC_CPU);
	assert_int_equal(0, pthread_create(&thread, NULL, disable_thread, &r.v));
	gate_wait();
	assert_int_equal(0, perform_join(&p));
	gate_open();
	assert_int_equal(0, pthread_join(thread, &ret));
	assert_int_equal(0, (long)ret);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

/* Pages that outlive their configuration (destroy-fast): the count is there until the last is gone.
 */
static void count_stays_until_the_last_page(void **state)
{
	pthread_t thread;
	void *ret;
	struct rig r;

	rig_create(&r, "z16");
	rig_leftover(&r);
	rig_enable(&r, 0);
	gate_close(1);
	assert_int_equal(0, pthread_create(&thread, NULL, disable_thread, &r.v));
	gate_wait();
	/* Both configurations are gone; what holds the count is the clean-up. */
	assert_int_equal(0, world_status(r.w).active + world_status(r.w).leftover);
	assert_true(world_status(r.w).storage.frames_orphan > 0);
	assert_int_equal(1, vmm_count(&r.v));
	gate_open();
	assert_int_equal(0, pthread_join(thread, &ret));
	assert_int_equal(0, (long)ret);
	expect_counts(&r, .count = 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void scenario_46_release_during_perform(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, "z16", 4);
	rig_perform_to_page(&r, &p, 1);
	vmm_close(&r.v);
	assert_int_equal(1, world_status(r.w).vms);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(0, world_status(r.w).vms);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void close_by_hand(bool aside, bool active)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	if (aside) {
		rig_enable(&r, 4);
		rig_prepare(&r);
	}
	if (active) {
		assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
		vmm_touch(&r.v, RIG_HIGH + MIB, 4);
	}
	vmm_close(&r.v);
	assert_int_equal(0, vmm_count(&r.v));
	world_assert_quiet(r.w);
	for (size_t i = 0; i < 4 * PAGE_SIZE; i++) {
		assert_int_equal(0, r.high[i]);
		assert_int_equal(0, r.high[MIB + i]);
	}
	rig_destroy(&r);
}

static void scenario_47_close_by_hand(void **state)
{
	close_by_hand(false, true);
	close_by_hand(true, false);
	close_by_hand(true, true);
}

static void scenario_48_vm_outlives_its_process(void **state)
{
	struct vmm heir;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	vmm_start(&heir, r.w);
	assert_int_equal(0, direct_close(heir.mm, heir.vm));
	heir.vm = direct_pass(r.v.mm, r.v.vm, heir.mm);
	assert_int_equal(-EIO, vmm_pv(&heir, PERFORM));
	vmm_exit(&r.v);
	assert_int_equal(1, world_status(r.w).aside);
	assert_int_equal(0, world_status(r.w).storage.frames_secure);
	assert_int_equal(-EIO, vmm_pv(&heir, PERFORM));
	assert_int_equal(0, direct_close(heir.mm, heir.vm));
	assert_int_equal(0, world_status(r.w).vms);
	world_assert_quiet(r.w);
	vmm_exit(&heir);
	vmm_free_memory(r.low, RIG_SIZE);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

/* Runs when the last user of an address space is gone and its pages are still there. */
struct last_close {
	struct mmu_notifier notifier;
	struct vmm *heir;
	bool done;
};

static void close_last_file(struct mmu_notifier *n, struct mm *mm)
{
	struct last_close *last =
		(struct last_close *)((char *)n - offsetof(struct last_close, notifier));

	assert_int_equal(0, direct_close(last->heir->mm, last->heir->vm));
	last->done = true;
}

/* The two ends meet: pages that outlive their configuration (destroy-fast) must not be missed. */
static void release_while_the_mm_goes(bool leftover)
{
	struct last_close last = {.notifier.release = close_last_file};
	struct vmm heir;
	struct rig r;

	rig_create(&r, "z16");
	if (leftover) {
		rig_leftover(&r);
	} else {
		rig_enable(&r, 4);
		rig_prepare(&r);
	}
	vmm_start(&heir, r.w);
	assert_int_equal(0, direct_close(heir.mm, heir.vm));
	heir.vm = direct_pass(r.v.mm, r.v.vm, heir.mm);
	vmm_close(&r.v);
	last.heir = &heir;
	assert_int_equal(0, mmu_notifier_register(&last.notifier, r.v.mm));
	mmgrab(r.v.mm);
	vmm_exit(&r.v);
	assert_true(last.done);
	assert_int_equal(0, world_status(r.w).vms);
	world_assert_quiet(r.w);
	assert_int_equal(0, vmm_count(&r.v));
	mmu_notifier_unregister(&last.notifier);
	mmdrop(r.v.mm);
	vmm_exit(&heir);
	vmm_free_memory(r.low, RIG_SIZE);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

static void release_meets_end_of_address_space(void **state)
{
	release_while_the_mm_goes(false);
	release_while_the_mm_goes(true);
}

static void scenario_49_task_outlives_its_process(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_page(&r, &p, 1);
	/* The process goes, the task that shares its address space does not. */
	direct_task_end(r.v.t);
	direct_mm_exit(r.v.mm);
	assert_int_equal(1, world_status(r.w).tearing);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(1, p.rc);
	assert_int_equal(0, p.rrc);
	mmdrop(r.v.mm);
	vmm_free_memory(r.low, RIG_SIZE);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

static void scenario_50_two_vms_in_one_process(void **state)
{
	struct vmm second;
	struct rig r;

	rig_create(&r, "z15");
	vmm_second_vm(&second, &r.v);
	assert_int_equal(0, vmm_try_slot(&second, 0, 0, RIG_SIZE, r.low));
	vmm_vcpus(&second, 1);
	rig_enable(&r, 2);
	rig_prepare(&r);
	rig_enable(&r, 0);
	assert_int_equal(0, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	assert_int_equal(0, vmm_pv(&second, KVM_PV_ENABLE));
	expect_counts(&r, .active = 2, .aside = 1, .count = 3);
	/* More than one configuration could claim a page: export comes before import. */
	vmm_touch(&second, MIB, 1);
	assert_true(uvc_count(UVC_CMD_CONV_FROM_SEC_STOR) > 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	expect_counts(&r, .active = 1, .count = 1);
	assert_int_equal(1, world_status(r.w).secure_vcpus);
	assert_int_equal(1, world_status(r.w).storage.frames_secure);
	uvc_reset();
	vmm_touch(&second, 2 * MIB, 1);
	assert_int_equal(0, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	vmm_close(&second);
	rig_destroy(&r);
}

static void *enable_killed_thread(void *arg)
{
	struct vmm *v = arg;
	struct task *t = direct_task_start(v->mm);
	long ret;

	direct_task_kill(t);
	ret = vmm_pv_from(v, t, KVM_PV_ENABLE, &v->rc, &v->rrc);
	direct_task_end(t);
	return (void *)ret;
}

static void scenario_53_notifier_registration_fails(void **state)
{
	pthread_t thread;
	void *ret;
	struct rig r;

	rig_create(&r, world_keeping_model());
	assert_int_equal(0, pthread_create(&thread, NULL, enable_killed_thread, &r.v));
	assert_int_equal(0, pthread_join(thread, &ret));
	assert_int_equal(-EINTR, (long)ret);
	assert_int_equal(UNTOUCHED_RC, r.v.rc);
	expect_counts(&r, .count = 0);
	rig_enable(&r, 2);
	uvc_reset();
	vmm_exit(&r.v);
	/* The callback ran, once: it is what destroyed the CPUs before the pages went. */
	assert_int_equal(RIG_VCPUS, uvc_count(UVC_CMD_DESTROY_SEC_CPU));
	assert_int_equal(0, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	vmm_free_memory(r.low, RIG_SIZE);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

static void scenario_54_tables_of_two_lives(void **state)
{
	uint64_t first, second, tables;
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 2);
	first = kvm_gmap_asce(r.v.kvm);
	tables = world_status(r.w).storage.bytes_kernel[ALLOC_TABLE];
	rig_prepare(&r);
	rig_enable(&r, 0);
	second = kvm_gmap_asce(r.v.kvm);
	assert_true((first & PAGE_MASK) != (second & PAGE_MASK));
	assert_int_equal(first & ~PAGE_MASK, second & ~PAGE_MASK);
	assert_true(world_status(r.w).storage.bytes_kernel[ALLOC_TABLE] > tables);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	assert_int_equal(tables, world_status(r.w).storage.bytes_kernel[ALLOC_TABLE]);
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenario_10_11_prepare_twice),
		cmocka_unit_test(scenario_12_13_perform_twice),
		cmocka_unit_test(scenario_14_two_performs_at_once),
		cmocka_unit_test(scenario_15_two_generations),
		cmocka_unit_test(scenario_16_eight_generations),
		cmocka_unit_test(scenario_21_kill),
		cmocka_unit_test(scenario_22_kill_around_the_record),
		cmocka_unit_test(scenario_23_other_signals),
		cmocka_unit_test(scenario_24_exit_of_the_process),
		cmocka_unit_test(scenario_25_three_interrupted),
		cmocka_unit_test(scenario_25_newest_first),
		cmocka_unit_test(scenario_26_second_leftover_fails),
		cmocka_unit_test(scenario_27_two_leftovers_fail),
		cmocka_unit_test(scenario_28_active_fails_first),
		cmocka_unit_test(scenario_29_leaked_storage_is_never_reused),
		cmocka_unit_test(scenario_30_create_conf_fails),
		cmocka_unit_test(scenario_31_create_cpu_fails),
		cmocka_unit_test(scenario_32_destroy_cpu_fails),
		cmocka_unit_test(scenario_33_each_allocation_fails),
		cmocka_unit_test(scenario_34_prepare_without_table),
		cmocka_unit_test(scenario_35_destroy_fast),
		cmocka_unit_test(scenario_36_destroy_fast_interrupted),
		cmocka_unit_test(scenario_37_page_cannot_be_destroyed),
		cmocka_unit_test(scenario_38_slots_during_perform),
		cmocka_unit_test(scenario_40_hole_below_2g),
		cmocka_unit_test(scenario_41_slot_across_2g),
		cmocka_unit_test(scenario_42_vmm_unmaps_memory),
		cmocka_unit_test(scenario_43_other_ioctls_during_perform),
		cmocka_unit_test(scenario_45_perform_and_disable),
		cmocka_unit_test(count_stays_until_the_last_page),
		cmocka_unit_test(scenario_46_release_during_perform),
		cmocka_unit_test(scenario_47_close_by_hand),
		cmocka_unit_test(scenario_48_vm_outlives_its_process),
		cmocka_unit_test(release_meets_end_of_address_space),
		cmocka_unit_test(scenario_49_task_outlives_its_process),
		cmocka_unit_test(scenario_50_two_vms_in_one_process),
		cmocka_unit_test(scenario_53_notifier_registration_fails),
		cmocka_unit_test(scenario_54_tables_of_two_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
