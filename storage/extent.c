// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole pieces of memory that nobody will use again: locked, given back to the
 * kernel and published many at a time, without a look at single frames between.
 */
#include <assert.h>
#include <sys/mman.h>

#include "storage/frame_lock.h"

/* Secure, of @owner, without an ordinary page */
static bool is_plain(uint64_t word, uint32_t owner)
{
	return frame_word_state(word) == FRAME_SEC && frame_word_owner(word) == owner &&
	       !(word & FRAME_ORDINARY);
}

/* Never waits. Return: true if all frames of the piece are locked now; else none is */
static bool try_lock_piece(const struct region *r, size_t first)
{
	for (size_t i = first; i < first + PIECE_PAGES; i += FRAME_GROUP) {
		uint64_t taken = lock_try(lock_word_of(r, i), -1UL);

		if (taken == -1UL)
			continue;
		if (taken)
			lock_give(lock_word_of(r, i), taken);
		lock_give_range(r, first, i - first);
		return false;
	}
	return true;
}

/* Return: true if all frames of the piece, which are locked, are plain */
static bool look_at_piece(const struct region *r, size_t first, uint32_t owner, uint64_t *low)
{
	gpa_t low_end = counts_low_end(&r->st->counts, owner);
	uint64_t nr_low = 0;

	for (size_t i = first; i < first + PIECE_PAGES; i++) {
		uint64_t word = atomic_load_explicit(&r->words[i], memory_order_relaxed);

		if (!is_plain(word, owner))
			return false;
		nr_low += frame_word_gpa(word) < low_end;
	}
	*low += nr_low;
	return true;
}

/* Return: true if all frames of the piece are plain, and locked now */
static bool lock_piece(struct backing *b, size_t first, uint32_t owner, uint64_t *low)
{
	if (!atomic_load(&b->pieces[first / PIECE_PAGES].traps) ||
	    !try_lock_piece(&b->region, first))
		return false;
	if (look_at_piece(&b->region, first, owner, low))
		return true;
	lock_give_range(&b->region, first, PIECE_PAGES);
	return false;
}

static void publish(struct backing *b, size_t first, size_t n, uint32_t owner, uint64_t low)
{
	counts_leave_secure(&b->region.st->counts, owner, n, low);
	frames_store_locked(&b->region, first, n, frame_word(FRAME_NS, 0, 0));
	for (size_t i = first; i < first + n; i += PIECE_PAGES)
		atomic_fetch_sub(&b->pieces[i / PIECE_PAGES].secure, PIECE_PAGES);
	region_owned(&b->region, -(int64_t)n);
}

size_t backing_drop_pieces(struct backing *b, size_t first, size_t n, uint32_t owner)
{
	uint64_t low = 0;
	size_t done = 0;

	assert(first % PIECE_PAGES == 0 && owner);
	assert(first + n <= b->region.size / PAGE_SIZE);
	if (!atomic_load(&b->abandoned))
		return 0;
	if (n > FRAME_EXTENT_PIECES * PIECE_PAGES)
		n = FRAME_EXTENT_PIECES * PIECE_PAGES;
	while (done + PIECE_PAGES <= n && lock_piece(b, first + done, owner, &low))
		done += PIECE_PAGES;
	if (!done)
		return 0;
	if (madvise(b->arena + first * PAGE_SIZE, done * PAGE_SIZE, MADV_DONTNEED)) {
		lock_give_range(&b->region, first, done);
		return 0;
	}
	publish(b, first, done, owner, low);
	return done;
}
