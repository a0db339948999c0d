// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices of a VM that have a file: on s390 the floating interrupt controller. */
#include <errno.h>
#include <stddef.h>

#include "host/alloc.h"
#include "host/file.h"
#include "host/task.h"
#include "kvm/kvm_main.h"

static long device_attr(struct kvm_device *dev, uint64_t arg,
			int (*handler)(struct kvm_device *dev, struct kvm_device_attr *attr))
{
	struct kvm_device_attr attr;

	if (copy_from_user(&attr, arg, sizeof(attr)))
		return -EFAULT;
	return handler(dev, &attr);
}

static long kvm_device_ioctl(struct file *file, unsigned int cmd, uint64_t arg)
{
	struct kvm_device *dev = file_private(file);
	long err = kvm_ioctl_allowed(dev->kvm);

	if (err)
		return err;
	switch (cmd) {
	case KVM_SET_DEVICE_ATTR:
		return device_attr(dev, arg, dev->ops->set_attr);
	case KVM_GET_DEVICE_ATTR:
		return device_attr(dev, arg, dev->ops->get_attr);
	case KVM_HAS_DEVICE_ATTR:
		return device_attr(dev, arg, dev->ops->has_attr);
	default:
		return -ENOTTY;
	}
}

/* The device stays with the VM; its file only held the VM. */
static void kvm_device_release(struct file *file)
{
	struct kvm_device *dev = file_private(file);

	kvm_put_kvm(dev->kvm);
}

static const struct file_operations kvm_device_fops = {
	.ioctl = kvm_device_ioctl,
	.release = kvm_device_release,
};

/* The number goes into struct kvm_create_device; the ioctl itself returns 0. */
static long return_device_file(struct kvm_device *dev, uva_t where)
{
	struct file *file = file_create(dev->ops->name, &kvm_device_fops, dev);

	if (!file)
		return -errno;
	kvm_get_kvm(dev->kvm);
	return task_return_file_at(file, where);
}

static long create_flic_locked(struct kvm *kvm, uint64_t arg)
{
	struct kvm_device *dev;
	long ret;

	if (kvm->arch.flic)
		return -EINVAL;
	dev = host_zalloc(sizeof(*dev));
	if (!dev)
		return -ENOMEM;
	dev->kvm = kvm;
	dev->ops = &kvm_flic_ops;
	ret = dev->ops->create(dev, KVM_DEV_TYPE_FLIC);
	if (ret) {
		host_free(dev);
		return ret;
	}
	ret = return_device_file(dev, arg + offsetof(struct kvm_create_device, fd));
	if (ret < 0) {
		dev->ops->destroy(dev);
		host_free(dev);
		return ret;
	}
	kvm->arch.flic = dev;
	return ret;
}

long kvm_ioctl_create_device(struct kvm *kvm, uint64_t arg)
{
	struct kvm_create_device cd;
	long ret;

	if (copy_from_user(&cd, arg, sizeof(cd)))
		return -EFAULT;
	if (cd.type != KVM_DEV_TYPE_FLIC)
		return -ENODEV;
	if (cd.flags & KVM_CREATE_DEVICE_TEST)
		return 0;
	mutex_lock(&kvm->lock);
	ret = create_flic_locked(kvm, arg);
	mutex_unlock(&kvm->lock);
	return ret;
}

void kvm_destroy_devices(struct kvm *kvm)
{
	struct kvm_device *dev = kvm->arch.flic;

	if (!dev)
		return;
	dev->ops->destroy(dev);
	host_free(dev);
}
