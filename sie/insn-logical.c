/* SPDX-License-Identifier: GPL-2.0-or-later */
/* And, or, exclusive or, test under mask, shift, rotate, bit counting. */
#include "sie/insn-operands.h"

#define LOGICAL(op_name, expr)                                                                     \
	static inline enum exec op_name##32(struct sie_cpu * cpu, unsigned int r1, uint32_t a,     \
					    uint32_t b)                                            \
	{                                                                                          \
		uint32_t result = expr;                                                            \
                                                                                                   \
		set_gr32(cpu, r1, result);                                                         \
		cpu->cc = cc_nonzero(result);                                                      \
		return EXEC_NEXT;                                                                  \
	}                                                                                          \
	static inline enum exec op_name##64(struct sie_cpu * cpu, unsigned int r1, uint64_t a,     \
					    uint64_t b)                                            \
	{                                                                                          \
		uint64_t result = expr;                                                            \
                                                                                                   \
		cpu->gr[r1] = result;                                                              \
		cpu->cc = cc_nonzero(result);                                                      \
		return EXEC_NEXT;                                                                  \
	}

LOGICAL(and, (a & b))
LOGICAL(or, (a | b))
LOGICAL(xor, (a ^ b))
LOGICAL(not_and, ~(a & b))
LOGICAL(not_or, ~(a | b))
LOGICAL(not_xor, ~(a ^ b))
LOGICAL(and_complement, (a & ~b))
LOGICAL(or_complement, (a | ~b))

R32(nr, and32)
R64(ngr, and64)
K32(nrk, and32)
K64(ngrk, and64)
M32(n, and32)
M64(ng, and64)
R32(or, or32)
R64(ogr, or64)
K32(ork, or32)
K64(ogrk, or64)
M32(o, or32)
M64(og, or64)
R32(xr, xor32)
R64(xgr, xor64)
K32(xrk, xor32)
K64(xgrk, xor64)
K32(nnrk, not_and32)
K64(nngrk, not_and64)
K32(nork, not_or32)
K64(nogrk, not_or64)
K32(nxrk, not_xor32)
K64(nxgrk, not_xor64)
K32(ncrk, and_complement32)
K64(ncgrk, and_complement64)
K32(ocrk, or_complement32)
K64(ocgrk, or_complement64)
M32(x, xor32)
M64(xg, xor64)

/* An immediate works on one halfword or word of the register; cc is that part's. */
#define PART_IMMEDIATE(name, type, shift, expr)                                                    \
	INSN(name)                                                                                 \
	{                                                                                          \
		type part = (type)(cpu->gr[op->r1] >> (shift));                                    \
		type i = (type)op->imm;                                                            \
		type result = (type)(expr);                                                        \
                                                                                                   \
		cpu->gr[op->r1] = (cpu->gr[op->r1] & ~((uint64_t)(type)~0ULL << (shift))) |        \
				  (uint64_t)result << (shift);                                     \
		cpu->cc = cc_nonzero(result);                                                      \
		return EXEC_NEXT;                                                                  \
	}
PART_IMMEDIATE(nihh, uint16_t, 48, part &i)
PART_IMMEDIATE(nihl, uint16_t, 32, part &i)
PART_IMMEDIATE(nilh, uint16_t, 16, part &i)
PART_IMMEDIATE(nill, uint16_t, 0, part &i)
PART_IMMEDIATE(oihh, uint16_t, 48, part | i)
PART_IMMEDIATE(oihl, uint16_t, 32, part | i)
PART_IMMEDIATE(oilh, uint16_t, 16, part | i)
PART_IMMEDIATE(oill, uint16_t, 0, part | i)
PART_IMMEDIATE(nihf, uint32_t, 32, part &i)
PART_IMMEDIATE(nilf, uint32_t, 0, part &i)
PART_IMMEDIATE(oihf, uint32_t, 32, part | i)
PART_IMMEDIATE(oilf, uint32_t, 0, part | i)
PART_IMMEDIATE(xihf, uint32_t, 32, part ^ i)
PART_IMMEDIATE(xilf, uint32_t, 0, part ^ i)

#define INSERT_IMMEDIATE(name, type, shift)                                                        \
	INSN(name)                                                                                 \
	{                                                                                          \
		cpu->gr[op->r1] = (cpu->gr[op->r1] & ~((uint64_t)(type)~0ULL << (shift))) |        \
				  (uint64_t)(type)op->imm << (shift);                              \
		return EXEC_NEXT;                                                                  \
	}
INSERT_IMMEDIATE(iihh, uint16_t, 48)
INSERT_IMMEDIATE(iihl, uint16_t, 32)
INSERT_IMMEDIATE(iilh, uint16_t, 16)
INSERT_IMMEDIATE(iill, uint16_t, 0)
INSERT_IMMEDIATE(iihf, uint32_t, 32)
INSERT_IMMEDIATE(iilf, uint32_t, 0)

#define LOAD_LOGICAL_IMMEDIATE(name, type, shift)                                                  \
	INSN(name)                                                                                 \
	{                                                                                          \
		cpu->gr[op->r1] = (uint64_t)(type)op->imm << (shift);                              \
		return EXEC_NEXT;                                                                  \
	}
LOAD_LOGICAL_IMMEDIATE(llihh, uint16_t, 48)
LOAD_LOGICAL_IMMEDIATE(llihl, uint16_t, 32)
LOAD_LOGICAL_IMMEDIATE(llilh, uint16_t, 16)
LOAD_LOGICAL_IMMEDIATE(llill, uint16_t, 0)
LOAD_LOGICAL_IMMEDIATE(llihf, uint32_t, 32)
LOAD_LOGICAL_IMMEDIATE(llilf, uint32_t, 0)

/* ---- storage and immediate; interlocked ---- */

#define STORAGE_IMMEDIATE(name, expr)                                                              \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint8_t old, result;                                                               \
		uint8_t *p;                                                                        \
                                                                                                   \
		TRY(update_pointer(cpu, operand_address(cpu, op), 1, &p));                         \
		do {                                                                               \
			old = raw_load1(p);                                                        \
			result = (uint8_t)(expr);                                                  \
		} while (!raw_swap1(p, old, result));                                              \
		cpu->cc = cc_nonzero(result);                                                      \
		return EXEC_NEXT;                                                                  \
	}
STORAGE_IMMEDIATE(ni, old & op->i)
STORAGE_IMMEDIATE(oi, old | op->i)
STORAGE_IMMEDIATE(xi, old ^ op->i)

/* ---- test under mask ---- */

static inline uint8_t cc_mask(uint32_t value, uint32_t mask, uint32_t leftmost)
{
	value &= mask;
	if (value == 0)
		return 0;
	if (value == mask)
		return 3;
	return value & leftmost ? 2 : 1;
}

INSN(tm)
{
	uint8_t value;

	TRY(read1(cpu, operand_address(cpu, op), &value));
	value &= op->i;
	cpu->cc = value == 0 ? 0 : value == op->i ? 3 : 1;
	return EXEC_NEXT;
}

#define TEST_PART(name, shift)                                                                     \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint32_t mask = (uint16_t)op->imm;                                                 \
                                                                                                   \
		cpu->cc = cc_mask((uint16_t)(cpu->gr[op->r1] >> (shift)), mask,                    \
				  mask ? 0x80000000U >> __builtin_clz(mask) : 0);                  \
		return EXEC_NEXT;                                                                  \
	}
TEST_PART(tmhh, 48)
TEST_PART(tmhl, 32)
TEST_PART(tmlh, 16)
TEST_PART(tmll, 0)

/* ---- shifts: the amount is bits 58-63 of the second operand address ---- */

static inline unsigned int shift_amount(const struct sie_cpu *cpu, const struct op *op)
{
	return (unsigned int)(cpu->gr[op->b] + (uint64_t)(int64_t)op->d) & 63;
}

static inline uint32_t shift_left32(uint32_t v, unsigned int n)
{
	return n > 31 ? 0 : v << n;
}

static inline uint32_t shift_right32(uint32_t v, unsigned int n)
{
	return n > 31 ? 0 : v >> n;
}

static inline uint32_t shift_arithmetic32(uint32_t v, unsigned int n)
{
	return (uint32_t)((int32_t)v >> (n > 31 ? 31 : n));
}

#define SHIFT32(name, source, function)                                                            \
	INSN(name)                                                                                 \
	{                                                                                          \
		set_gr32(cpu, op->r1, function(gr32(cpu, op->source), shift_amount(cpu, op)));     \
		return EXEC_NEXT;                                                                  \
	}
SHIFT32(sll, r1, shift_left32)
SHIFT32(srl, r1, shift_right32)
SHIFT32(sllk, r3, shift_left32)
SHIFT32(srlk, r3, shift_right32)

#define SHIFT_ARITHMETIC32(name, source)                                                           \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint32_t v = shift_arithmetic32(gr32(cpu, op->source), shift_amount(cpu, op));     \
                                                                                                   \
		set_gr32(cpu, op->r1, v);                                                          \
		cpu->cc = cc_signed32(v);                                                          \
		return EXEC_NEXT;                                                                  \
	}
SHIFT_ARITHMETIC32(sra, r1)
SHIFT_ARITHMETIC32(srak, r3)

INSN(sllg)
{
	cpu->gr[op->r1] = cpu->gr[op->r3] << shift_amount(cpu, op);
	return EXEC_NEXT;
}

INSN(srlg)
{
	cpu->gr[op->r1] = cpu->gr[op->r3] >> shift_amount(cpu, op);
	return EXEC_NEXT;
}

INSN(srag)
{
	cpu->gr[op->r1] = (uint64_t)((int64_t)cpu->gr[op->r3] >> shift_amount(cpu, op));
	cpu->cc = cc_signed64(cpu->gr[op->r1]);
	return EXEC_NEXT;
}

/* Left shift of a number of @bits: the sign stays; overflow if a bit unlike it is lost */
static uint64_t shift_left_signed(uint64_t v, unsigned int n, unsigned int bits, bool *over)
{
	uint64_t sign = v >> (bits - 1) & 1;
	uint64_t all = bits == 64 ? UINT64_MAX : (1UL << bits) - 1;
	uint64_t magnitude = all >> 1;
	uint64_t lost; /* the sign and the n bits behind it */

	*over = false;
	if (n >= bits - 1) {
		*over = sign ? (v & magnitude) != magnitude || n > bits - 1 : (v & magnitude) != 0;
		return sign << (bits - 1);
	}
	lost = v >> (bits - 1 - n);
	*over = lost != (sign ? (2UL << n) - 1 : 0);
	return (v << n & magnitude) | sign << (bits - 1);
}

static enum exec shift_left_signed32(struct sie_cpu *cpu, const struct op *op, unsigned int from)
{
	bool over;
	uint32_t v = (uint32_t)shift_left_signed(gr32(cpu, from), shift_amount(cpu, op), 32, &over);

	if (over)
		TRY(overflow_allowed(cpu));
	set_gr32(cpu, op->r1, v);
	cpu->cc = cc_signed32(v);
	return over ? overflow_done(cpu) : EXEC_NEXT;
}

INSN(sla)
{
	return shift_left_signed32(cpu, op, op->r1);
}

INSN(slak)
{
	return shift_left_signed32(cpu, op, op->r3);
}

static enum exec shift_left_signed64(struct sie_cpu *cpu, uint64_t v, unsigned int n,
				     uint64_t *result)
{
	bool over;

	v = shift_left_signed(v, n, 64, &over);
	if (over)
		TRY(overflow_allowed(cpu));
	*result = v;
	cpu->cc = cc_signed64(v);
	return over ? overflow_done(cpu) : EXEC_NEXT;
}

INSN(slag)
{
	return shift_left_signed64(cpu, cpu->gr[op->r3], shift_amount(cpu, op), &cpu->gr[op->r1]);
}

static uint64_t pair(const struct sie_cpu *cpu, unsigned int r1)
{
	return (uint64_t)gr32(cpu, r1) << 32 | gr32(cpu, r1 + 1);
}

static void set_pair(struct sie_cpu *cpu, unsigned int r1, uint64_t v)
{
	set_gr32(cpu, r1, (uint32_t)(v >> 32));
	set_gr32(cpu, r1 + 1, (uint32_t)v);
}

INSN(sldl)
{
	set_pair(cpu, op->r1, pair(cpu, op->r1) << shift_amount(cpu, op));
	return EXEC_NEXT;
}

INSN(srdl)
{
	set_pair(cpu, op->r1, pair(cpu, op->r1) >> shift_amount(cpu, op));
	return EXEC_NEXT;
}

INSN(srda)
{
	uint64_t v = (uint64_t)((int64_t)pair(cpu, op->r1) >> shift_amount(cpu, op));

	set_pair(cpu, op->r1, v);
	cpu->cc = cc_signed64(v);
	return EXEC_NEXT;
}

INSN(slda)
{
	uint64_t v = pair(cpu, op->r1);
	enum exec st = shift_left_signed64(cpu, v, shift_amount(cpu, op), &v);

	if (st == EXEC_NEXT || st == EXEC_PGM_DONE)
		set_pair(cpu, op->r1, v);
	return st;
}

static inline uint64_t rotate64(uint64_t v, unsigned int n)
{
	return v << (n & 63) | v >> (-n & 63);
}

INSN(rll)
{
	unsigned int n = shift_amount(cpu, op) & 31;
	uint32_t v = gr32(cpu, op->r3);

	set_gr32(cpu, op->r1, v << n | v >> (-n & 31));
	return EXEC_NEXT;
}

INSN(rllg)
{
	cpu->gr[op->r1] = rotate64(cpu->gr[op->r3], shift_amount(cpu, op));
	return EXEC_NEXT;
}

/* ---- rotate then ... selected bits: I3 in i, I4 in x, I5 in b2 ---- */

static inline uint64_t selected_bits(unsigned int first, unsigned int last)
{
	uint64_t from = UINT64_MAX >> first;
	uint64_t to = UINT64_MAX << (63 - last);

	/* first > last: the bits run around the end */
	return first <= last ? from & to : from | to;
}

static inline uint64_t rotated(const struct sie_cpu *cpu, const struct op *op)
{
	return rotate64(cpu->gr[op->r2], op->b2);
}

INSN(risbgn)
{
	uint64_t mask = selected_bits(op->i & 63, op->x & 63);
	uint64_t rest = op->x & 0x80 ? 0 : cpu->gr[op->r1] & ~mask;

	cpu->gr[op->r1] = rest | (rotated(cpu, op) & mask);
	return EXEC_NEXT;
}

INSN(risbg)
{
	insn_risbgn(cpu, op);
	cpu->cc = cc_signed64(cpu->gr[op->r1]);
	return EXEC_NEXT;
}

#define ROTATE_THEN(name, expr)                                                                    \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t mask = selected_bits(op->i & 63, op->x & 63);                             \
		uint64_t old = cpu->gr[op->r1];                                                    \
		uint64_t b = rotated(cpu, op);                                                     \
		uint64_t result = (old & ~mask) | ((expr)&mask);                                   \
                                                                                                   \
		if (!(op->i & 0x80)) /* T: test only */                                            \
			cpu->gr[op->r1] = result;                                                  \
		cpu->cc = cc_nonzero(result & mask);                                               \
		return EXEC_NEXT;                                                                  \
	}
ROTATE_THEN(rnsbg, old &b)
ROTATE_THEN(rosbg, old | b)
ROTATE_THEN(rxsbg, old ^ b)

/* The high and the low word alone; only five bits of I3 and I4 count */
static void insert_word_bits(struct sie_cpu *cpu, const struct op *op, unsigned int shift)
{
	unsigned int base = shift ? 0 : 32;
	uint64_t word = 0xffffffffUL << shift;
	unsigned int first = op->i & 31, last = op->x & 31;
	uint64_t mask = selected_bits(first + base, last + base) & word;
	uint64_t rest = op->x & 0x80 ? cpu->gr[op->r1] & ~word : cpu->gr[op->r1] & ~mask;

	cpu->gr[op->r1] = rest | (rotated(cpu, op) & mask);
}

INSN(risbhg)
{
	insert_word_bits(cpu, op, 32);
	return EXEC_NEXT;
}

INSN(risblg)
{
	insert_word_bits(cpu, op, 0);
	return EXEC_NEXT;
}

INSN(flogr)
{
	uint64_t v = cpu->gr[op->r2];

	if (v == 0) {
		cpu->gr[op->r1] = 64;
		cpu->gr[op->r1 + 1] = 0;
		cpu->cc = 0;
		return EXEC_NEXT;
	}
	cpu->gr[op->r1] = (uint64_t)__builtin_clzl(v);
	cpu->gr[op->r1 + 1] = v & ~(1UL << 63 >> __builtin_clzl(v));
	cpu->cc = 2;
	return EXEC_NEXT;
}

#define POPCNT_WHOLE            8U
#define FACILITY_MISCELLANEOUS3 61

/* POPULATION COUNT counts each byte, or with its mask the whole register */
INSN(popcnt)
{
	uint64_t v = cpu->gr[op->r2];

	v -= v >> 1 & 0x5555555555555555UL;
	v = (v & 0x3333333333333333UL) + (v >> 2 & 0x3333333333333333UL);
	v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	if ((op->r3 & POPCNT_WHOLE) && has_facility(cpu, FACILITY_MISCELLANEOUS3))
		v = v * 0x0101010101010101UL >> 56;
	cpu->gr[op->r1] = v;
	cpu->cc = cc_nonzero(v);
	return EXEC_NEXT;
}
