/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PERFORM LOCKED OPERATION: each operation in each form, refusals, spaces, two CPUs at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

#define SECOND FX_DATA
#define LIST   0x9000UL /* parameter list; the fourth operand if there is none */
#define FOURTH 0xa000UL
#define SIXTH  0xa100UL
#define EIGHTH 0xa200UL

#define PLO    "ee24a000b000" /* plo 2,0(10),4,0(11) */
#define GET_CC "b22200f0"     /* ipm 15 */

enum {
	LOAD,
	SWAP,
	DOUBLE_SWAP,
	STORE,
	DOUBLE_STORE,
	TRIPLE_STORE,
	OPERATIONS
};

static uint64_t *gprs(struct fx *f)
{
	return f->cpu[0].state.gprs;
}

static unsigned int size_of(unsigned int form)
{
	static const unsigned int size[] = {4, 8, 8, 16};

	return size[form];
}

static bool in_list(unsigned int form)
{
	return form == 1 || form == 3;
}

/* A number, wide as the form has it: sixteen bytes have another one in their first half */
static void put(struct fx *f, uint64_t at, unsigned int size, uint32_t v)
{
	if (size == 4) {
		fx_set4(f, at, v);
		return;
	}
	if (size == 16)
		fx_set8(f, at, v + 0x500000000UL);
	fx_set8(f, at + (size == 16 ? 8 : 0), v + 0x700000000UL);
}

static bool has(struct fx *f, uint64_t at, unsigned int size, uint32_t v)
{
	if (size == 4)
		return fx_get4(f, at) == v;
	if (size == 16 && fx_get8(f, at) != v + 0x500000000UL)
		return false;
	return fx_get8(f, at + (size == 16 ? 8 : 0)) == v + 0x700000000UL;
}

static uint64_t slot(unsigned int at, unsigned int size)
{
	return LIST + at + 16 - size;
}

static void put_register(struct fx *f, unsigned int r, unsigned int size, uint32_t v)
{
	gprs(f)[r] = size == 4 ? 0xffffffff00000000 | v : v + 0x700000000UL;
}

static bool register_has(struct fx *f, unsigned int r, unsigned int size, uint32_t v)
{
	return gprs(f)[r] == (size == 4 ? 0xffffffff00000000 | v : v + 0x700000000UL);
}

/* First operand 0x11 and 0x12, third 0x31 and 0x32, stored values 0x41, 0x61, 0x81 */
static void put_operands(struct fx *f, unsigned int operation, unsigned int form)
{
	unsigned int size = size_of(form);

	memset(f->mem + SECOND, 0, 0x3000);
	put(f, SECOND, size, 0x11);
	put(f, operation < DOUBLE_STORE && !in_list(form) ? LIST : FOURTH, size, 0x31);
	put_register(f, 2, size, 0x11);
	put_register(f, 3, size, 0x12);
	put_register(f, 4, size, operation == STORE ? 0x41 : 0x31);
	put_register(f, 5, size, 0x41);
	if (in_list(form)) {
		put(f, slot(0, size), size, 0x11);
		put(f, slot(16, size), size, 0x12);
		put(f, slot(32, size), size, 0x31);
	}
	if (in_list(form) || operation >= DOUBLE_STORE) {
		put(f, slot(48, size), size, 0x41);
		put(f, slot(80, size), size, 0x61);
		put(f, slot(112, size), size, 0x81);
		fx_set8(f, LIST + 72, FOURTH);
		fx_set8(f, LIST + 104, SIXTH);
		fx_set8(f, LIST + 136, EIGHTH);
	}
	gprs(f)[0] = operation * 4 + form;
	gprs(f)[1] = 0x1234560;
	gprs(f)[10] = SECOND;
	gprs(f)[11] = LIST;
}

static unsigned int run(struct fx *f)
{
	fx_start(f, PLO GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	return gprs(f)[15] >> 28 & 3;
}

static bool first_is(struct fx *f, unsigned int form, uint32_t v)
{
	unsigned int size = size_of(form);

	return in_list(form) ? has(f, slot(0, size), size, v) : register_has(f, 2, size, v);
}

static bool third_is(struct fx *f, unsigned int form, uint32_t v)
{
	unsigned int size = size_of(form);

	return in_list(form) ? has(f, slot(32, size), size, v) : register_has(f, 4, size, v);
}

static uint64_t fourth_at(unsigned int operation, unsigned int form)
{
	return operation < DOUBLE_STORE && !in_list(form) ? LIST : FOURTH;
}

static void expect_done(struct fx *f, unsigned int operation, unsigned int form)
{
	unsigned int size = size_of(form);

	if (operation == LOAD) {
		assert_true(third_is(f, form, 0x33));
		assert_true(has(f, SECOND, size, 0x11));
		return;
	}
	assert_true(has(f, SECOND, size, 0x12));
	if (operation >= DOUBLE_SWAP)
		assert_true(has(f, fourth_at(operation, form), size, 0x41));
	if (operation >= DOUBLE_STORE)
		assert_true(has(f, SIXTH, size, 0x61));
	if (operation == TRIPLE_STORE)
		assert_true(has(f, EIGHTH, size, 0x81));
}

static void every_function(void **state)
{
	struct fx *f = *state;

	for (unsigned int operation = LOAD; operation < OPERATIONS; operation++) {
		for (unsigned int form = 0; form < 4; form++) {
			unsigned int size = size_of(form);

			put_operands(f, operation, form);
			if (operation == LOAD)
				put(f, fourth_at(operation, form), size, 0x33);
			assert_int_equal(0, run(f));
			expect_done(f, operation, form);
			/* the second operand is another one: it is loaded, nothing is stored */
			put_operands(f, operation, form);
			put(f, SECOND, size, 0x99);
			assert_int_equal(1, run(f));
			assert_true(first_is(f, form, 0x99));
			assert_true(has(f, SECOND, size, 0x99));
			assert_true(has(f, fourth_at(operation, form), size, 0x31));
			assert_int_equal(0, fx_get8(f, SIXTH));
			assert_int_equal(0, fx_get8(f, EIGHTH));
		}
	}
}

/* The fourth operand of DOUBLE COMPARE AND SWAP is another one */
static void third_differs(void **state)
{
	struct fx *f = *state;

	for (unsigned int form = 0; form < 4; form++) {
		unsigned int size = size_of(form);

		put_operands(f, DOUBLE_SWAP, form);
		put(f, fourth_at(DOUBLE_SWAP, form), size, 0x98);
		assert_int_equal(2, run(f));
		assert_true(third_is(f, form, 0x98));
		assert_true(has(f, SECOND, size, 0x11));
		assert_true(has(f, fourth_at(DOUBLE_SWAP, form), size, 0x98));
	}
}

static void test_bit(void **state)
{
	struct fx *f = *state;

	for (unsigned int function = 0; function < 256; function++) {
		put_operands(f, LOAD, 0);
		gprs(f)[0] = 0x100 | function;
		gprs(f)[10] = 1; /* operands do not count */
		assert_int_equal(function < 24 ? 0 : 3, run(f));
	}
}

static void expect_specification(struct fx *f, const char *code)
{
	fx_start(f, code);
	fx_expect_program(f, 0x06, 6, FX_CODE + 6);
}

static void specification(void **state)
{
	struct fx *f = *state;

	put_operands(f, SWAP, 0);
	gprs(f)[0] = 24;
	expect_specification(f, PLO);
	gprs(f)[0] = 0x200;
	expect_specification(f, PLO);
	for (unsigned int operation = LOAD; operation < OPERATIONS; operation++) {
		for (unsigned int form = 0; form < 4; form++) {
			put_operands(f, operation, form);
			gprs(f)[10] += size_of(form) / 2;
			expect_specification(f, PLO);
			put_operands(f, operation, form);
			gprs(f)[11] += size_of(form) == 4 ? 2 : 4;
			if (operation != SWAP || in_list(form))
				expect_specification(f, PLO);
			else
				assert_int_equal(0, run(f)); /* there is no fourth operand */
			put_operands(f, operation, form);
			if (operation != LOAD && !in_list(form))
				expect_specification(f, "ee34a000b000");
			put_operands(f, operation, form);
			fx_set8(f, LIST + 72, FOURTH + 2);
			if (operation != SWAP && in_list(form))
				expect_specification(f, PLO);
		}
	}
	put_operands(f, DOUBLE_SWAP, 2);
	expect_specification(f, "ee25a000b000"); /* r3 is odd */
}

/* An operand that is not there: nothing has happened */
static void nothing_is_stored_before_an_exception(void **state)
{
	struct fx *f = *state;

	put_operands(f, TRIPLE_STORE, 3);
	fx_set8(f, LIST + 136, FX_SIZE + 0x1000);
	fx_start(f, PLO);
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(FX_SIZE + 0x1000, f->cpu[0].fault.gpa);
	assert_int_equal(FX_CODE, be64_get(f->cpu[0].scb.gpsw_addr));
	assert_true(has(f, SECOND, 16, 0x11));
	assert_true(has(f, FOURTH, 16, 0x31));
	assert_int_equal(0, fx_get8(f, SIXTH));
}

/* ---- two CPUs: a list of nodes is pushed and counted at the same time ---- */

#define ROUNDS 2000

/*
 * 2: lhi 2,..: the counter and its double in two places, both or none replaced
 *	l 2,0(10); l 4,0(11)
 * again: lr 3,2; ahi 3,1; lr 5,4; ahi 5,2
 *	plo 2,0(10),4,0(11); jne again; brct 8,again
 */
#define COUNT                                                                                      \
	"5820a000 5840b000"                                                                        \
	"1832 a73a0001 1854 a75a0002"                                                              \
	"ee24a000b000 a774fff7 a786fff5" FX_END

static void *count(void *arg)
{
	struct fx *f = arg;
	struct fx_cpu *cpu = &f->cpu[1];

	while (be64_get(cpu->scb.gpsw_addr) != FX_END_ADDR)
		sie_run(cpu->sie, FX_ASCE, &cpu->scb, &cpu->state, &cpu->fault);
	return NULL;
}

static void set_up_counter(struct fx *f, struct fx_cpu *cpu)
{
	cpu->state.gprs[0] = DOUBLE_SWAP * 4;
	cpu->state.gprs[1] = 0;
	cpu->state.gprs[8] = ROUNDS;
	cpu->state.gprs[10] = SECOND;
	cpu->state.gprs[11] = LIST;
}

static void two_cpus(void **state)
{
	struct fx *f = *state;
	pthread_t other;

	memset(f->mem + SECOND, 0, 0x2000);
	fx_start(f, COUNT);
	set_up_counter(f, &f->cpu[0]);
	set_up_counter(f, &f->cpu[1]);
	f->cpu[1].state.prefix = 0x10000;
	f->cpu[1].scb.gpsw_mask = be64_make(FX_PSW_MASK);
	f->cpu[1].scb.gpsw_addr = be64_make(FX_CODE);
	f->cpu[1].scb.ckc = be64_make(UINT64_MAX);
	f->cpu[1].scb.cputm = be64_make(INT64_MAX);
	fx_set8(f, 0x10300, FX_PSW_MASK | PSW_MASK_WAIT);
	fx_set8(f, 0x10308, FX_END_ADDR);
	assert_int_equal(0, pthread_create(&other, NULL, count, f));
	fx_expect_wait(f, FX_END_ADDR);
	pthread_join(other, NULL);
	assert_int_equal(2 * ROUNDS, fx_get4(f, SECOND));
	assert_int_equal(4 * ROUNDS, fx_get4(f, LIST));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_function),
		CASE(third_differs),
		CASE(test_bit),
		CASE(specification),
		CASE(nothing_is_stored_before_an_exception),
		CASE(two_cpus),
	};

	return cmocka_run_group_tests_name("sie-plo", tests, NULL, NULL);
}
