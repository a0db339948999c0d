// SPDX-License-Identifier: GPL-2.0-or-later
/* DIAGNOSE functions that KVM does itself; all others are user space's. */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "kvm/uv_host.h"
#include "kvm/vcpu.h"

#define DIAG_RELEASE_PAGES  0x010
#define DIAG_YIELD          0x044
#define DIAG_YIELD_TO       0x09c
#define DIAG_PAGE_REFERENCE 0x258
#define DIAG_IPL_FUNCTIONS  0x308

static unsigned int diag_r1(const struct kvm_vcpu *vcpu)
{
	return be16_get(vcpu->arch.sie_block->ipa) >> 4 & 0xf;
}

static unsigned int diag_r3(const struct kvm_vcpu *vcpu)
{
	return be16_get(vcpu->arch.sie_block->ipa) & 0xf;
}

/**
 * diag_release_pages() - the content of a range of real storage is not needed any more
 *
 * The pages read as zeros afterwards; their memory is not given back.
 */
static int diag_release_pages(struct kvm_vcpu *vcpu)
{
	static const uint8_t zeros[PAGE_SIZE];
	uint64_t start = vcpu->arch.state.gprs[diag_r1(vcpu)];
	uint64_t end = vcpu->arch.state.gprs[diag_r3(vcpu)] + PAGE_SIZE;

	if ((start | end) & ~PAGE_MASK || start >= end || start < 2 * PAGE_SIZE)
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	for (uint64_t page = start; page < end; page += PAGE_SIZE) {
		gpa_t gpa = kvm_s390_real_to_abs(vcpu, page);

		if (!kvm_is_gpa_backed(vcpu->kvm, gpa))
			break;
		if (kvm_uv_host_page(vcpu->kvm, gpa, NULL))
			continue; /* it is not the guest's now */
		if (kvm_write_guest_abs(vcpu->kvm, gpa, zeros, PAGE_SIZE))
			return -EFAULT;
	}
	return 0;
}

static int diag_yield(void)
{
	sched_yield();
	return 0;
}

/** struct pfault_parm - operand of the page-reference function */
struct pfault_parm {
	be16_t code;
	be16_t subcode;
	be16_t parm_len;
	be16_t parm_version;
	be64_t token_addr;
	be64_t select_mask;
	be64_t compare_mask;
	be64_t zarch;
};
_Static_assert(sizeof(struct pfault_parm) == 40, "pfault_parm");

/** pfault_token() - the guest would like to hear of host page faults; none will ever come */
static int pfault_token(struct kvm_vcpu *vcpu, const struct pfault_parm *parm, unsigned int ry)
{
	uint64_t token = be64_get(parm->token_addr);
	bool valid = (token & 7) == 0 && be64_get(parm->zarch) == 0x8000000000000000UL &&
		     !(be64_get(parm->compare_mask) & ~be64_get(parm->select_mask));

	if (be16_get(parm->parm_len) != 5 || !valid)
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	if (!kvm_is_gpa_backed(vcpu->kvm, kvm_s390_real_to_abs(vcpu, token)))
		return kvm_s390_inject_program_int(vcpu, PGM_ADDRESSING);
	if (vcpu->arch.pfault_token != UINT64_MAX) {
		vcpu->arch.state.gprs[ry] = 8; /* established already */
		return 0;
	}
	vcpu->arch.pfault_token = token;
	vcpu->arch.pfault_select = be64_get(parm->select_mask);
	vcpu->arch.pfault_compare = be64_get(parm->compare_mask);
	vcpu->arch.state.gprs[ry] = 0;
	return 0;
}

static int pfault_cancel(struct kvm_vcpu *vcpu, const struct pfault_parm *parm, unsigned int ry)
{
	if (be64_get(parm->token_addr) || be64_get(parm->select_mask) ||
	    be64_get(parm->compare_mask) || be64_get(parm->zarch))
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	vcpu->arch.state.gprs[ry] = vcpu->arch.pfault_token == UINT64_MAX ? 4 : 0;
	vcpu->arch.pfault_token = UINT64_MAX;
	return 0;
}

static int diag_page_reference(struct kvm_vcpu *vcpu)
{
	uint64_t operand = vcpu->arch.state.gprs[diag_r1(vcpu)];
	unsigned int ry = diag_r3(vcpu);
	struct pfault_parm parm;
	int rc;

	if (operand & 7)
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	rc = read_guest(vcpu, operand, (uint8_t)diag_r1(vcpu), &parm, sizeof(parm));
	if (rc)
		return kvm_s390_inject_prog_cond(vcpu, rc);
	if (be16_get(parm.parm_version) != 2 || be16_get(parm.parm_len) < 5 ||
	    be16_get(parm.code) != DIAG_PAGE_REFERENCE)
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	switch (be16_get(parm.subcode)) {
	case 0:
		return pfault_token(vcpu, &parm, ry);
	case 1:
		return pfault_cancel(vcpu, &parm, ry);
	default:
		return -EOPNOTSUPP;
	}
}

/** diag_ipl_functions() - the two subcodes that reset the whole machine */
static int diag_ipl_functions(struct kvm_vcpu *vcpu)
{
	uint64_t flags = KVM_S390_RESET_SUBSYSTEM | KVM_S390_RESET_IPL | KVM_S390_RESET_CPU_INIT;
	int rc = 0;

	switch (vcpu->arch.state.gprs[diag_r3(vcpu)] & 0xffff) {
	case 3:
		flags |= KVM_S390_RESET_CLEAR;
		break;
	case 4:
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (!atomic_load(&vcpu->kvm->arch.user_cpu_state_ctrl))
		rc = kvm_s390_vcpu_stop(vcpu);
	if (rc)
		return rc;
	vcpu->run->s390_reset_flags = flags;
	vcpu->run->exit_reason = KVM_EXIT_S390_RESET;
	return -EREMOTE;
}

int kvm_s390_handle_diag(struct kvm_vcpu *vcpu)
{
	if (gpsw_mask(vcpu) & PSW_MASK_PSTATE)
		return kvm_s390_inject_program_int(vcpu, PGM_PRIVILEGED_OP);
	switch (kvm_s390_get_base_disp_s(vcpu, NULL) & 0xffff) {
	case DIAG_RELEASE_PAGES:
		return diag_release_pages(vcpu);
	case DIAG_YIELD:
	case DIAG_YIELD_TO:
		return diag_yield();
	case DIAG_PAGE_REFERENCE:
		return diag_page_reference(vcpu);
	case DIAG_IPL_FUNCTIONS:
		return diag_ipl_functions(vcpu);
	default:
		return -EOPNOTSUPP;
	}
}
