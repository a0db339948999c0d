/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VMM_STSI_H
#define VMM_STSI_H

#include "vmm/vcpu.h"

/**
 * stsi_handle() - KVM has stored level 3 information: 3.2.2 gets the VM's name and UUID
 *
 * Context: the CPU's thread.
 */
void stsi_handle(struct vcpu *vcpu);

#endif
