// SPDX-License-Identifier: GPL-2.0-or-later
#include "demo/memory.h"

#include <stdbool.h>

#include "runtime/machine.h"

#define PAGE_LEN  4096UL
#define PIECE     256UL
#define FIRST_USE (2UL << 20)

struct area memory_area(uint64_t bytes)
{
	uint64_t end = machine_memory() & -PAGE_LEN;

	if (end <= FIRST_USE)
		return (struct area){FIRST_USE, FIRST_USE};
	if (bytes > end - FIRST_USE)
		bytes = end - FIRST_USE;
	return (struct area){(end - bytes) & -PAGE_LEN, end};
}

static bool piece_is_zero(uint64_t at)
{
	static const uint8_t zeros[PIECE] __attribute__((aligned(256)));
	int cc;

	__asm__("clc 0(256,%1),%2\n\tipm %0\n\tsrl %0,28"
		: "=d"(cc)
		: "a"(at), "Q"(zeros)
		: "cc", "memory");
	return cc == 0;
}

uint64_t memory_count_used(struct area area, uint64_t *first)
{
	uint64_t used = 0;

	for (uint64_t at = area.start; at < area.end; at += PIECE) {
		if (piece_is_zero(at))
			continue;
		if (!used)
			*first = at;
		used++;
	}
	return used;
}

void memory_fill(struct area area, const uint8_t pattern[256])
{
	for (uint64_t at = area.start; at < area.end; at += PIECE)
		__asm__ volatile("mvc 0(256,%0),%1"
				 :
				 : "a"(at), "Q"(*(const uint8_t(*)[PIECE])pattern)
				 : "memory");
}

void memory_make_pattern(uint8_t pattern[256], uint64_t boot)
{
	uint64_t seed = machine_tod() ^ boot << 56;

	for (unsigned int i = 0; i < PIECE; i++) {
		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		pattern[i] = (uint8_t)(seed >> 56) | 1; /* no byte is zero */
	}
}
