/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening an SE header: plain checks, key slot, encrypted area. */
#include <string.h>

#include <openssl/crypto.h>

#include "crypto/se_format.h"
#include "protvirt/uv.h"
#include "uv/sehdr.h"

#define SLOT_SIZE  sizeof(struct se_key_slot)
#define FIXED_SIZE sizeof(struct se_hdr_fixed)
#define AREA_SIZE  sizeof(struct se_hdr_encrypted)

#define ANSWER(rc_, rrc_) ((struct uv_sehdr_answer){(rc_), (rrc_)})
#define OK                ANSWER(UVC_RC_EXECUTED, 0)
#define BAD_VERSION       ANSWER(0x104, 0x0001)
#define BAD_MAGIC         ANSWER(0x105, 0)
#define BAD_PCF           ANSWER(0x106, 0x0030)
#define BAD_TAG           ANSWER(0x107, 0)
#define NO_SLOT           ANSWER(0x108, 0x0005)
#define BAD_CUSTOMER_KEY  ANSWER(0x108, 0x000b)
#define BAD_SCF           ANSWER(0x109, 0)
#define BAD_LENGTH        ANSWER(0x10a, 0x0031)
#define BAD_AREA          ANSWER(0x10a, 0x0039)
#define NO_SLOTS          ANSWER(0x10a, 0x0040)

static bool answer_ok(struct uv_sehdr_answer a)
{
	return a.rc == UVC_RC_EXECUTED;
}

/* The sum of the parts must be the whole; nks and sea are 64 bits wide and the caller's. */
static struct uv_sehdr_answer check_sizes(const struct se_hdr_fixed *fixed, size_t len)
{
	uint64_t nks = be64_get(fixed->nks);
	uint64_t sea = be64_get(fixed->sea);
	size_t room = len - FIXED_SIZE - SE_TAG_LEN;

	if (be32_get(fixed->phs) != len || len > SE_HDR_MAX_SIZE)
		return BAD_LENGTH;
	if (!nks)
		return NO_SLOTS;
	if (sea < AREA_SIZE || sea % 16 || sea > room)
		return BAD_AREA;
	if (nks > room / SLOT_SIZE || nks * SLOT_SIZE != room - sea)
		return BAD_LENGTH;
	return OK;
}

static struct uv_sehdr_answer check_plain(const void *hdr, size_t len)
{
	const struct se_hdr_fixed *fixed = hdr;
	struct uv_sehdr_answer a;

	if (len < FIXED_SIZE + SLOT_SIZE + AREA_SIZE + SE_TAG_LEN)
		return BAD_LENGTH;
	if (be64_get(fixed->magic) != SE_HDR_MAGIC)
		return BAD_MAGIC;
	if (be32_get(fixed->version) != SE_HDR_VERSION)
		return BAD_VERSION;
	a = check_sizes(fixed, len);
	if (!answer_ok(a))
		return a;
	if (be64_get(fixed->pcf) & ~SE_PCF_SUPPORTED)
		return BAD_PCF;
	return OK;
}

static const struct se_key_slot *find_slot(const struct uv_host_key *host, const uint8_t *hdr)
{
	const struct se_hdr_fixed *fixed = (const void *)hdr;
	const struct se_key_slot *slot = (const void *)(hdr + FIXED_SIZE);

	if (!host->key)
		return NULL;
	for (uint64_t n = be64_get(fixed->nks); n; n--, slot++) {
		if (!memcmp(slot->phkh, host->phkh, SE_HASH_LEN))
			return slot;
	}
	return NULL;
}

static struct uv_sehdr_answer unwrap_key(const struct uv_host_key *host, const uint8_t *hdr,
					 uint8_t key[SE_KEY_LEN])
{
	static const uint8_t zero_iv[SE_IV_LEN];
	const struct se_hdr_fixed *fixed = (const void *)hdr;
	const struct se_key_slot *slot = find_slot(host, hdr);
	uint8_t kek[SE_KEY_LEN];
	EVP_PKEY *customer;
	int ret;

	if (!slot)
		return NO_SLOT;
	customer = seal_public_key(fixed->cust_pub_key);
	if (!customer)
		return BAD_CUSTOMER_KEY;
	ret = seal_kek(host->key, customer, kek);
	EVP_PKEY_free(customer);
	if (ret)
		return BAD_CUSTOMER_KEY;
	ret = seal_gcm_decrypt(kek, zero_iv, NULL, 0, slot->wrapped, SE_KEY_LEN, key, slot->tag);
	OPENSSL_cleanse(kek, sizeof(kek));
	return ret ? BAD_TAG : OK;
}

static void keep(struct uv_image *image, const struct uv_host_key *host,
		 const struct se_hdr_fixed *fixed, const struct se_hdr_encrypted *area,
		 const uint8_t *tag)
{
	memcpy(image->cck, area->cck, sizeof(image->cck));
	memcpy(image->xts, area->xts, sizeof(image->xts));
	image->psw.mask = be64_get(area->psw_mask);
	image->psw.addr = be64_get(area->psw_addr);
	image->scf = be64_get(area->scf);
	image->pcf = be64_get(fixed->pcf);
	image->nep = be64_get(fixed->nep);
	memcpy(image->pld, fixed->pld, sizeof(image->pld));
	memcpy(image->ald, fixed->ald, sizeof(image->ald));
	memcpy(image->tld, fixed->tld, sizeof(image->tld));
	memcpy(image->tag, tag, sizeof(image->tag));
	memcpy(image->phkh, host->phkh, sizeof(image->phkh));
}

static struct uv_sehdr_answer open_area(const struct uv_host_key *host, const uint8_t *hdr,
					size_t len, const uint8_t key[SE_KEY_LEN],
					struct uv_image *image)
{
	const struct se_hdr_fixed *fixed = (const void *)hdr;
	const uint8_t *tag = hdr + len - SE_TAG_LEN;
	size_t sea = be64_get(fixed->sea);
	size_t aad_len = len - SE_TAG_LEN - sea;
	uint8_t plain[SE_HDR_MAX_SIZE];
	const struct se_hdr_encrypted *area = (const void *)plain;
	struct uv_sehdr_answer a = OK;

	if (seal_gcm_decrypt(key, fixed->iv, hdr, aad_len, hdr + aad_len, sea, plain, tag))
		a = BAD_TAG;
	else if (be32_get(area->noi))
		a = BAD_AREA;
	else if (be64_get(area->scf) & ~SE_SCF_SUPPORTED)
		a = BAD_SCF;
	else
		keep(image, host, fixed, area, tag);
	OPENSSL_cleanse(plain, sea);
	return a;
}

struct uv_sehdr_answer uv_sehdr_open(const struct uv_host_key *host, const void *hdr, size_t len,
				     struct uv_image *image)
{
	uint8_t key[SE_KEY_LEN];
	struct uv_sehdr_answer a = check_plain(hdr, len);

	memset(image, 0, sizeof(*image));
	if (!answer_ok(a))
		return a;
	a = unwrap_key(host, hdr, key);
	if (answer_ok(a))
		a = open_area(host, hdr, len, key, image);
	OPENSSL_cleanse(key, sizeof(key));
	return a;
}
