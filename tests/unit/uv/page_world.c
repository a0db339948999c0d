// SPDX-License-Identifier: GPL-2.0-or-later
#include "page_world.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASCE_OF(guest) (((uint64_t)(guest) + 1) << 12)

static struct guest *guest_of(struct world *w, uint64_t asce)
{
	return &w->guests[(asce >> 12) - 1];
}

static void purge(void *machine, uint64_t asce, gpa_t gpa, uint64_t len)
{
	struct world *w = machine;

	assert_true(gpa + len <= gpa_of(WORLD_PAGES) && guest_of(w, asce)->owner);
	atomic_fetch_add(&w->purges, 1);
	atomic_fetch_add(&w->purged_pages, len >> PAGE_SHIFT);
	if (w->on_purge)
		w->on_purge(w);
}

static int translate(void *machine, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	*frame = atomic_load(&guest_of(machine, asce)->map[gpa >> PAGE_SHIFT]);
	return *frame ? 0 : -ENXIO;
}

static int random_bytes(void *machine, void *buf, size_t len)
{
	return RAND_bytes(buf, (int)len) == 1 ? 0 : -EIO;
}

static const struct uv_machine_ops machine_ops = {
	.purge = purge,
	.translate = translate,
	.random = random_bytes,
};

static int arm(void *owner, struct backing *b, size_t offset)
{
	struct world *w = owner;

	assert_true(offset % PIECE_SIZE == 0 && offset < backing_size(b));
	atomic_fetch_add(&w->armed, 1);
	return w->arm_rc;
}

static const struct backing_ops backing_ops = {.arm = arm};

static void guest_create(struct world *w, unsigned int i)
{
	struct guest *g = &w->guests[i];
	uint8_t uid[16] = {(uint8_t)(i + 1)};
	struct uv_owner_params params = {
		.asce = ASCE_OF(i),
		.msl = gpa_of(WORLD_PAGES),
		.uid = uid,
		.random = random_bytes,
	};

	g->variable = storage_alloc(w->st, WORLD_PAGES * UV_RECORD_SIZE, PAGE_SIZE, ALLOC_CONF_VAR);
	assert_true(g->variable);
	assert_int_equal(storage_donate(w->st, g->variable, WORLD_PAGES * UV_RECORD_SIZE), 0);
	params.records = storage_ptr(w->st, g->variable, WORLD_PAGES * UV_RECORD_SIZE);
	g->owner = uv_owner_create(w->pages.owners, &params);
	assert_non_null(g->owner);
	for (size_t page = 0; page < WORLD_PAGES; page++)
		atomic_store(&g->map[page], frame_addr(w, page));
}

struct world *world_create(unsigned int nr)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->st = storage_create();
	assert_non_null(w->st);
	w->b = backing_create(w->st, WORLD_PAGES * PAGE_SIZE, &backing_ops, w);
	assert_non_null(w->b);
	w->pages = (struct uv_pages){
		.storage = w->st,
		.ops = &machine_ops,
		.machine = w,
		.owners = uv_owner_table_create(w->st),
	};
	assert_non_null(w->pages.owners);
	for (unsigned int i = 0; i < nr; i++)
		guest_create(w, i);
	return w;
}

void world_kill(struct world *w, unsigned int guest)
{
	struct guest *g = &w->guests[guest];

	uv_owner_kill(w->pages.owners, g->owner);
	uv_owner_drop(g->owner);
	storage_undonate(w->st, g->variable, WORLD_PAGES * UV_RECORD_SIZE);
	storage_free(w->st, g->variable);
	g->owner = NULL;
}

void world_destroy(struct world *w)
{
	struct storage_stats stats;

	for (unsigned int i = 0; i < WORLD_GUESTS; i++)
		if (w->guests[i].owner)
			world_kill(w, i);
	uv_pages_destroy_range(&w->pages, UV_ANY_OWNER, w->b, 0, WORLD_PAGES, NULL, NULL);
	storage_get_stats(w->st, &stats);
	assert_int_equal(stats.frames_secure, 0);
	assert_int_equal(stats.frames_orphan, 0);
	assert_int_equal(stats.frames_shared, 0);
	assert_int_equal(stats.bytes_donated, 0);
	backing_put(w->b);
	storage_get_stats(w->st, &stats);
	assert_int_equal(stats.backings, 0);
	uv_owner_table_destroy(w->pages.owners);
	storage_destroy(w->st);
	free(w);
}

abs_t frame_addr(const struct world *w, size_t index)
{
	return backing_abs(w->b) + index * PAGE_SIZE;
}

enum frame_state state_at(struct world *w, size_t index)
{
	return backing_frame_info(w->b, index).state;
}

enum guest_state record_at(struct world *w, unsigned int guest, size_t page)
{
	return record_state(record_peek(&w->guests[guest].owner->records[page]));
}

void ordinary_read(struct world *w, size_t index, uint8_t bytes[PAGE_SIZE])
{
	assert_int_equal(pread(backing_memfd(w->b), bytes, PAGE_SIZE, (off_t)(index * PAGE_SIZE)),
			 PAGE_SIZE);
}

void ordinary_write(struct world *w, size_t index, const uint8_t bytes[PAGE_SIZE])
{
	assert_int_equal(pwrite(backing_memfd(w->b), bytes, PAGE_SIZE, (off_t)(index * PAGE_SIZE)),
			 PAGE_SIZE);
}

uint8_t *guest_page(struct world *w, unsigned int guest, size_t page)
{
	struct guest *g = &w->guests[guest];
	uint8_t *bytes = NULL;

	assert_int_equal(uv_page_access(&w->pages, g->owner, atomic_load(&g->map[page]),
					gpa_of(page), &bytes),
			 UV_ACCESS_OK);
	return bytes;
}

void fill_pattern(uint8_t bytes[PAGE_SIZE], uint64_t seed)
{
	for (size_t i = 0; i < PAGE_SIZE; i++)
		bytes[i] = (uint8_t)(seed * 31 + i * 7 + i / 256 + 1);
}
