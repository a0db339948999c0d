// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dumps of protected guests: KVM_PV_DUMP of the VM, KVM_S390_PV_CPU_COMMAND of a vCPU.
 *
 * The Ultravisor writes to memory of the host's own, which is then copied to the VMM.
 */
#include <errno.h>
#include <stddef.h>

#include "host/task.h"
#include "kvm/machine_state.h"
#include "kvm/pv.h"
#include "kvm/vcpu.h"

/** DUMP_BUFF_LEN - bytes of storage state that are collected between two copies to the VMM */
#define DUMP_BUFF_LEN SEGMENT_SIZE

static struct uv_cb_header dump_header(uint16_t cmd, size_t len)
{
	return (struct uv_cb_header){.len = be16_make((uint16_t)len), .cmd = be16_make(cmd)};
}

/* Return: 0, or -EINVAL if the Ultravisor refused; rc and rrc are set. */
static int dump_call(struct kvm *kvm, struct uv_cb_header *uvcb, size_t size, uint16_t *rc,
		     uint16_t *rrc)
{
	enum uv_cc cc = uv_call_sched(kvm->machine->uv, uvcb, size);

	*rc = be16_get(uvcb->rc);
	*rrc = be16_get(uvcb->rrc);
	return cc == UV_CC_OK ? 0 : -EINVAL;
}

/* ---- a vCPU ---- */

int kvm_s390_pv_dump_cpu(struct kvm_vcpu *vcpu, abs_t area, uint16_t *rc, uint16_t *rrc)
{
	struct uv_cb_dump_cpu uvcb = {
		.header = dump_header(UVC_CMD_DUMP_CPU, sizeof(uvcb)),
		.cpu_handle = be64_make(kvm_s390_pv_cpu_get_handle(vcpu)),
		.dump_area_origin = be64_make(area),
	};

	return dump_call(vcpu->kvm, &uvcb.header, sizeof(uvcb), rc, rrc);
}

static int check_vcpu_dump(const struct kvm_vcpu *vcpu, const struct kvm_s390_pv_dmp *dmp)
{
	/* What a CPU needs in a dump is what it was donated. */
	if (dmp->subcmd != KVM_PV_DUMP_CPU ||
	    dmp->buff_len != vcpu->kvm->machine->info.guest_cpu_stor_len)
		return -EINVAL;
	/* A configuration in HALF has lost its CPUs */
	return kvm_s390_pv_cpu_is_protected(vcpu) ? 0 : -EINVAL;
}

int kvm_s390_handle_pv_vcpu_dump(struct kvm_vcpu *vcpu, struct kvm_pv_cmd *cmd)
{
	struct storage *st = vcpu->kvm->machine->storage;
	struct kvm_s390_pv_dmp dmp;
	abs_t area;
	int ret;

	if (!atomic_load(&vcpu->kvm->arch.pv.dumping))
		return -EINVAL;
	if (copy_from_user(&dmp, cmd->data, sizeof(dmp)))
		return -EFAULT;
	ret = check_vcpu_dump(vcpu, &dmp);
	if (ret)
		return ret;
	area = storage_alloc(st, dmp.buff_len, PAGE_SIZE, ALLOC_PAGE);
	if (!area)
		return -ENOMEM;
	ret = kvm_s390_pv_dump_cpu(vcpu, area, &cmd->rc, &cmd->rrc);
	if (!ret && copy_to_user(dmp.buff_addr, storage_ptr(st, area, dmp.buff_len), dmp.buff_len))
		ret = -EFAULT;
	storage_free(st, area);
	return ret;
}

/* ---- storage state ---- */

/**
 * struct stor_dump - storage state on its way to the VMM
 * @area: bounce buffer of @size bytes, a multiple of @unit; @used are filled
 * @unit: bytes for 1 MiB of guest storage
 * @buff: where the VMM wants the next byte; @left: how many more it wants
 * @gaddr: 1 MiB that the next bytes are about
 */
struct stor_dump {
	abs_t area;
	uint64_t size;
	uint64_t used;
	uint64_t unit;
	uint64_t buff;
	uint64_t left;
	gpa_t gaddr;
};

/* The Ultravisor's unit need not divide the buffer: what would not fit whole is not begun. */
static uint64_t bounce_size(uint64_t buff_len, uint64_t unit)
{
	uint64_t size = buff_len < DUMP_BUFF_LEN ? buff_len : DUMP_BUFF_LEN;

	return size < unit ? unit : size - size % unit;
}

static int dump_one_mib(struct kvm *kvm, const struct stor_dump *d, uint16_t *rc, uint16_t *rrc)
{
	struct uv_cb_dump_stor_state uvcb = {
		.header = dump_header(UVC_CMD_DUMP_CONF_STOR_STATE, sizeof(uvcb)),
		.config_handle = be64_make(kvm_s390_pv_get_handle(kvm)),
		.dump_area_origin = be64_make(d->area + d->used),
		.gaddr = be64_make(d->gaddr + d->used / d->unit * SEGMENT_SIZE),
	};

	return dump_call(kvm, &uvcb.header, sizeof(uvcb), rc, rrc);
}

/* What is collected to the VMM; only now @d->gaddr says that it has it. */
static int flush(struct kvm *kvm, struct stor_dump *d)
{
	if (copy_to_user(d->buff, storage_ptr(kvm->machine->storage, d->area, d->used), d->used))
		return -EFAULT;
	d->gaddr += d->used / d->unit * SEGMENT_SIZE;
	d->buff += d->used;
	d->left -= d->used;
	d->used = 0;
	return 0;
}

static int dump_all(struct kvm *kvm, struct stor_dump *d, uint16_t *rc, uint16_t *rrc)
{
	int ret = 0;

	while (!ret && d->left) {
		ret = dump_one_mib(kvm, d, rc, rrc);
		if (ret)
			break;
		d->used += d->unit;
		if (d->used == d->left || d->used + d->unit > d->size)
			ret = flush(kvm, d);
	}
	return ret;
}

int kvm_s390_pv_dump_stor_state(struct kvm *kvm, uint64_t buff_user, gpa_t *gaddr,
				uint64_t buff_user_len, uint16_t *rc, uint16_t *rrc)
{
	struct storage *st = kvm->machine->storage;
	struct stor_dump d = {
		.unit = kvm->machine->info.conf_dump_storage_state_len,
		.buff = buff_user,
		.left = buff_user_len,
		.gaddr = *gaddr,
	};
	int ret;

	*rc = 0;
	*rrc = 0;
	if (*gaddr % SEGMENT_SIZE || !buff_user_len || buff_user_len % d.unit)
		return -EINVAL;
	d.size = bounce_size(buff_user_len, d.unit);
	d.area = storage_alloc(st, d.size, PAGE_SIZE, ALLOC_PAGE);
	if (!d.area)
		return -ENOMEM;
	ret = dump_all(kvm, &d, rc, rrc);
	storage_free(st, d.area);
	*gaddr = d.gaddr;
	return ret;
}

/* ---- begin and end ---- */

static int kvm_s390_pv_dump_init(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	int ret;

	kvm_s390_vcpu_block_all(kvm);
	ret = uv_cmd_nodata(kvm->machine->uv, kvm_s390_pv_get_handle(kvm), UVC_CMD_DUMP_INIT, rc,
			    rrc);
	if (ret)
		kvm_s390_vcpu_unblock_all(kvm);
	else
		atomic_store(&kvm->arch.pv.dumping, true);
	return ret;
}

int kvm_s390_pv_dump_complete(struct kvm *kvm, uint64_t buff_user, uint16_t *rc, uint16_t *rrc)
{
	struct storage *st = kvm->machine->storage;
	uint64_t len = kvm->machine->info.conf_dump_finalize_len;
	struct uv_cb_dump_complete uvcb = {
		.header = dump_header(UVC_CMD_DUMP_COMPLETE, sizeof(uvcb)),
		.config_handle = be64_make(kvm_s390_pv_get_handle(kvm)),
	};
	abs_t area = storage_alloc(st, len, PAGE_SIZE, ALLOC_PAGE);
	int ret;

	if (!area)
		return -ENOMEM;
	uvcb.dump_area_origin = be64_make(area);
	ret = dump_call(kvm, &uvcb.header, sizeof(uvcb), rc, rrc);
	if (!ret) {
		/* The Ultravisor is done with it, whatever becomes of the copy. */
		atomic_store(&kvm->arch.pv.dumping, false);
		kvm_s390_vcpu_unblock_all(kvm);
		if (copy_to_user(buff_user, storage_ptr(st, area, len), len))
			ret = -EFAULT;
	}
	storage_free(st, area);
	return ret;
}

int kvm_s390_pv_dmp(struct kvm *kvm, struct kvm_pv_cmd *cmd, struct kvm_s390_pv_dmp *dmp)
{
	bool dumping = atomic_load(&kvm->arch.pv.dumping);

	lockdep_assert_held(&kvm->lock);
	switch (dmp->subcmd) {
	case KVM_PV_DUMP_INIT:
		return dumping ? -EINVAL : kvm_s390_pv_dump_init(kvm, &cmd->rc, &cmd->rrc);
	case KVM_PV_DUMP_CONFIG_STOR_STATE:
		if (!dumping)
			return -EINVAL;
		return kvm_s390_pv_dump_stor_state(kvm, dmp->buff_addr, &dmp->gaddr, dmp->buff_len,
						   &cmd->rc, &cmd->rrc);
	case KVM_PV_DUMP_COMPLETE:
		if (!dumping || dmp->buff_len < kvm->machine->info.conf_dump_finalize_len)
			return -EINVAL;
		return kvm_s390_pv_dump_complete(kvm, dmp->buff_addr, &cmd->rc, &cmd->rrc);
	default:
		return -ENOTTY;
	}
}
