// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pieces of 2 MiB: which of them may have secure frames.
 *
 * The count of a piece goes up before anybody looks at @armed, and @armed goes
 * off before anybody looks at the count, both sequentially consistent. So
 * either the disarming side sees the hold and gives up, or the holding side
 * sees the piece disarmed and arms it again under the lock.
 */
#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#include "storage/frame.h"
#include "storage/region.h"

static struct piece *piece_of(const struct frame *f)
{
	return &f->region->backing->pieces[f->index / PIECE_PAGES];
}

/*
 * Touches are seen from now on, not what was written before: every frame of the piece may have an
 * ordinary page, unless the file has none there at all. Words of secure frames cannot be here: the
 * piece had none.
 */
static void expect_ordinary_pages(struct backing *b, size_t piece)
{
	size_t first = piece * PIECE_PAGES;
	size_t end = first + PIECE_PAGES;

	if (end > b->region.size / PAGE_SIZE)
		end = b->region.size / PAGE_SIZE;
	if (backing_is_hole(b, first, end - first))
		return;
	/* Our translations go at once: each hole would take one away, and tell all CPUs of it. */
	madvise(b->ordinary + first * PAGE_SIZE, (end - first) * PAGE_SIZE, MADV_DONTNEED);
	for (size_t i = first; i < end; i++)
		atomic_fetch_or_explicit(&b->region.words[i], FRAME_ORDINARY, memory_order_relaxed);
}

static int arm_locked(struct backing *b, size_t piece)
{
	struct piece *p = &b->pieces[piece];
	int rc = 1;

	if (atomic_load(&p->armed))
		return 0;
	if (b->barred)
		return -EBUSY;
	if (b->ops && b->ops->arm)
		rc = b->ops->arm(b->owner, b, piece * PIECE_SIZE);
	if (rc < 0)
		return rc;
	if (rc == 0)
		expect_ordinary_pages(b, piece);
	p->kept = true;
	atomic_store(&p->traps, rc == 0);
	atomic_store(&p->armed, true);
	return 0;
}

int frame_hold_piece(struct frame *f)
{
	struct backing *b = f->region->backing;
	struct piece *p = piece_of(f);
	int rc;

	atomic_fetch_add(&p->secure, 1);
	if (atomic_load(&p->armed))
		return 0;
	pthread_mutex_lock(&b->piece_lock);
	rc = arm_locked(b, f->index / PIECE_PAGES);
	pthread_mutex_unlock(&b->piece_lock);
	if (rc)
		atomic_fetch_sub(&p->secure, 1);
	return rc;
}

void frame_release_piece(struct frame *f)
{
	atomic_fetch_sub(&piece_of(f)->secure, 1);
}

uint32_t backing_piece_secure(struct backing *b, size_t piece)
{
	return atomic_load(&b->pieces[piece].secure);
}

/* Return: true if the piece is disarmed now and stays so until piece_lock is given back */
static bool disarm_locked(struct piece *p)
{
	if (!atomic_load(&p->armed) || atomic_load(&p->secure))
		return false;
	atomic_store(&p->armed, false);
	if (!atomic_load(&p->secure))
		return true;
	atomic_store(&p->armed, true);
	return false;
}

static void tell_disarmed(struct backing *b, size_t first, size_t end)
{
	size_t len = (end - first) * PIECE_SIZE;

	if (end * PIECE_SIZE > b->region.size)
		len = b->region.size - first * PIECE_SIZE;
	if (b->ops && b->ops->disarm)
		b->ops->disarm(b->owner, b, first * PIECE_SIZE, len);
}

/* Content of frames that are not secure is zero: giving the memory back changes nothing. */
static void give_back_arena(struct backing *b, size_t first, size_t end)
{
	size_t len = (end - first) * PIECE_SIZE;

	if (end * PIECE_SIZE > b->region.size)
		len = b->region.size - first * PIECE_SIZE;
	madvise(b->arena + first * PIECE_SIZE, len, MADV_DONTNEED);
}

static void disarm_range_locked(struct backing *b, size_t piece, size_t end)
{
	while (piece < end) {
		size_t first = piece;

		while (piece < end && disarm_locked(&b->pieces[piece]))
			piece++;
		if (piece == first) {
			piece++;
			continue;
		}
		tell_disarmed(b, first, piece);
	}
}

/* Return: behind the last piece of a range that begins with a piece */
static size_t end_of_range(const struct backing *b, size_t offset, size_t len)
{
	size_t end = (offset + len + PIECE_SIZE - 1) / PIECE_SIZE;

	assert(offset % PIECE_SIZE == 0);
	return end < b->nr_pieces ? end : b->nr_pieces;
}

void backing_disarm(struct backing *b, size_t offset, size_t len)
{
	size_t end = end_of_range(b, offset, len);

	pthread_mutex_lock(&b->piece_lock);
	disarm_range_locked(b, offset / PIECE_SIZE, end);
	pthread_mutex_unlock(&b->piece_lock);
}

/* Whoever holds a piece from now on sees it disarmed, and waits for the lock to arm it. */
static bool take_kept_locked(struct piece *p)
{
	if (!p->kept || atomic_load(&p->armed) || atomic_load(&p->secure))
		return false;
	p->kept = false;
	return true;
}

/* Also of pieces that were disarmed long ago, in PREPARE. */
static void give_back_kept_locked(struct backing *b, size_t piece, size_t end)
{
	while (piece < end) {
		size_t first = piece;

		while (piece < end && take_kept_locked(&b->pieces[piece]))
			piece++;
		if (piece == first)
			piece++;
		else
			give_back_arena(b, first, piece);
	}
}

/* A hold that came before has its piece armed already, or finds it barred. */
int backing_bar_locked(struct backing *b)
{
	disarm_range_locked(b, 0, b->nr_pieces);
	for (size_t piece = 0; piece < b->nr_pieces; piece++)
		if (atomic_load(&b->pieces[piece].armed))
			return -EBUSY;
	b->barred = true;
	return 0;
}

int backing_bar(struct backing *b)
{
	int rc;

	pthread_mutex_lock(&b->piece_lock);
	rc = backing_bar_locked(b);
	pthread_mutex_unlock(&b->piece_lock);
	return rc;
}

void backing_unbar(struct backing *b)
{
	pthread_mutex_lock(&b->piece_lock);
	b->barred = false;
	pthread_mutex_unlock(&b->piece_lock);
}

void backing_abandon(struct backing *b)
{
	atomic_store(&b->abandoned, true);
}

void backing_trim(struct backing *b, size_t offset, size_t len)
{
	size_t first = offset / PIECE_SIZE, end = end_of_range(b, offset, len);

	pthread_mutex_lock(&b->piece_lock);
	disarm_range_locked(b, first, end);
	give_back_kept_locked(b, first, end);
	pthread_mutex_unlock(&b->piece_lock);
}
