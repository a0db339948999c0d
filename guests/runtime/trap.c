// SPDX-License-Identifier: GPL-2.0-or-later
#include "runtime/trap.h"

#include "boot/cpu.h"
#include "runtime/console.h"
#include "runtime/lowcore.h"

#define STOP_PROGRAM_CHECK 0x1000UL

_Noreturn void trap_program(void)
{
	uint16_t code = lowcore_u16(LC_PGM_CODE);

	console_printf("program check %04x at %016lx, length %u, TEID %016lx\n", code,
		       lowcore_u64(LC_PGM_OLD_PSW + 8), lowcore_u16(LC_PGM_ILC),
		       lowcore_u64(LC_TEID));
	stop(STOP_PROGRAM_CHECK + code);
}
