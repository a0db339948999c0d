/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host may inject into a protected CPU, ultravisor.md 5.2 and 5.4. */
#ifndef UV_INJECTION_H
#define UV_INJECTION_H

#include <stdbool.h>

#include "uv/cpu.h"
#include "uv/sie_block.h"

/**
 * uv_injection_legal() - is the interruption in the state description one that may come now?
 *
 * True if there is none. The guest must be enabled for it. A service signal with an SCCB address
 * needs a service call of the guest that is not answered yet; pending-event bits alone do not.
 * While an earlier one waits for delivery, no other but a restart may come.
 *
 * Context: the CPU's lock; not in SIE.
 */
bool uv_injection_legal(const struct uv_cpu *cpu, const struct kvm_s390_sie_block *scb);

/**
 * uv_injection_accept() - the interruption is going to be delivered
 * Return: false: it was the answer to a service call, and another CPU has just taken that.
 * Context: the CPU's lock; not in SIE.
 */
bool uv_injection_accept(struct uv_cpu *cpu, const struct kvm_s390_sie_block *scb);

#endif
