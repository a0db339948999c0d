// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does the next guest pay for leftovers? Its first touch of pages that the guest before it
 * still owns, beside the first touch of fresh pages. Both kinds of memory are held by the machine:
 * the fresh ones are what PERFORM has left. VMM and machine have a CPU each.
 */
#include "bench/background.h"
#include "bench/clear.h"
#include "bench/guest.h"
#include "bench/place.h"
#include "bench/report.h"
#include "protvirt/kvm.h"

#define ROUNDS    9U
#define FIRST_MIB 2048UL /* below, the real models leave nothing over */

static struct samples leftover, fresh, limit, page_clear;

static size_t touched_mib(void)
{
	return report_quick() ? 256 : 1024;
}

static void measure_clear(void)
{
	const size_t bytes = 256 * MIB;
	uint8_t *arena = arena_create(bytes);

	for (unsigned int i = 0; i < ROUNDS; i++)
		samples_add(&page_clear, 1e9 * clear_singly(arena, bytes) / (double)(bytes / 4096));
	arena_free(arena, bytes);
}

/* From a started guest to the next one. Return: ns a page */
static double touch_after_reboot(struct life *l, bool performed_before)
{
	double parts[REBOOT_PARTS], seconds;
	struct background b;

	guest_touch(l, FIRST_MIB, touched_mib());
	guest_pv(l, KVM_PV_ASYNC_CLEANUP_PREPARE);
	guest_reset(l);
	guest_start(l);
	if (performed_before)
		guest_pv(l, KVM_PV_ASYNC_CLEANUP_PERFORM);
	seconds = guest_touch(l, FIRST_MIB, touched_mib());
	if (!performed_before)
		guest_pv(l, KVM_PV_ASYNC_CLEANUP_PERFORM);
	guest_reboot(l, &b, parts);
	background_end(&b);
	return 1e9 * seconds / (double)(touched_mib() * (MIB / 4096));
}

static void measure_model(const char *model)
{
	struct life l;

	place_thread(0, 0);
	guest_create(&l, (FIRST_MIB + 1 + touched_mib()) * MIB);
	guest_first_start(&l);
	touch_after_reboot(&l, true); /* from now on the memory is held */
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("%s, %u of %u", model, i + 1, ROUNDS);
		samples_add(&leftover, touch_after_reboot(&l, false));
		samples_add(&fresh, touch_after_reboot(&l, true));
	}
	life_close(&l);
	samples_add(&limit, 1.5 * samples_median(&fresh) + samples_median(&page_clear));
	report_row(&(struct result){
		.model = model,
		.what = "first touch of an old guest's page",
		.figure = &leftover,
		.unit = "ns",
		.limit = &limit,
		.limit_name = "1.5 x a fresh page and its clear",
		.aim = AIM_AT_MOST,
		.target = 1,
		.place = place_other(),
	});
	report_row(&(struct result){
		.model = model,
		.what = "first touch of a fresh page",
		.figure = &fresh,
		.unit = "ns",
		.place = place_other(),
	});
}

int main(int argc, char **argv)
{
	report_open("next", "what does the next guest pay for leftovers?", argc, argv);
	place_thread(0, 1);
	measure_clear();
	bench_on_machine("z17", measure_model);
	bench_on_machine("proposal", measure_model);
	report_row(&(struct result){
		.model = "",
		.what = "clear of a page",
		.figure = &page_clear,
		.unit = "ns",
		.place = "one CPU",
	});
	bench_machines_done();
	return report_close();
}
