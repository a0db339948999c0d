/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the VM side of kvm/. */
#ifndef KVM_KVM_MAIN_H
#define KVM_KVM_MAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "kvm/kvm_host.h"

struct uv;

/** kvm_ioctl_allowed() - rules 1 and 2 of kvm-pv 1.2. Return: 0 or -EIO */
long kvm_ioctl_allowed(const struct kvm *kvm);

/* ---- create_vcpu.c ---- */

/**
 * kvm_vm_ioctl_create_vcpu() - KVM_CREATE_VCPU
 * @id: CPU address
 *
 * Return: what task_return_file() says; -EINVAL, -EEXIST, -ENOMEM, -EMFILE; -EIO: the VM is
 * protected and the CPU could not be made secure.
 */
long kvm_vm_ioctl_create_vcpu(struct kvm *kvm, uint64_t id);

/** kvm_destroy_vcpus() - at release: secure CPUs leave protected mode, then all are freed */
void kvm_destroy_vcpus(struct kvm *kvm);

/* ---- kvm-s390.c ---- */

/** kvm_arch_init_vm() - Return: 0 or -ENOMEM; then nothing is left */
int kvm_arch_init_vm(struct kvm *kvm);
void kvm_arch_destroy_vm(struct kvm *kvm);

/**
 * kvm_s390_replace_engine() - CPUs will ask another Ultravisor, the one of the VM itself
 * Return: 0 or -ENOMEM. Context: kvm->lock; there is no CPU
 */
int kvm_s390_replace_engine(struct kvm *kvm, struct uv *uv);

/** kvm_arch_vm_ioctl() - the ioctls of a VM. Return: -ENOTTY if there is no such ioctl */
long kvm_arch_vm_ioctl(struct kvm *kvm, unsigned int cmd, uint64_t arg);

/* ---- capability.c ---- */

/** kvm_check_extension() - value of a capability, 0 for what is unknown. @kvm may be NULL */
long kvm_check_extension(const struct machine *m, const struct kvm *kvm, uint64_t cap);

/** kvm_vm_ioctl_enable_cap() - KVM_ENABLE_CAP on a VM. Return: 0, -EINVAL, -EBUSY */
long kvm_vm_ioctl_enable_cap(struct kvm *kvm, const struct kvm_enable_cap *cap);

/* ---- vm_attr.c and cpu_model.c: attributes of a VM, kvm-pv 1.9 ---- */

/** kvm_s390_vm_set_attr() - Return: 0; -ENXIO unknown; else as kvm-pv 1.9 says */
int kvm_s390_vm_set_attr(struct kvm *kvm, const struct kvm_device_attr *attr);
int kvm_s390_vm_get_attr(struct kvm *kvm, const struct kvm_device_attr *attr);
int kvm_s390_vm_has_attr(struct kvm *kvm, const struct kvm_device_attr *attr);

/** kvm_s390_init_cpu_model() - the machine's own model */
void kvm_s390_init_cpu_model(struct kvm *kvm);
/** kvm_s390_available_subfunc() - what the query functions of a machine with these facilities
 * answer */
void kvm_s390_available_subfunc(const uint64_t *fac_list, struct kvm_s390_vm_cpu_subfunc *subfunc);
/** kvm_s390_add_facility() - the guest may have it, and has. Context: kvm->lock, no CPU yet */
void kvm_s390_add_facility(struct kvm *kvm, unsigned int nr);

int kvm_s390_set_cpu_model(struct kvm *kvm, const struct kvm_device_attr *attr);
int kvm_s390_get_cpu_model(struct kvm *kvm, const struct kvm_device_attr *attr);

/** kvm_s390_set_mem_limit() - LIMIT_SIZE. Return: 0, -EINVAL, -E2BIG, -EBUSY, -ENOMEM */
int kvm_s390_set_mem_limit(struct kvm *kvm, uint64_t limit);

/* ---- device.c ---- */

/** kvm_ioctl_create_device() - KVM_CREATE_DEVICE. @arg: user address */
long kvm_ioctl_create_device(struct kvm *kvm, uint64_t arg);

/** kvm_destroy_devices() - at release */
void kvm_destroy_devices(struct kvm *kvm);

/* ---- vm_memop.c, skeys.c, dirty_log.c ---- */

/** kvm_s390_vm_mem_op() - KVM_S390_MEM_OP on a VM: absolute accesses, kvm-pv 1.15 */
long kvm_s390_vm_mem_op(struct kvm *kvm, uint64_t arg);

long kvm_s390_get_skeys(struct kvm *kvm, uint64_t arg);
long kvm_s390_set_skeys(struct kvm *kvm, uint64_t arg);

long kvm_vm_ioctl_get_dirty_log(struct kvm *kvm, uint64_t arg);
long kvm_vm_ioctl_clear_dirty_log(struct kvm *kvm, uint64_t arg);

#endif
