/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One CPU: its thread, its registers, its state. */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <stdint.h>

#include "vmm/vm.h"

/** vcpu_create() - Return: 0 or -errno */
int vcpu_create(struct vm *vm, unsigned int id);

/** vcpu_start_thread() - Return: 0 or -errno */
int vcpu_start_thread(struct vcpu *vcpu);

/** vcpu_close() - its thread must have returned */
void vcpu_close(struct vcpu *vcpu);

/** vcpu_ioctl() - Return: value >= 0, or -errno */
long vcpu_ioctl(struct vcpu *vcpu, unsigned long request, const void *arg);

/**
 * vcpu_set_mp_state() - change the CPU's state in KVM and here
 * @mp_state: KVM_MP_STATE_*; LOAD counts as operating
 *
 * Return: 0 or -errno.
 * Context: the CPU's own thread, or the manager while CPUs are paused.
 */
int vcpu_set_mp_state(struct vcpu *vcpu, uint32_t mp_state);

/** vcpu_kick() - make its thread come out of KVM_RUN */
void vcpu_kick(struct vcpu *vcpu);

/** vcpu_gpr() - a general register at the last exit */
static inline uint64_t vcpu_gpr(const struct vcpu *vcpu, unsigned int nr)
{
	return vcpu->run->s.regs.gprs[nr];
}

/** vcpu_set_gpr() - what it will hold at the next entry */
static inline void vcpu_set_gpr(struct vcpu *vcpu, unsigned int nr, uint64_t value)
{
	vcpu->run->s.regs.gprs[nr] = value;
	vcpu->run->kvm_dirty_regs |= KVM_SYNC_GPRS;
}

/** vcpu_set_psw() - the PSW of the next entry; ordinary guests only */
static inline void vcpu_set_psw(struct vcpu *vcpu, uint64_t mask, uint64_t addr)
{
	vcpu->run->psw_mask = mask;
	vcpu->run->psw_addr = addr;
}

/** vcpu_set_cc() - the condition code of the intercepted instruction */
void vcpu_set_cc(struct vcpu *vcpu, unsigned int cc);

/** vcpu_program_check() - the intercepted instruction ends in a program interruption */
void vcpu_program_check(struct vcpu *vcpu, uint16_t code);

/** Program interruption codes that a VMM gives */
#define PGM_OPERATION     0x0001
#define PGM_PRIVILEGED    0x0002
#define PGM_ADDRESSING    0x0005
#define PGM_SPECIFICATION 0x0006
#define PGM_OPERAND       0x0015

#define PSW_MASK_PROBLEM 0x0001000000000000ULL
#define PSW_MASK_CC      0x0000300000000000ULL
#define PSW_MASK_64BIT   0x0000000180000000ULL

#endif
