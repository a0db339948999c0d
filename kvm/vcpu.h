/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the vCPU side share: access to the SIE block, interrupts,
 * CPU states, guest storage as an instruction sees it.
 *
 * Unless said otherwise vcpu->mutex is held. Handlers of interceptions return 0
 * (done, go on), -EOPNOTSUPP (user space does it: S390_SIEIC), -EREMOTE (another
 * exit is prepared), or an error that KVM_RUN returns.
 */
#ifndef KVM_VCPU_H
#define KVM_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "kvm/kvm_host.h"

/* Program interruption codes */
#define PGM_OPERATION           0x01
#define PGM_PRIVILEGED_OP       0x02
#define PGM_PROTECTION          0x04
#define PGM_ADDRESSING          0x05
#define PGM_SPECIFICATION       0x06
#define PGM_DATA                0x07
#define PGM_SEGMENT_TRANSLATION 0x10
#define PGM_PAGE_TRANSLATION    0x11
#define PGM_TRANSLATION_SPEC    0x12
#define PGM_OPERAND             0x15
#define PGM_TRACE_TABLE         0x16
#define PGM_VECTOR_PROCESSING   0x1b
#define PGM_SPACE_SWITCH        0x1c
#define PGM_AFX_TRANSLATION     0x20
#define PGM_LSX_TRANSLATION     0x27
#define PGM_ALET_SPECIFICATION  0x28
#define PGM_ALEN_TRANSLATION    0x29
#define PGM_ASTE_INSTANCE       0x2f
#define PGM_STACK_FULL          0x30
#define PGM_STACK_OPERATION     0x34
#define PGM_ASCE_TYPE           0x38
#define PGM_REGION_FIRST_TRANS  0x39
#define PGM_REGION_SECOND_TRANS 0x3a
#define PGM_REGION_THIRD_TRANS  0x3b
#define PGM_SECURE_STORAGE      0x3d
#define PGM_SECURE_VIOLATION    0x3f
#define PGM_MONITOR             0x40
#define PGM_PER                 0x80
#define PGM_CODE_MASK           0xffff

/* Enhanced DAT: its control in CR0, its two facilities */
#define CR0_EDAT       0x00800000UL
#define FACILITY_EDAT1 8
#define FACILITY_EDAT2 78

#define EXT_IRQ_CLK_COMP    0x1004
#define EXT_IRQ_CPU_TIMER   0x1005
#define EXT_IRQ_EMERGENCY   0x1201
#define EXT_IRQ_EXTERNAL    0x1202
#define EXT_IRQ_SERVICE_SIG 0x2401
#define EXT_IRQ_CP_SERVICE  0x2603

#define CR0_EMERGENCY_SIGNAL_SUBMASK 0x4000UL
#define CR0_EXTERNAL_CALL_SUBMASK    0x2000UL
#define CR0_CLOCK_COMPARATOR_SUBMASK 0x0800UL
#define CR0_CPU_TIMER_SUBMASK        0x0400UL
#define CR0_SERVICE_SIGNAL_SUBMASK   0x0200UL
#define CR6_ISC_MASK                 0xff000000UL

#define PSW_INT_MASK (PSW_MASK_IO | PSW_MASK_EXT | PSW_MASK_MCHECK)

#define SIE_PREFIX_MASK  0x7fffe000U
#define PREFIX_AREA_SIZE 0x2000U

#define IRQ_BIT(nr)        (1UL << (nr))
#define IRQ_PEND_IO_MASK   (0xffUL << IRQ_PEND_IO_ISC_7)
#define IRQ_PEND_MCHK_MASK (IRQ_BIT(IRQ_PEND_MCHK_REP) | IRQ_BIT(IRQ_PEND_MCHK_EX))
#define IRQ_PEND_EXT_MASK                                                                          \
	(IRQ_BIT(IRQ_PEND_VIRTIO) | IRQ_BIT(IRQ_PEND_PFAULT_DONE) |                                \
	 IRQ_BIT(IRQ_PEND_PFAULT_INIT) | IRQ_BIT(IRQ_PEND_EXT_SERVICE_EV) |                        \
	 IRQ_BIT(IRQ_PEND_EXT_SERVICE) | IRQ_BIT(IRQ_PEND_EXT_CPU_TIMER) |                         \
	 IRQ_BIT(IRQ_PEND_EXT_CLOCK_COMP) | IRQ_BIT(IRQ_PEND_EXT_EXTERNAL) |                       \
	 IRQ_BIT(IRQ_PEND_EXT_EMERGENCY))

/** SCCB_EVENT_PENDING, SCCB_MASK - parts of a service interrupt's parameter */
#define SCCB_EVENT_PENDING 0x3U
#define SCCB_MASK          0xfffffff8U

/** isc_to_irq_type() - the pending bit of an I/O-interruption subclass; ISC 0 goes first */
static inline unsigned int isc_to_irq_type(unsigned int isc)
{
	return IRQ_PEND_IO_ISC_0 - isc;
}

/* ---- the SIE block, in host order ---- */

static inline uint64_t gpsw_mask(const struct kvm_vcpu *vcpu)
{
	return be64_get(vcpu->arch.sie_block->gpsw_mask);
}

static inline uint64_t gpsw_addr(const struct kvm_vcpu *vcpu)
{
	return be64_get(vcpu->arch.sie_block->gpsw_addr);
}

static inline void set_gpsw(struct kvm_vcpu *vcpu, uint64_t mask, uint64_t addr)
{
	vcpu->arch.sie_block->gpsw_mask = be64_make(mask);
	vcpu->arch.sie_block->gpsw_addr = be64_make(addr);
}

static inline uint64_t guest_cr(const struct kvm_vcpu *vcpu, unsigned int nr)
{
	return be64_get(vcpu->arch.sie_block->gcr[nr]);
}

/** kvm_s390_get_prefix() - absolute address of the prefix area */
static inline uint32_t kvm_s390_get_prefix(const struct kvm_vcpu *vcpu)
{
	return be32_get(vcpu->arch.sie_block->prefix) & SIE_PREFIX_MASK;
}

/** kvm_s390_set_prefix() - the CPU drops its translations before it runs again */
void kvm_s390_set_prefix(struct kvm_vcpu *vcpu, uint32_t prefix);

static inline void kvm_s390_set_psw_cc(struct kvm_vcpu *vcpu, unsigned int cc)
{
	set_gpsw(vcpu, (gpsw_mask(vcpu) & ~PSW_MASK_CC) | (uint64_t)cc << 44, gpsw_addr(vcpu));
}

/* cpuflags are changed by other threads too */
void kvm_s390_set_cpuflags(struct kvm_vcpu *vcpu, uint32_t flags);
void kvm_s390_clear_cpuflags(struct kvm_vcpu *vcpu, uint32_t flags);
bool kvm_s390_test_cpuflags(const struct kvm_vcpu *vcpu, uint32_t flags);

static inline bool is_vcpu_stopped(const struct kvm_vcpu *vcpu)
{
	return atomic_load(&vcpu->stopped);
}

/** psw_interrupts_disabled() - nothing maskable can interrupt: with the wait bit, the end */
static inline bool psw_interrupts_disabled(const struct kvm_vcpu *vcpu)
{
	return !(gpsw_mask(vcpu) & PSW_INT_MASK);
}

/* ---- operands of an intercepted instruction ---- */

/** kvm_s390_get_regs_rre() - register numbers of an RRE instruction */
static inline void kvm_s390_get_regs_rre(const struct kvm_vcpu *vcpu, unsigned int *r1,
					 unsigned int *r2)
{
	uint32_t ipb = be32_get(vcpu->arch.sie_block->ipb);

	*r1 = ipb >> 20 & 0xf;
	*r2 = ipb >> 16 & 0xf;
}

/** kvm_s390_logical_to_effective() - cut an address to the addressing mode */
uint64_t kvm_s390_logical_to_effective(const struct kvm_vcpu *vcpu, uint64_t ga);

/**
 * kvm_s390_get_base_disp_s() - second operand of an S or RS instruction
 * @ar: set to the base register's number; may be NULL
 * Return: the address, not cut to the addressing mode.
 */
uint64_t kvm_s390_get_base_disp_s(const struct kvm_vcpu *vcpu, uint8_t *ar);

/** kvm_s390_get_base_disp_sse() - both operands of an SSE instruction */
void kvm_s390_get_base_disp_sse(const struct kvm_vcpu *vcpu, uint64_t *address1, uint64_t *address2,
				uint8_t *ar1, uint8_t *ar2);

/** kvm_s390_get_ilen() - length of the intercepted instruction in bytes, EXECUTE's if it was one */
uint8_t kvm_s390_get_ilen(const struct kvm_vcpu *vcpu);

/** kvm_s390_rewind_psw() - the PSW goes @ilc bytes back, within the addressing mode */
void kvm_s390_rewind_psw(struct kvm_vcpu *vcpu, uint8_t ilc);

/** kvm_s390_retry_instr() - the intercepted instruction will be executed again */
static inline void kvm_s390_retry_instr(struct kvm_vcpu *vcpu)
{
	kvm_s390_rewind_psw(vcpu, kvm_s390_get_ilen(vcpu));
}

/* ---- run.c ---- */

/** kvm_arch_vcpu_ioctl_run() - KVM_RUN (kvm-pv 1.10) */
long kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *vcpu, uint64_t arg);

/** enter_sie() - into the engine. Return: false if the CPU is blocked and must stay outside */
bool enter_sie(struct kvm_vcpu *vcpu);
void leave_sie(struct kvm_vcpu *vcpu);

/* ---- sync_regs.c ---- */

#define KVM_SYNC_S390_VALID_FIELDS 0x1fffUL

/** kvm_s390_sync_init() - say in the run page which registers are exchanged */
void kvm_s390_sync_init(struct kvm_vcpu *vcpu);

/** sync_regs() - user space to CPU: the PSW, and what kvm_dirty_regs names */
void sync_regs(struct kvm_vcpu *vcpu);

/** store_regs() - CPU to user space, everything */
void store_regs(struct kvm_vcpu *vcpu);

/* ---- regs.c ---- */

/** kvm_s390_regs_ioctl() - GET/SET_REGS, SREGS, FPU, ONE_REG. Return: -ENOIOCTLCMD if none */
long kvm_s390_regs_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg);

/* ---- cpu_state.c: stopped, operating, resets ---- */

/**
 * kvm_s390_vcpu_start() - leave the stopped state
 * Return: 0, also if it was operating; -EINVAL the Ultravisor refused.
 */
int kvm_s390_vcpu_start(struct kvm_vcpu *vcpu);

/** kvm_s390_vcpu_stop() - enter it and forget a pending stop order. Return: as above */
int kvm_s390_vcpu_stop(struct kvm_vcpu *vcpu);

/** kvm_s390_state_ioctl() - MP_STATE, resets, INITIAL_PSW, STORE_STATUS. -ENOIOCTLCMD if none */
long kvm_s390_state_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg);

/** kvm_s390_vcpu_initial_reset() - local part of an initial CPU reset, with the normal one */
void kvm_s390_vcpu_initial_reset(struct kvm_vcpu *vcpu);

/**
 * kvm_s390_vcpu_store_status() - save areas of 2.4 of guest-execution
 * @addr: absolute address of 512 bytes; KVM_S390_STORE_STATUS_NOADDR: absolute 1200, with the
 *        architecture-mode id at a3; _PREFIXED: in the prefix area
 * Return: 0 or -EFAULT.
 */
int kvm_s390_vcpu_store_status(struct kvm_vcpu *vcpu, uint64_t addr);

/* ---- inject.c ---- */

/**
 * kvm_s390_inject_vcpu() - queue an interrupt for one CPU
 * Return: 0; -EINVAL, -EBUSY as in kvm-pv 1.14.
 * Context: no lock needed; kicks the CPU.
 */
int kvm_s390_inject_vcpu(struct kvm_vcpu *vcpu, const struct kvm_s390_irq *irq);

/**
 * kvm_s390_inject_all() - the interrupts of another life, into a CPU that has none; at once
 * Return: 0; -EBUSY also if something waits already; -EINVAL: those before stay.
 * Context: vcpu->mutex.
 */
int kvm_s390_inject_all(struct kvm_vcpu *vcpu, const struct kvm_s390_irq *irqs, size_t n);

/** s390int_to_s390irq() - the old form for a CPU. Return: 0 or -EINVAL */
int s390int_to_s390irq(const struct kvm_s390_interrupt *s390int, struct kvm_s390_irq *irq);

/** kvm_s390_inject_float() - a floating interrupt in the new form. Return: 0, -EINVAL, -EBUSY,
 * -ENOMEM */
int kvm_s390_inject_float(struct kvm *kvm, const struct kvm_s390_irq *irq);

/** kvm_s390_reinject_io_int() - put back what TSCH or TPI took, in front */
void kvm_s390_reinject_io_int(struct kvm *kvm, struct kvm_s390_interrupt_info *inti);

/**
 * kvm_s390_get_io_int() - take the most urgent I/O interrupt out
 * @isc_mask: subclasses as in CR6
 * @schid: subchannel id << 16 | number; 0: any
 * Return: it, to be freed with host_free(); NULL if there is none.
 */
struct kvm_s390_interrupt_info *kvm_s390_get_io_int(struct kvm *kvm, uint64_t isc_mask,
						    uint32_t schid);

/** kvm_s390_clear_float_irqs() - forget all; a protected VM keeps its masked service interrupts */
void kvm_s390_clear_float_irqs(struct kvm *kvm, bool keep_masked);

/**
 * kvm_s390_service_call_issued() - a protected guest has: one service interrupt may be presented
 *
 * Whether the answer waits already or an error has to be announced: the SCCB's address is not known
 * here, so the interrupt is made pending with one that only says "something".
 *
 * Context: any thread; kicks the CPUs.
 */
void kvm_s390_service_call_issued(struct kvm *kvm);

/** kvm_s390_clear_local_irqs() - forget what waits for the CPU */
void kvm_s390_clear_local_irqs(struct kvm_vcpu *vcpu);

/** kvm_s390_is_stop_irq_pending() - Context: any thread */
bool kvm_s390_is_stop_irq_pending(struct kvm_vcpu *vcpu);
void kvm_s390_clear_stop_irq(struct kvm_vcpu *vcpu);

/** kvm_s390_inject_program_int() - for the current instruction. Return: 0, -EINVAL */
int kvm_s390_inject_program_int(struct kvm_vcpu *vcpu, uint16_t code);

/** kvm_s390_inject_prog_irq() - with parameters; the length is found if it is not given */
int kvm_s390_inject_prog_irq(struct kvm_vcpu *vcpu, const struct kvm_s390_pgm_info *pgm_info);

/**
 * kvm_s390_inject_prog_cond() - turn what an access returned into an answer
 * @rc: > 0: inject vcpu->arch.pgm; else returned
 */
int kvm_s390_inject_prog_cond(struct kvm_vcpu *vcpu, int rc);

/* ---- irq_state.c ---- */

/** kvm_s390_irq_state_ioctl() - KVM_S390_GET/SET_IRQ_STATE. -ENOIOCTLCMD if none */
long kvm_s390_irq_state_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg);

/* ---- interrupt.c: delivery ---- */

/** kvm_s390_deliver_pending_interrupts() - before the engine is entered. Return: 0, -EFAULT */
int kvm_s390_deliver_pending_interrupts(struct kvm_vcpu *vcpu);

/** kvm_s390_vcpu_has_irq() - could one be delivered now? @exclude_stop: a stop order is none */
bool kvm_s390_vcpu_has_irq(struct kvm_vcpu *vcpu, bool exclude_stop);

/* ---- wait.c ---- */

/**
 * kvm_s390_handle_wait() - enabled wait: sleep until an interrupt, a kick or a timer
 * Return: 0 go on; -EOPNOTSUPP disabled wait.
 */
int kvm_s390_handle_wait(struct kvm_vcpu *vcpu);

/** kvm_s390_now_ns() - CLOCK_MONOTONIC, for task_sleep() */
uint64_t kvm_s390_now_ns(void);

/* ---- intercept.c and what it calls ---- */

int kvm_handle_sie_intercept(struct kvm_vcpu *vcpu);
int kvm_s390_handle_diag(struct kvm_vcpu *vcpu);
int kvm_s390_handle_sigp(struct kvm_vcpu *vcpu);
int kvm_s390_handle_01(struct kvm_vcpu *vcpu);
int kvm_s390_handle_b2(struct kvm_vcpu *vcpu);
int kvm_s390_handle_b9(struct kvm_vcpu *vcpu);
int kvm_s390_handle_e5(struct kvm_vcpu *vcpu);
int kvm_s390_handle_lctl(struct kvm_vcpu *vcpu, bool grande);
int kvm_s390_handle_lpsw(struct kvm_vcpu *vcpu);
int kvm_s390_handle_lpswe(struct kvm_vcpu *vcpu, uint64_t operand, uint8_t ar);
int kvm_s390_handle_stsi(struct kvm_vcpu *vcpu);
int kvm_s390_handle_io_inst(struct kvm_vcpu *vcpu);

/** is_valid_psw() - may this PSW be loaded without an early exception? */
bool is_valid_psw(const struct psw *psw);

/** sida_addr() - the SIDA of a protected CPU, one page */
uint8_t *sida_addr(const struct kvm_vcpu *vcpu);

/* ---- gaccess.c ---- */

/** enum gacc_mode - what is done with guest storage */
enum gacc_mode {
	GACC_FETCH,
	GACC_STORE,
	GACC_IFETCH,
};

/**
 * access_guest() - read or write at a logical address
 * @ga: logical address, wraps in the addressing mode
 * @ar: access register of the base, used in access-register mode only
 * @data: bytes to store, or to be filled
 * @key: access key, 0 passes always
 *
 * All pages are checked before the first byte is stored.
 *
 * Return: 0; > 0: program interruption code, its parameters in vcpu->arch.pgm; -EFAULT, -ENOMEM.
 */
int access_guest(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, void *data, size_t len,
		 enum gacc_mode mode, uint8_t key);

/** check_gva_range() - would access_guest() succeed? Return: as that */
int check_gva_range(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, size_t len, enum gacc_mode mode,
		    uint8_t key);

/**
 * kvm_s390_check_low_addr_prot_real() - does low-address protection forbid a store at @gra?
 * @gra: real address
 * Return: 0; PGM_PROTECTION with its parameters in vcpu->arch.pgm.
 */
int kvm_s390_check_low_addr_prot_real(struct kvm_vcpu *vcpu, uint64_t gra);

/**
 * guest_translate_address() - logical to absolute, with all checks
 * Return: 0; > 0 as access_guest().
 */
int guest_translate_address(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, gpa_t *gpa,
			    enum gacc_mode mode, uint8_t key);

#define PEI_DAT_PROT 2UL
#define PEI_NOT_PTE  4UL

/**
 * struct kvm_s390_shadow - where the storage of a guest's guest is
 * @gpa: the guest's own absolute address
 * @protect: it may not be stored into
 * @pei: where the translation ended, as a partial-execution interception tells it
 */
struct kvm_s390_shadow {
	gpa_t gpa;
	bool protect;
	uint64_t pei;
};

/**
 * kvm_s390_shadow_fault() - translate through the primary space, whatever the PSW says
 * @saddr: absolute address of the guest's guest with its origin added
 * Return: 0; > 0 as access_guest(): an exception of the guest's; -ENOMEM.
 */
int kvm_s390_shadow_fault(struct kvm_vcpu *vcpu, uint64_t saddr, enum gacc_mode mode,
			  struct kvm_s390_shadow *shadow);

/**
 * guest_translate_home() - a virtual address of the home space, or a real one if DAT is off
 *
 * Keys are not looked at, nor whether the VM's own Ultravisor has the page.
 *
 * Return: 0; > 0 as access_guest().
 */
int guest_translate_home(struct kvm_vcpu *vcpu, uint64_t ga, gpa_t *gpa, enum gacc_mode mode);

/**
 * access_guest_home() - access_guest() there, page by page
 * @data: NULL: only look whether all of it could be accessed
 */
int access_guest_home(struct kvm_vcpu *vcpu, uint64_t ga, void *data, size_t len,
		      enum gacc_mode mode);

/**
 * kvm_s390_check_own_ultravisor() - what has the VM's own Ultravisor against a store to a page?
 * Return: 0; the code of its program interruption, with the parameters in vcpu->arch.pgm.
 */
int kvm_s390_check_own_ultravisor(struct kvm_vcpu *vcpu, gpa_t gpa);

/** psw_key() - the access key of an instruction */
static inline uint8_t psw_key(const struct kvm_vcpu *vcpu)
{
	return gpsw_mask(vcpu) >> 52 & 0xf;
}

static inline int read_guest(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, void *data, size_t len)
{
	return access_guest(vcpu, ga, ar, data, len, GACC_FETCH, psw_key(vcpu));
}

static inline int write_guest(struct kvm_vcpu *vcpu, uint64_t ga, uint8_t ar, const void *data,
			      size_t len)
{
	return access_guest(vcpu, ga, ar, (void *)(uintptr_t)data, len, GACC_STORE, psw_key(vcpu));
}

/** kvm_s390_real_to_abs() - prefixing */
gpa_t kvm_s390_real_to_abs(const struct kvm_vcpu *vcpu, uint64_t gra);

/** read_guest_lc(), write_guest_lc() - the prefix area. Return: 0 or -EFAULT */
int read_guest_lc(struct kvm_vcpu *vcpu, unsigned int offset, void *data, size_t len);
int write_guest_lc(struct kvm_vcpu *vcpu, unsigned int offset, const void *data, size_t len);

/* ---- memop.c ---- */

/** kvm_s390_vcpu_memsida_op() and logical accesses: KVM_S390_MEM_OP on a vCPU (kvm-pv 1.15) */
long kvm_s390_vcpu_mem_op(struct kvm_vcpu *vcpu, uint64_t arg);

#endif
