/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine still has when nobody uses it any more: every count there is. */
#ifndef TESTS_LIFE_LEFT_H
#define TESTS_LIFE_LEFT_H

#include <stdio.h>

struct machine_status;

/**
 * left_print() - name each count that is not what it was
 * @idle: of the machine that had just been started
 *
 * Also what the VMMs have: processes, tasks, files. Prints nothing if nothing is left.
 */
void left_print(FILE *out, const struct machine_status *now, const struct machine_status *idle);

#endif
