/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access-register translation: from an access-list-entry token (ALET) in an
 * access register over access list and ASN-second-table entry to the space.
 */
#include "sie/art.h"

#include "protvirt/be.h"

#define ALET_RESERVED       0xfe000000U
#define ALET_PRIMARY        0x01000000U /* the primary space's list, not the dispatchable unit's */
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

static int read_real(struct art *a, uint64_t real, void *buf, unsigned int len)
{
	a->storage.failure = a->storage.read(a->storage.arg, real, buf, len);
	return a->storage.failure ? ART_READ_FAILED : 0;
}

static int find_ale(struct art *a, uint32_t alet, be32_t ale[4])
{
	uint64_t designation = a->cr[alet & ALET_PRIMARY ? 5 : 2] & DESIGNATION_ORIGIN;
	uint32_t number = ALET_NUMBER(alet);
	be32_t ald;
	int rc = read_real(a, designation + DESIGNATION_ALD, &ald, sizeof(ald));

	if (rc)
		return rc;
	if (number / 8 > ALD_LENGTH(be32_get(ald)))
		return PGM_ALEN;
	rc = read_real(a, ALD_ORIGIN(be32_get(ald)) + number * (uint64_t)ALE_SIZE, ale, ALE_SIZE);
	if (rc)
		return rc;
	if (be32_get(ale[0]) & ALE_INVALID)
		return PGM_ALEN;
	return ALE_SEQUENCE(be32_get(ale[0])) == ALET_SEQUENCE(alet) ? 0 : PGM_ALE_SEQUENCE;
}

/* A private entry is for its owner, and for those whom the space's authority table names */
static int check_authority(struct art *a, const be32_t ale[4], const struct aste *aste)
{
	uint16_t eax = (uint16_t)(a->cr[8] >> 16);
	int rc;

	if (!(be32_get(ale[0]) & ALE_PRIVATE) || ALE_AUTHORITY(be32_get(ale[0])) == eax)
		return 0;
	rc = aste_authority(&a->storage, aste, eax, AUTHORITY_SECONDARY);
	return rc > 0 ? PGM_AUTHORITY : rc;
}

int art_walk(struct art *a, uint32_t alet)
{
	struct aste aste;
	be32_t ale[4];
	int rc;

	a->fetch_only = false;
	a->asce = a->cr[alet == 1 ? 7 : 1];
	if (alet < 2)
		return 0;
	if (alet & ALET_RESERVED)
		return PGM_ALET;
	rc = find_ale(a, alet, ale);
	if (rc)
		return rc;
	rc = aste_read(&a->storage, ALE_ASTE(be32_get(ale[2])), &aste);
	if (rc)
		return rc;
	if (aste_invalid(&aste))
		return PGM_ASTE_VALIDITY;
	if (aste_sequence(&aste) != be32_get(ale[3]))
		return PGM_ASTE_SEQUENCE;
	a->fetch_only = be32_get(ale[0]) & ALE_FETCH_ONLY;
	a->asce = aste_asce(&aste);
	return check_authority(a, ale, &aste);
}
