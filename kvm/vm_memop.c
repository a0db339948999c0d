// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_S390_MEM_OP on a VM: accesses to guest absolute storage. */
#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/gmap.h"
#include "kvm/kvm_main.h"
#include "kvm/memslots.h"

#define PGM_PROTECTION 0x04
#define PGM_ADDRESSING 0x05

#define SKEY_ACC_SHIFT     4
#define SKEY_FETCH_PROTECT 0x08

static int check_mem_op(struct kvm *kvm, struct kvm_s390_mem_op *mop, uint64_t flags)
{
	if (mop->flags & ~flags)
		return -EINVAL;
	if (!mop->size)
		return -EINVAL;
	if (mop->size > MEM_OP_MAX_SIZE)
		return -E2BIG;
	if (kvm_s390_pv_get_handle(kvm))
		return -EINVAL;
	if (!(mop->flags & KVM_S390_MEMOP_F_SKEY_PROTECTION))
		mop->key = 0;
	return mop->key > 0xf ? -EINVAL : 0;
}

/* Key-controlled protection of one page. Return: 0 or a program interruption code */
static int check_key(struct kvm *kvm, gpa_t gpa, uint8_t key, bool store)
{
	uint8_t skey = gmap_get_storage_key(kvm->arch.gmap, gpa);

	if (!key || skey >> SKEY_ACC_SHIFT == key)
		return 0;
	return store || (skey & SKEY_FETCH_PROTECT) ? PGM_PROTECTION : 0;
}

/* May the whole range be accessed? Return: 0 or a program interruption code */
static int check_range(struct kvm *kvm, const struct kvm_s390_mem_op *mop, bool store)
{
	gpa_t last = mop->gaddr + mop->size - 1;

	if (last < mop->gaddr)
		return PGM_ADDRESSING;
	for (gpa_t gpa = mop->gaddr & PAGE_MASK; gpa <= last; gpa += PAGE_SIZE) {
		int code;

		if (!kvm_is_gpa_backed(kvm, gpa))
			return PGM_ADDRESSING;
		code = check_key(kvm, gpa, mop->key, store);
		if (code)
			return code;
	}
	return 0;
}

static long read_absolute(struct kvm *kvm, const struct kvm_s390_mem_op *mop, void *data)
{
	int err = kvm_read_guest_abs(kvm, mop->gaddr, data, mop->size);

	if (err)
		return err == -EFAULT ? PGM_ADDRESSING : err;
	return copy_to_user(mop->buf, data, mop->size);
}

static long write_absolute(struct kvm *kvm, const struct kvm_s390_mem_op *mop, void *data)
{
	int err;

	if (copy_from_user(data, mop->buf, mop->size))
		return -EFAULT;
	err = kvm_write_guest_abs(kvm, mop->gaddr, data, mop->size);
	return err == -EFAULT ? PGM_ADDRESSING : err;
}

static long mem_op_absolute(struct kvm *kvm, struct kvm_s390_mem_op *mop, bool store)
{
	void *data;
	long ret = check_mem_op(kvm, mop,
				KVM_S390_MEMOP_F_CHECK_ONLY | KVM_S390_MEMOP_F_SKEY_PROTECTION);

	if (ret)
		return ret;
	ret = check_range(kvm, mop, store);
	if (ret || (mop->flags & KVM_S390_MEMOP_F_CHECK_ONLY))
		return ret;
	data = host_zalloc(mop->size);
	if (!data)
		return -ENOMEM;
	ret = store ? write_absolute(kvm, mop, data) : read_absolute(kvm, mop, data);
	host_free(data);
	return ret;
}

/* The caller sees by the old value whether the new one was stored. */
static long mem_op_cmpxchg(struct kvm *kvm, struct kvm_s390_mem_op *mop)
{
	uint64_t old[2], new[2];
	long ret = check_mem_op(kvm, mop, KVM_S390_MEMOP_F_SKEY_PROTECTION);

	if (ret)
		return ret;
	if (mop->size > sizeof(new) || (mop->size & (mop->size - 1)))
		return -EINVAL;
	if (copy_from_user(new, mop->buf, mop->size) ||
	    copy_from_user(old, mop->old_addr, mop->size))
		return -EFAULT;
	ret = check_range(kvm, mop, true);
	if (ret)
		return ret;
	ret = kvm_cmpxchg_guest_abs(kvm, mop->gaddr, mop->size, old, new);
	if (ret == -EFAULT)
		return PGM_ADDRESSING;
	if (ret == 0)
		return copy_to_user(mop->old_addr, old, mop->size);
	return ret < 0 ? ret : 0;
}

long kvm_s390_vm_mem_op(struct kvm *kvm, uint64_t arg)
{
	struct kvm_s390_mem_op mop;
	long ret;

	if (copy_from_user(&mop, arg, sizeof(mop)))
		return -EFAULT;
	/* The gmap with its keys must not be replaced meanwhile. */
	mutex_lock(&kvm->slots_lock);
	switch (mop.op) {
	case KVM_S390_MEMOP_ABSOLUTE_READ:
		ret = mem_op_absolute(kvm, &mop, false);
		break;
	case KVM_S390_MEMOP_ABSOLUTE_WRITE:
		ret = mem_op_absolute(kvm, &mop, true);
		break;
	case KVM_S390_MEMOP_ABSOLUTE_CMPXCHG:
		ret = mem_op_cmpxchg(kvm, &mop);
		break;
	default:
		ret = -EINVAL;
	}
	mutex_unlock(&kvm->slots_lock);
	return ret;
}
