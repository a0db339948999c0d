/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encryption of exported pages, ultravisor.md 9 rows 1 to 4: AES-256-XTS with
 * the export counter in the tweak, so that no tweak is used twice, and an
 * AES-256-GMAC tag over address, configuration and ciphertext.
 */
#ifndef UV_EXPORT_CIPHER_H
#define UV_EXPORT_CIPHER_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/types.h"

#define EXPORT_XTS_KEY_LEN 64
#define EXPORT_MAC_KEY_LEN 32
#define EXPORT_NONCE_LEN   8
#define EXPORT_TAG_LEN     16
#define EXPORT_SECRET_LEN  (EXPORT_XTS_KEY_LEN + EXPORT_MAC_KEY_LEN + EXPORT_NONCE_LEN)

struct export_cipher;

/**
 * struct export_id - what an export is bound to
 * @counter: number of the export, never used twice under one key
 * @gaddr: guest page
 * @uid: configuration
 */
struct export_id {
	uint64_t counter;
	gpa_t gaddr;
	const uint8_t *uid;
};

/**
 * export_cipher_new() - a cipher from random bytes
 * @secret: XTS key, tag key and nonce, in this order; wiped by the caller
 *
 * Return: the cipher, or NULL with errno ENOMEM or EINVAL (halves of the XTS key are equal).
 */
struct export_cipher *export_cipher_new(const uint8_t secret[EXPORT_SECRET_LEN]);

/** export_cipher_free() - wipe the keys and free; NULL is allowed */
void export_cipher_free(struct export_cipher *c);

/**
 * export_cipher_seal() - encrypt a page and make its tag
 * Return: 0 or -ENOMEM. Context: any number of threads at a time.
 */
int export_cipher_seal(struct export_cipher *c, const struct export_id *id,
		       const uint8_t in[PAGE_SIZE], uint8_t out[PAGE_SIZE],
		       uint8_t tag[EXPORT_TAG_LEN]);

/** export_cipher_open() - verify, then decrypt in place. Return: 0, -EBADMSG or -ENOMEM */
int export_cipher_open(struct export_cipher *c, const struct export_id *id, uint8_t page[PAGE_SIZE],
		       const uint8_t tag[EXPORT_TAG_LEN]);

/** export_cipher_dump_key() - what completes a dump: the XTS key and bytes 8..15 of all tweaks */
void export_cipher_dump_key(const struct export_cipher *c, uint8_t key[EXPORT_XTS_KEY_LEN],
			    uint8_t nonce[EXPORT_NONCE_LEN]);

#endif
