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
	KEY_LIST = OPTION_LONG,
	KEY_REMOVE,
	KEY_CLEAR,
	KEY_MACHINE
};

static const struct option_row options[] = {
	{KEY_LIST, "list", NULL, "show the rules: number, rule, steps covered, hit and held"},
	{KEY_REMOVE, "remove", "N", "take rule N away; what it holds goes on"},
	{KEY_CLEAR, "clear", NULL, "take all rules away"},
	{KEY_MACHINE, "machine", "PATH", "control socket of the machine; the only one of this user"},
	{0},
};

static const struct command command = {
	.name = "protvirt inject",
	.operands = "[RULE...]",
	.summary =
		"Installs rules which let steps of a running machine fail: Ultravisor calls,\n"
		"allocations, user copies, wake-ups, destroyed pages. Prints each rule's number.\n"
		"A rule: uvc=DESTROY_SEC_CONF,nth=2,rc=0x108; see protvirt-inject(1).",
	.options = options,
};

struct inject {
	bool list;
	bool clear;
	const char *remove;
	const char *path;
};

static bool take(void *arg, int key, const char *value)
{
	struct inject *i = arg;
	uint64_t number;

	switch (key) {
	case KEY_LIST:
		i->list = true;
		return true;
	case KEY_CLEAR:
		i->clear = true;
		return true;
	case KEY_MACHINE:
		i->path = value;
		return true;
	default:
		i->remove = value;
		if (number_parse(value, 1, INT64_MAX, &number))
			return true;
		command_fail(&command, EXIT_CODE_USAGE,
			     "--remove %s: not valid, must be the number of a rule", value);
		return false;
	}
}

/* Ask and print the answer. Return: exit status */
static int ask(const char *path, const char *verb, const char *arg)
{
	size_t size = strlen(verb) + strlen(arg) + 2;
	char *question = malloc(size);
	char *answer = NULL;
	int rc = question ? 0 : -ENOMEM;

	if (!rc) {
		snprintf(question, size, "%s%s%s", verb, *arg ? " " : "", arg);
		rc = host_control_query(path, question, &answer);
	}
	if (!rc)
		fputs(answer, stdout);
	else if (answer && *answer)
		command_fail(&command, EXIT_CODE_USAGE, "%s: %s", arg, answer);
	else if (rc == -ENOENT && *arg)
		command_fail(&command, EXIT_CODE_USAGE, "--remove %s: there is no such rule", arg);
	else
		command_fail(&command, EXIT_CODE_HOST, "--machine %s: %s", path, strerror(-rc));
	free(question);
	free(answer);
	if (rc == -EINVAL || rc == -ENOSPC || (rc == -ENOENT && *arg))
		return EXIT_CODE_USAGE;
	return rc ? EXIT_CODE_HOST : EXIT_CODE_OK;
}

int cmd_inject(int argc, char **argv)
{
	struct inject i = {0};
	char path[128];
	int first, status = options_parse(&command, argc, argv, take, &i, &first);

	if (status >= 0)
		return status;
	if (first == argc && !i.list && !i.clear && !i.remove)
		return command_fail(&command, EXIT_CODE_USAGE,
				    "a RULE, --list, --remove or --clear is needed");
	status = machine_pick(&command, i.path, path, sizeof(path));
	if (!status && i.clear)
		status = ask(path, "inject-clear", "");
	if (!status && i.remove)
		status = ask(path, "inject-remove", i.remove);
	for (; !status && first < argc; first++)
		status = ask(path, "inject", argv[first]);
	if (!status && i.list)
		status = ask(path, "inject-list", "");
	return status;
}
