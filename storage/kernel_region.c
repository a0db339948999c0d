// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of KVM that the Ultravisor can name.
 *
 * Each region is a mapping of its own between two guard pages, or a slot between
 * two of them if it is a single page, and free really unmaps: a use after free or
 * an overrun faults instead of hitting a neighbour.
 * To map and to unmap takes longer than most of what KVM does, so there is a way
 * round both for what a VMM waits for: memory in reserve, and regions that are
 * unmapped by the next one who frees something.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "storage/frame.h"
#include "storage/inject.h"
#include "storage/region.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

#define KEEP_FREED (1UL << 30) /* freed regions up to this size fault for ever, not until reuse */
#else
#define KEEP_FREED 0UL
#endif

/* What waits for its unmapping is nobody's to touch. */
static void poison(const struct region *r)
{
#ifdef __SANITIZE_ADDRESS__
	ASAN_POISON_MEMORY_REGION(r->bytes, r->size);
#endif
}

static void unpoison(const struct region *r)
{
#ifdef __SANITIZE_ADDRESS__
	ASAN_UNPOISON_MEMORY_REGION(r->bytes, r->size);
#endif
}

/*
 * Guest page records are 8 MiB a GiB: where huge pages fit they are used, or to give them back
 * takes PREPARE longer the larger the guest is. But not at the begin: ENABLE touches
 * a page there and UNPACK one for half a MiB of image, and they would wait for the clear of a whole
 * huge page. That is 5 ms where this is a virtual machine that gives free memory back to its host.
 */
static void use_huge_pages(uint8_t *bytes, size_t size)
{
	madvise(bytes, PIECE_SIZE, MADV_NOHUGEPAGE);
	madvise(bytes + PIECE_SIZE, size - PIECE_SIZE, MADV_HUGEPAGE);
}

static uint8_t *map_between_guards(size_t size)
{
	size_t align = size < PIECE_SIZE ? PAGE_SIZE : PIECE_SIZE;
	size_t room = align + size + PAGE_SIZE, head;
	uint8_t *p =
		mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	/* the last page before what is aligned is the first guard */
	head = (align - ((uintptr_t)p + PAGE_SIZE) % align) % align;
	trim_mapping(p, room, head, size + 2 * PAGE_SIZE);
	p += head;
	if (mprotect(p + PAGE_SIZE, size, PROT_READ | PROT_WRITE)) {
		munmap(p, size + 2 * PAGE_SIZE);
		return NULL;
	}
	if (align == PIECE_SIZE)
		use_huge_pages(p + PAGE_SIZE, size);
	return p + PAGE_SIZE;
}

static void unmap_between_guards(uint8_t *bytes, size_t size)
{
	if (size <= KEEP_FREED) {
		void *p = mmap(bytes, size, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

		if (p != MAP_FAILED)
			return;
	}
	munmap(bytes - PAGE_SIZE, size + 2 * PAGE_SIZE);
}

static int get_memory(struct region *r)
{
	if (r->size == PAGE_SIZE)
		r->bytes = slabs_alloc(&r->st->slabs, &r->slab);
	if (!r->bytes) {
		r->slab = NULL;
		r->bytes = map_between_guards(r->size);
	}
	return r->bytes ? 0 : -ENOMEM;
}

static void free_memory(struct region *r)
{
	if (r->slab)
		slabs_free(&r->st->slabs, r->slab, r->bytes);
	else
		unmap_between_guards(r->bytes, r->size);
	r->bytes = NULL;
}

/* Not known to anybody yet. */
static struct region *kernel_region_new(struct storage *st, size_t size)
{
	struct region *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	if (region_init(r, st, size))
		goto out_free;
	if (get_memory(r))
		goto out_fini;
	return r;
out_fini:
	region_fini(r);
out_free:
	free(r);
	return NULL;
}

static void kernel_region_delete(struct region *r)
{
	free_memory(r);
	kernel_region_release(r);
}

/* Return: its address, or 0 */
static abs_t kernel_region_add(struct region *r, size_t align, enum alloc_kind kind)
{
	r->kind = kind;
	if (region_add(r, align))
		return 0;
	counts_kernel(&r->st->counts, kind, (int64_t)r->size);
	return r->start;
}

struct region *storage_reserve(struct storage *st, size_t size, void **bytes)
{
	struct region *r = kernel_region_new(st, size);

	if (r)
		*bytes = memset(r->bytes, 0, size);
	return r;
}

void storage_unreserve(struct region *reserve)
{
	if (reserve)
		kernel_region_delete(reserve);
}

abs_t storage_alloc_reserved(struct region *reserve, size_t align, enum alloc_kind kind)
{
	assert(align >= PAGE_SIZE && !(align & (align - 1)));
	if (inject(INJECT_ALLOC, kind, reserve->size, NULL))
		return 0;
	return kernel_region_add(reserve, align, kind);
}

abs_t storage_alloc(struct storage *st, size_t size, size_t align, enum alloc_kind kind)
{
	size_t pages = size / PAGE_SIZE + (size % PAGE_SIZE != 0);
	struct region *r;
	abs_t start;

	assert(align >= PAGE_SIZE && !(align & (align - 1)));
	if (!size || size > ABS_LIMIT || inject(INJECT_ALLOC, kind, size, NULL))
		return 0;
	r = kernel_region_new(st, pages * PAGE_SIZE);
	if (!r)
		return 0;
	start = kernel_region_add(r, align, kind);
	if (!start)
		kernel_region_delete(r);
	return start;
}

/* The region must begin at @addr; the reference of the allocation is the caller's. */
static struct region *region_of_allocation(struct storage *st, abs_t addr)
{
	struct region *r = region_find(st, addr);

	assert(r && !r->backing && r->start == addr);
	atomic_fetch_sub_explicit(&r->refs, 1, memory_order_relaxed);
	return r;
}

static bool nothing_donated(const struct region *r)
{
	for (size_t i = 0; i < r->size / PAGE_SIZE; i++)
		if (frame_word_state(atomic_load(&r->words[i])) == FRAME_DON)
			return false;
	return true;
}

static void remove_and_unmap(struct region *r)
{
	region_remove(r);
	free_memory(r);
	region_put(r);
}

static void free_hidden(struct storage *st)
{
	struct region *next;

	for (struct region *r = region_take_hidden(st); r; r = next) {
		next = r->next_hidden;
		unpoison(r);
		remove_and_unmap(r);
	}
}

static void count_freed(struct region *r)
{
	assert(!r->leaked && nothing_donated(r));
	counts_kernel(&r->st->counts, r->kind, -(int64_t)r->size);
}

static struct region *region_to_free(struct storage *st, abs_t region)
{
	struct region *r = region_of_allocation(st, region);

	count_freed(r);
	return r;
}

void storage_free(struct storage *st, abs_t region)
{
	if (!region)
		return;
	remove_and_unmap(region_to_free(st, region));
	free_hidden(st);
}

static int by_address(const void *a, const void *b)
{
	abs_t left = *(const abs_t *)a, right = *(const abs_t *)b;

	return left < right ? -1 : left > right;
}

void storage_free_many(struct storage *st, abs_t *regions, size_t n)
{
	struct region *removed[STORAGE_FREE_MANY];

	assert(n <= STORAGE_FREE_MANY);
	if (!n)
		return;
	qsort(regions, n, sizeof(*regions), by_address);
	region_remove_many(st, regions, n, removed);
	for (size_t i = 0; i < n; i++) {
		assert(!removed[i]->backing);
		count_freed(removed[i]);
		free_memory(removed[i]);
		region_put(removed[i]);
	}
	free_hidden(st);
}

void storage_free_later(struct storage *st, abs_t region)
{
	struct region *r;

	if (!region)
		return;
	r = region_to_free(st, region);
	poison(r);
	region_hide(r);
}

void storage_gather(struct storage *st)
{
	slabs_gather(&st->slabs);
}

void storage_gather_end(struct storage *st)
{
	slabs_gather_end(&st->slabs);
}

void storage_leak(struct storage *st, abs_t region)
{
	struct region *r;

	if (!region)
		return;
	r = region_of_allocation(st, region);
	assert(!r->leaked);
	r->leaked = true;
	counts_leak(&st->counts, r->kind, r->size);
}

void kernel_region_release(struct region *r)
{
	region_fini(r);
	free(r);
}

void kernel_region_drop_all(struct storage *st)
{
	free_hidden(st);
	while (st->nr_regions) {
		struct region *r = st->places[st->nr_regions - 1].region;

		assert(!r->backing && r->leaked); /* else somebody forgot to free it */
		free_memory(r);
		region_remove(r);
		region_put(r);
	}
}
