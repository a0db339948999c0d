// SPDX-License-Identifier: GPL-2.0-or-later
/* Frame state words: the lock, and the one place where a word changes. */
#include "storage/frame.h"

#include <assert.h>
#include <errno.h>

#include "storage/lot.h"
#include "storage/region.h"

/* Sleep until the word, which was locked, may have changed. Return: the word now */
static uint64_t wait_unlocked(const _Atomic uint64_t *word)
{
	lot_sleep(word, FRAME_LOCK);
	return atomic_load_explicit(word, memory_order_acquire);
}

static uint64_t lock_word(_Atomic uint64_t *word)
{
	uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

	for (;;) {
		if (seen & FRAME_LOCK)
			seen = wait_unlocked(word);
		else if (atomic_compare_exchange_weak_explicit(word, &seen, seen | FRAME_LOCK,
							       memory_order_acquire,
							       memory_order_relaxed))
			return seen;
	}
}

static void unlock_word(_Atomic uint64_t *word, uint64_t to)
{
	uint64_t was = atomic_exchange(word, to);

	assert(was & FRAME_LOCK);
	(void)was;
	lot_look(word);
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
	uint64_t was = atomic_fetch_and(f->word, ~FRAME_LOCK);

	assert(was & FRAME_LOCK);
	(void)was;
	lot_look(f->word);
}

uint64_t frame_read(struct frame *f)
{
	uint64_t seen = atomic_load_explicit(f->word, memory_order_acquire);

	while (seen & FRAME_LOCK)
		seen = wait_unlocked(f->word);
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

	assert(state <= FRAME_LOST && !(word & FRAME_LOCK));
	assert(has_owner(word) == (frame_word_owner(word) != 0));
	assert(r->backing ? state != FRAME_DON || backing_is_view(r->backing)
			  : state == FRAME_NS || state == FRAME_DON);
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

static void publish(struct frame *f, uint64_t new_word, bool held)
{
	uint64_t old = atomic_load_explicit(f->word, memory_order_relaxed) & ~FRAME_LOCK;
	struct region *r = f->region;
	int owned = (int)has_owner(new_word) - (int)has_owner(old);

	assert_invariants(r, new_word);
	if (owned > 0)
		region_owned(r, 1);
	if (is_secure(new_word) && !is_secure(old) && !held)
		enter_piece(r, f->index);
	counts_change(&r->st->counts, old, new_word);
	unlock_word(f->word, new_word);
	if (is_secure(old) && !is_secure(new_word))
		leave_piece(r, f->index, 1);
	if (owned < 0)
		region_owned(r, -1);
}

void frame_publish(struct frame *f, uint64_t new_word)
{
	publish(f, new_word, false);
}

bool frame_publish_held(struct frame *f, uint64_t new_word)
{
	uint64_t old = atomic_load_explicit(f->word, memory_order_relaxed);
	bool becomes_secure = is_secure(new_word) && !is_secure(old);

	publish(f, new_word, becomes_secure);
	return becomes_secure;
}

uint64_t backing_peek(struct backing *b, size_t index)
{
	return atomic_load_explicit(&b->region.words[index], memory_order_relaxed);
}

size_t backing_next_owned(struct backing *b, size_t from, size_t end)
{
	while (from < end && !frame_word_owner(backing_peek(b, from)))
		from++;
	return from;
}

bool frame_run_lock(struct frame_run *run, size_t index, uint32_t owner)
{
	_Atomic uint64_t *word = &run->b->region.words[index];
	uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

	assert(run->n < FRAME_RUN_MAX);
	assert(!run->n || index / PIECE_PAGES == run->index[0] / PIECE_PAGES);
	while (frame_word_owner(seen) == owner) {
		if (seen & FRAME_LOCK) {
			seen = wait_unlocked(word);
		} else if (atomic_compare_exchange_weak_explicit(word, &seen, seen | FRAME_LOCK,
								 memory_order_acquire,
								 memory_order_relaxed)) {
			run->index[run->n] = index;
			run->word[run->n++] = seen;
			run->secure += is_secure(seen);
			run->any |= seen;
			return true;
		}
	}
	return false;
}

void frame_run_forget(struct frame_run *run)
{
	run->n = 0;
	run->secure = 0;
	run->any = 0;
}

/* The words say so: who waited for one of them is woken, and the run is empty. */
static void end_run(struct frame_run *run)
{
	size_t first = run->index[0], last = run->index[run->n - 1];

	lot_look_many(&run->b->region.words[first], last + 1 - first);
	frame_run_forget(run);
}

/* Nobody but the holder changes a locked word, so that a store is enough. */
static void store_locked(struct region *r, size_t index, uint64_t to)
{
	_Atomic uint64_t *word = &r->words[index];

	assert(atomic_load_explicit(word, memory_order_relaxed) & FRAME_LOCK);
	atomic_store_explicit(word, to, memory_order_release);
}

void frames_store_locked(struct region *r, size_t first, size_t n, uint64_t to)
{
	for (size_t i = first; i < first + n; i++)
		store_locked(r, i, to);
	lot_look_many(&r->words[first], n);
}

void frame_run_unlock(struct frame_run *run)
{
	if (!run->n)
		return;
	for (size_t i = 0; i < run->n; i++)
		store_locked(&run->b->region, run->index[i], run->word[i]);
	end_run(run);
}

/* Secure frames without an ordinary page: nearly all of what is destroyed. */
static bool is_plain(const struct frame_run *run)
{
	return run->secure == run->n && !(run->any & FRAME_ORDINARY);
}

static void publish_plain(struct frame_run *run)
{
	struct region *r = &run->b->region;
	uint32_t owner = frame_word_owner(run->any);
	gpa_t low_end = counts_low_end(&r->st->counts, owner);
	uint64_t low = 0;

	for (size_t i = 0; i < run->n; i++)
		low += frame_word_gpa(run->word[i]) < low_end;
	counts_leave_secure(&r->st->counts, owner, run->n, low);
	for (size_t i = 0; i < run->n; i++)
		store_locked(r, run->index[i], frame_word(FRAME_NS, 0, 0));
}

static void publish_mixed(struct frame_run *run)
{
	struct region *r = &run->b->region;

	counts_leave(&r->st->counts, run->word, run->n);
	for (size_t i = 0; i < run->n; i++) {
		bool ordinary = !is_secure(run->word[i]) || run->word[i] & FRAME_ORDINARY;

		store_locked(r, run->index[i], ordinary ? FRAME_ORDINARY : 0);
	}
}

void frame_run_publish(struct frame_run *run)
{
	struct region *r = &run->b->region;
	size_t secure = run->secure, n = run->n, first = run->index[0];

	if (!n)
		return;
	if (is_plain(run))
		publish_plain(run);
	else
		publish_mixed(run);
	end_run(run);
	leave_piece(r, first, (uint32_t)secure);
	region_owned(r, -(int64_t)n);
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
