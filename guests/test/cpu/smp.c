// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/cpu/smp.h"

#include <stddef.h>

#include "test/cpu/check.h"
#include "runtime/lowcore.h"
#include "runtime/machine.h"

#define LC_RESTART_NEW_PSW 0x1a0
#define LC_NEW_PSWS_END    0x200

void secondary_entry(void);

uint32_t secondary_prefix;                /* of the CPU that is started next, */
volatile uint32_t secondary_first_prefix; /* and what it had before */
uint64_t secondary_stack;

uint8_t prefixes[CPUS_MAX][8192] __attribute__((aligned(8192)));
uint8_t stacks[CPUS_MAX][4096] __attribute__((aligned(8)));
_Atomic uint32_t smp_alive;

unsigned int sigp(uint16_t cpu, uint64_t order, uint64_t parameter, uint32_t *status)
{
	register uint64_t r2 __asm__("2") = 0;
	register uint64_t r3 __asm__("3") = parameter;
	uint32_t cc;

	__asm__ volatile("sigp %1, %3, 0(%4)\n\tipm %0"
			 : "=d"(cc), "+d"(r2), "+d"(r3)
			 : "d"((uint64_t)cpu), "a"(order)
			 : "cc", "memory");
	if (status)
		*status = (uint32_t)r2;
	return cc_of(cc);
}

unsigned int signal_cpu(uint16_t cpu, uint64_t order, uint64_t parameter, uint32_t *status)
{
	unsigned int cc;

	do
		cc = sigp(cpu, order, parameter, status);
	while (cc == 2);
	return cc;
}

void smp_copy_new_psws(uint8_t *to)
{
	for (unsigned long i = LC_RESTART_NEW_PSW; i < LC_NEW_PSWS_END; i += 8)
		*(uint64_t *)(void *)(to + i) = lowcore_u64(i);
}

void smp_restart(uint16_t cpu)
{
	uint32_t before = atomic_load(&smp_alive);

	signal_cpu(cpu, SIGP_RESTART, 0, NULL);
	while (atomic_load(&smp_alive) == before)
		machine_yield();
}

void smp_start(uint16_t cpu)
{
	uint64_t at = LC_RESTART_NEW_PSW;

	secondary_prefix = (uint32_t)(uint64_t)prefixes[cpu];
	secondary_stack = (uint64_t)(stacks[cpu] + sizeof(stacks[cpu]));
	smp_copy_new_psws(prefixes[cpu]);
	__asm__("" : "+a"(at));
	*(volatile uint64_t *)at = 0x0000000180000000UL;
	*(volatile uint64_t *)(at + 8) = (uint64_t)secondary_entry;
	signal_cpu(cpu, SIGP_INITIAL_RESET, 0, NULL);
	smp_restart(cpu);
}

uint16_t smp_count(void)
{
	uint32_t status;
	uint16_t cpu = 1;

	while (cpu < CPUS_MAX && sigp(cpu, SIGP_SENSE, 0, &status) != 3)
		cpu++;
	return cpu;
}
