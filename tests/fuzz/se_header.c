/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SE headers: what the Ultravisor opens (uv/sehdr.c), and what the image tool
 * says of the same bytes (image/se_header.c). Neither may be ahead of the other:
 * a header that a machine opens is one that the tool shows.
 *
 * An input's first byte says what the rest is. Even: the header itself. Odd: a
 * header in clear, that is sealed here as an owner of the keys would, so that
 * changes come past the tags: the fixed part, a byte with the number of key slots,
 * the encrypted area.
 */
#include <errno.h>

#include <openssl/crypto.h>

#include "crypto/seal.h"
#include "image/se_header.h"
#include "protvirt/uv.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/crypto/vector_key.h"
#include "uv/sehdr.h"

static struct uv_host_key host;
static EVP_PKEY *customer;

/* The keys of the published vectors, as in tests/unit/uv/se_image.c. */
static void make_keys(void)
{
	if (host.key)
		return;
	host.key = vector_key(VECTOR_KEY_HOST);
	customer = vector_key(VECTOR_KEY_CUSTOMER);
	fuzz_must(host.key && customer && !seal_key_hash(host.key, host.phkh));
}

static void seal_slot(struct se_key_slot *slot, const uint8_t header_key[SE_KEY_LEN])
{
	static const uint8_t zero_iv[SE_IV_LEN];
	uint8_t kek[SE_KEY_LEN];

	memcpy(slot->phkh, host.phkh, sizeof(slot->phkh));
	fuzz_must(!seal_kek(customer, host.key, kek));
	fuzz_must(!seal_gcm_encrypt(kek, zero_iv, NULL, 0, header_key, SE_KEY_LEN, slot->wrapped,
				    slot->tag));
}

/* Return: bytes of the header. What the input says of its own sizes stays as it is. */
static size_t seal_header(struct fuzz_input *in, uint8_t *out)
{
	struct se_hdr_fixed *fixed = (struct se_hdr_fixed *)out;
	struct se_key_slot *slot = (struct se_key_slot *)(fixed + 1);
	uint8_t header_key[SE_KEY_LEN], area[1024];
	size_t slots, len, aad;

	memset(header_key, 0x32, sizeof(header_key));
	fuzz_bytes(in, fixed, sizeof(*fixed));
	slots = fuzz_u8(in) % 8;
	len = fuzz_bytes(in, area, sizeof(area));
	if (fixed->cust_pub_key[0] == 0)
		fuzz_must(!seal_public_coordinates(customer, fixed->cust_pub_key));
	memset(slot, 0x77, slots * sizeof(*slot));
	if (slots)
		seal_slot(&slot[slots - 1], header_key);
	aad = sizeof(*fixed) + slots * sizeof(*slot);
	fuzz_must(!seal_gcm_encrypt(header_key, fixed->iv, out, aad, area, len, out + aad,
				    out + aad + len));
	return aad + len + SE_TAG_LEN;
}

static void open_both(const uint8_t *hdr, size_t len)
{
	struct image_error err = {0};
	struct uv_image image;
	struct uv_sehdr_answer a = uv_sehdr_open(&host, hdr, len, &image);
	struct se_hdr_encrypted area;
	uint8_t key[SE_KEY_LEN];

	fuzz_must(a.rc);
	if (se_header_check(hdr, len, &err)) {
		fuzz_must(a.rc != UVC_RC_EXECUTED && err.text[0]);
		return;
	}
	(void)se_header_find_slot(hdr, host.phkh);
	if (se_header_unwrap(hdr, host.key, key)) {
		fuzz_must(a.rc != UVC_RC_EXECUTED);
		return;
	}
	fuzz_must(!se_header_decrypt(hdr, key, &area) || a.rc != UVC_RC_EXECUTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	bool sealed = fuzz_u8(&in) & 1;
	size_t room = sealed ? 4096 : in.left;
	uint8_t *hdr;
	size_t len = room;

	if (!room)
		return 0;
	make_keys();
	/* 8-byte aligned, as both promise to be given it, and no byte longer than it says */
	hdr = malloc(room);
	fuzz_must(hdr);
	if (sealed) {
		len = seal_header(&in, hdr);
		hdr = realloc(hdr, len);
		fuzz_must(hdr);
	} else {
		fuzz_bytes(&in, hdr, len);
	}
	open_both(hdr, len);
	free(hdr);
	return 0;
}
