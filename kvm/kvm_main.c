// SPDX-License-Identifier: GPL-2.0-or-later
/* The system file, VM files, and what holds a VM alive. */
#include <errno.h>
#include <stdio.h>

#include "host/alloc.h"
#include "host/file.h"
#include "host/mm.h"
#include "host/task.h"
#include "kvm/kvm_main.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"

long kvm_ioctl_allowed(const struct kvm *kvm)
{
	if (task_mm(current_task()) != kvm->mm)
		return -EIO;
	return atomic_load(&kvm->vm_dead) ? -EIO : 0;
}

/* ---- life of a VM ---- */

static struct kvm *kvm_create_vm(struct machine *m, struct mm *mm)
{
	struct kvm *kvm = host_zalloc(sizeof(*kvm));

	if (!kvm)
		return NULL;
	kvm->machine = m;
	kvm->mm = mm;
	atomic_store(&kvm->users, 1);
	if (kvm_memslots_init(kvm)) {
		host_free(kvm);
		return NULL;
	}
	mutex_init(&kvm->lock);
	mutex_init(&kvm->slots_lock);
	if (kvm_arch_init_vm(kvm)) {
		kvm_memslots_destroy(kvm);
		mutex_destroy(&kvm->slots_lock);
		mutex_destroy(&kvm->lock);
		host_free(kvm);
		return NULL;
	}
	mmgrab(mm);
	machine_add_vm(m, kvm);
	return kvm;
}

static void kvm_destroy_vm(struct kvm *kvm)
{
	machine_del_vm(kvm->machine, kvm);
	kvm_arch_destroy_vm(kvm);
	kvm_destroy_devices(kvm);
	kvm_memslots_destroy(kvm);
	mmdrop(kvm->mm);
	mutex_destroy(&kvm->slots_lock);
	mutex_destroy(&kvm->lock);
	host_free(kvm);
}

void kvm_get_kvm(struct kvm *kvm)
{
	atomic_fetch_add(&kvm->users, 1);
}

void kvm_put_kvm(struct kvm *kvm)
{
	if (atomic_fetch_sub(&kvm->users, 1) == 1)
		kvm_destroy_vm(kvm);
}

struct kvm_vcpu *kvm_get_vcpu_by_id(struct kvm *kvm, uint32_t id)
{
	struct kvm_vcpu *vcpu;
	uint32_t i;

	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		if (vcpu->vcpu_id == id)
			return vcpu;
	}
	return NULL;
}

/* ---- VM files ---- */

static long kvm_vm_ioctl_set_memory_region(struct kvm *kvm, uint64_t arg)
{
	struct kvm_userspace_memory_region mem;

	if (copy_from_user(&mem, arg, sizeof(mem)))
		return -EFAULT;
	return kvm_set_memory_region(kvm, &mem);
}

static long kvm_vm_ioctl(struct file *file, unsigned int cmd, uint64_t arg)
{
	struct kvm *kvm = file_private(file);
	long err = kvm_ioctl_allowed(kvm);

	if (err)
		return err;
	switch (cmd) {
	case KVM_CREATE_VCPU:
		return kvm_vm_ioctl_create_vcpu(kvm, arg);
	case KVM_SET_USER_MEMORY_REGION:
		return kvm_vm_ioctl_set_memory_region(kvm, arg);
	case KVM_GET_DIRTY_LOG:
		return kvm_vm_ioctl_get_dirty_log(kvm, arg);
	case KVM_CLEAR_DIRTY_LOG:
		return kvm_vm_ioctl_clear_dirty_log(kvm, arg);
	case KVM_CREATE_DEVICE:
		return kvm_ioctl_create_device(kvm, arg);
	case KVM_CHECK_EXTENSION:
		return kvm_check_extension(kvm->machine, kvm, arg);
	default:
		return kvm_arch_vm_ioctl(kvm, cmd, arg);
	}
}

static void kvm_vm_release(struct file *file)
{
	kvm_put_kvm(file_private(file));
}

static const struct file_operations kvm_vm_fops = {
	.ioctl = kvm_vm_ioctl,
	.release = kvm_vm_release,
};

/* ---- /dev/kvm ---- */

static long kvm_dev_ioctl_create_vm(struct machine *m, uint64_t type)
{
	struct file *file;
	struct kvm *kvm;

	/* A user-controlled VM (type 1) needs CAP_SYS_ADMIN, which nobody has here. */
	if (type)
		return -EINVAL;
	kvm = kvm_create_vm(m, task_mm(current_task()));
	if (!kvm)
		return -ENOMEM;
	file = file_create("kvm-vm", &kvm_vm_fops, kvm);
	if (!file) {
		int err = errno;

		kvm_put_kvm(kvm);
		return -err;
	}
	return task_return_file(file);
}

static long kvm_dev_ioctl(struct file *file, unsigned int cmd, uint64_t arg)
{
	struct machine *m = file_private(file);

	switch (cmd) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return kvm_dev_ioctl_create_vm(m, arg);
	case KVM_CHECK_EXTENSION:
		return kvm_check_extension(m, NULL, arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : (long)PAGE_SIZE;
	case KVM_S390_ENABLE_SIE:
		return 0;
	default:
		return -EINVAL;
	}
}

static void kvm_dev_release(struct file *file)
{
}

static const struct file_operations kvm_chardev_ops = {
	.ioctl = kvm_dev_ioctl,
	.release = kvm_dev_release,
};

struct file *machine_open(struct machine *m)
{
	return file_create("kvm", &kvm_chardev_ops, m);
}
