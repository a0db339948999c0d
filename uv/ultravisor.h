/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The software Ultravisor: what the layers above it call.
 *
 * uv_call() is the UVC instruction as the host issues it. Everything the
 * Ultravisor needs from outside stands in struct uv_machine_ops; it knows
 * neither slots nor memfds nor VMs nor sockets.
 *
 * Lock order inside: creation of configurations > configuration (only ever tried)
 * > CPU > frame lock bits (ascending absolute address) > guest page record >
 * handle table. Nothing of KVM is called with a frame locked but @purge.
 */
#ifndef UV_ULTRAVISOR_H
#define UV_ULTRAVISOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "protvirt/uv.h"
#include "storage/storage.h"
#include "storage/types.h"
#include "uv/cpu_state.h"
#include "uv/sie_block.h"

struct backing;
struct uv;
struct uv_trace;

/** enum uv_cc - condition codes of a UVC */
enum uv_cc {
	UV_CC_OK = 0,
	UV_CC_ERROR = 1,
	UV_CC_BUSY = 2,
	UV_CC_PARTIAL = 3,
};

/**
 * struct uv_machine_ops - all that the Ultravisor asks of its machine
 * @purge: drop every cached translation of guest pages [@gpa, @gpa + @len) of the address space
 *         that @guest_asce names, on all CPUs, and return when none can use one any more. Called
 *         with frames locked, so it must not take a frame lock, kvm->lock, vcpu->mutex or a slot
 *         lock; it may wait for CPUs to leave the engine's inner loop.
 * @purge_others: a frame mapped under @guest_asce is about to become secure: CPUs of other address
 *         spaces that used it as ordinary storage must look again. As @purge; NULL: there are none
 * @purge_host: storage has become the Ultravisor's own: CPUs of the host that translate through the
 *         machine's storage must look again. No frame is locked; else as @purge. NULL: there are
 * none
 * @host_cpus: number of host CPUs that are not stopped; NULL: one
 * @translate: host absolute address of the page that @gpa is mapped to by the tables under
 *         @guest_asce. Return: 0, or -ENXIO if nothing is mapped. Takes no frame lock.
 * @random: fill @buf with random bytes; 0 or -EIO
 * @tod: the machine's TOD clock, 4096 units a microsecond
 */
struct uv_machine_ops {
	void (*purge)(void *machine, uint64_t guest_asce, gpa_t gpa, uint64_t len);
	void (*purge_others)(void *machine, uint64_t guest_asce);
	void (*purge_host)(void *machine);
	unsigned int (*host_cpus)(void *machine);
	int (*translate)(void *machine, uint64_t guest_asce, gpa_t gpa, abs_t *frame);
	int (*random)(void *machine, void *buf, size_t len);
	uint64_t (*tod)(void *machine);
};

/** Features of a machine model; bundles in uv/model.c */
#define UV_FEATURE_DESTROY_FAST (1U << 0)
#define UV_FEATURE_MISC         (1U << 1)
#define UV_FEATURE_CONDEMN      (1U << 2) /* model `proposal` only */
#define UV_FEATURE_QUERY_KEYS   (1U << 3)

/**
 * struct uv_model - a machine model
 * @name: z15, z16, z17 or proposal
 * @features: UV_FEATURE_*
 */
struct uv_model {
	const char *name;
	uint32_t features;
};

/**
 * uv_model_find() - look a model up by name
 * @name: the name; NULL for the default (the newest real one)
 *
 * Return: the model, or NULL.
 */
const struct uv_model *uv_model_find(const char *name);

/** uv_command_code() - command code of the call with this name, as in the trace; 0: there is none
 */
uint16_t uv_command_code(const char *name);

/**
 * struct uv_params - how to make an Ultravisor
 * @storage: the machine's storage
 * @model: machine model
 * @host_key: PEM file of the secp521r1 host private key; NULL: SET_SEC_CONF_PARAMS finds no slot
 * @key_of: whose host private key it has if @host_key is NULL, or NULL
 * @ops: the machine
 * @machine: first argument of @ops
 */
struct uv_params {
	struct storage *storage;
	const struct uv_model *model;
	const char *host_key;
	const struct uv *key_of;
	const struct uv_machine_ops *ops;
	void *machine;
};

/**
 * uv_create() - power the Ultravisor on; INIT_UV has still to be issued
 *
 * Return: the Ultravisor; NULL with errno: EINVAL (host key unreadable or of another curve, a line
 * on stderr says which), ENOMEM.
 */
struct uv *uv_create(const struct uv_params *params);

/**
 * uv_destroy() - power off
 *
 * Configurations that are left are destroyed, all donated storage goes back to the host. NULL is
 * allowed. Context: no CPU in the engine, no call under way; the storage is still there.
 */
void uv_destroy(struct uv *uv);

/** uv_model() - the model it was made with */
const struct uv_model *uv_model(const struct uv *uv);

/**
 * uv_call() - the UVC instruction, host context
 * @uv: the Ultravisor
 * @uvcb: the control block; @uvcb->len bytes of it are read and written
 * @size: bytes that are accessible at @uvcb, at least 8
 *
 * Copies the block in once, writes the answer back once. Always writes rc and rrc. Every call
 * leaves one trace line. INJECT_UVC stands here.
 *
 * Return: the condition code. UV_CC_BUSY and UV_CC_PARTIAL mean: again with the same block.
 * Context: any thread; may sleep for a frame or configuration lock.
 */
enum uv_cc uv_call(struct uv *uv, void *uvcb, size_t size);

/**
 * struct uv_host_space - the home space of the CPU that issues a call
 * @translate: absolute address of a virtual one that is to be fetched from, or stored to. Return:
 * 0, or another number if the access is not possible. Called with locks of the Ultravisor held, but
 * no frame: it must not call the Ultravisor
 * @arg: its first argument
 */
struct uv_host_space {
	int (*translate)(void *arg, uint64_t va, bool store, abs_t *addr);
	void *arg;
};

/**
 * uv_call_virtual() - uv_call() of a host whose virtual addresses are not its absolute ones
 * @space: where the virtual addresses in the block are looked up: conf_virt_stor_origin,
 *         sec_header_origin, dump_area_origin
 */
enum uv_cc uv_call_virtual(struct uv *uv, void *uvcb, size_t size,
			   const struct uv_host_space *space);

/**
 * uv_call_reads_block() - does the host's call with this code look beyond the block's header now?
 * Return: false if uv_call() will answer 0002 or 0003 whatever follows the header.
 */
bool uv_call_reads_block(struct uv *uv, uint16_t cmd);

/**
 * uv_host_reset() - the host is reset: nothing that INIT_UV began is left
 *
 * Configurations and CPUs end, donated storage goes back to the host, and INIT_UV has to be issued
 * again. Secure frames of configurations that were destroyed fast stay what they are: they are
 * uv_destroy_range()'s.
 *
 * Context: no CPU in the engine, no call under way.
 */
void uv_host_reset(struct uv *uv);

/* ---- outside the UVCB: what hardware would do by itself ---- */

/** UV_OWNER_NONE - no configuration; owner indices are 1..65535 */
#define UV_OWNER_NONE 0U

/**
 * uv_config_owner() - owner index of a configuration's frames
 *
 * KVM keeps it beside the handle: after destroy-fast the handle is gone and the walker must still
 * say whose frames it destroys. An index is not reused while a frame names it or uv_owner_put()
 * is outstanding; each successful call takes one reference.
 *
 * Return: the index, or UV_OWNER_NONE if the handle is not one of a configuration.
 */
uint32_t uv_config_owner(struct uv *uv, uint64_t handle);

/** uv_owner_put() - drop the reference of uv_config_owner() */
void uv_owner_put(struct uv *uv, uint32_t owner);

/** uv_owner_frames() - number of frames that name the owner now */
uint64_t uv_owner_frames(struct uv *uv, uint32_t owner);

/** UV_ANY_OWNER - uv_destroy_range(): frames of every owner */
#define UV_ANY_OWNER UINT32_MAX

/**
 * struct uv_stop - a fatal signal, as one load
 * @word: written by somebody else
 * @mask: stop when one of these bits is on
 */
struct uv_stop {
	const _Atomic uint32_t *word;
	uint32_t mask;
};

/**
 * uv_destroy_range() - destroy the pages of one owner in a part of a backing
 * @uv: the Ultravisor
 * @owner: only frames that name this owner; UV_ANY_OWNER: all, and a frame whose destroy is
 *         refused is exported instead (address space teardown)
 * @b: the backing
 * @first: first page, counted from the start of the backing
 * @n: number of pages
 * @stop: looked at for every page that is passed over and for every 64 that are locked together;
 *        ends the walk. May be NULL: not interruptible
 * @done: counts the pages that were destroyed; may be NULL. Added to, not set; other threads may
 *        read it meanwhile
 *
 * Defined as @n calls of DESTR_SEC_STOR, each of which does nothing unless the frame's word names
 * @owner; done in runs of at most 512 frames. A frame that cannot be destroyed is exported; if that
 * fails too it is marked lost, counted, and the walk goes on (kvm-pv 3.5, row 27).
 *
 * Return: 0, or -EINTR if @stop said so; what was locked by then has been published.
 * Context: no frame locked. May sleep.
 */
int uv_destroy_range(struct uv *uv, uint32_t owner, struct backing *b, size_t first, size_t n,
		     const struct uv_stop *stop, _Atomic uint64_t *done);

/**
 * uv_unpack_settle() - the host has no more pages to unpack at this place
 *
 * An unpacked page's ordinary storage is given up together with that of its neighbours: here, with
 * the next UNPACK_IMG that is not for the next page, or with VERIFY_IMG. Until then the host finds
 * its own ciphertext there.
 *
 * Context: any thread; waits for commands on the configuration.
 */
void uv_unpack_settle(struct uv *uv, uint64_t handle);

/**
 * uv_make_accessible() - what the host's fault handler does for an ordinary access: pin a shared
 * page, else export it
 *
 * Return: 0: the page is ordinary storage now; -EINVAL: the Ultravisor refused.
 */
int uv_make_accessible(struct uv *uv, abs_t frame);

/* ---- for the engine ---- */

/** enum uv_access - outcome of a storage access, ultravisor.md 3.1 */
enum uv_access {
	UV_ACCESS_OK = 0,
	UV_ACCESS_SECURE = 0x3d,     /* secure-storage access */
	UV_ACCESS_NOT_SECURE = 0x3e, /* non-secure-storage access */
	UV_ACCESS_VIOLATION = 0x3f,  /* secure-storage violation */
};

struct uv_config;
struct uv_cpu;

/**
 * uv_frame_access() - may this guest use this frame, and where are its bytes?
 * @uv: the Ultravisor
 * @config: the protected guest, or NULL for an ordinary one (and for the host)
 * @frame: host absolute address of the page
 * @gpa: guest absolute address it is mapped at
 * @bytes: set to the page's bytes if UV_ACCESS_OK
 *
 * Waits while the frame is in transition. The answer holds until the next @purge of that page
 * reaches this CPU: see sie_purge().
 *
 * Context: may sleep; the CPU must count as outside the engine.
 */
enum uv_access uv_frame_access(struct uv *uv, const struct uv_config *config, abs_t frame,
			       gpa_t gpa, uint8_t **bytes);

/** uv_config_has_gpa() - does @gpa lie in the guest's storage, whether or not a page is there? */
bool uv_config_has_gpa(const struct uv_config *config, gpa_t gpa);

/**
 * uv_sie_enter() - the checks of an entry into format-4 SIE
 * @uv: the Ultravisor
 * @asce: the address-space-control element the host runs the guest with
 * @scb: the state description
 * @cpu: set to the secure CPU if 0 is returned; it counts as "in SIE" until uv_sie_leave()
 *
 * Does: handles, pairing, @asce, already running, timer, CPU state and reset sequence, legality of
 * the injection, SIDA and SCA, no dump under way, in that order (ultravisor.md 5.5); loads the CPU
 * timer from @scb and the PSW of an operating-load CPU. If that PSW comes from absolute 0 and
 * the page is not there, the next entry loads it. Does not deliver the injection and does not look
 * at the prefix pages: the engine does. An accepted service signal with an SCCB address answers a
 * service call of the guest; without one only its two event bits are set.
 *
 * Return: 0, or the validity reason 0x2001..0x200a; then nothing has changed.
 */
uint16_t uv_sie_enter(struct uv *uv, uint64_t asce, struct kvm_s390_sie_block *scb,
		      struct uv_cpu **cpu);

/**
 * uv_sie_leave() - the CPU is out of SIE
 *
 * Keeps interception code, ipa and CPU timer of the state description for the next entry's checks,
 * so it has to have its final content; icptcode 0 if there is no interception.
 */
void uv_sie_leave(struct uv_cpu *cpu);

/** uv_sie_leave_at() - the same at @tod of the machine's clock, when the CPU timer was right */
void uv_sie_leave_at(struct uv_cpu *cpu, uint64_t tod);

/** uv_sie_entered_at() - the machine's clock at the entry. Context: in SIE */
uint64_t uv_sie_entered_at(const struct uv_cpu *cpu);

/**
 * uv_service_call() - the service call that the CPU leaves SIE with
 * @sccb: its block's guest absolute address, which the host does not know
 *
 * Context: in SIE; uv_sie_leave() with the notification makes it one that waits for its answer.
 */
void uv_service_call(struct uv_cpu *cpu, uint32_t sccb);

/** uv_service_answer() - the block that an accepted service signal is about. Context: in SIE */
uint32_t uv_service_answer(const struct uv_cpu *cpu);

/**
 * uv_injection_held() - the interruption injected at this entry: does it still wait for a page?
 *
 * As long as it does, the host may inject no other but a restart.
 *
 * Context: in SIE.
 */
void uv_injection_held(struct uv_cpu *cpu, bool held);

/** uv_cpu_state() - the register state in the donated CPU storage, used by the engine in place */
struct cpu_state *uv_cpu_state(struct uv_cpu *cpu);

/** uv_cpu_config() - the configuration of a CPU, for uv_frame_access() */
const struct uv_config *uv_cpu_config(const struct uv_cpu *cpu);

/**
 * uv_cpu_sida() - the secure-instruction data area that uv_sie_enter() has checked
 * @len: set to its bytes
 *
 * Return: its bytes, good until uv_sie_leave().
 */
uint8_t *uv_cpu_sida(const struct uv_cpu *cpu, size_t *len);

/** enum uv_guest_exit - what else a guest's UVC may end in, beside a condition code 0..3 */
enum uv_guest_exit {
	UV_GUEST_NOT_SECURE = -1, /* 0x3e for *@fault, then execute again */
	UV_GUEST_NOTIFY = -2,     /* unshare of a pinned page: interception 108 */
};

/**
 * uv_call_guest() - the UVC instruction, protected guest context
 * @cpu: the issuing CPU, in SIE
 * @uvcb: private copy of the guest's control block; answer in place
 * @size: bytes at @uvcb
 * @fault: guest absolute page for UV_GUEST_NOT_SECURE
 *
 * Return: the condition code 0..3 or one of enum uv_guest_exit.
 * Context: may sleep; the CPU must count as outside the engine.
 */
int uv_call_guest(struct uv_cpu *cpu, void *uvcb, size_t size, gpa_t *fault);

/**
 * uv_guest_has_command() - may guests issue this command here?
 * @cpu: the issuing CPU, in SIE
 * @cmd: from the control block's header
 *
 * Return: false if uv_call_guest() will answer 0002 whatever follows the header.
 */
bool uv_guest_has_command(const struct uv_cpu *cpu, uint16_t cmd);

/** uv_guest_reset_pending() - the guest issued DIAG 308 subcode 0 or 1 (ultravisor.md 2.13) */
void uv_guest_reset_pending(struct uv_cpu *cpu);

/* ---- for status and tests ---- */

/**
 * struct uv_stats - counts of the Ultravisor
 * @configs: configurations it knows
 * @cpus: secure CPUs
 * @calls: UVCs executed since power-on
 * @calls_failed: those that ended with condition code 1
 */
struct uv_stats {
	uint64_t configs;
	uint64_t cpus;
	uint64_t calls;
	uint64_t calls_failed;
};

void uv_get_stats(struct uv *uv, struct uv_stats *stats);

/**
 * struct uv_cost - latencies of a real machine's calls, for --uv-cost; all zero: none
 * @page_ns: per page of import, export, destroy, unpack
 * @call_ns: per other call
 *
 * Everything made under a cost model says *modelled*.
 */
struct uv_cost {
	uint64_t page_ns;
	uint64_t call_ns;
};

void uv_set_cost(struct uv *uv, const struct uv_cost *cost);

/** uv_trace() - the ring of the last events; KVM adds its own */
struct uv_trace *uv_trace(struct uv *uv);

/** uv_dump_trace() - write the last events, oldest first, one line each: no keys, no content */
void uv_dump_trace(struct uv *uv, FILE *out);

#endif
