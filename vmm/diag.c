// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/diag.h"

#include <errno.h>

#include "protvirt/mailbox.h"
#include "vmm/intercept.h"

#define DIAG_WATCHDOG  0x288
#define DIAG_IPL       0x308
#define DIAG_HYPERCALL 0x500

/* Service in register 1, its parameter in 2, where the answer goes. */
static void hypercall(struct vcpu *vcpu)
{
	int64_t answer = -EINVAL;

	if (vcpu_gpr(vcpu, 1) == MAILBOX_SERVICE)
		answer = mailbox_handle(vcpu->vm, vcpu_gpr(vcpu, 2));
	vcpu_set_gpr(vcpu, 2, (uint64_t)answer);
}

void diag_handle(struct vcpu *vcpu)
{
	uint64_t function = intercept_base_disp(vcpu) & 0xffff;

	/* The Ultravisor has looked at a protected guest's state, and shows it to nobody. */
	if (!vcpu->vm->protected && (vcpu->run->psw_mask & PSW_MASK_PROBLEM))
		vcpu_program_check(vcpu, PGM_PRIVILEGED);
	else if (function == DIAG_WATCHDOG)
		diag288_handle(vcpu);
	else if (function == DIAG_IPL)
		diag308_handle(vcpu);
	else if (function == DIAG_HYPERCALL)
		hypercall(vcpu);
	else
		vcpu_program_check(vcpu, PGM_SPECIFICATION);
}
