// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/place.h"

#include <dirent.h>
#include <err.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Numbers of threads rise. @fn is NULL or gets those that came since the last call. */
static void each_new_thread(pid_t pid, void (*fn)(pid_t tid, unsigned int nth), unsigned int nth)
{
	static pid_t process, newest;
	pid_t tid, last = pid == process ? newest : 0;
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		err(1, "%s", path);
	process = pid;
	while ((entry = readdir(dir))) {
		tid = atoi(entry->d_name);
		if (tid <= last)
			continue;
		if (fn)
			fn(tid, nth);
		if (tid > newest)
			newest = tid;
	}
	closedir(dir);
}

void place_note_threads(pid_t pid)
{
	each_new_thread(pid, NULL, 0);
}

void place_new_threads(pid_t pid, unsigned int nth)
{
	each_new_thread(pid, place_thread, nth);
}

void place_anywhere(pid_t tid)
{
	if (sched_setaffinity(tid, sizeof(cpu_set_t), given()))
		err(1, "sched_setaffinity");
}
