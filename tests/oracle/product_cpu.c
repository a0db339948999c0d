// SPDX-License-Identifier: GPL-2.0-or-later
/* States and resets of CPUs, done by the product. */
#include "host/direct.h"
#include "kvm/kvm_host.h"
#include "protvirt/kvm.h"
#include "tests/oracle/product_impl.h"

static long set_state(struct task *t, int fd, enum cpu_mode state)
{
	static const uint32_t states[CPU_STATE_NR] = {[CPU_STOPPED] = KVM_MP_STATE_STOPPED,
						      [CPU_OPERATING] = KVM_MP_STATE_OPERATING,
						      [CPU_LOAD] = KVM_MP_STATE_LOAD};
	struct kvm_mp_state mp = {.mp_state = states[state]};

	return direct_ioctl(t, fd, KVM_SET_MP_STATE, (uintptr_t)&mp);
}

static long reset(struct task *t, int fd, enum cpu_reset_kind kind)
{
	static const unsigned int resets[CPU_RESET_NR] = {
		[CPU_RESET_NORMAL] = KVM_S390_NORMAL_RESET,
		[CPU_RESET_INITIAL] = KVM_S390_INITIAL_RESET,
		[CPU_RESET_CLEAR] = KVM_S390_CLEAR_RESET};

	return direct_ioctl(t, fd, resets[kind], 0);
}

/* The page is the VMM's as well. */
static long run(struct task *t, const struct product_vm *vm, const struct op *op)
{
	struct kvm_vcpu *vcpu = atomic_load(&vm->kvm->vcpus[op->a]);

	vcpu->run->immediate_exit = !op->b;
	return direct_ioctl(t, vm->vcpu[op->a], KVM_RUN, 0);
}

struct outcome product_cpu(struct task *t, const struct product_vm *vm, const struct op *op)
{
	int fd = vm->vcpu[op->a];

	switch (op->kind) {
	case OP_CPU_STATE:
		return product_result(set_state(t, fd, op->b));
	case OP_CPU_RESET:
		return product_result(reset(t, fd, op->b));
	default:
		return product_result(run(t, vm, op));
	}
}
