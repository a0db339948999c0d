/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running digests of an image that is being unpacked.
 *
 * SHA-512 takes as long as everything else that is to do for a page, and its
 * result is not asked for before VERIFY_IMG. So it runs on a thread of its own,
 * a few pages behind.
 */
#ifndef UV_IMAGE_DIGEST_H
#define UV_IMAGE_DIGEST_H

#include <stdint.h>

#include "protvirt/be.h"

#define IMAGE_DIGEST_LEN 64

struct image_digest;

/** struct image_digests - results, as in the SE header: of pages, addresses, tweaks */
struct image_digests {
	uint8_t pld[IMAGE_DIGEST_LEN];
	uint8_t ald[IMAGE_DIGEST_LEN];
	uint8_t tld[IMAGE_DIGEST_LEN];
};

/** image_digest_new() - Return: digests of nothing so far, or NULL: no memory, or no thread */
struct image_digest *image_digest_new(void);

/** image_digest_free() - NULL is allowed. Context: waits for the page that is being hashed */
void image_digest_free(struct image_digest *d);

/**
 * image_digest_add() - take one more page in
 * @page: as it is stored, encrypted; copied
 * @gaddr: guest absolute address
 * @tweak: its two doublewords
 *
 * Cannot fail. Context: one caller at a time; may wait for the thread.
 */
void image_digest_add(struct image_digest *d, const uint8_t *page, be64_t gaddr,
		      const be64_t tweak[2]);

/**
 * image_digest_get() - digests of all pages so far; more may come afterwards
 *
 * Return: 0, or -ENOMEM. Context: as image_digest_add(); waits until all of them are hashed.
 */
int image_digest_get(struct image_digest *d, struct image_digests *result)
	__attribute__((warn_unused_result));

#endif
