/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines for tests: where they live, and when they have ended. */
#ifndef TESTS_UNIT_CLIENT_MACHINE_RUN_H
#define TESTS_UNIT_CLIENT_MACHINE_RUN_H

#include <sys/types.h>

/**
 * machine_run_tests() - run the test program in a child with a runtime directory of its own
 *
 * Returns after the private machines that the child has started are gone, too.
 *
 * Return: exit status for main().
 */
int machine_run_tests(int (*tests)(void));

/** machine_listen() - start a test machine on @path and wait until it can be reached. Asserts */
pid_t machine_listen(const char *path);

#endif
