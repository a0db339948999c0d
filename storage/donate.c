// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Donation: storage that the host gives to the Ultravisor, in kernel regions and in views.
 *
 * A view shows memory that a VMM maps as well. What the Ultravisor keeps in donated storage nobody
 * else may read, and less so change: pointers lie there, and keys. So it keeps it in the secure
 * store.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "storage/frame_lock.h"

/**
 * struct range - pages of one region, which is held
 * @first: number of the first page
 * @n: number of pages
 */
struct range {
	struct region *r;
	size_t first;
	size_t n;
};

static struct frame frame_in(const struct range *range, size_t i)
{
	size_t index = range->first + i;

	return (struct frame){
		.region = range->r,
		.word = &range->r->words[index],
		.locks = lock_word_of(range->r, index),
		.index = index,
	};
}

static bool can_be_donated(const struct region *r)
{
	return r->backing ? backing_is_view(r->backing) : r->bytes != NULL;
}

/* Return: false: the bytes are not in one region whose pages can be donated; nothing is held then
 */
static bool range_get(struct storage *st, abs_t addr, size_t len, struct range *range)
{
	struct region *r = region_find(st, addr);

	if (!r)
		return false;
	if (!can_be_donated(r) || !len || len > r->size - (addr - r->start)) {
		region_put(r);
		return false;
	}
	range->r = r;
	range->first = (addr - r->start) / PAGE_SIZE;
	range->n = ((addr & ~PAGE_MASK) + len + PAGE_SIZE - 1) / PAGE_SIZE;
	return true;
}

static void range_put(struct range *range)
{
	region_put(range->r);
}

/* ---- pieces: their secure store must not be given back while it is in use ---- */

static void release_pieces(const struct range *range, size_t n)
{
	for (size_t i = 0; range->r->backing && i < n; i++) {
		struct frame f = frame_in(range, i);

		frame_release_piece(&f);
	}
}

static int hold_pieces(const struct range *range)
{
	for (size_t i = 0; range->r->backing && i < range->n; i++) {
		struct frame f = frame_in(range, i);
		int rc = frame_hold_piece(&f);

		if (rc) {
			release_pieces(range, i);
			return rc;
		}
	}
	return 0;
}

/* ---- frames ---- */

static void unlock_range(const struct range *range, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct frame f = frame_in(range, i);

		frame_unlock(&f);
	}
}

/* Return: true if all are ordinary and locked now */
static bool lock_ordinary_range(const struct range *range)
{
	for (size_t i = 0; i < range->n; i++) {
		struct frame f = frame_in(range, i);

		if (frame_word_state(frame_lock(&f)) != FRAME_NS) {
			unlock_range(range, i + 1);
			return false;
		}
	}
	return true;
}

/* From ordinary to donated or back: all are locked. */
static void publish_range(const struct range *range, enum frame_state state)
{
	struct region *r = range->r;
	uint64_t flags = r->backing && state == FRAME_NS ? FRAME_ORDINARY : 0;
	int64_t pages = (int64_t)range->n;

	counts_donated(&r->st->counts, state == FRAME_DON ? pages : -pages);
	frames_store_locked(r, range->first, range->n, frame_word(state, 0, 0) | flags);
}

static int donate(const struct range *range)
{
	int rc = hold_pieces(range);

	if (rc)
		return rc;
	if (!lock_ordinary_range(range)) {
		release_pieces(range, range->n);
		return -EBUSY;
	}
	publish_range(range, FRAME_DON);
	return 0;
}

int storage_donate(struct storage *st, abs_t addr, size_t len)
{
	struct range range;
	int rc;

	if (addr % PAGE_SIZE || !range_get(st, addr, len, &range))
		return -EFAULT;
	rc = donate(&range);
	range_put(&range);
	return rc;
}

/* Neither what the Ultravisor kept nor what was written to the ordinary pages meanwhile is left. */
static void forget_content(const struct range *range)
{
	struct backing *b = range->r->backing;
	uint8_t *bytes = b->arena + range->first * PAGE_SIZE;
	size_t len = range->n * PAGE_SIZE;

	if (madvise(bytes, len, MADV_DONTNEED))
		memset(bytes, 0, len);
	backing_punch(b, range->first, range->n);
}

void storage_undonate(struct storage *st, abs_t addr, size_t len)
{
	struct range range = {0};
	bool found = range_get(st, addr, len, &range);

	assert(found);
	(void)found;
	for (size_t i = 0; i < range.n; i++) {
		struct frame f = frame_in(&range, i);
		enum frame_state state = frame_word_state(frame_lock(&f));

		assert(state == FRAME_DON);
		(void)state;
	}
	if (range.r->backing)
		forget_content(&range);
	publish_range(&range, FRAME_NS);
	release_pieces(&range, range.n);
	range_put(&range);
}

/* ---- content ---- */

/* NULL unless all of it can be donated; @donated: as the Ultravisor keeps it, not as the host does
 */
static void *content_of(struct storage *st, abs_t addr, size_t len, bool donated)
{
	struct range range;
	struct backing *b;
	uint8_t *bytes;

	if (!range_get(st, addr, len, &range))
		return NULL;
	b = range.r->backing;
	bytes = !b ? range.r->bytes : donated ? b->arena : b->ordinary;
	bytes += addr - range.r->start;
	range_put(&range);
	return bytes;
}

void *storage_donated_ptr(struct storage *st, abs_t addr, size_t len)
{
	return content_of(st, addr, len, true);
}

void *storage_host_ptr(struct storage *st, abs_t addr, size_t len)
{
	return content_of(st, addr, len, false);
}
