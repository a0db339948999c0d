// SPDX-License-Identifier: GPL-2.0-or-later
/* Counting checks, catching program interruptions, running areas. */
#include "test/cpu/check.h"

#include "boot/cpu.h"
#include "runtime/console.h"
#include "runtime/lowcore.h"
#include "runtime/params.h"

#define LC_ACCESS_ID   0xa0
#define LC_DXC         0x90
#define LC_SVC_NEW_PSW 0x1c0UL
#define LC_PGM_NEW_PSW 0x1d0

#define CR0_LOW_ADDRESS  0x10000000UL
#define PSW_MUST_BE_ZERO 0xb80800fe7fffffffUL

volatile struct interruption trapped;
volatile uint64_t trap_at;
volatile uint64_t trap_resume;

static const char *area;
static unsigned int failures;

void check(bool good, const char *what)
{
	failures += !good;
	console_printf("%s %s: %s\n", good ? "ok" : "not ok", area, what);
}

void check_equal(uint64_t expected, uint64_t got, const char *what)
{
	if (expected != got)
		console_printf("# expected %016lx, got %016lx\n", expected, got);
	check(expected == got, what);
}

void expect_trap(uint16_t code, uint16_t length, enum old_address old, const char *what)
{
	uint64_t address = trap_at + (old == BEHIND ? length : 0);
	bool good = trapped.code == code && trapped.length == length && trapped.address == address;

	if (!good)
		console_printf("# expected %04x, length %u, at %016lx; got %04x, %u, %016lx\n",
			       code, length, address, trapped.code, trapped.length,
			       trapped.address);
	check(good, what);
}

void trap_record(void);

void trap_record(void)
{
	uint64_t at = LC_PGM_OLD_PSW;

	trapped.code = lowcore_u16(LC_PGM_CODE);
	trapped.length = lowcore_u16(LC_PGM_ILC);
	trapped.mask = lowcore_u64(LC_PGM_OLD_PSW);
	trapped.address = lowcore_u64(LC_PGM_OLD_PSW + 8);
	trapped.teid = lowcore_u64(LC_TEID);
	trapped.access_id = (uint8_t)(lowcore_u16(LC_ACCESS_ID) >> 8);
	trapped.dxc = (uint32_t)(lowcore_u64(LC_DXC) >> 32);
	/* Low-address protection would be in the way; who tests it sets CR0 anew */
	write_cr0(read_cr0() & ~CR0_LOW_ADDRESS);
	/* Where the test wants to go on, in the mode it was in; an invalid mask must not be back */
	__asm__("" : "+a"(at));
	*(volatile uint64_t *)(at + 8) = trap_resume;
	if (trapped.mask & PSW_MUST_BE_ZERO || trapped.length == 0 ||
	    (trapped.mask & PSW_MASK_64BIT) != PSW_MASK_64BIT)
		*(volatile uint64_t *)at = PSW_MASK_64BIT;
}

void trap_init(void)
{
	uint64_t at = LC_PGM_NEW_PSW;

	__asm__("" : "+a"(at));
	*(volatile uint64_t *)at = PSW_MASK_64BIT;
	*(volatile uint64_t *)(at + 8) = (uint64_t)trap_program_entry;
}

void leave_problem_state(void)
{
	uint64_t new_psw = LC_SVC_NEW_PSW;

	__asm__ volatile("	larl	%%r1, 0f\n"
			 "	stg	%%r1, 8(%0)\n"
			 "	llilh	%%r1, 0x8000\n"
			 "	oihl	%%r1, 1\n"
			 "	stg	%%r1, 0(%0)\n"
			 "	svc	0\n"
			 "0:\n"
			 :
			 : "a"(new_psw)
			 : "1", "memory");
}

int run_areas(const struct area *areas, unsigned int n)
{
	bool chosen = params_has("areas");

	trap_init();
	for (unsigned int i = 0; i < n; i++) {
		if (chosen && !params_has(areas[i].name))
			continue;
		area = areas[i].name;
		areas[i].run();
		console_printf("done %s\n", area);
	}
	return failures ? 1 : 0;
}
