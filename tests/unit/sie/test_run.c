/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running code: ends of a run, execution order, EXECUTE, page ends, code that changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "storage/inject.h"
#include "tests/unit/sie/fixture.h"
#include "tests/unit/sie/told.h"

static void arithmetic_and_wait(void **state)
{
	struct fx *f = *state;

	fx_start(f, "a7190005" /* lghi 1,5 */ "a7290007" /* lghi 2,7 */
		    "b9080012" /* agr 1,2 */ FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(12, f->cpu[0].state.gprs[1]);
}

static void loop_branches_back(void **state)
{
	struct fx *f = *state;

	fx_start(f, "a7190000"
		    "a72903e8" /* 1000 */
		    "a71b0001" /* aghi 1,1 */ "a727fffe" /* brctg 2,.-4 */ FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(1000, f->cpu[0].state.gprs[1]);
}

static void diagnose_leaves(void **state)
{
	struct fx *f = *state;

	fx_start(f, "83120500");
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(ICPT_INST, f->cpu[0].scb.icptcode);
	assert_int_equal(0x8312, be16_get(f->cpu[0].scb.ipa));
	assert_int_equal(0x05000000, be32_get(f->cpu[0].scb.ipb));
	assert_int_equal(FX_CODE + 4, be64_get(f->cpu[0].scb.gpsw_addr));
	assert_int_equal(0, f->cpu[0].scb.icptstatus);
}

static void executed_diagnose_tells_length(void **state)
{
	struct fx *f = *state;

	fx_put(f, 0x3000, "83120500");
	fx_start(f, "44003000" /* ex 0,0x... base 3 */);
	f->cpu[0].state.gprs[3] = 0x3000;
	fx_put(f, FX_CODE, "44003000");
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(0x8312, be16_get(f->cpu[0].scb.ipa));
	assert_int_equal(0x41, f->cpu[0].scb.icptstatus);
	assert_int_equal(FX_CODE + 4, be64_get(f->cpu[0].scb.gpsw_addr));
}

static void missing_page_is_a_fault(void **state)
{
	struct fx *f = *state;

	fx_start(f, "e31080000024" /* stg 1,0(8) */ FX_END);
	f->cpu[0].state.gprs[8] = 0x9008;
	f->cpu[0].state.gprs[1] = 0x1122334455667788;
	atomic_store(&f->unmapped[9], 1);
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(0x9000, f->cpu[0].fault.gpa);
	assert_int_equal(0, f->cpu[0].fault.code);
	assert_true(f->cpu[0].fault.write);
	assert_int_equal(FX_CODE, be64_get(f->cpu[0].scb.gpsw_addr));
	atomic_store(&f->unmapped[9], 0);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x1122334455667788, fx_get8(f, 0x9008));
}

static void store_across_pages_is_all_or_nothing(void **state)
{
	struct fx *f = *state;

	fx_start(f, "e31080000024" FX_END);
	f->cpu[0].state.gprs[8] = 0x8ffc;
	f->cpu[0].state.gprs[1] = 0x1122334455667788;
	atomic_store(&f->unmapped[9], 1);
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(0, fx_get4(f, 0x8ffc));
	atomic_store(&f->unmapped[9], 0);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x1122334455667788, fx_get8(f, 0x8ffc));
}

static void instruction_across_pages(void **state)
{
	struct fx *f = *state;

	for (uint64_t at = 0x2ffa; at <= 0x2ffe; at += 2) {
		fx_put(f, at, "c0190000abcd" /* iilf 1 */ FX_END);
		fx_psw(f, FX_PSW_MASK, at);
		f->cpu[0].state.gprs[1] = 0;
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(0xabcd, f->cpu[0].state.gprs[1]);
	}
}

static void straight_on_into_the_next_page(void **state)
{
	struct fx *f = *state;

	fx_put(f, 0x2ffc,
	       "a7190001"
	       "a71b0002" FX_END);
	fx_psw(f, FX_PSW_MASK, 0x2ffc);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, f->cpu[0].state.gprs[1]);
}

/* MVI into an instruction ahead that has been decoded by an earlier turn of the loop */
static void store_ahead_changes_what_runs(void **state)
{
	struct fx *f = *state;

	fx_start(f, "a7290002" /* 2000 lghi 2,2 */
		    "a7190001" /* 2004 lghi 1,1 */
		    "b9080031" /* 2008 agr 3,1 */
		    "9205c007" /* 200c mvi 7(12),5: the loop's lghi 1,1 becomes 1,5 */
		    "a727fffa" /* 2010 brctg 2,2004 */
		 FX_END);
	f->cpu[0].state.gprs[12] = FX_CODE;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(6, f->cpu[0].state.gprs[3]);
}

static void host_store_is_seen_at_next_entry(void **state)
{
	struct fx *f = *state;

	fx_start(f, "a7190001" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	fx_start(f, "a7190002" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(2, f->cpu[0].state.gprs[1]);
}

static void kick_ends_an_endless_loop(void **state)
{
	struct fx *f = *state;

	fx_start(f, "a7f40000");
	sie_kick(f->cpu[0].sie);
	assert_int_equal(SIE_KICKED, fx_run(f));
	assert_int_equal(FX_CODE, be64_get(f->cpu[0].scb.gpsw_addr));
}

static void stop_request_ends_an_endless_loop(void **state)
{
	struct fx *f = *state;

	fx_start(f, "a7f40000");
	f->cpu[0].scb.cpuflags = be32_make(CPUSTAT_STOP_INT);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(ICPT_STOP, f->cpu[0].scb.icptcode);
}

static void prefixing(void **state)
{
	struct fx *f = *state;

	fx_start(f, "58100010" /* l 1,0x10 */ "58200000" /* l 2,0(0): absolute 4000 */
		    "b2b23300" /* lpswe 0x300(3) */);
	f->cpu[0].scb.prefix = be32_make(0x4000);
	f->cpu[0].state.gprs[3] = 0x4000;
	fx_set4(f, 0x4010, 0x11112222);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x11112222, f->cpu[0].state.gprs[1]);
}

/* Decoded code cannot be allocated: other code is dropped, then the run ends */
static _Atomic int fail_from, fail_n;

static bool fail_alloc(enum inject_point point, uint32_t detail, uint64_t subject,
		       struct inject_outcome *outcome)
{
	if (point != INJECT_ALLOC)
		return false;
	return atomic_fetch_sub(&fail_from, 1) <= 0 && atomic_fetch_sub(&fail_n, 1) > 0;
}

static void fail_allocations(int from, int n)
{
	atomic_store(&fail_from, from);
	atomic_store(&fail_n, n);
	atomic_store(&inject_hook, n ? fail_alloc : NULL);
}

/* Two pages that call each other: lghi 1,3; L: brasl 2,0x3000; brctg 1,L; end. There: br 2 */
static void start_two_pages(struct fx *f)
{
	fx_put(f, 0x3000, "a73b0001" /* aghi 3,1 */ "07f2");
	f->cpu[0].state.gprs[3] = 0;
	fx_start(f, "a7190003 c025000007fe a717fffd" FX_END);
}

static void memory_for_one_page_will_do(void **state)
{
	struct fx *f = *state;

	/* the second page's allocation fails once: the first page goes and comes again */
	fail_allocations(1, 1);
	start_two_pages(f);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, f->cpu[0].state.gprs[3]);
	assert_true(atomic_load(&fail_n) <= 0);
	fail_allocations(0, 0);
}

static void no_memory_ends_the_run(void **state)
{
	struct fx *f = *state;

	fail_allocations(1, 2);
	start_two_pages(f);
	assert_int_equal(SIE_NO_MEMORY, fx_run(f));
	assert_int_equal(0x3000, be64_get(f->cpu[0].scb.gpsw_addr));
	assert_int_equal(FX_CODE + 10, f->cpu[0].state.gprs[2]);
	/* there is memory again: it goes on where it was */
	fail_allocations(0, 0);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, f->cpu[0].state.gprs[3]);
}

/* One CPU of a VM meets it, then another one */
static void run_unknown(struct fx *f, const char *code, uint16_t length)
{
	struct fx_cpu *other = &f->cpu[1];

	fx_start(f, code);
	fx_expect_program(f, 0x01, length, FX_CODE + length);
	other->scb.gpsw_mask = be64_make(FX_PSW_MASK);
	other->scb.gpsw_addr = be64_make(FX_CODE);
	assert_int_equal(SIE_INTERCEPT,
			 sie_run(other->sie, FX_ASCE, &other->scb, &other->state, &other->fault));
	assert_int_equal(FX_HANDLER + 0x150, be64_get(other->scb.gpsw_addr));
}

/* The first unknown instruction of a VM is told with its bytes, and the first one that the list
 * has, but not the engine; of EXECUTE the target. Then there is silence, and always about those
 * that guests try to learn what the host offers, as ESSA. */
static void first_unknown_is_told(void **state)
{
	char text[512];
	int before = told_begin();

	for (unsigned int vm = 0; vm < 2; vm++) {
		struct fx *f = fx_create();

		f->cpu[0].state.gprs[12] = 0x3000;
		fx_put(f, 0x3000, "ebcd1234567f");
		run_unknown(f, vm ? "4400c000" : "ebcd1234567f", vm ? 4 : 6);
		run_unknown(f, "00aa", 2);
		run_unknown(f, "b9ab1234", 4);
		run_unknown(f, "fa0010002000", 6);
		run_unknown(f, "fb0010002000", 6);
		fx_destroy(f);
	}
	told_end(before, text, sizeof(text));
	assert_string_equal("sie: unknown instruction ebcd 1234 567f at 0x2000\n"
			    "sie: absent instruction AP fa00 1000 2000 at 0x2000\n"
			    "sie: unknown instruction ebcd 1234 567f at 0x3000\n"
			    "sie: absent instruction AP fa00 1000 2000 at 0x2000\n",
			    text);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(arithmetic_and_wait),
		CASE(loop_branches_back),
		CASE(diagnose_leaves),
		CASE(executed_diagnose_tells_length),
		CASE(missing_page_is_a_fault),
		CASE(store_across_pages_is_all_or_nothing),
		CASE(instruction_across_pages),
		CASE(straight_on_into_the_next_page),
		CASE(store_ahead_changes_what_runs),
		CASE(host_store_is_seen_at_next_entry),
		CASE(kick_ends_an_endless_loop),
		CASE(stop_request_ends_an_endless_loop),
		CASE(prefixing),
		CASE(memory_for_one_page_will_do),
		CASE(no_memory_ends_the_run),
		cmocka_unit_test(first_unknown_is_told),
	};

	return cmocka_run_group_tests_name("sie-run", tests, NULL, NULL);
}
