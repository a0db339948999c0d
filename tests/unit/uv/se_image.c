/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Secure Execution image for tests: see se_image.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "crypto/seal.h"
#include "tests/unit/crypto/vector_key.h"
#include "tests/unit/uv/se_image.h"

#define PSW_64 0x180000000UL

static void tweak_of(size_t n, be64_t tweak[2])
{
	tweak[0] = be64_make(SE_IMAGE_PREFIX);
	tweak[1] = be64_make(n * PAGE_SIZE);
}

static void digest(EVP_MD_CTX *ctx, uint8_t out[64])
{
	assert_int_equal(1, EVP_DigestFinal_ex(ctx, out, NULL));
	assert_int_equal(1, EVP_DigestInit_ex(ctx, EVP_sha512(), NULL));
}

void se_image_hash(struct se_image *img)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_int_equal(1, EVP_DigestInit_ex(ctx, EVP_sha512(), NULL));
	assert_int_equal(1, EVP_DigestUpdate(ctx, img->data, img->pages * PAGE_SIZE));
	digest(ctx, img->pld);
	for (size_t n = 0; n < img->pages; n++) {
		be64_t addr = be64_make(img->addr + n * PAGE_SIZE);

		assert_int_equal(1, EVP_DigestUpdate(ctx, &addr, sizeof(addr)));
	}
	digest(ctx, img->ald);
	for (size_t n = 0; n < img->pages; n++) {
		be64_t tweak[2];

		tweak_of(n, tweak);
		assert_int_equal(1, EVP_DigestUpdate(ctx, tweak, sizeof(tweak)));
	}
	digest(ctx, img->tld);
	EVP_MD_CTX_free(ctx);
}

static void make_pages(struct se_image *img)
{
	struct seal_page *cipher = seal_page_new(img->area.xts);

	assert_non_null(cipher);
	for (size_t n = 0; n < img->pages; n++) {
		be64_t tweak[2];

		for (size_t i = 0; i < PAGE_SIZE; i++)
			img->data[n][i] = se_image_plain(n, i);
		tweak_of(n, tweak);
		if (!(img->pcf & SE_PCF_NO_DECRYPT))
			seal_page_encrypt(cipher, (const uint8_t *)tweak, img->data[n],
					  img->data[n]);
	}
	seal_page_free(cipher);
}

static void make_slots(struct se_image *img, const uint8_t header_key[SE_KEY_LEN])
{
	struct se_key_slot *slot = (struct se_key_slot *)(img->header + sizeof(img->fixed));
	static const uint8_t zero_iv[SE_IV_LEN];
	EVP_PKEY *host = vector_key(VECTOR_KEY_HOST);
	EVP_PKEY *customer = vector_key(VECTOR_KEY_CUSTOMER);
	uint8_t kek[SE_KEY_LEN];

	assert_int_equal(0, seal_public_coordinates(customer, img->fixed.cust_pub_key));
	assert_int_equal(0, seal_kek(customer, host, kek));
	for (uint64_t n = 0; n < img->nks; n++, slot++) {
		memset(slot, 0x77, sizeof(*slot));
		if (n < img->nks - 1)
			continue;
		assert_int_equal(0, seal_key_hash(host, slot->phkh));
		assert_int_equal(0, seal_gcm_encrypt(kek, zero_iv, NULL, 0, header_key, SE_KEY_LEN,
						     slot->wrapped, slot->tag));
	}
	EVP_PKEY_free(host);
	EVP_PKEY_free(customer);
}

void se_image_seal(struct se_image *img)
{
	size_t aad = sizeof(img->fixed) + img->nks * sizeof(struct se_key_slot);
	uint8_t header_key[SE_KEY_LEN];

	memset(img->header, 0, sizeof(img->header));
	memset(header_key, 0x32, sizeof(header_key));
	img->len = aad + sizeof(img->area) + SE_TAG_LEN;
	img->fixed.magic = be64_make(SE_HDR_MAGIC);
	img->fixed.version = be32_make(SE_HDR_VERSION);
	img->fixed.phs = be32_make((uint32_t)img->len);
	memset(img->fixed.iv, 0x33, sizeof(img->fixed.iv));
	img->fixed.nks = be64_make(img->nks);
	img->fixed.sea = be64_make(sizeof(img->area));
	img->fixed.nep = be64_make(img->pages);
	img->fixed.pcf = be64_make(img->pcf);
	memcpy(img->fixed.pld, img->pld, 64);
	memcpy(img->fixed.ald, img->ald, 64);
	memcpy(img->fixed.tld, img->tld, 64);
	make_slots(img, header_key);
	assert_int_equal(0, seal_gcm_encrypt(header_key, img->fixed.iv, img->header, aad,
					     &img->area, sizeof(img->area), img->header + aad,
					     img->header + img->len - SE_TAG_LEN));
}

void se_image_make(struct se_image *img, size_t pages, gpa_t addr, uint64_t pcf)
{
	memset(img, 0, sizeof(*img));
	assert_true(pages <= SE_IMAGE_MAX_PAGES);
	img->pages = pages;
	img->addr = addr;
	img->pcf = pcf;
	img->nks = 1;
	memset(img->area.cck, 0x31, sizeof(img->area.cck));
	for (size_t i = 0; i < sizeof(img->area.xts); i++)
		img->area.xts[i] = (uint8_t)i;
	img->area.psw_mask = be64_make(PSW_64);
	img->area.psw_addr = be64_make(addr);
	make_pages(img);
	se_image_hash(img);
	se_image_seal(img);
}

/* ---- as a VMM loads it ---- */

uint32_t se_image_load_header(struct fixture *f, const struct fx_guest *g,
			      const struct se_image *img)
{
	struct uv_cb_ssc u = FX_BLOCK(uv_cb_ssc, UVC_CMD_SET_SEC_CONF_PARAMS);
	abs_t copy = storage_alloc(f->st, sizeof(img->header), PAGE_SIZE, ALLOC_PAGE);
	enum uv_cc cc;

	assert_true(copy);
	memcpy(storage_ptr(f->st, copy, sizeof(img->header)), img->header, sizeof(img->header));
	u.guest_handle = be64_make(g->handle);
	u.sec_header_origin = be64_make(copy);
	u.sec_header_len = be32_make((uint32_t)img->len);
	cc = fx_uvc(f, &u);
	assert_int_equal(cc, fx_rc(&u) != UVC_RC_EXECUTED);
	storage_free(f->st, copy);
	return (uint32_t)fx_rrc(&u) << 16 | fx_rc(&u);
}

uint16_t se_image_unpack(struct fixture *f, const struct fx_guest *g, const struct se_image *img,
			 size_t n)
{
	struct uv_cb_unp u = FX_BLOCK(uv_cb_unp, UVC_CMD_UNPACK_IMG);
	gpa_t gpa = img->addr + n * PAGE_SIZE;
	enum uv_cc cc;

	memcpy(backing_ordinary(g->b) + gpa, img->data[n], PAGE_SIZE);
	u.guest_handle = be64_make(g->handle);
	u.gaddr = be64_make(gpa);
	tweak_of(n, u.tweak);
	cc = fx_uvc(f, &u);
	assert_int_equal(cc, fx_rc(&u) != UVC_RC_EXECUTED);
	return fx_rc(&u);
}

void se_image_start(struct fixture *f, const struct fx_guest *g, const struct se_image *img)
{
	assert_int_equal(UVC_RC_EXECUTED, se_image_load_header(f, g, img));
	for (size_t n = 0; n < img->pages; n++)
		assert_int_equal(UVC_RC_EXECUTED, se_image_unpack(f, g, img, n));
	assert_int_equal(UVC_RC_EXECUTED, fx_nodata(f, UVC_CMD_VERIFY_IMG, g->handle));
}
