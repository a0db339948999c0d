// SPDX-License-Identifier: MIT
/* The system calls, over a machine. */
#include "protvirt/protvirt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/channel.h"
#include "client/connection.h"
#include "client/memory.h"
#include "client/signal_mask.h"
#include "client/userfault.h"
#include "client/wire.h"
#include "protvirt/kvm.h"

/**
 * struct guard - what is suspended while a thread is inside
 * @mask: signals that the caller has blocked
 * @cancel: whether it can be cancelled
 */
struct guard {
	sigset_t mask;
	int cancel;
};

static void guard_enter(struct guard *g)
{
	sigset_t all;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &g->cancel);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &g->mask);
}

static void guard_leave(const struct guard *g)
{
	int err = errno;

	pthread_sigmask(SIG_SETMASK, &g->mask, NULL);
	pthread_setcancelstate(g->cancel, NULL);
	errno = err;
}

/* What came with the result is used by this. Return: value, or -errno */
typedef long finish_fn(struct channel *ch, struct call *call);

/* One request on a channel that was got for it. Return: value, or -errno */
static long request_on(struct channel *ch, struct call *call, finish_fn *finish)
{
	long ret = channel_call(ch, call);

	if (!ret)
		ret = finish(ch, call);
	if (ret < 0 && call->passed >= 0)
		close(call->passed);
	channel_put(ch);
	return ret;
}

static long request(struct connection *c, struct call *call, finish_fn *finish)
{
	struct channel *ch = channel_get(c);

	return ch ? request_on(ch, call, finish) : -errno;
}

static long finish_plain(struct channel *ch, struct call *call)
{
	return call->result.result;
}

static long to_errno(long ret)
{
	if (ret >= 0)
		return ret;
	errno = (int)-ret;
	return -1;
}

/* ---- open ---- */

static long finish_descriptor(struct channel *ch, struct call *call)
{
	if (call->result.result < 0)
		return call->result.result;
	if (call->passed < 0)
		return call->passed == WIRE_LOST_FD ? -EMFILE : -EIO;
	return call->passed;
}

static long open_kvm(int flags)
{
	struct call call = {.m.type = PROTVIRT_OPEN, .pass = WIRE_NO_FD, .passed = WIRE_NO_FD};
	struct connection *c = connection_default();
	long fd = c ? request(c, &call, finish_descriptor) : -errno;

	if (fd >= 0 && !(flags & O_CLOEXEC))
		fcntl((int)fd, F_SETFD, 0);
	return fd;
}

int protvirt_open(const char *path, int flags)
{
	struct guard g;
	long ret = -ENOENT;

	guard_enter(&g);
	if (strcmp(path, "/dev/kvm") == 0)
		ret = open_kvm(flags);
	guard_leave(&g);
	return (int)to_errno(ret);
}

/* ---- ioctl ---- */

/* The argument structure is sent from where the caller has it, and the answer goes back there. */
static void put_argument(struct call *call, uint64_t uva, unsigned int cmd)
{
	uint32_t len = _IOC_SIZE(cmd);

	if ((_IOC_DIR(cmd) & _IOC_READ) && len) {
		call->m.args[2] |= PROTVIRT_ARG_OUT;
		call->out = uva;
		call->room = len;
	}
	if (!(_IOC_DIR(cmd) & _IOC_WRITE) || !len)
		return;
	call->m.args[2] |= PROTVIRT_ARG_IN;
	call->m.len = len;
	call->payload = (const void *)(uintptr_t)uva;
}

static long store_descriptor(struct call *call)
{
	uint64_t where = call->result.args[0];

	if (!where)
		return call->passed;
	return memory_write(where, &call->passed, sizeof(int)) ? -EFAULT : call->result.result;
}

static long finish_ioctl(struct channel *ch, struct call *call)
{
	const struct protvirt_message *result = &call->result;

	if (result->args[2])
		ch->known[result->args[2] % PROTVIRT_KNOWN] = result->args[2];
	if (call->bad_out)
		return -EFAULT;
	if (result->result < 0)
		return result->result;
	if (call->passed == WIRE_LOST_FD)
		return -EMFILE;
	return call->passed >= 0 ? store_descriptor(call) : result->result;
}

/* The object is named where its machine knows it, else the descriptor goes along. */
static struct channel *channel_for(int fd, struct call *call)
{
	uint64_t cookie = wire_cookie(fd);
	struct channel *ch = channel_get_knowing(cookie);
	struct connection *c;

	if (ch) {
		call->m.result = (int64_t)cookie;
		return ch;
	}
	call->pass = fd;
	c = connection_of(fd);
	return c ? channel_get(c) : NULL;
}

static long do_ioctl(int fd, unsigned int cmd, uint64_t value, const struct guard *g)
{
	struct call call = {
		.m = {.type = PROTVIRT_IOCTL, .args = {cmd, value}},
		.pass = WIRE_NO_FD,
		.passed = WIRE_NO_FD,
	};
	struct channel *ch = channel_for(fd, &call);
	uint64_t mask;
	long ret;

	if (!ch)
		return -errno;
	put_argument(&call, value, cmd);
	if (cmd == KVM_RUN) {
		mask = signal_mask_get(fd, &g->mask);
		call.mask = &mask;
	}
	ret = request_on(ch, &call, finish_ioctl);
	if (cmd == KVM_SET_SIGNAL_MASK && ret == 0)
		ret = signal_mask_set(fd, value);
	return ret;
}

int protvirt_ioctl(int fd, unsigned long cmd, uintptr_t arg)
{
	struct guard g;
	long ret;

	guard_enter(&g);
	ret = do_ioctl(fd, (unsigned int)cmd, arg, &g);
	guard_leave(&g);
	return (int)to_errno(ret);
}

/* ---- mmap and close ---- */

static int map_object(int fd, size_t len, off_t offset, off_t *at)
{
	struct connection *c = connection_of(fd);
	struct call call = {
		.m = {.type = PROTVIRT_MMAP, .args = {(uint64_t)offset, len}},
		.pass = fd,
		.passed = WIRE_NO_FD,
	};
	long memfd = c ? request(c, &call, finish_descriptor) : -errno;

	*at = (off_t)call.result.args[2];
	return (int)memfd;
}

void *protvirt_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	void *p = MAP_FAILED;
	struct guard g;
	int memfd;
	off_t at;

	guard_enter(&g);
	memfd = map_object(fd, len, offset, &at);
	if (memfd >= 0) {
		p = mmap(addr, len, prot, flags, memfd, at);
		close(memfd);
	} else {
		errno = -memfd;
	}
	guard_leave(&g);
	return p;
}

/*
 * The machine asks us to close it when it has seen which object it is, and then knows whether that
 * was the last descriptor. Whatever fails on the way: it is closed here, and released a bit later.
 */
static int close_object(int fd)
{
	struct connection *c = connection_peek_of(fd);
	struct call call = {
		.m = {.type = PROTVIRT_CLOSE},
		.pass = fd,
		.passed = WIRE_NO_FD,
	};

	if (!c)
		return close(fd);
	request(c, &call, finish_plain);
	return call.pass >= 0 ? close(fd) : 0;
}

int protvirt_close(int fd)
{
	struct guard g;
	int ret, err;

	guard_enter(&g);
	ret = close_object(fd);
	err = errno;
	guard_leave(&g);
	errno = err;
	return ret;
}

/* ---- guest memory ---- */

static long request_range(uint32_t type, uint64_t a, uint64_t b)
{
	struct connection *c = connection_default_peek();
	struct call call = {
		.m = {.type = type, .args = {a, b}},
		.pass = WIRE_NO_FD,
		.passed = WIRE_NO_FD,
	};

	return c ? request(c, &call, finish_plain) : -EINVAL;
}

static int make_memory(size_t len)
{
	struct call call = {
		.m = {.type = PROTVIRT_ALLOC, .args = {len}},
		.pass = WIRE_NO_FD,
		.passed = WIRE_NO_FD,
	};
	struct connection *c = connection_default();

	return c ? (int)request(c, &call, finish_descriptor) : -errno;
}

static void *map_memory(int memfd, size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	struct stat st;

	if (p == MAP_FAILED || fstat(memfd, &st)) {
		errno = ENOMEM;
		return NULL;
	}
	madvise(p, len, MADV_DONTFORK);
	request_range(PROTVIRT_MAPPED, (uintptr_t)p, st.st_ino);
	return p;
}

void *protvirt_alloc_guest_memory(size_t len)
{
	void *p = NULL;
	struct guard g;
	int memfd;

	guard_enter(&g);
	memfd = make_memory(len);
	if (memfd >= 0) {
		p = map_memory(memfd, len);
		close(memfd);
	} else {
		errno = -memfd;
	}
	guard_leave(&g);
	return p;
}

int protvirt_free_guest_memory(void *addr, size_t len)
{
	struct guard g;
	int ret;

	guard_enter(&g);
	request_range(PROTVIRT_FREE, (uintptr_t)addr, len);
	ret = munmap(addr, len);
	guard_leave(&g);
	return ret;
}

int protvirt_make_accessible(void *addr, size_t len)
{
	struct guard g;
	long ret;

	guard_enter(&g);
	ret = request_range(PROTVIRT_ACCESSIBLE, (uintptr_t)addr, len);
	guard_leave(&g);
	return (int)to_errno(ret);
}

int protvirt_traps_active(void)
{
	struct connection *c = connection_default_peek();
	int fd;

	if (c)
		return c->traps;
	fd = userfault_create();
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
