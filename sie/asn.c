/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ASN translation: the first ten bits of an address-space number select an entry
 * of the first table, the last six one of a second table; that entry describes
 * the space.
 */
#include "sie/asn.h"

#define AFT_ORIGIN(cr14) (((cr14)&0x7ffffUL) << 12)
#define AFX(asn)         ((asn) >> 6)
#define ASX(asn)         ((asn)&0x3fU)
#define AFTE_SIZE        4U
#define AFTE_INVALID     0x80000000U
#define AFTE_ORIGIN(e)   ((e)&0x7fffffc0U)
#define ASTE_SIZE        64U
#define REAL_MASK        0x7fffffffUL /* a carry out of the address is lost */

#define ASTE_AUTHORITY_TABLE(w)  ((w)&0x7ffffffcU)
#define ASTE_AUTHORITY_LENGTH(w) ((w) >> 4 & 0xfff)

static int read_real(struct asn_storage *storage, uint64_t real, void *buf, unsigned int len)
{
	storage->failure = storage->read(storage->arg, real, buf, len);
	return storage->failure ? ASN_READ_FAILED : 0;
}

int aste_read(struct asn_storage *storage, uint32_t origin, struct aste *aste)
{
	aste->origin = origin;
	return read_real(storage, origin, aste->words, sizeof(aste->words));
}

int asn_translate(struct asn_storage *storage, uint64_t cr14, uint16_t asn, struct aste *aste)
{
	uint64_t at = (AFT_ORIGIN(cr14) + AFX(asn) * AFTE_SIZE) & REAL_MASK;
	be32_t entry;
	int rc = read_real(storage, at, &entry, sizeof(entry));

	if (rc)
		return rc;
	if (be32_get(entry) & AFTE_INVALID)
		return PGM_AFX_TRANSLATION;
	at = (AFTE_ORIGIN(be32_get(entry)) + (uint64_t)ASX(asn) * ASTE_SIZE) & REAL_MASK;
	rc = aste_read(storage, (uint32_t)at, aste);
	if (rc)
		return rc;
	return aste_invalid(aste) ? PGM_ASX_TRANSLATION : 0;
}

int aste_authority(struct asn_storage *storage, const struct aste *aste, uint16_t index,
		   enum authority kind)
{
	uint64_t table = ASTE_AUTHORITY_TABLE(be32_get(aste->words[0]));
	uint8_t pairs;
	int rc;

	/* the length is in units of 4 bytes, less one: 16 authorisations each */
	if (index / 16U > ASTE_AUTHORITY_LENGTH(be32_get(aste->words[1])))
		return 1;
	rc = read_real(storage, table + index / 4U, &pairs, sizeof(pairs));
	if (rc)
		return rc;
	return pairs & ((unsigned int)kind >> (index & 3) * 2) ? 0 : 1;
}
