/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interruptions: each program code with its old PSW and length, PSW rules, timers, loops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

/* A program interruption at the first instruction, then the same as the target of EX: there
 * address and length are EX's. */
static void expect_program(struct fx *f, const char *code, unsigned int length, uint16_t pgm)
{
	fx_start(f, code);
	fx_expect_program(f, pgm, (uint16_t)length, FX_CODE + length);
	fx_put(f, 0x3000, code);
	fx_start(f, "4400c000");
	f->cpu[0].state.gprs[12] = 0x3000;
	fx_expect_program(f, pgm, 4, FX_CODE + 4);
}

static void operation(void **state)
{
	expect_program(*state, "0000", 2, 0x01);
}

static void facility_not_offered(void **state)
{
	struct fx *f = *state;
	uint64_t none[4] = {0x4000000000000000};

	sie_vm_set_facilities(f->vm, none, 4);
	expect_program(f, "c01900000001", 6, 0x01);
}

static void privileged(void **state)
{
	struct fx *f = *state;

	fx_put(f, FX_CODE, "b2080300" /* spt */);
	fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE, FX_CODE);
	fx_expect_program(f, 0x02, 4, FX_CODE + 4);
	assert_int_equal(PSW_MASK_PSTATE, fx_get8(f, 0x150) & PSW_MASK_PSTATE);
}

static void execute_of_execute(void **state)
{
	struct fx *f = *state;

	fx_put(f, 0x3000, "4400c000");
	fx_start(f, "4400c000");
	f->cpu[0].state.gprs[12] = 0x3000;
	fx_expect_program(f, 0x03, 4, FX_CODE + 4);
}

static void odd_execute_target(void **state)
{
	struct fx *f = *state;

	fx_start(f, "4400c000");
	f->cpu[0].state.gprs[12] = 0x3001;
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

static void odd_register_pair(void **state)
{
	expect_program(*state, "1d13" /* dr 1,3 */, 2, 0x06);
}

static void unaligned_compare_and_swap(void **state)
{
	expect_program(*state, "ba120301" /* cs 1,2,0x301 */, 4, 0x06);
}

static void divide_by_zero(void **state)
{
	expect_program(*state, "b90d0024" /* dsgr 2,4 */, 4, 0x09);
}

static void fixed_overflow_completes(void **state)
{
	struct fx *f = *state;

	fx_put(f, FX_CODE, "a71a0001" /* ahi 1,1 */);
	fx_psw(f, FX_PSW_MASK | 0x0000080000000000, FX_CODE);
	f->cpu[0].state.gprs[1] = 0x7fffffff;
	fx_expect_program(f, 0x08, 4, FX_CODE + 4);
	assert_int_equal(0x80000000, f->cpu[0].state.gprs[1]);
	assert_int_equal(3UL << 44, fx_get8(f, 0x150) & PSW_MASK_CC);
}

/* If the prefix page is away, the addition has not happened yet. */
static void overflow_waits_for_the_prefix_page(void **state)
{
	struct fx *f = *state;

	fx_put(f, FX_CODE, "a71a0001");
	fx_psw(f, FX_PSW_MASK | 0x0000080000000000, FX_CODE);
	f->cpu[0].state.gprs[1] = 0x7fffffff;
	atomic_store(&f->unmapped[0], 1);
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(0, f->cpu[0].fault.gpa);
	assert_int_equal(0x7fffffff, f->cpu[0].state.gprs[1]);
	atomic_store(&f->unmapped[0], 0);
	fx_expect_program(f, 0x08, 4, FX_CODE + 4);
	assert_int_equal(0x80000000, f->cpu[0].state.gprs[1]);
}

static void data_with_dxc(void **state)
{
	struct fx *f = *state;

	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x40000);
	fx_start(f, "b9728012" /* crte 1,2 */);
	fx_expect_program(f, 0x07, 4, FX_CODE + 4);
	assert_int_equal(0xff, fx_get4(f, 0x90));
	assert_int_equal(0xff00, f->cpu[0].state.fpc);
}

static void afp_register_without_afp(void **state)
{
	struct fx *f = *state;

	fx_start(f, "2810" /* ldr 1,0 */);
	fx_expect_program(f, 0x07, 2, FX_CODE + 2);
	assert_int_equal(1, fx_get4(f, 0x90));
	assert_int_equal(0, f->cpu[0].state.fpc);
}

static void monitor_event(void **state)
{
	struct fx *f = *state;

	f->cpu[0].scb.gcr[8] = be64_make(0x8000 >> 3);
	fx_start(f, "af030123");
	fx_expect_program(f, 0x40, 4, FX_CODE + 4);
	assert_int_equal(3, fx_get2(f, 0x94));
	assert_int_equal(0x123, fx_get8(f, 0xb0));
}

static void low_address_protection(void **state)
{
	struct fx *f = *state;

	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x10000000);
	fx_start(f, "501011ff" /* st 1,0x1ff(1): real 11ff */);
	f->cpu[0].state.gprs[1] = 0x1000;
	fx_expect_program(f, 0x04, 4, FX_CODE + 4);
	assert_int_equal(0x1000, fx_get8(f, 0xa8) & ~0xfffUL);
	/* just behind it storing is fine */
	fx_start(f, "50101200" FX_END);
	f->cpu[0].state.gprs[1] = 0x1000;
	fx_expect_wait(f, FX_END_ADDR);
}

static void supervisor_call(void **state)
{
	struct fx *f = *state;

	fx_start(f, "0a2a");
	fx_expect_wait(f, FX_HANDLER + 0x140);
	assert_int_equal(2, fx_get2(f, 0x88));
	assert_int_equal(0x2a, fx_get2(f, 0x8a));
	assert_int_equal(FX_CODE + 2, fx_get8(f, 0x148));
}

/* ---- PSWs ---- */

static void invalid_psws_are_early(void **state)
{
	static const struct psw bad[] = {
		{0x8000000180000000, 0x2000},     {0x0008000180000000, 0x2000},
		{0x0000000180000001, 0x2000},     {0x0000000100000000, 0x2000},
		{0x0000000080000000, 0x80002000}, {0x0000000000000000, 0x1002000},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fx_set8(f, 0x310, bad[i].mask);
		fx_set8(f, 0x318, bad[i].addr);
		fx_start(f, "b2b20310");
		fx_expect_program(f, 0x06, 0, bad[i].addr);
		assert_int_equal(bad[i].mask, fx_get8(f, 0x150));
	}
}

/* SSM and STOSM have been executed, so their length is told; by EXECUTE: that one's */
static void invalid_system_masks(void **state)
{
	struct fx *f = *state;

	f->mem[0x320] = 0x80;
	fx_start(f, "80000320"); /* ssm 0x320 */
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	assert_int_equal(FX_PSW_MASK | 1UL << 63, fx_get8(f, 0x150));
	fx_start(f, "ad080320"); /* stosm 0x320,8 */
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	assert_int_equal(FX_PSW_MASK | 8UL << 56, fx_get8(f, 0x150));
	fx_put(f, FX_DATA, "ad080320");
	f->cpu[0].state.gprs[5] = FX_DATA;
	fx_start(f, "c60000003000"); /* exrl 0 to FX_DATA */
	fx_expect_program(f, 0x06, 6, FX_CODE + 6);
}

/* What waits for this CPU, when it becomes enabled for everything: the host's external request
 * before the timers, these before its I/O request, and its stop order last */
static void requests_by_priority(void **state)
{
	static const uint32_t requests = CPUSTAT_EXT_INT | CPUSTAT_IO_INT | CPUSTAT_STOP_INT;
	struct fx *f = *state;

	f->cpu[0].scb.cputm = be64_make((uint64_t)-1);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x400);
	f->cpu[0].scb.cpuflags = be32_make(requests);
	fx_set8(f, 0x1b0, FX_PSW_MASK | PSW_MASK_IO); /* new PSW: an endless loop */
	fx_set8(f, 0x1b8, 0x3000);
	fx_put(f, 0x3000, "a7f40000");
	fx_put(f, FX_CODE, "a7f40000");
	fx_psw(f, FX_PSW_MASK | PSW_MASK_EXT | PSW_MASK_IO, FX_CODE);
	assert_int_equal(SIE_KICKED, fx_run(f));
	assert_int_equal(FX_CODE, be64_get(f->cpu[0].scb.gpsw_addr));
	f->cpu[0].scb.cpuflags = be32_make(requests & ~CPUSTAT_EXT_INT);
	assert_int_equal(SIE_KICKED, fx_run(f)); /* for I/O, but the timer was first */
	assert_int_equal(0x1005, fx_get2(f, 0x86));
	assert_int_equal(0x3000, be64_get(f->cpu[0].scb.gpsw_addr));
	f->cpu[0].scb.cpuflags = be32_make(CPUSTAT_STOP_INT);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(ICPT_STOP, f->cpu[0].scb.icptcode);
}

static void odd_address_is_late(void **state)
{
	struct fx *f = *state;

	fx_set8(f, 0x310, FX_PSW_MASK);
	fx_set8(f, 0x318, 0x2001);
	fx_start(f, "b2b20310");
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(0x06, fx_get2(f, 0x8e));
	assert_int_equal(0x2001 + fx_get2(f, 0x8c), fx_get8(f, 0x158));
}

static void short_psw(void **state)
{
	struct fx *f = *state;

	fx_set8(f, 0x310, 0x000a000080000000 | 0x4568);
	fx_start(f, "82000310");
	fx_expect_wait(f, 0x4568);
	assert_int_equal(0x0002000080000000, be64_get(f->cpu[0].scb.gpsw_mask));
	fx_set8(f, 0x310, 0x0002000080004568);
	fx_start(f, "82000310");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

static void bad_program_new_psw_is_a_loop(void **state)
{
	struct fx *f = *state;

	fx_set8(f, 0x1d0, 1);
	fx_start(f, "0000");
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(ICPT_PROGI, f->cpu[0].scb.icptcode);
}

static void handler_of_zeros_is_a_loop(void **state)
{
	struct fx *f = *state;

	fx_set8(f, 0x1d0, FX_PSW_MASK);
	fx_set8(f, 0x1d8, 0x7000);
	fx_start(f, "0000");
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(ICPT_PROGI, f->cpu[0].scb.icptcode);
	assert_int_equal(1, be16_get(f->cpu[0].scb.iprcc));
}

/* ---- timers ---- */

static void clock_comparator_interrupts_a_loop(void **state)
{
	struct fx *f = *state;

	atomic_store(&f->tod_step, 4096);
	f->cpu[0].scb.ckc = be64_make(atomic_load(&f->tod) + 4096 * 50);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x800);
	fx_put(f, FX_CODE, "a7f40000");
	fx_psw(f, FX_PSW_MASK | PSW_MASK_EXT, FX_CODE);
	fx_expect_wait(f, FX_HANDLER + 0x130);
	assert_int_equal(0x1004, fx_get2(f, 0x86));
	assert_int_equal(FX_CODE, fx_get8(f, 0x138));
}

static void cpu_timer_interrupts_when_enabled(void **state)
{
	struct fx *f = *state;

	f->cpu[0].scb.cputm = be64_make((uint64_t)-1);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x400);
	fx_start(f, "ad010320" /* stosm 0x320,1 */ "a7f40000");
	fx_expect_wait(f, FX_HANDLER + 0x130);
	assert_int_equal(0x1005, fx_get2(f, 0x86));
	assert_int_equal(FX_CODE + 4, fx_get8(f, 0x138));
}

static void enabled_external_new_psw_is_a_loop(void **state)
{
	struct fx *f = *state;

	f->cpu[0].scb.cputm = be64_make((uint64_t)-1);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x400);
	fx_set8(f, 0x1b0, FX_PSW_MASK | PSW_MASK_EXT);
	fx_put(f, FX_CODE, "a7f40000");
	fx_psw(f, FX_PSW_MASK | PSW_MASK_EXT, FX_CODE);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(ICPT_EXTINT, f->cpu[0].scb.icptcode);
	assert_int_equal(0x1005, be16_get(f->cpu[0].scb.eic));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(operation),
		CASE(facility_not_offered),
		CASE(privileged),
		CASE(execute_of_execute),
		CASE(odd_execute_target),
		CASE(odd_register_pair),
		CASE(unaligned_compare_and_swap),
		CASE(divide_by_zero),
		CASE(fixed_overflow_completes),
		CASE(overflow_waits_for_the_prefix_page),
		CASE(data_with_dxc),
		CASE(afp_register_without_afp),
		CASE(monitor_event),
		CASE(low_address_protection),
		CASE(supervisor_call),
		CASE(invalid_psws_are_early),
		CASE(invalid_system_masks),
		CASE(requests_by_priority),
		CASE(odd_address_is_late),
		CASE(short_psw),
		CASE(bad_program_new_psw_is_a_loop),
		CASE(handler_of_zeros_is_a_loop),
		CASE(clock_comparator_interrupts_a_loop),
		CASE(cpu_timer_interrupts_when_enabled),
		CASE(enabled_external_new_psw_is_a_loop),
	};

	return cmocka_run_group_tests_name("sie-interrupt", tests, NULL, NULL);
}
