/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What KVM leaves to the VMM when KVM_RUN returns. */
#ifndef VMM_INTERCEPT_H
#define VMM_INTERCEPT_H

#include "vmm/vcpu.h"

/** Interception codes, as in the state description */
#define ICPT_INSTRUCTION 0x04
#define ICPT_PROGRAM     0x08
#define ICPT_EXTERNAL    0x14
#define ICPT_WAIT        0x1c
#define ICPT_STOP        0x28
#define ICPT_OPEREXC     0x2c
#define ICPT_PV_INSTR    0x68
#define ICPT_PV_NOTIFY   0x6c

/** intercept_handle() - do what exit_reason asks for. Context: the CPU's thread */
void intercept_handle(struct vcpu *vcpu);

/** intercept_run_failed() - KVM_RUN returned @error: the guest cannot go on */
void intercept_run_failed(struct vcpu *vcpu, int error);

/** intercept_r1(), intercept_r3() - the register fields of the intercepted instruction */
static inline unsigned int intercept_r1(const struct vcpu *vcpu)
{
	return vcpu->run->s390_sieic.ipa >> 4 & 0xf;
}

static inline unsigned int intercept_r3(const struct vcpu *vcpu)
{
	return vcpu->run->s390_sieic.ipa & 0xf;
}

/** intercept_base_disp() - the second operand's address: base register plus displacement */
static inline uint64_t intercept_base_disp(const struct vcpu *vcpu)
{
	uint32_t ipb = vcpu->run->s390_sieic.ipb;
	unsigned int base = ipb >> 28;

	return (base ? vcpu_gpr(vcpu, base) : 0) + (ipb >> 16 & 0xfff);
}

#endif
