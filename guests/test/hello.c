// SPDX-License-Identifier: GPL-2.0-or-later
/* The smallest guest: says what it is and what its parameter line holds. */
#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/uvc.h"

extern const char command_line[];

int guest_main(void)
{
	console_printf("hello from %s guest, parameters \"%s\"\n",
		       uvc_protected() ? "a protected" : "an ordinary", command_line);
	return 0;
}
