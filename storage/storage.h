/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's storage: one space of absolute addresses, two kinds of regions.
 *
 * A *backing* is a piece of a VMM's guest memory. It has two stores: ordinary
 * storage (a sealed memfd that the VMM maps too) and secure storage (an arena
 * private to the machine). A *kernel region* is memory of KVM itself which the
 * Ultravisor must be able to name: SIE blocks, SCAs, page tables, storage to be
 * donated. Every page of both has a frame state word (frame.h). A *view* is a backing
 * whose ordinary pages are those of a backing in another storage: memory of a guest
 * that is a machine itself.
 *
 * C pointers never stand in a UVCB; absolute addresses do.
 */
#ifndef STORAGE_STORAGE_H
#define STORAGE_STORAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "storage/types.h"

struct backing;
struct frame;
struct region;
struct storage;

/** enum alloc_kind - what a kernel region is for; shown by status, named by injection rules */
enum alloc_kind {
	ALLOC_OBJECT, /* plain heap object, not a region: host_zalloc() */
	ALLOC_PAGE,   /* SIE block, SIDA, kvm_run */
	ALLOC_SCA,
	ALLOC_TABLE, /* guest page table (gmap) */
	ALLOC_UV_BASE,
	ALLOC_CONF_BASE,
	ALLOC_CONF_VAR,
	ALLOC_CPU_STOR,
	ALLOC_BACKING,
	ALLOC_NR
};

/**
 * struct storage_stats - frames and bytes by state, for `protvirt status`
 * @frames_secure: secure frames of live configurations
 * @frames_orphan: secure frames whose owner was destroyed fast
 * @frames_shared: shared and pinned frames
 * @frames_residue: condemned frames whose secure store is still to be cleared (model `proposal`);
 *                  they count nowhere else
 * @frames_lost: frames that could neither be destroyed nor exported; never handed out again
 * @bytes_donated: bytes in donated state
 * @bytes_leaked: bytes of kernel regions given up with storage_leak()
 * @bytes_backing: guest memory, ordinary view
 * @backings: number of backings
 * @bytes_kernel: bytes of kernel regions by enum alloc_kind
 */
struct storage_stats {
	uint64_t frames_secure;
	uint64_t frames_orphan;
	uint64_t frames_shared;
	uint64_t frames_residue;
	uint64_t frames_lost;
	uint64_t bytes_donated;
	uint64_t bytes_leaked;
	uint64_t bytes_backing;
	uint64_t backings;
	uint64_t bytes_kernel[ALLOC_NR];
};

/**
 * storage_create() - make an empty machine storage
 *
 * Return: the storage, or NULL with errno ENOMEM.
 */
struct storage *storage_create(void);

/** storage_destroy() - free the storage; everything in it must have been freed or leaked */
void storage_destroy(struct storage *st);

/** storage_get_stats() - a consistent snapshot of the counts */
void storage_get_stats(struct storage *st, struct storage_stats *stats);

/* ---- kernel regions ---- */

/**
 * storage_alloc() - allocate a kernel region
 * @st: the storage
 * @size: bytes, rounded up to pages
 * @align: alignment in bytes, a power of two of at least PAGE_SIZE
 * @kind: what for
 *
 * The memory reads as zeros and is populated on first use.
 *
 * Return: its absolute address, never 0; 0 if memory or addresses ran out or injection says so.
 */
abs_t storage_alloc(struct storage *st, size_t size, size_t align, enum alloc_kind kind);

/** storage_free() - free a region; 0 is allowed. No page of it may be donated: asserted */
void storage_free(struct storage *st, abs_t region);

/** STORAGE_FREE_MANY - most regions that storage_free_many() takes */
#define STORAGE_FREE_MANY 512U

/**
 * storage_free_many() - free @n regions, as storage_free() does one after the other
 * @regions: their addresses, none twice; in another order afterwards
 */
void storage_free_many(struct storage *st, abs_t *regions, size_t n);

/**
 * storage_gather() - many regions are about to be freed
 *
 * Until storage_gather_end() pages of freed regions may still be there; they go in few calls.
 */
void storage_gather(struct storage *st);
void storage_gather_end(struct storage *st);

/**
 * storage_free_later() - the same for who is waited for: the memory is unmapped by the next
 * storage_free(); nobody finds the region any more, and it counts as free
 */
void storage_free_later(struct storage *st, abs_t region);

/**
 * storage_reserve() - a region of @size bytes, whole pages, that has no addresses yet
 * @bytes: set to its memory, zeroed and populated
 *
 * Return: it, to be given to storage_alloc_reserved() or storage_unreserve(); NULL if there is no
 * memory.
 */
struct region *storage_reserve(struct storage *st, size_t size, void **bytes);

/** storage_unreserve() - give it back; NULL is allowed */
void storage_unreserve(struct region *reserve);

/**
 * storage_alloc_reserved() - storage_alloc() of what was reserved
 * @reserve: the storage's from now on, unless 0 is returned
 */
abs_t storage_alloc_reserved(struct region *reserve, size_t align, enum alloc_kind kind);

/**
 * storage_leak() - give a region up without freeing it
 *
 * For storage that the Ultravisor may still use. It stays donated and is counted as leaked; the
 * memory is really kept until storage_destroy().
 */
void storage_leak(struct storage *st, abs_t region);

/**
 * storage_ptr() - C pointer to @len bytes at @addr of a kernel region
 *
 * Return: the pointer, or NULL if the range is not inside one kernel region.
 */
void *storage_ptr(struct storage *st, abs_t addr, size_t len);

/** storage_ptr_ordinary() - as storage_ptr(), but NULL too if a page of the range is donated */
void *storage_ptr_ordinary(struct storage *st, abs_t addr, size_t len);

/**
 * storage_donate() - give pages of a kernel region or of a view to the Ultravisor
 * @addr: page aligned
 * @len: bytes, rounded up to pages
 *
 * Return: 0; -EFAULT: not inside one such region; -EBUSY: a page of it is donated already, or is a
 * guest's, or the view is being retired. In all cases nothing has changed.
 */
int storage_donate(struct storage *st, abs_t addr, size_t len) __attribute__((warn_unused_result));

/**
 * storage_undonate() - take donated pages back; all of them must be donated: asserted
 *
 * Those of a view read as zeros then.
 */
void storage_undonate(struct storage *st, abs_t addr, size_t len);

/**
 * storage_donated_ptr() - what the Ultravisor keeps at @len donated bytes at @addr
 *
 * In a kernel region that is the region's memory, in a view its secure store.
 *
 * Return: the pointer, good until storage_undonate(); NULL as storage_host_ptr().
 */
void *storage_donated_ptr(struct storage *st, abs_t addr, size_t len);

/**
 * storage_host_ptr() - @len bytes at @addr as the host finds them while they are ordinary
 *
 * Return: the pointer, good as long as the region; NULL if the range is not inside one kernel
 * region or one view.
 */
void *storage_host_ptr(struct storage *st, abs_t addr, size_t len);

/* ---- backings ---- */

/**
 * struct backing_ops - what the owner of the address space wants to know
 * @arm: called without frame locks before the first frame of a 2 MiB piece may become secure; host
 *       access to the piece must be trapped from now on. Must be idempotent. Return: 0: touches
 *       of missing pages trap; > 0: nobody traps (holes mode); -ENOMEM. May be NULL: nobody traps.
 * @disarm: no frame of the @len bytes at @offset is secure, traps may go. Called from
 *       backing_disarm() and backing_trim(), in whatever thread, also in one that releases a VM:
 *       must not wait for the VMM. May be NULL.
 * @released: the last reference is gone, called before the memory goes
 *
 * Calls for one backing come one at a time. They must not call back into pieces of the backing.
 */
struct backing_ops {
	int (*arm)(void *owner, struct backing *b, size_t piece_offset);
	void (*disarm)(void *owner, struct backing *b, size_t offset, size_t len);
	void (*released)(void *owner, struct backing *b);
};

/**
 * backing_create() - make guest memory
 * @st: the storage
 * @size: bytes, a multiple of PAGE_SIZE
 * @ops: may be NULL: nobody traps
 * @owner: passed to @ops
 *
 * Makes the sealed memfd, maps it, reserves the arena and the absolute addresses. Nothing is
 * populated.
 *
 * Return: the backing with one reference, or NULL with errno.
 */
struct backing *backing_create(struct storage *st, size_t size, const struct backing_ops *ops,
			       void *owner);

/**
 * backing_create_view() - the same ordinary memory as storage of another machine
 * @st: the storage of that machine
 * @under: the backing that has the memory; not a view
 * @offset: where the view begins in it; @size: bytes of it; multiples of PAGE_SIZE
 * @start: absolute address in @st
 *
 * The view has words and a secure store of its own, and nobody traps. Its frames may become secure,
 * and may be donated; those of @under may not as long as it has a view. Dropped with backing_put().
 *
 * Return: the view with one reference, or NULL with errno: ENOMEM; EBUSY: a frame of @under is
 * secure, or another view shows part of it; EEXIST: there is something at @start; EINVAL: beyond
 * the end of addresses.
 */
struct backing *backing_create_view(struct storage *st, struct backing *under, size_t offset,
				    size_t size, abs_t start);

/**
 * backing_retire_view() - the host wants the memory back
 *
 * From then on no frame can become secure or be donated.
 *
 * Return: 0; -EBUSY: one is, or is shared, and nothing has changed.
 */
int backing_retire_view(struct backing *view);

/** backing_bar() - no frame can become secure from now on. Return: 0; -EBUSY: one is */
int backing_bar(struct backing *b);

/** backing_unbar() - undo it */
void backing_unbar(struct backing *b);

struct backing *backing_get(struct backing *b);

/**
 * backing_get_not_zero() - take a reference unless the last one is gone
 *
 * For lists whose entries leave in backing_ops.released. Return: true if there is one more now.
 */
bool backing_get_not_zero(struct backing *b);

/** backing_put() - drop a reference; frames with an owner hold references of their own */
void backing_put(struct backing *b);

/** backing_memfd() - the memfd to map in a VMM; stays owned by the backing */
int backing_memfd(const struct backing *b);

size_t backing_size(const struct backing *b);

/** backing_abs() - absolute address of the backing's first byte */
abs_t backing_abs(const struct backing *b);

/** backing_ordinary() - the machine's own mapping of the ordinary storage */
uint8_t *backing_ordinary(const struct backing *b);

/**
 * backing_disarm() - stop trapping in the pieces of a range that have no secure frame
 * @offset: multiple of 2 MiB
 * @len: bytes
 *
 * Calls backing_ops.disarm once for each run of adjacent pieces.
 */
void backing_disarm(struct backing *b, size_t offset, size_t len);

/**
 * backing_abandon() - nobody will use this memory again
 *
 * From now on secure storage that is destroyed in whole pieces goes back to the kernel, which
 * clears it before anybody gets it, instead of being cleared here: that costs a fifth. Of memory
 * that is used again it would cost more, as it has to be got again.
 */
void backing_abandon(struct backing *b);

/** backing_trim() - as backing_disarm(), and the pieces' secure storage is given back */
void backing_trim(struct backing *b, size_t offset, size_t len);

/**
 * backing_forget_owner() - the address space is going: no more @ops calls after this returns
 */
void backing_forget_owner(struct backing *b);

#endif
