/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Secure Execution image for tests, made with the keys of the published test
 * vectors; with two pages at 0x15000 it is the published image, bit for bit.
 */
#ifndef TESTS_UNIT_UV_SE_IMAGE_H
#define TESTS_UNIT_UV_SE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/se_format.h"
#include "protvirt/be.h"
#include "storage/types.h"
#include "tests/unit/uv/fixture.h"

#define SE_IMAGE_MAX_PAGES 8
#define SE_IMAGE_PREFIX    0x0028a1a2a3a4a5a6UL

/**
 * struct se_image - an image and what its header is made of
 * @pages: number of pages, one component
 * @addr: guest address of the first
 * @pcf: plaintext control flags
 * @area: plain content of the encrypted area
 * @nks: key slots; the last one is for the test machine, the others for nobody
 * @data: pages as stored
 * @pld: @ald: @tld: digests of them
 * @header: the SE header
 * @len: its length
 */
struct se_image {
	size_t pages;
	gpa_t addr;
	uint64_t pcf;
	struct se_hdr_encrypted area;
	uint64_t nks;
	uint8_t data[SE_IMAGE_MAX_PAGES][PAGE_SIZE];
	uint8_t pld[64];
	uint8_t ald[64];
	uint8_t tld[64];
	union {
		uint8_t header[SE_HDR_MAX_SIZE];
		struct se_hdr_fixed fixed;
	};
	size_t len;
};

/** se_image_plain() - byte @i of page @n before encryption */
static inline uint8_t se_image_plain(size_t n, size_t i)
{
	return (uint8_t)(7 * i + n);
}

/** se_image_make() - pages, digests and header; @pcf may switch encryption off */
void se_image_make(struct se_image *img, size_t pages, gpa_t addr, uint64_t pcf);

/** se_image_hash() - make the digests again, after pages were changed; se_image_seal() follows */
void se_image_hash(struct se_image *img);

/** se_image_seal() - make the header again, after fields were changed */
void se_image_seal(struct se_image *img);

/** se_image_load_header() - SET_SEC_CONF_PARAMS with the header. Return: rc, rrc in the upper half
 */
uint32_t se_image_load_header(struct fixture *f, const struct fx_guest *g,
			      const struct se_image *img);

/** se_image_unpack() - put page @n into ordinary storage and UNPACK_IMG it. Return: rc */
uint16_t se_image_unpack(struct fixture *f, const struct fx_guest *g, const struct se_image *img,
			 size_t n);

/** se_image_start() - all of it: header, pages, verify */
void se_image_start(struct fixture *f, const struct fx_guest *g, const struct se_image *img);

#endif
