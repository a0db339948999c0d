/* SPDX-License-Identifier: MIT */
/* KVM_SET_SIGNAL_MASK: which signals are blocked while a vCPU runs. Bit n - 1 stands for signal n.
 */
#ifndef CLIENT_SIGNAL_MASK_H
#define CLIENT_SIGNAL_MASK_H

#include <signal.h>
#include <stdint.h>

/**
 * signal_mask_set() - remember the mask of a vCPU; the machine has accepted the structure
 * @arg: address of struct kvm_signal_mask, 0: no mask any more
 *
 * Return: 0, -EFAULT, -ENOMEM.
 */
int signal_mask_set(int fd, uint64_t arg);

/** signal_mask_get() - the mask of the vCPU, or @caller */
uint64_t signal_mask_get(int fd, const sigset_t *caller);

#endif
