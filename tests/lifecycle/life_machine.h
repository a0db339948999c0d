/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine of a program whose cases go through protvirt.h, and the image that its guests start
 * from. */
#ifndef TESTS_LIFECYCLE_LIFE_MACHINE_H
#define TESTS_LIFECYCLE_LIFE_MACHINE_H

#include "tests/life/life.h"
#include "tests/life/transport.h"

extern struct life_image life_machine_image;

/** life_machine_setup(), life_machine_teardown() - of the group; the model is machine_model()'s
 */
int life_machine_setup(void **state);
int life_machine_teardown(void **state);

/** life_machine_assert_all_gone() - every count is what it was at the start */
void life_machine_assert_all_gone(void);

#endif
