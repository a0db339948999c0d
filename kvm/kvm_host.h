/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of KVM: VM, vCPU, protected configuration.
 *
 * Lock order: kvm->lock > vcpu->mutex > slots_lock > memslots reference > gmap
 * lock; the locks of interrupts are innermost. docs/locking.md has the whole
 * program's order. Fields are in host byte order unless their type is be*_t.
 */
#ifndef KVM_KVM_HOST_H
#define KVM_KVM_HOST_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "host/lock.h"
#include "host/mm.h"
#include "protvirt/kvm.h"
#include "storage/storage.h"
#include "storage/types.h"
#include "uv/cpu_state.h"
#include "uv/sie_block.h"

struct file;
struct gmap;
struct gmap_table;
struct kvm_memslots;
struct kvm_uv_host;
struct machine;
struct pv_vm_to_be_destroyed;
struct sie_cpu;
struct sie_fault;
struct sie_vm;
struct task;

#define KVM_MAX_VCPUS           248
#define KVM_USER_MEM_SLOTS      32766
#define KVM_MEM_MAX_NR_PAGES    ((1UL << 31) - 1)
#define MEM_OP_MAX_SIZE         65536
#define KVM_S390_MAX_IRQ_ROUTES 4096
#define MAX_S390_IO_ADAPTERS    64
#define MAX_ISC                 7

/** ENOIOCTLCMD - internal: not an ioctl of this handler; never leaves kvm/ */
#define ENOIOCTLCMD 515

/* Requests to a vCPU: bits of kvm_vcpu.requests, looked at before it enters the engine */
#define KVM_REQ_TLB_FLUSH      0
#define KVM_REQ_REFRESH_PREFIX 1
#define KVM_REQ_ENABLE_IBS     2
#define KVM_REQ_DISABLE_IBS    3
#define KVM_REQ_ICPT_OPEREXC   4

/* ---- interrupts ---- */

/**
 * enum irq_types - kinds of pending interrupts, the highest number is delivered first
 *
 * IRQ_PEND_x is the bit number, bit 0 = least significant; floating and local interrupts share one
 * numbering. A service interrupt goes before the event-only one, so that an ordinary guest sees
 * one interruption for both.
 */
enum irq_types {
	IRQ_PEND_SIGP_STOP,
	IRQ_PEND_RESTART,
	IRQ_PEND_SET_PREFIX,
	IRQ_PEND_IO_ISC_7,
	IRQ_PEND_IO_ISC_6,
	IRQ_PEND_IO_ISC_5,
	IRQ_PEND_IO_ISC_4,
	IRQ_PEND_IO_ISC_3,
	IRQ_PEND_IO_ISC_2,
	IRQ_PEND_IO_ISC_1,
	IRQ_PEND_IO_ISC_0,
	IRQ_PEND_VIRTIO,
	IRQ_PEND_PFAULT_DONE,
	IRQ_PEND_PFAULT_INIT,
	IRQ_PEND_EXT_SERVICE_EV,
	IRQ_PEND_EXT_SERVICE,
	IRQ_PEND_EXT_CPU_TIMER,
	IRQ_PEND_EXT_CLOCK_COMP,
	IRQ_PEND_EXT_EXTERNAL,
	IRQ_PEND_EXT_EMERGENCY,
	IRQ_PEND_MCHK_REP,
	IRQ_PEND_MCHK_EX,
	IRQ_PEND_PROG,
	IRQ_PEND_COUNT,
};

/** struct kvm_s390_local_interrupt - what waits for one CPU */
struct kvm_s390_local_interrupt {
	pthread_mutex_t lock; /* protects what follows but the atomics' readers */
	_Atomic uint64_t pending_irqs;
	_Atomic uint64_t sigp_emerg_pending[4]; /* senders, bit = CPU address */
	struct kvm_s390_mchk_info mchk;
	struct kvm_s390_pgm_info pgm;
	struct kvm_s390_ext_info ext;
	struct kvm_s390_prefix_info prefix;
	struct kvm_s390_stop_info stop;
	struct kvm_s390_extcall_info extcall;
};

/** struct kvm_s390_interrupt_info - one floating interrupt in a list */
struct kvm_s390_interrupt_info {
	TAILQ_ENTRY(kvm_s390_interrupt_info) link;
	struct kvm_s390_irq irq;
};
TAILQ_HEAD(kvm_s390_irq_list, kvm_s390_interrupt_info);

#define FIRQ_LIST_IO_ISC_0 0
#define FIRQ_LIST_PFAULT   8
#define FIRQ_LIST_VIRTIO   9
#define FIRQ_LIST_COUNT    10

/** struct kvm_s390_float_interrupt - what waits for any CPU of the VM */
struct kvm_s390_float_interrupt {
	pthread_mutex_t lock; /* protects what follows but the atomics' readers */
	_Atomic uint64_t pending_irqs;
	_Atomic uint64_t masked_irqs; /* EXT_SERVICE of a protected guest: kvm-pv 1.12 */
	struct kvm_s390_irq_list lists[FIRQ_LIST_COUNT];
	uint32_t counters[FIRQ_LIST_COUNT];
	struct kvm_s390_mchk_info mchk;
	struct kvm_s390_ext_info srv_signal;
	uint8_t simm; /* adapter-interruption suppression by ISC, bit 0 = most significant */
	uint8_t nimm;
};

/** struct s390_io_adapter - an adapter registered at the FLIC */
struct s390_io_adapter {
	uint32_t id;
	uint8_t isc;
	bool maskable;
	bool masked;
	bool swap;
	bool suppressible;
};

/* ---- protected configuration ---- */

/**
 * enum pv_state - where a configuration is in its life, kvm-pv 3.3
 * @PV_NONE: does not exist (any more)
 * @PV_ACTIVE: the VM's own, with CPUs
 * @PV_HALF: the VM's own, a command took its CPUs and then failed: KVM_RUN refuses
 * @PV_STUCK: the VM's own, DESTROY_SEC_CONF failed: KVM_RUN refuses
 * @PV_ASIDE: set aside by PREPARE
 * @PV_TEARING: owned by a running PERFORM
 * @PV_LEFTOVER: of an interrupted PERFORM
 * @PV_LEAKED: DESTROY_SEC_CONF of a record failed; stays so
 */
enum pv_state {
	PV_NONE,
	PV_ACTIVE,
	PV_HALF,
	PV_STUCK,
	PV_ASIDE,
	PV_TEARING,
	PV_LEFTOVER,
	PV_LEAKED,
	PV_STATE_NR
};

/**
 * struct kvm_s390_pv - the protected side of a VM
 * @handle: of the active configuration; 0: the VM is not protected. Changed under kvm->lock, read
 *          without it where a stale value does no harm
 * @state: of the active configuration; changed by kvm_s390_pv_set_state() only
 * @owner: index of the active configuration's frames, valid while @handle is not 0
 * @guest_len: bytes of guest storage it was created with
 * @stor_base: donated base storage
 * @stor_var: donated variable storage
 * @stuck_table: top-level table that a stuck configuration may still use, or NULL
 * @dumping: a dump is being taken: vCPUs are blocked
 * @set_aside: configuration set aside by PREPARE, or NULL
 * @record_reserve: memory for the next record of one, or NULL
 * @need_cleanup: leftovers of interrupted PERFORMs, newest first
 * @mmu_notifier: registered if @mmu_notifier.mm is set; registration under kvm->lock
 * @configs: configurations of this VM in any state, leaked ones included; their guest page tables
 *           must stay
 * @memory_kept: secure storage that no configuration uses waits for the next one
 * @ran_ordinary: a CPU has run as an ordinary one since PREPARE or DISABLE
 *
 * Everything but atomics is protected by kvm->lock; at VM release nobody else exists.
 */
struct kvm_s390_pv {
	_Atomic uint64_t handle;
	_Atomic(enum pv_state) state;
	uint32_t owner;
	uint64_t guest_len;
	abs_t stor_base;
	abs_t stor_var;
	struct gmap_table *stuck_table;
	_Atomic bool dumping;
	struct pv_vm_to_be_destroyed *set_aside;
	void *record_reserve;
	LIST_HEAD(, pv_vm_to_be_destroyed) need_cleanup;
	struct mmu_notifier mmu_notifier;
	_Atomic uint64_t configs;
	_Atomic bool memory_kept;
	_Atomic bool ran_ordinary;
};

/** struct kvm_s390_pv_vcpu - the protected side of a vCPU; vcpu->mutex */
struct kvm_s390_pv_vcpu {
	_Atomic uint64_t handle;
	abs_t stor_base;
	abs_t sida; /* one page; 0 if the CPU is not protected */
};

/* ---- CPU model, crypto, clock ---- */

/** S390_ARCH_FAC_LIST_SIZE_U64 - doublewords of a facility list that can be set */
#define S390_ARCH_FAC_LIST_SIZE_U64 256

/**
 * struct kvm_s390_cpu_model - what the guest's CPUs are; kvm->lock, fixed with the first vCPU
 * @fac_mask: facilities the guest may have, bit 0 = most significant of word 0
 * @fac_list: facilities it has
 * @uv_feat_guest: flags for CREATE_SEC_CONF, bit 0 = most significant
 */
struct kvm_s390_cpu_model {
	uint64_t fac_mask[S390_ARCH_FAC_LIST_SIZE_U64];
	uint64_t fac_list[S390_ARCH_FAC_LIST_SIZE_U64];
	struct kvm_s390_vm_cpu_subfunc subfuncs;
	uint64_t cpuid;
	uint16_t ibc;
	uint64_t uv_feat_guest;
};

/** struct kvm_s390_crypto - key wrapping and AP instructions; kvm->lock */
struct kvm_s390_crypto {
	bool aes_kw;
	bool dea_kw;
	bool apie;
};

/* ---- VM ---- */

/**
 * struct kvm_arch - the s390 part of a VM
 * @sca: extended system control area, for the Ultravisor
 * @gmap: guest page table; replaced under kvm->lock and slots_lock while there is no vCPU
 * @import_lock: serialises imports, so that two CPUs do not export what the other just imported
 * @mem_limit: bytes; the machine's if it was never set
 * @uv_host: the VM is a machine with an Ultravisor: KVM_CAP_PROTVIRT_UV_HOST; NULL: it is not.
 * Never changes once there is a CPU or a slot
 * @epoch: guest TOD clock minus machine TOD clock
 */
struct kvm_arch {
	abs_t sca;
	struct gmap *gmap;
	struct mutex import_lock;
	uint64_t mem_limit;
	struct sie_vm *sie;
	struct kvm_uv_host *uv_host;

	_Atomic bool user_cpu_state_ctrl;
	_Atomic bool user_sigp;
	_Atomic bool user_stsi;
	_Atomic bool user_instr0;
	_Atomic bool user_operexec;
	_Atomic bool css_support;
	_Atomic bool use_irqchip;
	bool migration_mode;

	_Atomic uint64_t epoch;
	_Atomic uint8_t epdx;
	struct kvm_s390_cpu_model model;
	uint64_t cpu_feat[16]; /* kvm->lock, fixed with the first vCPU */
	struct sie_vm
		*nested; /* where SIE instructions run; made with the first vCPU that has any */
	pthread_mutex_t vsie_lock; /* which state descriptions are in use */
	struct kvm_s390_crypto crypto;

	struct kvm_device *flic;       /* kvm->lock */
	pthread_mutex_t adapters_lock; /* protects adapters and irq_routes */
	struct s390_io_adapter *adapters[MAX_S390_IO_ADAPTERS];
	struct kvm_irq_routing_entry *irq_routes;
	uint32_t nr_irq_routes;
	struct kvm_s390_float_interrupt float_int;

	struct kvm_s390_pv pv;
};

/**
 * struct kvm - a VM
 * @lock: serialises everything that changes what the VM is; taken before any vcpu->mutex
 * @slots_lock: serialises changes of the memory slots
 * @memslots: the current slot table; replaced under @slots_lock and @memslots_ref
 * @memslots_ref: protects the pointer @memslots and the tables' reader counts
 * @memslots_idle: signalled when a table lost its last reader
 * @users: references: VM, vCPU and device files
 * @number: of the VM on its machine, from 1
 * @mm: the creator's address space; the structure is held, not its mappings
 * @vcpus: by vcpu_idx; entries below @online_vcpus never change
 * @vm_dead: an internal bug was found, every ioctl answers -EIO
 */
struct kvm {
	struct mutex lock;
	struct mutex slots_lock;
	pthread_mutex_t memslots_ref;
	pthread_cond_t memslots_idle;
	struct kvm_memslots *memslots;
	_Atomic uint32_t users;
	uint32_t number;
	struct mm *mm;
	struct machine *machine;
	TAILQ_ENTRY(kvm) vm_link; /* machine's list, its lock */
	_Atomic(struct kvm_vcpu *) vcpus[KVM_MAX_VCPUS];
	_Atomic uint32_t online_vcpus;
	_Atomic bool vm_dead;
	struct kvm_arch arch;
};

/* ---- vCPU ---- */

/**
 * struct kvm_vcpu_arch - the s390 part of a vCPU; vcpu->mutex unless said otherwise
 * @sie_block: state description; @sie_block_abs: its absolute address
 * @state: registers of an ordinary CPU, used by the engine in place. Of a protected CPU: what the
 *         last interception showed
 * @vsie: what its SIE instructions run on, or NULL (kvm/vsie.h)
 * @local_int: its own lock
 * @pgm: parameters of the program interruption that the last access to guest storage ended in
 * @pfault_token: ~0: pfault off
 */
struct kvm_vcpu_arch {
	struct kvm_s390_sie_block *sie_block;
	abs_t sie_block_abs;
	struct sie_cpu *sie;
	struct vsie_page *vsie;
	struct cpu_state state;
	struct kvm_s390_local_interrupt local_int;
	struct kvm_s390_pgm_info pgm;
	struct kvm_s390_pv_vcpu pv;
	uint64_t pfault_token;
	uint64_t pfault_select;
	uint64_t pfault_compare;
	uint64_t diag318_info;
};

/**
 * struct kvm_vcpu - a virtual CPU
 * @mutex: held by each ioctl but the asynchronous ones, KVM_RUN included
 * @run: the mapping shared with the VMM, host order; @run_memfd: what is behind it
 * @requests: KVM_REQ_*
 * @sigset: signals that the client lets through during KVM_RUN, as it sent them
 * @task: the task in KVM_RUN, or NULL; for kicks. @task_lock protects it
 * @in_sie: the engine runs; @out_of_sie: signalled when it has come back. Both under @task_lock
 * @immediate_block: must stay outside the engine (kvm_s390_vcpu_block_all())
 */
struct kvm_vcpu {
	struct kvm *kvm;
	uint32_t vcpu_id; /* CPU address */
	uint32_t vcpu_idx;
	struct mutex mutex;
	struct kvm_run *run;
	int run_memfd;
	_Atomic uint64_t requests;
	uint64_t sigset;
	pthread_mutex_t task_lock;
	struct task *task;
	bool in_sie;
	pthread_cond_t out_of_sie;
	_Atomic bool immediate_block;
	_Atomic bool stopped; /* CPUSTAT_STOPPED, readable without locks */
	struct kvm_vcpu_arch arch;
};

/* ---- devices (kvm/device.c) ---- */

struct kvm_device;

/**
 * struct kvm_device_ops - a kind of device
 * @create: under kvm->lock. Return: 0, -EINVAL, -ENOMEM
 * @destroy: at the end of the VM
 * @set_attr, @get_attr, @has_attr: @attr is a copy in the machine, @attr->addr a user address
 */
struct kvm_device_ops {
	const char *name;
	int (*create)(struct kvm_device *dev, uint32_t type);
	void (*destroy)(struct kvm_device *dev);
	int (*set_attr)(struct kvm_device *dev, struct kvm_device_attr *attr);
	int (*get_attr)(struct kvm_device *dev, struct kvm_device_attr *attr);
	int (*has_attr)(struct kvm_device *dev, struct kvm_device_attr *attr);
};

struct kvm_device {
	struct kvm *kvm;
	const struct kvm_device_ops *ops;
	void *private_data;
};

/** kvm_flic_ops - the floating interrupt controller (kvm/flic.c) */
extern const struct kvm_device_ops kvm_flic_ops;

/* ---- kvm/kvm_main.c ---- */

void kvm_get_kvm(struct kvm *kvm);
void kvm_put_kvm(struct kvm *kvm);

/** kvm_get_vcpu_by_id() - Return: the CPU with this address, or NULL. No lock needed */
struct kvm_vcpu *kvm_get_vcpu_by_id(struct kvm *kvm, uint32_t id);

/** kvm_for_each_vcpu() - @vcpu: struct kvm_vcpu *, @i: uint32_t; CPUs that exist when it passes */
#define kvm_for_each_vcpu(i, vcpu, kvm)                                                            \
	for ((i) = 0; (i) < atomic_load(&(kvm)->online_vcpus) &&                                   \
		      ((vcpu) = atomic_load(&(kvm)->vcpus[i]), true);                              \
	     (i)++)

static inline void kvm_make_request(uint32_t req, struct kvm_vcpu *vcpu)
{
	atomic_fetch_or(&vcpu->requests, 1UL << req);
}

/** kvm_check_request() - test and clear */
static inline bool kvm_check_request(uint32_t req, struct kvm_vcpu *vcpu)
{
	uint64_t bit = 1UL << req;

	return (atomic_load(&vcpu->requests) & bit) &&
	       (atomic_fetch_and(&vcpu->requests, ~bit) & bit);
}

/* ---- kvm/vcpu.c: called by the VM side ---- */

/**
 * kvm_arch_vcpu_create() - the s390 part of a new CPU: SIE block, engine, reset state
 *
 * @vcpu->kvm, vcpu_id, vcpu_idx, run and mutex are set up already, everything else is zero. Does
 * not make it secure.
 *
 * Return: 0, -ENOMEM.
 * Context: kvm->lock held.
 */
int kvm_arch_vcpu_create(struct kvm_vcpu *vcpu);

/** kvm_arch_vcpu_destroy() - undo kvm_arch_vcpu_create(). Context: nobody else knows the CPU */
void kvm_arch_vcpu_destroy(struct kvm_vcpu *vcpu);

/**
 * kvm_arch_vcpu_ioctl() - every ioctl of a vCPU but the asynchronous ones, KVM_RUN included
 * Context: vcpu->mutex held.
 */
long kvm_arch_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg);

/** kvm_arch_vcpu_async_ioctl() - without vcpu->mutex. Return: -ENOIOCTLCMD if not such an ioctl */
long kvm_arch_vcpu_async_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg);

/** kvm_vcpu_kick() - make the CPU leave the engine or its wait and look at its requests */
void kvm_vcpu_kick(struct kvm_vcpu *vcpu);

/**
 * kvm_s390_vcpu_block_all() - all CPUs out of the engine until kvm_s390_vcpu_unblock_all()
 *
 * Returns when none is in it any more. Not counted: one user at a time.
 *
 * Context: kvm->lock held.
 */
void kvm_s390_vcpu_block_all(struct kvm *kvm);
void kvm_s390_vcpu_unblock_all(struct kvm *kvm);

/* ---- kvm/interrupt.c: called by the VM side ---- */

/** kvm_s390_init_interrupts() - empty lists; Context: VM creation */
void kvm_s390_init_interrupts(struct kvm *kvm);

/** kvm_s390_destroy_interrupts() - free floating interrupts, adapters and routes */
void kvm_s390_destroy_interrupts(struct kvm *kvm);

/** kvm_s390_mask_service_irqs() - what ENABLE, DISABLE and PREPARE do (kvm-pv 1.12) */
void kvm_s390_mask_service_irqs(struct kvm *kvm);
void kvm_s390_unmask_service_irqs(struct kvm *kvm);

/** kvm_s390_inject_vm() - a floating interrupt. Return: 0 or -errno of kvm-pv 1.14 */
int kvm_s390_inject_vm(struct kvm *kvm, const struct kvm_s390_interrupt *s390int);

/** kvm_set_gsi_routing() - KVM_SET_GSI_ROUTING. @arg: user address */
long kvm_set_gsi_routing(struct kvm *kvm, uint64_t arg);

/* ---- kvm/pv.c: also used by the vCPU side ---- */

/** kvm_s390_pv_get_handle() - handle of the active configuration or 0; no lock */
static inline uint64_t kvm_s390_pv_get_handle(const struct kvm *kvm)
{
	return atomic_load(&kvm->arch.pv.handle);
}

/** kvm_s390_pv_cpu_get_handle() - handle of the secure CPU or 0; no lock */
static inline uint64_t kvm_s390_pv_cpu_get_handle(const struct kvm_vcpu *vcpu)
{
	return atomic_load(&vcpu->arch.pv.handle);
}

/** kvm_s390_pv_is_protected() - has the VM an active configuration? Context: kvm->lock held */
static inline bool kvm_s390_pv_is_protected(const struct kvm *kvm)
{
	lockdep_assert_held(&kvm->lock);
	return kvm_s390_pv_get_handle(kvm);
}

/** kvm_s390_pv_cpu_is_protected() - Context: vcpu->mutex held */
static inline bool kvm_s390_pv_cpu_is_protected(const struct kvm_vcpu *vcpu)
{
	lockdep_assert_held(&vcpu->mutex);
	return kvm_s390_pv_cpu_get_handle(vcpu);
}

/* ---- kvm/faultin.c and kvm/absaccess.c: guest storage ---- */

/**
 * kvm_s390_handle_fault() - do something about a page the engine or the host could not use
 *
 * Code 0: map it by its slot. 0x3d, 0x3f: take it from its former owner. 0x3e: import it.
 *
 * Return: 0 try again; -EFAULT no slot there, or it cannot be resolved; -EINTR; -ENOMEM.
 * Context: a task; no frame locked. Takes no kvm->lock, vcpu->mutex or slots_lock.
 */
int kvm_s390_handle_fault(struct kvm *kvm, const struct sie_fault *fault);

/**
 * kvm_s390_import_page() - CONV_TO_SEC of one page, with the retries of kvm-pv 2.8
 * Return: 0; -EFAULT no slot; -EINVAL the Ultravisor refused; -EAGAIN or -EINTR fatal signal.
 */
int kvm_s390_import_page(struct kvm *kvm, gpa_t gpa);

/**
 * kvm_read_guest_abs() - read guest absolute storage as the host sees it
 *
 * Secure pages are exported first. Crosses pages and slots. If the VM has an Ultravisor of its own
 * they are not KVM's to export.
 *
 * Return: 0; -EFAULT: a page is in no slot (what lies before it may have been copied);
 * -ENOMEM; > 0: code of the program interruption that the VM's own Ultravisor has for it.
 */
int kvm_read_guest_abs(struct kvm *kvm, gpa_t gpa, void *data, size_t len);
int kvm_write_guest_abs(struct kvm *kvm, gpa_t gpa, const void *data, size_t len);

/**
 * kvm_cmpxchg_guest_abs() - compare and swap in guest absolute storage
 * @len: 1, 2, 4, 8 or 16; @gpa is a multiple of it
 * @old: expected bytes; replaced by what was found if they differ
 * @new: bytes to store
 *
 * Return: 1 swapped, 0 not; -EFAULT: no slot, or a page of the VM's own Ultravisor; -EINVAL: length
 * or alignment.
 */
int kvm_cmpxchg_guest_abs(struct kvm *kvm, gpa_t gpa, size_t len, void *old, const void *new);

/** kvm_is_gpa_backed() - is there a slot at @gpa? No locks needed */
bool kvm_is_gpa_backed(struct kvm *kvm, gpa_t gpa);

/** kvm_gmap_asce() - what to hand to sie_run(): the current guest page table */
uint64_t kvm_gmap_asce(const struct kvm *kvm);

/* ---- clock ---- */

/** kvm_s390_get_tod() - the guest's TOD clock */
uint64_t kvm_s390_get_tod(const struct kvm *kvm);

/** test_kvm_cpu_feat() - has the VM the CPU feature KVM_S390_VM_CPU_FEAT_*? */
static inline bool test_kvm_cpu_feat(const struct kvm *kvm, unsigned int nr)
{
	return kvm->arch.cpu_feat[nr / 64] & 0x8000000000000000UL >> (nr & 63);
}

/** test_kvm_facility() - has the guest facility @nr? */
static inline bool test_kvm_facility(const struct kvm *kvm, unsigned int nr)
{
	const struct kvm_s390_cpu_model *m = &kvm->arch.model;
	uint64_t bit = 0x8000000000000000UL >> (nr & 63);

	return nr < 64 * S390_ARCH_FAC_LIST_SIZE_U64 && (m->fac_list[nr / 64] & bit) &&
	       (m->fac_mask[nr / 64] & bit);
}

#endif
