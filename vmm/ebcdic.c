// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/ebcdic.h"

#include <string.h>

#define FULL_STOP 0x4b

/* Code page 037, 32 characters a row, from 0x00. */
static const char table[] = "................................"
			    "................................"
			    " ...........<(+|&.........!$*);."
			    "-/.........,%_>?.........`:#@'=\""
			    ".abcdefghi.......jklmnopqr......"
			    ".~stuvwxyz......^.........[]...."
			    "{ABCDEFGHI......}JKLMNOPQR......"
			    "\\.STUVWXYZ......0123456789......";
_Static_assert(sizeof(table) == 257, "one character each");

char ebcdic_to_ascii(uint8_t c)
{
	return table[c];
}

uint8_t ascii_to_ebcdic(char c)
{
	const char *at = c == '.' ? NULL : memchr(table, c, sizeof(table) - 1);

	return at ? (uint8_t)(at - table) : FULL_STOP;
}
