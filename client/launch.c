// SPDX-License-Identifier: MIT
#include "client/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the machine finds its end */
#define MACHINE_FD 3

extern char **environ;

static bool beside_caller(char *path, size_t room)
{
	static const char name[] = "/protvirt";
	ssize_t n = readlink("/proc/self/exe", path, room - sizeof(name));
	char *slash;

	if (n <= 0)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return false;
	memcpy(slash, name, sizeof(name));
	return access(path, X_OK) == 0;
}

static const char *find_program(char *path, size_t room)
{
	const char *named = getenv("PROTVIRT_PROGRAM");

	if (named && *named)
		return named;
	return beside_caller(path, room) ? path : PROTVIRT_INSTALLED_PROGRAM;
}

/* In the new process, which borrows our memory: system calls only. Returns only on failure. */
static void become_machine(const char *program, int fd)
{
	char number[] = {'0' + MACHINE_FD, '\0'};
	char *argv[] = {
		(char *)(uintptr_t)program,
		(char[]){"machine"},
		(char[]){"--private-fd"},
		number,
		NULL,
	};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || setsid() < 0)
		return;
	/* Out of the way first: fd may be 0, 1 or 2 in a process that closed those. */
	fd = fcntl(fd, F_DUPFD, MACHINE_FD + 1);
	if (fd < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(fd, MACHINE_FD) < 0 || syscall(SYS_close_range, MACHINE_FD + 1, ~0U, 0))
		return;
	execve(program, argv, environ);
}

/*
 * Two generations, so that the machine is not a child that the program would have to wait for.
 * vfork(2): a large VMM is not copied, and failure is seen through the shared memory.
 */
static int spawn(const char *program, int fd)
{
	volatile int err = 0;
	pid_t child = vfork();

	if (child == 0) {
		pid_t grandchild = vfork();

		if (grandchild == 0) {
			become_machine(program, fd);
			err = errno;
			_exit(127);
		}
		if (grandchild < 0)
			err = errno;
		_exit(0);
	}
	if (child < 0)
		return -errno;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return -err;
}

static int spawn_quietly(const char *program, int fd)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = spawn(program, fd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

int launch_machine(void)
{
	char path[PATH_MAX];
	int pair[2];
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -1;
	err = spawn_quietly(find_program(path, sizeof(path)), pair[1]);
	close(pair[1]);
	if (!err)
		return pair[0];
	close(pair[0]);
	errno = -err;
	return -1;
}
