// SPDX-License-Identifier: GPL-2.0-or-later
/* MOVE PAGE and TEST PROTECTION with translation on. */
#include "test/control/control.h"

#include "test/cpu/translation.h"

#define SOURCE      WINDOW
#define DESTINATION (WINDOW + 0x1000)
#define CCO         0x100UL
#define BOTH_KEYS   0xc00UL

static struct space space;
static uint64_t source[512] __attribute__((aligned(4096)));
static uint64_t destination[512] __attribute__((aligned(4096)));

static void map(uint64_t source_bits, uint64_t destination_bits)
{
	space_window(&space)[0] = (uint64_t)source | source_bits;
	space_window(&space)[1] = (uint64_t)destination | destination_bits;
	destination[0] = 0;
	purge();
}

/* Return: condition code; trapped tells of an interruption */
static unsigned int move_page(uint64_t control, uint64_t to, uint64_t from)
{
	register uint64_t r0 __asm__("0") = control;
	uint32_t cc;

	change_psw(0, PSW_DAT);
	TRAP_BETWEEN("", "mvpg %1, %2", "ipm %0",
		     : "=&d"(cc)
		     : "a"(to), "a"(from), "d"(r0)
		     : "1", "cc", "memory");
	change_psw(PSW_DAT, 0);
	return cc_of(cc);
}

static void expect_moved(bool moved, const char *what)
{
	check(!trapped.code && (destination[0] == 0x4711) == moved, what);
}

static void expect_cc(unsigned int cc, unsigned int got, const char *what)
{
	check(!trapped.code && cc == got && !destination[0], what);
}

static void specifications(void)
{
	map(0, 0);
	for (uint64_t bit = 0x1000; bit <= 0x8000; bit <<= 1) {
		move_page(bit, DESTINATION, SOURCE);
		expect_trap(PGM_SPECIFICATION, 4, BEHIND, "MVPG: reserved bit");
	}
	move_page(BOTH_KEYS, DESTINATION, SOURCE);
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "MVPG: key of both operands");
	space_window(&space)[0] = 0x7ffff000;
	purge();
	move_page(0, DESTINATION, SOURCE);
	expect_trap(PGM_ADDRESSING, 4, BEHIND, "MVPG: source is not storage");
	move_page(CCO, SOURCE, DESTINATION);
	expect_trap(PGM_ADDRESSING, 4, BEHIND,
		    "MVPG: nor is the destination, by no condition code");
}

static void without_cco(void)
{
	map(PAGE_PROTECT, 0);
	check_equal(0, move_page(0, DESTINATION + 0x123, SOURCE + 0xfff), "MVPG: source read only");
	expect_moved(true, "MVPG: moved");
	map(0, PAGE_PROTECT);
	move_page(0, DESTINATION, SOURCE);
	expect_trap(PGM_PROTECTION, 4, BEHIND, "MVPG: destination read only");
	map(PAGE_INVALID, 0);
	move_page(0, DESTINATION, SOURCE);
	expect_trap(PGM_PAGE, 4, AT, "MVPG: source invalid");
	check_equal(SOURCE, trapped.teid & ~0xfffUL, "its address");
	map(0, PAGE_INVALID);
	move_page(0, DESTINATION, SOURCE);
	expect_trap(PGM_PAGE, 4, AT, "MVPG: destination invalid");
	check_equal(DESTINATION, trapped.teid & ~0xfffUL, "its address");
	map(PAGE_INVALID, PAGE_INVALID);
	move_page(0, DESTINATION, SOURCE);
	expect_trap(PGM_PAGE, 4, AT, "MVPG: both invalid");
}

/* Condition codes are for invalid pages alone */
static void with_cco(void)
{
	map(0, 0);
	check_equal(0, move_page(CCO, DESTINATION, SOURCE), "MVPG, CCO: both valid");
	expect_moved(true, "MVPG, CCO: moved");
	map(0, PAGE_PROTECT);
	move_page(CCO, DESTINATION, SOURCE);
	expect_trap(PGM_PROTECTION, 4, BEHIND, "MVPG, CCO: destination read only");
	map(0, PAGE_INVALID);
	expect_cc(1, move_page(CCO, DESTINATION, SOURCE), "MVPG, CCO: destination invalid");
	map(PAGE_INVALID, 0);
	expect_cc(2, move_page(CCO, DESTINATION, SOURCE), "MVPG, CCO: source invalid");
	map(PAGE_INVALID, PAGE_INVALID);
	expect_cc(2, move_page(CCO, DESTINATION, SOURCE), "MVPG, CCO: both invalid");
	map(PAGE_INVALID, PAGE_PROTECT);
	expect_cc(2, move_page(CCO, DESTINATION, SOURCE), "MVPG, CCO: source invalid first");
}

/* The key of GR0 is for one operand only */
static void keys(void)
{
	map(0, 0);
	set_storage_key(source, 0x38);
	move_page(0x420, DESTINATION, SOURCE);
	expect_trap(PGM_PROTECTION, 4, BEHIND, "MVPG: source with another key");
	move_page(0x430, DESTINATION, SOURCE);
	expect_moved(true, "MVPG: source with its key");
	map(0, 0);
	set_storage_key(source, 0);
	set_storage_key(destination, 0x30);
	move_page(0x820, DESTINATION, SOURCE);
	expect_trap(PGM_PROTECTION, 4, BEHIND, "MVPG: destination with another key");
	move_page(0x830, DESTINATION, SOURCE);
	expect_moved(true, "MVPG: destination with its key");
	set_storage_key(destination, 0);
}

static void start(void)
{
	uint64_t asce = space_asce(&space);

	source[0] = 0x4711;
	space_init(&space, source);
	__asm__ volatile("lctlg 1, 1, %0" : : "Q"(asce) : "memory");
}

void test_move_page(void)
{
	start();
	specifications();
	without_cco();
	with_cco();
	keys();
}

static unsigned int test_protection(uint64_t at, uint64_t key)
{
	uint32_t cc;

	change_psw(0, PSW_DAT);
	TRAP_BETWEEN("", "tprot 0(%1), 0(%2)", "ipm %0",
		     : "=&d"(cc)
		     : "a"(at), "a"(key)
		     : "1", "cc");
	change_psw(PSW_DAT, 0);
	return cc_of(cc);
}

void test_protection_test(void)
{
	uint64_t nowhere = NOWHERE_PAGE;

	start();
	map(0, 0);
	check_equal(0, test_protection(SOURCE, 0), "TPROT: read and write");
	map(PAGE_PROTECT, 0);
	check_equal(1, test_protection(SOURCE, 0), "TPROT: read only");
	map(PAGE_INVALID, 0);
	check_equal(3, test_protection(SOURCE, 0), "TPROT: no translation");
	check_equal(0, trapped.code, "TPROT: no exception");
	map(PAGE_PROTECT, 0);
	set_storage_key(source, 0x38);
	check_equal(2, test_protection(SOURCE, 0x40), "TPROT: neither");
	check_equal(1, test_protection(SOURCE, 0x30), "TPROT: read only, with its key");
	map(0, 0);
	check_equal(0, test_protection(SOURCE, 0x30), "TPROT: everything, with its key");
	set_storage_key(source, 0x30);
	check_equal(1, test_protection(SOURCE, 0x40), "TPROT: read only by key");
	set_storage_key(source, 0);
	TRAP("tprot 0(%0), 0", : : "a"(nowhere) : "1", "cc");
	expect_trap(PGM_ADDRESSING, 6, BEHIND, "TPROT: no such storage");
	change_psw(0, PSW_USER);
	TRAP("tprot 0(%0), 0", : : "a"(source) : "1", "cc");
	leave_problem_state();
	expect_trap(PGM_PRIVILEGED, 6, BEHIND, "TPROT: problem state");
}
