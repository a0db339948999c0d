/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regions of absolute addresses: private to storage/. */
#ifndef STORAGE_REGION_H
#define STORAGE_REGION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "storage/counts.h"
#include "storage/slab.h"
#include "storage/storage.h"
#include "storage/types.h"

/**
 * struct region - a range of absolute addresses with storage behind it
 * @start: absolute address of its first byte
 * @size: bytes, whole pages
 * @refs: references; the words live until the last one goes
 * @words: frame state words, one a page, populated on first use
 * @locks: their lock bits, behind them
 * @only: word and lock bits of a region of one page
 * @st: the storage it is part of
 * @backing: the backing that it is embedded in, or NULL: a kernel region
 * @kind: kernel regions: what for
 * @bytes: kernel regions: the memory
 * @slab: kernel regions: where it comes from, NULL: a mapping of its own
 * @leaked: kernel regions: given up
 * @hidden: kernel regions: freed, still in the array, found by nobody; under st->lock
 * @next_hidden: in the storage's list of them
 */
struct region {
	abs_t start;
	size_t size;
	_Atomic uint64_t refs;
	_Atomic uint64_t *words;
	_Atomic uint64_t *locks;
	_Atomic uint64_t only[2];
	struct storage *st;
	struct backing *backing;
	enum alloc_kind kind;
	uint8_t *bytes;
	struct slab *slab;
	bool leaked;
	bool hidden;
	struct region *next_hidden;
};

/**
 * struct piece - 2 MiB of a backing
 * @secure: secure frames, plus holds
 * @armed: secure frames are allowed
 * @traps: touches of missing pages are reported, so that FRAME_ORDINARY can be trusted
 * @kept: its secure storage may be populated: it was armed after that was given back last
 */
struct piece {
	_Atomic uint32_t secure;
	_Atomic bool armed;
	_Atomic bool traps;
	bool kept;
};

/**
 * struct backing - guest memory
 * @arena: secure store, aligned to a piece
 * @ordinary: own mapping of @memfd
 * @piece_lock: protects ops, owner, kept and changes of armed and traps
 * @abandoned: backing_abandon()
 * @barred: backing_bar(); under @piece_lock
 * @under: a backing of another storage that this one is a view of, with a reference; or NULL
 * @memfd_offset: where its first page lies in @memfd: in @under's, if it is a view
 * @views: of this one; under @piece_lock
 * @view_link: in @under's list
 */
struct backing {
	struct region region;
	int memfd;
	uint8_t *arena;
	uint8_t *ordinary;
	struct piece *pieces;
	size_t nr_pieces;
	pthread_mutex_t piece_lock;
	const struct backing_ops *ops;
	void *owner;
	_Atomic bool abandoned;
	bool barred;
	struct backing *under;
	size_t memfd_offset;
	LIST_HEAD(backing_list, backing) views;
	LIST_ENTRY(backing) view_link;
};

/**
 * struct place - of a region among all
 * @start: where it begins, once more: a search among thousands reads no other regions than the one
 *         it is after
 */
struct place {
	abs_t start;
	struct region *region;
};

/**
 * struct storage - the machine's storage
 * @lock: protects the array of regions
 * @places: of the regions, ascending by address
 * @next: where the search for free addresses begins: freed ones are used again late
 * @generation: changes with what is found in the array, under @lock; no two storages of a process
 *              have had the same
 * @hidden: regions that region_hide() left in the array
 */
struct storage {
	pthread_rwlock_t lock;
	struct place *places;
	size_t nr_regions;
	size_t room;
	abs_t next;
	_Atomic uint64_t generation;
	_Atomic(struct region *) hidden;
	struct counts counts;
	struct slabs slabs;
};

/** region_init() - fields and words of a region of @size bytes. Return: 0 or -ENOMEM */
int region_init(struct region *r, struct storage *st, size_t size);

/** region_fini() - free the words */
void region_fini(struct region *r);

/** region_add() - give it addresses and make it known. Return: 0 or -ENOMEM */
int region_add(struct region *r, size_t align);

/**
 * region_add_at() - the same at an address that is given
 * Return: 0; -ENOMEM; -EINVAL beyond the end of addresses; -EEXIST: something is there already
 */
int region_add_at(struct region *r, abs_t start);

/** region_remove() - it cannot be found any more */
void region_remove(struct region *r);

/**
 * region_remove_many() - the same for many, in one pass over the array
 * @starts: where they begin, ascending; @n: how many, > 0
 * @removed: set to them, in this order
 */
void region_remove_many(struct storage *st, const abs_t *starts, size_t n,
			struct region **removed);

/**
 * region_hide() - it cannot be found any more, but keeps its place in the array
 *
 * For who is in a hurry: to take one out of an array of thousands means to move half of them.
 */
void region_hide(struct region *r);

/** region_take_hidden() - all that were hidden, linked by next_hidden, for region_remove() */
struct region *region_take_hidden(struct storage *st);

/** region_find() - the region with @addr, with a reference, or NULL */
struct region *region_find(struct storage *st, abs_t addr);

/** region_get_not_zero() - take a reference unless the last one is gone. Return: true if taken */
bool region_get_not_zero(struct region *r);

/** region_put() - drop a reference; frees what the last one kept */
void region_put(struct region *r);

/** kernel_region_release() - free what region_put() found without references */
void kernel_region_release(struct region *r);

/** kernel_region_drop_all() - end of the storage: free leaked regions */
void kernel_region_drop_all(struct storage *st);

/** map_arena() - @size bytes for a secure store, aligned to a piece; NULL if there is no memory */
uint8_t *map_arena(size_t size);

/** backing_alloc() - fields of a backing of @size bytes that nobody knows. Return: it, or NULL */
struct backing *backing_alloc(struct storage *st, size_t size);

/** backing_map_secure() - its arena and pieces. Return: 0 or -ENOMEM */
int backing_map_secure(struct backing *b);

/** backing_free() - what backing_alloc() and what followed have made */
void backing_free(struct backing *b);

/** backing_bar_locked() - backing_bar() with piece_lock held */
int backing_bar_locked(struct backing *b);

/** backing_leave() - a view is none any more */
void backing_leave(struct backing *b);

/** backing_punch() - take @n ordinary pages away; they read as zeros then */
void backing_punch(const struct backing *b, size_t index, size_t n);

/**
 * backing_is_hole() - has none of @n ordinary pages ever been touched since it was taken away?
 *
 * A page of backing_make_present() that nobody has touched yet counts as a hole: its word says
 * FRAME_ORDINARY.
 */
bool backing_is_hole(const struct backing *b, size_t index, size_t n);

/** backing_is_view() - may its pages be donated? */
static inline bool backing_is_view(const struct backing *b)
{
	return b->under;
}

/** backing_release() - free what region_put() found without references */
void backing_release(struct backing *b);

/** map_zeros() - @size bytes of zeros, populated on first use; NULL if there is no memory */
void *map_zeros(size_t size);

/** map_huge() - as map_zeros(), aligned to a piece and of huge pages if there are any */
void *map_huge(size_t size);

/** trim_mapping() - unmap all of the @size bytes at @p but the @keep bytes behind the first @head
 */
void trim_mapping(uint8_t *p, size_t size, size_t head, size_t keep);

/** frames_store_locked() - locked frames get @to as their word, and are unlocked; not counted */
void frames_store_locked(struct region *r, size_t first, size_t n, uint64_t to);

/** frame_owned() - @n frames of the region got (lost: negative) an owner: references follow */
void region_owned(struct region *r, int64_t n);

#endif
