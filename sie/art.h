/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access-register translation, for the engine and for who interprets instructions outside. */
#ifndef SIE_ART_H
#define SIE_ART_H

#include <stdbool.h>
#include <stdint.h>

#include "sie/asn.h"

#define PGM_ALET          0x28
#define PGM_ALEN          0x29
#define PGM_ALE_SEQUENCE  0x2a
#define PGM_ASTE_VALIDITY 0x2b
#define PGM_ASTE_SEQUENCE 0x2c
#define PGM_AUTHORITY     0x2d

/** ART_READ_FAILED - what art_walk() returns if the reader did not return 0 */
#define ART_READ_FAILED ASN_READ_FAILED

/**
 * struct art - one translation
 * @cr: control registers 1 (primary), 7 (secondary), 2 (dispatchable unit), 5 (primary ASTE) and
 *      8 (authorisation), by their number
 * @storage: where the tables are
 * @asce: set to the address-space-control element
 * @fetch_only: set if the access list forbids stores
 */
struct art {
	uint64_t cr[9];
	struct asn_storage storage;
	uint64_t asce;
	bool fetch_only;
};

/**
 * art_walk() - from an access-list-entry token to a space
 * Return: 0; > 0: program interruption code; ART_READ_FAILED.
 */
int art_walk(struct art *a, uint32_t alet);

#endif
