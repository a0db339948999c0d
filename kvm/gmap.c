// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest page table. */
#include <errno.h>

#include "host/alloc.h"
#include "kvm/gmap.h"
#include "kvm/kvm_host.h"
#include "kvm/machine_state.h"
#include "protvirt/be.h"

/* Region and segment tables: 2048 entries of 8 bytes */
#define CRST_ENTRIES             2048U
#define CRST_SIZE                (CRST_ENTRIES * 8UL)
#define CRST_INDEX_MASK          (CRST_ENTRIES - 1)
#define _REGION_ENTRY_INVALID    0x20UL
#define _REGION_ENTRY_TYPE_SHIFT 2
#define _REGION_ENTRY_LENGTH     0x03UL
#define _SEGMENT_ENTRY_INVALID   0x20UL
#define _SEGMENT_ENTRY_ORIGIN    (~0x7ffUL)

/* Page tables: 256 entries, and as many status entries (PGSTEs) behind them */
#define PTRS_PER_PTE    256U
#define PAGE_TABLE_SIZE PAGE_SIZE
#define _PAGE_INVALID   0x400UL

#define REGION1_SHIFT 53
#define REGION2_SHIFT 42
#define REGION3_SHIFT 31
#define SEGMENT_SHIFT 20

static unsigned int top_shift(uint64_t asce)
{
	switch (asce & _ASCE_TYPE_MASK) {
	case _ASCE_TYPE_REGION1:
		return REGION1_SHIFT;
	case _ASCE_TYPE_REGION2:
		return REGION2_SHIFT;
	case _ASCE_TYPE_REGION3:
		return REGION3_SHIFT;
	default:
		return SEGMENT_SHIFT;
	}
}

/* Entries are big-endian and read without a lock while they change. */
typedef _Atomic uint64_t entry_t;

static uint64_t entry_load(entry_t *entry)
{
	return be64_get((be64_t){atomic_load_explicit(entry, memory_order_acquire)});
}

static void entry_store(entry_t *entry, uint64_t value)
{
	atomic_store_explicit(entry, be64_make(value).raw, memory_order_release);
}

static entry_t *table_ptr(struct storage *st, abs_t origin, size_t size)
{
	return storage_ptr(st, origin, size);
}

/* ---- tables ---- */

static void table_clear(entry_t *entries, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++)
		atomic_store_explicit(&entries[i], be64_make(value).raw, memory_order_relaxed);
}

/* A table that nothing points to yet. */
static struct gmap_table *gmap_table_alloc(struct machine *m, size_t size, size_t entries,
					   uint64_t empty)
{
	struct gmap_table *table = host_zalloc(sizeof(*table));

	if (!table)
		return NULL;
	table->origin = storage_alloc(m->storage, size, size, ALLOC_TABLE);
	if (!table->origin) {
		host_free(table);
		return NULL;
	}
	table->entries = table_ptr(m->storage, table->origin, size);
	table_clear(table->entries, entries, empty);
	return table;
}

static struct gmap_table *gmap_table_reserve(struct machine *m)
{
	struct gmap_table *table = host_zalloc(sizeof(*table));
	void *entries;

	if (!table)
		return NULL;
	table->reserve = storage_reserve(m->storage, CRST_SIZE, &entries);
	if (!table->reserve) {
		host_free(table);
		return NULL;
	}
	table->entries = entries;
	table_clear(table->entries, CRST_ENTRIES, _REGION_ENTRY_INVALID);
	return table;
}

static void gmap_table_unreserve(struct gmap_table *table)
{
	if (!table)
		return;
	storage_unreserve(table->reserve);
	host_free(table);
}

static void list_table(struct gmap *gmap, struct gmap_table *table)
{
	if (table->listed)
		return;
	LIST_INSERT_HEAD(&gmap->tables, table, link);
	table->listed = true;
}

static void unlist_table(struct gmap_table *table)
{
	if (!table->listed)
		return;
	LIST_REMOVE(table, link);
	table->listed = false;
}

/* From now on the Ultravisor's purges for this table reach the VM. */
static void register_top(struct gmap *gmap, struct gmap_table *table)
{
	table->kvm = gmap->kvm;
	pthread_rwlock_wrlock(&gmap->machine->vm_lock);
	LIST_INSERT_HEAD(&gmap->machine->tops, table, top_link);
	pthread_rwlock_unlock(&gmap->machine->vm_lock);
}

static void unregister_top(struct machine *m, struct gmap_table *table)
{
	if (!table->kvm)
		return;
	pthread_rwlock_wrlock(&m->vm_lock);
	LIST_REMOVE(table, top_link);
	pthread_rwlock_unlock(&m->vm_lock);
	table->kvm = NULL;
}

void gmap_table_free(struct machine *m, struct gmap_table *table)
{
	if (!table)
		return;
	unregister_top(m, table);
	storage_free(m->storage, table->origin);
	host_free(table);
}

void gmap_table_leak(struct machine *m, struct gmap_table *table)
{
	if (!table)
		return;
	unregister_top(m, table);
	storage_leak(m->storage, table->origin);
	host_free(table);
}

/* ---- the gmap ---- */

static uint64_t type_of_limit(uint64_t limit)
{
	if (limit <= 1UL << REGION3_SHIFT)
		return _ASCE_TYPE_SEGMENT;
	if (limit <= 1UL << REGION2_SHIFT)
		return _ASCE_TYPE_REGION3;
	if (limit <= 1UL << REGION1_SHIFT)
		return _ASCE_TYPE_REGION2;
	return _ASCE_TYPE_REGION1;
}

static uint64_t addressable(uint64_t type)
{
	unsigned int shift = top_shift(type) + 11;

	return shift >= 64 ? UINT64_MAX : 1UL << shift;
}

static void gmap_set_top(struct gmap *gmap, struct gmap_table *table, uint64_t type)
{
	gmap->top = table;
	list_table(gmap, table);
	register_top(gmap, table);
	atomic_store(&gmap->asce, table->origin | type | _ASCE_PRIVATE_SPACE | _ASCE_TABLE_LENGTH);
}

struct gmap *gmap_create(struct kvm *kvm, uint64_t limit)
{
	struct gmap *gmap = host_zalloc(sizeof(*gmap));
	uint64_t type = type_of_limit(limit);
	struct gmap_table *top;

	if (!gmap)
		return NULL;
	top = gmap_table_alloc(kvm->machine, CRST_SIZE, CRST_ENTRIES, _REGION_ENTRY_INVALID);
	if (!top) {
		host_free(gmap);
		return NULL;
	}
	gmap->machine = kvm->machine;
	gmap->kvm = kvm;
	gmap->limit = addressable(type);
	pthread_mutex_init(&gmap->lock, NULL);
	LIST_INIT(&gmap->tables);
	gmap_set_top(gmap, top, type);
	return gmap;
}

/* A guest of 8 GiB has 8192: one after the other they take twice as long. */
static void free_tables(struct gmap *gmap)
{
	struct storage *st = gmap->machine->storage;
	abs_t origins[STORAGE_FREE_MANY];
	struct gmap_table *table;
	size_t n = 0;

	storage_gather(st);
	while ((table = LIST_FIRST(&gmap->tables))) {
		unlist_table(table);
		unregister_top(gmap->machine, table);
		origins[n++] = table->origin;
		host_free(table);
		if (n == STORAGE_FREE_MANY || LIST_EMPTY(&gmap->tables)) {
			storage_free_many(st, origins, n);
			n = 0;
		}
	}
	storage_gather_end(st);
}

void gmap_free(struct gmap *gmap)
{
	if (!gmap->top->listed)
		gmap_table_leak(gmap->machine, gmap->top);
	free_tables(gmap);
	gmap_table_unreserve(gmap->reserve);
	pthread_mutex_destroy(&gmap->lock);
	host_free(gmap);
}

/* ---- walking ---- */

/* Where a walk stands: the entry looked at decides what @origin is next. */
static entry_t *crst_entry(struct storage *st, abs_t origin, unsigned int shift, gpa_t gpa)
{
	entry_t *table = table_ptr(st, origin, CRST_SIZE);

	return &table[(gpa >> shift) & CRST_INDEX_MASK];
}

/* The page table that covers @gpa, or NULL. */
static entry_t *walk_to_page_table(struct storage *st, uint64_t asce, gpa_t gpa)
{
	unsigned int shift = top_shift(asce);
	abs_t origin = asce & _ASCE_ORIGIN;

	if (shift < REGION1_SHIFT && gpa >> (shift + 11))
		return NULL;
	for (;; shift -= 11) {
		uint64_t entry = entry_load(crst_entry(st, origin, shift, gpa));

		if (entry & _REGION_ENTRY_INVALID)
			return NULL;
		if (shift == SEGMENT_SHIFT)
			return table_ptr(st, entry & _SEGMENT_ENTRY_ORIGIN, PAGE_TABLE_SIZE);
		origin = entry & _ASCE_ORIGIN;
	}
}

static unsigned int pte_index(gpa_t gpa)
{
	return (gpa >> PAGE_SHIFT) & (PTRS_PER_PTE - 1);
}

int gmap_walk(struct storage *st, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	entry_t *ptes = walk_to_page_table(st, asce, gpa);
	uint64_t pte;

	if (!ptes)
		return -ENXIO;
	pte = entry_load(&ptes[pte_index(gpa)]);
	if (pte & _PAGE_INVALID)
		return -ENXIO;
	*frame = pte & PAGE_MASK;
	return 0;
}

/* ---- changing; gmap->lock held ---- */

/* An entry of the top-level table gets valid. */
static void note_used(struct gmap *gmap, unsigned int index)
{
	if (index >= gmap->used)
		gmap->used = index + 1;
}

/* Put a new lower table under an invalid entry. */
static int populate(struct gmap *gmap, entry_t *entry, unsigned int shift)
{
	uint64_t type = (shift - SEGMENT_SHIFT) / 11;
	struct gmap_table *table;

	if (shift == SEGMENT_SHIFT)
		table = gmap_table_alloc(gmap->machine, PAGE_TABLE_SIZE, PTRS_PER_PTE,
					 _PAGE_INVALID);
	else
		table = gmap_table_alloc(gmap->machine, CRST_SIZE, CRST_ENTRIES,
					 _REGION_ENTRY_INVALID);
	if (!table)
		return -ENOMEM;
	list_table(gmap, table);
	if (shift == SEGMENT_SHIFT)
		entry_store(entry, table->origin);
	else
		entry_store(entry, table->origin | type << _REGION_ENTRY_TYPE_SHIFT |
					   _REGION_ENTRY_LENGTH);
	return 0;
}

/* The page table that covers @gpa, made if it is missing. */
static int make_page_table(struct gmap *gmap, gpa_t gpa, entry_t **ptes)
{
	uint64_t asce = atomic_load(&gmap->asce);
	struct storage *st = gmap->machine->storage;
	abs_t origin = asce & _ASCE_ORIGIN;
	int err;

	if (gpa >= gmap->limit)
		return -EFAULT;
	for (unsigned int shift = top_shift(asce);; shift -= 11) {
		entry_t *entry = crst_entry(st, origin, shift, gpa);

		if (entry_load(entry) & _REGION_ENTRY_INVALID) {
			err = populate(gmap, entry, shift);
			if (err)
				return err;
			if (shift == top_shift(asce))
				note_used(gmap, (gpa >> shift) & CRST_INDEX_MASK);
		}
		if (shift == SEGMENT_SHIFT) {
			*ptes = table_ptr(st, entry_load(entry) & _SEGMENT_ENTRY_ORIGIN,
					  PAGE_TABLE_SIZE);
			return 0;
		}
		origin = entry_load(entry) & _ASCE_ORIGIN;
	}
}

int gmap_link(struct gmap *gmap, gpa_t gpa, abs_t frame)
{
	entry_t *ptes;
	int err;

	pthread_mutex_lock(&gmap->lock);
	err = make_page_table(gmap, gpa, &ptes);
	if (!err)
		entry_store(&ptes[pte_index(gpa)], frame);
	pthread_mutex_unlock(&gmap->lock);
	return err;
}

/* Take the mappings of one page table's part of a range out. */
static void unmap_in_table(entry_t *ptes, gpa_t gpa, gpa_t end,
			   void (*touched)(void *arg, uint64_t gfn), void *arg)
{
	for (; gpa < end; gpa += PAGE_SIZE) {
		entry_t *pte = &ptes[pte_index(gpa)];

		if (entry_load(pte) & _PAGE_INVALID)
			continue;
		entry_store(pte, _PAGE_INVALID);
		if (touched)
			touched(arg, gpa >> PAGE_SHIFT);
	}
}

void gmap_unmap(struct gmap *gmap, gpa_t gpa, uint64_t len,
		void (*touched)(void *arg, uint64_t gfn), void *arg)
{
	gpa_t end = gpa + len, next;

	pthread_mutex_lock(&gmap->lock);
	for (; gpa < end; gpa = next) {
		entry_t *ptes =
			walk_to_page_table(gmap->machine->storage, atomic_load(&gmap->asce), gpa);

		next = (gpa | (SEGMENT_SIZE - 1)) + 1;
		if (next > end)
			next = end;
		if (ptes)
			unmap_in_table(ptes, gpa, next, touched, arg);
	}
	pthread_mutex_unlock(&gmap->lock);
}

/* ---- storage keys: bits 0-7 of the status entry, that is its first byte ---- */

static _Atomic uint8_t *key_ptr(entry_t *ptes, gpa_t gpa)
{
	return (_Atomic uint8_t *)&ptes[PTRS_PER_PTE + pte_index(gpa)];
}

_Atomic uint8_t *gmap_storage_key(struct storage *st, uint64_t asce, gpa_t gpa)
{
	entry_t *ptes = walk_to_page_table(st, asce, gpa);

	return ptes ? key_ptr(ptes, gpa) : NULL;
}

int gmap_set_storage_key(struct gmap *gmap, gpa_t gpa, uint8_t key)
{
	entry_t *ptes;
	int err;

	pthread_mutex_lock(&gmap->lock);
	err = make_page_table(gmap, gpa, &ptes);
	if (!err) {
		atomic_store(key_ptr(ptes, gpa), key);
		atomic_store(&gmap->uses_skeys, true);
	}
	pthread_mutex_unlock(&gmap->lock);
	return err;
}

uint8_t gmap_get_storage_key(struct gmap *gmap, gpa_t gpa)
{
	_Atomic uint8_t *key =
		gmap_storage_key(gmap->machine->storage, atomic_load(&gmap->asce), gpa);

	return key ? atomic_load(key) : 0;
}

/* ---- replacing the top-level table ---- */

void s390_unlist_old_asce(struct gmap *gmap)
{
	pthread_mutex_lock(&gmap->lock);
	unlist_table(gmap->top);
	pthread_mutex_unlock(&gmap->lock);
}

void s390_relist_asce(struct gmap *gmap)
{
	pthread_mutex_lock(&gmap->lock);
	list_table(gmap, gmap->top);
	pthread_mutex_unlock(&gmap->lock);
}

static struct gmap_table *swap_reserve(struct gmap *gmap, struct gmap_table *reserve)
{
	struct gmap_table *before;

	pthread_mutex_lock(&gmap->lock);
	before = gmap->reserve;
	gmap->reserve = reserve;
	pthread_mutex_unlock(&gmap->lock);
	return before;
}

void gmap_reserve_top(struct gmap *gmap)
{
	struct gmap_table *reserve;

	if (gmap_type(gmap) == _ASCE_TYPE_SEGMENT)
		return;
	reserve = swap_reserve(gmap, NULL);
	if (!reserve)
		reserve = gmap_table_reserve(gmap->machine);
	gmap_table_unreserve(swap_reserve(gmap, reserve));
}

/* An empty top-level table. To get its memory takes longer than all else that PREPARE does. */
static struct gmap_table *alloc_top(struct gmap *gmap)
{
	struct gmap_table *table = swap_reserve(gmap, NULL);

	if (!table)
		table = gmap_table_reserve(gmap->machine);
	if (!table)
		return NULL;
	table->origin = storage_alloc_reserved(table->reserve, CRST_SIZE, ALLOC_TABLE);
	if (!table->origin) {
		gmap_table_unreserve(table);
		return NULL;
	}
	table->reserve = NULL;
	return table;
}

static void copy_top(struct gmap *gmap, const struct gmap_table *to)
{
	/* published by the store that puts the new one into the ASCE */
	for (size_t i = 0; i < gmap->used; i++)
		atomic_store_explicit(
			&to->entries[i],
			atomic_load_explicit(&gmap->top->entries[i], memory_order_relaxed),
			memory_order_relaxed);
}

int s390_replace_asce(struct gmap *gmap, struct gmap_table **old)
{
	struct gmap_table *table;

	s390_unlist_old_asce(gmap);
	if (gmap_type(gmap) == _ASCE_TYPE_SEGMENT)
		return -EINVAL;
	table = alloc_top(gmap);
	if (!table)
		return -ENOMEM;
	pthread_mutex_lock(&gmap->lock);
	copy_top(gmap, table);
	*old = gmap->top;
	gmap_set_top(gmap, table, gmap_type(gmap));
	pthread_mutex_unlock(&gmap->lock);
	return 0;
}
