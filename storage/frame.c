// SPDX-License-Identifier: GPL-2.0-or-later
/* Frame state words: the lock, and the one place where a word changes. */
#include "storage/frame.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "storage/region.h"

#define LOCK_BITS (FRAME_LOCK | FRAME_WAITERS)

/* The futex is the half of the word that has the lock's bits. */
static uint32_t *futex_of(_Atomic uint64_t *word)
{
	uint32_t *half = (uint32_t *)(uintptr_t)word;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	half++;
#endif
	return half;
}

/* Sleep until the word, locked when it was @seen, changes. Return: the word now */
static uint64_t wait_unlocked(_Atomic uint64_t *word, uint64_t seen)
{
	if (!(seen & FRAME_WAITERS)) {
		if (!atomic_compare_exchange_strong(word, &seen, seen | FRAME_WAITERS))
			return seen;
		seen |= FRAME_WAITERS;
	}
	syscall(SYS_futex, futex_of(word), FUTEX_WAIT_PRIVATE, (uint32_t)seen, NULL, NULL, 0);
	return atomic_load_explicit(word, memory_order_acquire);
}

static uint64_t lock_word(_Atomic uint64_t *word)
{
	uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

	for (;;) {
		if (seen & FRAME_LOCK)
			seen = wait_unlocked(word, seen);
		else if (atomic_compare_exchange_weak_explicit(word, &seen, seen | FRAME_LOCK,
							       memory_order_acquire,
							       memory_order_relaxed))
			return seen;
	}
}

static void wake_waiters(_Atomic uint64_t *word, uint64_t was)
{
	assert(was & FRAME_LOCK);
	if (was & FRAME_WAITERS)
		syscall(SYS_futex, futex_of(word), FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static void unlock_word(_Atomic uint64_t *word, uint64_t to)
{
	wake_waiters(word, atomic_exchange(word, to));
}

int frame_get(struct storage *st, abs_t addr, struct frame *f)
{
	struct region *r = region_find(st, addr);

	if (!r)
		return -EFAULT;
	f->region = r;
	f->index = (addr - r->start) / PAGE_SIZE;
	f->word = &r->words[f->index];
	return 0;
}

void frame_of_backing(struct backing *b, size_t index, struct frame *f)
{
	assert(index < b->region.size / PAGE_SIZE);
	backing_get(b);
	f->region = &b->region;
	f->index = index;
	f->word = &b->region.words[index];
}

void frame_put(struct frame *f)
{
	region_put(f->region);
	f->region = NULL;
}

struct backing *frame_backing(const struct frame *f)
{
	return f->region->backing;
}

abs_t frame_abs(const struct frame *f)
{
	return f->region->start + f->index * PAGE_SIZE;
}

uint64_t frame_lock(struct frame *f)
{
	return lock_word(f->word);
}

void frame_unlock(struct frame *f)
{
	wake_waiters(f->word, atomic_fetch_and(f->word, ~LOCK_BITS));
}

uint64_t frame_read(struct frame *f)
{
	uint64_t seen = atomic_load_explicit(f->word, memory_order_acquire);

	while (seen & FRAME_LOCK)
		seen = wait_unlocked(f->word, seen);
	return seen;
}

static bool has_owner(uint64_t word)
{
	enum frame_state state = frame_word_state(word);

	return state == FRAME_SEC || state == FRAME_SHR || state == FRAME_PIN;
}

static void assert_invariants(const struct region *r, uint64_t word)
{
	enum frame_state state = frame_word_state(word);

	assert(state <= FRAME_LOST && !(word & LOCK_BITS));
	assert(has_owner(word) == (frame_word_owner(word) != 0));
	assert(r->backing ? state != FRAME_DON : state == FRAME_NS || state == FRAME_DON);
	(void)r;
	(void)state;
}

static bool is_secure(uint64_t word)
{
	return frame_word_state(word) == FRAME_SEC;
}

/* Before the word says so: with a count of 0 the piece may be disarmed. */
static void enter_piece(struct region *r, size_t index)
{
	struct piece *p = &r->backing->pieces[index / PIECE_PAGES];

	assert(atomic_load(&p->secure) && atomic_load(&p->armed));
	atomic_fetch_add(&p->secure, 1);
}

/* After the words say so, for the same reason. */
static void leave_piece(struct region *r, size_t index, uint32_t n)
{
	atomic_fetch_sub(&r->backing->pieces[index / PIECE_PAGES].secure, n);
}

void frame_publish(struct frame *f, uint64_t new_word)
{
	uint64_t old = atomic_load_explicit(f->word, memory_order_relaxed) & ~LOCK_BITS;
	struct region *r = f->region;
	int owned = (int)has_owner(new_word) - (int)has_owner(old);

	assert_invariants(r, new_word);
	if (owned > 0)
		region_owned(r, 1);
	if (is_secure(new_word) && !is_secure(old))
		enter_piece(r, f->index);
	counts_change(&r->st->counts, old, new_word);
	unlock_word(f->word, new_word);
	if (is_secure(old) && !is_secure(new_word))
		leave_piece(r, f->index, 1);
	if (owned < 0)
		region_owned(r, -1);
}

uint64_t backing_peek(struct backing *b, size_t index)
{
	return atomic_load_explicit(&b->region.words[index], memory_order_relaxed);
}

bool frame_run_lock(struct frame_run *run, size_t index, uint32_t owner)
{
	_Atomic uint64_t *word = &run->b->region.words[index];
	uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

	assert(run->n < FRAME_RUN_MAX);
	assert(!run->n || index / PIECE_PAGES == run->index[0] / PIECE_PAGES);
	while (frame_word_owner(seen) == owner) {
		if (seen & FRAME_LOCK) {
			seen = wait_unlocked(word, seen);
		} else if (atomic_compare_exchange_weak_explicit(word, &seen, seen | FRAME_LOCK,
								 memory_order_acquire,
								 memory_order_relaxed)) {
			run->index[run->n] = index;
			run->word[run->n++] = seen;
			return true;
		}
	}
	return false;
}

void frame_run_unlock(struct frame_run *run)
{
	for (size_t i = 0; i < run->n; i++)
		unlock_word(&run->b->region.words[run->index[i]], run->word[i]);
	run->n = 0;
}

void frame_run_publish(struct frame_run *run)
{
	struct region *r = &run->b->region;
	uint32_t secure = 0;
	int64_t owned = 0;

	if (!run->n)
		return;
	counts_leave(&r->st->counts, run->word, run->n);
	for (size_t i = 0; i < run->n; i++) {
		bool ordinary = !is_secure(run->word[i]) || run->word[i] & FRAME_ORDINARY;

		owned += has_owner(run->word[i]);
		secure += is_secure(run->word[i]);
		unlock_word(&r->words[run->index[i]], ordinary ? FRAME_ORDINARY : 0);
	}
	leave_piece(r, run->index[0], secure);
	run->n = 0;
	region_owned(r, -owned);
}

struct frame_info backing_frame_info(struct backing *b, size_t index)
{
	struct frame f;
	struct frame_info info;
	uint64_t word;

	frame_of_backing(b, index, &f);
	word = frame_read(&f);
	info.state = frame_word_state(word);
	info.owner = frame_word_owner(word);
	info.live = info.owner && !frame_word_condemned(f.region->st, word) &&
		    !storage_owner_is_dead(f.region->st, info.owner);
	frame_put(&f);
	return info;
}
