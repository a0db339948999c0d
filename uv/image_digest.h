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

/** image_digest_new() - Return: digests of nothing so far, or NULL: no memory */
struct image_digest *image_digest_new(void);

/** image_digest_free() - NULL is allowed. Context: waits for the pages that are being hashed */
void image_digest_free(struct image_digest *d);

/**
 * image_digest_page() - where the next page is to be put, before image_digest_add()
 *
 * Return: room for a page. After image_digest_add() it may still be read until this is called
 * again. Context: one caller at a time, as all that follow; may wait for the thread.
 */
uint8_t *image_digest_page(struct image_digest *d);

/**
 * image_digest_add() - take what was put at image_digest_page() in: the page as it is stored,
 * encrypted
 * @gaddr: guest absolute address
 * @tweak: its two doublewords
 *
 * Cannot fail.
 */
void image_digest_add(struct image_digest *d, be64_t gaddr, const be64_t tweak[2]);

/**
 * image_digest_get() - digests of all pages so far; more may come afterwards
 *
 * Return: 0, or -ENOMEM. Context: waits until all of them are hashed.
 */
int image_digest_get(struct image_digest *d, struct image_digests *result)
	__attribute__((warn_unused_result));

#endif
