/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instruction functions from an operation and a kind of operands.
 *
 * An operation is enum exec f(cpu, r1, a, b): combine a and b, put the result
 * in r1, set the condition code. Its instructions differ only in where a and b
 * come from; the macros say that, one letter group a kind:
 *
 *   R  register          K  three registers      M  storage, indexed
 *   I  immediate         IK immediate, r3        P  storage, relative
 *   H  halfword          F  word to doubleword, sign-extended   FU zero-extended
 */
#ifndef SIE_INSN_OPERANDS_H
#define SIE_INSN_OPERANDS_H

#include "sie/insn.h"
#include "sie/mem.h"

#define A32 gr32(cpu, op->r1)
#define A64 cpu->gr[op->r1]

#define R32(name, f)                                                                               \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, A32, gr32(cpu, op->r2));                                     \
	}
#define R64(name, f)                                                                               \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, A64, cpu->gr[op->r2]);                                       \
	}
#define RF64(name, f)                                                                              \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, A64, (uint64_t)(int32_t)gr32(cpu, op->r2));                  \
	}
#define RFU64(name, f)                                                                             \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, A64, gr32(cpu, op->r2));                                     \
	}
#define K32(name, f)                                                                               \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, gr32(cpu, op->r2), gr32(cpu, op->r3));                       \
	}
#define K64(name, f)                                                                               \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, cpu->gr[op->r2], cpu->gr[op->r3]);                           \
	}
#define I32(name, f)                                                                               \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, A32, (uint32_t)op->imm);                                     \
	}
#define I64(name, f)                                                                               \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, A64, (uint64_t)op->imm);                                     \
	}
#define IU64(name, f)                                                                              \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, A64, (uint32_t)op->imm);                                     \
	}
#define IK32(name, f)                                                                              \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, gr32(cpu, op->r3), (uint32_t)op->imm);                       \
	}
#define IK64(name, f)                                                                              \
	INSN(name)                                                                                 \
	{                                                                                          \
		return f(cpu, op->r1, cpu->gr[op->r3], (uint64_t)op->imm);                         \
	}

/* Storage operands: bytes read, how they become b */
#define STORAGE_OPERAND(name, f, first, bytes, bits, address, convert)                             \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint##bits##_t value;                                                              \
                                                                                                   \
		TRY(read##bytes(cpu, address, &value));                                            \
		return f(cpu, op->r1, first, convert);                                             \
	}
#define INDEXED indexed_address(cpu, op)

#define M32(name, f)   STORAGE_OPERAND(name, f, A32, 4, 32, INDEXED, value)
#define M64(name, f)   STORAGE_OPERAND(name, f, A64, 8, 64, INDEXED, value)
#define MF64(name, f)  STORAGE_OPERAND(name, f, A64, 4, 32, INDEXED, (uint64_t)(int32_t)value)
#define MFU64(name, f) STORAGE_OPERAND(name, f, A64, 4, 32, INDEXED, value)
#define MH32(name, f)  STORAGE_OPERAND(name, f, A32, 2, 16, INDEXED, (uint32_t)(int16_t)value)
#define MH64(name, f)  STORAGE_OPERAND(name, f, A64, 2, 16, INDEXED, (uint64_t)(int16_t)value)
#define MHU32(name, f) STORAGE_OPERAND(name, f, A32, 2, 16, INDEXED, value)
#define MHU64(name, f) STORAGE_OPERAND(name, f, A64, 2, 16, INDEXED, value)
#define MB32(name, f)  STORAGE_OPERAND(name, f, A32, 1, 8, INDEXED, (uint32_t)(int8_t)value)
#define MB64(name, f)  STORAGE_OPERAND(name, f, A64, 1, 8, INDEXED, (uint64_t)(int8_t)value)
#define MBU32(name, f) STORAGE_OPERAND(name, f, A32, 1, 8, INDEXED, value)
#define MBU64(name, f) STORAGE_OPERAND(name, f, A64, 1, 8, INDEXED, value)

/* Relative operands have to be aligned. */
#define RELATIVE_OPERAND(name, f, first, bytes, bits, convert)                                     \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t address = relative_address(cpu, op);                                      \
		uint##bits##_t value;                                                              \
                                                                                                   \
		if (address % bytes)                                                               \
			return program_interrupt(cpu, PGM_SPECIFICATION);                          \
		TRY(read##bytes(cpu, address, &value));                                            \
		return f(cpu, op->r1, first, convert);                                             \
	}
#define P32(name, f)   RELATIVE_OPERAND(name, f, A32, 4, 32, value)
#define P64(name, f)   RELATIVE_OPERAND(name, f, A64, 8, 64, value)
#define PF64(name, f)  RELATIVE_OPERAND(name, f, A64, 4, 32, (uint64_t)(int32_t)value)
#define PFU64(name, f) RELATIVE_OPERAND(name, f, A64, 4, 32, value)
#define PH32(name, f)  RELATIVE_OPERAND(name, f, A32, 2, 16, (uint32_t)(int16_t)value)
#define PH64(name, f)  RELATIVE_OPERAND(name, f, A64, 2, 16, (uint64_t)(int16_t)value)
#define PHU32(name, f) RELATIVE_OPERAND(name, f, A32, 2, 16, value)
#define PHU64(name, f) RELATIVE_OPERAND(name, f, A64, 2, 16, value)

/* Condition codes, named after their rule */

static inline uint8_t cc_signed32(uint32_t v)
{
	return v == 0 ? 0 : (int32_t)v < 0 ? 1 : 2;
}

static inline uint8_t cc_signed64(uint64_t v)
{
	return v == 0 ? 0 : (int64_t)v < 0 ? 1 : 2;
}

static inline uint8_t cc_compare64(int64_t a, int64_t b)
{
	return (uint8_t)(a == b ? 0 : a < b ? 1 : 2);
}

static inline uint8_t cc_compare_logical64(uint64_t a, uint64_t b)
{
	return (uint8_t)(a == b ? 0 : a < b ? 1 : 2);
}

static inline uint8_t cc_nonzero(uint64_t v)
{
	return v != 0;
}

/** condition() - is the condition code one that the mask of an instruction selects? */
static inline bool condition(const struct sie_cpu *cpu, unsigned int mask)
{
	return mask & (8U >> cpu->cc);
}

#define PSW_FIXED_OVERFLOW 0x0000080000000000UL

/** overflow_allowed() - before the result of an overflowing operation is stored */
static inline enum exec overflow_allowed(struct sie_cpu *cpu)
{
	return cpu->mask & PSW_FIXED_OVERFLOW ? interruption_ready(cpu) : EXEC_NEXT;
}

/** overflow_done() - cc 3 has been set: interruption if the program mask says so */
static inline enum exec overflow_done(struct sie_cpu *cpu)
{
	cpu->cc = 3;
	if (!(cpu->mask & PSW_FIXED_OVERFLOW))
		return EXEC_NEXT;
	program_interrupt(cpu, PGM_FIXED_OVERFLOW);
	return EXEC_PGM_DONE;
}

/** branch_taken() - go to @target; bits outside the addressing mode are gone already */
static inline enum exec branch_taken(struct sie_cpu *cpu, const struct op *op, uint64_t target)
{
	cpu->gbea = insn_address(cpu, op);
	cpu->ia = target;
	if (unlikely(--cpu->budget <= 0 ||
		     atomic_load_explicit(&cpu->pending, memory_order_relaxed)))
		return EXEC_JUMP;
	if ((target & (PAGE_MASK | 1)) != cpu->page_address)
		return EXEC_JUMP;
	cpu->next = &cpu->page->ops[(target & ~PAGE_MASK) / 2];
	return EXEC_BRANCH;
}

/** branch_relative() - op->d is the slot if the target lies in this page */
static inline enum exec branch_relative(struct sie_cpu *cpu, const struct op *op)
{
	if (op->d < 0)
		return branch_taken(cpu, op, relative_address(cpu, op));
	cpu->gbea = insn_address(cpu, op);
	cpu->next = &cpu->page->ops[op->d];
	if (unlikely(--cpu->budget <= 0 ||
		     atomic_load_explicit(&cpu->pending, memory_order_relaxed))) {
		cpu->ia = cpu->page_address + (uint64_t)op->d * 2;
		return EXEC_JUMP;
	}
	return EXEC_BRANCH;
}

#endif
