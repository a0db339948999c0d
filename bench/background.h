/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reboot as a VMM does it: the old guest's PERFORM beside the new one. Between two processes. */
#ifndef BENCH_BACKGROUND_H
#define BENCH_BACKGROUND_H

#include <pthread.h>
#include <stdbool.h>

#include "bench/guest.h"

/**
 * struct background - a PERFORM beside the guest
 * @cpu: where it is placed
 * @over: it has returned
 * @seconds: how long it took
 */
struct background {
	pthread_t thread;
	struct life l;
	unsigned int cpu;
	_Atomic bool over;
	double seconds;
};

#define BACKGROUND_ANYWHERE (~0U)

/**
 * background_begin() - PERFORM by a thread of its own, which gives way to all others, as the VMM's
 * @cpu: of place_thread(), or BACKGROUND_ANYWHERE: where the caller may run
 */
void background_begin(struct background *b, const struct life *l, unsigned int cpu);

/** background_end() - wait for it */
void background_end(struct background *b);

/** enum reboot_part - teardown is PREPARE or DISABLE; start ends with the first instruction */
enum reboot_part {
	REBOOT_TEARDOWN,
	REBOOT_LOAD,
	REBOOT_ENABLE,
	REBOOT_UNPACK,
	REBOOT_VERIFY,
	REBOOT_START,
	REBOOT_PARTS
};

/**
 * guest_reboot() - from the guest's last instruction to the first of the next one
 * @b: takes the old one over; NULL: it is destroyed by DISABLE
 * @seconds: each part
 */
void guest_reboot(struct life *l, struct background *b, double seconds[REBOOT_PARTS]);

#endif
