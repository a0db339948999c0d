/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The high-word facility: bits 0-31 of the general registers as registers of their own. */
#include "sie/insn-operands.h"

#define HIGH(r) ((uint32_t)(cpu->gr[r] >> 32))
#define LOW(r)  gr32(cpu, r)

static void set_high(struct sie_cpu *cpu, unsigned int r, uint32_t v)
{
	cpu->gr[r] = (cpu->gr[r] & 0xffffffffUL) | (uint64_t)v << 32;
}

static enum exec set_signed(struct sie_cpu *cpu, unsigned int r1, int32_t v, bool over)
{
	if (over)
		TRY(overflow_allowed(cpu));
	set_high(cpu, r1, (uint32_t)v);
	cpu->cc = cc_signed32((uint32_t)v);
	return over ? overflow_done(cpu) : EXEC_NEXT;
}

#define SIGNED(name, builtin, a, b)                                                                \
	INSN(name)                                                                                 \
	{                                                                                          \
		int32_t v;                                                                         \
		bool over = builtin((int32_t)(a), (int32_t)(b), &v);                               \
                                                                                                   \
		return set_signed(cpu, op->r1, v, over);                                           \
	}
SIGNED(ahhhr, __builtin_add_overflow, HIGH(op->r2), HIGH(op->r3))
SIGNED(ahhlr, __builtin_add_overflow, HIGH(op->r2), LOW(op->r3))
SIGNED(shhhr, __builtin_sub_overflow, HIGH(op->r2), HIGH(op->r3))
SIGNED(shhlr, __builtin_sub_overflow, HIGH(op->r2), LOW(op->r3))
SIGNED(aih, __builtin_add_overflow, HIGH(op->r1), op->imm)

#define LOGICAL_ADD(name, a, b)                                                                    \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t sum = (uint64_t)(a) + (b);                                                \
                                                                                                   \
		set_high(cpu, op->r1, (uint32_t)sum);                                              \
		cpu->cc = (uint8_t)(((uint32_t)sum != 0) | (sum >> 32) << 1);                      \
		return EXEC_NEXT;                                                                  \
	}
LOGICAL_ADD(alhhhr, HIGH(op->r2), HIGH(op->r3))
LOGICAL_ADD(alhhlr, HIGH(op->r2), LOW(op->r3))
LOGICAL_ADD(alsih, HIGH(op->r1), (uint32_t)op->imm)

#define LOGICAL_SUB(name, a, b)                                                                    \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint32_t x = (a), y = (b);                                                         \
                                                                                                   \
		set_high(cpu, op->r1, x - y);                                                      \
		cpu->cc = (uint8_t)((x != y) | (x >= y) << 1);                                     \
		return EXEC_NEXT;                                                                  \
	}
LOGICAL_SUB(slhhhr, HIGH(op->r2), HIGH(op->r3))
LOGICAL_SUB(slhhlr, HIGH(op->r2), LOW(op->r3))

/* The same addition, the condition code left alone */
INSN(alsihn)
{
	set_high(cpu, op->r1, HIGH(op->r1) + (uint32_t)op->imm);
	return EXEC_NEXT;
}

#define COMPARE(name, compare, type, b)                                                            \
	INSN(name)                                                                                 \
	{                                                                                          \
		cpu->cc = compare((type)HIGH(op->r1), (type)(b));                                  \
		return EXEC_NEXT;                                                                  \
	}
COMPARE(chhr, cc_compare64, int32_t, HIGH(op->r2))
COMPARE(chlr, cc_compare64, int32_t, LOW(op->r2))
COMPARE(cih, cc_compare64, int32_t, op->imm)
COMPARE(clhhr, cc_compare_logical64, uint32_t, HIGH(op->r2))
COMPARE(clhlr, cc_compare_logical64, uint32_t, LOW(op->r2))
COMPARE(clih, cc_compare_logical64, uint32_t, op->imm)

#define COMPARE_STORAGE(name, compare, type)                                                       \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint32_t v;                                                                        \
                                                                                                   \
		TRY(read4(cpu, indexed_address(cpu, op), &v));                                     \
		cpu->cc = compare((type)HIGH(op->r1), (type)v);                                    \
		return EXEC_NEXT;                                                                  \
	}
COMPARE_STORAGE(chf, cc_compare64, int32_t)
COMPARE_STORAGE(clhf, cc_compare_logical64, uint32_t)

#define LOAD(name, bytes, bits, type)                                                              \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint##bits##_t v;                                                                  \
                                                                                                   \
		TRY(read##bytes(cpu, indexed_address(cpu, op), &v));                               \
		set_high(cpu, op->r1, (uint32_t)(type)v);                                          \
		return EXEC_NEXT;                                                                  \
	}
LOAD(lbh, 1, 8, int8_t)
LOAD(llch, 1, 8, uint8_t)
LOAD(lhh, 2, 16, int16_t)
LOAD(llhh, 2, 16, uint16_t)
LOAD(lfh, 4, 32, uint32_t)

INSN(stch)
{
	return write1(cpu, indexed_address(cpu, op), (uint8_t)HIGH(op->r1));
}

INSN(sthh)
{
	return write2(cpu, indexed_address(cpu, op), (uint16_t)HIGH(op->r1));
}

INSN(stfh)
{
	return write4(cpu, indexed_address(cpu, op), HIGH(op->r1));
}

/* ---- on condition ---- */

INSN(lochhi)
{
	if (condition(cpu, op->r3))
		set_high(cpu, op->r1, (uint32_t)op->imm);
	return EXEC_NEXT;
}

INSN(locfhr)
{
	if (condition(cpu, op->r3))
		set_high(cpu, op->r1, HIGH(op->r2));
	return EXEC_NEXT;
}

INSN(selfhr)
{
	set_high(cpu, op->r1, condition(cpu, op->i) ? HIGH(op->r2) : HIGH(op->r3));
	return EXEC_NEXT;
}

INSN(locfh)
{
	uint32_t v;

	if (!condition(cpu, op->r3))
		return EXEC_NEXT;
	TRY(read4(cpu, operand_address(cpu, op), &v));
	set_high(cpu, op->r1, v);
	return EXEC_NEXT;
}

INSN(stocfh)
{
	if (!condition(cpu, op->r3))
		return EXEC_NEXT;
	return write4(cpu, operand_address(cpu, op), HIGH(op->r1));
}
