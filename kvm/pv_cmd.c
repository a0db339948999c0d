// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_S390_PV_COMMAND: the commands, as rows of a table. */
#include <errno.h>
#include <stddef.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/machine_state.h"
#include "kvm/pv.h"

/* A longer SE header cannot be meant seriously. */
#define SEC_PARMS_MAX (1UL << 20)

static long require_protected(struct kvm *kvm)
{
	return kvm_s390_pv_is_protected(kvm) ? 0 : -EINVAL;
}

/* Its CPUs are gone or going; until DISABLE, or a PREPARE that succeeds, it cannot run. */
static void note_half(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	if (kvm_s390_pv_get_handle(kvm) && atomic_load(&pv->state) == PV_ACTIVE)
		kvm_s390_pv_set_state(kvm, &pv->state, PV_HALF);
}

static long pv_enable(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	int err;

	if (kvm_s390_pv_is_protected(kvm))
		return -EINVAL;
	err = kvm_s390_pv_init_vm(kvm, &cmd->rc, &cmd->rrc);
	if (err)
		return err;
	err = kvm_s390_cpus_to_pv(kvm, &cmd->rc, &cmd->rrc);
	if (err) {
		kvm_s390_pv_undo_init_vm(kvm);
		return err;
	}
	kvm_s390_mask_service_irqs(kvm);
	return 0;
}

static long pv_disable(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	int err;

	if (!kvm_s390_pv_is_protected(kvm))
		return -EINVAL;
	err = kvm_s390_cpus_from_pv(kvm, &cmd->rc, &cmd->rrc);
	if (err) {
		note_half(kvm);
		return err;
	}
	err = kvm_s390_pv_deinit_cleanup_all(kvm, &cmd->rc, &cmd->rrc);
	kvm_s390_unmask_service_irqs(kvm);
	return err;
}

static long pv_async_cleanup_prepare(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	int err;

	if (!kvm_s390_pv_is_protected(kvm) || !kvm->machine->async_destroy)
		return -EINVAL;
	err = kvm_s390_cpus_from_pv(kvm, &cmd->rc, &cmd->rrc);
	if (err) {
		note_half(kvm);
		return err;
	}
	err = kvm_s390_pv_set_aside(kvm, &cmd->rc, &cmd->rrc);
	if (err)
		note_half(kvm);
	kvm_s390_unmask_service_irqs(kvm);
	return err;
}

/* Runs without kvm->lock, which kvm_s390_pv_deinit_aside_vm() asserts. */
static long pv_async_cleanup_perform(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	if (!kvm->machine->async_destroy)
		return -EINVAL;
	return kvm_s390_pv_deinit_aside_vm(kvm, &cmd->rc, &cmd->rrc);
}

static long set_sec_parms_from_user(struct kvm *kvm, const struct kvm_s390_pv_sec_parm *parms,
				    struct kvm_pv_cmd *cmd)
{
	void *hdr = host_zalloc(parms->length);
	long ret;

	if (!hdr)
		return -ENOMEM;
	if (copy_from_user(hdr, parms->origin, parms->length))
		ret = -EFAULT;
	else
		ret = kvm_s390_pv_set_sec_parms(kvm, hdr, parms->length, &cmd->rc, &cmd->rrc);
	host_free(hdr);
	return ret;
}

static long pv_set_sec_parms(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	struct kvm_s390_pv_sec_parm parms;

	if (require_protected(kvm))
		return -EINVAL;
	if (copy_from_user(&parms, cmd->data, sizeof(parms)))
		return -EFAULT;
	if (!parms.length || parms.length > SEC_PARMS_MAX)
		return -EINVAL;
	return set_sec_parms_from_user(kvm, &parms, cmd);
}

static long pv_unpack(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	struct kvm_s390_pv_unp unp;

	if (require_protected(kvm))
		return -EINVAL;
	if (copy_from_user(&unp, cmd->data, sizeof(unp)))
		return -EFAULT;
	return kvm_s390_pv_unpack(kvm, unp.addr, unp.size, unp.tweak, &cmd->rc, &cmd->rrc);
}

static long pv_conf_call(struct kvm *kvm, struct kvm_pv_cmd *cmd, uint16_t uvc)
{
	if (require_protected(kvm))
		return -EINVAL;
	return uv_cmd_nodata(kvm->machine->uv, kvm_s390_pv_get_handle(kvm), uvc, &cmd->rc,
			     &cmd->rrc);
}

static long pv_verify(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	return pv_conf_call(kvm, cmd, UVC_CMD_VERIFY_IMG);
}

static long pv_prep_reset(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	return pv_conf_call(kvm, cmd, UVC_CMD_PREPARE_RESET);
}

static long pv_unshare_all(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	return pv_conf_call(kvm, cmd, UVC_CMD_SET_UNSHARE_ALL);
}

/* Fill in what @info->header.id asks for. Return: the size of the answer, or -EINVAL */
static long fill_info(const struct uv_info *uv_info, struct kvm_s390_pv_info *info)
{
	switch (info->header.id) {
	case KVM_PV_INFO_VM:
		for (int i = 0; i < 4; i++)
			info->vm.inst_calls_list[i] = uv_info->inst_calls_list[i];
		info->vm.max_cpus = uv_info->max_guest_cpu_id + 1UL;
		info->vm.max_guests = uv_info->max_num_sec_conf;
		info->vm.max_guest_addr = uv_info->max_sec_stor_addr;
		info->vm.feature_indication = uv_info->uv_feature_indications;
		return sizeof(info->header) + sizeof(info->vm);
	case KVM_PV_INFO_DUMP:
		info->dump.dump_cpu_buffer_len = uv_info->guest_cpu_stor_len;
		info->dump.dump_config_mem_buffer_per_1m = uv_info->conf_dump_storage_state_len;
		info->dump.dump_config_finalize_len = uv_info->conf_dump_finalize_len;
		return sizeof(info->header) + sizeof(info->dump);
	default:
		return -EINVAL;
	}
}

static long pv_info(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	struct kvm_s390_pv_info info = {0};
	long len;

	if (copy_from_user(&info.header, cmd->data, sizeof(info.header)))
		return -EFAULT;
	if (info.header.len_max < sizeof(info.header))
		return -EINVAL;
	len = fill_info(&kvm->machine->info, &info);
	if (len < 0 || info.header.len_max < (uint64_t)len)
		return -EINVAL;
	info.header.len_written = (uint32_t)len;
	return copy_to_user(cmd->data, &info, (size_t)len) ? -EFAULT : 0;
}

static long pv_dump(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	struct kvm_s390_pv_dmp dmp;
	int ret;

	if (require_protected(kvm))
		return -EINVAL;
	if (copy_from_user(&dmp, cmd->data, sizeof(dmp)))
		return -EFAULT;
	ret = kvm_s390_pv_dmp(kvm, cmd, &dmp);
	/* How far storage state has come is worth most when it did not come to the end. */
	if ((!ret || dmp.subcmd == KVM_PV_DUMP_CONFIG_STOR_STATE) &&
	    copy_to_user(cmd->data, &dmp, sizeof(dmp)))
		return -EFAULT;
	return ret;
}

/**
 * struct pv_command - a row: what is needed for a command
 * @handler: does it; rc and rrc go to the command block
 * @need_lock: kvm->lock is taken around it
 * @takes_long: the caller's nice value and CPUs count from its begin on
 */
struct pv_command {
	long (*handler)(struct kvm *kvm, struct kvm_pv_cmd *cmd);
	bool need_lock;
	bool takes_long;
};

static const struct pv_command pv_commands[] = {
	[KVM_PV_ENABLE] = {pv_enable, true, true},
	[KVM_PV_DISABLE] = {pv_disable, true, true},
	[KVM_PV_SET_SEC_PARMS] = {pv_set_sec_parms, true, false},
	[KVM_PV_UNPACK] = {pv_unpack, true, true},
	[KVM_PV_VERIFY] = {pv_verify, true, true},
	[KVM_PV_PREP_RESET] = {pv_prep_reset, true, false},
	[KVM_PV_UNSHARE_ALL] = {pv_unshare_all, true, true},
	[KVM_PV_INFO] = {pv_info, true, false},
	[KVM_PV_DUMP] = {pv_dump, true, true},
	[KVM_PV_ASYNC_CLEANUP_PREPARE] = {pv_async_cleanup_prepare, true, false},
	[KVM_PV_ASYNC_CLEANUP_PERFORM] = {pv_async_cleanup_perform, false, true},
};

static long dispatch(struct kvm *kvm, struct kvm_pv_cmd *cmd)
{
	const struct pv_command *row;
	long ret;

	if (cmd->cmd >= sizeof(pv_commands) / sizeof(pv_commands[0]))
		return -ENOTTY;
	row = &pv_commands[cmd->cmd];
	if (row->takes_long)
		task_follow_client();
	if (row->need_lock)
		mutex_lock(&kvm->lock);
	ret = row->handler(kvm, cmd);
	if (row->need_lock)
		mutex_unlock(&kvm->lock);
	return ret;
}

long kvm_s390_handle_pv(struct kvm *kvm, uint64_t arg)
{
	struct kvm_pv_cmd cmd;
	long ret;

	lockdep_assert_not_held(&kvm->lock);
	/* Whoever speaks of protection controls the states of the CPUs too. */
	atomic_store(&kvm->arch.user_cpu_state_ctrl, true);
	/* What has an Ultravisor of its own is no protected guest of another one */
	if (!is_prot_virt_host(kvm->machine) || kvm->arch.uv_host)
		return -EINVAL;
	if (copy_from_user(&cmd, arg, sizeof(cmd)))
		return -EFAULT;
	if (cmd.flags)
		return -EINVAL;
	ret = dispatch(kvm, &cmd);
	/* rc and rrc are worth most when the command failed. */
	if (copy_to_user(arg, &cmd, sizeof(cmd)))
		return -EFAULT;
	return ret;
}
