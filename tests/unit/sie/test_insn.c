/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions by hand: those that the reference of tests/insns does not know or gets wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sie/insn.h"
#include "tests/unit/sie/fixture.h"

/* Run one instruction with GR10 = FX_DATA and an end behind it */
static void run_one(struct fx *f, const char *code)
{
	char program[64];

	snprintf(program, sizeof(program), "%s" FX_END, code);
	f->cpu[0].state.gprs[10] = FX_DATA;
	fx_start(f, program);
	fx_expect_wait(f, FX_END_ADDR);
}

static void expect_bytes(struct fx *f, uint64_t at, const char *hex)
{
	size_t n = fx_put(f, 0xd000, hex);

	assert_memory_equal(f->mem + 0xd000, f->mem + at, n);
}

static void convert_to_binary(void **state)
{
	struct fx *f = *state;

	fx_put(f, FX_DATA, "000000012345678d");
	f->cpu[0].state.gprs[1] = 0xffffffff00000000;
	run_one(f, "4f10a000");
	assert_int_equal(0xffffffff00000000 | (uint32_t)-12345678, f->cpu[0].state.gprs[1]);
	fx_put(f, FX_DATA, "0000000000009223372036854775807c");
	run_one(f, "e310a000000e");
	assert_int_equal(INT64_MAX, f->cpu[0].state.gprs[1]);
	/* 2147483648 does not fit: stored all the same */
	fx_put(f, FX_DATA, "000002147483648c");
	f->cpu[0].state.gprs[1] = 0;
	fx_start(f, "4f10a000");
	fx_expect_program(f, 0x09, 4, FX_CODE + 4);
	assert_int_equal(0x80000000, f->cpu[0].state.gprs[1]);
	fx_put(f, FX_DATA, "0000000000000a0c");
	fx_start(f, "4f10a000");
	fx_expect_program(f, 0x07, 4, FX_CODE + 4);
}

static void convert_to_decimal(void **state)
{
	struct fx *f = *state;

	f->cpu[0].state.gprs[1] = (uint64_t)-9223372036854775807 - 1;
	run_one(f, "e310a000002e");
	expect_bytes(f, FX_DATA, "0000000000009223372036854775808d");
}

static void pack_and_unpack(void **state)
{
	struct fx *f = *state;

	/* unpk 0(7,10),0x20(4,10): all seven digits of the source */
	fx_put(f, FX_DATA + 0x20, "1234567c");
	run_one(f, "f363a000a020");
	expect_bytes(f, FX_DATA, "f1f2f3f4f5f6c7");
	/* too long: zeros with zones; too short: digits are lost at the left */
	run_one(f, "f393a000a020");
	expect_bytes(f, FX_DATA, "f0f0f0f1f2f3f4f5f6c7");
	run_one(f, "f333a000a020");
	expect_bytes(f, FX_DATA, "f4f5f6c7");
	/* pack 0(4,10),0x20(7,10) and back */
	fx_put(f, FX_DATA + 0x20, "f1f2f3f4f5f6d7");
	run_one(f, "f236a000a020");
	expect_bytes(f, FX_DATA, "1234567d");
	/* pka 0(10),0x20(3,10) */
	fx_put(f, FX_DATA + 0x20, "313233");
	run_one(f, "e902a000a020");
	expect_bytes(f, FX_DATA, "0000000000000000000000000000123c");
	/* all 32 characters: the leftmost is one too many; 33 are refused */
	fx_put(f, FX_DATA + 0x20,
	       "3938373635343332313039383736353433323130393837363534333231303938");
	run_one(f, "e91fa000a020");
	expect_bytes(f, FX_DATA, "8765432109876543210987654321098c");
	fx_start(f, "e920a000a020");
	fx_expect_program(f, 0x06, 6, FX_CODE + 6);
	fx_start(f, "e104a000a020"); /* pku of half a character */
	fx_expect_program(f, 0x06, 6, FX_CODE + 6);
	fx_put(f, FX_DATA + 0x20, "003100320033");
	run_one(f, "e105a000a020");
	expect_bytes(f, FX_DATA, "0000000000000000000000000000123c");
}

static void multiple_registers(void **state)
{
	struct fx *f = *state;

	f->cpu[0].state.gprs[1] = 0x1111111122222222;
	f->cpu[0].state.gprs[2] = 0x3333333344444444;
	run_one(f, "eb12a0000026"); /* stmh 1,2 */
	assert_int_equal(0x1111111133333333, fx_get8(f, FX_DATA));
	/* lmd 1,2,0(10),0x20(10) */
	fx_set8(f, FX_DATA + 0x20, 0x5555555566666666);
	run_one(f, "ef12a000a020");
	assert_int_equal(0x1111111155555555, f->cpu[0].state.gprs[1]);
	assert_int_equal(0x3333333366666666, f->cpu[0].state.gprs[2]);
	/* lmg 15,0: from 15 on to 0 */
	fx_set8(f, FX_DATA + 8, 0x77);
	run_one(f, "ebf0a0000004");
	assert_int_equal(0x1111111133333333, f->cpu[0].state.gprs[15]);
	assert_int_equal(0x77, f->cpu[0].state.gprs[0]);
}

static void test_only_rotate(void **state)
{
	struct fx *f = *state;

	f->cpu[0].state.gprs[1] = 0xff;
	f->cpu[0].state.gprs[2] = 0x0f;
	run_one(f, "ec12b83f0054"); /* rnsbg 1,2,0x80+56,63,0 */
	assert_int_equal(0xff, f->cpu[0].state.gprs[1]);
	run_one(f, "ec12383f0054");
	assert_int_equal(0x0f, f->cpu[0].state.gprs[1]);
}

/* Move long: pads, and stops at a destructive overlap */
static void move_long(void **state)
{
	struct fx *f = *state;
	uint64_t *r = f->cpu[0].state.gprs;

	fx_put(f, FX_DATA, "0102030405060708");
	r[2] = FX_DATA + 0x1ffc; /* across a page */
	r[3] = 16;
	r[4] = FX_DATA;
	r[5] = 0x40000008;
	run_one(f, "0e24");
	expect_bytes(f, FX_DATA + 0x1ffc, "01020304050607084040404040404040");
	assert_int_equal(FX_DATA + 0x1ffc + 16, r[2]);
	assert_int_equal(0, r[3]);
	assert_int_equal(0x40000000, r[5]);
}

static void load_and_trap(void **state)
{
	struct fx *f = *state;
	uint64_t *r = f->cpu[0].state.gprs;

	fx_put(f, FX_DATA, "8000000012345678");
	r[1] = 0x1111111122222222;
	run_one(f, "e310a000009f"); /* lat */
	assert_int_equal(0x1111111180000000, r[1]);
	run_one(f, "e310a00400c8"); /* lfhat */
	assert_int_equal(0x1234567880000000, r[1]);
	run_one(f, "e310a000009d"); /* llgfat */
	assert_int_equal(0x80000000, r[1]);
	run_one(f, "e310a0000085"); /* lgat */
	assert_int_equal(0x8000000012345678, r[1]);
	/* llgtat: bit 32 does not count, and zero is loaded before it traps */
	fx_start(f, "e310a000009c");
	fx_expect_program(f, 0x07, 6, FX_CODE + 6);
	assert_int_equal(0xff, fx_get4(f, 0x90));
	assert_int_equal(0, r[1]);
}

static void compare_and_trap(void **state)
{
	struct fx *f = *state;
	uint64_t *r = f->cpu[0].state.gprs;

	fx_put(f, FX_DATA, "80000000ffffffff");
	r[1] = 0x7fffffff;
	run_one(f, "eb1aa0000023");  /* clt 1,mask 10: high or equal */
	run_one(f, "eb1aa000002b");  /* clgt */
	fx_start(f, "eb14a0000023"); /* low */
	fx_expect_program(f, 0x07, 6, FX_CODE + 6);
	fx_start(f, "eb14a000002b");
	fx_expect_program(f, 0x07, 6, FX_CODE + 6);
}

#define AFP_ON 0x40000UL

static void fpc_and_signal(void **state)
{
	struct fx *f = *state;
	struct fx_cpu *cpu = &f->cpu[0];

	/* srnmt 5: DXC 3 without AFP */
	fx_start(f, "b2b90005");
	fx_expect_program(f, 0x07, 4, FX_CODE + 4);
	assert_int_equal(3, fx_get4(f, 0x90));
	cpu->scb.gcr[0] = be64_make(CR0_INITIAL | AFP_ON);
	run_one(f, "b2b90005");
	assert_int_equal(0x50, cpu->state.fpc);
	/* lfas: flags stay, those of the operand come; a flag without a mask signals nothing */
	cpu->state.fpc = 0x00280000;
	fx_put(f, FX_DATA, "90800001");
	run_one(f, "b2bda000");
	assert_int_equal(0x90a80001, cpu->state.fpc);
	/* sfasr: overflow was on, its mask comes: signalled after the FPC has been set */
	cpu->state.gprs[1] = 0x20000000;
	fx_start(f, "b3850010");
	fx_expect_program(f, 0x07, 4, FX_CODE + 4);
	assert_int_equal(0x28, fx_get4(f, 0x90));
	assert_int_equal(0x20a82800, cpu->state.fpc);
	cpu->state.gprs[1] = 0x04000000;
	fx_start(f, "b3850010");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	assert_int_equal(0x20a82800, cpu->state.fpc);
}

/* A table that ends with storage: bytes that no argument selects are not missed, and the function
 * byte that ends the search keeps later arguments from being looked up */
static void tables_are_as_long_as_needed(void **state)
{
	static const char *const codes[] = {"dc03a000b000", "dd03a000b000", "d003a003b000"};
	struct fx *f = *state;
	uint64_t *gr = f->cpu[0].state.gprs;

	gr[10] = FX_DATA;
	gr[11] = FX_SIZE - 0x80;
	for (unsigned int i = 0; i < 3; i++) {
		memset(f->mem + FX_SIZE - 0x80, 0, 0x80);
		f->mem[FX_SIZE - 1] = 0x99;
		fx_put(f, FX_DATA, "7f007f7f");
		run_one(f, codes[i]);
		if (i == 0)
			assert_int_equal(0x99009999, fx_get4(f, FX_DATA));
		/* an argument too far: nothing has happened */
		fx_put(f, FX_DATA, i == 2 ? "80007e7e" : "7e7e0080");
		gr[2] = 0x77;
		fx_start(f, codes[i]);
		assert_int_equal(SIE_FAULT, fx_run(f));
		assert_int_equal(FX_SIZE, f->cpu[0].fault.gpa);
		assert_int_equal(i == 2 ? 0x80007e7e : 0x7e7e0080, fx_get4(f, FX_DATA));
		assert_int_equal(0x77, gr[2]);
	}
	/* found before: trt from the left, trtr from the right */
	fx_put(f, FX_DATA, "007f8080");
	run_one(f, codes[1]);
	assert_int_equal(FX_DATA + 1, gr[1]);
	assert_int_equal(0x99, gr[2]);
	fx_put(f, FX_DATA, "80807f00");
	run_one(f, codes[2]);
	assert_int_equal(FX_DATA + 2, gr[1]);
	/* all of it behind the end of storage */
	gr[11] = FX_SIZE - 2;
	fx_put(f, FX_DATA, "02030405");
	fx_start(f, codes[0]);
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(0x02030405, fx_get4(f, FX_DATA));
}

/* Opcodes in ascending order, each once: the list is searched by eye */
static void list_is_sorted(void **state)
{
	for (unsigned int i = 1; i < insn_rows_nr; i++)
		assert_true(insn_rows[i - 1].opcode < insn_rows[i].opcode);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(convert_to_binary),
		CASE(convert_to_decimal),
		CASE(pack_and_unpack),
		CASE(multiple_registers),
		CASE(test_only_rotate),
		CASE(move_long),
		CASE(load_and_trap),
		CASE(compare_and_trap),
		CASE(fpc_and_signal),
		CASE(list_is_sorted),
		CASE(tables_are_as_long_as_needed),
	};

	return cmocka_run_group_tests_name("sie-insn", tests, NULL, NULL);
}
