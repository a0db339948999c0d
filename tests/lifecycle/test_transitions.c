// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The transition table of asynchronous destroy, a test a row.
 *
 * z15 has no destroy-fast, so most rows run there: the Ultravisor keeps what
 * was set aside until DESTROY_SEC_CONF.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kvm/machine_state.h"
#include "tests/lifecycle/rig.h"

#define ENABLE  KVM_PV_ENABLE
#define DISABLE KVM_PV_DISABLE
#define PREPARE KVM_PV_ASYNC_CLEANUP_PREPARE
#define PERFORM KVM_PV_ASYNC_CLEANUP_PERFORM

/* An answer that no real call gives */
#define RC_A  0x1aa
#define RRC_A 0x0a
#define RC_B  0x1bb
#define RRC_B 0x0b

/* ---- ENABLE ---- */

static void row_01_enable(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	expect_pv(&r.v, ENABLE, 0, 1, 0);
	expect_counts(&r, .active = 1, .count = 1);
	assert_int_equal(RIG_VCPUS, world_status(r.w).secure_vcpus);
	rig_prepare(&r);
	expect_pv(&r.v, ENABLE, 0, 1, 0);
	expect_counts(&r, .active = 1, .aside = 1, .count = 2);
	rig_destroy(&r);
}

/* What is donated is what the machine asks for, up to the end of the highest slot and not farther.
 */
static void row_01_enable_donates(void **state)
{
	const uint64_t mib = (RIG_HIGH + RIG_SIZE) / MIB;
	const struct uv_info *info;
	struct storage_stats s;
	struct rig r;

	rig_create(&r, NULL);
	info = &r.v.kvm->machine->info;
	rig_enable(&r, 0);
	s = world_status(r.w).storage;
	assert_int_equal(info->guest_base_stor_len, s.bytes_kernel[ALLOC_CONF_BASE]);
	assert_int_equal(info->guest_virt_base_stor_len + mib * info->guest_virt_var_stor_len,
			 s.bytes_kernel[ALLOC_CONF_VAR]);
	assert_int_equal(RIG_VCPUS * info->guest_cpu_stor_len, s.bytes_kernel[ALLOC_CPU_STOR]);
	rig_destroy(&r);
}

static void row_02_enable_twice(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 0);
	expect_pv(&r.v, ENABLE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .active = 1, .count = 1);
	rig_destroy(&r);
}

static void row_03_enable_no_memory(void **state)
{
	struct rig r;
	const enum alloc_kind kinds[] = {ALLOC_CONF_BASE, ALLOC_CONF_VAR};

	rig_create(&r, world_keeping_model());
	for (size_t i = 0; i < 2; i++) {
		fail_alloc(kinds[i], 0, 1);
		expect_pv(&r.v, ENABLE, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
		expect_counts(&r, .count = 0);
		assert_int_equal(0, uvc_count(UVC_CMD_CREATE_SEC_CONF));
		fail_clear();
	}
	expect_pv(&r.v, ENABLE, 0, 1, 0);
	rig_destroy(&r);
}

static void row_04_create_conf_fails(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, RC_A, RRC_A, false);
	expect_pv(&r.v, ENABLE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .count = 0);
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CONF));
	assert_int_equal(0, world_status(r.w).storage.bytes_kernel[ALLOC_CONF_BASE]);
	expect_pv(&r.v, ENABLE, 0, 1, 0);
	rig_destroy(&r);
}

static void row_05_create_conf_needs_destroy(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, UVC_RC_NEED_DESTROY | RC_A, RRC_A, true);
	expect_pv(&r.v, ENABLE, -EIO, UVC_RC_NEED_DESTROY | RC_A, RRC_A);
	assert_int_equal(1, uvc_count(UVC_CMD_DESTROY_SEC_CONF));
	expect_counts(&r, .count = 0);
	assert_int_equal(0, world_status(r.w).uv.configs);
	rig_destroy(&r);
}

static void row_06_create_conf_destroy_fails(void **state)
{
	struct rig r;
	uint64_t asce;

	rig_create(&r, world_keeping_model());
	asce = kvm_gmap_asce(r.v.kvm);
	fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, UVC_RC_NEED_DESTROY | RC_A, RRC_A, true);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, RC_B, RRC_B, false);
	expect_pv(&r.v, ENABLE, -EIO, UVC_RC_NEED_DESTROY | RC_A, RRC_A);
	expect_counts(&r, .stuck = 1, .count = 1);
	assert_true(kvm_gmap_asce(r.v.kvm) != asce);
	/* It counts as protected, and DISABLE may try again. */
	expect_pv(&r.v, ENABLE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void row_07_cpu_no_memory(void **state)
{
	struct rig r;
	const enum alloc_kind kinds[] = {ALLOC_CPU_STOR, ALLOC_PAGE};

	rig_create(&r, world_keeping_model());
	for (size_t i = 0; i < 2; i++) {
		for (uint32_t k = 0; k < RIG_VCPUS; k++) {
			fail_alloc(kinds[i], k, 1);
			expect_pv(&r.v, ENABLE, -ENOMEM, 1, 0);
			fail_clear();
			expect_counts(&r, .count = 0);
			assert_int_equal(0, world_status(r.w).secure_vcpus);
			assert_int_equal(0, world_status(r.w).storage.bytes_kernel[ALLOC_CPU_STOR]);
		}
	}
	rig_destroy(&r);
}

static void row_08_create_cpu_fails(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	for (uint32_t k = 0; k < RIG_VCPUS; k++) {
		fail_uvc(UVC_CMD_CREATE_SEC_CPU, k, 1, RC_A, RRC_A, false);
		expect_pv(&r.v, ENABLE, -EIO, RC_A, RRC_A);
		fail_clear();
		expect_counts(&r, .count = 0);
		assert_int_equal(0, world_status(r.w).secure_vcpus);
		assert_int_equal(0, world_status(r.w).storage.bytes_kernel[ALLOC_CPU_STOR]);
	}
	rig_destroy(&r);
}

static void row_09_undo_fails(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	/* The CPU is gone, but who knows: its storage is leaked, the configuration is not. */
	fail_uvc(UVC_CMD_CREATE_SEC_CPU, 1, 1, RC_A, RRC_A, false);
	fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 0, 1, RC_B, RRC_B, true);
	expect_pv(&r.v, ENABLE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .count = 0);
	assert_true(world_status(r.w).storage.bytes_leaked > 0);
	fail_clear();
	/* The configuration cannot be destroyed: it stays, stuck. */
	fail_uvc(UVC_CMD_CREATE_SEC_CPU, 1, 1, RC_A, RRC_A, false);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, RC_B, RRC_B, false);
	expect_pv(&r.v, ENABLE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .stuck = 1, .count = 1);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

/* ---- PREPARE ---- */

static void row_10_prepare_refused(void **state)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	struct rig r;

	rig_create(&r, world_keeping_model());
	expect_pv(&r.v, PREPARE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	rig_destroy(&r);

	params.async_destroy = false;
	rig_create_with(&r, &params);
	rig_enable(&r, 0);
	expect_pv(&r.v, PREPARE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CPU));
	expect_counts(&r, .active = 1, .count = 1);
	rig_destroy(&r);
}

static void row_11_prepare_cpu_fails(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 0, 1, RC_A, RRC_A, true);
	expect_pv(&r.v, PREPARE, -EIO, RC_A, RRC_A);
	assert_int_equal(RIG_VCPUS, uvc_count(UVC_CMD_DESTROY_SEC_CPU));
	expect_counts(&r, .half = 1, .count = 1);
	assert_int_equal(0, world_status(r.w).secure_vcpus);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

static void row_12_prepare_second(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 1);
	rig_enable(&r, 0);
	expect_pv(&r.v, PREPARE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .half = 1, .aside = 1, .count = 2);
	assert_int_equal(0, world_status(r.w).secure_vcpus);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void row_13_prepare_small_guest(void **state)
{
	struct world *w = world_create(world_keeping_model());
	struct vmm v;
	uint8_t *mem;

	vmm_start(&v, w);
	assert_int_equal(0, vmm_limit(&v, 2 * GIB));
	mem = vmm_memory(&v, 0, 0, MIB);
	vmm_vcpus(&v, 1);
	assert_int_equal(0, vmm_pv(&v, ENABLE));
	expect_pv(&v, PREPARE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_int_equal(1, world_status(w).half);
	assert_int_equal(0, world_status(w).secure_vcpus);
	expect_pv(&v, DISABLE, 0, 1, 0);
	vmm_exit(&v);
	vmm_free_memory(mem, MIB);
	world_destroy(w);
}

static void row_14_prepare_no_record(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 0);
	fail_alloc(ALLOC_OBJECT, 0, 1);
	expect_pv(&r.v, PREPARE, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .half = 1, .count = 1);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	rig_destroy(&r);
}

static void row_15_prepare_fast_fails(void **state)
{
	struct rig r;

	rig_create(&r, "z16");
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF_FAST, 0, 1, 0x104, 0, false);
	expect_pv(&r.v, PREPARE, -EIO, 0x104, 0);
	expect_counts(&r, .half = 1, .count = 1);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void row_16_prepare_no_table(void **state)
{
	struct rig r;
	uint64_t asce;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 2);
	asce = kvm_gmap_asce(r.v.kvm);
	fail_alloc(ALLOC_TABLE, 0, 1);
	expect_pv(&r.v, PREPARE, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .half = 1, .count = 1);
	assert_int_equal(asce, kvm_gmap_asce(r.v.kvm));
	/* The table is back on the list with the configuration gone: nothing is leaked. */
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	rig_destroy(&r);
}

static void row_17_prepare(void **state)
{
	struct rig r;
	uint64_t asce;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 3);
	asce = kvm_gmap_asce(r.v.kvm);
	expect_pv(&r.v, PREPARE, 0, 1, 42);
	expect_counts(&r, .aside = 1, .count = 1);
	assert_true(kvm_gmap_asce(r.v.kvm) != asce);
	assert_int_equal(3, world_status(r.w).storage.frames_secure);
	assert_int_equal(0, kvm_s390_pv_get_handle(r.v.kvm));
	rig_destroy(&r);
}

static void row_18_prepare_half_and_stuck(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 2);
	fail_alloc(ALLOC_TABLE, 0, 1);
	assert_int_equal(-ENOMEM, vmm_pv(&r.v, PREPARE));
	expect_counts(&r, .half = 1, .count = 1);
	expect_pv(&r.v, PREPARE, 0, 1, 42);
	expect_counts(&r, .aside = 1, .count = 1);
	expect_pv(&r.v, PERFORM, 0, 1, 0);

	rig_enable(&r, 2);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, RC_A, RRC_A, false);
	expect_pv(&r.v, DISABLE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .stuck = 1, .count = 1);
	expect_pv(&r.v, PREPARE, 0, 1, 42);
	expect_counts(&r, .aside = 1, .count = 1);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void row_19_prepare_beside_others(void **state)
{
	struct perform p;
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_enable(&r, 4);
	rig_prepare(&r);
	rig_perform_to_page(&r, &p, 0);
	expect_counts(&r, .tearing = 1, .leftover = 1, .count = 2);
	rig_enable(&r, 0);
	rig_prepare(&r);
	expect_counts(&r, .tearing = 1, .leftover = 1, .aside = 1, .count = 3);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	expect_counts(&r, .leftover = 1, .aside = 1, .count = 2);
	rig_destroy(&r);
}

/* ---- PERFORM ---- */

static void row_20_perform_refused(void **state)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	struct rig r;

	rig_create(&r, world_keeping_model());
	expect_pv(&r.v, PERFORM, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	rig_enable(&r, 0);
	expect_pv(&r.v, PERFORM, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .active = 1, .count = 1);
	rig_destroy(&r);

	params.async_destroy = false;
	rig_create_with(&r, &params);
	expect_pv(&r.v, PERFORM, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	rig_destroy(&r);
}

static void row_21_perform_starts(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_page(&r, &p, 2);
	expect_counts(&r, .tearing = 1, .count = 1);
	assert_null(r.v.kvm->arch.pv.set_aside);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	rig_destroy(&r);
}

static void row_22_perform_ends(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	expect_counts(&r, .count = 0);
	world_assert_quiet(r.w);
	assert_int_equal(0, world_status(r.w).uv.configs);
	rig_destroy(&r);

	/* The storages went with PREPARE; upstream leaves rc and rrc alone, here they say done. */
	rig_create_set_aside(&r, "z16", 4);
	assert_int_equal(4, world_status(r.w).storage.frames_orphan);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	expect_counts(&r, .count = 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void row_23_perform_destroy_fails(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, UINT32_MAX, RC_A, RRC_A, false);
	expect_pv(&r.v, PERFORM, -EIO, RC_A, RRC_A);
	expect_counts(&r, .leaked = 1, .count = 1);
	world_assert_quiet(r.w);
	assert_true(world_status(r.w).storage.bytes_leaked > 0);
	fail_clear();
	/* For ever: nothing tries it again. */
	rig_enable(&r, 0);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	expect_counts(&r, .leaked = 1, .count = 1);
	r.w->expect_leaked_configs = 1;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

static void row_24_fatal_signal(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 8);
	rig_perform_to_page(&r, &p, 3);
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(1, p.rc);
	assert_int_equal(42, p.rrc);
	expect_counts(&r, .leftover = 1, .count = 1);
	assert_true(world_status(r.w).storage.frames_secure > 0);
	assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CONF));
	rig_destroy(&r);
}

static void row_25_late_fatal_signal(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_uvc(&r, &p, UVC_CMD_DESTROY_SEC_CONF);
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(1, p.rc);
	assert_int_equal(0, p.rrc);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

/* At the last frame of all that the walk looks at: nothing is left to be done later. */
static void row_25_signal_at_the_last_page(void **state)
{
	struct rig r = {.w = world_create(world_keeping_model())};
	struct perform p;

	vmm_start(&r.v, r.w);
	r.high = vmm_memory(&r.v, 0, RIG_HIGH, RIG_SIZE);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	vmm_touch(&r.v, RIG_HIGH + RIG_SIZE - PAGE_SIZE, 1);
	rig_prepare(&r);
	gate_close(0);
	perform_start(&p, &r.v);
	gate_wait();
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(1, p.rc);
	assert_int_equal(0, p.rrc);
	expect_counts(&r, .count = 0);
	vmm_exit(&r.v);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

static void row_26_other_signal(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_page(&r, &p, 1);
	direct_kick(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(0, p.rrc);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void row_27_page_is_lost(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	fail_page((RIG_HIGH >> PAGE_SHIFT) + 1);
	fail_uvc(UVC_CMD_CONV_FROM_SEC_STOR, 0, UINT32_MAX, RC_A, RRC_A, false);
	/* DESTROY_SEC_CONF makes the rest accessible; what the walk lost stays lost. */
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	expect_counts(&r, .count = 0);
	assert_int_equal(1, world_status(r.w).storage.frames_lost);
	rig_destroy(&r);
}

/* ---- DISABLE ---- */

static void row_28_disable_refused(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	expect_pv(&r.v, DISABLE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	rig_leftover(&r);
	rig_enable(&r, 1);
	rig_prepare(&r);
	expect_pv(&r.v, DISABLE, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .aside = 1, .leftover = 1, .count = 2);
	rig_destroy(&r);
}

static void row_29_disable_cpu_fails(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 1);
	fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 1, 1, RC_A, RRC_A, true);
	expect_pv(&r.v, DISABLE, -EIO, RC_A, RRC_A);
	assert_int_equal(RIG_VCPUS, uvc_count(UVC_CMD_DESTROY_SEC_CPU));
	expect_counts(&r, .half = 1, .count = 1);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

static void row_30_disable(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_leftover(&r);
	rig_enable(&r, 4);
	rig_prepare(&r);
	rig_enable(&r, 4);
	expect_counts(&r, .active = 1, .aside = 1, .leftover = 2, .count = 4);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	expect_counts(&r, .count = 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void row_31_disable_active_fails(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_enable(&r, 2);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, RC_A, RRC_A, false);
	expect_pv(&r.v, DISABLE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .stuck = 1, .count = 1);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void row_32_disable_leftover_fails(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_leftover(&r);
	rig_leftover(&r);
	rig_enable(&r, 0);
	uvc_reset();
	/* The active one is first, then the leftovers, newest first. */
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 2, 1, RC_A, RRC_A, false);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 2, 1, RC_B, RRC_B, false);
	expect_pv(&r.v, DISABLE, -EIO, RC_A, RRC_A);
	assert_int_equal(4, uvc_count(UVC_CMD_DESTROY_SEC_CONF));
	expect_counts(&r, .leaked = 2, .count = 2);
	r.w->expect_leaked_configs = 2;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

static void row_33_disable_beside_perform(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_page(&r, &p, 1);
	rig_enable(&r, 0);
	expect_counts(&r, .active = 1, .tearing = 1, .count = 2);
	expect_pv(&r.v, DISABLE, 0, 1, 0);
	expect_counts(&r, .tearing = 1, .count = 1);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

/* ---- CPUs and slots ---- */

static void row_34_vcpu_of_protected_vm(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 0);
	vmm_vcpus(&r.v, 1);
	assert_int_equal(RIG_VCPUS + 1, world_status(r.w).secure_vcpus);
	fail_uvc(UVC_CMD_CREATE_SEC_CPU, 0, 1, RC_A, RRC_A, false);
	assert_int_equal(-EIO, vmm_ioctl(&r.v, KVM_CREATE_VCPU, 7));
	fail_alloc(ALLOC_CPU_STOR, 0, 1);
	assert_int_equal(-ENOMEM, vmm_ioctl(&r.v, KVM_CREATE_VCPU, 7));
	fail_clear();
	assert_int_equal(RIG_VCPUS + 1, world_status(r.w).vcpus);
	assert_true(vmm_ioctl(&r.v, KVM_CREATE_VCPU, 7) >= 0);
	rig_destroy(&r);
}

static void row_35_slot_of_protected_vm(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 0);
	assert_int_equal(-EINVAL, vmm_try_slot(&r.v, 1, RIG_HIGH, 0, NULL));
	assert_int_equal(-EINVAL, vmm_try_slot(&r.v, 1, 4 * GIB, RIG_SIZE, r.high));
	assert_int_equal(-EINVAL, vmm_try_slot(&r.v, 2, 4 * GIB, MIB, r.high));
	rig_destroy(&r);
}

static void row_36_slot_after_prepare(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	assert_int_equal(0, vmm_try_slot(&r.v, 1, 4 * GIB, RIG_SIZE, r.high));
	assert_int_equal(0, vmm_try_slot(&r.v, 1, 4 * GIB, 0, NULL));
	assert_int_equal(4, world_status(r.w).storage.frames_secure);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	assert_int_equal(0, world_status(r.w).storage.frames_secure);
	rig_destroy(&r);
}

/* ---- the end ---- */

/* The process ends while a second one keeps the VM file, so that the states between can be seen. */
static void end_of_mm(struct rig *r, struct vmm *heir)
{
	vmm_start(heir, r->w);
	heir->vm = direct_pass(r->v.mm, r->v.vm, heir->mm);
	assert_true(heir->vm >= 0);
	vmm_exit(&r->v);
}

static void end_of_heir(struct rig *r, struct vmm *heir)
{
	vmm_exit(heir);
	vmm_free_memory(r->low, RIG_SIZE);
	vmm_free_memory(r->high, RIG_SIZE);
	world_destroy(r->w);
}

static void row_37_notifier(void **state)
{
	struct vmm heir;
	struct rig r;

	rig_create(&r, "z15");
	rig_enable(&r, 4);
	end_of_mm(&r, &heir);
	assert_int_equal(1, world_status(r.w).half);
	assert_int_equal(0, world_status(r.w).secure_vcpus);
	assert_int_equal(0, world_status(r.w).storage.frames_secure);
	assert_int_equal(0, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	end_of_heir(&r, &heir);

	rig_create(&r, "z16");
	rig_enable(&r, 4);
	end_of_mm(&r, &heir);
	assert_int_equal(1, uvc_count(UVC_CMD_DESTROY_SEC_CONF_FAST));
	assert_int_equal(0, world_status(r.w).half);
	world_assert_quiet(r.w);
	end_of_heir(&r, &heir);
}

static void row_38_release_of_everything(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_enable(&r, 4);
	rig_prepare(&r);
	rig_enable(&r, 4);
	expect_counts(&r, .active = 1, .aside = 1, .leftover = 1, .count = 3);
	rig_destroy(&r);
}

/* It is stuck and stays so: all that it was given is kept from everybody, its top-level table too.
 */
static void row_38_release_leaks_what_is_stuck(void **state)
{
	const uint64_t mib = (RIG_HIGH + RIG_SIZE) / MIB, table = 4 * PAGE_SIZE;
	uint64_t leaked = table;
	struct rig r;

	rig_create(&r, "z15");
	leaked += r.v.kvm->machine->info.guest_base_stor_len;
	leaked += r.v.kvm->machine->info.guest_virt_base_stor_len;
	leaked += r.v.kvm->machine->info.guest_virt_var_stor_len * mib;
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, UINT32_MAX, RC_A, RRC_A, false);
	expect_pv(&r.v, DISABLE, -EIO, RC_A, RRC_A);
	vmm_exit(&r.v);
	assert_int_equal(leaked, world_status(r.w).storage.bytes_leaked);
	r.w->expect_leaked_configs = 1;
	r.w->expect_leaked_bytes = true;
	vmm_free_memory(r.low, RIG_SIZE);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

static void row_39_release_without_mm(void **state)
{
	struct vmm heir;
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_enable(&r, 4);
	rig_prepare(&r);
	end_of_mm(&r, &heir);
	assert_int_equal(1, world_status(r.w).aside);
	assert_int_equal(1, world_status(r.w).leftover);
	assert_int_equal(0, world_status(r.w).storage.frames_secure);
	end_of_heir(&r, &heir);
}

static void row_40_release_with_mm(void **state)
{
	struct vmm second;
	struct rig r;

	rig_create(&r, world_keeping_model());
	vmm_second_vm(&second, &r.v);
	assert_int_equal(0, vmm_try_slot(&second, 0, 0, RIG_SIZE, r.low));
	assert_int_equal(0, vmm_pv(&second, ENABLE));
	rig_enable(&r, 4);
	rig_prepare(&r);
	assert_int_equal(2, vmm_count(&second));
	vmm_close(&r.v);
	assert_int_equal(1, vmm_count(&second));
	assert_int_equal(1, world_status(r.w).active);
	assert_int_equal(0, world_status(r.w).aside);
	assert_int_equal(0, world_status(r.w).storage.frames_secure);
	/* The pages were made accessible, and are zeros. */
	for (size_t i = 0; i < 4 * PAGE_SIZE; i++)
		assert_int_equal(0, r.high[i]);
	rig_destroy(&r);
}

static void row_41_release_waits_for_perform(void **state)
{
	struct perform p;
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rig_perform_to_page(&r, &p, 1);
	/* The ioctl holds the file: the VM stays although its descriptors are gone. */
	vmm_close(&r.v);
	assert_int_equal(1, world_status(r.w).vms);
	assert_int_equal(1, world_status(r.w).tearing);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(0, world_status(r.w).vms);
	rig_destroy(&r);
}

static void row_42_commands_of_the_active_one(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_leftover(&r);
	rig_enable(&r, 4);
	rig_prepare(&r);
	rig_enable(&r, 0);
	assert_int_equal(-EINVAL, vmm_pv(&r.v, KVM_PV_VERIFY)); /* there is no image */
	assert_true(r.v.rc != UNTOUCHED_RC);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_UNSHARE_ALL));
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_PREP_RESET));
	expect_counts(&r, .active = 1, .aside = 1, .leftover = 1, .count = 3);
	assert_true(world_status(r.w).storage.frames_secure > 0);
	rig_destroy(&r);
}

/* It goes on with a table that the Ultravisor does not see: what is mapped now would never be
 * there. */
static void stuck_takes_no_pages(void **state)
{
	const struct kvm_s390_pv_unp unp = {.addr = RIG_LOW, .size = PAGE_SIZE};
	struct rig r;

	rig_create(&r, NULL);
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, 0x1aa, 1, false);
	expect_pv(&r.v, KVM_PV_DISABLE, -EIO, 0x1aa, 1);
	expect_counts(&r, .stuck = 1, .count = 1);
	assert_int_equal(-EINVAL, vmm_pv_data(&r.v, KVM_PV_UNPACK, &unp));
	assert_int_equal(UNTOUCHED_RC, r.v.rc);
	assert_int_equal(UNTOUCHED_RRC, r.v.rrc);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_DISABLE));
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_01_enable),
		cmocka_unit_test(row_01_enable_donates),
		cmocka_unit_test(row_02_enable_twice),
		cmocka_unit_test(row_03_enable_no_memory),
		cmocka_unit_test(row_04_create_conf_fails),
		cmocka_unit_test(row_05_create_conf_needs_destroy),
		cmocka_unit_test(row_06_create_conf_destroy_fails),
		cmocka_unit_test(row_07_cpu_no_memory),
		cmocka_unit_test(row_08_create_cpu_fails),
		cmocka_unit_test(row_09_undo_fails),
		cmocka_unit_test(row_10_prepare_refused),
		cmocka_unit_test(row_11_prepare_cpu_fails),
		cmocka_unit_test(row_12_prepare_second),
		cmocka_unit_test(row_13_prepare_small_guest),
		cmocka_unit_test(row_14_prepare_no_record),
		cmocka_unit_test(row_15_prepare_fast_fails),
		cmocka_unit_test(row_16_prepare_no_table),
		cmocka_unit_test(row_17_prepare),
		cmocka_unit_test(row_18_prepare_half_and_stuck),
		cmocka_unit_test(row_19_prepare_beside_others),
		cmocka_unit_test(row_20_perform_refused),
		cmocka_unit_test(row_21_perform_starts),
		cmocka_unit_test(row_22_perform_ends),
		cmocka_unit_test(row_23_perform_destroy_fails),
		cmocka_unit_test(row_24_fatal_signal),
		cmocka_unit_test(row_25_late_fatal_signal),
		cmocka_unit_test(row_25_signal_at_the_last_page),
		cmocka_unit_test(row_26_other_signal),
		cmocka_unit_test(row_27_page_is_lost),
		cmocka_unit_test(row_28_disable_refused),
		cmocka_unit_test(row_29_disable_cpu_fails),
		cmocka_unit_test(row_30_disable),
		cmocka_unit_test(row_31_disable_active_fails),
		cmocka_unit_test(row_32_disable_leftover_fails),
		cmocka_unit_test(row_33_disable_beside_perform),
		cmocka_unit_test(row_34_vcpu_of_protected_vm),
		cmocka_unit_test(row_35_slot_of_protected_vm),
		cmocka_unit_test(row_36_slot_after_prepare),
		cmocka_unit_test(row_37_notifier),
		cmocka_unit_test(row_38_release_of_everything),
		cmocka_unit_test(row_38_release_leaks_what_is_stuck),
		cmocka_unit_test(row_39_release_without_mm),
		cmocka_unit_test(row_40_release_with_mm),
		cmocka_unit_test(row_41_release_waits_for_perform),
		cmocka_unit_test(row_42_commands_of_the_active_one),
		cmocka_unit_test(stuck_takes_no_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
