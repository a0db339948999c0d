/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told of protected VMs while it happens, and the list of their teardowns.
 *
 * Everything goes into the Ultravisor's trace, where it stands between the calls that it led to,
 * and into the machine's ring of events, which calls cannot push out.
 */
#ifndef KVM_PV_EVENT_H
#define KVM_PV_EVENT_H

#include "kvm/machine_state.h"

struct pv_vm_to_be_destroyed;

/**
 * KVM_UV_EVENT() - tell of something that concerns a VM's active configuration
 * @name: string literal
 * Context: any; never blocks. So are the others here.
 */
void KVM_UV_EVENT(struct kvm *kvm, const char *name, uint16_t rc, uint16_t rrc);

/** pv_event_state() - tell that a configuration changed to @next */
void pv_event_state(struct kvm *kvm, const _Atomic(enum pv_state) *state, enum pv_state next);

/**
 * pv_teardown_add() - a configuration is set aside: its record gets its first state
 * @handle: that it had
 *
 * The record's owner index is valid; from now on status shows it.
 */
void pv_teardown_add(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec, uint64_t handle);

/** pv_teardown_perform() - PERFORM has taken it */
void pv_teardown_perform(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec);

/** pv_teardown_progress() - a part of the walk is done. Told only if pages went meanwhile */
void pv_teardown_progress(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec);

/** pv_teardown_leftover() - a fatal signal ended PERFORM */
void pv_teardown_leftover(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec);

/**
 * pv_teardown_end() - its memory is free; the record is about to be
 *
 * The last call's answer is in the record.
 */
void pv_teardown_end(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec);

#endif
