/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One CPU changes the code that all others execute. */
#ifndef GUESTS_TEST_CPU_CODE_H
#define GUESTS_TEST_CPU_CODE_H

#include <stdint.h>

#include "test/cpu/purging.h"

/** code_init() - before anybody watches */
void code_init(void);

/** watch_code() - execute it until it has changed for the last time */
void watch_code(uint16_t cpu);

/** change_code() - change it again and again, each time after all others have seen the change */
void change_code(uint16_t cpus);

#endif
