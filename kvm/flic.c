// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The floating interrupt controller: KVM_DEV_TYPE_FLIC (kvm-pv 1.14).
 *
 * Adapters know no mappings: indicator bits are the VMM's to set, KVM only
 * presents the interruption.
 */
#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/vcpu.h"

#define FACILITY_AIS 72

/* ---- pending interrupts as an array ---- */

/** struct irq_buffer - filled under the lock, copied to user space without it */
struct irq_buffer {
	struct kvm_s390_irq *irqs;
	size_t n;
	size_t max;
	bool overflow;
};

static void add(struct irq_buffer *buf, const struct kvm_s390_irq *irq)
{
	if (buf->n < buf->max)
		buf->irqs[buf->n++] = *irq;
	else
		buf->overflow = true;
}

/** collect() - all floating interrupts; they stay pending */
static void collect(struct kvm_s390_float_interrupt *fi, struct irq_buffer *buf)
{
	uint64_t service = IRQ_BIT(IRQ_PEND_EXT_SERVICE) | IRQ_BIT(IRQ_PEND_EXT_SERVICE_EV);
	const struct kvm_s390_interrupt_info *inti;

	pthread_mutex_lock(&fi->lock);
	for (unsigned int i = 0; i < FIRQ_LIST_COUNT; i++)
		TAILQ_FOREACH(inti, &fi->lists[i], link)
	add(buf, &inti->irq);
	if (atomic_load(&fi->pending_irqs) & service)
		add(buf,
		    &(struct kvm_s390_irq){.type = KVM_S390_INT_SERVICE, .u.ext = fi->srv_signal});
	if (atomic_load(&fi->pending_irqs) & IRQ_BIT(IRQ_PEND_MCHK_REP))
		add(buf, &(struct kvm_s390_irq){.type = KVM_S390_MCHK, .u.mchk = fi->mchk});
	pthread_mutex_unlock(&fi->lock);
}

static int get_all_irqs(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	struct irq_buffer buf = {.max = attr->attr / sizeof(struct kvm_s390_irq)};
	int rc;

	if (!attr->attr || attr->attr > KVM_S390_FLIC_MAX_BUFFER)
		return -EINVAL;
	buf.irqs = host_zalloc(attr->attr);
	if (!buf.irqs)
		return -ENOBUFS;
	collect(&kvm->arch.float_int, &buf);
	if (buf.overflow)
		rc = -ENOMEM;
	else if (copy_to_user(attr->addr, buf.irqs, buf.n * sizeof(struct kvm_s390_irq)))
		rc = -EFAULT;
	else
		rc = (int)buf.n;
	host_free(buf.irqs);
	return rc;
}

static int enqueue_irqs(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	int rc = 0;

	if (attr->attr % sizeof(struct kvm_s390_irq) || attr->attr > KVM_S390_FLIC_MAX_BUFFER)
		return -EINVAL;
	for (uint64_t offset = 0; offset < attr->attr && !rc;
	     offset += sizeof(struct kvm_s390_irq)) {
		struct kvm_s390_irq irq;

		if (copy_from_user(&irq, attr->addr + offset, sizeof(irq)))
			return -EFAULT;
		rc = kvm_s390_inject_float(kvm, &irq);
	}
	return rc;
}

static int clear_irqs(struct kvm *kvm)
{
	mutex_lock(&kvm->lock);
	kvm_s390_clear_float_irqs(kvm, kvm_s390_pv_is_protected(kvm));
	mutex_unlock(&kvm->lock);
	return 0;
}

static int clear_io_irq(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	uint32_t schid;

	if (attr->attr != sizeof(schid))
		return -EINVAL;
	if (copy_from_user(&schid, attr->addr, sizeof(schid)))
		return -EFAULT;
	if (!schid)
		return -EINVAL;
	host_free(kvm_s390_get_io_int(kvm, CR6_ISC_MASK, schid));
	return 0;
}

/* ---- adapters ---- */

/** get_adapter() - Context: adapters_lock held. Return: NULL if there is none with this id */
static struct s390_io_adapter *get_adapter(struct kvm *kvm, uint64_t id)
{
	return id < MAX_S390_IO_ADAPTERS ? kvm->arch.adapters[id] : NULL;
}

static int register_adapter(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_io_adapter info;
	struct s390_io_adapter *adapter;
	int rc = 0;

	if (copy_from_user(&info, addr, sizeof(info)))
		return -EFAULT;
	if (info.id >= MAX_S390_IO_ADAPTERS || info.isc > MAX_ISC)
		return -EINVAL;
	adapter = host_zalloc(sizeof(*adapter));
	if (!adapter)
		return -ENOMEM;
	adapter->id = info.id;
	adapter->isc = info.isc;
	adapter->maskable = info.maskable;
	adapter->swap = info.swap;
	adapter->suppressible = info.flags & KVM_S390_ADAPTER_SUPPRESSIBLE;
	pthread_mutex_lock(&kvm->arch.adapters_lock);
	if (kvm->arch.adapters[info.id])
		rc = -EINVAL;
	else
		kvm->arch.adapters[info.id] = adapter;
	pthread_mutex_unlock(&kvm->arch.adapters_lock);
	if (rc)
		host_free(adapter);
	return rc;
}

static int do_modify_adapter(struct s390_io_adapter *adapter,
			     const struct kvm_s390_io_adapter_req *req)
{
	if (!adapter)
		return -EINVAL;
	switch (req->type) {
	case KVM_S390_IO_ADAPTER_MASK:
		if (!adapter->maskable)
			return -EINVAL;
		adapter->masked = req->mask;
		return 0;
	case KVM_S390_IO_ADAPTER_MAP:
	case KVM_S390_IO_ADAPTER_UNMAP:
		return 0; /* nothing is pinned, so ENABLE has no mapping to forget either */
	default:
		return -EINVAL;
	}
}

static int modify_adapter(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_io_adapter_req req;
	int rc;

	if (copy_from_user(&req, addr, sizeof(req)))
		return -EFAULT;
	pthread_mutex_lock(&kvm->arch.adapters_lock);
	rc = do_modify_adapter(get_adapter(kvm, req.id), &req);
	pthread_mutex_unlock(&kvm->arch.adapters_lock);
	return rc;
}

/** ais_bit() - an ISC in simm and nimm */
static uint8_t ais_bit(unsigned int isc)
{
	return (uint8_t)(0x80U >> isc);
}

/** ais_suppressed() - single mode: one interruption, then none until the guest asks again */
static bool ais_suppressed(struct kvm *kvm, const struct s390_io_adapter *adapter)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;
	bool suppressed;

	if (!test_kvm_facility(kvm, FACILITY_AIS) || !adapter->suppressible)
		return false;
	pthread_mutex_lock(&fi->lock);
	suppressed = fi->nimm & ais_bit(adapter->isc);
	if (fi->simm & ais_bit(adapter->isc))
		fi->nimm |= ais_bit(adapter->isc);
	pthread_mutex_unlock(&fi->lock);
	return suppressed;
}

static int inject_airq(struct kvm *kvm, uint64_t id)
{
	struct kvm_s390_irq irq = {.type = KVM_S390_INT_IO(1, 0, 0, 0)};
	struct s390_io_adapter *adapter;
	bool present = false;

	pthread_mutex_lock(&kvm->arch.adapters_lock);
	adapter = get_adapter(kvm, id);
	if (adapter) {
		irq.u.io.io_int_word = (uint32_t)adapter->isc << 27 | 0x80000000U;
		present = !adapter->masked && !ais_suppressed(kvm, adapter);
	}
	pthread_mutex_unlock(&kvm->arch.adapters_lock);
	if (!adapter)
		return -EINVAL;
	return present ? kvm_s390_inject_float(kvm, &irq) : 0;
}

/* ---- adapter-interruption suppression ---- */

static int modify_ais_mode(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;
	struct kvm_s390_ais_req req;
	int rc = 0;

	if (!test_kvm_facility(kvm, FACILITY_AIS))
		return -EOPNOTSUPP;
	if (copy_from_user(&req, addr, sizeof(req)))
		return -EFAULT;
	if (req.isc > MAX_ISC)
		return -EINVAL;
	pthread_mutex_lock(&fi->lock);
	if (req.mode == KVM_S390_AIS_MODE_ALL)
		fi->simm &= (uint8_t)~ais_bit(req.isc);
	else if (req.mode == KVM_S390_AIS_MODE_SINGLE)
		fi->simm |= ais_bit(req.isc);
	else
		rc = -EINVAL;
	if (!rc)
		fi->nimm &= (uint8_t)~ais_bit(req.isc);
	pthread_mutex_unlock(&fi->lock);
	return rc;
}

static int ais_all(struct kvm *kvm, uint64_t addr, bool set)
{
	struct kvm_s390_float_interrupt *fi = &kvm->arch.float_int;
	struct kvm_s390_ais_all ais;

	if (!test_kvm_facility(kvm, FACILITY_AIS))
		return -EOPNOTSUPP;
	if (set && copy_from_user(&ais, addr, sizeof(ais)))
		return -EFAULT;
	pthread_mutex_lock(&fi->lock);
	if (set) {
		fi->simm = ais.simm;
		fi->nimm = ais.nimm;
	} else {
		ais = (struct kvm_s390_ais_all){fi->simm, fi->nimm};
	}
	pthread_mutex_unlock(&fi->lock);
	return set ? 0 : copy_to_user(addr, &ais, sizeof(ais));
}

/* ---- device ---- */

static int flic_set_attr(struct kvm_device *dev, struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_FLIC_ENQUEUE:
		return enqueue_irqs(dev->kvm, attr);
	case KVM_DEV_FLIC_CLEAR_IRQS:
		return clear_irqs(dev->kvm);
	case KVM_DEV_FLIC_APF_ENABLE:
	case KVM_DEV_FLIC_APF_DISABLE_WAIT:
		return 0; /* a host page fault is always resolved before the guest goes on */
	case KVM_DEV_FLIC_ADAPTER_REGISTER:
		return register_adapter(dev->kvm, attr->addr);
	case KVM_DEV_FLIC_ADAPTER_MODIFY:
		return modify_adapter(dev->kvm, attr->addr);
	case KVM_DEV_FLIC_CLEAR_IO_IRQ:
		return clear_io_irq(dev->kvm, attr);
	case KVM_DEV_FLIC_AISM:
		return modify_ais_mode(dev->kvm, attr->addr);
	case KVM_DEV_FLIC_AIRQ_INJECT:
		return inject_airq(dev->kvm, attr->attr);
	case KVM_DEV_FLIC_AISM_ALL:
		return ais_all(dev->kvm, attr->addr, true);
	default:
		return -EINVAL;
	}
}

static int flic_get_attr(struct kvm_device *dev, struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_DEV_FLIC_GET_ALL_IRQS:
		return get_all_irqs(dev->kvm, attr);
	case KVM_DEV_FLIC_AISM_ALL:
		return ais_all(dev->kvm, attr->addr, false);
	default:
		return -EINVAL;
	}
}

static int flic_has_attr(struct kvm_device *dev, struct kvm_device_attr *attr)
{
	return attr->group >= KVM_DEV_FLIC_GET_ALL_IRQS && attr->group <= KVM_DEV_FLIC_AISM_ALL
		       ? 0
		       : -ENXIO;
}

static int flic_create(struct kvm_device *dev, uint32_t type)
{
	return 0; /* all it works on is the VM's */
}

static void flic_destroy(struct kvm_device *dev)
{
	/* The VM frees its interrupts and adapters by itself */
}

const struct kvm_device_ops kvm_flic_ops = {
	.name = "kvm-flic",
	.create = flic_create,
	.destroy = flic_destroy,
	.set_attr = flic_set_attr,
	.get_attr = flic_get_attr,
	.has_attr = flic_has_attr,
};
