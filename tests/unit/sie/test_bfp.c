/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Binary floating point from the Principles of Operation: what qemu-s390x
 * cannot be asked (traps) and what it is known to get wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)

#define AFP     0x40000U
#define DATA    0x07
#define ONE     0x3ff0000000000000UL
#define SHORT_1 0x3f80000000000000UL

static void prepare(struct fx *f, uint32_t fpc, uint64_t f0, uint64_t f1)
{
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | AFP);
	f->cpu[0].state.fpc = fpc;
	f->cpu[0].state.fprs[0] = f0;
	f->cpu[0].state.fprs[1] = f1;
}

/* The instruction works on registers 0 and 1 */
static void run_with(struct fx *f, const char *code, uint32_t fpc, uint64_t f0, uint64_t f1)
{
	char program[40];

	prepare(f, fpc, f0, f1);
	snprintf(program, sizeof(program), "%s" FX_END, code);
	fx_start(f, program);
	fx_expect_wait(f, FX_END_ADDR);
}

/* The same, and it ends in a data exception */
static void trap_with(struct fx *f, const char *code, uint32_t fpc, uint64_t f0, uint64_t f1,
		      uint8_t dxc)
{
	unsigned int length = (unsigned int)strlen(code) / 2;

	prepare(f, fpc, f0, f1);
	fx_start(f, code);
	fx_expect_program(f, DATA, (uint16_t)length, FX_CODE + length);
	assert_int_equal(dxc, fx_get4(f, 0x90));
	assert_int_equal(dxc, f->cpu[0].state.fpc >> 8 & 0xff);
}

static uint64_t fpr(const struct fx *f, unsigned int n)
{
	return f->cpu[0].state.fprs[n];
}

static void afp_off(void **state)
{
	struct fx *f = *state;

	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL);
	fx_start(f, "b31a0001"); /* adbr */
	fx_expect_program(f, DATA, 4, FX_CODE + 4);
	assert_int_equal(2, fx_get4(f, 0x90));
	/* Off, the FPC does not get it */
	assert_int_equal(0, f->cpu[0].state.fpc);
}

/* LTEBR, LTDBR, LTXBR: invalid; loaded quiet */
static void load_and_test_signalling(void **state)
{
	struct fx *f = *state;

	run_with(f, "b3020001 b2220020", 0, 0, 0x7fa0012300000000);
	assert_int_equal(0x7fe0012300000000, fpr(f, 0));
	assert_int_equal(0x00800000, f->cpu[0].state.fpc);
	assert_int_equal(0x30000000, f->cpu[0].state.gprs[2]); /* IPM */
	run_with(f, "b3120001", 0, 0, 0xfff4000000000123);
	assert_int_equal(0xfffc000000000123, fpr(f, 0));
	assert_int_equal(0x00800000, f->cpu[0].state.fpc);
	f->cpu[0].state.fprs[3] = 5;
	run_with(f, "b3420001", 0, 0, 0x7fff400000000000);
	assert_int_equal(0x7fffc00000000000, fpr(f, 0));
	assert_int_equal(5, fpr(f, 2));
	/* LTEBR, LTDBR, LTXBR of numbers */
	run_with(f, "b3020001", 0, 0, SHORT_1 | 77);
	assert_int_equal(SHORT_1, fpr(f, 0));
	run_with(f, "b3120001", 0, 0, ONE);
	assert_int_equal(ONE, fpr(f, 0));
	trap_with(f, "b3120001", 0x80000000, 9, 0xfff4000000000123, 0x80);
	assert_int_equal(9, fpr(f, 0));
}

/* MDEBR, MDEB, MXDBR, MXDB: the first operand has the shorter format */
static void longer_products(void **state)
{
	struct fx *f = *state;

	run_with(f, "b30c0001", 0, 0x40400000deadbeef, 0x40a0000000000000);
	assert_int_equal(0x402e000000000000, fpr(f, 0)); /* 3 * 5 */
	run_with(f, "b30c0001", 0, 0x7fc0000000000000, 0x7fa0012300000000);
	assert_int_equal(0x7ffc002460000000, fpr(f, 0)); /* the one that signals */
	assert_int_equal(0x00800000, f->cpu[0].state.fpc);
	fx_set4(f, 0x208, 0x40a00000);
	run_with(f, "ed000208000c", 0, 0x40400000deadbeef, 0);
	assert_int_equal(0x402e000000000000, fpr(f, 0));
	run_with(f, "b3070001", 0, 0x4008000000000000, 0x4014000000000000);
	assert_int_equal(0x4002e00000000000, fpr(f, 0));
	assert_int_equal(0, fpr(f, 2));
	fx_set8(f, 0x208, 0x4014000000000000);
	run_with(f, "ed0002080007", 0, 0x4008000000000000, 0);
	assert_int_equal(0x4002e00000000000, fpr(f, 0));
}

static void invalid_and_divide_are_suppressed(void **state)
{
	struct fx *f = *state;

	/* infinity - infinity */
	trap_with(f, "b31b0001", 0x80000000, 0x7ff0000000000000, 0x7ff0000000000000, 0x80);
	assert_int_equal(0x7ff0000000000000, fpr(f, 0));
	trap_with(f, "b31d0001", 0x40000000, ONE, 0, 0x40);
	assert_int_equal(ONE, fpr(f, 0));
	/* masked: the default NaN is positive */
	run_with(f, "b31b0001", 0, 0x7ff0000000000000, 0x7ff0000000000000);
	assert_int_equal(0x7ff8000000000000, fpr(f, 0));
	assert_int_equal(0x00800000, f->cpu[0].state.fpc);
}

/* The result is there, scaled; no flag is set */
static void overflow_is_scaled(void **state)
{
	struct fx *f = *state;

	/* 2^1000 * 2^100 = 2^1100, times 2^-1536 = 2^-436 */
	trap_with(f, "b31c0001", 0x20000000, 0x7e70000000000000, 0x4630000000000000, 0x20);
	assert_int_equal((uint64_t)(1023 - 436) << 52, fpr(f, 0));
	assert_int_equal(0, f->cpu[0].state.fpc & 0xf80000);
	/* short: 2^100 * 2^100, times 2^-192 */
	trap_with(f, "b3170001", 0x20000000, 0x7180000000000000, 0x7180000000000000, 0x20);
	assert_int_equal((uint64_t)(127 + 8) << 55, fpr(f, 0));
	/* inexact: (1 + 2^-52) * (1 + 2^-52) * 2^1100 is rounded down, and up with that mode */
	trap_with(f, "b31c0001", 0x20000000, 0x7e70000000000001, 0x4630000000000001, 0x28);
	assert_int_equal((uint64_t)(1023 - 436) << 52 | 2, fpr(f, 0));
	trap_with(f, "b31c0001", 0x20000002, 0x7e70000000000001, 0x4630000000000001, 0x2c);
	assert_int_equal((uint64_t)(1023 - 436) << 52 | 3, fpr(f, 0));
	/* masked: infinity or the largest number, two flags */
	run_with(f, "b31c0001", 0x00000001, 0x7e70000000000001, 0x4630000000000001);
	assert_int_equal(0x7fefffffffffffff, fpr(f, 0));
	assert_int_equal(0x00280001, f->cpu[0].state.fpc);
}

static void underflow_is_scaled(void **state)
{
	struct fx *f = *state;

	/* 2^-1000 * 2^-100, times 2^1536 = 2^436 */
	trap_with(f, "b31c0001", 0x10000000, 0x0170000000000000, 0x39b0000000000000, 0x10);
	assert_int_equal((uint64_t)(1023 + 436) << 52, fpr(f, 0));
	/* exact and tiny: no flag if masked, a trap if not */
	run_with(f, "b31c0001", 0, 0x0170000000000000, 0x3df0000000000000);
	assert_int_equal(0, f->cpu[0].state.fpc);
	trap_with(f, "b31c0001", 0x10000000, 0x0170000000000000, 0x3df0000000000000, 0x10);
	/* the sum of two subnormal numbers */
	trap_with(f, "b31a0001", 0x10000000, 1, 1, 0x10);
	assert_int_equal((uint64_t)(1023 - 1073 + 1536) << 52, fpr(f, 0));
}

static void inexact_completes(void **state)
{
	struct fx *f = *state;

	trap_with(f, "b31d0001", 0x08000000, ONE, 0x4008000000000000, 0x08); /* 1 / 3 */
	assert_int_equal(0x3fd5555555555555, fpr(f, 0));
	trap_with(f, "b31d0001", 0x08000002, ONE, 0x4008000000000000, 0x0c);
	assert_int_equal(0x3fd5555555555556, fpr(f, 0));
	assert_int_equal(0, f->cpu[0].state.fpc & 0xf80000);
	/* overflow is masked and leaves its flag, inexact is not */
	trap_with(f, "b31c0001", 0x08000000, 0x7e70000000000001, 0x4630000000000001, 0x0c);
	assert_int_equal(0x00200000, f->cpu[0].state.fpc & 0xf80000);
	/* CFDBR */
	trap_with(f, "b3995001", 0x08000000, 0, 0x3ffc000000000000, 0x08);
	assert_int_equal(1, f->cpu[0].state.gprs[0] & 0xffffffff);
}

/* LEDBR: a trapped result stays in the source's format */
static void rounded_out_of_range(void **state)
{
	struct fx *f = *state;

	trap_with(f, "b3440001", 0x20000000, 0, (uint64_t)(1023 + 600) << 52, 0x20);
	assert_int_equal((uint64_t)(1023 + 600 - 512) << 52, fpr(f, 0));
	trap_with(f, "b3440001", 0x10000000, 0, (uint64_t)(1023 - 600) << 52 | 1, 0x18);
	assert_int_equal((uint64_t)(1023 - 600 + 512) << 52, fpr(f, 0));
	run_with(f, "b3440001", 0, 0xffffffffffffffff, (uint64_t)(1023 + 600) << 52);
	assert_int_equal(0x7f800000ffffffff, fpr(f, 0));
	assert_int_equal(0x00280000, f->cpu[0].state.fpc);
}

static void bad_fields(void **state)
{
	static const char *const codes[] = {
		"b34a0002", "b34a0020", "b3420002", "b3460020", /* AXBR, LTXBR, LEXBR */
		"b35f2001", "b3993001", "b39d8001", "b2b80004", /* FIDBR, CFDBR, CLFDBR, SRNMB */
	};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		prepare(f, 0, 0, 0);
		fx_start(f, codes[i]);
		fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(afp_off),
		CASE(load_and_test_signalling),
		CASE(longer_products),
		CASE(invalid_and_divide_are_suppressed),
		CASE(overflow_is_scaled),
		CASE(underflow_is_scaled),
		CASE(inexact_completes),
		CASE(rounded_out_of_range),
		CASE(bad_fields),
	};

	return cmocka_run_group_tests_name("sie-bfp", tests, NULL, NULL);
}
