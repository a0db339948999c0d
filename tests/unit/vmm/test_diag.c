// SPDX-License-Identifier: GPL-2.0-or-later
/* DIAGNOSE functions that are the VMM's, and the watchdog. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vmm/vm_world.h"
#include "vmm/watchdog.h"

/* diag %r2,%r4,FUNCTION. Return: program interruption, 0 for none */
static unsigned int diag(struct world *w, unsigned int function, uint64_t r2, uint64_t r3,
			 uint64_t r4)
{
	w->run.psw_mask = 0;
	w->run.s.regs.gprs[2] = r2;
	w->run.s.regs.gprs[3] = r3;
	w->run.s.regs.gprs[4] = r4;
	world_execute(w, 0x8324, function << 16);
	return world_program();
}

static void test_unknown(void **state)
{
	static const unsigned int functions[] = {0x008, 0x204, 0x224, 0x260, 0x2fc, 0x318, 0x501};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		assert_int_equal(6, diag(w, functions[i], 0, 0, 0));
	w->run.psw_mask = PSW_MASK_PROBLEM;
	world_execute(w, 0x8324, 0x308U << 16);
	assert_int_equal(2, world_program());
	/* a hypercall that there is not answers in GR2 */
	w->run.s.regs.gprs[1] = 3;
	assert_int_equal(0, diag(w, 0x500, 0, 0, 0));
	assert_int_equal((uint64_t)-EINVAL, w->run.s.regs.gprs[2]);
}

static void test_ipl_blocks(void **state)
{
	struct world *w = *state;

	for (uint64_t subcode = 5; subcode <= 6; subcode++) {
		assert_int_equal(6, diag(w, 0x308, 0x10800, 0, subcode));
		assert_int_equal(5, diag(w, 0x308, WORLD_MEMORY, 0, subcode));
		assert_int_equal(0, diag(w, 0x308, 0x10000, 0, subcode));
		assert_int_equal(subcode == 5 ? 0x402 : 0x102, w->run.s.regs.gprs[3]);
	}
	assert_int_equal(6, diag(w, 0x308, 0x10000, 0, 0x10006));
	assert_int_equal(6, diag(w, 0x308, 0x10000, 0, 7));
	/* without the facility those of protected guests do not exist */
	for (uint64_t subcode = 8; subcode <= 10; subcode++)
		assert_int_equal(6, diag(w, 0x308, 0x10000, 0, subcode));
	/* an odd first register */
	world_execute(w, 0x8334, 0x308U << 16);
	assert_int_equal(6, world_program());
}

static void test_pv_blocks(void **state)
{
	struct world *w = *state;

	w->vm.pv_capable = true;
	assert_int_equal(0, diag(w, 0x308, 0, 0, 10));
	assert_int_equal(0x902, w->run.s.regs.gprs[3]);
	assert_int_equal(0, diag(w, 0x308, 0x10000, 0, 9));
	assert_int_equal(0x102, w->run.s.regs.gprs[3]);
	assert_int_equal(6, diag(w, 0x308, 0x10008, 0, 8));
	assert_int_equal(5, diag(w, 0x308, WORLD_MEMORY, 0, 8));
	assert_int_equal(0, diag(w, 0x308, 0x10000, 0, 8)); /* zeros are no block */
	assert_int_equal(0x402, w->run.s.regs.gprs[3]);
	assert_null(w->vm.pv_ipib);
}

static void test_resets_are_the_managers(void **state)
{
	struct world *w = *state;

	assert_int_equal(0, diag(w, 0x308, 0, 0, 0));
	assert_int_equal(VM_EVENT_RESET_CLEAR, w->vm.request.event);
	assert_true(w->vm.paused);
	assert_ptr_equal(&w->cpu, w->vm.request.vcpu);
	/* the first of several counts */
	assert_int_equal(0, diag(w, 0x308, 0, 0, 1));
	assert_int_equal(VM_EVENT_RESET_CLEAR, w->vm.request.event);
}

static void test_watchdog(void **state)
{
	struct world *w = *state;
	struct watchdog *dog = w->vm.watchdog;

	assert_int_equal(6, diag(w, 0x288, 1, 15, 0)); /* change, cancel: there is none */
	assert_int_equal(6, diag(w, 0x288, 2, 0, 0));
	assert_int_equal(6, diag(w, 0x288, 0, 14, 0));
	assert_int_equal(6, diag(w, 0x288, 0, UINT64_MAX, 0));
	assert_int_equal(6, diag(w, 0x288, 0, 15, 1)); /* an action that there is not */
	assert_int_equal(6, diag(w, 0x288, 3, 15, 0));
	assert_false(watchdog_armed(dog));
	assert_int_equal(0, diag(w, 0x288, 0, 15, 0));
	assert_true(watchdog_armed(dog));
	assert_int_equal(0, diag(w, 0x288, 1, UINT32_MAX, 0));
	assert_true(watchdog_armed(dog));
	assert_int_equal(0, diag(w, 0x288, 2, 0, 0));
	assert_false(watchdog_armed(dog));
	assert_int_equal(-EINVAL, watchdog_arm(dog, 0));
	assert_int_equal(0, watchdog_arm(dog, 3600)); /* armed at the end: nobody waits for it */
	assert_false(w->vm.reset_wanted);
}

static void test_other_instructions(void **state)
{
	struct world *w = *state;

	world_execute(w, 0xb2ff, 0);
	assert_int_equal(1, world_program());
	assert_int_equal(VM_EVENT_NONE, w->vm.request.event);
	/* a protected guest cannot be given that exception */
	w->vm.protected = true;
	world_execute(w, 0xb2ff, 0);
	assert_int_equal(VM_EVENT_END, w->vm.request.event);
	assert_int_equal(EXIT_CODE_CRASH, w->vm.request.code);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_unknown),   CASE(test_ipl_blocks),
		CASE(test_pv_blocks), CASE(test_resets_are_the_managers),
		CASE(test_watchdog),  CASE(test_other_instructions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
