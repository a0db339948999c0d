// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults on guest storage: map, take from a former owner, import. */
#include <errno.h>
#include <sched.h>

#include "host/mm.h"
#include "host/task.h"
#include "kvm/faultin.h"
#include "kvm/gmap.h"
#include "kvm/kvm_host.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"
#include "sie/sie.h"

static int current_task_killed(void)
{
	struct task *t = current_task();

	return t && fatal_signal_pending(t) ? -EINTR : 0;
}

/*
 * The table of slots is held until the entry stands, so that a slot which is taken away finds and
 * removes it.
 */
int kvm_s390_faultin_gfn(struct kvm *kvm, gpa_t gpa)
{
	struct kvm_memslots *slots;
	struct kvm_memory_slot *slot;
	int err = current_task_killed();

	if (err)
		return err;
	slots = kvm_memslots_read(kvm);
	slot = search_memslots(slots, gpa >> PAGE_SHIFT);
	if (slot)
		err = gmap_link(kvm->arch.gmap, gpa & PAGE_MASK,
				slot_frame(slot, gpa >> PAGE_SHIFT, NULL));
	else
		err = -EFAULT;
	kvm_memslots_read_end(kvm, slots);
	return err;
}

static int destroy_or_export(struct uv *uv, abs_t frame)
{
	if (!uv_destroy_folio(uv, frame))
		return 0;
	/* Its owner has CPUs: somebody imported it meanwhile, or it is another VM's. */
	return uv_convert_from_secure(uv, frame) ? -EFAULT : 0;
}

/*
 * A page of an earlier protected life of this memory, or of another VM that shares it. The table of
 * slots is held over the calls: its address must not become somebody else's meanwhile.
 */
static int take_from_former_owner(struct kvm *kvm, gpa_t gpa)
{
	struct kvm_memslots *slots = kvm_memslots_read(kvm);
	struct kvm_memory_slot *slot = search_memslots(slots, gpa >> PAGE_SHIFT);
	int err = -EFAULT;

	if (slot)
		err = destroy_or_export(kvm->machine->uv,
					slot_frame(slot, gpa >> PAGE_SHIFT, NULL));
	kvm_memslots_read_end(kvm, slots);
	return err;
}

int kvm_s390_handle_fault(struct kvm *kvm, const struct sie_fault *fault)
{
	switch (fault->code) {
	case 0:
		return kvm_s390_faultin_gfn(kvm, fault->gpa);
	case UV_ACCESS_SECURE:
	case UV_ACCESS_VIOLATION:
		return take_from_former_owner(kvm, fault->gpa);
	case UV_ACCESS_NOT_SECURE:
		return kvm_s390_import_page(kvm, fault->gpa);
	default:
		return -EFAULT;
	}
}

/*
 * With a second configuration in the address space the page may be shared by another guest, which
 * raises no exception that would take it away. The Ultravisor can move it by itself if it has MISC.
 */
static bool needs_export_before_import(struct kvm *kvm)
{
	return atomic_load(mm_protected_count(kvm->mm)) > 1 &&
	       !uv_has_feature(&kvm->machine->info, BIT_UV_FEAT_MISC);
}

static int make_secure_locked(struct kvm *kvm, gpa_t gpa, struct uv_cb_header *uvcb, size_t size)
{
	abs_t frame;

	lockdep_assert_held(&kvm->arch.import_lock);
	/*
	 * A stuck configuration keeps the table it was made with, and the VM goes on with a copy:
	 * what is mapped now the Ultravisor may never see, and would ask for it again and again.
	 */
	if (atomic_load(&kvm->arch.pv.state) == PV_STUCK)
		return -EINVAL;
	if (gmap_walk(kvm->machine->storage, kvm_gmap_asce(kvm), gpa, &frame))
		return -ENXIO;
	if (needs_export_before_import(kvm))
		uv_convert_from_secure(kvm->machine->uv, frame);
	return uv_make_secure(kvm->machine->uv, uvcb, size);
}

int gmap_make_secure(struct kvm *kvm, gpa_t gpa, struct uv_cb_header *uvcb, size_t size)
{
	struct kvm_memslots *slots = kvm_memslots_read(kvm);
	int err;

	mutex_lock(&kvm->arch.import_lock);
	err = make_secure_locked(kvm, gpa, uvcb, size);
	mutex_unlock(&kvm->arch.import_lock);
	kvm_memslots_read_end(kvm, slots);
	if (err == -EAGAIN)
		sched_yield();
	return err;
}

static int import_once(struct kvm *kvm, gpa_t gpa)
{
	struct uv_cb_cts uvcb = {
		.header.cmd = be16_make(UVC_CMD_CONV_TO_SEC_STOR),
		.header.len = be16_make(sizeof(uvcb)),
		.guest_handle = be64_make(kvm_s390_pv_get_handle(kvm)),
		.gaddr = be64_make(gpa),
	};

	return gmap_make_secure(kvm, gpa, &uvcb.header, sizeof(uvcb));
}

int kvm_s390_import_page(struct kvm *kvm, gpa_t gpa)
{
	int err;

	gpa &= PAGE_MASK;
	for (;;) {
		err = import_once(kvm, gpa);
		if (err == -ENXIO)
			err = kvm_s390_faultin_gfn(kvm, gpa);
		else if (err != -EAGAIN)
			return err;
		if (err && err != -EAGAIN)
			return err;
		if (current_task_killed())
			return -EINTR;
	}
}
