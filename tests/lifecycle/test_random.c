// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random reboots: commands in any order, failures at any call and allocation,
 * PERFORMs that run beside everything and are killed anywhere. After every step
 * the counts must add up, at the end nothing may be left but what a failed
 * DESTROY forces to leak.
 *
 * PROTVIRT_SEED=n repeats a run; the seed is printed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/lifecycle/rig.h"

#define ROUNDS      24
#define STEPS       60
#define MAX_THREADS 3

#define RC_A 0x1aa

/**
 * struct run - one round
 * @p: PERFORMs in threads; @active says which
 * @may_leak: a DESTROY was made to fail
 */
struct run {
	struct rig r;
	struct perform p[MAX_THREADS];
	bool active[MAX_THREADS];
	bool may_leak;
};

static uint32_t random_state;

static uint32_t any(uint32_t n)
{
	/* xorshift: the same sequence everywhere */
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % n;
}

/* ---- invariants ---- */

static void check_counts(struct run *u)
{
	struct machine_status s = world_status(u->r.w);
	uint64_t configs =
		s.active + s.half + s.stuck + s.aside + s.tearing + s.leftover + s.leaked;
	bool threads = u->active[0] || u->active[1] || u->active[2];

	/* A PERFORM that ends just now changes state and count one after the other. */
	if (!threads)
		assert_int_equal(vmm_count(&u->r.v), configs + s.cleanups);
	assert_true(s.active + s.half + s.stuck <= 1);
	assert_true(s.aside <= 1);
	assert_int_equal(kvm_s390_pv_get_handle(u->r.v.kvm) != 0, s.active + s.half + s.stuck);
	assert_true(u->may_leak || (!s.leaked && !s.stuck && !s.storage.bytes_leaked));
	if (!configs)
		assert_int_equal(0, s.storage.frames_secure + s.storage.frames_orphan +
					    s.storage.frames_residue);
	if (!s.active)
		assert_int_equal(0, s.secure_vcpus);
}

/* ---- failures ---- */

static void arm_uvc(struct run *u)
{
	switch (any(8)) {
	case 0:
		fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, RC_A, 1, false);
		break;
	case 1:
		fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, UVC_RC_NEED_DESTROY | RC_A, 2, true);
		break;
	case 2:
		fail_uvc(UVC_CMD_CREATE_SEC_CPU, any(3), 1, RC_A, 3, false);
		break;
	case 3:
		/* carried out: a CPU that stays would keep its configuration for ever */
		fail_uvc(UVC_CMD_DESTROY_SEC_CPU, any(3), 1, RC_A, 4, true);
		u->may_leak = true;
		break;
	case 4:
		fail_uvc(UVC_CMD_DESTROY_SEC_CONF, any(3), 1, RC_A, 5, any(4) == 0);
		u->may_leak = true;
		break;
	case 5:
		fail_uvc(UVC_CMD_DESTROY_SEC_CONF_FAST, 0, 1, 0x104, 6, false);
		break;
	case 6:
		fail_uvc(UVC_CMD_CONDEMN_SEC_CONF, 0, 1, RC_A, 7, any(2));
		break;
	default:
		fail_page((RIG_HIGH >> PAGE_SHIFT) + any(8));
	}
}

static void arm_failure(struct run *u)
{
	switch (any(3)) {
	case 0:
		arm_uvc(u);
		break;
	case 1:
		fail_any_alloc(any(12));
		break;
	}
}

/* ---- steps ---- */

static void join_perform(struct run *u, uint32_t i)
{
	long ret;

	if (!u->active[i])
		return;
	ret = perform_join(&u->p[i]);
	u->active[i] = false;
	assert_true(ret == 0 || ret == -EINVAL || ret == -EIO);
	if (ret == 0)
		assert_true(u->p[i].rc == 1 && (u->p[i].rrc == 0 || u->p[i].rrc == 42));
}

static uint64_t performs_running(const struct run *u)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < sizeof(u->active) / sizeof(u->active[0]); i++)
		n += u->active[i];
	return n;
}

static void start_perform(struct run *u, uint32_t i, bool kill)
{
	join_perform(u, i);
	perform_start(&u->p[i], &u->r.v);
	u->active[i] = true;
	if (kill)
		perform_kill(&u->p[i]);
}

static void enable(struct run *u)
{
	bool before = kvm_s390_pv_get_handle(u->r.v.kvm);
	long ret = vmm_pv(&u->r.v, KVM_PV_ENABLE);

	assert_true(ret == 0 || ret == -ENOMEM || ret == -EIO || (before && ret == -EINVAL));
	if (ret == 0)
		assert_int_equal(1, world_status(u->r.w).active);
}

static void disable(struct run *u)
{
	bool before = kvm_s390_pv_get_handle(u->r.v.kvm);
	long ret = vmm_pv(&u->r.v, KVM_PV_DISABLE);

	assert_true(before ? ret == 0 || ret == -EIO : ret == -EINVAL);
	if (ret == 0) {
		assert_int_equal(0, kvm_s390_pv_get_handle(u->r.v.kvm));
		assert_int_equal(0, world_status(u->r.w).aside);
		/* A killed PERFORM that was under way leaves its own behind after this. */
		assert_true(world_status(u->r.w).leftover <= performs_running(u));
		assert_int_equal(1, u->r.v.rc);
	}
}

static void prepare(struct run *u)
{
	bool before = kvm_s390_pv_get_handle(u->r.v.kvm);
	long ret = vmm_pv(&u->r.v, KVM_PV_ASYNC_CLEANUP_PREPARE);

	assert_true(ret == 0 || ret == -EINVAL || ret == -ENOMEM || ret == -EIO);
	assert_true(before || ret == -EINVAL);
	if (ret == 0) {
		assert_int_equal(42, u->r.v.rrc);
		assert_int_equal(0, kvm_s390_pv_get_handle(u->r.v.kvm));
	}
}

/* The guest, if it runs, touches a page, which an earlier one may own. */
static void touch(struct run *u)
{
	fail_clear();
	if (world_status(u->r.w).active)
		vmm_take_over(&u->r.v, (any(2) ? RIG_LOW : RIG_HIGH) + any(64) * PAGE_SIZE,
			      1 + any(4));
}

static void move_slot(struct run *u)
{
	gpa_t gpa = (4 + any(8)) * GIB;
	long ret = vmm_try_slot(&u->r.v, 2, gpa, MIB, u->r.low + 2 * MIB);

	assert_true(ret == 0 || ret == -ENOMEM || ret == -EINVAL);
}

static void step(struct run *u)
{
	fail_clear();
	arm_failure(u);
	switch (any(10)) {
	case 0:
	case 1:
		enable(u);
		break;
	case 2:
		disable(u);
		break;
	case 3:
	case 4:
		prepare(u);
		break;
	case 5:
		start_perform(u, any(MAX_THREADS), false);
		break;
	case 6:
		start_perform(u, any(MAX_THREADS), true);
		break;
	case 7:
		join_perform(u, any(MAX_THREADS));
		break;
	case 8:
		move_slot(u);
		break;
	default:
		touch(u);
	}
	check_counts(u);
}

static void end(struct run *u)
{
	struct machine_status s;

	fail_clear();
	for (uint32_t i = 0; i < MAX_THREADS; i++)
		join_perform(u, i);
	check_counts(u);
	if (any(2))
		vmm_close(&u->r.v); /* the process lives on */
	/* What cannot be destroyed now is given up at the release. */
	s = world_status(u->r.w);
	u->r.w->expect_leaks_of_any_number = u->may_leak;
	assert_true(u->may_leak || !s.leaked);
	rig_destroy(&u->r);
}

static void scenario_66_random_reboots(void **state)
{
	const char *models[] = {"z15", "z16", "z17", "proposal"};

	for (int round = 0; round < ROUNDS; round++) {
		struct run u = {0};

		rig_create(&u.r, models[round % 4]);
		for (int i = 0; i < STEPS; i++)
			step(&u);
		end(&u);
	}
}

int main(void)
{
	const char *seed = getenv("PROTVIRT_SEED");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenario_66_random_reboots),
	};

	random_state = seed ? (uint32_t)strtoul(seed, NULL, 0) : (uint32_t)time(NULL);
	if (!random_state)
		random_state = 1;
	printf("# PROTVIRT_SEED=%u\n", random_state);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
