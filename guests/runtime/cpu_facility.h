/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the CPU can do. */
#ifndef GUESTS_RUNTIME_CPU_FACILITY_H
#define GUESTS_RUNTIME_CPU_FACILITY_H

#include <stdbool.h>
#include <stdint.h>

/** cpu_has_facility() - facility bit @nr below 256, as STFLE stores it */
static inline bool cpu_has_facility(unsigned int nr)
{
	uint64_t list[4] = {0};
	register uint64_t last __asm__("0") = sizeof(list) / sizeof(list[0]) - 1;

	__asm__ volatile(".insn s,0xb2b00000,%0" : "=Q"(list), "+d"(last) : : "cc", "memory");
	return list[nr / 64] >> (63 - nr % 64) & 1;
}

#endif
