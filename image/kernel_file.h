/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels as files: raw images as Linux builds them, or s390x ELF executables. */
#ifndef IMAGE_KERNEL_FILE_H
#define IMAGE_KERNEL_FILE_H

#include <stdbool.h>

#include "image/file_io.h"

/** KERNEL_ADDR - a kernel's first used byte; in a raw image offset = address, so 64 KiB before */
#define KERNEL_ADDR 0x10000UL

/** KERNEL_CMDLINE_DEFAULT - bytes for a command line if the kernel states no number */
#define KERNEL_CMDLINE_DEFAULT 896UL

/** struct kernel_file - a kernel as a raw image */
struct kernel_file {
	struct file_data raw;
	uint64_t entry;
	bool from_elf;
};

/**
 * kernel_file_load() - read a kernel; ELF executables are laid out as a raw image
 *
 * An executable's segments go to their physical addresses, which must be 0x10000 or above, and
 * its entry point becomes the kernel's.
 *
 * Return: 0 or -errno with @err set.
 */
int kernel_file_load(const char *path, struct kernel_file *out, struct image_error *err);

void kernel_file_free(struct kernel_file *k);

/** kernel_has_parameter_area() - does it say "S390EP", so that a loader may fill in parameters? */
bool kernel_has_parameter_area(const struct kernel_file *k);

/** kernel_cmdline_max() - bytes a command line may have, with the NUL at its end */
uint64_t kernel_cmdline_max(const struct kernel_file *k);

#endif
