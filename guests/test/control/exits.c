// SPDX-License-Identifier: GPL-2.0-or-later
/* What leaves to the hypervisor, or might, a number of times: each goes on behind the instruction.
 */
#include "test/control/control.h"

#include "boot/cpu.h"

#define TIMES 100

static uint8_t page[4096] __attribute__((aligned(4096)));

#define REPEAT(what, text, ...)                                                                    \
	do {                                                                                       \
		uint64_t n_ = 0;                                                                   \
		for (unsigned int i_ = 0; i_ < TIMES; i_++) {                                      \
			__asm__ volatile(text "\n\taghi %0, 1" : "+d"(n_)__VA_ARGS__);             \
		}                                                                                  \
		check_equal(TIMES, n_, what);                                                      \
	} while (0)

static unsigned int sigp(uint64_t order, uint32_t *status)
{
	register uint64_t r2 __asm__("2") = 0;
	register uint64_t r3 __asm__("3") = (uint64_t)page;
	uint32_t cc;

	__asm__ volatile("sigp %1, %3, 0(%4)\n\tipm %0"
			 : "=d"(cc), "+d"(r2), "+d"(r3)
			 : "d"((uint64_t)this_cpu()), "a"(order)
			 : "cc", "memory");
	*status = (uint32_t)r2;
	return cc_of(cc);
}

static void signals(void)
{
	unsigned int good = 0;
	uint32_t status;

	for (unsigned int i = 0; i < TIMES; i++)
		good += !sigp(0x15, &status);
	check_equal(TIMES, good, "SIGP sense running");
	/* There are no vector registers, and nothing else that it would store */
	page[0] = 0xee;
	check_equal(1, sigp(0x17, &status), "store additional status: refused");
	check_equal(2, status, "as an invalid order");
	check_equal(0xee, page[0], "nothing is stored");
}

static void service(void)
{
	unsigned int good = 0;

	for (unsigned int i = 0; i < TIMES; i++) {
		*(uint16_t *)page = 4096;
		good += !service_call(0x00020001, page) && *(uint16_t *)(page + 6) == 0x10;
	}
	check_equal(TIMES, good, "SERVC");
}

void test_exits(void)
{
	uint64_t cr0 = read_cr0();

	REPEAT("DIAG 44", "diag 0, 0, 0x44", : : "memory");
	REPEAT("DIAG 9c", "diag %1, 0, 0x9c", : "d"((uint64_t)this_cpu()) : "memory");
	REPEAT("STPX", "stpx 0(%1)", : "a"(page) : "memory");
	REPEAT("STAP", "stap 0(%1)", : "a"(page) : "memory");
	REPEAT("STIDP", "stidp 0(%1)", : "a"(page) : "memory");
	REPEAT("STFL", ".insn s, 0xb2b10000, 0", : : "memory");
	REPEAT("STSI", "lghi 0, 0\n\tlghi 1, 0\n\tstsi 0(0)", : : "0", "1", "cc", "memory");
	REPEAT("SSM", "ssm 0(%1)", : "a"("\0") : "memory");
	REPEAT("STNSM", "stnsm 0(%1), 0xfc", : "a"(page) : "memory");
	REPEAT("STOSM", "stosm 0(%1), 0", : "a"(page) : "memory");
	REPEAT("LCTLG", "lctlg 0, 0, 0(%1)", : "a"(&cr0) : "memory");
	REPEAT("STCTL", "stctl 0, 0, 0(%1)", : "a"(page) : "memory");
	REPEAT("SPT", "stpt 0(%1)\n\tspt 0(%1)", : "a"(page) : "memory");
	REPEAT("EPSW", "epsw 2, 3", : : "2", "3");
	signals();
	service();
}
