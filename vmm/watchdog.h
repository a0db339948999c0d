/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watchdog (DIAGNOSE 288): a guest that does not report in time is restarted. */
#ifndef VMM_WATCHDOG_H
#define VMM_WATCHDOG_H

#include <stdint.h>

#include "vmm/vm.h"

struct watchdog;

/** watchdog_create() - Return: a watchdog that is not armed, or NULL: no memory */
struct watchdog *watchdog_create(struct vm *vm);

/** watchdog_destroy() - NULL is taken */
void watchdog_destroy(struct watchdog *dog);

/**
 * watchdog_arm() - restart the VM unless this is called again in time
 * @seconds: 15 or more
 *
 * Return: 0, -EINVAL or -EAGAIN: no thread.
 * Context: a CPU's thread.
 */
int watchdog_arm(struct watchdog *dog, uint64_t seconds);

/** watchdog_armed() - was it armed, and neither disarmed since nor run out? */
bool watchdog_armed(struct watchdog *dog);

/** watchdog_disarm() - Context: a CPU's thread, or the manager at a reset */
void watchdog_disarm(struct watchdog *dog);

#endif
