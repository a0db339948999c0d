// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/child.h"

#include <err.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/samples.h"

static int ready_fd = -1;

static void run(void (*fn)(void *arg), void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fn(arg);
	for (;;)
		pause();
}

pid_t child_start(void (*fn)(void *arg), void *arg)
{
	int fds[2];
	pid_t pid;
	char c;

	fflush(NULL);
	if (pipe(fds))
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		close(fds[0]);
		ready_fd = fds[1];
		run(fn, arg);
	}
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1)
		errx(1, "the child has ended");
	close(fds[0]);
	return pid;
}

void child_ready(void)
{
	if (write(ready_fd, "", 1) != 1)
		err(1, "pipe");
}

double child_kill(pid_t pid)
{
	uint64_t start = now_ns();

	kill(pid, SIGKILL);
	if (waitpid(pid, NULL, 0) != pid)
		err(1, "waitpid");
	return seconds_since(start);
}
