// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The dirty log.
 *
 * Guest stores are not seen one by one: a page counts as dirty if it was mapped
 * since the log was last read. So the log may name pages that were only read,
 * but never misses one.
 */
#include <errno.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/gmap.h"
#include "kvm/kvm_main.h"
#include "kvm/memslots.h"
#include "sie/sie.h"

static void touched(void *arg, uint64_t gfn)
{
	mark_page_dirty(arg, gfn);
}

/* Pages mapped by now are dirty; from now on they have to fault to be mapped again. */
static void harvest(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	gpa_t gpa = slot->base_gfn << PAGE_SHIFT;
	uint64_t len = slot->npages << PAGE_SHIFT;

	gmap_unmap(kvm->arch.gmap, gpa, len, touched, slot);
	sie_purge(kvm->arch.sie, gpa, len);
}

static size_t bitmap_words(const struct kvm_memory_slot *slot)
{
	return (slot->npages + 63) / 64;
}

/* The slot with a bitmap that a request names. */
static int logged_slot(struct kvm *kvm, uint32_t id, struct kvm_memory_slot **slot)
{
	if ((uint16_t)id >= KVM_USER_MEM_SLOTS || id >> 16)
		return -EINVAL;
	*slot = id_to_memslot(kvm->memslots, id);
	return *slot && (*slot)->dirty_bitmap ? 0 : -ENOENT;
}

static long get_dirty_log_locked(struct kvm *kvm, const struct kvm_dirty_log *log)
{
	struct kvm_memory_slot *slot;
	uint64_t *copy;
	long ret = logged_slot(kvm, log->slot, &slot);

	if (ret)
		return ret;
	copy = host_zalloc(bitmap_words(slot) * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	harvest(kvm, slot);
	for (size_t i = 0; i < bitmap_words(slot); i++)
		copy[i] = atomic_exchange(&slot->dirty_bitmap[i], 0);
	ret = copy_to_user(log->padding2, copy, bitmap_words(slot) * sizeof(*copy));
	host_free(copy);
	return ret;
}

long kvm_vm_ioctl_get_dirty_log(struct kvm *kvm, uint64_t arg)
{
	struct kvm_dirty_log log;
	long ret;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	mutex_lock(&kvm->slots_lock);
	ret = get_dirty_log_locked(kvm, &log);
	mutex_unlock(&kvm->slots_lock);
	return ret;
}

static long clear_dirty_log_locked(struct kvm *kvm, const struct kvm_clear_dirty_log *log)
{
	struct kvm_memory_slot *slot;
	uint64_t first = log->first_page / 64, words = (log->num_pages + 63UL) / 64;
	uint64_t *bits;
	long ret = logged_slot(kvm, log->slot, &slot);

	if (ret)
		return ret;
	if (log->first_page > slot->npages || log->num_pages > slot->npages - log->first_page ||
	    (log->num_pages % 64 && log->num_pages < slot->npages - log->first_page))
		return -EINVAL;
	bits = host_zalloc(words * sizeof(*bits));
	if (!bits)
		return -ENOMEM;
	ret = copy_from_user(bits, log->padding2, words * sizeof(*bits));
	harvest(kvm, slot);
	for (uint64_t i = 0; !ret && i < words; i++)
		atomic_fetch_and(&slot->dirty_bitmap[first + i], ~bits[i]);
	host_free(bits);
	return ret;
}

long kvm_vm_ioctl_clear_dirty_log(struct kvm *kvm, uint64_t arg)
{
	struct kvm_clear_dirty_log log;
	long ret;

	if (copy_from_user(&log, arg, sizeof(log)))
		return -EFAULT;
	if (log.first_page % 64)
		return -EINVAL;
	mutex_lock(&kvm->slots_lock);
	ret = clear_dirty_log_locked(kvm, &log);
	mutex_unlock(&kvm->slots_lock);
	return ret;
}
