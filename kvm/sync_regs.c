// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers that travel through the run page.
 *
 * User space writes the page while we read it: each field is read once, and
 * none is believed.
 */
#include <string.h>

#include "kvm/vcpu.h"

#define SYNC_ALWAYS                                                                                \
	(KVM_SYNC_PREFIX | KVM_SYNC_GPRS | KVM_SYNC_ACRS | KVM_SYNC_CRS | KVM_SYNC_ARCH0 |         \
	 KVM_SYNC_PFAULT | KVM_SYNC_FPRS | KVM_SYNC_DIAG318)

void kvm_s390_sync_init(struct kvm_vcpu *vcpu)
{
	vcpu->run->kvm_valid_regs = SYNC_ALWAYS;
}

/** sync_common() - what also reaches a protected CPU */
static void sync_common(struct kvm_vcpu *vcpu, uint64_t dirty)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	const struct kvm_sync_regs *regs = &vcpu->run->s.regs;

	if (dirty & KVM_SYNC_PREFIX)
		kvm_s390_set_prefix(vcpu, regs->prefix & UINT32_MAX);
	if (dirty & KVM_SYNC_GPRS)
		memcpy(vcpu->arch.state.gprs, regs->gprs, sizeof(regs->gprs));
	if (dirty & KVM_SYNC_ACRS)
		memcpy(vcpu->arch.state.acrs, regs->acrs, sizeof(regs->acrs));
	if (dirty & KVM_SYNC_CRS) {
		for (unsigned int i = 0; i < 16; i++)
			scb->gcr[i] = be64_make(regs->crs[i]);
		kvm_make_request(KVM_REQ_TLB_FLUSH, vcpu);
	}
	if (dirty & KVM_SYNC_ARCH0) {
		scb->cputm = be64_make(regs->cputm);
		scb->ckc = be64_make(regs->ckc);
	}
}

/** sync_ordinary() - what belongs to the Ultravisor if the CPU is protected */
static void sync_ordinary(struct kvm_vcpu *vcpu, uint64_t dirty)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	const struct kvm_sync_regs *regs = &vcpu->run->s.regs;

	set_gpsw(vcpu, vcpu->run->psw_mask, vcpu->run->psw_addr);
	if (dirty & KVM_SYNC_ARCH0) {
		be64_t pp = be64_make(regs->pp);

		scb->todpr = be32_make(regs->todpr & UINT32_MAX);
		memcpy(scb->pp, &pp, sizeof(pp));
		scb->gbea = be64_make(regs->gbea);
	}
	if (dirty & KVM_SYNC_FPRS) {
		memcpy(vcpu->arch.state.fprs, regs->fprs, sizeof(regs->fprs));
		vcpu->arch.state.fpc = regs->fpc;
	}
	if (dirty & KVM_SYNC_PFAULT) {
		vcpu->arch.pfault_token = regs->pft;
		vcpu->arch.pfault_select = regs->pfs;
		vcpu->arch.pfault_compare = regs->pfc;
	}
	if (dirty & KVM_SYNC_DIAG318)
		vcpu->arch.diag318_info = regs->diag318;
}

void sync_regs(struct kvm_vcpu *vcpu)
{
	uint64_t dirty = vcpu->run->kvm_dirty_regs;

	sync_common(vcpu, dirty);
	if (kvm_s390_pv_cpu_is_protected(vcpu)) {
		uint64_t cc = vcpu->run->psw_mask & PSW_MASK_CC;

		set_gpsw(vcpu, (gpsw_mask(vcpu) & ~PSW_MASK_CC) | cc, gpsw_addr(vcpu));
	} else {
		sync_ordinary(vcpu, dirty);
	}
	vcpu->run->kvm_dirty_regs = 0;
}

static void store_ordinary(struct kvm_vcpu *vcpu)
{
	const struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	struct kvm_sync_regs *regs = &vcpu->run->s.regs;
	be64_t pp;

	memcpy(&pp, scb->pp, sizeof(pp));
	regs->todpr = be32_get(scb->todpr);
	regs->pp = be64_get(pp);
	regs->gbea = be64_get(scb->gbea);
	memcpy(regs->fprs, vcpu->arch.state.fprs, sizeof(regs->fprs));
	regs->fpc = vcpu->arch.state.fpc;
	regs->pft = vcpu->arch.pfault_token;
	regs->pfs = vcpu->arch.pfault_select;
	regs->pfc = vcpu->arch.pfault_compare;
	regs->diag318 = vcpu->arch.diag318_info;
}

void store_regs(struct kvm_vcpu *vcpu)
{
	const struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	struct kvm_sync_regs *regs = &vcpu->run->s.regs;

	vcpu->run->psw_mask = gpsw_mask(vcpu);
	vcpu->run->psw_addr = gpsw_addr(vcpu);
	regs->prefix = kvm_s390_get_prefix(vcpu);
	memcpy(regs->gprs, vcpu->arch.state.gprs, sizeof(regs->gprs));
	memcpy(regs->acrs, vcpu->arch.state.acrs, sizeof(regs->acrs));
	for (unsigned int i = 0; i < 16; i++)
		regs->crs[i] = guest_cr(vcpu, i);
	regs->cputm = be64_get(scb->cputm);
	regs->ckc = be64_get(scb->ckc);
	if (!kvm_s390_pv_cpu_is_protected(vcpu))
		store_ordinary(vcpu);
}
