/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DIAGNOSE: the functions that are the VMM's work. */
#ifndef VMM_DIAG_H
#define VMM_DIAG_H

#include "vmm/vcpu.h"

/** diag_handle() - the intercepted DIAGNOSE. Context: the CPU's thread */
void diag_handle(struct vcpu *vcpu);

/** diag308_handle() - IPL functions (diag308.c) */
void diag308_handle(struct vcpu *vcpu);

/** mailbox_handle() - the host's end of <protvirt/mailbox.h>. Return: 0 or a negative errno */
int64_t mailbox_handle(struct vm *vm, uint64_t addr);

/** diag288_handle() - DIAGNOSE 288: watchdog */
void diag288_handle(struct vcpu *vcpu);

#endif
