// SPDX-License-Identifier: GPL-2.0-or-later
/* SPX, STPX, STAP, STIDP, SCK, TB: what they do, and what they refuse in which order. */
#include "test/control/control.h"

#include "runtime/lowcore.h"
#include "runtime/machine.h"

static uint8_t new_prefix[8192] __attribute__((aligned(8192)));
static uint64_t page[512] __attribute__((aligned(4096)));
static uint64_t seen_by_prefix;

static uint32_t prefix(void)
{
	uint32_t v = 0xffffffff;

	__asm__ volatile("stpx %0" : "=Q"(v));
	return v;
}

/* In the new prefix area, which is at real 1ff8 */
static void look_at_prefix(void)
{
	seen_by_prefix = prefix();
	__asm__ volatile("mvghi 0xff8(%0), 0x471" : : "a"(0x1000UL) : "memory");
}

static void prefix_registers(void)
{
	uint32_t far = 0x7fffe000, odd = 0x1fff;

	check_equal(0, prefix(), "STPX");
	with_prefix(new_prefix, look_at_prefix);
	check_equal((uint64_t)new_prefix, seen_by_prefix, "SPX sets it");
	check_equal(0x471, *(uint64_t *)(new_prefix + 0x1ff8), "and real storage moves");
	check_equal(0, prefix(), "and back");
	__asm__ volatile("spx %0" : : "Q"(odd) : "memory");
	check_equal(0, prefix(), "SPX: bits that are none of the address");
	REFUSED(PGM_ADDRESSING, "spx 0(%0)", &far, "SPX: no such storage");
	check_equal(0, prefix(), "the prefix stays");
}

static void refused_stores(void)
{
	REFUSED(PGM_SPECIFICATION, "stpx 0(%0)", 0x302, "STPX: alignment");
	REFUSED(PGM_ADDRESSING, "stpx 0(%0)", NOWHERE, "STPX: no such storage");
	PROTECTED_LOW("stpx 0(%0)", 8, "STPX: low address");
	PRIVILEGED("stpx 0(%0)", 1, "STPX: problem state");
	REFUSED(PGM_SPECIFICATION, "stap 0(%0)", 0x301, "STAP: alignment");
	REFUSED(PGM_ADDRESSING, "stap 0(%0)", NOWHERE, "STAP: no such storage");
	PROTECTED_LOW("stap 0(%0)", 8, "STAP: low address");
	PRIVILEGED("stap 0(%0)", 1, "STAP: problem state");
	REFUSED(PGM_SPECIFICATION, "stidp 0(%0)", 0x304, "STIDP: alignment");
	REFUSED(PGM_ADDRESSING, "stidp 0(%0)", NOWHERE, "STIDP: no such storage");
	PROTECTED_LOW("stidp 0(%0)", 8, "STIDP: low address");
	PRIVILEGED("stidp 0(%0)", 1, "STIDP: problem state");
}

static void refused_fetches(void)
{
	REFUSED(PGM_SPECIFICATION, "spx 0(%0)", 0x302, "SPX: alignment");
	REFUSED(PGM_ADDRESSING, "spx 0(%0)", NOWHERE, "SPX: operand is not storage");
	PRIVILEGED("spx 0(%0)", 1, "SPX: problem state");
	REFUSED(PGM_SPECIFICATION, "sck 0(%0)", 0x304, "SCK: alignment");
	REFUSED(PGM_ADDRESSING, "sck 0(%0)", NOWHERE, "SCK: operand is not storage");
	PRIVILEGED("sck 0(%0)", 1, "SCK: problem state");
}

static void identification(void)
{
	uint64_t id = 0;

	__asm__ volatile("stidp %0" : "=Q"(id));
	check(id >> 56 == 0 || id >> 56 == 0xff, "STIDP: version");
	check(id >> 16 & 0xffff, "STIDP: machine type");
	check_equal(0, id & 0x7fff, "STIDP: reserved bits");
}

static void clock(void)
{
	uint64_t now = machine_tod(), ahead = now + (1UL << 45);
	uint32_t cc;

	__asm__ volatile("sck %1\n\tipm %0" : "=d"(cc) : "Q"(ahead) : "cc");
	check(cc_of(cc) == 0 || cc_of(cc) == 1, "SCK: set, or secure");
	check(machine_tod() > (cc_of(cc) ? now : ahead), "SCK: the clock goes on from there");
}

static void test_block(void)
{
	uint32_t cc;
	uint64_t any = 0, left;

	for (unsigned int i = 0; i < 512; i++)
		page[i] = 0xaa55aa55aa55aa55;
	__asm__ volatile("lghi 0, 0x123\n\ttb 0, %2\n\tipm %0\n\tlgr %1, 0"
			 : "=&d"(cc), "=&d"(left)
			 : "d"((uint64_t)page + 0x123)
			 : "0", "cc", "memory");
	for (unsigned int i = 0; i < 512; i++)
		any |= ((volatile uint64_t *)page)[i];
	check_equal(0, cc_of(cc), "TB: usable");
	check_equal(0, left, "TB: register 0");
	check_equal(0, any, "TB: the block is cleared");
	PROTECTED_LOW("tb 0, %0", 0x1000, "TB: low address");
	REFUSED(PGM_ADDRESSING, "tb 0, %0", NOWHERE_PAGE, "TB: no such storage");
	PRIVILEGED("tb 0, %0", page, "TB: problem state");
}

void test_operands(void)
{
	prefix_registers();
	refused_stores();
	refused_fetches();
	identification();
	test_block();
	clock();
}
