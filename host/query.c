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

static const struct host_verb *find_verb(const struct server *s, const char *question)
{
	const struct host_verb *verb = s->params->verbs;
	size_t n = strcspn(question, " ");

	while (verb && verb->name && (strlen(verb->name) != n || memcmp(verb->name, question, n)))
		verb++;
	return verb && verb->name ? verb : NULL;
}

static const char *args_of(const char *question)
{
	const char *args = strchr(question, ' ');

	return args ? args + 1 : "";
}

static bool verb_is_ready(const struct server *s, const struct host_verb *verb,
			  const char *question)
{
	return !verb->ready || verb->ready(s->params->context, args_of(question));
}

enum wait_for query_run(struct server *s, int fd, const char *question)
{
	const struct host_verb *verb;

	if (strcmp(question, "wait-idle") == 0)
		return WAIT_IDLE;
	if (strcmp(question, "wait-mm") == 0)
		return WAIT_MM;
	verb = find_verb(s, question);
	if (!verb)
		send_answer(fd, -EOPNOTSUPP, NULL, 0);
	else if (!verb_is_ready(s, verb, question))
		return WAIT_VERB;
	else
		answer(s->params, verb, fd, args_of(question));
	return WAIT_NOTHING;
}

bool query_ready(struct server *s, int fd, enum wait_for what, const char *question)
{
	const struct host_verb *verb;

	if (what != WAIT_VERB) {
		if (!server_reached(s, what))
			return false;
		send_answer(fd, 0, NULL, 0);
		return true;
	}
	verb = find_verb(s, question);
	if (!verb_is_ready(s, verb, question))
		return false;
	answer(s->params, verb, fd, args_of(question));
	return true;
}
