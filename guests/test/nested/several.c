// SPDX-License-Identifier: GPL-2.0-or-later
/* Several CPUs, each with a guest of its own; one of them takes pages away. */
#include <stdatomic.h>

#include "test/nested/nested.h"

#include "test/cpu/check.h"
#include "test/cpu/translation.h"
#include "runtime/console.h"
#include "runtime/machine.h"

#define ROUNDS   2000
#define COUNT_TO 1000000UL

/* In each guest's storage, see programs.S */
#define PUBLISHED 0x9000UL
#define STOP      0x9008UL
#define SHARED    0x3000000UL /* two pages, one of which the guests find at GUEST_DATA */
#define SHARED_IN 0x3002000UL /* and one at PUBLISHED */

enum task {
	IDLE,
	RUN,
};

static _Atomic enum task tasks[CPUS_MAX];
static uint64_t segments[CPUS_MAX][2048] __attribute__((aligned(4096)));
static uint64_t pages[CPUS_MAX][256] __attribute__((aligned(4096)));

static uint64_t asce_of(uint16_t cpu)
{
	return (uint64_t)segments[cpu];
}

void secondary_main(void)
{
	uint16_t cpu = this_cpu();
	uint64_t at = 0x1d0;

	__asm__("" : "+a"(at));
	*(volatile uint64_t *)at = GUEST_PSW;
	*(volatile uint64_t *)(at + 8) = (uint64_t)retry_program;
	atomic_fetch_add(&smp_alive, 1);
	set_primary(asce_of(cpu));
	for (;;) {
		if (atomic_load(&tasks[cpu]) != RUN) {
			machine_yield();
			continue;
		}
		while (!guests[cpu].block.icptcode)
			sie_enter(&guests[cpu].block, guests[cpu].grs);
		atomic_store(&tasks[cpu], IDLE);
	}
}

/* Each guest at virtual 0, by tables of its CPU */
static void prepare(uint16_t cpu, struct program program)
{
	struct guest *guest = &guests[cpu];

	guest_start(guest, program);
	guest->block.mso = 0;
	guest->block.msl = 0;
	for (unsigned int i = 0; i < 2048; i++)
		segments[cpu][i] = ENTRY_INVALID;
	segments[cpu][0] = (uint64_t)pages[cpu];
	for (unsigned int i = 0; i < 256; i++)
		pages[cpu][i] = (uint64_t)guest->memory + i * TABLE_PAGE;
}

static void await(uint16_t cpus)
{
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		while (atomic_load(&tasks[cpu]) == RUN)
			machine_yield();
}

static void begin(uint16_t cpu)
{
	guests[cpu].block.icptcode = 0;
	atomic_store(&tasks[cpu], RUN);
}

static void counting(uint16_t cpus)
{
	bool good = true;

	for (uint16_t cpu = 0; cpu < cpus; cpu++) {
		prepare(cpu, PROGRAM(count));
		guests[cpu].grs[2] = COUNT_TO + cpu;
	}
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		begin(cpu);
	set_primary(asce_of(0));
	guest_run(&guests[0]);
	await(cpus);
	for (uint16_t cpu = 0; cpu < cpus; cpu++)
		good = good && guests[cpu].block.icptcode == ICPT_INST &&
		       guests[cpu].grs[1] == COUNT_TO + cpu;
	check(good, "each CPU runs its own guest");
}

/* As a host's kernel does it: a bit in the state description, and nothing else */
static void stopping(uint16_t cpus)
{
	bool good = true;

	for (uint16_t cpu = 1; cpu < cpus; cpu++) {
		prepare(cpu, PROGRAM(for_ever));
		begin(cpu);
	}
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		__atomic_fetch_or(&guests[cpu].block.cpuflags, CPUSTAT_STOP_INT, __ATOMIC_SEQ_CST);
	await(cpus);
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		good = good && guests[cpu].block.icptcode == ICPT_STOP;
	check(good, "a stop request from another CPU ends SIE");
}

static void invalidate(uint16_t cpu)
{
	__asm__ volatile("ipte %0, %1" : : "a"(pages[cpu]), "a"(GUEST_DATA) : "memory");
}

/* One page after the other: when the last guest has lost the old one, it becomes worthless */
static void change_pages(uint16_t cpus)
{
	volatile uint64_t *shared[] = {(uint64_t *)SHARED, (uint64_t *)(SHARED + TABLE_PAGE)};
	volatile uint64_t *published = (uint64_t *)SHARED_IN;

	for (uint64_t round = 1; round <= ROUNDS; round++) {
		volatile uint64_t *now = shared[round & 1];

		*now = round;
		for (uint16_t cpu = 1; cpu < cpus; cpu++) {
			invalidate(cpu);
			*(volatile uint64_t *)&pages[cpu][8] = (uint64_t)now;
		}
		*shared[~round & 1] = 0;
		__asm__ volatile("bcr 15, 0" : : : "memory");
		*published = round;
	}
	published[1] = 1;
}

static void watching(uint16_t cpus)
{
	volatile uint64_t *area = (uint64_t *)SHARED;
	bool good = true, looked = true;

	for (unsigned int i = 0; i < 3 * TABLE_PAGE / 8; i++)
		area[i] = 0;
	for (uint16_t cpu = 1; cpu < cpus; cpu++) {
		prepare(cpu, PROGRAM(watch_pages));
		pages[cpu][8] = SHARED;
		pages[cpu][9] = SHARED_IN;
		begin(cpu);
	}
	change_pages(cpus);
	await(cpus);
	for (uint16_t cpu = 1; cpu < cpus; cpu++) {
		if (guests[cpu].block.ipb != 0x440000)
			console_printf("# CPU %u: %016lx after %016lx\n", cpu, guests[cpu].grs[3],
				       guests[cpu].grs[2]);
		good = good && guests[cpu].block.ipb == 0x440000;
		looked = looked && guests[cpu].grs[4] > 0;
	}
	check(good, "no guest sees a page that was taken away");
	check(looked, "each has looked");
}

void test_several(void)
{
	uint16_t cpus = smp_count();

	if (cpus == 1) {
		prepare(0, PROGRAM(count));
		set_primary(asce_of(0));
		guests[0].grs[2] = COUNT_TO;
		guest_run(&guests[0]);
		check_equal(COUNT_TO, guests[0].grs[1], "one CPU: one guest");
		set_primary(REAL_SPACE);
		return;
	}
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		smp_start(cpu);
	counting(cpus);
	stopping(cpus);
	watching(cpus);
	for (uint16_t cpu = 1; cpu < cpus; cpu++)
		signal_cpu(cpu, SIGP_STOP, 0, NULL);
	set_primary(REAL_SPACE);
}
