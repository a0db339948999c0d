/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dynamic address translation, and the instructions that work on tables and real storage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/tables.h"

static void every_level(void **state)
{
	struct fx *f = *state;

	fx_set8(f, FX_DATA, 0x1122334455667788);
	for (uint64_t level = 0; level < 4; level++) {
		put_tables(f, level);
		gprs(f)[1] = 0;
		start(f, LOAD FX_END);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(0x1122334455667788, gprs(f)[1]);
	}
}

/* A load of GR5 is nullified by what the tables say */
static void expect_nullified(struct fx *f, uint16_t code)
{
	start(f, LOAD);
	fx_expect_program(f, code, 6, FX_CODE);
	assert_int_equal(gprs(f)[5] & PAGE_MASK, fx_get8(f, 0xa8) & PAGE_MASK);
	assert_int_equal(0, fx_get8(f, 0xa8) & 3); /* primary */
}

static void invalid_entries(void **state)
{
	static const uint16_t codes[] = {0x10, 0x3b, 0x3a, 0x39};
	static const unsigned int shift[] = {20, 31, 42, 53};
	struct fx *f = *state;

	for (uint64_t level = 0; level < 4; level++) {
		put_tables(f, 3);
		gprs(f)[5] = 1UL << shift[level]; /* the second entry of that table */
		expect_nullified(f, codes[level]);
		/* 512 entries by the table length: the next is outside, and would be no good */
		gprs(f)[5] = 512UL << shift[level];
		expect_nullified(f, codes[level]);
	}
	put_tables(f, 0);
	fx_set8(f, PT + 5 * 8, FX_DATA | 0x400);
	expect_nullified(f, 0x11);
}

/* Access exceptions of EXECUTE: of its target, of what the target accesses, plain and relative */
static void executed_and_nullified(void **state)
{
	static const char *const codes[] = {"4400c000", "c60000002000"}; /* to 0x6000 */
	struct fx *f = *state;

	for (unsigned int i = 0; i < 2; i++) {
		uint16_t length = i ? 6 : 4;

		put_tables(f, 0);
		fx_put(f, 0x6000, LOAD);
		gprs(f)[12] = 0x6000;
		gprs(f)[1] = 0x77;
		fx_set8(f, PT + 5 * 8, FX_DATA | 0x400);
		start(f, codes[i]);
		fx_expect_program(f, 0x11, length, FX_CODE);
		assert_int_equal(VIRTUAL | 0x800, fx_get8(f, 0xa8));
		assert_int_equal(0x77, gprs(f)[1]);
		/* protection: suppressed, behind EXECUTE */
		fx_put(f, 0x6000, STORE);
		fx_set8(f, PT + 5 * 8, FX_DATA | 0x200);
		start(f, codes[i]);
		fx_expect_program(f, 0x04, length, FX_CODE + length);
		/* the target itself */
		fx_set8(f, PT + 6 * 8, 0x400);
		sie_purge(f->vm, 0, 0);
		start(f, codes[i]);
		fx_expect_program(f, 0x11, length, FX_CODE);
		assert_int_equal(0x6000 | 0x800, fx_get8(f, 0xa8));
	}
}

/* An instruction whose second page is invalid, and one behind it that nobody comes to */
static void fetching_is_nullified(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	fx_set8(f, PT + 3 * 8, 0x400);
	for (unsigned int before = 2; before < 6; before += 2) {
		gprs(f)[1] = 0x77;
		fx_put(f, 0x3000 - before, LOAD);
		fx_psw(f, DAT_PSW, 0x3000 - before);
		fx_expect_program(f, 0x11, 6, 0x3000 - before);
		assert_int_equal(0x3000 | 0x800, fx_get8(f, 0xa8));
		assert_int_equal(0x77, gprs(f)[1]);
	}
	fx_put(f, 0x2ffa, "a7180001 0700");
	fx_psw(f, DAT_PSW, 0x2ffa);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(0x11, fx_get2(f, 0x8e));
	assert_int_equal(0x3000, fx_get8(f, 0x158)); /* the length is unpredictable */
	assert_int_equal(1, gprs(f)[1] & 0xffffffff);
}

/* Both operands lie in two pages. Whichever of the four is invalid or protected: it is told, and
 * not a byte has been stored. */
static void operands_across_pages(void **state)
{
	static const struct {
		const char *code;
		bool stores;
	} cases[] = {
		{"d20f50008000", true},  /* mvc 0(16,5),0(8) */
		{"d70f50008000", true},  /* xc */
		{"f1ff50008000", true},  /* mvo */
		{"d50f50008000", false}, /* clc */
		{"e8075000800f",
		 true}, /* mvcin 0(8,5),15(8): the second operand in its second page */
	};
	struct fx *f = *state;

	put_tables(f, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (uint64_t page = 8; page < 12; page++) {
			uint64_t entry = fx_get8(f, PT + page * 8);
			bool first = page < 10, none = i == 4 && page == 10;
			uint8_t before[16];

			memset(f->mem + 0x8ff0, 0x11, 0x20);
			memset(f->mem + 0xaff0, 0x22, 0x20);
			memcpy(before, f->mem + 0x8ff8, 16);
			gprs(f)[5] = 0x8ff8 + (i == 4 ? 4 : 0);
			gprs(f)[8] = 0xaff8;
			fx_set8(f, PT + page * 8, entry | 0x400);
			sie_purge(f->vm, 0, 0);
			if (!none) {
				start(f, cases[i].code);
				fx_expect_program(f, 0x11, 6, FX_CODE);
				assert_int_equal(page << 12 |
							 (first && cases[i].stores ? 0x400 : 0x800),
						 fx_get8(f, 0xa8));
			}
			assert_memory_equal(before, f->mem + 0x8ff8, 16);
			fx_set8(f, PT + page * 8, entry | 0x200);
			sie_purge(f->vm, 0, 0);
			if (first && cases[i].stores) {
				start(f, cases[i].code);
				fx_expect_program(f, 0x04, 6, FX_CODE + 6);
				assert_int_equal(page << 12 | 0x404, fx_get8(f, 0xa8));
				assert_memory_equal(before, f->mem + 0x8ff8, 16);
			}
			fx_set8(f, PT + page * 8, entry);
		}
}

/* A table that begins later: the offset of the entry that leads to it */
static void table_offset(void **state)
{
	struct fx *f = *state;

	put_tables(f, 1);
	fx_set8(f, TABLE(1), TABLE(0) | 1 << 2 | 1 << 6 | 1);
	start(f, LOAD);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	/* not even the instruction: an endless loop of the handler's own, or its wait */
	assert_int_equal(0x10, fx_get2(f, 0x8e));
}

static void address_beyond_the_type(void **state)
{
	struct fx *f = *state;

	for (uint64_t level = 0; level < 3; level++) {
		put_tables(f, level);
		gprs(f)[5] = 1UL << (31 + 11 * level);
		expect_nullified(f, 0x38);
	}
}

static void expect_translation_specification(struct fx *f)
{
	start(f, LOAD);
	fx_expect_program(f, 0x12, 6, FX_CODE + 6);
}

static void wrong_formats(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	fx_set8(f, PT + 5 * 8, FX_DATA | 0x800);
	expect_translation_specification(f);
	/* the second megabyte's entry claims to be a region's */
	put_tables(f, 0);
	fx_set8(f, TABLE(0) + 8, PT | 4);
	gprs(f)[5] = 0x100000 + VIRTUAL;
	expect_translation_specification(f);
	/* a common segment in a private space */
	put_tables(f, 0);
	fx_set8(f, TABLE(0) + 8, PT | 0x10);
	f->cpu[0].scb.gcr[1] = be64_make(TABLE(0) | 0x100);
	gprs(f)[5] = 0x100000 + VIRTUAL;
	expect_translation_specification(f);
}

static void protected_pages(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	fx_set8(f, PT + 5 * 8, FX_DATA | 0x200);
	start(f, LOAD STORE);
	fx_expect_program(f, 0x04, 6, FX_CODE + 12);
	assert_int_equal(VIRTUAL | 0x404, fx_get8(f, 0xa8));
	put_tables(f, 0);
	fx_set8(f, TABLE(0) + 8, PT | 0x200);
	gprs(f)[5] = 0x100000 + VIRTUAL;
	start(f, LOAD STORE);
	fx_expect_program(f, 0x04, 6, FX_CODE + 12);
}

static void special_operations(void **state)
{
	static const char *const codes[] = {
		"b2190100",     /* sac 256 */
		"b2260010",     /* epar 1 */
		"b2240010",     /* iac 1 */
		"c8305000a000", /* mvcos 0(5),0(10),3 */
	};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		put_tables(f, 0);
		fx_start(f, codes[i]); /* DAT is off */
		fx_expect_program(f, 0x13, (uint16_t)(strlen(codes[i]) / 2),
				  FX_CODE + strlen(codes[i]) / 2);
	}
	/* without secondary-space control */
	put_tables(f, 0);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL);
	start(f, codes[0]);
	fx_expect_program(f, 0x13, 4, FX_CODE + 4);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL);
	start(f, codes[3]);
	fx_expect_program(f, 0x13, 6, FX_CODE + 6);
}

static void invalidate_page_table_entry(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	gprs(f)[1] = PT;
	gprs(f)[2] = VIRTUAL;
	gprs(f)[3] = 2; /* no range without facility 13 */
	start(f, "e33050000004"
		 "b2213012" /* ipte 1,2,3 */ LOAD);
	fx_set8(f, FX_DATA, 2);
	fx_expect_program(f, 0x11, 6, FX_CODE + 10);
	assert_int_equal(FX_DATA | 0x400, fx_get8(f, PT + 5 * 8));
	assert_int_equal(0x6000, fx_get8(f, PT + 6 * 8));
}

/* lra 1,0(5) in 64-bit and in 31-bit mode, lrag 1,0(5) */
static void expect_lra(struct fx *f, unsigned int expected_cc, uint64_t lra, uint64_t lra31,
		       uint64_t lrag)
{
	static const char *const codes[] = {"b1105000" GET_CC FX_END,
					    "010d b1105000 010e" GET_CC FX_END,
					    "e31050000003" GET_CC FX_END};
	const uint64_t expected[] = {lra, lra31, lrag};

	for (unsigned int i = 0; i < 3; i++) {
		gprs(f)[1] = 0x1111111122222222;
		start(f, codes[i]);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(expected_cc, cc(f));
		assert_int_equal(expected[i], gprs(f)[1]);
	}
}

#define UPPER 0x1111111100000000UL /* bits 0-31 of what was in the register */

static void load_real_address(void **state)
{
	struct fx *f = *state;

	put_tables(f, 1);
	gprs(f)[5] = VIRTUAL + 0x123;
	expect_lra(f, 0, FX_DATA + 0x123, UPPER | (FX_DATA + 0x123), FX_DATA + 0x123);
	/* invalid: the entry's address */
	fx_set8(f, PT + 5 * 8, FX_DATA | 0x400);
	expect_lra(f, 2, PT + 5 * 8, UPPER | (PT + 5 * 8), PT + 5 * 8);
	gprs(f)[5] = 1 << 20;
	expect_lra(f, 1, TABLE(0) + 8, UPPER | (TABLE(0) + 8), TABLE(0) + 8);
	/* not in the segment table: where it would be */
	gprs(f)[5] = 512UL << 20;
	expect_lra(f, 3, UPPER | (TABLE(0) + 4096), UPPER | (TABLE(0) + 4096), TABLE(0) + 4096);
	/* a page table that only 64 bits can tell of is not even looked at: storage ends before */
	gprs(f)[5] = 1 << 20;
	fx_set8(f, TABLE(1), 0x180000000 | 1 << 2);
	start(f, "b1105000");
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(0x180000000, f->cpu[0].fault.gpa);
	/* entries behind such a table's end need not be there: the code, if the address is too long
	 */
	gprs(f)[5] = 512UL << 20;
	expect_lra(f, 3, UPPER | 0x80000010, UPPER | 0x80000010, 0x180001000);
	/* no entry of a segment table: the code */
	put_tables(f, 3);
	gprs(f)[5] = 1UL << 31;
	start(f, "b1105000" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, cc(f));
	assert_int_equal(0x8000003b, gprs(f)[1] & 0xffffffff);
	put_tables(f, 1);
	gprs(f)[5] = 1UL << 42;
	gprs(f)[1] = 0x1111111122222222;
	start(f, "e31050000003" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, cc(f));
	assert_int_equal(UPPER | 0x80000038, gprs(f)[1]);
	gprs(f)[5] = VIRTUAL;
	/* 31-bit mode: a real address that does not fit */
	put_tables(f, 0);
	fx_set8(f, PT + 5 * 8, 0x80000000);
	fx_start(f, "b1105000");
	fx_psw(f, (DAT_PSW & ~PSW_MASK_64) | PSW_MASK_BASE | 3UL << 44, FX_CODE);
	fx_expect_program(f, 0x13, 4, FX_CODE + 4);
	/* suppressed: the condition code is what it was */
	assert_int_equal(3, fx_get8(f, 0x150) >> 44 & 3);
}

static void real_storage(void **state)
{
	struct fx *f = *state;

	/* real addresses are not translated, but prefixed */
	put_tables(f, 0);
	fx_set8(f, 0x5000, 0x99);
	fx_set8(f, FX_DATA, 0x77);
	gprs(f)[1] = 0x1234567890abcdef;
	gprs(f)[3] = 0x1111111122222222;
	start(f, "b2460015" /* stura 1,5 */ "b24b0035" /* lura 3,5 */ "b9050045" /* lurag 4,5 */
		 "b9250015" /* sturg 1,5 */ FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x1111111190abcdef, gprs(f)[3]);
	assert_int_equal(0x90abcdef00000099, gprs(f)[4]);
	assert_int_equal(0x1234567890abcdef, fx_get8(f, 0x5000));
	assert_int_equal(0x77, fx_get8(f, FX_DATA));
	gprs(f)[5] = 0x5002;
	start(f, "b24b0035");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	gprs(f)[5] = 0x5004;
	start(f, "b9250015");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

/* A page table entry that was changed by a store alone counts after PTLB */
static void purge_translations(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	fx_set8(f, FX_DATA, 0x77);
	fx_set8(f, FX_DATA + PAGE_SIZE, 0x88);
	gprs(f)[7] = PT + 5 * 8;
	gprs(f)[8] = FX_DATA + PAGE_SIZE;
	start(f, LOAD "b9250087" /* sturg 8,7 */
		      "b20d0000 e32050000004" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x77, gprs(f)[1]);
	assert_int_equal(0x88, gprs(f)[2]);
}

/* From the secondary space to the primary one; at most 4096 bytes */
static void move_with_optional_specifications(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	memset(f->mem + FX_DATA, 0x11, PAGE_SIZE);
	memset(f->mem + FX_DATA + PAGE_SIZE, 0x22, PAGE_SIZE);
	gprs(f)[0] = 0x81; /* second operand: secondary */
	gprs(f)[3] = 8;
	start(f, "c83050005000" GET_CC FX_END); /* mvcos 0(5),0(5),3 */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0, cc(f));
	assert_int_equal(0x2222222222222222, fx_get8(f, FX_DATA));
	assert_int_equal(0x1111111111111111, fx_get8(f, FX_DATA + 8));
	gprs(f)[3] = 0x100000001;
	start(f, "c83050005000" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(3, cc(f));
	assert_int_equal(0x2222222222222222, fx_get8(f, FX_DATA + 0xff8));
	/* home as the target: not for problem state; keys that CR3 does not allow: neither */
	fx_start(f, "c83050005000");
	gprs(f)[0] = 0xc10000;
	fx_psw(f, DAT_PSW | PSW_MASK_PSTATE, FX_CODE);
	fx_expect_program(f, 0x13, 6, FX_CODE + 6);
	gprs(f)[0] = 0x1002;
	fx_psw(f, DAT_PSW | PSW_MASK_PSTATE, FX_CODE);
	fx_expect_program(f, 0x02, 6, FX_CODE + 6);
}

static void compare_and_swap_and_purge(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	fx_set8(f, FX_DATA, 0x00000005aaaaaaaa);
	gprs(f)[2] = 5;
	gprs(f)[3] = 7;
	gprs(f)[5] = VIRTUAL | 1;
	start(f, "b2500025" GET_CC FX_END); /* csp 2,5 */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0, cc(f));
	assert_int_equal(0x00000007aaaaaaaa, fx_get8(f, FX_DATA));
	start(f, "b2500025" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(1, cc(f));
	assert_int_equal(7, gprs(f)[2]);
	/* it swaps a page-table entry's right half: the old translation is gone */
	put_tables(f, 0);
	gprs(f)[2] = FX_DATA;
	gprs(f)[3] = FX_DATA | 0x400;
	gprs(f)[4] = (PT + 5 * 8 + 4) | 1;
	gprs(f)[5] = VIRTUAL;
	fx_set8(f, PT + 32 * 8, PT); /* the table itself, at 0x20000 */
	start(f, LOAD "b2500024" LOAD);
	fx_expect_program(f, 0x11, 6, FX_CODE + 10);
}

/* ---- control registers of an ordinary guest ---- */

static void load_control_leaves(void **state)
{
	struct fx *f = *state;

	f->cpu[0].scb.lctl = be16_make(0x0200); /* CR6 */
	gprs(f)[10] = FX_DATA;
	fx_set8(f, FX_DATA, 0x1234000011110000);
	/* lctl 3,5,0(10) stays; lctlg 5,7,0(10) loads a watched one */
	fx_start(f, "b735a000"
		    "eb57a000002f");
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(ICPT_INST, f->cpu[0].scb.icptcode);
	assert_int_equal(0xeb57, be16_get(f->cpu[0].scb.ipa));
	assert_int_equal(FX_CODE + 10, be64_get(f->cpu[0].scb.gpsw_addr));
	assert_int_equal(0x12340000, be64_get(f->cpu[0].scb.gcr[3]));
	assert_int_equal(0, be64_get(f->cpu[0].scb.gcr[7]));
	/* 15 comes before 0 */
	fx_set8(f, FX_DATA + 8, 0x800);
	f->cpu[0].scb.lctl = be16_make(0);
	fx_start(f, "ebf0a000002f" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x1234000011110000, be64_get(f->cpu[0].scb.gcr[15]));
	assert_int_equal(0x800, be64_get(f->cpu[0].scb.gcr[0]));
	gprs(f)[10] = FX_DATA + 4;
	fx_start(f, "ebf0a000002f");
	fx_expect_program(f, 0x06, 6, FX_CODE + 6);
}

/* ---- trace ---- */

static void trace_tells_operands(void **state)
{
	struct fx *f = *state;
	FILE *out = tmpfile();
	struct sie_trace trace = {.out = out};
	char text[1024] = {0};

	assert_non_null(out);
	sie_set_trace(f->vm, &trace, 7);
	fx_start(f, "a7190005" LOAD);
	gprs(f)[5] = FX_DATA;
	fx_put(f, FX_CODE + 10, "0000");
	fx_expect_program(f, 0x01, 2, FX_CODE + 12);
	sie_set_trace(f->vm, NULL, 7);
	rewind(out);
	assert_true(fread(text, 1, sizeof(text) - 1, out) > 0);
	fclose(out);
	assert_string_equal(text, "7.0: 0000000000002000 lghi %r1,5\n"
				  "7.0: 0000000000002004 lg %r1,0(%r0,%r5)\n"
				  "7.0: 000000000000200a .insn 0000\n"
				  "7.0: interruption program 1\n"
				  "7.0: interception 1c\n");
}

/* Low addresses of a private space are ordinary ones */
static void private_space(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | 0x10000000);
	gprs(f)[5] = 0x1008;
	start(f, STORE);
	fx_expect_program(f, 0x04, 6, FX_CODE + 6);
	assert_int_equal(0x1480, fx_get8(f, 0xa8));
	f->cpu[0].scb.gcr[1] = be64_make(TABLE(0) | 0x100);
	sie_purge(f->vm, 0, 0);
	start(f, STORE FX_END);
	fx_expect_wait(f, FX_END_ADDR);
}

/* IDTE: an entry and those behind it become invalid, translations made through them are gone */
static void invalidate_table_entries(void **state)
{
	struct fx *f = *state;

	put_tables(f, 1);
	for (uint64_t i = 1; i < 4; i++)
		fx_set8(f, TABLE(0) + i * 8, PT);
	gprs(f)[1] = TABLE(0);
	gprs(f)[2] = 0x100000 | 1; /* second entry, and one more */
	gprs(f)[3] = 0;
	gprs(f)[5] = 0x100000 + VIRTUAL;
	start(f, "e34050000004"
		 "b98e3012" /* idte 1,3,2 */ LOAD);
	fx_expect_program(f, 0x10, 6, FX_CODE + 10);
	assert_int_equal(PT | 0x20, fx_get8(f, TABLE(0) + 8));
	assert_int_equal(PT | 0x20, fx_get8(f, TABLE(0) + 16));
	assert_int_equal(PT, fx_get8(f, TABLE(0) + 24));
	/* region third */
	gprs(f)[1] = TABLE(1) | 4;
	gprs(f)[2] = 5UL << 31;
	fx_set8(f, TABLE(1) + 40, TABLE(0) | 4);
	start(f, "b98e3012" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(TABLE(0) | 0x24, fx_get8(f, TABLE(1) + 40));
	/* clearing alone changes no entry, but what was cached is gone */
	put_tables(f, 0);
	fx_set8(f, PT + 33 * 8, PT & ~0xfffUL);
	gprs(f)[1] = TABLE(0);
	gprs(f)[2] = 0x800;
	gprs(f)[4] = 0x21000 + (PT & 0xfff); /* the page table by its own mapping */
	gprs(f)[5] = VIRTUAL;
	gprs(f)[7] = FX_DATA | 0x400;
	start(f, "e39050000004"
		 "e37040280024" /* stg 7,40(4) */ LOAD "b98e3012" LOAD);
	fx_expect_program(f, 0x11, 6, FX_CODE + 22);
	assert_int_equal(PT, fx_get8(f, TABLE(0)));
	gprs(f)[2] = 0x1000;
	start(f, "b98e3012");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

/* Between primary and secondary space, with the secondary key; not in home or AR mode */
static void move_between_spaces(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	fx_set8(f, FX_DATA, 0x1111);
	fx_set8(f, FX_DATA + PAGE_SIZE, 0x2222);
	gprs(f)[3] = 8;
	gprs(f)[7] = 0;
	gprs(f)[8] = VIRTUAL;
	start(f, "da3750008000" GET_CC FX_END); /* mvcp 0(3,5),0(8),7 */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x2222, fx_get8(f, FX_DATA));
	assert_int_equal(0, cc(f));
	fx_set8(f, FX_DATA, 0x3333);
	gprs(f)[3] = 257;
	start(f, "db3750008000" GET_CC FX_END); /* mvcs */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x3333, fx_get8(f, FX_DATA + PAGE_SIZE));
	assert_int_equal(3, cc(f));
	gprs(f)[7] = 0x50;
	start(f, "db3750008000");
	fx_expect_program(f, 0x04, 6, FX_CODE + 6);
	assert_int_equal(VIRTUAL | 0x40a, fx_get8(f, 0xa8)); /* key; secondary */
	start(f, "db3750008000");
	fx_psw(f, DAT_PSW | PSW_MASK_PSTATE, FX_CODE);
	fx_expect_program(f, 0x02, 6, FX_CODE + 6);
	for (uint64_t as = 1; as <= 3; as += 2) {
		f->cpu[0].scb.gcr[13] = be64_make(TABLE(0));
		start(f, "db3750008000");
		fx_psw(f, DAT_PSW | as << 46, FX_CODE);
		fx_expect_program(f, 0x13, 6, FX_CODE + 6);
	}
}

/* The condition code tells an invalid page, or the interruption does, with both registers */
static void move_page(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	gprs(f)[0] = 0x100;
	gprs(f)[8] = 0x6000;
	fx_set8(f, 0x6000, 0x99);
	start(f, "b2540058" GET_CC FX_END); /* mvpg 5,8 */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0, cc(f));
	assert_int_equal(0x99, fx_get8(f, FX_DATA));
	fx_set8(f, PT + 5 * 8, 0x400);
	sie_purge(f->vm, 0, 0);
	start(f, "b2540058" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(1, cc(f));
	fx_set8(f, PT + 6 * 8, 0x400);
	sie_purge(f->vm, 0, 0);
	start(f, "b2540058" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(2, cc(f));
	gprs(f)[0] = 0;
	start(f, "b2540058");
	fx_expect_program(f, 0x11, 4, FX_CODE);
	assert_int_equal(0x58, f->mem[0xa2]);
	assert_int_equal(0x6800, fx_get8(f, 0xa8));
}

static void store_using_real_address(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	fx_set8(f, FX_DATA, 0x4711);
	gprs(f)[5] = 0x6000;
	gprs(f)[8] = VIRTUAL;
	start(f, "e50250008000" FX_END); /* strag 0(5),0(8) */
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x4711, fx_get8(f, 0x6000));
	fx_start(f, "e50250008000"); /* DAT is off */
	fx_expect_program(f, 0x13, 6, FX_CODE + 6);
}

static void compare_and_swap_and_purge_doubleword(void **state)
{
	struct fx *f = *state;

	put_tables(f, 0);
	gprs(f)[2] = FX_DATA;
	gprs(f)[3] = FX_DATA | 0x400;
	gprs(f)[4] = (PT + 5 * 8) | 1;
	gprs(f)[5] = VIRTUAL;
	fx_set8(f, PT + 32 * 8, PT);
	start(f, LOAD "b98a0024" /* cspg 2,4 */ LOAD);
	fx_expect_program(f, 0x11, 6, FX_CODE + 10);
	start(f, "b98a0024" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(1, cc(f));
	assert_int_equal(FX_DATA | 0x400, gprs(f)[2]);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_level),
		CASE(invalid_entries),
		CASE(table_offset),
		CASE(address_beyond_the_type),
		CASE(wrong_formats),
		CASE(protected_pages),
		CASE(special_operations),
		CASE(invalidate_page_table_entry),
		CASE(executed_and_nullified),
		CASE(fetching_is_nullified),
		CASE(operands_across_pages),
		CASE(load_real_address),
		CASE(real_storage),
		CASE(purge_translations),
		CASE(move_with_optional_specifications),
		CASE(compare_and_swap_and_purge),
		CASE(load_control_leaves),
		CASE(trace_tells_operands),
		CASE(private_space),
		CASE(invalidate_table_entries),
		CASE(move_between_spaces),
		CASE(move_page),
		CASE(store_using_real_address),
		CASE(compare_and_swap_and_purge_doubleword),
	};

	return cmocka_run_group_tests_name("sie-dat", tests, NULL, NULL);
}
