// SPDX-License-Identifier: GPL-2.0-or-later
/* The s390 part of a VM: its making, its ioctls, its end. */
#include <errno.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/gmap.h"
#include "kvm/kvm_main.h"
#include "kvm/machine_state.h"
#include "kvm/pv.h"
#include "kvm/uv_host.h"
#include "sie/sie.h"

/* Extended system control area: a header and 248 entries */
#define ESCA_SIZE (5 * PAGE_SIZE)

uint64_t kvm_gmap_asce(const struct kvm *kvm)
{
	return atomic_load(&kvm->arch.gmap->asce);
}

/* ---- what the engine asks for ---- */

static int env_translate(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	struct kvm *kvm = owner;

	return gmap_walk(kvm->machine->storage, asce, gpa, frame);
}

static _Atomic uint8_t *env_storage_key(void *owner, uint64_t asce, gpa_t gpa)
{
	struct kvm *kvm = owner;

	return gmap_storage_key(kvm->machine->storage, asce, gpa);
}

static uint64_t env_tod(void *owner)
{
	return kvm_s390_get_tod(owner);
}

static uint64_t env_epoch(void *owner)
{
	struct kvm *kvm = owner;

	return atomic_load(&kvm->arch.epoch);
}

static const struct sie_env sie_env = {
	.translate = env_translate,
	.tod = env_tod,
	.epoch = env_epoch,
	.storage_key = env_storage_key,
};

/* The tables say which pages there are; they are where the guest's Ultravisor finds them. */
static int env_translate_own(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	int rc = env_translate(owner, asce, gpa, frame);

	*frame = gpa & PAGE_MASK;
	return rc;
}

/** sie_env_uv_host - for a VM with an Ultravisor of its own */
static const struct sie_env sie_env_uv_host = {
	.translate = env_translate_own,
	.tod = env_tod,
	.epoch = env_epoch,
	.storage_key = env_storage_key,
	.own_ultravisor = true,
};

/* ---- life ---- */

int kvm_s390_replace_engine(struct kvm *kvm, struct uv *uv)
{
	struct sie_vm *old = kvm->arch.sie, *new = sie_vm_create(uv, &sie_env_uv_host, kvm);
	struct machine *m = kvm->machine;

	lockdep_assert_held(&kvm->lock);
	if (!new)
		return -ENOMEM;
	sie_set_trace(new, m->trace, kvm->number);
	pthread_rwlock_wrlock(&m->vm_lock); /* the machine's purges look at it */
	kvm->arch.sie = new;
	pthread_rwlock_unlock(&m->vm_lock);
	sie_vm_destroy(old);
	return 0;
}

static int alloc_arch(struct kvm *kvm)
{
	struct kvm_arch *arch = &kvm->arch;

	arch->sca = storage_alloc(kvm->machine->storage, ESCA_SIZE, PAGE_SIZE, ALLOC_SCA);
	if (!arch->sca)
		return -ENOMEM;
	arch->sie = sie_vm_create(kvm->machine->uv, &sie_env, kvm);
	if (!arch->sie)
		return -ENOMEM;
	arch->gmap = gmap_create(kvm, arch->mem_limit);
	return arch->gmap ? 0 : -ENOMEM;
}

static void free_arch(struct kvm *kvm)
{
	struct kvm_arch *arch = &kvm->arch;

	if (arch->gmap)
		gmap_free(arch->gmap);
	sie_vm_destroy(arch->nested);
	sie_vm_destroy(arch->sie);
	storage_free(kvm->machine->storage, arch->sca);
	pthread_mutex_destroy(&arch->vsie_lock);
	pthread_mutex_destroy(&arch->adapters_lock);
	mutex_destroy(&arch->import_lock);
}

int kvm_arch_init_vm(struct kvm *kvm)
{
	struct kvm_arch *arch = &kvm->arch;
	int err;

	mutex_init(&arch->import_lock);
	pthread_mutex_init(&arch->adapters_lock, NULL);
	pthread_mutex_init(&arch->vsie_lock, NULL);
	LIST_INIT(&arch->pv.need_cleanup);
	arch->pv.set_aside = NULL;
	arch->mem_limit = kvm->machine->max_guest_memory;
	err = alloc_arch(kvm);
	if (err) {
		free_arch(kvm);
		return err;
	}
	kvm_s390_init_cpu_model(kvm);
	kvm_s390_init_interrupts(kvm);
	return 0;
}

/*
 * No ioctl can reach the VM any more, so no lock is needed for anything here. Only the end of the
 * address space can, if another process had the last file: its callback works on the same CPUs and
 * the same configuration, so it is waited for and kept away first.
 */
void kvm_arch_destroy_vm(struct kvm *kvm)
{
	uint16_t rc = 0, rrc = 0;

	kvm_s390_pv_unregister_notifier(kvm);
	kvm_destroy_vcpus(kvm);
	kvm_s390_pv_deinit_cleanup_all(kvm, &rc, &rrc);
	if (kvm_s390_pv_get_handle(kvm))
		kvm_s390_pv_leak_vm(kvm);
	host_free(kvm->arch.pv.record_reserve);
	kvm_uv_host_destroy(kvm);
	kvm_s390_destroy_interrupts(kvm);
	free_arch(kvm);
}

/* ---- ioctls ---- */

static long vm_attr(struct kvm *kvm, uint64_t arg,
		    int (*handler)(struct kvm *kvm, const struct kvm_device_attr *attr))
{
	struct kvm_device_attr attr;

	if (copy_from_user(&attr, arg, sizeof(attr)))
		return -EFAULT;
	return handler(kvm, &attr);
}

static long vm_interrupt(struct kvm *kvm, uint64_t arg)
{
	struct kvm_s390_interrupt s390int;

	if (copy_from_user(&s390int, arg, sizeof(s390int)))
		return -EFAULT;
	return kvm_s390_inject_vm(kvm, &s390int);
}

static long vm_enable_cap(struct kvm *kvm, uint64_t arg)
{
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, arg, sizeof(cap)))
		return -EFAULT;
	return kvm_vm_ioctl_enable_cap(kvm, &cap);
}

long kvm_arch_vm_ioctl(struct kvm *kvm, unsigned int cmd, uint64_t arg)
{
	switch (cmd) {
	case KVM_S390_INTERRUPT:
		return vm_interrupt(kvm, arg);
	case KVM_ENABLE_CAP:
		return vm_enable_cap(kvm, arg);
	case KVM_CREATE_IRQCHIP:
		return atomic_load(&kvm->arch.use_irqchip) ? 0 : -EINVAL;
	case KVM_SET_GSI_ROUTING:
		return kvm_set_gsi_routing(kvm, arg);
	case KVM_SET_DEVICE_ATTR:
		return vm_attr(kvm, arg, kvm_s390_vm_set_attr);
	case KVM_GET_DEVICE_ATTR:
		return vm_attr(kvm, arg, kvm_s390_vm_get_attr);
	case KVM_HAS_DEVICE_ATTR:
		return vm_attr(kvm, arg, kvm_s390_vm_has_attr);
	case KVM_S390_GET_SKEYS:
		return kvm_s390_get_skeys(kvm, arg);
	case KVM_S390_SET_SKEYS:
		return kvm_s390_set_skeys(kvm, arg);
	case KVM_S390_MEM_OP:
		return kvm_s390_vm_mem_op(kvm, arg);
	case KVM_S390_PV_COMMAND:
		return kvm_s390_handle_pv(kvm, arg);
	case KVM_S390_GET_CMMA_BITS:
	case KVM_S390_SET_CMMA_BITS:
		return -ENXIO; /* the machine has no CMMA */
	case KVM_IRQFD:
	case KVM_IOEVENTFD:
	case KVM_S390_ZPCI_OP:
		return -EINVAL; /* known, and their capabilities are 0 */
	default:
		return -ENOTTY;
	}
}
