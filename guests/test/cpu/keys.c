// SPDX-License-Identifier: GPL-2.0-or-later
/* Storage keys, low-address protection. */
#include "test/cpu/check.h"

#define CR0_LOW_ADDRESS 0x10000000UL
#define TEID_KIND       0x4UL /* on: protection by DAT */

static uint64_t page[512] __attribute__((aligned(4096)));

static void set_key(const void *at, uint64_t key)
{
	__asm__ volatile("sske %0, %1" : : "d"(key), "a"(at) : "memory");
}

static uint8_t get_key(const void *at)
{
	uint64_t key = 0;

	__asm__ volatile("iske %0, %1" : "+d"(key) : "a"(at));
	return (uint8_t)key;
}

static unsigned int reset_reference(const void *at)
{
	uint32_t cc;

	__asm__ volatile("rrbe 0, %1\n\tipm %0" : "=d"(cc) : "a"(at) : "cc", "memory");
	return cc_of(cc);
}

static unsigned int test_protection(const void *at, uint64_t key)
{
	uint32_t cc;

	__asm__ volatile("tprot 0(%1), 0(%2)\n\tipm %0" : "=d"(cc) : "a"(at), "a"(key) : "cc");
	return cc_of(cc);
}

static uint64_t load(uint64_t *at)
{
	uint64_t v;

	__asm__ volatile("lg %0, 0(%1)" : "=d"(v) : "a"(at) : "memory");
	return v;
}

static void bits(void)
{
	set_key(page, 0x30);
	check_equal(0x30, get_key(page), "SSKE and ISKE");
	load(page);
	check_equal(0x34, get_key(page), "a fetch is a reference");
	*(volatile uint64_t *)page = 7;
	check_equal(0x36, get_key(page), "a store is a change");
	check_equal(3, reset_reference(page), "RRBE tells both bits");
	check_equal(0x32, get_key(page), "and resets one");
	load(page);
	check_equal(0x36, get_key(page), "the next fetch sets it again");
}

static void protection(void)
{
	set_key(page, 0x20);
	TRAP_BETWEEN("spka 0x10", "stg 2, 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	expect_trap(0x04, 6, BEHIND, "a store with another key");
	check_equal((uint64_t)page, trapped.teid & (~0xfffUL | TEID_KIND), "told as such");
	TRAP_BETWEEN("spka 0x10", "lg 2, 0(%0)", "spka 0", : : "a"(page) : "1", "2");
	check_equal(0, trapped.code, "a fetch with another key");
	set_key(page, 0x28);
	TRAP_BETWEEN("spka 0x10", "lg 2, 0(%0)", "spka 0", : : "a"(page) : "1", "2");
	expect_trap(0x04, 6, BEHIND, "a fetch from a page that is protected against it");
	TRAP_BETWEEN("spka 0x20", "stg %1, 0(%0)", "spka 0",
		     :
		     : "a"(page), "d"(5UL)
		     : "1", "memory");
	check(!trapped.code && page[0] == 5, "a store with the page's key");
	check_equal(0, test_protection(page, 0x20), "TPROT: everything");
	check_equal(2, test_protection(page, 0x30), "TPROT: nothing");
	set_key(page, 0x20);
	check_equal(1, test_protection(page, 0x30), "TPROT: fetching");
	set_key(page, 0);
}

static void moves(void)
{
	static uint64_t from[512] __attribute__((aligned(4096)));
	register uint64_t r0 __asm__("0") = 7, r1 __asm__("1") = 0x40;

	from[0] = 0x4711;
	set_key(page, 0x20);
	set_key(from, 0x48);
	__asm__ volatile("spka 0x20\n\tmvcsk 0(%0), 0(%1)\n\tspka 0"
			 :
			 : "a"(&page[8]), "a"(from), "d"(r0), "d"(r1)
			 : "memory");
	check_equal(0x4711, page[8], "MVCSK fetches with the key it is given");
	set_key(from, 0);
}

static void low_addresses(void)
{
	uint64_t cr0 = read_cr0(), low = 0x100, allowed = 0x300;

	write_cr0(cr0 | CR0_LOW_ADDRESS);
	TRAP("stg 2, 0(%0)", : : "a"(low) : "1", "memory");
	write_cr0(cr0);
	expect_trap(0x04, 6, BEHIND, "a store to low addresses");
	write_cr0(cr0 | CR0_LOW_ADDRESS);
	TRAP("stg 2, 0(%0)", : : "a"(allowed) : "1", "memory");
	write_cr0(cr0);
	check_equal(0, trapped.code, "behind them");
}

void test_keys(void)
{
	bits();
	protection();
	moves();
	low_addresses();
}
