/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sie/bfp.h"

#include <string.h>

int bfp_host_rounding(const struct sie_cpu *cpu)
{
	static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD};

	return modes[cpu->state->fpc & 3];
}

uint32_t bfp_flags(int raised)
{
	return (raised & FE_INVALID ? IEEE_INVALID : 0) |
	       (raised & FE_DIVBYZERO ? IEEE_DIVIDE : 0) |
	       (raised & FE_OVERFLOW ? IEEE_OVERFLOW : 0) |
	       (raised & FE_UNDERFLOW ? IEEE_UNDERFLOW : 0) |
	       (raised & FE_INEXACT ? IEEE_INEXACT : 0);
}

bool bfp_method(const struct sie_cpu *cpu, unsigned int m3, enum bfp_rounding *method)
{
	if (m3 == BFP_CURRENT)
		m3 = BFP_TIES_EVEN + (cpu->state->fpc & 3);
	*method = m3;
	return m3 == BFP_TIES_AWAY || (m3 >= BFP_TIES_EVEN && m3 <= BFP_DOWN);
}

uint8_t bfp_traps(const struct sie_cpu *cpu, uint32_t flags)
{
	uint32_t on = flags & FPC_MASKS(cpu->state->fpc);

	if (on & IEEE_INVALID)
		return IEEE_INVALID;
	if (on & IEEE_DIVIDE)
		return IEEE_DIVIDE;
	if (on & IEEE_OVERFLOW)
		return (uint8_t)(IEEE_OVERFLOW | (flags & (IEEE_INEXACT | IEEE_INCREMENTED)));
	if (on & IEEE_UNDERFLOW)
		return (uint8_t)(IEEE_UNDERFLOW | (flags & (IEEE_INEXACT | IEEE_INCREMENTED)));
	return (uint8_t)(on ? on | (flags & IEEE_INCREMENTED) : 0);
}

enum exec bfp_commit(struct sie_cpu *cpu, uint32_t flags)
{
	uint8_t dxc;

	if (!flags)
		return EXEC_NEXT;
	dxc = bfp_traps(cpu, flags);
	if (dxc & (IEEE_INVALID | IEEE_DIVIDE))
		return data_exception(cpu, dxc);
	if (dxc)
		TRY(interruption_ready(cpu));
	/* The exception that interrupts sets no flag, nor does the inexactness it tells. */
	if (dxc & (IEEE_OVERFLOW | IEEE_UNDERFLOW))
		flags = 0;
	else if (dxc)
		flags &= ~IEEE_INEXACT;
	cpu->state->fpc |= (flags & 0xf8) << 16;
	if (!dxc)
		return EXEC_NEXT;
	data_exception(cpu, dxc);
	return EXEC_PGM_DONE;
}

unsigned __int128 bfp_round_integer(unsigned __int128 significand, unsigned int shift,
				    bool negative, enum bfp_rounding method, uint32_t *flags)
{
	unsigned __int128 whole = significand >> shift;
	unsigned __int128 rest = significand - (whole << shift);
	unsigned __int128 half = shift ? (unsigned __int128)1 << (shift - 1) : 0;
	bool up = false;

	if (!rest)
		return whole;
	*flags |= IEEE_INEXACT;
	switch (method) {
	case BFP_TIES_AWAY:
		up = rest >= half;
		break;
	case BFP_UP:
		up = !negative;
		break;
	case BFP_DOWN:
		up = negative;
		break;
	case BFP_TO_ZERO:
		break;
	default:
		up = rest > half || (rest == half && (whole & 1));
		break;
	}
	if (up)
		*flags |= IEEE_INCREMENTED;
	return whole + up;
}

bfp_short bfp_short_of(uint32_t bits)
{
	bfp_short v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

bfp_long bfp_long_of(uint64_t bits)
{
	bfp_long v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

bfp_short bfp_get_short(const struct sie_cpu *cpu, unsigned int r)
{
	return bfp_short_of((uint32_t)(cpu->state->fprs[r] >> 32));
}

bfp_long bfp_get_long(const struct sie_cpu *cpu, unsigned int r)
{
	return bfp_long_of(cpu->state->fprs[r]);
}

bfp_extended bfp_get_extended(const struct sie_cpu *cpu, unsigned int r)
{
	unsigned __int128 bits =
		(unsigned __int128)cpu->state->fprs[r] << 64 | cpu->state->fprs[r + 2];
	bfp_extended v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

void bfp_put_short(struct sie_cpu *cpu, unsigned int r, bfp_short v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	cpu->state->fprs[r] = (cpu->state->fprs[r] & 0xffffffffUL) | (uint64_t)bits << 32;
}

void bfp_put_long(struct sie_cpu *cpu, unsigned int r, bfp_long v)
{
	memcpy(&cpu->state->fprs[r], &v, sizeof(v));
}

void bfp_put_extended(struct sie_cpu *cpu, unsigned int r, bfp_extended v)
{
	unsigned __int128 bits;

	memcpy(&bits, &v, sizeof(bits));
	cpu->state->fprs[r] = (uint64_t)(bits >> 64);
	cpu->state->fprs[r + 2] = (uint64_t)bits;
}

#define FORMAT    short
#define BITS      uint32_t
#define PRECISION 24
#define EMAX      127
#define WRAP      192
#define SUFFIX    f
#include "sie/bfp-format.h.inc"

#define FORMAT    long
#define BITS      uint64_t
#define PRECISION 53
#define EMAX      1023
#define WRAP      1536
#define SUFFIX
#include "sie/bfp-format.h.inc"

#define FORMAT    extended
#define BITS      unsigned __int128
#define PRECISION 113
#define EMAX      16383
#define WRAP      24576
#define SUFFIX    f128
#include "sie/bfp-format.h.inc"
