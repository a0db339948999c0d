// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fault thread of an address space: answers touches of missing pages.
 *
 * A page is put into the memfd first; UFFDIO_CONTINUE then maps what is there.
 * It also tells whether guest memory lies at the address at all: a client may
 * have mapped something else over a piece that we registered later.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/mm_state.h"
#include "host/uffd.h"
#include "host/uffd_state.h"
#include "storage/frame.h"
#include "uv/ultravisor.h"

#define MESSAGES 16

/* So often may a guest take a page back between export and use before we doubt that it is ours */
#define LOST_MAX 256

/* So often may it take a page back while we export */
#define EXPORT_TRIES 8

#ifndef UFFDIO_POISON /* Linux 6.6 */
struct uffdio_poison {
	struct uffdio_range range;
	__u64 mode;
	__s64 updated;
};
#define UFFDIO_POISON _IOWR(UFFDIO, 0x08, struct uffdio_poison)
#endif

static _Thread_local const struct traps *mine;

bool is_fault_thread(const struct traps *t)
{
	return mine == t;
}

static void wake(const struct traps *t, uva_t uva, uint64_t len)
{
	struct uffdio_range r = {.start = uva, .len = len};

	ioctl(t->fd, UFFDIO_WAKE, &r);
}

/* Nothing of ours is at @uva: what is there shall behave as if we were not. */
static void forget_page(struct traps *t, uva_t uva)
{
	int err = 0;

	pthread_mutex_lock(&t->lock);
	err = traps_unregister(t, uva, PAGE_SIZE);
	pthread_mutex_unlock(&t->lock);
	if (err)
		wake(t, uva, PAGE_SIZE);
}

static void forget_unknown(struct traps *t, uva_t uva)
{
	struct backing *b;
	uint64_t offset;
	int err = -EEXIST;

	pthread_mutex_lock(&t->lock);
	b = mm_find_backing(t->mm, uva, &offset);
	if (!b)
		err = traps_unregister(t, uva, PAGE_SIZE);
	pthread_mutex_unlock(&t->lock);
	if (b)
		backing_put(b);
	if (err)
		wake(t, uva, PAGE_SIZE);
}

/* The page has gone again, or what lies there is another file with a hole of its own. */
static void lost(struct traps *t, uva_t uva)
{
	t->lost_times = t->lost_at == uva ? t->lost_times + 1 : 0;
	t->lost_at = uva;
	if (t->lost_times < LOST_MAX)
		wake(t, uva, PAGE_SIZE);
	else
		forget_page(t, uva);
}

/* The page is in the memfd: let the touch go on. */
static void map_page(struct traps *t, uva_t uva)
{
	struct uffdio_continue c = {.range = {.start = uva, .len = PAGE_SIZE}};

	if (ioctl(t->fd, UFFDIO_CONTINUE, &c) == 0)
		return;
	switch (errno) {
	case EFAULT:
		lost(t, uva);
		break;
	case EINVAL:
		forget_page(t, uva);
		break;
	default: /* there already; unmapped; its mappings are changing; out of memory: once more */
		wake(t, uva, PAGE_SIZE);
	}
}

/* As on a real machine: SIGBUS. Before Linux 6.6 it reads zeros, which are not the content. */
static void refuse_page(const struct traps *t, uva_t uva)
{
	struct uffdio_poison p = {.range = {.start = uva, .len = PAGE_SIZE}};
	struct uffdio_zeropage z = {.range = {.start = uva, .len = PAGE_SIZE}};

	if (ioctl(t->fd, UFFDIO_POISON, &p) && ioctl(t->fd, UFFDIO_ZEROPAGE, &z))
		wake(t, uva, PAGE_SIZE);
}

/* Put a frame into ordinary storage, whoever owns it. Return: 0 or -errno */
static int make_ordinary(struct mm *mm, struct backing *b, size_t index)
{
	int err = -EBUSY;

	for (int i = 0; i < EXPORT_TRIES; i++) {
		err = backing_make_present(b, index);
		if (err != -EBUSY)
			return err;
		if (!mm->uv || uv_make_accessible(mm->uv, backing_abs(b) + index * PAGE_SIZE))
			return -EIO;
	}
	return err;
}

/* All frames of a piece but those of a guest that lives */
static void make_piece_ordinary(struct mm *mm, struct backing *b, size_t first)
{
	size_t end = backing_size(b) / PAGE_SIZE;

	if (end > first + PIECE_PAGES)
		end = first + PIECE_PAGES;
	for (size_t i = first; i < end; i++)
		if (!backing_frame_info(b, i).live)
			make_ordinary(mm, b, i);
}

static void resolve(struct traps *t, struct backing *b, uint64_t offset, uva_t uva)
{
	size_t index = offset / PAGE_SIZE;
	uint64_t piece = offset / PIECE_SIZE * PIECE_SIZE;
	int err;

	if (!backing_frame_info(b, index).live) {
		if (!backing_piece_secure(b, piece / PIECE_SIZE) && traps_drop_idle(t, b, piece)) {
			wake(t, uva, PAGE_SIZE);
			return;
		}
		make_piece_ordinary(t->mm, b, piece / PAGE_SIZE);
	}
	err = make_ordinary(t->mm, b, index);
	if (err == 0)
		map_page(t, uva);
	else if (err == -EBUSY) /* a guest keeps taking it back: let others have the processor */
		wake(t, uva, PAGE_SIZE);
	else
		refuse_page(t, uva);
}

static void handle(struct traps *t, const struct uffd_msg *msg)
{
	uva_t uva = msg->arg.pagefault.address & PAGE_MASK;
	struct backing *b;
	uint64_t offset;

	if (msg->event != UFFD_EVENT_PAGEFAULT)
		return;
	b = mm_find_backing(t->mm, uva, &offset);
	if (!b) {
		forget_unknown(t, uva);
		return;
	}
	resolve(t, b, offset, uva);
	backing_put(b);
}

/*
 * The client shares the descriptor: it can make it blocking and take messages away from us, so
 * that we would wait here for ever. traps_end() gets us out.
 */
static ssize_t read_messages(const struct traps *t, struct uffd_msg *msgs)
{
	ssize_t n;

	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	n = read(t->fd, msgs, MESSAGES * sizeof(*msgs));
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	return n;
}

/* Return: may there be messages? */
static bool wait_for_messages(const struct traps *t, bool *stop)
{
	struct pollfd fds[2] = {{.fd = t->stop, .events = POLLIN}, {.fd = t->fd, .events = POLLIN}};
	int n = poll(fds, 2, -1);

	*stop = n > 0 && fds[0].revents;
	if (n > 0 && fds[1].revents & POLLERR) /* made blocking */
		fcntl(t->fd, F_SETFL, fcntl(t->fd, F_GETFL) | O_NONBLOCK);
	return n > 0 && fds[1].revents & POLLIN;
}

void *fault_thread(void *traps)
{
	struct traps *t = traps;
	struct uffd_msg msgs[MESSAGES];
	bool stop = false;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	mine = t;
	while (!stop) {
		ssize_t n = wait_for_messages(t, &stop) && !stop ? read_messages(t, msgs) : 0;

		for (ssize_t i = 0; i < n / (ssize_t)sizeof(*msgs); i++)
			handle(t, &msgs[i]);
	}
	return NULL;
}
