/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the two halves of the protected CPU: entry/exit and instructions. */
#ifndef SIE_PV_H
#define SIE_PV_H

#include "sie/engine.h"

/**
 * pv_capture_answer() - read what the host gave, once: the exit of a run that only finds a page
 * missing overwrites it
 */
void pv_capture_answer(struct sie_cpu *cpu);

/**
 * pv_take_answer() - finish the intercepted instruction with what the host gave
 *
 * Return: EXEC_NEXT; EXEC_FAULT if the guest's result area is missing: the answer stays to be
 * taken; EXEC_INTERCEPT_AT: another interception follows.
 */
enum exec pv_take_answer(struct sie_cpu *cpu);

#endif
