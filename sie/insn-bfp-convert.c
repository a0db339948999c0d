/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binary floating point: between formats, to and from integers. */
#include "sie/bfp.h"

#define NOT_EXTENDED(r) ((r)&2)

#define VALID_short(r)    EXEC_NEXT
#define VALID_long(r)     EXEC_NEXT
#define VALID_extended(r) (NOT_EXTENDED(r) ? program_interrupt(cpu, PGM_SPECIFICATION) : EXEC_NEXT)

/* ---- LOAD LENGTHENED: exact, but a NaN may signal ---- */

#define LENGTHEN(from, to)                                                                         \
	static enum exec lengthen_##from##_##to(struct sie_cpu *cpu, unsigned int r1,              \
						bfp_##from v)                                      \
	{                                                                                          \
		uint32_t flags = 0;                                                                \
                                                                                                   \
		TRY(VALID_##to(r1));                                                               \
		if (bfp_is_signalling_##from(v)) {                                                 \
			flags = IEEE_INVALID;                                                      \
			v = bfp_quiet_##from(v);                                                   \
		}                                                                                  \
		return bfp_store_##to(cpu, r1, (bfp_##to)v, flags);                                \
	}

LENGTHEN(short, long)
LENGTHEN(short, extended)
LENGTHEN(long, extended)

INSN(ldebr)
{
	return lengthen_short_long(cpu, op->r1, bfp_get_short(cpu, op->r2));
}

INSN(lxebr)
{
	return lengthen_short_extended(cpu, op->r1, bfp_get_short(cpu, op->r2));
}

INSN(lxdbr)
{
	return lengthen_long_extended(cpu, op->r1, bfp_get_long(cpu, op->r2));
}

INSN(ldeb)
{
	uint32_t bits;

	TRY(read4(cpu, indexed_address(cpu, op), &bits));
	return lengthen_short_long(cpu, op->r1, bfp_short_of(bits));
}

INSN(lxeb)
{
	uint32_t bits;

	TRY(read4(cpu, indexed_address(cpu, op), &bits));
	return lengthen_short_extended(cpu, op->r1, bfp_short_of(bits));
}

INSN(lxdb)
{
	uint64_t bits;

	TRY(read8(cpu, indexed_address(cpu, op), &bits));
	return lengthen_long_extended(cpu, op->r1, bfp_long_of(bits));
}

/* ---- LOAD ROUNDED ---- */

/*
 * A trapped overflow or underflow leaves the operand rounded to the target's precision in the
 * source's format, scaled by 2^wrap.
 */
#define ROUND(name, from, to, least, suffix, wrap)                                                 \
	static bfp_##to name##_narrow(int mode, bfp_##from v, int *raised)                         \
	{                                                                                          \
		volatile bfp_##from x = v;                                                         \
		volatile bfp_##to r;                                                               \
                                                                                                   \
		fesetround(mode);                                                                  \
		feclearexcept(FE_ALL_EXCEPT);                                                      \
		r = (bfp_##to)x;                                                                   \
		*raised = fetestexcept(FE_ALL_EXCEPT);                                             \
		fesetround(FE_TONEAREST);                                                          \
		return r;                                                                          \
	}                                                                                          \
                                                                                                   \
	static bool name##_larger(bfp_##from rounded, bfp_##from v)                                \
	{                                                                                          \
		return fabs##suffix(rounded) > fabs##suffix(v);                                    \
	}                                                                                          \
                                                                                                   \
	INSN(name)                                                                                 \
	{                                                                                          \
		bfp_##from v, m, scaled;                                                           \
		int raised, exponent, mode = bfp_host_rounding(cpu);                               \
		enum exec st;                                                                      \
		uint32_t flags;                                                                    \
		bfp_##to r;                                                                        \
                                                                                                   \
		TRY(VALID_##from(op->r1));                                                         \
		TRY(VALID_##from(op->r2));                                                         \
		v = bfp_get_##from(cpu, op->r2);                                                   \
		if (bfp_is_signalling_##from(v))                                                   \
			return bfp_store_##to(cpu, op->r1, (bfp_##to)bfp_quiet_##from(v),          \
					      IEEE_INVALID);                                       \
		r = name##_narrow(mode, v, &raised);                                               \
		flags = bfp_flags(raised) & ~IEEE_UNDERFLOW;                                       \
		if (v != 0 && fabs##suffix(v) < least &&                                           \
		    ((flags & IEEE_INEXACT) || (FPC_MASKS(cpu->state->fpc) & IEEE_UNDERFLOW)))     \
			flags |= IEEE_UNDERFLOW;                                                   \
		if (!(bfp_traps(cpu, flags) & (IEEE_OVERFLOW | IEEE_UNDERFLOW))) {                 \
			if ((flags & IEEE_INEXACT) && name##_larger((bfp_##from)r, v))             \
				flags |= IEEE_INCREMENTED;                                         \
			return bfp_store_##to(cpu, op->r1, r, flags);                              \
		}                                                                                  \
		m = frexp##suffix(v, &exponent);                                                   \
		scaled = (bfp_##from)name##_narrow(mode, m, &raised);                              \
		flags = (flags & ~IEEE_INEXACT) | (bfp_flags(raised) & IEEE_INEXACT);              \
		if (name##_larger(scaled, m))                                                      \
			flags |= IEEE_INCREMENTED;                                                 \
		exponent += flags & IEEE_OVERFLOW ? -wrap : wrap;                                  \
		st = bfp_store_##from(cpu, op->r1, ldexp##suffix(scaled, exponent), flags);        \
		return st;                                                                         \
	}

ROUND(ledbr, long, short, 0x1p-126, , 512)
ROUND(lexbr, extended, short, 0x1p-126, f128, 8192)
ROUND(ldxbr, extended, long, 0x1p-1022, f128, 8192)

/* ---- integers ---- */

/* |v|, finite, as an integer times 2^-shift; negative shifts: @v is an integer anyway */
static unsigned __int128 magnitude_of(bfp_extended v, int *shift)
{
	int exponent;
	bfp_extended m = frexpf128(fabsf128(v), &exponent);

	*shift = 113 - exponent;
	return (unsigned __int128)ldexpf128(m, 113);
}

static unsigned __int128 round_extended(bfp_extended v, enum bfp_rounding method, uint32_t *flags)
{
	int shift;
	unsigned __int128 s = magnitude_of(v, &shift);

	return bfp_round_integer(s, shift > 127 ? 127 : (unsigned int)shift,
				 bfp_negative_extended(v), method, flags);
}

/* M4, floating-point extension: no inexact exception */
#define M4_SUPPRESS_INEXACT 4

#define LOAD_INTEGER(name, format)                                                                 \
	INSN(name)                                                                                 \
	{                                                                                          \
		enum bfp_rounding method;                                                          \
		bfp_##format v;                                                                    \
		uint32_t flags = 0;                                                                \
		int exponent;                                                                      \
                                                                                                   \
		TRY(VALID_##format(op->r1));                                                       \
		TRY(VALID_##format(op->r2));                                                       \
		if (!bfp_method(cpu, op->r3, &method))                                             \
			return program_interrupt(cpu, PGM_SPECIFICATION);                          \
		v = bfp_get_##format(cpu, op->r2);                                                 \
		if (bfp_is_signalling_##format(v))                                                 \
			return bfp_store_##format(cpu, op->r1, bfp_quiet_##format(v),              \
						  IEEE_INVALID);                                   \
		if (bfp_class_##format(v) & 0x3f) /* infinities and NaNs */                        \
			return bfp_store_##format(cpu, op->r1, v, 0);                              \
		frexpf128(v, &exponent);                                                           \
		if (exponent < 113)                                                                \
			v = bfp_signed_##format((bfp_##format)round_extended(v, method, &flags),   \
						bfp_negative_##format(v));                         \
		if (op->i & M4_SUPPRESS_INEXACT)                                                   \
			flags = 0;                                                                 \
		return bfp_store_##format(cpu, op->r1, v, flags);                                  \
	}

LOAD_INTEGER(fiebr, short)
LOAD_INTEGER(fidbr, long)
LOAD_INTEGER(fixbr, extended)

/* CONVERT TO FIXED, TO LOGICAL: what is too large gives the nearest there is, cc 3; that is both
 * invalid and inexact. A NaN is invalid alone. */
struct integer {
	unsigned int bits;
	bool logical;
};

static uint64_t largest(const struct integer *to, bool negative)
{
	uint64_t ones = UINT64_MAX >> (64 - to->bits);

	if (to->logical)
		return negative ? 0 : ones;
	return negative ? ~(ones >> 1) : ones >> 1;
}

static enum exec to_integer(struct sie_cpu *cpu, const struct op *op, bfp_extended v, bool nan,
			    const struct integer *to)
{
	enum bfp_rounding method;
	unsigned __int128 whole = 0, limit;
	uint32_t flags = 0;
	bool negative = bfp_negative_extended(v), infinite = bfp_class_extended(v) & 0x30, invalid;
	uint64_t result;
	enum exec st;
	int exponent;

	if (!bfp_method(cpu, op->r3, &method))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	frexpf128(v, &exponent);
	limit = to->logical && negative ? 0 : largest(to, negative);
	if (!to->logical && negative)
		limit = (unsigned __int128)1 << (to->bits - 1);
	if (!nan && !infinite && exponent < 100)
		whole = round_extended(v, method, &flags);
	invalid = nan || infinite || exponent >= 100 || whole > limit;
	if (invalid) {
		flags = nan ? IEEE_INVALID : IEEE_INVALID | IEEE_INEXACT;
		result = largest(to, nan || negative);
	} else {
		result = negative ? 0 - (uint64_t)whole : (uint64_t)whole;
	}
	if (op->i & M4_SUPPRESS_INEXACT)
		flags &= IEEE_INVALID;
	st = bfp_commit(cpu, flags);
	if (st != EXEC_NEXT && st != EXEC_PGM_DONE)
		return st;
	if (to->bits == 32)
		set_gr32(cpu, op->r1, (uint32_t)result);
	else
		cpu->gr[op->r1] = result;
	cpu->cc = (uint8_t)(invalid ? 3 : v == 0 ? 0 : negative ? 1 : 2);
	return st;
}

#define TO_INTEGER(name, from, size, unsigned_)                                                    \
	INSN(name)                                                                                 \
	{                                                                                          \
		static const struct integer to = {size, unsigned_};                                \
		bfp_##from v;                                                                      \
		bool nan;                                                                          \
                                                                                                   \
		TRY(VALID_##from(op->r2));                                                         \
		v = bfp_get_##from(cpu, op->r2);                                                   \
		nan = bfp_is_nan_##from(v);                                                        \
		return to_integer(cpu, op, nan ? 1 : (bfp_extended)v, nan, &to);                   \
	}

TO_INTEGER(cfebr, short, 32, false)
TO_INTEGER(cfdbr, long, 32, false)
TO_INTEGER(cfxbr, extended, 32, false)
TO_INTEGER(cgebr, short, 64, false)
TO_INTEGER(cgdbr, long, 64, false)
TO_INTEGER(cgxbr, extended, 64, false)
TO_INTEGER(clfebr, short, 32, true)
TO_INTEGER(clfdbr, long, 32, true)
TO_INTEGER(clfxbr, extended, 32, true)
TO_INTEGER(clgebr, short, 64, true)
TO_INTEGER(clgdbr, long, 64, true)
TO_INTEGER(clgxbr, extended, 64, true)

/* CONVERT FROM FIXED, FROM LOGICAL */
#define FROM_INTEGER(name, to, precision, suffix, value, is_negative)                              \
	INSN(name)                                                                                 \
	{                                                                                          \
		bool negative = is_negative;                                                       \
		uint64_t magnitude = negative ? 0 - (uint64_t)(value) : (uint64_t)(value);         \
		unsigned int size = magnitude ? 64 - (unsigned int)__builtin_clzl(magnitude) : 0;  \
		unsigned int shift = size > precision ? size - precision : 0;                      \
		enum bfp_rounding method;                                                          \
		uint32_t flags = 0;                                                                \
		bfp_##to v;                                                                        \
                                                                                                   \
		TRY(VALID_##to(op->r1));                                                           \
		if (!bfp_method(cpu, op->r3, &method))                                             \
			return program_interrupt(cpu, PGM_SPECIFICATION);                          \
		v = (bfp_##to)(uint64_t)bfp_round_integer(magnitude, shift, negative, method,      \
							  &flags);                                 \
		v = bfp_signed_##to(ldexp##suffix(v, (int)shift), negative);                       \
		if (op->i & M4_SUPPRESS_INEXACT)                                                   \
			flags = 0;                                                                 \
		return bfp_store_##to(cpu, op->r1, v, flags);                                      \
	}

#define SIGNED32   (int64_t)(int32_t) gr32(cpu, op->r2)
#define NEGATIVE32 (int32_t) gr32(cpu, op->r2) < 0
#define SIGNED64   (int64_t) cpu->gr[op->r2]
#define NEGATIVE64 (int64_t) cpu->gr[op->r2] < 0

FROM_INTEGER(cefbr, short, 24, f, SIGNED32, NEGATIVE32)
FROM_INTEGER(cdfbr, long, 53, , SIGNED32, NEGATIVE32)
FROM_INTEGER(cxfbr, extended, 113, f128, SIGNED32, NEGATIVE32)
FROM_INTEGER(cegbr, short, 24, f, SIGNED64, NEGATIVE64)
FROM_INTEGER(cdgbr, long, 53, , SIGNED64, NEGATIVE64)
FROM_INTEGER(cxgbr, extended, 113, f128, SIGNED64, NEGATIVE64)
FROM_INTEGER(celfbr, short, 24, f, gr32(cpu, op->r2), false)
FROM_INTEGER(cdlfbr, long, 53, , gr32(cpu, op->r2), false)
FROM_INTEGER(cxlfbr, extended, 113, f128, gr32(cpu, op->r2), false)
FROM_INTEGER(celgbr, short, 24, f, cpu->gr[op->r2], false)
FROM_INTEGER(cdlgbr, long, 53, , cpu->gr[op->r2], false)
FROM_INTEGER(cxlgbr, extended, 113, f128, cpu->gr[op->r2], false)
