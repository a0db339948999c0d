// SPDX-License-Identifier: GPL-2.0-or-later
/* Dynamic address translation: exceptions, protection, invalidation, spaces, frames of 1 MiB. */
#include "test/cpu/translation.h"

#include "test/cpu/check.h"
#include "runtime/cpu_facility.h"

static struct space primary, secondary, home;
static uint64_t page_a[512] __attribute__((aligned(4096)));
static uint64_t page_b[512] __attribute__((aligned(4096)));
static uint64_t page_c[512] __attribute__((aligned(4096)));

static void load_asces(void)
{
	uint64_t asce = space_asce(&primary);

	__asm__ volatile("lctlg 1, 1, %0" : : "Q"(asce) : "memory");
	asce = space_asce(&secondary);
	__asm__ volatile("lctlg 7, 7, %0" : : "Q"(asce) : "memory");
	asce = space_asce(&home);
	__asm__ volatile("lctlg 13, 13, %0" : : "Q"(asce) : "memory");
}

/* Accesses of a page are made with DAT on, told with DAT off */
static uint64_t load_window(void)
{
	uint64_t value = 0, at = WINDOW;

	change_psw(0, PSW_DAT);
	TRAP("lg %0, 0(%1)", : "+&d"(value) : "a"(at) : "1");
	change_psw(PSW_DAT, 0);
	return value;
}

static void store_window(uint64_t value)
{
	uint64_t at = WINDOW;

	change_psw(0, PSW_DAT);
	TRAP("stg %0, 0(%1)", : : "d"(value), "a"(at) : "1", "memory");
	change_psw(PSW_DAT, 0);
}

static void exceptions(void)
{
	check_equal(0xa, load_window(), "a page is found");
	*space_window(&primary) = PAGE_INVALID;
	purge();
	load_window();
	expect_trap(0x11, 6, AT, "page translation");
	check_equal(WINDOW, trapped.teid & ~0xfffUL, "its address");
	*space_window(&primary) = (uint64_t)page_a | 0x800;
	purge();
	load_window();
	expect_trap(0x12, 6, BEHIND, "translation specification");
	*space_window(&primary) = (uint64_t)page_a;
	primary.segments[2] |= ENTRY_INVALID;
	purge();
	load_window();
	expect_trap(0x10, 6, AT, "segment translation");
	primary.segments[2] &= ~ENTRY_INVALID;
	*space_window(&primary) = (uint64_t)page_a | PAGE_PROTECT;
	purge();
	store_window(1);
	expect_trap(0x04, 6, BEHIND, "page protection");
	check_equal(WINDOW | 4, trapped.teid & (~0xfffUL | 4), "told as such");
	check_equal(0xa, page_a[0], "nothing was stored");
	*space_window(&primary) = (uint64_t)page_a;
	purge();
	uint64_t far = 1UL << 31;
	change_psw(0, PSW_DAT);
	TRAP("lg 2, 0(%0)", : : "a"(far) : "1", "2");
	change_psw(PSW_DAT, 0);
	expect_trap(0x38, 6, AT, "ASCE type");
}

static void invalidation(void)
{
	uint64_t table = (uint64_t)primary.pages[2], at = WINDOW;

	load_window();
	__asm__ volatile("ipte %0, %1" : : "a"(table), "a"(at) : "memory");
	load_window();
	expect_trap(0x11, 6, AT, "IPTE takes the page away");
	*space_window(&primary) = (uint64_t)page_b;
	check_equal(0xb, load_window(), "another page takes its place");
	*space_window(&primary) = (uint64_t)page_a;
	purge();
	if (!cpu_has_facility(3))
		return;
	load_window();
	uint64_t segments = (uint64_t)primary.segments;
	__asm__ volatile(".insn rrf,0xb98e0000,%0,%1,0,0" : : "a"(segments), "a"(at) : "memory");
	load_window();
	expect_trap(0x10, 6, AT, "IDTE takes the segment away");
	primary.segments[2] &= ~ENTRY_INVALID;
}

static uint64_t load_in(uint64_t space)
{
	uint64_t value = 0;

	change_psw(PSW_ASC, space);
	value = load_window();
	change_psw(PSW_ASC, 0);
	return value;
}

static void spaces(void)
{
	uint64_t length = 8, key = 0, at = WINDOW;
	uint32_t cc;

	check_equal(0xa, load_in(0), "primary space");
	check_equal(0xb, load_in(2UL << 46), "secondary space");
	check_equal(0xc, load_in(3UL << 46), "home space");
	change_psw(0, PSW_DAT);
	__asm__ volatile("mvcp 0(%1,%2), 0(%2), %3\n\tipm %0"
			 : "=d"(cc)
			 : "a"(length), "a"(at), "a"(key)
			 : "cc", "memory");
	change_psw(PSW_DAT, 0);
	check(page_a[0] == 0xb && cc_of(cc) == 0, "MVCP");
	page_a[0] = 0xa;
}

static void real_address(void)
{
	uint64_t at = WINDOW + 0x123, real = 0;
	uint32_t cc;

	__asm__ volatile("lra %0, 0(%2)\n\tipm %1" : "+&d"(real), "=d"(cc) : "a"(at) : "cc");
	check(cc_of(cc) == 0 && real == (uint64_t)page_a + 0x123, "LRA: a page");
	at += 0x1000;
	__asm__ volatile("lra %0, 0(%2)\n\tipm %1" : "+&d"(real), "=d"(cc) : "a"(at) : "cc");
	check(cc_of(cc) == 2 && real == (uint64_t)(space_window(&primary) + 1),
	      "LRA: an invalid page's entry");
	at = 5UL << 20;
	__asm__ volatile("lra %0, 0(%2)\n\tipm %1" : "+&d"(real), "=d"(cc) : "a"(at) : "cc");
	check(cc_of(cc) == 1 && real == (uint64_t)&primary.segments[5],
	      "LRA: an invalid segment's entry");
}

static void large_frames(void)
{
	uint64_t cr0 = read_cr0();

	if (!cpu_has_facility(8))
		return;
	write_cr0(cr0 | CR0_EDAT);
	primary.segments[3] = 0x400; /* the first MiB once more */
	purge();
	uint64_t at = 0x300000 + (uint64_t)page_b, value = 0;
	change_psw(0, PSW_DAT);
	TRAP("lg %0, 0(%1)", : "+&d"(value) : "a"(at) : "1");
	change_psw(PSW_DAT, 0);
	check_equal(0xb, value, "a frame of 1 MiB");
	primary.segments[3] = (uint64_t)primary.pages[3];
	write_cr0(cr0);
}

void test_translation(void)
{
	uint64_t cr0 = read_cr0();

	page_a[0] = 0xa;
	page_b[0] = 0xb;
	page_c[0] = 0xc;
	space_init(&primary, page_a);
	space_init(&secondary, page_b);
	space_init(&home, page_c);
	load_asces();
	write_cr0(cr0 | CR0_SPACES);
	exceptions();
	invalidation();
	spaces();
	real_address();
	large_frames();
	write_cr0(cr0);
}
