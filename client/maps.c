// SPDX-License-Identifier: MIT
#include "client/maps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "client/protocol.h"

FILE *maps_open(void)
{
	return fopen("/proc/self/maps", "re");
}

static int parse_prot(const char *perms)
{
	return (perms[0] == 'r' ? PROT_READ : 0) | (perms[1] == 'w' ? PROT_WRITE : 0) |
	       (perms[2] == 'x' ? PROT_EXEC : 0);
}

static bool parse_line(const char *line, struct mapping *m)
{
	static const char guest_name[] = "/memfd:" PROTVIRT_MEMFD_NAME " (deleted)";
	char perms[5];
	int name = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %" SCNu64 " %n", &m->start,
		   &m->end, perms, &m->offset, &m->inode, &name) < 5)
		return false;
	m->prot = parse_prot(perms);
	m->shared = perms[3] == 's';
	m->guest = m->shared && strncmp(line + name, guest_name, sizeof(guest_name) - 1) == 0;
	/* [vdso] and its like have no inode either */
	if (line[name] == '[' && line[name + 1] == 'v')
		m->shared = true;
	return true;
}

bool maps_next(FILE *stream, uint64_t above, struct mapping *m)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (!found && getline(&line, &room, stream) > 0)
		found = parse_line(line, m) && m->end > above;
	free(line);
	return found;
}
