/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image file. It is a raw memory image: file offset = guest absolute address.
 *
 *   0x0       short PSW, the way into the clear loader
 *   0x10000   stage3a, its arguments last
 *   page      IPL parameter block
 *   page(s)   SE header
 *   pages     kernel, command line, ramdisk, stage3b: the encrypted components
 */
#ifndef IMAGE_SE_IMAGE_H
#define IMAGE_SE_IMAGE_H

#include "crypto/se_format.h"
#include "crypto/seal.h"
#include "image/file_io.h"
#include "image/kernel_file.h"
#include "image/se_header.h"

#define SE_PAGE_SIZE      4096UL
#define SE_PSW_MASK_64BIT 0x0000000180000000UL
#define SE_PCF_DEFAULT    0xe0UL

/** enum se_part - the components; the value is the index in their tweak prefixes */
enum se_part {
	SE_KERNEL,
	SE_CMDLINE,
	SE_RAMDISK,
	SE_STAGE3B,
	SE_PARTS,
};

/** struct se_image_params - what an image is made of; the keys are random where NULL */
struct se_image_params {
	const struct kernel_file *kernel;
	const struct file_data *cmdline; /* or NULL; a NUL is appended */
	const struct file_data *ramdisk; /* or NULL */
	EVP_PKEY *const *host_keys;
	size_t num_host_keys;
	const uint8_t *hdr_key; /* 32 bytes */
	const uint8_t *xts_key; /* 64 bytes, halves differ */
	const uint8_t *cck;     /* 32 bytes */
	uint64_t pcf;
	uint64_t scf;
	uint64_t start_addr; /* where stage3b goes on, 0 for the kernel's entry */
};

/**
 * se_image_build() - make an image
 * @out: the image; file_free() it
 *
 * Return: 0; -EINVAL for parameters that do not go together, -ENOMEM, -EIO without random numbers;
 * @err says which.
 */
int se_image_build(const struct se_image_params *params, struct file_data *out,
		   struct image_error *err);

/** se_tweak() - the tweak of the page at byte @offset of a component */
void se_tweak(be64_t prefix, uint64_t offset, uint8_t out[SE_TWEAK_LEN]);

/** struct se_digester - the three running hashes over an image's pages, in component order */
struct se_digester;

struct se_digester *se_digester_new(void);

/** se_digester_page() - one page as it is on disk. Return: 0 or -ENOMEM */
int se_digester_page(struct se_digester *d, const uint8_t *page, uint64_t addr,
		     const uint8_t tweak[SE_TWEAK_LEN]);

/** se_digester_finish() - the results; @d is freed, NULL is allowed. Return: 0 or -ENOMEM */
int se_digester_finish(struct se_digester *d, struct se_digests *out);

#endif
