// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_S390_GET_IRQ_STATE and SET_IRQ_STATE: local interrupts of a CPU, for migration. */
#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/vcpu.h"

/** LOCAL_IRQS - most interrupts that a CPU can have: an emergency signal a CPU, and the others */
#define LOCAL_IRQS        (KVM_MAX_VCPU_IDS + 32)
#define KVM_MAX_VCPU_IDS  255
#define VCPU_IRQS_MAX_BUF ((uint32_t)(sizeof(struct kvm_s390_irq) * LOCAL_IRQS))

/** struct irq_sink - collects interrupts for user space */
struct irq_sink {
	struct kvm_s390_irq *irqs;
	size_t n;
	size_t max;
};

static int put_irq(struct irq_sink *sink, const struct kvm_s390_irq *irq)
{
	if (sink->n == sink->max)
		return -ENOBUFS;
	sink->irqs[sink->n++] = *irq;
	return 0;
}

/** store_local_irq() - @irq_type is pending. Return: false: it is not kept in this form */
static bool store_local_irq(const struct kvm_s390_local_interrupt *li, unsigned int irq_type,
			    struct kvm_s390_irq *irq)
{
	memset(irq, 0, sizeof(*irq));
	switch (irq_type) {
	case IRQ_PEND_MCHK_EX:
	case IRQ_PEND_MCHK_REP:
		irq->type = KVM_S390_MCHK;
		irq->u.mchk = li->mchk;
		return true;
	case IRQ_PEND_PROG:
		irq->type = KVM_S390_PROGRAM_INT;
		irq->u.pgm = li->pgm;
		return true;
	case IRQ_PEND_PFAULT_INIT:
		irq->type = KVM_S390_INT_PFAULT_INIT;
		irq->u.ext = li->ext;
		return true;
	case IRQ_PEND_EXT_EXTERNAL:
		irq->type = KVM_S390_INT_EXTERNAL_CALL;
		irq->u.extcall = li->extcall;
		return true;
	case IRQ_PEND_EXT_CLOCK_COMP:
		irq->type = KVM_S390_INT_CLOCK_COMP;
		return true;
	case IRQ_PEND_EXT_CPU_TIMER:
		irq->type = KVM_S390_INT_CPU_TIMER;
		return true;
	case IRQ_PEND_SIGP_STOP:
		irq->type = KVM_S390_SIGP_STOP;
		irq->u.stop = li->stop;
		return true;
	case IRQ_PEND_SET_PREFIX:
		irq->type = KVM_S390_SIGP_SET_PREFIX;
		irq->u.prefix = li->prefix;
		return true;
	case IRQ_PEND_RESTART:
		irq->type = KVM_S390_RESTART;
		return true;
	default:
		return false;
	}
}

static int store_emergencies(const struct kvm_s390_local_interrupt *li, struct irq_sink *sink)
{
	struct kvm_s390_irq irq = {.type = KVM_S390_INT_EMERGENCY};
	int rc = 0;

	for (uint16_t cpu = 0; cpu < 256 && !rc; cpu++) {
		if (!(atomic_load(&li->sigp_emerg_pending[cpu / 64]) & IRQ_BIT(cpu % 64)))
			continue;
		irq.u.emerg.code = cpu;
		rc = put_irq(sink, &irq);
	}
	return rc;
}

/** store_state() - all of a CPU into @sink. Context: li->lock held. Return: 0 or -ENOBUFS */
static int store_state(const struct kvm_s390_local_interrupt *li, struct irq_sink *sink)
{
	uint64_t pending = atomic_load(&li->pending_irqs);
	struct kvm_s390_irq irq;
	int rc = 0;

	for (unsigned int nr = 0; nr < IRQ_PEND_COUNT && !rc; nr++) {
		if ((pending & IRQ_BIT(nr)) && store_local_irq(li, nr, &irq))
			rc = put_irq(sink, &irq);
	}
	return rc ? rc : store_emergencies(li, sink);
}

static long get_irq_state(struct kvm_vcpu *vcpu, const struct kvm_s390_irq_state *state)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	struct irq_sink sink = {.max = state->len / sizeof(struct kvm_s390_irq)};
	long rc;

	if (!state->len)
		return -EINVAL;
	if (sink.max > LOCAL_IRQS)
		sink.max = LOCAL_IRQS;
	sink.irqs = host_zalloc(VCPU_IRQS_MAX_BUF);
	if (!sink.irqs)
		return -ENOMEM;
	pthread_mutex_lock(&li->lock);
	rc = store_state(li, &sink);
	pthread_mutex_unlock(&li->lock);
	if (!rc) {
		size_t bytes = sink.n * sizeof(struct kvm_s390_irq);

		rc = copy_to_user(state->buf, sink.irqs, bytes) ? -EFAULT : (long)bytes;
	}
	host_free(sink.irqs);
	return rc;
}

static long set_irq_state(struct kvm_vcpu *vcpu, const struct kvm_s390_irq_state *state)
{
	struct kvm_s390_irq *irqs;
	long rc;

	if (state->len == 0 || state->len > VCPU_IRQS_MAX_BUF ||
	    state->len % sizeof(struct kvm_s390_irq))
		return -EINVAL;
	irqs = host_zalloc(state->len);
	if (!irqs)
		return -ENOMEM;
	if (copy_from_user(irqs, state->buf, state->len))
		rc = -EFAULT;
	else
		rc = kvm_s390_inject_all(vcpu, irqs, state->len / sizeof(struct kvm_s390_irq));
	host_free(irqs);
	return rc;
}

long kvm_s390_irq_state_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg)
{
	struct kvm_s390_irq_state state;

	if (cmd != KVM_S390_GET_IRQ_STATE && cmd != KVM_S390_SET_IRQ_STATE)
		return -ENOIOCTLCMD;
	if (copy_from_user(&state, arg, sizeof(state)))
		return -EFAULT;
	if (cmd == KVM_S390_GET_IRQ_STATE)
		return get_irq_state(vcpu, &state);
	return set_irq_state(vcpu, &state);
}
