/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces of VMMs.
 *
 * An mm has users (tasks, and whoever holds mmget_not_zero()) and references on
 * the structure (mmgrab()). When the last user goes, the notifiers run, then
 * every page leaves the address space; that comes before the release of files,
 * as in the kernel. The structure stays until the last mmdrop().
 */
#ifndef HOST_MM_H
#define HOST_MM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/storage.h"

struct mm;

void mmgrab(struct mm *mm);
void mmdrop(struct mm *mm);

/** mmget_not_zero() - become a user unless the address space is gone. Return: true if so */
bool mmget_not_zero(struct mm *mm);
void mmput(struct mm *mm);

/**
 * mm_protected_count() - the counter of kvm-pv 3.6, invariant 1
 *
 * Counts configurations registered for the address space and running cleanups.
 */
_Atomic int64_t *mm_protected_count(struct mm *mm);

/**
 * struct mmu_notifier - tells when an address space goes
 * @release: the last user is gone; pages are still there. No locks held.
 */
struct mmu_notifier {
	void (*release)(struct mmu_notifier *n, struct mm *mm);
	struct mm *mm;
	struct mmu_notifier *next;
};

/** mmu_notifier_register() - Return: 0, -ENOMEM, or -EINTR (fatal signal or mm gone) */
int mmu_notifier_register(struct mmu_notifier *n, struct mm *mm);

/** mmu_notifier_unregister() - waits for a running callback */
void mmu_notifier_unregister(struct mmu_notifier *n);

/**
 * struct mm_segment - a part of a slot
 * @b: its backing, a reference is held
 * @backing_offset: where it begins in the backing
 * @len: bytes
 */
struct mm_segment {
	struct backing *b;
	uint64_t backing_offset;
	uint64_t len;
};

/**
 * mm_share_range() - make a range of the current task's memory shared with the machine, in place
 * @uva: page aligned; @size: bytes
 * @segs: set to an array of segments that covers the range in order; free with mm_put_segments()
 * @n: its length
 *
 * What belongs to a backing already is found, what is private anonymous memory is converted, with
 * its content.
 *
 * Return: 0; -EFAULT: unmapped or memory of another kind; -ENOMEM; -EINTR: fatal signal.
 * Context: a task whose mm it is; asks the client.
 */
int mm_share_range(struct mm *mm, uva_t uva, uint64_t size, struct mm_segment **segs, size_t *n);
void mm_put_segments(struct mm_segment *segs, size_t n);

/**
 * mm_for_each_backing() - call @fn for every backing of the address space
 *
 * Also for those that no slot shows any more, as long as a frame in them has an owner. @fn may
 * sleep; backings that come or go meanwhile may be missed or seen. Stops when @fn returns
 * non-zero.
 *
 * Return: what @fn returned last, 0 if there was none.
 */
int mm_for_each_backing(struct mm *mm, int (*fn)(struct backing *b, void *arg), void *arg);

#endif
