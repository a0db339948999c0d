/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches. */
#include "sie/insn-operands.h"

INSN(bc)
{
	if (!condition(cpu, op->r1))
		return EXEC_NEXT;
	return branch_taken(cpu, op, indexed_address(cpu, op));
}

/* R2 = 0: no branch; masks 14 and 15 then serialise */
INSN(bcr)
{
	if (op->r2 == 0) {
		if (op->r1 < 14)
			return EXEC_NEXT;
		serialise();
		return EXEC_SYNC;
	}
	if (!condition(cpu, op->r1))
		return EXEC_NEXT;
	return branch_taken(cpu, op, cpu->gr[op->r2] & cpu->amask);
}

INSN(brc)
{
	if (!condition(cpu, op->r1))
		return EXEC_NEXT;
	return branch_relative(cpu, op);
}

/* Link information: in 24-bit mode BAL also stores length, cc and program mask */
static void set_link(struct sie_cpu *cpu, const struct op *op)
{
	uint64_t next = next_address(cpu, op);

	if (cpu->mask & PSW_MASK_EA)
		cpu->gr[op->r1] = next;
	else if (cpu->mask & PSW_MASK_BASE)
		set_gr32(cpu, op->r1, (uint32_t)next | 0x80000000U);
	else
		set_gr32(cpu, op->r1, (uint32_t)next);
}

static void set_link_24(struct sie_cpu *cpu, const struct op *op)
{
	uint32_t length = cpu->in_execute ? cpu->execute_length / 2U : op->halfwords;
	uint32_t mask = (uint32_t)(cpu->mask >> 40) & 0xf;

	set_gr32(cpu, op->r1,
		 length << 30 | (uint32_t)cpu->cc << 28 | mask << 24 |
			 ((uint32_t)next_address(cpu, op) & 0xffffff));
}

INSN(bas)
{
	uint64_t target = indexed_address(cpu, op);

	set_link(cpu, op);
	return branch_taken(cpu, op, target);
}

INSN(basr)
{
	uint64_t target = cpu->gr[op->r2] & cpu->amask;

	set_link(cpu, op);
	return op->r2 ? branch_taken(cpu, op, target) : EXEC_NEXT;
}

INSN(bal)
{
	uint64_t target = indexed_address(cpu, op);

	if (cpu->mask & PSW_MASK_64)
		set_link(cpu, op);
	else
		set_link_24(cpu, op);
	return branch_taken(cpu, op, target);
}

INSN(balr)
{
	uint64_t target = cpu->gr[op->r2] & cpu->amask;

	if (cpu->mask & PSW_MASK_64)
		set_link(cpu, op);
	else
		set_link_24(cpu, op);
	return op->r2 ? branch_taken(cpu, op, target) : EXEC_NEXT;
}

INSN(bras)
{
	set_link(cpu, op);
	return branch_relative(cpu, op);
}

/* ---- mode switching ---- */

/* A target in bit 63 (64-bit) or bit 32 (31-bit) says the mode */
static enum exec branch_and_set_mode(struct sie_cpu *cpu, const struct op *op, uint64_t target)
{
	cpu->mask &= ~PSW_MASK_64;
	if (target & 1) {
		cpu->mask |= PSW_MASK_64;
		target &= ~1UL;
	} else if (target & 0x80000000UL) {
		cpu->mask |= PSW_MASK_BASE;
	}
	psw_update_modes(cpu);
	cpu->gbea = insn_address(cpu, op);
	cpu->ia = target & cpu->amask;
	return EXEC_JUMP;
}

static void insert_mode(struct sie_cpu *cpu, unsigned int r)
{
	if (cpu->mask & PSW_MASK_EA)
		cpu->gr[r] |= 1;
	else
		cpu->gr[r] = (cpu->gr[r] & ~0x80000000UL) | (cpu->mask & PSW_MASK_BASE);
}

INSN(bsm)
{
	uint64_t target = cpu->gr[op->r2];

	if (op->r1)
		insert_mode(cpu, op->r1);
	return op->r2 ? branch_and_set_mode(cpu, op, target) : EXEC_NEXT;
}

INSN(bassm)
{
	uint64_t target = cpu->gr[op->r2];

	set_link(cpu, op);
	if (cpu->mask & PSW_MASK_EA)
		cpu->gr[op->r1] |= 1;
	return op->r2 ? branch_and_set_mode(cpu, op, target) : EXEC_NEXT;
}

static enum exec set_mode(struct sie_cpu *cpu, const struct op *op, uint64_t bits, uint64_t reach)
{
	uint64_t address = next_address(cpu, op);

	/* The instruction itself has to lie within reach of the new mode */
	if (insn_address(cpu, op) & ~reach)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	cpu->mask = (cpu->mask & ~PSW_MASK_64) | bits;
	psw_update_modes(cpu);
	cpu->ia = address & cpu->amask;
	return EXEC_JUMP;
}

INSN(sam24)
{
	return set_mode(cpu, op, 0, 0xffffff);
}

INSN(sam31)
{
	return set_mode(cpu, op, PSW_MASK_BASE, 0x7fffffff);
}

INSN(sam64)
{
	return set_mode(cpu, op, PSW_MASK_64, UINT64_MAX);
}

INSN(tam)
{
	cpu->cc = cpu->mask & PSW_MASK_EA ? 3 : cpu->mask & PSW_MASK_BASE ? 1 : 0;
	return EXEC_NEXT;
}

/* ---- on count and index ---- */

INSN(bct)
{
	uint64_t target = indexed_address(cpu, op);

	set_gr32(cpu, op->r1, gr32(cpu, op->r1) - 1);
	return gr32(cpu, op->r1) ? branch_taken(cpu, op, target) : EXEC_NEXT;
}

INSN(bctr)
{
	uint64_t target = cpu->gr[op->r2] & cpu->amask;

	set_gr32(cpu, op->r1, gr32(cpu, op->r1) - 1);
	return gr32(cpu, op->r1) && op->r2 ? branch_taken(cpu, op, target) : EXEC_NEXT;
}

INSN(bctg)
{
	uint64_t target = indexed_address(cpu, op);

	return --cpu->gr[op->r1] ? branch_taken(cpu, op, target) : EXEC_NEXT;
}

INSN(bctgr)
{
	uint64_t target = cpu->gr[op->r2] & cpu->amask;

	return --cpu->gr[op->r1] && op->r2 ? branch_taken(cpu, op, target) : EXEC_NEXT;
}

INSN(brct)
{
	set_gr32(cpu, op->r1, gr32(cpu, op->r1) - 1);
	return gr32(cpu, op->r1) ? branch_relative(cpu, op) : EXEC_NEXT;
}

INSN(brctg)
{
	return --cpu->gr[op->r1] ? branch_relative(cpu, op) : EXEC_NEXT;
}

INSN(brcth)
{
	cpu->gr[op->r1] -= 1UL << 32;
	return cpu->gr[op->r1] >> 32 ? branch_relative(cpu, op) : EXEC_NEXT;
}

/* The comparand is in the odd register of the pair that r3 names */
static bool index32(struct sie_cpu *cpu, const struct op *op)
{
	int32_t comparand = (int32_t)gr32(cpu, op->r3 | 1U);
	uint32_t sum = gr32(cpu, op->r1) + gr32(cpu, op->r3);

	set_gr32(cpu, op->r1, sum);
	return (int32_t)sum > comparand;
}

static bool index64(struct sie_cpu *cpu, const struct op *op)
{
	int64_t comparand = (int64_t)cpu->gr[op->r3 | 1U];

	cpu->gr[op->r1] += cpu->gr[op->r3];
	return (int64_t)cpu->gr[op->r1] > comparand;
}

INSN(bxh)
{
	uint64_t target = operand_address(cpu, op);

	return index32(cpu, op) ? branch_taken(cpu, op, target) : EXEC_NEXT;
}

INSN(bxle)
{
	uint64_t target = operand_address(cpu, op);

	return index32(cpu, op) ? EXEC_NEXT : branch_taken(cpu, op, target);
}

INSN(bxhg)
{
	uint64_t target = operand_address(cpu, op);

	return index64(cpu, op) ? branch_taken(cpu, op, target) : EXEC_NEXT;
}

INSN(bxleg)
{
	uint64_t target = operand_address(cpu, op);

	return index64(cpu, op) ? EXEC_NEXT : branch_taken(cpu, op, target);
}

INSN(brxh)
{
	return index32(cpu, op) ? branch_relative(cpu, op) : EXEC_NEXT;
}

INSN(brxle)
{
	return index32(cpu, op) ? EXEC_NEXT : branch_relative(cpu, op);
}

INSN(brxhg)
{
	return index64(cpu, op) ? branch_relative(cpu, op) : EXEC_NEXT;
}

INSN(brxlg)
{
	return index64(cpu, op) ? EXEC_NEXT : branch_relative(cpu, op);
}

/* ---- compare and branch, compare and trap: mask in r3, 8 equal, 4 low, 2 high ---- */

#define S32(r) ((int32_t)gr32(cpu, r))
#define S64(r) ((int64_t)cpu->gr[r])

static inline unsigned int relation(int64_t a, int64_t b)
{
	return a == b ? 8 : a < b ? 4 : 2;
}

static inline unsigned int relation_logical(uint64_t a, uint64_t b)
{
	return a == b ? 8 : a < b ? 4 : 2;
}

#define COMPARE_AND(letter, rel, a, b, bi)                                                         \
	INSN(letter##rj)                                                                           \
	{                                                                                          \
		return rel(a, b) & op->r3 ? branch_relative(cpu, op) : EXEC_NEXT;                  \
	}                                                                                          \
	INSN(letter##ij)                                                                           \
	{                                                                                          \
		return rel(a, bi) & op->r3 ? branch_relative(cpu, op) : EXEC_NEXT;                 \
	}                                                                                          \
	INSN(letter##rb)                                                                           \
	{                                                                                          \
		if (!(rel(a, b) & op->r3))                                                         \
			return EXEC_NEXT;                                                          \
		return branch_taken(cpu, op, operand_address(cpu, op));                            \
	}                                                                                          \
	INSN(letter##ib)                                                                           \
	{                                                                                          \
		if (!(rel(a, bi) & op->r3))                                                        \
			return EXEC_NEXT;                                                          \
		return branch_taken(cpu, op, operand_address(cpu, op));                            \
	}                                                                                          \
	INSN(letter##rt)                                                                           \
	{                                                                                          \
		return rel(a, b) & op->r3 ? data_exception(cpu, DXC_COMPARE_AND_TRAP) : EXEC_NEXT; \
	}
#define DXC_COMPARE_AND_TRAP 0xff

COMPARE_AND(c, relation, S32(op->r1), S32(op->r2), (int8_t)op->i)
COMPARE_AND(cg, relation, S64(op->r1), S64(op->r2), (int8_t)op->i)
COMPARE_AND(cl, relation_logical, gr32(cpu, op->r1), gr32(cpu, op->r2), op->i)
COMPARE_AND(clg, relation_logical, cpu->gr[op->r1], cpu->gr[op->r2], op->i)

#define TRAP_IMMEDIATE(name, rel, a, type)                                                         \
	INSN(name)                                                                                 \
	{                                                                                          \
		if (rel(a, (type)op->imm) & op->r3)                                                \
			return data_exception(cpu, DXC_COMPARE_AND_TRAP);                          \
		return EXEC_NEXT;                                                                  \
	}
TRAP_IMMEDIATE(cit, relation, S32(op->r1), int16_t)
TRAP_IMMEDIATE(cgit, relation, S64(op->r1), int16_t)
TRAP_IMMEDIATE(clfit, relation_logical, gr32(cpu, op->r1), uint16_t)
TRAP_IMMEDIATE(clgit, relation_logical, cpu->gr[op->r1], uint16_t)
