// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread of a task: receives requests of its VMM thread and runs them, one after the other. */
#include <errno.h>
#include <linux/futex.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/wire.h"
#include "host/alloc.h"
#include "host/file_state.h"
#include "host/server_state.h"

/**
 * struct request - a request and the result it gets
 * @m: its head; the payload is in the channel
 * @fd: descriptor that came, or WIRE_*
 * @cookie: of the object that @fd stood for, or 0
 * @result: the head of the result
 * @payload: @result.len bytes
 * @pass: descriptor to be passed
 * @pass_is_ours: close it afterwards
 * @pinned: file whose descriptor is passed, kept until then
 */
struct request {
	struct protvirt_message m;
	int fd;
	uint64_t cookie;
	struct protvirt_message result;
	const void *payload;
	int pass;
	bool pass_is_ours;
	struct file *pinned;
};

static void pass_new_file(struct channel *ch, struct request *r, struct file *file)
{
	int fd = object_create(ch->source.p, file);

	if (fd < 0) {
		r->result.result = fd;
		return;
	}
	r->pass = fd;
	r->pass_is_ours = true;
}

/* ---- ioctl ---- */

/* Room for the argument structure: what came is there, what goes back has its place. */
static void take_argument(struct channel *ch, const struct request *r)
{
	struct task_arg *arg = &ch->t->arg;
	size_t len = r->m.args[0] >> 16 & (sizeof(ch->arg) - 1);
	bool in = (r->m.args[2] & PROTVIRT_ARG_IN) && r->m.len == len;

	*arg = (struct task_arg){.uva = r->m.args[1]};
	if (!len || !(in || (r->m.args[2] & PROTVIRT_ARG_OUT)))
		return;
	arg->bytes = ch->arg;
	arg->len = len;
	arg->readable = in;
	arg->writable = r->m.args[2] & PROTVIRT_ARG_OUT;
	if (in)
		memcpy(ch->arg, ch->in, len);
}

/* From its start on it goes with the result; else the VMM's thread has to be told where it goes. */
static void return_argument(struct channel *ch, struct request *r)
{
	struct task_arg *arg = &ch->t->arg;
	size_t start = arg->written_start, n = arg->written_end - start;

	arg->bytes = NULL;
	if (n && start && ask_ops.copy_to(ch->t, arg->uva + start, ch->arg + start, n)) {
		r->result.result = -EFAULT;
	} else if (n && !start) {
		r->result.len = (uint32_t)n;
		r->payload = ch->arg;
	}
}

static void begin(struct channel *ch)
{
	pthread_mutex_lock(&ch->lock);
	ch->running = ch->seq;
	if (ch->kick_seq == ch->seq)
		task_kick(ch->t);
	pthread_mutex_unlock(&ch->lock);
}

static void end(struct channel *ch)
{
	pthread_mutex_lock(&ch->lock);
	ch->running = 0;
	task_ioctl_end(ch->t);
	pthread_mutex_unlock(&ch->lock);
}

static void return_file(struct channel *ch, struct request *r)
{
	struct file *file = task_take_returned(ch->t);

	if (!file)
		return;
	r->result.args[0] = ch->t->returned_at;
	if (r->result.result < 0)
		fput(file);
	else
		pass_new_file(ch, r, file);
}

static void run_ioctl(struct channel *ch, struct request *r, struct file *file)
{
	unsigned int cmd = (unsigned int)r->m.args[0];

	task_follow_at_begin(ch->t);
	take_argument(ch, r);
	begin(ch);
	r->result.result = file->fops->ioctl ? file->fops->ioctl(file, cmd, r->m.args[1]) : -ENOTTY;
	end(ch);
	task_follow_at_end(ch->t);
	return_argument(ch, r);
	return_file(ch, r);
}

static void do_ioctl(struct channel *ch, struct request *r, struct file *file)
{
	if (r->cookie)
		ch->known[r->cookie % PROTVIRT_KNOWN] = r->cookie;
	r->result.args[2] = r->cookie;
	run_ioctl(ch, r, file);
	fput(file); /* if it was the last: released before the ioctl returns */
}

static void do_mmap(struct channel *ch, struct request *r, struct file *file)
{
	int memfd = WIRE_NO_FD;
	off_t offset = 0;
	int err = -ENODEV;

	if (file->fops->mmap)
		err = file->fops->mmap(file, r->m.args[0] / PAGE_SIZE, r->m.args[1], &memfd,
				       &offset);
	r->result.result = err;
	r->result.args[2] = (uint64_t)offset;
	if (!err)
		r->pass = memfd;
	r->pinned = file;
}

/* Has an ioctl on this channel shown the object that the next one names? */
static bool is_known(const struct channel *ch, const struct request *r)
{
	uint64_t cookie = (uint64_t)r->m.result;

	return r->m.type == PROTVIRT_IOCTL && cookie &&
	       ch->known[cookie % PROTVIRT_KNOWN] == cookie;
}

static void with_object(struct channel *ch, struct request *r,
			void (*fn)(struct channel *ch, struct request *r, struct file *file))
{
	struct server *s = ch->source.p->server;
	struct file *file = NULL;

	if (r->fd >= 0)
		file = object_find(s, r->fd, &r->cookie);
	else if (is_known(ch, r))
		file = object_find_known(s, (uint64_t)r->m.result);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = WIRE_NO_FD;
	if (file)
		fn(ch, r, file);
	else
		r->result.result = -EBADF;
}

/* ---- the others ---- */

static void do_open(struct channel *ch, struct request *r)
{
	const struct host_server_params *p = ch->source.p->server->params;
	struct file *file = p->open(p->context);

	if (file)
		pass_new_file(ch, r, file);
	else
		r->result.result = -errno;
}

static void do_alloc(struct channel *ch, struct request *r)
{
	struct backing *b = mm_keep_new_backing(ch->t->mm, r->m.args[0]);

	if (b)
		r->pass = backing_memfd(b);
	else
		r->result.result = -errno;
}

/* Both ends of the VMM's close are ours then: what came with the request, and what it still had. */
static void do_close(struct channel *ch, struct request *r)
{
	struct closer c;

	r->result.result = r->fd >= 0 ? closer_begin(&c, ch->source.p->server, r->fd) : -EBADF;
	if (r->fd >= 0)
		close(r->fd);
	r->fd = WIRE_NO_FD;
	if (r->result.result)
		return;
	ask_close(ch);
	closer_end(&c, ch->t);
}

/* Return: false if that is no request */
static bool dispatch(struct channel *ch, struct request *r)
{
	struct mm *mm = ch->t->mm;

	switch (r->m.type) {
	case PROTVIRT_OPEN:
		do_open(ch, r);
		return true;
	case PROTVIRT_IOCTL:
		with_object(ch, r, do_ioctl);
		return true;
	case PROTVIRT_CLOSE:
		do_close(ch, r);
		return true;
	case PROTVIRT_MMAP:
		with_object(ch, r, do_mmap);
		return true;
	case PROTVIRT_ALLOC:
		do_alloc(ch, r);
		return true;
	case PROTVIRT_MAPPED:
		r->result.result = mm_kept_mapped(mm, r->m.args[1], r->m.args[0]);
		return true;
	case PROTVIRT_FREE:
		r->result.result = mm_unkeep_backing(mm, r->m.args[0], r->m.args[1]);
		return true;
	case PROTVIRT_ACCESSIBLE:
		r->result.result = mm_make_accessible(mm, r->m.args[0], r->m.args[1]);
		return true;
	default:
		return false;
	}
}

static int send_result(struct channel *ch, struct request *r)
{
	int err = wire_send(ch->source.fd, &r->result, r->payload, r->pass, 0);

	if (r->pass_is_ours)
		close(r->pass);
	if (r->pinned)
		fput(r->pinned);
	return err;
}

/* Return: 0, or < 0: the VMM's thread is gone, or does not keep to the protocol */
static int serve_one(struct channel *ch)
{
	struct request r = {.pass = WIRE_NO_FD};
	int err;

	do
		err = wire_recv(ch->source.fd, &r.m, ch->in, sizeof(ch->in), &r.fd, 0);
	while (err == -EINTR);
	if (err)
		return err;
	ch->seq = r.m.seq;
	r.result = (struct protvirt_message){.type = PROTVIRT_RESULT, .seq = r.m.seq};
	if (dispatch(ch, &r))
		err = send_result(ch, &r);
	else
		err = -EPROTO;
	if (r.fd >= 0)
		close(r.fd);
	return err;
}

/* ---- the thread ---- */

static int greet(struct channel *ch)
{
	struct protvirt_message m = {.type = PROTVIRT_GREETING};
	int fd = WIRE_NO_FD;
	int err = wire_send(ch->source.fd, &m, NULL, ch->page_fd, 0);

	close(ch->page_fd);
	ch->page_fd = -1;
	if (!err)
		err = wire_recv(ch->source.fd, &m, NULL, 0, &fd, 0);
	if (err)
		return err;
	if (fd >= 0)
		close(fd);
	if (m.type != PROTVIRT_READY)
		return -EPROTO;
	if (!m.args[0])
		return 0;
	watcher_add(ch); /* may start a thread, which serves others as well */
	task_set_client(ch->t, ch->source.p->peer, (pid_t)(atomic_load(ch->word) & FUTEX_TID_MASK));
	return 0;
}

static void leave(struct channel *ch)
{
	struct task *t = ch->t;

	watcher_remove(ch);
	task_make_current(NULL);
	pthread_mutex_lock(&ch->lock);
	ch->t = NULL;
	pthread_mutex_unlock(&ch->lock);
	shutdown(ch->source.fd, SHUT_RDWR); /* the VMM learns of it if it was us who gave up */
	task_destroy(t);
	atomic_store(&ch->done, true);
	process_poke(ch->source.p);
}

void *call_main(void *arg)
{
	struct channel *ch = arg;

	task_make_current(ch->t);
	if (!greet(ch))
		while (!serve_one(ch))
			;
	leave(ch);
	return NULL;
}
