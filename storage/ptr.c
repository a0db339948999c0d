// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From an absolute address to KVM's memory there: storage_ptr().
 *
 * A page that a guest touches costs several walks over KVM's tables, and each step of each walk is
 * such an address. So every thread remembers the regions that it found last, and the storage has a
 * number that is another one after each change of its array of regions: as long as it is the same,
 * a region that was there is there.
 */
#include <stdatomic.h>

#include "storage/frame.h"
#include "storage/region.h"

/** FOUND - places of a thread's memory; by page number, so that a walk's tables keep apart */
#define FOUND 64U

/** struct found - what lies at an address; @generation: when the storage had this number */
struct found {
	uint64_t generation;
	abs_t start;
	size_t size;
	uint8_t *bytes;
	_Atomic uint64_t *words;
	_Atomic uint64_t *locks;
};

/* The number is looked at first: what is found then is not older. Return: false: not KVM's memory
 */
static bool find(struct storage *st, abs_t addr, struct found *f)
{
	uint64_t generation = atomic_load_explicit(&st->generation, memory_order_acquire);
	struct region *r = region_find(st, addr);
	bool ours;

	if (!r)
		return false;
	ours = !r->backing && r->bytes;
	if (ours)
		*f = (struct found){generation, r->start, r->size, r->bytes, r->words, r->locks};
	region_put(r);
	return ours;
}

static bool is_current(struct storage *st, const struct found *f, abs_t addr)
{
	return f->generation == atomic_load_explicit(&st->generation, memory_order_acquire) &&
	       addr >= f->start && addr - f->start < f->size;
}

/* Return: NULL unless all of the range is in one region */
static const struct found *look_up(struct storage *st, abs_t addr, size_t len)
{
	static _Thread_local struct found found[FOUND];
	struct found *f = &found[addr / PAGE_SIZE % FOUND];

	if (!is_current(st, f, addr) && !find(st, addr, f))
		return NULL;
	return len <= f->size - (addr - f->start) ? f : NULL;
}

void *storage_ptr(struct storage *st, abs_t addr, size_t len)
{
	const struct found *f = look_up(st, addr, len);

	return f ? f->bytes + (addr - f->start) : NULL;
}

void *storage_ptr_ordinary(struct storage *st, abs_t addr, size_t len)
{
	const struct found *f = look_up(st, addr, len);
	size_t i, end;

	if (!f || !len)
		return NULL;
	end = (addr - f->start + len - 1) / PAGE_SIZE;
	for (i = (addr - f->start) / PAGE_SIZE; i <= end; i++) {
		struct frame page = {
			.word = &f->words[i],
			.locks = &f->locks[i / FRAME_GROUP],
			.index = i,
		};

		if (frame_word_state(frame_read(&page)) != FRAME_NS)
			return NULL;
	}
	return f->bytes + (addr - f->start);
}
