/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VM that is a machine of its own: it has an Ultravisor, which its guest calls as a hypervisor.
 *
 * Its storage has the guest's absolute addresses. What its slots show are views there
 * (backing_create_view()), with words and a secure store of their own; the frames of the machine
 * below stay ordinary.
 */
#ifndef KVM_UV_HOST_H
#define KVM_UV_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/types.h"

struct kvm;
struct kvm_enable_cap;
struct kvm_memory_slot;
struct kvm_uv_host;
struct kvm_vcpu;

/** FACILITY_UV_CALL - the Ultravisor call exists */
#define FACILITY_UV_CALL 158

/**
 * kvm_s390_enable_uv_host() - KVM_CAP_PROTVIRT_UV_HOST
 * @cap: args[0]: KVM_PROTVIRT_UV_HOST_CREATE or _RESET
 *
 * Return: 0; -EINVAL: KVM does not use an Ultravisor, the VM has none yet (reset), unknown
 * argument; -EBUSY: there are CPUs or slots, or it has one already (create); -ENOMEM. Context:
 * takes kvm->lock, each vcpu->mutex and slots_lock.
 */
long kvm_s390_enable_uv_host(struct kvm *kvm, const struct kvm_enable_cap *cap);

/** kvm_uv_host_destroy() - all of it goes. Context: end of the VM, no CPU is left; may be none */
void kvm_uv_host_destroy(struct kvm *kvm);

/**
 * kvm_uv_host_add_slot() - its memory is storage of the guest's Ultravisor from now on
 *
 * Return: 0; -EBUSY: the memory is another such VM's or shown twice, or an Ultravisor below has a
 * page of it; -EINVAL: beyond 1 TiB; -ENOMEM.
 * Context: slots_lock held; as the following two.
 */
int kvm_uv_host_add_slot(struct kvm *kvm, const struct kvm_memory_slot *slot);

/** kvm_uv_host_retire_slot() - may it go? Return: 0; -EBUSY: a page is donated, secure or shared */
int kvm_uv_host_retire_slot(struct kvm *kvm, const struct kvm_memory_slot *slot);

/** kvm_uv_host_end_slot() - what was retired goes (@gone), or stays */
void kvm_uv_host_end_slot(struct kvm *kvm, const struct kvm_memory_slot *slot, bool gone);

/**
 * kvm_uv_host_page() - may the guest as a hypervisor, or KVM for it, use the page at @gpa?
 * @bytes: set to its bytes if so; may be NULL
 *
 * Return: 0, or the code of the program interruption that its Ultravisor has for it.
 */
int kvm_uv_host_page(struct kvm *kvm, gpa_t gpa, uint8_t **bytes);

/** kvm_s390_handle_uvc() - the guest executes an Ultravisor call. Return: 0 or -errno */
int kvm_s390_handle_uvc(struct kvm_vcpu *vcpu);

#endif
