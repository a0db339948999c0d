// SPDX-License-Identifier: GPL-2.0-or-later
/* Relative operands of targets of EXECUTE count from the target; PSWs and operands to the letter.
 */
#include "test/control/control.h"

#include "boot/cpu.h"

/* Targets are in a part of their own; @label is the target */
#define TARGET(text) "	.subsection 1\n	.balign 8\n5:	" text "\n	.previous\n"

static void branches(void)
{
	uint64_t link = 0, next = 0, way = 0;

	__asm__ volatile(
		TARGET("bras %0, 6f\n	nopr 0\n6:	lghi %2, 1\n	br %0") "	larl	"
										"%1, 7f\n"
										"	exrl	0, "
										"5b\n"
										"7:\n"
		: "=&a"(link), "=&d"(next), "+&d"(way));
	check(way == 1 && link == next, "BRAS: to the target's neighbour, link behind EXRL");
	way = 0;
	__asm__ volatile(
		TARGET("brasl %0, 6f\n	nopr 0\n6:	lghi %2, 1\n	br %0") "	larl	"
										"%1, 7f\n"
										"	exrl	0, "
										"5b\n"
										"7:\n"
		: "=&a"(link), "=&d"(next), "+&d"(way));
	check(way == 1 && link == next, "BRASL");
}

static void addresses(void)
{
	uint64_t target, got;

	__asm__ volatile(TARGET("larl %1, 5b") "	larl	%0, 5b\n	exrl	0, 5b\n"
			 : "=&a"(target), "=&d"(got));
	check_equal(target, got, "LARL");
}

static void loads(void)
{
	uint64_t got = 0, low = 0;
	uint32_t cc;

	__asm__ volatile(TARGET("llgfrl %0, 6f\n	nopr 0\n	.balign 4\n6:	.long "
				"0x87654321") "	exrl	0, 5b\n"
			 : "=&d"(got));
	check_equal(0x87654321, got, "LLGFRL");
	__asm__ volatile(
		TARGET("lrl %0, 6f\n	nopr 0\n	.balign 4\n6:	.long 0x12345678") "	lar"
											   "l	1, 5b\n	ex	0, 0(1)\n"
		: "+&d"(low)
		:
		: "1");
	check_equal(0x12345678, low, "LRL, by EX");
	__asm__ volatile(
		TARGET("crl %1, 6f\n	nopr 0\n	.balign 4\n6:	.long 0x12345678") "	exr"
											   "l	0, 5b\n	ipm	%0\n"
		: "=&d"(cc)
		: "d"(low)
		: "cc");
	check_equal(0, cc_of(cc), "CRL");
}

void test_execute(void)
{
	branches();
	addresses();
	loads();
}

/* ---- PSWs ---- */

/* Bit 12 of a short PSW: recognised before it is loaded or afterwards */
static void short_psws(void)
{
	static uint64_t without_12 __attribute__((aligned(8))) = 0x0000000080000000;
	static uint64_t odd __attribute__((aligned(8)));
	const uint8_t *without = (const uint8_t *)&without_12;

	TRAP("lpsw %0", : : "Q"(without_12) : "1", "cc", "memory");
	check(trapped.code == PGM_SPECIFICATION, "short PSW: bit 12 is zero");
	odd = 0x0008000080000000 | ((uint64_t)without + 1);
	TRAP("lpsw %0", : : "Q"(odd) : "1", "cc", "memory");
	check(trapped.code == PGM_SPECIFICATION && (trapped.address & 1) &&
		      trapped.address - trapped.length == (odd & 0x7fffffff),
	      "short PSW: odd address, late");
	REFUSED(PGM_SPECIFICATION, "lpsw 4(%0)", &odd, "short PSW: alignment");
}

static void extended_psws(void)
{
	static struct psw with_12 = {0x0008000180000000, 0x10000};
	static struct psw modes = {0x0000000100000000, 0x10000};
	static struct psw bad[4] = {
		{0x2000000180000000, 0x10000},
		{0x0000002180000000, 0x10000},
		{0x0000000180000001, 0x10000},
		{0x0000000000000000, 0x1000000},
	};
	bool good = true;

	TRAP("lpswe %0", : : "Q"(with_12) : "1", "cc", "memory");
	check(trapped.code == PGM_SPECIFICATION && !trapped.length &&
		      trapped.mask == with_12.mask && trapped.address == with_12.addr,
	      "PSW: bit 12 is one, early");
	TRAP("lpswe %0", : : "Q"(modes) : "1", "cc", "memory");
	check(trapped.code == PGM_SPECIFICATION && !trapped.length && trapped.mask == modes.mask,
	      "PSW: mode 10");
	for (unsigned int i = 0; i < 4; i++) {
		TRAP("lpswe %0", : : "Q"(bad[i]) : "1", "cc", "memory");
		good = good && trapped.code == PGM_SPECIFICATION && !trapped.length &&
		       trapped.mask == bad[i].mask && trapped.address == bad[i].addr;
	}
	check(good, "PSW: unassigned bits, address beyond the mode");
	REFUSED(PGM_SPECIFICATION, "lpswe 4(%0)", &bad, "PSW: alignment");
}

static void operands(void)
{
	static uint64_t quad[4] __attribute__((aligned(16)));

	TRAP("lpq 2, 8(%0)", : : "a"(quad) : "1", "2", "3");
	expect_trap(PGM_SPECIFICATION, 6, BEHIND, "LPQ: alignment");
	TRAP(".insn rxy, 0xe3000000008f, 3, 0(%0)", : : "a"(quad) : "1", "2", "3", "4");
	expect_trap(PGM_SPECIFICATION, 6, BEHIND, "LPQ: odd register");
	TRAP(".insn ril, 0xc40d00000000, 2, trap_at + 2", : : : "1", "2");
	expect_trap(PGM_SPECIFICATION, 6, BEHIND, "LRL: alignment");
	TRAP("stgrl 2, trap_at + 4", : : : "1", "2");
	expect_trap(PGM_SPECIFICATION, 6, BEHIND, "STGRL: alignment");
	TRAP("exrl 0, 80b", : : : "1");
	expect_trap(0x03, 6, BEHIND, "EXRL of EXRL");
	TRAP("stck 1(%0)", : : "a"(quad) : "1", "cc", "memory");
	check_equal(0, trapped.code, "STCK: any address");
	TRAP("stpt 4(%0)", : : "a"(quad) : "1", "memory");
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "STPT: alignment");
	TRAP("lctlg 1, 1, 4(%0)", : : "a"(quad) : "1");
	expect_trap(PGM_SPECIFICATION, 6, BEHIND, "LCTLG: alignment");
	TRAP("stctl 1, 1, 2(%0)", : : "a"(quad) : "1", "memory");
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, "STCTL: alignment");
}

void test_specifications(void)
{
	short_psws();
	extended_psws();
	operands();
}
