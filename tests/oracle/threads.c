// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations beside each other. What they answered must be explained by some order of
 * them, in which each takes effect at one moment between its call and its return;
 * PERFORM at two, where it takes the record and where it has torn it down.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tests/oracle/run.h"

/**
 * struct event - an operation that was done
 * @called, @returned: places in the one order of all calls and returns
 */
struct event {
	const struct op *op;
	uint64_t called;
	uint64_t returned;
	struct outcome seen;
};

struct lane {
	pthread_t thread;
	struct history *h;
	unsigned int n;
	struct event events[MAX_OPS];
};

struct history {
	struct product *p;
	pthread_barrier_t start;
	_Atomic uint64_t clock;
	_Atomic bool no_task;
	struct lane lanes[MAX_THREADS];
	struct counts counts;
};

/* ---- doing it ---- */

static void *lane_thread(void *arg)
{
	struct lane *lane = arg;
	struct history *h = lane->h;
	bool ready = !product_thread_begin(h->p);

	if (!ready)
		atomic_store(&h->no_task, true);
	pthread_barrier_wait(&h->start);
	for (unsigned int i = 0; ready && i < lane->n; i++) {
		struct event *e = &lane->events[i];

		e->called = atomic_fetch_add(&h->clock, 1);
		e->seen = product_thread_step(h->p, e->op);
		e->returned = atomic_fetch_add(&h->clock, 1);
	}
	if (ready)
		product_thread_end();
	return NULL;
}

static void do_all(struct history *h)
{
	pthread_barrier_init(&h->start, NULL, MAX_THREADS);
	for (int t = 0; t < MAX_THREADS; t++) {
		h->lanes[t].h = h;
		if (pthread_create(&h->lanes[t].thread, NULL, lane_thread, &h->lanes[t]))
			exit(99);
	}
	for (int t = 0; t < MAX_THREADS; t++)
		pthread_join(h->lanes[t].thread, NULL);
	pthread_barrier_destroy(&h->start);
}

/* ---- finding an order ---- */

/**
 * struct place - how far an order is
 * @next: of each lane, the next event
 * @torn: configuration of a PERFORM that has begun, or NO_CONFIG
 */
struct place {
	unsigned int next[MAX_THREADS];
	int torn[MAX_THREADS];
};

/* Somebody who returned before this one was called has to come first. */
static bool may_come(const struct history *h, const struct place *at, int lane)
{
	const struct event *e = &h->lanes[lane].events[at->next[lane]];

	for (int t = 0; t < MAX_THREADS; t++) {
		if (t != lane && at->next[t] < h->lanes[t].n &&
		    h->lanes[t].events[at->next[t]].returned < e->called)
			return false;
	}
	return true;
}

static bool is_perform(const struct op *op)
{
	return op->kind == OP_PERFORM || op->kind == OP_PERFORM_DEAD;
}

/* Take one step of a lane. Return: false: this is not what was answered */
static bool advance(const struct history *h, struct place *at, int lane, struct spec *spec)
{
	const struct event *e = &h->lanes[lane].events[at->next[lane]];
	struct spec_vm *vm = &spec->vms[e->op->vm];
	struct outcome expected;

	if (!is_perform(e->op)) {
		expected = spec_step(spec, e->op, &e->seen);
	} else if (at->torn[lane] == NO_CONFIG) {
		at->torn[lane] = spec_perform_begin(spec, vm, &expected);
		if (at->torn[lane] != NO_CONFIG)
			return true;
	} else {
		expected = spec_perform_end(spec, vm, at->torn[lane],
					    e->op->kind == OP_PERFORM_DEAD, &e->seen);
		at->torn[lane] = NO_CONFIG;
	}
	at->next[lane]++;
	return outcome_agrees(&expected, &e->seen);
}

static bool explain(const struct history *h, const struct place *at, struct spec *spec);

/* Leave @spec as it is unless the rest can be explained as well. */
static bool try_lane(const struct history *h, const struct place *at, int lane, struct spec *spec)
{
	struct place then = *at;
	struct spec copy = *spec;

	if (!advance(h, &then, lane, &copy) || !explain(h, &then, &copy))
		return false;
	*spec = copy;
	return true;
}

static bool explain(const struct history *h, const struct place *at, struct spec *spec)
{
	bool all = true;

	for (int t = 0; t < MAX_THREADS; t++) {
		if (at->next[t] == h->lanes[t].n)
			continue;
		all = false;
		if (may_come(h, at, t) && try_lane(h, at, t, spec))
			return true;
	}
	if (all) {
		struct counts end = spec_counts(spec);
		struct verdict ignored = {0};

		return !counts_differ(&end, &h->counts, &ignored);
	}
	return false;
}

/* ---- telling ---- */

static void tell(const struct history *h, struct verdict *v)
{
	char line[128];

	verdict_fail(v, "no order of these explains answers and counts:");
	for (int t = 0; t < MAX_THREADS; t++) {
		for (unsigned int i = 0; i < h->lanes[t].n; i++) {
			const struct event *e = &h->lanes[t].events[i];
			FILE *out = fmemopen(line, sizeof(line), "w");

			if (!out)
				return;
			op_print(e->op, out);
			fclose(out);
			verdict_add(v, "  %3lu to %3lu  %-20s %ld rc %#x rrc %#x", e->called,
				    e->returned, line, e->seen.ret, e->seen.rc, e->seen.rrc);
		}
	}
}

void run_threads(const struct sequence *s, unsigned int first, unsigned int end, struct product *p,
		 struct spec *spec, struct verdict *v)
{
	static struct history h;
	struct place start = {.torn = {NO_CONFIG, NO_CONFIG, NO_CONFIG}};

	h = (struct history){.p = p};
	for (unsigned int i = first; i < end; i++) {
		struct lane *lane = &h.lanes[s->ops[i].thread - 1];

		if (spec->vms[s->ops[i].vm].exists)
			lane->events[lane->n++].op = &s->ops[i];
	}
	do_all(&h);
	if (atomic_load(&h.no_task)) {
		verdict_fail(v, "no memory for a task");
		return;
	}
	h.counts = product_counts(p);
	if (!explain(&h, &start, spec))
		tell(&h, v);
}
