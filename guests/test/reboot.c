// SPDX-License-Identifier: GPL-2.0-or-later
/* Restarts for ever; --reboots ends it. */
#include "runtime/console.h"
#include "runtime/guest.h"
#include "runtime/machine.h"
#include "runtime/uvc.h"

int guest_main(void)
{
	console_printf("reboot: %s guest restarts\n", uvc_protected() ? "protected" : "ordinary");
	machine_reboot();
}
