// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/exit_code.h"

static const char *const texts[EXIT_CODE_NR] = {
	[EXIT_CODE_OK] = "done; run: the guest shut down in order",
	[EXIT_CODE_HOST] = "the host or the machine failed",
	[EXIT_CODE_USAGE] = "wrong option, value or operand",
	[EXIT_CODE_IMAGE] = "run: the image cannot be loaded, or the Ultravisor refused it",
	[EXIT_CODE_HOST_KEY] = "run: the image is made for another host key",
	[EXIT_CODE_WAIT] = "run: the guest ended in a disabled wait that is no success",
	[EXIT_CODE_CRASH] = "run: the guest cannot go on (interruption loop, refused page)",
	[EXIT_CODE_TIMEOUT] = "wait: it did not happen in time",
	[EXIT_CODE_SIGNAL] = "run: a signal ended it before the guest had shut down",
};

const char *exit_code_text(enum exit_code code)
{
	return code < EXIT_CODE_NR ? texts[code] : "unknown";
}
