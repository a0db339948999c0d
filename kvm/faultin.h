/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults on guest storage; what the vCPU side needs of it stands in kvm_host.h. */
#ifndef KVM_FAULTIN_H
#define KVM_FAULTIN_H

#include <stddef.h>

#include "protvirt/uv.h"
#include "storage/types.h"

struct kvm;

/**
 * kvm_s390_faultin_gfn() - map the page that a slot shows at @gpa
 * Return: 0; -EFAULT no slot there; -EINTR fatal signal; -ENOMEM.
 * Context: no frame locked.
 */
int kvm_s390_faultin_gfn(struct kvm *kvm, gpa_t gpa);

/**
 * gmap_make_secure() - one attempt of a call that makes the page at @gpa secure
 * @uvcb: the call, ready but for what the Ultravisor answers
 *
 * Exports the page first where two configurations could claim it (kvm-pv 3.7.5).
 *
 * Return: 0; -EAGAIN try again; -ENXIO the page has to be mapped first; -EINVAL refused.
 * Context: holds the table of slots, takes import_lock. Slots do not change under the call.
 */
int gmap_make_secure(struct kvm *kvm, gpa_t gpa, struct uv_cb_header *uvcb, size_t size);

#endif
