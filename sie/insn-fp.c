/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point registers as containers: loads, stores, moves, sign handling
 * and the FPC. Arithmetic: insn-bfp.c.
 */
#include "sie/bfp.h"

#define CR0_AFP 0x00040000UL

#define FPR(n) cpu->state->fprs[n]
#define SIGN   0x8000000000000000UL

INSN(ldr)
{
	FPR(op->r1) = FPR(op->r2);
	return EXEC_NEXT;
}

/* Short operands are in the left half */
INSN(ler)
{
	FPR(op->r1) = (FPR(op->r1) & 0xffffffffUL) | (FPR(op->r2) & 0xffffffff00000000UL);
	return EXEC_NEXT;
}

INSN(ld)
{
	return read8(cpu, indexed_address(cpu, op), &FPR(op->r1));
}

INSN(le)
{
	uint32_t v;

	TRY(read4(cpu, indexed_address(cpu, op), &v));
	FPR(op->r1) = (FPR(op->r1) & 0xffffffffUL) | (uint64_t)v << 32;
	return EXEC_NEXT;
}

INSN(std)
{
	return write8(cpu, indexed_address(cpu, op), FPR(op->r1));
}

INSN(ste)
{
	return write4(cpu, indexed_address(cpu, op), (uint32_t)(FPR(op->r1) >> 32));
}

INSN(ldgr)
{
	FPR(op->r1) = cpu->gr[op->r2];
	return EXEC_NEXT;
}

INSN(lgdr)
{
	cpu->gr[op->r1] = FPR(op->r2);
	return EXEC_NEXT;
}

INSN(lzer)
{
	FPR(op->r1) &= 0xffffffffUL;
	return EXEC_NEXT;
}

INSN(lzdr)
{
	FPR(op->r1) = 0;
	return EXEC_NEXT;
}

/* Extended operands: registers n and n + 2, n being 0, 1, 4, 5, 8, 9, 12, 13 */
INSN(lzxr)
{
	if (op->r1 & 2)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	FPR(op->r1) = 0;
	FPR(op->r1 + 2) = 0;
	return EXEC_NEXT;
}

INSN(lxr)
{
	if ((op->r1 | op->r2) & 2)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	FPR(op->r1) = FPR(op->r2);
	FPR(op->r1 + 2) = FPR(op->r2 + 2);
	return EXEC_NEXT;
}

INSN(lpdfr)
{
	FPR(op->r1) = FPR(op->r2) & ~SIGN;
	return EXEC_NEXT;
}

INSN(lndfr)
{
	FPR(op->r1) = FPR(op->r2) | SIGN;
	return EXEC_NEXT;
}

INSN(lcdfr)
{
	FPR(op->r1) = FPR(op->r2) ^ SIGN;
	return EXEC_NEXT;
}

INSN(cpsdr)
{
	FPR(op->r1) = (FPR(op->r2) & ~SIGN) | (FPR(op->r3) & SIGN);
	return EXEC_NEXT;
}

/* ---- floating-point control register ---- */

/* Without the floating-point extension: masks, flags, DXC, DFP and BFP rounding modes */
#define FPC_VALID    0xf8f8ff73U
#define FPC_ROUNDING 0x3U

static enum exec set_fpc(struct sie_cpu *cpu, uint32_t v)
{
	if (v & ~FPC_VALID)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	cpu->state->fpc = v;
	return EXEC_NEXT;
}

INSN(sfpc)
{
	return set_fpc(cpu, gr32(cpu, op->r1));
}

INSN(efpc)
{
	set_gr32(cpu, op->r1, cpu->state->fpc);
	return EXEC_NEXT;
}

INSN(lfpc)
{
	uint32_t v;

	TRY(read4(cpu, operand_address(cpu, op), &v));
	return set_fpc(cpu, v);
}

INSN(stfpc)
{
	return write4(cpu, operand_address(cpu, op), cpu->state->fpc);
}

INSN(srnm)
{
	cpu->state->fpc = (cpu->state->fpc & ~FPC_ROUNDING) |
			  ((uint32_t)operand_address(cpu, op) & FPC_ROUNDING);
	return EXEC_NEXT;
}

/* The mode is in all of the address: what is no mode of this level is refused */
INSN(srnmb)
{
	uint64_t mode = operand_address(cpu, op);

	if (mode & ~(uint64_t)FPC_ROUNDING)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	cpu->state->fpc = (cpu->state->fpc & ~FPC_ROUNDING) | (uint32_t)mode;
	return EXEC_NEXT;
}

#define FPC_DFP_ROUNDING    0x70U
#define DXC_DFP_INSTRUCTION 3

INSN(srnmt)
{
	if (!(cpu->state->crs[0] & CR0_AFP))
		return data_exception(cpu, DXC_DFP_INSTRUCTION);
	cpu->state->fpc = (cpu->state->fpc & ~FPC_DFP_ROUNDING) |
			  ((uint32_t)operand_address(cpu, op) << 4 & FPC_DFP_ROUNDING);
	return EXEC_NEXT;
}

/* ---- LOAD FPC AND SIGNAL, SET FPC AND SIGNAL ---- */

#define FPC_FLAGS 0x00f80000U
/* The DXC of the most important flag that was on and whose mask is on now; 0 if there is none */
static uint8_t signalled(uint32_t flags, uint32_t masks)
{
	uint32_t on = flags & masks;

	for (uint32_t bit = IEEE_INVALID; bit >= IEEE_INEXACT; bit >>= 1) {
		if (!(on & bit))
			continue;
		if (bit == IEEE_OVERFLOW || bit == IEEE_UNDERFLOW)
			return (uint8_t)(bit | (flags & IEEE_INEXACT));
		return (uint8_t)bit;
	}
	return 0;
}

static enum exec set_fpc_and_signal(struct sie_cpu *cpu, uint32_t v)
{
	uint32_t old = cpu->state->fpc;
	uint8_t dxc = signalled(old >> 16 & 0xff, v >> 24);

	if (v & ~FPC_VALID)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (dxc)
		TRY(interruption_ready(cpu));
	cpu->state->fpc = v | (old & FPC_FLAGS);
	if (!dxc)
		return EXEC_NEXT;
	data_exception(cpu, dxc);
	return EXEC_PGM_DONE;
}

INSN(lfas)
{
	uint32_t v;

	TRY(read4(cpu, operand_address(cpu, op), &v));
	return set_fpc_and_signal(cpu, v);
}

INSN(sfasr)
{
	return set_fpc_and_signal(cpu, gr32(cpu, op->r1));
}
