/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest page table: guest absolute page -> frame.
 *
 * Tables have the architecture's format and lie in kernel regions, because the
 * Ultravisor keeps using the ones a configuration was created with until it is
 * destroyed. Entries are filled in on a fault and taken out when a slot goes.
 */
#ifndef KVM_GMAP_H
#define KVM_GMAP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "storage/storage.h"
#include "storage/types.h"

struct kvm;
struct machine;

#define _ASCE_ORIGIN        (~0xfffUL)
#define _ASCE_PRIVATE_SPACE 0x100UL
#define _ASCE_TYPE_MASK     0x0cUL
#define _ASCE_TYPE_REGION1  0x0cUL
#define _ASCE_TYPE_REGION2  0x08UL
#define _ASCE_TYPE_REGION3  0x04UL
#define _ASCE_TYPE_SEGMENT  0x00UL
#define _ASCE_TABLE_LENGTH  0x03UL

/**
 * struct gmap_table - a region, segment or page table
 * @entries: its content
 * @reserve: it has no address yet: what will be given one; else NULL
 * @link: in the gmap's list of tables, if @listed
 * @top_link: in the machine's list of top-level tables, if @kvm is set
 * @kvm: whose guest the Ultravisor finds under this top-level table
 */
struct gmap_table {
	LIST_ENTRY(gmap_table) link;
	LIST_ENTRY(gmap_table) top_link;
	abs_t origin;
	_Atomic uint64_t *entries;
	struct region *reserve;
	bool listed;
	struct kvm *kvm;
};

/**
 * struct gmap - guest address space
 * @lock: serialises changes of the tables and of @tables; readers need none
 * @asce: address-space-control element of the current top-level table
 * @top: that table
 * @used: entries of it from the first one on that may be valid
 * @reserve: the next one, empty, or NULL
 * @tables: every table that ends with the gmap
 * @limit: first guest address beyond what the ASCE can address
 * @uses_skeys: storage keys were set; they lie beside the page table entries
 */
struct gmap {
	struct machine *machine;
	struct kvm *kvm;
	pthread_mutex_t lock;
	_Atomic uint64_t asce;
	struct gmap_table *top;
	unsigned int used;
	struct gmap_table *reserve;
	LIST_HEAD(, gmap_table) tables;
	uint64_t limit;
	_Atomic bool uses_skeys;
};

/**
 * gmap_create() - an empty guest address space
 * @limit: bytes; chooses the type: 2 GiB SEGMENT, 4 TiB REGION3, 8 PiB REGION2, else REGION1
 *
 * Return: the gmap, or NULL if memory ran out.
 */
struct gmap *gmap_create(struct kvm *kvm, uint64_t limit);

/**
 * gmap_free() - end of a guest address space
 *
 * A top-level table that is off the list may still be used by the Ultravisor and is leaked.
 */
void gmap_free(struct gmap *gmap);

/** gmap_type() - _ASCE_TYPE_* */
static inline uint64_t gmap_type(const struct gmap *gmap)
{
	return atomic_load(&gmap->asce) & _ASCE_TYPE_MASK;
}

/** gmap_walk() - the frame mapped at @gpa under @asce. Return: 0 or -ENXIO. No lock needed */
int gmap_walk(struct storage *st, uint64_t asce, gpa_t gpa, abs_t *frame);

/** gmap_link() - map @frame at @gpa. Return: 0, -ENOMEM, -EFAULT beyond the limit */
int gmap_link(struct gmap *gmap, gpa_t gpa, abs_t frame);

/**
 * gmap_unmap() - take all mappings of a range out
 * @touched: called for each page that was mapped, with the lock held; may be NULL
 *
 * Cached translations stay: sie_purge() afterwards.
 */
void gmap_unmap(struct gmap *gmap, gpa_t gpa, uint64_t len,
		void (*touched)(void *arg, uint64_t gfn), void *arg);

/**
 * gmap_set_storage_key() - set the storage key of a guest page
 * @key: bits 0-6 of the key, bit 0 of the byte zero
 *
 * Return: 0, -ENOMEM, -EFAULT beyond the limit.
 */
int gmap_set_storage_key(struct gmap *gmap, gpa_t gpa, uint8_t key);

/**
 * gmap_storage_key() - where the storage key of the page at @gpa under @asce is kept
 * Return: it, good until the end of the gmap; NULL: no page table covers @gpa. No lock needed
 */
_Atomic uint8_t *gmap_storage_key(struct storage *st, uint64_t asce, gpa_t gpa);

/** gmap_get_storage_key() - Return: the key, 0 if it was never set */
uint8_t gmap_get_storage_key(struct gmap *gmap, gpa_t gpa);

/**
 * s390_unlist_old_asce() - take the current top-level table off the list of tables
 *
 * From now on the gmap does not free it. May be repeated.
 */
void s390_unlist_old_asce(struct gmap *gmap);

/** s390_relist_asce() - undo it: the Ultravisor has given the table up */
void s390_relist_asce(struct gmap *gmap);

/**
 * s390_replace_asce() - continue with a copy of the top-level table
 * @old: set to the table used before; it is the caller's now
 *
 * Lower tables are shared by both. On failure the current table stays in use, off the list.
 *
 * Return: 0; -EINVAL: SEGMENT type, whose top-level table cannot be replaced; -ENOMEM.
 */
int s390_replace_asce(struct gmap *gmap, struct gmap_table **old);

/**
 * gmap_reserve_top() - let the next s390_replace_asce() find memory for its table
 *
 * Nothing depends on it: without reserve, memory is got then.
 */
void gmap_reserve_top(struct gmap *gmap);

/** gmap_table_free() - free a table that s390_replace_asce() handed out; NULL is allowed */
void gmap_table_free(struct machine *m, struct gmap_table *table);

/** gmap_table_leak() - give such a table up: the Ultravisor may still use it; NULL is allowed */
void gmap_table_leak(struct machine *m, struct gmap_table *table);

#endif
