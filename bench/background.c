// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/background.h"

#include <err.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "bench/place.h"
#include "bench/samples.h"
#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/life/transport.h"

#define PERFORM_NICE 19 /* as protvirt run does */

/* The machine's thread comes along with the next call, if the machine may run there. */
static void go_to(const struct background *b)
{
	place_thread(0, b->cpu);
	if (protvirt_ioctl(b->l.vm, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS) < 0)
		err(1, "KVM_CHECK_EXTENSION");
	place_check_follower(transport_machine());
}

static void *perform(void *arg)
{
	struct background *b = arg;

	if (setpriority(PRIO_PROCESS, 0, PERFORM_NICE))
		err(1, "setpriority");
	if (b->cpu != BACKGROUND_ANYWHERE)
		go_to(b);
	b->seconds = guest_pv(&b->l, KVM_PV_ASYNC_CLEANUP_PERFORM);
	atomic_store(&b->over, true);
	return NULL;
}

void background_begin(struct background *b, const struct life *l, unsigned int cpu)
{
	b->l = *l;
	b->cpu = cpu;
	atomic_store(&b->over, false);
	if (pthread_create(&b->thread, NULL, perform, b))
		errx(1, "no thread");
}

void background_end(struct background *b)
{
	pthread_join(b->thread, NULL);
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
		background_begin(b, l, BACKGROUND_ANYWHERE);
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
