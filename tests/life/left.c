// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/life/left.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "host/server.h"
#include "kvm/machine.h"

#define COUNT(name) {#name, offsetof(struct machine_status, name)}

/* All numbers of struct machine_status but those that only ever rise with use */
static const struct {
	const char *name;
	size_t offset;
} counts[] = {
	COUNT(vms),
	COUNT(vcpus),
	COUNT(secure_vcpus),
	COUNT(active),
	COUNT(half),
	COUNT(stuck),
	COUNT(aside),
	COUNT(tearing),
	COUNT(leftover),
	COUNT(leaked),
	COUNT(cleanups),
	COUNT(protected_count),
	COUNT(storage.frames_secure),
	COUNT(storage.frames_orphan),
	COUNT(storage.frames_shared),
	COUNT(storage.frames_residue),
	COUNT(storage.frames_lost),
	COUNT(storage.bytes_donated),
	COUNT(storage.bytes_leaked),
	COUNT(storage.bytes_backing),
	COUNT(storage.backings),
	COUNT(uv.configs),
	COUNT(uv.cpus),
};

static uint64_t count_at(const struct machine_status *s, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)s + offset, sizeof(value));
	return value;
}

static void compare(FILE *out, const char *name, uint64_t now, uint64_t idle)
{
	if (now != idle)
		fprintf(out, "%s %lu instead of %lu, ", name, now, idle);
}

void left_print(FILE *out, const struct machine_status *now, const struct machine_status *idle)
{
	struct host_stats host;

	host_get_stats(&host);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		compare(out, counts[i].name, count_at(now, counts[i].offset),
			count_at(idle, counts[i].offset));
	for (size_t i = 0; i < ALLOC_NR; i++)
		compare(out, "storage.bytes_kernel", now->storage.bytes_kernel[i],
			idle->storage.bytes_kernel[i]);
	compare(out, "processes", host.processes, 0);
	compare(out, "tasks", host.tasks, 0);
	compare(out, "files", host.files, 0);
}
