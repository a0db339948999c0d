/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What binary floating-point instructions of all formats share: registers as
 * numbers, rounding modes, exceptions.
 */
#ifndef SIE_BFP_H
#define SIE_BFP_H

#include <fenv.h>
#include <math.h>

#include "sie/insn-operands.h"

#define IEEE_INVALID     0x80U
#define IEEE_DIVIDE      0x40U
#define IEEE_OVERFLOW    0x20U
#define IEEE_UNDERFLOW   0x10U
#define IEEE_INEXACT     0x08U
#define IEEE_INCREMENTED 0x04U /* of a data-exception code: rounded away from zero */

#define FPC_MASKS(fpc) ((fpc) >> 24 & 0xf8)

/** enum bfp_rounding - the methods of M3 fields; FPC modes 0 to 3 are 4 to 7 */
enum bfp_rounding {
	BFP_CURRENT = 0,
	BFP_TIES_AWAY = 1,
	BFP_TIES_EVEN = 4,
	BFP_TO_ZERO = 5,
	BFP_UP = 6,
	BFP_DOWN = 7,
};

enum bfp_op {
	BFP_ADD,
	BFP_SUBTRACT,
	BFP_MULTIPLY,
	BFP_DIVIDE,
	BFP_SQUARE_ROOT,
	BFP_MULTIPLY_ADD, /* a * b + c */
};

typedef float bfp_short;
typedef double bfp_long;
#ifdef __clang__
/* It has the type under another name, and <math.h> hides the functions from it. */
typedef __float128 bfp_extended;
bfp_extended fabsf128(bfp_extended v);
bfp_extended fmaf128(bfp_extended a, bfp_extended b, bfp_extended c);
bfp_extended frexpf128(bfp_extended v, int *exponent);
bfp_extended ldexpf128(bfp_extended v, int exponent);
bfp_extended sqrtf128(bfp_extended v);
#else
typedef _Float128 bfp_extended;
#endif

/** bfp_host_rounding() - <fenv.h>'s name of the FPC's rounding mode */
int bfp_host_rounding(const struct sie_cpu *cpu);

/** bfp_flags() - IEEE_* of what fetestexcept() returned */
uint32_t bfp_flags(int raised);

/** bfp_method() - false if an M3 field holds none */
bool bfp_method(const struct sie_cpu *cpu, unsigned int m3, enum bfp_rounding *method);

/**
 * bfp_traps() - exceptions the FPC's masks turn into an interruption
 *
 * Return: its data-exception code, the most important one; 0: there is none.
 */
uint8_t bfp_traps(const struct sie_cpu *cpu, uint32_t flags);

/**
 * bfp_commit() - before a result is stored: flags, or the interruption
 *
 * Return: EXEC_NEXT; EXEC_PGM_DONE: store the result, then return this; else nothing may change.
 */
enum exec bfp_commit(struct sie_cpu *cpu, uint32_t flags);

/** bfp_round_integer() - significand times 2^-shift, @shift 0 to 127, to an integer; IEEE_INEXACT,
 * IEEE_INCREMENTED */
unsigned __int128 bfp_round_integer(unsigned __int128 significand, unsigned int shift,
				    bool negative, enum bfp_rounding method, uint32_t *flags);

bfp_short bfp_get_short(const struct sie_cpu *cpu, unsigned int r);
bfp_long bfp_get_long(const struct sie_cpu *cpu, unsigned int r);
bfp_extended bfp_get_extended(const struct sie_cpu *cpu, unsigned int r);
void bfp_put_short(struct sie_cpu *cpu, unsigned int r, bfp_short v);
void bfp_put_long(struct sie_cpu *cpu, unsigned int r, bfp_long v);
void bfp_put_extended(struct sie_cpu *cpu, unsigned int r, bfp_extended v);
bfp_short bfp_short_of(uint32_t bits);
bfp_long bfp_long_of(uint64_t bits);

/* What bfp-format.h.inc makes for each format */
#define BFP_DECLARE(format)                                                                        \
	bool bfp_is_nan_##format(bfp_##format v);                                                  \
	bool bfp_is_signalling_##format(bfp_##format v);                                           \
	bfp_##format bfp_quiet_##format(bfp_##format v);                                           \
	bool bfp_negative_##format(bfp_##format v);                                                \
	/* with a sign of its own, NaNs too */                                                     \
	bfp_##format bfp_signed_##format(bfp_##format v, bool negative);                           \
	uint8_t bfp_cc_##format(bfp_##format v);                                                   \
	/* bit 0x800 to 0x001 as TEST DATA CLASS numbers them */                                   \
	uint32_t bfp_class_##format(bfp_##format v);                                               \
	/* an operation with its exceptions; r1 is the target */                                   \
	enum exec bfp_arithmetic_##format(struct sie_cpu *cpu, unsigned int r1, enum bfp_op what,  \
					  bfp_##format a, bfp_##format b, bfp_##format c);         \
	enum exec bfp_compare_##format(struct sie_cpu *cpu, bfp_##format a, bfp_##format b,        \
				       bool signalling);                                           \
	enum exec bfp_store_##format(struct sie_cpu *cpu, unsigned int r1, bfp_##format v,         \
				     uint32_t flags);

BFP_DECLARE(short)
BFP_DECLARE(long)
BFP_DECLARE(extended)

#endif
