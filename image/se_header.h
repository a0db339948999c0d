/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SE header: what a machine needs to open an image, sealed for the machines named in it. */
#ifndef IMAGE_SE_HEADER_H
#define IMAGE_SE_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/se_format.h"
#include "crypto/seal.h"
#include "image/error.h"

/** SE_HEADER_MAX_SLOTS - as many machines as fit into the largest header */
#define SE_HEADER_MAX_SLOTS                                                                        \
	((SE_HDR_MAX_SIZE - sizeof(struct se_hdr_fixed) - sizeof(struct se_hdr_encrypted) -        \
	  SE_TAG_LEN) /                                                                            \
	 sizeof(struct se_key_slot))

/** struct se_digests - what VERIFY compares: contents, addresses, tweaks, number of pages */
struct se_digests {
	uint8_t pld[64];
	uint8_t ald[64];
	uint8_t tld[64];
	uint64_t nep;
};

/** struct se_header_content - everything a header says */
struct se_header_content {
	EVP_PKEY *customer; /* a fresh key pair for every image */
	EVP_PKEY *const *host_keys;
	size_t num_host_keys;
	uint8_t hdr_key[SE_KEY_LEN];
	uint8_t iv[SE_IV_LEN];
	uint64_t pcf;
	struct se_digests digests;
	struct se_hdr_encrypted area; /* in clear */
};

/** se_header_size() - bytes of a header with @slots key slots */
static inline size_t se_header_size(size_t slots)
{
	return sizeof(struct se_hdr_fixed) + slots * sizeof(struct se_key_slot) +
	       sizeof(struct se_hdr_encrypted) + SE_TAG_LEN;
}

/**
 * se_header_build() - write a header, one key slot a host key in the order given
 * @out: se_header_size(c->num_host_keys) bytes, 8-byte aligned
 *
 * Return: 0, -EINVAL for a bad key or number of keys, -ENOMEM.
 */
int se_header_build(const struct se_header_content *c, void *out);

/**
 * se_header_check() - what can be checked without a key: magic, version, sizes, flags, point
 * @hdr: 8-byte aligned
 * @len: bytes that can be read there
 *
 * Return: 0, or -EINVAL with @err set.
 */
int se_header_check(const void *hdr, size_t len, struct image_error *err);

/** se_header_slots() - the key slots of a checked header; there are be64_get(nks) of them */
const struct se_key_slot *se_header_slots(const void *hdr);

/** se_header_tag() - the tag of a checked header; it identifies the image */
const uint8_t *se_header_tag(const void *hdr);

/** se_header_find_slot() - the slot for the host key with this hash, or NULL */
const struct se_key_slot *se_header_find_slot(const void *hdr, const uint8_t phkh[SE_HASH_LEN]);

/**
 * se_header_unwrap() - get the header key, as the machine with this private key does
 * Return: 0, -ENOKEY without a slot for it, -EINVAL for a bad customer key, -EBADMSG if the slot
 * was changed.
 */
int se_header_unwrap(const void *hdr, EVP_PKEY *host, uint8_t hdr_key[SE_KEY_LEN]);

/**
 * se_header_decrypt() - open the encrypted area of a checked header
 * Return: 0, or -EBADMSG for another key or a changed header.
 */
int se_header_decrypt(const void *hdr, const uint8_t hdr_key[SE_KEY_LEN],
		      struct se_hdr_encrypted *area);

#endif
