// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hypervisor inside a guest: what SIE promises it. Without SIE there is one check: that it is
 * not there.
 */
#include "test/nested/nested.h"

#include "boot/cpu.h"
#include "test/cpu/check.h"
#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/params.h"

#define MEMORY_BASE 0x1000000UL

struct guest guests[CPUS_MAX];

/** NEW_PSW - its distance from the old one */
#define NEW_PSW 0x80

static void clear(void *at, size_t len)
{
	volatile uint64_t *p = at;

	for (size_t i = 0; i < len / 8; i++)
		p[i] = 0;
}

static void reset(struct guest *guest)
{
	struct sie_block *block = &guest->block;

	guest->memory = (uint8_t *)(MEMORY_BASE + (uint64_t)(guest - guests) * GUEST_SIZE);
	clear(block, sizeof(*block));
	clear(guest->grs, sizeof(guest->grs));
	clear(guest->memory, GUEST_CODE + 0x1000);
	block->cpuflags = CPUSTAT_ZARCH;
	block->gpsw_mask = GUEST_PSW;
	block->gpsw_addr = GUEST_CODE;
	block->gcr[0] = 0xe0;
	block->gcr[14] = 0xc2000000;
	block->ckc = UINT64_MAX;
	block->cputm = INT64_MAX;
	block->mso = (uint64_t)guest->memory;
	block->msl = (uint64_t)guest->memory;
	for (uint64_t old = 0x120; old <= 0x170; old += 0x10) {
		*guest_u64(guest, old + NEW_PSW) = GUEST_PSW | 0x0002000000000000UL;
		*guest_u64(guest, old + NEW_PSW + 8) = GUEST_HANDLER + old;
	}
}

void guest_start(struct guest *guest, struct program program)
{
	reset(guest);
	for (size_t i = 0; program.begin + i < program.end; i++)
		guest->memory[GUEST_CODE + i] = program.begin[i];
}

void guest_code(struct guest *guest, uint64_t code)
{
	reset(guest);
	*guest_u64(guest, GUEST_CODE) = code;
}

void guest_run(struct guest *guest)
{
	trapped.code = 0;
	trap_at = (uint64_t)sie_instruction;
	trap_resume = (uint64_t)sie_exit;
	guest->block.icptcode = 0;
	do
		sie_enter(&guest->block, guest->grs);
	while (!guest->block.icptcode && !trapped.code);
}

void expect_icpt(const struct guest *guest, uint8_t code, const char *what)
{
	if (guest->block.icptcode != code)
		console_printf("# interception %02x, PSW %016lx %016lx, program %04x, trap %04x\n",
			       guest->block.icptcode, guest->block.gpsw_mask,
			       guest->block.gpsw_addr, guest->block.iprcc, trapped.code);
	check_equal(code, guest->block.icptcode, what);
}

void expect_wait(const struct guest *guest, uint64_t old_psw, const char *what)
{
	if (guest->block.icptcode != ICPT_WAIT)
		console_printf("# interception %02x\n", guest->block.icptcode);
	check_equal(GUEST_HANDLER + old_psw, guest->block.gpsw_addr, what);
}

static const struct area areas[] = {
	{"instructions", test_instructions},
	{"validity", test_validity},
	{"storage", test_storage},
	{"several", test_several},
};

static void test_absent(void)
{
	guest_code(&guests[0], 0);
	guest_run(&guests[0]);
	expect_trap(0x01, 4, BEHIND, "SIE is no instruction");
}

int guest_main(void)
{
	static const struct area absent = {"absent", test_absent};

	set_primary(REAL_SPACE);
	if (params_has("absent"))
		return run_areas(&absent, 1);
	return run_areas(areas, sizeof(areas) / sizeof(areas[0]));
}
