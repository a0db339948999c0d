// SPDX-License-Identifier: GPL-2.0-or-later
/* DIAGNOSE: release of pages, watchdog, IPL functions, yields, and functions that there are not. */
#include "test/control/control.h"

#include "runtime/uvc.h"

static uint64_t pages[2][512] __attribute__((aligned(4096)));

#define DIAGNOSE(function, a, b)                                                                   \
	do {                                                                                       \
		register uint64_t r2_ __asm__("2") = (uint64_t)(a);                                \
		register uint64_t r3_ __asm__("3") = 0;                                            \
		register uint64_t r4_ __asm__("4") = (uint64_t)(b);                                \
		TRAP("diag %0, %2, " function,                                                     \
		     : "+d"(r2_), "+d"(r3_)                                                        \
		     : "d"(r4_)                                                                    \
		     : "1", "cc", "memory");                                                       \
		answer = r3_;                                                                      \
	} while (0)

static uint64_t answer;

static void refused(const char *what)
{
	expect_trap(PGM_SPECIFICATION, 4, BEHIND, what);
}

static void release_pages(void)
{
	uint64_t first = (uint64_t)pages[0], last = (uint64_t)pages[1];

	if (uvc_protected()) {
		DIAGNOSE("0x10", first, last);
		refused("10: not for protected guests");
		return;
	}
	pages[0][0] = pages[1][511] = 7;
	DIAGNOSE("0x10", first, last);
	check(!trapped.code && !((volatile uint64_t *)pages[0])[0] &&
		      !((volatile uint64_t *)pages[1])[511],
	      "10: pages of zeros");
	DIAGNOSE("0x10", last, first);
	refused("10: the last page is before the first");
	DIAGNOSE("0x10", first + 1, last);
	refused("10: alignment of the first page");
	DIAGNOSE("0x10", first, last + 8);
	refused("10: alignment of the last page");
	DIAGNOSE("0x10", 0, first);
	refused("10: page 0");
	DIAGNOSE("0x10", 0x1000, 0x1000);
	refused("10: page 1");
}

/* Functions 0 init, 1 change, 2 cancel, in GR2; seconds in GR3; action in GR4 */
static void watchdog_call(uint64_t function, uint64_t seconds, uint64_t action)
{
	register uint64_t r2 __asm__("2") = function;
	register uint64_t r3 __asm__("3") = seconds;
	register uint64_t r4 __asm__("4") = action;

	TRAP("diag %0, %2, 0x288", : : "d"(r2), "d"(r3), "d"(r4) : "1", "cc", "memory");
}

static void watchdog(void)
{
	watchdog_call(1, 15, 0);
	refused("288: change without a watchdog");
	watchdog_call(2, 0, 0);
	refused("288: cancel without a watchdog");
	watchdog_call(0, 14, 0);
	refused("288: less than 15 seconds");
	watchdog_call(0, 15, 2);
	refused("288: no such action");
	watchdog_call(3, 15, 0);
	refused("288: no such function");
	TRAP("diag 3, 4, 0x288", : : : "1", "2", "3", "4", "cc");
	refused("288: odd register");
	watchdog_call(0, 3600, 0);
	check_equal(0, trapped.code, "288: init");
	watchdog_call(1, 7200, 0);
	check_equal(0, trapped.code, "288: change");
	watchdog_call(2, 0, 0);
	check_equal(0, trapped.code, "288: cancel");
}

static void ipl_block(uint64_t subcode, uint64_t expected, const char *what)
{
	DIAGNOSE("0x308", pages, subcode);
	check(!trapped.code && answer == expected, what);
	if (uvc_protected())
		return; /* its block is its own */
	DIAGNOSE("0x308", (uint64_t)pages + 8, subcode);
	refused("308: alignment of the block");
	DIAGNOSE("0x308", NOWHERE_PAGE, subcode);
	expect_trap(PGM_ADDRESSING, 4, BEHIND, "308: the block is not storage");
}

static void ipl_functions(void)
{
	static const uint64_t none[] = {2, 0x101, 0xffff, 0x10001, UINT64_MAX};
	register uint64_t subcode __asm__("4") = 6;
	bool good = true;

	for (unsigned int i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		DIAGNOSE("0x308", pages, none[i]);
		good = good && trapped.code == PGM_SPECIFICATION && trapped.length == 4;
	}
	check(good, "308: subcodes that there are not");
	ipl_block(5, 0x402, "308: a block that is none");
	ipl_block(6, 0x102, "308: there is no block");
	TRAP("diag 3, %0, 0x308", : : "d"(subcode) : "1", "2", "3", "cc", "memory");
	refused("308: odd register");
}

static void unknown(void)
{
	DIAGNOSE("0x318", 0, 0);
	refused("318");
	DIAGNOSE("0x204", pages, 4);
	refused("204");
	DIAGNOSE("0x224", pages, 4);
	refused("224");
	DIAGNOSE("0x260", 0, 0x10);
	refused("260");
	DIAGNOSE("0x2fc", pages, 0);
	refused("2fc");
	DIAGNOSE("0xeee", 0, 0);
	refused("eee");
}

void test_diagnose(void)
{
	release_pages();
	watchdog();
	ipl_functions();
	unknown();
	DIAGNOSE("0x44", 0, 0);
	check_equal(0, trapped.code, "44: yield");
	DIAGNOSE("0x9c", this_cpu(), 0);
	check_equal(0, trapped.code, "9c: yield to a CPU");
	PRIVILEGED("diag 0, 0, 0x44", 0, "problem state");
	PRIVILEGED("diag 2, 4, 0x308", 0, "problem state: 308");
	PRIVILEGED("diag 2, 4, 0xeee", 0, "problem state: a function that there is not");
}
