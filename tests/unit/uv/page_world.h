/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small world for tests of the page layer: storage, one backing, a few owners
 * and a host that maps guest pages by a plain array.
 */
#ifndef TESTS_PAGE_WORLD_H
#define TESTS_PAGE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storage/frame.h"
#include "uv/owner.h"
#include "uv/page.h"
#include "uv/record.h"

#define WORLD_PAGES  8192U /* frames of the backing and pages of each guest */
#define WORLD_GUESTS 4U

/** struct guest - a configuration without CPUs */
struct guest {
	struct uv_owner *owner;
	abs_t variable;
	_Atomic abs_t map[WORLD_PAGES]; /* guest page -> frame, 0: not mapped */
};

struct world {
	struct storage *st;
	struct backing *b;
	struct uv_pages pages;
	struct guest guests[WORLD_GUESTS];
	_Atomic uint64_t purges;
	_Atomic uint64_t purged_pages;
	_Atomic uint64_t armed;
	int arm_rc;                        /* 1: holes mode */
	void (*on_purge)(struct world *w); /* with frames locked */
};

/** world_create() - storage, backing, @nr guests; guest page n is mapped to frame n */
struct world *world_create(unsigned int nr);

/** world_destroy() - destroy everything; asserts that nothing is left in the storage */
void world_destroy(struct world *w);

/** world_kill() - destroy-fast of a guest; its variable storage is freed */
void world_kill(struct world *w, unsigned int guest);

/** frame_addr() - absolute address of a frame of the backing */
abs_t frame_addr(const struct world *w, size_t index);

/** state_at() - state of a frame */
enum frame_state state_at(struct world *w, size_t index);

/** record_at() - state of a guest's record */
enum guest_state record_at(struct world *w, unsigned int guest, size_t page);

/** ordinary_read() / ordinary_write() - what the VMM does, through the memfd */
void ordinary_read(struct world *w, size_t index, uint8_t bytes[PAGE_SIZE]);
void ordinary_write(struct world *w, size_t index, const uint8_t bytes[PAGE_SIZE]);

/** guest_page() - the bytes as the guest sees them; asserts that it has access */
uint8_t *guest_page(struct world *w, unsigned int guest, size_t page);

/** fill_pattern() - a page that depends on @seed */
void fill_pattern(uint8_t bytes[PAGE_SIZE], uint64_t seed);

static inline gpa_t gpa_of(size_t page)
{
	return (gpa_t)page << PAGE_SHIFT;
}

#endif
