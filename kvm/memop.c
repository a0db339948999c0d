// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_S390_MEM_OP on a vCPU: logical accesses, and the SIDA of a protected CPU (kvm-pv 1.15). */
#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/vcpu.h"

#define SIDA_SIZE PAGE_SIZE

/* ---- SIDA ---- */

/** sida_read() - through a copy: the Ultravisor owns the page while the CPU runs, not now */
static long sida_read(const struct kvm_vcpu *vcpu, const struct kvm_s390_mem_op *mop)
{
	return copy_to_user(mop->buf, sida_addr(vcpu) + mop->sida_offset, mop->size);
}

static long sida_write(struct kvm_vcpu *vcpu, const struct kvm_s390_mem_op *mop)
{
	return copy_from_user(sida_addr(vcpu) + mop->sida_offset, mop->buf, mop->size);
}

static long memsida_op(struct kvm_vcpu *vcpu, const struct kvm_s390_mem_op *mop)
{
	uint32_t end;

	if (mop->flags || !mop->size)
		return -EINVAL;
	if (__builtin_add_overflow(mop->sida_offset, mop->size, &end))
		return -EINVAL;
	if (end > SIDA_SIZE)
		return -E2BIG;
	if (!kvm_s390_pv_cpu_is_protected(vcpu))
		return -EINVAL;
	return mop->op == KVM_S390_MEMOP_SIDA_READ ? sida_read(vcpu, mop) : sida_write(vcpu, mop);
}

/* ---- logical ---- */

static long logical_check(struct kvm_vcpu *vcpu, const struct kvm_s390_mem_op *mop)
{
	const uint64_t supported = KVM_S390_MEMOP_F_CHECK_ONLY | KVM_S390_MEMOP_F_INJECT_EXCEPTION |
				   KVM_S390_MEMOP_F_SKEY_PROTECTION;

	if ((mop->flags & ~supported) || !mop->size)
		return -EINVAL;
	if (mop->size > MEM_OP_MAX_SIZE)
		return -E2BIG;
	if ((mop->flags & KVM_S390_MEMOP_F_SKEY_PROTECTION) && mop->key > 0xf)
		return -EINVAL;
	if (mop->ar >= 16)
		return -EINVAL;
	return kvm_s390_pv_cpu_is_protected(vcpu) ? -EINVAL : 0;
}

/** logical_copy() - Return: as access_guest(), or -EFAULT for the buffer */
static long logical_copy(struct kvm_vcpu *vcpu, const struct kvm_s390_mem_op *mop, void *buf,
			 uint8_t key)
{
	long rc;

	if (mop->op == KVM_S390_MEMOP_LOGICAL_WRITE) {
		if (copy_from_user(buf, mop->buf, mop->size))
			return -EFAULT;
		return access_guest(vcpu, mop->gaddr, mop->ar, buf, mop->size, GACC_STORE, key);
	}
	rc = access_guest(vcpu, mop->gaddr, mop->ar, buf, mop->size, GACC_FETCH, key);
	return rc ? rc : copy_to_user(mop->buf, buf, mop->size);
}

static long logical_access(struct kvm_vcpu *vcpu, const struct kvm_s390_mem_op *mop)
{
	bool skey = mop->flags & KVM_S390_MEMOP_F_SKEY_PROTECTION;
	uint8_t key = skey ? mop->key : 0;
	void *buf;
	long rc;

	if (mop->flags & KVM_S390_MEMOP_F_CHECK_ONLY)
		return check_gva_range(
			vcpu, mop->gaddr, mop->ar, mop->size,
			mop->op == KVM_S390_MEMOP_LOGICAL_WRITE ? GACC_STORE : GACC_FETCH, key);
	buf = host_zalloc(mop->size);
	if (!buf)
		return -ENOMEM;
	rc = logical_copy(vcpu, mop, buf, key);
	host_free(buf);
	return rc;
}

static long mem_op(struct kvm_vcpu *vcpu, const struct kvm_s390_mem_op *mop)
{
	long rc = logical_check(vcpu, mop);

	if (rc)
		return rc;
	rc = logical_access(vcpu, mop);
	if (rc > 0 && (mop->flags & KVM_S390_MEMOP_F_INJECT_EXCEPTION))
		kvm_s390_inject_prog_irq(vcpu, &vcpu->arch.pgm);
	return rc;
}

long kvm_s390_vcpu_mem_op(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_s390_mem_op mop;

	if (copy_from_user(&mop, arg, sizeof(mop)))
		return -EFAULT;
	switch (mop.op) {
	case KVM_S390_MEMOP_LOGICAL_READ:
	case KVM_S390_MEMOP_LOGICAL_WRITE:
		return mem_op(vcpu, &mop);
	case KVM_S390_MEMOP_SIDA_READ:
	case KVM_S390_MEMOP_SIDA_WRITE:
		return memsida_op(vcpu, &mop);
	default:
		return -EINVAL;
	}
}
