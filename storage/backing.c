// SPDX-License-Identifier: GPL-2.0-or-later
/* Guest memory: a sealed memfd for the ordinary store, a private arena for the secure one. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "storage/frame.h"
#include "storage/inject.h"
#include "storage/region.h"

/* Its size can never change: an access inside it never raises SIGBUS. */
static int sealed_memfd(size_t size)
{
	int fd = memfd_create("protvirt-guest", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)size) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* Huge pages only where the whole huge page lies in the arena: align it. */
uint8_t *map_arena(size_t size)
{
	uint8_t *p = map_huge(size);

	if (p)
		madvise(p, size, MADV_DONTDUMP);
	return p;
}

int backing_map_secure(struct backing *b)
{
	size_t size = b->region.size;

	b->arena = map_arena(size);
	if (!b->arena)
		return -ENOMEM;
	b->nr_pieces = (size + PIECE_SIZE - 1) / PIECE_SIZE;
	b->pieces = calloc(b->nr_pieces, sizeof(*b->pieces));
	return b->pieces ? 0 : -ENOMEM;
}

static int backing_map(struct backing *b)
{
	size_t size = b->region.size;

	b->memfd = sealed_memfd(size);
	if (b->memfd < 0)
		return -errno;
	b->ordinary = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, b->memfd, 0);
	if (b->ordinary == MAP_FAILED) {
		b->ordinary = NULL;
		return -ENOMEM;
	}
	madvise(b->ordinary, size, MADV_DONTDUMP);
	return backing_map_secure(b);
}

/* What a view shows is not its own. */
void backing_free(struct backing *b)
{
	free(b->pieces);
	if (b->arena)
		munmap(b->arena, b->region.size);
	if (b->ordinary && !b->under)
		munmap(b->ordinary, b->region.size);
	if (b->memfd >= 0 && !b->under)
		close(b->memfd);
	pthread_mutex_destroy(&b->piece_lock);
	region_fini(&b->region);
	free(b);
}

struct backing *backing_alloc(struct storage *st, size_t size)
{
	struct backing *b =
		inject(INJECT_ALLOC, ALLOC_BACKING, size, NULL) ? NULL : calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->memfd = -1;
	b->region.backing = b;
	b->region.kind = ALLOC_BACKING;
	LIST_INIT(&b->views);
	pthread_mutex_init(&b->piece_lock, NULL);
	if (!region_init(&b->region, st, size))
		return b;
	backing_free(b);
	return NULL;
}

struct backing *backing_create(struct storage *st, size_t size, const struct backing_ops *ops,
			       void *owner)
{
	struct backing *b;
	int rc;

	if (!size || size % PAGE_SIZE || size > ABS_LIMIT) {
		errno = EINVAL;
		return NULL;
	}
	b = backing_alloc(st, size);
	if (!b) {
		errno = ENOMEM;
		return NULL;
	}
	b->ops = ops;
	b->owner = owner;
	rc = backing_map(b);
	if (!rc)
		rc = region_add(&b->region, PIECE_SIZE);
	if (rc) {
		backing_free(b);
		errno = -rc;
		return NULL;
	}
	counts_backing(&st->counts, (int64_t)size);
	return b;
}

/*
 * A lost frame may hold plaintext: its memory is unmapped here, never handed to anybody. Nearly no
 * machine ever has one, and to look through the words of 8 GiB takes a millisecond.
 */
static void forget_lost_frames(struct backing *b)
{
	if (!counts_lost(&b->region.st->counts))
		return;
	for (size_t i = 0; i < b->region.size / PAGE_SIZE; i++) {
		uint64_t word = atomic_load_explicit(&b->region.words[i], memory_order_relaxed);

		if (frame_word_state(word) == FRAME_LOST)
			memset(b->arena + i * PAGE_SIZE, 0, PAGE_SIZE);
	}
}

void backing_release(struct backing *b)
{
	struct storage *st = b->region.st;
	const struct backing_ops *ops;
	struct backing *under;
	void *owner;

	pthread_mutex_lock(&b->piece_lock);
	ops = b->ops;
	owner = b->owner;
	pthread_mutex_unlock(&b->piece_lock);
	if (ops && ops->released)
		ops->released(owner, b);
	region_remove(&b->region);
	counts_backing(&st->counts, -(int64_t)b->region.size);
	forget_lost_frames(b);
	under = b->under;
	if (under)
		backing_leave(b);
	backing_free(b);
	if (under)
		backing_put(under);
}

struct backing *backing_get(struct backing *b)
{
	uint64_t refs = atomic_fetch_add_explicit(&b->region.refs, 1, memory_order_relaxed);

	assert(refs);
	(void)refs;
	return b;
}

bool backing_get_not_zero(struct backing *b)
{
	return region_get_not_zero(&b->region);
}

void backing_put(struct backing *b)
{
	region_put(&b->region);
}

int backing_memfd(const struct backing *b)
{
	return b->memfd;
}

size_t backing_size(const struct backing *b)
{
	return b->region.size;
}

abs_t backing_abs(const struct backing *b)
{
	return b->region.start;
}

uint8_t *backing_ordinary(const struct backing *b)
{
	return b->ordinary;
}

void backing_forget_owner(struct backing *b)
{
	pthread_mutex_lock(&b->piece_lock);
	b->ops = NULL;
	b->owner = NULL;
	pthread_mutex_unlock(&b->piece_lock);
}
