/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot loaders (guests/boot/) as they go into an image; the build turns them into arrays. */
#ifndef IMAGE_BOOT_LOADERS_H
#define IMAGE_BOOT_LOADERS_H

#include <stddef.h>

#include "protvirt/be.h"

/** STAGE3A_ADDR - where the clear loader stands, STAGE3A_ENTRY where it is entered */
#define STAGE3A_ADDR  0x10000UL
#define STAGE3A_ENTRY 0x11000UL

extern const unsigned char stage3a_bin[];
extern const size_t stage3a_bin_len;
extern const unsigned char stage3b_bin[];
extern const size_t stage3b_bin_len;

/** struct stage3a_arguments - last bytes of stage3a; offsets count from this block */
struct stage3a_arguments {
	be64_t hdr_offs;  /* 0x00 */
	be64_t hdr_size;  /* 0x08 */
	be64_t ipib_offs; /* 0x10 */
};
_Static_assert(sizeof(struct stage3a_arguments) == 24, "stage3a arguments");

/** struct stage3b_arguments - last bytes of stage3b; sizes are those of the files, not padded */
struct stage3b_arguments {
	be64_t kernel_addr;  /* 0x00 */
	be64_t kernel_size;  /* 0x08 */
	be64_t cmdline_addr; /* 0x10 */
	be64_t cmdline_size; /* 0x18, with the NUL at the end */
	be64_t ramdisk_addr; /* 0x20 */
	be64_t ramdisk_size; /* 0x28 */
	be64_t psw_mask;     /* 0x30 */
	be64_t psw_addr;     /* 0x38 */
};
_Static_assert(sizeof(struct stage3b_arguments) == 64, "stage3b arguments");

#endif
