// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest absolute storage as the host kernel accesses it: a secure page is
 * exported, or pinned if the guest shares it, and then read or written.
 */
#include <errno.h>
#include <string.h>

#include "kvm/gmap.h"
#include "kvm/kvm_host.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"
#include "kvm/uv_host.h"

/* Guests write while we read, by right: bytes move as relaxed atomics. */
static void copy_guest_bytes(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t i = 0;

	if (!(((uintptr_t)to | (uintptr_t)from) & 7)) {
		for (; i + 8 <= len; i += 8)
			__atomic_store_n((uint64_t *)(void *)(to + i),
					 __atomic_load_n((const uint64_t *)(const void *)(from + i),
							 __ATOMIC_RELAXED),
					 __ATOMIC_RELAXED);
	}
	for (; i < len; i++)
		__atomic_store_n(to + i, __atomic_load_n(from + i, __ATOMIC_RELAXED),
				 __ATOMIC_RELAXED);
}

/* The bytes of a page, accessible to the host. Slots are held by the caller. */
static int host_page(struct kvm *kvm, const struct kvm_memory_slot *slot, uint64_t gfn,
		     uint8_t **bytes)
{
	struct uv *uv = kvm->machine->uv;
	abs_t frame = slot_frame(slot, gfn, NULL);

	if (kvm->arch.uv_host)
		return kvm_uv_host_page(kvm, gfn << PAGE_SHIFT, bytes);
	while (uv_frame_access(uv, NULL, frame, gfn << PAGE_SHIFT, bytes) != UV_ACCESS_OK) {
		if (uv_make_accessible(uv, frame))
			return -EFAULT;
	}
	return 0;
}

enum direction {
	FROM_GUEST,
	TO_GUEST,
};

#define SKEY_REFERENCE 0x04
#define SKEY_CHANGE    0x02

/* The host's accesses go through the same frame, so its storage key sees them */
static void note_access(struct kvm *kvm, gpa_t gpa, enum direction dir)
{
	struct gmap *gmap = kvm->arch.gmap;
	_Atomic uint8_t *key =
		gmap_storage_key(kvm->machine->storage, atomic_load(&gmap->asce), gpa);
	uint8_t bits = SKEY_REFERENCE | (dir == TO_GUEST ? SKEY_CHANGE : 0);

	if (key && (atomic_load(key) & bits) != bits)
		atomic_fetch_or(key, bits);
}

static int access_page(struct kvm *kvm, const struct kvm_memslots *slots, gpa_t gpa, uint8_t *data,
		       size_t len, enum direction dir)
{
	uint64_t gfn = gpa >> PAGE_SHIFT;
	struct kvm_memory_slot *slot = search_memslots(slots, gfn);
	uint8_t *page;
	int err;

	if (!slot)
		return -EFAULT;
	err = host_page(kvm, slot, gfn, &page);
	if (err)
		return err;
	page += gpa & ~PAGE_MASK;
	note_access(kvm, gpa, dir);
	if (dir == FROM_GUEST) {
		copy_guest_bytes(data, page, len);
	} else {
		copy_guest_bytes(page, data, len);
		mark_page_dirty(slot, gfn);
	}
	return 0;
}

static int access_guest_abs(struct kvm *kvm, gpa_t gpa, uint8_t *data, size_t len,
			    enum direction dir)
{
	struct kvm_memslots *slots = kvm_memslots_read(kvm);
	int err = 0;

	while (len && !err) {
		size_t part = PAGE_SIZE - (gpa & ~PAGE_MASK);

		if (part > len)
			part = len;
		err = access_page(kvm, slots, gpa, data, part, dir);
		gpa += part;
		data += part;
		len -= part;
	}
	kvm_memslots_read_end(kvm, slots);
	return err;
}

int kvm_read_guest_abs(struct kvm *kvm, gpa_t gpa, void *data, size_t len)
{
	return access_guest_abs(kvm, gpa, data, len, FROM_GUEST);
}

int kvm_write_guest_abs(struct kvm *kvm, gpa_t gpa, const void *data, size_t len)
{
	return access_guest_abs(kvm, gpa, (uint8_t *)(uintptr_t)data, len, TO_GUEST);
}

bool kvm_is_gpa_backed(struct kvm *kvm, gpa_t gpa)
{
	struct kvm_memslots *slots = kvm_memslots_read(kvm);
	bool backed = search_memslots(slots, gpa >> PAGE_SHIFT);

	kvm_memslots_read_end(kvm, slots);
	return backed;
}

/* ---- compare and swap ---- */

#define CMPXCHG(type, page, old, new)                                                              \
	__atomic_compare_exchange_n((type *)(void *)(page), (type *)(old), *(const type *)(new),   \
				    false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

/* Two doublewords: no host instruction can be relied on, so one lock for all VMs. */
static bool cmpxchg16(uint8_t *page, uint8_t old[16], const uint8_t new[16])
{
	static pthread_mutex_t quadwords = PTHREAD_MUTEX_INITIALIZER;
	uint8_t found[16];
	bool swap;

	pthread_mutex_lock(&quadwords);
	copy_guest_bytes(found, page, sizeof(found));
	swap = !memcmp(found, old, sizeof(found));
	if (swap)
		copy_guest_bytes(page, new, sizeof(found));
	else
		memcpy(old, found, sizeof(found));
	pthread_mutex_unlock(&quadwords);
	return swap;
}

static int cmpxchg_bytes(uint8_t *page, size_t len, void *old, const void *new)
{
	switch (len) {
	case 1:
		return CMPXCHG(uint8_t, page, old, new);
	case 2:
		return CMPXCHG(uint16_t, page, old, new);
	case 4:
		return CMPXCHG(uint32_t, page, old, new);
	case 8:
		return CMPXCHG(uint64_t, page, old, new);
	case 16:
		return cmpxchg16(page, old, new);
	default:
		return -EINVAL;
	}
}

int kvm_cmpxchg_guest_abs(struct kvm *kvm, gpa_t gpa, size_t len, void *old, const void *new)
{
	struct kvm_memslots *slots;
	struct kvm_memory_slot *slot;
	uint8_t *page;
	int ret = -EFAULT;

	if (!len || len > 16 || (gpa & (len - 1)))
		return -EINVAL;
	slots = kvm_memslots_read(kvm);
	slot = search_memslots(slots, gpa >> PAGE_SHIFT);
	if (slot)
		ret = host_page(kvm, slot, gpa >> PAGE_SHIFT, &page) ? -EFAULT : 0;
	if (slot && !ret) {
		note_access(kvm, gpa, TO_GUEST); /* whether it stores or not */
		ret = cmpxchg_bytes(page + (gpa & ~PAGE_MASK), len, old, new);
		if (ret == 1)
			mark_page_dirty(slot, gpa >> PAGE_SHIFT);
	}
	kvm_memslots_read_end(kvm, slots);
	return ret;
}
