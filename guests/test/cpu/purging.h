/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One CPU changes translations, the others watch. */
#ifndef GUESTS_TEST_CPU_PURGING_H
#define GUESTS_TEST_CPU_PURGING_H

#include <stdint.h>

#define WATCHERS 4

/** purging_init() - before the first CPU watches */
void purging_init(void);

/** watch() - look at the page until it has changed often enough */
void watch(uint16_t cpu);

/** change_pages() - change it, and check what CPUs 1 to @cpus - 1 saw */
void change_pages(uint16_t cpus);

#endif
