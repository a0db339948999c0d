/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instruction-execution protection: which entries have it, which fetches it stops, how that is
 * told, and that neither cached translations nor decoded code outlive a change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/tables.h"

#define REGION3 (TABLE(1) | 4)
#define HUGE    0x80000000UL
#define FRAME   0x400UL
#define IEP     0x100UL
#define TEID    0x884UL /* a fetch; bits 56 and 61 */

#define TARGET         0x6000UL /* a page of code, mapped one to one */
#define GO             "07fa"   /* br 10 */
#define CALL           "0dea"   /* basr 14,10 */
#define RETURN         "a7180055" /* lhi 1,85 */ "07fe"
#define ENTRY(address) (PT + ((address) >> 12) * 8)

/* Protected page, and code that ends the program if it is executed after all */
static void put_protected(struct fx *f)
{
	put_tables(f, 1);
	put_space(f, REGION3, CR0_EDAT | CR0_IEP);
	fx_set8(f, ENTRY(TARGET), TARGET | IEP);
	fx_put(f, TARGET, FX_END);
	fx_put(f, TARGET + 0x200, FX_END);
	gprs(f)[10] = TARGET;
}

/* Going to GR10 is suppressed */
static void expect_refused(struct fx *f)
{
	start(f, GO);
	fx_expect_program(f, 0x04, 2, gprs(f)[10] + 2);
	assert_int_equal((gprs(f)[10] & PAGE_MASK) | TEID, fx_get8(f, 0xa8));
}

static void expect_executed(struct fx *f)
{
	start(f, GO);
	fx_expect_wait(f, FX_END_ADDR);
}

static void pages(void **state)
{
	struct fx *f = *state;

	put_protected(f);
	expect_refused(f);
	gprs(f)[10] = TARGET + 0x200;
	expect_refused(f);
	/* the bit is the last table's, and that of tables which lead there no such bit */
	fx_set8(f, ENTRY(TARGET), TARGET);
	fx_set8(f, TABLE(0), fx_get8(f, TABLE(0)) | IEP);
	fx_set8(f, TABLE(1), fx_get8(f, TABLE(1)) | IEP);
	put_space(f, REGION3, CR0_EDAT | CR0_IEP);
	expect_executed(f);
}

static void large_frames(void **state)
{
	struct fx *f = *state;

	put_protected(f);
	fx_set8(f, TABLE(0) + 8, FRAME | IEP);
	gprs(f)[10] = 0x100000 + TARGET;
	expect_refused(f);
	fx_set8(f, TABLE(0) + 8, FRAME);
	put_space(f, REGION3, CR0_EDAT | CR0_IEP);
	expect_executed(f);
	fx_set8(f, TABLE(1) + 8, 4 | FRAME | IEP);
	gprs(f)[10] = HUGE + TARGET + 0x200;
	expect_refused(f);
	fx_set8(f, TABLE(1) + 8, 4 | FRAME);
	put_space(f, REGION3, CR0_EDAT | CR0_IEP);
	expect_executed(f);
}

static void optional(void **state)
{
	struct fx *f = *state;

	put_protected(f);
	put_space(f, REGION3, CR0_EDAT);
	expect_executed(f);
	put_space(f, REGION3, CR0_IEP); /* enhanced DAT is another control */
	expect_refused(f);
	without_facility(f, 130);
	put_space(f, REGION3, CR0_EDAT | CR0_IEP);
	expect_executed(f);
}

/* Where there are no tables there is no protection */
static void without_tables(void **state)
{
	struct fx *f = *state;

	put_protected(f);
	expect_refused(f);
	fx_start(f, GO); /* DAT is off */
	fx_expect_wait(f, FX_END_ADDR);
	put_space(f, 0x20, CR0_IEP); /* a real-space designation */
	expect_executed(f);
}

/* What is protected is data as any other, before it was tried to be executed and afterwards */
static void data(void **state)
{
	struct fx *f = *state;

	put_protected(f);
	gprs(f)[5] = TARGET + 0x400;
	gprs(f)[1] = 0x1234;
	gprs(f)[7] = 0;
	start(f, STORE "e32050000004" /* lg 2,0(5) */ "e50150007000" /* tprot 0(5),0(7) */ GET_CC
		       "e33050000003" /* lrag 3,0(5) */ GO);
	fx_expect_program(f, 0x04, 2, TARGET + 2);
	assert_int_equal(0x1234, gprs(f)[2]);
	assert_int_equal(0, cc(f));
	assert_int_equal(TARGET + 0x400, gprs(f)[3]);
	assert_int_equal(TARGET | TEID, fx_get8(f, 0xa8));
	gprs(f)[1] = 0x5678;
	start(f, STORE "e32050000004" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x5678, gprs(f)[2]);
}

/* The target of EXECUTE is an instruction; its operands are none */
static void executed(void **state)
{
	static const char *const codes[] = {"4400a000", "c60000002000"}; /* to 0x6000 */
	struct fx *f = *state;

	for (unsigned int i = 0; i < 2; i++) {
		uint16_t length = i ? 6 : 4;

		put_protected(f);
		start(f, codes[i]);
		fx_expect_program(f, 0x04, length, FX_CODE + length);
		assert_int_equal(TARGET | TEID, fx_get8(f, 0xa8));
		/* the page was read before */
		gprs(f)[5] = TARGET;
		fx_put(f, FX_CODE, LOAD);
		fx_put(f, FX_CODE + 6, "a7040000"); /* a branch that is not taken */
		fx_put(f, FX_CODE + 10, i ? "c60000001ffb" : codes[0]);
		fx_psw(f, DAT_PSW, FX_CODE);
		fx_expect_program(f, 0x04, length, FX_CODE + 10 + length);
		/* what it loads may be protected */
		put_protected(f);
		fx_set8(f, ENTRY(TARGET), TARGET);
		fx_set8(f, ENTRY(VIRTUAL), FX_DATA | IEP);
		put_space(f, REGION3, CR0_IEP);
		fx_put(f, TARGET, LOAD);
		fx_set8(f, FX_DATA, 0x77);
		gprs(f)[1] = 0;
		start(f, codes[i]);
		fx_put(f, FX_CODE + length, FX_END);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(0x77, gprs(f)[1]);
	}
	/* a target that reaches into a protected page */
	put_protected(f);
	fx_put(f, TARGET - 2, LOAD);
	gprs(f)[10] = TARGET - 2;
	start(f, codes[0]);
	fx_set8(f, ENTRY(TARGET - 2), TARGET - PAGE_SIZE); /* not to FX_DATA */
	fx_expect_program(f, 0x04, 4, FX_CODE + 4);
	assert_int_equal(TARGET | TEID, fx_get8(f, 0xa8));
}

/* An instruction of which a part lies in the page, and the one behind the last before it */
static void into_the_page(void **state)
{
	struct fx *f = *state;

	for (unsigned int before = 2; before < 6; before += 2) {
		put_protected(f);
		fx_set8(f, ENTRY(TARGET - 2), TARGET - PAGE_SIZE);
		gprs(f)[1] = 0x77;
		fx_put(f, TARGET - before, LOAD);
		fx_psw(f, DAT_PSW, TARGET - before);
		fx_expect_program(f, 0x04, 6, TARGET - before + 6);
		assert_int_equal(TARGET | TEID, fx_get8(f, 0xa8));
		assert_int_equal(0x77, gprs(f)[1]);
	}
	put_protected(f);
	fx_set8(f, ENTRY(TARGET - 2), TARGET - PAGE_SIZE);
	fx_put(f, TARGET - 4, "a7180055");
	fx_psw(f, DAT_PSW, TARGET - 4);
	fx_expect_program(f, 0x04, 2, TARGET + 2);
	assert_int_equal(TARGET | TEID, fx_get8(f, 0xa8));
	assert_int_equal(0x55, gprs(f)[1] & 0xffffffff);
}

/* Instructions come from the home space or from the primary one */
static void spaces(void **state)
{
	struct fx *f = *state;

	for (uint64_t as = 0; as < 4; as++) {
		put_protected(f);
		f->cpu[0].scb.gcr[13] = be64_make(REGION3);
		start(f, GO);
		fx_psw(f, DAT_PSW | as << 46, FX_CODE);
		fx_expect_program(f, 0x04, 2, TARGET + 2);
		assert_int_equal(TARGET | TEID | (as == 3 ? 3 : 0), fx_get8(f, 0xa8));
		assert_int_equal(0, f->mem[0xa0]);
	}
}

/* Behind all that translation has to say, before the frame and its key */
static void order(void **state)
{
	struct fx *f = *state;

	put_protected(f);
	fx_set8(f, ENTRY(TARGET), TARGET | IEP | 0x400);
	start(f, GO);
	fx_expect_program(f, 0x11, 2, TARGET);
	fx_set8(f, ENTRY(TARGET), TARGET | IEP | 0x800);
	start(f, GO);
	fx_expect_program(f, 0x12, 2, TARGET + 2);
	/* store protection is not asked for */
	fx_set8(f, ENTRY(TARGET), TARGET | IEP | 0x200);
	expect_refused(f);
	/* there is no such frame */
	fx_set8(f, ENTRY(TARGET), FX_SIZE | IEP);
	expect_refused(f);
	/* the key forbids it, too */
	fx_set8(f, ENTRY(TARGET), TARGET | IEP);
	f->keys[TARGET / PAGE_SIZE] = 0x38;
	start(f, GO);
	fx_psw(f, DAT_PSW | 5UL << 52, FX_CODE);
	fx_expect_program(f, 0x04, 2, TARGET + 2);
	assert_int_equal(TARGET | TEID, fx_get8(f, 0xa8));
	assert_int_equal(0x38, f->keys[TARGET / PAGE_SIZE]);
}

/* ---- changes within a run ---- */

/* Code of the page has run: decoded, its translation cached. Then the program makes it protected.
 */
static void put_callable(struct fx *f)
{
	put_protected(f);
	fx_set8(f, ENTRY(TARGET), TARGET);
	fx_put(f, TARGET, RETURN);
	fx_set8(f, ENTRY(PT), PT); /* the page table by its own mapping */
	gprs(f)[1] = 0;
	gprs(f)[4] = ENTRY(TARGET);
	gprs(f)[8] = TARGET | IEP;
}

static void by_invalidation(void **state)
{
	static const char *const codes[] = {
		"b2210029",                                                 /* ipte 2,9 */
		"b98e010b" /* idte 0,0,11,1: clearing alone */, "b20d0000", /* ptlb */
	};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		char code[64];

		put_callable(f);
		gprs(f)[2] = PT;
		gprs(f)[9] = TARGET;
		gprs(f)[11] = 0x800;
		/* call; stg 8,0(4) behind what purges, or before; call */
		snprintf(code, sizeof(code), CALL "%s e38040000024 %s" CALL, i ? "" : codes[i],
			 i ? codes[i] : "");
		start(f, code);
		fx_expect_program(f, 0x04, 2, TARGET + 2);
		assert_int_equal(TARGET | TEID, fx_get8(f, 0xa8));
		assert_int_equal(FX_CODE + strlen(CALL CALL "e38040000024 b2210029") / 2,
				 gprs(f)[14]);
		assert_int_equal(0x55, gprs(f)[1]);
	}
}

static void by_replacement(void **state)
{
	struct fx *f = *state;

	put_callable(f);
	gprs(f)[2] = TARGET;
	gprs(f)[3] = TARGET | IEP;
	gprs(f)[12] = PT;
	gprs(f)[13] = TARGET;
	start(f, CALL "b98f002c" /* crdte 2,0,12 */ CALL);
	fx_expect_program(f, 0x04, 2, TARGET + 2);
	assert_int_equal(FX_CODE + 8, gprs(f)[14]);
	/* and back again: refused, then executed */
	gprs(f)[2] = TARGET | IEP;
	gprs(f)[3] = TARGET;
	start(f, "b98f002c" CALL FX_END);
	fx_expect_wait(f, FX_END_ADDR);
}

/* CR0 with the control on, and off again */
static void by_control_register(void **state)
{
	struct fx *f = *state;
	uint64_t off = CR0_INITIAL | CR0_EDAT;

	put_callable(f);
	fx_set8(f, ENTRY(TARGET), TARGET | IEP);
	put_space(f, REGION3, CR0_EDAT);
	fx_set8(f, FX_DATA, off | CR0_IEP);
	fx_set8(f, FX_DATA + 8, off);
	start(f, CALL "eb005000002f" /* lctlg 0,0,0(5) */ CALL);
	fx_expect_program(f, 0x04, 2, TARGET + 2);
	assert_int_equal(FX_CODE + 10, gprs(f)[14]);
	assert_int_equal(0x55, gprs(f)[1]);
	gprs(f)[1] = 0;
	start(f, "eb005008002f" CALL FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x55, gprs(f)[1]);
	/* the second word is enough */
	fx_set4(f, FX_DATA, (uint32_t)(off | CR0_IEP));
	start(f, CALL "b7005000" /* lctl 0,0,0(5) */ CALL);
	fx_expect_program(f, 0x04, 2, TARGET + 2);
}

/* The page itself turns the control on: what is behind it is not fetched any more */
static void under_its_feet(void **state)
{
	struct fx *f = *state;

	put_callable(f);
	fx_set8(f, ENTRY(TARGET), TARGET | IEP);
	put_space(f, REGION3, CR0_EDAT);
	fx_set8(f, FX_DATA, CR0_INITIAL | CR0_EDAT | CR0_IEP);
	fx_put(f, TARGET, "eb005000002f" FX_END);
	start(f, GO);
	fx_expect_program(f, 0x04, 2, TARGET + 8);
}

/* Two addresses of one page: its decoded code is there, and one of them may still not execute it */
static void two_addresses(void **state)
{
	struct fx *f = *state;

	put_callable(f);
	fx_set8(f, ENTRY(0x7000), TARGET | IEP);
	gprs(f)[10] = TARGET;
	gprs(f)[11] = 0x7000;
	for (unsigned int turn = 0; turn < 2; turn++) {
		start(f, CALL "0deb" /* basr 14,11 */);
		fx_expect_program(f, 0x04, 2, 0x7002);
		assert_int_equal(FX_CODE + 4, gprs(f)[14]);
		assert_int_equal(0x7000 | TEID, fx_get8(f, 0xa8));
	}
}

/* Another CPU replaces the entry between two calls */
static void by_another_cpu(void **state)
{
	struct fx *f = *state;
	struct fx_cpu *other = &f->cpu[1];

	put_callable(f);
	start(f, CALL FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	fx_put(f, 0x3000, "b98f002c" FX_END);
	other->state.gprs[2] = TARGET;
	other->state.gprs[3] = TARGET | IEP;
	other->state.gprs[12] = PT;
	other->state.gprs[13] = TARGET;
	other->scb.gpsw_mask = be64_make(FX_PSW_MASK);
	other->scb.gpsw_addr = be64_make(0x3000);
	assert_int_equal(SIE_INTERCEPT,
			 sie_run(other->sie, FX_ASCE, &other->scb, &other->state, &other->fault));
	start(f, CALL);
	fx_expect_program(f, 0x04, 2, TARGET + 2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(pages),           CASE(large_frames),   CASE(optional),
		CASE(without_tables),  CASE(data),           CASE(executed),
		CASE(into_the_page),   CASE(spaces),         CASE(order),
		CASE(by_invalidation), CASE(by_replacement), CASE(by_control_register),
		CASE(under_its_feet),  CASE(two_addresses),  CASE(by_another_cpu),
	};

	return cmocka_run_group_tests_name("sie-iep", tests, NULL, NULL);
}
