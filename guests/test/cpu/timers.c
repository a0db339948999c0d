// SPDX-License-Identifier: GPL-2.0-or-later
/* TOD clock, clock comparator and CPU timer, running and waiting. */
#include "test/cpu/check.h"
#include "runtime/cpu_facility.h"
#include "runtime/machine.h"

#define CR0_CLOCK_COMPARATOR 0x800UL
#define CR0_CPU_TIMER        0x400UL
#define MICROSECOND          4096UL

static void set_comparator(uint64_t tod)
{
	__asm__ volatile("sckc %0" : : "Q"(tod));
}

static void set_timer(int64_t value)
{
	__asm__ volatile("spt %0" : : "Q"(value));
}

static int64_t get_timer(void)
{
	int64_t value;

	__asm__ volatile("stpt %0" : "=Q"(value));
	return value;
}

static void clocks(void)
{
	uint8_t extended[16];
	uint64_t last = machine_tod(), fast, tod;
	bool rising = true;

	for (unsigned int i = 0; i < 1000; i++) {
		tod = machine_tod();
		rising = rising && tod > last;
		last = tod;
	}
	check(rising, "STCK: every value is new");
	__asm__ volatile("stckf %0" : "=Q"(fast) : : "cc");
	__asm__ volatile("stcke %0" : "=Q"(extended) : : "cc");
	tod = machine_tod();
	check(fast <= tod && fast >= last - 16 * MICROSECOND, "STCKF: the same clock");
	uint64_t middle = *(uint64_t *)(void *)&extended[0] << 8 | extended[8];
	check(extended[0] == 0 && middle >= fast && middle <= tod, "STCKE: the same clock");
}

#define FACILITY_TIMING 28

/* PERFORM TIMING FACILITY FUNCTION. Return: the condition code */
static unsigned int timing(uint64_t function, uint64_t block[4])
{
	register uint64_t r0 __asm__("0") = function;
	register uint64_t r1 __asm__("1") = (uint64_t)block;
	uint32_t ipm;

	__asm__ volatile(".insn e,0x0104\n\tipm %0"
			 : "=d"(ipm)
			 : "d"(r0), "d"(r1)
			 : "cc", "memory");
	return cc_of(ipm);
}

static void timing_facility(void)
{
	uint64_t block[4] = {0}, before, after;

	check(cpu_has_facility(FACILITY_TIMING) && timing(0, block) == 0 && block[0] >> 60 == 0xf,
	      "PTFF: four queries");
	before = machine_tod();
	check_equal(0, timing(1, block), "PTFF: offset of the clock");
	after = machine_tod();
	check(block[0] + block[3] > before && block[0] + block[3] < after,
	      "the machine's clock and the difference are the guest's clock");
	check_equal(3, timing(0x40, block), "PTFF: the offset cannot be set");
}

static void comparator(uint64_t mask, const char *what)
{
	uint64_t at = machine_tod() + 300 * MICROSECOND, code;

	set_comparator(at);
	code = await_external(CR0_CLOCK_COMPARATOR, mask);
	check(code == 0x1004 && machine_tod() > at, what);
}

static void levels(void)
{
	uint64_t code;

	set_comparator(1);
	code = await_external(CR0_CLOCK_COMPARATOR, AWAIT_RUNNING);
	code |= await_external(CR0_CLOCK_COMPARATOR, AWAIT_WAITING);
	check_equal(0x1004, code, "the clock comparator's condition stays");
	set_comparator(UINT64_MAX);
	set_timer(-1);
	code = await_external(CR0_CLOCK_COMPARATOR | CR0_CPU_TIMER, AWAIT_RUNNING);
	check_equal(0x1005, code, "a comparator of all ones never interrupts, the timer does");
	set_comparator(1);
	code = await_external(CR0_CLOCK_COMPARATOR | CR0_CPU_TIMER, AWAIT_RUNNING);
	check_equal(0x1004, code, "the clock comparator comes first");
	set_comparator(UINT64_MAX);
}

static void timer(void)
{
	int64_t first, second;

	set_timer(1000 * 1000 * (int64_t)MICROSECOND);
	first = get_timer();
	second = get_timer();
	check(first > second && second > 0, "the CPU timer runs down");
	set_timer(300 * (int64_t)MICROSECOND);
	check_equal(0x1005, await_external(CR0_CPU_TIMER, AWAIT_RUNNING),
		    "the CPU timer interrupts a loop");
	set_timer(300 * (int64_t)MICROSECOND);
	check_equal(0x1005, await_external(CR0_CPU_TIMER, AWAIT_WAITING),
		    "the CPU timer interrupts a wait");
	check(get_timer() < 0, "it is negative then");
	set_timer(INT64_MAX);
}

void test_timers(void)
{
	clocks();
	timing_facility();
	comparator(AWAIT_RUNNING, "the clock comparator interrupts a loop");
	comparator(AWAIT_WAITING, "the clock comparator interrupts a wait");
	levels();
	timer();
}
