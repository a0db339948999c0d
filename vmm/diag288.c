// SPDX-License-Identifier: GPL-2.0-or-later
/* DIAGNOSE 288: function in the even register R1, seconds behind it, action in R3. */
#include "vmm/diag.h"
#include "vmm/intercept.h"
#include "vmm/watchdog.h"

enum function {
	INIT = 0,
	CHANGE = 1,
	CANCEL = 2,
};

#define ACTION_RESTART 0U /* the only one there is */

static bool execute(struct watchdog *dog, uint64_t function, uint64_t seconds)
{
	switch (function) {
	case INIT:
		return !watchdog_arm(dog, seconds);
	case CHANGE:
		return watchdog_armed(dog) && !watchdog_arm(dog, seconds);
	case CANCEL:
		if (!watchdog_armed(dog))
			return false;
		watchdog_disarm(dog);
		return true;
	default:
		return false;
	}
}

void diag288_handle(struct vcpu *vcpu)
{
	unsigned int r1 = vcpu->run->s390_sieic.ipa >> 4 & 0xf;
	unsigned int r3 = vcpu->run->s390_sieic.ipa & 0xf;

	if (r1 & 1 || vcpu_gpr(vcpu, r3) != ACTION_RESTART ||
	    !execute(vcpu->vm->watchdog, vcpu_gpr(vcpu, r1), vcpu_gpr(vcpu, r1 + 1)))
		vcpu_program_check(vcpu, PGM_SPECIFICATION);
}
