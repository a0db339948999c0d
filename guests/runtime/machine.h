/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine around the guest: storage, clock, restart, and the page for talks with the host. */
#ifndef GUESTS_RUNTIME_MACHINE_H
#define GUESTS_RUNTIME_MACHINE_H

#include <stdint.h>

/** machine_memory() - bytes of storage, from the service processor; 0 if it does not say */
uint64_t machine_memory(void);

/** machine_reboot() - restart by DIAGNOSE 308 subcode 3: clear storage, load again */
_Noreturn void machine_reboot(void);

/**
 * machine_end() - the end of a guest
 * @status: 0 for success, else the address of the disabled wait that tells it
 *
 * A protected guest's PSW is nobody's business, so its host could not tell one disabled wait from
 * another: there, success is told by stopping the CPU.
 */
_Noreturn void machine_end(int status);

/** machine_tod() - the clock, 4096 units a microsecond */
static inline uint64_t machine_tod(void)
{
	uint64_t tod;

	__asm__ volatile("stck %0" : "=Q"(tod) : : "cc");
	return tod;
}

/** machine_yield() - give the CPU to whoever we wait for */
static inline void machine_yield(void)
{
	__asm__ volatile("diag 0, 0, 0x44" : : : "memory");
}

/**
 * machine_call_host() - DIAGNOSE 500 with one of the host's services
 * @service: its number
 * @page: guest absolute address of its parameter page
 *
 * Return: the host's answer, 0 or a negative number.
 */
static inline int64_t machine_call_host(uint64_t service, void *page)
{
	register uint64_t r1 __asm__("1") = service;
	register uint64_t r2 __asm__("2") = (uint64_t)page;

	__asm__ volatile("diag 2, 4, 0x500" : "+d"(r2) : "d"(r1) : "memory", "cc");
	return (int64_t)r2;
}

#endif
