/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening an SE header with the host's private key. */
#ifndef UV_SEHDR_H
#define UV_SEHDR_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/seal.h"
#include "uv/cpu_state.h"

/**
 * struct uv_image - what the Ultravisor keeps of an SE header; lies in donated storage
 * @cck: customer communication key
 * @xts: image keys, data key first
 * @psw: state of the first CPU after verify
 * @scf: secret control flags
 * @pcf: plaintext control flags
 * @nep: number of pages that have to be unpacked
 * @pld: page list digest that they must have
 * @ald: address list digest
 * @tld: tweak list digest
 * @tag: of the header; it identifies the image
 * @phkh: host key hash of the slot used
 */
struct uv_image {
	uint8_t cck[SE_KEY_LEN];
	uint8_t xts[SE_XTS_KEY_LEN];
	struct psw psw;
	uint64_t scf;
	uint64_t pcf;
	uint64_t nep;
	uint8_t pld[64];
	uint8_t ald[64];
	uint8_t tld[64];
	uint8_t tag[SE_TAG_LEN];
	uint8_t phkh[SE_HASH_LEN];
};

/** struct uv_host_key - the machine's key pair, once loaded */
struct uv_host_key {
	EVP_PKEY *key; /* NULL: none, no header has a slot for this machine */
	uint8_t phkh[SE_HASH_LEN];
};

/**
 * struct uv_sehdr_answer - response code and reason; rc 1: opened
 */
struct uv_sehdr_answer {
	uint16_t rc;
	uint16_t rrc;
};

/**
 * uv_sehdr_open() - check and decrypt a header
 * @host: the machine's key
 * @hdr: private copy of the header
 * @len: its length in bytes as the caller of SET_SEC_CONF_PARAMS gave it
 * @image: filled in if opened, else zeroed
 *
 * The checks stand in the order of secure-execution formats 2.5; codes in ultravisor.md 2.10.
 */
struct uv_sehdr_answer uv_sehdr_open(const struct uv_host_key *host, const void *hdr, size_t len,
				     struct uv_image *image);

#endif
