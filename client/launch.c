// SPDX-License-Identifier: MIT
#include "client/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

static int set_descriptors(posix_spawn_file_actions_t *actions, int fd)
{
	int err = posix_spawn_file_actions_adddup2(actions, fd, MACHINE_FD);

	if (!err)
		err = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY,
						       0);
	if (!err)
		err = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null",
						       O_WRONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(actions, MACHINE_FD + 1);
	return err;
}

/* A session of its own, so that Ctrl-C is for the VMM; and nothing of the caller's signal set-up.
 */
static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	err = posix_spawnattr_setsigmask(attr, &none);
	if (!err)
		err = posix_spawnattr_setsigdefault(attr, &all);
	if (!err)
		err = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
							     POSIX_SPAWN_SETSIGDEF);
	return err;
}

/* Return: 0 or an errno value */
static int spawn(const char *program, int fd, pid_t *child)
{
	static char verb[] = "machine", option[] = "--private-fd", number[] = {'0' + MACHINE_FD, 0};
	char *argv[] = {(char *)(uintptr_t)program, verb, option, number, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawnattr_init(&attr);
	if (!err) {
		err = set_descriptors(&actions, fd);
		if (!err)
			err = set_attributes(&attr);
		if (!err)
			err = posix_spawn(child, program, &actions, &attr, argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

/*
 * The machine leaves our family as soon as it is ready to serve: the process that we started ends.
 * Return: 0, or EIO: it said on stderr why not
 */
static int wait_until_ready(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 0; /* the program waits for its children itself */
	return status ? EIO : 0;
}

int launch_machine(void)
{
	char path[PATH_MAX];
	pid_t child;
	int pair[2];
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -1;
	err = spawn(find_program(path, sizeof(path)), pair[1], &child);
	close(pair[1]);
	if (!err)
		err = wait_until_ready(child);
	if (!err)
		return pair[0];
	close(pair[0]);
	errno = err;
	return -1;
}
