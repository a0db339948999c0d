/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address-space numbers: SSAR and LASP over both tables, authority, and each exception. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

/* Three spaces: primary, secondary, and the one that a number leads to. Each has a page of its own
 * at VIRTUAL; everything else is mapped one to one. */
#define PAGES(n)   (0x20000UL + (n)*0x2000UL)
#define SEGMENT(n) (PAGES(n) + 0x1000UL)
#define VIRTUAL    0x5000UL
#define PAGE_OF(n) (FX_DATA + (n)*PAGE_SIZE)

#define FIRST_TABLE  0x40000UL
#define SECOND_TABLE 0x41000UL
#define AUTHORITY    0x43000UL

#define ASN     0x1083 /* entry 42 of the first table, 3 of the second */
#define AFTE    (FIRST_TABLE + 0x42 * 4)
#define ASTE    (SECOND_TABLE + 3 * 64)
#define PASN    0x0005 /* what CR4 has */
#define SASN    0x0009
#define AX      0x0006
#define CR14    (CR14_INITIAL | 0x80000UL | FIRST_TABLE >> 12)
#define DAT_PSW (FX_PSW_MASK | PSW_MASK_DAT)
#define OLD_CR5 0x1111111122222200UL

/* sac 256; lg 1,0(5); sac 0: what the secondary space has at VIRTUAL */
#define LOAD_SECONDARY "b2190100 e31050000004 b2190000"

static uint64_t *gprs(struct fx *f)
{
	return f->cpu[0].state.gprs;
}

static uint64_t cr(const struct fx *f, unsigned int n)
{
	return be64_get(f->cpu[0].scb.gcr[n]);
}

static void set_cr(struct fx *f, unsigned int n, uint64_t value)
{
	f->cpu[0].scb.gcr[n] = be64_make(value);
}

static void put_space(struct fx *f, unsigned int n)
{
	for (uint64_t i = 0; i < 256; i++)
		fx_set8(f, PAGES(n) + i * 8, i << 12);
	fx_set8(f, PAGES(n) + (VIRTUAL >> 12) * 8, PAGE_OF(n));
	for (uint64_t i = 0; i < 512; i++)
		fx_set8(f, SEGMENT(n) + i * 8, 0x20);
	fx_set8(f, SEGMENT(n), PAGES(n));
	fx_set8(f, PAGE_OF(n), 0xa0 + n);
}

static void put_world(struct fx *f)
{
	for (unsigned int n = 0; n < 3; n++)
		put_space(f, n);
	memset(f->mem + FIRST_TABLE, 0xff, PAGE_SIZE);
	fx_set4(f, AFTE, SECOND_TABLE);
	memset(f->mem + SECOND_TABLE, 0xff, PAGE_SIZE);
	fx_set4(f, ASTE, AUTHORITY);
	fx_set4(f, ASTE + 4, 0x00770000); /* its own index; 16 authorities */
	fx_set8(f, ASTE + 8, SEGMENT(2));
	memset(f->mem + AUTHORITY, 0, 8);
	f->mem[AUTHORITY + AX / 4] = 0x40 >> (AX % 4) * 2;
	set_cr(f, 0, CR0_INITIAL | 0x04000000);
	set_cr(f, 1, SEGMENT(0));
	set_cr(f, 3, 0x8888888880000000 | SASN);
	set_cr(f, 4, 0x7777777700000000 | AX << 16 | PASN);
	set_cr(f, 5, OLD_CR5);
	set_cr(f, 7, SEGMENT(1));
	set_cr(f, 14, CR14);
	fx_set8(f, 0xa8, 0x5555555555555555);
	sie_purge(f->vm, 0, 0);
}

static void start(struct fx *f, const char *code)
{
	fx_start(f, code);
	fx_psw(f, DAT_PSW, FX_CODE);
	gprs(f)[5] = VIRTUAL;
}

/* The numbers and spaces that CR3 and CR7 had are still there */
static void expect_unchanged(struct fx *f)
{
	assert_int_equal(SEGMENT(0), cr(f, 1));
	assert_int_equal(0x8888888880000000 | SASN, cr(f, 3));
	assert_int_equal(0x7777777700000000 | AX << 16 | PASN, cr(f, 4));
	assert_int_equal(OLD_CR5, cr(f, 5));
	assert_int_equal(SEGMENT(1), cr(f, 7));
}

/* ---- SET SECONDARY ASN ---- */

static void secondary_asn(void **state)
{
	struct fx *f = *state;

	put_world(f);
	gprs(f)[2] = 0xffffffffffff0000 | ASN;
	start(f, LOAD_SECONDARY "b9040031" /* lgr 3,1 */ "b2250020" LOAD_SECONDARY FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xa1, gprs(f)[3]);
	assert_int_equal(0xa2, gprs(f)[1]);
	assert_int_equal(0x8888888880000000 | ASN, cr(f, 3));
	assert_int_equal(SEGMENT(2), cr(f, 7));
	assert_int_equal(SEGMENT(0), cr(f, 1));
	assert_int_equal(0x7777777700000000 | AX << 16 | PASN, cr(f, 4));
}

/* The primary's number needs neither tables nor authority */
static void secondary_asn_is_primary(void **state)
{
	struct fx *f = *state;

	put_world(f);
	fx_set4(f, AFTE, 0x80000000);
	gprs(f)[2] = PASN;
	start(f, "b2250020" LOAD_SECONDARY FX_END);
	fx_psw(f, DAT_PSW, FX_CODE);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xa0, gprs(f)[1]);
	assert_int_equal(0x8888888880000000 | PASN, cr(f, 3));
	assert_int_equal(SEGMENT(0), cr(f, 7));
}

/* A problem program may do it: what counts is authority */
static void secondary_asn_in_problem_state(void **state)
{
	struct fx *f = *state;

	put_world(f);
	gprs(f)[2] = ASN;
	start(f, "b2250020 0000");
	fx_psw(f, DAT_PSW | PSW_MASK_PSTATE, FX_CODE);
	fx_expect_program(f, 0x01, 2, FX_CODE + 6);
	assert_int_equal(SEGMENT(2), cr(f, 7));
}

static void expect_nullified(struct fx *f, uint16_t code)
{
	gprs(f)[2] = ASN;
	start(f, "b2250020");
	fx_expect_program(f, code, 4, FX_CODE);
	assert_int_equal(0x5555555500000000 | ASN, fx_get8(f, 0xa8));
	expect_unchanged(f);
}

static void secondary_asn_nullified(void **state)
{
	struct fx *f = *state;

	put_world(f);
	fx_set4(f, AFTE, 0x80000000 | SECOND_TABLE);
	expect_nullified(f, 0x20);
	put_world(f);
	fx_set4(f, ASTE, 0x80000000 | AUTHORITY);
	expect_nullified(f, 0x21);
	put_world(f);
	f->mem[AUTHORITY + AX / 4] =
		(uint8_t)~f->mem[AUTHORITY + AX / 4]; /* all others, and primary */
	expect_nullified(f, 0x25);
	put_world(f);
	set_cr(f, 4, 0x7777777700100000 | PASN); /* behind the authority table's end */
	f->mem[AUTHORITY + 4] = 0xff;
	gprs(f)[2] = ASN;
	start(f, "b2250020");
	fx_expect_program(f, 0x25, 4, FX_CODE);
}

/* Special operation: without DAT, and without ASN translation, even if nothing is to be translated
 */
static void secondary_asn_refused(void **state)
{
	struct fx *f = *state;

	put_world(f);
	gprs(f)[2] = PASN;
	fx_start(f, "b2250020");
	fx_expect_program(f, 0x13, 4, FX_CODE + 4);
	expect_unchanged(f);
	set_cr(f, 14, CR14 & ~0x80000UL);
	start(f, "b2250020");
	fx_expect_program(f, 0x13, 4, FX_CODE + 4);
	expect_unchanged(f);
}

/* ---- LOAD ADDRESS SPACE PARAMETERS ---- */

#define OPERAND 0x6000UL

/* lasp 0(6),function; ipm 8 */
static unsigned int run_lasp(struct fx *f, uint64_t operand, const char *function)
{
	char code[64] = "e50060000";

	strcat(code, function);
	strcat(code, "b2220080" FX_END);
	fx_set8(f, OPERAND, operand);
	gprs(f)[6] = OPERAND;
	fx_start(f, code);
	fx_expect_wait(f, FX_END_ADDR);
	return (unsigned int)gprs(f)[8] >> 28 & 3;
}

/* PSW-key mask, secondary number, authorisation index, primary number */
#define PARAMETERS(km, sasn, ax, pasn)                                                             \
	((uint64_t)(km) << 48 | (uint64_t)(sasn) << 32 | (uint64_t)(ax) << 16 | (pasn))

static void expect_loaded(struct fx *f, unsigned int sasn, unsigned int ax, unsigned int pasn)
{
	assert_int_equal(0x8888888800000000 | 0xabcd0000 | sasn, cr(f, 3));
	assert_int_equal(0x7777777700000000 | (uint64_t)ax << 16 | pasn, cr(f, 4));
}

/* A new primary space: its tables, its entry, its index; the secondary is the same */
static void load_both(void **state)
{
	struct fx *f = *state;

	put_world(f);
	assert_int_equal(0, run_lasp(f, PARAMETERS(0xabcd, ASN, 0x1234, ASN), "000"));
	expect_loaded(f, ASN, 0x77, ASN);
	assert_int_equal(SEGMENT(2), cr(f, 1));
	assert_int_equal(SEGMENT(2), cr(f, 7));
	assert_int_equal((OLD_CR5 & 0xffffffff00000000) | ASTE, cr(f, 5));
	/* and operands lie there at once */
	put_world(f);
	fx_set8(f, OPERAND, PARAMETERS(0xabcd, ASN, 0, ASN));
	gprs(f)[6] = OPERAND;
	start(f, "e32050000004 e50060000000 e31050000004" FX_END);
	fx_expect_wait(f, FX_END_ADDR);
	assert_int_equal(0xa0, gprs(f)[2]);
	assert_int_equal(0xa2, gprs(f)[1]);
}

/* What is loaded already is not looked up, unless the function says so */
static void load_the_same(void **state)
{
	struct fx *f = *state;

	put_world(f);
	fx_set4(f, AFTE, 0x80000000);
	assert_int_equal(0, run_lasp(f, PARAMETERS(0xabcd, SASN, 0x1234, PASN), "001"));
	expect_loaded(f, SASN, AX, PASN);
	assert_int_equal(SEGMENT(0), cr(f, 1));
	assert_int_equal(SEGMENT(1), cr(f, 7));
	assert_int_equal(OLD_CR5, cr(f, 5));
	/* the index is the operand's */
	assert_int_equal(0, run_lasp(f, PARAMETERS(0xabcd, PASN, 0x1234, PASN), "003"));
	expect_loaded(f, PASN, 0x1234, PASN);
	assert_int_equal(SEGMENT(0), cr(f, 7));
	/* translated again: there is no entry for this number */
	put_world(f);
	assert_int_equal(1, run_lasp(f, PARAMETERS(0xabcd, SASN, 0x1234, PASN), "005"));
	expect_unchanged(f);
	/* without authority needed, but with a look at the tables */
	put_world(f);
	set_cr(f, 3, 0x8888888880000000 | ASN);
	assert_int_equal(0, run_lasp(f, PARAMETERS(0xabcd, ASN, 0, PASN), "001"));
	assert_int_equal(SEGMENT(1), cr(f, 7));
	assert_int_equal(0, run_lasp(f, PARAMETERS(0xabcd, ASN, 0, PASN), "000"));
	assert_int_equal(SEGMENT(2), cr(f, 7));
}

static void load_secondary_authority(void **state)
{
	struct fx *f = *state;

	put_world(f);
	assert_int_equal(0, run_lasp(f, PARAMETERS(0xabcd, ASN, 0, PASN), "000"));
	expect_loaded(f, ASN, AX, PASN);
	assert_int_equal(SEGMENT(2), cr(f, 7));
	/* the operand's index has no authority, */
	put_world(f);
	assert_int_equal(2, run_lasp(f, PARAMETERS(0xabcd, ASN, AX + 1, PASN), "002"));
	expect_unchanged(f);
	/* which does not matter here */
	assert_int_equal(0, run_lasp(f, PARAMETERS(0xabcd, ASN, AX + 1, PASN), "003"));
	expect_loaded(f, ASN, AX + 1, PASN);
	put_world(f);
	fx_set4(f, ASTE, 0x80000000);
	assert_int_equal(2, run_lasp(f, PARAMETERS(0xabcd, ASN, 0, PASN), "001"));
	expect_unchanged(f);
}

static void load_primary_not_available(void **state)
{
	struct fx *f = *state;

	put_world(f);
	fx_set4(f, AFTE, 0x80000000);
	assert_int_equal(1, run_lasp(f, PARAMETERS(0xabcd, ASN, 0, ASN), "000"));
	expect_unchanged(f);
	/* a space-switch event is asked for: by the new primary space, or by the old one */
	put_world(f);
	fx_set8(f, ASTE + 8, SEGMENT(2) | 0x40);
	assert_int_equal(3, run_lasp(f, PARAMETERS(0xabcd, ASN, 0, ASN), "000"));
	expect_unchanged(f);
	put_world(f);
	set_cr(f, 1, SEGMENT(0) | 0x40);
	assert_int_equal(3, run_lasp(f, PARAMETERS(0xabcd, ASN, 0, ASN), "000"));
	assert_int_equal(OLD_CR5, cr(f, 5));
	assert_int_equal(0, run_lasp(f, PARAMETERS(0xabcd, SASN, 0, PASN), "001"));
}

static void load_refused(void **state)
{
	struct fx *f = *state;

	put_world(f);
	gprs(f)[6] = OPERAND + 4;
	fx_start(f, "e50060000000");
	fx_expect_program(f, 0x06, 6, FX_CODE + 6);
	set_cr(f, 14, CR14 & ~0x80000UL);
	fx_start(f, "e50060000000");
	fx_expect_program(f, 0x13, 6, FX_CODE + 6);
	expect_unchanged(f);
}

/* ---- PROGRAM TRANSFER ---- */

#define PRIMARY_ASTE 0x42000UL
#define TARGET       0x3000UL
#define KEYS         0x5555

/* The primary space's own entry, which says that programs are linked, and primary authority */
static void put_linkage(struct fx *f)
{
	put_world(f);
	memset(f->mem + PRIMARY_ASTE, 0, 64);
	fx_set4(f, PRIMARY_ASTE + 24, 0x80000000);
	set_cr(f, 3, 0x88888888f0f00000 | SASN);
	set_cr(f, 5, 0x1111111100000000 | PRIMARY_ASTE);
	f->mem[AUTHORITY + AX / 4] = 0x80 >> (AX % 4) * 2;
	fx_put(f, TARGET, "e31050000004 e32050000004 0000"); /* lg 1,0(5), and an end */
	gprs(f)[3] = KEYS << 16 | ASN;
	gprs(f)[4] = TARGET;
}

static void transfer_to_another_space(void **state)
{
	struct fx *f = *state;

	put_linkage(f);
	start(f, "b2280034"); /* pt 3,4 */
	fx_expect_program(f, 0x01, 2, TARGET + 14);
	assert_int_equal(0xa2, gprs(f)[1]);
	assert_int_equal(DAT_PSW, fx_get8(f, 0x150));
	assert_int_equal(SEGMENT(2), cr(f, 1));
	assert_int_equal(SEGMENT(2), cr(f, 7));
	assert_int_equal(0x8888888800000000 | (KEYS & 0xf0f0) << 16 | ASN, cr(f, 3));
	assert_int_equal(0x7777777700770000 | ASN, cr(f, 4));
	assert_int_equal(0x1111111100000000 | ASTE, cr(f, 5));
}

/* The number is the primary's: nothing is looked up; the secondary space becomes the primary one */
static void transfer_within_a_space(void **state)
{
	struct fx *f = *state;

	put_linkage(f);
	fx_set4(f, AFTE, 0x80000000);
	set_cr(f, 14, CR14_INITIAL);
	gprs(f)[3] = KEYS << 16 | PASN;
	gprs(f)[4] = TARGET | 1; /* in problem state */
	start(f, "b2280034");
	fx_expect_program(f, 0x01, 2, TARGET + 14);
	assert_int_equal(0xa0, gprs(f)[1]);
	assert_int_equal(DAT_PSW | PSW_MASK_PSTATE, fx_get8(f, 0x150));
	assert_int_equal(SEGMENT(0), cr(f, 7));
	assert_int_equal(0x8888888800000000 | (KEYS & 0xf0f0) << 16 | PASN, cr(f, 3));
	assert_int_equal(0x7777777700000000 | AX << 16 | PASN, cr(f, 4));
	assert_int_equal(0x1111111100000000 | PRIMARY_ASTE, cr(f, 5));
}

/* r2's bit 32 says which of the two modes without 64 bits */
static void transfer_to_a_mode(void **state)
{
	struct fx *f = *state;

	for (unsigned int wide = 0; wide < 2; wide++) {
		put_linkage(f);
		gprs(f)[4] = OLD_CR5 << 32 | (wide ? 0x80000000 : 0) | TARGET;
		start(f, "b2280034");
		fx_psw(f, (DAT_PSW & ~PSW_MASK_64) | (wide ? 0 : PSW_MASK_BASE), FX_CODE);
		fx_expect_program(f, 0x01, 2, TARGET + 14);
		assert_int_equal((DAT_PSW & ~PSW_MASK_64) | (wide ? PSW_MASK_BASE : 0),
				 fx_get8(f, 0x150));
	}
	put_linkage(f);
	gprs(f)[4] = 0x1000000;
	start(f, "b2280034");
	fx_psw(f, (DAT_PSW & ~PSW_MASK_64) | PSW_MASK_BASE, FX_CODE);
	fx_expect_program(f, 0x06, 4, FX_CODE + 4);
}

static void expect_transfer_refused(struct fx *f, uint64_t mask, uint16_t code, bool nullified)
{
	uint64_t before[8];

	for (unsigned int i = 1; i < 8; i++)
		before[i] = cr(f, i);
	start(f, "b2280034");
	fx_psw(f, mask, FX_CODE);
	fx_expect_program(f, code, 4, FX_CODE + (nullified ? 0 : 4));
	for (unsigned int i = 1; i < 8; i++)
		assert_int_equal(before[i], cr(f, i));
	if (nullified)
		assert_int_equal(0x5555555500000000 | ASN, fx_get8(f, 0xa8));
	put_linkage(f);
}

static void transfer_refused(void **state)
{
	struct fx *f = *state;

	put_linkage(f);
	expect_transfer_refused(f, FX_PSW_MASK, 0x13, false);
	expect_transfer_refused(f, DAT_PSW | 2UL << 46, 0x13, false);
	fx_set4(f, PRIMARY_ASTE + 24, 0x7fffffff);
	expect_transfer_refused(f, DAT_PSW, 0x13, false);
	set_cr(f, 14, CR14 & ~0x80000UL);
	expect_transfer_refused(f, DAT_PSW, 0x13, false);
	expect_transfer_refused(f, DAT_PSW | PSW_MASK_PSTATE, 0x02, false);
	fx_set4(f, AFTE, 0x80000000);
	expect_transfer_refused(f, DAT_PSW, 0x20, true);
	fx_set4(f, ASTE, 0x80000000);
	expect_transfer_refused(f, DAT_PSW, 0x21, true);
	f->mem[AUTHORITY + AX / 4] = 0x40 >> (AX % 4) * 2; /* secondary authority is another one */
	expect_transfer_refused(f, DAT_PSW, 0x24, true);
}

/* The event comes when it has been done: where it went is the old PSW */
static void transfer_with_event(void **state)
{
	struct fx *f = *state;

	for (unsigned int left = 0; left < 2; left++) {
		put_linkage(f);
		if (left)
			set_cr(f, 1, SEGMENT(0) | 0x40);
		else
			fx_set8(f, ASTE + 8, SEGMENT(2) | 0x40);
		start(f, "b2280034");
		fx_expect_program(f, 0x1c, 4, TARGET);
		assert_int_equal(0x5555555500000000 | (left ? 0x80000000 : 0) | PASN,
				 fx_get8(f, 0xa8));
		assert_int_equal(SEGMENT(2) | (left ? 0 : 0x40), cr(f, 1));
	}
}

/* ---- space switches ---- */

#define AS(n) ((uint64_t)(n) << 46)
#define HOME  3

/* sac @to in a mode: what is told at real 172, or that there is no event */
static void expect_switch(struct fx *f, unsigned int from, const char *sac, unsigned int to,
			  bool event, uint32_t told)
{
	char code[64];

	strcpy(code, sac);
	strcat(code, "0000");
	fx_set8(f, 0xa8, 0x5555555555555555);
	start(f, code);
	fx_psw(f, DAT_PSW | AS(from) | 2UL << 44, FX_CODE);
	fx_expect_program(f, event ? 0x1c : 0x01, event ? 4 : 2, FX_CODE + (event ? 4 : 6));
	assert_int_equal(DAT_PSW | AS(to) | 2UL << 44, fx_get8(f, 0x150));
	assert_int_equal(event ? 0x5555555500000000 | told : 0x5555555555555555, fx_get8(f, 0xa8));
}

static void space_switch_events(void **state)
{
	struct fx *f = *state;

	put_world(f);
	set_cr(f, 13, SEGMENT(0));
	expect_switch(f, 0, "b2190300", HOME, false, 0);
	expect_switch(f, HOME, "b2190000", 0, false, 0);
	set_cr(f, 1, SEGMENT(0) | 0x40);
	expect_switch(f, 0, "b2190300", HOME, true, 0x80000000 | PASN);
	expect_switch(f, 0, "b2790300", HOME, true, 0x80000000 | PASN);
	expect_switch(f, HOME, "b2190000", 0, true, 0);
	set_cr(f, 1, SEGMENT(0));
	set_cr(f, 13, SEGMENT(0) | 0x40);
	expect_switch(f, 0, "b2190300", HOME, true, PASN);
	expect_switch(f, HOME, "b2190100", 2, true, 0x80000000);
	/* neither into nor out of the home space */
	expect_switch(f, HOME, "b2190300", HOME, false, 0);
	expect_switch(f, 0, "b2190100", 2, false, 0);
	/* without its prefix page nothing has happened yet */
	start(f, "b2190300");
	atomic_store(&f->unmapped[0], 1);
	sie_purge(f->vm, 0, 0);
	assert_int_equal(SIE_FAULT, fx_run(f));
	assert_int_equal(DAT_PSW, be64_get(f->cpu[0].scb.gpsw_mask));
	atomic_store(&f->unmapped[0], 0);
	fx_expect_program(f, 0x1c, 4, FX_CODE + 4);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(secondary_asn),
		CASE(secondary_asn_is_primary),
		CASE(secondary_asn_in_problem_state),
		CASE(secondary_asn_nullified),
		CASE(secondary_asn_refused),
		CASE(load_both),
		CASE(load_the_same),
		CASE(load_secondary_authority),
		CASE(load_primary_not_available),
		CASE(load_refused),
		CASE(transfer_to_another_space),
		CASE(transfer_within_a_space),
		CASE(transfer_to_a_mode),
		CASE(transfer_refused),
		CASE(transfer_with_event),
		CASE(space_switch_events),
	};

	return cmocka_run_group_tests_name("sie-asn", tests, NULL, NULL);
}
