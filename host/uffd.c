// SPDX-License-Identifier: GPL-2.0-or-later
/* Traps: the descriptor, and which pieces of guest memory are registered with it. */
#include "host/uffd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/alloc.h"
#include "host/mm_state.h"
#include "host/task_state.h"
#include "host/uffd_state.h"
#include "storage/frame.h"

/* ---- the descriptor ---- */

/* An ioctl on a file of unknown kind could do anything: look at its name first. */
static bool is_userfaultfd(int fd)
{
	static const char name[] = "anon_inode:[userfaultfd]";
	char path[32], link[sizeof(name)];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link));
	return n == (ssize_t)sizeof(name) - 1 && memcmp(link, name, sizeof(name) - 1) == 0;
}

/* Fails if the client has asked for features: we would not understand the events. */
static int shake_hands(int fd)
{
	struct uffdio_api api = {.api = UFFD_API};

	if (!is_userfaultfd(fd) || ioctl(fd, UFFDIO_API, &api))
		return -EINVAL;
	return api.features & UFFD_FEATURE_MISSING_SHMEM ? 0 : -EINVAL;
}

static void free_traps(struct traps *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->stop >= 0)
		close(t->stop);
	pthread_mutex_destroy(&t->lock);
	host_free(t);
}

static struct traps *new_traps(struct mm *mm, int fd)
{
	struct traps *t = host_zalloc(sizeof(*t));

	if (!t) {
		close(fd);
		errno = ENOMEM;
		return NULL;
	}
	t->mm = mm;
	t->fd = fd;
	pthread_mutex_init(&t->lock, NULL);
	t->stop = eventfd(0, EFD_CLOEXEC);
	if (t->stop >= 0)
		return t;
	free_traps(t);
	errno = EMFILE;
	return NULL;
}

/* Signals are for other threads. */
static int start_thread(struct traps *t)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&t->thread, NULL, fault_thread, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

/* Context: the caller is a user of the address space */
static int install(struct mm *mm, struct traps *t)
{
	int err = -EBUSY;

	pthread_mutex_lock(&mm->lock);
	if (!mm->traps) {
		err = start_thread(t);
		if (!err)
			atomic_store(&mm->traps, t);
	}
	pthread_mutex_unlock(&mm->lock);
	return err;
}

int mm_set_userfaultfd(struct mm *mm, int uffd)
{
	int err = shake_hands(uffd);
	struct traps *t;

	if (err) {
		if (uffd >= 0)
			close(uffd);
		return err;
	}
	t = new_traps(mm, uffd);
	if (!t)
		return -errno;
	err = -EBUSY;
	if (mmget_not_zero(mm)) {
		err = install(mm, t);
		mmput(mm);
	}
	if (err)
		free_traps(t);
	return err;
}

bool mm_traps_active(const struct mm *mm)
{
	return atomic_load(&mm->traps);
}

void traps_end(struct mm *mm)
{
	struct traps *t = atomic_load(&mm->traps);

	if (!t)
		return;
	eventfd_write(t->stop, 1);
	pthread_cancel(t->thread); /* matters only if the client made the descriptor blocking */
	pthread_join(t->thread, NULL);
	pthread_mutex_lock(&t->lock);
	close(t->fd);
	t->fd = -1;
	pthread_mutex_unlock(&t->lock);
}

void traps_free(struct mm *mm)
{
	struct traps *t = atomic_load(&mm->traps);

	if (t)
		free_traps(t);
}

/* ---- registration ---- */

/*
 * The ioctls may wait for the lock of the client's mappings: nobody else shall have to wait for a
 * client. A task waits for its own only.
 */
static bool may_change_mappings(const struct traps *t)
{
	const struct task *task = current_task();

	return (task && task->mm == t->mm) || is_fault_thread(t);
}

int traps_register(const struct traps *t, uva_t uva, uint64_t len)
{
	struct uffdio_register r = {
		.range = {.start = uva, .len = len},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	assert(may_change_mappings(t));
	if (t->fd < 0)
		return -EBADF;
	return ioctl(t->fd, UFFDIO_REGISTER, &r) ? -errno : 0;
}

int traps_unregister(const struct traps *t, uva_t uva, uint64_t len)
{
	struct uffdio_range r = {.start = uva, .len = len};

	assert(may_change_mappings(t));
	if (t->fd < 0)
		return -EBADF;
	return ioctl(t->fd, UFFDIO_UNREGISTER, &r) ? -errno : 0;
}

static uint64_t piece_len(const struct mm_backing *entry, uint64_t offset)
{
	uint64_t rest = entry->size - offset;

	return rest < PIECE_SIZE ? rest : PIECE_SIZE;
}

/*
 * Failures are the client's: the place is unmapped, shows something else or belongs to another
 * userfaultfd. Its view has holes there then.
 */
int traps_arm(struct mm_backing *entry, size_t piece_offset)
{
	struct traps *t = atomic_load(&entry->mm->traps);
	uint8_t *state = &entry->trap[piece_offset / PIECE_SIZE];
	uva_t uva;
	int err;

	if (!t || !may_change_mappings(t))
		return 1;
	pthread_mutex_lock(&t->lock);
	uva = mm_backing_uva(entry);
	err = uva == UVA_NONE
		      ? -EFAULT
		      : traps_register(t, uva + piece_offset, piece_len(entry, piece_offset));
	*state = err ? TRAP_OFF : TRAP_ARMED;
	pthread_mutex_unlock(&t->lock);
	return err ? 1 : 0;
}

static void set_states(struct mm_backing *entry, uint64_t offset, uint64_t len, uint8_t state)
{
	for (uint64_t at = offset; at < offset + len; at += PIECE_SIZE)
		if (entry->trap[at / PIECE_SIZE] != TRAP_OFF)
			entry->trap[at / PIECE_SIZE] = state;
}

static bool any_registered(const struct mm_backing *entry, uint64_t offset, uint64_t len)
{
	for (uint64_t at = offset; at < offset + len; at += PIECE_SIZE)
		if (entry->trap[at / PIECE_SIZE] != TRAP_OFF)
			return true;
	return false;
}

/* A place that another backing covers in part is left as it is: that one may trap there. */
static void unregister_locked(const struct traps *t, struct mm_backing *entry, uint64_t offset,
			      uint64_t len)
{
	uva_t uva = mm_backing_uva(entry);
	uint8_t state = TRAP_IDLE;

	if (!any_registered(entry, offset, len))
		return;
	if (uva == UVA_NONE)
		state = TRAP_OFF;
	else if (may_change_mappings(t) && !mm_backing_covered(entry, uva + offset, len) &&
		 traps_unregister(t, uva + offset, len) == 0)
		state = TRAP_OFF;
	set_states(entry, offset, len, state);
}

void traps_disarm(struct mm_backing *entry, size_t offset, size_t len)
{
	struct traps *t = atomic_load(&entry->mm->traps);

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	unregister_locked(t, entry, offset, len);
	pthread_mutex_unlock(&t->lock);
}

/* What nobody can unregister here is found when it is touched: the address is nobody's then. */
void traps_released(struct mm_backing *entry)
{
	traps_disarm(entry, 0, entry->size);
}

static void move_piece(const struct traps *t, struct mm_backing *entry, uva_t uva, uint64_t at)
{
	if (backing_piece_secure(entry->b, at / PIECE_SIZE) &&
	    traps_register(t, uva + at, piece_len(entry, at)) == 0)
		entry->trap[at / PIECE_SIZE] = TRAP_ARMED;
}

/*
 * A piece whose arming has begun counts as one with secure frames. An armed one without is
 * disarmed, so that the next import registers it at the new place.
 */
void traps_moved(struct mm *mm, struct backing *b)
{
	struct traps *t = atomic_load(&mm->traps);
	struct mm_backing *entry;
	uva_t uva;

	if (!t)
		return;
	backing_disarm(b, 0, backing_size(b));
	entry = mm_backing_entry(mm, b);
	pthread_mutex_lock(&t->lock);
	uva = mm_backing_uva(entry);
	for (uint64_t at = 0; uva != UVA_NONE && at < entry->size; at += PIECE_SIZE)
		move_piece(t, entry, uva, at);
	pthread_mutex_unlock(&t->lock);
}

bool traps_drop_idle(struct traps *t, struct backing *b, uint64_t offset)
{
	struct mm_backing *entry = mm_backing_entry(t->mm, b);
	uint8_t *state = &entry->trap[offset / PIECE_SIZE];
	bool off;

	backing_disarm(b, offset, PIECE_SIZE);
	pthread_mutex_lock(&t->lock);
	if (*state == TRAP_IDLE)
		unregister_locked(t, entry, offset, piece_len(entry, offset));
	off = *state == TRAP_OFF;
	pthread_mutex_unlock(&t->lock);
	return off;
}
