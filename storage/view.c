// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Views: guest memory that is storage of a machine of its own.
 *
 * A guest that has an Ultravisor has a storage, with words for its pages and a place where secure
 * pages lie. Its ordinary pages are those of the backing that the VMM was given. In that backing
 * nothing may become secure meanwhile: two Ultravisors would put holes where the other one's pages
 * are.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "storage/frame.h"
#include "storage/region.h"

static bool overlaps(const struct backing *b, size_t offset, size_t size)
{
	const struct backing *view;

	LIST_FOREACH (view, &b->views, view_link) {
		size_t at = view->memfd_offset - b->memfd_offset;

		if (offset < at + view->region.size && at < offset + size)
			return true;
	}
	return false;
}

/* The first view bars what is under it. */
static int join_locked(struct backing *view, struct backing *under)
{
	int rc = 0;

	if (overlaps(under, view->memfd_offset - under->memfd_offset, view->region.size))
		return -EBUSY;
	if (LIST_EMPTY(&under->views))
		rc = backing_bar_locked(under);
	if (!rc)
		LIST_INSERT_HEAD(&under->views, view, view_link);
	return rc;
}

static int join(struct backing *view, struct backing *under)
{
	int rc;

	pthread_mutex_lock(&under->piece_lock);
	rc = join_locked(view, under);
	pthread_mutex_unlock(&under->piece_lock);
	return rc;
}

void backing_leave(struct backing *view)
{
	struct backing *under = view->under;

	pthread_mutex_lock(&under->piece_lock);
	LIST_REMOVE(view, view_link);
	if (LIST_EMPTY(&under->views))
		under->barred = false;
	pthread_mutex_unlock(&under->piece_lock);
}

static int make_known(struct backing *view, struct backing *under, abs_t start)
{
	int rc = backing_map_secure(view);

	if (!rc)
		rc = join(view, under);
	if (rc)
		return rc;
	rc = region_add_at(&view->region, start);
	if (rc)
		backing_leave(view);
	return rc;
}

struct backing *backing_create_view(struct storage *st, struct backing *under, size_t offset,
				    size_t size, abs_t start)
{
	struct backing *view;
	int rc;

	assert(st != under->region.st && !backing_is_view(under));
	assert(size && !(offset % PAGE_SIZE) && !(size % PAGE_SIZE) && !(start % PAGE_SIZE));
	assert(offset <= under->region.size && size <= under->region.size - offset);
	view = backing_alloc(st, size);
	if (!view) {
		errno = ENOMEM;
		return NULL;
	}
	view->under = under;
	view->memfd = under->memfd;
	view->memfd_offset = under->memfd_offset + offset;
	view->ordinary = under->ordinary + offset;
	rc = make_known(view, under, start);
	if (rc) {
		backing_free(view);
		errno = -rc;
		return NULL;
	}
	backing_get(under);
	counts_backing(&st->counts, (int64_t)size);
	return view;
}

static bool nothing_owned(const struct backing *view)
{
	for (size_t i = 0; i < view->region.size / PAGE_SIZE; i++) {
		uint64_t word = atomic_load_explicit(&view->region.words[i], memory_order_acquire);

		if (frame_word_state(word) != FRAME_NS && frame_word_state(word) != FRAME_LOST)
			return false;
	}
	return true;
}

/* What is barred cannot become secure, and a shared frame was secure before. */
int backing_retire_view(struct backing *view)
{
	int rc = backing_bar(view);

	if (!rc && !nothing_owned(view)) {
		backing_unbar(view);
		rc = -EBUSY;
	}
	return rc;
}
