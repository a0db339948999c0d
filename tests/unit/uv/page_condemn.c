// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Condemned pages (model `proposal`): ordinary at once for every call and every
 * access, whoever comes first; what they held is never seen again, and what is
 * put there afterwards stays.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "page_world.h"

#define PAGES 600 /* more than a run, in two pieces */

enum {
	OLD,
	NEXT,
	NR_GUESTS
};

static const uint8_t zeros[PAGE_SIZE];

static int set_up(void **state)
{
	*state = world_create(NR_GUESTS);
	return 0;
}

static int tear_down(void **state)
{
	world_destroy(*state);
	return 0;
}

static struct uv_owner *owner_of(struct world *w, unsigned int guest)
{
	return w->guests[guest].owner;
}

static struct storage_stats stats_of(struct world *w)
{
	struct storage_stats stats;

	storage_get_stats(w->st, &stats);
	return stats;
}

static void fill(struct world *w, unsigned int guest, size_t n)
{
	for (size_t page = 0; page < n; page++) {
		assert_int_equal(uv_page_import(&w->pages, owner_of(w, guest), gpa_of(page)), 1);
		fill_pattern(guest_page(w, guest, page), page);
	}
}

static void fill_and_condemn(struct world *w, size_t n)
{
	fill(w, OLD, n);
	uv_owner_condemn(w->pages.owners, owner_of(w, OLD));
}

static uint8_t *host_page(struct world *w, size_t page)
{
	uint8_t *bytes = NULL;

	assert_int_equal(uv_page_access(&w->pages, NULL, frame_addr(w, page), gpa_of(page), &bytes),
			 UV_ACCESS_OK);
	return bytes;
}

static int destroy_old(struct world *w, const struct uv_stop *stop)
{
	return uv_pages_destroy_range(&w->pages, owner_of(w, OLD)->index, w->b, 0, WORLD_PAGES,
				      stop, NULL);
}

static void assert_secure_store(struct world *w, size_t page, const uint8_t *expected)
{
	struct frame f;

	frame_of_backing(w->b, page, &f);
	assert_memory_equal(frame_secure(&f), expected, PAGE_SIZE);
	frame_put(&f);
}

static void residue_counts_apart(void **state)
{
	struct world *w = *state;
	uint8_t plain[PAGE_SIZE];

	fill(w, OLD, 10);
	assert_int_equal(uv_page_share(&w->pages, owner_of(w, OLD), gpa_of(9)), 1);
	uv_owner_condemn(w->pages.owners, owner_of(w, OLD));
	assert_int_equal(stats_of(w).frames_residue, 9);
	assert_int_equal(stats_of(w).frames_secure + stats_of(w).frames_orphan, 0);
	assert_int_equal(stats_of(w).frames_shared, 0);
	assert_int_equal(uv_owner_nr_frames(w->pages.owners, owner_of(w, OLD)->index), 10);
	/* Nothing has been cleared: that is the point. */
	fill_pattern(plain, 3);
	assert_secure_store(w, 3, plain);
	uv_owner_condemn(w->pages.owners, owner_of(w, OLD));
	assert_int_equal(stats_of(w).frames_residue, 9);
	assert_int_equal(destroy_old(w, NULL), 0);
	assert_int_equal(stats_of(w).frames_residue, 0);
	assert_secure_store(w, 3, zeros);
}

static void residue_outlives_its_configuration(void **state)
{
	struct world *w = *state;
	uint32_t index = uv_owner_get(owner_of(w, OLD))->index;
	struct uv_owner *o = owner_of(w, OLD);

	fill_and_condemn(w, 4);
	world_kill(w, OLD);
	assert_int_equal(stats_of(w).frames_residue, 4);
	assert_int_equal(stats_of(w).frames_orphan, 0);
	assert_memory_equal(host_page(w, 1), zeros, PAGE_SIZE);
	assert_int_equal(stats_of(w).frames_residue, 3);
	assert_int_equal(uv_pages_destroy_range(&w->pages, index, w->b, 0, WORLD_PAGES, NULL, NULL),
			 0);
	assert_int_equal(stats_of(w).frames_residue, 0);
	assert_int_equal(uv_owner_nr_frames(w->pages.owners, index), 0);
	uv_owner_drop(o);
}

static void ordinary_guest_reads_zeros_and_keeps_what_it_writes(void **state)
{
	struct world *w = *state;
	uint8_t written[PAGE_SIZE], seen[PAGE_SIZE];

	fill_and_condemn(w, PAGES);
	fill_pattern(written, 77);
	for (size_t page = 0; page < PAGES; page += 7) {
		assert_memory_equal(host_page(w, page), zeros, PAGE_SIZE);
		memcpy(host_page(w, page), written, PAGE_SIZE);
	}
	assert_int_equal(destroy_old(w, NULL), 0);
	for (size_t page = 0; page < PAGES; page++) {
		ordinary_read(w, page, seen);
		assert_memory_equal(seen, page % 7 ? zeros : written, PAGE_SIZE);
		assert_secure_store(w, page, zeros);
	}
}

/* Where nothing traps, a VMM writes into ordinary storage and the machine does not know. */
static void unseen_write_of_the_vmm_stays(void **state)
{
	struct world *w = *state;
	uint8_t written[PAGE_SIZE], seen[PAGE_SIZE];

	w->arm_rc = 1;
	fill_and_condemn(w, 3);
	fill_pattern(written, 5);
	ordinary_write(w, 0, written);
	ordinary_write(w, 1, written);
	assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, 0)), 1);
	assert_int_equal(destroy_old(w, NULL), 0);
	ordinary_read(w, 0, seen);
	assert_memory_equal(seen, written, PAGE_SIZE);
	ordinary_read(w, 1, seen);
	assert_memory_equal(seen, written, PAGE_SIZE);
	assert_memory_equal(host_page(w, 1), written, PAGE_SIZE);
}

static void next_guest_finds_zeros(void **state)
{
	struct world *w = *state;

	fill_and_condemn(w, PAGES);
	for (size_t page = 0; page < PAGES; page++) {
		assert_int_equal(uv_page_import(&w->pages, owner_of(w, NEXT), gpa_of(page)), 1);
		assert_memory_equal(guest_page(w, NEXT, page), zeros, PAGE_SIZE);
		fill_pattern(guest_page(w, NEXT, page), page + 1);
	}
	assert_int_equal(stats_of(w).frames_residue, 0);
	assert_int_equal(stats_of(w).frames_secure, PAGES);
	assert_int_equal(destroy_old(w, NULL), 0);
	for (size_t page = 0; page < PAGES; page++) {
		uint8_t expected[PAGE_SIZE];

		fill_pattern(expected, page + 1);
		assert_memory_equal(guest_page(w, NEXT, page), expected, PAGE_SIZE);
	}
}

static uint16_t take(void *arg, const struct frame *frame)
{
	uint8_t plain[PAGE_SIZE], *page = frame_secure(frame);

	frame_read_ordinary(frame, page);
	fill_pattern(plain, *(uint64_t *)arg);
	assert_memory_equal(page, plain, PAGE_SIZE);
	return UV_PAGE_OK;
}

static uint16_t refuse(void *arg, const struct frame *frame)
{
	frame_read_ordinary(frame, frame_secure(frame));
	return UV_PAGE_NO_STORAGE;
}

static void image_is_unpacked_over_residue(void **state)
{
	struct world *w = *state;
	uint8_t image[PAGE_SIZE];
	uint64_t seed = 400;
	struct uv_unpacked u = {0};

	fill_and_condemn(w, 2);
	fill_pattern(image, seed);
	memcpy(host_page(w, 0), image, PAGE_SIZE);
	ordinary_write(w, 1, image); /* as if nothing trapped */
	assert_int_equal(uv_page_unpack(&w->pages, owner_of(w, NEXT), gpa_of(1), refuse, NULL, &u),
			 UV_PAGE_NO_STORAGE);
	assert_secure_store(w, 1, zeros);
	for (size_t page = 0; page < 2; page++) {
		assert_int_equal(
			uv_page_unpack(&w->pages, owner_of(w, NEXT), gpa_of(page), take, &seed, &u),
			1);
		assert_memory_equal(guest_page(w, NEXT, page), image, PAGE_SIZE);
	}
	uv_pages_punch(&u);
}

/* The next guest had exported the page before: the frame holds no ciphertext of it any more. */
static void residue_is_no_exported_page(void **state)
{
	struct world *w = *state;

	fill(w, NEXT, 1);
	assert_int_equal(uv_page_export(&w->pages, frame_addr(w, 0)), 1);
	fill_and_condemn(w, 1);
	assert_int_equal(uv_page_import(&w->pages, owner_of(w, NEXT), gpa_of(0)), UV_PAGE_BAD_TAG);
	assert_int_equal(record_at(w, NEXT, 0), G_EXP);
	assert_secure_store(w, 0, zeros);
}

static void interrupted_walk_leaves_residue_to_the_end(void **state)
{
	struct world *w = *state;
	_Atomic uint32_t word = 1;
	struct uv_stop stop = {.word = &word, .mask = 1};

	fill_and_condemn(w, PAGES);
	assert_int_equal(destroy_old(w, &stop), -EINTR);
	assert_int_equal(stats_of(w).frames_residue, PAGES);
	/* Somebody used one meanwhile: the end of the configuration has no business with it. */
	memset(host_page(w, 8), 0x5a, PAGE_SIZE);
	while (!uv_pages_destroy_all(&w->pages, owner_of(w, OLD)))
		;
	assert_int_equal(stats_of(w).frames_residue, 0);
	assert_int_equal(host_page(w, 8)[100], 0x5a);
	for (size_t page = 0; page < PAGES; page++)
		assert_secure_store(w, page, zeros);
}

static void what_was_shared_keeps_its_content(void **state)
{
	struct world *w = *state;
	uint8_t plain[PAGE_SIZE];

	fill(w, OLD, 2);
	assert_int_equal(uv_page_share(&w->pages, owner_of(w, OLD), gpa_of(0)), 1);
	assert_int_equal(uv_page_share(&w->pages, owner_of(w, OLD), gpa_of(1)), 1);
	assert_int_equal(uv_page_pin(&w->pages, frame_addr(w, 1)), 1);
	uv_owner_condemn(w->pages.owners, owner_of(w, OLD));
	assert_int_equal(destroy_old(w, NULL), 0);
	for (size_t page = 0; page < 2; page++) {
		fill_pattern(plain, page);
		assert_memory_equal(host_page(w, page), plain, PAGE_SIZE);
		assert_int_equal(state_at(w, page), FRAME_NS);
	}
}

/* ---- everybody at once ---- */

static void *walk(void *arg)
{
	assert_int_equal(destroy_old(arg, NULL), 0);
	return NULL;
}

static void *use_even_pages(void *arg)
{
	struct world *w = arg;

	for (size_t page = 0; page < PAGES; page += 2) {
		assert_int_equal(uv_page_import(&w->pages, owner_of(w, NEXT), gpa_of(page)), 1);
		assert_memory_equal(guest_page(w, NEXT, page), zeros, PAGE_SIZE);
		fill_pattern(guest_page(w, NEXT, page), page + 1);
	}
	return NULL;
}

static void *use_odd_pages(void *arg)
{
	struct world *w = arg;

	for (size_t page = 1; page < PAGES; page += 2) {
		assert_memory_equal(host_page(w, page), zeros, PAGE_SIZE);
		fill_pattern(host_page(w, page), page + 1);
	}
	return NULL;
}

static void walk_and_next_users_race(void **state)
{
	void *(*const jobs[])(void *) = {walk, use_even_pages, use_odd_pages};
	struct world *w = *state;
	pthread_t threads[3];
	uint8_t expected[PAGE_SIZE];

	fill_and_condemn(w, PAGES);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, jobs[i], w), 0);
	for (size_t i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(stats_of(w).frames_residue, 0);
	for (size_t page = 0; page < PAGES; page++) {
		fill_pattern(expected, page + 1);
		assert_memory_equal(page % 2 ? host_page(w, page) : guest_page(w, NEXT, page),
				    expected, PAGE_SIZE);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(residue_counts_apart),
		TEST(residue_outlives_its_configuration),
		TEST(ordinary_guest_reads_zeros_and_keeps_what_it_writes),
		TEST(unseen_write_of_the_vmm_stays),
		TEST(next_guest_finds_zeros),
		TEST(image_is_unpacked_over_residue),
		TEST(residue_is_no_exported_page),
		TEST(interrupted_walk_leaves_residue_to_the_end),
		TEST(what_was_shared_keeps_its_content),
		TEST(walk_and_next_users_race),
	};

	return cmocka_run_group_tests_name("page condemn", tests, NULL, NULL);
}
