// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/control.h"
#include "image/options.h"
#include "vmm/commands.h"
#include "vmm/exit_code.h"
#include "vmm/json.h"
#include "vmm/machine_query.h"
#include "vmm/trace_text.h"

enum key {
	KEY_FOLLOW = OPTION_LONG,
	KEY_EVENTS,
	KEY_JSON,
	KEY_MACHINE
};

static const struct option_row options[] = {
	{KEY_FOLLOW, "follow", NULL, "go on with what happens, until the machine ends"},
	{KEY_EVENTS, "events", NULL, "only transitions and teardowns, which calls cannot push out"},
	{KEY_JSON, "json", NULL, "one JSON object an event"},
	{KEY_MACHINE, "machine", "PATH", "control socket of the machine; the only one of this user"},
	{0},
};

static const struct command command = {
	.name = "protvirt trace",
	.operands = "",
	.summary = "Prints the last Ultravisor calls of a machine and the transitions of its\n"
		   "protected VMs: name, handle, cc, rc, rrc, duration, and pages of runs.\n"
		   "Keys and guest content are never in it.",
	.options = options,
};

struct trace {
	bool follow;
	bool events;
	bool json;
	const char *path;
};

static bool take(void *arg, int key, const char *value)
{
	struct trace *t = arg;

	if (key == KEY_FOLLOW)
		t->follow = true;
	else if (key == KEY_EVENTS)
		t->events = true;
	else if (key == KEY_JSON)
		t->json = true;
	else
		t->path = value;
	return true;
}

/* What a slow reader has missed stands where it is missing. */
static void print_lost(const struct trace *t, uint64_t lost)
{
	struct json j;

	if (!lost)
		return;
	if (!t->json) {
		printf("lost %" PRIu64 " events\n", lost);
		return;
	}
	json_begin(&j, stdout);
	json_number(&j, "lost", lost);
	json_finish(&j);
}

/* Return: 0 or -errno; -EPROTO: not what a machine says */
static int print_part(const struct trace *t, const char *path, bool wait, uint64_t from,
		      struct trace_part *part)
{
	char question[64];
	char *answer = NULL;
	const char *events;
	int rc;

	snprintf(question, sizeof(question), "%s%s %s %" PRIu64, t->events ? "events" : "trace",
		 wait ? "-follow" : "", t->json ? "json" : "text", from);
	rc = host_control_query(path, question, &answer);
	if (!rc) {
		events = trace_text_parse(answer, part);
		rc = events ? 0 : -EPROTO;
	}
	if (!rc) {
		/* What the ring forgot before we came was not lost on us. */
		print_lost(t, from ? part->lost : 0);
		fputs(events, stdout);
		fflush(stdout);
	}
	free(answer);
	return rc;
}

static int print_all(const struct trace *t, const char *path)
{
	struct trace_part part;
	uint64_t end;
	int rc = print_part(t, path, false, 0, &part);

	if (rc)
		return rc;
	end = part.end;
	while (!rc && !ferror(stdout) && (t->follow || part.next < end)) {
		uint64_t from = part.next;

		rc = print_part(t, path, t->follow, from, &part);
		if (!rc && !t->follow && part.next == from)
			break;
	}
	/* The machine has ended, and so has its trace. */
	return rc == -EPROTO || rc == -ENOMEM ? rc : 0;
}

int cmd_trace(int argc, char **argv)
{
	struct trace t = {0};
	char path[128];
	int first, rc, status = options_parse(&command, argc, argv, take, &t, &first);

	if (status >= 0)
		return status;
	if (first != argc)
		return command_fail(&command, EXIT_CODE_USAGE, "%s: no operand is taken",
				    argv[first]);
	status = machine_pick(&command, t.path, path, sizeof(path));
	if (status)
		return status;
	rc = print_all(&t, path);
	if (rc)
		return command_fail(&command, EXIT_CODE_HOST, "--machine %s: %s", path,
				    strerror(-rc));
	return ferror(stdout) ? command_fail(&command, EXIT_CODE_HOST, "output: not all was written")
			      : EXIT_CODE_OK;
}
