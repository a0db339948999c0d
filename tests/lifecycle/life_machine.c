// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lifecycle/life_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/life/host_key.h"
#include "tests/machine_model.h"

struct life_image life_machine_image;

int life_machine_setup(void **state)
{
	const struct transport_params params = {
		.model = machine_model(),
		.host_key = life_host_key(),
	};

	assert_int_equal(life_image_build(&life_machine_image, params.host_key), 0);
	return transport_start(&params);
}

int life_machine_teardown(void **state)
{
	transport_stop();
	life_image_free(&life_machine_image);
	life_host_key_remove();
	return 0;
}

void life_machine_assert_all_gone(void)
{
	struct transport_counts c;

	transport_counts(&c);
	assert_int_equal(c.vms, 0);
	assert_int_equal(c.configs, 0);
	assert_int_equal(c.cpus, 0);
	assert_int_equal(c.secure_frames, 0);
	assert_int_equal(c.donated, c.donated_idle);
	assert_int_equal(c.leaked, 0);
}
