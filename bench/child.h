/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that does something and is shot. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <sys/types.h>

/** child_start() - run @fn in a new process, which then waits; returns when it says child_ready()
 */
pid_t child_start(void (*fn)(void *arg), void *arg);

/** child_ready() - in the child, from @fn */
void child_ready(void);

/** child_kill() - SIGKILL. Return: seconds until waitpid(2) has returned */
double child_kill(pid_t pid);

#endif
