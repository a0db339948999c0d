// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "client/control.h"
#include "image/options.h"
#include "vmm/commands.h"
#include "vmm/exit_code.h"
#include "vmm/machine_query.h"
#include "vmm/size_arg.h"

enum key {
	KEY_TEARDOWN = OPTION_LONG,
	KEY_TIMEOUT,
	KEY_MACHINE
};

static const struct option_row options[] = {
	{KEY_TEARDOWN, "teardown", NULL,
	 "until nothing is set aside, in teardown or left over: the memory is free"},
	{KEY_TIMEOUT, "timeout", "SECONDS", "give up after so long, with status 7"},
	{KEY_MACHINE, "machine", "PATH", "control socket of the machine; the only one of this user"},
	{0},
};

static const struct command command = {
	.name = "protvirt wait",
	.operands = "[VM]",
	.summary = "Waits for the teardown of old guests: of the VM with this number, as\n"
		   "`protvirt status --watch` shows it, or of all VMs of the machine.",
	.options = options,
};

struct wait {
	bool teardown;
	int timeout_ms;
	const char *path;
};

static bool take(void *arg, int key, const char *value)
{
	struct wait *w = arg;
	uint64_t seconds;

	if (key == KEY_TEARDOWN)
		w->teardown = true;
	else if (key == KEY_MACHINE)
		w->path = value;
	else if (number_parse(value, 0, INT_MAX / 1000, &seconds))
		w->timeout_ms = (int)seconds * 1000;
	else {
		command_fail(&command, EXIT_CODE_USAGE,
			     "--timeout %s: not valid, must be a number of seconds from 0 to %d",
			     value, INT_MAX / 1000);
		return false;
	}
	return true;
}

static int wait_teardown(const struct wait *w, const char *path, const char *vm)
{
	char question[64];
	char *answer = NULL;
	int rc;

	snprintf(question, sizeof(question), "wait-teardown%s%s", vm ? " " : "", vm ? vm : "");
	rc = host_control_query_timeout(path, question, w->timeout_ms, &answer);
	free(answer);
	return rc;
}

static int told(const char *path, const char *vm, int rc)
{
	if (rc == -ETIMEDOUT)
		return command_fail(&command, EXIT_CODE_TIMEOUT, "not torn down in time");
	if (rc == -ENOENT && vm)
		return command_fail(&command, EXIT_CODE_HOST, "machine %s: no VM %s", path, vm);
	return command_fail(&command, EXIT_CODE_HOST, "--machine %s: %s", path, strerror(-rc));
}

int cmd_wait(int argc, char **argv)
{
	struct wait w = {.timeout_ms = -1};
	const char *vm;
	uint64_t number;
	char path[128];
	int first, rc, status = options_parse(&command, argc, argv, take, &w, &first);

	if (status >= 0)
		return status;
	if (!w.teardown)
		return command_fail(&command, EXIT_CODE_USAGE,
				    "what to wait for must be said: --teardown");
	vm = first < argc ? argv[first] : NULL;
	if (argc - first > 1 || (vm && !number_parse(vm, 1, UINT32_MAX, &number)))
		return command_fail(&command, EXIT_CODE_USAGE,
				    "%s: not valid, at most one VM, a number from 1",
				    argv[argc - 1]);
	status = machine_pick(&command, w.path, path, sizeof(path));
	if (status)
		return status;
	rc = wait_teardown(&w, path, vm);
	/* The machine ended while we waited: nothing of it is left. */
	return rc && rc != -EIO ? told(path, vm, rc) : EXIT_CODE_OK;
}
