/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enhanced dynamic address translation: frames of 1 MiB, protection by region entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/tables.h"

#define FRAME 0x400UL

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

#define PREFIX 0xa000UL

/* Pages are real, large frames absolute; the real address of these has prefixing undone */
static void large_frames_are_absolute(void **state)
{
	struct fx *f = *state;

	f->cpu[0].scb.prefix = be32_make(PREFIX);
	put_tables(f, 0);
	fx_set8(f, TABLE(0) + 8, FRAME);
	put_space(f, TABLE(0), CR0_EDAT);
	memcpy(f->mem + PREFIX, f->mem, 0x400);
	fx_set8(f, 0x1800, 0x11);
	fx_set8(f, PREFIX + 0x1800, 0x22);
	gprs(f)[5] = 0x100000 + 0x1800;
	gprs(f)[7] = 0x100000 + PREFIX + 0x1800;
	/* lg 1,0(5); lg 2,0(7); lrag 3,0(5); lurag 4,3 */
	start(f, LOAD "e32070000004 e33050000003 b9050043" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x11, gprs(f)[1]);
	assert_int_equal(0x22, gprs(f)[2]);
	assert_int_equal(PREFIX + 0x1800, gprs(f)[3]);
	assert_int_equal(0x11, gprs(f)[4]);
	/* a page of the same place */
	gprs(f)[5] = 0x1800;
	start(f, LOAD FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x22, gprs(f)[1]);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(large_frames),
		CASE(protected_regions),
		CASE(large_frames_are_absolute),
	};

	return cmocka_run_group_tests_name("sie-edat", tests, NULL, NULL);
}
