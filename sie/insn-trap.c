/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load and trap, compare and trap with storage. The others are in insn-branch.c. */
#include "sie/insn-operands.h"

#define DXC_COMPARE_AND_TRAP 0xff

/* Zero is loaded as well before it traps: the prefix page has to be there first */
static enum exec load_and_trap(struct sie_cpu *cpu, const struct op *op, uint64_t mask,
			       uint64_t value)
{
	uint64_t *r1 = &cpu->gr[op->r1];

	if (unlikely(!value))
		TRY(interruption_ready(cpu));
	*r1 = (*r1 & ~mask) | value;
	if (likely(value))
		return EXEC_NEXT;
	data_exception(cpu, DXC_COMPARE_AND_TRAP);
	return EXEC_PGM_DONE;
}

INSN(lat)
{
	uint32_t v;

	TRY(read4(cpu, indexed_address(cpu, op), &v));
	return load_and_trap(cpu, op, 0xffffffffUL, v);
}

INSN(lgat)
{
	uint64_t v;

	TRY(read8(cpu, indexed_address(cpu, op), &v));
	return load_and_trap(cpu, op, UINT64_MAX, v);
}

INSN(lfhat)
{
	uint32_t v;

	TRY(read4(cpu, indexed_address(cpu, op), &v));
	return load_and_trap(cpu, op, 0xffffffff00000000UL, (uint64_t)v << 32);
}

INSN(llgfat)
{
	uint32_t v;

	TRY(read4(cpu, indexed_address(cpu, op), &v));
	return load_and_trap(cpu, op, UINT64_MAX, v);
}

INSN(llgtat)
{
	uint32_t v;

	TRY(read4(cpu, indexed_address(cpu, op), &v));
	return load_and_trap(cpu, op, UINT64_MAX, v & 0x7fffffff);
}

static enum exec trap_if(struct sie_cpu *cpu, const struct op *op, uint64_t a, uint64_t b)
{
	unsigned int relation = a == b ? 8 : a < b ? 4 : 2;

	return relation & op->r3 ? data_exception(cpu, DXC_COMPARE_AND_TRAP) : EXEC_NEXT;
}

INSN(clt)
{
	uint32_t v;

	TRY(read4(cpu, operand_address(cpu, op), &v));
	return trap_if(cpu, op, gr32(cpu, op->r1), v);
}

INSN(clgt)
{
	uint64_t v;

	TRY(read8(cpu, operand_address(cpu, op), &v));
	return trap_if(cpu, op, cpu->gr[op->r1], v);
}
