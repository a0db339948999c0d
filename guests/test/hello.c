// SPDX-License-Identifier: GPL-2.0-or-later
/* The smallest guest: says what it is, what its parameter line holds, and its initial ramdisk. */
#include <stdint.h>

#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/uvc.h"

extern const char command_line[];
extern const struct {
	const char *start;
	uint64_t size;
} initrd;

int guest_main(void)
{
	console_printf("hello from %s guest, parameters \"%s\"\n",
		       uvc_protected() ? "a protected" : "an ordinary", command_line);
	if (initrd.size)
		console_printf("ramdisk of %lu bytes at %lx: \"%s\"\n", initrd.size,
			       (unsigned long)initrd.start, initrd.start);
	return 0;
}
