// SPDX-License-Identifier: GPL-2.0-or-later
/* A vCPU: its making and end, and the way from an ioctl to who does it. */
#include <errno.h>
#include <string.h>

#include "host/task.h"
#include "kvm/machine_state.h"
#include "kvm/pv.h"
#include "kvm/uv.h"
#include "kvm/vcpu.h"
#include "kvm/vsie.h"
#include "sie/sie.h"

/* ---- life ---- */

static void setup_sie_block(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	const struct kvm_arch *arch = &vcpu->kvm->arch;

	scb->icpua = be16_make((uint16_t)vcpu->vcpu_id);
	scb->scaoh = be32_make((uint32_t)(arch->sca >> 32));
	scb->scaol = be32_make((uint32_t)arch->sca);
	if (atomic_load(&arch->user_instr0) || atomic_load(&arch->user_operexec))
		scb->ictl = be32_make(ICTL_OPEREXC);
	kvm_s390_set_cpuflags(vcpu, CPUSTAT_KSS);
}

static int create_engine(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_arch *arch = &vcpu->arch;
	int err;

	arch->sie = sie_cpu_create(vcpu->kvm->arch.sie);
	if (!arch->sie)
		return -ENOMEM;
	err = kvm_s390_vsie_create(vcpu);
	if (err)
		sie_cpu_destroy(arch->sie);
	return err;
}

int kvm_arch_vcpu_create(struct kvm_vcpu *vcpu)
{
	struct storage *st = vcpu->kvm->machine->storage;
	struct kvm_vcpu_arch *arch = &vcpu->arch;

	arch->sie_block_abs = storage_alloc(st, PAGE_SIZE, PAGE_SIZE, ALLOC_PAGE);
	if (!arch->sie_block_abs)
		return -ENOMEM;
	arch->sie_block = storage_ptr(st, arch->sie_block_abs, sizeof(*arch->sie_block));
	if (create_engine(vcpu)) {
		storage_free(st, arch->sie_block_abs);
		return -ENOMEM;
	}
	pthread_mutex_init(&arch->local_int.lock, NULL);
	pthread_cond_init(&vcpu->out_of_sie, NULL);
	arch->state.cpu_addr = (uint16_t)vcpu->vcpu_id;
	setup_sie_block(vcpu);
	kvm_s390_set_cpuflags(vcpu, CPUSTAT_STOPPED);
	atomic_store(&vcpu->stopped, true);
	kvm_s390_sync_init(vcpu);
	mutex_lock(&vcpu->mutex);
	kvm_s390_vcpu_initial_reset(vcpu);
	mutex_unlock(&vcpu->mutex);
	return 0;
}

void kvm_arch_vcpu_destroy(struct kvm_vcpu *vcpu)
{
	kvm_s390_vsie_destroy(vcpu);
	sie_cpu_destroy(vcpu->arch.sie);
	storage_free(vcpu->kvm->machine->storage, vcpu->arch.sie_block_abs);
	pthread_cond_destroy(&vcpu->out_of_sie);
	pthread_mutex_destroy(&vcpu->arch.local_int.lock);
}

/* ---- ioctls that run beside KVM_RUN ---- */

static long inject_old(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_s390_interrupt s390int;
	struct kvm_s390_irq irq;

	if (copy_from_user(&s390int, arg, sizeof(s390int)))
		return -EFAULT;
	if (s390int_to_s390irq(&s390int, &irq))
		return -EINVAL;
	return kvm_s390_inject_vcpu(vcpu, &irq);
}

static long inject_new(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_s390_irq irq;

	if (copy_from_user(&irq, arg, sizeof(irq)))
		return -EFAULT;
	return kvm_s390_inject_vcpu(vcpu, &irq);
}

long kvm_arch_vcpu_async_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg)
{
	switch (cmd) {
	case KVM_S390_INTERRUPT:
		return inject_old(vcpu, arg);
	case KVM_S390_IRQ:
		return inject_new(vcpu, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* ---- the others ---- */

static long set_signal_mask(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_signal_mask mask;

	if (!arg) {
		vcpu->sigset = 0;
		return 0;
	}
	if (copy_from_user(&mask, arg, sizeof(mask)))
		return -EFAULT;
	if (mask.len != sizeof(vcpu->sigset))
		return -EINVAL;
	return copy_from_user(&vcpu->sigset, arg + offsetof(struct kvm_signal_mask, sigset),
			      sizeof(vcpu->sigset));
}

static long enable_cap(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, arg, sizeof(cap)))
		return -EFAULT;
	if (cap.flags || cap.cap != KVM_CAP_S390_CSS_SUPPORT)
		return -EINVAL;
	atomic_store(&vcpu->kvm->arch.css_support, true);
	return 0;
}

/* ---- KVM_S390_PV_CPU_COMMAND (kvm-pv 2.12) ---- */

static long pv_cpu_command(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_pv_cmd cmd;
	int ret;

	if (!is_prot_virt_host(vcpu->kvm->machine))
		return -EINVAL;
	if (copy_from_user(&cmd, arg, sizeof(cmd)))
		return -EFAULT;
	if (cmd.flags || cmd.cmd != KVM_PV_DUMP)
		return -EINVAL;
	ret = kvm_s390_handle_pv_vcpu_dump(vcpu, &cmd);
	/* rc and rrc lie side by side; nothing else of the argument is written */
	if (copy_to_user(arg + offsetof(struct kvm_pv_cmd, rc), &cmd.rc,
			 sizeof(cmd.rc) + sizeof(cmd.rrc)))
		ret = -EFAULT;
	return ret;
}

/** refuse() - what there is not; its argument has to be there all the same */
static long refuse(unsigned int cmd, uint64_t arg)
{
	union {
		struct kvm_translation translation;
		struct kvm_guest_debug debug;
	} ignored;

	return copy_from_user(&ignored, arg, _IOC_SIZE(cmd)) ? -EFAULT : -EINVAL;
}

/** other_ioctl() - what belongs to no family */
static long other_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg)
{
	switch (cmd) {
	case KVM_RUN:
		return kvm_arch_vcpu_ioctl_run(vcpu, arg);
	case KVM_SET_SIGNAL_MASK:
		return set_signal_mask(vcpu, arg);
	case KVM_ENABLE_CAP:
		return enable_cap(vcpu, arg);
	case KVM_S390_MEM_OP:
		return kvm_s390_vcpu_mem_op(vcpu, arg);
	case KVM_S390_PV_CPU_COMMAND:
		return pv_cpu_command(vcpu, arg);
	case KVM_TRANSLATE:
	case KVM_SET_GUEST_DEBUG: /* the engine has no PER */
		return refuse(cmd, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

long kvm_arch_vcpu_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg)
{
	static long (*const families[])(struct kvm_vcpu * vcpu, unsigned int cmd, uint64_t arg) = {
		other_ioctl,
		kvm_s390_regs_ioctl,
		kvm_s390_state_ioctl,
		kvm_s390_irq_state_ioctl,
	};

	lockdep_assert_held(&vcpu->mutex);
	for (unsigned int i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		long rc = families[i](vcpu, cmd, arg);

		if (rc != -ENOIOCTLCMD)
			return rc;
	}
	return -ENOTTY;
}
