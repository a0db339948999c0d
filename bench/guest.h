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
 * bench_on_machine() - call @fn while a machine process of a model runs
 *
 * In a process of its own: a client stays with the first machine it has seen. The machine runs
 * where the caller runs now: place the caller first. If it fails, so does the program.
 */
void bench_on_machine(const char *model, void (*fn)(const char *model));

/** bench_machine_start() - the same in this process, once; ends the program if that fails */
void bench_machine_start(const char *model);

/**
 * bench_image_use() - from now on guests are started from another image; lasts until the machine's
 * end
 * @program, @len: NULL: as before
 * @least_len: bytes of the image
 */
void bench_image_use(const void *program, size_t len, size_t least_len);

/** bench_image() - the image in use now */
const struct life_image *bench_image(void);

/** bench_machine_stop() - end it in order */
void bench_machine_stop(void);

/** bench_machines_done() - no machine will be started any more: remove their key */
void bench_machines_done(void);

/** guest_create() - VM of @bytes with one CPU; ends the program on failure, as do the following */
void guest_create(struct life *l, size_t bytes);

/** guest_fill() - guest_start() and guest_touch_all() */
void guest_fill(struct life *l);

/** guest_fill_half() - the same for every second page */
void guest_fill_half(struct life *l);

/** guest_start() - start the protected guest; it has not run */
void guest_start(struct life *l);

/**
 * guest_first_start() - the same for the first time, and get the memory that it will fill
 *
 * A store to each huge page takes what hold_briefly() has got before it goes back.
 */
void guest_first_start(struct life *l);

/** guest_touch() - let it store to @mib MiB from 1 MiB + @skip_mib on. Return: seconds */
double guest_touch(struct life *l, size_t skip_mib, size_t mib);

/** guest_touch_all() - let it store to its whole memory */
void guest_touch_all(struct life *l);

/** guest_secure_bytes() - what guest_fill() makes secure */
size_t guest_secure_bytes(const struct life *l);

/** guest_pv() - one PV command. Return: how long it took, in seconds */
double guest_pv(struct life *l, uint32_t cmd);

/** guest_reset() - CPU 0 ready for the next start, as a VMM does between two guests */
void guest_reset(struct life *l);

/** guest_unpack() - header and image of a configuration that was just enabled */
void guest_unpack(struct life *l);

/** guest_set_cpu() - KVM_SET_MP_STATE of CPU 0 */
void guest_set_cpu(struct life *l, uint32_t state);

/** guest_empty_ioctl() - median time of @calls of the cheapest ioctl of a VM, in seconds */
double guest_empty_ioctl(struct life *l, unsigned int calls);
#define EMPTY_CALLS 1001U

#endif
