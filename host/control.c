// SPDX-License-Identifier: GPL-2.0-or-later
/* Control connections: who a VMM is, its new threads, its kicks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/wire.h"
#include "host/alloc.h"
#include "host/server_state.h"

static void control_ready(struct source *source, uint32_t events);

int control_add(struct process *p, int fd, bool greeted)
{
	struct control *c = host_zalloc(sizeof(*c));

	if (!c) {
		close(fd);
		return -ENOMEM;
	}
	c->source = (struct source){.fd = fd, .p = p, .ready = control_ready};
	c->greeted = greeted;
	if (source_add(&c->source, EPOLLIN)) {
		close(fd);
		host_free(c);
		return -ENOMEM;
	}
	pthread_mutex_lock(&p->lock);
	LIST_INSERT_HEAD(&p->controls, c, link);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

void control_drop(struct control *c)
{
	LIST_REMOVE(c, link);
	source_remove(&c->source);
	host_free(c->question);
	host_free(c);
}

static void drop(struct control *c)
{
	struct process *p = c->source.p;

	pthread_mutex_lock(&p->lock);
	control_drop(c);
	pthread_mutex_unlock(&p->lock);
}

/* ---- PROTVIRT_HELLO ---- */

static int welcome(const struct process *p, int fd)
{
	const struct server *s = p->server;
	struct protvirt_welcome payload = {0};
	struct protvirt_message m = {
		.type = PROTVIRT_WELCOME,
		.len = sizeof(payload),
		.args = {PROTVIRT_PROTOCOL, p->traps},
	};

	memcpy(payload.machine_id, s->id, sizeof(s->id));
	memcpy(payload.mm_id, p->mm_id, sizeof(p->mm_id));
	snprintf(payload.path, sizeof(payload.path), "%s", s->path);
	return wire_send(fd, &m, &payload, WIRE_NO_FD, MSG_DONTWAIT);
}

static bool is_nobody(const uint8_t *id)
{
	static const uint8_t nobody[PROTVIRT_ID_SIZE];

	return memcmp(id, nobody, sizeof(nobody)) == 0;
}

static struct process *find_locked(struct server *s, const uint8_t *mm_id)
{
	struct process *p;

	LIST_FOREACH (p, &s->processes, link)
		if (p->greeted && !p->dead && memcmp(p->mm_id, mm_id, PROTVIRT_ID_SIZE) == 0)
			return p;
	return NULL;
}

/*
 * The connection is one more of an address space that we know. It moves there, with the descriptor
 * duplicated, because this one is ours until our event thread has let go of it.
 */
static bool join_known(struct control *c, const uint8_t *mm_id)
{
	struct server *s = c->source.p->server;
	struct process *known;
	int fd = -1;

	pthread_mutex_lock(&s->lock);
	known = find_locked(s, mm_id);
	if (known)
		fd = dup(c->source.fd);
	if (fd >= 0 && control_add(known, fd, true) == 0)
		welcome(known, fd);
	pthread_mutex_unlock(&s->lock);
	if (known)
		drop(c);
	return known;
}

/*
 * A VMM that was killed before we came to its hello is not greeted: who has seen it end would be
 * told first that nobody is there, and then that somebody is.
 */
static bool greet_alive(struct control *c)
{
	struct process *p = c->source.p;
	struct server *s = p->server;

	pthread_mutex_lock(&s->lock);
	p->greeted = !hung_up(c->source.fd);
	if (p->greeted) {
		s->live_mms++;
		if (!p->traps)
			s->holes++;
	}
	pthread_mutex_unlock(&s->lock);
	return p->greeted;
}

static void greet(struct control *c, int uffd)
{
	struct process *p = c->source.p;

	p->traps = server_take_userfaultfd(p->server, p->mm, uffd);
	c->greeted = greet_alive(c);
	if (!c->greeted || welcome(p, c->source.fd))
		drop(c);
}

/* Return: is the connection still here, and well? */
static bool hello(struct control *c, const struct protvirt_message *m, const uint8_t *payload,
		  int *fd)
{
	int uffd = *fd;

	if (c->source.p->greeted || c->waiting || m->len != PROTVIRT_ID_SIZE)
		return false;
	if (m->args[0] != PROTVIRT_PROTOCOL) {
		welcome(c->source.p, c->source.fd); /* tells our version */
		return false;
	}
	if (!is_nobody(payload) && join_known(c, payload))
		return true;
	*fd = WIRE_NO_FD;
	greet(c, uffd);
	return true;
}

/* ---- the rest ---- */

static void kick(struct process *p, uint64_t number, uint64_t seq)
{
	struct channel *ch;

	LIST_FOREACH (ch, &p->channels, link)
		if (ch->number == number)
			channel_kick(ch, seq);
}

static bool query(struct control *c, const struct protvirt_message *m, uint8_t *payload)
{
	if (c->greeted || c->waiting || !m->len || payload[m->len - 1] != '\0')
		return false;
	c->waiting = query_run(c->source.p->server, c->source.fd, (const char *)payload);
	if (c->waiting != WAIT_VERB)
		return true;
	c->question = host_zalloc(m->len);
	if (!c->question)
		return false;
	memcpy(c->question, payload, m->len);
	return true;
}

/* Return: false if the VMM does not keep to the protocol */
static bool handle(struct control *c, const struct protvirt_message *m, uint8_t *payload, int *fd)
{
	struct process *p = c->source.p;

	switch (m->type) {
	case PROTVIRT_HELLO:
		return hello(c, m, payload, fd);
	case PROTVIRT_QUERY:
		return query(c, m, payload);
	case PROTVIRT_CHANNEL:
		if (!c->greeted || *fd < 0)
			return false;
		channel_create(p, *fd, m->args[0]);
		*fd = WIRE_NO_FD;
		return true;
	case PROTVIRT_KICK:
		kick(p, m->args[0], m->args[1]);
		return true;
	default:
		return false;
	}
}

static void control_ready(struct source *source, uint32_t events)
{
	struct control *c = (struct control *)source;
	uint8_t payload[4096];
	struct protvirt_message m;
	int fd = WIRE_NO_FD;
	int err = wire_recv(source->fd, &m, payload, sizeof(payload), &fd, MSG_DONTWAIT);
	bool fine;

	if (err == -EAGAIN || err == -EINTR)
		return;
	fine = !err && handle(c, &m, payload, &fd);
	if (fd >= 0)
		close(fd);
	if (!fine)
		drop(c);
}

void control_answer_waiting(struct process *p)
{
	struct server *s = p->server;
	struct control *c, *next;

	for (c = LIST_FIRST(&p->controls); c; c = next) {
		next = LIST_NEXT(c, link);
		if (c->waiting == WAIT_NOTHING ||
		    !query_ready(s, c->source.fd, c->waiting, c->question))
			continue;
		c->waiting = WAIT_NOTHING;
		host_free(c->question);
		c->question = NULL;
	}
}
