// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory slots. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/alloc.h"
#include "kvm/gmap.h"
#include "kvm/kvm_host.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"
#include "kvm/uv_host.h"
#include "sie/sie.h"

/* User addresses of a 64-bit process end here, on every architecture that clients run on. */
#define USER_ADDRESS_LIMIT (1UL << 56)

/* ---- readers ---- */

struct kvm_memslots *kvm_memslots_read(struct kvm *kvm)
{
	struct kvm_memslots *slots;

	pthread_mutex_lock(&kvm->memslots_ref);
	slots = kvm->memslots;
	slots->readers++;
	pthread_mutex_unlock(&kvm->memslots_ref);
	return slots;
}

void kvm_memslots_read_end(struct kvm *kvm, struct kvm_memslots *slots)
{
	pthread_mutex_lock(&kvm->memslots_ref);
	if (!--slots->readers)
		pthread_cond_broadcast(&kvm->memslots_idle);
	pthread_mutex_unlock(&kvm->memslots_ref);
}

struct kvm_memory_slot *search_memslots(const struct kvm_memslots *slots, uint64_t gfn)
{
	size_t low = 0, high = slots->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		struct kvm_memory_slot *slot = slots->slots[mid];

		if (gfn < slot->base_gfn)
			high = mid;
		else if (gfn - slot->base_gfn >= slot->npages)
			low = mid + 1;
		else
			return slot;
	}
	return NULL;
}

struct kvm_memory_slot *id_to_memslot(const struct kvm_memslots *slots, uint32_t id)
{
	for (size_t i = 0; i < slots->n; i++) {
		if (slots->slots[i]->id == id)
			return slots->slots[i];
	}
	return NULL;
}

uint64_t memslots_gfn_end(const struct kvm_memslots *slots)
{
	const struct kvm_memory_slot *last;

	if (!slots->n)
		return 0;
	last = slots->slots[slots->n - 1];
	return last->base_gfn + last->npages;
}

abs_t slot_frame(const struct kvm_memory_slot *slot, uint64_t gfn, uint8_t **ordinary)
{
	uint64_t offset = (gfn - slot->base_gfn) << PAGE_SHIFT;
	const struct mm_segment *seg = slot->memory->segs;

	while (offset >= seg->len) {
		offset -= seg->len;
		seg++;
	}
	offset += seg->backing_offset;
	if (ordinary)
		*ordinary = backing_ordinary(seg->b) + offset;
	return backing_abs(seg->b) + offset;
}

void mark_page_dirty(const struct kvm_memory_slot *slot, uint64_t gfn)
{
	uint64_t page = gfn - slot->base_gfn;

	if (slot->dirty_bitmap)
		atomic_fetch_or(&slot->dirty_bitmap[page / 64], 1UL << (page % 64));
}

/* ---- slot objects ---- */

static void put_memory(struct slot_memory *memory)
{
	if (atomic_fetch_sub(&memory->refs, 1) > 1)
		return;
	mm_put_segments(memory->segs, memory->n);
	host_free(memory);
}

static void put_slot(struct kvm_memory_slot *slot)
{
	if (!slot || atomic_fetch_sub(&slot->refs, 1) > 1)
		return;
	if (slot->memory)
		put_memory(slot->memory);
	host_free((void *)slot->dirty_bitmap);
	host_free(slot);
}

static int share_memory(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	struct slot_memory *memory = host_zalloc(sizeof(*memory));
	int err;

	if (!memory)
		return -ENOMEM;
	err = mm_share_range(kvm->mm, slot->uva, slot->npages << PAGE_SHIFT, &memory->segs,
			     &memory->n);
	if (err) {
		host_free(memory);
		return err;
	}
	atomic_store(&memory->refs, 1);
	slot->memory = memory;
	return 0;
}

static int alloc_dirty_bitmap(struct kvm_memory_slot *slot)
{
	slot->dirty_bitmap = host_zalloc((slot->npages + 63) / 64 * sizeof(uint64_t));
	return slot->dirty_bitmap ? 0 : -ENOMEM;
}

/*
 * The slot that @mem asks for, made from @old if there is one: it shows the same memory then. No
 * memory is shared yet for a new one.
 */
static struct kvm_memory_slot *new_slot(const struct kvm_userspace_memory_region *mem,
					const struct kvm_memory_slot *old)
{
	struct kvm_memory_slot *slot = host_zalloc(sizeof(*slot));

	if (!slot)
		return NULL;
	atomic_store(&slot->refs, 1);
	slot->id = mem->slot;
	slot->flags = mem->flags;
	slot->base_gfn = mem->guest_phys_addr >> PAGE_SHIFT;
	slot->npages = mem->memory_size >> PAGE_SHIFT;
	slot->uva = mem->userspace_addr;
	if (old) {
		slot->memory = old->memory;
		atomic_fetch_add(&slot->memory->refs, 1);
	}
	if ((mem->flags & KVM_MEM_LOG_DIRTY_PAGES) && alloc_dirty_bitmap(slot)) {
		put_slot(slot);
		return NULL;
	}
	return slot;
}

/* ---- the table ---- */

static struct kvm_memslots *alloc_memslots(size_t n)
{
	return host_zalloc(sizeof(struct kvm_memslots) + n * sizeof(struct kvm_memory_slot *));
}

static void free_memslots(struct kvm_memslots *slots)
{
	for (size_t i = 0; i < slots->n; i++)
		put_slot(slots->slots[i]);
	host_free(slots);
}

static void table_add(struct kvm_memslots *slots, struct kvm_memory_slot *slot)
{
	size_t at = slots->n++;

	for (; at && slots->slots[at - 1]->base_gfn > slot->base_gfn; at--)
		slots->slots[at] = slots->slots[at - 1];
	slots->slots[at] = slot;
}

/* A copy of the table in which @new (or nothing) stands in place of @old (or nothing). */
static struct kvm_memslots *copy_memslots(const struct kvm_memslots *slots,
					  const struct kvm_memory_slot *old,
					  struct kvm_memory_slot *new)
{
	struct kvm_memslots *copy = alloc_memslots(slots->n + 1);

	if (!copy)
		return NULL;
	for (size_t i = 0; i < slots->n; i++) {
		if (slots->slots[i] == old)
			continue;
		atomic_fetch_add(&slots->slots[i]->refs, 1);
		copy->slots[copy->n++] = slots->slots[i];
	}
	if (new)
		table_add(copy, new);
	return copy;
}

/* Publish a table; returns the old one when nobody reads it any more. */
static struct kvm_memslots *swap_memslots(struct kvm *kvm, struct kvm_memslots *slots)
{
	struct kvm_memslots *old;

	lockdep_assert_held(&kvm->slots_lock);
	pthread_mutex_lock(&kvm->memslots_ref);
	old = kvm->memslots;
	kvm->memslots = slots;
	while (old->readers)
		pthread_cond_wait(&kvm->memslots_idle, &kvm->memslots_ref);
	pthread_mutex_unlock(&kvm->memslots_ref);
	return old;
}

int kvm_memslots_init(struct kvm *kvm)
{
	kvm->memslots = alloc_memslots(0);
	if (!kvm->memslots)
		return -ENOMEM;
	pthread_mutex_init(&kvm->memslots_ref, NULL);
	pthread_cond_init(&kvm->memslots_idle, NULL);
	return 0;
}

void kvm_memslots_destroy(struct kvm *kvm)
{
	assert(!kvm->memslots->readers);
	free_memslots(kvm->memslots);
	pthread_cond_destroy(&kvm->memslots_idle);
	pthread_mutex_destroy(&kvm->memslots_ref);
}

/* ---- KVM_SET_USER_MEMORY_REGION ---- */

enum memslot_change {
	CHANGE_NONE,
	CHANGE_CREATE,
	CHANGE_DELETE,
	CHANGE_MOVE,
	CHANGE_FLAGS,
};

static bool is_aligned(uint64_t value)
{
	return !(value & (PAGE_SIZE - 1));
}

/* Checks 1 and 2 */
static int check_region(const struct kvm_userspace_memory_region *mem)
{
	if ((uint16_t)mem->slot >= KVM_USER_MEM_SLOTS || mem->slot >> 16)
		return -EINVAL;
	if (mem->flags & ~(uint32_t)KVM_MEM_LOG_DIRTY_PAGES)
		return -EINVAL;
	if (!is_aligned(mem->memory_size) || !is_aligned(mem->guest_phys_addr) ||
	    !is_aligned(mem->userspace_addr))
		return -EINVAL;
	if (mem->userspace_addr >= USER_ADDRESS_LIMIT ||
	    mem->memory_size > USER_ADDRESS_LIMIT - mem->userspace_addr)
		return -EINVAL;
	if (mem->guest_phys_addr + mem->memory_size < mem->guest_phys_addr)
		return -EINVAL;
	if (mem->memory_size >> PAGE_SHIFT > KVM_MEM_MAX_NR_PAGES)
		return -EINVAL;
	return 0;
}

/* Checks 3 and 4. Return: enum memslot_change or -EINVAL */
static int classify_change(const struct kvm_userspace_memory_region *mem,
			   const struct kvm_memory_slot *old)
{
	if (!mem->memory_size)
		return old ? CHANGE_DELETE : -EINVAL;
	if (!old)
		return CHANGE_CREATE;
	if (mem->userspace_addr != old->uva || mem->memory_size >> PAGE_SHIFT != old->npages)
		return -EINVAL;
	if (mem->guest_phys_addr >> PAGE_SHIFT != old->base_gfn)
		return CHANGE_MOVE;
	return mem->flags != old->flags ? CHANGE_FLAGS : CHANGE_NONE;
}

/* Check 5 */
static bool overlaps(const struct kvm_memslots *slots, const struct kvm_memory_slot *old,
		     const struct kvm_userspace_memory_region *mem)
{
	uint64_t start = mem->guest_phys_addr >> PAGE_SHIFT;
	uint64_t end = start + (mem->memory_size >> PAGE_SHIFT);

	for (size_t i = 0; i < slots->n; i++) {
		const struct kvm_memory_slot *slot = slots->slots[i];

		if (slot != old && start < slot->base_gfn + slot->npages && slot->base_gfn < end)
			return true;
	}
	return false;
}

/* Checks 7 to 9; 6 is about a kind of VM that is not offered */
static int prepare_region(struct kvm *kvm, const struct kvm_userspace_memory_region *mem,
			  enum memslot_change change)
{
	uint64_t end = mem->guest_phys_addr + mem->memory_size;

	if (kvm_s390_pv_get_handle(kvm))
		return -EINVAL;
	if (change == CHANGE_DELETE || change == CHANGE_FLAGS)
		return 0;
	if (end > kvm->arch.mem_limit || end > kvm->arch.gmap->limit)
		return -EINVAL;
	return 0;
}

static void unmap_slot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	gpa_t gpa = slot->base_gfn << PAGE_SHIFT;
	uint64_t len = slot->npages << PAGE_SHIFT;

	gmap_unmap(kvm->arch.gmap, gpa, len, NULL, NULL);
	sie_purge(kvm->arch.sie, gpa, len);
}

/* Put @new in place of @old. Takes over the reference on @new, also on failure. */
static int install_slot(struct kvm *kvm, struct kvm_memory_slot *old, struct kvm_memory_slot *new,
			enum memslot_change change)
{
	struct kvm_memslots *slots = copy_memslots(kvm->memslots, old, new);

	if (!slots) {
		if (change == CHANGE_CREATE || change == CHANGE_DELETE)
			kvm_uv_host_end_slot(kvm, new ? new : old, new);
		put_slot(new);
		return -ENOMEM;
	}
	slots = swap_memslots(kvm, slots);
	/*
	 * Nobody can map from the old table any more. A slot that is logged from now on must fault
	 * again to be seen.
	 */
	if (change != CHANGE_CREATE)
		unmap_slot(kvm, old);
	if (change == CHANGE_DELETE)
		kvm_uv_host_end_slot(kvm, old, true);
	free_memslots(slots);
	return 0;
}

static int create_memory(struct kvm *kvm, struct kvm_memory_slot *new)
{
	int err = share_memory(kvm, new);

	return err ? err : kvm_uv_host_add_slot(kvm, new);
}

static int change_region(struct kvm *kvm, const struct kvm_userspace_memory_region *mem,
			 struct kvm_memory_slot *old, enum memslot_change change)
{
	struct kvm_memory_slot *new = new_slot(mem, old);
	int err = 0;

	if (!new)
		return -ENOMEM;
	if (change == CHANGE_CREATE)
		err = create_memory(kvm, new);
	if (err) {
		put_slot(new);
		return err;
	}
	return install_slot(kvm, old, new, change);
}

static int delete_region(struct kvm *kvm, struct kvm_memory_slot *old)
{
	int err = kvm_uv_host_retire_slot(kvm, old);

	if (err)
		return err;
	return install_slot(kvm, old, NULL, CHANGE_DELETE);
}

static int set_memory_region_locked(struct kvm *kvm, const struct kvm_userspace_memory_region *mem)
{
	struct kvm_memory_slot *old = id_to_memslot(kvm->memslots, mem->slot);
	int change = classify_change(mem, old);
	int err;

	if (change <= CHANGE_NONE)
		return change;
	if ((change == CHANGE_CREATE || change == CHANGE_MOVE) && overlaps(kvm->memslots, old, mem))
		return -EEXIST;
	err = prepare_region(kvm, mem, (enum memslot_change)change);
	if (err)
		return err;
	if (change == CHANGE_DELETE)
		return delete_region(kvm, old);
	/* Storage of a machine stays where it is */
	if (change == CHANGE_MOVE && kvm->arch.uv_host)
		return -EINVAL;
	return change_region(kvm, mem, old, (enum memslot_change)change);
}

int kvm_set_memory_region(struct kvm *kvm, const struct kvm_userspace_memory_region *mem)
{
	int err = check_region(mem);

	if (err)
		return err;
	mutex_lock(&kvm->slots_lock);
	err = set_memory_region_locked(kvm, mem);
	mutex_unlock(&kvm->slots_lock);
	return err;
}
