// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long does a reboot stand still? PREPARE as the VMM sees it, for guests of several sizes whose
 * whole memory is secure, beside DISABLE of the same guest, one clear of 2 GiB and an empty ioctl.
 *
 * PREPARE is the first call after the guest has run: caches are the guest's, and a CPU that waited
 * for it may sleep. The aim is about an empty ioctl out of a thousand in a row; one that is called
 * where PREPARE is stands in a row of its own. All sizes with VMM and machine on a CPU each; of some
 * PREPARE again with the VMM on the machine's CPU, with the memory that is there then. The clear
 * comes after each PREPARE: a virtual machine's memory is slow for minutes now and then.
 *
 * As in a reboot the next guest is there before PERFORM. What that clears stays armed, and the next
 * fill, which nobody measures, takes half the time.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/clear.h"
#include "bench/guest.h"
#include "bench/place.h"
#include "bench/report.h"
#include "protvirt/kvm.h"

#define LOWER        (2 * GIB)
#define MACHINE_CPU  1U    /* of place_thread(): the VMM's is the first one */
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
	{"2.5 GiB", 5 * GIB / 2, 5, false, true},
	{"4 GiB", 4 * GIB, 5, true, false},
	{"8 GiB", 8 * GIB, 5, true, false},
	{"16 GiB", 16 * GIB, 3, true, false},
};
#define NR_SIZES (sizeof(sizes) / sizeof(sizes[0]))

/** struct figures - of one size at one place, in milliseconds */
struct figures {
	const char *place;
	struct samples prepare;
	struct samples clear; /* of 2 GiB, right after PREPARE */
	struct samples disable;
	struct samples empty; /* an ioctl called where PREPARE is */
	struct samples warm;  /* one among a thousand */
};

static const char *const models[] = {"z17", "proposal"};
#define NR_MODELS (sizeof(models) / sizeof(models[0]))

static struct figures one_cpu;

/* With VMM and machine on a CPU each; shared with the processes that measure. */
static struct figures (*figures)[NR_SIZES];

/* The one that is measured now */
static unsigned int model_nr, size_nr;

static bool is_wanted(const struct size *size)
{
	return !(report_quick() && size->long_run);
}

/* The same has happened before PREPARE as before each empty ioctl. */
static void prepare_once(struct life *l, uint8_t *arena, struct figures *f)
{
	guest_touch_all(l);
	for (unsigned int i = 0; i < EMPTY_PLACED; i++) {
		guest_touch(l, 0, AGAIN_MIB);
		samples_add(&f->empty, 1e3 * guest_empty_ioctl(l, 1));
	}
	guest_touch(l, 0, AGAIN_MIB);
	samples_add(&f->prepare, 1e3 * guest_pv(l, KVM_PV_ASYNC_CLEANUP_PREPARE));
	samples_add(&f->clear, 1e3 * clear_arena(arena, LOWER, 1));
	samples_add(&f->warm, 1e3 * guest_empty_ioctl(l, EMPTY_CALLS));
	guest_reset(l);
	guest_start(l);
	guest_pv(l, KVM_PV_ASYNC_CLEANUP_PERFORM);
}

static void disable_once(struct life *l, struct figures *f)
{
	guest_touch_all(l);
	samples_add(&f->disable, 1e3 * guest_pv(l, KVM_PV_DISABLE));
	guest_reset(l);
	guest_start(l);
}

static void report_size(const char *model, const struct size *size, const struct figures *f)
{
	bool proposal = !strcmp(model, "proposal");
	char what[96];
	struct result r = {.model = model,
			   .what = what,
			   .figure = &f->prepare,
			   .unit = "ms",
			   .place = f->place};

	snprintf(what, sizeof(what), "PREPARE, %s", size->name);
	r.limit = proposal ? &f->warm : &f->clear;
	r.limit_name = proposal ? "an empty ioctl" : "a clear of 2 GiB";
	r.aim = AIM_AT_MOST;
	r.target = proposal ? 3 : 1.2;
	report_row(&r);
	snprintf(what, sizeof(what), "DISABLE, %s", size->name);
	r.figure = &f->disable;
	r.limit = &f->prepare;
	r.limit_name = "PREPARE";
	r.aim = proposal && size->bytes == 8 * GIB ? AIM_AT_LEAST : AIM_NONE;
	r.target = 500;
	if (f->disable.n)
		report_row(&r);
	if (!proposal)
		return;
	snprintf(what, sizeof(what), "PREPARE as the first call, %s", size->name);
	r.figure = &f->prepare;
	r.limit = &f->empty;
	r.limit_name = "an empty ioctl as the first";
	r.aim = AIM_NONE;
	report_row(&r);
}

static void report_flat(unsigned int model)
{
	const struct figures *f = figures[model];

	report_row(&(struct result){
		.model = models[model],
		.what = "PREPARE, 16 GiB beside 2.5 GiB",
		.figure = &f[4].prepare,
		.unit = "ms",
		.limit = &f[1].prepare,
		.limit_name = "2.5 GiB",
		.place = f[4].place,
		.aim = AIM_AT_MOST,
		.target = 1.2,
	});
}

/* The guest has been started, and the next one is when this returns. */
static void measure_prepare(const char *model, struct life *l, uint8_t *arena,
			    const struct size *size, struct figures *f, const char *place)
{
	*f = (struct figures){.place = place};
	for (unsigned int i = 0; i < size->rounds; i++) {
		report_progress("%s, %s, %s: PREPARE %u of %u", model, size->name, place, i + 1,
				size->rounds);
		prepare_once(l, arena, f);
	}
}

static void measure_disable(const char *model, struct life *l, const struct size *size,
			    struct figures *f)
{
	for (unsigned int i = 0; i < size->rounds; i++) {
		report_progress("%s, %s, %s: DISABLE %u of %u", model, size->name, f->place, i + 1,
				size->rounds);
		disable_once(l, f);
	}
}

static void measure_size(const char *model)
{
	const struct size *size = &sizes[size_nr];
	struct figures *f = &figures[model_nr][size_nr];
	uint8_t *arena = arena_create(LOWER);
	struct life l;

	place_thread(0, 0);
	guest_create(&l, size->bytes);
	guest_first_start(&l);
	measure_prepare(model, &l, arena, size, f, place_other());
	measure_disable(model, &l, size, f);
	report_size(model, size, f);
	if (size->one_cpu && place_count() > 1) {
		place_thread(0, MACHINE_CPU);
		measure_prepare(model, &l, arena, size, &one_cpu, "same CPU");
		report_size(model, size, &one_cpu);
	}
	life_close(&l);
	arena_free(arena, LOWER);
}

/* One model after the other for each size, as one gets the memory of the other. */
static void measure(void)
{
	for (size_nr = 0; size_nr < NR_SIZES; size_nr++)
		for (model_nr = 0; is_wanted(&sizes[size_nr]) && model_nr < NR_MODELS; model_nr++) {
			place_thread(0, MACHINE_CPU);
			bench_on_machine(models[model_nr], measure_size);
		}
}

int main(int argc, char **argv)
{
	report_open("stall", "how long does a reboot stand still?", argc, argv);
	figures = mmap(NULL, NR_MODELS * sizeof(*figures), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (figures == MAP_FAILED)
		err(1, "memory");
	measure();
	bench_machines_done();
	for (unsigned int model = 0; is_wanted(&sizes[4]) && model < NR_MODELS; model++)
		report_flat(model);
	return report_close();
}
