// SPDX-License-Identifier: GPL-2.0-or-later
/* What is told of teardowns while they happen, and that nobody is told too early. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lifecycle/rig.h"
#include "uv/trace.h"

#define PREPARE KVM_PV_ASYNC_CLEANUP_PREPARE
#define PERFORM KVM_PV_ASYNC_CLEANUP_PERFORM

/* The events from number @*at on are these, in this order, and no others; "teardown-progress" may
 * come any number of times. */
static void expect_events(struct rig *r, uint64_t *at, const char *const *names)
{
	struct uv_trace *t = machine_events(r->w->m);
	struct uv_trace_event e;

	for (; *names; names++) {
		do
			assert_int_equal(uv_trace_read(t, (*at)++, &e), UV_TRACE_EVENT);
		while (!strcmp(e.name, "teardown-progress") && strcmp(*names, e.name) != 0);
		assert_string_equal(e.name, *names);
		assert_int_equal(e.kind, UV_TRACE_KVM);
		assert_int_equal(e.vm, 1);
	}
	assert_int_equal(uv_trace_next(t), *at);
}

#define EXPECT_EVENTS(r, at, ...) expect_events((r), (at), (const char *const[]){__VA_ARGS__, NULL})

static struct uv_trace_event last_event(struct rig *r)
{
	struct uv_trace *t = machine_events(r->w->m);
	struct uv_trace_event e;

	assert_int_equal(uv_trace_read(t, uv_trace_next(t) - 1, &e), UV_TRACE_EVENT);
	return e;
}

static void one_life(const char *model, bool replaces)
{
	struct uv_trace_event e;
	uint64_t at = 0, handle;
	struct rig r;

	rig_create(&r, model);
	rig_enable(&r, 4);
	EXPECT_EVENTS(&r, &at, "configuration-active");
	handle = last_event(&r).handle;
	assert_int_not_equal(handle, 0);
	rig_prepare(&r);
	if (replaces)
		EXPECT_EVENTS(&r, &at, "asce-replaced", "configuration-aside", "teardown-aside",
			      "vm-unprotected");
	else
		EXPECT_EVENTS(&r, &at, "configuration-aside", "teardown-aside", "vm-unprotected");
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	EXPECT_EVENTS(&r, &at, "configuration-tearing", "teardown-begin", "configuration-destroyed",
		      "teardown-done");
	e = last_event(&r);
	assert_int_equal(e.handle, handle); /* of a configuration destroyed fast, too */
	assert_int_equal(e.teardown, 1);
	assert_int_equal(e.total, 4);
	assert_int_equal(e.count, 0);
	assert_int_equal(e.rc, 1);
	assert_int_equal(e.rrc, 0);
	assert_true(e.duration_ns > 0);
	rig_destroy(&r);
}

static void test_one_life(void **state)
{
	one_life("z15", true);
	one_life("z17", false);
}

static void test_listed_while_it_goes(void **state)
{
	struct machine_teardown t[2];
	struct perform p;
	struct rig r;

	rig_create(&r, "z15");
	assert_int_equal(machine_get_teardowns(r.w->m, t, 2), 0);
	assert_true(machine_teardown_over(r.w->m, 0));
	rig_enable(&r, 4);
	rig_prepare(&r);
	assert_int_equal(machine_get_teardowns(r.w->m, t, 2), 1);
	assert_string_equal(t[0].state, "aside");
	assert_int_equal(t[0].number, 1);
	assert_int_equal(t[0].vm, 1);
	assert_int_equal(t[0].total, 4);
	assert_int_equal(t[0].left, 4);
	assert_int_equal(t[0].perform_ns, 0);
	rig_perform_to_page(&r, &p, 2);
	assert_int_equal(machine_get_teardowns(r.w->m, t, 2), 1);
	assert_string_equal(t[0].state, "tearing");
	assert_int_equal(t[0].at_perform, 4);
	assert_true(t[0].perform_ns > 0);
	assert_false(machine_teardown_over(r.w->m, 0));
	assert_false(machine_teardown_over(r.w->m, 1));
	assert_true(machine_teardown_over(r.w->m, 2)); /* another VM's */
	rig_enable(&r, 0);
	rig_prepare(&r);
	assert_int_equal(machine_get_teardowns(r.w->m, t, 1), 2);
	assert_int_equal(t[0].number, 2); /* the newest first */
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(machine_get_teardowns(r.w->m, t, 2), 1);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	assert_true(machine_teardown_over(r.w->m, 0));
	rig_destroy(&r);
}

/* A backing is walked in parts; each that takes pages away is told, with what is left. */
static void test_progress(void **state)
{
	const gpa_t pages[] = {RIG_HIGH, RIG_HIGH + RIG_SIZE / 2, RIG_HIGH + RIG_SIZE - PAGE_SIZE};
	static const uint64_t left[] = {2, 0};
	struct uv_trace_event e;
	struct uv_trace *t;
	unsigned int told = 0;
	struct rig r;

	rig_create(&r, "z15");
	t = machine_events(r.w->m);
	rig_enable(&r, 0);
	for (size_t i = 0; i < 3; i++)
		vmm_touch(&r.v, pages[i], 1);
	rig_prepare(&r);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	for (uint64_t at = 0; at < uv_trace_next(t); at++) {
		assert_int_equal(uv_trace_read(t, at, &e), UV_TRACE_EVENT);
		if (strcmp(e.name, "teardown-progress") != 0)
			continue;
		assert_true(told < 2);
		assert_int_equal(left[told++], e.count);
		assert_int_equal(3, e.total);
		assert_true(e.duration_ns > 0);
	}
	assert_int_equal(2, told);
	rig_destroy(&r);
}

static void test_leftover(void **state)
{
	struct machine_teardown t[1];
	uint64_t at = 0;
	struct rig r;

	rig_create(&r, "z15");
	rig_leftover(&r);
	EXPECT_EVENTS(&r, &at, "configuration-active", "asce-replaced", "configuration-aside",
		      "teardown-aside", "vm-unprotected", "configuration-tearing", "teardown-begin",
		      "configuration-leftover", "teardown-leftover");
	assert_int_equal(machine_get_teardowns(r.w->m, t, 1), 1);
	assert_string_equal(t[0].state, "leftover");
	assert_false(machine_teardown_over(r.w->m, 1));
	rig_enable(&r, 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	EXPECT_EVENTS(&r, &at, "configuration-active", "cleanup-begin", "vm-unprotected",
		      "configuration-destroyed", "teardown-done", "cleanup-end");
	assert_true(machine_teardown_over(r.w->m, 1));
	rig_destroy(&r);
}

static void test_failure(void **state)
{
	struct uv_trace_event e;
	uint64_t at = 0;
	struct rig r;

	rig_create_set_aside(&r, "z15", 2);
	at = uv_trace_next(machine_events(r.w->m));
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, 0x1aa, 0x0a, false);
	expect_pv(&r.v, PERFORM, -EIO, 0x1aa, 0x0a);
	fail_clear();
	EXPECT_EVENTS(&r, &at, "configuration-tearing", "teardown-begin", "configuration-leaked",
		      "teardown-failed");
	e = last_event(&r);
	assert_int_equal(e.rc, 0x1aa);
	assert_int_equal(e.rrc, 0x0a);
	assert_true(machine_teardown_over(r.w->m, 1)); /* its pages are free all the same */
	r.w->expect_leaked_configs = 1;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

/* The end is told when the last page is free, also where the configuration goes first. */
static void test_end_of_everything(void **state)
{
	struct uv_trace *t;
	struct uv_trace_event e;
	unsigned int ends = 0;
	struct rig r;

	rig_create(&r, "z17");
	rig_leftover(&r);
	rig_enable(&r, 0);
	vmm_touch(&r.v, RIG_HIGH + MIB, 4);
	rig_prepare(&r);
	vmm_close(&r.v);
	assert_true(machine_teardown_over(r.w->m, 0));
	t = machine_events(r.w->m);
	for (uint64_t n = 0; n < uv_trace_next(t); n++) {
		assert_int_equal(uv_trace_read(t, n, &e), UV_TRACE_EVENT);
		if (strcmp(e.name, "teardown-done"))
			continue;
		assert_int_equal(e.count, 0);
		ends++;
	}
	assert_int_equal(ends, 2);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void end_of_address_space(const char *model, const char *const *names)
{
	struct rig r;
	uint64_t at;

	rig_create(&r, model);
	rig_enable(&r, 4);
	at = uv_trace_next(machine_events(r.w->m));
	vmm_exit(&r.v);
	expect_events(&r, &at, names);
	vmm_free_memory(r.low, RIG_SIZE);
	vmm_free_memory(r.high, RIG_SIZE);
	world_destroy(r.w);
}

/* First the CPUs, and the configuration if that is quick; the descriptors after it. */
static void test_end_of_address_space(void **state)
{
	const char *const keeping[] = {"address-space-end", "configuration-half", "cleanup-begin",
				       "vm-unprotected",    "cleanup-end",        NULL};
	const char *const fast[] = {"address-space-end", "configuration-half", "vm-unprotected",
				    "cleanup-begin",     "cleanup-end",        NULL};

	end_of_address_space("z15", keeping);
	end_of_address_space("z17", fast);
}

/* The count of the address space is 0: nothing may be raised, walked or told. */
static void test_end_of_a_vm_that_never_was_protected(void **state)
{
	struct rig r;
	uint64_t at = 0;

	rig_create(&r, "z17");
	uvc_reset();
	vmm_close(&r.v);
	expect_events(&r, &at, (const char *const[]){NULL});
	assert_int_equal(0, vmm_count(&r.v));
	rig_destroy(&r);
}

/* Transitions stand in the trace between the calls that they led to; calls with the time they took.
 */
static void test_in_the_trace(void **state)
{
	struct uv_trace *t;
	struct uv_trace_event e;
	const char *wanted[] = {"CREATE_SEC_CONF",     "configuration-active", "DESTROY_SEC_CPU",
				"configuration-aside", "teardown-begin",       "DESTR_SEC_STOR",
				"DESTROY_SEC_CONF",    "teardown-done"};
	unsigned int found = 0;
	struct rig r;

	rig_create_set_aside(&r, "z15", 4);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	t = uv_trace(machine_uv(r.w->m));
	for (uint64_t n = 0; n < uv_trace_next(t) && found < 8; n++) {
		assert_int_equal(uv_trace_read(t, n, &e), UV_TRACE_EVENT);
		found += !strcmp(e.name, wanted[found]);
		assert_true(e.kind == UV_TRACE_KVM || e.duration_ns > 0);
	}
	assert_int_equal(found, 8);
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_life),
		cmocka_unit_test(test_listed_while_it_goes),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_leftover),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_end_of_everything),
		cmocka_unit_test(test_end_of_address_space),
		cmocka_unit_test(test_in_the_trace),
		cmocka_unit_test(test_end_of_a_vm_that_never_was_protected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
