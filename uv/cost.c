/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Latencies of a real machine's calls: see cost.h. */
#include <errno.h>
#include <time.h>

#include "uv/cost.h"

#define NS_PER_S 1000000000UL

/** SPIN_NS - a sleep shorter than this is not worth a system call */
#define SPIN_NS 1000

/** CREDIT_MAX_NS - a thread that was off the CPU for long does not get the rest of its calls free
 */
#define CREDIT_MAX_NS 1000000

/* what this thread overslept in earlier calls and has not used yet */
static _Thread_local uint64_t credit_ns;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t uv_cost_start(const struct uv_cost_model *m)
{
	if (!atomic_load_explicit(&m->page_ns, memory_order_relaxed) &&
	    !atomic_load_explicit(&m->call_ns, memory_order_relaxed))
		return 0;
	return now_ns();
}

static uint64_t sleep_until(uint64_t deadline)
{
	struct timespec ts = {(time_t)(deadline / NS_PER_S), (long)(deadline % NS_PER_S)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
	return now_ns();
}

void uv_cost_wait(const struct uv_cost_model *m, uint64_t start, uint64_t calls, uint64_t pages)
{
	uint64_t cost = calls * atomic_load_explicit(&m->call_ns, memory_order_relaxed) +
			pages * atomic_load_explicit(&m->page_ns, memory_order_relaxed);
	uint64_t paid = cost < credit_ns ? cost : credit_ns;
	uint64_t deadline = start + cost - paid;
	uint64_t now;

	if (!start || !cost)
		return;
	credit_ns -= paid;
	now = now_ns();
	if (now >= deadline)
		return;
	if (deadline - now >= SPIN_NS)
		now = sleep_until(deadline);
	else
		while ((now = now_ns()) < deadline)
			;
	credit_ns += now - deadline;
	if (credit_ns > CREDIT_MAX_NS)
		credit_ns = CREDIT_MAX_NS;
}
