// SPDX-License-Identifier: GPL-2.0-or-later
/* vCPU objects: their creation, their files, their end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/alloc.h"
#include "host/file.h"
#include "kvm/kvm_main.h"
#include "kvm/machine_state.h"
#include "kvm/pv.h"

/* ---- the file ---- */

static long kvm_vcpu_ioctl(struct file *file, unsigned int cmd, uint64_t arg)
{
	struct kvm_vcpu *vcpu = file_private(file);
	long ret = kvm_ioctl_allowed(vcpu->kvm);

	if (ret)
		return ret;
	if (_IOC_TYPE(cmd) != KVMIO)
		return -EINVAL;
	ret = kvm_arch_vcpu_async_ioctl(vcpu, cmd, arg);
	if (ret != -ENOIOCTLCMD)
		return ret;
	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	ret = kvm_arch_vcpu_ioctl(vcpu, cmd, arg);
	mutex_unlock(&vcpu->mutex);
	return ret;
}

static int kvm_vcpu_mmap(struct file *file, uint64_t pgoff, size_t len, int *memfd, off_t *offset)
{
	struct kvm_vcpu *vcpu = file_private(file);

	if (pgoff || !len || len > PAGE_SIZE)
		return -EINVAL;
	*memfd = vcpu->run_memfd;
	*offset = 0;
	return 0;
}

static void kvm_vcpu_release(struct file *file)
{
	struct kvm_vcpu *vcpu = file_private(file);

	kvm_put_kvm(vcpu->kvm);
}

static const struct file_operations kvm_vcpu_fops = {
	.ioctl = kvm_vcpu_ioctl,
	.mmap = kvm_vcpu_mmap,
	.release = kvm_vcpu_release,
};

/* ---- the object ---- */

/* Sealed, so that nobody who maps it can take it away under our feet. */
static int alloc_run(struct kvm_vcpu *vcpu)
{
	vcpu->run_memfd = memfd_create("kvm-vcpu", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (vcpu->run_memfd < 0)
		return -errno;
	if (ftruncate(vcpu->run_memfd, PAGE_SIZE) ||
	    fcntl(vcpu->run_memfd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return -ENOMEM;
	vcpu->run = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->run_memfd, 0);
	if (vcpu->run == MAP_FAILED) {
		vcpu->run = NULL;
		return -ENOMEM;
	}
	return 0;
}

static void free_vcpu(struct kvm_vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, PAGE_SIZE);
	if (vcpu->run_memfd >= 0)
		close(vcpu->run_memfd);
	pthread_mutex_destroy(&vcpu->task_lock);
	mutex_destroy(&vcpu->mutex);
	host_free(vcpu);
}

static struct kvm_vcpu *alloc_vcpu(struct kvm *kvm, uint32_t id)
{
	struct kvm_vcpu *vcpu = host_zalloc(sizeof(*vcpu));

	if (!vcpu)
		return NULL;
	vcpu->kvm = kvm;
	vcpu->vcpu_id = id;
	vcpu->vcpu_idx = atomic_load(&kvm->online_vcpus);
	vcpu->run_memfd = -1;
	mutex_init(&vcpu->mutex);
	pthread_mutex_init(&vcpu->task_lock, NULL);
	if (alloc_run(vcpu) || kvm_arch_vcpu_create(vcpu)) {
		free_vcpu(vcpu);
		return NULL;
	}
	return vcpu;
}

static void leave_protected_mode(struct kvm_vcpu *vcpu)
{
	uint16_t rc, rrc;

	mutex_lock(&vcpu->mutex);
	kvm_s390_pv_destroy_cpu(vcpu, &rc, &rrc);
	mutex_unlock(&vcpu->mutex);
}

static void destroy_vcpu(struct kvm_vcpu *vcpu)
{
	leave_protected_mode(vcpu);
	kvm_arch_vcpu_destroy(vcpu);
	free_vcpu(vcpu);
}

static int make_secure_if_protected(struct kvm_vcpu *vcpu)
{
	uint16_t rc, rrc;
	int err;

	if (!kvm_s390_pv_is_protected(vcpu->kvm))
		return 0;
	mutex_lock(&vcpu->mutex);
	err = kvm_s390_pv_create_cpu(vcpu, &rc, &rrc);
	mutex_unlock(&vcpu->mutex);
	return err;
}

/* A file for the CPU, on its way to the client. */
static long return_vcpu_file(struct kvm_vcpu *vcpu)
{
	char name[32];
	struct file *file;

	snprintf(name, sizeof(name), "kvm-vcpu:%u", vcpu->vcpu_id);
	file = file_create(name, &kvm_vcpu_fops, vcpu);
	if (!file)
		return -errno;
	kvm_get_kvm(vcpu->kvm); /* the file's */
	return task_return_file(file);
}

static long create_vcpu_locked(struct kvm *kvm, uint32_t id)
{
	struct kvm_vcpu *vcpu;
	uint32_t online = atomic_load(&kvm->online_vcpus);
	long ret;

	if (online >= KVM_MAX_VCPUS)
		return -EINVAL;
	if (kvm_get_vcpu_by_id(kvm, id))
		return -EEXIST;
	vcpu = alloc_vcpu(kvm, id);
	if (!vcpu)
		return -ENOMEM;
	ret = make_secure_if_protected(vcpu);
	if (!ret)
		ret = return_vcpu_file(vcpu);
	if (ret < 0) {
		destroy_vcpu(vcpu);
		return ret;
	}
	atomic_store(&kvm->vcpus[online], vcpu);
	atomic_store(&kvm->online_vcpus, online + 1);
	atomic_fetch_add(&kvm->machine->nr_vcpus, 1);
	return ret;
}

long kvm_vm_ioctl_create_vcpu(struct kvm *kvm, uint64_t id)
{
	long ret;

	if (id >= KVM_MAX_VCPUS)
		return -EINVAL;
	mutex_lock(&kvm->lock);
	ret = create_vcpu_locked(kvm, (uint32_t)id);
	mutex_unlock(&kvm->lock);
	return ret;
}

void kvm_destroy_vcpus(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	uint32_t i;

	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		destroy_vcpu(vcpu);
		atomic_fetch_sub(&kvm->machine->nr_vcpus, 1);
	}
	atomic_store(&kvm->online_vcpus, 0);
}
