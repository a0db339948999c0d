// SPDX-License-Identifier: GPL-2.0-or-later
/* Instruction-execution protection: pages and large frames that hold data and no code. */
#include "test/cpu/check.h"
#include "test/cpu/translation.h"
#include "runtime/cpu_facility.h"

#define CR0_IEP 0x100000UL
#define IEP     0x100UL
#define FRAME   0x400UL
#define REGION3 0x04UL
#define HUGE    0x80000000UL

#define LHI_2 0xa728U
#define BR_14 0x07feU

static struct space space;
static uint64_t regions[512] __attribute__((aligned(4096)));
static uint16_t code[2048] __attribute__((aligned(4096)));
static uint64_t result;

static void put_tables(void)
{
	space_init(&space, code);
	for (unsigned int i = 0; i < 512; i++)
		regions[i] = ENTRY_INVALID | REGION3;
	regions[0] = (uint64_t)space.segments | REGION3;
	regions[1] = FRAME | REGION3;
	space.segments[3] = FRAME;
	uint64_t asce = (uint64_t)regions | REGION3;
	__asm__ volatile("lctlg 1, 1, %0" : : "Q"(asce) : "memory");
	code[0] = LHI_2;
	code[1] = 42;
	code[2] = BR_14;
}

/* The function there is called; @result is 42 if it was executed */
static void call(uint64_t at)
{
	register uint64_t r2 __asm__("2") = 0;

	change_psw(0, PSW_DAT);
	TRAP("basr %%r14, %1", : "+&d"(r2) : "a"(at) : "1", "14", "memory");
	result = r2;
	change_psw(PSW_DAT, 0);
}

static void executes(uint64_t at, const char *what)
{
	call(at);
	check(trapped.code == 0 && result == 42, what);
}

/* The interruption is that of the instruction there: suppressed, with its kind in bits 56, 60, 61
 */
static void refused(uint64_t at, const char *what)
{
	call(at);
	check(trapped.code == 4 && result == 0 && trapped.address == at + trapped.length &&
		      (trapped.mask & PSW_DAT),
	      what);
	check_equal((at & ~0xfffUL) | 0x884, trapped.teid, "told as such");
}

static void pages(void)
{
	volatile uint64_t *entry = space_window(&space);
	uint64_t at = WINDOW, value = 0, table = (uint64_t)space.pages[2];

	executes(WINDOW, "a page without the bit");
	*entry |= IEP;
	purge();
	refused(WINDOW, "a page with it");
	change_psw(0, PSW_DAT);
	TRAP("lg %0, 0(%1)\n\tstg %0, 8(%1)", : "+&d"(value) : "a"(at) : "1", "memory");
	change_psw(PSW_DAT, 0);
	check(trapped.code == 0 && value == *(uint64_t *)(code + 4), "it is read and written");
	refused(WINDOW, "and still not executed");
	change_psw(0, PSW_DAT);
	TRAP("ex 0, 0(%0)", : : "a"(at) : "1", "2", "memory");
	change_psw(PSW_DAT, 0);
	expect_trap(0x04, 4, BEHIND, "a target of EXECUTE");
	check_equal(WINDOW | 0x884, trapped.teid, "told as the target's");
	/* by instructions that purge */
	__asm__ volatile("ipte %0, %1" : : "a"(table), "a"(at) : "memory");
	*entry = (uint64_t)code;
	executes(WINDOW, "IPTE, and an entry without the bit");
	__asm__ volatile("ipte %0, %1" : : "a"(table), "a"(at) : "memory");
	*entry = (uint64_t)code | IEP;
	refused(WINDOW, "IPTE, and an entry with it");
}

static void frames(void)
{
	uint64_t at = (uint64_t)code;

	executes(0x300000 + at, "a frame of 1 MiB without the bit");
	space.segments[3] |= IEP;
	purge();
	refused(0x300000 + at, "with it");
	if (!cpu_has_facility(78))
		return;
	executes(HUGE + at, "a frame of 2 GiB without the bit");
	regions[1] |= IEP;
	purge();
	refused(HUGE + at, "with it");
}

void test_execution(void)
{
	uint64_t cr0 = read_cr0();

	if (!cpu_has_facility(130))
		return;
	put_tables();
	write_cr0(cr0 | CR0_EDAT | CR0_IEP);
	pages();
	frames();
	write_cr0((cr0 | CR0_EDAT) & ~CR0_IEP);
	executes(WINDOW, "the control is off");
	write_cr0(cr0 | CR0_IEP);
	refused(WINDOW, "the control is on");
	write_cr0(cr0);
}
