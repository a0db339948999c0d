// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/se_header.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <openssl/crypto.h>

/* A key-encryption key is used once, so the wrapping of the header key needs no varying IV. */
static const uint8_t slot_iv[SE_IV_LEN];

static int fill_slot(const struct se_header_content *c, EVP_PKEY *host, struct se_key_slot *slot)
{
	uint8_t kek[SE_KEY_LEN];
	int rc;

	if (seal_key_hash(host, slot->phkh) || seal_kek(c->customer, host, kek))
		return -EINVAL;
	rc = seal_gcm_encrypt(kek, slot_iv, NULL, 0, c->hdr_key, SE_KEY_LEN, slot->wrapped,
			      slot->tag);
	OPENSSL_cleanse(kek, sizeof(kek));
	return rc;
}

static int fill_fixed(const struct se_header_content *c, struct se_hdr_fixed *hdr)
{
	*hdr = (struct se_hdr_fixed){
		.magic = be64_make(SE_HDR_MAGIC),
		.version = be32_make(SE_HDR_VERSION),
		.phs = be32_make((uint32_t)se_header_size(c->num_host_keys)),
		.nks = be64_make(c->num_host_keys),
		.sea = be64_make(sizeof(struct se_hdr_encrypted)),
		.nep = be64_make(c->digests.nep),
		.pcf = be64_make(c->pcf),
	};
	memcpy(hdr->iv, c->iv, sizeof(hdr->iv));
	memcpy(hdr->pld, c->digests.pld, sizeof(hdr->pld));
	memcpy(hdr->ald, c->digests.ald, sizeof(hdr->ald));
	memcpy(hdr->tld, c->digests.tld, sizeof(hdr->tld));
	return seal_public_coordinates(c->customer, hdr->cust_pub_key);
}

int se_header_build(const struct se_header_content *c, void *out)
{
	struct se_hdr_fixed *hdr = out;
	struct se_key_slot *slots = (struct se_key_slot *)(hdr + 1);
	size_t aad_len = sizeof(*hdr) + c->num_host_keys * sizeof(*slots);
	uint8_t *area = (uint8_t *)out + aad_len;

	if (!c->num_host_keys || c->num_host_keys > SE_HEADER_MAX_SLOTS || fill_fixed(c, hdr))
		return -EINVAL;
	for (size_t i = 0; i < c->num_host_keys; i++) {
		int rc = fill_slot(c, c->host_keys[i], &slots[i]);

		if (rc)
			return rc;
	}
	return seal_gcm_encrypt(c->hdr_key, c->iv, out, aad_len, &c->area, sizeof(c->area), area,
				area + sizeof(c->area));
}

static int check_sizes(const struct se_hdr_fixed *hdr, size_t len, struct image_error *err)
{
	uint64_t phs = be32_get(hdr->phs), nks = be64_get(hdr->nks), sea = be64_get(hdr->sea);

	if (phs > SE_HDR_MAX_SIZE || phs < se_header_size(1))
		return image_fail(err, -EINVAL, "header size %" PRIu64 ", valid is %zu to %u", phs,
				  se_header_size(1), SE_HDR_MAX_SIZE);
	if (phs > len)
		return image_fail(err, -EINVAL,
				  "header size %" PRIu64
				  ", but the file ends after %zu bytes of it",
				  phs, len);
	if (!nks || nks > SE_HEADER_MAX_SLOTS)
		return image_fail(err, -EINVAL, "%" PRIu64 " key slots, valid is 1 to %zu", nks,
				  SE_HEADER_MAX_SLOTS);
	if (sea < sizeof(struct se_hdr_encrypted) || sea % 16 || sea > phs)
		return image_fail(err, -EINVAL,
				  "encrypted area of %" PRIu64
				  " bytes, valid are multiples of 16 from %zu",
				  sea, sizeof(struct se_hdr_encrypted));
	if (sizeof(*hdr) + nks * sizeof(struct se_key_slot) + sea + SE_TAG_LEN != phs)
		return image_fail(err, -EINVAL,
				  "header size %" PRIu64 " does not fit %" PRIu64
				  " key slots and an encrypted area of %" PRIu64,
				  phs, nks, sea);
	return 0;
}

int se_header_check(const void *data, size_t len, struct image_error *err)
{
	const struct se_hdr_fixed *hdr = data;
	EVP_PKEY *customer;

	if (len < sizeof(*hdr))
		return image_fail(err, -EINVAL, "header cut off after %zu bytes", len);
	if (be64_get(hdr->magic) != SE_HDR_MAGIC)
		return image_fail(err, -EINVAL, "no header: it starts with \"IBMSecEx\"");
	if (be32_get(hdr->version) != SE_HDR_VERSION)
		return image_fail(err, -EINVAL, "header version 0x%x, valid is 0x%x",
				  be32_get(hdr->version), SE_HDR_VERSION);
	if (check_sizes(hdr, len, err))
		return -EINVAL;
	if (be64_get(hdr->pcf) & ~SE_PCF_SUPPORTED)
		return image_fail(err, -EINVAL,
				  "plaintext control flags 0x%" PRIx64 ", valid are bits of 0x%lx",
				  be64_get(hdr->pcf), SE_PCF_SUPPORTED);
	customer = seal_public_key(hdr->cust_pub_key);
	if (!customer)
		return image_fail(err, -EINVAL, "customer public key is not a point of secp521r1");
	EVP_PKEY_free(customer);
	return 0;
}

const struct se_key_slot *se_header_slots(const void *hdr)
{
	return (const struct se_key_slot *)((const struct se_hdr_fixed *)hdr + 1);
}

const uint8_t *se_header_tag(const void *hdr)
{
	return (const uint8_t *)hdr + be32_get(((const struct se_hdr_fixed *)hdr)->phs) -
	       SE_TAG_LEN;
}

const struct se_key_slot *se_header_find_slot(const void *hdr, const uint8_t phkh[SE_HASH_LEN])
{
	const struct se_key_slot *slots = se_header_slots(hdr);
	uint64_t nks = be64_get(((const struct se_hdr_fixed *)hdr)->nks);

	for (uint64_t i = 0; i < nks; i++) {
		if (!CRYPTO_memcmp(slots[i].phkh, phkh, SE_HASH_LEN))
			return &slots[i];
	}
	return NULL;
}

int se_header_unwrap(const void *hdr, EVP_PKEY *host, uint8_t hdr_key[SE_KEY_LEN])
{
	const struct se_key_slot *slot;
	uint8_t phkh[SE_HASH_LEN], kek[SE_KEY_LEN];
	EVP_PKEY *customer;
	int rc;

	if (seal_key_hash(host, phkh))
		return -EINVAL;
	slot = se_header_find_slot(hdr, phkh);
	if (!slot)
		return -ENOKEY;
	customer = seal_public_key(((const struct se_hdr_fixed *)hdr)->cust_pub_key);
	if (!customer)
		return -EINVAL;
	rc = seal_kek(host, customer, kek);
	EVP_PKEY_free(customer);
	if (!rc)
		rc = seal_gcm_decrypt(kek, slot_iv, NULL, 0, slot->wrapped, SE_KEY_LEN, hdr_key,
				      slot->tag);
	OPENSSL_cleanse(kek, sizeof(kek));
	return rc;
}

int se_header_decrypt(const void *hdr, const uint8_t hdr_key[SE_KEY_LEN],
		      struct se_hdr_encrypted *area)
{
	const struct se_hdr_fixed *fixed = hdr;
	size_t sea = be64_get(fixed->sea), aad_len = be32_get(fixed->phs) - sea - SE_TAG_LEN;
	uint8_t plain[SE_HDR_MAX_SIZE];
	int rc = seal_gcm_decrypt(hdr_key, fixed->iv, hdr, aad_len, (const uint8_t *)hdr + aad_len,
				  sea, plain, se_header_tag(hdr));

	if (!rc)
		memcpy(area, plain, sizeof(*area));
	OPENSSL_cleanse(plain, sizeof(plain));
	return rc;
}
