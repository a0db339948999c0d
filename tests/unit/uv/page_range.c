// SPDX-License-Identifier: GPL-2.0-or-later
/* Range destroy is that many single destroys; and what ends, splits or refuses a run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "page_world.h"
#include "protvirt/uv.h"
#include "storage/inject.h"
#include "uv/cost.h"
#include "uv/trace.h"

static int set_up(void **state)
{
	*state = world_create(3);
	return 0;
}

static int tear_down(void **state)
{
	atomic_store(&inject_hook, NULL);
	world_destroy(*state);
	return 0;
}

static void import(struct world *w, unsigned int guest, size_t page)
{
	assert_int_equal(uv_page_import(&w->pages, w->guests[guest].owner, gpa_of(page)), 1);
	fill_pattern(guest_page(w, guest, page), page);
}

static void share(struct world *w, unsigned int guest, size_t page)
{
	assert_int_equal(uv_page_share(&w->pages, w->guests[guest].owner, gpa_of(page)), 1);
}

/* A mixture of states that depends on @seed only: twins get the same one */
static void populate(struct world *w, unsigned int seed, size_t n)
{
	unsigned int random = seed;

	for (size_t page = 0; page < n; page++) {
		unsigned int kind = (unsigned int)rand_r(&random) % 8;
		unsigned int guest = kind < 5 ? 0 : 1;

		if (kind == 0)
			continue;
		import(w, guest, page);
		if (kind >= 3 && kind <= 6)
			share(w, guest, page);
		if (kind == 4 || kind == 6)
			assert_int_equal(uv_page_pin(&w->pages, frame_addr(w, page)), 1);
		if (kind == 7)
			assert_int_equal(uv_page_export(&w->pages, frame_addr(w, page)), 1);
	}
}

static void destroy_one_by_one(struct world *w, uint32_t owner, size_t first, size_t n)
{
	for (size_t i = first; i < first + n; i++)
		if (backing_frame_info(w->b, i).owner == owner)
			assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, i)), 1);
}

static void expect_twins(struct world *a, struct world *b, size_t n)
{
	uint8_t of_a[PAGE_SIZE], of_b[PAGE_SIZE];
	struct storage_stats stats_a, stats_b;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(state_at(a, i), state_at(b, i));
		assert_int_equal(record_at(a, 0, i), record_at(b, 0, i));
		assert_int_equal(record_at(a, 1, i), record_at(b, 1, i));
		ordinary_read(a, i, of_a);
		ordinary_read(b, i, of_b);
		if (record_at(a, 1, i) != G_EXP) /* ciphertexts differ: random keys */
			assert_memory_equal(of_a, of_b, PAGE_SIZE);
	}
	storage_get_stats(a->st, &stats_a);
	storage_get_stats(b->st, &stats_b);
	assert_memory_equal(&stats_a, &stats_b, sizeof(stats_a));
}

static void range_is_so_many_single_calls(void **state)
{
	struct world *w = *state, *twin = world_create(3);
	const size_t n = 1500, first = 13, len = 1400;

	populate(w, 42, n);
	populate(twin, 42, n);
	assert_int_equal(uv_pages_destroy_range(&w->pages, w->guests[0].owner->index, w->b, first,
						len, NULL, NULL),
			 0);
	destroy_one_by_one(twin, twin->guests[0].owner->index, first, len);
	expect_twins(w, twin, n);
	assert_true(atomic_load(&w->purges) < atomic_load(&twin->purges));
	world_destroy(twin);
}

static void orphans_and_what_the_dead_shared(void **state)
{
	struct world *w = *state;
	struct storage_stats stats;
	uint32_t owner = uv_owner_get(w->guests[0].owner)->index;
	struct uv_owner *o = w->guests[0].owner;
	_Atomic uint64_t done = 0;

	for (size_t i = 0; i < 700; i++)
		import(w, 0, i);
	share(w, 0, 5);
	world_kill(w, 0);
	storage_get_stats(w->st, &stats);
	assert_int_equal(stats.frames_orphan, 699);
	assert_int_equal(stats.frames_secure, 0);
	assert_int_equal(stats.frames_shared, 0);
	assert_int_equal(uv_owner_nr_frames(w->pages.owners, owner), 700);
	assert_int_equal(
		uv_pages_destroy_range(&w->pages, owner, w->b, 0, WORLD_PAGES, NULL, &done), 0);
	assert_int_equal(atomic_load(&done), 700);
	assert_int_equal(uv_owner_nr_frames(w->pages.owners, owner), 0);
	storage_get_stats(w->st, &stats);
	assert_int_equal(stats.frames_orphan, 0);
	uv_owner_drop(o);
}

static void stop_word_ends_the_walk(void **state)
{
	struct world *w = *state;
	_Atomic uint32_t word = 4;
	struct uv_stop stop = {.word = &word, .mask = 6};
	_Atomic uint64_t done = 0;
	uint32_t owner = w->guests[0].owner->index;

	import(w, 0, 0);
	assert_int_equal(uv_pages_destroy_range(&w->pages, owner, w->b, 0, 1, &stop, &done),
			 -EINTR);
	assert_int_equal(atomic_load(&done), 0);
	atomic_store(&word, 1);
	assert_int_equal(uv_pages_destroy_range(&w->pages, owner, w->b, 0, 1, &stop, &done), 0);
	assert_int_equal(atomic_load(&done), 1);
}

/* The hook that injection offers at each page is a handy place to act in the middle of a walk. */
static struct {
	struct world *w;
	_Atomic uint32_t stop;
	uint64_t at;
	uint64_t refuse_page;
	uint64_t fail_export;
	uint64_t asked;
} scene;

static bool stop_at_page(enum inject_point point, uint32_t detail, uint64_t subject,
			 struct inject_outcome *outcome)
{
	if (point != INJECT_DESTROY_PAGE)
		return false;
	scene.asked++;
	if (subject == scene.at)
		atomic_store(&scene.stop, 1);
	return false;
}

static void stop_publishes_what_was_locked(void **state)
{
	struct world *w = *state;
	struct uv_stop stop = {.word = &scene.stop, .mask = 1};
	_Atomic uint64_t done = 0;

	for (size_t i = 0; i < 1000; i++)
		import(w, 0, i);
	memset(&scene, 0, sizeof(scene));
	scene.at = 700;
	atomic_store(&inject_hook, stop_at_page);
	assert_int_equal(uv_pages_destroy_range(&w->pages, w->guests[0].owner->index, w->b, 0, 1000,
						&stop, &done),
			 -EINTR);
	assert_int_equal(scene.asked, 701); /* not one page more */
	assert_int_equal(atomic_load(&done), 701);
	assert_int_equal(state_at(w, 700), FRAME_NS);
	assert_int_equal(state_at(w, 701), FRAME_SEC);
	assert_int_equal(uv_owner_nr_frames(w->pages.owners, w->guests[0].owner->index), 299);
}

/* Between the look at the word and the lock the frame goes to another guest. */
static bool change_hands(enum inject_point point, uint32_t detail, uint64_t subject,
			 struct inject_outcome *outcome)
{
	struct world *w = scene.w;

	if (point != INJECT_DESTROY_PAGE || scene.asked++)
		return false;
	assert_int_equal(uv_page_export(&w->pages, frame_addr(w, subject)), 1);
	import(w, 1, subject);
	return false;
}

static void frame_that_changed_hands_is_left_alone(void **state)
{
	struct world *w = *state;
	_Atomic uint64_t done = 0;
	uint8_t expected[PAGE_SIZE];

	import(w, 0, 8);
	memset(&scene, 0, sizeof(scene));
	scene.w = w;
	atomic_store(&inject_hook, change_hands);
	assert_int_equal(uv_pages_destroy_range(&w->pages, w->guests[0].owner->index, w->b, 0, 16,
						NULL, &done),
			 0);
	atomic_store(&inject_hook, NULL);
	assert_int_equal(atomic_load(&done), 0);
	assert_int_equal(state_at(w, 8), FRAME_SEC);
	fill_pattern(expected, 8);
	assert_memory_equal(guest_page(w, 1, 8), expected, PAGE_SIZE);
}

static void any_owner_means_the_new_one_too(void **state)
{
	struct world *w = *state;
	_Atomic uint64_t done = 0;

	import(w, 0, 8);
	memset(&scene, 0, sizeof(scene));
	scene.w = w;
	atomic_store(&inject_hook, change_hands);
	assert_int_equal(uv_pages_destroy_range(&w->pages, UV_ANY_OWNER, w->b, 0, 16, NULL, &done),
			 0);
	assert_int_equal(atomic_load(&done), 1);
	assert_int_equal(state_at(w, 8), FRAME_NS);
	assert_int_equal(record_at(w, 1, 8), G_NEW);
}

static bool refuse_one(enum inject_point point, uint32_t detail, uint64_t subject,
		       struct inject_outcome *outcome)
{
	if (point == INJECT_DESTROY_PAGE)
		return subject == scene.refuse_page || subject == scene.fail_export;
	if (point != INJECT_UVC || detail != UVC_CMD_CONV_FROM_SEC_STOR)
		return false;
	outcome->cc = ++scene.asked == 2; /* the second export fails */
	outcome->rc = 0x10f;
	return true;
}

static uint64_t run_pages(struct uv_trace *trace, uint64_t number)
{
	struct uv_trace_event e;

	assert_int_equal(uv_trace_read(trace, number, &e), UV_TRACE_EVENT);
	assert_true(e.duration_ns > 0);
	return e.count;
}

static void refused_page_is_exported_or_lost(void **state)
{
	struct world *w = *state;
	struct storage_stats stats;
	_Atomic uint64_t done = 0;
	struct uv_trace *trace = calloc(1, sizeof(*trace));

	uv_trace_init(trace);
	w->pages.trace = trace;
	for (size_t i = 0; i < 100; i++)
		import(w, 0, i);
	memset(&scene, 0, sizeof(scene));
	scene.refuse_page = 20;
	scene.fail_export = 50;
	atomic_store(&inject_hook, refuse_one);
	assert_int_equal(uv_pages_destroy_range(&w->pages, w->guests[0].owner->index, w->b, 0, 100,
						NULL, &done),
			 0);
	assert_int_equal(atomic_load(&done), 98);
	assert_int_equal(record_at(w, 0, 20), G_EXP);
	assert_int_equal(state_at(w, 50), FRAME_LOST);
	assert_int_equal(state_at(w, 99), FRAME_NS);
	storage_get_stats(w->st, &stats);
	assert_int_equal(stats.frames_lost, 1);
	assert_int_equal(uv_trace_next(trace), 5); /* 20 pages, one refused, 29, one refused, 49 */
	assert_int_equal(run_pages(trace, 0), 20);
	assert_int_equal(run_pages(trace, 2), 29);
	assert_int_equal(run_pages(trace, 4), 49);
	w->pages.trace = NULL;
	free(trace);
}

static void lost_frame_is_never_handed_out(void **state)
{
	struct world *w = *state;
	uint8_t *bytes, shown[PAGE_SIZE], zeros[PAGE_SIZE] = {0};

	import(w, 0, 50);
	memset(&scene, 0, sizeof(scene));
	scene.refuse_page = 50;
	scene.asked = 1;
	atomic_store(&inject_hook, refuse_one);
	uv_pages_destroy_range(&w->pages, UV_ANY_OWNER, w->b, 0, 100, NULL, NULL);
	atomic_store(&inject_hook, NULL);
	assert_int_equal(state_at(w, 50), FRAME_LOST);
	assert_int_equal(uv_page_access(&w->pages, NULL, frame_addr(w, 50), gpa_of(50), &bytes),
			 UV_ACCESS_SECURE);
	assert_int_equal(uv_page_make_accessible(&w->pages, frame_addr(w, 50)), -EINVAL);
	assert_int_equal(uv_page_import(&w->pages, w->guests[1].owner, gpa_of(50)), 0x106);
	assert_int_equal(uv_page_share(&w->pages, w->guests[0].owner, gpa_of(50)), 0x10f);
	ordinary_read(w, 50, shown);
	assert_memory_equal(shown, zeros, PAGE_SIZE);
}

static void owner_with_cpus_gets_its_pages_exported(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	_Atomic uint64_t done = 0;
	uint8_t expected[PAGE_SIZE];

	for (size_t i = 0; i < 10; i++)
		import(w, 0, i);
	uv_owner_cpu_get(o);
	assert_int_equal(uv_pages_destroy_range(&w->pages, o->index, w->b, 0, 10, NULL, &done), 0);
	uv_owner_cpu_put(o);
	assert_int_equal(atomic_load(&done), 0);
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(uv_page_import(&w->pages, o, gpa_of(i)), 1);
		fill_pattern(expected, i);
		assert_memory_equal(guest_page(w, 0, i), expected, PAGE_SIZE);
	}
}

static void cost_model_shortens_runs(void **state)
{
	struct world *w = *state;
	struct uv_cost_model cost = {.page_ns = 20000};
	struct uv_trace *trace = calloc(1, sizeof(*trace));

	uv_trace_init(trace);
	w->pages.trace = trace;
	w->pages.cost = &cost;
	for (size_t i = 0; i < 50; i++)
		import(w, 0, i);
	uv_pages_destroy_range(&w->pages, UV_ANY_OWNER, w->b, 0, 50, NULL, NULL);
	assert_int_equal(uv_trace_next(trace), 10);
	assert_int_equal(run_pages(trace, 0), 5); /* 100 us */
	w->pages.trace = NULL;
	w->pages.cost = NULL;
	free(trace);
}

static void destroy_all_keeps_what_was_shared(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	uint8_t bytes[PAGE_SIZE], expected[PAGE_SIZE], zeros[PAGE_SIZE] = {0};

	for (size_t i = 0; i < 600; i++)
		import(w, 0, i);
	share(w, 0, 30);
	import(w, 1, 1000);
	assert_true(uv_pages_destroy_all(&w->pages, o));
	assert_int_equal(uv_owner_nr_frames(w->pages.owners, o->index), 0);
	ordinary_read(w, 30, bytes);
	fill_pattern(expected, 30);
	assert_memory_equal(bytes, expected, PAGE_SIZE);
	ordinary_read(w, 31, bytes);
	assert_memory_equal(bytes, zeros, PAGE_SIZE);
	assert_int_equal(state_at(w, 1000), FRAME_SEC);
}

static void unshare_all(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	uint8_t expected[PAGE_SIZE];
	uint16_t rc;

	for (size_t i = 0; i < 4; i++) {
		import(w, 0, i);
		if (i)
			share(w, 0, i);
	}
	assert_int_equal(uv_page_pin(&w->pages, frame_addr(w, 2)), 1);
	assert_int_equal(uv_page_export(&w->pages, frame_addr(w, 3)), 1);
	assert_true(uv_pages_unshare_all(&w->pages, o, &rc));
	assert_int_equal(rc, 1);
	assert_int_equal(record_at(w, 0, 0), G_SEC);
	assert_int_equal(record_at(w, 0, 1), G_SEC);
	fill_pattern(expected, 1);
	assert_memory_equal(guest_page(w, 0, 1), expected, PAGE_SIZE);
	assert_int_equal(record_at(w, 0, 2), G_NEW);
	assert_int_equal(state_at(w, 2), FRAME_NS);
	assert_int_equal(record_at(w, 0, 3), G_NEW);
	assert_int_equal(atomic_load(&o->shared), 0);
}

static void import_and_share_all(struct world *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(uv_page_import(&w->pages, w->guests[0].owner, gpa_of(i)), 1);
		share(w, 0, i);
	}
}

static void big_walks_are_done_in_parts(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	const size_t n = 2 * UV_PAGE_CHUNK - 100;
	uint16_t rc;

	import_and_share_all(w, n);
	assert_false(uv_pages_unshare_all(&w->pages, o, &rc));
	assert_int_equal(rc, 1);
	assert_int_equal(atomic_load(&o->shared), n - UV_PAGE_CHUNK);
	assert_int_equal(record_at(w, 0, UV_PAGE_CHUNK - 1), G_SEC);
	assert_int_equal(record_at(w, 0, UV_PAGE_CHUNK), G_SHR);
	/* a destroy that comes instead of the second part begins at the first page */
	assert_false(uv_pages_destroy_all(&w->pages, o));
	assert_int_equal(uv_owner_nr_frames(w->pages.owners, o->index), n - UV_PAGE_CHUNK);
	assert_int_equal(state_at(w, 0), FRAME_NS);
	assert_true(uv_pages_destroy_all(&w->pages, o));
	assert_int_equal(uv_owner_nr_frames(w->pages.owners, o->index), 0);
}

static void unshare_all_goes_on_where_it_was(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	uint16_t rc;

	import_and_share_all(w, UV_PAGE_CHUNK + 1);
	assert_false(uv_pages_unshare_all(&w->pages, o, &rc));
	assert_true(uv_pages_unshare_all(&w->pages, o, &rc));
	assert_int_equal(atomic_load(&o->shared), 0);
	assert_int_equal(record_at(w, 0, UV_PAGE_CHUNK), G_SEC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(range_is_so_many_single_calls),
		TEST(orphans_and_what_the_dead_shared),
		TEST(stop_word_ends_the_walk),
		TEST(stop_publishes_what_was_locked),
		TEST(frame_that_changed_hands_is_left_alone),
		TEST(any_owner_means_the_new_one_too),
		TEST(refused_page_is_exported_or_lost),
		TEST(lost_frame_is_never_handed_out),
		TEST(owner_with_cpus_gets_its_pages_exported),
		TEST(cost_model_shortens_runs),
		TEST(destroy_all_keeps_what_was_shared),
		TEST(unshare_all),
		TEST(big_walks_are_done_in_parts),
		TEST(unshare_all_goes_on_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
