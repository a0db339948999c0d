/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A protected guest to measure with: started, filled, torn down, over and over. */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include "tests/life/life.h"

#define GIB (1UL << 30)
#define MIB (1UL << 20)

/**
 * bench_machine_start() - a machine process of a model; ends the program if it cannot be started
 *
 * It runs where the caller runs now: place the caller first.
 */
void bench_machine_start(const char *model);

/** bench_machine_stop() - end it in order; another may be started */
void bench_machine_stop(void);

/** bench_machines_done() - no machine will be started any more: remove their key */
void bench_machines_done(void);

/** guest_create() - VM of @bytes with one CPU; ends the program on failure, as do the following */
void guest_create(struct life *l, size_t bytes);

/** guest_fill() - start the protected guest and let it store to its whole memory */
void guest_fill(struct life *l);

/** guest_fill_half() - the same for every second page */
void guest_fill_half(struct life *l);

/** guest_secure_bytes() - what guest_fill() makes secure */
size_t guest_secure_bytes(const struct life *l);

/** guest_pv() - one PV command. Return: how long it took, in seconds */
double guest_pv(struct life *l, uint32_t cmd);

/** guest_reset() - CPU 0 ready for the next start, as a VMM does between two guests */
void guest_reset(struct life *l);

/** guest_empty_ioctl() - median time of the cheapest ioctl of a VM, in seconds */
double guest_empty_ioctl(struct life *l);

#endif
