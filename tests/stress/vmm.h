/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VMM whose threads do everything at once to several VMs. */
#ifndef TESTS_STRESS_VMM_H
#define TESTS_STRESS_VMM_H

#include <stdatomic.h>
#include <stdint.h>

#include "tests/life/life.h"

/** enum stress_op - what a thread does next, by chance */
enum stress_op {
	OP_LOAD, /* ENABLE, image, VERIFY */
	OP_RUN,
	OP_PREPARE,
	OP_PERFORM,
	OP_DISABLE,
	OP_RESET,
	OP_SLOT, /* add, move, delete */
	OP_CPU,
	OP_MEMORY, /* the host reads what may be secure */
	OP_STATE,
	OP_INTERRUPT,
	OP_REOPEN, /* close the VM and make a new one */
	OP_NR
};

extern const char *const stress_op_names[OP_NR];

/** struct stress_counts - shared by all processes: how often each worked, and how often not */
struct stress_counts {
	_Atomic uint64_t done[OP_NR];
	_Atomic uint64_t refused[OP_NR];
};

/**
 * stress_vmm() - be a VMM: start the threads, each of which does @ops operations, and wait for them
 *
 * Return: 0: all were answered as they may be; 97: not, a line on stderr says what.
 */
int stress_vmm(const struct life_image *image, unsigned int seed, unsigned int ops,
	       struct stress_counts *counts);

#endif
