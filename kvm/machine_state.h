/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine as kvm/ itself sees it. */
#ifndef KVM_MACHINE_STATE_H
#define KVM_MACHINE_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "kvm/kvm_host.h"
#include "kvm/machine.h"
#include "kvm/uv.h"
#include "uv/trace.h"

/**
 * struct machine - see machine.h
 * @async_destroy: may a VM be set aside? Set at power-on, never changed
 * @host: is an Ultravisor present and in use? Set at power-on, never changed
 * @trace: of its guests, or NULL
 * @vm_lock: protects @vms and @tops; taken for reading by the Ultravisor's purges, so nobody who
 *           holds it for writing may wait for a frame or a CPU
 * @vms: all VMs
 * @tops: top-level tables that a configuration may be created with
 * @pv_configs: configurations by enum pv_state
 * @last_vm: VMs are numbered from 1
 * @events: what happened to protected VMs
 * @last_teardown: so are teardowns
 * @teardown_lock: protects @teardowns; only counts are read under it
 * @teardowns: configurations in a struct pv_vm_to_be_destroyed, newest first
 */
struct machine {
	struct storage *storage;
	struct uv *uv;
	struct uv_info info;
	abs_t uv_base;
	bool async_destroy;
	bool host;
	struct sie_trace *trace;
	uint64_t max_guest_memory;

	pthread_rwlock_t vm_lock;
	TAILQ_HEAD(kvm_list, kvm) vms;
	LIST_HEAD(, gmap_table) tops;

	_Atomic uint64_t nr_vms;
	_Atomic uint64_t nr_vcpus;
	_Atomic uint64_t nr_secure_vcpus;
	_Atomic uint64_t nr_cleanups;
	_Atomic uint64_t pv_configs[PV_STATE_NR];

	_Atomic uint32_t last_vm;
	struct uv_trace events;
	pthread_mutex_t teardown_lock;
	LIST_HEAD(, pv_teardown) teardowns;
	_Atomic uint32_t last_teardown;
};

/** is_prot_virt_host() - is an Ultravisor present and in use? */
static inline bool is_prot_virt_host(const struct machine *m)
{
	return m->host;
}

/** machine_add_vm(), machine_del_vm() - the list of VMs; del waits for purges in progress */
void machine_add_vm(struct machine *m, struct kvm *kvm);
void machine_del_vm(struct machine *m, struct kvm *kvm);

/** machine_random() - @len random bytes. Return: 0 or -EIO */
int machine_random(void *buf, size_t len);

/** machine_tod() - the machine's TOD clock, 4096 units a microsecond */
uint64_t machine_tod(void);

#endif
