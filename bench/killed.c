// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How soon is a killed VMM gone, and how soon its guest's memory? From SIGKILL to waitpid(2), and
 * until every count of the machine is zero (two threads of it share the guest's memory), beside the
 * end of a process with as much memory, which one thread of the kernel takes back. VMM and processes
 * die on one CPU, the machine runs where the kernel lets it.
 */
#include <err.h>
#include <sys/mman.h>

#include "bench/child.h"
#include "bench/guest.h"
#include "bench/hold.h"
#include "bench/place.h"
#include "bench/report.h"
#include "tests/life/transport.h"

#define ROUNDS       7U
#define SMALL_ROUNDS 5U /* nothing stands beside them */

static struct samples vmm_wait, vmm_back, small_exit, huge_exit;

static size_t memory(void)
{
	return report_quick() ? 2 * GIB : 8 * GIB;
}

static void be_vmm(void *arg)
{
	struct life l;

	guest_create(&l, memory());
	guest_first_start(&l);
	guest_touch_all(&l);
	child_ready();
}

static void nothing_left(void)
{
	struct transport_counts c;

	transport_counts(&c);
	if (c.vms || c.configs || c.cpus || c.secure_frames || c.donated != c.donated_idle)
		errx(1, "the machine is idle and has something left");
}

static void measure_vmm(void)
{
	pid_t pid = child_start(be_vmm, NULL);
	uint64_t start = now_ns();

	samples_add(&vmm_wait, 1e3 * child_kill(pid));
	transport_wait_idle();
	samples_add(&vmm_back, 1e3 * seconds_since(start));
	nothing_left();
}

static void measure_process(struct samples *s, int advice)
{
	samples_add(s, 1e3 * child_kill(hold_memory(memory(), advice)));
}

static void row(const char *what, const struct samples *figure, enum aim aim, double target,
		const char *place)
{
	report_row(&(struct result){
		.model = aim ? "z17" : "",
		.what = what,
		.figure = figure,
		.unit = "ms",
		.limit = aim ? &huge_exit : NULL,
		.limit_name = "exit with huge pages",
		.aim = aim,
		.target = target,
		.place = place,
	});
}

int main(int argc, char **argv)
{
	report_open("killed", "how soon is a killed VMM gone, and its guest's memory?", argc, argv);
	bench_machine_start("z17");
	place_thread(0, 0); /* the machine is not */
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("VMM, %u of %u", i + 1, ROUNDS);
		measure_vmm();
		measure_process(&huge_exit, MADV_HUGEPAGE);
	}
	for (unsigned int i = 0; i < SMALL_ROUNDS; i++) {
		report_progress("4 KiB pages, %u of %u", i + 1, SMALL_ROUNDS);
		measure_process(&small_exit, MADV_NOHUGEPAGE);
	}
	bench_machine_stop();
	bench_machines_done();
	row("SIGKILL to waitpid", &vmm_wait, AIM_AT_MOST, 0.1, "one CPU");
	row("SIGKILL to every count zero, two threads", &vmm_back, AIM_AT_MOST, 1.2, "any CPU");
	row("exit of a process with huge pages", &huge_exit, AIM_NONE, 0, "one CPU");
	row("exit of a process with 4 KiB pages", &small_exit, AIM_NONE, 0, "one CPU");
	return report_close();
}
