// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Code that changes: by the program itself, ahead of where it is and behind it, by real address,
 * as the target of EXECUTE, across a page, and by another CPU.
 */
#include "test/cpu/code.h"

#include <stdatomic.h>
#include <stddef.h>

#include "test/cpu/check.h"
#include "runtime/machine.h"

#define LHI_2     0xa728U /* lhi %r2, and a halfword */
#define BR_14     0x07feU
#define FUNCTIONS 40U

/* A page and a function that begins two bytes before its end */
static uint16_t code[2 * 2048] __attribute__((aligned(4096)));
#define ACROSS (code + 2048 - 1)

static void put_function(uint16_t *at, uint16_t value)
{
	at[0] = LHI_2;
	at[1] = value;
	at[2] = BR_14;
}

static unsigned int call(const uint16_t *at)
{
	register uint64_t r2 __asm__("2");

	__asm__ volatile("basr %%r14, %1" : "=d"(r2) : "a"(at) : "14", "memory");
	return (unsigned int)r2;
}

static void by_stores(void)
{
	uint32_t value = 0, sum = 0;

	__asm__ volatile("	larl	%%r1, 0f\n"
			 "	mvi	3(%%r1), 7\n"
			 "0:	lhi	%0, 1\n"
			 : "=d"(value)
			 :
			 : "1", "memory");
	check_equal(7, value, "the next instruction");
	/* the second time through the loop it is another one */
	__asm__ volatile("	lhi	%%r0, 3\n"
			 "	larl	%%r1, 0f\n"
			 "0:	ahi	%0, 1\n"
			 "	ic	%%r2, 3(%%r1)\n"
			 "	ahi	%%r2, 10\n"
			 "	stc	%%r2, 3(%%r1)\n"
			 "	brct	%%r0, 0b\n"
			 : "+d"(sum)
			 :
			 : "0", "1", "2", "cc", "memory");
	check_equal(1 + 11 + 21, sum, "an instruction of a loop that runs");
}

static void by_address(void)
{
	uint64_t text;

	put_function(code, 1);
	check_equal(1, call(code), "code in a page of data");
	text = (uint64_t)LHI_2 << 48 | 2UL << 32 | (uint64_t)BR_14 << 16;
	__asm__ volatile("sturg %0, %1" : : "d"(text), "a"(code) : "memory");
	check_equal(2, call(code), "by real address");
	put_function(ACROSS, 3);
	check_equal(3, call(ACROSS), "across a page");
	ACROSS[1] = 4;
	check_equal(4, call(ACROSS), "its second page alone");
	put_function(code + 8, 5);
	call(code);
	__asm__ volatile("mvc 0(6,%0), 16(%0)" : : "a"(code) : "memory");
	check_equal(5, call(code), "by a move of all its bytes");
}

static void executed(void)
{
	uint32_t value = 0;

	code[0] = LHI_2;
	for (uint16_t i = 1; i < 4; i++) {
		code[1] = i;
		__asm__ volatile("	ex	0, 0(%1)\n"
				 "	ar	%0, %%r2\n"
				 : "+d"(value)
				 : "a"(code)
				 : "2", "cc", "memory");
	}
	check_equal(1 + 2 + 3, value, "a target of EXECUTE");
}

void test_code(void)
{
	by_stores();
	by_address();
	executed();
}

/* ---- by another CPU ---- */

static _Atomic uint32_t generation;
static _Atomic uint32_t seen[WATCHERS];
static _Atomic uint32_t stale;

/* After serialisation the function is that of the generation that was read before, or newer. */
static void look(uint16_t cpu)
{
	uint32_t now = atomic_load(&generation);

	__asm__ volatile("bcr 15, 0" : : : "memory");
	if (call(code) < now)
		atomic_fetch_add(&stale, 1);
	atomic_store(&seen[cpu], now);
}

void watch_code(uint16_t cpu)
{
	while (atomic_load(&seen[cpu]) < FUNCTIONS) {
		look(cpu);
		machine_yield();
	}
}

void code_init(void)
{
	put_function(code, 0);
}

void change_code(uint16_t cpus)
{
	for (uint16_t next = 1; next <= FUNCTIONS; next++) {
		*(volatile uint16_t *)&code[1] = next;
		__asm__ volatile("bcr 15, 0" : : : "memory");
		atomic_store(&generation, next);
		for (uint16_t cpu = 1; cpu < cpus; cpu++)
			while (atomic_load(&seen[cpu]) < next)
				machine_yield();
	}
	check_equal(0, stale, "no CPU executes the code of before");
}
