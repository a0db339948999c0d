// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_S390_GET_SKEYS and KVM_S390_SET_SKEYS. */
#include <errno.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/gmap.h"
#include "kvm/kvm_main.h"
#include "sie/sie.h"

static long get_keys(struct kvm *kvm, const struct kvm_s390_skeys *args, uint8_t *keys)
{
	for (uint64_t i = 0; i < args->count; i++) {
		gpa_t gpa = (args->start_gfn + i) << PAGE_SHIFT;

		if (!kvm_is_gpa_backed(kvm, gpa))
			return -EFAULT;
		keys[i] = gmap_get_storage_key(kvm->arch.gmap, gpa);
	}
	return copy_to_user(args->skeydata_addr, keys, args->count);
}

static long set_keys(struct kvm *kvm, const struct kvm_s390_skeys *args, uint8_t *keys)
{
	if (copy_from_user(keys, args->skeydata_addr, args->count))
		return -EFAULT;
	for (uint64_t i = 0; i < args->count; i++) {
		gpa_t gpa = (args->start_gfn + i) << PAGE_SHIFT;
		int err;

		if (!kvm_is_gpa_backed(kvm, gpa))
			return -EFAULT;
		if (keys[i] & 1)
			return -EINVAL;
		err = gmap_set_storage_key(kvm->arch.gmap, gpa, keys[i]);
		if (err)
			return err;
	}
	return 0;
}

static long handle_keys(struct kvm *kvm, const struct kvm_s390_skeys *args,
			long (*handler)(struct kvm *kvm, const struct kvm_s390_skeys *args,
					uint8_t *keys))
{
	uint8_t *keys;
	long ret;

	if (!args->count || args->count > KVM_S390_SKEYS_MAX)
		return -EINVAL;
	keys = host_zalloc(args->count);
	if (!keys)
		return -ENOMEM;
	mutex_lock(&kvm->slots_lock);
	ret = handler(kvm, args, keys);
	mutex_unlock(&kvm->slots_lock);
	host_free(keys);
	return ret;
}

long kvm_s390_get_skeys(struct kvm *kvm, uint64_t arg)
{
	struct kvm_s390_skeys args;
	bool used;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags)
		return -EINVAL;
	mutex_lock(&kvm->slots_lock);
	used = atomic_load(&kvm->arch.gmap->uses_skeys);
	mutex_unlock(&kvm->slots_lock);
	if (!used)
		return KVM_S390_GET_SKEYS_NONE;
	return handle_keys(kvm, &args, get_keys);
}

long kvm_s390_set_skeys(struct kvm *kvm, uint64_t arg)
{
	struct kvm_s390_skeys args;
	long ret;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.flags)
		return -EINVAL;
	ret = handle_keys(kvm, &args, set_keys);
	sie_purge(kvm->arch.sie, 0, 0); /* what CPUs cached was checked against other keys */
	return ret;
}
