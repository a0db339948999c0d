// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine's clock while somebody sets this system's: by the linker, which asks us for the time.
 */
#include "tests/unit/kvm/cpu_world.h"

#include <errno.h>
#include <time.h>

#include "kvm/machine_state.h"
#include "kvm/vcpu.h"

#define HOUR     3600
#define TOD_HOUR (HOUR * 4096000000UL)

static _Atomic time_t set_by;

int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	int rc = __real_clock_gettime(clock, ts);

	if (!rc && clock == CLOCK_REALTIME)
		ts->tv_sec += atomic_load(&set_by);
	return rc;
}

static void clock_of_the_system_is_set(void **state)
{
	static const time_t steps[] = {-HOUR, HOUR};
	struct timespec real;
	uint64_t before = machine_tod();

	(void)state;
	for (unsigned int i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint64_t after;

		atomic_store(&set_by, steps[i]);
		after = machine_tod();
		assert_true(after >= before);
		assert_true(after - before < TOD_HOUR / 2);
		before = after;
	}
	atomic_store(&set_by, 0);
	/* seconds since 1900 */
	assert_int_equal(0, clock_gettime(CLOCK_REALTIME, &real));
	assert_in_range(machine_tod() / 4096000000UL, (uint64_t)real.tv_sec + 2208988800UL - 60,
			(uint64_t)real.tv_sec + 2208988800UL + 60);
}

/* Waiting takes from the CPU timer no more than the clock says went by */
static void wait_charges_what_the_clock_shows(void **state)
{
	/* lpswe 0x800: an enabled wait */
	static const uint8_t code[] = {0xb2, 0xb2, 0x08, 0x00};
	struct world *w = *state;
	struct kvm_sync_regs *regs = &w->run[0]->s.regs;
	const uint64_t timer = 0x7000000000000000;
	uint64_t before;

	world_code(w, code, sizeof(code));
	put_guest64(w, 0x800, PSW64 | PSW_MASK_WAIT | PSW_MASK_EXT);
	world_set_cr(w, 0, 0, 0x8e0);
	world_start(w, 0, 0);
	before = machine_tod();
	regs->ckc = before + 2000 * 4096UL;
	regs->cputm = timer;
	w->run[0]->kvm_dirty_regs = KVM_SYNC_ARCH0;
	atomic_store(&set_by, -HOUR);
	expect_diag(w, 0, HANDLER_EXT);
	atomic_store(&set_by, 0);
	assert_int_equal(0x1004, guest16(w, 0x86));
	assert_in_range(timer - regs->cputm, 1, machine_tod() - before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_of_the_system_is_set),
		cmocka_unit_test_setup_teardown(wait_charges_what_the_clock_shows, world_setup,
						world_teardown),
	};

	return cmocka_run_group_tests_name("kvm-cpu-time", tests, NULL, NULL);
}
