/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files about VMs with an Ultravisor share. */
#ifndef KVM_UV_HOST_STATE_H
#define KVM_UV_HOST_STATE_H

#include <sys/queue.h>

#include "kvm/uv_host.h"

struct backing;
struct storage;
struct uv;

/**
 * struct uv_host_view - what a part of a slot is in the guest's storage
 * @b: the view, at the guest's absolute address; a reference
 */
struct uv_host_view {
	LIST_ENTRY(uv_host_view) link;
	struct backing *b;
};

/**
 * struct kvm_uv_host - a VM's own machine
 * @storage: its absolute addresses are the guest's
 * @uv: the Ultravisor on it
 * @views: of the slots' memory; slots_lock
 */
struct kvm_uv_host {
	struct storage *storage;
	struct uv *uv;
	LIST_HEAD(, uv_host_view) views;
};

/** uv_host_ops - what that Ultravisor asks of its machine, which is the struct kvm */
extern const struct uv_machine_ops uv_host_ops;

#endif
