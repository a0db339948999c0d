// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions to the machine: verbs of the caller of host_serve(), and two that wait. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/wire.h"
#include "host/server_state.h"

/* A peer that does not read gets no more: its event thread must not wait for it. */
static int send_part(int fd, int result, const char *text, size_t len, bool more)
{
	struct protvirt_message m = {
		.type = PROTVIRT_ANSWER,
		.len = (uint32_t)len,
		.result = result,
		.args = {more},
	};

	return wire_send(fd, &m, text, WIRE_NO_FD, MSG_DONTWAIT);
}

static void send_answer(int fd, int result, const char *text, size_t len)
{
	const size_t most = 32768;
	int err = 0;

	while (len > most && !err) {
		err = send_part(fd, result, text, most, true);
		text += most;
		len -= most;
	}
	if (!err)
		send_part(fd, result, text, len, false);
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
