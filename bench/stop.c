// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How soon does PERFORM stop? From the mark of the fatal signal to its return, machine and VMM in
 * one process. The guest is filled once; then each next one touches a part of it anew, is set
 * aside, and the thread that destroys it is killed at a random moment. What the kernel gives of its
 * CPU to others, to its own threads on an idle computer, stands in a row of its own.
 */
#include <err.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/guest.h"
#include "bench/place.h"
#include "bench/report.h"
#include "host/direct.h"
#include "protvirt/kvm.h"
#include "tests/direct/direct.h"

#define FIRST_MIB 2048UL /* below, PREPARE destroys */
#define PART_MIB  128UL

/** struct victim - the thread that performs, and when it did what; @may_end: nobody kills @task */
struct victim {
	pthread_t thread;
	struct life l;
	struct task *task;
	pid_t tid;
	_Atomic uint64_t begun_ns;
	_Atomic bool may_end;
	uint64_t ended_ns;
	uint64_t waited_ns; /* for its CPU, until then */
};

static struct samples stop, waited;

static size_t memory(void)
{
	return report_quick() ? 4 * GIB : 16 * GIB;
}

static size_t wanted(void)
{
	return report_quick() ? 20 : 120;
}

static void *perform(void *arg)
{
	struct victim *v = arg;

	place_thread(0, 1);
	v->tid = gettid();
	v->task = direct_this_task();
	if (!v->task)
		errx(1, "no task");
	atomic_store(&v->begun_ns, now_ns());
	guest_pv(&v->l, KVM_PV_ASYNC_CLEANUP_PERFORM);
	v->ended_ns = now_ns();
	v->waited_ns = place_waited_ns(v->tid);
	while (!atomic_load(&v->may_end))
		;
	direct_thread_end();
	return NULL;
}

static void begin(struct victim *v, const struct life *l)
{
	v->l = *l;
	atomic_store(&v->begun_ns, 0);
	atomic_store(&v->may_end, false);
	if (pthread_create(&v->thread, NULL, perform, v))
		errx(1, "no thread");
	while (!atomic_load(&v->begun_ns))
		;
}

static void end(struct victim *v)
{
	atomic_store(&v->may_end, true);
	pthread_join(v->thread, NULL);
}

static uint64_t leftovers(void)
{
	struct machine_status s;

	direct_machine_status(&s);
	return s.leftover;
}

static void kill_after(struct victim *v, uint64_t delay_ns)
{
	uint64_t before = leftovers(), waited_before, marked;

	while (now_ns() < atomic_load(&v->begun_ns) + delay_ns)
		;
	waited_before = place_waited_ns(v->tid);
	marked = now_ns();
	direct_task_kill(v->task);
	end(v);
	if (leftovers() == before)
		return;
	samples_add(&stop, 1e3 * (double)(v->ended_ns - marked) * 1e-9);
	samples_add(&waited, 1e3 * (double)(v->waited_ns - waited_before) * 1e-9);
}

static void next_guest(struct life *l, size_t mib, size_t n)
{
	guest_touch(l, mib, n);
	guest_pv(l, KVM_PV_ASYNC_CLEANUP_PREPARE);
	guest_reset(l);
	guest_start(l);
}

/* Return: ns that an undisturbed PERFORM takes */
static uint64_t perform_ns(struct life *l, struct victim *v)
{
	next_guest(l, FIRST_MIB, PART_MIB);
	begin(v, l);
	end(v);
	return v->ended_ns - atomic_load(&v->begun_ns);
}

static size_t random_part(const struct life *l)
{
	return FIRST_MIB +
	       (size_t)rand() % ((guest_secure_bytes(l) / MIB - FIRST_MIB) / PART_MIB) * PART_MIB;
}

static void measure(struct life *l)
{
	struct victim v;
	uint64_t ns;

	guest_first_start(l);
	guest_touch_all(l);
	ns = perform_ns(l, &v);
	ns = perform_ns(l, &v); /* the first had all that was filled */
	for (size_t i = 0; stop.n < wanted() && i < 4 * wanted(); i++) {
		report_progress("%zu of %zu", stop.n, wanted());
		next_guest(l, random_part(l), PART_MIB);
		begin(&v, l);
		kill_after(&v, (uint64_t)rand() % ns);
	}
}

static void row(const char *what, const struct samples *figure, const struct samples *limit)
{
	report_row(&(struct result){
		.model = "z17",
		.what = what,
		.figure = figure,
		.unit = "ms",
		.limit = limit,
		.limit_name = limit ? "a millisecond" : NULL,
		.aim = limit ? AIM_AT_MOST : AIM_NONE,
		.target = 1,
		.place = place_other(),
	});
}

int main(int argc, char **argv)
{
	static struct samples p99, waited_p99, one;
	struct life l;

	report_open("stop", "how soon does a PERFORM stop?", argc, argv);
	srand(1);
	place_thread(0, 0);
	bench_machine_start("z17");
	guest_create(&l, memory());
	measure(&l);
	life_close(&l);
	bench_machine_stop();
	bench_machines_done();
	samples_add(&p99, samples_quantile(&stop, 0.99));
	samples_add(&waited_p99, samples_quantile(&waited, 0.99));
	samples_add(&one, 1);
	row("mark of the signal to return, median", &stop, NULL);
	row("mark of the signal to return, p99", &p99, &one);
	row("wait for a CPU meanwhile, p99", &waited_p99, NULL);
	return report_close();
}
