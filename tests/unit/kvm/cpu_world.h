/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine with one VM and some CPUs, for tests of vCPUs through their ioctls.
 * What should work is asserted here; what a test is about it asserts itself.
 */
#ifndef TESTS_UNIT_KVM_CPU_WORLD_H
#define TESTS_UNIT_KVM_CPU_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/direct.h"
#include "kvm/kvm_host.h"
#include "kvm/machine.h"
#include "protvirt/kvm.h"

#define WORLD_CPUS   3
#define WORLD_MEMORY (4UL << 20)

/** GUEST_CODE - where world_code() puts it; GUEST_HANDLER - an instruction that leaves: diag 0x501
 */
#define GUEST_CODE    0x10000UL
#define GUEST_HANDLER 0x11000UL

#define PSW64 0x0000000180000000UL

/**
 * struct world - the test's thread is the VMM's task @t
 * @mem: guest absolute 0 in the VMM
 */
struct world {
	struct machine *m;
	struct mm *mm;
	struct task *t;
	int kvm_fd;
	int vm_fd;
	int cpu_fd[WORLD_CPUS];
	struct kvm_run *run[WORLD_CPUS];
	uint8_t *mem;
	struct kvm *kvm;
};

/** world_setup(), world_teardown() - cmocka fixtures; *state is the world */
int world_setup(void **state);
int world_teardown(void **state);

/** world_setup_nested() - likewise, and the CPUs have all CPU features of the machine, so SIE */
int world_setup_nested(void **state);

long vm_ioctl(struct world *w, unsigned int cmd, void *arg);
long cpu_ioctl(struct world *w, unsigned int cpu, unsigned int cmd, void *arg);

/** cpu_ioctl_value() - the argument is a number */
long cpu_ioctl_value(struct world *w, unsigned int cpu, unsigned int cmd, uint64_t arg);

/** world_vcpu() - the object behind a descriptor */
struct kvm_vcpu *world_vcpu(struct world *w, unsigned int cpu);

/** world_code() - code at GUEST_CODE, all new PSWs lead to GUEST_HANDLER + number of the class * 16
 */
void world_code(struct world *w, const void *code, size_t len);

/** world_start() - the CPU's next KVM_RUN begins at GUEST_CODE with @mask | 64-bit mode */
void world_start(struct world *w, unsigned int cpu, uint64_t mask);

/** world_set_cr() - one control register */
void world_set_cr(struct world *w, unsigned int cpu, unsigned int nr, uint64_t value);

/** expect_diag() - KVM_RUN ends with a DIAG of this function code for user space */
void expect_diag(struct world *w, unsigned int cpu, uint16_t code);

/** HANDLER_x - DIAG code with which a class's handler leaves */
#define HANDLER_RESTART 0x601
#define HANDLER_EXT     0x602
#define HANDLER_PGM     0x604
#define HANDLER_MCK     0x605
#define HANDLER_IO      0x606

uint16_t guest16(const struct world *w, gpa_t gpa);
uint32_t guest32(const struct world *w, gpa_t gpa);
uint64_t guest64(const struct world *w, gpa_t gpa);
void put_guest32(struct world *w, gpa_t gpa, uint32_t value);
void put_guest64(struct world *w, gpa_t gpa, uint64_t value);

/** pv_cmd() - KVM_S390_PV_COMMAND without data */
long pv_cmd(struct world *w, uint32_t cmd);

#endif
