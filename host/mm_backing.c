// SPDX-License-Identifier: GPL-2.0-or-later
/* The backings of an address space: the list, and who is in it. */
#include <assert.h>
#include <errno.h>
#include <sys/stat.h>

#include "host/alloc.h"
#include "host/mm_state.h"
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
	uncharge(mm, entry->size);
	host_free(entry);
	mmdrop(mm);
}

static const struct backing_ops mm_backing_ops = {
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

	if (!charge(mm, size))
		return NULL;
	entry = host_zalloc(sizeof(*entry));
	if (!entry) {
		uncharge(mm, size);
		return NULL;
	}
	entry->mm = mm;
	entry->size = size;
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
	int rc = -EINVAL;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	{
		if (!entry->kept || entry->inode != inode)
			continue;
		entry->uva = uva;
		rc = 0;
	}
	pthread_mutex_unlock(&mm->lock);
	return rc;
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

void mm_backing_mapped(struct mm *mm, struct backing *b, uva_t uva)
{
	struct mm_backing *entry;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	if (entry->b == b)
		entry->uva = uva;
	pthread_mutex_unlock(&mm->lock);
}

struct backing *mm_find_backing(struct mm *mm, uva_t uva, uint64_t *offset)
{
	struct backing *b = NULL;
	struct mm_backing *entry;

	pthread_mutex_lock(&mm->lock);
	TAILQ_FOREACH(entry, &mm->backings, link)
	{
		if (uva - entry->uva >= entry->size || !backing_get_not_zero(entry->b))
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
