// SPDX-License-Identifier: GPL-2.0-or-later
/* Attributes of a VM: memory limit, clock, crypto, migration. */
#include <errno.h>

#include "host/mm.h"
#include "host/task.h"
#include "kvm/gmap.h"
#include "kvm/kvm_main.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"

#define FACILITY_MSA3           76
#define FACILITY_MULTIPLE_EPOCH 139

/* ---- group 0: memory ---- */

/* Under both locks that users of the gmap hold. */
static int replace_gmap(struct kvm *kvm, uint64_t limit)
{
	struct gmap *new, *old = kvm->arch.gmap;

	if (memslots_gfn_end(kvm->memslots) << PAGE_SHIFT > limit)
		return -EBUSY;
	new = gmap_create(kvm, limit);
	if (!new)
		return -ENOMEM;
	kvm->arch.gmap = new;
	kvm->arch.mem_limit = limit;
	gmap_free(old);
	return 0;
}

static int set_mem_limit_locked(struct kvm *kvm, uint64_t limit)
{
	int ret;

	if (limit > kvm->arch.mem_limit)
		return -E2BIG;
	if (!limit)
		return -EINVAL;
	limit = (limit + SEGMENT_SIZE - 1) & ~(SEGMENT_SIZE - 1);
	if (atomic_load(&kvm->online_vcpus))
		return -EBUSY;
	/* A configuration of this VM may use the tables that would be freed. */
	if (atomic_load(&kvm->arch.pv.configs))
		return -EBUSY;
	mutex_lock(&kvm->slots_lock);
	ret = replace_gmap(kvm, limit);
	mutex_unlock(&kvm->slots_lock);
	return ret;
}

int kvm_s390_set_mem_limit(struct kvm *kvm, uint64_t limit)
{
	int ret;

	mutex_lock(&kvm->lock);
	ret = set_mem_limit_locked(kvm, limit);
	mutex_unlock(&kvm->lock);
	return ret;
}

static int set_mem_control(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	uint64_t limit;

	/* CMMA is not a facility of this machine. */
	if (attr->attr != KVM_S390_VM_MEM_LIMIT_SIZE)
		return -ENXIO;
	if (copy_from_user(&limit, attr->addr, sizeof(limit)))
		return -EFAULT;
	return kvm_s390_set_mem_limit(kvm, limit);
}

static int get_mem_control(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	uint64_t limit;

	if (attr->attr != KVM_S390_VM_MEM_LIMIT_SIZE)
		return -ENXIO;
	mutex_lock(&kvm->lock);
	limit = kvm->arch.mem_limit;
	mutex_unlock(&kvm->lock);
	return copy_to_user(attr->addr, &limit, sizeof(limit));
}

/* ---- group 1: clock ---- */

uint64_t kvm_s390_get_tod(const struct kvm *kvm)
{
	return machine_tod() + atomic_load(&kvm->arch.epoch);
}

/* A protected guest's clock is the Ultravisor's business. */
static int set_tod_clock(struct kvm *kvm, uint64_t tod)
{
	int ret = 0;

	mutex_lock(&kvm->lock);
	if (kvm_s390_pv_is_protected(kvm))
		ret = -EOPNOTSUPP;
	else
		atomic_store(&kvm->arch.epoch, tod - machine_tod());
	mutex_unlock(&kvm->lock);
	return ret;
}

static int set_tod_ext(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_vm_tod_clock gtod;

	if (copy_from_user(&gtod, addr, sizeof(gtod)))
		return -EFAULT;
	if (gtod.epoch_idx && !test_kvm_facility(kvm, FACILITY_MULTIPLE_EPOCH))
		return -EINVAL;
	return set_tod_clock(kvm, gtod.tod);
}

static int set_tod(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	uint64_t low;
	uint8_t high;
	int ret;

	if (attr->flags)
		return -EINVAL;
	mutex_lock(&kvm->lock);
	ret = kvm_s390_pv_is_protected(kvm) ? -EOPNOTSUPP : 0;
	mutex_unlock(&kvm->lock);
	if (ret)
		return ret;
	switch (attr->attr) {
	case KVM_S390_VM_TOD_EXT:
		return set_tod_ext(kvm, attr->addr);
	case KVM_S390_VM_TOD_HIGH:
		if (copy_from_user(&high, attr->addr, sizeof(high)))
			return -EFAULT;
		return high ? -EINVAL : 0;
	case KVM_S390_VM_TOD_LOW:
		if (copy_from_user(&low, attr->addr, sizeof(low)))
			return -EFAULT;
		return set_tod_clock(kvm, low);
	default:
		return -ENXIO;
	}
}

static int get_tod(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	struct kvm_s390_vm_tod_clock gtod = {.tod = kvm_s390_get_tod(kvm)};
	uint8_t high = 0;

	if (attr->flags)
		return -EINVAL;
	switch (attr->attr) {
	case KVM_S390_VM_TOD_EXT:
		return copy_to_user(attr->addr, &gtod, sizeof(gtod));
	case KVM_S390_VM_TOD_HIGH:
		return copy_to_user(attr->addr, &high, sizeof(high));
	case KVM_S390_VM_TOD_LOW:
		return copy_to_user(attr->addr, &gtod.tod, sizeof(gtod.tod));
	default:
		return -ENXIO;
	}
}

/* ---- group 2: crypto ---- */

static int set_key_wrapping(struct kvm *kvm, bool *what, bool on)
{
	if (!test_kvm_facility(kvm, FACILITY_MSA3))
		return -EINVAL;
	mutex_lock(&kvm->lock);
	*what = on;
	mutex_unlock(&kvm->lock);
	return 0;
}

static int set_crypto(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	struct kvm_s390_crypto *crypto = &kvm->arch.crypto;

	switch (attr->attr) {
	case KVM_S390_VM_CRYPTO_ENABLE_AES_KW:
	case KVM_S390_VM_CRYPTO_DISABLE_AES_KW:
		return set_key_wrapping(kvm, &crypto->aes_kw,
					attr->attr == KVM_S390_VM_CRYPTO_ENABLE_AES_KW);
	case KVM_S390_VM_CRYPTO_ENABLE_DEA_KW:
	case KVM_S390_VM_CRYPTO_DISABLE_DEA_KW:
		return set_key_wrapping(kvm, &crypto->dea_kw,
					attr->attr == KVM_S390_VM_CRYPTO_ENABLE_DEA_KW);
	case KVM_S390_VM_CRYPTO_ENABLE_APIE:
	case KVM_S390_VM_CRYPTO_DISABLE_APIE:
		return -EOPNOTSUPP; /* no AP bus on this machine */
	default:
		return -ENXIO;
	}
}

/* ---- group 4: migration ---- */

static bool all_slots_logged(struct kvm *kvm)
{
	struct kvm_memslots *slots = kvm_memslots_read(kvm);
	bool logged = slots->n > 0;

	for (size_t i = 0; i < slots->n; i++)
		logged &= slots->slots[i]->dirty_bitmap != NULL;
	kvm_memslots_read_end(kvm, slots);
	return logged;
}

static int set_migration(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	int ret = 0;

	mutex_lock(&kvm->lock);
	switch (attr->attr) {
	case KVM_S390_VM_MIGRATION_START:
		if (all_slots_logged(kvm))
			kvm->arch.migration_mode = true;
		else
			ret = -EINVAL;
		break;
	case KVM_S390_VM_MIGRATION_STOP:
		kvm->arch.migration_mode = false;
		break;
	default:
		ret = -ENXIO;
	}
	mutex_unlock(&kvm->lock);
	return ret;
}

static int get_migration(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	uint64_t mode;

	if (attr->attr != KVM_S390_VM_MIGRATION_STATUS)
		return -ENXIO;
	mutex_lock(&kvm->lock);
	mode = kvm->arch.migration_mode;
	mutex_unlock(&kvm->lock);
	return copy_to_user(attr->addr, &mode, sizeof(mode));
}

/* ---- all groups ---- */

int kvm_s390_vm_set_attr(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_S390_VM_MEM_CTRL:
		return set_mem_control(kvm, attr);
	case KVM_S390_VM_TOD:
		return set_tod(kvm, attr);
	case KVM_S390_VM_CRYPTO:
		return set_crypto(kvm, attr);
	case KVM_S390_VM_CPU_MODEL:
		return kvm_s390_set_cpu_model(kvm, attr);
	case KVM_S390_VM_MIGRATION:
		return set_migration(kvm, attr);
	default:
		return -ENXIO;
	}
}

int kvm_s390_vm_get_attr(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_S390_VM_MEM_CTRL:
		return get_mem_control(kvm, attr);
	case KVM_S390_VM_TOD:
		return get_tod(kvm, attr);
	case KVM_S390_VM_CPU_MODEL:
		return kvm_s390_get_cpu_model(kvm, attr);
	case KVM_S390_VM_MIGRATION:
		return get_migration(kvm, attr);
	default:
		return -ENXIO;
	}
}

static bool has_crypto_attr(uint64_t attr)
{
	/* The AP attributes need an AP bus. */
	return attr <= KVM_S390_VM_CRYPTO_DISABLE_DEA_KW;
}

int kvm_s390_vm_has_attr(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	bool has;

	switch (attr->group) {
	case KVM_S390_VM_MEM_CTRL:
		has = attr->attr == KVM_S390_VM_MEM_LIMIT_SIZE;
		break;
	case KVM_S390_VM_TOD:
		has = attr->attr <= KVM_S390_VM_TOD_EXT;
		break;
	case KVM_S390_VM_CRYPTO:
		has = has_crypto_attr(attr->attr);
		break;
	case KVM_S390_VM_CPU_MODEL:
		has = attr->attr <= KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST;
		break;
	case KVM_S390_VM_MIGRATION:
		has = attr->attr <= KVM_S390_VM_MIGRATION_STATUS;
		break;
	default:
		has = false;
	}
	return has ? 0 : -ENXIO;
}
