/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protvirt.h on the direct-call transport: a program written against the client
 * library runs with machine and VMM in one process, where sanitizers see both
 * and status can be asked between any two steps.
 */
#ifndef TESTS_DIRECT_DIRECT_H
#define TESTS_DIRECT_DIRECT_H

#include "kvm/machine.h"

struct task;

/** direct_machine_start() - power on; the first call makes the address space. 0 or -errno */
int direct_machine_start(const struct machine_params *params);

/** direct_machine_status() - counts of now */
void direct_machine_status(struct machine_status *status);

/** direct_this_task() - the calling thread's task; made on first use. NULL: no memory */
struct task *direct_this_task(void);

/** direct_thread_end() - the calling thread has made its last call */
void direct_thread_end(void);

/**
 * direct_vmm_exit() - the VMM's process ends: address space first, then descriptors
 *
 * The next call begins as a new VMM. Every other thread must have called direct_thread_end().
 */
void direct_vmm_exit(void);

/** direct_machine_stop() - direct_vmm_exit(), then power off */
void direct_machine_stop(void);

#endif
