/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading an image or a bare SE header back, and checking all that can be checked. */
#ifndef IMAGE_IMAGE_INFO_H
#define IMAGE_IMAGE_INFO_H

#include <stdbool.h>

#include "crypto/se_format.h"
#include "image/boot_loaders.h"
#include "image/error.h"
#include "image/file_io.h"

/** struct image_view - where the parts of a file are; pointers into the file's bytes */
struct image_view {
	const struct file_data *file;
	size_t hdr_offset;
	const struct se_hdr_fixed *hdr;
	size_t ipib_offset;
	const struct pv_ipib *ipib; /* NULL: a bare header, or nothing describes the components */
	bool own_loader; /* the clear loader is that of this program; nothing else protects it */
};

/**
 * image_open() - find header and IPL parameter block in a file
 * @file: an image of this tool, genprotimg or pvimg, or a header alone
 *
 * Return: 0, or -EINVAL with @err set if there is no header, or one that no machine could read.
 */
int image_open(const struct file_data *file, struct image_view *view, struct image_error *err);

/** typedef image_problem_fn - takes one line about something wrong */
typedef void (*image_problem_fn)(void *arg, const char *line);

/**
 * image_check() - everything that needs no key: layout, components, the four values of VERIFY
 * Return: number of problems, each of which @report was told.
 */
unsigned int image_check(const struct image_view *view, image_problem_fn report, void *arg);

/**
 * image_stage3b_arguments() - decrypt the arguments at the end of the last component
 * @view: of an image with which image_check() found nothing wrong
 * @xts: the image key, 64 bytes
 *
 * Return: 0, -ENOENT if they are not to be found (foreign loader or wrong key), -ENOMEM, -EINVAL.
 */
int image_stage3b_arguments(const struct image_view *view, const uint8_t *xts,
			    struct stage3b_arguments *out);

#endif
