// SPDX-License-Identifier: GPL-2.0-or-later
/* CPUs enter and leave protected mode. */
#include <errno.h>

#include "kvm/machine_state.h"
#include "kvm/pv.h"

/* Both allocations of a secure CPU. Return: 0 or -ENOMEM; then nothing is kept */
static int alloc_cpu(struct kvm_vcpu *vcpu)
{
	struct machine *m = vcpu->kvm->machine;
	struct kvm_s390_pv_vcpu *pv = &vcpu->arch.pv;

	pv->stor_base =
		storage_alloc(m->storage, m->info.guest_cpu_stor_len, PAGE_SIZE, ALLOC_CPU_STOR);
	if (!pv->stor_base)
		return -ENOMEM;
	pv->sida = storage_alloc(m->storage, PAGE_SIZE, PAGE_SIZE, ALLOC_PAGE);
	if (!pv->sida) {
		storage_free(m->storage, pv->stor_base);
		pv->stor_base = 0;
		return -ENOMEM;
	}
	return 0;
}

/* sidad and gbea are one field: nothing of the SIDA's address may stay there. */
static void clear_cpu(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	struct kvm_s390_pv_vcpu *pv = &vcpu->arch.pv;

	storage_free_later(vcpu->kvm->machine->storage, pv->sida);
	pv->sida = 0;
	pv->stor_base = 0;
	atomic_store(&pv->handle, 0);
	scb->pv_handle_cpu = be64_make(0);
	scb->pv_handle_config = be64_make(0);
	scb->sdf = 0;
	scb->gbea = be64_make(1);
}

int kvm_s390_pv_create_cpu(struct kvm_vcpu *vcpu, uint16_t *rc, uint16_t *rrc)
{
	struct machine *m = vcpu->kvm->machine;
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	struct kvm_s390_pv_vcpu *pv = &vcpu->arch.pv;
	struct uv_cb_csc uvcb = {
		.header.cmd = be16_make(UVC_CMD_CREATE_SEC_CPU),
		.header.len = be16_make(sizeof(uvcb)),
		.guest_handle = be64_make(kvm_s390_pv_get_handle(vcpu->kvm)),
		.num = be16_make((uint16_t)vcpu->vcpu_id),
		.state_origin = be64_make(vcpu->arch.sie_block_abs),
	};
	enum uv_cc cc;

	lockdep_assert_held(&vcpu->kvm->lock);
	lockdep_assert_held(&vcpu->mutex);
	if (kvm_s390_pv_cpu_get_handle(vcpu))
		return -EINVAL;
	if (alloc_cpu(vcpu))
		return -ENOMEM;
	uvcb.stor_origin = be64_make(pv->stor_base);
	cc = uv_call_sched(m->uv, &uvcb, sizeof(uvcb));
	*rc = be16_get(uvcb.header.rc);
	*rrc = be16_get(uvcb.header.rrc);
	if (cc != UV_CC_OK) {
		storage_free(m->storage, pv->stor_base);
		clear_cpu(vcpu);
		return -EIO;
	}
	atomic_store(&pv->handle, be64_get(uvcb.cpu_handle));
	scb->pv_handle_cpu = uvcb.cpu_handle;
	scb->pv_handle_config = uvcb.guest_handle;
	scb->sidad = be64_make(pv->sida);
	scb->sdf = SDF_FORMAT4;
	kvm_make_request(KVM_REQ_TLB_FLUSH, vcpu);
	atomic_fetch_add(&m->nr_secure_vcpus, 1);
	return 0;
}

int kvm_s390_pv_destroy_cpu(struct kvm_vcpu *vcpu, uint16_t *rc, uint16_t *rrc)
{
	struct machine *m = vcpu->kvm->machine;
	uint64_t handle = kvm_s390_pv_cpu_get_handle(vcpu);
	int err;

	lockdep_assert_held(&vcpu->mutex);
	if (!handle)
		return 0;
	err = uv_cmd_nodata(m->uv, handle, UVC_CMD_DESTROY_SEC_CPU, rc, rrc);
	if (err)
		storage_leak(m->storage, vcpu->arch.pv.stor_base);
	else
		storage_free_later(m->storage, vcpu->arch.pv.stor_base);
	clear_cpu(vcpu);
	kvm_make_request(KVM_REQ_TLB_FLUSH, vcpu);
	atomic_fetch_sub(&m->nr_secure_vcpus, 1);
	return err ? -EIO : 0;
}

int kvm_s390_cpus_from_pv(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	struct kvm_vcpu *vcpu;
	uint16_t cpu_rc, cpu_rrc;
	uint32_t i;
	int ret = 0;

	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		int err;

		mutex_lock(&vcpu->mutex);
		err = kvm_s390_pv_destroy_cpu(vcpu, &cpu_rc, &cpu_rrc);
		mutex_unlock(&vcpu->mutex);
		if (err && !ret) {
			*rc = cpu_rc;
			*rrc = cpu_rrc;
			ret = err;
		}
	}
	return ret;
}

int kvm_s390_cpus_to_pv(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	struct kvm_vcpu *vcpu;
	uint16_t dummy_rc, dummy_rrc;
	uint32_t i;
	int err = 0;

	lockdep_assert_held(&kvm->lock);
	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		mutex_lock(&vcpu->mutex);
		err = kvm_s390_pv_create_cpu(vcpu, rc, rrc);
		mutex_unlock(&vcpu->mutex);
		if (err)
			break;
	}
	if (err)
		kvm_s390_cpus_from_pv(kvm, &dummy_rc, &dummy_rrc);
	return err;
}
