// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_RUN: deliver, enter the engine, handle why it came back. */
#include <errno.h>
#include <string.h>

#include "host/task.h"
#include "kvm/pv.h"
#include "kvm/vcpu.h"
#include "sie/sie.h"

static void kick_engine(void *arg)
{
	sie_kick(arg);
}

/** handle_requests() - what others asked of this CPU while it was out of the engine */
static void handle_requests(struct kvm_vcpu *vcpu)
{
	/* The engine keeps translations of the whole VM: one purge serves both */
	bool purge = kvm_check_request(KVM_REQ_REFRESH_PREFIX, vcpu);

	purge |= kvm_check_request(KVM_REQ_TLB_FLUSH, vcpu);
	if (purge)
		sie_purge(vcpu->kvm->arch.sie, 0, UINT64_MAX);
	if (kvm_check_request(KVM_REQ_ICPT_OPEREXC, vcpu)) {
		uint32_t ictl = be32_get(vcpu->arch.sie_block->ictl);

		vcpu->arch.sie_block->ictl = be32_make(ictl | ICTL_OPEREXC);
	}
}

bool enter_sie(struct kvm_vcpu *vcpu)
{
	bool enter;

	pthread_mutex_lock(&vcpu->task_lock);
	enter = !atomic_load(&vcpu->immediate_block);
	vcpu->in_sie = enter;
	pthread_mutex_unlock(&vcpu->task_lock);
	return enter;
}

void leave_sie(struct kvm_vcpu *vcpu)
{
	pthread_mutex_lock(&vcpu->task_lock);
	vcpu->in_sie = false;
	pthread_cond_broadcast(&vcpu->out_of_sie);
	pthread_mutex_unlock(&vcpu->task_lock);
}

/** wait_unblocked() - until nobody keeps the CPU out, or a signal is pending */
static void wait_unblocked(struct kvm_vcpu *vcpu)
{
	struct task *task = current_task();

	while (!signal_pending(task)) {
		uint32_t key = task_prepare_sleep(task);

		if (!atomic_load(&vcpu->immediate_block))
			return;
		task_sleep(task, key, TASK_FOREVER);
	}
}

/* A protected CPU's registers travel through the SIE block */
static void pv_load_gprs(struct kvm_vcpu *vcpu)
{
	for (unsigned int i = 0; i < 16; i++)
		vcpu->arch.sie_block->pv_grregs[i] = be64_make(vcpu->arch.state.gprs[i]);
}

static void pv_store_gprs(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	for (unsigned int i = 0; i < 16; i++)
		vcpu->arch.state.gprs[i] = be64_get(scb->pv_grregs[i]);
	/*
	 * The next entry completes the intercepted instruction. Nothing may be injected there, so
	 * the CPU must not look enabled.
	 */
	if (scb->icptcode == ICPT_PV_INSTR || scb->icptcode == ICPT_PV_PREF)
		set_gpsw(vcpu, gpsw_mask(vcpu) & ~PSW_INT_MASK, gpsw_addr(vcpu));
}

/** fetched_length() - of the instruction that the PSW points to. Return: it, or < 0 */
static int fetched_length(struct kvm_vcpu *vcpu)
{
	uint8_t opcode;
	int rc = access_guest(vcpu, gpsw_addr(vcpu), 0, &opcode, 1, GACC_IFETCH, 0);

	if (rc)
		return rc < 0 ? rc : 4; /* what cannot be fetched has no length */
	return opcode >> 6 == 0 ? 2 : opcode >> 6 == 3 ? 6 : 4;
}

/**
 * addressing_exception() - an ordinary guest used an address where there is no storage
 *
 * The PSW still points to the instruction. The exception suppresses, so it has to go behind it.
 */
static int addressing_exception(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_pgm_info info = {.code = PGM_ADDRESSING};
	int ilen = fetched_length(vcpu);

	if (ilen < 0)
		return ilen;
	info.flags = (uint8_t)(ilen | KVM_S390_PGM_FLAGS_ILC_VALID);
	set_gpsw(vcpu, gpsw_mask(vcpu),
		 kvm_s390_logical_to_effective(vcpu, gpsw_addr(vcpu) + (uint64_t)ilen));
	return kvm_s390_inject_prog_irq(vcpu, &info);
}

/**
 * own_ultravisor_exception() - the guest's own Ultravisor has a page of its tables
 *
 * The engine presents those of operands by itself. This one nullifies: the PSW stays.
 */
static int own_ultravisor_exception(struct kvm_vcpu *vcpu, const struct sie_fault *fault)
{
	struct kvm_s390_pgm_info info = {.code = fault->code, .trans_exc_code = fault->gpa};
	int ilen = fetched_length(vcpu);

	if (ilen < 0)
		return ilen;
	info.flags = (uint8_t)(ilen | KVM_S390_PGM_FLAGS_ILC_VALID | KVM_S390_PGM_FLAGS_NO_REWIND);
	return kvm_s390_inject_prog_irq(vcpu, &info);
}

/**
 * handle_fault() - the page that the CPU could not use
 *
 * Once a protected CPU's page is free of its former owner, the access could only come back to ask
 * for the import: entry and exit between the two are saved. What the import says counts, as then.
 */
static int handle_fault(struct kvm_vcpu *vcpu, const struct sie_fault *fault)
{
	int rc;

	if (fault->code && vcpu->kvm->arch.uv_host)
		return own_ultravisor_exception(vcpu, fault);
	rc = kvm_s390_handle_fault(vcpu->kvm, fault);
	if (!rc && fault->code == UV_ACCESS_VIOLATION && !signal_pending(current_task()))
		rc = kvm_s390_import_page(vcpu->kvm, fault->gpa);
	if (rc == -EFAULT && !kvm_s390_pv_cpu_is_protected(vcpu) &&
	    !kvm_is_gpa_backed(vcpu->kvm, fault->gpa))
		return addressing_exception(vcpu);
	return rc;
}

/** prepare_sieic() - user space handles the interception */
static int prepare_sieic(struct kvm_vcpu *vcpu)
{
	const struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	vcpu->run->exit_reason = KVM_EXIT_S390_SIEIC;
	vcpu->run->s390_sieic.icptcode = scb->icptcode;
	vcpu->run->s390_sieic.ipa = be16_get(scb->ipa);
	vcpu->run->s390_sieic.ipb = be32_get(scb->ipb);
	return -EREMOTE;
}

static int vcpu_post_run(struct kvm_vcpu *vcpu, enum sie_result result,
			 const struct sie_fault *fault)
{
	int rc;

	switch (result) {
	case SIE_FAULT:
		return handle_fault(vcpu, fault);
	case SIE_INTERCEPT:
		rc = kvm_handle_sie_intercept(vcpu);
		return rc == -EOPNOTSUPP ? prepare_sieic(vcpu) : rc;
	case SIE_NO_MEMORY:
		return -ENOMEM;
	case SIE_KICKED:
		break;
	}
	return 0;
}

/** vcpu_enter() - once into the engine and back. Return: 0 go on, else leave the loop */
static int vcpu_enter(struct kvm_vcpu *vcpu)
{
	bool protected = kvm_s390_pv_cpu_is_protected(vcpu);
	struct sie_fault fault = {0};
	enum sie_result result;

	if (!enter_sie(vcpu)) {
		wait_unblocked(vcpu);
		return 0;
	}
	/* Not before: while a CPU stays outside, its last exit says what may be injected. */
	vcpu->arch.sie_block->icptcode = 0;
	if (protected)
		pv_load_gprs(vcpu);
	result = sie_run(vcpu->arch.sie, kvm_gmap_asce(vcpu->kvm), vcpu->arch.sie_block,
			 &vcpu->arch.state, &fault);
	leave_sie(vcpu);
	if (protected)
		pv_store_gprs(vcpu);
	return vcpu_post_run(vcpu, result, &fault);
}

static int vcpu_run(struct kvm_vcpu *vcpu)
{
	struct task *task = current_task();
	int rc = 0;

	while (!rc && !signal_pending(task)) {
		rc = kvm_s390_deliver_pending_interrupts(vcpu);
		if (rc)
			break;
		handle_requests(vcpu);
		rc = vcpu_enter(vcpu);
	}
	if (!rc) {
		vcpu->run->exit_reason = KVM_EXIT_INTR;
		rc = -EINTR;
	}
	return rc == -EREMOTE ? 0 : rc;
}

/** set_task() - make the CPU reachable for kicks, or not any more */
static void set_task(struct kvm_vcpu *vcpu, struct task *task)
{
	pthread_mutex_lock(&vcpu->task_lock);
	vcpu->task = task;
	pthread_mutex_unlock(&vcpu->task_lock);
}

/** check_run() - rows 1 to 5 of kvm-pv 1.10, and HALF and STUCK of 3.8 */
static int check_run(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	enum pv_state state = atomic_load(&kvm->arch.pv.state);

	if (atomic_load(&kvm->arch.pv.dumping))
		return -EINVAL;
	if (__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_RELAXED))
		return -EINTR;
	if ((vcpu->run->kvm_valid_regs | vcpu->run->kvm_dirty_regs) & ~KVM_SYNC_S390_VALID_FIELDS)
		return -EINVAL;
	/* Without the CPUs it had a configuration runs none, be it secure and plugged in later */
	if (state == PV_HALF || state == PV_STUCK)
		return -EINVAL;
	/* On its way into protected mode or out of it, a CPU must not run as an ordinary one */
	if (kvm_s390_pv_get_handle(kvm) && !kvm_s390_pv_cpu_is_protected(vcpu))
		return -EINVAL;
	if (!atomic_load(&kvm->arch.user_cpu_state_ctrl))
		return kvm_s390_vcpu_start(vcpu);
	return is_vcpu_stopped(vcpu) ? -EINVAL : 0;
}

long kvm_arch_vcpu_ioctl_run(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct task *task = current_task();
	int rc;

	if (arg)
		return -EINVAL;
	rc = check_run(vcpu);
	if (rc)
		return rc;
	if (!kvm_s390_pv_cpu_is_protected(vcpu))
		kvm_s390_pv_run_ordinary(vcpu->kvm);
	sync_regs(vcpu);
	set_task(vcpu, task);
	task_set_kick_handler(task, kick_engine, vcpu->arch.sie);
	kvm_s390_set_cpuflags(vcpu, CPUSTAT_RUNNING);
	rc = vcpu_run(vcpu);
	kvm_s390_clear_cpuflags(vcpu, CPUSTAT_RUNNING);
	task_set_kick_handler(task, NULL, NULL);
	set_task(vcpu, NULL);
	store_regs(vcpu);
	return rc;
}

void kvm_vcpu_kick(struct kvm_vcpu *vcpu)
{
	sie_kick(vcpu->arch.sie);
	pthread_mutex_lock(&vcpu->task_lock);
	if (vcpu->task)
		task_wake(vcpu->task);
	pthread_mutex_unlock(&vcpu->task_lock);
}

static void vcpu_block(struct kvm_vcpu *vcpu)
{
	atomic_store(&vcpu->immediate_block, true);
	kvm_vcpu_kick(vcpu);
	pthread_mutex_lock(&vcpu->task_lock);
	while (vcpu->in_sie)
		pthread_cond_wait(&vcpu->out_of_sie, &vcpu->task_lock);
	pthread_mutex_unlock(&vcpu->task_lock);
}

void kvm_s390_vcpu_block_all(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	uint32_t i;

	kvm_for_each_vcpu(i, vcpu, kvm) vcpu_block(vcpu);
}

void kvm_s390_vcpu_unblock_all(struct kvm *kvm)
{
	struct kvm_vcpu *vcpu;
	uint32_t i;

	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		atomic_store(&vcpu->immediate_block, false);
		kvm_vcpu_kick(vcpu);
	}
}
