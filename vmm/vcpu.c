// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/vcpu.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "protvirt/protvirt.h"
#include "vmm/intercept.h"

#define KICK_SIGNAL SIGUSR1

static void on_kick(int signal)
{
	/* Being interrupted is all that is wanted. */
	(void)signal;
}

int vcpu_create(struct vm *vm, unsigned int id)
{
	struct vcpu *vcpu = &vm->cpus[id];
	const struct kvm_enable_cap css = {.cap = KVM_CAP_S390_CSS_SUPPORT};
	struct sigaction action = {.sa_handler = on_kick};
	long rc;
	int size = protvirt_ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (size < (int)sizeof(struct kvm_run))
		return size < 0 ? -errno : -EPROTO;
	sigaction(KICK_SIGNAL, &action, NULL);
	vcpu->fd = protvirt_ioctl(vm->vm_fd, KVM_CREATE_VCPU, id);
	if (vcpu->fd < 0)
		return -errno;
	vcpu->run =
		protvirt_mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		vcpu->run = NULL;
		return -errno;
	}
	rc = vcpu_ioctl(vcpu, KVM_ENABLE_CAP, &css);
	if (rc)
		return (int)rc;
	vcpu->run->kvm_valid_regs = KVM_SYNC_PREFIX | KVM_SYNC_GPRS | KVM_SYNC_CRS;
	return vcpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED);
}

void vcpu_close(struct vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, sizeof(*vcpu->run));
	if (vcpu->fd >= 0)
		protvirt_close(vcpu->fd);
	vcpu->run = NULL;
	vcpu->fd = -1;
}

long vcpu_ioctl(struct vcpu *vcpu, unsigned long request, const void *arg)
{
	int rc = protvirt_ioctl(vcpu->fd, request, (uintptr_t)arg);

	return rc < 0 ? -errno : rc;
}

int vcpu_set_mp_state(struct vcpu *vcpu, uint32_t mp_state)
{
	struct kvm_mp_state state = {mp_state};
	long rc = vcpu_ioctl(vcpu, KVM_SET_MP_STATE, &state);

	if (rc)
		return (int)rc;
	pthread_mutex_lock(&vcpu->vm->lock);
	vcpu->state = mp_state == KVM_MP_STATE_STOPPED ? VCPU_STOPPED : VCPU_OPERATING;
	pthread_mutex_unlock(&vcpu->vm->lock);
	return 0;
}

/* The flag catches a KVM_RUN that has not begun, the signal one that waits. */
void vcpu_kick(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(vcpu->thread, KICK_SIGNAL);
}

void vcpu_set_cc(struct vcpu *vcpu, unsigned int cc)
{
	vcpu->run->psw_mask = (vcpu->run->psw_mask & ~PSW_MASK_CC) | (uint64_t)cc << 44;
}

void vcpu_program_check(struct vcpu *vcpu, uint16_t code)
{
	struct kvm_s390_irq irq = {.type = KVM_S390_PROGRAM_INT, .u.pgm.code = code};
	long rc = vcpu_ioctl(vcpu, KVM_S390_IRQ, &irq);

	if (rc)
		vm_request_end(vcpu->vm, EXIT_CODE_HOST,
			       "program interruption %04x cannot be injected, errno %ld", code,
			       -rc);
}

static bool may_run(const struct vcpu *vcpu)
{
	return !vcpu->vm->paused && (vcpu->state == VCPU_OPERATING || vcpu->job);
}

/* Waits until the CPU may run. Returns false if it never will again. */
static bool enter(struct vcpu *vcpu, enum vcpu_job *job)
{
	struct vm *vm = vcpu->vm;
	bool enter;

	pthread_mutex_lock(&vm->lock);
	while (!vm->ending && !may_run(vcpu))
		pthread_cond_wait(&vm->changed, &vm->lock);
	enter = !vm->ending;
	vcpu->inside = enter;
	*job = vcpu->job;
	/* Cleared under the lock that vm_pause() kicks under, so no kick is lost. */
	__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&vm->lock);
	return enter;
}

static void leave(struct vcpu *vcpu, enum vcpu_job done)
{
	pthread_mutex_lock(&vcpu->vm->lock);
	vcpu->inside = false;
	if (done)
		vcpu->job = VCPU_JOB_NONE;
	pthread_cond_broadcast(&vcpu->vm->changed);
	pthread_mutex_unlock(&vcpu->vm->lock);
}

static long do_job(struct vcpu *vcpu, enum vcpu_job job)
{
	struct kvm_s390_irq restart = {.type = KVM_S390_RESTART};

	switch (job) {
	case VCPU_JOB_START:
		return vcpu_set_mp_state(vcpu, KVM_MP_STATE_OPERATING);
	case VCPU_JOB_RESTART:
		return vcpu_ioctl(vcpu, KVM_S390_IRQ, &restart)
			       ?: vcpu_set_mp_state(vcpu, KVM_MP_STATE_OPERATING);
	case VCPU_JOB_RESET:
		return vcpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED)
			       ?: vcpu_ioctl(vcpu, KVM_S390_NORMAL_RESET, NULL);
	case VCPU_JOB_INITIAL:
		return vcpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED)
			       ?: vcpu_ioctl(vcpu, KVM_S390_INITIAL_RESET, NULL);
	case VCPU_JOB_NONE:
		break;
	}
	return 0;
}

static void run_once(struct vcpu *vcpu)
{
	long rc = vcpu_ioctl(vcpu, KVM_RUN, NULL);

	if (!rc)
		intercept_handle(vcpu);
	else if (rc != -EINTR)
		intercept_run_failed(vcpu, (int)-rc);
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	enum vcpu_job job;

	while (enter(vcpu, &job)) {
		long rc = 0;

		if (job)
			rc = do_job(vcpu, job);
		else
			run_once(vcpu);
		if (rc)
			vm_request_end(vcpu->vm, EXIT_CODE_HOST,
				       "CPU %u: SIGP cannot be carried out, errno %ld", vcpu->id,
				       -rc);
		leave(vcpu, job);
	}
	return NULL;
}

int vcpu_start_thread(struct vcpu *vcpu)
{
	int rc = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);

	vcpu->started = !rc;
	return -rc;
}
