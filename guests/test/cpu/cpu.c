// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the architecture promises a program without an operating system, area by area. "areas" on
 * the parameter line names some of them; all is the default. Signals need at least two CPUs.
 */
#include "test/cpu/check.h"

#include "runtime/guest.h"

static const struct area areas[] = {
	{"interruptions", test_interruptions},
	{"translation", test_translation},
	{"enhanced-dat", test_enhanced_dat},
	{"execution-protection", test_execution},
	{"keys", test_keys},
	{"access-registers", test_access_registers},
	{"address-space-numbers", test_address_space_numbers},
	{"code", test_code},
	{"timers", test_timers},
	{"long-operands", test_long_operands},
	{"floating-point", test_floating_point},
	{"signals", test_signals},
	{"channel", test_channel},
};

int guest_main(void)
{
	return run_areas(areas, sizeof(areas) / sizeof(areas[0]));
}
