/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that change or tell the CPU's own state: PSW, control registers, EXECUTE. */
#include "sie/insn-operands.h"

#include <string.h>

#include "sie/intercept.h"

/* ---- EXECUTE ---- */

static enum exec execute(struct sie_cpu *cpu, const struct op *op, uint64_t target)
{
	uint64_t next = next_address(cpu, op);
	uint8_t length = (uint8_t)(op->halfwords * 2);
	uint8_t modifier = op->r1 ? (uint8_t)cpu->gr[op->r1] : 0;
	uint8_t text[6] = {0};
	unsigned int target_length;
	enum exec st;

	if (target & 1)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(read_code(cpu, target, text, 2));
	if (text[0] == 0x44 || (text[0] == 0xc6 && (text[1] & 0xf) == 0))
		return program_interrupt(cpu, PGM_EXECUTE);
	target_length = insn_length(text[0]);
	if (target_length > 2)
		TRY(read_code(cpu, target, text, target_length));
	text[1] |= modifier;
	memcpy(cpu->scratch_text, text, sizeof(text));
	cpu->scratch_address = target;
	cpu->scratch_next = next;
	cpu->execute_length = length;
	insn_decode(cpu, text, &cpu->scratch, -1);
	cpu->in_execute = true;
	st = cpu->scratch.fn(cpu, &cpu->scratch);
	cpu->in_execute = false;
	return st;
}

INSN(ex)
{
	return execute(cpu, op, indexed_address(cpu, op));
}

INSN(exrl)
{
	return execute(cpu, op, relative_address(cpu, op));
}

/* ---- supervisor call, monitor call ---- */

INSN(svc)
{
	cpu->svc = op->i;
	return EXEC_SVC;
}

INSN(mc)
{
	uint64_t monitor_code = operand_address(cpu, op);

	if (op->i & 0xf0)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (!(cpu->state->crs[8] & (0x8000UL >> op->i)))
		return EXEC_NEXT;
	TRY(interruption_ready(cpu));
	program_interrupt(cpu, PGM_MONITOR);
	cpu->pgm.monitor_class = op->i;
	cpu->pgm.monitor_code = monitor_code;
	return EXEC_PGM_DONE;
}

/* ---- program mask, condition code, PSW ---- */

INSN(ipm)
{
	uint64_t byte = (uint64_t)cpu->cc << 4 | (cpu->mask >> 40 & 0xf);

	cpu->gr[op->r1] = (cpu->gr[op->r1] & ~0xff000000UL) | byte << 24;
	return EXEC_NEXT;
}

INSN(spm)
{
	uint32_t v = gr32(cpu, op->r1);

	cpu->cc = v >> 28 & 3;
	cpu->mask = (cpu->mask & ~PSW_MASK_PM) | (uint64_t)(v >> 24 & 0xf) << 40;
	return EXEC_NEXT;
}

INSN(epsw)
{
	struct psw psw = current_psw(cpu, 0);

	set_gr32(cpu, op->r1, (uint32_t)(psw.mask >> 32));
	if (op->r2)
		set_gr32(cpu, op->r2, (uint32_t)psw.mask);
	return EXEC_NEXT;
}

/* A machine check waits for PSW bit 13: the host wants to know */
static bool enables_machine_check(const struct sie_cpu *cpu, uint64_t mask)
{
	return is_protected(cpu) && (be32_get(cpu->scb->ictl) & ICTL_LPSW) &&
	       (mask & PSW_MASK_MCHECK);
}

static enum exec new_psw(struct sie_cpu *cpu, const struct op *op, const struct psw *psw)
{
	cpu->gbea = insn_address(cpu, op);
	load_psw(cpu, psw);
	serialise();
	if (enables_machine_check(cpu, psw->mask))
		return intercept_enabled(cpu);
	return EXEC_PSW;
}

static bool lpsw_intercepted(const struct sie_cpu *cpu)
{
	return !is_protected(cpu) && (be32_get(cpu->scb->ictl) & ICTL_LPSW);
}

INSN(lpsw)
{
	uint64_t address = operand_address(cpu, op);
	struct psw psw;
	uint64_t v;

	if (address & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (lpsw_intercepted(cpu))
		return intercept_instruction(cpu, op);
	TRY(read8(cpu, address, &v));
	if (!(v & PSW_MASK_SHORT))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	psw.mask = (v & ~0x7fffffffUL) ^ PSW_MASK_SHORT;
	psw.addr = v & 0x7fffffff;
	return new_psw(cpu, op, &psw);
}

INSN(lpswe)
{
	uint64_t address = operand_address(cpu, op);
	struct psw psw;
	uint8_t text[16];

	if (address & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (lpsw_intercepted(cpu))
		return intercept_instruction(cpu, op);
	TRY(read_bytes(cpu, address, text, sizeof(text)));
	psw.mask = raw_load8(text);
	psw.addr = raw_load8(text + 8);
	return new_psw(cpu, op, &psw);
}

#define CR0_EXTRACTION_AUTHORITY 0x08000000UL

#define SYSTEM_MASK(v)      ((uint64_t)(v) << 56)
#define CR0_SSM_SUPPRESSION 0x40000000UL

static enum exec set_system_mask(struct sie_cpu *cpu, const struct op *op, uint8_t v)
{
	cpu->mask = (cpu->mask & ~SYSTEM_MASK(0xff)) | SYSTEM_MASK(v);
	psw_update_modes(cpu);
	/* Bits that must be zero: an early specification exception */
	if (v & 0xb8) {
		cpu->psw_invalid = true;
		cpu->psw_invalid_length =
			cpu->in_execute ? cpu->execute_length : (uint8_t)(op->halfwords * 2);
	}
	return EXEC_ENABLE;
}

INSN(ssm)
{
	uint8_t v;

	if (cpu->state->crs[0] & CR0_SSM_SUPPRESSION)
		return program_interrupt(cpu, PGM_SPECIAL);
	TRY(read1(cpu, operand_address(cpu, op), &v));
	return set_system_mask(cpu, op, v);
}

INSN(stnsm)
{
	uint8_t old = (uint8_t)(cpu->mask >> 56);

	TRY(write1(cpu, operand_address(cpu, op), old));
	if (((old & op->i) ^ old) & 0x04) /* DAT goes off: other addresses */
		return set_system_mask(cpu, op, old & op->i);
	cpu->mask &= ~SYSTEM_MASK(0xff) | SYSTEM_MASK(op->i);
	return EXEC_NEXT;
}

INSN(stosm)
{
	uint8_t old = (uint8_t)(cpu->mask >> 56);

	TRY(write1(cpu, operand_address(cpu, op), old));
	return set_system_mask(cpu, op, old | op->i);
}

/* In problem state what tells of the CPU's state needs the extraction authority in CR0 */
static bool extraction_refused(const struct sie_cpu *cpu)
{
	return problem_state(cpu) && !(cpu->state->crs[0] & CR0_EXTRACTION_AUTHORITY);
}

INSN(spka)
{
	uint64_t key = operand_address(cpu, op) >> 4 & 0xf;

	/* In problem state the PSW-key mask in CR3 has to allow it */
	if (problem_state(cpu) && !(cpu->state->crs[3] & (0x80000000UL >> key)))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	cpu->mask = (cpu->mask & ~PSW_MASK_KEY) | key << 52;
	psw_update_modes(cpu);
	/* The next instruction is fetched with the new key */
	cpu->ia = next_address(cpu, op);
	return EXEC_JUMP;
}

INSN(ipk)
{
	if (extraction_refused(cpu))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	cpu->gr[2] = (cpu->gr[2] & ~0xffUL) | (cpu->mask >> 52 & 0xf) << 4;
	return EXEC_NEXT;
}

/* ---- control registers ---- */

/* LCTL bits of the SIE block: bit n says control register n is watched */
static bool watched(const struct sie_cpu *cpu, unsigned int first, unsigned int n)
{
	uint16_t lctl = be16_get(cpu->scb->lctl);

	for (unsigned int i = 0; i < n; i++)
		if (lctl & (0x8000U >> ((first + i) & 15)))
			return true;
	return false;
}

static enum exec control_registers_loaded(struct sie_cpu *cpu, const struct op *op, unsigned int n)
{
	tlb_drop_all(cpu);
	if (is_protected(cpu) && watched(cpu, op->r1, n)) {
		cpu->ia = next_address(cpu, op);
		return intercept_enabled(cpu);
	}
	return EXEC_ENABLE;
}

static enum exec load_control(struct sie_cpu *cpu, const struct op *op, unsigned int bytes)
{
	unsigned int n = ((op->r3 - op->r1) & 15U) + 1;
	uint64_t address = operand_address(cpu, op);
	uint8_t text[128];

	if (address & (bytes - 1))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (!is_protected(cpu) && watched(cpu, op->r1, n))
		return intercept_instruction(cpu, op);
	TRY(read_bytes(cpu, address, text, n * bytes));
	for (unsigned int i = 0; i < n; i++) {
		uint64_t *cr = &cpu->state->crs[(op->r1 + i) & 15];

		if (bytes == 8)
			*cr = raw_load8(text + i * 8UL);
		else
			*cr = (*cr & 0xffffffff00000000UL) | raw_load4(text + i * 4UL);
	}
	return control_registers_loaded(cpu, op, n);
}

INSN(lctl)
{
	return load_control(cpu, op, 4);
}

INSN(lctlg)
{
	return load_control(cpu, op, 8);
}

static enum exec store_control(struct sie_cpu *cpu, const struct op *op, unsigned int bytes)
{
	unsigned int n = ((op->r3 - op->r1) & 15U) + 1;
	uint64_t address = operand_address(cpu, op);
	uint8_t text[128];

	if (address & (bytes - 1))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (!is_protected(cpu) && (be32_get(cpu->scb->ictl) & ICTL_STCTL))
		return intercept_instruction(cpu, op);
	for (unsigned int i = 0; i < n; i++) {
		uint64_t cr = cpu->state->crs[(op->r1 + i) & 15];

		if (bytes == 8)
			raw_store8(text + i * 8UL, cr);
		else
			raw_store4(text + i * 4UL, (uint32_t)cr);
	}
	return write_bytes(cpu, address, text, n * bytes);
}

INSN(stctl)
{
	return store_control(cpu, op, 4);
}

INSN(stctg)
{
	return store_control(cpu, op, 8);
}

static enum exec extract_asn(struct sie_cpu *cpu, const struct op *op, unsigned int cr)
{
	if (!(cpu->mask & PSW_MASK_DAT))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (extraction_refused(cpu))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	set_gr32(cpu, op->r1, (uint32_t)(cpu->state->crs[cr] & 0xffff));
	return EXEC_NEXT;
}

INSN(epar)
{
	return extract_asn(cpu, op, 4);
}

INSN(esar)
{
	return extract_asn(cpu, op, 3);
}

INSN(iac)
{
	unsigned int as = (unsigned int)(cpu->mask >> 46) & 3;
	/* primary, access-register, secondary, home: as the instruction tells them */
	static const uint8_t told[] = {0, 2, 1, 3};

	if (!(cpu->mask & PSW_MASK_DAT))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (extraction_refused(cpu))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	cpu->gr[op->r1] = (cpu->gr[op->r1] & ~0xff00UL) | (uint64_t)told[as] << 8;
	cpu->cc = told[as];
	return EXEC_NEXT;
}

#define CR0_SECONDARY_SPACE 0x04000000UL

#define AS_HOME 3U

/* Into the home space or out of it, if either space's control asks for an event. The word tells the
 * control of the space that is left, and the primary one's number if it is that. */
static bool space_switch(const struct sie_cpu *cpu, unsigned int from, unsigned int to,
			 uint32_t *told)
{
	const uint64_t *crs = cpu->state->crs;
	uint64_t left = from == AS_HOME ? crs[13] : crs[1];

	if ((from == AS_HOME) == (to == AS_HOME) || !((crs[1] | crs[13]) & ASCE_SPACE_SWITCH))
		return false;
	*told = (left & ASCE_SPACE_SWITCH ? 0x80000000U : 0) |
		(from == AS_HOME ? 0 : (uint32_t)crs[4] & 0xffff);
	return true;
}

/* SET ADDRESS SPACE CONTROL (FAST): bits 52-55 of the operand address */
INSN(sac)
{
	static const uint8_t as_of_code[] = {0, 2, 1, AS_HOME};
	unsigned int code = (unsigned int)(operand_address(cpu, op) >> 8) & 0xf;
	unsigned int before = (unsigned int)(cpu->mask >> 46) & 3;
	uint32_t told;
	bool event;

	if (code > 3)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (!(cpu->mask & PSW_MASK_DAT) ||
	    (code != 0 && code != 3 && !(cpu->state->crs[0] & CR0_SECONDARY_SPACE)))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (code == 3 && problem_state(cpu))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	event = space_switch(cpu, before, as_of_code[code], &told);
	if (event)
		TRY(interruption_ready(cpu));
	cpu->mask = (cpu->mask & ~PSW_MASK_ASC) | (uint64_t)as_of_code[code] << 46;
	psw_update_modes(cpu);
	cpu->ia = next_address(cpu, op);
	if (!event)
		return EXEC_PSW;
	cpu->pgm = (struct pgm){.code = PGM_SPACE_SWITCH, .space_valid = true, .space = told};
	return EXEC_PGM_DONE;
}

/* ---- prefix, program parameter, breaking event ---- */

INSN(lpp)
{
	uint64_t address = operand_address(cpu, op);

	if (address & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return read8(cpu, address, &cpu->state->pp);
}

/* ---- facility list ---- */

/* A protected guest may call the Ultravisor, whatever the host made known to ordinary ones. */
static uint64_t facility_doubleword(const struct sie_cpu *cpu, unsigned int i)
{
	uint64_t own = is_protected(cpu) ? 1UL << (63 - FACILITY_UV_CALL % 64) : 0;

	if (is_nested_ordinary(cpu))
		return cpu->fac[i];
	return cpu->vm->facilities[i] | (i == FACILITY_UV_CALL / 64 ? own : 0);
}

unsigned int sie_facility_doublewords(const struct sie_vm *vm)
{
	unsigned int n = 4;

	while (n > 1 && !vm->facilities[n - 1])
		n--;
	return n;
}

static unsigned int facility_doublewords(const struct sie_cpu *cpu)
{
	unsigned int n = sie_facility_doublewords(cpu->vm);

	return is_protected(cpu) && n <= FACILITY_UV_CALL / 64 ? FACILITY_UV_CALL / 64 + 1 : n;
}

INSN(stfle)
{
	uint64_t address = operand_address(cpu, op);
	unsigned int asked = (unsigned int)(cpu->gr[0] & 0xff) + 1;
	unsigned int have = facility_doublewords(cpu);
	unsigned int n = asked < have ? asked : have;
	uint8_t text[32];

	if (is_nested_ordinary(cpu) && !cpu->fac)
		return intercept_instruction(cpu, op);
	if (address & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	for (unsigned int i = 0; i < n; i++)
		raw_store8(text + i * 8UL, facility_doubleword(cpu, i));
	TRY(write_bytes(cpu, address, text, n * 8));
	cpu->gr[0] = (cpu->gr[0] & ~0xffUL) | (have - 1);
	cpu->cc = asked < have ? 3 : 0;
	return EXEC_NEXT;
}

/* ---- hints ---- */

INSN(nop)
{
	return EXEC_NEXT;
}

/* EXTRACT CPU ATTRIBUTE: the model tells no caches */
INSN(ecag)
{
	cpu->gr[op->r1] = 0;
	return EXEC_NEXT;
}
