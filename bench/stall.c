// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long does a reboot stand still? PREPARE as the VMM sees it, for guests of several sizes whose
 * whole memory is secure, beside DISABLE of the same guest, one clear of 2 GiB and an empty ioctl.
 *
 * PREPARE is the first call after the guest has run: caches are the guest's, and a CPU that waited
 * for it may sleep. The aim is about an empty ioctl out of a thousand in a row; one that is called
 * where PREPARE is stands in a row of its own. All sizes with VMM and machine on a CPU each, some on one CPU.
 */
#include <stdio.h>
#include <string.h>

#include "bench/clear.h"
#include "bench/guest.h"
#include "bench/place.h"
#include "bench/report.h"
#include "protvirt/kvm.h"

#define LOWER        (2 * GIB)
#define EMPTY_PLACED 9U    /* empty ioctls a round, each after the guest has run */
#define AGAIN_MIB    256UL /* what it touches again for that */

struct size {
	const char *name;
	size_t bytes;
	unsigned int rounds;
	bool long_run; /* not in a quick one */
	bool one_cpu;  /* also with VMM and machine on one CPU */
};

static const struct size sizes[] = {
	{"1 GiB of slots under a limit of 4 GiB", GIB, 5, false, true},
	{"2.5 GiB", 5 * GIB / 2, 5, false, false},
	{"4 GiB", 4 * GIB, 5, true, true},
	{"8 GiB", 8 * GIB, 5, true, false},
	{"16 GiB", 16 * GIB, 3, true, false},
};
#define NR_SIZES (sizeof(sizes) / sizeof(sizes[0]))

static struct samples lower_clear, prepare[NR_SIZES], disable[NR_SIZES], empty[NR_SIZES], warm;
static unsigned int machine_cpu; /* the VMM's thread is on the first one */

static bool is_wanted(const struct size *size)
{
	if (report_quick() && size->long_run)
		return false;
	return machine_cpu || place_count() == 1 || size->one_cpu;
}

static const char *place(void)
{
	return machine_cpu ? "other CPU" : "same CPU";
}

static void measure_clear(void)
{
	uint8_t *arena = arena_create(LOWER);

	for (unsigned int i = 0; i < 5; i++)
		samples_add(&lower_clear, 1e3 * clear_arena(arena, LOWER, 1));
	arena_free(arena, LOWER);
}

/* Ends with PREPARE: the same has happened before it as before each empty ioctl. */
static void prepare_once(struct life *l, unsigned int nr)
{
	guest_fill(l);
	for (unsigned int i = 0; i < EMPTY_PLACED; i++) {
		guest_touch(l, 0, AGAIN_MIB);
		samples_add(&empty[nr], 1e3 * guest_empty_ioctl(l, 1));
	}
	guest_touch(l, 0, AGAIN_MIB);
	samples_add(&prepare[nr], 1e3 * guest_pv(l, KVM_PV_ASYNC_CLEANUP_PREPARE));
	samples_add(&warm, 1e3 * guest_empty_ioctl(l, EMPTY_CALLS));
}

static void measure_size(const char *model, unsigned int nr)
{
	const struct size *size = &sizes[nr];
	struct life l;

	prepare[nr].n = disable[nr].n = empty[nr].n = 0;
	guest_create(&l, size->bytes);
	for (unsigned int i = 0; i < size->rounds; i++) {
		report_progress("%s, %s: PREPARE %u of %u", model, size->name, i + 1, size->rounds);
		prepare_once(&l, nr);
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
	struct result r = {.model = model,
			   .what = what,
			   .figure = &prepare[nr],
			   .unit = "ms",
			   .place = place()};

	snprintf(what, sizeof(what), "PREPARE, %s", sizes[nr].name);
	r.limit = proposal ? &warm : &lower_clear;
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
	if (!proposal)
		return;
	snprintf(what, sizeof(what), "PREPARE as the first call, %s", sizes[nr].name);
	report_row(&(struct result){
		.model = model,
		.what = what,
		.figure = &prepare[nr],
		.unit = "ms",
		.limit = &empty[nr],
		.limit_name = "an empty ioctl as the first",
		.place = place(),
	});
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
		.place = place(),
		.aim = AIM_AT_MOST,
		.target = 1.2,
	});
}

static void measure_model(const char *model)
{
	place_thread(0, 0);
	for (unsigned int nr = 0; nr < NR_SIZES; nr++) {
		if (!is_wanted(&sizes[nr]))
			continue;
		measure_size(model, nr);
		report_size(model, nr);
	}
	if (is_wanted(&sizes[1]) && is_wanted(&sizes[4]))
		report_flat(model);
}

static void measure_places(const char *model)
{
	for (machine_cpu = 0; machine_cpu < 2 && machine_cpu < place_count(); machine_cpu++) {
		place_thread(0, machine_cpu);
		bench_on_machine(model, measure_model);
	}
}

int main(int argc, char **argv)
{
	report_open("stall", "how long does a reboot stand still?", argc, argv);
	place_thread(0, place_count() - 1);
	measure_clear();
	measure_places("z17");
	measure_places("proposal");
	bench_machines_done();
	return report_close();
}
