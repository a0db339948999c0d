/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of one owner, for the tests of storage/. */
#ifndef TESTS_UNIT_STORAGE_FIXTURE_H
#define TESTS_UNIT_STORAGE_FIXTURE_H

#include <stddef.h>

#include "storage/frame.h"

/* whom make_secure()'s frames belong to */
#define OWNER 7U

#define TEST(name) cmocka_unit_test_setup_teardown(name, storage_set_up, storage_tear_down)

/** storage_set_up(), storage_tear_down() - a storage as *@state; no fault injected */
int storage_set_up(void **state);
int storage_tear_down(void **state);

/** make_secure() - as an import does it; its guest page has the frame's number */
void make_secure(struct backing *b, size_t index);

/** make_ordinary() - as an export does it */
void make_ordinary(struct backing *b, size_t index);

/** lock_frames() - add all frames of [@first, @end) that are OWNER's to a run */
void lock_frames(struct frame_run *run, size_t first, size_t end);

#endif
