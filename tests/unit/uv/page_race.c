// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads that import, export, share and destroy the same few frames; bounded. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "page_world.h"

#define THREADS 4
#define STEPS   4000
#define FRAMES  6
#define STAMPED FRAMES /* a page that only the steps of host, range and CPU use */

static int set_up(void **state)
{
	*state = world_create(2);
	return 0;
}

static int tear_down(void **state)
{
	world_destroy(*state);
	return 0;
}

struct worker {
	struct world *w;
	unsigned int seed;
	void (*step)(struct world *w, unsigned int random);
	uint64_t unexpected;
};

static void *work(void *arg)
{
	struct worker *me = arg;

	for (unsigned int i = 0; i < STEPS; i++)
		me->step(me->w, (unsigned int)rand_r(&me->seed));
	return NULL;
}

static void race(struct world *w, void (*const steps[THREADS])(struct world *, unsigned int))
{
	struct worker workers[THREADS];
	pthread_t threads[THREADS];

	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.w = w, .seed = i + 1, .step = steps[i]};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static _Atomic uint64_t bad;

static void expect_rc(uint16_t rc, uint16_t either, uint16_t or)
{
	if (rc != 1 && rc != either && rc != or)
		atomic_fetch_add(&bad, 1);
}

static void guest_step(struct world *w, unsigned int random)
{
	struct uv_owner *o = w->guests[random / 8 % 2].owner;
	gpa_t gaddr = gpa_of(random / 16 % FRAMES);
	uint64_t counter = 0;

	switch (random % 5) {
	case 4:
		/* the promise of a counter changes a record as well */
		if (uv_page_dump_state(&w->pages, o, gaddr, &counter) == UV_DUMP_ENCRYPTED &&
		    !counter)
			atomic_fetch_add(&bad, 1);
		break;
	case 0:
		expect_rc(uv_page_share(&w->pages, o, gaddr), UV_PAGE_NOT_RESIDENT, 1);
		break;
	case 1:
		expect_rc(uv_page_unshare(&w->pages, o, gaddr), UV_PAGE_NOT_RESIDENT,
			  UV_PAGE_PINNED);
		break;
	default:
		/* the shared page of another guest, or content of another guest */
		expect_rc(uv_page_import(&w->pages, o, gaddr), 0x106, 0x108);
	}
}

static void host_step(struct world *w, unsigned int random)
{
	abs_t frame = frame_addr(w, random / 16 % (FRAMES + 1));

	switch (random % 4) {
	case 0:
		expect_rc(uv_page_pin(&w->pages, frame), 0x103, 1);
		break;
	case 1:
		expect_rc(uv_page_destroy(&w->pages, frame), 0x106, 1);
		break;
	default:
		expect_rc(uv_page_export(&w->pages, frame), 1, 1);
	}
}

static void range_step(struct world *w, unsigned int random)
{
	if (uv_pages_destroy_range(&w->pages, w->guests[random % 2].owner->index, w->b, 0,
				   FRAMES + 1, NULL, NULL))
		atomic_fetch_add(&bad, 1);
}

/* Import page STAMPED and act on its content while the frame is locked. Return: true if secure */
static bool with_secure_page(struct world *w, void (*act)(uint8_t *page, uint8_t *value),
			     uint8_t *value)
{
	struct frame f;
	bool secure;

	expect_rc(uv_page_import(&w->pages, w->guests[0].owner, gpa_of(STAMPED)), 1, 1);
	frame_of_backing(w->b, STAMPED, &f);
	secure = frame_word_state(frame_lock(&f)) == FRAME_SEC;
	if (secure)
		act(frame_secure(&f), value);
	frame_unlock(&f);
	frame_put(&f);
	return secure;
}

static void set_byte(uint8_t *page, uint8_t *value)
{
	page[100] = *value;
}

static void get_byte(uint8_t *page, uint8_t *value)
{
	*value = page[100];
}

static bool stamp_page(struct world *w, uint8_t value)
{
	return with_secure_page(w, set_byte, &value);
}

static uint8_t read_stamp(struct world *w)
{
	uint8_t value = 0;

	while (!with_secure_page(w, get_byte, &value))
		;
	return value;
}

/* While there is a CPU the host can export pages, but their content survives. */
static void cpu_step(struct world *w, unsigned int random)
{
	struct uv_owner *o = w->guests[0].owner;
	uint8_t value = (uint8_t)(random >> 8);

	uv_owner_cpu_get(o);
	if (stamp_page(w, value))
		for (unsigned int i = 0; i < 3; i++)
			if (read_stamp(w) != value)
				atomic_fetch_add(&bad, 1);
	uv_owner_cpu_put(o);
}

/* Records and words must name each other, whatever happened. */
static void expect_consistent(struct world *w)
{
	for (unsigned int guest = 0; guest < 2; guest++) {
		struct uv_owner *o = w->guests[guest].owner;
		uint64_t resident = 0;

		for (size_t page = 0; page <= STAMPED; page++) {
			uint64_t state = record_peek(&o->records[page]);
			struct frame_info info = backing_frame_info(w->b, page);
			bool is = record_state(state) == G_SEC || record_state(state) == G_SHR;

			resident += is;
			if (is) {
				assert_int_equal(record_frame(state), frame_addr(w, page));
				assert_int_equal(info.owner, o->index);
			} else {
				assert_int_not_equal(info.owner, o->index);
			}
		}
		assert_int_equal(resident, uv_owner_nr_frames(w->pages.owners, o->index));
		assert_int_equal(atomic_load(&o->users), 0);
		assert_int_equal(atomic_load(&o->destroys), 0);
	}
}

static void calls_race_on_the_same_frames(void **state)
{
	struct world *w = *state;

	atomic_store(&bad, 0);
	w->pages.misc = true;
	race(w, (void (*const[])(struct world *, unsigned int)){guest_step, guest_step, host_step,
								range_step});
	assert_int_equal(atomic_load(&bad), 0);
	expect_consistent(w);
}

static void cpus_and_destroys_exclude_each_other(void **state)
{
	struct world *w = *state;

	atomic_store(&bad, 0);
	race(w, (void (*const[])(struct world *, unsigned int)){guest_step, cpu_step, host_step,
								range_step});
	assert_int_equal(atomic_load(&bad), 0);
	expect_consistent(w);
}

/* One guest page: what the guest wrote last comes back, or zeros after a destroy; never a mix. */
static void content_step(struct world *w, unsigned int random)
{
	uint8_t bytes[PAGE_SIZE];
	struct uv_owner *o = w->guests[0].owner;
	struct frame f;
	uint64_t word;

	expect_rc(uv_page_import(&w->pages, o, 0), 1, 1);
	frame_of_backing(w->b, 0, &f);
	word = frame_lock(&f);
	if (frame_word_state(word) == FRAME_SEC) {
		memcpy(bytes, frame_secure(&f), PAGE_SIZE);
		for (size_t i = 1; i < PAGE_SIZE; i++)
			if (bytes[i] != bytes[0])
				atomic_fetch_add(&bad, 1);
		memset(frame_secure(&f), (int)(random & 0xff), PAGE_SIZE);
	}
	frame_unlock(&f);
	frame_put(&f);
}

static void content_is_never_torn(void **state)
{
	struct world *w = *state;

	atomic_store(&bad, 0);
	race(w, (void (*const[])(struct world *, unsigned int)){content_step, content_step,
								host_step, range_step});
	assert_int_equal(atomic_load(&bad), 0);
}

/**
 * struct scribbler - a host that stores to an exported page while it is imported
 * @begin, @end: of a round
 * @page: content at its beginning
 * @rounds: how many
 * @stores: so many in this round so far
 * @stop: the round ends
 */
struct scribbler {
	struct world *w;
	pthread_barrier_t begin;
	pthread_barrier_t end;
	uint8_t page[PAGE_SIZE];
	unsigned int rounds;
	_Atomic unsigned int stores;
	_Atomic bool stop;
};

/* The bytes of a line, in any case others than those of the line before, are changed or set right.
 */
static void store_line(const struct scribbler *s, unsigned int line, uint8_t change)
{
	uint8_t bytes[64];
	off_t at = (off_t)(line * sizeof(bytes) % PAGE_SIZE);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = s->page[(size_t)at + i] ^ change;
	if (pwrite(backing_memfd(s->w->b), bytes, sizeof(bytes), at) != (ssize_t)sizeof(bytes))
		atomic_fetch_add(&bad, 1);
}

/* The page is wrong more often than it is right. The host takes no lock of a frame. */
static void *scribble(void *arg)
{
	struct scribbler *s = arg;

	for (unsigned int round = 0; round < s->rounds; round++) {
		pthread_barrier_wait(&s->begin);
		for (unsigned int line = 0; !atomic_load(&s->stop); line++) {
			store_line(s, line, 1);
			atomic_fetch_add(&s->stores, 1);
			store_line(s, line, 2);
			store_line(s, line, 0);
		}
		pthread_barrier_wait(&s->end);
	}
	return NULL;
}

/* Return: was it refused at least once? */
static bool import_while_scribbled(struct world *w, struct scribbler *s, const uint8_t *content,
				   unsigned int in_the_midst)
{
	struct uv_owner *o = w->guests[0].owner;
	bool refused = false;
	uint16_t rc;

	assert_int_equal(uv_page_export(&w->pages, frame_addr(w, 0)), UV_PAGE_OK);
	ordinary_read(w, 0, s->page);
	atomic_store(&s->stores, 0);
	atomic_store(&s->stop, false);
	pthread_barrier_wait(&s->begin);
	while (atomic_load(&s->stores) < in_the_midst)
		sched_yield();
	for (unsigned int i = 0; i < 20; i++) {
		rc = uv_page_import(&w->pages, o, 0);
		if (rc == UV_PAGE_OK)
			break;
		assert_int_equal(rc, UV_PAGE_BAD_TAG);
		refused = true;
	}
	atomic_store(&s->stop, true);
	pthread_barrier_wait(&s->end);
	if (rc != UV_PAGE_OK) {
		ordinary_write(w, 0, s->page);
		assert_int_equal(uv_page_import(&w->pages, o, 0), UV_PAGE_OK);
	}
	assert_memory_equal(guest_page(w, 0, 0), content, PAGE_SIZE);
	return refused;
}

/* What the host stores meanwhile is refused or lost: never is it in the guest. */
static void stores_that_race_an_import_never_reach_the_guest(void **state)
{
	struct scribbler s = {.w = *state, .rounds = 400};
	uint8_t content[PAGE_SIZE];
	unsigned int refused = 0;
	pthread_t thread;

	atomic_store(&bad, 0);
	pthread_barrier_init(&s.begin, NULL, 2);
	pthread_barrier_init(&s.end, NULL, 2);
	assert_int_equal(uv_page_import(&s.w->pages, s.w->guests[0].owner, 0), UV_PAGE_OK);
	assert_int_equal(pthread_create(&thread, NULL, scribble, &s), 0);
	for (unsigned int round = 0; round < s.rounds; round++) {
		fill_pattern(content, round);
		memcpy(guest_page(s.w, 0, 0), content, PAGE_SIZE);
		refused += import_while_scribbled(s.w, &s, content, 1 + round % 30);
	}
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&s.end);
	pthread_barrier_destroy(&s.begin);
	assert_int_equal(atomic_load(&bad), 0);
	print_message("# %u of %u rounds saw a refusal\n", refused, s.rounds);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_race_on_the_same_frames),
		TEST(cpus_and_destroys_exclude_each_other),
		TEST(content_is_never_torn),
		TEST(stores_that_race_an_import_never_reach_the_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
