// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/slab.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "storage/types.h"

#define SLAB_SIZE ((2 * SLAB_SLOTS + 1) * PAGE_SIZE)

/* younger than many a libc */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE  103
#endif

#ifdef __SANITIZE_ADDRESS__
#define KEEP_FREED true /* a freed slot faults for ever, not until reuse */
#else
#define KEEP_FREED false
#endif

void slabs_init(struct slabs *s)
{
	pthread_mutex_init(&s->lock, NULL);
	LIST_INIT(&s->partial);
	LIST_INIT(&s->full);
	s->nr = 0;
	s->gathers = 0;
	s->none = false;
}

static void slab_delete(struct slabs *s, struct slab *slab)
{
	s->nr--;
	LIST_REMOVE(slab, link);
	munmap(slab->bytes, SLAB_SIZE);
	free(slab);
}

static void delete_all(struct slabs *s, struct slab_list *list)
{
	struct slab *slab;

	while ((slab = LIST_FIRST(list))) {
		assert(!slab->nr_used);
		slab_delete(s, slab);
	}
}

void slabs_fini(struct slabs *s)
{
	delete_all(s, &s->partial);
	delete_all(s, &s->full);
	pthread_mutex_destroy(&s->lock);
}

static void slab_create(struct slabs *s)
{
	struct slab *slab = calloc(1, sizeof(*slab));

	if (!slab)
		return;
	slab->bytes = mmap(NULL, SLAB_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (slab->bytes == MAP_FAILED) {
		free(slab);
		return;
	}
	LIST_INSERT_HEAD(&s->partial, slab, link);
	s->nr++;
	for (unsigned int i = 0; i < SLAB_SLOTS / 64; i++)
		slab->free[i] = ~0UL;
	if (!madvise(slab->bytes, SLAB_SIZE, MADV_GUARD_INSTALL))
		return;
	s->none = true;
	slab_delete(s, slab);
}

static uint8_t *slot_page(const struct slab *slab, unsigned int slot)
{
	return slab->bytes + (2 * slot + 1) * PAGE_SIZE;
}

static unsigned int slot_of(const struct slab *slab, const uint8_t *page)
{
	return (unsigned int)((size_t)(page - slab->bytes) / PAGE_SIZE / 2);
}

static bool has_free_slot(const struct slab *slab)
{
	for (unsigned int i = 0; i < SLAB_SLOTS / 64; i++)
		if (slab->free[i])
			return true;
	return false;
}

static unsigned int take_slot(struct slab *slab)
{
	unsigned int i = 0, bit;

	while (!slab->free[i])
		i++;
	bit = (unsigned int)__builtin_ctzl(slab->free[i]);
	slab->free[i] &= ~(1UL << bit);
	slab->nr_used++;
	return 64 * i + bit;
}

/* s->lock held, there is a slab with a free slot */
static uint8_t *alloc_from(struct slabs *s, struct slab *slab)
{
	unsigned int slot = take_slot(slab);

	if (madvise(slot_page(slab, slot), PAGE_SIZE, MADV_GUARD_REMOVE)) {
		slab->free[slot / 64] |= 1UL << slot % 64;
		slab->nr_used--;
		return NULL;
	}
	if (!has_free_slot(slab)) {
		LIST_REMOVE(slab, link);
		LIST_INSERT_HEAD(&s->full, slab, link);
	}
	return slot_page(slab, slot);
}

uint8_t *slabs_alloc(struct slabs *s, struct slab **slab)
{
	uint8_t *page = NULL;

	pthread_mutex_lock(&s->lock);
	if (!s->none && LIST_EMPTY(&s->partial))
		slab_create(s);
	*slab = LIST_FIRST(&s->partial);
	if (*slab)
		page = alloc_from(s, *slab);
	pthread_mutex_unlock(&s->lock);
	return page;
}

/* Where no guard can be made the page is at least no longer what it was. */
static void guard(uint8_t *page)
{
	if (madvise(page, PAGE_SIZE, MADV_GUARD_INSTALL))
		madvise(page, PAGE_SIZE, MADV_DONTNEED);
}

/* Freed slots become guards, which may be handed out again. */
static void guard_freed(struct slabs *s, struct slab *slab)
{
	bool all = !slab->nr_used && !madvise(slab->bytes, SLAB_SIZE, MADV_GUARD_INSTALL);

	for (unsigned int slot = 0; !all && slot < SLAB_SLOTS; slot++)
		if (slab->freed[slot / 64] & 1UL << slot % 64)
			guard(slot_page(slab, slot));
	for (unsigned int i = 0; i < SLAB_SLOTS / 64; i++) {
		if (!KEEP_FREED)
			slab->free[i] |= slab->freed[i];
		slab->freed[i] = 0;
	}
	if (has_free_slot(slab)) {
		LIST_REMOVE(slab, link);
		LIST_INSERT_HEAD(&s->partial, slab, link);
	}
}

void slabs_free(struct slabs *s, struct slab *slab, uint8_t *page)
{
	unsigned int slot = slot_of(slab, page);

	pthread_mutex_lock(&s->lock);
	slab->freed[slot / 64] |= 1UL << slot % 64;
	slab->nr_used--;
	if (!slab->nr_used && !KEEP_FREED && s->nr > 1)
		slab_delete(s, slab);
	else if (!s->gathers)
		guard_freed(s, slab);
	pthread_mutex_unlock(&s->lock);
}

void slabs_gather(struct slabs *s)
{
	pthread_mutex_lock(&s->lock);
	s->gathers++;
	pthread_mutex_unlock(&s->lock);
}

static bool has_freed_slot(const struct slab *slab)
{
	for (unsigned int i = 0; i < SLAB_SLOTS / 64; i++)
		if (slab->freed[i])
			return true;
	return false;
}

/* @slab may move to the head of a list, so its neighbour is remembered. */
static void guard_all_freed(struct slabs *s, struct slab_list *list)
{
	struct slab *slab, *next;

	for (slab = LIST_FIRST(list); slab; slab = next) {
		next = LIST_NEXT(slab, link);
		if (has_freed_slot(slab))
			guard_freed(s, slab);
	}
}

void slabs_gather_end(struct slabs *s)
{
	pthread_mutex_lock(&s->lock);
	if (!--s->gathers) {
		guard_all_freed(s, &s->partial);
		guard_all_freed(s, &s->full);
	}
	pthread_mutex_unlock(&s->lock);
}
