// SPDX-License-Identifier: GPL-2.0-or-later
/* The absolute address space: which region is where. */
#include "storage/region.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "storage/frame.h"

void *map_zeros(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void trim_mapping(uint8_t *p, size_t size, size_t head, size_t keep)
{
	if (head)
		munmap(p, head);
	if (size - head - keep)
		munmap(p + head + keep, size - head - keep);
}

void *map_huge(size_t size)
{
	uint8_t *p = map_zeros(size + PIECE_SIZE);
	size_t head;

	if (!p)
		return NULL;
	head = (PIECE_SIZE - (uintptr_t)p % PIECE_SIZE) % PIECE_SIZE;
	trim_mapping(p, size + PIECE_SIZE, head, size);
	madvise(p + head, size, MADV_HUGEPAGE); /* only an optimisation, may be compiled out */
	return p + head;
}

/* st->lock held for writing, or nobody knows the storage yet */
static void regions_changed(struct storage *st)
{
	static _Atomic uint64_t last;

	atomic_store_explicit(&st->generation, atomic_fetch_add(&last, 1) + 1,
			      memory_order_release);
}

struct storage *storage_create(void)
{
	struct storage *st = calloc(1, sizeof(*st));

	if (!st)
		return NULL;
	if (counts_init(&st->counts)) {
		free(st);
		errno = ENOMEM;
		return NULL;
	}
	pthread_rwlock_init(&st->lock, NULL);
	slabs_init(&st->slabs);
	st->next = ABS_FIRST;
	regions_changed(st);
	return st;
}

void storage_destroy(struct storage *st)
{
	if (!st)
		return;
	kernel_region_drop_all(st);
	assert(st->nr_regions == 0);
	pthread_rwlock_destroy(&st->lock);
	counts_fini(&st->counts);
	slabs_fini(&st->slabs);
	free(st->places);
	free(st);
}

static size_t words_size(const struct region *r)
{
	size_t n = r->size / PAGE_SIZE;

	return n * sizeof(*r->words) + (n + FRAME_GROUP - 1) / FRAME_GROUP * sizeof(*r->locks);
}

static bool has_small_words(const struct region *r)
{
	return words_size(r) < PAGE_SIZE;
}

/* A VM has thousands of regions of one page, its tables: no memory of its own for one word. */
static void *map_words(struct region *r)
{
	if (r->size == PAGE_SIZE)
		return (void *)r->only;
	if (has_small_words(r))
		return calloc(1, words_size(r));
	return words_size(r) < PIECE_SIZE ? map_zeros(words_size(r)) : map_huge(words_size(r));
}

int region_init(struct region *r, struct storage *st, size_t size)
{
	r->st = st;
	r->size = size;
	atomic_init(&r->refs, 1);
	r->words = map_words(r);
	if (!r->words)
		return -ENOMEM;
	r->locks = r->words + size / PAGE_SIZE;
	return 0;
}

void region_fini(struct region *r)
{
	if (r->words == r->only)
		return;
	if (has_small_words(r))
		free((void *)r->words);
	else if (r->words)
		munmap((void *)r->words, words_size(r));
}

static abs_t region_end(const struct region *r)
{
	return r->start + r->size;
}

/* index of the first region that ends behind @addr; st->lock held */
static size_t region_search(const struct storage *st, abs_t addr)
{
	size_t low = 0, high = st->nr_regions;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (st->places[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && region_end(st->places[low - 1].region) > addr ? low - 1 : low;
}

/* first fit in [from, to); @at is set to the place in the array. Return: 0 if there is none */
static abs_t find_gap(const struct storage *st, abs_t from, abs_t to, const struct region *r,
		      size_t align, size_t *at)
{
	size_t i = region_search(st, from);

	for (;; i++) {
		abs_t start = (from + align - 1) & ~(align - 1);
		abs_t end = i < st->nr_regions ? st->places[i].start : to;

		if (end > to)
			end = to;
		if (start < end && end - start >= r->size) {
			*at = i;
			return start;
		}
		if (i >= st->nr_regions || st->places[i].start >= to)
			return 0;
		from = region_end(st->places[i].region);
	}
}

static int make_room(struct storage *st)
{
	size_t room = st->room ? 2 * st->room : 64;
	struct place *places;

	if (st->nr_regions < st->room)
		return 0;
	places = reallocarray(st->places, room, sizeof(*places));
	if (!places)
		return -ENOMEM;
	st->places = places;
	st->room = room;
	return 0;
}

static void insert_at(struct storage *st, size_t at, struct region *r)
{
	memmove(&st->places[at + 1], &st->places[at],
		(st->nr_regions - at) * sizeof(*st->places));
	st->places[at] = (struct place){r->start, r};
	st->nr_regions++;
	regions_changed(st);
}

static int insert_locked(struct storage *st, struct region *r, size_t align)
{
	size_t at = 0;

	if (make_room(st))
		return -ENOMEM;
	r->start = find_gap(st, st->next, ABS_LIMIT, r, align, &at);
	if (!r->start)
		r->start = find_gap(st, ABS_FIRST, ABS_LIMIT, r, align, &at);
	if (!r->start)
		return -ENOMEM;
	insert_at(st, at, r);
	st->next = r->start + r->size;
	return 0;
}

int region_add(struct region *r, size_t align)
{
	int rc;

	pthread_rwlock_wrlock(&r->st->lock);
	rc = insert_locked(r->st, r, align);
	pthread_rwlock_unlock(&r->st->lock);
	return rc;
}

static int insert_at_locked(struct storage *st, struct region *r)
{
	size_t at = region_search(st, r->start);

	if (at < st->nr_regions && st->places[at].start < region_end(r))
		return -EEXIST;
	if (make_room(st))
		return -ENOMEM;
	insert_at(st, at, r);
	return 0;
}

int region_add_at(struct region *r, abs_t start)
{
	int rc;

	if (start > ABS_LIMIT || r->size > ABS_LIMIT - start)
		return -EINVAL;
	r->start = start;
	pthread_rwlock_wrlock(&r->st->lock);
	rc = insert_at_locked(r->st, r);
	pthread_rwlock_unlock(&r->st->lock);
	return rc;
}

void region_remove(struct region *r)
{
	struct storage *st = r->st;
	size_t at;

	pthread_rwlock_wrlock(&st->lock);
	at = region_search(st, r->start);
	assert(at < st->nr_regions && st->places[at].region == r);
	st->nr_regions--;
	memmove(&st->places[at], &st->places[at + 1],
		(st->nr_regions - at) * sizeof(*st->places));
	regions_changed(st);
	pthread_rwlock_unlock(&st->lock);
}

void region_remove_many(struct storage *st, const abs_t *starts, size_t n,
			struct region **removed)
{
	size_t from, to, found = 0;

	pthread_rwlock_wrlock(&st->lock);
	from = to = region_search(st, starts[0]);
	for (; found < n; from++) {
		assert(from < st->nr_regions);
		if (st->places[from].start == starts[found])
			removed[found++] = st->places[from].region;
		else
			st->places[to++] = st->places[from];
	}
	memmove(&st->places[to], &st->places[from], (st->nr_regions - from) * sizeof(*st->places));
	st->nr_regions -= n;
	regions_changed(st);
	pthread_rwlock_unlock(&st->lock);
}

void region_hide(struct region *r)
{
	struct storage *st = r->st;

	pthread_rwlock_wrlock(&st->lock);
	r->hidden = true;
	r->next_hidden = atomic_load(&st->hidden);
	atomic_store(&st->hidden, r);
	regions_changed(st);
	pthread_rwlock_unlock(&st->lock);
}

struct region *region_take_hidden(struct storage *st)
{
	struct region *list;

	if (!atomic_load(&st->hidden))
		return NULL;
	pthread_rwlock_wrlock(&st->lock);
	list = atomic_load(&st->hidden);
	atomic_store(&st->hidden, NULL);
	pthread_rwlock_unlock(&st->lock);
	return list;
}

/* A backing whose last reference has just gone is still in the array for a moment. */
bool region_get_not_zero(struct region *r)
{
	uint64_t refs = atomic_load_explicit(&r->refs, memory_order_relaxed);

	do {
		if (!refs)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
		&r->refs, &refs, refs + 1, memory_order_acquire, memory_order_relaxed));
	return true;
}

/** struct last_found - a region that a thread found when the storage had this number */
struct last_found {
	uint64_t generation;
	struct region *region;
};

#define LAST_FOUND_SHIFT 30
#define LAST_FOUND       8U

/*
 * Among the thousands of regions that hold tables the search reads a dozen lines, and most who
 * search for guest memory do so again and again. st->lock held: the number stays, and with it what
 * was in the array.
 */
static struct region *search_locked(struct storage *st, abs_t addr)
{
	static _Thread_local struct last_found last[LAST_FOUND];
	struct last_found *l = &last[(addr >> LAST_FOUND_SHIFT) % LAST_FOUND];
	uint64_t generation = atomic_load_explicit(&st->generation, memory_order_relaxed);
	struct region *found;
	size_t at;

	if (l->generation == generation && addr - l->region->start < l->region->size)
		return l->region;
	at = region_search(st, addr);
	if (at == st->nr_regions || st->places[at].start > addr)
		return NULL;
	found = st->places[at].region;
	if (found->backing)
		*l = (struct last_found){generation, found};
	return found;
}

struct region *region_find(struct storage *st, abs_t addr)
{
	struct region *found;

	pthread_rwlock_rdlock(&st->lock);
	found = search_locked(st, addr);
	if (found && (found->hidden || !region_get_not_zero(found)))
		found = NULL;
	pthread_rwlock_unlock(&st->lock);
	return found;
}

static void region_put_many(struct region *r, uint64_t n)
{
	uint64_t refs = atomic_fetch_sub_explicit(&r->refs, n, memory_order_acq_rel);

	assert(refs >= n);
	if (refs != n)
		return;
	if (r->backing)
		backing_release(r->backing);
	else
		kernel_region_release(r);
}

void region_put(struct region *r)
{
	region_put_many(r, 1);
}

void region_owned(struct region *r, int64_t n)
{
	if (n > 0)
		atomic_fetch_add_explicit(&r->refs, (uint64_t)n, memory_order_relaxed);
	else if (n < 0)
		region_put_many(r, (uint64_t)-n);
}
