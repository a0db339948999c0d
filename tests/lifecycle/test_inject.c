// SPDX-License-Identifier: GPL-2.0-or-later
/* Each outcome that a rule can ask for, in the words that the command line takes. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/inject.h"
#include "tests/lifecycle/rig.h"

#define PREPARE KVM_PV_ASYNC_CLEANUP_PREPARE
#define PERFORM KVM_PV_ASYNC_CLEANUP_PERFORM

static int64_t rule(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int64_t rule(const char *format, ...)
{
	char text[200], why[256] = "";
	va_list args;
	int64_t number;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	number = inject_install(text, why, sizeof(why));
	assert_string_equal(why, "");
	assert_true(number > 0);
	return number;
}

static int clear(void **state)
{
	inject_clear();
	return 0;
}

static void test_rc_and_rrc(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rule("uvc=CREATE_SEC_CONF,nth=1,rc=0x1aa,rrc=0x2b");
	expect_pv(&r.v, KVM_PV_ENABLE, -EIO, 0x1aa, 0x2b);
	rig_enable(&r, 1);
	rig_destroy(&r);
}

static void test_cc_1(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rule("uvc=CREATE_SEC_CPU,nth=2,cc=1");
	expect_pv(&r.v, KVM_PV_ENABLE, -EIO, UVC_RC_INV_STATE, 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void test_busy_and_partial_for_a_while(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 1);
	uvc_reset();
	rule("uvc=DESTROY_SEC_CONF,cc=2,count=3");
	rule("uvc=DESTROY_SEC_CPU,cc=3,count=4");
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void test_need_destroy(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rule("uvc=CREATE_SEC_CONF,nth=1,need-destroy,rc=0x10e");
	expect_pv(&r.v, KVM_PV_ENABLE, -EIO, 0x10e | UVC_RC_NEED_DESTROY, 0);
	world_assert_quiet(r.w); /* what was made has been destroyed */
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void test_enomem(void **state)
{
	static const char *const kinds[] = {"conf-base", "conf-var", "cpu-stor", "page"};
	struct rig r;

	rig_create(&r, world_keeping_model());
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		rule("alloc=%s,nth=1", kinds[i]);
		assert_int_equal(vmm_pv(&r.v, KVM_PV_ENABLE), -ENOMEM);
		world_assert_quiet(r.w);
	}
	rig_enable(&r, 1);
	rule("alloc=table,nth=1");
	expect_pv(&r.v, PREPARE, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .half = 1, .count = 1);
	rig_destroy(&r);
}

/* rc lies in bytes 4 and 5, rrc in bytes 6 and 7 of the block. */
static void test_short_copy(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rule("copy-from,bytes=32,nth=1");
	expect_pv(&r.v, KVM_PV_ENABLE, -EFAULT, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .count = 0);
	rule("copy-to,bytes=32,nth=1");
	expect_pv(&r.v, KVM_PV_ENABLE, -EFAULT, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .active = 1, .count = 1);
	rule("copy-to,bytes=32,nth=1,short=6");
	expect_pv(&r.v, KVM_PV_DISABLE, -EFAULT, 1, UNTOUCHED_RRC);
	expect_counts(&r, .count = 0);
	/* The command is cut off: what was not copied counts as 0, which is ENABLE. */
	rule("copy-from,bytes=32,nth=1,short=2");
	expect_pv(&r.v, KVM_PV_ENABLE, -EFAULT, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void test_one_configuration_only(void **state)
{
	struct rig r;
	uint64_t handle;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 1);
	handle = atomic_load(&r.v.kvm->arch.pv.handle);
	rule("uvc=DESTROY_SEC_CONF,config=%#lx,rc=0x1aa", handle ^ 1);
	rule("uvc=VERIFY_IMG,config=%#lx,rc=0x1bb", handle);
	expect_pv(&r.v, KVM_PV_VERIFY, -EINVAL, 0x1bb, 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_destroy(&r);
}

static void test_every_kth_and_probability(void **state)
{
	unsigned int failed[2] = {0, 0};
	struct rig r;

	rig_create(&r, world_keeping_model());
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	rule("uvc=SET_UNSHARE_ALL,every=3,rc=0x1aa");
	for (int i = 1; i <= 9; i++)
		assert_int_equal(i % 3 ? 0 : -EINVAL, vmm_pv(&r.v, KVM_PV_UNSHARE_ALL));
	inject_clear();
	for (int round = 0; round < 2; round++) {
		rule("uvc=SET_UNSHARE_ALL,prob=0.5,seed=7");
		for (int i = 0; i < 20; i++) {
			if (vmm_pv(&r.v, KVM_PV_UNSHARE_ALL))
				failed[round] |= 1U << i;
		}
		inject_clear();
	}
	assert_int_equal(failed[0], failed[1]);
	assert_int_not_equal(failed[0], 0);
	assert_int_not_equal(failed[0], 0xfffff);
	rig_destroy(&r);
}

/* The race stays open until the rule is taken away: meanwhile the next guest comes and goes. */
static void test_hold(void **state)
{
	struct perform p;
	struct rig r;
	int64_t hold;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	hold = rule("destroy-page,nth=3,hold");
	perform_start(&p, &r.v);
	assert_int_equal(inject_wait_hits(hold, 1), 0);
	expect_counts(&r, .tearing = 1, .count = 1);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	expect_counts(&r, .active = 1, .tearing = 1, .count = 2);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	expect_counts(&r, .tearing = 1, .count = 1);
	assert_int_equal(inject_remove(hold), 0);
	assert_int_equal(0, perform_join(&p));
	expect_counts(&r, .count = 0);
	rig_destroy(&r);
}

static void test_page_is_exported_instead(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, world_keeping_model(), 4);
	rule("destroy-page,gfn=%lu", (RIG_HIGH / PAGE_SIZE) + 2);
	uvc_reset();
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

/* A wake-up that gets lost is counted as a hit; tests/unit/host shows a task that sleeps on. */
static void test_lost_wake_up(void **state)
{
	char *list = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&list, &size);

	rule("wake,nth=1");
	assert_true(inject(INJECT_WAKE, 0, 0, NULL));
	assert_false(inject(INJECT_WAKE, 0, 0, NULL));
	inject_list(out);
	fclose(out);
	assert_non_null(strstr(list, "covered 2, hit 1"));
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_rc_and_rrc, clear),
		cmocka_unit_test_teardown(test_cc_1, clear),
		cmocka_unit_test_teardown(test_busy_and_partial_for_a_while, clear),
		cmocka_unit_test_teardown(test_need_destroy, clear),
		cmocka_unit_test_teardown(test_enomem, clear),
		cmocka_unit_test_teardown(test_short_copy, clear),
		cmocka_unit_test_teardown(test_one_configuration_only, clear),
		cmocka_unit_test_teardown(test_every_kth_and_probability, clear),
		cmocka_unit_test_teardown(test_hold, clear),
		cmocka_unit_test_teardown(test_page_is_exported_instead, clear),
		cmocka_unit_test_teardown(test_lost_wake_up, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
