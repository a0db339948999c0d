/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a VMM does in its life, one step after the other; the first that fails ends it. */
#ifndef TESTS_FAILNTH_SCENARIO_H
#define TESTS_FAILNTH_SCENARIO_H

#include <stdbool.h>

#include "tests/life/life.h"

/** HIGH_ADDR - guest address of the second slot, whose pages PREPARE leaves to PERFORM */
#define HIGH_ADDR (2UL << 30)

/**
 * struct vmm - a VMM and its VM
 * @high: memory of the second slot, NULL: it has none
 * @image: what it starts
 * @second: another VM of the process that shows @high, 0: none
 * @performing: PERFORMs that may be under way
 * @generation: guests so far that had pages above 2 GiB
 * @check: called after each step, whatever it gave
 */
struct vmm {
	struct life life;
	void *high;
	int second;
	unsigned int performing;
	unsigned int generation;
	const struct life_image *image;
	void (*check)(const struct vmm *v);
};

/**
 * struct scenario - @run: Return: 0 or the first step's -errno
 * @dies: the process ends with everything open; else it closes its files
 */
struct scenario {
	const char *name;
	int (*run)(struct vmm *v);
	bool dies;
};

extern const struct scenario scenarios[];
extern const unsigned int nr_scenarios;

/**
 * vmm_recover() - the VMM goes on after a failure: back to an ordinary VM, and a new life
 * @stuck: the Ultravisor will not give the configuration up
 *
 * Return: 0, also if it had not got as far as CPUs; else -errno of what should have worked.
 */
int vmm_recover(struct vmm *v, bool stuck);

/** vmm_close() - memory, and files if they are still open */
void vmm_close(struct vmm *v);

#endif
