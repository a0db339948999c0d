/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image of the life-cycle tests: one component without a loader, started at its first page. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "crypto/seal.h"
#include "image/se_header.h"
#include "image/se_image.h"
#include "storage/types.h"
#include "tests/life/life.h"

/* The program of guest.S, embedded by the build. */
extern const unsigned char guest_bin[];
extern const size_t guest_bin_len;

#define TWEAK_PREFIX   0x0000c0ffee123456UL
#define PSW_MASK_64BIT 0x0000000180000000UL

static int random_keys(struct se_header_content *c)
{
	if (RAND_bytes(c->hdr_key, sizeof(c->hdr_key)) != 1 ||
	    RAND_bytes(c->iv, sizeof(c->iv)) != 1 ||
	    RAND_bytes((uint8_t *)&c->area, sizeof(c->area)) != 1)
		return -EIO;
	c->area.psw_mask = be64_make(PSW_MASK_64BIT);
	c->area.psw_addr = be64_make(LIFE_GUEST_ADDR);
	c->area.scf = be64_make(0);
	c->area.noi = be32_make(0);
	return 0;
}

/* Encrypts the pages in place and hashes them in unpack order. */
static int seal_pages(struct life_image *image, struct se_header_content *c)
{
	struct seal_page *cipher = seal_page_new(c->area.xts);
	struct se_digester *digester = se_digester_new();
	int ret = cipher && digester ? 0 : -ENOMEM;

	for (size_t at = 0; !ret && at < image->pages_len; at += PAGE_SIZE) {
		uint8_t tweak[SE_TWEAK_LEN];

		se_tweak(be64_make(image->tweak_prefix), at, tweak);
		seal_page_encrypt(cipher, tweak, image->pages + at, image->pages + at);
		ret = se_digester_page(digester, image->pages + at, LIFE_GUEST_ADDR + at, tweak);
	}
	if (se_digester_finish(digester, &c->digests) && !ret)
		ret = -ENOMEM;
	seal_page_free(cipher);
	return ret;
}

static int build_header(struct life_image *image, struct se_header_content *c)
{
	image->header_len = se_header_size(c->num_host_keys);
	image->header = calloc(1, image->header_len);
	if (!image->header)
		return -ENOMEM;
	return se_header_build(c, image->header);
}

static int fill_pages(struct life_image *image, const void *program, size_t program_len)
{
	if (program_len > image->pages_len)
		image->pages_len = program_len;
	image->pages_len = (image->pages_len + PAGE_SIZE - 1) & PAGE_MASK;
	image->pages = calloc(1, image->pages_len);
	if (!image->pages)
		return -ENOMEM;
	memcpy(image->pages, program, program_len);
	return 0;
}

int life_image_build(struct life_image *image, const char *host_key)
{
	return life_image_build_large(image, host_key, 0);
}

int life_image_build_large(struct life_image *image, const char *host_key, size_t least_len)
{
	return life_image_build_of(image, host_key, guest_bin, guest_bin_len, least_len);
}

int life_image_build_of(struct life_image *image, const char *host_key, const void *program,
			size_t program_len, size_t least_len)
{
	EVP_PKEY *host = seal_load_private_key(host_key);
	EVP_PKEY *const keys[] = {host};
	struct se_header_content c = {
		.customer = seal_generate_key(),
		.host_keys = keys,
		.num_host_keys = 1,
		.pcf = (SE_PCF_PCKMO & 0xe0) | SE_PCF_DUMP,
	};
	int ret = host && c.customer ? random_keys(&c) : -EINVAL;

	*image = (struct life_image){.tweak_prefix = TWEAK_PREFIX, .pages_len = least_len};
	if (!ret)
		ret = fill_pages(image, program, program_len);
	if (!ret)
		ret = seal_pages(image, &c);
	memcpy(image->cck, c.area.cck, sizeof(image->cck));
	if (!ret)
		ret = build_header(image, &c);
	EVP_PKEY_free(host);
	EVP_PKEY_free(c.customer);
	if (ret)
		life_image_free(image);
	return ret;
}

void life_image_free(struct life_image *image)
{
	free(image->header);
	free(image->pages);
	*image = (struct life_image){0};
}
