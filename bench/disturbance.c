// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does the old guest's end disturb the new one? Its instruction rate and the time of its first
 * touches while PERFORM runs, beside the same guest alone. The new guest and PERFORM have a CPU
 * each: a machine's thread runs where its caller may, and the machine anywhere.
 */
#include <err.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bench/background.h"
#include "bench/guest.h"
#include "bench/hold.h"
#include "bench/place.h"
#include "bench/report.h"
#include "protvirt/kvm.h"

#define BUCKETS      1024U
#define BUCKET_NS    62.5
#define ROUNDS       7U
#define SLICE        100000UL /* rounds of five instructions between two looks */
#define SLICE_PAGES  256UL
#define ALONE_SLICES 200U
#define FIRST_MIB    64UL
#define LAST_MIB     2047UL /* the real models leave nothing over below 2 GiB */

#define COMMAND(op, where, n) ((uint64_t)(op) << 56 | (uint64_t)(where) << 32 | (n))

/* The program of touch.S, embedded by the build. */
extern const unsigned char touch_bin[];
extern const size_t touch_bin_len;

static struct samples rate, rate_alone, p50, p50_alone, p99, p99_alone;

static size_t memory(void)
{
	return report_quick() ? 3 * GIB : 6 * GIB;
}

/* Return: GR2 of the DIAG after the command */
static uint64_t command(struct life *l, uint64_t gr2)
{
	struct kvm_run *run = l->run[0];

	run->s.regs.gprs[2] = gr2;
	run->kvm_valid_regs = KVM_SYNC_GPRS;
	run->kvm_dirty_regs = KVM_SYNC_GPRS;
	if (life_run_to_diag(l))
		errx(1, "the guest does not answer");
	return run->s.regs.gprs[2];
}

/* Fill, set aside, start the next guest and let it come to its first DIAG. */
static void reboot(struct life *l)
{
	for (size_t mib = FIRST_MIB; mib < guest_secure_bytes(l) / MIB; mib++)
		command(l, COMMAND(2, mib, MIB / 4096));
	guest_pv(l, KVM_PV_ASYNC_CLEANUP_PREPARE);
	guest_reset(l);
	guest_start(l);
	if (life_run_to_diag(l))
		errx(1, "the guest does not start");
}

static bool goes_on(const struct background *b, unsigned int slices)
{
	return b ? !atomic_load(&b->over) : slices < ALONE_SLICES;
}

/* Return: instructions a microsecond */
static double count(struct life *l, const struct background *b)
{
	unsigned int slices = 0;
	uint64_t start = now_ns();

	while (goes_on(b, slices)) {
		command(l, COMMAND(1, 0, SLICE));
		slices++;
	}
	return 5e-6 * (double)(slices * SLICE) / seconds_since(start);
}

/* The latency that the share @q of all touches keeps. */
static double quantile(const uint64_t counts[BUCKETS], double q)
{
	uint64_t all = 0, seen = 0;
	unsigned int i;

	for (i = 0; i < BUCKETS; i++)
		all += counts[i];
	for (i = 0; i < BUCKETS - 1; i++) {
		seen += counts[i];
		if ((double)seen >= q * (double)all)
			break;
	}
	return (i + 1) * BUCKET_NS;
}

static void tell(struct life *l, uint64_t counts[BUCKETS])
{
	for (unsigned int i = 0; i < BUCKETS; i++)
		counts[i] = command(l, COMMAND(3, 0, i));
}

/* Return: where it has come to; what is touched first is colder, so both touch as much */
static size_t touch(struct life *l, const struct background *b, size_t last_mib,
		    struct samples *half, struct samples *most)
{
	uint64_t counts[BUCKETS];
	size_t mib = FIRST_MIB;

	for (; mib < last_mib && goes_on(b, 0); mib++)
		command(l, COMMAND(2, mib, SLICE_PAGES));
	tell(l, counts);
	samples_add(half, quantile(counts, 0.5));
	samples_add(most, quantile(counts, 0.99));
	return mib;
}

static void measure_once(struct life *l)
{
	struct background b;
	size_t mib;

	reboot(l);
	background_begin(&b, l, 1);
	mib = touch(l, &b, LAST_MIB, &p50, &p99);
	background_end(&b);
	reboot(l);
	background_begin(&b, l, 1);
	samples_add(&rate, count(l, &b));
	background_end(&b);
	samples_add(&rate_alone, count(l, NULL));
	touch(l, NULL, mib, &p50_alone, &p99_alone);
}

static void row(const char *what, const struct samples *figure, const char *unit,
		const struct samples *limit, enum aim aim, double target)
{
	report_row(&(struct result){
		.model = "z17",
		.what = what,
		.figure = figure,
		.unit = unit,
		.limit = limit,
		.limit_name = "alone",
		.aim = aim,
		.target = target,
		.place = place_other(),
	});
}

int main(int argc, char **argv)
{
	struct life l;

	report_open("disturbance", "does the old guest's end disturb the new one?", argc, argv);
	bench_machine_start("z17");
	bench_image_use(touch_bin, touch_bin_len, 0);
	place_thread(0, 0);
	guest_create(&l, memory());
	hold_briefly(memory());
	guest_start(&l);
	if (life_run_to_diag(&l))
		errx(1, "the guest does not start");
	for (size_t mib = FIRST_MIB; mib < guest_secure_bytes(&l) / MIB; mib += 2)
		command(&l, COMMAND(2, mib, 1)); /* a store to a huge page gets all of it */
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("%u of %u", i + 1, ROUNDS);
		measure_once(&l);
	}
	life_close(&l);
	bench_machine_stop();
	bench_machines_done();
	row("instruction rate", &rate, "MIPS", &rate_alone, AIM_AT_LEAST, 0.8);
	row("first touch, p50", &p50, "ns", &p50_alone, AIM_AT_MOST, 1 / 0.8);
	row("first touch, p99", &p99, "ns", &p99_alone, AIM_AT_MOST, 1 / 0.8);
	return report_close();
}
