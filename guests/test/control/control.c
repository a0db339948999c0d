// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Control instructions as test suites for hypervisors ask for them: exact exceptions, in their
 * order, of what leaves to the hypervisor and of what stays inside.
 */
#include "test/control/control.h"

#include "runtime/guest.h"

#define PREFIX_AREA 8192UL

static void set_prefix(uint32_t prefix)
{
	__asm__ volatile("spx %0" : : "Q"(prefix) : "memory");
}

/* Absolute 0 is what the prefix area was at real 0, and the other way round */
void with_prefix(uint8_t *area, void (*f)(void))
{
	register uint64_t to __asm__("2") = (uint64_t)area, len __asm__("3") = PREFIX_AREA;
	register uint64_t from __asm__("4") = 0, from_len __asm__("5") = PREFIX_AREA;

	__asm__ volatile("0:	mvcle	%0, %2, 0\n"
			 "	jo	0b\n"
			 : "+d"(to), "+d"(len), "+d"(from), "+d"(from_len)
			 :
			 : "cc", "memory");
	set_prefix((uint32_t)(uint64_t)area);
	f();
	set_prefix(0);
}

static const struct area areas[] = {
	{"operands", test_operands},
	{"operand-keys", test_operand_keys},
	{"move-page", test_move_page},
	{"protection-test", test_protection_test},
	{"diagnose", test_diagnose},
	{"service-calls", test_service_calls},
	{"information", test_information},
	{"execute", test_execute},
	{"specifications", test_specifications},
	{"cryptography", test_cryptography},
	{"traps", test_traps},
	{"facilities", test_facilities},
	{"exits", test_exits},
	{"ultravisor-calls", test_ultravisor_calls},
	{"subchannels", test_subchannels},
};

int guest_main(void)
{
	return run_areas(areas, sizeof(areas) / sizeof(areas[0]));
}
