// SPDX-License-Identifier: GPL-2.0-or-later
/* As uv/cost.h has it: a call on one page costs a page and no call. */
#include "vmm/reboot_cost.h"

#define PAGE_LEN   4096UL
#define LOWER_2G   (2UL << 30)
#define CONF_CHUNK 4096UL /* pages that one DESTROY_SEC_CONF takes before it says "partial" */

/* CREATE_SEC_CONF, SET_SEC_CONF_PARAMS, VERIFY_IMG, and CPU_SET_STATE to load and to operating */
#define START_CALLS 5U

static uint64_t pages_of(uint64_t bytes)
{
	return (bytes + PAGE_LEN - 1) / PAGE_LEN;
}

static uint64_t ns(const struct uv_cost *cost, uint64_t calls, uint64_t pages)
{
	return calls * cost->call_ns + pages * cost->page_ns;
}

static uint64_t conf_calls(uint64_t pages)
{
	return pages ? (pages + CONF_CHUNK - 1) / CONF_CHUNK : 1;
}

void reboot_cost_compute(const struct reboot_shape *shape, const struct uv_model *model,
			 const struct uv_cost *cost, struct reboot_cost *result)
{
	uint64_t pages = pages_of(shape->memory), cpus = shape->cpus;
	uint64_t lower = pages < pages_of(LOWER_2G) ? pages : pages_of(LOWER_2G);
	/* Condemned or destroyed fast: one call now. Otherwise the configuration is PERFORM's. */
	uint64_t now = model->features & (UV_FEATURE_CONDEMN | UV_FEATURE_DESTROY_FAST) ? 1 : 0;
	uint64_t later = model->features & UV_FEATURE_CONDEMN || !now ? 1 : 0;

	if (model->features & UV_FEATURE_CONDEMN)
		lower = 0;
	result->sync_teardown = ns(cost, cpus + conf_calls(pages), pages);
	result->async_teardown = ns(cost, cpus + now, lower);
	result->background = ns(cost, later, pages - lower);
	result->start = ns(cost, START_CALLS + cpus, pages_of(shape->image));
}
