/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine as the VMM sees it: descriptors, storage, CPUs, and what
 * is to happen next.
 *
 * One thread a CPU runs KVM_RUN; the thread that called vm_create() is the
 * *manager*. What concerns the whole VM (resets, protected mode, the end) CPU
 * threads only ask for; the manager does it while no CPU is in KVM_RUN.
 */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "image/ipib.h"
#include "protvirt/kvm.h"
#include "vmm/exit_code.h"

struct boot_image;
struct console;
struct reboot_log;
struct sclp_input;
struct vcpu;
struct vm;
struct watchdog;

/** enum vm_event - what the manager is asked for; the first of several counts */
enum vm_event {
	VM_EVENT_NONE,
	VM_EVENT_REIPL,        /* full: DIAG 308 subcode 3 or 4, or from outside */
	VM_EVENT_RESET_CLEAR,  /* DIAG 308 subcode 0: stays protected */
	VM_EVENT_RESET_NORMAL, /* DIAG 308 subcode 1: stays protected */
	VM_EVENT_ENTER_PV,     /* DIAG 308 subcode 10 */
	VM_EVENT_END,
};

/**
 * struct vm_request - the event and who asked
 * @vcpu: the CPU that executed the DIAG, NULL: from outside
 * @time_ns: when it left KVM_RUN, CLOCK_MONOTONIC
 * @response_reg: register for the answer of subcode 10
 * @code, @why: VM_EVENT_END
 */
struct vm_request {
	enum vm_event event;
	struct vcpu *vcpu;
	uint64_t time_ns;
	unsigned int response_reg;
	enum exit_code code;
	char why[200];
};

/** enum vm_teardown - how a protected guest ends when its VM goes on; BOTH: in turns, async first
 */
enum vm_teardown {
	TEARDOWN_ASYNC,
	TEARDOWN_SYNC,
	TEARDOWN_BOTH
};

/** struct vm_params - what `protvirt run` was asked for */
struct vm_params {
	uint64_t memory_size; /* bytes, a multiple of 1 MiB */
	unsigned int nr_cpus;
	enum vm_teardown teardown;
	unsigned int teardown_nice; /* added to the nice value of the thread that calls PERFORM */
	uint64_t max_reboots; /* UINT64_MAX: no limit */
	const char *name;     /* NULL: none */
	uint8_t uuid[16];     /* zeros: none */
	bool nested;          /* the guest may run guests */
	bool uv_host;         /* the guest is the hypervisor of protected guests */
};

/** enum vcpu_state - whether it may be in KVM_RUN; the same as KVM's state of it */
enum vcpu_state {
	VCPU_STOPPED,
	VCPU_OPERATING
};

/** enum vcpu_job - what another CPU's SIGP asked of a CPU; done by its own thread */
enum vcpu_job {
	VCPU_JOB_NONE,
	VCPU_JOB_START,
	VCPU_JOB_RESTART,
	VCPU_JOB_RESET,
	VCPU_JOB_INITIAL
};

struct vcpu {
	struct vm *vm;
	unsigned int id;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool started; /* has a thread */

	/* under vm->lock */
	enum vcpu_state state;
	enum vcpu_job job;
	bool inside; /* in KVM_RUN or handling its exit */
};

struct vm {
	struct vm_params params;
	int kvm_fd;
	int vm_fd;
	int flic_fd;            /* floating interrupts */
	char machine_path[108]; /* control socket of the machine, "" if it is not known */
	uint8_t *memory;
	struct vcpu *cpus;
	bool pv_capable;    /* capability 180, facility 161 offered to the guest */
	bool async_capable; /* capability 224 and a memory limit above 2 GiB */
	const struct boot_image *image;
	struct console *console;
	struct sclp_input *input;
	struct watchdog *watchdog;
	struct reboot_log *log;

	pthread_mutex_t lock;    /* what follows, and the marked fields of CPUs */
	pthread_cond_t changed;  /* anything of it */
	bool paused;             /* CPUs stay out of KVM_RUN */
	bool ending;             /* CPU threads return */
	bool signalling;         /* a CPU waits until its SIGP order is carried out */
	bool reset_wanted;       /* from outside */
	int stop_signal;         /* that ends the VM, 0: none */
	unsigned int background; /* running PERFORMs */
	struct vm_request request;

	/* written by the manager while CPUs are out; read by CPU threads */
	bool protected;
	uint64_t boots; /* 1 while the first boot runs; under vm->lock when written */
	/* written by CPU threads under vm->lock */
	struct pv_ipib *pv_ipib; /* of DIAG 308 subcode 8: one page, or NULL */
	char pv_refusal[200];    /* why the last start as a protected guest failed, "" none */
	enum exit_code pv_refusal_code;
};

/**
 * vm_create() - make a VM with storage and stopped CPUs
 * Return: the VM, or NULL; a line on standard error says what failed.
 */
struct vm *vm_create(const struct vm_params *params);

/**
 * vm_end_cpus() - end the CPU threads and free the CPUs, once; the VM stays
 *
 * Context: manager; nobody asks for CPUs any more (control and signals have ended). Blocks.
 */
void vm_end_cpus(struct vm *vm);

/** vm_destroy() - end the CPU threads and close everything */
void vm_destroy(struct vm *vm);

/** vm_ioctl() - on the VM's descriptor. Return: value >= 0, or -errno */
long vm_ioctl(struct vm *vm, unsigned long request, const void *arg);

/**
 * vm_subsystem_reset() - forget pending floating interrupts, selected events, the watchdog, and
 *                        what the guest's own Ultravisor has
 *
 * A service signal that the old guest has not taken would stand in the way of the new one's.
 *
 * Return: 0 or -errno.
 */
int vm_subsystem_reset(struct vm *vm);

/**
 * vm_read(), vm_write() - guest absolute storage, as an instruction of the guest would find it
 *
 * A guest that is a hypervisor has given some of it to its Ultravisor.
 *
 * Return: 0, or the code of a program interruption; what was asked for is only done with 0.
 */
uint16_t vm_read(struct vm *vm, uint64_t addr, void *buf, size_t len);
uint16_t vm_write(struct vm *vm, uint64_t addr, const void *bytes, size_t len);

/** vm_range() - guest absolute storage as this process sees it, NULL if not all of it exists */
void *vm_range(struct vm *vm, uint64_t addr, uint64_t len);

/**
 * vm_pause() - returns when no CPU thread is in KVM_RUN or handles an exit
 *
 * What CPUs asked for meanwhile is dropped: the event that is being handled was first.
 *
 * Context: manager.
 */
void vm_pause(struct vm *vm);

/** vm_resume() - let operating CPUs run. Context: manager */
void vm_resume(struct vm *vm);

/** vm_request() - ask the manager for something; ignored if it was asked for something already */
void vm_request(struct vm *vm, const struct vm_request *request);

/** vm_request_end() - ask it to end the VM, with a reason */
__attribute__((format(printf, 3, 4))) void vm_request_end(struct vm *vm, enum exit_code code,
							  const char *format, ...);

/** vm_request_reset() - ask for a full reset from outside. Context: any thread */
void vm_request_reset(struct vm *vm);

/**
 * vm_request_stop() - end the VM as soon as no reset is under way; not dropped by one
 * @signal: number of the signal that wants it
 *
 * Context: any thread.
 */
void vm_request_stop(struct vm *vm, int signal);

/** vm_wait_request() - take the next request. Context: manager, blocks */
void vm_wait_request(struct vm *vm, struct vm_request *request);

/** vm_background_started() - one more PERFORM; the VM must not be freed until it is done */
void vm_background_started(struct vm *vm);
void vm_background_done(struct vm *vm);

/** vm_background_running() - is there a PERFORM that has not returned? */
bool vm_background_running(struct vm *vm);

/** vm_wait_background() - until there is none */
void vm_wait_background(struct vm *vm);

/** monotonic_ns() - CLOCK_MONOTONIC in nanoseconds */
uint64_t monotonic_ns(void);

#endif
