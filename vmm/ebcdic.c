// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/ebcdic.h"

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
