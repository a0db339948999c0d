// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "image/options.h"
#include "vmm/commands.h"
#include "vmm/exit_code.h"
#include "vmm/machine_query.h"
#include "vmm/status_watch.h"

enum key {
	KEY_JSON = OPTION_LONG,
	KEY_MACHINE,
	KEY_WAIT,
	KEY_WATCH
};

static const struct option_row options[] = {
	{KEY_JSON, "json", NULL, "one JSON object a machine"},
	{KEY_MACHINE, "machine", "PATH", "control socket of the machine; all of this user's"},
	{KEY_WAIT, "wait", NULL,
	 "first wait until no VMM, VM, configuration or secure frame is left"},
	{KEY_WATCH, "watch", NULL,
	 "instead show the teardowns of one machine while they happen, until it ends"},
	{0},
};

static const struct command command = {
	.name = "protvirt status",
	.operands = "",
	.summary =
		"Counts what exists on a machine: VMs, configurations by state, CPUs, frames by\n"
		"state, donated and leaked bytes. Without --machine: on every machine of this\n"
		"user that runs now.",
	.options = options,
};

struct status {
	bool json;
	bool wait;
	bool watch;
	const char *path;
	unsigned int shown;
	unsigned int failed;
};

static bool take(void *arg, int key, const char *value)
{
	struct status *s = arg;

	if (key == KEY_JSON)
		s->json = true;
	else if (key == KEY_WATCH)
		s->watch = true;
	else if (key == KEY_WAIT)
		s->wait = true;
	else
		s->path = value;
	return true;
}

static int show(struct status *s, const char *path)
{
	struct snapshot snapshot;
	int rc = s->wait ? machine_wait_idle(path) : 0;

	if (!rc)
		rc = machine_query(path, &snapshot);
	if (rc)
		return rc;
	if (s->json) {
		if (snapshot_print_json(&snapshot, stdout))
			s->failed++;
	} else {
		printf("%s%-52s %s\n", s->shown ? "\n" : "", "machine", path);
		snapshot_print(&snapshot, stdout);
	}
	s->shown++;
	return 0;
}

/* A machine may end between being found and being asked. */
static void show_found(void *arg, const char *path)
{
	show(arg, path);
}

static int watch(const struct status *s)
{
	char path[128];
	int rc, status;

	if (s->wait)
		return command_fail(&command, EXIT_CODE_USAGE, "--watch and --wait: only one of them");
	status = machine_pick(&command, s->path, path, sizeof(path));
	if (status)
		return status;
	rc = status_watch(path, s->json);
	return rc ? command_fail(&command, EXIT_CODE_HOST, "--machine %s: %s", path, strerror(-rc))
		  : EXIT_CODE_OK;
}

int cmd_status(int argc, char **argv)
{
	struct status s = {0};
	int first, rc, status = options_parse(&command, argc, argv, take, &s, &first);

	if (status >= 0)
		return status;
	if (first != argc)
		return command_fail(&command, EXIT_CODE_USAGE, "%s: no operand is taken",
				    argv[first]);
	if (s.watch)
		return watch(&s);
	if (s.path) {
		rc = show(&s, s.path);
		if (rc)
			return command_fail(&command, EXIT_CODE_HOST, "--machine %s: %s", s.path,
					    strerror(-rc));
	} else {
		machine_find(show_found, &s);
		if (!s.shown)
			return command_fail(&command, EXIT_CODE_HOST,
					    "no machine of this user runs now");
	}
	return s.failed ? command_fail(&command, EXIT_CODE_HOST, "output: not all was written")
			: EXIT_CODE_OK;
}
