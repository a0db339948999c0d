/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIGNAL PROCESSOR: the orders that KVM leaves to the VMM. */
#ifndef VMM_SIGP_H
#define VMM_SIGP_H

#include "vmm/vcpu.h"

/** sigp_handle() - the intercepted SIGP. Context: the CPU's thread */
void sigp_handle(struct vcpu *vcpu);

#endif
