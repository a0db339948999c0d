/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which machine a program of tests is about; docs/testing.md has the table of programs and models. */
#ifndef TESTS_MACHINE_MODEL_H
#define TESTS_MACHINE_MODEL_H

#include <stdlib.h>

/**
 * machine_model() - the machine model of this run
 *
 * The variable is the one that the machine of a `protvirt run` reads, so that one word in
 * meson.build goes to C programs and to scripts.
 *
 * Return: PROTVIRT_MODEL, or NULL: the default model.
 */
static inline const char *machine_model(void)
{
	return getenv("PROTVIRT_MODEL");
}

#endif
