/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address-space numbers: from a number to its ASN-second-table entry, and who may use it. */
#ifndef SIE_ASN_H
#define SIE_ASN_H

#include <stdbool.h>
#include <stdint.h>

#include "protvirt/be.h"

#define PGM_AFX_TRANSLATION     0x20
#define PGM_ASX_TRANSLATION     0x21
#define PGM_PRIMARY_AUTHORITY   0x24
#define PGM_SECONDARY_AUTHORITY 0x25

/** ASTE_WORDS - words of an ASN-second-table entry that are looked at here */
#define ASTE_WORDS 7

/** ASN_READ_FAILED - what the functions return if the reader did not return 0 */
#define ASN_READ_FAILED (-1)

/**
 * struct asn_storage - guest real storage
 * @read: read @len bytes without keys. Return: 0, or anything for @failure
 * @arg: its first argument
 * @failure: what @read returned, if it was not 0
 */
struct asn_storage {
	int (*read)(void *arg, uint64_t real, void *buf, unsigned int len);
	void *arg;
	int failure;
};

/**
 * struct aste - an ASN-second-table entry
 * @origin: its real address
 * @words: its first words
 */
struct aste {
	uint32_t origin;
	be32_t words[ASTE_WORDS];
};

static inline bool aste_invalid(const struct aste *aste)
{
	return be32_get(aste->words[0]) & 0x80000000U;
}

static inline uint16_t aste_authorisation_index(const struct aste *aste)
{
	return (uint16_t)(be32_get(aste->words[1]) >> 16);
}

static inline uint64_t aste_asce(const struct aste *aste)
{
	return (uint64_t)be32_get(aste->words[2]) << 32 | be32_get(aste->words[3]);
}

/* The subsystem-linkage control in the linkage-table designation */
static inline bool aste_links_subsystems(const struct aste *aste)
{
	return be32_get(aste->words[6]) & 0x80000000U;
}

static inline uint32_t aste_sequence(const struct aste *aste)
{
	return be32_get(aste->words[5]);
}

/**
 * aste_read() - fetch the entry at a real address
 * Return: 0 or ASN_READ_FAILED.
 */
int aste_read(struct asn_storage *storage, uint32_t origin, struct aste *aste);

/**
 * asn_translate() - from an address-space number to its entry, by way of the two tables
 * @cr14: control register 14, whose bits 45-63 designate the first table
 *
 * Return: 0; > 0: program interruption code; ASN_READ_FAILED.
 */
int asn_translate(struct asn_storage *storage, uint64_t cr14, uint16_t asn, struct aste *aste);

/** enum authority - the bits of an entry in an authority table */
enum authority {
	AUTHORITY_PRIMARY = 0x80,
	AUTHORITY_SECONDARY = 0x40,
};

/**
 * aste_authority() - does the entry's authority table let @index use its space?
 * @index: authorisation index, or an extended one
 * @kind: as which
 *
 * Return: 0; 1: no; ASN_READ_FAILED.
 */
int aste_authority(struct asn_storage *storage, const struct aste *aste, uint16_t index,
		   enum authority kind);

#endif
