// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long does a reboot take? From the last instruction of the guest before to the first of the
 * one after it, with its parts, beside the reboot of a guest that had touched no memory. Any CPU:
 * threads run where the kernel lets them; same CPU: all of them on one, PERFORM's too, and only what
 * has an aim.
 */
#include <stdio.h>
#include <string.h>

#include "bench/background.h"
#include "bench/guest.h"
#include "bench/place.h"
#include "bench/report.h"

#define IMAGE_MIB 32UL
#define ROUNDS    5U

/** AIMED_ROUNDS - now and then all memory is slow for a round, where the computer is virtual */
#define AIMED_ROUNDS 9U

/** struct kind - a kind of reboot and its samples, in milliseconds */
struct kind {
	bool async;
	bool touched;
	struct samples total;
	struct samples part[REBOOT_PARTS];
};

static struct kind async = {.async = true, .touched = true}, sync = {.touched = true};
static struct kind async_untouched = {.async = true}, sync_untouched;
static const char *place;

static size_t memory(void)
{
	return report_quick() ? 3 * GIB : 5 * GIB;
}

static void measure_one(struct life *l, struct kind *k)
{
	double seconds[REBOOT_PARTS], total = 0;
	struct background b;

	if (k->touched)
		guest_touch(l, 0, guest_secure_bytes(l) / MIB);
	guest_reboot(l, k->async ? &b : NULL, seconds);
	if (k->async)
		background_end(&b);
	for (unsigned int i = 0; i < REBOOT_PARTS; i++) {
		samples_add(&k->part[i], 1e3 * seconds[i]);
		total += seconds[i];
	}
	samples_add(&k->total, 1e3 * total);
}

/* In turn: what the computer does beside, and which memory it has to give, is the same for both. */
static void measure_pair(const char *model, struct life *l, struct kind *untouched,
			 struct kind *touched, unsigned int rounds)
{
	double unused[REBOOT_PARTS];
	struct background b;

	for (unsigned int i = 0; i < rounds; i++) {
		report_progress("%s, %s, %s: %u of %u", model, place,
				touched->async ? "async" : "sync", i + 1, rounds);
		measure_one(l, untouched);
		measure_one(l, touched);
	}
	/* What the last round has left is not the next pair's. */
	guest_reboot(l, &b, unused);
	background_end(&b);
}

static void row(const char *model, const char *what, const struct samples *figure,
		const struct samples *limit, enum aim aim)
{
	report_row(&(struct result){
		.model = model,
		.what = what,
		.figure = figure,
		.unit = "ms",
		.limit = limit,
		.limit_name = limit ? "one that touched nothing" : NULL,
		.aim = aim,
		.target = 1.1,
		.place = place,
	});
}

static void report_parts(const char *model, const char *name, const struct kind *k)
{
	static const char *const parts[REBOOT_PARTS] = {"teardown", "load",   "enable",
							"unpack",   "verify", "start"};
	char what[64];

	for (unsigned int i = 0; i < REBOOT_PARTS; i++) {
		snprintf(what, sizeof(what), "  %s, %s", name, parts[i]);
		row(model, what, &k->part[i], NULL, AIM_NONE);
	}
}

static void create(struct life *l)
{
	bench_image_use(NULL, 0, IMAGE_MIB * MIB);
	guest_create(l, memory());
	guest_first_start(l);
}

static void measure_async(const char *model, struct life *l)
{
	bool proposal = !strcmp(model, "proposal");

	measure_pair(model, l, &async_untouched, &async, proposal ? AIMED_ROUNDS : ROUNDS);
	row(model, "async reboot", &async.total, &async_untouched.total,
	    proposal ? AIM_AT_MOST : AIM_NONE);
	report_parts(model, "async", &async);
}

static void measure_sync(const char *model, struct life *l)
{
	measure_pair(model, l, &sync_untouched, &sync, ROUNDS);
	row(model, "sync reboot", &sync.total, &sync_untouched.total, AIM_NONE);
	report_parts(model, "sync", &sync);
}

static void measure_both(const char *model)
{
	struct life l;

	create(&l);
	measure_async(model, &l);
	measure_sync(model, &l);
	life_close(&l);
}

static void measure_async_alone(const char *model)
{
	struct life l;

	create(&l);
	measure_async(model, &l);
	life_close(&l);
}

int main(int argc, char **argv)
{
	report_open("reboot", "how long does a reboot take?", argc, argv);
	place = place_count() > 1 ? "any CPU" : "same CPU";
	bench_on_machine("z17", measure_both);
	bench_on_machine("proposal", measure_both);
	if (place_count() > 1) {
		place = "same CPU";
		place_thread(0, 0);
		bench_on_machine("proposal", measure_async_alone);
	}
	bench_machines_done();
	return report_close();
}
