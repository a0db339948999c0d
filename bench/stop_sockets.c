// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How soon does the PERFORM of a killed VMM stop? From SIGKILL until the machine has no
 * configuration in teardown any more. The machine is asked over and over: the figure includes the
 * last answer, whose time stands beside it.
 */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/child.h"
#include "bench/guest.h"
#include "bench/report.h"
#include "protvirt/kvm.h"
#include "tests/life/transport.h"

#define PART_MIB 512UL

static struct samples stop, question;

static size_t wanted(void)
{
	return report_quick() ? 5 : 30;
}

/* Only what lies above 2 GiB is left to PERFORM. */
static void be_vmm(void *arg)
{
	struct life l;

	guest_create(&l, 2 * GIB + (PART_MIB + 1) * MIB);
	guest_start(&l);
	guest_touch(&l, 2048, PART_MIB);
	guest_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE);
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
	pid_t pid = child_start(be_vmm, NULL);
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
	bench_machine_start("z17");
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
	});
	return report_close();
}
