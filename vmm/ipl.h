/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading: from a file into the guest's storage, and where to start. */
#ifndef VMM_IPL_H
#define VMM_IPL_H

#include <stdbool.h>

#include "image/kernel_file.h"
#include "vmm/vm.h"

/**
 * struct boot_image - what each boot of the VM begins with
 * @kernel: the file as it lies in storage from address 0
 * @start: where the first CPU starts
 * @is_protected: an SE image; its parameters are inside of it
 * @parameters: command line, "" for none
 * @initrd: initial ramdisk, of length 0 if there is none
 * @initrd_addr: where it lies in storage
 */
struct boot_image {
	struct kernel_file kernel;
	uint64_t start;
	bool is_protected;
	const char *parameters;
	struct file_data initrd;
	uint64_t initrd_addr;
};

/**
 * boot_image_read() - read and check an image
 * @parameters: command line, or NULL
 * @initrd: file of the initial ramdisk, or NULL
 *
 * Return: 0, or -errno with @err set.
 */
int boot_image_read(const char *path, const char *parameters, const char *initrd,
		    struct boot_image *image, struct image_error *err);

/** boot_image_end() - absolute address behind all that is loaded */
uint64_t boot_image_end(const struct boot_image *image);

void boot_image_free(struct boot_image *image);

/**
 * ipl_load() - put vm->image into storage and start CPU 0 at it; all others are stopped
 * @clear: clear all other storage, as load clear does
 *
 * Return: 0 or -errno.
 * Context: manager, CPUs paused.
 */
int ipl_load(struct vm *vm, bool clear);

#endif
