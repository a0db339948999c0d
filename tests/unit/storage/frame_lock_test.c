// SPDX-License-Identifier: GPL-2.0-or-later
/* Frame locks: single ones, and those of runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "storage/frame_lock.h"
#include "storage/lot.h"
#include "tests/unit/storage/fixture.h"

static _Atomic uint64_t *locks_of(struct backing *b, size_t index)
{
	return lock_word_of(&b->region, index);
}

/* ---- words of lock bits ---- */

static void a_try_takes_what_comes_before_a_held_one(void **state)
{
	_Atomic uint64_t locks = 1UL << 5 | 1UL << 63;

	assert_int_equal(lock_try(&locks, 0x3ffUL), 0x1fUL);
	assert_int_equal(locks, 1UL << 63 | 0x3fUL);
	assert_int_equal(lock_try(&locks, 0x3ffUL), 0);
	assert_int_equal(lock_try(&locks, 0x3c0UL), 0x3c0UL);
	lock_give(&locks, 0x3ffUL);
	assert_int_equal(locks, 1UL << 63);
	assert_int_equal(lock_try(&locks, -1UL), -1UL >> 1);
}

static void ranges_end_inside_a_word_or_with_it(void **state)
{
	struct backing *b = backing_create(*state, PIECE_SIZE, NULL, NULL);

	atomic_store(locks_of(b, 0), -1UL);
	atomic_store(locks_of(b, 64), -1UL);
	lock_give_range(&b->region, 60, 8);
	assert_int_equal(atomic_load(locks_of(b, 0)), -1UL >> 4);
	assert_int_equal(atomic_load(locks_of(b, 64)), -1UL << 4);
	lock_give_range(&b->region, 68, 60);
	assert_int_equal(atomic_load(locks_of(b, 64)), 0);
	lock_give_range(&b->region, 0, 60);
	assert_int_equal(atomic_load(locks_of(b, 0)), 0);
	backing_put(b);
}

/* ---- runs ---- */

static void runs_take_frames_of_their_owner_only(void **state)
{
	struct backing *b = backing_create(*state, PIECE_SIZE, NULL, NULL);
	struct frame_run run = {.b = b};

	make_secure(b, 3);
	assert_int_equal(frame_run_lock(&run, 3, 5, OWNER + 1), 5);
	assert_int_equal(frame_run_lock(&run, 4, 5, OWNER), 5);
	assert_int_equal(run.n, 0);
	assert_int_equal(frame_run_lock(&run, 3, 5, OWNER), 5);
	assert_int_equal(run.n, 1);
	frame_run_unlock(&run);
	make_ordinary(b, 3);
	assert_int_equal(frame_run_lock(&run, 3, 5, OWNER), 5);
	assert_int_equal(run.n, 0);
	backing_put(b);
}

/* What a run of the frames 2, 3, 66 and 511 of a piece looks like when it is locked */
static void runs_grow_by_groups(void **state)
{
	static const size_t frames[] = {2, 3, 66, PIECE_PAGES - 1};
	struct backing *b = backing_create(*state, PIECE_SIZE, NULL, NULL);
	struct frame_run run = {.b = b};

	for (size_t i = 0; i < 4; i++)
		make_secure(b, frames[i]);
	assert_int_equal(frame_run_lock(&run, 0, PIECE_PAGES, OWNER), FRAME_GROUP);
	assert_int_equal(run.n, 2);
	lock_frames(&run, FRAME_GROUP, PIECE_PAGES);
	assert_int_equal(run.n, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(run.index[i], frames[i]);
		assert_int_equal(run.word[i], backing_peek(b, frames[i]));
		assert_int_equal(lock_try(locks_of(b, frames[i]), lock_bit(frames[i])), 0);
	}
	frame_run_publish(&run);
	for (size_t i = 0; i < PIECE_PAGES; i += FRAME_GROUP)
		assert_int_equal(atomic_load(locks_of(b, i)), 0);
	assert_int_equal(backing_piece_secure(b, 0), 0);
	backing_put(b);
}

/** struct walker - a thread that locks frames 0 to 9 for OWNER as far as one call goes */
struct walker {
	pthread_t thread;
	struct frame_run run;
	size_t next;
};

static void *lock_ten(void *arg)
{
	struct walker *w = arg;

	w->next = frame_run_lock(&w->run, 0, 10, OWNER);
	return NULL;
}

/* Return: when it sleeps for want of a frame in @b's first group */
static void walker_begin(struct walker *w, struct backing *b)
{
	w->run.b = b;
	assert_int_equal(pthread_create(&w->thread, NULL, lock_ten, w), 0);
	while (!atomic_load(&lot_of(locks_of(b, 0))->sleepers))
		sched_yield();
}

static void runs_go_up_to_a_locked_frame_and_wait_for_it_next(void **state)
{
	struct backing *b = backing_create(*state, PIECE_SIZE, NULL, NULL);
	struct frame_run run = {.b = b};
	struct frame f;

	for (size_t i = 0; i < 10; i++)
		make_secure(b, i);
	frame_of_backing(b, 4, &f);
	assert_int_equal(frame_word_owner(frame_lock(&f)), OWNER);
	assert_int_equal(frame_run_lock(&run, 0, 10, OWNER), 4);
	assert_int_equal(run.n, 4);
	frame_unlock(&f);
	assert_int_equal(frame_run_lock(&run, 4, 10, OWNER), 10);
	assert_int_equal(run.n, 10);
	frame_run_publish(&run);
	frame_put(&f);
	backing_put(b);
}

/* Whoever looked at the word before did so without the lock. */
static void a_frame_that_changed_hands_is_left_alone(void **state)
{
	struct backing *b = backing_create(*state, PIECE_SIZE, NULL, NULL);
	struct walker w = {0};
	struct frame f;

	make_secure(b, 0);
	make_secure(b, 1);
	frame_of_backing(b, 0, &f);
	assert_int_equal(frame_word_owner(frame_lock(&f)), OWNER);
	walker_begin(&w, b);
	frame_clear_secure(&f);
	frame_publish(&f, frame_word(FRAME_NS, 0, 0));
	pthread_join(w.thread, NULL);
	assert_int_equal(w.run.n, 0);
	assert_int_equal(w.next, 0);
	assert_int_equal(atomic_load(locks_of(b, 0)), 0);
	lock_frames(&w.run, 0, 10);
	assert_int_equal(w.run.n, 1);
	assert_int_equal(w.run.index[0], 1);
	frame_run_publish(&w.run);
	frame_put(&f);
	backing_put(b);
}

static void a_frame_that_was_waited_for_is_taken(void **state)
{
	struct backing *b = backing_create(*state, PIECE_SIZE, NULL, NULL);
	struct walker w = {0};
	struct frame f;

	make_secure(b, 0);
	make_secure(b, 1);
	frame_of_backing(b, 0, &f);
	assert_int_equal(frame_word_owner(frame_lock(&f)), OWNER);
	walker_begin(&w, b);
	frame_unlock(&f);
	pthread_join(w.thread, NULL);
	assert_int_equal(w.run.n, 1);
	assert_int_equal(w.next, 1);
	lock_frames(&w.run, w.next, 10);
	assert_int_equal(w.run.n, 2);
	frame_run_publish(&w.run);
	frame_put(&f);
	backing_put(b);
}

/* ---- who waits ---- */

struct waiter {
	struct backing *b;
	uint64_t *count;
};

static void *count_under_lock(void *arg)
{
	struct waiter *me = arg;
	struct frame f;

	frame_of_backing(me->b, 0, &f);
	for (unsigned int i = 0; i < 5000; i++) {
		if (frame_word_state(frame_lock(&f)) == FRAME_NS)
			++*me->count;
		frame_unlock(&f);
	}
	frame_put(&f);
	return NULL;
}

static void lock_excludes(void **state)
{
	struct backing *b = backing_create(*state, PAGE_SIZE, NULL, NULL);
	uint64_t count = 0;
	struct waiter w = {b, &count};
	pthread_t threads[4];

	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_under_lock, &w), 0);
	for (unsigned int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(count, 20000);
	assert_int_equal(atomic_load(locks_of(b, 0)), 0);
	backing_put(b);
}

struct sleeper {
	struct backing *b;
	size_t index;
};

static void *lock_and_unlock(void *arg)
{
	const struct sleeper *me = arg;
	struct frame f;
	uint64_t word;

	frame_of_backing(me->b, me->index, &f);
	word = frame_lock(&f);
	(void)word; /* it may be the owner's or not any more */
	frame_unlock(&f);
	frame_put(&f);
	return NULL;
}

/* Whatever moment they come to sleep at; one that is not woken never ends. */
static void runs_wake_who_waits_for_their_frames(void **state)
{
	struct backing *b = backing_create(*state, PIECE_SIZE, NULL, NULL);
	struct sleeper sleepers[] = {{b, 0}, {b, 100}, {b, PIECE_PAGES - 1}};
	pthread_t threads[3];

	for (unsigned int round = 0; round < 200; round++) {
		struct frame_run run = {.b = b};

		for (size_t i = 0; i < 3; i++)
			make_secure(b, sleepers[i].index);
		lock_frames(&run, 0, PIECE_PAGES);
		assert_int_equal(run.n, 3);
		for (size_t i = 0; i < 3; i++)
			assert_int_equal(
				pthread_create(&threads[i], NULL, lock_and_unlock, &sleepers[i]),
				0);
		if (round % 2) {
			frame_run_unlock(&run);
			for (size_t i = 0; i < 3; i++)
				make_ordinary(b, sleepers[i].index);
		} else {
			frame_run_publish(&run);
		}
		for (size_t i = 0; i < 3; i++)
			pthread_join(threads[i], NULL);
	}
	backing_put(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_try_takes_what_comes_before_a_held_one),
		TEST(ranges_end_inside_a_word_or_with_it),
		TEST(runs_take_frames_of_their_owner_only),
		TEST(runs_grow_by_groups),
		TEST(runs_go_up_to_a_locked_frame_and_wait_for_it_next),
		TEST(a_frame_that_changed_hands_is_left_alone),
		TEST(a_frame_that_was_waited_for_is_taken),
		TEST(lock_excludes),
		TEST(runs_wake_who_waits_for_their_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
