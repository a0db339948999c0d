// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/storage/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "storage/inject.h"
#include "storage/storage.h"

int storage_set_up(void **state)
{
	*state = storage_create();
	return *state ? 0 : -1;
}

int storage_tear_down(void **state)
{
	atomic_store(&inject_hook, NULL);
	storage_destroy(*state);
	return 0;
}

void make_secure(struct backing *b, size_t index)
{
	struct frame f;

	frame_of_backing(b, index, &f);
	assert_int_equal(frame_hold_piece(&f), 0);
	frame_punch(&f, frame_lock(&f));
	frame_publish(&f, frame_word(FRAME_SEC, OWNER, index << PAGE_SHIFT));
	frame_release_piece(&f);
	frame_put(&f);
}

void make_ordinary(struct backing *b, size_t index)
{
	struct frame f;

	frame_of_backing(b, index, &f);
	assert_int_equal(frame_word_state(frame_lock(&f)), FRAME_SEC);
	frame_clear_secure(&f);
	frame_publish(&f, frame_word(FRAME_NS, 0, 0));
	frame_put(&f);
}

void lock_frames(struct frame_run *run, size_t first, size_t end)
{
	while (first < end)
		first = frame_run_lock(run, first, end, OWNER);
}
