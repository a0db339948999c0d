/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spaces by their address-space number: SET SECONDARY ASN, LOAD ADDRESS SPACE PARAMETERS.
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
		rc = aste_secondary_authority(&storage, &aste, authorisation_index(cpu));
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
			rc = aste_secondary_authority(&storage, &aste, p->ax);
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
