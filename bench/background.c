// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/background.h"

#include <err.h>
#include <stdatomic.h>

#include "bench/place.h"
#include "bench/samples.h"
#include "protvirt/kvm.h"
#include "tests/life/transport.h"

static void *perform(void *arg)
{
	struct background *b = arg;

	place_thread(0, b->cpu);
	place_note_threads(transport_machine());
	guest_empty_ioctl(&b->l, 1); /* then the machine has a thread for us */
	place_new_threads(transport_machine(), b->cpu);
	sem_post(&b->placed);
	b->seconds = guest_pv(&b->l, KVM_PV_ASYNC_CLEANUP_PERFORM);
	atomic_store(&b->over, true);
	return NULL;
}

void background_begin(struct background *b, const struct life *l, unsigned int cpu)
{
	b->l = *l;
	b->cpu = cpu;
	atomic_store(&b->over, false);
	sem_init(&b->placed, 0, 0);
	if (pthread_create(&b->thread, NULL, perform, b))
		errx(1, "no thread");
	while (sem_wait(&b->placed))
		;
}

void background_end(struct background *b)
{
	pthread_join(b->thread, NULL);
	sem_destroy(&b->placed);
}

static double lap(uint64_t *start)
{
	uint64_t now = now_ns();
	double seconds = (double)(now - *start) * 1e-9;

	*start = now;
	return seconds;
}

void guest_reboot(struct life *l, struct background *b, double seconds[REBOOT_PARTS])
{
	uint64_t start = now_ns();

	guest_pv(l, b ? KVM_PV_ASYNC_CLEANUP_PREPARE : KVM_PV_DISABLE);
	guest_reset(l);
	seconds[REBOOT_TEARDOWN] = lap(&start);
	if (b)
		background_begin(b, l, 1);
	life_put_image(l, bench_image());
	seconds[REBOOT_LOAD] = lap(&start);
	guest_set_cpu(l, KVM_MP_STATE_OPERATING);
	guest_pv(l, KVM_PV_ENABLE);
	seconds[REBOOT_ENABLE] = lap(&start);
	guest_unpack(l);
	seconds[REBOOT_UNPACK] = lap(&start);
	guest_pv(l, KVM_PV_VERIFY);
	seconds[REBOOT_VERIFY] = lap(&start);
	guest_set_cpu(l, KVM_MP_STATE_LOAD);
	if (life_run_to_diag(l))
		errx(1, "the next guest does not start");
	seconds[REBOOT_START] = lap(&start);
}
