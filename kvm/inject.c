// SPDX-License-Identifier: GPL-2.0-or-later
/* Queueing interrupts, for one CPU or for all. */
#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "kvm/vcpu.h"

/** PV_SCCB - address shown in a service interrupt; the Ultravisor puts the guest's in its place */
#define PV_SCCB 0x43000U

/** MAX_CP_SERVICE - floating virtio and pfault interrupts that can wait */
#define MAX_CP_SERVICE 100000U

/* ---- local ---- */

static void set_pending(struct kvm_s390_local_interrupt *li, unsigned int irq_type)
{
	atomic_fetch_or(&li->pending_irqs, IRQ_BIT(irq_type));
}

static bool is_pending(struct kvm_s390_local_interrupt *li, unsigned int irq_type)
{
	return atomic_load(&li->pending_irqs) & IRQ_BIT(irq_type);
}

bool kvm_s390_is_stop_irq_pending(struct kvm_vcpu *vcpu)
{
	return is_pending(&vcpu->arch.local_int, IRQ_PEND_SIGP_STOP);
}

void kvm_s390_clear_stop_irq(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;

	pthread_mutex_lock(&li->lock);
	li->stop.flags = 0;
	atomic_fetch_and(&li->pending_irqs, ~IRQ_BIT(IRQ_PEND_SIGP_STOP));
	pthread_mutex_unlock(&li->lock);
}

void kvm_s390_clear_local_irqs(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;

	pthread_mutex_lock(&li->lock);
	atomic_store(&li->pending_irqs, 0);
	for (unsigned int i = 0; i < 4; i++)
		atomic_store(&li->sigp_emerg_pending[i], 0);
	memset(&li->mchk, 0, sizeof(li->mchk));
	memset(&li->pgm, 0, sizeof(li->pgm));
	memset(&li->ext, 0, sizeof(li->ext));
	memset(&li->prefix, 0, sizeof(li->prefix));
	memset(&li->stop, 0, sizeof(li->stop));
	memset(&li->extcall, 0, sizeof(li->extcall));
	pthread_mutex_unlock(&li->lock);
}

/** merge_prog() - a PER event joins the exception that is pending already, and the other way round
 */
static void merge_prog(struct kvm_s390_pgm_info *old, const struct kvm_s390_pgm_info *new)
{
	if (new->code == PGM_PER) {
		old->code |= PGM_PER;
		old->flags = new->flags;
		old->per_code = new->per_code;
		old->per_atmid = new->per_atmid;
		old->per_address = new->per_address;
		old->per_access_id = new->per_access_id;
	} else if (!(old->code & PGM_PER)) {
		*old = *new;
	} else {
		struct kvm_s390_pgm_info per = *old;

		*old = *new;
		old->code |= PGM_PER;
		old->per_code = per.per_code;
		old->per_atmid = per.per_atmid;
		old->per_address = per.per_address;
		old->per_access_id = per.per_access_id;
	}
}

static int inject_prog(struct kvm_vcpu *vcpu, const struct kvm_s390_pgm_info *info)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	struct kvm_s390_pgm_info with_ilc = *info;

	if (!(with_ilc.flags & KVM_S390_PGM_FLAGS_ILC_VALID)) {
		with_ilc.flags &= (uint8_t)~KVM_S390_PGM_FLAGS_ILC_MASK;
		with_ilc.flags |= (uint8_t)(kvm_s390_get_ilen(vcpu) | KVM_S390_PGM_FLAGS_ILC_VALID);
	}
	merge_prog(&li->pgm, &with_ilc);
	set_pending(li, IRQ_PEND_PROG);
	return 0;
}

static int inject_sigp_stop(struct kvm_vcpu *vcpu, const struct kvm_s390_stop_info *stop)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;

	if (stop->flags & ~(uint32_t)KVM_S390_STOP_FLAG_STORE_STATUS)
		return -EINVAL;
	if (is_vcpu_stopped(vcpu)) {
		if (stop->flags & KVM_S390_STOP_FLAG_STORE_STATUS)
			return kvm_s390_vcpu_store_status(vcpu, KVM_S390_STORE_STATUS_NOADDR);
		return 0;
	}
	if (is_pending(li, IRQ_PEND_SIGP_STOP))
		return -EBUSY;
	li->stop = *stop;
	set_pending(li, IRQ_PEND_SIGP_STOP);
	return 0;
}

static int inject_set_prefix(struct kvm_vcpu *vcpu, const struct kvm_s390_prefix_info *prefix)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;

	if (!is_vcpu_stopped(vcpu))
		return -EBUSY;
	li->prefix = *prefix;
	set_pending(li, IRQ_PEND_SET_PREFIX);
	return 0;
}

static int inject_emergency(struct kvm_vcpu *vcpu, const struct kvm_s390_emerg_info *emerg)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;

	if (!kvm_get_vcpu_by_id(vcpu->kvm, emerg->code))
		return -EINVAL;
	atomic_fetch_or(&li->sigp_emerg_pending[emerg->code / 64], IRQ_BIT(emerg->code % 64));
	set_pending(li, IRQ_PEND_EXT_EMERGENCY);
	return 0;
}

static int inject_extcall(struct kvm_vcpu *vcpu, const struct kvm_s390_extcall_info *extcall)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;

	if (!kvm_get_vcpu_by_id(vcpu->kvm, extcall->code))
		return -EINVAL;
	if (is_pending(li, IRQ_PEND_EXT_EXTERNAL))
		return -EBUSY;
	li->extcall = *extcall;
	set_pending(li, IRQ_PEND_EXT_EXTERNAL);
	return 0;
}

/** MCIC_EXIGENT - machine-check conditions that are not repressible */
#define MCIC_EXIGENT 0xc000000000000000UL

static int inject_mchk(struct kvm_vcpu *vcpu, const struct kvm_s390_mchk_info *mchk)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;

	/* Conditions are collected: the parameters of the last one win */
	li->mchk.cr14 |= mchk->cr14;
	li->mchk.mcic |= mchk->mcic;
	li->mchk.failing_storage_address = mchk->failing_storage_address;
	li->mchk.ext_damage_code = mchk->ext_damage_code;
	memcpy(li->mchk.fixed_logout, mchk->fixed_logout, sizeof(mchk->fixed_logout));
	set_pending(li, mchk->mcic & MCIC_EXIGENT ? IRQ_PEND_MCHK_EX : IRQ_PEND_MCHK_REP);
	return 0;
}

/** do_inject_vcpu() - Context: li->lock held */
static int do_inject_vcpu(struct kvm_vcpu *vcpu, const struct kvm_s390_irq *irq)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;

	switch (irq->type) {
	case KVM_S390_PROGRAM_INT:
		return inject_prog(vcpu, &irq->u.pgm);
	case KVM_S390_SIGP_SET_PREFIX:
		return inject_set_prefix(vcpu, &irq->u.prefix);
	case KVM_S390_SIGP_STOP:
		return inject_sigp_stop(vcpu, &irq->u.stop);
	case KVM_S390_RESTART:
		set_pending(li, IRQ_PEND_RESTART);
		return 0;
	case KVM_S390_INT_CLOCK_COMP:
		set_pending(li, IRQ_PEND_EXT_CLOCK_COMP);
		return 0;
	case KVM_S390_INT_CPU_TIMER:
		set_pending(li, IRQ_PEND_EXT_CPU_TIMER);
		return 0;
	case KVM_S390_INT_EXTERNAL_CALL:
		return inject_extcall(vcpu, &irq->u.extcall);
	case KVM_S390_INT_EMERGENCY:
		return inject_emergency(vcpu, &irq->u.emerg);
	case KVM_S390_MCHK:
		return inject_mchk(vcpu, &irq->u.mchk);
	case KVM_S390_INT_PFAULT_INIT:
		li->ext.ext_params2 = irq->u.ext.ext_params2;
		set_pending(li, IRQ_PEND_PFAULT_INIT);
		return 0;
	default:
		return -EINVAL; /* floating, or unknown */
	}
}

int kvm_s390_inject_vcpu(struct kvm_vcpu *vcpu, const struct kvm_s390_irq *irq)
{
	int rc;

	pthread_mutex_lock(&vcpu->arch.local_int.lock);
	rc = do_inject_vcpu(vcpu, irq);
	pthread_mutex_unlock(&vcpu->arch.local_int.lock);
	if (!rc)
		kvm_vcpu_kick(vcpu);
	return rc;
}

int kvm_s390_inject_all(struct kvm_vcpu *vcpu, const struct kvm_s390_irq *irqs, size_t n)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	/* Timers are levels and come back by themselves: they do not count as pending */
	uint64_t timers = IRQ_BIT(IRQ_PEND_EXT_CLOCK_COMP) | IRQ_BIT(IRQ_PEND_EXT_CPU_TIMER);
	int rc = 0;

	pthread_mutex_lock(&li->lock);
	if (atomic_load(&li->pending_irqs) & ~timers)
		rc = -EBUSY;
	for (size_t i = 0; i < n && !rc; i++)
		rc = do_inject_vcpu(vcpu, &irqs[i]);
	pthread_mutex_unlock(&li->lock);
	return rc;
}

int s390int_to_s390irq(const struct kvm_s390_interrupt *s390int, struct kvm_s390_irq *irq)
{
	memset(irq, 0, sizeof(*irq));
	irq->type = s390int->type;
	switch (irq->type) {
	case KVM_S390_PROGRAM_INT:
		if (s390int->parm & ~(uint32_t)PGM_CODE_MASK)
			return -EINVAL;
		irq->u.pgm.code = (uint16_t)s390int->parm;
		break;
	case KVM_S390_SIGP_SET_PREFIX:
		irq->u.prefix.address = s390int->parm;
		break;
	case KVM_S390_SIGP_STOP:
		irq->u.stop.flags = s390int->parm;
		break;
	case KVM_S390_INT_EXTERNAL_CALL:
	case KVM_S390_INT_EMERGENCY:
		if (s390int->parm & ~(uint32_t)UINT16_MAX)
			return -EINVAL;
		irq->u.extcall.code = (uint16_t)s390int->parm;
		break;
	case KVM_S390_INT_PFAULT_INIT:
		irq->u.ext.ext_params = s390int->parm;
		irq->u.ext.ext_params2 = s390int->parm64;
		break;
	case KVM_S390_MCHK:
		irq->u.mchk.cr14 = s390int->parm;
		irq->u.mchk.mcic = s390int->parm64;
		break;
	}
	return 0;
}

/* ---- program interruptions of the CPU's own ---- */

int kvm_s390_inject_prog_irq(struct kvm_vcpu *vcpu, const struct kvm_s390_pgm_info *pgm_info)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	int rc;

	pthread_mutex_lock(&li->lock);
	rc = inject_prog(vcpu, pgm_info);
	pthread_mutex_unlock(&li->lock);
	return rc;
}

int kvm_s390_inject_program_int(struct kvm_vcpu *vcpu, uint16_t code)
{
	return kvm_s390_inject_prog_irq(vcpu, &(struct kvm_s390_pgm_info){.code = code});
}

int kvm_s390_inject_prog_cond(struct kvm_vcpu *vcpu, int rc)
{
	return rc > 0 ? kvm_s390_inject_prog_irq(vcpu, &vcpu->arch.pgm) : rc;
}

/* ---- floating ---- */

static bool is_io_type(uint64_t type)
{
	return type <= KVM_S390_INT_IO_MAX;
}

/** io_isc() - subclass from the interruption word */
static unsigned int io_isc(const struct kvm_s390_io_info *io)
{
	return io->io_int_word >> 27 & 7;
}

/** kick_all() - whoever is enabled first takes it; the others have it in their indicators */
static void kick_all(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	uint32_t i;

	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		if (!is_vcpu_stopped(vcpu))
			kvm_vcpu_kick(vcpu);
	}
}

static struct kvm_s390_interrupt_info *new_interrupt(const struct kvm_s390_irq *irq)
{
	struct kvm_s390_interrupt_info *inti = host_zalloc(sizeof(*inti));

	if (inti)
		inti->irq = *irq;
	return inti;
}

/** queued() - what counts against the limit of a list: I/O has one for all subclasses */
static uint32_t queued(const struct kvm_s390_float_interrupt *fi, unsigned int list)
{
	uint32_t n = 0;

	if (list > FIRQ_LIST_IO_ISC_0 + MAX_ISC)
		return fi->counters[list];
	for (unsigned int isc = 0; isc <= MAX_ISC; isc++)
		n += fi->counters[FIRQ_LIST_IO_ISC_0 + isc];
	return n;
}

/** enqueue() - at the end of a list, or in front. Return: 0 or -EBUSY; then @inti is the caller's
 */
static int enqueue(struct kvm_s390_float_interrupt *fi, unsigned int list, unsigned int irq_type,
		   uint32_t max, struct kvm_s390_interrupt_info *inti, bool front)
{
	int rc = -EBUSY;

	pthread_mutex_lock(&fi->lock);
	if (queued(fi, list) < max) {
		if (front)
			TAILQ_INSERT_HEAD(&fi->lists[list], inti, link);
		else
			TAILQ_INSERT_TAIL(&fi->lists[list], inti, link);
		fi->counters[list]++;
		atomic_fetch_or(&fi->pending_irqs, IRQ_BIT(irq_type));
		rc = 0;
	}
	pthread_mutex_unlock(&fi->lock);
	return rc;
}

static int inject_listed(struct kvm *kvm, const struct kvm_s390_irq *irq, unsigned int list,
			 unsigned int irq_type, uint32_t max)
{
	struct kvm_s390_interrupt_info *inti = new_interrupt(irq);
	int rc;

	if (!inti)
		return -ENOMEM;
	rc = enqueue(&kvm->arch.float_int, list, irq_type, max, inti, false);
	if (rc)
		host_free(inti);
	return rc;
}

/** inject_service() - one SCCB address at a time; a second one is ignored, its events are not */
static void inject_service(struct kvm_s390_float_interrupt *fi, uint32_t params)
{
	pthread_mutex_lock(&fi->lock);
	fi->srv_signal.ext_params |= params & SCCB_EVENT_PENDING;
	if (fi->srv_signal.ext_params & SCCB_EVENT_PENDING)
		atomic_fetch_or(&fi->pending_irqs, IRQ_BIT(IRQ_PEND_EXT_SERVICE_EV));
	if (!(fi->srv_signal.ext_params & SCCB_MASK)) {
		fi->srv_signal.ext_params |= params & SCCB_MASK;
		atomic_fetch_or(&fi->pending_irqs, IRQ_BIT(IRQ_PEND_EXT_SERVICE));
	}
	pthread_mutex_unlock(&fi->lock);
}

static void inject_float_mchk(struct kvm_s390_float_interrupt *fi,
			      const struct kvm_s390_mchk_info *mchk)
{
	pthread_mutex_lock(&fi->lock);
	fi->mchk.cr14 |= mchk->cr14;
	fi->mchk.mcic |= mchk->mcic;
	atomic_fetch_or(&fi->pending_irqs, IRQ_BIT(IRQ_PEND_MCHK_REP));
	pthread_mutex_unlock(&fi->lock);
}

static int inject_io(struct kvm *kvm, const struct kvm_s390_irq *irq)
{
	unsigned int isc = io_isc(&irq->u.io);

	return inject_listed(kvm, irq, FIRQ_LIST_IO_ISC_0 + isc, isc_to_irq_type(isc),
			     KVM_S390_MAX_FLOAT_IRQS);
}

static int do_inject_float(struct kvm *kvm, const struct kvm_s390_irq *irq)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;

	if (is_io_type(irq->type))
		return inject_io(kvm, irq);
	switch (irq->type) {
	case KVM_S390_INT_VIRTIO:
		return inject_listed(kvm, irq, FIRQ_LIST_VIRTIO, IRQ_PEND_VIRTIO, MAX_CP_SERVICE);
	case KVM_S390_INT_PFAULT_DONE:
		return inject_listed(kvm, irq, FIRQ_LIST_PFAULT, IRQ_PEND_PFAULT_DONE,
				     MAX_CP_SERVICE);
	case KVM_S390_INT_SERVICE:
		inject_service(fi, irq->u.ext.ext_params);
		return 0;
	case KVM_S390_MCHK:
		inject_float_mchk(fi, &irq->u.mchk);
		return 0;
	default:
		return -EINVAL;
	}
}

int kvm_s390_inject_float(struct kvm *kvm, const struct kvm_s390_irq *irq)
{
	int rc = do_inject_float(kvm, irq);

	if (!rc)
		kick_all(kvm);
	return rc;
}

int kvm_s390_inject_vm(struct kvm *kvm, const struct kvm_s390_interrupt *s390int)
{
	struct kvm_s390_irq irq = {.type = s390int->type};

	switch (irq.type) {
	case KVM_S390_INT_VIRTIO:
	case KVM_S390_INT_PFAULT_DONE:
	case KVM_S390_INT_SERVICE:
		irq.u.ext.ext_params = s390int->parm;
		irq.u.ext.ext_params2 = s390int->parm64;
		break;
	case KVM_S390_MCHK:
		irq.u.mchk.cr14 = s390int->parm;
		irq.u.mchk.mcic = s390int->parm64;
		break;
	default:
		if (!is_io_type(irq.type))
			return -EINVAL;
		irq.u.io.subchannel_id = (uint16_t)(s390int->parm >> 16);
		irq.u.io.subchannel_nr = (uint16_t)s390int->parm;
		irq.u.io.io_int_parm = (uint32_t)(s390int->parm64 >> 32);
		irq.u.io.io_int_word = (uint32_t)s390int->parm64;
		break;
	}
	return kvm_s390_inject_float(kvm, &irq);
}

void kvm_s390_reinject_io_int(struct kvm *kvm, struct kvm_s390_interrupt_info *inti)
{
	unsigned int isc = io_isc(&inti->irq.u.io);

	enqueue(&kvm->arch.float_int, FIRQ_LIST_IO_ISC_0 + isc, isc_to_irq_type(isc), UINT32_MAX,
		inti, true);
	kick_all(kvm);
}

/** take_io() - first match in the list of one subclass. Context: fi->lock held */
static struct kvm_s390_interrupt_info *take_io(struct kvm_s390_float_interrupt *fi,
					       unsigned int isc, uint32_t schid)
{
	struct kvm_s390_irq_list *list = &fi->lists[FIRQ_LIST_IO_ISC_0 + isc];
	struct kvm_s390_interrupt_info *inti;

	TAILQ_FOREACH (inti, list, link) {
		const struct kvm_s390_io_info *io = &inti->irq.u.io;

		if (schid &&
		    (schid >> 16 != io->subchannel_id || (schid & UINT16_MAX) != io->subchannel_nr))
			continue;
		TAILQ_REMOVE(list, inti, link);
		fi->counters[FIRQ_LIST_IO_ISC_0 + isc]--;
		if (TAILQ_EMPTY(list))
			atomic_fetch_and(&fi->pending_irqs, ~IRQ_BIT(isc_to_irq_type(isc)));
		return inti;
	}
	return NULL;
}

struct kvm_s390_interrupt_info *kvm_s390_get_io_int(struct kvm *kvm, uint64_t isc_mask,
						    uint32_t schid)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;
	struct kvm_s390_interrupt_info *inti = NULL;

	pthread_mutex_lock(&fi->lock);
	for (unsigned int isc = 0; isc <= MAX_ISC && !inti; isc++)
		if (isc_mask & 0x80000000UL >> isc)
			inti = take_io(fi, isc, schid);
	pthread_mutex_unlock(&fi->lock);
	return inti;
}

static void free_list(struct kvm_s390_irq_list *list)
{
	struct kvm_s390_interrupt_info *inti;

	while ((inti = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, inti, link);
		host_free(inti);
	}
}

void kvm_s390_clear_float_irqs(struct kvm *kvm, bool keep_masked)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;

	pthread_mutex_lock(&fi->lock);
	atomic_store(&fi->pending_irqs, 0);
	if (!keep_masked)
		atomic_store(&fi->masked_irqs, 0);
	memset(&fi->srv_signal, 0, sizeof(fi->srv_signal));
	memset(&fi->mchk, 0, sizeof(fi->mchk));
	for (unsigned int i = 0; i < FIRQ_LIST_COUNT; i++) {
		free_list(&fi->lists[i]);
		fi->counters[i] = 0;
	}
	pthread_mutex_unlock(&fi->lock);
}

void kvm_s390_mask_service_irqs(struct kvm *kvm)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;

	pthread_mutex_lock(&fi->lock);
	atomic_fetch_or(&fi->masked_irqs, IRQ_BIT(IRQ_PEND_EXT_SERVICE));
	pthread_mutex_unlock(&fi->lock);
}

void kvm_s390_service_call_issued(struct kvm *kvm)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;

	pthread_mutex_lock(&fi->lock);
	fi->srv_signal.ext_params |= PV_SCCB;
	atomic_fetch_or(&fi->pending_irqs, IRQ_BIT(IRQ_PEND_EXT_SERVICE));
	atomic_fetch_and(&fi->masked_irqs, ~IRQ_BIT(IRQ_PEND_EXT_SERVICE));
	pthread_mutex_unlock(&fi->lock);
	kick_all(kvm); /* the signal is floating: another CPU may be waiting for it */
}

void kvm_s390_unmask_service_irqs(struct kvm *kvm)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;

	pthread_mutex_lock(&fi->lock);
	atomic_fetch_and(&fi->masked_irqs, ~IRQ_BIT(IRQ_PEND_EXT_SERVICE));
	pthread_mutex_unlock(&fi->lock);
	kick_all(kvm);
}

void kvm_s390_init_interrupts(struct kvm *kvm)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;

	pthread_mutex_init(&fi->lock, NULL);
	for (unsigned int i = 0; i < FIRQ_LIST_COUNT; i++)
		TAILQ_INIT(&fi->lists[i]);
}

void kvm_s390_destroy_interrupts(struct kvm *kvm)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;

	kvm_s390_clear_float_irqs(kvm, false);
	for (unsigned int i = 0; i < MAX_S390_IO_ADAPTERS; i++)
		host_free(kvm->arch.adapters[i]);
	host_free(kvm->arch.irq_routes);
	pthread_mutex_destroy(&fi->lock);
}
