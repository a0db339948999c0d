/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binary integer arithmetic: add, subtract, compare, multiply, divide. */
#include "sie/insn-operands.h"

/* ---- signed add and subtract: cc of the result, 3 on overflow ---- */

static enum exec overflow32(struct sie_cpu *cpu, unsigned int r1, uint32_t result)
{
	TRY(overflow_allowed(cpu));
	set_gr32(cpu, r1, result);
	return overflow_done(cpu);
}

static enum exec overflow64(struct sie_cpu *cpu, unsigned int r1, uint64_t result)
{
	TRY(overflow_allowed(cpu));
	cpu->gr[r1] = result;
	return overflow_done(cpu);
}

static inline enum exec add32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	int32_t result;

	if (unlikely(__builtin_add_overflow((int32_t)a, (int32_t)b, &result)))
		return overflow32(cpu, r1, (uint32_t)result);
	set_gr32(cpu, r1, (uint32_t)result);
	cpu->cc = cc_signed32((uint32_t)result);
	return EXEC_NEXT;
}

static inline enum exec add64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	int64_t result;

	if (unlikely(__builtin_add_overflow((int64_t)a, (int64_t)b, &result)))
		return overflow64(cpu, r1, (uint64_t)result);
	cpu->gr[r1] = (uint64_t)result;
	cpu->cc = cc_signed64((uint64_t)result);
	return EXEC_NEXT;
}

static inline enum exec sub32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	int32_t result;

	if (unlikely(__builtin_sub_overflow((int32_t)a, (int32_t)b, &result)))
		return overflow32(cpu, r1, (uint32_t)result);
	set_gr32(cpu, r1, (uint32_t)result);
	cpu->cc = cc_signed32((uint32_t)result);
	return EXEC_NEXT;
}

static inline enum exec sub64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	int64_t result;

	if (unlikely(__builtin_sub_overflow((int64_t)a, (int64_t)b, &result)))
		return overflow64(cpu, r1, (uint64_t)result);
	cpu->gr[r1] = (uint64_t)result;
	cpu->cc = cc_signed64((uint64_t)result);
	return EXEC_NEXT;
}

R32(ar, add32)
R64(agr, add64)
RF64(agfr, add64)
K32(ark, add32)
K64(agrk, add64)
M32(a, add32)
M64(ag, add64)
MF64(agf, add64)
MH32(ah, add32)
I32(ahi, add32)
I64(aghi, add64)
IK32(ahik, add32)
IK64(aghik, add64)

R32(sr, sub32)
R64(sgr, sub64)
RF64(sgfr, sub64)
K32(srk, sub32)
K64(sgrk, sub64)
M32(s, sub32)
M64(sg, sub64)
MF64(sgf, sub64)
MH32(sh, sub32)

/* ---- logical: cc bit 0 says carry (subtract: no borrow), bit 1 of the pair not zero ---- */

static inline uint8_t cc_carry(bool nonzero, bool carry)
{
	return (uint8_t)(nonzero | carry << 1);
}

static inline enum exec addl32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	uint32_t result = a + b;

	set_gr32(cpu, r1, result);
	cpu->cc = cc_carry(result != 0, result < a);
	return EXEC_NEXT;
}

static inline enum exec addl64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	uint64_t result = a + b;

	cpu->gr[r1] = result;
	cpu->cc = cc_carry(result != 0, result < a);
	return EXEC_NEXT;
}

static inline enum exec subl32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	set_gr32(cpu, r1, a - b);
	cpu->cc = cc_carry(a != b, a >= b);
	return EXEC_NEXT;
}

static inline enum exec subl64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	cpu->gr[r1] = a - b;
	cpu->cc = cc_carry(a != b, a >= b);
	return EXEC_NEXT;
}

static inline enum exec addc32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	uint64_t sum = (uint64_t)a + b + (cpu->cc >> 1);

	set_gr32(cpu, r1, (uint32_t)sum);
	cpu->cc = cc_carry((uint32_t)sum != 0, sum >> 32);
	return EXEC_NEXT;
}

static inline enum exec addc64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	uint64_t sum;
	bool carry = __builtin_add_overflow(a, b, &sum);

	carry |= __builtin_add_overflow(sum, (uint64_t)(cpu->cc >> 1), &sum);
	cpu->gr[r1] = sum;
	cpu->cc = cc_carry(sum != 0, carry);
	return EXEC_NEXT;
}

/* a - b - borrow is a + ~b + (no borrow) */
static inline enum exec subb32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	return addc32(cpu, r1, a, ~b);
}

static inline enum exec subb64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	return addc64(cpu, r1, a, ~b);
}

R32(alr, addl32)
R64(algr, addl64)
RFU64(algfr, addl64)
K32(alrk, addl32)
K64(algrk, addl64)
M32(al, addl32)
M64(alg, addl64)
MFU64(algf, addl64)
I32(alfi, addl32)
IU64(algfi, addl64)
IK32(alhsik, addl32)
IK64(alghsik, addl64)
R32(slr, subl32)
R64(slgr, subl64)
RFU64(slgfr, subl64)
K32(slrk, subl32)
K64(slgrk, subl64)
M32(sl, subl32)
M64(slg, subl64)
MFU64(slgf, subl64)
I32(slfi, subl32)
IU64(slgfi, subl64)
R32(alcr, addc32)
R64(alcgr, addc64)
M32(alc, addc32)
M64(alcg, addc64)
R32(slbr, subb32)
R64(slbgr, subb64)
M32(slb, subb32)
M64(slbg, subb64)

/* ---- compare ---- */

static inline enum exec cmp32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	cpu->cc = cc_compare64((int32_t)a, (int32_t)b);
	return EXEC_NEXT;
}

static inline enum exec cmp64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	cpu->cc = cc_compare64((int64_t)a, (int64_t)b);
	return EXEC_NEXT;
}

static inline enum exec cmpl(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	cpu->cc = cc_compare_logical64(a, b);
	return EXEC_NEXT;
}

R32(cr, cmp32)
R64(cgr, cmp64)
RF64(cgfr, cmp64)
M32(c, cmp32)
M64(cg, cmp64)
MF64(cgf, cmp64)
MH32(ch, cmp32)
MH64(cgh, cmp64)
I32(chi, cmp32)
I64(cghi, cmp64)
P32(crl, cmp32)
P64(cgrl, cmp64)
PF64(cgfrl, cmp64)
PH32(chrl, cmp32)
PH64(cghrl, cmp64)
R32(clr, cmpl)
R64(clgr, cmpl)
RFU64(clgfr, cmpl)
M32(cl, cmpl)
M64(clg, cmpl)
MFU64(clgf, cmpl)
I32(clfi, cmpl)
IU64(clgfi, cmpl)
P32(clrl, cmpl)
P64(clgrl, cmpl)
PFU64(clgfrl, cmpl)
PHU32(clhrl, cmpl)
PHU64(clghrl, cmpl)

/* Storage and a 16-bit immediate */
#define COMPARE_IMMEDIATE(name, bytes, bits, compare, a, b)                                        \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint##bits##_t value;                                                              \
                                                                                                   \
		TRY(read##bytes(cpu, operand_address(cpu, op), &value));                           \
		cpu->cc = compare(a, b);                                                           \
		return EXEC_NEXT;                                                                  \
	}
COMPARE_IMMEDIATE(chhsi, 2, 16, cc_compare64, (int16_t)value, op->imm)
COMPARE_IMMEDIATE(chsi, 4, 32, cc_compare64, (int32_t)value, op->imm)
COMPARE_IMMEDIATE(cghsi, 8, 64, cc_compare64, (int64_t)value, op->imm)
COMPARE_IMMEDIATE(clhhsi, 2, 16, cc_compare_logical64, value, (uint16_t)op->imm)
COMPARE_IMMEDIATE(clfhsi, 4, 32, cc_compare_logical64, value, (uint16_t)op->imm)
COMPARE_IMMEDIATE(clghsi, 8, 64, cc_compare_logical64, value, (uint16_t)op->imm)
COMPARE_IMMEDIATE(cli, 1, 8, cc_compare_logical64, value, op->i)

/* ---- load and test, complement, positive, negative ---- */

static inline enum exec test32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	set_gr32(cpu, r1, b);
	cpu->cc = cc_signed32(b);
	return EXEC_NEXT;
}

static inline enum exec test64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	cpu->gr[r1] = b;
	cpu->cc = cc_signed64(b);
	return EXEC_NEXT;
}

static inline enum exec complement32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	return sub32(cpu, r1, 0, b);
}

static inline enum exec complement64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	return sub64(cpu, r1, 0, b);
}

static inline enum exec positive32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	return (int32_t)b < 0 ? sub32(cpu, r1, 0, b) : test32(cpu, r1, a, b);
}

static inline enum exec positive64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	return (int64_t)b < 0 ? sub64(cpu, r1, 0, b) : test64(cpu, r1, a, b);
}

static inline enum exec negative32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	return test32(cpu, r1, a, (int32_t)b < 0 ? b : 0 - b);
}

static inline enum exec negative64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	return test64(cpu, r1, a, (int64_t)b < 0 ? b : 0 - b);
}

R32(ltr, test32)
R64(ltgr, test64)
RF64(ltgfr, test64)
M32(lt, test32)
M64(ltg, test64)
MF64(ltgf, test64)
R32(lcr, complement32)
R64(lcgr, complement64)
RF64(lcgfr, complement64)
R32(lpr, positive32)
R64(lpgr, positive64)
RF64(lpgfr, positive64)
R32(lnr, negative32)
R64(lngr, negative64)
RF64(lngfr, negative64)

/* ---- multiply ---- */

static inline enum exec mul32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	set_gr32(cpu, r1, a * b);
	return EXEC_NEXT;
}

static inline enum exec mul64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	cpu->gr[r1] = a * b;
	return EXEC_NEXT;
}

R32(msr, mul32)
R64(msgr, mul64)
RF64(msgfr, mul64)
M32(ms, mul32)
M64(msg, mul64)
MF64(msgf, mul64)
MH32(mh, mul32)
I32(mhi, mul32)
I64(mghi, mul64)

/* Even/odd pairs: the multiplicand is in the odd register */
static inline enum exec mulpair32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	uint64_t p = (uint64_t)((int64_t)(int32_t)gr32(cpu, r1 + 1) * (int32_t)b);

	set_gr32(cpu, r1, (uint32_t)(p >> 32));
	set_gr32(cpu, r1 + 1, (uint32_t)p);
	return EXEC_NEXT;
}

static inline enum exec mulpairl32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	uint64_t p = (uint64_t)gr32(cpu, r1 + 1) * b;

	set_gr32(cpu, r1, (uint32_t)(p >> 32));
	set_gr32(cpu, r1 + 1, (uint32_t)p);
	return EXEC_NEXT;
}

static inline enum exec mulpairl64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)cpu->gr[r1 + 1] * b;

	cpu->gr[r1] = (uint64_t)(p >> 64);
	cpu->gr[r1 + 1] = (uint64_t)p;
	return EXEC_NEXT;
}

R32(mr, mulpair32)
M32(m, mulpair32)
R32(mlr, mulpairl32)
M32(ml, mulpairl32)
R64(mlgr, mulpairl64)
M64(mlg, mulpairl64)

/* ---- divide: remainder in the even, quotient in the odd register ---- */

static inline enum exec div32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	int64_t dividend = (int64_t)((uint64_t)a << 32 | gr32(cpu, r1 + 1));
	int64_t divisor = (int32_t)b;
	int64_t quotient;

	if (divisor == 0 || (divisor == -1 && dividend == INT64_MIN))
		return program_interrupt(cpu, PGM_FIXED_DIVIDE);
	quotient = dividend / divisor;
	if (quotient != (int32_t)quotient)
		return program_interrupt(cpu, PGM_FIXED_DIVIDE);
	set_gr32(cpu, r1, (uint32_t)(dividend % divisor));
	set_gr32(cpu, r1 + 1, (uint32_t)quotient);
	return EXEC_NEXT;
}

static inline enum exec divl32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	uint64_t dividend = (uint64_t)a << 32 | gr32(cpu, r1 + 1);

	if (a >= b)
		return program_interrupt(cpu, PGM_FIXED_DIVIDE);
	set_gr32(cpu, r1, (uint32_t)(dividend % b));
	set_gr32(cpu, r1 + 1, (uint32_t)(dividend / b));
	return EXEC_NEXT;
}

static inline enum exec divl64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	unsigned __int128 dividend = (unsigned __int128)a << 64 | cpu->gr[r1 + 1];

	if (a >= b)
		return program_interrupt(cpu, PGM_FIXED_DIVIDE);
	cpu->gr[r1] = (uint64_t)(dividend % b);
	cpu->gr[r1 + 1] = (uint64_t)(dividend / b);
	return EXEC_NEXT;
}

static inline enum exec divs64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	int64_t dividend = (int64_t)cpu->gr[r1 + 1];
	int64_t divisor = (int64_t)b;

	if (divisor == 0 || (divisor == -1 && dividend == INT64_MIN))
		return program_interrupt(cpu, PGM_FIXED_DIVIDE);
	cpu->gr[r1] = (uint64_t)(dividend % divisor);
	cpu->gr[r1 + 1] = (uint64_t)(dividend / divisor);
	return EXEC_NEXT;
}

R32(dr, div32)
M32(d, div32)
R32(dlr, divl32)
M32(dl, divl32)
R64(dlgr, divl64)
M64(dlg, divl64)
R64(dsgr, divs64)
M64(dsg, divs64)
RF64(dsgfr, divs64)
MF64(dsgf, divs64)

/* ---- storage and immediate ---- */

/* Interlocked from the z196 on; then only if aligned */
#define ADD_TO_STORAGE(name, bytes, bits, signed_type)                                             \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t address = operand_address(cpu, op);                                       \
		uint##bits##_t old, result;                                                        \
		bool over;                                                                         \
		uint8_t *p;                                                                        \
                                                                                                   \
		if (address % bytes) {                                                             \
			TRY(test_store(cpu, address, bytes));                                      \
			TRY(read##bytes(cpu, address, &old));                                      \
			over = __builtin_add_overflow((signed_type)old, (int8_t)op->i,             \
						      (signed_type *)&result);                     \
			if (over)                                                                  \
				TRY(overflow_allowed(cpu));                                        \
			TRY(write##bytes(cpu, address, result));                                   \
			return add_done##bits(cpu, result, over);                                  \
		}                                                                                  \
		if (cpu->mask & PSW_FIXED_OVERFLOW)                                                \
			TRY(interruption_ready(cpu));                                              \
		TRY(update_pointer(cpu, address, bytes, &p));                                      \
		do {                                                                               \
			old = raw_load##bytes(p);                                                  \
			over = __builtin_add_overflow((signed_type)old, (int8_t)op->i,             \
						      (signed_type *)&result);                     \
		} while (!raw_swap##bytes(p, old, result));                                        \
		return add_done##bits(cpu, result, over);                                          \
	}

static enum exec add_done32(struct sie_cpu *cpu, uint32_t result, bool over)
{
	cpu->cc = cc_signed32(result);
	return over ? overflow_done(cpu) : EXEC_NEXT;
}

static enum exec add_done64(struct sie_cpu *cpu, uint64_t result, bool over)
{
	cpu->cc = cc_signed64(result);
	return over ? overflow_done(cpu) : EXEC_NEXT;
}

ADD_TO_STORAGE(asi, 4, 32, int32_t)
ADD_TO_STORAGE(agsi, 8, 64, int64_t)

#define ADD_LOGICAL_TO_STORAGE(name, bytes, bits)                                                  \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t address = operand_address(cpu, op);                                       \
		uint##bits##_t b = (uint##bits##_t)(int8_t)op->i;                                  \
		uint##bits##_t old, result;                                                        \
		uint8_t *p;                                                                        \
                                                                                                   \
		if (address % bytes) {                                                             \
			TRY(read##bytes(cpu, address, &old));                                      \
			TRY(write##bytes(cpu, address, old + b));                                  \
		} else {                                                                           \
			TRY(update_pointer(cpu, address, bytes, &p));                              \
			do                                                                         \
				old = raw_load##bytes(p);                                          \
			while (!raw_swap##bytes(p, old, old + b));                                 \
		}                                                                                  \
		result = old + b;                                                                  \
		cpu->cc = cc_carry(result != 0, result < old);                                     \
		return EXEC_NEXT;                                                                  \
	}

ADD_LOGICAL_TO_STORAGE(alsi, 4, 32)
ADD_LOGICAL_TO_STORAGE(algsi, 8, 64)
