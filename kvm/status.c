// SPDX-License-Identifier: GPL-2.0-or-later
/* What exists on a machine, counted without waiting for any ioctl. */
#include "host/mm.h"
#include "kvm/machine_state.h"

/* Each address space once, though several VMs may share it. */
static int64_t sum_protected_counts(struct machine *m)
{
	struct kvm *kvm, *earlier;
	int64_t sum = 0;

	pthread_rwlock_rdlock(&m->vm_lock);
	TAILQ_FOREACH(kvm, &m->vms, vm_link)
	{
		TAILQ_FOREACH(earlier, &m->vms, vm_link)
		{
			if (earlier == kvm || earlier->mm == kvm->mm)
				break;
		}
		if (earlier == kvm)
			sum += atomic_load(mm_protected_count(kvm->mm));
	}
	pthread_rwlock_unlock(&m->vm_lock);
	return sum;
}

void machine_get_status(struct machine *m, struct machine_status *status)
{
	*status = (struct machine_status){
		.model = uv_model(m->uv)->name,
		.host = m->host,
		.async_destroy = m->async_destroy,
		.vms = atomic_load(&m->nr_vms),
		.vcpus = atomic_load(&m->nr_vcpus),
		.secure_vcpus = atomic_load(&m->nr_secure_vcpus),
		.active = atomic_load(&m->pv_configs[PV_ACTIVE]),
		.half = atomic_load(&m->pv_configs[PV_HALF]),
		.stuck = atomic_load(&m->pv_configs[PV_STUCK]),
		.aside = atomic_load(&m->pv_configs[PV_ASIDE]),
		.tearing = atomic_load(&m->pv_configs[PV_TEARING]),
		.leftover = atomic_load(&m->pv_configs[PV_LEFTOVER]),
		.leaked = atomic_load(&m->pv_configs[PV_LEAKED]),
		.cleanups = atomic_load(&m->nr_cleanups),
		.protected_count = sum_protected_counts(m),
	};
	storage_get_stats(m->storage, &status->storage);
	uv_get_stats(m->uv, &status->uv);
}
