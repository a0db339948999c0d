// SPDX-License-Identifier: MIT
#include "client/control.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/protocol.h"
#include "client/socket_path.h"
#include "client/wire.h"

static int send_query(int fd, const char *verb)
{
	struct protvirt_message m = {
		.type = PROTVIRT_QUERY,
		.len = (uint32_t)strlen(verb) + 1,
	};

	return wire_send(fd, &m, verb, WIRE_NO_FD, 0) ? -EIO : 0;
}

static int read_text(int memfd, size_t len, char **text)
{
	size_t done = 0;

	*text = malloc(len + 1);
	if (!*text)
		return -ENOMEM;
	while (done < len) {
		ssize_t n = pread(memfd, *text + done, len - done, (off_t)done);

		if (n <= 0)
			return -EIO;
		done += (size_t)n;
	}
	(*text)[len] = '\0';
	return 0;
}

static int receive_answer(int fd, char **answer)
{
	struct protvirt_message m;
	int memfd;
	int err;

	do
		err = wire_recv(fd, &m, NULL, 0, &memfd, 0);
	while (err == -EINTR);
	if (err || m.type != PROTVIRT_ANSWER)
		return -EIO;
	err = read_text(memfd, m.args[0], answer);
	if (memfd >= 0)
		close(memfd);
	return err ? err : (int)m.result;
}

/* A question is one message and an answer is another: one wait is enough. */
static int wait_for_answer(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n = timeout_ms < 0 ? 1 : poll(&p, 1, timeout_ms);

	if (n < 0)
		return -errno;
	return n ? 0 : -ETIMEDOUT;
}

int host_control_query(const char *path, const char *verb, char **answer)
{
	return host_control_query_timeout(path, verb, -1, answer);
}

int host_control_query_timeout(const char *path, const char *verb, int timeout_ms, char **answer)
{
	int fd = socket_path_connect(path);
	int err;

	*answer = NULL;
	if (fd < 0)
		return -errno;
	err = send_query(fd, verb);
	if (!err)
		err = wait_for_answer(fd, timeout_ms);
	if (!err)
		err = receive_answer(fd, answer);
	close(fd);
	return err;
}

/* Return: false if nobody listens there */
static bool somebody_listens(const char *path)
{
	int fd = socket_path_connect(path);

	if (fd < 0)
		return errno != ECONNREFUSED;
	close(fd);
	return true;
}

static int add_machine(struct host_machine **machines, int n, const char *dir, const char *name)
{
	struct host_machine m = {0};
	struct host_machine *more;
	int end = 0;

	if (sscanf(name, "%d.sock%n", &m.pid, &end) != 1 || !end || name[end])
		return n;
	if ((size_t)snprintf(m.path, sizeof(m.path), "%s/%s", dir, name) >= sizeof(m.path))
		return n;
	if (!somebody_listens(m.path)) {
		unlink(m.path);
		return n;
	}
	more = realloc(*machines, ((size_t)n + 1) * sizeof(m));
	if (!more)
		return -ENOMEM;
	more[n] = m;
	*machines = more;
	return n + 1;
}

static int by_pid(const void *a, const void *b)
{
	const struct host_machine *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int host_control_discover(struct host_machine **machines)
{
	char path[108];
	struct dirent *entry;
	DIR *dir;
	int n = socket_path_dir(path, sizeof(path));

	*machines = NULL;
	if (n)
		return n;
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (n >= 0 && (entry = readdir(dir)))
		n = add_machine(machines, n, path, entry->d_name);
	closedir(dir);
	if (n < 0) {
		free(*machines);
		*machines = NULL;
	} else if (n) {
		qsort(*machines, (size_t)n, sizeof(**machines), by_pid);
	}
	return n;
}
