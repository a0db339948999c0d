// SPDX-License-Identifier: GPL-2.0-or-later
/* The digests of an image: contents, addresses and tweaks of its pages, in order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/se_image.h"

struct se_digester {
	EVP_MD_CTX *pld;
	EVP_MD_CTX *ald;
	EVP_MD_CTX *tld;
	uint64_t nep;
};

static EVP_MD_CTX *hash_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx && EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) == 1)
		return ctx;
	EVP_MD_CTX_free(ctx);
	return NULL;
}

static void digester_free(struct se_digester *d)
{
	EVP_MD_CTX_free(d->pld);
	EVP_MD_CTX_free(d->ald);
	EVP_MD_CTX_free(d->tld);
	free(d);
}

struct se_digester *se_digester_new(void)
{
	struct se_digester *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->pld = hash_new();
	d->ald = hash_new();
	d->tld = hash_new();
	if (d->pld && d->ald && d->tld)
		return d;
	digester_free(d);
	return NULL;
}

int se_digester_page(struct se_digester *d, const uint8_t *page, uint64_t addr,
		     const uint8_t tweak[SE_TWEAK_LEN])
{
	be64_t field = be64_make(addr);

	d->nep++;
	if (EVP_DigestUpdate(d->pld, page, SE_PAGE_SIZE) != 1 ||
	    EVP_DigestUpdate(d->ald, &field, sizeof(field)) != 1 ||
	    EVP_DigestUpdate(d->tld, tweak, SE_TWEAK_LEN) != 1)
		return -ENOMEM;
	return 0;
}

int se_digester_finish(struct se_digester *d, struct se_digests *out)
{
	int rc = -ENOMEM;

	if (!d)
		return rc;
	out->nep = d->nep;
	if (EVP_DigestFinal_ex(d->pld, out->pld, NULL) == 1 &&
	    EVP_DigestFinal_ex(d->ald, out->ald, NULL) == 1 &&
	    EVP_DigestFinal_ex(d->tld, out->tld, NULL) == 1)
		rc = 0;
	digester_free(d);
	return rc;
}

void se_tweak(be64_t prefix, uint64_t offset, uint8_t out[SE_TWEAK_LEN])
{
	be64_t low = be64_make(offset);

	memcpy(out, &prefix, sizeof(prefix));
	memcpy(out + sizeof(prefix), &low, sizeof(low));
}
