// SPDX-License-Identifier: GPL-2.0-or-later
/* VMs with an Ultravisor of their own: their making, their slots, their end. */
#include "kvm/uv_host.h"

#include <errno.h>

#include "host/alloc.h"
#include "kvm/kvm_main.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"
#include "kvm/uv_host_state.h"

/* ---- life ---- */

static void free_host(struct kvm_uv_host *host)
{
	if (host->uv)
		uv_destroy(host->uv);
	storage_destroy(host->storage);
	host_free(host);
}

/* The machine's model and its key; INIT_UV is the guest's business. */
static struct kvm_uv_host *new_host(struct kvm *kvm)
{
	struct kvm_uv_host *host = host_zalloc(sizeof(*host));
	struct uv_params params = {
		.model = uv_model(kvm->machine->uv),
		.key_of = kvm->machine->uv,
		.ops = &uv_host_ops,
		.machine = kvm,
	};

	if (!host)
		return NULL;
	LIST_INIT(&host->views);
	host->storage = storage_create();
	params.storage = host->storage;
	if (host->storage)
		host->uv = uv_create(&params);
	if (host->uv)
		return host;
	free_host(host);
	return NULL;
}

static int create_locked(struct kvm *kvm)
{
	struct kvm_uv_host *host;
	int err;

	lockdep_assert_held(&kvm->lock);
	lockdep_assert_held(&kvm->slots_lock);
	if (kvm->arch.uv_host || atomic_load(&kvm->online_vcpus) || kvm->memslots->n)
		return -EBUSY;
	host = new_host(kvm);
	if (!host)
		return -ENOMEM;
	kvm->arch.uv_host = host;
	err = kvm_s390_replace_engine(kvm, host->uv);
	if (err) {
		kvm->arch.uv_host = NULL;
		free_host(host);
		return err;
	}
	kvm_s390_add_facility(kvm, FACILITY_UV_CALL);
	return 0;
}

static int create(struct kvm *kvm)
{
	int err;

	mutex_lock(&kvm->lock);
	mutex_lock(&kvm->slots_lock);
	err = create_locked(kvm);
	mutex_unlock(&kvm->slots_lock);
	mutex_unlock(&kvm->lock);
	return err;
}

/* Frames that configurations have left behind are destroyed like any other. */
static void reset(struct kvm_uv_host *host)
{
	struct uv_host_view *view;

	uv_host_reset(host->uv);
	LIST_FOREACH (view, &host->views, link) {
		uv_destroy_range(host->uv, UV_ANY_OWNER, view->b, 0,
				 backing_size(view->b) / PAGE_SIZE, NULL, NULL);
	}
}

/* No CPU is in KVM_RUN as long as all of them are held, so none is in a call. */
static int reset_locked(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	uint32_t i;

	lockdep_assert_held(&kvm->lock);
	if (!kvm->arch.uv_host)
		return -EINVAL;
	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		mutex_lock(&vcpu->mutex);
	}
	mutex_lock(&kvm->slots_lock);
	reset(kvm->arch.uv_host);
	mutex_unlock(&kvm->slots_lock);
	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		mutex_unlock(&vcpu->mutex);
	}
	return 0;
}

long kvm_s390_enable_uv_host(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	long ret = -EINVAL;

	if (!is_prot_virt_host(kvm->machine))
		return -EINVAL;
	if (cap->args[0] == KVM_PROTVIRT_UV_HOST_CREATE)
		return create(kvm);
	if (cap->args[0] == KVM_PROTVIRT_UV_HOST_RESET) {
		mutex_lock(&kvm->lock);
		ret = reset_locked(kvm);
		mutex_unlock(&kvm->lock);
	}
	return ret;
}

static void drop_view(struct uv_host_view *view)
{
	LIST_REMOVE(view, link);
	backing_put(view->b);
	host_free(view);
}

void kvm_uv_host_destroy(struct kvm *kvm)
{
	struct kvm_uv_host *host = kvm->arch.uv_host;
	struct uv_host_view *view;

	if (!host)
		return;
	reset(host);
	while ((view = LIST_FIRST(&host->views)))
		drop_view(view);
	kvm->arch.uv_host = NULL;
	free_host(host);
}

/* ---- slots ---- */

static bool is_of_slot(const struct uv_host_view *view, const struct kvm_memory_slot *slot)
{
	uint64_t gfn = backing_abs(view->b) >> PAGE_SHIFT;

	return gfn >= slot->base_gfn && gfn - slot->base_gfn < slot->npages;
}

static int add_segment(struct kvm *kvm, const struct mm_segment *seg, gpa_t gpa)
{
	struct kvm_uv_host *host = kvm->arch.uv_host;
	struct uv_host_view *view = host_zalloc(sizeof(*view));
	int err;

	if (!view)
		return -ENOMEM;
	view->b = backing_create_view(host->storage, seg->b, seg->backing_offset, seg->len, gpa);
	if (!view->b) {
		err = -errno;
		host_free(view);
		return err;
	}
	LIST_INSERT_HEAD(&host->views, view, link);
	return 0;
}

int kvm_uv_host_add_slot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	gpa_t gpa = slot->base_gfn << PAGE_SHIFT;
	int err = 0;

	lockdep_assert_held(&kvm->slots_lock);
	for (size_t i = 0; kvm->arch.uv_host && i < slot->memory->n && !err; i++) {
		err = add_segment(kvm, &slot->memory->segs[i], gpa);
		gpa += slot->memory->segs[i].len;
	}
	if (err)
		kvm_uv_host_end_slot(kvm, slot, true);
	return err;
}

int kvm_uv_host_retire_slot(struct kvm *kvm, const struct kvm_memory_slot *slot)
{
	struct kvm_uv_host *host = kvm->arch.uv_host;
	struct uv_host_view *view;
	int err = 0;

	lockdep_assert_held(&kvm->slots_lock);
	if (!host)
		return 0;
	LIST_FOREACH (view, &host->views, link) {
		if (!err && is_of_slot(view, slot))
			err = backing_retire_view(view->b);
	}
	if (err)
		kvm_uv_host_end_slot(kvm, slot, false);
	return err;
}

void kvm_uv_host_end_slot(struct kvm *kvm, const struct kvm_memory_slot *slot, bool gone)
{
	struct kvm_uv_host *host = kvm->arch.uv_host;
	struct uv_host_view *view, *next;

	lockdep_assert_held(&kvm->slots_lock);
	for (view = host ? LIST_FIRST(&host->views) : NULL; view; view = next) {
		next = LIST_NEXT(view, link);
		if (!is_of_slot(view, slot))
			continue;
		if (gone)
			drop_view(view);
		else
			backing_unbar(view->b);
	}
}

/* ---- accesses ---- */

int kvm_uv_host_page(struct kvm *kvm, gpa_t gpa, uint8_t **bytes)
{
	uint8_t *unused;

	if (!kvm->arch.uv_host)
		return 0;
	return (int)uv_frame_access(kvm->arch.uv_host->uv, NULL, gpa & PAGE_MASK, gpa & PAGE_MASK,
				    bytes ? bytes : &unused);
}
