// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "host/inject.h"
#include "host/server.h"
#include "sie/sie.h"
#include "vmm/commands.h"
#include "vmm/exit_code.h"
#include "vmm/machine_options.h"
#include "vmm/service.h"
#include "vmm/size_arg.h"

enum key {
	KEY_LISTEN = OPTION_LONG,
	KEY_PRIVATE_FD,
	KEY_DEBUGGABLE,
	KEY_INJECT,
	KEY_MACHINE, /* keys of machine_options begin here */
};

static const struct option_row options[] = {
	{KEY_LISTEN, "listen", "PATH", "socket to make; VMMs use it by PROTVIRT_MACHINE=unix:PATH"},
	{KEY_PRIVATE_FD, "private-fd", "N", NULL},
	{KEY_DEBUGGABLE, "debuggable", NULL, "let debuggers attach, write core dumps"},
	{KEY_INJECT, "inject", "RULE", "let a step fail, as by `protvirt inject`; may be repeated"},
	MACHINE_OPTION_ROWS(KEY_MACHINE),
	{0},
};

static const struct command command = {
	.name = "protvirt machine",
	.operands = "",
	.summary = "Is a simulated machine: storage, Ultravisor and KVM, for many VMMs at a time.\n"
		   "Ends at SIGTERM or SIGINT.",
	.options = options,
};

struct machine_command {
	struct machine_options machine;
	const char *listen_path;
	int private_fd;
	bool debuggable;
};

/* Rules cover the making of the machine as well. */
static bool take_rule(const char *rule)
{
	char why[256];

	if (inject_install(rule, why, sizeof(why)) > 0)
		return true;
	command_fail(&command, EXIT_CODE_USAGE, "--inject %s: %s", rule, why);
	return false;
}

static bool take(void *arg, int key, const char *value)
{
	struct machine_command *m = arg;
	uint64_t fd;

	switch (key) {
	case KEY_LISTEN:
		m->listen_path = value;
		return true;
	case KEY_PRIVATE_FD:
		if (!number_parse(value, 0, INT_MAX, &fd)) {
			command_fail(&command, EXIT_CODE_USAGE,
				     "--private-fd %s: must be a descriptor", value);
			return false;
		}
		m->private_fd = (int)fd;
		return true;
	case KEY_INJECT:
		return take_rule(value);
	case KEY_DEBUGGABLE:
		m->debuggable = true;
		return true;
	default:
		return machine_options_take(&m->machine, &command, key - KEY_MACHINE, value);
	}
}

static int serve_machine(const struct machine_command *m, const struct machine_setup *setup)
{
	struct service service = {machine_create(&setup->params), setup->cost};
	struct host_server_params params = {
		.listen_path = m->listen_path,
		.private_fd = m->private_fd,
		.debuggable = m->debuggable,
		.holes = setup->holes,
	};
	int rc;

	if (!service.machine)
		return command_fail(&command, EXIT_CODE_HOST, "no machine: %s", strerror(errno));
	uv_set_cost(machine_uv(service.machine), &setup->cost);
	service_fill(&service, &params);
	params.storage = machine_storage(service.machine);
	params.uv = machine_uv(service.machine);
	rc = host_serve(&params);
	machine_destroy(service.machine);
	return rc ? EXIT_CODE_HOST : EXIT_CODE_OK;
}

static int serve(const struct machine_command *m, struct machine_setup *setup)
{
	int status;

	if (setup->trace) {
		setup->params.trace = sie_trace_open(setup->trace);
		if (!setup->params.trace)
			return command_fail(&command, EXIT_CODE_USAGE, "--trace %s: %s",
					    setup->trace, strerror(errno));
	}
	status = serve_machine(m, setup);
	sie_trace_close(setup->params.trace);
	return status;
}

int cmd_machine(int argc, char **argv)
{
	struct machine_command m = {.private_fd = -1};
	struct machine_setup setup;
	int first, status = options_parse(&command, argc, argv, take, &m, &first);

	if (status >= 0)
		return status;
	if (first != argc)
		return command_fail(&command, EXIT_CODE_USAGE, "%s: no operand is taken",
				    argv[first]);
	if (!m.listen_path && m.private_fd < 0)
		return command_fail(&command, EXIT_CODE_USAGE, "--listen PATH is needed");
	if (m.private_fd >= 0 && !machine_options_import(&m.machine, &command))
		return EXIT_CODE_USAGE;
	if (machine_options_resolve(&m.machine, &command, &setup))
		return EXIT_CODE_USAGE;
	return serve(&m, &setup);
}
