// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which interrupts a CPU can take now, and what it is told about the others.
 *
 * deliver.c takes a single one from its queue and presents it.
 */
#include <errno.h>

#include "kvm/deliver.h"
#include "kvm/vcpu.h"

static uint64_t pending_irqs(const struct kvm_vcpu *vcpu)
{
	const struct kvm_s390_float_interrupt *fi = &vcpu->kvm->arch.float_int;
	uint64_t floating = atomic_load(&fi->pending_irqs) & ~atomic_load(&fi->masked_irqs);

	return floating | atomic_load(&vcpu->arch.local_int.pending_irqs);
}

/** disable_iscs() - drop the I/O subclasses that CR6 masks */
static uint64_t disable_iscs(const struct kvm_vcpu *vcpu, uint64_t active)
{
	for (unsigned int isc = 0; isc <= MAX_ISC; isc++)
		if (!(guest_cr(vcpu, 6) & 0x80000000UL >> isc))
			active &= ~IRQ_BIT(isc_to_irq_type(isc));
	return active;
}

/** disable_external() - drop the external interrupts that CR0 masks */
static uint64_t disable_external(const struct kvm_vcpu *vcpu, uint64_t active)
{
	const struct {
		uint64_t submask;
		uint64_t irqs;
	} rows[] = {
		{CR0_EMERGENCY_SIGNAL_SUBMASK, IRQ_BIT(IRQ_PEND_EXT_EMERGENCY)},
		{CR0_EXTERNAL_CALL_SUBMASK, IRQ_BIT(IRQ_PEND_EXT_EXTERNAL)},
		{CR0_CLOCK_COMPARATOR_SUBMASK, IRQ_BIT(IRQ_PEND_EXT_CLOCK_COMP)},
		{CR0_CPU_TIMER_SUBMASK, IRQ_BIT(IRQ_PEND_EXT_CPU_TIMER)},
		{CR0_SERVICE_SIGNAL_SUBMASK,
		 IRQ_BIT(IRQ_PEND_EXT_SERVICE) | IRQ_BIT(IRQ_PEND_EXT_SERVICE_EV) |
			 IRQ_BIT(IRQ_PEND_VIRTIO) | IRQ_BIT(IRQ_PEND_PFAULT_INIT) |
			 IRQ_BIT(IRQ_PEND_PFAULT_DONE)},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!(guest_cr(vcpu, 0) & rows[i].submask))
			active &= ~rows[i].irqs;
	return active;
}

/** report_class_enabled() - does CR14 let the subclass of the pending report through? */
static bool report_class_enabled(const struct kvm_vcpu *vcpu)
{
	const struct kvm_s390_float_interrupt *fi = &vcpu->kvm->arch.float_int;
	const struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	uint64_t classes = 0;

	pthread_mutex_lock((pthread_mutex_t *)&fi->lock);
	classes |= fi->mchk.cr14;
	pthread_mutex_unlock((pthread_mutex_t *)&fi->lock);
	pthread_mutex_lock((pthread_mutex_t *)&li->lock);
	classes |= li->mchk.cr14;
	pthread_mutex_unlock((pthread_mutex_t *)&li->lock);
	return guest_cr(vcpu, 14) & classes;
}

/** pv_injectable() - what may be presented to a protected CPU at the next entry, enabled or not */
static uint64_t pv_injectable(const struct kvm_vcpu *vcpu)
{
	const struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	uint64_t always = IRQ_BIT(IRQ_PEND_SET_PREFIX);

	/* One at a time */
	if (scb->iictl != IICTL_CODE_NONE || scb->icptcode == ICPT_PV_PREF)
		return always;
	/* That entry completes the instruction: only its own exception can be added */
	if (scb->icptcode == ICPT_PV_INSTR)
		return always | IRQ_BIT(IRQ_PEND_PROG);
	return UINT64_MAX;
}

/** deliverable_irqs() - those that the CPU is enabled for; a stop order is never delivered */
static uint64_t deliverable_irqs(const struct kvm_vcpu *vcpu)
{
	uint64_t active = pending_irqs(vcpu) & ~IRQ_BIT(IRQ_PEND_SIGP_STOP);
	uint64_t mask = gpsw_mask(vcpu);

	if (kvm_s390_pv_cpu_get_handle(vcpu))
		active &= pv_injectable(vcpu);
	if (!(mask & PSW_MASK_EXT))
		active &= ~IRQ_PEND_EXT_MASK;
	if (!(mask & PSW_MASK_IO))
		active &= ~IRQ_PEND_IO_MASK;
	if (!(mask & PSW_MASK_MCHECK))
		active &= ~IRQ_PEND_MCHK_MASK;
	active = disable_external(vcpu, disable_iscs(vcpu, active));
	if ((active & IRQ_BIT(IRQ_PEND_MCHK_REP)) && !report_class_enabled(vcpu))
		active &= ~IRQ_BIT(IRQ_PEND_MCHK_REP);
	return active;
}

/* All ones is how a guest turns it off: no clock says more. */
static bool ckc_irq_pending(const struct kvm_vcpu *vcpu)
{
	uint64_t ckc = be64_get(vcpu->arch.sie_block->ckc);

	return ckc != UINT64_MAX && ckc < kvm_s390_get_tod(vcpu->kvm);
}

static bool cpu_timer_irq_pending(const struct kvm_vcpu *vcpu)
{
	return (int64_t)be64_get(vcpu->arch.sie_block->cputm) < 0;
}

/** refresh_timers() - both conditions are levels: raise or withdraw their interrupts */
static void refresh_timers(struct kvm_vcpu *vcpu)
{
	_Atomic uint64_t *pending = &vcpu->arch.local_int.pending_irqs;

	if (ckc_irq_pending(vcpu))
		atomic_fetch_or(pending, IRQ_BIT(IRQ_PEND_EXT_CLOCK_COMP));
	else
		atomic_fetch_and(pending, ~IRQ_BIT(IRQ_PEND_EXT_CLOCK_COMP));
	if (cpu_timer_irq_pending(vcpu))
		atomic_fetch_or(pending, IRQ_BIT(IRQ_PEND_EXT_CPU_TIMER));
	else
		atomic_fetch_and(pending, ~IRQ_BIT(IRQ_PEND_EXT_CPU_TIMER));
}

bool kvm_s390_vcpu_has_irq(struct kvm_vcpu *vcpu, bool exclude_stop)
{
	refresh_timers(vcpu);
	if (deliverable_irqs(vcpu))
		return true;
	return !exclude_stop && kvm_s390_is_stop_irq_pending(vcpu);
}

/* ---- intercept indicators: tell the engine to come back when the guest enables a class ---- */

static void reset_intercept_indicators(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	kvm_s390_clear_cpuflags(vcpu, CPUSTAT_IO_INT | CPUSTAT_EXT_INT | CPUSTAT_STOP_INT);
	scb->lctl = be16_make(0);
	scb->ictl = be32_make(be32_get(scb->ictl) & ~ICTL_LPSW);
}

static void set_lctl(struct kvm_vcpu *vcpu, uint16_t cr)
{
	vcpu->arch.sie_block->lctl = be16_make(be16_get(vcpu->arch.sie_block->lctl) | cr);
}

static void set_intercept_indicators(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	uint64_t pending = pending_irqs(vcpu);
	uint64_t mask = gpsw_mask(vcpu);

	if (pending & IRQ_PEND_IO_MASK) {
		if (mask & PSW_MASK_IO)
			set_lctl(vcpu, LCTL_CR6);
		else
			kvm_s390_set_cpuflags(vcpu, CPUSTAT_IO_INT);
	}
	/* The engine itself presents timers that go off while it runs */
	pending &= ~(IRQ_BIT(IRQ_PEND_EXT_CLOCK_COMP) | IRQ_BIT(IRQ_PEND_EXT_CPU_TIMER));
	if (pending & IRQ_PEND_EXT_MASK) {
		if (mask & PSW_MASK_EXT)
			set_lctl(vcpu, LCTL_CR0);
		else
			kvm_s390_set_cpuflags(vcpu, CPUSTAT_EXT_INT);
	}
	if (pending & IRQ_PEND_MCHK_MASK) {
		/* There is no flag, and the PSW shown after an interception 68 or 70 is masked */
		if ((mask & PSW_MASK_MCHECK) || kvm_s390_pv_cpu_is_protected(vcpu))
			set_lctl(vcpu, LCTL_CR14);
		if (!(mask & PSW_MASK_MCHECK))
			scb->ictl = be32_make(be32_get(scb->ictl) | ICTL_LPSW);
	}
	if (kvm_s390_is_stop_irq_pending(vcpu))
		kvm_s390_set_cpuflags(vcpu, CPUSTAT_STOP_INT);
}

int kvm_s390_deliver_pending_interrupts(struct kvm_vcpu *vcpu)
{
	uint64_t irqs;
	int rc = 0;

	reset_intercept_indicators(vcpu);
	refresh_timers(vcpu);
	while (!rc && (irqs = deliverable_irqs(vcpu)) != 0)
		rc = kvm_s390_deliver_irq(vcpu, 63U - (unsigned int)__builtin_clzl(irqs));
	set_intercept_indicators(vcpu);
	return rc;
}
