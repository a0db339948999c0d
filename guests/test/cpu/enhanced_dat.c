// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Enhanced dynamic address translation as a guest finds it: what its control turns on, protection
 * by region entries, frames of 1 MiB and 2 GiB, entries that change.
 *
 * Everything is done at addresses of the first table's second entry, which has tables of its own,
 * so that the program never feels it. Little storage is enough: the large frames begin at absolute
 * 0.
 */
#include "test/cpu/check.h"
#include "test/cpu/translation.h"
#include "runtime/cpu_facility.h"

#define FRAME      0x400UL
#define REGION3    0x04UL
#define REGION2    0x08UL
#define REGION1    0x0cUL
#define COMMON     0x10UL
#define ASCE_OWN   0x100UL
#define TEST_SPACE (1UL << 53)
#define NO_STORAGE 0x7ffff000UL

static struct space space, programs;
/* Region third, second, first; the program's third and second */
static uint64_t tables[5][512] __attribute__((aligned(4096)));
static uint64_t page[512] __attribute__((aligned(4096)));
static uint8_t prefix_area[0x2000] __attribute__((aligned(0x2000)));

#define AT_PAGE (TEST_SPACE + (uint64_t)page)

static void put_table(uint64_t *table, uint64_t kind, const void *next)
{
	for (unsigned int i = 1; i < 512; i++)
		table[i] = ENTRY_INVALID | kind;
	table[0] = (uint64_t)next | kind;
}

static void put_tables(void)
{
	space_init(&space, page);
	space_init(&programs, page);
	put_table(tables[3], REGION3, programs.segments);
	put_table(tables[4], REGION2, tables[3]);
	put_table(tables[2], REGION1, tables[4]);
	put_table(tables[0], REGION3, space.segments);
	put_table(tables[1], REGION2, tables[0]);
	tables[2][1] = (uint64_t)tables[1] | REGION1;
}

static void load_asce(uint64_t bits)
{
	uint64_t asce = (uint64_t)tables[2] | REGION1 | bits;

	__asm__ volatile("lctlg 1, 1, %0" : : "Q"(asce) : "memory");
}

static uint64_t load(uint64_t at)
{
	uint64_t value = 0;

	change_psw(0, PSW_DAT);
	TRAP("lg %0, 0(%1)", : "+&d"(value) : "a"(at) : "1");
	change_psw(PSW_DAT, 0);
	return value;
}

static void store(uint64_t at, uint64_t value)
{
	change_psw(0, PSW_DAT);
	TRAP("stg %0, 0(%1)", : : "d"(value), "a"(at) : "1", "memory");
	change_psw(PSW_DAT, 0);
}

/* A store works while this bit is on in the entry */
static void ignored(uint64_t *entry, uint64_t bit, const char *what)
{
	*entry |= bit;
	purge();
	page[0] = 0;
	store(AT_PAGE, 42);
	check(trapped.code == 0 && page[0] == 42, what);
	*entry &= ~bit;
	purge();
}

/* Or it is refused as DAT protection, and the store changes nothing */
static void protects(uint64_t *entry, const char *what)
{
	*entry |= PAGE_PROTECT;
	purge();
	page[0] = 7;
	store(AT_PAGE, 42);
	check(trapped.code == 4 && trapped.teid == ((AT_PAGE & ~0xfffUL) | 0x404) && page[0] == 7,
	      what);
	*entry &= ~PAGE_PROTECT;
	purge();
}

#define PAGE_ENTRY (&space.pages[(uint64_t)page >> 20][(uint64_t)page >> 12 & 0xff])
#define SEGMENT    (&space.segments[(uint64_t)page >> 20])

static void turned_off(void)
{
	page[0] = 42;
	check_equal(42, load(AT_PAGE), "off: a page is read");
	protects(PAGE_ENTRY, "off: a page is protected");
	protects(SEGMENT, "off: a segment is protected");
	ignored(SEGMENT, FRAME, "off: format control of a segment");
	ignored(&tables[0][0], FRAME, "off: format control of a region");
	ignored(&tables[0][0], PAGE_PROTECT, "off: protection of a third region");
	ignored(&tables[1][0], PAGE_PROTECT, "off: protection of a second region");
	ignored(&tables[2][1], PAGE_PROTECT, "off: protection of a first region");
}

/* Absolute 0 and the prefix area have changed places for pages alone */
static void not_prefixed(uint64_t large, const char *what)
{
	volatile uint64_t *in_area = (volatile uint64_t *)(prefix_area + 0x1f00);
	uint64_t low = 0x1f00, area = (uint64_t)prefix_area, zero = 0, from_0, from_area, as_pages;

	__asm__("" : "+a"(low));
	for (unsigned int i = 0; i < sizeof(prefix_area); i += 8)
		*(uint64_t *)(prefix_area + i) = *(volatile uint64_t *)(low - 0x1f00 + i);
	*(volatile uint64_t *)low = 1;
	*in_area = 2;
	uint32_t prefix = (uint32_t)area, none = (uint32_t)zero;
	__asm__ volatile("spx %0" : : "Q"(prefix) : "memory");
	from_0 = load(large + low);
	from_area = load(large + area + low);
	as_pages = load(low);
	__asm__ volatile("spx %0" : : "Q"(none) : "memory");
	check(from_0 == 1 && from_area == 2 && as_pages == 2, what);
}

static void first_part(void)
{
	protects(SEGMENT, "a segment is protected");
	protects(&tables[0][0], "a third region is protected");
	protects(&tables[1][0], "a second region is protected");
	protects(&tables[2][1], "a first region is protected");
	space.segments[3] = FRAME;
	purge();
	page[0] = 42;
	check_equal(42, load(TEST_SPACE + 0x300000 + (uint64_t)page), "a frame of 1 MiB");
	not_prefixed(TEST_SPACE + 0x300000, "it is absolute");
	space.segments[3] = ENTRY_INVALID;
	purge();
}

/* The third region's second entry: its addresses begin at 2 GiB */
#define HUGE      (TEST_SPACE + 0x80000000UL)
#define HUGE_PAGE (HUGE + (uint64_t)page)

static void set_huge(uint64_t bits)
{
	tables[0][1] = FRAME | REGION3 | bits;
	purge();
}

static void huge_frames(void)
{
	uint64_t at = HUGE_PAGE + 0x10, real = 0;
	uint32_t cc;

	set_huge(0);
	page[0] = 43;
	check_equal(43, load(HUGE_PAGE), "a frame of 2 GiB is read");
	store(HUGE_PAGE, 44);
	check(trapped.code == 0 && page[0] == 44, "and written");
	not_prefixed(HUGE, "it is absolute, too");
	__asm__ volatile("lrag %0, 0(%2)\n\tipm %1" : "+&d"(real), "=d"(cc) : "a"(at) : "cc");
	check(cc_of(cc) == 0 && real == (uint64_t)page + 0x10, "its real address");
	load(HUGE + NO_STORAGE);
	expect_trap(0x05, 6, BEHIND, "behind the end of storage");
	set_huge(0x7fff0000UL & ~0x10000UL);
	check_equal(44, load(HUGE_PAGE), "33 bits are the frame's address");
	set_huge(PAGE_PROTECT);
	check_equal(44, load(HUGE_PAGE), "it is protected: read");
	store(HUGE_PAGE, 45);
	expect_trap(0x04, 6, BEHIND, "not written");
	check_equal((HUGE_PAGE & ~0xfffUL) | 0x404, trapped.teid, "told as such");
	check_equal(44, page[0], "nothing was stored");
	set_huge(REGION2);
	load(HUGE_PAGE);
	expect_trap(0x12, 6, BEHIND, "an entry of another table");
	set_huge(COMMON);
	check_equal(44, load(HUGE_PAGE), "a common region");
	load_asce(ASCE_OWN);
	load(HUGE_PAGE);
	expect_trap(0x12, 6, BEHIND, "in a private space");
	load_asce(0);
}

/* Neither instruction leaves a translation of before */
static void invalidation(void)
{
	uint64_t table = (uint64_t)tables[0] | REGION3, at = HUGE;
	uint32_t cc;

	set_huge(0);
	page[0] = 46;
	load(HUGE_PAGE);
	__asm__ volatile(".insn rrf,0xb98e0000,%0,%1,0,0" : : "a"(table), "a"(at) : "memory");
	check_equal(FRAME | REGION3 | ENTRY_INVALID, tables[0][1], "IDTE makes the entry invalid");
	load(HUGE_PAGE);
	expect_trap(0x3b, 6, AT, "the frame is gone");
	set_huge(0);
	store(HUGE_PAGE, 47);
	register uint64_t r2 __asm__("2") = FRAME | REGION3;
	register uint64_t r3 __asm__("3") = FRAME | REGION3 | PAGE_PROTECT;
	register uint64_t r4 __asm__("4") = (uint64_t)tables[0] | 0x14;
	register uint64_t r5 __asm__("5") = HUGE_PAGE;
	__asm__ volatile(".insn rrf,0xb98f0000,%1,%3,0,0\n\tipm %0" /* CRDTE */
			 : "=d"(cc), "+d"(r2)
			 : "d"(r3), "d"(r4), "d"(r5)
			 : "cc", "memory");
	check(cc_of(cc) == 0 && tables[0][1] == (FRAME | REGION3 | PAGE_PROTECT),
	      "CRDTE replaces the entry");
	store(HUGE_PAGE, 48);
	check(trapped.code == 4 && page[0] == 47, "it counts at once");
}

void test_enhanced_dat(void)
{
	uint64_t cr0 = read_cr0();

	put_tables();
	load_asce(0);
	write_cr0(cr0 & ~CR0_EDAT);
	turned_off();
	if (!cpu_has_facility(8))
		return;
	write_cr0(cr0 | CR0_EDAT);
	first_part();
	if (cpu_has_facility(78)) {
		huge_frames();
		invalidation();
	}
	write_cr0(cr0);
}
