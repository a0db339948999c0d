/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that leave the engine, guest-execution 5.
 *
 * What "always" leaves for an ordinary guest and stays inside for a protected
 * one is told apart here; the way out of a protected CPU is in pv.c.
 */
#include "sie/intercept.h"

#include <string.h>

#include "sie/insn-operands.h"

enum exec intercept_code(struct sie_cpu *cpu, uint8_t code)
{
	cpu->scb->icptcode = code;
	cpu->scb->icptstatus = 0;
	return EXEC_INTERCEPT;
}

void insn_text(const struct sie_cpu *cpu, const struct op *op, uint8_t text[6])
{
	memset(text, 0, 6);
	if (op == &cpu->scratch)
		memcpy(text, cpu->scratch_text, op->halfwords * 2U);
	else
		memcpy(text, cpu->page->copy + (size_t)(op - cpu->page->ops) * 2,
		       op->halfwords * 2U);
}

void intercept_text(struct sie_cpu *cpu, const struct op *op)
{
	uint8_t text[6];

	insn_text(cpu, op, text);
	cpu->scb->ipa = be16_make(raw_load2(text));
	cpu->scb->ipb = be32_make(raw_load4(text + 2));
	/* Bit 7: the target of EXECUTE, whose length is in bits 1-2 */
	cpu->scb->icptstatus = 0;
	if (cpu->in_execute)
		cpu->scb->icptstatus = (uint8_t)(1 | cpu->execute_length << 4);
}

enum exec intercept_instruction(struct sie_cpu *cpu, const struct op *op)
{
	if (is_protected(cpu))
		return pv_instruction(cpu, op);
	intercept_text(cpu, op);
	cpu->scb->icptcode = ICPT_INST;
	return EXEC_INTERCEPT;
}

enum exec intercept_enabled(struct sie_cpu *cpu)
{
	intercept_code(cpu, ICPT_INT_ENABLE);
	return EXEC_INTERCEPT_AT;
}

/* Always to the host, protected or not */
INSN(intercept)
{
	return intercept_instruction(cpu, op);
}

/* Without a channel subsystem for the guest: what probing code expects is the host's business */
INSN(io)
{
	return intercept_instruction(cpu, op);
}

/* ---- left to the host for an ordinary guest, done here for a protected one ---- */

INSN(stap)
{
	uint64_t address = operand_address(cpu, op);

	if (!is_protected(cpu))
		return intercept_instruction(cpu, op);
	if (address & 1)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return write2(cpu, address, cpu->state->cpu_addr);
}

/* Version ff: a virtual machine; type of a z15 */
INSN(stidp)
{
	uint64_t address = operand_address(cpu, op);

	if (!is_protected(cpu))
		return intercept_instruction(cpu, op);
	if (address & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return write8(cpu, address, 0xff00000085618000UL);
}

INSN(stfl)
{
	be32_t word = be32_make((uint32_t)(cpu->vm->facilities[0] >> 32));

	if (!is_protected(cpu))
		return intercept_instruction(cpu, op);
	return write_space(cpu, SPACE_ABSOLUTE, cpu->state->prefix + 0xc8UL, &word, sizeof(word));
}

INSN(stpx)
{
	uint64_t address = operand_address(cpu, op);

	if (!is_protected(cpu))
		return intercept_instruction(cpu, op);
	if (address & 3)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return write4(cpu, address, cpu->state->prefix);
}

/* The guest's clock is the host's with an epoch; a protected guest cannot set it */
INSN(sck)
{
	if (!is_protected(cpu))
		return intercept_instruction(cpu, op);
	if (operand_address(cpu, op) & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(test_fetch(cpu, operand_address(cpu, op), 8));
	cpu->cc = 1;
	return EXEC_NEXT;
}

/* TEST BLOCK clears the page */
INSN(tb)
{
	static const uint8_t zeros[PAGE_SIZE];
	uint64_t real = cpu->gr[op->r2] & cpu->amask & PAGE_MASK;

	if (!is_protected(cpu))
		return intercept_instruction(cpu, op);
	TRY(check_low_address(cpu, real, SPACE_REAL));
	TRY(write_space(cpu, SPACE_ABSOLUTE, real_to_absolute(cpu, real), zeros, PAGE_SIZE));
	cpu->gr[0] = 0;
	cpu->cc = 0;
	return EXEC_NEXT;
}

/* For protected guests, and the hypervisors of such: who runs the engine is their machine */
INSN(uvc)
{
	if (is_protected(cpu))
		return pv_uvc(cpu, op);
	if (!cpu->vm->env->own_ultravisor || !has_facility(cpu, FACILITY_UV_CALL))
		return program_interrupt(cpu, PGM_OPERATION);
	return intercept_instruction(cpu, op);
}
