// SPDX-License-Identifier: GPL-2.0-or-later
/* Views: one memory as storage of two machines, and donation of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "storage/frame.h"
#include "storage/inject.h"
#include "storage/storage.h"

#define PAGES 1024UL /* two pieces */
#define START 0x10000000UL
#define OWNER 7U

/** struct two - a storage with a backing, and one that shows half of it */
struct two {
	struct storage *below;
	struct storage *above;
	struct backing *b;
	struct backing *view;
};

static int set_up(void **state)
{
	static struct two two;

	two.below = storage_create();
	two.above = storage_create();
	two.b = backing_create(two.below, PAGES * PAGE_SIZE, NULL, NULL);
	two.view = backing_create_view(two.above, two.b, PAGES / 2 * PAGE_SIZE,
				       PAGES / 2 * PAGE_SIZE, START);
	storage_owner_reset(two.below, OWNER, 0);
	storage_owner_reset(two.above, OWNER, 0);
	*state = &two;
	return two.b && two.view ? 0 : -1;
}

static int tear_down(void **state)
{
	struct two *two = *state;
	struct storage_stats stats;

	atomic_store(&inject_hook, NULL);
	if (two->view)
		backing_put(two->view);
	backing_put(two->b);
	storage_get_stats(two->above, &stats);
	assert_int_equal(stats.bytes_backing + stats.bytes_donated + stats.frames_secure, 0);
	storage_get_stats(two->below, &stats);
	assert_int_equal(stats.bytes_backing, 0);
	storage_destroy(two->above);
	storage_destroy(two->below);
	return 0;
}

static void publish(struct backing *b, size_t index, uint64_t word)
{
	struct frame f;
	uint64_t was;

	frame_of_backing(b, index, &f);
	was = frame_lock(&f);
	frame_publish(&f, word);
	frame_put(&f);
	assert_int_not_equal(was, word);
}

/* Return: what frame_hold_piece() said; held no longer */
static int make_secure(struct backing *b, size_t index)
{
	struct frame f;
	int rc;

	frame_of_backing(b, index, &f);
	rc = frame_hold_piece(&f);
	if (!rc) {
		publish(b, index, frame_word(FRAME_SEC, OWNER, 0));
		frame_release_piece(&f);
	}
	frame_put(&f);
	return rc;
}

static enum frame_state state_at(struct storage *st, abs_t addr)
{
	struct frame f;
	enum frame_state state;

	assert_int_equal(frame_get(st, addr, &f), 0);
	state = frame_word_state(frame_read(&f));
	frame_put(&f);
	return state;
}

static void memory_is_one_and_addresses_are_two(void **state)
{
	struct two *two = *state;
	uint8_t *below = backing_ordinary(two->b) + PAGES / 2 * PAGE_SIZE;
	uint8_t *above = storage_host_ptr(two->above, START + 8, 1);

	below[8] = 'x';
	assert_non_null(above);
	assert_int_equal(*above, 'x');
	assert_int_equal(backing_abs(two->view), START);
	assert_null(storage_host_ptr(two->above, START - 1, 1));
	assert_null(storage_host_ptr(two->above, START + PAGES / 2 * PAGE_SIZE - 1, 2));
	assert_null(storage_ptr(two->above, START, 1)); /* it is no kernel region */
	assert_null(storage_host_ptr(two->below, backing_abs(two->b), 1)); /* and no view */
}

static void content_is_found_through_the_view(void **state)
{
	struct two *two = *state;
	uint8_t page[PAGE_SIZE];
	struct frame f;

	memset(backing_ordinary(two->b) + (PAGES / 2 + 3) * PAGE_SIZE, 'a', PAGE_SIZE);
	frame_of_backing(two->view, 3, &f);
	assert_int_equal(frame_abs(&f), START + 3 * PAGE_SIZE);
	assert_int_equal(frame_word_state(frame_lock(&f)), FRAME_NS);
	frame_read_ordinary(&f, page);
	assert_int_equal(page[17], 'a');
	frame_punch(&f, FRAME_ORDINARY);
	assert_int_equal(backing_ordinary(two->b)[(PAGES / 2 + 3) * PAGE_SIZE], 0);
	memset(page, 'b', PAGE_SIZE);
	assert_int_equal(frame_write_ordinary(&f, page), 0);
	assert_int_equal(backing_ordinary(two->b)[(PAGES / 2 + 3) * PAGE_SIZE], 'b');
	frame_unlock(&f);
	frame_put(&f);
}

static void one_of_two_machines_has_secrets(void **state)
{
	struct two *two = *state;
	struct backing *other;

	assert_int_equal(make_secure(two->b, 0), -EBUSY);
	assert_int_equal(make_secure(two->b, PAGES - 1), -EBUSY);
	assert_null(backing_create_view(two->above, two->b, (PAGES - 1) * PAGE_SIZE, PAGE_SIZE, 0));
	assert_int_equal(errno, EBUSY);
	other = backing_create_view(two->above, two->b, 0, PAGE_SIZE, 0);
	assert_non_null(other);
	backing_put(two->view);
	two->view = NULL;
	assert_int_equal(make_secure(two->b, 0), -EBUSY);
	backing_put(other);
	assert_int_equal(make_secure(two->b, 0), 0);
	assert_null(backing_create_view(two->above, two->b, PAGE_SIZE, PAGE_SIZE, 0));
	assert_int_equal(errno, EBUSY);
	publish(two->b, 0, FRAME_ORDINARY);
	two->view = backing_create_view(two->above, two->b, 0, PAGES * PAGE_SIZE, 0);
	assert_non_null(two->view);
}

static bool no_backing(enum inject_point point, uint32_t detail, uint64_t subject,
		       struct inject_outcome *outcome)
{
	return point == INJECT_ALLOC && detail == ALLOC_BACKING;
}

static void views_that_cannot_be(void **state)
{
	struct two *two = *state;
	struct storage_stats stats;

	assert_null(backing_create_view(two->above, two->b, 0, PAGE_SIZE, START + PAGE_SIZE));
	assert_int_equal(errno, EEXIST);
	assert_null(backing_create_view(two->above, two->b, 0, 2 * PAGE_SIZE, START - PAGE_SIZE));
	assert_int_equal(errno, EEXIST);
	assert_null(
		backing_create_view(two->above, two->b, 0, 2 * PAGE_SIZE, ABS_LIMIT - PAGE_SIZE));
	assert_int_equal(errno, EINVAL);
	atomic_store(&inject_hook, no_backing);
	assert_null(backing_create_view(two->above, two->b, 0, PAGE_SIZE, 0));
	assert_int_equal(errno, ENOMEM);
	storage_get_stats(two->above, &stats);
	assert_int_equal(stats.backings, 1);
}

/* What the Ultravisor keeps there is in no memory that a VMM maps. */
static void donated_content_is_private(void **state)
{
	struct two *two = *state;
	uint8_t *host = storage_host_ptr(two->above, START + PAGE_SIZE, 3 * PAGE_SIZE);
	struct storage_stats stats;
	uint8_t *own;

	memset(host, 'h', 3 * PAGE_SIZE);
	assert_int_equal(storage_donate(two->above, START + PAGE_SIZE, 2 * PAGE_SIZE + 1), 0);
	own = storage_donated_ptr(two->above, START + PAGE_SIZE, 3 * PAGE_SIZE);
	assert_int_equal(own[0], 0);
	memset(own, 'u', 3 * PAGE_SIZE);
	assert_int_equal(host[0], 'h');
	assert_int_equal(state_at(two->above, START), FRAME_NS);
	assert_int_equal(state_at(two->above, START + PAGE_SIZE), FRAME_DON);
	assert_int_equal(state_at(two->above, START + 3 * PAGE_SIZE), FRAME_DON);
	assert_int_equal(state_at(two->above, START + 4 * PAGE_SIZE), FRAME_NS);
	backing_trim(two->view, 0, backing_size(two->view)); /* it is in use */
	assert_int_equal(own[2 * PAGE_SIZE], 'u');
	storage_get_stats(two->above, &stats);
	assert_int_equal(stats.bytes_donated, 3 * PAGE_SIZE);
	storage_undonate(two->above, START + PAGE_SIZE, 2 * PAGE_SIZE + 1);
	assert_int_equal(own[0], 0);
	assert_int_equal(own[2 * PAGE_SIZE], 0);
	assert_int_equal(host[0], 0);
	assert_int_equal(host[3 * PAGE_SIZE - 1], 0);
	assert_int_equal(state_at(two->above, START + PAGE_SIZE), FRAME_NS);
}

static void donation_is_all_or_nothing(void **state)
{
	struct two *two = *state;
	abs_t end = START + PAGES / 2 * PAGE_SIZE;

	assert_int_equal(storage_donate(two->above, end - PAGE_SIZE, 2 * PAGE_SIZE), -EFAULT);
	assert_int_equal(storage_donate(two->above, START + 1, PAGE_SIZE), -EFAULT);
	assert_int_equal(storage_donate(two->above, START - PAGE_SIZE, PAGE_SIZE), -EFAULT);
	assert_int_equal(storage_donate(two->below, backing_abs(two->b), PAGE_SIZE), -EFAULT);
	assert_int_equal(make_secure(two->view, 2), 0);
	assert_int_equal(storage_donate(two->above, START, 4 * PAGE_SIZE), -EBUSY);
	assert_int_equal(state_at(two->above, START), FRAME_NS);
	publish(two->view, 2, FRAME_ORDINARY);
	assert_int_equal(backing_piece_secure(two->view, 0), 0);
	assert_int_equal(storage_donate(two->above, START, 4 * PAGE_SIZE), 0);
	assert_int_equal(storage_donate(two->above, START + 3 * PAGE_SIZE, PAGE_SIZE), -EBUSY);
	storage_undonate(two->above, START, 4 * PAGE_SIZE);
	assert_int_equal(backing_piece_secure(two->view, 0), 0);
}

static void retired_views_take_nothing(void **state)
{
	struct two *two = *state;

	assert_int_equal(storage_donate(two->above, START, PAGE_SIZE), 0);
	assert_int_equal(backing_retire_view(two->view), -EBUSY);
	assert_int_equal(make_secure(two->view, 1), 0); /* nothing has changed */
	storage_undonate(two->above, START, PAGE_SIZE);
	assert_int_equal(backing_retire_view(two->view), -EBUSY);
	publish(two->view, 1, frame_word(FRAME_SHR, OWNER, 0) | FRAME_ORDINARY);
	assert_int_equal(backing_retire_view(two->view), -EBUSY);
	publish(two->view, 1, FRAME_ORDINARY);
	assert_int_equal(backing_retire_view(two->view), 0);
	assert_int_equal(make_secure(two->view, 1), -EBUSY);
	assert_int_equal(storage_donate(two->above, START, PAGE_SIZE), -EBUSY);
	backing_unbar(two->view);
	assert_int_equal(storage_donate(two->above, START, PAGE_SIZE), 0);
	storage_undonate(two->above, START, PAGE_SIZE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_is_one_and_addresses_are_two), TEST(content_is_found_through_the_view),
		TEST(one_of_two_machines_has_secrets),     TEST(views_that_cannot_be),
		TEST(donated_content_is_private),          TEST(donation_is_all_or_nothing),
		TEST(retired_views_take_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
