// SPDX-License-Identifier: GPL-2.0-or-later
/* The instruction by itself, and what there is before INIT_UV. */
#include "test/uv_host/uv_host.h"

#include "runtime/cpu_facility.h"

#define FACILITY_UV_CALL 158
#define NO_COMMAND       0x4242

void test_instruction(void)
{
	struct uv_cb_header block = {be16_make(sizeof(block)), be16_make(NO_COMMAND), {0}, {0}};
	uint64_t at = (uint64_t)&block;

	check(cpu_has_facility(FACILITY_UV_CALL), "the facility is there");
	TRAP(".insn rrf,0xb9a40000,0,%0,4,0", : : "a"(at) : "1", "cc", "memory");
	expect_trap(0x06, 4, BEHIND, "a third operand");
	TRAP(".insn rrf,0xb9a40000,0,%0,0,2", : : "a"(at) : "1", "cc", "memory");
	expect_trap(0x06, 4, BEHIND, "a mask");
	at += 4;
	TRAP(".insn rrf,0xb9a40000,0,%0,0,0", : : "a"(at) : "1", "cc", "memory");
	expect_trap(0x06, 4, BEHIND, "a block that is not aligned");
	change_psw(0, PSW_USER);
	TRAP(".insn rrf,0xb9a40000,0,%0,0,0", : : "a"(at) : "1", "cc", "memory");
	leave_problem_state();
	expect_trap(0x02, 4, BEHIND, "in the problem state");
	check(trapped.mask & PSW_USER, "that was it");
	at = memory;
	TRAP(".insn rrf,0xb9a40000,0,%0,0,0", : : "a"(at) : "1", "cc", "memory");
	expect_trap(0x05, 4, BEHIND, "a block where there is no storage");
}
