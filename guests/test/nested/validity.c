// SPDX-License-Identifier: GPL-2.0-or-later
/* State descriptions that are not usable, and where one may be. */
#include "test/nested/nested.h"

#include "test/cpu/check.h"
#include "runtime/console.h"

static struct guest *const guest = &guests[0];

static void expect_validity(uint32_t reason, const char *what)
{
	guest_run(guest);
	if (guest->block.ipb != reason << 16)
		console_printf("# icpt %02x, reason %04x\n", guest->block.icptcode,
			       guest->block.ipb >> 16);
	check(guest->block.icptcode == ICPT_VALIDITY && guest->block.ipa == 0x1000 &&
		      guest->block.ipb == reason << 16,
	      what);
}

static void flags(void)
{
	static const struct {
		uint32_t flags;
		uint32_t reason;
		const char *name;
	} rows[] = {
		{0, 0x0001, "not z/Architecture"},        {CPUSTAT_ZARCH | 0x8000, 0x0001, "RRF"},
		{CPUSTAT_ZARCH | 0x100, 0x0001, "MCDS"},  {CPUSTAT_ZARCH | 0x4000, 0x0007, "SLSV"},
		{CPUSTAT_ZARCH | 0x2000, 0x0007, "SLSR"},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		guest_start(guest, PROGRAM(add_one));
		guest->block.cpuflags = rows[i].flags;
		expect_validity(rows[i].reason, rows[i].name);
	}
}

static void areas(void)
{
	static const struct {
		uint32_t high;
		uint32_t low;
		uint32_t reason;
		const char *name;
	} rows[] = {
		{0, 0x1000, 0x0038, "SCA in the first 8 KiB"},
		{0, 0x20a00, 0x003b, "SCA across pages"},
		{0x100, 0, 0x0034, "SCA where no storage is"},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		guest_start(guest, PROGRAM(add_one));
		guest->block.scaoh = rows[i].high;
		guest->block.scaol = rows[i].low;
		expect_validity(rows[i].reason, rows[i].name);
	}
	guest_start(guest, PROGRAM(add_one));
	guest->block.prefix = 0x200000;
	expect_validity(0x0037, "prefix beyond the limit");
	guest_start(guest, PROGRAM(add_one));
	guest->block.msl = 0;
	expect_validity(0x0037, "limit below the origin");
	guest_start(guest, PROGRAM(add_one));
	guest->block.scaol = 0x20000;
	guest_run(guest);
	expect_icpt(guest, ICPT_INST, "a good SCA");
	check_equal(1, guest->grs[0], "the guest has run");
}

static void privileged(void)
{
	change_psw(0, PSW_USER);
	TRAP(".insn s, 0xb2140000, 0(%0)", : : "a"(&guest->block) : "1", "memory", "cc");
	leave_problem_state();
	expect_trap(0x02, 4, BEHIND, "SIE in problem state");
}

static void addresses(void)
{
	uint64_t odd = (uint64_t)&guest->block + 0x100, none = 0x7ffffe00;

	guest_start(guest, PROGRAM(add_one));
	TRAP(".insn s, 0xb2140000, 0(%0)", : : "a"(odd) : "1", "memory", "cc");
	expect_trap(0x06, 4, BEHIND, "a state description that is not aligned");
	TRAP(".insn s, 0xb2140000, 0(%0)", : : "a"(none) : "1", "memory", "cc");
	expect_trap(0x05, 4, BEHIND, "one that is not there");
	privileged();
}

void test_validity(void)
{
	flags();
	areas();
	addresses();
}
