/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SET_SEC_CONF_PARAMS, UNPACK_IMG, VERIFY_IMG: from the SE header to a guest that may run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "crypto/se_format.h"
#include "storage/frame.h"
#include "uv/alloc.h"
#include "uv/call.h"
#include "uv/host_space.h"
#include "uv/unpack.h"

#define IMAGE_WRONG_STATE  0x101
#define SSC_NO_ACCESS      0x103
#define SSC_BAD_AREA       0x10a
#define SSC_BAD_AREA_RRC   0x0039
#define SSC_NO_MEMORY      0x10e
#define VERIFY_DIFFERS     0x102
#define VERIFY_NO_MEMORY   0x10e
#define VERIFY_RRC_ALD     0x001a
#define VERIFY_RRC_PLD     0x001b
#define VERIFY_RRC_TLD     0x001c
#define VERIFY_RRC_PAGES   0x001d
#define UNPACK_BAD_ADDRESS UV_PAGE_BAD_ADDRESS

void uv_unpack_free(struct uv_unpack *u)
{
	if (!u)
		return;
	uv_pages_punch(&u->unpacked);
	image_digest_free(u->digest);
	seal_page_free(u->cipher);
	free(u);
}

/*
 * new_unpack() - digests and cipher for an image
 * Return: NULL with errno: ENOMEM, or EINVAL: not a usable XTS key.
 */
static struct uv_unpack *new_unpack(const struct uv_image *image)
{
	struct uv_unpack *u = uv_zalloc(sizeof(*u));
	int error = ENOMEM;

	if (!u)
		return NULL;
	u->digest = image_digest_new();
	if (!u->digest)
		goto free_unpack;
	if (image->pcf & SE_PCF_NO_DECRYPT)
		return u;
	u->cipher = seal_page_new(image->xts);
	if (u->cipher)
		return u;
	error = errno;
free_unpack:
	uv_unpack_free(u);
	errno = error;
	return NULL;
}

/* ---- SET_SEC_CONF_PARAMS ---- */

/* The header is the caller's memory: it is copied once, and the copy is what is checked. */
static struct uv_answer copy_and_open(const struct uv_call *c, uint64_t origin, uint32_t len,
				      struct uv_image *image)
{
	be64_t copy[SE_HDR_MAX_SIZE / sizeof(be64_t)] = {0};
	size_t most = len < sizeof(copy) ? len : sizeof(copy);
	struct uv_sehdr_answer opened;

	if (!uv_host_read(c, origin, copy, most) ||
	    !uv_host_accessible(c, origin + most, len - most))
		return uv_error(SSC_NO_ACCESS, 0);
	opened = uv_sehdr_open(&c->uv->host_key, copy, len, image);
	return opened.rc == UVC_RC_EXECUTED ? uv_done() : uv_error(opened.rc, opened.rrc);
}

struct uv_answer uv_set_image_params(struct uv_call *call)
{
	const struct uv_cb_ssc *u = &call->block.ssc;
	struct uv_config *c = call->config;
	struct uv_image *image = &c->base->image;
	struct uv_answer a;

	if (c->image_state != UV_IMAGE_NONE)
		return uv_error(IMAGE_WRONG_STATE, 0);
	a = copy_and_open(call, be64_get(u->sec_header_origin), be32_get(u->sec_header_len), image);
	if (a.cc)
		return a;
	c->unpack = new_unpack(image);
	if (!c->unpack) {
		a = errno == EINVAL ? uv_error(SSC_BAD_AREA, SSC_BAD_AREA_RRC)
				    : uv_error(SSC_NO_MEMORY, 0);
		OPENSSL_cleanse(image, sizeof(*image));
		return a;
	}
	c->image_state = UV_IMAGE_HEADER;
	return a;
}

/* ---- UNPACK_IMG ---- */

/** struct page_in - @gaddr: without the storage origin, as the image tool hashed it */
struct page_in {
	struct uv_unpack *unpack;
	uint8_t *image;
	be64_t gaddr;
	be64_t tweak[2];
};

/*
 * The host may store to the page all the time: it is read once, and what was read is both hashed
 * and decrypted. Nothing can fail, so a page that has to be tried again is not hashed twice.
 */
static uint16_t take_page_in(void *arg, const struct frame *frame)
{
	struct page_in *in = arg;
	struct uv_unpack *u = in->unpack;

	frame_read_ordinary(frame, in->image);
	image_digest_add(u->digest, in->gaddr, in->tweak);
	if (u->cipher)
		seal_page_decrypt(u->cipher, (const uint8_t *)in->tweak, in->image,
				  frame_secure(frame));
	else
		memcpy(frame_secure(frame), in->image, PAGE_SIZE);
	return UV_PAGE_OK;
}

struct uv_answer uv_unpack_page(struct uv_call *call)
{
	const struct uv_cb_unp *u = &call->block.unp;
	struct uv_config *c = call->config;
	gpa_t gaddr = be64_get(u->gaddr);
	struct page_in in = {c->unpack, NULL, u->gaddr, {u->tweak[0], u->tweak[1]}};
	uint16_t rc;

	if (c->image_state != UV_IMAGE_HEADER)
		return uv_error(IMAGE_WRONG_STATE, 0);
	if (gaddr >= c->owner->msl)
		return uv_error(UNPACK_BAD_ADDRESS, 0);
	in.image = image_digest_page(c->unpack->digest); /* may wait: not with the frame locked */
	rc = uv_page_unpack(&c->uv->pages, c->owner, c->owner->mso + gaddr, take_page_in, &in,
			    &c->unpack->unpacked);
	if (rc == UV_PAGE_OK)
		c->base->pages++;
	return uv_answer_rc(rc);
}

void uv_unpack_settle(struct uv *uv, uint64_t handle)
{
	struct uv_object *o = uv_handle_find(uv_handles(uv), handle, UV_HANDLE_CONFIG);
	struct uv_config *c;

	if (!o)
		return;
	c = uv_config_of(o);
	pthread_rwlock_wrlock(&c->lock);
	if (c->unpack)
		uv_pages_punch(&c->unpack->unpacked);
	pthread_rwlock_unlock(&c->lock);
	uv_object_put(o);
}

/* ---- VERIFY_IMG ---- */

static bool differs(const uint8_t digest[IMAGE_DIGEST_LEN],
		    const uint8_t expected[IMAGE_DIGEST_LEN])
{
	return CRYPTO_memcmp(digest, expected, IMAGE_DIGEST_LEN) != 0;
}

static struct uv_answer compare(const struct uv_config *c)
{
	const struct uv_image *image = &c->base->image;
	struct image_digests is;

	if (c->base->pages != image->nep)
		return uv_error(VERIFY_DIFFERS, VERIFY_RRC_PAGES);
	if (image_digest_get(c->unpack->digest, &is))
		return uv_error(VERIFY_NO_MEMORY, 0);
	if (differs(is.pld, image->pld))
		return uv_error(VERIFY_DIFFERS, VERIFY_RRC_PLD);
	if (differs(is.ald, image->ald))
		return uv_error(VERIFY_DIFFERS, VERIFY_RRC_ALD);
	if (differs(is.tld, image->tld))
		return uv_error(VERIFY_DIFFERS, VERIFY_RRC_TLD);
	return uv_done();
}

struct uv_answer uv_verify_image(struct uv_call *call)
{
	struct uv_config *c = call->config;
	struct uv_answer a;

	if (c->image_state != UV_IMAGE_HEADER)
		return uv_error(IMAGE_WRONG_STATE, 0);
	a = compare(c);
	if (a.cc)
		return a;
	uv_unpack_free(c->unpack);
	c->unpack = NULL;
	/* nobody needs the image keys any more */
	OPENSSL_cleanse(c->base->image.xts, sizeof(c->base->image.xts));
	c->image_state = UV_IMAGE_VERIFIED;
	return a;
}
