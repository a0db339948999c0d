// SPDX-License-Identifier: GPL-2.0-or-later
/* The backings of an address space: the list, and who is in it. */
#include <assert.h>
#include <errno.h>
#include <sys/stat.h>

#include "host/alloc.h"
#include "host/mm_state.h"
#include "host/uffd.h"
#include "storage/frame.h"
#include "storage/storage.h"

static void uncharge(struct mm *mm, uint64_t size)
{
	atomic_fetch_sub(&mm->memory, size);
	atomic_fetch_sub(&mm->nr_backings, 1);
}

static bool charge(struct mm *mm, uint64_t size)
{
	const struct mm_limits *limits = &mm->limits;
	uint64_t bytes = atomic_fetch_add(&mm->memory, size) + size;
	uint64_t n = atomic_fetch_add(&mm->nr_backings, 1) + 1;

	if ((!limits->memory || bytes <= limits->memory) &&
	    (!limits->backings || n <= limits->backings))
		return true;
	uncharge(mm, size);
	return false;
}

static void backing_released(void *owner, struct backing *b)
{
	struct mm_backing *entry = owner;
	struct mm *mm = entry->mm;

	pthread_mutex_lock(&mm->lock);
	TAILQ_REMOVE(&mm->backings, entry, link);
	pthread_mutex_unlock(&mm->lock);
	traps_released(entry);
	uncharge(mm, entry->size);
	host_free(entry);
	mmdrop(mm);
}

static int backing_arm(void *owner, struct backing *b, size_t piece_offset)
{
	return traps_arm(owner, piece_offset);
}

static void backing_disarmed(void *owner, struct backing *b, size_t offset, size_t len)
{
	traps_disarm(owner, offset, len);
}

static const struct backing_ops mm_backing_ops = {
	.arm = backing_arm,
	.disarm = backing_disarmed,
	.released = backing_released,
};

static uint64_t memfd_inode(const struct backing *b)
{
	struct stat st;

	if (fstat(backing_memfd(b), &st))
		return 0;
	return st.st_ino;
}

static struct mm_backing *new_entry(struct mm *mm, uint64_t size)
{
	struct mm_backing *entry;

	/* Before anything is allocated for it: the client may ask for all there is. */
	if (size > ABS_LIMIT || !charge(mm, size))
		return NULL;
	entry = host_zalloc(sizeof(*entry) + (size + PIECE_SIZE - 1) / PIECE_SIZE);
	if (!entry) {
		uncharge(mm, size);
		return NULL;
	}
	entry->mm = mm;
	entry->size = size;
	entry->uva = UVA_NONE;
	return entry;
}

struct backing *mm_new_backing(struct mm *mm, uint64_t size)
{
	struct mm_backing *entry = new_entry(mm, size);
	struct backing *b;

	if (!entry)
		return NULL;
	b = backing_create(mm->st, size, &mm_backing_ops, entry);
	if (!b) {
		uncharge(mm, size);
		host_free(entry);
		return NULL;
	}
	entry->b = b;
	entry->inode = memfd_inode(b);
	mmgrab(mm);
	pthread_mutex_lock(&mm->lock);
	TAILQ_INSERT_TAIL(&mm->backings, entry, link);
	pthread_mutex_unlock(&mm->lock);
	return b;
}

struct backing *mm_keep_new_backing(struct mm *mm, uint64_t size)
{
	struct backing *b = NULL;
	struct mm_backing *entry;

	errno = EINVAL;
	if (!size || size % PAGE_SIZE)
		return NULL;
	b = mm_new_backing(mm, size);
	if (!b) {
		errno = ENOMEM;
		return NULL;
	}
	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	if (entry->b == b)
		entry->kept = true;
	pthread_mutex_unlock(&mm->lock);
	return b;
}

int mm_kept_mapped(struct mm *mm, uint64_t inode, uva_t uva)
{
	struct mm_backing *entry;
	struct backing *b = NULL;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	if (entry->kept && entry->inode == inode)
		b = backing_get(entry->b);
	pthread_mutex_unlock(&mm->lock);
	if (!b)
		return -EINVAL;
	mm_backing_mapped(mm, b, uva);
	backing_put(b);
	return 0;
}

int mm_unkeep_backing(struct mm *mm, uva_t uva, uint64_t size)
{
	struct mm_backing *entry;
	struct backing *b = NULL;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	if (entry->kept && entry->uva == uva && entry->size == size)
		break;
	if (entry) {
		entry->kept = false;
		b = entry->b;
	}
	pthread_mutex_unlock(&mm->lock);
	if (b)
		backing_put(b);
	return b ? 0 : -EINVAL;
}

static struct backing *unkeep_one(struct mm *mm)
{
	struct mm_backing *entry;
	struct backing *b = NULL;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	if (entry->kept)
		break;
	if (entry) {
		entry->kept = false;
		b = entry->b;
	}
	pthread_mutex_unlock(&mm->lock);
	return b;
}

void mm_unkeep_all(struct mm *mm)
{
	struct backing *b;

	while ((b = unkeep_one(mm)))
		backing_put(b);
}

struct mm_backing *mm_backing_entry(struct mm *mm, struct backing *b)
{
	struct mm_backing *entry;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	if (entry->b == b)
		break;
	pthread_mutex_unlock(&mm->lock);
	assert(entry);
	return entry;
}

uva_t mm_backing_uva(struct mm_backing *entry)
{
	uva_t uva;

	pthread_mutex_lock(&entry->mm->lock);
	uva = entry->uva;
	pthread_mutex_unlock(&entry->mm->lock);
	return uva;
}

bool mm_backing_covered(struct mm_backing *entry, uva_t uva, uint64_t len)
{
	struct mm *mm = entry->mm;
	struct mm_backing *other;
	bool covered = false;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(other, &mm->backings, link)
	if (other != entry && other->uva != UVA_NONE && other->uva < uva + len &&
	    uva < other->uva + other->size)
		covered = true;
	pthread_mutex_unlock(&mm->lock);
	return covered;
}

/* An old one that is covered only in part stays where it is; the newest is found first. */
static void place_locked(struct mm *mm, struct mm_backing *placed, uva_t uva)
{
	struct mm_backing *entry;

	TAILQ_FOREACH(entry, &mm->backings, link)
	if (entry != placed && entry->uva != UVA_NONE && entry->uva >= uva &&
	    entry->uva - uva < placed->size && entry->size <= placed->size - (entry->uva - uva))
		entry->uva = UVA_NONE;
	TAILQ_REMOVE(&mm->backings, placed, link);
	TAILQ_INSERT_HEAD(&mm->backings, placed, link);
	placed->uva = uva;
}

void mm_backing_mapped(struct mm *mm, struct backing *b, uva_t uva)
{
	struct mm_backing *entry = mm_backing_entry(mm, b);
	uva_t before;

	pthread_mutex_lock(&mm->lock);
	before = entry->uva;
	if (before != uva)
		place_locked(mm, entry, uva);
	pthread_mutex_unlock(&mm->lock);
	if (before != uva && before != UVA_NONE)
		traps_moved(mm, b);
}

struct backing *mm_find_backing(struct mm *mm, uva_t uva, uint64_t *offset)
{
	struct backing *b = NULL;
	struct mm_backing *entry;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	{
		if (entry->uva == UVA_NONE || uva - entry->uva >= entry->size ||
		    !backing_get_not_zero(entry->b))
			continue;
		b = entry->b;
		*offset = uva - entry->uva;
		break;
	}
	pthread_mutex_unlock(&mm->lock);
	return b;
}

struct backing *mm_find_inode(struct mm *mm, uint64_t inode)
{
	struct backing *b = NULL;
	struct mm_backing *entry;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	{
		if (entry->inode != inode || !backing_get_not_zero(entry->b))
			continue;
		b = entry->b;
		break;
	}
	pthread_mutex_unlock(&mm->lock);
	return b;
}

/* The next backing that still has references, with one more */
static struct mm_backing *get_first_from(struct mm_backing *entry)
{
	while (entry && !backing_get_not_zero(entry->b))
		entry = TAILQ_NEXT(entry, link);
	return entry;
}

int mm_for_each_backing(struct mm *mm, int (*fn)(struct backing *b, void *arg), void *arg)
{
	struct mm_backing *entry;
	int rc = 0;

	pthread_mutex_lock(&mm->lock);
	entry = get_first_from(TAILQ_FIRST(&mm->backings));
	pthread_mutex_unlock(&mm->lock);
	while (entry) {
		struct backing *b = entry->b;

		rc = fn(b, arg);
		pthread_mutex_lock(&mm->lock);
		entry = rc ? NULL : get_first_from(TAILQ_NEXT(entry, link));
		pthread_mutex_unlock(&mm->lock);
		backing_put(b);
	}
	return rc;
}
