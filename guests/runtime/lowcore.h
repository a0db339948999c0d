/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prefix area, which starts at address 0: offsets and reads that a compiler lets pass. */
#ifndef GUESTS_RUNTIME_LOWCORE_H
#define GUESTS_RUNTIME_LOWCORE_H

#include <stdint.h>

#define LC_PGM_ILC     0x8c
#define LC_PGM_CODE    0x8e
#define LC_TEID        0xa8
#define LC_PGM_OLD_PSW 0x150
#define LC_STFLE_LIST  0x200 /* software's part */

/** lowcore_u16() - the halfword at @offset */
static inline uint16_t lowcore_u16(unsigned long offset)
{
	__asm__("" : "+a"(offset));
	return *(volatile uint16_t *)offset;
}

/** lowcore_u64() - the doubleword at @offset */
static inline uint64_t lowcore_u64(unsigned long offset)
{
	__asm__("" : "+a"(offset));
	return *(volatile uint64_t *)offset;
}

#endif
