/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access-register translation: from an access-list-entry token (ALET) in an
 * access register over access list and ASN-second-table entry to the space.
 */
#include "sie/mem.h"

#define ALET_RESERVED       0xfe000000U
#define ALET_PRIMARY        0x01000000U /* the list of the primary space, not of the dispatchable unit */
#define ALET_SEQUENCE(alet) ((alet) >> 16 & 0xff)
#define ALET_NUMBER(alet)   ((alet)&0xffff)

/* CR2: dispatchable-unit control table; CR5: primary ASTE. The list designation is 16 behind. */
#define DESIGNATION_ORIGIN 0x7fffffc0UL
#define DESIGNATION_ALD    16
#define ALD_ORIGIN(ald)    ((ald)&0x7fffff80U)
#define ALD_LENGTH(ald)    ((ald)&0x7fU)

#define ALE_SIZE         16
#define ALE_INVALID      0x80000000U
#define ALE_FETCH_ONLY   0x02000000U
#define ALE_PRIVATE      0x01000000U
#define ALE_SEQUENCE(w)  ((w) >> 16 & 0xff)
#define ALE_AUTHORITY(w) ((w)&0xffff)
#define ALE_ASTE(w)      ((w)&0x7fffffc0U)

#define ASTE_INVALID             0x80000000U
#define ASTE_AUTHORITY_TABLE(w)  ((w)&0x7ffffffcU)
#define ASTE_AUTHORITY_LENGTH(w) ((w) >> 4 & 0xfff)

static enum exec art_exception(struct sie_cpu *cpu, uint16_t code, unsigned int ar)
{
	cpu->pgm = (struct pgm){
		.code = code,
		.nullify = code != PGM_ALET,
		.access_id = (uint8_t)ar,
	};
	return EXEC_PGM;
}

static enum exec read_words(struct sie_cpu *cpu, uint64_t real, uint32_t *words, unsigned int n)
{
	uint8_t buf[24];

	TRY(read_space(cpu, SPACE_ABSOLUTE, real_to_absolute(cpu, real), buf, n * 4));
	for (unsigned int i = 0; i < n; i++)
		words[i] = raw_load4(buf + i * 4UL);
	return EXEC_NEXT;
}

static enum exec find_ale(struct sie_cpu *cpu, unsigned int ar, uint32_t alet, uint32_t ale[4])
{
	uint64_t designation = cpu->state->crs[alet & ALET_PRIMARY ? 5 : 2] & DESIGNATION_ORIGIN;
	uint32_t number = ALET_NUMBER(alet), ald;

	TRY(read_words(cpu, designation + DESIGNATION_ALD, &ald, 1));
	if (number / 8 > ALD_LENGTH(ald))
		return art_exception(cpu, PGM_ALEN, ar);
	TRY(read_words(cpu, ALD_ORIGIN(ald) + number * (uint64_t)ALE_SIZE, ale, 4));
	if (ale[0] & ALE_INVALID)
		return art_exception(cpu, PGM_ALEN, ar);
	if (ALE_SEQUENCE(ale[0]) != ALET_SEQUENCE(alet))
		return art_exception(cpu, PGM_ALE_SEQUENCE, ar);
	return EXEC_NEXT;
}

/* A private entry is for its owner, and for those whom the space's authority table names */
static enum exec check_authority(struct sie_cpu *cpu, unsigned int ar, const uint32_t ale[4],
				 const uint32_t aste[6])
{
	unsigned int eax = (unsigned int)(cpu->state->crs[8] >> 16) & 0xffff;
	uint64_t table = ASTE_AUTHORITY_TABLE(aste[0]);
	uint8_t pairs;

	if (!(ale[0] & ALE_PRIVATE) || ALE_AUTHORITY(ale[0]) == eax)
		return EXEC_NEXT;
	if (eax / 4 > ASTE_AUTHORITY_LENGTH(aste[1]) * 4 + 3)
		return art_exception(cpu, PGM_AUTHORITY, ar);
	TRY(read_space(cpu, SPACE_ABSOLUTE, real_to_absolute(cpu, table + eax / 4), &pairs, 1));
	/* of each pair of bits the second: secondary authority */
	if (!(pairs & (0x40U >> (eax & 3) * 2)))
		return art_exception(cpu, PGM_AUTHORITY, ar);
	return EXEC_NEXT;
}

enum exec ar_translate(struct sie_cpu *cpu, unsigned int ar, uint64_t *asce, bool *fetch_only)
{
	uint32_t alet = cpu->state->acrs[ar], ale[4], aste[6];

	*fetch_only = false;
	if (alet < 2) {
		*asce = cpu->state->crs[alet ? 7 : 1];
		return EXEC_NEXT;
	}
	if (alet & ALET_RESERVED)
		return art_exception(cpu, PGM_ALET, ar);
	TRY(find_ale(cpu, ar, alet, ale));
	TRY(read_words(cpu, ALE_ASTE(ale[2]), aste, 6));
	if (aste[0] & ASTE_INVALID)
		return art_exception(cpu, PGM_ASTE_VALIDITY, ar);
	if (aste[5] != ale[3])
		return art_exception(cpu, PGM_ASTE_SEQUENCE, ar);
	TRY(check_authority(cpu, ar, ale, aste));
	*fetch_only = ale[0] & ALE_FETCH_ONLY;
	*asce = (uint64_t)aste[2] << 32 | aste[3];
	return EXEC_NEXT;
}
