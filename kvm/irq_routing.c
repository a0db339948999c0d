// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_SET_GSI_ROUTING: which adapter and indicators a GSI stands for. */
#include <errno.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/vcpu.h"

static int check_entry(const struct kvm *kvm, const struct kvm_irq_routing_entry *entry)
{
	const struct kvm_irq_routing_s390_adapter *adapter = &entry->u.adapter;

	if (entry->gsi >= KVM_S390_MAX_IRQ_ROUTES || entry->flags ||
	    entry->type != KVM_IRQ_ROUTING_S390_ADAPTER)
		return -EINVAL;
	if (!kvm_is_gpa_backed((struct kvm *)(uintptr_t)kvm, adapter->ind_addr) ||
	    !kvm_is_gpa_backed((struct kvm *)(uintptr_t)kvm, adapter->summary_addr))
		return -EFAULT;
	return 0;
}

static int copy_entries(struct kvm *kvm, uint64_t from, struct kvm_irq_routing_entry *routes,
			uint32_t nr)
{
	int rc = 0;

	if (copy_from_user(routes, from, nr * sizeof(*routes)))
		return -EFAULT;
	for (uint32_t i = 0; i < nr && !rc; i++)
		rc = check_entry(kvm, &routes[i]);
	return rc;
}

long kvm_set_gsi_routing(struct kvm *kvm, uint64_t arg)
{
	struct kvm_irq_routing_entry *routes = NULL;
	struct kvm_irq_routing_entry *old;
	struct kvm_irq_routing header;
	int rc = 0;

	if (copy_from_user(&header, arg, sizeof(header)))
		return -EFAULT;
	if (header.flags || header.nr > KVM_S390_MAX_IRQ_ROUTES)
		return -EINVAL;
	if (header.nr) {
		routes = host_zalloc(header.nr * sizeof(*routes));
		if (!routes)
			return -ENOMEM;
		rc = copy_entries(kvm, arg + sizeof(header), routes, header.nr);
	}
	if (rc) {
		host_free(routes);
		return rc;
	}
	pthread_mutex_lock(&kvm->arch.adapters_lock);
	old = kvm->arch.irq_routes;
	kvm->arch.irq_routes = routes;
	kvm->arch.nr_irq_routes = header.nr;
	pthread_mutex_unlock(&kvm->arch.adapters_lock);
	host_free(old);
	return 0;
}
