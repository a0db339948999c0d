/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channel subsystem, in which there is no device. */
#ifndef VMM_CSS_H
#define VMM_CSS_H

#include "vmm/vcpu.h"

/** css_instruction() - is this intercepted instruction one of the channel subsystem's? */
bool css_instruction(uint16_t ipa);

/** css_handle() - the intercepted I/O instruction. Context: the CPU's thread */
void css_handle(struct vcpu *vcpu);

/** css_handle_tsch() - TEST SUBCHANNEL, which has an exit of its own */
void css_handle_tsch(struct vcpu *vcpu);

#endif
