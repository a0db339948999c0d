// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine without devices, and without STORE HYPERVISOR INFORMATION. */
#include "runtime/uvc.h"
#include "test/cpu/check.h"

#define ZEROS_STORED    1
#define NOT_OPERATIONAL 3

static uint8_t block[4096] __attribute__((aligned(4096)));

/* Subchannel 0.0000 in GR1, the block as operand */
#define EXECUTE(text)                                                                              \
	({                                                                                         \
		register uint64_t subchannel __asm__("1") = 0x00010000;                            \
		uint32_t ipm;                                                                      \
		__asm__ volatile("	" text "\n"                                                \
				 "	ipm	%0\n"                                                       \
				 : "=d"(ipm)                                                       \
				 : "d"(subchannel), "a"(block)                                     \
				 : "cc", "memory");                                                \
		cc_of(ipm);                                                                        \
	})

static void not_operational(void)
{
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb2300000, 0"), "clear");
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb2310000, 0"), "halt");
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb2320000, 0(%2)"), "modify");
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb2330000, 0(%2)"), "start");
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb2340000, 0(%2)"), "store");
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb2350000, 0(%2)"), "test");
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb2380000, 0"), "resume");
	check_equal(ZEROS_STORED, EXECUTE(".insn s, 0xb2390000, 0(%2)"), "channel report");
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb23b0000, 0"), "reset channel path");
	check_equal(NOT_OPERATIONAL, EXECUTE(".insn s, 0xb2760000, 0"), "cancel");
}

static unsigned int stored(void)
{
	unsigned int bytes = 0;

	for (unsigned int i = 0; i < sizeof(block); i++)
		bytes += block[i] != 0;
	return bytes;
}

void test_channel(void)
{
	not_operational();
	check_equal(0, stored(), "nothing is stored");
	/* What is pending is the Ultravisor's to deliver: a protected guest has no test for it, and
	 * no address limit, as all its storage is its own */
	if (uvc_protected()) {
		TRAP(".insn s, 0xb2370000, 0", : : : "1", "cc", "memory");
		expect_trap(0x01, 4, BEHIND, "set address limit");
		TRAP(".insn s, 0xb2360000, 0(%0)", : : "a"(block) : "1", "cc", "memory");
		expect_trap(0x01, 4, BEHIND, "test pending interruption");
	} else {
		/* It leaves the condition code, 2, as it is */
		check_equal(2, EXECUTE("cghi 1, -1\n\t.insn s, 0xb2370000, 0"),
			    "set address limit");
		check_equal(0, EXECUTE(".insn s, 0xb2360000, 0(%2)"), "test pending interruption");
	}
	TRAP(".insn rre, 0xb2560000, 2, 4", : : : "1", "2", "3", "4", "5", "cc", "memory");
	expect_trap(0x01, 4, BEHIND, "store hypervisor information");
}
