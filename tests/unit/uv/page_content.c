// SPDX-License-Identifier: GPL-2.0-or-later
/* What the bytes do: round trips, and every way a host may cheat. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "page_world.h"

static const uint8_t zeros[PAGE_SIZE];

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

static uint16_t import(struct world *w, unsigned int guest, size_t page)
{
	return uv_page_import(&w->pages, w->guests[guest].owner, gpa_of(page));
}

static uint16_t export(struct world *w, size_t frame)
{
	return uv_page_export(&w->pages, frame_addr(w, frame));
}

/* Import @page, fill it with a pattern and export it again; @ciphertext as the host finds it */
static void export_pattern(struct world *w, size_t page, uint64_t seed, uint8_t *ciphertext)
{
	assert_int_equal(import(w, 0, page), 1);
	fill_pattern(guest_page(w, 0, page), seed);
	assert_int_equal(export(w, page), 1);
	ordinary_read(w, page, ciphertext);
}

static void expect_pattern(struct world *w, size_t page, uint64_t seed)
{
	uint8_t expected[PAGE_SIZE];

	fill_pattern(expected, seed);
	assert_memory_equal(guest_page(w, 0, page), expected, PAGE_SIZE);
}

static void new_pages_are_zero(void **state)
{
	struct world *w = *state;
	uint8_t bytes[PAGE_SIZE];

	fill_pattern(bytes, 3);
	ordinary_write(w, 7, bytes);
	assert_int_equal(import(w, 0, 7), 1);
	assert_memory_equal(guest_page(w, 0, 7), zeros, PAGE_SIZE);
	ordinary_read(w, 7, bytes);
	assert_memory_equal(bytes, zeros, PAGE_SIZE);
}

static void export_and_import_keep_content(void **state)
{
	struct world *w = *state;
	uint8_t plain[PAGE_SIZE], first[PAGE_SIZE], second[PAGE_SIZE];

	fill_pattern(plain, 11);
	export_pattern(w, 3, 11, first);
	assert_memory_not_equal(first, plain, PAGE_SIZE);
	assert_int_equal(import(w, 0, 3), 1);
	expect_pattern(w, 3, 11);
	assert_int_equal(export(w, 3), 1);
	ordinary_read(w, 3, second);
	assert_memory_not_equal(first, second, PAGE_SIZE); /* another tweak */
	assert_int_equal(import(w, 0, 3), 1);
	expect_pattern(w, 3, 11);
}

static void each_flipped_bit_is_refused(void **state)
{
	struct world *w = *state;
	uint8_t ciphertext[PAGE_SIZE], after[PAGE_SIZE];

	export_pattern(w, 3, 11, ciphertext);
	for (size_t bit = 0; bit < PAGE_SIZE * 8; bit += 1021) {
		ciphertext[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ordinary_write(w, 3, ciphertext);
		assert_int_equal(import(w, 0, 3), UV_PAGE_BAD_TAG);
		assert_int_equal(state_at(w, 3), FRAME_NS);
		assert_int_equal(record_at(w, 0, 3), G_EXP);
		ordinary_read(w, 3, after);
		assert_memory_equal(after, ciphertext, PAGE_SIZE);
		ciphertext[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	ordinary_write(w, 3, ciphertext);
	assert_int_equal(import(w, 0, 3), 1);
	expect_pattern(w, 3, 11);
}

static void older_ciphertext_is_refused(void **state)
{
	struct world *w = *state;
	uint8_t first[PAGE_SIZE], second[PAGE_SIZE];

	export_pattern(w, 3, 11, first);
	export_pattern(w, 3, 12, second);
	ordinary_write(w, 3, first);
	assert_int_equal(import(w, 0, 3), UV_PAGE_BAD_TAG);
	ordinary_write(w, 3, second);
	assert_int_equal(import(w, 0, 3), 1);
	expect_pattern(w, 3, 12);
}

static void swapped_pages_are_refused(void **state)
{
	struct world *w = *state;
	uint8_t first[PAGE_SIZE], second[PAGE_SIZE];

	export_pattern(w, 3, 11, first);
	export_pattern(w, 4, 12, second);
	ordinary_write(w, 3, second);
	ordinary_write(w, 4, first);
	assert_int_equal(import(w, 0, 3), UV_PAGE_BAD_TAG);
	assert_int_equal(import(w, 0, 4), UV_PAGE_BAD_TAG);
}

static void another_guests_page_is_refused(void **state)
{
	struct world *w = *state;
	uint8_t own[PAGE_SIZE], other[PAGE_SIZE];

	export_pattern(w, 3, 11, own);
	assert_int_equal(import(w, 1, 3), 1);
	assert_int_equal(export(w, 3), 1);
	ordinary_read(w, 3, other);
	assert_int_equal(import(w, 0, 3), UV_PAGE_BAD_TAG);
	ordinary_write(w, 3, own);
	assert_int_equal(import(w, 1, 3), UV_PAGE_BAD_TAG);
	assert_int_equal(import(w, 0, 3), 1);
	expect_pattern(w, 3, 11);
}

static void exported_page_may_come_back_in_another_frame(void **state)
{
	struct world *w = *state;
	uint8_t ciphertext[PAGE_SIZE];

	export_pattern(w, 3, 11, ciphertext);
	ordinary_write(w, 9, ciphertext);
	atomic_store(&w->guests[0].map[3], frame_addr(w, 9));
	assert_int_equal(import(w, 0, 3), 1);
	expect_pattern(w, 3, 11);
	assert_int_equal(state_at(w, 3), FRAME_NS);
}

static void sharing_keeps_content_both_ways(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	uint8_t bytes[PAGE_SIZE], expected[PAGE_SIZE];

	assert_int_equal(import(w, 0, 3), 1);
	fill_pattern(guest_page(w, 0, 3), 5);
	assert_int_equal(uv_page_share(&w->pages, o, gpa_of(3)), 1);
	fill_pattern(expected, 5);
	ordinary_read(w, 3, bytes);
	assert_memory_equal(bytes, expected, PAGE_SIZE);
	fill_pattern(bytes, 6);
	ordinary_write(w, 3, bytes);
	expect_pattern(w, 3, 6); /* a host write is seen at once */
	assert_int_equal(uv_page_unshare(&w->pages, o, gpa_of(3)), 1);
	expect_pattern(w, 3, 6);
	ordinary_read(w, 3, bytes);
	assert_memory_equal(bytes, zeros, PAGE_SIZE);
	assert_int_equal(atomic_load(&o->shared), 0);
}

static void exported_shared_page_stays_plain(void **state)
{
	struct world *w = *state;
	uint8_t bytes[PAGE_SIZE], expected[PAGE_SIZE];

	assert_int_equal(import(w, 0, 3), 1);
	fill_pattern(guest_page(w, 0, 3), 5);
	assert_int_equal(uv_page_share(&w->pages, w->guests[0].owner, gpa_of(3)), 1);
	assert_int_equal(export(w, 3), 1);
	fill_pattern(expected, 5);
	ordinary_read(w, 3, bytes);
	assert_memory_equal(bytes, expected, PAGE_SIZE);
	assert_int_equal(import(w, 0, 3), 1);
	expect_pattern(w, 3, 5);
}

static void destroyed_pages_are_zero(void **state)
{
	struct world *w = *state;
	uint8_t bytes[PAGE_SIZE];

	for (size_t page = 3; page < 5; page++) {
		assert_int_equal(import(w, 0, page), 1);
		fill_pattern(guest_page(w, 0, page), page);
	}
	assert_int_equal(uv_page_share(&w->pages, w->guests[0].owner, gpa_of(4)), 1);
	for (size_t page = 3; page < 5; page++) {
		assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, page)), 1);
		ordinary_read(w, page, bytes);
		assert_memory_equal(bytes, zeros, PAGE_SIZE);
		assert_int_equal(import(w, 0, page), 1);
		assert_memory_equal(guest_page(w, 0, page), zeros, PAGE_SIZE);
	}
}

static void misc_moves_a_shared_page(void **state)
{
	struct world *w = *state;

	w->pages.misc = true;
	assert_int_equal(import(w, 0, 3), 1);
	assert_int_equal(uv_page_share(&w->pages, w->guests[0].owner, gpa_of(3)), 1);
	atomic_store(&w->purges, 0);
	assert_int_equal(import(w, 1, 3), 1);
	assert_int_equal(atomic_load(&w->purges), 1);
	assert_int_equal(record_at(w, 0, 3), G_SHOUT);
	assert_int_equal(record_at(w, 1, 3), G_SEC);
	assert_int_equal(backing_frame_info(w->b, 3).owner, w->guests[1].owner->index);
	assert_memory_equal(guest_page(w, 1, 3), zeros, PAGE_SIZE);
}

static uint16_t xor_page(void *arg, const struct frame *frame)
{
	uint8_t *page = frame_secure(frame);
	uint16_t *rc = arg;

	frame_read_ordinary(frame, page);
	for (size_t i = 0; i < PAGE_SIZE; i++)
		page[i] ^= 0xff;
	return *rc;
}

static void unpack_takes_the_image_or_changes_nothing(void **state)
{
	struct world *w = *state;
	uint8_t image[PAGE_SIZE], after[PAGE_SIZE];
	struct uv_unpacked u = {0};
	uint16_t rc = 0x102;

	fill_pattern(image, 9);
	ordinary_write(w, 3, image);
	assert_int_equal(uv_page_unpack(&w->pages, w->guests[0].owner, gpa_of(3), xor_page, &rc,
					&u),
			 0x102);
	assert_null(u.b);
	ordinary_read(w, 3, after);
	assert_memory_equal(after, image, PAGE_SIZE);
	assert_int_equal(record_at(w, 0, 3), G_NEW);
	rc = 1;
	assert_int_equal(uv_page_unpack(&w->pages, w->guests[0].owner, gpa_of(3), xor_page, &rc,
					&u),
			 1);
	uv_pages_punch(&u);
	for (size_t i = 0; i < PAGE_SIZE; i++)
		image[i] ^= 0xff;
	assert_memory_equal(guest_page(w, 0, 3), image, PAGE_SIZE);
	ordinary_read(w, 3, after);
	assert_memory_equal(after, zeros, PAGE_SIZE);
}

static uint16_t keep_page(void *arg, const struct frame *frame)
{
	frame_read_ordinary(frame, frame_secure(frame));
	return UV_PAGE_OK;
}

static void unpack(struct world *w, size_t page, struct uv_unpacked *u)
{
	uint8_t image[PAGE_SIZE];

	fill_pattern(image, page);
	ordinary_write(w, page, image);
	assert_int_equal(
		uv_page_unpack(&w->pages, w->guests[0].owner, gpa_of(page), keep_page, NULL, u), 1);
}

static bool is_hole(struct world *w, size_t page)
{
	uint8_t bytes[PAGE_SIZE];

	ordinary_read(w, page, bytes);
	return !memcmp(bytes, zeros, PAGE_SIZE);
}

/* Ordinary pages of unpacked ones go together; whatever happened to some meanwhile counts. */
static void unpacked_pages_are_punched_together(void **state)
{
	struct world *w = *state;
	struct uv_unpacked u = {0};
	uint8_t exported[PAGE_SIZE], after[PAGE_SIZE];

	for (size_t page = 10; page < 20; page++)
		unpack(w, page, &u);
	assert_int_equal(u.n, 10);
	assert_false(is_hole(w, 10));
	assert_int_equal(uv_page_export(&w->pages, frame_addr(w, 12)), 1);
	ordinary_read(w, 12, exported);
	assert_int_equal(uv_page_share(&w->pages, w->guests[0].owner, gpa_of(14)), 1);
	assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, 16)), 1);
	assert_true(is_hole(w, 16));
	assert_int_equal(uv_page_import(&w->pages, w->guests[1].owner, gpa_of(16)), 1);
	/* Not a neighbour: now the others go. */
	unpack(w, 30, &u);
	assert_int_equal(u.n, 1);
	for (size_t page = 10; page < 20; page++)
		assert_int_equal(is_hole(w, page), page != 12 && page != 14);
	ordinary_read(w, 12, after);
	assert_memory_equal(after, exported, PAGE_SIZE);
	fill_pattern(after, 14);
	ordinary_read(w, 14, exported);
	assert_memory_equal(after, exported, PAGE_SIZE);
	fill_pattern(after, 11);
	assert_memory_equal(guest_page(w, 0, 11), after, PAGE_SIZE);
	assert_false(is_hole(w, 30));
	uv_pages_punch(&u);
	assert_true(is_hole(w, 30));
	assert_null(u.b);
}

/* What an ordinary guest stores the machine puts there: no trap tells of it. */
static void ordinary_guest_leaves_no_page_under_a_secure_one(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;
	uint8_t *bytes, stored[PAGE_SIZE];

	assert_int_equal(uv_page_import(&w->pages, o, gpa_of(3)), 1);
	assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, 3)), 1);
	assert_int_equal(uv_page_access(&w->pages, NULL, frame_addr(w, 3), gpa_of(3), &bytes),
			 UV_ACCESS_OK);
	fill_pattern(stored, 3);
	memcpy(bytes, stored, PAGE_SIZE);
	assert_int_equal(uv_page_import(&w->pages, o, gpa_of(3)), 1);
	assert_true(is_hole(w, 3));
}

static void bad_addresses(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;

	assert_int_equal(uv_page_import(&w->pages, o, gpa_of(3) + 8), 0x101);
	assert_int_equal(uv_page_import(&w->pages, o, gpa_of(WORLD_PAGES)), 0x101);
	assert_int_equal(uv_page_share(&w->pages, o, gpa_of(WORLD_PAGES)), 0x101);
	assert_int_equal(uv_page_unshare(&w->pages, o, 1), 0x101);
	assert_int_equal(uv_page_unpin(&w->pages, o, 1), 0x101);
	assert_int_equal(uv_page_export(&w->pages, frame_addr(w, 0) + 1), 0x101);
	assert_int_equal(uv_page_destroy(&w->pages, PAGE_SIZE), 0x101);
	assert_int_equal(uv_page_pin(&w->pages, ABS_LIMIT), 0x101);
	atomic_store(&w->guests[0].map[3], 0);
	assert_int_equal(uv_page_import(&w->pages, o, gpa_of(3)), 0x10a);
	assert_int_equal(uv_page_unpin(&w->pages, o, gpa_of(3)), 0x10a);
}

static void make_accessible_pins_or_exports(void **state)
{
	struct world *w = *state;

	assert_int_equal(import(w, 0, 3), 1);
	assert_int_equal(import(w, 0, 4), 1);
	assert_int_equal(uv_page_share(&w->pages, w->guests[0].owner, gpa_of(4)), 1);
	assert_int_equal(uv_page_make_accessible(&w->pages, frame_addr(w, 3)), 0);
	assert_int_equal(uv_page_make_accessible(&w->pages, frame_addr(w, 4)), 0);
	assert_int_equal(state_at(w, 3), FRAME_NS);
	assert_int_equal(state_at(w, 4), FRAME_PIN);
	assert_int_equal(uv_page_make_accessible(&w->pages, PAGE_SIZE), -EINVAL);
}

static void every_loss_of_access_purges(void **state)
{
	struct world *w = *state;
	struct uv_owner *o = w->guests[0].owner;

	assert_int_equal(import(w, 0, 3), 1);
	assert_int_equal(atomic_load(&w->purges), 0);
	assert_int_equal(uv_page_share(&w->pages, o, gpa_of(3)), 1);
	assert_int_equal(atomic_load(&w->purges), 1);
	assert_int_equal(uv_page_unshare(&w->pages, o, gpa_of(3)), 1);
	assert_int_equal(atomic_load(&w->purges), 2);
	assert_int_equal(export(w, 3), 1);
	assert_int_equal(atomic_load(&w->purges), 3);
	assert_int_equal(import(w, 0, 3), 1);
	assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, 3)), 1);
	assert_int_equal(atomic_load(&w->purges), 4);
}

/* Nobody traps: the VMM can write where a secure page's hole is, and it means nothing. */
static void writes_into_holes_are_lost(void **state)
{
	struct world *w = *state;
	uint8_t bytes[PAGE_SIZE], after[PAGE_SIZE];

	w->arm_rc = 1;
	fill_pattern(bytes, 2);
	for (size_t page = 3; page < 5; page++) {
		assert_int_equal(import(w, 0, page), 1);
		ordinary_write(w, page, bytes);
		assert_memory_equal(guest_page(w, 0, page), zeros, PAGE_SIZE);
	}
	assert_int_equal(uv_page_destroy(&w->pages, frame_addr(w, 3)), 1);
	assert_int_equal(uv_pages_destroy_range(&w->pages, UV_ANY_OWNER, w->b, 4, 1, NULL, NULL),
			 0);
	for (size_t page = 3; page < 5; page++) {
		ordinary_read(w, page, after);
		assert_memory_equal(after, zeros, PAGE_SIZE);
	}
}

static void untrappable_pieces_are_not_used(void **state)
{
	struct world *w = *state;

	w->arm_rc = -ENOMEM;
	assert_int_equal(import(w, 0, 3), UV_PAGE_NO_STORAGE);
	assert_int_equal(state_at(w, 3), FRAME_NS);
	assert_int_equal(record_at(w, 0, 3), G_NEW);
	w->arm_rc = 0;
	assert_int_equal(import(w, 0, 3), 1);
}

static rlim_t limit_files(rlim_t bytes)
{
	struct rlimit limit;
	rlim_t before;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	return before;
}

/* A memfd that takes no page stands for a machine out of memory. */
static void full_machine_changes_nothing(void **state)
{
	struct world *w = *state;
	uint16_t exported, shared;
	rlim_t before;

	assert_int_equal(import(w, 0, 3), 1);
	fill_pattern(guest_page(w, 0, 3), 8);
	signal(SIGXFSZ, SIG_IGN);
	before = limit_files(0);
	exported = export(w, 3);
	shared = uv_page_share(&w->pages, w->guests[0].owner, gpa_of(3));
	limit_files(before);
	assert_int_equal(exported, UV_PAGE_NO_STORAGE);
	assert_int_equal(shared, UV_PAGE_NO_STORAGE);
	assert_int_equal(record_at(w, 0, 3), G_SEC);
	expect_pattern(w, 3, 8);
	assert_int_equal(export(w, 3), 1);
	assert_int_equal(import(w, 0, 3), 1);
	expect_pattern(w, 3, 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_pages_are_zero),
		TEST(export_and_import_keep_content),
		TEST(each_flipped_bit_is_refused),
		TEST(older_ciphertext_is_refused),
		TEST(swapped_pages_are_refused),
		TEST(another_guests_page_is_refused),
		TEST(exported_page_may_come_back_in_another_frame),
		TEST(sharing_keeps_content_both_ways),
		TEST(exported_shared_page_stays_plain),
		TEST(destroyed_pages_are_zero),
		TEST(misc_moves_a_shared_page),
		TEST(unpack_takes_the_image_or_changes_nothing),
		TEST(writes_into_holes_are_lost),
		TEST(untrappable_pieces_are_not_used),
		TEST(full_machine_changes_nothing),
		TEST(unpacked_pages_are_punched_together),
		TEST(ordinary_guest_leaves_no_page_under_a_secure_one),
		TEST(bad_addresses),
		TEST(make_accessible_pins_or_exports),
		TEST(every_loss_of_access_purges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
