/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VM of most tests: two CPUs, memory below and above 2 GiB; and what they do with it. */
#ifndef TESTS_LIFECYCLE_RIG_H
#define TESTS_LIFECYCLE_RIG_H

#include "tests/lifecycle/world.h"

#define RIG_LOW   0UL       /* guest address of slot 0 */
#define RIG_HIGH  (2 * GIB) /* guest address of slot 1 */
#define RIG_SIZE  (4 * MIB) /* bytes of each */
#define RIG_VCPUS 2

struct rig {
	struct world *w;
	struct vmm v;
	uint8_t *low;
	uint8_t *high;
};

/** rig_create() - @model: NULL: the default one */
void rig_create(struct rig *r, const char *model);
void rig_create_with(struct rig *r, const struct machine_params *params);

/** rig_destroy() - the VMM exits; nothing may be left */
void rig_destroy(struct rig *r);

/** rig_enable() - ENABLE, and the guest touches @pages pages above 2 GiB */
void rig_enable(struct rig *r, unsigned int pages);

/** rig_prepare() - PREPARE, which must succeed */
void rig_prepare(struct rig *r);

/** rig_leftover() - a whole life that ends with a killed PERFORM: one more leftover */
void rig_leftover(struct rig *r);

/**
 * struct pv_counts - configurations by state, and the count of the address space
 */
struct pv_counts {
	uint64_t active, half, stuck, aside, tearing, leftover, leaked;
	int64_t count;
};

/** expect_counts() - compare; members that are not named are 0 */
#define expect_counts(r, ...)                                                                      \
	expect_counts_at((r), &(struct pv_counts){__VA_ARGS__}, __FILE__, __LINE__)
void expect_counts_at(struct rig *r, const struct pv_counts *c, const char *file, int line);

#endif
