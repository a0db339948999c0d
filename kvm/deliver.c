// SPDX-License-Identifier: GPL-2.0-or-later
#include "kvm/deliver.h"

#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "kvm/lowcore.h"
#include "kvm/vcpu.h"
#include "sie/sie.h"

/** VIRTIO_PARAM - CPU-address field of a virtio interruption: subcode of 2603 */
#define VIRTIO_PARAM      0x0d00
#define PFAULT_INIT_PARAM 0x0600
#define PFAULT_DONE_PARAM 0x0680

/* ---- the prefix area of an ordinary CPU ---- */

static int put16(struct kvm_vcpu *vcpu, unsigned int offset, uint16_t value)
{
	be16_t raw = be16_make(value);

	return write_guest_lc(vcpu, offset, &raw, sizeof(raw));
}

static int put32(struct kvm_vcpu *vcpu, unsigned int offset, uint32_t value)
{
	be32_t raw = be32_make(value);

	return write_guest_lc(vcpu, offset, &raw, sizeof(raw));
}

static int put64(struct kvm_vcpu *vcpu, unsigned int offset, uint64_t value)
{
	be64_t raw = be64_make(value);

	return write_guest_lc(vcpu, offset, &raw, sizeof(raw));
}

static int put8(struct kvm_vcpu *vcpu, unsigned int offset, uint8_t value)
{
	return write_guest_lc(vcpu, offset, &value, sizeof(value));
}

/** swap_psw() - store the old, load the new one. Return: 0 or -EFAULT */
static int swap_psw(struct kvm_vcpu *vcpu, unsigned int old, unsigned int new)
{
	be64_t psw[2] = {vcpu->arch.sie_block->gpsw_mask, vcpu->arch.sie_block->gpsw_addr};
	int rc = write_guest_lc(vcpu, old, psw, sizeof(psw));

	if (!rc)
		rc = read_guest_lc(vcpu, new, psw, sizeof(psw));
	if (!rc) {
		vcpu->arch.sie_block->gpsw_mask = psw[0];
		vcpu->arch.sie_block->gpsw_addr = psw[1];
	}
	return rc ? -EFAULT : 0;
}

/** trace() - a line about an interruption that is presented here; the engine tells of its own */
static void trace(struct kvm_vcpu *vcpu, const char *what, uint32_t code)
{
	sie_trace_interruption(vcpu->arch.sie, vcpu->vcpu_id, what, code);
}

/* ---- external ---- */

/** struct external - what an external interruption stores */
struct external {
	uint16_t code;
	uint16_t cpu_addr;
	uint32_t params;
	uint64_t params2;
	bool has_params;
	bool has_params2;
};

static int deliver_external(struct kvm_vcpu *vcpu, const struct external *ext)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	int rc;

	if (kvm_s390_pv_cpu_is_protected(vcpu)) {
		scb->eic = be16_make(ext->code);
		scb->extcpuaddr = be16_make(ext->cpu_addr);
		scb->eiparams = be32_make(ext->params);
		scb->iictl = IICTL_CODE_EXT;
		return 0;
	}
	trace(vcpu, "external", ext->code);
	rc = put16(vcpu, LC_EXT_INT_CODE, ext->code);
	rc |= put16(vcpu, LC_EXT_CPU_ADDR, ext->cpu_addr);
	if (ext->has_params)
		rc |= put32(vcpu, LC_EXT_PARAMS, ext->params);
	if (ext->has_params2)
		rc |= put64(vcpu, LC_EXT_PARAMS2, ext->params2);
	return rc ? -EFAULT : swap_psw(vcpu, LC_EXT_OLD_PSW, LC_EXT_NEW_PSW);
}

static int deliver_service_param(struct kvm_vcpu *vcpu, uint32_t params)
{
	return deliver_external(vcpu, &(struct external){.code = EXT_IRQ_SERVICE_SIG,
							 .params = params,
							 .has_params = true});
}

/** deliver_service() - the answer to a SERVC, with the events that wait */
static int deliver_service(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_float_interrupt *fi = &vcpu->kvm->arch.float_int;
	uint64_t both = IRQ_BIT(IRQ_PEND_EXT_SERVICE) | IRQ_BIT(IRQ_PEND_EXT_SERVICE_EV);
	uint32_t params = 0;
	bool taken;

	pthread_mutex_lock(&fi->lock);
	taken = (atomic_load(&fi->pending_irqs) & ~atomic_load(&fi->masked_irqs)) &
		IRQ_BIT(IRQ_PEND_EXT_SERVICE);
	if (taken) {
		params = fi->srv_signal.ext_params;
		fi->srv_signal.ext_params = 0;
		atomic_fetch_and(&fi->pending_irqs, ~both);
		if (kvm_s390_pv_cpu_is_protected(vcpu))
			atomic_fetch_or(&fi->masked_irqs, IRQ_BIT(IRQ_PEND_EXT_SERVICE));
	}
	pthread_mutex_unlock(&fi->lock);
	return taken ? deliver_service_param(vcpu, params) : 0;
}

/** deliver_service_ev() - events alone, which need no SERVC */
static int deliver_service_ev(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_float_interrupt *fi = &vcpu->kvm->arch.float_int;
	uint64_t bit = IRQ_BIT(IRQ_PEND_EXT_SERVICE_EV);
	bool taken;

	pthread_mutex_lock(&fi->lock);
	taken = atomic_fetch_and(&fi->pending_irqs, ~bit) & bit;
	if (taken)
		fi->srv_signal.ext_params &= ~SCCB_EVENT_PENDING;
	pthread_mutex_unlock(&fi->lock);
	return taken ? deliver_service_param(vcpu, SCCB_EVENT_PENDING) : 0;
}

/** next_emergency() - take the lowest sender out. Context: li->lock held */
static uint16_t next_emergency(struct kvm_s390_local_interrupt *li)
{
	uint16_t sender = 0;
	bool more = false;

	for (uint16_t i = 4; i-- > 0;) {
		uint64_t word = atomic_load(&li->sigp_emerg_pending[i]);

		if (word)
			sender = (uint16_t)(64 * i + __builtin_ctzl(word));
	}
	atomic_fetch_and(&li->sigp_emerg_pending[sender / 64], ~IRQ_BIT(sender % 64));
	for (unsigned int i = 0; i < 4; i++)
		more |= atomic_load(&li->sigp_emerg_pending[i]) != 0;
	if (!more)
		atomic_fetch_and(&li->pending_irqs, ~IRQ_BIT(IRQ_PEND_EXT_EMERGENCY));
	return sender;
}

static int deliver_emergency(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	struct external ext = {.code = EXT_IRQ_EMERGENCY};

	pthread_mutex_lock(&li->lock);
	ext.cpu_addr = next_emergency(li);
	pthread_mutex_unlock(&li->lock);
	return deliver_external(vcpu, &ext);
}

static int deliver_external_call(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	struct external ext = {.code = EXT_IRQ_EXTERNAL};

	pthread_mutex_lock(&li->lock);
	ext.cpu_addr = li->extcall.code;
	atomic_fetch_and(&li->pending_irqs, ~IRQ_BIT(IRQ_PEND_EXT_EXTERNAL));
	pthread_mutex_unlock(&li->lock);
	return deliver_external(vcpu, &ext);
}

/** deliver_timer() - a level: it stays pending until the guest changes the timer */
static int deliver_timer(struct kvm_vcpu *vcpu, unsigned int irq_type, uint16_t code)
{
	atomic_fetch_and(&vcpu->arch.local_int.pending_irqs, ~IRQ_BIT(irq_type));
	return deliver_external(vcpu, &(struct external){.code = code});
}

static int deliver_pfault_init(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	struct external ext = {
		.code = EXT_IRQ_CP_SERVICE, .cpu_addr = PFAULT_INIT_PARAM, .has_params2 = true};

	pthread_mutex_lock(&li->lock);
	ext.params2 = li->ext.ext_params2;
	atomic_fetch_and(&li->pending_irqs, ~IRQ_BIT(IRQ_PEND_PFAULT_INIT));
	pthread_mutex_unlock(&li->lock);
	return deliver_external(vcpu, &ext);
}

/** take_listed() - first entry of a list of floating interrupts; NULL: another CPU was faster */
static struct kvm_s390_interrupt_info *take_listed(struct kvm *kvm, unsigned int list,
						   unsigned int irq_type)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;
	struct kvm_s390_interrupt_info *inti;

	pthread_mutex_lock(&fi->lock);
	inti = TAILQ_FIRST(&fi->lists[list]);
	if (inti) {
		TAILQ_REMOVE(&fi->lists[list], inti, link);
		fi->counters[list]--;
	}
	if (TAILQ_EMPTY(&fi->lists[list]))
		atomic_fetch_and(&fi->pending_irqs, ~IRQ_BIT(irq_type));
	pthread_mutex_unlock(&fi->lock);
	return inti;
}

/** deliver_cp_service() - virtio and completion of a pfault */
static int deliver_cp_service(struct kvm_vcpu *vcpu, unsigned int list, unsigned int irq_type)
{
	struct kvm_s390_interrupt_info *inti = take_listed(vcpu->kvm, list, irq_type);
	struct external ext = {.code = EXT_IRQ_CP_SERVICE, .has_params = true, .has_params2 = true};

	if (!inti)
		return 0;
	ext.cpu_addr = list == FIRQ_LIST_VIRTIO ? VIRTIO_PARAM : PFAULT_DONE_PARAM;
	ext.params = inti->irq.u.ext.ext_params;
	ext.params2 = inti->irq.u.ext.ext_params2;
	host_free(inti);
	return deliver_external(vcpu, &ext);
}

/* ---- I/O ---- */

static int deliver_io_info(struct kvm_vcpu *vcpu, const struct kvm_s390_io_info *io)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	int rc;

	if (kvm_s390_pv_cpu_is_protected(vcpu)) {
		scb->iictl = IICTL_CODE_IO;
		scb->subchannel_id = be16_make(io->subchannel_id);
		scb->subchannel_nr = be16_make(io->subchannel_nr);
		scb->io_int_parm = be32_make(io->io_int_parm);
		scb->io_int_word = be32_make(io->io_int_word);
		return 0;
	}
	trace(vcpu, "I/O", io->subchannel_nr);
	rc = put16(vcpu, LC_SUBCHANNEL_ID, io->subchannel_id);
	rc |= put16(vcpu, LC_SUBCHANNEL_ID + 2, io->subchannel_nr);
	rc |= put32(vcpu, LC_SUBCHANNEL_ID + 4, io->io_int_parm);
	rc |= put32(vcpu, LC_SUBCHANNEL_ID + 8, io->io_int_word);
	return rc ? -EFAULT : swap_psw(vcpu, LC_IO_OLD_PSW, LC_IO_NEW_PSW);
}

static int deliver_io(struct kvm_vcpu *vcpu, unsigned int irq_type)
{
	unsigned int isc = IRQ_PEND_IO_ISC_0 - irq_type;
	struct kvm_s390_interrupt_info *inti =
		take_listed(vcpu->kvm, FIRQ_LIST_IO_ISC_0 + isc, irq_type);
	int rc;

	if (!inti)
		return 0;
	rc = deliver_io_info(vcpu, &inti->irq.u.io);
	host_free(inti);
	return rc;
}

/* ---- machine check ---- */

static int write_machine_check(struct kvm_vcpu *vcpu, const struct kvm_s390_mchk_info *mchk)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	int rc;

	if (kvm_s390_pv_cpu_is_protected(vcpu)) {
		scb->iictl = IICTL_CODE_MCHK;
		scb->mcic = be64_make(mchk->mcic);
		scb->faddr = be64_make(mchk->failing_storage_address);
		scb->edc = be32_make(mchk->ext_damage_code);
		return 0;
	}
	trace(vcpu, "machine check", (uint32_t)(mchk->mcic >> 32));
	rc = kvm_s390_vcpu_store_status(vcpu, KVM_S390_STORE_STATUS_PREFIXED);
	rc |= put64(vcpu, LC_MCCK_CODE, mchk->mcic);
	rc |= put64(vcpu, LC_MCCK_FAIL_STOR, mchk->failing_storage_address);
	rc |= put32(vcpu, LC_EXT_DAMAGE_CODE, mchk->ext_damage_code);
	return rc ? -EFAULT : swap_psw(vcpu, LC_MCK_OLD_PSW, LC_MCK_NEW_PSW);
}

/** take_local_check() - also reports, if CR14 lets them through or an exigent one comes with them
 */
static bool take_local_check(struct kvm_vcpu *vcpu, struct kvm_s390_mchk_info *mchk)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	uint64_t pending;
	bool taken;

	pthread_mutex_lock(&li->lock);
	pending = atomic_load(&li->pending_irqs) & IRQ_PEND_MCHK_MASK;
	taken = (pending & IRQ_BIT(IRQ_PEND_MCHK_EX)) ||
		(pending && guest_cr(vcpu, 14) & li->mchk.cr14);
	if (taken) {
		*mchk = li->mchk;
		memset(&li->mchk, 0, sizeof(li->mchk));
		atomic_fetch_and(&li->pending_irqs, ~IRQ_PEND_MCHK_MASK);
	}
	pthread_mutex_unlock(&li->lock);
	return taken;
}

/** take_report() - the floating one, if CR14 lets it through. Return: was there any? */
static bool take_report(struct kvm_vcpu *vcpu, struct kvm_s390_mchk_info *mchk)
{
	struct kvm_s390_float_interrupt *fi = &vcpu->kvm->arch.float_int;
	uint64_t report = IRQ_BIT(IRQ_PEND_MCHK_REP);
	bool taken;

	pthread_mutex_lock(&fi->lock);
	taken = (atomic_load(&fi->pending_irqs) & report) && guest_cr(vcpu, 14) & fi->mchk.cr14;
	if (taken) {
		mchk->mcic |= fi->mchk.mcic;
		memset(&fi->mchk, 0, sizeof(fi->mchk));
		atomic_fetch_and(&fi->pending_irqs, ~report);
	}
	pthread_mutex_unlock(&fi->lock);
	return taken;
}

static int deliver_machine_check(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_mchk_info mchk = {0};
	bool taken = take_local_check(vcpu, &mchk);

	taken |= take_report(vcpu, &mchk);
	return taken ? write_machine_check(vcpu, &mchk) : 0;
}

/* ---- program ---- */

/** pgm_nullifies() - does the old PSW point to the instruction? (guest-execution 2.6) */
static bool pgm_nullifies(uint16_t code)
{
	return (code >= PGM_SEGMENT_TRANSLATION && code <= PGM_PAGE_TRANSLATION) ||
	       code == PGM_TRACE_TABLE ||
	       (code >= PGM_AFX_TRANSLATION && code <= PGM_LSX_TRANSLATION) ||
	       (code >= PGM_ALEN_TRANSLATION && code <= PGM_ASTE_INSTANCE) ||
	       (code >= PGM_STACK_FULL && code <= PGM_STACK_OPERATION) ||
	       (code >= PGM_ASCE_TYPE && code <= PGM_REGION_THIRD_TRANS) ||
	       (code >= PGM_SECURE_STORAGE && code <= PGM_SECURE_VIOLATION) || code == 0x119;
}

/** put_pgm_parameters() - what the kind of exception stores besides its code */
static int put_pgm_parameters(struct kvm_vcpu *vcpu, const struct kvm_s390_pgm_info *info)
{
	uint16_t code = (uint16_t)(info->code & ~PGM_PER);
	int rc = 0;

	switch (code) {
	case PGM_AFX_TRANSLATION ... PGM_LSX_TRANSLATION:
	case PGM_SPACE_SWITCH:
		rc = put64(vcpu, LC_TRANS_EXC_CODE, info->trans_exc_code);
		break;
	case PGM_ALET_SPECIFICATION ... PGM_ASTE_INSTANCE:
		rc = put8(vcpu, LC_EXC_ACCESS_ID, info->exc_access_id);
		break;
	case PGM_ASCE_TYPE ... PGM_REGION_THIRD_TRANS:
	case PGM_SECURE_STORAGE ... PGM_SECURE_VIOLATION:
	case PGM_SEGMENT_TRANSLATION:
	case PGM_PAGE_TRANSLATION:
	case PGM_PROTECTION:
		rc = put64(vcpu, LC_TRANS_EXC_CODE, info->trans_exc_code);
		rc |= put8(vcpu, LC_EXC_ACCESS_ID, info->exc_access_id);
		rc |= put8(vcpu, LC_OP_ACCESS_ID, info->op_access_id);
		break;
	case PGM_MONITOR:
		rc = put16(vcpu, LC_MON_CLASS_NR, info->mon_class);
		rc |= put64(vcpu, LC_MON_CODE, info->mon_code);
		break;
	case PGM_VECTOR_PROCESSING:
	case PGM_DATA:
		rc = put32(vcpu, LC_DATA_EXC_CODE, info->data_exc_code);
		break;
	}
	if (info->code & PGM_PER) {
		rc |= put8(vcpu, LC_PER_CODE, info->per_code);
		rc |= put8(vcpu, LC_PER_CODE + 1, info->per_atmid);
		rc |= put64(vcpu, LC_PER_ADDRESS, info->per_address);
		rc |= put8(vcpu, LC_PER_ACCESS_ID, info->per_access_id);
	}
	return rc;
}

static int deliver_prog_pv(struct kvm_vcpu *vcpu, uint16_t code)
{
	switch (code) {
	case PGM_SPECIFICATION:
		vcpu->arch.sie_block->iictl = IICTL_CODE_SPECIFICATION;
		return 0;
	case PGM_OPERAND:
		vcpu->arch.sie_block->iictl = IICTL_CODE_OPERAND;
		return 0;
	default:
		return -EINVAL;
	}
}

static int deliver_prog(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	struct kvm_s390_pgm_info info;
	uint8_t ilen;
	int rc;

	pthread_mutex_lock(&li->lock);
	atomic_fetch_and(&li->pending_irqs, ~IRQ_BIT(IRQ_PEND_PROG));
	info = li->pgm;
	memset(&li->pgm, 0, sizeof(li->pgm));
	pthread_mutex_unlock(&li->lock);
	if (kvm_s390_pv_cpu_is_protected(vcpu))
		return deliver_prog_pv(vcpu, info.code);
	trace(vcpu, "program", info.code);
	ilen = info.flags & KVM_S390_PGM_FLAGS_ILC_MASK;
	rc = put_pgm_parameters(vcpu, &info);
	if (pgm_nullifies((uint16_t)(info.code & ~PGM_PER)) &&
	    !(info.flags & KVM_S390_PGM_FLAGS_NO_REWIND))
		kvm_s390_rewind_psw(vcpu, ilen);
	rc |= put16(vcpu, LC_PGM_ILC, ilen);
	rc |= put64(vcpu, LC_PGM_LAST_BREAK, be64_get(vcpu->arch.sie_block->gbea));
	rc |= put16(vcpu, LC_PGM_INT_CODE, info.code);
	return rc ? -EFAULT : swap_psw(vcpu, LC_PGM_OLD_PSW, LC_PGM_NEW_PSW);
}

/* ---- restart, set prefix ---- */

static int deliver_restart(struct kvm_vcpu *vcpu)
{
	atomic_fetch_and(&vcpu->arch.local_int.pending_irqs, ~IRQ_BIT(IRQ_PEND_RESTART));
	if (kvm_s390_pv_cpu_is_protected(vcpu)) {
		vcpu->arch.sie_block->iictl = IICTL_CODE_RESTART;
		return 0;
	}
	trace(vcpu, "restart", 0);
	return swap_psw(vcpu, LC_RST_OLD_PSW, LC_RST_NEW_PSW);
}

static int deliver_set_prefix(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	uint32_t address;

	pthread_mutex_lock(&li->lock);
	address = li->prefix.address;
	atomic_fetch_and(&li->pending_irqs, ~IRQ_BIT(IRQ_PEND_SET_PREFIX));
	pthread_mutex_unlock(&li->lock);
	kvm_s390_set_prefix(vcpu, address);
	return 0;
}

int kvm_s390_deliver_irq(struct kvm_vcpu *vcpu, unsigned int irq_type)
{
	switch (irq_type) {
	case IRQ_PEND_IO_ISC_7 ... IRQ_PEND_IO_ISC_0:
		return deliver_io(vcpu, irq_type);
	case IRQ_PEND_MCHK_EX:
	case IRQ_PEND_MCHK_REP:
		return deliver_machine_check(vcpu);
	case IRQ_PEND_PROG:
		return deliver_prog(vcpu);
	case IRQ_PEND_EXT_EMERGENCY:
		return deliver_emergency(vcpu);
	case IRQ_PEND_EXT_EXTERNAL:
		return deliver_external_call(vcpu);
	case IRQ_PEND_EXT_CLOCK_COMP:
		return deliver_timer(vcpu, irq_type, EXT_IRQ_CLK_COMP);
	case IRQ_PEND_EXT_CPU_TIMER:
		return deliver_timer(vcpu, irq_type, EXT_IRQ_CPU_TIMER);
	case IRQ_PEND_EXT_SERVICE:
		return deliver_service(vcpu);
	case IRQ_PEND_EXT_SERVICE_EV:
		return deliver_service_ev(vcpu);
	case IRQ_PEND_PFAULT_INIT:
		return deliver_pfault_init(vcpu);
	case IRQ_PEND_PFAULT_DONE:
		return deliver_cp_service(vcpu, FIRQ_LIST_PFAULT, irq_type);
	case IRQ_PEND_VIRTIO:
		return deliver_cp_service(vcpu, FIRQ_LIST_VIRTIO, irq_type);
	case IRQ_PEND_RESTART:
		return deliver_restart(vcpu);
	case IRQ_PEND_SET_PREFIX:
		return deliver_set_prefix(vcpu);
	default:
		return -EINVAL;
	}
}
