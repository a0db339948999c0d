// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A page-table entry changes under all CPUs: when COMPARE AND SWAP AND PURGE has ended, none of
 * them may find the page of before.
 */
#include "test/cpu/purging.h"

#include <stdatomic.h>

#include "test/cpu/check.h"
#include "test/cpu/translation.h"
#include "runtime/machine.h"

#define PAGES       4U
#define GENERATIONS 40U

static struct space space;
static uint64_t pages[PAGES][512] __attribute__((aligned(4096)));
static _Atomic uint32_t generation;
static _Atomic uint32_t seen[WATCHERS];
static _Atomic uint32_t stale;

/* The page may be the next one already; one of before only if the generation has changed meanwhile
 */
static void look(uint16_t cpu)
{
	uint32_t now = atomic_load(&generation);
	uint64_t found = *(volatile uint64_t *)WINDOW;

	if (atomic_load(&generation) == now && found != now % PAGES && found != (now + 1) % PAGES)
		atomic_fetch_add(&stale, 1);
	atomic_store(&seen[cpu], now);
}

void watch(uint16_t cpu)
{
	uint64_t asce = space_asce(&space);

	__asm__ volatile("lctlg 1, 1, %0" : : "Q"(asce) : "memory");
	change_psw(0, PSW_DAT);
	while (atomic_load(&seen[cpu]) < GENERATIONS) {
		look(cpu);
		machine_yield();
	}
	change_psw(PSW_DAT, 0);
}

void purging_init(void)
{
	for (uint64_t i = 0; i < PAGES; i++)
		pages[i][0] = i;
	space_init(&space, pages[0]);
}

static bool swap(uint64_t old, uint64_t new)
{
	register uint32_t r2 __asm__("2") = (uint32_t)old;
	register uint32_t r3 __asm__("3") = (uint32_t) new;
	uint64_t at = (uint64_t)space_window(&space) + 4;
	uint32_t cc;

	__asm__ volatile("csp 2, %3\n\tipm %0"
			 : "=d"(cc), "+d"(r2)
			 : "d"(r3), "a"(at | 1)
			 : "cc", "memory");
	return cc_of(cc) == 0;
}

void change_pages(uint16_t cpus)
{
	bool swapped = true;

	for (uint32_t next = 1; next <= GENERATIONS; next++) {
		swapped = swapped &&
			  swap((uint64_t)pages[(next - 1) % PAGES], (uint64_t)pages[next % PAGES]);
		atomic_store(&generation, next);
		for (uint16_t cpu = 1; cpu < cpus; cpu++)
			while (atomic_load(&seen[cpu]) < next)
				machine_yield();
	}
	check(swapped, "CSP exchanges a page");
	check_equal(0, stale, "no CPU finds the page of before");
}
