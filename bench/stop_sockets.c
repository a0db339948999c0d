// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How soon does the PERFORM of a killed VMM stop? From SIGKILL until the machine has no
 * configuration in teardown any more. The machine is asked over and over: the figure includes the
 * last answer, whose time stands beside it. The guest's memory goes with the VMM, so each guest is
 * a new one that has touched some part of what it has. PERFORM has a CPU, and who asks another one.
 */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/child.h"
#include "bench/guest.h"
#include "bench/place.h"
#include "bench/report.h"
#include "protvirt/kvm.h"
#include "tests/life/transport.h"

#define FIRST_MIB 2048UL /* below, PREPARE destroys */
#define PART_MIB  512UL

static struct samples stop, question;

static size_t wanted(void)
{
	return report_quick() ? 5 : 30;
}

static size_t memory(void)
{
	return report_quick() ? 4 * GIB : 16 * GIB;
}

/* Return: MiB where a part begins; all parts are PERFORM's */
static size_t random_part(void)
{
	size_t parts = (memory() / MIB - FIRST_MIB - 1) / PART_MIB;

	return FIRST_MIB + (size_t)rand() % parts * PART_MIB;
}

static void be_vmm(void *part)
{
	struct life l;

	place_thread(0, 1);
	guest_create(&l, memory());
	guest_start(&l);
	guest_touch(&l, *(size_t *)part, PART_MIB);
	guest_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE);
	place_check_follower(transport_machine());
	child_ready();
	guest_pv(&l, KVM_PV_ASYNC_CLEANUP_PERFORM);
}

static uint64_t tearing(void)
{
	struct transport_counts c;
	uint64_t start = now_ns();

	transport_counts(&c);
	samples_add(&question, 1e3 * seconds_since(start));
	return c.tearing;
}

static void measure(void)
{
	size_t part = random_part();
	pid_t pid = child_start(be_vmm, &part);
	uint64_t start = now_ns();
	bool seen = false;

	while (!seen && seconds_since(start) < 1)
		seen = tearing();
	start = now_ns();
	kill(pid, SIGKILL);
	while (tearing())
		;
	if (seen)
		samples_add(&stop, 1e3 * seconds_since(start));
	waitpid(pid, NULL, 0);
	transport_wait_idle();
	question.n = 0;
	tearing();
}

int main(int argc, char **argv)
{
	report_open("stop-sockets", "how soon does the PERFORM of a killed VMM stop?", argc, argv);
	srand(1);
	bench_machine_start("z17");
	place_thread(0, 0); /* the machine is not: its threads follow their callers */
	for (unsigned int i = 0; stop.n < wanted() && i < 2 * wanted(); i++) {
		report_progress("%u of %zu", i + 1, wanted());
		measure();
	}
	bench_machine_stop();
	bench_machines_done();
	report_row(&(struct result){
		.model = "z17",
		.what = "SIGKILL to PERFORM's return",
		.figure = &stop,
		.unit = "ms",
		.limit = &question,
		.limit_name = "a question to the machine",
		.place = place_other(),
	});
	return report_close();
}
