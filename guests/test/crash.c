// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ways to end badly. How is on the parameter line: how=wait (a disabled wait that is no success),
 * how=quiesce (an address that QEMU's users know as success), how=program (an operation exception
 * told by the runtime), how=loop (a program new PSW that is itself wrong).
 */
#include <stdint.h>

#include "boot/cpu.h"
#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/params.h"

static void set_program_new_psw(struct psw psw)
{
	uint64_t at = 0x1d0;

	__asm__("" : "+a"(at));
	*(volatile struct psw *)at = psw;
}

int guest_main(void)
{
	console_printf("crash: about to end badly\n");
	if (params_is("how", "quiesce"))
		return 0xfff;
	if (params_is("how", "loop"))
		set_program_new_psw((struct psw){0x1, 0x1});
	if (params_is("how", "loop") || params_is("how", "program"))
		__asm__ volatile(".short 0");
	return 0xbad;
}
