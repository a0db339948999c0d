/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Presenting one interrupt: lowcore for an ordinary CPU, SIE block for a protected one. */
#ifndef KVM_DELIVER_H
#define KVM_DELIVER_H

struct kvm_vcpu;

/**
 * kvm_s390_deliver_irq() - take the interrupt from its queue and present it
 * @irq_type: enum irq_types; the CPU is enabled for it
 *
 * Does nothing if another CPU was faster.
 *
 * Return: 0; -EFAULT: the prefix area is not storage; -EINVAL: a protected CPU cannot get it.
 * Context: vcpu->mutex held.
 */
int kvm_s390_deliver_irq(struct kvm_vcpu *vcpu, unsigned int irq_type);

#endif
