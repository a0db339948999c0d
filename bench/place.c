// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/place.h"

#include <dirent.h>
#include <err.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* The CPUs at the start of the program, before anything was placed. */
static const cpu_set_t *given(void)
{
	static cpu_set_t set;
	static bool known;

	if (!known && sched_getaffinity(0, sizeof(set), &set))
		err(1, "sched_getaffinity");
	known = true;
	return &set;
}

unsigned int place_count(void)
{
	return (unsigned int)CPU_COUNT(given());
}

void place_thread(pid_t tid, unsigned int nth)
{
	cpu_set_t one;

	nth %= place_count();
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, given()) && nth-- == 0)
			CPU_SET(cpu, &one);
	if (sched_setaffinity(tid, sizeof(one), &one))
		err(1, "sched_setaffinity");
}

static void each_thread(pid_t pid, void (*fn)(pid_t tid, void *arg), void *arg)
{
	struct dirent *entry;
	char path[64];
	pid_t tid;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		err(1, "%s", path);
	while ((entry = readdir(dir))) {
		tid = atoi(entry->d_name);
		if (tid > 0)
			fn(tid, arg);
	}
	closedir(dir);
}

static void place_one(pid_t tid, void *nth)
{
	place_thread(tid, *(unsigned int *)nth);
}

void place_process(pid_t pid, unsigned int nth)
{
	each_thread(pid, place_one, &nth);
}

/** struct sought - CPUs and nice value of a thread */
struct sought {
	cpu_set_t cpus;
	int nice;
	bool found;
};

/* A thread may have ended meanwhile: it is not the one. */
static void compare(pid_t tid, void *arg)
{
	struct sought *s = arg;
	cpu_set_t cpus;

	if (sched_getaffinity(tid, sizeof(cpus), &cpus) || !CPU_EQUAL(&cpus, &s->cpus))
		return;
	if (getpriority(PRIO_PROCESS, (id_t)tid) == s->nice)
		s->found = true;
}

void place_check_follower(pid_t pid)
{
	struct sought s = {.nice = getpriority(PRIO_PROCESS, 0)};

	if (sched_getaffinity(0, sizeof(s.cpus), &s.cpus))
		err(1, "sched_getaffinity");
	each_thread(pid, compare, &s);
	if (!s.found)
		errx(1, "the machine's thread is not where its caller is");
}

void place_anywhere(pid_t tid)
{
	if (sched_setaffinity(tid, sizeof(cpu_set_t), given()))
		err(1, "sched_setaffinity");
}

uint64_t place_waited_ns(pid_t tid)
{
	unsigned long long waited;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", (int)tid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*u %llu", &waited) != 1)
		err(1, "%s", path);
	fclose(file);
	return waited;
}

const char *place_other(void)
{
	return place_count() > 1 ? "other CPU" : "same CPU";
}
