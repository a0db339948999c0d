// SPDX-License-Identifier: GPL-2.0-or-later
/* Frame state words: the lock, and the one place where a word changes. */
#include "storage/frame.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "storage/frame_lock.h"
#include "storage/region.h"
#include "storage/wide.h"

static void frame_set(struct frame *f, struct region *r, size_t index)
{
	f->region = r;
	f->index = index;
	f->word = &r->words[index];
	f->locks = lock_word_of(r, index);
}

int frame_get(struct storage *st, abs_t addr, struct frame *f)
{
	struct region *r = region_find(st, addr);

	if (!r)
		return -EFAULT;
	frame_set(f, r, (addr - r->start) / PAGE_SIZE);
	return 0;
}

void frame_of_backing(struct backing *b, size_t index, struct frame *f)
{
	assert(index < b->region.size / PAGE_SIZE);
	backing_get(b);
	frame_set(f, &b->region, index);
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
	lock_take(f->locks, lock_bit(f->index));
	return atomic_load_explicit(f->word, memory_order_relaxed);
}

void frame_unlock(struct frame *f)
{
	lock_give(f->locks, lock_bit(f->index));
}

uint64_t frame_read(struct frame *f)
{
	lock_wait(f->locks, lock_bit(f->index));
	return atomic_load_explicit(f->word, memory_order_acquire);
}

static bool has_owner(uint64_t word)
{
	enum frame_state state = frame_word_state(word);

	return state == FRAME_SEC || state == FRAME_SHR || state == FRAME_PIN;
}

static void assert_invariants(const struct region *r, uint64_t word)
{
	enum frame_state state = frame_word_state(word);

	assert(state <= FRAME_LOST);
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
	uint64_t old = atomic_load_explicit(f->word, memory_order_relaxed);
	struct region *r = f->region;
	int owned = (int)has_owner(new_word) - (int)has_owner(old);

	assert_invariants(r, new_word);
	if (owned > 0)
		region_owned(r, 1);
	if (is_secure(new_word) && !is_secure(old) && !held)
		enter_piece(r, f->index);
	counts_change(&r->st->counts, old, new_word);
	atomic_store_explicit(f->word, new_word, memory_order_release);
	frame_unlock(f);
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

static bool names(const struct region *r, size_t index, uint32_t owner)
{
	return frame_word_owner(atomic_load_explicit(&r->words[index], memory_order_relaxed)) ==
	       owner;
}

/* Return: lock bits of the frames of [@first, @end), all of one group, that name the owner */
static uint64_t named(const struct region *r, size_t first, size_t end, uint32_t owner)
{
	uint64_t mask = 0;

	for (size_t i = first; i < end; i++)
		mask |= (uint64_t)names(r, i, owner) << i % FRAME_GROUP;
	return mask;
}

static void add_locked(struct frame_run *run, size_t index)
{
	uint64_t word = atomic_load_explicit(&run->b->region.words[index], memory_order_relaxed);

	run->index[run->n] = index;
	run->word[run->n++] = word;
	run->secure += is_secure(word);
	run->any |= word;
}

/*
 * Frames of a group that are locked now join the run. One that changed hands before ends that, and
 * is given back with those behind it: the next try may have to wait for it.
 *
 * Return: those that joined
 */
static uint64_t join(struct frame_run *run, size_t group, uint64_t taken, uint32_t owner)
{
	struct region *r = &run->b->region;
	uint64_t left = taken;

	assert(run->n + (size_t)__builtin_popcountl(taken) <= FRAME_RUN_MAX);
	for (; left; left &= left - 1) {
		size_t index = group + (size_t)__builtin_ctzl(left);

		if (!names(r, index, owner))
			break;
		add_locked(run, index);
	}
	if (left)
		lock_give(lock_word_of(r, group), left);
	run->held[group % PIECE_PAGES / FRAME_GROUP] |= taken & ~left;
	return taken & ~left;
}

size_t frame_run_lock(struct frame_run *run, size_t first, size_t end, uint32_t owner)
{
	struct region *r = &run->b->region;
	size_t group = first / FRAME_GROUP * FRAME_GROUP;
	uint64_t wanted, taken;

	assert(!run->n || (first / PIECE_PAGES == run->index[0] / PIECE_PAGES &&
			   first > run->index[run->n - 1]));
	if (end > group + FRAME_GROUP)
		end = group + FRAME_GROUP;
	wanted = named(r, first, end, owner);
	if (!wanted)
		return end;
	taken = lock_try(lock_word_of(r, group), wanted);
	if (!taken) {
		taken = wanted & -wanted;
		lock_take(lock_word_of(r, group), taken);
	}
	wanted &= ~join(run, group, taken, owner);
	return wanted ? group + (size_t)__builtin_ctzl(wanted) : end;
}

void frame_run_forget(struct frame_run *run)
{
	run->n = 0;
	run->secure = 0;
	run->any = 0;
	memset(run->held, 0, sizeof(run->held));
}

void frame_run_unlock(struct frame_run *run)
{
	size_t first = run->n ? run->index[0] / PIECE_PAGES * PIECE_PAGES : 0;

	for (size_t i = 0; i < PIECE_PAGES / FRAME_GROUP; i++)
		if (run->held[i])
			lock_give(lock_word_of(&run->b->region, first + i * FRAME_GROUP),
				  run->held[i]);
	frame_run_forget(run);
}

/* Before the frame is unlocked */
static void store_word(struct region *r, size_t index, uint64_t to)
{
	atomic_store_explicit(&r->words[index], to, memory_order_release);
}

void frames_store_locked(struct region *r, size_t first, size_t n, uint64_t to)
{
	for (size_t i = first; i < first + n; i++)
		store_word(r, i, to);
	lock_give_range(r, first, n);
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
		store_word(r, run->index[i], frame_word(FRAME_NS, 0, 0));
}

static void publish_mixed(struct frame_run *run)
{
	struct region *r = &run->b->region;

	counts_leave(&r->st->counts, run->word, run->n);
	for (size_t i = 0; i < run->n; i++) {
		bool ordinary = !is_secure(run->word[i]) || run->word[i] & FRAME_ORDINARY;

		store_word(r, run->index[i], ordinary ? FRAME_ORDINARY : 0);
	}
}

void frame_run_publish(struct frame_run *run)
{
	struct region *r = &run->b->region;
	size_t secure = run->secure, n = run->n, first = run->index[0];

	if (!n)
		return;
	fence_wide();
	if (is_plain(run))
		publish_plain(run);
	else
		publish_mixed(run);
	frame_run_unlock(run);
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
