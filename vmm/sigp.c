// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Start, restart and the resets change another CPU's state in KVM, which only works while that CPU
 * is out of KVM_RUN. Its own thread does it, and the CPU that signals waits for that: orders that
 * KVM answers by itself, such as sense or set prefix, must find the state that was ordered. One
 * CPU signals at a time, others find the target busy; so two can never wait for each other.
 */
#include "vmm/sigp.h"

#include "vmm/intercept.h"

#define SIGP_START             0x04
#define SIGP_RESTART           0x06
#define SIGP_INITIAL_CPU_RESET 0x0b
#define SIGP_CPU_RESET         0x0c

#define SIGP_STATUS_INVALID_ORDER 0x00000002U

enum {
	CC_ACCEPTED,
	CC_STATUS,
	CC_BUSY,
	CC_NOT_OPERATIONAL
};

static enum vcpu_job job_of(uint64_t order)
{
	switch (order) {
	case SIGP_START:
		return VCPU_JOB_START;
	case SIGP_RESTART:
		return VCPU_JOB_RESTART;
	case SIGP_INITIAL_CPU_RESET:
		return VCPU_JOB_INITIAL;
	case SIGP_CPU_RESET:
		return VCPU_JOB_RESET;
	default:
		return VCPU_JOB_NONE;
	}
}

/* Its own order a CPU carries out when it is through here; a pause or the end waits for nobody. */
static void wait_until_done(struct vcpu *vcpu, struct vcpu *target)
{
	struct vm *vm = vcpu->vm;

	vm->signalling = true;
	while (target != vcpu && target->job && !vm->ending && !vm->paused)
		pthread_cond_wait(&vm->changed, &vm->lock);
	vm->signalling = false;
}

static unsigned int post(struct vcpu *vcpu, struct vcpu *target, enum vcpu_job job)
{
	struct vm *vm = target->vm;
	unsigned int cc = CC_BUSY;

	pthread_mutex_lock(&vm->lock);
	if (!target->job && !vm->signalling) {
		target->job = job;
		if (target->inside)
			vcpu_kick(target);
		pthread_cond_broadcast(&vm->changed);
		wait_until_done(vcpu, target);
		cc = CC_ACCEPTED;
	}
	pthread_mutex_unlock(&vm->lock);
	return cc;
}

void sigp_handle(struct vcpu *vcpu)
{
	uint64_t order = intercept_base_disp(vcpu) & 0xff;
	unsigned int r1 = intercept_r1(vcpu);
	uint64_t target = vcpu_gpr(vcpu, intercept_r3(vcpu)) & 0xffff;
	enum vcpu_job job = job_of(order);

	if (target >= vcpu->vm->params.nr_cpus) {
		vcpu_set_cc(vcpu, CC_NOT_OPERATIONAL);
	} else if (job) {
		vcpu_set_cc(vcpu, post(vcpu, &vcpu->vm->cpus[target], job));
	} else {
		vcpu_set_gpr(vcpu, r1,
			     (vcpu_gpr(vcpu, r1) & 0xffffffff00000000ULL) |
				     SIGP_STATUS_INVALID_ORDER);
		vcpu_set_cc(vcpu, CC_STATUS);
	}
}
