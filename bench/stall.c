// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long does a reboot stand still? PREPARE as the VMM sees it, for guests of several sizes whose
 * whole memory is secure, beside DISABLE of the same guest, one clear of 2 GiB and an empty ioctl.
 */
#include <stdio.h>
#include <string.h>

#include "bench/clear.h"
#include "bench/guest.h"
#include "bench/report.h"
#include "protvirt/kvm.h"

#define LOWER 2 * GIB

struct size {
	const char *name;
	size_t bytes;
	unsigned int rounds;
	bool long_run; /* not in a quick one */
};

static const struct size sizes[] = {
	{"1 GiB of slots under a limit of 4 GiB", GIB, 5, false},
	{"2.5 GiB", 5 * GIB / 2, 5, false},
	{"4 GiB", 4 * GIB, 5, true},
	{"8 GiB", 8 * GIB, 5, true},
	{"16 GiB", 16 * GIB, 3, true},
};
#define NR_SIZES (sizeof(sizes) / sizeof(sizes[0]))

static struct samples lower_clear, prepare[NR_SIZES], disable[NR_SIZES], empty[NR_SIZES];

static void measure_clear(void)
{
	uint8_t *arena = arena_create(LOWER);

	for (unsigned int i = 0; i < 5; i++)
		samples_add(&lower_clear, 1e3 * clear_arena(arena, LOWER, 1));
	arena_free(arena, LOWER);
}

static void measure_size(const char *model, unsigned int nr)
{
	const struct size *size = &sizes[nr];
	struct life l;

	prepare[nr].n = disable[nr].n = empty[nr].n = 0;
	guest_create(&l, size->bytes);
	for (unsigned int i = 0; i < size->rounds; i++) {
		report_progress("%s, %s: PREPARE %u of %u", model, size->name, i + 1, size->rounds);
		guest_fill(&l);
		samples_add(&prepare[nr], 1e3 * guest_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE));
		samples_add(&empty[nr], 1e3 * guest_empty_ioctl(&l, EMPTY_CALLS));
		guest_pv(&l, KVM_PV_ASYNC_CLEANUP_PERFORM);
		guest_reset(&l);
	}
	for (unsigned int i = 0; i < size->rounds; i++) {
		report_progress("%s, %s: DISABLE %u of %u", model, size->name, i + 1, size->rounds);
		guest_fill(&l);
		samples_add(&disable[nr], 1e3 * guest_pv(&l, KVM_PV_DISABLE));
		guest_reset(&l);
	}
	life_close(&l);
}

static void report_size(const char *model, unsigned int nr)
{
	bool proposal = !strcmp(model, "proposal");
	char what[96];
	struct result r = {.model = model, .what = what, .figure = &prepare[nr], .unit = "ms"};

	snprintf(what, sizeof(what), "PREPARE, %s", sizes[nr].name);
	r.limit = proposal ? &empty[nr] : &lower_clear;
	r.limit_name = proposal ? "an empty ioctl" : "a clear of 2 GiB";
	r.aim = AIM_AT_MOST;
	r.target = proposal ? 3 : 1.2;
	report_row(&r);
	snprintf(what, sizeof(what), "DISABLE, %s", sizes[nr].name);
	r.figure = &disable[nr];
	r.limit = &prepare[nr];
	r.limit_name = "PREPARE";
	r.aim = proposal && sizes[nr].bytes == 8 * GIB ? AIM_AT_LEAST : AIM_NONE;
	r.target = 500;
	report_row(&r);
}

static void report_flat(const char *model)
{
	report_row(&(struct result){
		.model = model,
		.what = "PREPARE, 16 GiB beside 2.5 GiB",
		.figure = &prepare[4],
		.unit = "ms",
		.limit = &prepare[1],
		.limit_name = "2.5 GiB",
		.aim = AIM_AT_MOST,
		.target = 1.2,
	});
}

static void measure_model(const char *model)
{
	for (unsigned int nr = 0; nr < NR_SIZES; nr++) {
		if (report_quick() && sizes[nr].long_run)
			continue;
		measure_size(model, nr);
		report_size(model, nr);
	}
	if (!report_quick())
		report_flat(model);
}

int main(int argc, char **argv)
{
	report_open("stall", "how long does a reboot stand still?", argc, argv);
	measure_clear();
	bench_on_machine("z17", measure_model);
	bench_on_machine("proposal", measure_model);
	bench_machines_done();
	return report_close();
}
