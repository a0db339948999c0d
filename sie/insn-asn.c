/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spaces by their address-space number: SET SECONDARY ASN, LOAD ADDRESS SPACE PARAMETERS,
 * PROGRAM TRANSFER.
 *
 * There is no ASN-and-LX reuse, no subspace group and no tracing; what they would add is left out.
 */
#include "sie/asn.h"
#include "sie/insn-operands.h"

#define CR14_ASN_TRANSLATION 0x80000UL
#define LOW_HALF             0xffffUL

static uint16_t primary_asn(const struct sie_cpu *cpu)
{
	return (uint16_t)cpu->state->crs[4];
}

static uint16_t authorisation_index(const struct sie_cpu *cpu)
{
	return (uint16_t)(cpu->state->crs[4] >> 16);
}

/* Bits 32-47 and 48-63 of a control register; its first half stays */
static void set_halves(uint64_t *cr, uint16_t high, uint16_t low)
{
	*cr = (*cr & 0xffffffff00000000UL) | (uint64_t)high << 16 | low;
}

static struct asn_storage tables(struct sie_cpu *cpu)
{
	return (struct asn_storage){.read = read_real, .arg = cpu};
}

/* The outcome of what could not be read */
static enum exec read_failed(const struct asn_storage *storage)
{
	return (enum exec)storage->failure;
}

/* Nullified; the number is told where other exceptions tell an address */
static enum exec asn_exception(struct sie_cpu *cpu, uint16_t code, uint16_t asn)
{
	cpu->pgm = (struct pgm){.code = code, .nullify = true, .space_valid = true, .space = asn};
	return EXEC_PGM;
}

/* Instructions are fetched from the primary space, too */
static enum exec spaces_loaded(struct sie_cpu *cpu)
{
	tlb_drop_all(cpu);
	serialise();
	return EXEC_SYNC;
}

/* ---- SET SECONDARY ASN ---- */

/* The space-control element of another space, for which the authorisation index has to do */
static enum exec secondary_space(struct sie_cpu *cpu, uint16_t asn, uint64_t *asce)
{
	struct asn_storage storage = tables(cpu);
	struct aste aste;
	int rc = asn_translate(&storage, cpu->state->crs[14], asn, &aste);

	if (rc > 0)
		return asn_exception(cpu, (uint16_t)rc, asn);
	if (!rc)
		rc = aste_authority(&storage, &aste, authorisation_index(cpu), AUTHORITY_SECONDARY);
	if (rc < 0)
		return read_failed(&storage);
	if (rc)
		return asn_exception(cpu, PGM_SECONDARY_AUTHORITY, asn);
	*asce = aste_asce(&aste);
	return EXEC_NEXT;
}

INSN(ssar)
{
	uint16_t asn = (uint16_t)cpu->gr[op->r1];
	uint64_t *crs = cpu->state->crs;
	uint64_t asce = crs[1];

	if (!(cpu->mask & PSW_MASK_DAT) || !(crs[14] & CR14_ASN_TRANSLATION))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (asn != primary_asn(cpu))
		TRY(secondary_space(cpu, asn, &asce));
	crs[3] = (crs[3] & ~LOW_HALF) | asn;
	crs[7] = asce;
	return spaces_loaded(cpu);
}

/* ---- LOAD ADDRESS SPACE PARAMETERS ---- */

/* Bits 61-63 of the second operand address */
#define LASP_TRANSLATE    4U /* also numbers that are loaded already */
#define LASP_GIVEN_AX     2U /* the authorisation index is the first operand's */
#define LASP_UNAUTHORISED 1U /* the secondary space needs no authority */

#define CC_PRIMARY_NOT_AVAILABLE   1
#define CC_SECONDARY_NOT_AVAILABLE 2
#define CC_SPACE_SWITCH            3

/**
 * struct parameters - what the instruction loads
 * @key_mask: PSW-key mask
 * @cc: not zero: why nothing is loaded
 */
struct parameters {
	uint16_t key_mask;
	uint16_t secondary;
	uint16_t ax;
	uint16_t primary;
	uint32_t primary_aste;
	uint64_t primary_asce;
	uint64_t secondary_asce;
	uint8_t cc;
};

static enum exec load_primary(struct sie_cpu *cpu, unsigned int function, struct parameters *p)
{
	const uint64_t *crs = cpu->state->crs;
	struct asn_storage storage = tables(cpu);
	uint16_t given_ax = p->ax;
	struct aste aste;
	int rc;

	p->primary_asce = crs[1];
	p->primary_aste = (uint32_t)crs[5];
	p->ax = authorisation_index(cpu);
	if ((function & LASP_TRANSLATE) || p->primary != primary_asn(cpu)) {
		rc = asn_translate(&storage, crs[14], p->primary, &aste);
		if (rc < 0)
			return read_failed(&storage);
		if (rc) {
			p->cc = CC_PRIMARY_NOT_AVAILABLE;
			return EXEC_NEXT;
		}
		p->primary_asce = aste_asce(&aste);
		p->primary_aste = aste.origin;
		p->ax = aste_authorisation_index(&aste);
		if ((crs[1] | p->primary_asce) & ASCE_SPACE_SWITCH)
			p->cc = CC_SPACE_SWITCH;
	}
	if (function & LASP_GIVEN_AX)
		p->ax = given_ax;
	return EXEC_NEXT;
}

static enum exec load_secondary(struct sie_cpu *cpu, unsigned int function, struct parameters *p)
{
	const uint64_t *crs = cpu->state->crs;
	struct asn_storage storage = tables(cpu);
	struct aste aste;
	int rc;

	p->secondary_asce = p->primary_asce;
	if (p->secondary == p->primary)
		return EXEC_NEXT;
	p->secondary_asce = crs[7];
	if ((function & (LASP_TRANSLATE | LASP_UNAUTHORISED)) == LASP_UNAUTHORISED &&
	    p->secondary == (uint16_t)crs[3])
		return EXEC_NEXT;
	rc = asn_translate(&storage, crs[14], p->secondary, &aste);
	if (!rc) {
		p->secondary_asce = aste_asce(&aste);
		if (!(function & LASP_UNAUTHORISED))
			rc = aste_authority(&storage, &aste, p->ax, AUTHORITY_SECONDARY);
	}
	if (rc < 0)
		return read_failed(&storage);
	if (rc)
		p->cc = CC_SECONDARY_NOT_AVAILABLE;
	return EXEC_NEXT;
}

INSN(lasp)
{
	uint64_t address = operand_address(cpu, op), operand;
	unsigned int function = (unsigned int)second_address(cpu, op) & 7;
	uint64_t *crs = cpu->state->crs;
	struct parameters p;

	if (!(crs[14] & CR14_ASN_TRANSLATION))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (address & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(read8(cpu, address, &operand));
	p = (struct parameters){
		.key_mask = (uint16_t)(operand >> 48),
		.secondary = (uint16_t)(operand >> 32),
		.ax = (uint16_t)(operand >> 16),
		.primary = (uint16_t)operand,
	};
	TRY(load_primary(cpu, function, &p));
	if (!p.cc)
		TRY(load_secondary(cpu, function, &p));
	cpu->cc = p.cc;
	if (p.cc)
		return EXEC_NEXT;
	crs[1] = p.primary_asce;
	set_halves(&crs[3], p.key_mask, p.secondary);
	set_halves(&crs[4], p.ax, p.primary);
	crs[5] = (crs[5] & 0xffffffff00000000UL) | p.primary_aste;
	crs[7] = p.secondary_asce;
	return spaces_loaded(cpu);
}

/* ---- PROGRAM TRANSFER: key mask and number in r1, where to and in which state in r2 ---- */

#define TO_PROBLEM_STATE 1U
#define TO_31_BIT        0x80000000UL

/**
 * struct transfer - where a program goes
 * @psw: the PSW then
 * @asn: its primary and secondary number
 * @ax: its authorisation index
 * @aste: origin of the space's entry
 * @asce: the space
 * @event: a space-switch event is asked for
 */
struct transfer {
	struct psw psw;
	uint16_t asn;
	uint16_t ax;
	uint32_t aste;
	uint64_t asce;
	bool event;
};

/* Programs that are called in other spaces have to be linked at all */
static enum exec subsystem_linkage(struct sie_cpu *cpu)
{
	struct asn_storage storage = tables(cpu);
	struct aste aste;

	if (aste_read(&storage, (uint32_t)cpu->state->crs[5] & 0x7fffffc0U, &aste))
		return read_failed(&storage);
	return aste_links_subsystems(&aste) ? EXEC_NEXT : program_interrupt(cpu, PGM_SPECIAL);
}

/* In 64-bit mode the program stays in it */
static enum exec transfer_psw(struct sie_cpu *cpu, const struct op *op, struct psw *psw)
{
	uint64_t to = cpu->gr[op->r2];
	uint64_t problem = to & TO_PROBLEM_STATE ? PSW_MASK_PSTATE : 0;

	*psw = current_psw(cpu, to & ~1UL);
	if (problem_state(cpu) && !problem)
		return program_interrupt(cpu, PGM_PRIVILEGED);
	psw->mask = (psw->mask & ~PSW_MASK_PSTATE) | problem;
	if (cpu->mask & PSW_MASK_EA)
		return EXEC_NEXT;
	psw->mask &= ~PSW_MASK_BASE;
	if (to & TO_31_BIT)
		psw->mask |= PSW_MASK_BASE;
	psw->addr = to & 0x7ffffffe;
	if (!(to & TO_31_BIT) && psw->addr >> 24)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return EXEC_NEXT;
}

static enum exec transfer_space(struct sie_cpu *cpu, struct transfer *t)
{
	const uint64_t *crs = cpu->state->crs;
	struct asn_storage storage = tables(cpu);
	struct aste aste;
	int rc;

	t->ax = authorisation_index(cpu);
	t->aste = (uint32_t)crs[5];
	t->asce = crs[1];
	t->event = false;
	if (t->asn == primary_asn(cpu))
		return EXEC_NEXT;
	if (!(crs[14] & CR14_ASN_TRANSLATION))
		return program_interrupt(cpu, PGM_SPECIAL);
	rc = asn_translate(&storage, crs[14], t->asn, &aste);
	if (rc > 0)
		return asn_exception(cpu, (uint16_t)rc, t->asn);
	if (!rc)
		rc = aste_authority(&storage, &aste, t->ax, AUTHORITY_PRIMARY);
	if (rc < 0)
		return read_failed(&storage);
	if (rc)
		return asn_exception(cpu, PGM_PRIMARY_AUTHORITY, t->asn);
	t->ax = aste_authorisation_index(&aste);
	t->aste = aste.origin;
	t->asce = aste_asce(&aste);
	t->event = (crs[1] | t->asce) & ASCE_SPACE_SWITCH;
	return EXEC_NEXT;
}

INSN(pt)
{
	uint64_t *crs = cpu->state->crs;
	struct transfer t = {.asn = (uint16_t)cpu->gr[op->r1]};
	uint16_t mask = (uint16_t)(cpu->gr[op->r1] >> 16);
	uint32_t left = (crs[1] & ASCE_SPACE_SWITCH ? 0x80000000U : 0) | primary_asn(cpu);

	if ((cpu->mask & (PSW_MASK_DAT | PSW_MASK_ASC)) != PSW_MASK_DAT)
		return program_interrupt(cpu, PGM_SPECIAL);
	TRY(subsystem_linkage(cpu));
	TRY(transfer_psw(cpu, op, &t.psw));
	TRY(transfer_space(cpu, &t));
	if (t.event)
		TRY(interruption_ready(cpu));
	crs[1] = t.asce;
	set_halves(&crs[3], (uint16_t)(crs[3] >> 16) & mask, t.asn);
	set_halves(&crs[4], t.ax, t.asn);
	crs[5] = (crs[5] & 0xffffffff00000000UL) | t.aste;
	crs[7] = t.asce;
	tlb_drop_all(cpu);
	cpu->gbea = insn_address(cpu, op);
	load_psw(cpu, &t.psw);
	serialise();
	if (!t.event)
		return EXEC_PSW;
	cpu->pgm = (struct pgm){.code = PGM_SPACE_SWITCH, .space_valid = true, .space = left};
	return EXEC_PGM_THERE;
}
