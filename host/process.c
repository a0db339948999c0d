// SPDX-License-Identifier: GPL-2.0-or-later
/* A VMM's process: its event thread, and how its death is found out. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/alloc.h"
#include "host/server_state.h"

/* ---- sources ---- */

int source_add(struct source *source, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = source};

	return epoll_ctl(source->p->epoll, EPOLL_CTL_ADD, source->fd, &ev) ? -ENOMEM : 0;
}

void source_remove(struct source *source)
{
	epoll_ctl(source->p->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	close(source->fd);
	source->fd = -1;
}

void process_poke(struct process *p)
{
	eventfd_write(p->wakeup.fd, 1); /* fails only if it is awake already */
}

static void woken(struct source *source, uint32_t events)
{
	eventfd_t count;

	eventfd_read(source->fd, &count);
}

/* ---- death ---- */

bool hung_up(int fd)
{
	struct pollfd pfd = {.fd = fd};

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/*
 * All control connections are gone; or all threads that we know have ended and one of them died,
 * which takes the process with it. The second is known long before the first: sockets are closed
 * after the memory of a process has been torn down.
 */
static bool looks_dead_locked(struct process *p)
{
	bool threads = false, died = p->had_death, connected = false;
	struct control *c;
	struct channel *ch;

	LIST_FOREACH (ch, &p->channels, link) {
		threads |= channel_lives(ch);
		died |= channel_died(ch);
	}
	LIST_FOREACH (c, &p->controls, link)
		connected |= !hung_up(c->source.fd);
	return !connected || (!threads && died);
}

/* The address space goes: before any file that is released from now on. */
static void check_death_locked(struct process *p)
{
	struct channel *ch;

	if (p->dead || !(atomic_load(&p->server->stopping) || looks_dead_locked(p)))
		return;
	p->dead = true;
	LIST_FOREACH (ch, &p->channels, link)
		channel_kill(ch);
	while (!LIST_EMPTY(&p->controls))
		control_drop(LIST_FIRST(&p->controls));
	p->reap_mm = true;
	pthread_cond_signal(&p->reap_ready);
}

void process_check_death(struct process *p)
{
	pthread_mutex_lock(&p->server->lock);
	pthread_mutex_lock(&p->lock);
	check_death_locked(p);
	pthread_mutex_unlock(&p->lock);
	pthread_mutex_unlock(&p->server->lock);
}

static void join_channels(struct process *p)
{
	struct channel *ch, *next;

	for (ch = LIST_FIRST(&p->channels); ch; ch = next) {
		next = LIST_NEXT(ch, link);
		if (!atomic_load(&ch->done))
			continue;
		pthread_mutex_lock(&p->lock);
		p->had_death |= channel_died(ch);
		LIST_REMOVE(ch, link);
		p->nr_channels--;
		pthread_mutex_unlock(&p->lock);
		channel_join(ch);
	}
}

/* ---- the event thread ---- */

/* Nothing is left of it. It leaves the list in the same step, so nobody joins it any more. */
static bool finished(struct process *p)
{
	struct server *s = p->server;
	bool yes;

	pthread_mutex_lock(&s->lock);
	pthread_mutex_lock(&p->lock);
	yes = p->mm_reaped && LIST_EMPTY(&p->channels) && !p->nr_objects;
	if (yes)
		LIST_REMOVE(p, link);
	pthread_mutex_unlock(&p->lock);
	pthread_mutex_unlock(&s->lock);
	return yes;
}

static void process_end(struct event_thread *et)
{
	struct process *p = et->p;
	struct server *s = p->server;

	watchers_stop(p);
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->reap_ready);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->reaper, NULL);
	server_changed(s);
	mmdrop(p->mm);
	pthread_mutex_lock(&s->lock);
	SLIST_INSERT_HEAD(&s->threads, et, link);
	s->nr_processes--;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/* One event at a time: what it removes cannot be in a batch that was fetched before. */
static void *event_main(void *arg)
{
	struct event_thread *et = arg;
	struct process *p = et->p;
	struct epoll_event ev;

	while (!finished(p)) {
		if (epoll_wait(p->epoll, &ev, 1, -1) == 1) {
			struct source *source = ev.data.ptr;

			source->ready(source, ev.events);
		}
		process_check_death(p);
		join_channels(p);
		control_answer_waiting(p);
		if (atomic_load(&p->server->stopping))
			objects_drop(p);
	}
	process_end(et);
	return NULL;
}

/* ---- creation ---- */

void process_free(struct process *p)
{
	if (p->epoll >= 0)
		close(p->epoll);
	if (p->wakeup.fd >= 0)
		close(p->wakeup.fd);
	pthread_cond_destroy(&p->reap_ready);
	pthread_mutex_destroy(&p->lock);
	host_free(p);
}

static struct process *process_new(struct server *s)
{
	struct process *p = host_zalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->server = s;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->reap_ready, NULL);
	STAILQ_INIT(&p->reap);
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	p->wakeup.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	p->wakeup.p = p;
	p->wakeup.ready = woken;
	p->events = host_zalloc(sizeof(*p->events));
	if (p->events)
		p->mm = mm_create(s->params->storage, s->params->uv, &ask_ops, p, &s->limits);
	if (p->mm) {
		p->events->p = p;
		return p;
	}
	host_free(p->events);
	process_free(p);
	return NULL;
}

static int prepare(struct process *p, int fd)
{
	int err;

	mmgrab(p->mm);
	if (p->epoll < 0 || p->wakeup.fd < 0)
		err = -EMFILE;
	else if (getrandom(p->mm_id, sizeof(p->mm_id), 0) != sizeof(p->mm_id))
		err = -EIO;
	else
		err = source_add(&p->wakeup, EPOLLIN);
	if (err)
		close(fd);
	return err ? err : control_add(p, fd, false);
}

static pid_t peer_of(int fd)
{
	struct ucred peer = {0};
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ? 0 : peer.pid;
}

/* Context: server.lock held */
static bool too_many_locked(struct server *s, pid_t peer)
{
	const struct process *p;
	unsigned int n = 0;

	LIST_FOREACH (p, &s->processes, link)
		n += p->peer == peer;
	return peer && n >= MAX_CONNECTIONS;
}

static void process_abandon(struct process *p)
{
	while (!LIST_EMPTY(&p->controls))
		control_drop(LIST_FIRST(&p->controls));
	host_free(p->events);
	mmput(p->mm);
	mmdrop(p->mm);
}

static int start_threads(struct process *p)
{
	if (pthread_create(&p->reaper, NULL, reaper_main, p))
		return -ENOMEM;
	if (pthread_create(&p->events->thread, NULL, event_main, p->events) == 0)
		return 0;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->reap_ready);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->reaper, NULL);
	return -ENOMEM;
}

int process_create(struct server *s, int fd)
{
	bool starter = fd == s->params->private_fd;
	struct process *p = process_new(s);
	int err;

	if (!p) {
		close(fd);
		return -ENOMEM;
	}
	p->starter = starter;
	p->peer = peer_of(fd);
	err = prepare(p, fd);
	if (err) {
		process_abandon(p);
		return err;
	}
	pthread_mutex_lock(&s->lock);
	err = too_many_locked(s, p->peer) ? -EMFILE : start_threads(p);
	if (!err) {
		LIST_INSERT_HEAD(&s->processes, p, link);
		s->nr_processes++;
	}
	pthread_mutex_unlock(&s->lock);
	if (err)
		process_abandon(p);
	return err;
}
