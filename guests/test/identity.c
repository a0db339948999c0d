// SPDX-License-Identifier: GPL-2.0-or-later
/* Says who it is: name and UUID of STORE SYSTEM INFORMATION 3.2.2. */
#include <stdint.h>

#include "runtime/console.h"
#include "runtime/guest.h"

#define UUID_AT 80   /* of the innermost level */
#define NAME_AT 2048 /* extended name of the same, UTF-8 */

static uint8_t block[4096] __attribute__((aligned(4096)));

static unsigned int stsi_3_2_2(void)
{
	register uint64_t r0 __asm__("0") = 0x30000002;
	register uint64_t r1 __asm__("1") = 2;
	uint32_t ipm;

	__asm__ volatile("	stsi	%1\n"
			 "	ipm	%0\n"
			 : "=d"(ipm), "=Q"(block), "+d"(r0)
			 : "d"(r1)
			 : "cc", "memory");
	return ipm >> 28;
}

int guest_main(void)
{
	unsigned int cc = stsi_3_2_2();

	if (cc)
		return (int)cc;
	console_printf("identity: name \"%s\", uuid ", (const char *)block + NAME_AT);
	for (unsigned int i = 0; i < 16; i++)
		console_printf("%02x", block[UUID_AT + i]);
	console_printf("\n");
	return 0;
}
