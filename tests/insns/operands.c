/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random values: boundaries, and numbers as programs have them. */
#include "cases.h"

#include <string.h>

uint64_t seed;

uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

unsigned int below(unsigned int n)
{
	return (unsigned int)(random64() >> 33) % n;
}

uint64_t operand(void)
{
	static const uint64_t boundary[] = {
		0,
		1,
		2,
		0x7f,
		0x80,
		0xff,
		0x7fff,
		0x8000,
		0xffff,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x7fffffffffffffff,
		0x8000000000000000,
		0xffffffffffffffff,
		0xffffffff80000000,
		0xffffffff00000000,
		0x8000000080000000,
	};

	switch (below(4)) {
	case 0:
		return boundary[below(sizeof(boundary) / sizeof(boundary[0]))];
	case 1:
		return random64() >> below(64);
	default:
		return random64();
	}
}

/* qemu 7.2 prefers a quiet NaN to one that signals in MULTIPLY AND ADD */
uint64_t quiet(uint64_t v)
{
	if ((v >> 52 & 0x7ff) == 0x7ff)
		v |= 0x0008000000000000;
	if ((v >> 55 & 0xff) == 0xff)
		v |= 0x0040000000000000;
	return v;
}

/* Numbers as one finds them: special ones, near ones, any */
uint64_t floating(void)
{
	static const uint64_t special[] = {
		0x0000000000000000,
		0x0000000000000001,
		0x000fffffffffffff,
		0x0010000000000000,
		0x3ff0000000000000,
		0x7fefffffffffffff,
		0x7ff0000000000000,
		0x7ff8000000000001,
		0x7ff4000000000123,
		0x3ca0000000000000,
		0x43e0000000000000,
		0x41e0000000000000,
		0x3fe0000000000000,
		0x3810000000000000,
		0x380fffffffffffff,
		0x47efffffe0000000,
		0x47effffff0000000,
		0x36a0000000000000,
		/* short ones, in the left half */
		0x0000000100000000,
		0x007fffff00000000,
		0x0080000000000000,
		0x3f80000012345678,
		0x7f7fffff87654321,
		0x7f80000000000000,
		0x7fc0000100000000,
		0x7fa0012300000000,
		0x4f00000000000000,
		0x5f00000000000000,
		0x3f00000000000000,
		/* extended ones */
		0x0001000000000000,
		0x3fff000000000000,
		0x7ffeffffffffffff,
		0x7fff000000000000,
		0x7fff800000000001,
		0x7fff400000000000,
		0x3c01000000000000,
		0x43feffffffffffff,
		0x3f81000000000000,
		0x407effffff000000,
	};
	uint64_t sign = random64() & 0x8000000000000000, v = random64() >> 12;

	switch (below(8)) {
	case 0:
	case 1:
		return sign | special[below(sizeof(special) / sizeof(special[0]))];
	case 2:
		return random64();
	case 3:
	case 4: /* long, around one */
		v = v >> below(52) << below(52) & 0xfffffffffffff;
		return sign | (uint64_t)(0x3ff - 30 + below(96)) << 52 | v;
	case 5: /* extended, around one */
		return sign | (uint64_t)(0x3fff - 30 + below(96)) << 48 | v >> 4;
	default: /* short, around one */
		v = (v >> below(52)) & 0x7fffff;
		return sign | (uint64_t)(0x7f - 20 + below(86)) << 55 | v << 32;
	}
}

void put8(uint8_t *at, uint64_t v)
{
	be64_t be = be64_make(v);

	memcpy(at, &be, sizeof(be));
}

uint64_t get8(const uint8_t *at)
{
	be64_t be;

	memcpy(&be, at, sizeof(be));
	return be64_get(be);
}
