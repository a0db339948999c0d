/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Latencies of a real machine's calls, for measurements that say *modelled*.
 *
 * A call notes when it began and, when it is over and holds no lock any more,
 * waits for what is missing to the modelled latency. The waiting thread sleeps;
 * what it overslept counts for its next calls, so that runs of short calls cost
 * what they should in sum.
 */
#ifndef UV_COST_H
#define UV_COST_H

#include <stdatomic.h>
#include <stdint.h>

#include "uv/ultravisor.h"

/** struct uv_cost_model - struct uv_cost, changed while calls run */
struct uv_cost_model {
	_Atomic uint64_t page_ns;
	_Atomic uint64_t call_ns;
};

/**
 * uv_cost_start() - now, if there is a cost model
 *
 * Return: CLOCK_MONOTONIC in ns, or 0: uv_cost_wait() has nothing to do.
 */
uint64_t uv_cost_start(const struct uv_cost_model *m);

/**
 * uv_cost_wait() - wait until work begun at @start may be over
 * @m: the model
 * @start: from uv_cost_start()
 * @calls: calls that did not touch a page
 * @pages: pages touched; a call on one page is one page and no call
 *
 * Context: no lock held; sleeps for the modelled time.
 */
void uv_cost_wait(const struct uv_cost_model *m, uint64_t start, uint64_t calls, uint64_t pages);

#endif
