// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions to the machine: verbs of the caller of host_serve(), and two that wait. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/wire.h"
#include "host/server_state.h"

/* The text goes in a memfd: it may be long, and the event thread must not wait for the reader. */
static int put_into_memfd(const char *text, size_t len)
{
	int fd = memfd_create("protvirt-answer", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < len) {
		ssize_t n = pwrite(fd, text + done, len - done, (off_t)done);

		if (n <= 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	return fd;
}

static void send_answer(int fd, int result, const char *text, size_t len)
{
	struct protvirt_message m = {
		.type = PROTVIRT_ANSWER,
		.result = result,
		.args = {len},
	};
	int memfd = len ? put_into_memfd(text, len) : WIRE_NO_FD;

	if (len && memfd < 0)
		m.result = -ENOMEM;
	wire_send(fd, &m, NULL, memfd, MSG_DONTWAIT);
	if (memfd >= 0)
		close(memfd);
}

static void answer(const struct host_server_params *p, const struct host_verb *verb, int fd,
		   const char *args)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int result = -ENOMEM;

	if (out) {
		result = verb->answer(p->context, args, out);
		if (fclose(out))
			result = -ENOMEM;
	}
	send_answer(fd, result, text, text ? size : 0);
	free(text);
}

enum wait_for query_run(struct server *s, int fd, const char *question)
{
	const char *args = strchr(question, ' ');
	size_t n = args ? (size_t)(args - question) : strlen(question);
	const struct host_verb *verb = s->params->verbs;

	if (strcmp(question, "wait-idle") == 0)
		return WAIT_IDLE;
	if (strcmp(question, "wait-mm") == 0)
		return WAIT_MM;
	while (verb && verb->name && (strlen(verb->name) != n || memcmp(verb->name, question, n)))
		verb++;
	if (verb && verb->name)
		answer(s->params, verb, fd, args ? args + 1 : "");
	else
		send_answer(fd, -EOPNOTSUPP, NULL, 0);
	return WAIT_NOTHING;
}

void query_done(int fd)
{
	send_answer(fd, 0, NULL, 0);
}
