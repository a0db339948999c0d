/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many frames are in which state: private to storage/. */
#ifndef STORAGE_COUNTS_H
#define STORAGE_COUNTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/storage.h"

/**
 * struct owner_counts - frames that name an owner
 * @secure: those in FRAME_SEC
 * @shared: those in FRAME_SHR and FRAME_PIN
 * @low_secure: those of @secure with a guest page below @low_end
 * @low_shared: those of @shared
 * @low_end: what storage_owner_condemn() is about
 * @floor: 0, or @low_end: condemned; written under the lock, read without
 * @dead: storage_owner_dead()
 */
struct owner_counts {
	uint64_t secure;
	uint64_t shared;
	uint64_t low_secure;
	uint64_t low_shared;
	gpa_t low_end;
	_Atomic gpa_t floor;
	bool dead;
};

/**
 * struct counts - all counts of a storage
 * @lock: protects the rest, so that a snapshot is consistent; nothing is taken inside it
 * @stats: what storage_get_stats() copies
 * @owners: by owner index, populated on first use
 */
struct counts {
	pthread_mutex_t lock;
	struct storage_stats stats;
	struct owner_counts *owners;
};

/** counts_init() - Return: 0 or -ENOMEM */
int counts_init(struct counts *c);
void counts_fini(struct counts *c);

/** counts_change() - a frame's word goes from @old_word to @new_word */
void counts_change(struct counts *c, uint64_t old_word, uint64_t new_word);

/** counts_leave() - the frames of @words all become ordinary */
void counts_leave(struct counts *c, const uint64_t *words, size_t n);

/** counts_low_end() - what is low of an owner's pages; constant while a frame names it */
gpa_t counts_low_end(const struct counts *c, uint32_t owner);

/** counts_leave_secure() - @n secure frames of an owner, @low of them low, become ordinary */
void counts_leave_secure(struct counts *c, uint32_t owner, uint64_t n, uint64_t low);

/** counts_donated() - @pages more (or less) are donated */
void counts_donated(struct counts *c, int64_t pages);

/** counts_lost() - frames that this storage has ever lost: with 0 no word says so */
uint64_t counts_lost(struct counts *c);

/** counts_kernel() - @bytes more (or less) memory in kernel regions of a kind */
void counts_kernel(struct counts *c, enum alloc_kind kind, int64_t bytes);

/** counts_leak() - a kernel region is given up */
void counts_leak(struct counts *c, enum alloc_kind kind, size_t bytes);

/** counts_backing() - one backing more (bytes > 0) or less (bytes < 0) */
void counts_backing(struct counts *c, int64_t bytes);

#endif
