/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the Ultravisor calls of a reboot cost, counted and not run. */
#ifndef VMM_REBOOT_COST_H
#define VMM_REBOOT_COST_H

#include <stdint.h>

#include "uv/ultravisor.h"

/**
 * struct reboot_shape - a guest that is rebooted, all of its memory secure
 * @memory: bytes
 * @image: bytes of its image
 * @cpus: number of its CPUs
 */
struct reboot_shape {
	uint64_t memory;
	uint64_t image;
	uint64_t cpus;
};

/**
 * struct reboot_cost - in ns
 * @sync_teardown: DISABLE
 * @async_teardown: PREPARE
 * @background: PERFORM, beside the new guest
 * @start: from ENABLE until the first CPU is loaded
 */
struct reboot_cost {
	uint64_t sync_teardown;
	uint64_t async_teardown;
	uint64_t background;
	uint64_t start;
};

/** reboot_cost_compute() - the costs under @cost on a machine of @model */
void reboot_cost_compute(const struct reboot_shape *shape, const struct uv_model *model,
			 const struct uv_cost *cost, struct reboot_cost *result);

#endif
