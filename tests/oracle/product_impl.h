/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the product's side share. */
#ifndef TESTS_ORACLE_PRODUCT_IMPL_H
#define TESTS_ORACLE_PRODUCT_IMPL_H

#include <pthread.h>
#include <stdint.h>

#include "tests/oracle/product.h"

struct kvm;
struct machine;
struct mm;
struct task;

/**
 * struct product_vm - a VM of the process
 * @lock: protects what threads change: @vcpu and @vcpus
 */
struct product_vm {
	int fd;
	pthread_mutex_t lock;
	int vcpu[MAX_CPUS];
	unsigned int vcpus;
	struct kvm *kvm;
};

/**
 * struct product - a machine and a VMM
 * @holder: another process, which only keeps descriptors
 * @held: there
 */
struct product {
	struct machine *m;
	uint64_t objects;
	struct mm *mm;
	struct task *t;
	struct mm *holder;
	int held[NR_VMS];
	int kvm_fd;
	struct product_vm vms[NR_VMS];
	uint8_t *areas[NR_AREAS];
};

/** product_result() - of what has no rc and rrc */
struct outcome product_result(long ret);

/** product_pv() - a KVM_S390_PV_COMMAND of the thread that is @t */
struct outcome product_pv(struct task *t, int fd, uint32_t cmd, const void *data);

/** product_dump() - KVM_PV_DUMP; product_dump_cpu() - KVM_S390_PV_CPU_COMMAND */
struct outcome product_dump(struct task *t, const struct product_vm *vm, const struct op *op);
struct outcome product_dump_cpu(struct task *t, const struct product_vm *vm, const struct op *op);

/** product_cpu() - states, resets, KVM_RUN where it does not run */
struct outcome product_cpu(struct task *t, const struct product_vm *vm, const struct op *op);

#endif
