// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files as sockets.
 *
 * A file is one end of a socket pair; descriptors in VMMs are the other. So
 * dup(2), fork(2) and passing mean what they mean, and the hang-up is the last
 * close. A request carries the descriptor itself, and the socket's cookie says
 * which file it is: a number sent by the VMM could be a guess. So only a channel
 * that has shown the descriptor may name the file by the cookie afterwards.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/wire.h"
#include "host/alloc.h"
#include "host/file_state.h"
#include "host/server_state.h"

static struct object *find_locked(struct server *s, uint64_t cookie)
{
	struct object *o;

	LIST_FOREACH (o, &s->objects[cookie % OBJECT_BUCKETS], bucket)
		if (o->cookie == cookie)
			return o;
	return NULL;
}

struct object *object_find_locked(struct server *s, int fd)
{
	uint64_t cookie = wire_cookie(fd);

	return cookie ? find_locked(s, cookie) : NULL;
}

struct file *object_find_known(struct server *s, uint64_t cookie)
{
	struct file *file = NULL;
	struct object *o;

	pthread_mutex_lock(&s->objects_lock);
	o = find_locked(s, cookie);
	if (o)
		file = fget(o->file);
	pthread_mutex_unlock(&s->objects_lock);
	return file;
}

struct file *object_find(struct server *s, int fd, uint64_t *cookie)
{
	uint64_t is = wire_cookie(fd);
	struct file *file = is ? object_find_known(s, is) : NULL;

	if (file)
		*cookie = is;
	return file;
}

/* The file goes to the reaper. Context: the event thread */
static void retire(struct object *o)
{
	struct process *p = o->source.p;
	struct server *s = p->server;
	struct closer *c;

	pthread_mutex_lock(&s->objects_lock);
	LIST_REMOVE(o, bucket);
	LIST_FOREACH (c, &o->closers, link)
		c->retired = true;
	pthread_mutex_unlock(&s->objects_lock);
	source_remove(&o->source);
	pthread_mutex_lock(&p->lock);
	LIST_REMOVE(o, link);
	STAILQ_INSERT_TAIL(&p->reap, o, reap);
	pthread_cond_signal(&p->reap_ready);
	pthread_mutex_unlock(&p->lock);
}

/*
 * Somebody who has the descriptor and no connection asks for one. Anything else that is written to
 * an object is nonsense: then only the hang-up is of interest.
 */
static void adopt(struct object *o)
{
	struct process *p = o->source.p;
	struct epoll_event ev = {.data.ptr = &o->source};
	struct protvirt_message m;
	int fd = WIRE_NO_FD;
	int err = wire_recv(o->source.fd, &m, NULL, 0, &fd, MSG_DONTWAIT);

	if (!err && m.type == PROTVIRT_ADOPT && fd >= 0) {
		process_create(p->server, fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	if (err != -EAGAIN && err != -EINTR)
		epoll_ctl(p->epoll, EPOLL_CTL_MOD, o->source.fd, &ev);
}

static void object_ready(struct source *source, uint32_t events)
{
	struct object *o = (struct object *)source;

	if (events & (EPOLLHUP | EPOLLERR)) {
		process_check_death(source->p);
		retire(o);
	} else {
		adopt(o);
	}
}

/* The name by which a client knows whose descriptor it has; also what `ss -x` shows */
static int bind_name(struct server *s, int fd, const struct file *file)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	size_t at = 1;

	at += (size_t)snprintf(sa.sun_path + at, sizeof(sa.sun_path) - at, PROTVIRT_OBJECT_PREFIX);
	for (int i = 0; i < PROTVIRT_ID_SIZE; i++)
		at += (size_t)snprintf(sa.sun_path + at, sizeof(sa.sun_path) - at, "%02x",
				       s->id[i]);
	at += (size_t)snprintf(sa.sun_path + at, sizeof(sa.sun_path) - at, "/%s/%lu", file->name,
			       atomic_fetch_add(&s->next_object, 1));
	return bind(fd, (struct sockaddr *)&sa,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + at))
		       ? -EMFILE
		       : 0;
}

static int make_pair(struct server *s, const struct file *file, int pair[2], uint64_t *cookie)
{
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -EMFILE;
	err = bind_name(s, pair[0], file);
	*cookie = err ? 0 : wire_cookie(pair[1]);
	if (!err && !*cookie)
		err = -EMFILE;
	if (err) {
		close(pair[0]);
		close(pair[1]);
	}
	return err;
}

/* From here on the event thread owns it. Return: 0 or -ENOMEM */
static int publish(struct process *p, struct object *o)
{
	struct server *s = p->server;
	int err;

	pthread_mutex_lock(&p->lock);
	err = source_add(&o->source, EPOLLIN);
	if (!err) {
		LIST_INSERT_HEAD(&p->objects, o, link);
		p->nr_objects++;
		pthread_mutex_lock(&s->objects_lock);
		LIST_INSERT_HEAD(&s->objects[o->cookie % OBJECT_BUCKETS], o, bucket);
		pthread_mutex_unlock(&s->objects_lock);
	}
	pthread_mutex_unlock(&p->lock);
	return err;
}

static int object_make(struct process *p, struct object *o, struct file *file)
{
	int pair[2];
	int err = make_pair(p->server, file, pair, &o->cookie);

	if (err)
		return err;
	o->file = file;
	LIST_INIT(&o->closers);
	o->source = (struct source){.fd = pair[0], .p = p, .ready = object_ready};
	err = publish(p, o);
	if (!err)
		return pair[1];
	close(pair[0]);
	close(pair[1]);
	return err;
}

int object_create(struct process *p, struct file *file)
{
	struct object *o = host_zalloc(sizeof(*o));
	int fd = o ? object_make(p, o, file) : -ENOMEM;

	if (fd < 0) {
		host_free(o);
		fput(file);
	}
	return fd;
}

void objects_drop(struct process *p)
{
	while (!LIST_EMPTY(&p->objects))
		retire(LIST_FIRST(&p->objects));
}
