/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access-register mode: which space an operand lies in, and how an ALET leads to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

/* Three spaces with a segment and a page table each: primary, secondary, and one by access list */
#define PAGES(n)   (0x20000UL + (n)*0x2000UL)
#define SEGMENT(n) (PAGES(n) + 0x1000UL)

#define VIRTUAL 0x5000UL
#define DUCT    0x40000UL
#define LIST    0x41000UL
#define ASTE    0x42000UL
#define TABLE   0x43000UL    /* authority table */
#define ALET    0x00770002UL /* sequence number 77, entry 2 */
#define ALE     (LIST + 2 * 16)

#define AR_PSW  (FX_PSW_MASK | PSW_MASK_DAT | 1UL << 46)
#define CR0_SAC 0x04000000UL
#define GET_CC  "b2220060" /* ipm 6 */

/* Each space has another page at VIRTUAL; everything else is mapped one to one. */
static gpa_t page_of(unsigned int space)
{
	return FX_DATA + space * PAGE_SIZE;
}

static void put_space(struct fx *f, unsigned int n)
{
	for (uint64_t i = 0; i < 256; i++)
		fx_set8(f, PAGES(n) + i * 8, i << 12);
	fx_set8(f, PAGES(n) + (VIRTUAL >> 12) * 8, page_of(n));
	for (uint64_t i = 0; i < 512; i++)
		fx_set8(f, SEGMENT(n) + i * 8, 0x20);
	fx_set8(f, SEGMENT(n), PAGES(n));
	fx_set8(f, page_of(n), 0xa0 + n);
}

static void put_access_list(struct fx *f)
{
	fx_set4(f, DUCT + 16, LIST | 0); /* one unit of 8 entries */
	memset(f->mem + LIST, 0xff, 128);
	fx_set4(f, ALE, 0x00770000);
	fx_set4(f, ALE + 4, 0);
	fx_set4(f, ALE + 8, ASTE);
	fx_set4(f, ALE + 12, 0x1234);
	fx_set4(f, ASTE, TABLE);
	fx_set4(f, ASTE + 4, 0x10); /* 32 authorities */
	fx_set8(f, ASTE + 8, SEGMENT(2));
	fx_set4(f, ASTE + 16, 0);
	fx_set4(f, ASTE + 20, 0x1234);
	memset(f->mem + TABLE, 0, 8);
}

static void put_world(struct fx *f)
{
	for (unsigned int n = 0; n < 3; n++)
		put_space(f, n);
	put_access_list(f);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | CR0_SAC);
	f->cpu[0].scb.gcr[1] = be64_make(SEGMENT(0));
	f->cpu[0].scb.gcr[7] = be64_make(SEGMENT(1));
	f->cpu[0].scb.gcr[2] = be64_make(DUCT);
	f->cpu[0].scb.gcr[8] = be64_make(0);
	sie_purge(f->vm, 0, 0);
}

static uint64_t *gprs(struct fx *f)
{
	return f->cpu[0].state.gprs;
}

static uint32_t *acrs(struct fx *f)
{
	return f->cpu[0].state.acrs;
}

static unsigned int cc(struct fx *f)
{
	return (unsigned int)gprs(f)[6] >> 28 & 3;
}

static void start(struct fx *f, const char *code)
{
	fx_start(f, code);
	fx_psw(f, AR_PSW, FX_CODE);
	gprs(f)[5] = VIRTUAL;
	gprs(f)[8] = VIRTUAL;
}

/* lg 1,0(5) with this ALET in access register 5 */
static void expect_load(struct fx *f, uint32_t alet, uint64_t value)
{
	acrs(f)[5] = alet;
	start(f, "e31050000004" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(value, gprs(f)[1]);
}

static void three_spaces(void **state)
{
	struct fx *f = *state;

	put_world(f);
	expect_load(f, 0, 0xa0);
	expect_load(f, 1, 0xa1);
	expect_load(f, ALET, 0xa2);
	/* one run, and the access register changes meanwhile in every way there is */
	acrs(f)[5] = 0;
	acrs(f)[9] = 1;
	gprs(f)[9] = ALET;
	gprs(f)[10] = 0x300 + 0x80; /* after FX_END's PSW: an ALET for LAM, in the primary space */
	acrs(f)[10] = 0;
	fx_set4(f, 0x380, 0);
	start(f, "e31050000004" /* lg 1,0(5): 0 */
		 "b24d0059"
		 "e32050000004" /* cpya 5,9; lg 2,0(5): 1 */
		 "b24e0059"
		 "e33050000004" /* sar 5,9; lg 3,0(5): list */
		 "9a55a000"
		 "e34050000004" /* lam 5,5,0(10); lg 4,0(5): 0 */
	      FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xa0, gprs(f)[1]);
	assert_int_equal(0xa1, gprs(f)[2]);
	assert_int_equal(0xa2, gprs(f)[3]);
	assert_int_equal(0xa0, gprs(f)[4]);
}

/* An ASN-second-table entry that was changed by a store counts after PALB */
static void purge_access_list(void **state)
{
	struct fx *f = *state;

	put_world(f);
	acrs(f)[5] = ALET;
	acrs(f)[7] = 0;
	start(f, "e31050000004"
		 "e38070000024" /* stg 8,0(7): the list's space has the secondary's tables now */
		 "b2480000 e32050000004" FX_END);
	gprs(f)[7] = ASTE + 8;
	gprs(f)[8] = SEGMENT(1);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xa2, gprs(f)[1]);
	assert_int_equal(0xa1, gprs(f)[2]);
}

/* Both ways between two spaces, by each kind of instruction with two operands in storage */
static void two_operands(void **state)
{
	static const char *const codes[] = {
		"d20750008000",             /* mvc 0(8,5),0(8) */
		"0e48",                     /* mvcl 4,8 */
		"a8480000",                 /* mvcle 4,8,0 */
		"b2550058",                 /* mvst 5,8 */
		"b2540058",                 /* mvpg 5,8 */
		"e50e50008000",             /* mvcsk 0(5),0(8) */
		"d70750005000d60750008000", /* xc 0(8,5),0(5); oc 0(8,5),0(8) */
	};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		bool pairs = i == 1 || i == 2;
		char code[128];

		put_world(f);
		acrs(f)[5] = acrs(f)[4] = 1;
		acrs(f)[8] = ALET;
		gprs(f)[0] = i == 5 ? 7 : 0;
		gprs(f)[1] = 0;
		gprs(f)[9] = 8;
		fx_set8(f, page_of(2), 0x4142434445464700);
		snprintf(code, sizeof(code), "%s%s", codes[i], FX_END);
		start(f, code);
		if (pairs) {
			gprs(f)[4] = VIRTUAL;
			gprs(f)[5] = 8;
		}
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(0x4142434445464700, fx_get8(f, page_of(1)));
		assert_int_equal(0xa0, fx_get8(f, page_of(0)));
	}
	/* comparing: CLC, CLCL, CLST */
	static const char *const compares[] = {"d50750008000" GET_CC FX_END, "0f48" GET_CC FX_END,
					       "b25d0058" GET_CC FX_END};
	for (size_t i = 0; i < 3; i++) {
		put_world(f);
		acrs(f)[5] = acrs(f)[4] = 1;
		acrs(f)[8] = ALET;
		gprs(f)[0] = 0;
		fx_set8(f, page_of(1), 0x4142434445464800);
		fx_set8(f, page_of(2), 0x4142434445464700);
		gprs(f)[9] = 8;
		start(f, compares[i]);
		if (i == 1) {
			gprs(f)[4] = VIRTUAL;
			gprs(f)[5] = 8;
		}
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(2, cc(f));
	}
}

#define TABLE_OFFSET 0x800UL

/* First operand in 4 and 5 and the secondary space, second one in 8 and 9 and the list's, what GR1
 * points at in the primary space */
static void start_three(struct fx *f, const char *code, unsigned int length)
{
	char text[128];

	acrs(f)[4] = acrs(f)[5] = 1;
	acrs(f)[8] = ALET;
	acrs(f)[1] = 0;
	snprintf(text, sizeof(text), "%s%s%s", code, GET_CC, FX_END);
	start(f, text);
	gprs(f)[0] = 0;
	gprs(f)[1] = VIRTUAL + TABLE_OFFSET;
	gprs(f)[4] = VIRTUAL;
	gprs(f)[5] = 32;
	gprs(f)[8] = VIRTUAL;
	gprs(f)[9] = length;
}

static void strings_between_spaces(void **state)
{
	static const struct {
		const char *code, *from, *to;
		unsigned int length;
	} cases[] = {
		{"b2a70048", "4142c3a4", "0041004200e4", 4},         /* cu12 4,8 */
		{"b9b00048", "41e282ac", "00000041000020ac", 4},     /* cu14 */
		{"b2a60048", "004100e4", "41c3a4", 4},               /* cu21 */
		{"b9b10048", "0041d83dde00", "000000410001f600", 6}, /* cu24 */
		{"b9b20048", "0000004100000042", "4142", 8},         /* cu41 */
		{"b9b30048", "000000410001f600", "0041d83dde00", 8}, /* cu42 */
		{"eb480020008e", "00410042", "0041004200200020", 4}, /* mvclu 4,8,0x20 */
		{"b9930048", "010203", "515253", 3},                 /* troo 4,8 */
	};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool troo = i == 7, mvclu = i == 6;
		size_t n;

		put_world(f);
		for (unsigned int c = 0; c < 256; c++)
			f->mem[page_of(0) + TABLE_OFFSET + c] = (uint8_t)(0x50 + c);
		memset(f->mem + page_of(1), 0xee, 64);
		fx_put(f, page_of(2), cases[i].from);
		start_three(f, cases[i].code, cases[i].length);
		if (troo)
			gprs(f)[5] = cases[i].length;
		if (mvclu)
			gprs(f)[5] = 8;
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(mvclu ? 2 : 0, cc(f)); /* padded */
		n = fx_put(f, 0x3c00, cases[i].to);
		assert_memory_equal(f->mem + 0x3c00, f->mem + page_of(1), n);
		assert_int_equal(0xee, f->mem[page_of(1) + n]);
	}
}

static void searches_between_spaces(void **state)
{
	struct fx *f = *state;

	put_world(f);
	fx_set8(f, page_of(1), 0x0041004200430044);
	fx_set8(f, page_of(2), 0x0041004200450044);
	start_three(f, "eb480000008f", 8); /* clclu 4,8,0 */
	gprs(f)[5] = 8;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(1, cc(f));
	assert_int_equal(VIRTUAL + 4, gprs(f)[4]);
	start_three(f, "b2570048", 8); /* cuse 4,8: four bytes */
	gprs(f)[0] = 2;
	gprs(f)[4] += 5; /* 43 00 44 against 45 00 44 */
	gprs(f)[8] += 5;
	gprs(f)[5] = gprs(f)[9] = 3;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0, cc(f));
	assert_int_equal(VIRTUAL + 6, gprs(f)[4]);
	/* trte 4,8: the table is in the primary space, the argument 43 in the secondary */
	memset(f->mem + page_of(0) + TABLE_OFFSET, 0, 256);
	f->mem[page_of(0) + TABLE_OFFSET + 0x43] = 7;
	start_three(f, "b9bf0048", 0);
	gprs(f)[5] = 8;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(1, cc(f));
	assert_int_equal(7, gprs(f)[8]);
	assert_int_equal(VIRTUAL + 5, gprs(f)[4]);
}

/* COMPARE AND SWAP AND STORE, PERFORM LOCKED OPERATION, and the parameter block of KM */
static void swaps_between_spaces(void **state)
{
	struct fx *f = *state;

	put_world(f);
	fx_set4(f, page_of(1), 0x11);
	fx_set4(f, page_of(0) + TABLE_OFFSET, 0x22);
	fx_set4(f, page_of(0) + TABLE_OFFSET + 16, 0x33000000);
	start_three(f, "c82240008000", 0); /* csst 0(4),0(8),2: word and byte */
	gprs(f)[2] = 0x11;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0, cc(f));
	assert_int_equal(0x22, fx_get4(f, page_of(1)));
	assert_int_equal(0x33, f->mem[page_of(2)]);
	/* plo 2,0(4),9,0(8): COMPARE AND SWAP AND STORE of doublewords, the list in the list's
	 * space, the fourth operand by an ALET in it */
	put_world(f);
	fx_set8(f, page_of(1), 0x11);
	fx_set8(f, page_of(2) + 8, 0x11);
	fx_set8(f, page_of(2) + 24, 0x12);
	fx_set8(f, page_of(2) + 56, 0x41);
	fx_set4(f, page_of(2) + 68, 0);
	fx_set8(f, page_of(2) + 72, VIRTUAL + 0x40);
	start_three(f, "ee2940008000", 0);
	gprs(f)[0] = 3 * 4 + 1;
	acrs(f)[9] = 1;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0, cc(f));
	assert_int_equal(0x12, fx_get8(f, page_of(1)));
	assert_int_equal(0x41, fx_get8(f, page_of(0) + 0x40));
	assert_int_equal(0, acrs(f)[9]);
	start_three(f, "ee2040008000", 0); /* r3 = 0 has no access register */
	gprs(f)[0] = 3 * 4 + 1;
	fx_set8(f, page_of(1), 0x11);
	fx_expect_program(f, 0x06, 6, FX_CODE + 6);
	start_three(f, "b92e0048", 0); /* km 4,8: query into the primary space */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x8000000000000000, fx_get8(f, page_of(0) + TABLE_OFFSET));
}

/* Base register 0 is no base, and access register 0 means the primary space */
static void register_zero(void **state)
{
	struct fx *f = *state;

	put_world(f);
	acrs(f)[0] = 0xffffffff;
	fx_set8(f, 0x380, 0x55);
	start(f, "e31003800004" FX_END); /* lg 1,0x380 */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x55, gprs(f)[1]);
}

/* An instruction that EXECUTE brings, and addresses without an access */
static void executed_and_not_accessed(void **state)
{
	struct fx *f = *state;

	put_world(f);
	acrs(f)[8] = 1;
	acrs(f)[5] = 0xfe000000;           /* invalid, but nothing is accessed by these */
	fx_put(f, 0x3000, "d20730008000"); /* mvc 0(8,3),0(8) */
	gprs(f)[2] = 0x3000;
	gprs(f)[3] = 0x3800;
	start(f, "41105000"
		 "44002000" FX_END); /* la 1,0(5); ex 0,0(2) */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xa1, fx_get8(f, 0x3800));
	assert_int_equal(VIRTUAL, gprs(f)[1]);
}

static void expect_exception(struct fx *f, uint16_t code, uint32_t alet)
{
	sie_purge(f->vm, 0, 0);
	acrs(f)[5] = alet;
	start(f, "e31050000004");
	/* all nullify but the ALET specification exception */
	fx_expect_program(f, code, 6, code == 0x28 ? FX_CODE + 6 : FX_CODE);
	assert_int_equal(5, f->mem[0xa0]);
}

static void translation_exceptions(void **state)
{
	struct fx *f = *state;

	put_world(f);
	expect_exception(f, 0x28, ALET | 0x02000000);
	expect_exception(f, 0x29, (ALET & ~0xffffU) | 8); /* beyond the list */
	expect_exception(f, 0x29, (ALET & ~0xffffU) | 3); /* invalid entry */
	expect_exception(f, 0x2a, ALET ^ 0x00010000);
	fx_set4(f, ASTE, 0x80000000 | TABLE);
	expect_exception(f, 0x2b, ALET);
	put_access_list(f);
	fx_set4(f, ASTE + 20, 0x1235);
	expect_exception(f, 0x2c, ALET);
	/* a private entry: for the owner, or whom the authority table names */
	put_access_list(f);
	fx_set4(f, ALE, 0x01770005);
	expect_exception(f, 0x2d, ALET);
	f->cpu[0].scb.gcr[8] = be64_make(5 << 16);
	sie_purge(f->vm, 0, 0);
	expect_load(f, ALET, 0xa2);
	f->cpu[0].scb.gcr[8] = be64_make(6 << 16);
	expect_exception(f, 0x2d, ALET);
	f->mem[TABLE + 1] = 0x04; /* of the third pair the second bit */
	sie_purge(f->vm, 0, 0);
	expect_load(f, ALET, 0xa2);
	f->cpu[0].scb.gcr[8] = be64_make(32 << 16); /* beyond the table */
	expect_exception(f, 0x2d, ALET);
}

/* The primary space has a list of its own */
static void primary_list(void **state)
{
	struct fx *f = *state;

	put_world(f);
	f->cpu[0].scb.gcr[2] = be64_make(0x44000);
	fx_set4(f, 0x44010, 0x45000); /* nothing but invalid entries */
	memset(f->mem + 0x45000, 0xff, 128);
	f->cpu[0].scb.gcr[5] = be64_make(DUCT);
	expect_load(f, ALET | 0x01000000, 0xa2);
	expect_exception(f, 0x29, ALET);
}

/* The TEID names access-register mode, its access id the register */
static void access_exceptions(void **state)
{
	struct fx *f = *state;

	put_world(f);
	fx_set4(f, ALE, 0x02770000); /* fetch only */
	acrs(f)[5] = ALET;
	start(f, "e31050000004"
		 "e31050000024");
	fx_expect_program(f, 0x04, 6, FX_CODE + 12);
	assert_int_equal(VIRTUAL | 0x40d, fx_get8(f, 0xa8));
	assert_int_equal(5, f->mem[0xa0]);
	put_access_list(f);
	fx_set8(f, PAGES(2) + (VIRTUAL >> 12) * 8, 0x400);
	sie_purge(f->vm, 0, 0);
	start(f, "d20730005000"); /* mvc 0(8,3),0(5) */
	gprs(f)[3] = 0x3800;
	acrs(f)[3] = 0;
	fx_expect_program(f, 0x11, 6, FX_CODE);
	assert_int_equal(VIRTUAL | 0x801, fx_get8(f, 0xa8));
	assert_int_equal(5, f->mem[0xa0]);
}

static void load_real_address(void **state)
{
	struct fx *f = *state;

	put_world(f);
	acrs(f)[5] = ALET;
	start(f, "b1105000" GET_CC FX_END); /* lra 1,0(5) */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0, cc(f));
	assert_int_equal(page_of(2), gprs(f)[1]);
	acrs(f)[5] = ALET ^ 0x00010000;
	start(f, "b1105000" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, cc(f));
	assert_int_equal(0x8000002a, gprs(f)[1] & 0xffffffff);
	/* TEST PROTECTION does the same */
	start(f, "e50150000000" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, cc(f));
}

/* Into the mode and out of it, by SAC; the same instruction means different storage */
static void mode_switches(void **state)
{
	struct fx *f = *state;

	put_world(f);
	acrs(f)[5] = ALET;
	acrs(f)[8] = 7;
	/* twice through: sac 512; lg; sac 0; lg; sac 256; lg */
	start(f, "b2190200"
		 "e31050000004"
		 "b2190000"
		 "e32050000004"
		 "b2190100"
		 "e33050000004"
		 "a7c6fff1" /* brct 12,first */ FX_END);
	gprs(f)[12] = 2;
	fx_psw(f, (AR_PSW & ~PSW_MASK_ASC), FX_CODE);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xa2, gprs(f)[1]);
	assert_int_equal(0xa0, gprs(f)[2]);
	assert_int_equal(0xa1, gprs(f)[3]);
	/* LAE takes the base's ALET in this mode only */
	start(f, "51108000"
		 "b24f0021"
		 "b2190100"
		 "51308000"
		 "b24f0043" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(7, gprs(f)[2]);
	assert_int_equal(1, gprs(f)[4]);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(three_spaces),
		CASE(two_operands),
		CASE(purge_access_list),
		CASE(strings_between_spaces),
		CASE(searches_between_spaces),
		CASE(swaps_between_spaces),
		CASE(register_zero),
		CASE(executed_and_not_accessed),
		CASE(translation_exceptions),
		CASE(primary_list),
		CASE(access_exceptions),
		CASE(load_real_address),
		CASE(mode_switches),
	};

	return cmocka_run_group_tests_name("sie-access-registers", tests, NULL, NULL);
}
