/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binary floating point: arithmetic, comparison, test. insn-bfp-convert.c changes formats. */
#include "sie/bfp.h"

/* ---- operands ---- */

/* Extended operands: registers n and n + 2, n being 0, 1, 4, 5, 8, 9, 12, 13 */
#define NOT_EXTENDED(r) ((r)&2)

#define VALID_short(r)    EXEC_NEXT
#define VALID_long(r)     EXEC_NEXT
#define VALID_extended(r) (NOT_EXTENDED(r) ? program_interrupt(cpu, PGM_SPECIFICATION) : EXEC_NEXT)

/* The second operand of format @from: b */
#define FROM_REGISTER(from)                                                                        \
	TRY(VALID_##from(op->r2));                                                                 \
	b = bfp_get_##from(cpu, op->r2);

#define FROM_STORAGE(from) FROM_STORAGE_##from

#define FROM_STORAGE_short                                                                         \
	do {                                                                                       \
		uint32_t bits;                                                                     \
                                                                                                   \
		TRY(read4(cpu, indexed_address(cpu, op), &bits));                                  \
		b = bfp_short_of(bits);                                                            \
	} while (0);

#define FROM_STORAGE_long                                                                          \
	do {                                                                                       \
		uint64_t bits;                                                                     \
                                                                                                   \
		TRY(read8(cpu, indexed_address(cpu, op), &bits));                                  \
		b = bfp_long_of(bits);                                                             \
	} while (0);

#define DYADIC(name, format, what, source)                                                         \
	INSN(name)                                                                                 \
	{                                                                                          \
		bfp_##format b;                                                                    \
                                                                                                   \
		TRY(VALID_##format(op->r1));                                                       \
		source(format) return bfp_arithmetic_##format(                                     \
			cpu, op->r1, what, bfp_get_##format(cpu, op->r1), b, 0);                   \
	}

DYADIC(aebr, short, BFP_ADD, FROM_REGISTER)
DYADIC(adbr, long, BFP_ADD, FROM_REGISTER)
DYADIC(axbr, extended, BFP_ADD, FROM_REGISTER)
DYADIC(aeb, short, BFP_ADD, FROM_STORAGE)
DYADIC(adb, long, BFP_ADD, FROM_STORAGE)
DYADIC(sebr, short, BFP_SUBTRACT, FROM_REGISTER)
DYADIC(sdbr, long, BFP_SUBTRACT, FROM_REGISTER)
DYADIC(sxbr, extended, BFP_SUBTRACT, FROM_REGISTER)
DYADIC(seb, short, BFP_SUBTRACT, FROM_STORAGE)
DYADIC(sdb, long, BFP_SUBTRACT, FROM_STORAGE)
DYADIC(meebr, short, BFP_MULTIPLY, FROM_REGISTER)
DYADIC(mdbr, long, BFP_MULTIPLY, FROM_REGISTER)
DYADIC(mxbr, extended, BFP_MULTIPLY, FROM_REGISTER)
DYADIC(meeb, short, BFP_MULTIPLY, FROM_STORAGE)
DYADIC(mdb, long, BFP_MULTIPLY, FROM_STORAGE)
DYADIC(debr, short, BFP_DIVIDE, FROM_REGISTER)
DYADIC(ddbr, long, BFP_DIVIDE, FROM_REGISTER)
DYADIC(dxbr, extended, BFP_DIVIDE, FROM_REGISTER)
DYADIC(deb, short, BFP_DIVIDE, FROM_STORAGE)
DYADIC(ddb, long, BFP_DIVIDE, FROM_STORAGE)

#define ROOT(name, format, source)                                                                 \
	INSN(name)                                                                                 \
	{                                                                                          \
		bfp_##format b;                                                                    \
                                                                                                   \
		TRY(VALID_##format(op->r1));                                                       \
		source(format) return bfp_arithmetic_##format(cpu, op->r1, BFP_SQUARE_ROOT, b, 0,  \
							      0);                                  \
	}

ROOT(sqebr, short, FROM_REGISTER)
ROOT(sqdbr, long, FROM_REGISTER)
ROOT(sqxbr, extended, FROM_REGISTER)
ROOT(sqeb, short, FROM_STORAGE)
ROOT(sqdb, long, FROM_STORAGE)

/* Third operand times second, plus or minus the first */
#define MULTIPLY_AND(name, format, minus, source)                                                  \
	INSN(name)                                                                                 \
	{                                                                                          \
		bfp_##format b, c = bfp_get_##format(cpu, op->r1);                                 \
                                                                                                   \
		if (minus && !bfp_is_nan_##format(c))                                              \
			c = bfp_signed_##format(c, !bfp_negative_##format(c));                     \
		source(format) return bfp_arithmetic_##format(cpu, op->r1, BFP_MULTIPLY_ADD, b,    \
							      bfp_get_##format(cpu, op->r3), c);   \
	}

MULTIPLY_AND(maebr, short, false, FROM_REGISTER)
MULTIPLY_AND(madbr, long, false, FROM_REGISTER)
MULTIPLY_AND(maeb, short, false, FROM_STORAGE)
MULTIPLY_AND(madb, long, false, FROM_STORAGE)
MULTIPLY_AND(msebr, short, true, FROM_REGISTER)
MULTIPLY_AND(msdbr, long, true, FROM_REGISTER)
MULTIPLY_AND(mseb, short, true, FROM_STORAGE)
MULTIPLY_AND(msdb, long, true, FROM_STORAGE)

/* Products in the next longer format: exact */
#define LONGER_PRODUCT(name, from, to, source)                                                     \
	INSN(name)                                                                                 \
	{                                                                                          \
		bfp_##from a = bfp_get_##from(cpu, op->r1), b;                                     \
		bool signalling;                                                                   \
                                                                                                   \
		TRY(VALID_##to(op->r1));                                                           \
		source(from) signalling =                                                          \
			bfp_is_signalling_##from(a) || bfp_is_signalling_##from(b);                \
		/* A NaN that signals goes before one that does not, longer or not */              \
		if (signalling && !bfp_is_signalling_##from(a))                                    \
			a = bfp_is_nan_##from(a) ? 1 : a;                                          \
		if (signalling)                                                                    \
			return bfp_store_##to(                                                     \
				cpu, op->r1,                                                       \
				(bfp_##to)bfp_quiet_##from(bfp_is_nan_##from(a) ? a : b),          \
				IEEE_INVALID);                                                     \
		return bfp_arithmetic_##to(cpu, op->r1, BFP_MULTIPLY, (bfp_##to)a, (bfp_##to)b,    \
					   0);                                                     \
	}

LONGER_PRODUCT(mdebr, short, long, FROM_REGISTER)
LONGER_PRODUCT(mxdbr, long, extended, FROM_REGISTER)
LONGER_PRODUCT(mdeb, short, long, FROM_STORAGE)
LONGER_PRODUCT(mxdb, long, extended, FROM_STORAGE)

/* ---- COMPARE, COMPARE AND SIGNAL ---- */

#define COMPARE(name, format, signalling, source)                                                  \
	INSN(name)                                                                                 \
	{                                                                                          \
		bfp_##format b;                                                                    \
                                                                                                   \
		TRY(VALID_##format(op->r1));                                                       \
		source(format) return bfp_compare_##format(cpu, bfp_get_##format(cpu, op->r1), b,  \
							   signalling);                            \
	}

COMPARE(cebr, short, false, FROM_REGISTER)
COMPARE(cdbr, long, false, FROM_REGISTER)
COMPARE(cxbr, extended, false, FROM_REGISTER)
COMPARE(ceb, short, false, FROM_STORAGE)
COMPARE(cdb, long, false, FROM_STORAGE)
COMPARE(kebr, short, true, FROM_REGISTER)
COMPARE(kdbr, long, true, FROM_REGISTER)
COMPARE(kxbr, extended, true, FROM_REGISTER)
COMPARE(keb, short, true, FROM_STORAGE)
COMPARE(kdb, long, true, FROM_STORAGE)

/* ---- LOAD POSITIVE, NEGATIVE, COMPLEMENT, AND TEST ---- */

#define SIGNED(name, format, negative)                                                             \
	INSN(name)                                                                                 \
	{                                                                                          \
		bfp_##format b;                                                                    \
                                                                                                   \
		TRY(VALID_##format(op->r1));                                                       \
		FROM_REGISTER(format)                                                              \
		b = bfp_signed_##format(b, negative);                                              \
		bfp_put_##format(cpu, op->r1, b);                                                  \
		cpu->cc = bfp_cc_##format(b);                                                      \
		return EXEC_NEXT;                                                                  \
	}

SIGNED(lpebr, short, false)
SIGNED(lpdbr, long, false)
SIGNED(lpxbr, extended, false)
SIGNED(lnebr, short, true)
SIGNED(lndbr, long, true)
SIGNED(lnxbr, extended, true)
SIGNED(lcebr, short, !bfp_negative_short(b))
SIGNED(lcdbr, long, !bfp_negative_long(b))
SIGNED(lcxbr, extended, !bfp_negative_extended(b))

#define LOAD_AND_TEST(name, format)                                                                \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint32_t flags = 0;                                                                \
		bfp_##format b;                                                                    \
                                                                                                   \
		TRY(VALID_##format(op->r1));                                                       \
		FROM_REGISTER(format)                                                              \
		if (bfp_is_signalling_##format(b)) {                                               \
			flags = IEEE_INVALID;                                                      \
			b = bfp_quiet_##format(b);                                                 \
		}                                                                                  \
		TRY(bfp_store_##format(cpu, op->r1, b, flags));                                    \
		cpu->cc = bfp_cc_##format(b);                                                      \
		return EXEC_NEXT;                                                                  \
	}

LOAD_AND_TEST(ltebr, short)
LOAD_AND_TEST(ltdbr, long)
LOAD_AND_TEST(ltxbr, extended)

/* ---- TEST DATA CLASS: bits of the second operand's address ---- */

#define TEST_CLASS(name, format)                                                                   \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint32_t class;                                                                    \
                                                                                                   \
		TRY(VALID_##format(op->r1));                                                       \
		class = bfp_class_##format(bfp_get_##format(cpu, op->r1));                         \
		cpu->cc = (indexed_address(cpu, op) & class) != 0;                                 \
		return EXEC_NEXT;                                                                  \
	}

TEST_CLASS(tceb, short)
TEST_CLASS(tcdb, long)
TEST_CLASS(tcxb, extended)
