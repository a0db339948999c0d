/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VM without a machine: storage, one CPU, and what would have been asked of KVM. */
#ifndef TESTS_UNIT_VMM_VM_WORLD_H
#define TESTS_UNIT_VMM_VM_WORLD_H

#include "vmm/vcpu.h"

#define WORLD_MEMORY (4UL << 20)

struct world {
	struct vm vm;
	struct vcpu cpu;
	struct kvm_run run;
};

int world_setup(void **state);
int world_teardown(void **state);

/** world_program() - code of the program interruption injected since the last call, 0: none */
unsigned int world_program(void);

/** world_service() - waits for a service signal. Return: its parameter */
uint32_t world_service(void);

/** world_execute() - the CPU intercepts this instruction, its PSW is in supervisor state */
void world_execute(struct world *w, uint16_t ipa, uint32_t ipb);

#endif
