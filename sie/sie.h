/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: stands for the SIE instruction.
 *
 * Enter with a state description, run, come back with an interception. It knows
 * nothing of ioctls, devices or slots. Guest pages are found through struct
 * sie_env; whether a frame may be used says the Ultravisor (uv_frame_access()).
 */
#ifndef SIE_SIE_H
#define SIE_SIE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "storage/types.h"
#include "uv/cpu_state.h"
#include "uv/sie_block.h"

struct sie_cpu;
struct sie_vm;
struct uv;

/** SIE_FRAME_PROTECTED - beside a frame's address: fetches only */
#define SIE_FRAME_PROTECTED 1UL

/**
 * struct sie_env - what the engine asks of whoever runs guests on it
 * @translate: host absolute address of the page mapped at @gpa under @asce, with
 *         SIE_FRAME_PROTECTED if it may not be stored into. Return: 0; -ENXIO: the host has to do
 *         something; -EFAULT: there is no such storage, an addressing exception. Takes no locks
 *         that a caller of sie_purge() may hold, but may be slow
 * @tod: TOD clock of the guest, epoch included; monotonic, the same for all CPUs of a VM
 * @epoch: how far that is ahead of the machine's clock; NULL: not at all
 * @storage_key: storage key of the page mapped at @gpa, in the format of SET STORAGE KEY EXTENDED;
 *         good as long as the page's translation. NULL: nothing is mapped there, or no keys are
 *         kept, which is as if they were zero. The function may be NULL, too
 * @own_ultravisor: the guest is a machine with the Ultravisor: what that has against an access is a
 *         program interruption of the CPU (but see struct sie_fault), and its call is executed
 */
struct sie_env {
	int (*translate)(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame);
	uint64_t (*tod)(void *owner);
	uint64_t (*epoch)(void *owner);
	_Atomic uint8_t *(*storage_key)(void *owner, uint64_t asce, gpa_t gpa);
	bool own_ultravisor;
};

/** SIE_FAULT_PROTECTED - a store into what SIE_FRAME_PROTECTED forbids */
#define SIE_FAULT_PROTECTED 4

/**
 * struct sie_fault - a guest page the host has to do something about
 * @gpa: guest absolute address of the page
 * @code: 0: nothing is mapped there; SIE_FAULT_PROTECTED: it may not be stored into; 0x3d, 0x3e,
 *        0x3f: what the Ultravisor says; of an ordinary CPU with env.own_ultravisor only of accesses
 *        without an operand's address: tables, prefix area
 * @write: it was a store
 */
struct sie_fault {
	gpa_t gpa;
	uint16_t code;
	bool write;
};

/** enum sie_result - how a run ended */
enum sie_result {
	SIE_INTERCEPT, /* scb->icptcode says why */
	SIE_FAULT,     /* *fault says where; the instruction has not been executed */
	SIE_KICKED,    /* sie_kick(), or a request bit in cpuflags was seen; nothing else */
	SIE_NO_MEMORY, /* the host ran out of memory; as SIE_KICKED, the next run goes on there */
};

/**
 * sie_vm_create() - what the CPUs of one VM share
 * @uv: the Ultravisor
 * @env: translation and clock
 * @owner: first argument of @env's functions
 *
 * Return: the VM, or NULL with errno ENOMEM.
 */
struct sie_vm *sie_vm_create(struct uv *uv, const struct sie_env *env, void *owner);
void sie_vm_destroy(struct sie_vm *vm);

/**
 * sie_vm_set_facilities() - the facility list that STFLE stores and decoding obeys
 * @list: doublewords, bit 0 of the first is facility 0; @n of them. Copied.
 *
 * Context: before the first CPU runs.
 */
void sie_vm_set_facilities(struct sie_vm *vm, const uint64_t *list, size_t n);

/**
 * sie_vm_create_nested() - what the CPUs of the guests of a VM's guests share
 * @parent: that VM, whose facilities it has; purges of it reach this one
 * @env: translation and clock; @asce of sie_run() may be anything that stands for a CPU's tables
 *
 * Their state descriptions are a guest's and say more than KVM's own: which program interruptions
 * are intercepted, whether MOVE PAGE and STFLE are interpreted, the clock's epoch. An external or
 * I/O request is interception 10 or 18. MOVE PAGE without a page is interception 38; pei_dst and
 * pei_src are then the guest absolute addresses of its pages.
 *
 * Return: the VM, to be destroyed before @parent, or NULL with errno ENOMEM.
 */
struct sie_vm *sie_vm_create_nested(struct sie_vm *parent, const struct sie_env *env, void *owner);

/** sie_host_facilities() - the facilities that this engine implements completely */
void sie_host_facilities(uint64_t list[4]);

/** SIE_QUERY_BYTES - of the longest mask, PLO's */
#define SIE_QUERY_BYTES 32

/**
 * sie_query_functions() - the functions of an instruction that has a query function, or PLO's
 * @opcode: the instruction's, two bytes; PLO's is ee00
 * @mask: a bit each, function 0 leftmost; zeros if the instruction is absent
 */
void sie_query_functions(uint16_t opcode, uint8_t mask[SIE_QUERY_BYTES]);

/**
 * sie_cpu_create() - engine-side part of a CPU: translation caches, decoded code
 * Return: the CPU, or NULL with errno ENOMEM.
 */
struct sie_cpu *sie_cpu_create(struct sie_vm *vm);
void sie_cpu_destroy(struct sie_cpu *cpu);

/**
 * sie_cpu_create_nested() - the CPU on which @outer's guest's SIE instructions run
 * @vm: nested VM of @outer's
 *
 * A kick of @outer reaches it, and what @outer drops of its own it drops as well.
 *
 * Return: as sie_cpu_create().
 * Context: before @outer runs or is kicked; destroyed before it.
 */
struct sie_cpu *sie_cpu_create_nested(struct sie_vm *vm, struct sie_cpu *outer);

/**
 * sie_cpu_drop() - drop all cached translations of one CPU before it runs again
 * Context: the CPU's own thread, not in sie_run().
 */
void sie_cpu_drop(struct sie_cpu *cpu);

/**
 * sie_cpu_set_deadline() - the next runs of a nested CPU end with SIE_KICKED at that time
 * @tod: of its VM's clock, without the epoch of a state description
 */
void sie_cpu_set_deadline(struct sie_cpu *cpu, uint64_t tod);

/**
 * sie_cpu_set_facility_list() - what STFLE of a nested CPU stores
 * @list: as many doublewords as a guest one level up is told, sie_facility_doublewords();
 *        NULL: the instruction is intercepted. Not copied
 */
void sie_cpu_set_facility_list(struct sie_cpu *cpu, const uint64_t *list);

/**
 * sie_cpu_set_host_asce() - the address-space-control element that a nested protected CPU is run with
 *
 * sie_run() hands its @asce to @translate; the Ultravisor compares this one.
 */
void sie_cpu_set_host_asce(struct sie_cpu *cpu, uint64_t asce);

/** sie_facility_doublewords() - how many doublewords STFLE stores for a VM, 1 to 4 */
unsigned int sie_facility_doublewords(const struct sie_vm *vm);

/**
 * sie_run() - execute SIE
 * @cpu: the CPU
 * @asce: of the guest page tables; handed back to @translate
 * @scb: the state description; sdf = 2: a protected CPU
 * @state: ordinary CPU: general, access and floating-point registers and FPC are used in place;
 *         PSW, control registers, prefix, timers, todpr, pp and gbea are loaded from @scb and
 *         stored there at the end. Protected CPU: not used; registers are those in the CPU
 *         storage, and travel through scb->pv_grregs as far as the interception allows
 * @fault: filled in for SIE_FAULT
 *
 * Return: how the run ended.
 * Context: one thread at a time a CPU. May sleep. No lock of KVM's may be held that translate,
 * purge or the Ultravisor wait for.
 */
enum sie_result sie_run(struct sie_cpu *cpu, uint64_t asce, struct kvm_s390_sie_block *scb,
			struct cpu_state *state, struct sie_fault *fault);

/**
 * sie_kick() - make a running CPU come back soon, or the next sie_run() at once
 * Context: any thread; async-signal-safe.
 */
void sie_kick(struct sie_cpu *cpu);

/**
 * sie_purge() - drop cached translations of guest absolute pages on all CPUs of the VM
 * @gpa: first byte; @len: bytes; UINT64_MAX: everything
 *
 * Returns when no CPU can use one any more. A CPU in translate, in uv_frame_access(), in a wait or
 * not in sie_run() counts as outside and has answered; it drops them before it goes on.
 *
 * Context: any thread, frame locks may be held; a CPU's own thread may call it too.
 */
void sie_purge(struct sie_vm *vm, gpa_t gpa, uint64_t len);

/**
 * sie_purge_table() - sie_purge() for what was found through one table
 * @asce: designates it; only its origin counts
 *
 * A CPU that runs with another one has dropped what it found through this when it changed.
 */
void sie_purge_table(struct sie_vm *vm, uint64_t asce, gpa_t gpa, uint64_t len);

/**
 * struct sie_trace - where lines about guests go, one an event; all VMs of a machine may share it
 * @out: buffered; every line is written in one piece
 * @failed: writing failed, which was told; nothing is written any more
 */
struct sie_trace {
	FILE *out;
	_Atomic bool failed;
};

/**
 * sie_trace_open() - begin a trace in a file; what it had is gone
 *
 * From now on the process ignores SIGPIPE and SIGXFSZ. A file that would let a writer wait ends the
 * trace instead.
 *
 * Return: the trace, or NULL with errno of open(), or ENOMEM.
 */
struct sie_trace *sie_trace_open(const char *path);

/**
 * sie_trace_write() - one line with its end
 * Return: false: the trace has ended, as writing failed.
 * Context: any thread; does not wait for a reader.
 */
bool sie_trace_write(struct sie_trace *trace, const char *line, size_t len);

/** sie_trace_flush() - out of the buffer, what there is */
void sie_trace_flush(struct sie_trace *trace);

/** sie_trace_close() - the end. Context: no VM writes any more; NULL is taken */
void sie_trace_close(struct sie_trace *trace);

/**
 * sie_set_trace() - trace instructions, interruptions and interceptions of a VM
 * @trace: NULL switches it off; of protected guests operands and register contents never show
 * @number: the VM's, with which lines begin
 */
void sie_set_trace(struct sie_vm *vm, struct sie_trace *trace, uint32_t number);

/**
 * sie_trace_interruption() - a line about one that the host has delivered itself
 * @number: CPU number
 * @what: class of interruption
 * @code: its code
 */
void sie_trace_interruption(struct sie_cpu *cpu, unsigned int number, const char *what,
			    uint32_t code);

/** struct sie_stats - counts of one CPU, never reset */
struct sie_stats {
	uint64_t instructions;
	uint64_t intercepts;
	uint64_t faults;
};

void sie_get_stats(const struct sie_cpu *cpu, struct sie_stats *stats);

#endif
