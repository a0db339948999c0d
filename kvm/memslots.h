/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory slots: an immutable table, replaced as a whole.
 *
 * Readers hold the table (the analogue of the SRCU read side) and may sleep. A
 * change waits until nobody reads the table it replaced.
 */
#ifndef KVM_MEMSLOTS_H
#define KVM_MEMSLOTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/mm.h"
#include "protvirt/kvm.h"
#include "storage/types.h"

struct kvm;

/** struct slot_memory - what a slot shows; shared by the slots made from each other */
struct slot_memory {
	_Atomic uint32_t refs;
	struct mm_segment *segs;
	size_t n;
};

/**
 * struct kvm_memory_slot - immutable but for the bits of the bitmap
 * @dirty_bitmap: a bit a page, or NULL: not logged
 */
struct kvm_memory_slot {
	_Atomic uint32_t refs;
	uint32_t id;
	uint32_t flags;
	uint64_t base_gfn;
	uint64_t npages;
	uva_t uva;
	struct slot_memory *memory;
	_Atomic uint64_t *dirty_bitmap;
};

/**
 * struct kvm_memslots - the slots of a VM, sorted by base_gfn
 * @readers: under kvm->memslots_ref
 */
struct kvm_memslots {
	uint32_t readers;
	size_t n;
	struct kvm_memory_slot *slots[];
};

/** kvm_memslots_read() - begin to read the current table; never fails */
struct kvm_memslots *kvm_memslots_read(struct kvm *kvm);

/** kvm_memslots_read_end() - the table must not be used any more */
void kvm_memslots_read_end(struct kvm *kvm, struct kvm_memslots *slots);

/** search_memslots() - Return: the slot that shows @gfn, or NULL */
struct kvm_memory_slot *search_memslots(const struct kvm_memslots *slots, uint64_t gfn);

/** id_to_memslot() - Return: the slot with this number, or NULL */
struct kvm_memory_slot *id_to_memslot(const struct kvm_memslots *slots, uint32_t id);

/** slot_frame() - the frame of a page of a slot, and optionally its ordinary storage */
abs_t slot_frame(const struct kvm_memory_slot *slot, uint64_t gfn, uint8_t **ordinary);

/** memslots_gfn_end() - first page after the highest slot */
uint64_t memslots_gfn_end(const struct kvm_memslots *slots);

/** mark_page_dirty() - note a store to @gfn if the slot is logged */
void mark_page_dirty(const struct kvm_memory_slot *slot, uint64_t gfn);

/** kvm_memslots_init() - an empty table. Return: 0 or -ENOMEM */
int kvm_memslots_init(struct kvm *kvm);

/** kvm_memslots_destroy() - at the end of the VM */
void kvm_memslots_destroy(struct kvm *kvm);

/**
 * kvm_set_memory_region() - KVM_SET_USER_MEMORY_REGION, checks in the order of kvm-pv 1.8
 *
 * Slots of a VM with an Ultravisor of its own cannot be moved, and cannot be deleted as long as a
 * page of them is donated, secure or shared.
 *
 * Return: 0; -EINVAL, -EEXIST, -ENOMEM; -EFAULT, -EINTR of mm_share_range(); -EBUSY, see above and
 * kvm_uv_host_add_slot().
 * Context: a task of the VM's mm; takes slots_lock; waits for readers of the old table.
 */
int kvm_set_memory_region(struct kvm *kvm, const struct kvm_userspace_memory_region *mem);

#endif
