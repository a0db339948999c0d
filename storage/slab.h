/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for kernel regions of one page: private to storage/.
 *
 * A VM has thousands of them, its page tables. A mapping of its own and two guard pages for each
 * take longer to unmap than everything else of a VM that was killed. Here they are slots of a large
 * mapping: every second page is a guard, and so is a slot that is free (MADV_GUARD_INSTALL, Linux
 * 6.13), so an overrun and a use after free fault as they do elsewhere. To make a guard takes as
 * long as to unmap a mapping; who frees many gathers them, and most go with their whole slab.
 */
#ifndef STORAGE_SLAB_H
#define STORAGE_SLAB_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/** SLAB_SLOTS - a slab has 2 MiB, half of it guards */
#define SLAB_SLOTS 256U

/**
 * struct slab - a mapping with SLAB_SLOTS slots
 * @link: in struct slabs
 * @bytes: the mapping; begins and ends with a guard
 * @free: bits of the slots that may be handed out
 * @freed: bits of the slots that are freed, but are no guards yet
 * @nr_used: slots in use
 */
struct slab {
	LIST_ENTRY(slab) link;
	uint8_t *bytes;
	uint64_t free[SLAB_SLOTS / 64];
	uint64_t freed[SLAB_SLOTS / 64];
	unsigned int nr_used;
};

LIST_HEAD(slab_list, slab);

/**
 * struct slabs - all slots of a storage
 * @lock: protects the rest; nothing is taken inside it
 * @partial: slabs with slots to hand out
 * @full: those without
 * @nr: slabs; one is kept, so that a page freed alone faults until it is used again
 * @gathers: who frees many now: guards wait for the last one's end
 * @none: this kernel has no such guards
 */
struct slabs {
	pthread_mutex_t lock;
	struct slab_list partial;
	struct slab_list full;
	unsigned int nr;
	unsigned int gathers;
	bool none;
};

void slabs_init(struct slabs *s);

/** slabs_fini() - all slots must have been freed */
void slabs_fini(struct slabs *s);

/** slabs_alloc() - a page of zeros and its slab; NULL: there is none, a mapping may be had */
uint8_t *slabs_alloc(struct slabs *s, struct slab **slab);

/** slabs_free() - a touch of @page faults from now on, or from the end of a gather that is on */
void slabs_free(struct slabs *s, struct slab *slab, uint8_t *page);

void slabs_gather(struct slabs *s);
void slabs_gather_end(struct slabs *s);

#endif
