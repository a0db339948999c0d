/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of the machine. */
#ifndef VMM_EBCDIC_H
#define VMM_EBCDIC_H

#include <stdint.h>

/** ebcdic_to_ascii() - one character of code page 037; '.' for what ASCII does not have */
char ebcdic_to_ascii(uint8_t c);

/** ascii_to_ebcdic() - the other way; a full stop for what has no place in the table */
uint8_t ascii_to_ebcdic(char c);

#endif
