// SPDX-License-Identifier: GPL-2.0-or-later
/* The active configuration of a VM: from CREATE_SEC_CONF to DESTROY_SEC_CONF. */
#include <errno.h>
#include <string.h>

#include "host/mm.h"
#include "kvm/gmap.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"
#include "kvm/pv.h"
#include "kvm/pv_event.h"

/* Flags of CREATE_SEC_CONF */
#define CGC_FLAG_AP_INSTR_INTR  0x0002
#define CGC_FLAG_AP_ALLOW_INSTR 0x0001

void kvm_s390_pv_assert_locked(const struct kvm *kvm)
{
	if (atomic_load(&kvm->users))
		lockdep_assert_held(&kvm->lock);
}

void kvm_s390_pv_set_state(struct kvm *kvm, _Atomic(enum pv_state) *state, enum pv_state next)
{
	_Atomic uint64_t *configs = kvm->machine->pv_configs;
	enum pv_state last = atomic_exchange(state, next);

	if (next != PV_NONE) {
		atomic_fetch_add(&configs[next], 1);
		atomic_fetch_add(&kvm->arch.pv.configs, 1);
	}
	if (last != PV_NONE) {
		atomic_fetch_sub(&configs[last], 1);
		atomic_fetch_sub(&kvm->arch.pv.configs, 1);
	}
	if (last != next)
		pv_event_state(kvm, state, next);
}

/* The struct is not zeroed as a whole: set_aside, the list and the notifier outlive it. */
void kvm_s390_clear_pv_state(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	kvm_s390_pv_set_state(kvm, &pv->state, PV_NONE);
	atomic_store(&pv->ran_ordinary, false); /* with a handle none does */
	atomic_store(&pv->handle, 0);
	pv->owner = UV_OWNER_NONE;
	pv->guest_len = 0;
	pv->stor_base = 0;
	pv->stor_var = 0;
	pv->stuck_table = NULL;
	/* A dump ends with its configuration: its CPUs would stay blocked for ever. */
	if (atomic_exchange(&pv->dumping, false))
		kvm_s390_vcpu_unblock_all(kvm);
}

static void free_storages(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	storage_free(kvm->machine->storage, pv->stor_base);
	storage_free(kvm->machine->storage, pv->stor_var);
	pv->stor_base = 0;
	pv->stor_var = 0;
}

/* The Ultravisor has given up the active configuration: what it used is ours again. */
static void free_given_back(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	gmap_table_free(kvm->machine, pv->stuck_table);
	pv->stuck_table = NULL;
	s390_relist_asce(kvm->arch.gmap);
	free_storages(kvm);
}

/* For a configuration that the Ultravisor never had. */
static void kvm_s390_pv_dealloc_vm(struct kvm *kvm)
{
	free_storages(kvm);
	kvm_s390_clear_pv_state(kvm);
}

/* End of the highest slot; a guest's storage is counted in whole MiB. */
static uint64_t guest_storage_len(struct kvm *kvm)
{
	uint64_t len;

	lockdep_assert_held(&kvm->slots_lock);
	len = memslots_gfn_end(kvm->memslots) << PAGE_SHIFT;
	return (len + SEGMENT_SIZE - 1) & ~(SEGMENT_SIZE - 1);
}

static int kvm_s390_pv_alloc_vm(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;
	const struct uv_info *info = &kvm->machine->info;
	struct storage *st = kvm->machine->storage;
	uint64_t var_len;

	pv->stor_base =
		storage_alloc(st, info->guest_base_stor_len, 4 * PAGE_SIZE, ALLOC_CONF_BASE);
	if (!pv->stor_base)
		return -ENOMEM;
	pv->guest_len = guest_storage_len(kvm);
	var_len = info->guest_virt_var_stor_len * (pv->guest_len / SEGMENT_SIZE);
	var_len = (var_len + PAGE_SIZE - 1) & PAGE_MASK;
	var_len += info->guest_virt_base_stor_len;
	pv->stor_var = storage_alloc(st, var_len, PAGE_SIZE, ALLOC_CONF_VAR);
	if (!pv->stor_var) {
		kvm_s390_pv_dealloc_vm(kvm);
		return -ENOMEM;
	}
	return 0;
}

/* Bits 14 and 15 of the flags follow the guest's UV features. */
static uint16_t conf_flags(const struct kvm *kvm)
{
	uint64_t feat = kvm->arch.model.uv_feat_guest;
	uint16_t flags = 0;

	if (feat & (1UL << (63 - KVM_S390_VM_CPU_UV_FEAT_AP)))
		flags |= CGC_FLAG_AP_ALLOW_INSTR;
	if (feat & (1UL << (63 - KVM_S390_VM_CPU_UV_FEAT_AP_INTR)))
		flags |= CGC_FLAG_AP_INSTR_INTR;
	return flags;
}

/* CREATE_SEC_CONF; what it answered decides who frees what. */
static int create_sec_conf(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	struct machine *m = kvm->machine;
	struct kvm_s390_pv *pv = &kvm->arch.pv;
	struct uv_cb_cgc uvcb = {
		.header.cmd = be16_make(UVC_CMD_CREATE_SEC_CONF),
		.header.len = be16_make(sizeof(uvcb)),
		.guest_stor_origin = be64_make(0), /* MSO is 0 for KVM */
		.guest_stor_len = be64_make(pv->guest_len),
		.guest_asce = be64_make(kvm_gmap_asce(kvm)),
		.guest_sca = be64_make(kvm->arch.sca),
		.conf_base_stor_origin = be64_make(pv->stor_base),
		.conf_virt_stor_origin = be64_make(pv->stor_var),
		.flags = be16_make(conf_flags(kvm)),
	};
	enum uv_cc cc = uv_call_sched(m->uv, &uvcb, sizeof(uvcb));

	*rc = be16_get(uvcb.header.rc);
	*rrc = be16_get(uvcb.header.rrc);
	/* From here on a page may be secure, whatever else went wrong. */
	atomic_store(&pv->handle, be64_get(uvcb.guest_handle));
	atomic_fetch_add(mm_protected_count(kvm->mm), 1);
	kvm_s390_pv_set_state(kvm, &pv->state, PV_ACTIVE);
	if (cc == UV_CC_OK) {
		pv->owner = uv_config_owner(m->uv, be64_get(uvcb.guest_handle));
		return 0;
	}
	/* Without a handle there is nothing that could be destroyed, whatever the answer says. */
	if (*rc & UVC_RC_NEED_DESTROY && kvm_s390_pv_get_handle(kvm)) {
		pv->owner = uv_config_owner(m->uv, be64_get(uvcb.guest_handle));
		kvm_s390_pv_undo_init_vm(kvm);
	} else {
		atomic_fetch_sub(mm_protected_count(kvm->mm), 1);
		kvm_s390_pv_dealloc_vm(kvm);
	}
	return -EIO;
}

int kvm_s390_pv_init_vm(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	int err;

	lockdep_assert_held(&kvm->lock);
	err = kvm_s390_pv_register_notifier(kvm);
	if (err)
		return err;
	/* Until the handle stands no slot may grow beyond what the storage is made for. */
	mutex_lock(&kvm->slots_lock);
	err = kvm_s390_pv_alloc_vm(kvm);
	if (!err)
		err = create_sec_conf(kvm, rc, rrc);
	mutex_unlock(&kvm->slots_lock);
	if (!err)
		kvm_s390_pv_reserve(kvm);
	return err;
}

/*
 * The Ultravisor may go on using the top-level table it was given, so the VM continues with a copy.
 * If there is none the table is off the gmap's list and will not be freed with it.
 */
static void keep_stuck_table(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	if (!pv->stuck_table && !s390_replace_asce(kvm->arch.gmap, &pv->stuck_table))
		KVM_UV_EVENT(kvm, "asce-replaced", 0, 0);
	kvm_s390_pv_set_state(kvm, &pv->state, PV_STUCK);
}

int kvm_s390_pv_deinit_vm(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	struct uv *uv = kvm->machine->uv;

	kvm_s390_pv_assert_locked(kvm);
	if (uv_cmd_nodata(uv, kvm_s390_pv_get_handle(kvm), UVC_CMD_DESTROY_SEC_CONF, rc, rrc)) {
		keep_stuck_table(kvm);
		return -EIO;
	}
	atomic_fetch_sub(mm_protected_count(kvm->mm), 1);
	free_given_back(kvm);
	kvm_s390_clear_pv_state(kvm);
	return 0;
}

void kvm_s390_pv_undo_init_vm(struct kvm *kvm)
{
	uint32_t owner = kvm->arch.pv.owner;
	uint16_t rc, rrc;

	if (!kvm_s390_pv_deinit_vm(kvm, &rc, &rrc))
		uv_owner_put(kvm->machine->uv, owner);
}

int kvm_s390_pv_deinit_vm_fast(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	struct uv_cb_destroy_fast uvcb = {
		.header.cmd = be16_make(UVC_CMD_DESTROY_SEC_CONF_FAST),
		.header.len = be16_make(sizeof(uvcb)),
		.handle = be64_make(kvm_s390_pv_get_handle(kvm)),
	};
	enum uv_cc cc = uv_call_sched(kvm->machine->uv, &uvcb, sizeof(uvcb));

	*rc = be16_get(uvcb.header.rc);
	*rrc = be16_get(uvcb.header.rrc);
	if (cc != UV_CC_OK)
		return -EIO;
	free_given_back(kvm);
	return 0;
}

void kvm_s390_pv_leak_vm(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;
	struct machine *m = kvm->machine;

	uv_owner_put(m->uv, pv->owner);
	storage_leak(m->storage, pv->stor_base);
	storage_leak(m->storage, pv->stor_var);
	gmap_table_leak(m, pv->stuck_table);
	kvm_s390_pv_set_state(kvm, &pv->state, PV_LEAKED);
	atomic_store(&pv->handle, 0);
}

/* ---- the end of the address space ---- */

/*
 * With the CPUs gone the pages that are about to leave the address space can be destroyed, which is
 * much faster than exporting them. Nobody else can use this VM any more. What was set aside, the
 * leftovers and the count stay: the count must not fall before the pages are gone.
 */
static void kvm_s390_pv_mmu_notifier_release(struct mmu_notifier *n, struct mm *mm)
{
	struct kvm *kvm = (struct kvm *)((char *)n - offsetof(struct kvm, arch.pv.mmu_notifier));
	struct machine *m = kvm->machine;
	struct kvm_s390_pv *pv = &kvm->arch.pv;
	uint32_t owner = pv->owner;
	uint16_t rc, rrc;
	int err;

	/* Set aside before, or this is the second time: a worker had kept the address space. */
	if (!kvm_s390_pv_get_handle(kvm))
		return;
	KVM_UV_EVENT(kvm, "address-space-end", 0, 0);
	err = kvm_s390_cpus_from_pv(kvm, &rc, &rrc);
	if (atomic_load(&pv->state) == PV_ACTIVE)
		kvm_s390_pv_set_state(kvm, &pv->state, PV_HALF);
	if (!err && uv_has_call(&m->info, BIT_UVC_CMD_DESTROY_SEC_CONF_FAST) &&
	    !kvm_s390_pv_deinit_vm_fast(kvm, &rc, &rrc)) {
		kvm_s390_clear_pv_state(kvm);
		uv_owner_put(m->uv, owner);
	}
}

int kvm_s390_pv_register_notifier(struct kvm *kvm)
{
	struct mmu_notifier *n = &kvm->arch.pv.mmu_notifier;
	int err;

	lockdep_assert_held(&kvm->lock);
	if (n->release)
		return 0;
	n->release = kvm_s390_pv_mmu_notifier_release;
	err = mmu_notifier_register(n, kvm->mm);
	if (err)
		n->release = NULL; /* the next ENABLE tries again */
	return err;
}

void kvm_s390_pv_unregister_notifier(struct kvm *kvm)
{
	struct mmu_notifier *n = &kvm->arch.pv.mmu_notifier;

	if (!n->release)
		return;
	mmu_notifier_unregister(n);
	n->release = NULL;
}
