// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine_run.h"

#include <assert.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/control.h"

/* Nothing waits longer than this: the program is killed by SIGALRM. */
#define PATIENCE_S 100

static void wait_for_end(pid_t pid)
{
	struct pollfd pfd = {.events = POLLIN};

	pfd.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pfd.fd < 0)
		return;
	poll(&pfd, 1, PATIENCE_S * 1000);
	close(pfd.fd);
}

static void wait_for_private_machines(void)
{
	struct host_machine *machines;
	int n = host_control_discover(&machines);

	for (int i = 0; i < n; i++)
		wait_for_end(machines[i].pid);
	free(machines);
}

int machine_run_tests(int (*tests)(void))
{
	char dir[] = "/tmp/protvirt-test-XXXXXX";
	char path[64];
	int status = -1;
	pid_t child;

	if (!mkdtemp(dir))
		return 1;
	setenv("XDG_RUNTIME_DIR", dir, 1);
	child = fork();
	if (child == 0) {
		alarm(PATIENCE_S);
		exit(tests());
	}
	waitpid(child, &status, 0);
	wait_for_private_machines();
	snprintf(path, sizeof(path), "%s/protvirt", dir);
	rmdir(path);
	if (rmdir(dir)) {
		printf("# something was left in %s\n", dir);
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void wait_for_name(int notify, const char *name)
{
	char events[4096] __attribute__((aligned(8)));

	for (;;) {
		ssize_t n = read(notify, events, sizeof(events));

		for (char *at = events; at < events + n;) {
			struct inotify_event *event = (struct inotify_event *)at;

			if (strcmp(event->name, name) == 0)
				return;
			at += sizeof(*event) + event->len;
		}
	}
}

pid_t machine_listen(const char *path)
{
	const char *program = getenv("PROTVIRT_PROGRAM");
	char copy[128], name[128];
	int notify = inotify_init1(IN_CLOEXEC);
	pid_t pid;

	assert(program);
	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(name, sizeof(name), "%s", path);
	assert(inotify_add_watch(notify, dirname(copy), IN_MOVED_TO) >= 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(program, program, "machine", "--listen", path, NULL);
		_exit(127);
	}
	wait_for_name(notify, basename(name));
	close(notify);
	return pid;
}
