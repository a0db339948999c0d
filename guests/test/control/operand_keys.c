// SPDX-License-Identifier: GPL-2.0-or-later
/* Key-controlled protection of operands that the hypervisor accesses, and both overrides. */
#include "test/control/control.h"

#include "runtime/uvc.h"

#define TEID_KIND 0x8cUL /* bits 56, 60, 61 */

static uint64_t page[512] __attribute__((aligned(4096)));

/* Codes 0 and 2 are key-controlled protection; with the second the address is told */
static void expect_key(uint16_t length, const char *what)
{
	uint64_t kind = trapped.teid & TEID_KIND;

	expect_trap(PGM_PROTECTION, length, BEHIND, what);
	check(kind == 0 || (kind == 8 && (trapped.teid & ~0xfffUL) == (uint64_t)page),
	      "told as key-controlled protection");
}

static void store(void)
{
	uint64_t cr0 = read_cr0();

	set_storage_key(page, 0x10);
	page[0] = UINT64_MAX;
	TRAP("stap 0(%0)", : : "a"(page) : "1", "memory");
	check(!trapped.code && page[0] >> 48 == this_cpu(), "STAP with key 0");
	TRAP_BETWEEN("spka 0x10", "stap 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	check_equal(0, trapped.code, "STAP with the page's key");
	page[0] = UINT64_MAX;
	TRAP_BETWEEN("spka 0x20", "stap 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	expect_key(4, "STAP with another key");
	check_equal(UINT64_MAX, page[0], "nothing is stored");
	write_cr0(cr0 | CR0_STORE_OVERRIDE);
	TRAP_BETWEEN("spka 0x20", "stap 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	write_cr0(cr0);
	expect_key(4, "the override is for key 9 only");
	set_storage_key(page, 0x90);
	write_cr0(cr0 | CR0_STORE_OVERRIDE);
	TRAP_BETWEEN("spka 0x20", "stap 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	write_cr0(cr0);
	check_equal(0, trapped.code, "storage-protection override");
	set_storage_key(page, 0);
}

static void fetch(void)
{
	uint64_t cr0 = read_cr0();

	page[0] = 0; /* the prefix that it is already */
	set_storage_key(page, 0x18);
	TRAP_BETWEEN("spka 0x20", "spx 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	expect_key(4, "SPX with another key");
	TRAP_BETWEEN("spka 0x10", "spx 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	check_equal(0, trapped.code, "SPX with the page's key");
	set_storage_key(page, 0x10);
	TRAP_BETWEEN("spka 0x20", "spx 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	check_equal(0, trapped.code, "SPX from a page without fetch protection");
	set_storage_key(page, 0x98);
	write_cr0(cr0 | CR0_STORE_OVERRIDE);
	TRAP_BETWEEN("spka 0x20", "spx 0(%0)", "spka 0", : : "a"(page) : "1", "memory");
	write_cr0(cr0);
	check_equal(0, trapped.code, "SPX with storage-protection override");
	set_storage_key(page, 0);
}

/* In the first half of page 0 */
static void fetch_override(void)
{
	uint64_t cr0 = read_cr0(), at = 0x600, behind = 0x800;

	__asm__("" : "+a"(at), "+a"(behind));
	*(volatile uint32_t *)at = 0;
	*(volatile uint32_t *)behind = 0;
	set_storage_key(0, 0x18);
	TRAP_BETWEEN("spka 0x20", "spx 0(%0)", "spka 0", : : "a"(at) : "1", "memory");
	expect_trap(PGM_PROTECTION, 4, BEHIND, "page 0 with another key");
	write_cr0(cr0 | CR0_FETCH_OVERRIDE);
	TRAP_BETWEEN("spka 0x20", "spx 0(%0)", "spka 0", : : "a"(at) : "1", "memory");
	check_equal(0, trapped.code, "fetch-protection override");
	TRAP_BETWEEN("spka 0x20", "spx 0(%0)", "spka 0", : : "a"(behind) : "1", "memory");
	write_cr0(cr0);
	expect_trap(PGM_PROTECTION, 4, BEHIND, "it ends at 7ff");
	set_storage_key(0, 0);
}

/* DIAGNOSE 308 looks at its block whatever the key: a block of length zero is refused as such */
static void ipl_block(void)
{
	register uint64_t r2 __asm__("2") = (uint64_t)page;
	register uint64_t r3 __asm__("3") = 0;
	register uint64_t subcode __asm__("4") = 5;
	uint64_t answer;

	page[0] = 0;
	set_storage_key(page, 0x28);
	TRAP_BETWEEN("spka 0x10", "diag %0, %2, 0x308", "spka 0",
		     : "+d"(r2), "+d"(r3)
		     : "d"(subcode)
		     : "1", "memory");
	answer = r3;
	check_equal(0, trapped.code, "DIAG 308: no exception");
	check_equal(0x402, answer, "the block is invalid");
	set_storage_key(page, 0);
}

static void channel_operands(void)
{

	set_storage_key(page, 0x18);
	trapped.code = 0;
	TRAP_BETWEEN("spka 0x20\n\tlgr 1, %1", ".insn s, 0xb2320000, 0(%0)", "spka 0",
		     :
		     : "a"(page), "d"(0x00010000UL)
		     : "1", "cc", "memory");
	expect_key(4, "MSCH with another key");
	TRAP_BETWEEN("spka 0x20", ".insn rre, 0xb25f0000, %0, 0", "spka 0",
		     :
		     : "a"(page)
		     : "1", "cc", "memory");
	expect_key(4, "CHSC with another key");
	set_storage_key(page, 0);
}

void test_operand_keys(void)
{
	store();
	fetch();
	fetch_override();
	if (!uvc_protected()) /* whose block the Ultravisor fetches as an operand */
		ipl_block();
	channel_operands();
}
