/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enhanced dynamic address translation, both parts: frames of 1 MiB and 2 GiB, protection by region
 * entries, common regions, COMPARE AND REPLACE DAT TABLE ENTRY; clearing on one CPU alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/tables.h"

#define REGION3 (TABLE(1) | 4) /* the ASCE of put_tables(f, 1) */
#define HUGE    0x80000000UL   /* the second region: absolute 0 once more, as a frame of 2 GiB */
#define FRAME   0x400UL

/* Frames of 1 MiB, if CR0 bit 40 says so */
static void large_frames(void **state)
{
	struct fx *f = *state;

	put_tables(f, 1);
	fx_set8(f, TABLE(0) + 8, 0x400); /* second megabyte: absolute 0 */
	fx_set8(f, FX_DATA, 0x77);
	gprs(f)[5] = 0x100000 + FX_DATA;
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | CR0_EDAT);
	start(f, LOAD STORE FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x77, gprs(f)[1]);
	/* without the control the entry's origin is a page table's */
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL);
	sie_purge(f->vm, 0, 0);
	start(f, LOAD);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | CR0_EDAT);
	fx_set8(f, TABLE(0) + 8, 0x600);
	sie_purge(f->vm, 0, 0);
	start(f, LOAD STORE);
	fx_expect_program(f, 0x04, 6, FX_CODE + 12);
	assert_int_equal((0x100000 + FX_DATA) | 0x404, fx_get8(f, 0xa8));
	/* the entry brings a key along: 5, fetch protected; the frame's own has the other bits */
	fx_set8(f, TABLE(0) + 8, 0x400 | 0x10000 | 0x5800);
	f->keys[FX_DATA / PAGE_SIZE] = 0x60;
	sie_purge(f->vm, 0, 0);
	start(f, LOAD STORE FX_END);
	fx_psw(f, DAT_PSW | 5UL << 52, FX_CODE);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x66, f->keys[FX_DATA / PAGE_SIZE]);
	start(f, LOAD);
	fx_psw(f, DAT_PSW | 6UL << 52, FX_CODE);
	fx_expect_program(f, 0x04, 6, FX_CODE + 6);
	/* and TEST PROTECTION tells it: 5 may store, 6 not even fetch */
	for (unsigned int key = 5; key < 7; key++) {
		gprs(f)[7] = key << 4;
		start(f, "e50150007000" GET_CC FX_END);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(key == 5 ? 0 : 2, cc(f));
	}
}

/* Protection by a region entry counts with enhanced DAT only */
static void protected_regions(void **state)
{
	struct fx *f = *state;

	for (uint64_t level = 1; level < 4; level++) {
		put_tables(f, level);
		fx_set8(f, TABLE(level), fx_get8(f, TABLE(level)) | 0x200);
		sie_purge(f->vm, 0, 0);
		start(f, LOAD STORE FX_END);
		fx_expect_wait(f, FX_END_ADDR);
		f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | CR0_EDAT);
		sie_purge(f->vm, 0, 0);
		start(f, LOAD STORE);
		fx_expect_program(f, 0x04, 6, FX_CODE + 12);
	}
}

/* ---- frames of 2 GiB ---- */

/* The second region is a frame of 2 GiB whose entry has these bits on */
static void put_huge_frame(struct fx *f, uint64_t bits)
{
	put_tables(f, 1);
	fx_set8(f, TABLE(1) + 8, FRAME | 4 | bits);
	put_space(f, REGION3, CR0_EDAT);
	gprs(f)[5] = HUGE + FX_DATA;
}

static void expect_loaded(struct fx *f, uint64_t address, uint64_t value)
{
	gprs(f)[1] = 0;
	gprs(f)[5] = address;
	start(f, LOAD FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(value, gprs(f)[1]);
}

static void expect_refused(struct fx *f, const char *code, uint16_t pgm, bool nullified)
{
	start(f, code);
	fx_expect_program(f, pgm, 6, FX_CODE + (nullified ? 0 : 6));
}

static void huge_frames(void **state)
{
	struct fx *f = *state;

	put_huge_frame(f, 0);
	fx_set8(f, FX_DATA, 0x77);
	gprs(f)[2] = 0x88;
	start(f, LOAD "e32050080024" /* stg 2,8(5) */ FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x77, gprs(f)[1]);
	assert_int_equal(0x88, fx_get8(f, FX_DATA + 8));
	/* its last byte, and what is behind the end of storage: the host has to say */
	f->mem[FX_SIZE - 1] = 0x99;
	expect_loaded(f, HUGE + FX_SIZE - 8, 0x99);
	gprs(f)[5] = HUGE + FX_SIZE;
	start(f, LOAD);
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(FX_SIZE, f->cpu[0].fault.gpa);
	/* 33 bits of the entry are the frame; those behind, and the bits of a table, are nothing */
	put_huge_frame(f, 0x7ffe0000 | 0xc0 | 0x3);
	expect_loaded(f, HUGE + FX_DATA, 0x77);
	put_huge_frame(f, 0x180000000);
	start(f, LOAD);
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(0x180000000 + FX_DATA, f->cpu[0].fault.gpa);
}

static void huge_frames_are_protected(void **state)
{
	struct fx *f = *state;

	put_huge_frame(f, 0x200);
	start(f, LOAD STORE);
	fx_expect_program(f, 0x04, 6, FX_CODE + 12);
	assert_int_equal((HUGE + FX_DATA) | 0x404, fx_get8(f, 0xa8));
	/* by a table above */
	put_tables(f, 2);
	fx_set8(f, TABLE(1) + 8, FRAME | 4);
	fx_set8(f, TABLE(2), fx_get8(f, TABLE(2)) | 0x200);
	put_space(f, TABLE(2) | 8, CR0_EDAT);
	gprs(f)[5] = HUGE + FX_DATA;
	start(f, LOAD STORE);
	fx_expect_program(f, 0x04, 6, FX_CODE + 12);
}

static void huge_frame_exceptions(void **state)
{
	struct fx *f = *state;

	put_huge_frame(f, 0x20);
	expect_refused(f, LOAD, 0x3b, true);
	assert_int_equal((HUGE + FX_DATA) | 0x800, fx_get8(f, 0xa8));
	/* the entry of another table */
	put_huge_frame(f, 8);
	expect_refused(f, LOAD, 0x12, false);
	/* no frames are that large: the entry's bit counts for nothing, a table is looked up */
	put_tables(f, 3);
	for (uint64_t level = 2; level < 4; level++) {
		fx_set8(f, TABLE(level), fx_get8(f, TABLE(level)) | FRAME);
		put_space(f, TABLE(3) | 12, CR0_EDAT);
		fx_set8(f, FX_DATA, 0x77);
		expect_loaded(f, VIRTUAL, 0x77);
	}
}

/* Without the control or the facility the format control is ignored: the entry leads to a table */
static void huge_frames_are_optional(void **state)
{
	static const unsigned int facilities[] = {8, 78};
	struct fx *f = *state;

	put_huge_frame(f, TABLE(0));
	fx_set8(f, FX_DATA, 0x77);
	fx_set8(f, VIRTUAL, 0x55);
	expect_loaded(f, HUGE + VIRTUAL, 0x55);
	put_space(f, REGION3, 0);
	expect_loaded(f, HUGE + VIRTUAL, 0x77);
	for (unsigned int i = 0; i < 2; i++) {
		without_facility(f, facilities[i]);
		put_space(f, REGION3, CR0_EDAT);
		expect_loaded(f, HUGE + VIRTUAL, 0x77);
	}
}

/* A common region in a private space, whether it is a frame or has a table */
static void common_regions(void **state)
{
	struct fx *f = *state;

	for (unsigned int frame = 0; frame < 2; frame++) {
		put_huge_frame(f, 0x10 | TABLE(0));
		fx_set8(f, FX_DATA, 0x77);
		fx_set8(f, VIRTUAL, 0x77);
		fx_set8(f, TABLE(1) + 8, (frame ? FRAME : 0) | 0x14 | TABLE(0));
		expect_loaded(f, HUGE + VIRTUAL, 0x77);
		put_space(f, REGION3 | 0x100, CR0_EDAT);
		expect_refused(f, LOAD, 0x12, false);
		put_space(f, REGION3 | 0x100, 0);
		expect_loaded(f, HUGE + VIRTUAL, 0x77);
	}
	without_facility(f, 78);
	put_space(f, REGION3 | 0x100, CR0_EDAT);
	expect_loaded(f, HUGE + VIRTUAL, 0x77);
	/* a segment is common without any of this */
	fx_set8(f, TABLE(1) + 8, 4 | TABLE(0));
	fx_set8(f, TABLE(0) + 8, PT | 0x10);
	gprs(f)[5] = HUGE + 0x100000 + VIRTUAL;
	expect_refused(f, LOAD, 0x12, false);
}

/* Key of the entry, 5 and fetch-protected, or of the frame; the frame has the other two bits */
static void huge_frame_keys(void **state)
{
	struct fx *f = *state;

	for (unsigned int valid = 0; valid < 2; valid++) {
		put_huge_frame(f, 0x5800 | (valid ? 0x10000 : 0));
		f->keys[FX_DATA / PAGE_SIZE] = valid ? 0x60 : 0x58;
		start(f, LOAD FX_END);
		fx_psw(f, DAT_PSW | 5UL << 52, FX_CODE);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(valid ? 0x64 : 0x5c, f->keys[FX_DATA / PAGE_SIZE]);
		start(f, STORE FX_END);
		fx_psw(f, DAT_PSW | 5UL << 52, FX_CODE);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(valid ? 0x66 : 0x5e, f->keys[FX_DATA / PAGE_SIZE]);
		start(f, LOAD);
		fx_psw(f, DAT_PSW | 6UL << 52, FX_CODE);
		fx_expect_program(f, 0x04, 6, FX_CODE + 6);
		assert_int_equal((HUGE + FX_DATA) | 0x808, fx_get8(f, 0xa8));
		for (unsigned int key = 5; key < 7; key++) {
			gprs(f)[7] = key << 4;
			start(f, "e50150007000" /* tprot 0(5),0(7) */ GET_CC FX_END);
			fx_expect_wait(f, FX_END_ADDR);
			assert_int_equal(key == 5 ? 0 : 2, cc(f));
		}
	}
	/* protected by the entry: fetching is permitted */
	put_huge_frame(f, 0x200);
	gprs(f)[7] = 0;
	start(f, "e50150007000" GET_CC FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(1, cc(f));
}

/* ---- prefixing ---- */

#define PREFIX 0xa000UL

/* Pages are real, large frames absolute; the real address of these has prefixing undone */
static void large_frames_are_absolute(void **state)
{
	static const uint64_t entries[] = {FRAME | 4, SEG2 | 4};
	struct fx *f = *state;

	f->cpu[0].scb.prefix = be32_make(PREFIX);
	for (unsigned int i = 0; i < 2; i++) {
		put_huge_frame(f, 0);
		fx_set8(f, TABLE(1) + 8, entries[i]);
		fx_set8(f, SEG2, FRAME);
		memcpy(f->mem + PREFIX, f->mem, 0x400);
		fx_set8(f, 0x1800, 0x11);
		fx_set8(f, PREFIX + 0x1800, 0x22);
		gprs(f)[5] = HUGE + 0x1800;
		gprs(f)[7] = HUGE + PREFIX + 0x1800;
		/* lg 1,0(5); lg 2,0(7); lrag 3,0(5); lurag 4,3 */
		start(f, LOAD "e32070000004 e33050000003 b9050043" FX_END);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(0x11, gprs(f)[1]);
		assert_int_equal(0x22, gprs(f)[2]);
		assert_int_equal(PREFIX + 0x1800, gprs(f)[3]);
		assert_int_equal(0x11, gprs(f)[4]);
	}
	/* a page of the same place */
	put_tables(f, 0);
	put_space(f, TABLE(0), CR0_EDAT);
	expect_loaded(f, 0x1800, 0x22);
}

/* ---- entries that change ---- */

/* What was found through the entry is gone when IDTE or CRDTE has ended */
static void huge_frame_is_taken_away(void **state)
{
	struct fx *f = *state;

	put_huge_frame(f, 0);
	fx_set8(f, FX_DATA, 0x77);
	gprs(f)[1] = REGION3;
	gprs(f)[2] = HUGE;
	gprs(f)[3] = 0;
	start(f, "e34050000004"
		 "b98e3012" /* idte 1,3,2 */ LOAD);
	fx_expect_program(f, 0x3b, 6, FX_CODE + 10);
	assert_int_equal(0x77, gprs(f)[4]);
	assert_int_equal(FRAME | 4 | 0x20, fx_get8(f, TABLE(1) + 8));
	/* the frame loses its permission to store */
	put_huge_frame(f, 0);
	gprs(f)[2] = FRAME | 4;
	gprs(f)[3] = FRAME | 4 | 0x200;
	gprs(f)[8] = TABLE(1) | 0x14;
	gprs(f)[9] = HUGE;
	start(f, STORE "b98f0028" /* crdte 2,0,8 */ STORE);
	fx_expect_program(f, 0x04, 6, FX_CODE + 16);
	assert_int_equal(FRAME | 4 | 0x200, fx_get8(f, TABLE(1) + 8));
}

/* Each kind of table; equal and not */
static void compare_and_replace(void **state)
{
	static const struct {
		uint64_t table, address, entry;
	} cases[] = {
		{PT, 0x7ff07000, PT + 7 * 8},
		{PT | 0x10, 0xfffffffffff00000, PT + 0x7ff * 8},
		{TABLE(1) | 0x14, 3UL << 31, TABLE(1) + 24},
		{TABLE(2) | 0x18, 4UL << 42, TABLE(2) + 32},
		{TABLE(3) | 0x1c, 5UL << 53, TABLE(3) + 40},
	};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t entry = cases[i].entry;

		put_tables(f, 3);
		fx_set8(f, entry, 0x1234);
		gprs(f)[2] = 0x1234;
		gprs(f)[3] = 0x5678;
		gprs(f)[8] = cases[i].table | 3; /* two bits that are nothing */
		gprs(f)[9] = cases[i].address;
		fx_start(f, "b98f0028" GET_CC FX_END);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(0, cc(f));
		assert_int_equal(0x5678, fx_get8(f, entry));
		assert_int_equal(0x1234, gprs(f)[2]);
		fx_start(f, "b98f0028" GET_CC FX_END);
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(1, cc(f));
		assert_int_equal(0x5678, fx_get8(f, entry));
		assert_int_equal(0x5678, gprs(f)[2]);
	}
}

static void compare_and_replace_refuses(void **state)
{
	static const char *const odd[] = {"b98f0038", "b98f0029"};
	struct fx *f = *state;

	put_tables(f, 3);
	gprs(f)[2] = fx_get8(f, PT);
	for (uint64_t kind = 1; kind < 4; kind++) {
		gprs(f)[8] = PT | kind << 2;
		gprs(f)[9] = 0;
		fx_start(f, "b98f0028");
		fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	}
	for (unsigned int i = 0; i < 2; i++) {
		fx_start(f, odd[i]);
		fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	}
	fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE, FX_CODE);
	fx_expect_program(f, 0x02, 4, FX_CODE + 4);
	gprs(f)[8] = FX_SIZE;
	fx_start(f, "b98f0028");
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(FX_SIZE, f->cpu[0].fault.gpa);
	without_facility(f, 78);
	fx_start(f, "b98f0028");
	fx_expect_program(f, 0x01, 4, FX_CODE + 4);
}

/* ---- on one CPU alone ---- */

static uint64_t load_on(struct fx *f, unsigned int cpu)
{
	struct fx_cpu *c = &f->cpu[cpu];

	fx_put(f, 0x3000, LOAD FX_END);
	c->state.gprs[1] = 0;
	c->state.gprs[5] = VIRTUAL;
	c->scb.gpsw_mask = be64_make(DAT_PSW);
	c->scb.gpsw_addr = be64_make(0x3000);
	assert_int_equal(SIE_INTERCEPT, sie_run(c->sie, FX_ASCE, &c->scb, &c->state, &c->fault));
	return c->state.gprs[1];
}

/* The page is exchanged by an instruction that may leave the other CPU's translation alone */
static void clear_locally(void **state)
{
	static const struct {
		const char *code;
		bool local;
	} cases[] = {
		{"b2210147 " FX_END, true},  /* ipte 4,7,0,1 */
		{"b2210047 " FX_END, false}, /* ipte 4,7 */
		{"b98e018a " FX_END, true},  /* idte 8,0,10,1: clearing alone */
		{"b98e008a " FX_END, false}, {"b98f012c " FX_END, true}, /* crdte 2,0,12,1 */
		{"b98f002c " FX_END, false},
	};
	struct fx *f = *state;

	fx_set8(f, FX_DATA, 0x11);
	fx_set8(f, FX_DATA + PAGE_SIZE, 0x22);
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = i / 2;
		bool offered = i % 2 == 0;

		without_facility(f, offered ? 255 : 51);
		put_tables(f, 0);
		put_space(f, TABLE(0), 0);
		f->cpu[1].scb.gcr[1] = be64_make(TABLE(0));
		gprs(f)[2] = fx_get8(f, TABLE(0));
		gprs(f)[3] = fx_get8(f, TABLE(0));
		gprs(f)[4] = PT;
		gprs(f)[7] = VIRTUAL;
		gprs(f)[8] = TABLE(0);
		gprs(f)[10] = 0x800;
		gprs(f)[12] = TABLE(0) | 0x10;
		gprs(f)[13] = 0;
		for (unsigned int cpu = 0; cpu < 2; cpu++)
			assert_int_equal(0x11, load_on(f, cpu));
		fx_set8(f, PT + 5 * 8, FX_DATA + PAGE_SIZE);
		fx_start(f, cases[n].code);
		fx_expect_wait(f, FX_END_ADDR);
		fx_set8(f, PT + 5 * 8, FX_DATA + PAGE_SIZE);
		assert_int_equal(0x22, load_on(f, 0));
		assert_int_equal(cases[n].local && offered ? 0x11 : 0x22, load_on(f, 1));
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(large_frames),
		CASE(protected_regions),
		CASE(huge_frames),
		CASE(huge_frames_are_protected),
		CASE(huge_frame_exceptions),
		CASE(huge_frames_are_optional),
		CASE(common_regions),
		CASE(huge_frame_keys),
		CASE(large_frames_are_absolute),
		CASE(huge_frame_is_taken_away),
		CASE(compare_and_replace),
		CASE(compare_and_replace_refuses),
		CASE(clear_locally),
	};

	return cmocka_run_group_tests_name("sie-edat", tests, NULL, NULL);
}
