// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How much memory does it take? The highest sum of the proportional set sizes of machine and VMM,
 * seen while a guest that uses all its memory is rebooted five times, once into an ordinary guest.
 * It is a size, so threads run where the kernel lets them.
 */
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/background.h"
#include "bench/hold.h"
#include "bench/report.h"
#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/life/transport.h"

#define HALF        (GIB / 2)
#define UPPER       (2 * GIB) /* the second half begins here */
#define ROUNDS      5U
#define REBOOTS     5U /* a round */
#define ORDINARY    2U /* this one of them */
#define PSW_64BIT   0x0000000180000000UL
#define LOOKS_PER_S 20U

/** struct watch - a thread that looks at both processes */
struct watch {
	pthread_t thread;
	_Atomic bool over;
	double highest;
};

/* The program of tests/life/guest.S */
extern const unsigned char guest_bin[];
extern const size_t guest_bin_len;

static void set_slot(struct life *l, uint32_t slot, uint64_t gpa, size_t offset, size_t len)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = len,
		.userspace_addr = (uintptr_t)l->memory + offset,
	};

	if (protvirt_ioctl(l->vm, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&region))
		err(1, "slot %u", slot);
}

/*
 * What a z17's PREPARE destroys is not PERFORM's: half of the memory is above 2 GiB. The slot that
 * is there goes first, as its size cannot change.
 */
static void create(struct life *l)
{
	guest_create(l, 2 * HALF);
	set_slot(l, 0, 0, 0, 0);
	set_slot(l, 0, 0, 0, HALF);
	set_slot(l, 1, UPPER, HALF, HALF);
}

/* The guest counts from 1 MiB on. */
static void touch_all(struct life *l)
{
	guest_touch(l, 0, (HALF - MIB) / MIB);
	guest_touch(l, (UPPER - MIB) / MIB, HALF / MIB);
}

/* Return: MiB */
static double pss(pid_t pid)
{
	unsigned long kib = 0;
	char line[128];
	FILE *file;

	snprintf(line, sizeof(line), "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(line, "re");
	if (!file)
		err(1, "%s", line);
	while (!kib && fgets(line, sizeof(line), file))
		sscanf(line, "Pss: %lu kB", &kib);
	fclose(file);
	return (double)kib / 1024;
}

static void *look(void *arg)
{
	struct watch *w = arg;

	while (!atomic_load(&w->over)) {
		double sum = pss(getpid()) + pss(transport_machine());

		if (sum > w->highest)
			w->highest = sum;
		usleep(1000000 / LOOKS_PER_S); /* the look itself holds the guest up */
	}
	return NULL;
}

static void watch_begin(struct watch *w)
{
	*w = (struct watch){0};
	if (pthread_create(&w->thread, NULL, look, w))
		errx(1, "no thread");
}

static double watch_end(struct watch *w)
{
	atomic_store(&w->over, true);
	pthread_join(w->thread, NULL);
	return w->highest;
}

/* The same program, not protected, after the old guest was set aside. */
static void run_ordinary(struct life *l)
{
	memcpy(l->memory + LIFE_GUEST_ADDR, guest_bin, guest_bin_len);
	guest_set_cpu(l, KVM_MP_STATE_OPERATING);
	l->run[0]->psw_mask = PSW_64BIT;
	l->run[0]->psw_addr = LIFE_GUEST_ADDR;
	touch_all(l);
	guest_reset(l);
}

static void reboot(struct life *l, bool ordinary)
{
	double parts[REBOOT_PARTS];
	struct background b;

	touch_all(l);
	if (!ordinary) {
		guest_reboot(l, &b, parts);
		background_end(&b);
		return;
	}
	guest_pv(l, KVM_PV_ASYNC_CLEANUP_PREPARE);
	guest_reset(l);
	background_begin(&b, l, BACKGROUND_ANYWHERE);
	run_ordinary(l);
	background_end(&b);
	guest_start(l);
}

static double measure_round(struct life *l)
{
	struct watch w;

	watch_begin(&w);
	for (unsigned int i = 0; i < REBOOTS; i++)
		reboot(l, i == ORDINARY);
	touch_all(l);
	return watch_end(&w);
}

static void measure(const char *model)
{
	struct samples *highest = &(struct samples){0}, *limit = &(struct samples){0};
	struct life l;

	create(&l);
	hold_briefly(2 * HALF);
	guest_start(&l);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		report_progress("%s, %u of %u", model, i + 1, ROUNDS);
		samples_add(highest, measure_round(&l));
	}
	life_close(&l);
	samples_add(limit, 1.05 * 2 * HALF / MIB + 64);
	report_row(&(struct result){
		.model = model,
		.what = "highest sum of Pss, five reboots",
		.figure = highest,
		.unit = "MiB",
		.limit = limit,
		.limit_name = "1.05 x guest size + 64 MiB",
		.aim = AIM_AT_MOST,
		.target = 1,
		.place = "a size, any CPU",
	});
}

int main(int argc, char **argv)
{
	report_open("memory", "how much memory does a machine take for a guest?", argc, argv);
	bench_on_machine("z17", measure);
	bench_on_machine("proposal", measure);
	bench_machines_done();
	return report_close();
}
