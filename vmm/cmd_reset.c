// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "image/options.h"
#include "vmm/commands.h"
#include "vmm/control.h"
#include "vmm/exit_code.h"
#include "vmm/size_arg.h"

static const struct option_row options[] = {{0}};

static const struct command command = {
	.name = "protvirt reset",
	.operands = "PID",
	.summary = "Restarts the guest of the `protvirt run` with this process number, as its\n"
		   "own re-IPL would. Returns when the next boot has begun.",
	.options = options,
};

static bool take(void *arg, int key, const char *value)
{
	return false; /* there are no options of its own */
}

int cmd_reset(int argc, char **argv)
{
	uint64_t pid;
	int first, rc, status = options_parse(&command, argc, argv, take, NULL, &first);

	if (status >= 0)
		return status;
	if (argc - first != 1 || !number_parse(argv[first], 1, INT_MAX, &pid))
		return command_fail(&command, EXIT_CODE_USAGE,
				    "one PID is needed: a process number of `protvirt run`");
	rc = control_send_reset((pid_t)pid);
	if (rc == -ENOENT)
		return command_fail(&command, EXIT_CODE_HOST,
				    "process %s is no `protvirt run` of this user", argv[first]);
	if (rc)
		return command_fail(&command, EXIT_CODE_HOST, "process %s: %s", argv[first],
				    rc == -ECONNRESET ? "its guest ended instead" : strerror(-rc));
	return EXIT_CODE_OK;
}
