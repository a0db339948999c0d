/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine: storage, an Ultravisor and KVM on top of them.
 */
#ifndef KVM_MACHINE_H
#define KVM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/storage.h"
#include "uv/ultravisor.h"

struct file;
struct machine;
struct sie_trace;
struct uv;
struct uv_trace;

/**
 * struct machine_params - how to make a machine; start with MACHINE_PARAMS_DEFAULT
 * @model: name of a machine model (uv_model_find()), NULL: the default one
 * @host_key: PEM file of the host's private key, NULL: none, no image can be started
 * @async_destroy: module parameter; false refuses PREPARE and PERFORM, capability 224 is 0
 * @host: is_prot_virt_host(): false: there is an Ultravisor, but KVM does not use it
 * @trace: where its guests are traced, NULL: nowhere; must outlive the machine
 * @max_guest_memory: bytes; the memory limit of a VM that sets none. At most ABS_LIMIT
 */
struct machine_params {
	const char *model;
	const char *host_key;
	bool async_destroy;
	bool host;
	struct sie_trace *trace;
	uint64_t max_guest_memory;
};

#define MACHINE_PARAMS_DEFAULT                                                                     \
	((struct machine_params){                                                                  \
		.async_destroy = true, .host = true, .max_guest_memory = ABS_LIMIT})

/**
 * machine_create() - power a machine on: storage, Ultravisor, INIT_UV
 *
 * Return: the machine, or NULL with errno: EINVAL (unknown model, unusable key: a line on stderr
 * says which; or a memory limit of 0 or above ABS_LIMIT), ENOMEM, EIO (the Ultravisor refused).
 */
struct machine *machine_create(const struct machine_params *params);

/** machine_destroy() - power off. Every file of it must have been released */
void machine_destroy(struct machine *m);

/**
 * machine_open() - open /dev/kvm
 * Return: a file with one reference, or NULL with errno ENOMEM or EMFILE.
 */
struct file *machine_open(struct machine *m);

struct uv *machine_uv(const struct machine *m);
struct storage *machine_storage(const struct machine *m);

/**
 * struct machine_status - what exists on the machine
 * @vms: KVM VMs
 * @vcpus: vCPUs; @secure_vcpus: those known to the Ultravisor by KVM
 * @active, @half, @stuck, @aside, @tearing, @leftover: configurations by state (kvm-pv 3.3)
 * @leaked: configurations given up after a failed DESTROY_SEC_CONF, since power-on
 * @cleanups: running DISABLEs and releases that hold a count
 * @protected_count: sum over the address spaces of all VMs
 */
struct machine_status {
	const char *model;
	bool host;
	bool async_destroy;
	uint64_t vms;
	uint64_t vcpus;
	uint64_t secure_vcpus;
	uint64_t active;
	uint64_t half;
	uint64_t stuck;
	uint64_t aside;
	uint64_t tearing;
	uint64_t leftover;
	uint64_t leaked;
	uint64_t cleanups;
	int64_t protected_count;
	struct storage_stats storage;
	struct uv_stats uv;
};

/**
 * machine_get_status() - counts of now
 * Context: any thread; waits for no ioctl.
 */
void machine_get_status(struct machine *m, struct machine_status *status);

/**
 * struct machine_teardown - a configuration that only the Ultravisor still knows
 * @number: of the teardown, from 1
 * @vm: number of the KVM VM it was set aside in, from 1
 * @state: "aside", "tearing", "leftover", or "ending": disposed of already; static storage
 * @handle: that the configuration has, or had before it was destroyed fast
 * @total: pages that were secure when it was set aside
 * @at_perform: of them, those that still were when PERFORM took it
 * @left: those that are now
 * @aside_ns: time since PREPARE
 * @perform_ns: time since PERFORM took it, or 0
 */
struct machine_teardown {
	uint32_t number;
	uint32_t vm;
	const char *state;
	uint64_t handle;
	uint64_t total;
	uint64_t at_perform;
	uint64_t left;
	uint64_t aside_ns;
	uint64_t perform_ns;
};

/**
 * machine_get_teardowns() - those of now, newest first
 * @list: room for @max of them
 *
 * Return: their number, which may be more than @max.
 * Context: any thread; waits for no ioctl.
 */
size_t machine_get_teardowns(struct machine *m, struct machine_teardown *list, size_t max);

/**
 * machine_teardown_over() - is nothing set aside, in teardown or left over?
 * @vm: number of a VM; 0: of any
 *
 * Return: if not, the eventfd of machine_events() is written to after the next event.
 */
bool machine_teardown_over(struct machine *m, uint32_t vm);

/** machine_had_vm() - was there ever a VM with this number? */
bool machine_had_vm(struct machine *m, uint32_t vm);

/** machine_events() - the ring of what happened to protected VMs, without Ultravisor calls */
struct uv_trace *machine_events(struct machine *m);

#endif
