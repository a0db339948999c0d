/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protected virtualization: the life of protected configurations.
 *
 * rc and rrc are the Ultravisor's answer and written only where a call was made
 * or where the interface says so.
 */
#ifndef KVM_PV_H
#define KVM_PV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "kvm/kvm_host.h"

struct gmap_table;
struct kvm_pv_cmd;
struct kvm_s390_pv_dmp;

/** KVM_S390_PV_FAKED_RRC - rrc beside an rc of 1 that no call gave */
#define KVM_S390_PV_FAKED_RRC 42

/**
 * struct pv_teardown - what is told of a teardown
 * @link: in machine->teardowns
 * @number: of the teardown, @vm: of the VM; both from 1
 * @owner, @state: of the record
 * @handle: that the configuration has, or had before it was destroyed fast
 * @total: pages that were secure when it was set aside
 * @at_perform: of them, those that were when PERFORM took it
 * @told: secure pages at the last event
 * @aside_ns: when PREPARE set it aside; @perform_ns: when PERFORM took it, or 0
 * @rc, @rrc: answer to the call that disposed of it
 */
struct pv_teardown {
	LIST_ENTRY(pv_teardown) link;
	uint32_t number;
	uint32_t vm;
	uint32_t owner;
	const _Atomic(enum pv_state) *state;
	uint64_t handle;
	uint64_t total;
	_Atomic uint64_t at_perform;
	uint64_t told;
	uint64_t aside_ns;
	_Atomic uint64_t perform_ns;
	uint16_t rc;
	uint16_t rrc;
};

/**
 * struct pv_vm_to_be_destroyed - a configuration that only the Ultravisor still knows
 * @link: in kvm->arch.pv.need_cleanup
 * @state: PV_ASIDE, PV_TEARING, PV_LEFTOVER; PV_NONE or PV_LEAKED once it was disposed of
 * @handle: 0: the configuration was destroyed fast, only pages and the count are left
 * @owner: index that the frames name; valid also if @handle is 0
 * @stor_base: donated base storage
 * @stor_var: donated variable storage
 * @old_gmap_table: top-level table that the configuration was created with
 * @teardown: for who watches
 *
 * Owned by exactly one of: set_aside, one running PERFORM, need_cleanup.
 */
struct pv_vm_to_be_destroyed {
	LIST_ENTRY(pv_vm_to_be_destroyed) link;
	_Atomic(enum pv_state) state;
	uint64_t handle;
	uint32_t owner;
	abs_t stor_base;
	abs_t stor_var;
	struct gmap_table *old_gmap_table;
	struct pv_teardown teardown;
};

/**
 * kvm_s390_pv_assert_locked() - kvm->lock is held, or this is the VM's release
 *
 * At release nobody else can reach the VM, and nobody needs its lock.
 */
void kvm_s390_pv_assert_locked(const struct kvm *kvm);

/** kvm_s390_pv_set_state() - the one place where a configuration changes state, and is counted */
void kvm_s390_pv_set_state(struct kvm *kvm, _Atomic(enum pv_state) *state, enum pv_state next);

/* ---- pv_cpu.c ---- */

/**
 * kvm_s390_pv_create_cpu() - make a CPU secure
 * Return: 0; -EINVAL it is already; -ENOMEM; -EIO the Ultravisor refused.
 * Context: kvm->lock and vcpu->mutex held.
 */
int kvm_s390_pv_create_cpu(struct kvm_vcpu *vcpu, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_pv_destroy_cpu() - make a CPU an ordinary one
 *
 * If the Ultravisor refuses, the CPU storage is leaked; the CPU is ordinary all the same.
 *
 * Return: 0, also if it was not secure (then no call is made); -EIO.
 * Context: vcpu->mutex held, kvm->lock too, but at release and from the notifier.
 */
int kvm_s390_pv_destroy_cpu(struct kvm_vcpu *vcpu, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_cpus_to_pv() - make all CPUs secure, or none
 * Return: as kvm_s390_pv_create_cpu(); rc and rrc are those of the call that failed.
 * Context: kvm->lock held; takes each vcpu->mutex.
 */
int kvm_s390_cpus_to_pv(struct kvm *kvm, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_cpus_from_pv() - make all CPUs ordinary; tries each, whatever happens
 * Return: 0, or -EIO; then rc and rrc are those of the first that failed.
 * Context: kvm->lock held, but at release and from the notifier; takes each vcpu->mutex.
 */
int kvm_s390_cpus_from_pv(struct kvm *kvm, uint16_t *rc, uint16_t *rrc);

/* ---- pv.c ---- */

/**
 * kvm_s390_pv_init_vm() - create the configuration, without CPUs
 * Return: 0, -ENOMEM, -EINTR, -EIO.
 * Context: kvm->lock held; takes slots_lock.
 */
int kvm_s390_pv_init_vm(struct kvm *kvm, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_pv_deinit_vm() - destroy the active configuration; its CPUs are gone already
 *
 * Leaves the guest's memory and, on success, the reference on the owner index to the caller. On
 * failure nothing donated is freed and the handle stays.
 *
 * Return: 0 or -EIO.
 * Context: kvm->lock held, but at release.
 */
int kvm_s390_pv_deinit_vm(struct kvm *kvm, uint16_t *rc, uint16_t *rrc);

/** kvm_s390_pv_undo_init_vm() - as above, for a configuration that has no pages yet */
void kvm_s390_pv_undo_init_vm(struct kvm *kvm);

/**
 * kvm_s390_pv_deinit_vm_fast() - DESTROY_SEC_CONF_FAST of the active configuration
 *
 * Its storages are free at once. Its pages stay secure and counted; they, the reference on their
 * owner index and kvm_s390_clear_pv_state() are the caller's.
 *
 * Return: 0; -EIO: rc 0x104: crypto queues are still bound, which is no reason for a warning.
 * Context: as kvm_s390_pv_deinit_vm(), and from the notifier.
 */
int kvm_s390_pv_deinit_vm_fast(struct kvm *kvm, uint16_t *rc, uint16_t *rrc);

/** kvm_s390_pv_leak_vm() - give up an active configuration that could not be destroyed, at release
 */
void kvm_s390_pv_leak_vm(struct kvm *kvm);

/** kvm_s390_clear_pv_state() - the VM has no active configuration any more. Context: as above */
void kvm_s390_clear_pv_state(struct kvm *kvm);

/* ---- pv_async.c ---- */

/**
 * kvm_s390_pv_reserve() - ENABLE and PERFORM get now what the next PREPARE would otherwise get
 * Context: kvm->lock held.
 */
void kvm_s390_pv_reserve(struct kvm *kvm);

/**
 * kvm_s390_pv_set_aside() - the VM becomes ordinary, its configuration waits for PERFORM
 * Return: 0 with rc 1, rrc 42; -EINVAL one is set aside already, or SEGMENT type; -ENOMEM; -EIO.
 * Context: kvm->lock held. Not interruptible.
 */
int kvm_s390_pv_set_aside(struct kvm *kvm, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_pv_deinit_aside_vm() - tear down what was set aside
 *
 * A fatal signal ends it early: 0 with rc 1, rrc 42, and the rest is left to DISABLE or release.
 *
 * Return: 0; -EINVAL nothing is set aside; -EIO.
 * Context: kvm->lock must not be held; taken twice, briefly.
 */
int kvm_s390_pv_deinit_aside_vm(struct kvm *kvm, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_pv_run_ordinary() - a CPU is about to run as an ordinary one
 *
 * Secure storage that PERFORM or DISABLE has kept for the next configuration is not needed then, and ordinary
 * storage is: it goes back to the host.
 *
 * Context: vcpu->mutex held.
 */
void kvm_s390_pv_run_ordinary(struct kvm *kvm);

/**
 * kvm_s390_pv_deinit_cleanup_all() - destroy all configurations of the VM and their memory
 *
 * Not those that a running PERFORM owns. Goes on after failures; rc and rrc are the first one's.
 *
 * Return: 0 or -EIO.
 * Context: kvm->lock held, but at release. Not interruptible.
 */
int kvm_s390_pv_deinit_cleanup_all(struct kvm *kvm, uint16_t *rc, uint16_t *rrc);

/** kvm_s390_pv_register_notifier() - once a VM; a failed one is tried again by the next ENABLE */
int kvm_s390_pv_register_notifier(struct kvm *kvm);

/** kvm_s390_pv_unregister_notifier() - at release */
void kvm_s390_pv_unregister_notifier(struct kvm *kvm);

/* ---- pv_image.c ---- */

/**
 * kvm_s390_pv_set_sec_parms() - give the Ultravisor the SE header
 * Return: 0; -ENOMEM; -EINVAL the Ultravisor refused.
 * Context: kvm->lock held.
 */
int kvm_s390_pv_set_sec_parms(struct kvm *kvm, const void *hdr, uint64_t length, uint16_t *rc,
			      uint16_t *rrc);

/**
 * kvm_s390_pv_unpack() - decrypt a component of the image in place
 * @addr, @size: multiples of 4096, @size not 0: else -EINVAL
 *
 * Return: 0; -EINVAL; -EFAULT no slot; -EAGAIN, -EINTR: fatal signal; -ENOMEM.
 * Context: kvm->lock held.
 */
int kvm_s390_pv_unpack(struct kvm *kvm, gpa_t addr, uint64_t size, uint64_t tweak, uint16_t *rc,
		       uint16_t *rrc);

/* ---- pv_dump.c ---- */

/**
 * kvm_s390_pv_dmp() - KVM_PV_DUMP: begin a dump, storage state, end it
 * @cmd: gets rc and rrc
 * @dmp: copy of what the VMM gave; @dmp->gaddr is moved behind the last MiB that was delivered
 *
 * From INIT to COMPLETE, or to the end of the configuration, the vCPUs are blocked.
 *
 * Return: 0; -EINVAL wrong state, address or length, or the Ultravisor refused; -ENOMEM; -EFAULT
 * (COMPLETE: the data is lost, and the dump is over); -ENOTTY no such subcommand.
 * Context: kvm->lock held; the VM is protected. Waits for vCPUs to leave the engine.
 */
int kvm_s390_pv_dmp(struct kvm *kvm, struct kvm_pv_cmd *cmd, struct kvm_s390_pv_dmp *dmp);

/**
 * kvm_s390_pv_dump_stor_state() - storage state of consecutive MiBs
 * @buff_user: user address; may have been written to also after an error
 * @gaddr: of the first MiB; then of the first that was not delivered
 * @buff_user_len: a multiple of what the Ultravisor needs for 1 MiB, not 0
 *
 * rc and rrc are always written: 0 if no call was made.
 *
 * Return: 0, -EINVAL, -ENOMEM, -EFAULT. Context: kvm->lock held; dumping.
 */
int kvm_s390_pv_dump_stor_state(struct kvm *kvm, uint64_t buff_user, gpa_t *gaddr,
				uint64_t buff_user_len, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_pv_dump_complete() - end the dump; vCPUs may run again
 * Return: 0; -ENOMEM, -EINVAL: still dumping; -EFAULT: not any more. Context: as above.
 */
int kvm_s390_pv_dump_complete(struct kvm *kvm, uint64_t buff_user, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_pv_dump_cpu() - registers of a CPU
 * @area: guest_cpu_stor_len bytes of the host's own memory
 *
 * Return: 0 or -EINVAL. Context: vcpu->mutex held.
 */
int kvm_s390_pv_dump_cpu(struct kvm_vcpu *vcpu, abs_t area, uint16_t *rc, uint16_t *rrc);

/**
 * kvm_s390_handle_pv_vcpu_dump() - KVM_S390_PV_CPU_COMMAND, as far as it is about a dump
 * Return: 0; -EINVAL not dumping, CPU not protected, bad argument, refused; -EFAULT; -ENOMEM.
 * Context: vcpu->mutex held.
 */
int kvm_s390_handle_pv_vcpu_dump(struct kvm_vcpu *vcpu, struct kvm_pv_cmd *cmd);

/* ---- pv_cmd.c ---- */

/**
 * kvm_s390_handle_pv() - KVM_S390_PV_COMMAND
 * @arg: user address of struct kvm_pv_cmd
 *
 * Context: kvm->lock must not be held.
 */
long kvm_s390_handle_pv(struct kvm *kvm, uint64_t arg);

#endif
