// SPDX-License-Identifier: MIT
#include "client/channel.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client/connection.h"
#include "client/memory.h"
#include "client/state.h"
#include "client/wire.h"

#define STOP_PAGE_SIZE 4096

/* ---- a channel's life ---- */

static pthread_key_t exit_key;
static pthread_once_t exit_once = PTHREAD_ONCE_INIT;

/*
 * The word by which the machine learns of our death. Holding the lock for life is the point of it:
 * the kernel marks it when the thread ends without giving it back.
 */
static bool lock_stop_page(struct channel *ch)
{
	pthread_mutex_t *lock = ch->page;
	pthread_mutexattr_t attr;

	static_assert(offsetof(pthread_mutex_t, __data.__lock) == PROTVIRT_STOP_LOCK,
		      "the C library keeps a lock's futex word at its start");
	/* The C library's list of robust locks belongs to the thread it made, not to a raw clone.
	 */
	if (ch->pid != client_state.pid)
		return false;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
	/*
	 * Nobody else can hold it. It is held as long as the thread lives, whatever locks the VMM
	 * had when it called first: to a checker of lock orders only a try says that nothing waits.
	 */
	return pthread_mutex_trylock(lock) == 0;
}

static void unlock_stop_page(struct channel *ch)
{
	if (ch->locked && ch->owner == gettid())
		pthread_mutex_unlock(ch->page);
	if (ch->page && ch->pid == getpid())
		munmap(ch->page, STOP_PAGE_SIZE);
}

void channel_drop(struct channel *ch)
{
	struct channel **link = &client_state.channels;

	while (*link != ch)
		link = &(*link)->next;
	*link = ch->next;
	unlock_stop_page(ch);
	if (ch->fd >= 0 && (ch->pid == getpid() || ch->pid == client_state.pid))
		close(ch->fd);
	free(ch);
}

/* A thread that ends in order says so by giving the lock back. */
static void thread_ends(void *unused)
{
	pid_t self = gettid();

	if (client_enter())
		return;
	for (struct channel *next, *ch = client_state.channels; ch; ch = next) {
		next = ch->next;
		if (ch->owner == self)
			channel_drop(ch);
	}
	client_leave();
}

static void make_exit_key(void)
{
	pthread_key_create(&exit_key, thread_ends);
}

static int map_stop_page(struct channel *ch, int fd)
{
	ch->page = mmap(NULL, STOP_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (ch->page == MAP_FAILED) {
		ch->page = NULL;
		return -ENOMEM;
	}
	madvise(ch->page, STOP_PAGE_SIZE, MADV_DONTFORK);
	ch->locked = lock_stop_page(ch);
	return 0;
}

static int greet(struct channel *ch)
{
	struct protvirt_message m;
	int fd;
	int err;

	do
		err = wire_recv(ch->fd, &m, NULL, 0, &fd, 0);
	while (err == -EINTR);
	if (!err && m.result)
		err = (int)m.result;
	else if (!err)
		err = fd >= 0 ? map_stop_page(ch, fd) : fd == WIRE_LOST_FD ? -EMFILE : -EIO;
	if (err)
		return err == -EPIPE ? -EIO : err;
	m = (struct protvirt_message){.type = PROTVIRT_READY, .args = {ch->locked}};
	return wire_send(ch->fd, &m, NULL, WIRE_NO_FD, 0) ? -EIO : 0;
}

/* All tasks of an address space share the memory and so the numbers. */
static _Atomic uint64_t last_number;

static int channel_open(struct channel *ch, struct connection *c)
{
	struct protvirt_message m = {.type = PROTVIRT_CHANNEL};
	int pair[2];
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	ch->fd = pair[0];
	ch->number = atomic_fetch_add(&last_number, 1) + 1;
	m.args[0] = ch->number;
	err = wire_send(c->control, &m, NULL, pair[1], 0);
	close(pair[1]);
	return err ? -EIO : greet(ch);
}

/* Context: inside client_enter() */
static struct channel *find_idle(struct connection *c, pid_t self)
{
	struct channel *ch = client_state.channels;

	while (ch && !(ch->owner == self && ch->connection == c && !ch->busy))
		ch = ch->next;
	return ch;
}

static struct channel *channel_new(struct connection *c, pid_t self)
{
	struct channel *ch = calloc(1, sizeof(*ch));

	if (!ch)
		return NULL;
	ch->owner = self;
	ch->pid = getpid();
	ch->connection = c;
	ch->fd = -1;
	ch->busy = true;
	ch->next = client_state.channels;
	client_state.channels = ch;
	return ch;
}

static struct channel *channel_make(struct channel *ch)
{
	int err;

	pthread_once(&exit_once, make_exit_key);
	pthread_setspecific(exit_key, &client_state);
	err = channel_open(ch, ch->connection);
	if (!err)
		return ch;
	if (err == -EIO)
		connection_check(ch->connection);
	if (client_enter() == 0) {
		channel_drop(ch);
		client_leave();
	}
	errno = -err;
	return NULL;
}

struct channel *channel_get(struct connection *c)
{
	pid_t self = gettid();
	struct channel *ch;
	bool fresh = false;
	int err = client_enter();

	if (err) {
		errno = -err;
		return NULL;
	}
	ch = find_idle(c, self);
	if (ch) {
		ch->busy = true;
	} else {
		ch = channel_new(c, self);
		fresh = true;
	}
	client_leave();
	if (!ch)
		errno = ENOMEM;
	return ch && fresh ? channel_make(ch) : ch;
}

static bool knows(const struct channel *ch, uint64_t cookie)
{
	return ch->known[cookie % PROTVIRT_KNOWN] == cookie;
}

struct channel *channel_get_knowing(uint64_t cookie)
{
	pid_t self = gettid();
	struct channel *ch;

	if (!cookie || client_enter())
		return NULL;
	ch = client_state.channels;
	while (ch && !(ch->owner == self && !ch->busy && knows(ch, cookie)))
		ch = ch->next;
	if (ch)
		ch->busy = true;
	client_leave();
	return ch;
}

void channel_put(struct channel *ch)
{
	if (client_enter())
		return;
	ch->busy = false;
	if (ch->broken)
		channel_drop(ch);
	client_leave();
}

/* ---- requests ---- */

/* But for -EFAULT of @payload a failure is seen by the next receive. */
static int answer_with(struct channel *ch, const struct protvirt_message *ask, int64_t result,
		       const void *payload, size_t len)
{
	struct protvirt_message m = {
		.type = PROTVIRT_REPLY,
		.len = (uint32_t)len,
		.seq = ask->seq,
		.result = result,
	};

	return wire_send(ch->fd, &m, payload, WIRE_NO_FD, 0);
}

static void answer(struct channel *ch, const struct protvirt_message *ask, int64_t result)
{
	answer_with(ch, ask, result, NULL, 0);
}

/* Sent from where it is: what cannot be read there is not sent. */
static void answer_read(struct channel *ch, const struct protvirt_message *ask)
{
	const void *from = (const void *)(uintptr_t)ask->args[0];
	uint64_t n = ask->args[1];

	if (n > PROTVIRT_MAX_PAYLOAD || answer_with(ch, ask, 0, from, n) == -EFAULT)
		answer(ch, ask, -EFAULT);
}

/* Return: 0, or -EIO: the bytes did not come */
static int answer_write(struct channel *ch, const struct protvirt_message *ask)
{
	struct protvirt_message data;
	int fd = WIRE_NO_FD;
	int err;

	do
		err = wire_recv_to_user(ch->fd, &data, ask->args[0], ask->args[1], &fd);
	while (err == -EINTR);
	if (!err && fd >= 0)
		close(fd);
	if ((err && err != -EFAULT) || data.type != PROTVIRT_DATA || data.seq != ask->seq ||
	    data.len != ask->args[1])
		return -EIO;
	answer(ch, ask, err);
	return 0;
}

static void answer_describe(struct channel *ch, const struct protvirt_message *ask)
{
	struct protvirt_extent extents[256];
	int n = memory_describe(ask->args[0], ask->args[1], extents, 256);

	answer_with(ch, ask, n, extents, n > 0 ? (size_t)n * sizeof(extents[0]) : 0);
}

static void answer_close(struct channel *ch, struct call *call, const struct protvirt_message *ask)
{
	if (call->pass >= 0)
		close(call->pass);
	call->pass = WIRE_NO_FD;
	answer(ch, ask, 0);
}

/* Return: 0, or -EIO: not an ask */
static int serve_ask(struct channel *ch, struct call *call, const struct protvirt_message *ask,
		     int fd)
{
	int err;

	switch (ask->type) {
	case PROTVIRT_ASK_READ:
		answer_read(ch, ask);
		return 0;
	case PROTVIRT_ASK_WRITE:
		return answer_write(ch, ask);
	case PROTVIRT_ASK_DESCRIBE:
		answer_describe(ch, ask);
		return 0;
	case PROTVIRT_ASK_CONVERT:
		err = fd >= 0              ? memory_convert(ask->args[0], ask->args[1], fd)
		      : fd == WIRE_LOST_FD ? -EMFILE
					   : -EFAULT;
		answer(ch, ask, err);
		return 0;
	case PROTVIRT_ASK_CLOSE:
		if (call->m.type != PROTVIRT_CLOSE)
			return -EIO;
		answer_close(ch, call, ask);
		return 0;
	default:
		return -EIO;
	}
}

static void kick(struct channel *ch)
{
	struct protvirt_message m = {
		.type = PROTVIRT_KICK,
		.args = {ch->number, ch->seq},
	};

	wire_send(ch->connection->control, &m, NULL, WIRE_NO_FD, 0);
}

/*
 * Wait until there is something to read. A signal that is not in the mask makes us kick, once; its
 * handler has run then. A signal that was pending before is seen as well: ppoll(2) looks.
 */
static void wait_kicking(struct channel *ch, const uint64_t **mask)
{
	struct pollfd pfd = {.fd = ch->fd, .events = POLLIN};

	if (!*mask)
		return;
	if (syscall(SYS_ppoll, &pfd, 1, NULL, *mask, sizeof(**mask)) < 0 && errno == EINTR) {
		kick(ch);
		*mask = NULL;
	}
}

/*
 * The next message of this request. Of those a result alone has a payload, and if that is the
 * caller's memory that is bad the result stands.
 */
static int receive(struct channel *ch, struct call *call, struct protvirt_message *m, int *fd,
		   const uint64_t **mask)
{
	int err;

	do {
		wait_kicking(ch, mask);
		err = wire_recv_to_user(ch->fd, m, call->out, call->room, fd);
	} while (err == -EINTR);
	call->bad_out = err == -EFAULT;
	if ((err && !call->bad_out) || m->seq != call->m.seq)
		return -EIO;
	return m->len && m->type != PROTVIRT_RESULT ? -EIO : 0;
}

/* What cannot be read here the machine asks for, when its checks have come that far. */
static int send_request(struct channel *ch, struct call *call)
{
	int err = wire_send(ch->fd, &call->m, call->payload, call->pass, 0);

	if (err != -EFAULT)
		return err;
	call->m.args[2] &= ~(uint64_t)PROTVIRT_ARG_IN;
	call->m.len = 0;
	return wire_send(ch->fd, &call->m, NULL, call->pass, 0);
}

int channel_call(struct channel *ch, struct call *call)
{
	const uint64_t *mask = call->mask;
	struct protvirt_message m;
	int fd = WIRE_NO_FD;
	int err;

	call->m.seq = ++ch->seq;
	err = send_request(ch, call);
	if (err && err != -EPIPE)
		return err;
	while (!err) {
		err = receive(ch, call, &m, &fd, &mask);
		if (err || m.type == PROTVIRT_RESULT)
			break;
		err = serve_ask(ch, call, &m, fd);
		if (fd >= 0)
			close(fd);
	}
	if (err) {
		ch->broken = true;
		connection_check(ch->connection);
		return -EIO;
	}
	call->result = m;
	call->passed = fd;
	return 0;
}
