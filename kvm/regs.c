// SPDX-License-Identifier: GPL-2.0-or-later
/* Register ioctls of a vCPU. */
#include <errno.h>
#include <string.h>

#include "host/task.h"
#include "kvm/vcpu.h"

static long get_regs(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_regs regs;

	memcpy(regs.gprs, vcpu->arch.state.gprs, sizeof(regs.gprs));
	return copy_to_user(arg, &regs, sizeof(regs));
}

static long set_regs(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_regs regs;

	if (copy_from_user(&regs, arg, sizeof(regs)))
		return -EFAULT;
	memcpy(vcpu->arch.state.gprs, regs.gprs, sizeof(regs.gprs));
	memcpy(vcpu->run->s.regs.gprs, regs.gprs, sizeof(regs.gprs));
	return 0;
}

static long get_sregs(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_sregs sregs;

	memcpy(sregs.acrs, vcpu->arch.state.acrs, sizeof(sregs.acrs));
	for (unsigned int i = 0; i < 16; i++)
		sregs.crs[i] = guest_cr(vcpu, i);
	return copy_to_user(arg, &sregs, sizeof(sregs));
}

static long set_sregs(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_sregs sregs;

	if (copy_from_user(&sregs, arg, sizeof(sregs)))
		return -EFAULT;
	memcpy(vcpu->arch.state.acrs, sregs.acrs, sizeof(sregs.acrs));
	memcpy(vcpu->run->s.regs.acrs, sregs.acrs, sizeof(sregs.acrs));
	memcpy(vcpu->run->s.regs.crs, sregs.crs, sizeof(sregs.crs));
	for (unsigned int i = 0; i < 16; i++)
		vcpu->arch.sie_block->gcr[i] = be64_make(sregs.crs[i]);
	kvm_make_request(KVM_REQ_TLB_FLUSH, vcpu);
	return 0;
}

static long get_fpu(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_fpu fpu = {.fpc = vcpu->arch.state.fpc};

	memcpy(fpu.fprs, vcpu->arch.state.fprs, sizeof(fpu.fprs));
	return copy_to_user(arg, &fpu, sizeof(fpu));
}

static long set_fpu(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_fpu fpu;

	if (copy_from_user(&fpu, arg, sizeof(fpu)))
		return -EFAULT;
	vcpu->arch.state.fpc = fpu.fpc;
	memcpy(vcpu->arch.state.fprs, fpu.fprs, sizeof(fpu.fprs));
	vcpu->run->s.regs.fpc = fpu.fpc;
	memcpy(vcpu->run->s.regs.fprs, fpu.fprs, sizeof(fpu.fprs));
	return 0;
}

static uint64_t get_pp(const struct kvm_vcpu *vcpu)
{
	be64_t pp;

	memcpy(&pp, vcpu->arch.sie_block->pp, sizeof(pp));
	return be64_get(pp);
}

static void set_pp(struct kvm_vcpu *vcpu, uint64_t value)
{
	be64_t pp = be64_make(value);

	memcpy(vcpu->arch.sie_block->pp, &pp, sizeof(pp));
}

/** one_reg_read() - Return: 0, or -EINVAL for an unknown id */
static int one_reg_read(const struct kvm_vcpu *vcpu, uint64_t id, uint64_t *value)
{
	const struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	switch (id) {
	case KVM_REG_S390_TODPR:
		*value = be32_get(scb->todpr);
		return 0;
	case KVM_REG_S390_EPOCHDIFF:
		*value = atomic_load(&vcpu->kvm->arch.epoch);
		return 0;
	case KVM_REG_S390_CPU_TIMER:
		*value = be64_get(scb->cputm);
		return 0;
	case KVM_REG_S390_CLOCK_COMP:
		*value = be64_get(scb->ckc);
		return 0;
	case KVM_REG_S390_PFTOKEN:
		*value = vcpu->arch.pfault_token;
		return 0;
	case KVM_REG_S390_PFCOMPARE:
		*value = vcpu->arch.pfault_compare;
		return 0;
	case KVM_REG_S390_PFSELECT:
		*value = vcpu->arch.pfault_select;
		return 0;
	case KVM_REG_S390_PP:
		*value = get_pp(vcpu);
		return 0;
	case KVM_REG_S390_GBEA:
		*value = be64_get(scb->gbea);
		return 0;
	default:
		return -EINVAL;
	}
}

static void one_reg_write(struct kvm_vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	switch (id) {
	case KVM_REG_S390_TODPR:
		scb->todpr = be32_make((uint32_t)value);
		break;
	case KVM_REG_S390_EPOCHDIFF:
		atomic_store(&vcpu->kvm->arch.epoch, value); /* one clock for all CPUs */
		break;
	case KVM_REG_S390_CPU_TIMER:
		scb->cputm = be64_make(value);
		break;
	case KVM_REG_S390_CLOCK_COMP:
		scb->ckc = be64_make(value);
		break;
	case KVM_REG_S390_PFTOKEN:
		vcpu->arch.pfault_token = value;
		break;
	case KVM_REG_S390_PFCOMPARE:
		vcpu->arch.pfault_compare = value;
		break;
	case KVM_REG_S390_PFSELECT:
		vcpu->arch.pfault_select = value;
		break;
	case KVM_REG_S390_PP:
		set_pp(vcpu, value);
		break;
	case KVM_REG_S390_GBEA:
		scb->gbea = be64_make(value);
		break;
	}
}

static long one_reg(struct kvm_vcpu *vcpu, uint64_t arg, bool set)
{
	struct kvm_one_reg reg;
	uint64_t value = 0;
	uint32_t word;
	bool is_word;

	if (kvm_s390_pv_cpu_is_protected(vcpu))
		return -EINVAL;
	if (copy_from_user(&reg, arg, sizeof(reg)))
		return -EFAULT;
	if (one_reg_read(vcpu, reg.id, &value))
		return -EINVAL;
	is_word = (reg.id & KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U32;
	word = (uint32_t)value;
	if (!set)
		return copy_to_user(reg.addr, is_word ? (void *)&word : &value, is_word ? 4 : 8);
	if (copy_from_user(is_word ? (void *)&word : &value, reg.addr, is_word ? 4 : 8))
		return -EFAULT;
	one_reg_write(vcpu, reg.id, is_word ? word : value);
	return 0;
}

long kvm_s390_regs_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg)
{
	switch (cmd) {
	case KVM_GET_REGS:
		return get_regs(vcpu, arg);
	case KVM_SET_REGS:
		return set_regs(vcpu, arg);
	case KVM_GET_SREGS:
		return get_sregs(vcpu, arg);
	case KVM_SET_SREGS:
		return set_sregs(vcpu, arg);
	case KVM_GET_FPU:
		return get_fpu(vcpu, arg);
	case KVM_SET_FPU:
		return set_fpu(vcpu, arg);
	case KVM_GET_ONE_REG:
		return one_reg(vcpu, arg, false);
	case KVM_SET_ONE_REG:
		return one_reg(vcpu, arg, true);
	default:
		return -ENOIOCTLCMD;
	}
}
