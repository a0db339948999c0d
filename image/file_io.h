/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files in and out of memory. */
#ifndef IMAGE_FILE_IO_H
#define IMAGE_FILE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "image/error.h"

/** FILE_IO_MAX - largest input file; a guest below 2 GiB could not hold more */
#define FILE_IO_MAX (1UL << 30)

/** struct file_data - content of a file; the bytes are on the heap and wiped when freed */
struct file_data {
	uint8_t *bytes;
	size_t len;
};

/** file_read() - read @path completely. Return: 0 or -errno with @err set */
int file_read(const char *path, struct file_data *out, struct image_error *err);

/** file_read_exact() - the same for a key file of @len bytes */
int file_read_exact(const char *path, void *out, size_t len, struct image_error *err);

void file_free(struct file_data *f);

/**
 * file_write() - create @path with the given content, all of it or nothing
 * @mode: permissions of the new file
 * @overwrite: replace an existing file; otherwise it is an error
 *
 * Return: 0, -EEXIST, or another -errno, with @err set and nothing left behind.
 */
int file_write(const char *path, const void *bytes, size_t len, mode_t mode, bool overwrite,
	       struct image_error *err);

#endif
