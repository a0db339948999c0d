/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Storage keys: what they permit, their reference and change bits, the instructions about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

#define OTHER (FX_DATA + 4 * PAGE_SIZE)

/* GR5 points at FX_DATA, GR8 at OTHER */
#define LOAD   "e31050000004" /* lg 1,0(5) */
#define STORE  "e31050000024" /* stg 1,0(5) */
#define COPY   "d20750008000" /* mvc 0(8,5),0(8) */
#define GET_CC "b2220060"     /* ipm 6 */
#define SSKE   "b22b0015"     /* sske 1,5 */
#define ISKE   "b2290025"     /* iske 2,5 */
#define RRBE   "b22a0025"     /* rrbe 2,5 */
#define IVSK   "b2230025"     /* ivsk 2,5 */
#define PFMF   "b9af0015"     /* pfmf 1,5 */
#define TPROT  "e50150007000" /* tprot 0(5),0(7) */

#define KEY(n)        ((uint64_t)(n) << 52)
#define REFERENCE     0x04
#define CHANGE        0x02
#define FETCH_PROTECT 0x08

#define CR0_LOW_ADDRESS      0x10000000UL
#define CR0_SECONDARY        0x04000000UL
#define CR0_FETCH_OVERRIDE   0x02000000UL
#define CR0_STORAGE_OVERRIDE 0x01000000UL

#define TEID_FETCH 0x800
#define TEID_STORE 0x400
#define TEID_LOW   0x80
#define TEID_KEY   0x8

static uint64_t *gprs(struct fx *f)
{
	return f->cpu[0].state.gprs;
}

static unsigned int cc(struct fx *f)
{
	return (unsigned int)gprs(f)[6] >> 28 & 3;
}

static void set_key(struct fx *f, uint64_t gpa, uint8_t key)
{
	f->keys[gpa / PAGE_SIZE] = key;
	sie_purge(f->vm, 0, 0);
}

static uint8_t get_key(const struct fx *f, uint64_t gpa)
{
	return f->keys[gpa / PAGE_SIZE];
}

static void set_cr0(struct fx *f, uint64_t bits)
{
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | bits);
	sie_purge(f->vm, 0, 0);
}

/* @code runs with an access key; GR5 and GR8 as said above */
static void start(struct fx *f, unsigned int key, const char *code)
{
	fx_start(f, code);
	fx_psw(f, FX_PSW_MASK | KEY(key), FX_CODE);
	gprs(f)[5] = FX_DATA;
	gprs(f)[8] = OTHER;
}

static void expect_done(struct fx *f, unsigned int key, const char *code)
{
	char text[128];

	snprintf(text, sizeof(text), "%s%s", code, FX_END);
	start(f, key, text);
	fx_expect_wait(f, FX_END_ADDR);
}

/* One instruction of 6 bytes is suppressed by protection of the page at @address */
static void expect_refused(struct fx *f, unsigned int key, const char *code, uint64_t teid)
{
	start(f, key, code);
	fx_expect_program(f, 0x04, 6, FX_CODE + 6);
	assert_int_equal(teid, fx_get8(f, 0xa8));
	assert_int_equal(0, f->mem[0xa0]);
}

static void set_and_insert(void **state)
{
	struct fx *f = *state;

	gprs(f)[1] = 0xabcdef; /* the lowest bit is none of the key's */
	gprs(f)[2] = 0x1111111111111111;
	start(f, 0, SSKE ISKE FX_END);
	gprs(f)[5] = FX_DATA + 0x765;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xee, get_key(f, FX_DATA));
	assert_int_equal(0x11111111111111ee, gprs(f)[2]);
	assert_int_equal(0, get_key(f, FX_DATA + PAGE_SIZE));
	/* real addresses are prefixed */
	f->cpu[0].scb.prefix = be32_make(0x6000);
	memcpy(f->mem + 0x6000, f->mem, 0x1000);
	gprs(f)[1] = 0x50;
	start(f, 0, SSKE FX_END);
	gprs(f)[5] = 0x1000;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x50, get_key(f, 0x7000));
}

static void reference_and_change(void **state)
{
	struct fx *f = *state;

	expect_done(f, 0, LOAD);
	assert_int_equal(REFERENCE, get_key(f, FX_DATA));
	expect_done(f, 0, STORE);
	assert_int_equal(REFERENCE | CHANGE, get_key(f, FX_DATA));
	/* one run, so that translations stay cached: the bits come back after each reset */
	for (unsigned int i = 0; i < 4; i++) {
		static const char *const access[] = {"", LOAD, STORE, LOAD STORE};
		static const uint8_t after[] = {0, 2, 3, 3};
		char code[128];

		set_key(f, FX_DATA, 0);
		gprs(f)[1] = 0;
		snprintf(code, sizeof(code), "%s%s%s%s%s%s", LOAD STORE "a7190000" SSKE, access[i],
			 RRBE GET_CC, access[i], ISKE, FX_END);
		start(f, 0, code);
		fx_expect_wait(f, FX_END_ADDR);
		/* cc: reference bit, change bit; a reset leaves the change bit */
		assert_int_equal(after[i], cc(f));
		assert_int_equal(after[i] << 1, gprs(f)[2] & 0xff);
	}
	/* neither translation nor key instructions are references */
	set_key(f, OTHER, 0);
	start(f, 0, ISKE RRBE GET_CC FX_END);
	gprs(f)[5] = OTHER;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0, get_key(f, OTHER));
	assert_int_equal(0, cc(f));
}

static void key_controlled_protection(void **state)
{
	struct fx *f = *state;

	fx_set8(f, FX_DATA, 1);
	set_key(f, FX_DATA, 0x20);
	gprs(f)[1] = 7;
	expect_done(f, 1, LOAD);
	expect_refused(f, 1, STORE, FX_DATA | TEID_STORE | TEID_KEY);
	assert_int_equal(1, fx_get8(f, FX_DATA));
	assert_int_equal(0x20 | REFERENCE, get_key(f, FX_DATA)); /* of the load */
	expect_done(f, 2, LOAD STORE);
	expect_done(f, 0, LOAD STORE);
	set_key(f, FX_DATA, 0x20 | FETCH_PROTECT);
	expect_refused(f, 1, LOAD, FX_DATA | TEID_FETCH | TEID_KEY);
	assert_int_equal(0x20 | FETCH_PROTECT, get_key(f, FX_DATA));
	expect_refused(f, 1, STORE, FX_DATA | TEID_STORE | TEID_KEY);
	expect_done(f, 2, LOAD STORE);
	expect_done(f, 0, LOAD STORE);
	/* storage keys of zero are no open door: only key 0 matches */
	set_key(f, FX_DATA, 0);
	expect_refused(f, 1, STORE, FX_DATA | TEID_STORE | TEID_KEY);
}

/* What one key made known is not there for another */
static void key_changes_within_a_run(void **state)
{
	struct fx *f = *state;

	set_key(f, FX_DATA, 0x20 | FETCH_PROTECT);
	start(f, 0, LOAD STORE "b20a0020" /* spka 32 */ LOAD STORE "b20a0010" LOAD);
	fx_expect_program(f, 0x04, 6, FX_CODE + 38);
	assert_int_equal(1, fx_get8(f, 0x150) >> 52 & 0xf);
}

/* An operand that crosses into a protected page: nothing is stored in the first either */
static void across_a_page(void **state)
{
	struct fx *f = *state;

	set_key(f, FX_DATA, 0x10);
	set_key(f, FX_DATA + PAGE_SIZE, 0x20);
	fx_set8(f, FX_DATA + PAGE_SIZE - 8, 0x1122334455667788);
	gprs(f)[1] = UINT64_MAX;
	start(f, 1, STORE);
	gprs(f)[5] = FX_DATA + PAGE_SIZE - 4;
	fx_expect_program(f, 0x04, 6, FX_CODE + 6);
	assert_int_equal((FX_DATA + PAGE_SIZE) | TEID_STORE | TEID_KEY, fx_get8(f, 0xa8));
	assert_int_equal(0x1122334455667788, fx_get8(f, FX_DATA + PAGE_SIZE - 8));
}

static void instructions_are_fetched_with_the_key(void **state)
{
	struct fx *f = *state;

	set_key(f, FX_CODE, 0x20 | FETCH_PROTECT);
	start(f, 1, LOAD);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(0x04, fx_get2(f, 0x8e));
	assert_int_equal(FX_CODE | TEID_FETCH | TEID_KEY, fx_get8(f, 0xa8));
	/* key 0 may come in; after the switch the next instruction may not be fetched */
	start(f, 0, "b20a0010" /* spka 16 */ LOAD);
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(FX_HANDLER + 0x150, be64_get(f->cpu[0].scb.gpsw_addr));
	assert_int_equal(1, fx_get8(f, 0x150) >> 52 & 0xf);
}

static void overrides(void **state)
{
	struct fx *f = *state;

	set_key(f, FX_DATA, 0x90 | FETCH_PROTECT);
	expect_refused(f, 1, STORE, FX_DATA | TEID_STORE | TEID_KEY);
	set_cr0(f, CR0_STORAGE_OVERRIDE);
	expect_done(f, 1, LOAD STORE);
	set_key(f, FX_DATA, 0x80 | FETCH_PROTECT);
	expect_refused(f, 1, STORE, FX_DATA | TEID_STORE | TEID_KEY);
	/* fetches from the first half of page 0 */
	set_key(f, 0, 0x80 | FETCH_PROTECT);
	start(f, 1, LOAD LOAD "b20a0000" FX_END);
	gprs(f)[5] = 0x7f8;
	set_cr0(f, CR0_FETCH_OVERRIDE);
	fx_expect_wait(f, FX_END_ADDR);
	start(f, 1, LOAD);
	gprs(f)[5] = 0x7f9;
	fx_expect_program(f, 0x04, 6, FX_CODE + 6);
	start(f, 1, STORE);
	gprs(f)[5] = 0x7f0;
	fx_expect_program(f, 0x04, 6, FX_CODE + 6);
	set_cr0(f, 0);
	start(f, 1, LOAD);
	gprs(f)[5] = 0x7f0;
	fx_expect_program(f, 0x04, 6, FX_CODE + 6);
}

/* Low addresses come first, and are for all keys */
/* The fetch-protection override ends in the middle of page 0, for instructions too */
static void override_ends_for_code(void **state)
{
	struct fx *f = *state;

	set_key(f, 0, FETCH_PROTECT);
	set_cr0(f, CR0_FETCH_OVERRIDE);
	fx_put(f, 0x7f8, "a7180001 a7280002 a7380003 b20a0010 a7480004" FX_END);
	for (unsigned int i = 0; i < 2; i++) {
		memset(gprs(f), 0, 16 * sizeof(uint64_t));
		fx_psw(f, FX_PSW_MASK | KEY(1), 0x7f8);
		fx_expect_program(f, 0x04, 2, 0x802);
		assert_int_equal(TEID_FETCH | TEID_KEY, fx_get8(f, 0xa8));
		assert_int_equal(1, gprs(f)[1]);
		assert_int_equal(2, gprs(f)[2]);
		assert_int_equal(0, gprs(f)[3]);
		/* key 0 may go on there, until it has another one: spka 0x10 */
		fx_psw(f, FX_PSW_MASK, 0x7f8);
		fx_expect_program(f, 0x04, 2, 0x80a);
		assert_int_equal(3, gprs(f)[3]);
		assert_int_equal(0, gprs(f)[4]);
	}
	fx_psw(f, FX_PSW_MASK | KEY(1), 0x800);
	fx_expect_program(f, 0x04, 2, 0x802);
	/* half an instruction is none */
	fx_put(f, 0x7fe, "a7180001");
	fx_psw(f, FX_PSW_MASK | KEY(1), 0x7fe);
	fx_expect_program(f, 0x04, 2, 0x800);
	/* a branch back and forth within the page; into the second half by EXECUTE */
	fx_put(f, 0x7f8, "44000800");
	fx_psw(f, FX_PSW_MASK | KEY(1), 0x7f8);
	fx_expect_program(f, 0x04, 4, 0x7fc);
	fx_put(f, 0x7f8, "a7f40004");
	fx_psw(f, FX_PSW_MASK | KEY(1), 0x7f8);
	fx_expect_program(f, 0x04, 2, 0x802);
}

static void low_address_protection(void **state)
{
	static const uint64_t refused[] = {0x1f8, 0x1000, 0x11f8}, allowed[] = {0x208, 0x1208};
	struct fx *f = *state;

	set_cr0(f, CR0_LOW_ADDRESS);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		start(f, 1, STORE);
		gprs(f)[5] = refused[i];
		fx_expect_program(f, 0x04, 6, FX_CODE + 6);
		assert_int_equal((refused[i] & PAGE_MASK) | TEID_STORE | TEID_LOW,
				 fx_get8(f, 0xa8));
	}
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		start(f, 0, STORE FX_END);
		gprs(f)[5] = allowed[i];
		fx_expect_wait(f, FX_END_ADDR);
	}
}

static void expect_tprot(struct fx *f, unsigned int key, unsigned int expected)
{
	uint8_t before = get_key(f, FX_DATA);

	gprs(f)[7] = key << 4;
	expect_done(f, 0, TPROT GET_CC);
	assert_int_equal(expected, cc(f));
	assert_int_equal(before, get_key(f, FX_DATA));
}

static void test_protection(void **state)
{
	struct fx *f = *state;

	set_key(f, FX_DATA, 0x20);
	expect_tprot(f, 2, 0);
	expect_tprot(f, 0, 0);
	expect_tprot(f, 3, 1);
	set_key(f, FX_DATA, 0x20 | FETCH_PROTECT);
	expect_tprot(f, 3, 2);
	expect_tprot(f, 2, 0);
	set_cr0(f, CR0_LOW_ADDRESS);
	gprs(f)[7] = 0;
	start(f, 0, TPROT GET_CC FX_END);
	gprs(f)[5] = 0x100;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(1, cc(f));
}

/* Fetching from the first half of page 0 is permitted if the override says so */
static void test_protection_overridden(void **state)
{
	struct fx *f = *state;

	set_key(f, 0, 0x80 | FETCH_PROTECT);
	for (unsigned int on = 0; on < 2; on++) {
		for (uint64_t at = 0x7ff; at <= 0x800; at++) {
			set_cr0(f, on ? CR0_FETCH_OVERRIDE : 0);
			gprs(f)[7] = 1 << 4;
			start(f, 0, TPROT GET_CC FX_END);
			gprs(f)[5] = at;
			fx_expect_wait(f, FX_END_ADDR);
			assert_int_equal(on && at < 0x800 ? 1 : 2, cc(f));
		}
	}
}

/* Source OTHER with key 3, destination FX_DATA with key 2; both protected against fetching */
static void moves_with_keys(void **state)
{
	static const struct {
		const char *code;
		uint64_t gr0;
		unsigned int psw_key; /* the other operand's */
		uint64_t gr1, gr7;
		bool source; /* the key in a register is the source's */
	} moves[] = {
		{"d93750008000", 0, 2, 0, 0x30, true},  /* mvck 0(3,5),0(8),7 */
		{"e50e50008000", 7, 2, 0x30, 0, true},  /* mvcsk 0(5),0(8) */
		{"e50f50008000", 7, 3, 0x20, 0, false}, /* mvcdk 0(5),0(8) */
	};
	struct fx *f = *state;

	set_key(f, FX_DATA, 0x20 | FETCH_PROTECT);
	set_key(f, OTHER, 0x30 | FETCH_PROTECT);
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		fx_set8(f, OTHER, 0x4711 + i);
		gprs(f)[0] = moves[i].gr0;
		gprs(f)[1] = moves[i].gr1;
		gprs(f)[3] = 8;
		gprs(f)[7] = moves[i].gr7;
		expect_done(f, moves[i].psw_key, moves[i].code);
		assert_int_equal(0x4711 + i, fx_get8(f, FX_DATA));
		gprs(f)[1] ^= 0x70;
		gprs(f)[7] ^= 0x70;
		expect_refused(f, moves[i].psw_key, moves[i].code,
			       moves[i].source ? OTHER | TEID_FETCH | TEID_KEY
					       : FX_DATA | TEID_STORE | TEID_KEY);
		/* in problem state CR3 has to allow the key */
		start(f, moves[i].psw_key, moves[i].code);
		fx_psw(f, FX_PSW_MASK | PSW_MASK_PSTATE, FX_CODE);
		f->cpu[0].scb.gcr[3] = be64_make(0);
		fx_expect_program(f, 0x02, 6, FX_CODE + 6);
	}
}

static void move_page(void **state)
{
	struct fx *f = *state;

	set_key(f, FX_DATA, 0x20 | FETCH_PROTECT);
	set_key(f, OTHER, 0x30 | FETCH_PROTECT);
	fx_set8(f, OTHER + 8, 99);
	gprs(f)[0] = 0x420; /* the source's key is 2: wrong */
	start(f, 2, "b2540058");
	fx_expect_program(f, 0x04, 4, FX_CODE + 4);
	assert_int_equal(OTHER | TEID_FETCH | TEID_KEY, fx_get8(f, 0xa8));
	gprs(f)[0] = 0x430;
	expect_done(f, 2, "b2540058");
	assert_int_equal(99, fx_get8(f, FX_DATA + 8));
	gprs(f)[0] = 0x820; /* the destination's */
	expect_done(f, 3, "b2540058");
	gprs(f)[0] = 0xc20; /* both */
	start(f, 3, "b2540058");
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

static void real_storage(void **state)
{
	struct fx *f = *state;

	set_key(f, FX_DATA, 0x20);
	start(f, 1, "b9250015"); /* sturg 1,5 */
	fx_expect_program(f, 0x04, 4, FX_CODE + 4);
	expect_done(f, 2, "b9250015");
	set_cr0(f, CR0_LOW_ADDRESS);
	start(f, 0, "b9250015");
	gprs(f)[5] = 0x100;
	fx_expect_program(f, 0x04, 4, FX_CODE + 4);
}

/* sske 1,5,m3: nothing is set if all but the ignored bits are right */
static void conditional_set(void **state)
{
	struct fx *f = *state;

	set_key(f, FX_DATA, 0x26);
	gprs(f)[1] = 0x20;
	expect_done(f, 0, "b22b6015" GET_CC); /* MR and MC: both ignored */
	assert_int_equal(0, cc(f));
	assert_int_equal(0x26, get_key(f, FX_DATA));
	assert_int_equal(0x2620, gprs(f)[1]);
	gprs(f)[1] = 0x30;
	expect_done(f, 0, "b22b6015" GET_CC);
	assert_int_equal(1, cc(f));
	assert_int_equal(0x30, get_key(f, FX_DATA));
	set_key(f, FX_DATA, 0x26);
	gprs(f)[1] = 0x20;
	expect_done(f, 0, "b22b4015" GET_CC); /* MR: the change bit differs */
	assert_int_equal(1, cc(f));
	assert_int_equal(0x20, get_key(f, FX_DATA));
}

/* To the end of the megabyte, by absolute addresses; the register is there afterwards */
static void set_multiple(void **state)
{
	struct fx *f = *state;

	gprs(f)[1] = 0x70;
	start(f, 0, "b22b1015" FX_END); /* sske 1,5,1 */
	gprs(f)[5] = FX_SIZE - 3 * PAGE_SIZE;
	fx_expect_wait(f, FX_END_ADDR);
	for (unsigned int i = 1; i <= 3; i++)
		assert_int_equal(0x70, get_key(f, FX_SIZE - i * PAGE_SIZE));
	assert_int_equal(0, get_key(f, FX_SIZE - 4 * PAGE_SIZE) & 0xf0);
	assert_int_equal(FX_SIZE, gprs(f)[5]);
}

static void frame_management(void **state)
{
	struct fx *f = *state;

	fx_set8(f, FX_DATA + 0xff8, 1);
	gprs(f)[1] = 0x30040; /* set key, clear */
	expect_done(f, 0, PFMF);
	assert_int_equal(0x40, get_key(f, FX_DATA));
	assert_int_equal(0, fx_get8(f, FX_DATA + 0xff8));
	assert_int_equal(FX_DATA, gprs(f)[5]);
	/* a frame of 1 MiB from here on */
	gprs(f)[1] = 0x21050;
	start(f, 0, PFMF FX_END);
	gprs(f)[5] = FX_SIZE - PAGE_SIZE;
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0x50, get_key(f, FX_SIZE - PAGE_SIZE));
	assert_int_equal(FX_SIZE, gprs(f)[5]);
	static const uint64_t wrong[] = {0x3000, 0x80000000, 0x1, 0x100};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		gprs(f)[1] = wrong[i];
		start(f, 0, PFMF);
		fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	}
}

/* A frame of 2 GiB is worked on MiB by MiB; the register tells how far that went */
static void frame_management_of_2g(void **state)
{
	struct fx *f = *state;

	fx_set8(f, FX_SIZE - PAGE_SIZE, 1);
	gprs(f)[1] = 0x32050; /* set key, clear */
	start(f, 0, PFMF);
	gprs(f)[5] = FX_SIZE - PAGE_SIZE;
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(FX_SIZE, f->cpu[0].fault.gpa);
	assert_int_equal(FX_CODE, be64_get(f->cpu[0].scb.gpsw_addr));
	assert_int_equal(FX_SIZE, gprs(f)[5]);
	assert_int_equal(0, fx_get8(f, FX_SIZE - PAGE_SIZE));
	assert_int_equal(0x50, get_key(f, FX_SIZE - PAGE_SIZE));
	/* to its end, with nothing to do; an address of 31 bits wraps there */
	gprs(f)[1] = 0x2000;
	for (unsigned int ea = 0; ea < 2; ea++) {
		start(f, 0, PFMF FX_END);
		fx_psw(f, ea ? FX_PSW_MASK : PSW_MASK_BASE, FX_CODE);
		gprs(f)[5] = 0x1111111100000000 | 0x7fd00123;
		if (ea)
			gprs(f)[5] = 0x17fd00123;
		fx_expect_wait(f, FX_END_ADDR);
		assert_int_equal(ea ? 0x180000000 : 0x1111111100000000, gprs(f)[5]);
	}
	/* 24 bits do not reach so far */
	start(f, 0, PFMF);
	fx_psw(f, 0, FX_CODE);
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
	uint64_t list[4];
	sie_host_facilities(list);
	list[1] &= ~(1UL << (63 - 78 % 64));
	sie_vm_set_facilities(f->vm, list, 4);
	start(f, 0, PFMF);
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

static void virtual_key(void **state)
{
	struct fx *f = *state;

	start(f, 0, IVSK); /* DAT is off */
	fx_expect_program(f, 0x13, 4, FX_CODE + 4);
	/* one segment, mapped one to one by a real-space designation */
	f->cpu[0].scb.gcr[1] = be64_make(0x20);
	set_key(f, FX_DATA, 0xde);
	start(f, 0, IVSK FX_END);
	gprs(f)[2] = UINT64_MAX;
	fx_psw(f, FX_PSW_MASK | PSW_MASK_DAT, FX_CODE);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xffffffffffffffd8, gprs(f)[2]); /* without R and C */
	assert_int_equal(0xde, get_key(f, FX_DATA));
	start(f, 0, IVSK);
	fx_psw(f, FX_PSW_MASK | PSW_MASK_DAT | PSW_MASK_PSTATE, FX_CODE);
	fx_expect_program(f, 0x02, 4, FX_CODE + 4);
}

/* The host learns of the first use of keys, and the instruction is executed again */
static void keyless_subset(void **state)
{
	static const char *const codes[] = {SSKE, ISKE, RRBE, PFMF};
	struct fx *f = *state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		f->cpu[0].scb.cpuflags = be32_make(CPUSTAT_KSS);
		gprs(f)[1] = 0x20050;
		start(f, 0, codes[i]);
		fx_put(f, FX_CODE + 4, FX_END);
		assert_int_equal(SIE_INTERCEPT, fx_run(f));
		assert_int_equal(ICPT_KSS, f->cpu[0].scb.icptcode);
		assert_int_equal(FX_CODE, be64_get(f->cpu[0].scb.gpsw_addr));
		f->cpu[0].scb.cpuflags = be32_make(0);
		fx_expect_wait(f, FX_END_ADDR);
	}
}

/* An interruption stores with key 0 whatever the PSW key was, and changes the page */
static void interruptions_have_no_key(void **state)
{
	struct fx *f = *state;

	set_key(f, 0, 0xf0 | FETCH_PROTECT);
	start(f, 1, "0000");
	fx_expect_program(f, 0x01, 2, FX_CODE + 2);
	assert_int_equal(0xf0 | FETCH_PROTECT | REFERENCE | CHANGE, get_key(f, 0));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(set_and_insert),
		CASE(reference_and_change),
		CASE(key_controlled_protection),
		CASE(key_changes_within_a_run),
		CASE(across_a_page),
		CASE(instructions_are_fetched_with_the_key),
		CASE(overrides),
		CASE(override_ends_for_code),
		CASE(low_address_protection),
		CASE(test_protection),
		CASE(test_protection_overridden),
		CASE(moves_with_keys),
		CASE(move_page),
		CASE(real_storage),
		CASE(conditional_set),
		CASE(set_multiple),
		CASE(frame_management),
		CASE(frame_management_of_2g),
		CASE(virtual_key),
		CASE(keyless_subset),
		CASE(interruptions_have_no_key),
	};

	return cmocka_run_group_tests_name("sie-keys", tests, NULL, NULL);
}
