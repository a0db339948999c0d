// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last close, as exact as close(2).
 *
 * Descriptors are closed in the VMM, where we see no more than a hang-up of the
 * object's socket. So the VMM tells us which one it is about to close, closes
 * it when we ask for that, and waits: if the socket has hung up then, it was the
 * last one, and the answer comes after the release.
 */
#include <errno.h>
#include <poll.h>

#include "host/alloc.h"
#include "host/server_state.h"
#include "host/task.h"

int closer_begin(struct closer *c, struct server *s, int fd)
{
	struct object *o;

	*c = (struct closer){.s = s};
	pthread_mutex_lock(&s->objects_lock);
	o = object_find_locked(s, fd);
	c->o = o;
	if (o)
		LIST_INSERT_HEAD(&o->closers, c, link);
	pthread_mutex_unlock(&s->objects_lock);
	return o ? 0 : -EBADF;
}

/* Its socket is open as long as it has not been retired. */
static bool is_last_locked(const struct closer *c)
{
	struct pollfd pfd;

	if (c->retired)
		return true;
	pfd = (struct pollfd){.fd = c->o->source.fd};
	return poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLHUP);
}

static void stop_waiting(void *closer)
{
	struct closer *c = closer;

	pthread_mutex_lock(&c->s->objects_lock);
	c->killed = true;
	pthread_cond_broadcast(&c->s->released);
	pthread_mutex_unlock(&c->s->objects_lock);
}

/* A task that dies holds the address space, for which the reaper may be waiting: it must not stay.
 */
void closer_end(struct closer *c, struct task *t)
{
	struct server *s = c->s;

	task_set_kick_handler(t, stop_waiting, c);
	pthread_mutex_lock(&s->objects_lock);
	if (c->o && is_last_locked(c))
		while (c->o && !c->killed && !fatal_signal_pending(t))
			pthread_cond_wait(&s->released, &s->objects_lock);
	if (c->o)
		LIST_REMOVE(c, link);
	pthread_mutex_unlock(&s->objects_lock);
	task_set_kick_handler(t, NULL, NULL);
}

void object_released(struct server *s, struct object *o)
{
	struct closer *c;

	pthread_mutex_lock(&s->objects_lock);
	while ((c = LIST_FIRST(&o->closers))) {
		LIST_REMOVE(c, link);
		c->o = NULL;
	}
	pthread_cond_broadcast(&s->released);
	pthread_mutex_unlock(&s->objects_lock);
	host_free(o);
}
