// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/machine_query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/control.h"
#include "vmm/exit_code.h"

int machine_query(const char *path, struct snapshot *out)
{
	char *answer = NULL;
	int rc = host_control_query(path, "status", &answer);

	if (!rc)
		rc = snapshot_parse(answer, out);
	free(answer);
	return rc;
}

int machine_wait_idle(const char *path)
{
	char *answer = NULL;
	int rc = host_control_query(path, "wait-idle", &answer);

	free(answer);
	return rc;
}

/* The path behind "unix:", or NULL. */
static const char *named_machine(void)
{
	static const char prefix[] = "unix:";
	const char *name = getenv("PROTVIRT_MACHINE");

	if (!name || strncmp(name, prefix, sizeof(prefix) - 1))
		return NULL;
	return name + sizeof(prefix) - 1;
}

/* Both ends of an object's socket were made by the machine, and private ones are known by pid. */
void machine_path_of(int fd, char *path, size_t size)
{
	struct host_machine *machines = NULL;
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);
	const char *found = named_machine();
	int n = 0;

	if (!found && !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		n = host_control_discover(&machines);
	for (int i = 0; i < n && !found; i++)
		if (machines[i].pid == peer.pid)
			found = machines[i].path;
	snprintf(path, size, "%s", found ? found : "");
	free(machines);
}

void machine_find(void (*found)(void *arg, const char *path), void *arg)
{
	struct host_machine *machines = NULL;
	int n = host_control_discover(&machines);

	if (named_machine())
		found(arg, named_machine());
	for (int i = 0; i < n; i++)
		found(arg, machines[i].path);
	free(machines);
}

struct pick {
	char *found;
	size_t size;
	unsigned int n;
};

static void pick_one(void *arg, const char *path)
{
	struct pick *p = arg;

	if (!p->n++)
		snprintf(p->found, p->size, "%s", path);
}

int machine_pick(const struct command *command, const char *path, char *found, size_t size)
{
	struct pick p = {found, size, 0};

	if (path)
		snprintf(found, size, "%s", path);
	else if (named_machine())
		snprintf(found, size, "%s", named_machine());
	else
		machine_find(pick_one, &p);
	if (path || named_machine() || p.n == 1)
		return EXIT_CODE_OK;
	if (!p.n)
		return command_fail(command, EXIT_CODE_HOST, "no machine of this user runs now");
	return command_fail(command, EXIT_CODE_USAGE,
			    "%u machines of this user run now, --machine PATH must name one, as "
			    "--machine %s",
			    p.n, found);
}
