// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The watchdog's rules by their answers; then parameter `expire` leaves it armed and waits for the
 * restart.
 */
#include <stdint.h>

#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/lowcore.h"
#include "runtime/params.h"

#define INIT   0
#define CHANGE 1
#define CANCEL 2

#define PGM_NEW_PSW 0x1d0

/* 0, or 6 for a specification exception: the interruption leads behind the instruction. */
static unsigned int watchdog(uint64_t function, uint64_t seconds, uint64_t action)
{
	register uint64_t r2 __asm__("2") = function;
	register uint64_t r3 __asm__("3") = seconds;
	uint64_t saved[2], psw[2] = {0x0000000180000000UL, 0};
	unsigned int exception = 1;

	__asm__ volatile("mvc	%O[saved](16,%R[saved]),%[lc](0)\n"
			 "	larl	%%r1,1f\n"
			 "	stg	%%r1,8+%[psw]\n"
			 "	mvc	%[lc](16,0),%[psw]\n"
			 "	diag	%[r2],%[action],0x288\n"
			 "	lhi	%[exception],0\n"
			 "1:	mvc	%[lc](16,0),%[saved]\n"
			 : [exception] "+&d"(exception), [saved] "=&Q"(saved), [psw] "+Q"(psw),
			   [r2] "+d"(r2), "+d"(r3)
			 : [action] "d"(action), [lc] "i"(PGM_NEW_PSW)
			 : "1", "memory", "cc");
	return exception ? lowcore_u16(LC_PGM_CODE) : 0;
}

int guest_main(void)
{
	static const struct {
		uint64_t function, seconds, action;
		unsigned int answer;
	} cases[] = {
		{CHANGE, 60, 0, 6}, /* not armed */
		{CANCEL, 0, 0, 6},  {INIT, 14, 0, 6},  {INIT, 60, 1, 6},
		{3, 60, 0, 6},      {INIT, 15, 0, 0},  {CHANGE, 60, 0, 0},
		{CHANGE, 14, 0, 6}, {CANCEL, 0, 0, 0}, {CANCEL, 0, 0, 6},
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (watchdog(cases[i].function, cases[i].seconds, cases[i].action) !=
		    cases[i].answer) {
			console_printf("watchdog: case %u is answered otherwise\n", i);
			return 1;
		}
	console_printf("watchdog: all answers as they should be\n");
	if (!params_has("expire"))
		return 0;
	if (watchdog(INIT, 15, 0))
		return 2;
	for (;;)
		__asm__ volatile("" : : : "memory");
}
