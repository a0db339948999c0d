// SPDX-License-Identifier: GPL-2.0-or-later
/* Program interruptions with their lengths and old PSWs, supervisor call, PSWs that are wrong. */
#include "boot/cpu.h"
#include "test/cpu/check.h"
#include "runtime/lowcore.h"

#define LC_SVC_ILC     0x88
#define LC_SVC_CODE    0x8a
#define LC_SVC_OLD_PSW 0x140
#define LC_SVC_NEW_PSW 0x1c0
#define LC_MON_CLASS   0x94
#define LC_MON_CODE    0xb0

static void instructions(void)
{
	static const uint32_t execute[2] __attribute__((aligned(8))) = {0x44000000, 0};
	uint64_t zero = 0;

	TRAP(".short 0", : : : "1");
	expect_trap(0x01, 2, BEHIND, "operation, two bytes");
	TRAP(".long 0xb2ff0000", : : : "1");
	expect_trap(0x01, 4, BEHIND, "operation, four bytes");
	TRAP("ex 0, 0(%0)", : : "a"(execute) : "1");
	expect_trap(0x03, 4, BEHIND, "execute of execute");
	TRAP("ex 0, 1(%0)", : : "a"(execute) : "1");
	expect_trap(0x06, 4, BEHIND, "odd target of execute");
	TRAP(".short 0x1d30", : : : "1", "2", "3"); /* dr 3,0 */
	expect_trap(0x06, 2, BEHIND, "odd register pair");
	TRAP("dr 2, %0", : : "d"(zero) : "1", "2", "3");
	expect_trap(0x09, 2, BEHIND, "division by zero");
	TRAP("cs 2, 3, 2(%0)", : : "a"(execute) : "1", "2", "3", "cc");
	expect_trap(0x06, 4, BEHIND, "unaligned compare and swap");
}

static void data_exceptions(void)
{
	uint64_t cr0 = read_cr0();

	write_cr0(cr0 & ~0x40000UL);
	TRAP(".short 0x2801", : : : "1"); /* ldr 0,1 */
	expect_trap(0x07, 2, BEHIND, "floating-point register without AFP");
	check_equal(1, trapped.dxc, "its data-exception code");
	write_cr0(cr0);
}

static void overflow(void)
{
	int32_t v = 0x7fffffff;
	uint32_t cc;

	change_psw(0, 0x0000080000000000UL);
	TRAP("ahi %0, 1", : "+d"(v) : : "1", "cc");
	__asm__ volatile("ipm %0" : "=d"(cc));
	change_psw(0x0000080000000000UL, 0);
	expect_trap(0x08, 4, BEHIND, "fixed-point overflow");
	check_equal(0x80000000, (uint32_t)v, "overflow completes the instruction");
	check_equal(3, trapped.mask >> 44 & 3, "overflow sets the condition code");
}

/* Nothing can be told from problem state; a supervisor call leads out of it */
static void problem_state(void)
{
	uint64_t new_psw = LC_SVC_NEW_PSW, word = 0;

	change_psw(0, PSW_USER);
	TRAP("stctg 0, 0, %0", : "=Q"(word) : : "1");
	__asm__ volatile("	larl	%%r1, 0f\n"
			 "	stg	%%r1, 8(%0)\n"
			 "	llilh	%%r1, 0x8000\n"
			 "	oihl	%%r1, 1\n"
			 "	stg	%%r1, 0(%0)\n"
			 "	svc	0x2a\n"
			 "0:\n"
			 :
			 : "a"(new_psw)
			 : "1", "memory");
	expect_trap(0x02, 6, BEHIND, "privileged operation");
	check(trapped.mask & PSW_USER, "its old PSW is in problem state");
	check_equal(0x2a, lowcore_u16(LC_SVC_CODE), "supervisor call: number");
	check_equal(2, lowcore_u16(LC_SVC_ILC), "supervisor call: length");
	check(lowcore_u64(LC_SVC_OLD_PSW) & PSW_USER, "supervisor call: old PSW");
}

static void monitor_call(void)
{
	uint64_t cr8 = 0x8000 >> 13, old;

	__asm__ volatile("stctg 8, 8, %0\n\tlctlg 8, 8, %1" : "=Q"(old) : "Q"(cr8));
	TRAP("mc 0x123, 13", : : : "1");
	expect_trap(0x40, 4, BEHIND, "monitor event");
	check_equal(13, lowcore_u16(LC_MON_CLASS), "monitor class");
	check_equal(0x123, lowcore_u64(LC_MON_CODE), "monitor code");
	TRAP("mc 0x123, 12", : : : "1");
	check_equal(0, trapped.code, "another class is not monitored");
	__asm__ volatile("lctlg 8, 8, %0" : : "Q"(old));
}

static void invalid_psws(void)
{
	static struct psw bad[] = {
		{0x8000000180000000, 0x2000},
		{0x0008000180000000, 0x2000},
		{0x0000000100000000, 0x2000},
		{0x0000000080000000, 0x80002000},
	};
	static struct psw odd = {PSW_MASK_64BIT, 0x2001};
	bool good = true;

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		TRAP("lpswe %0", : : "Q"(bad[i]) : "1", "cc", "memory");
		good = good && trapped.code == 0x06 && trapped.length == 0 &&
		       trapped.mask == bad[i].mask && trapped.address == bad[i].addr;
	}
	check(good, "invalid PSWs: early, old PSW is the invalid one, length 0");
	TRAP("lpswe %0", : : "Q"(odd) : "1", "cc", "memory");
	check(trapped.code == 0x06 && trapped.address == 0x2001UL + trapped.length,
	      "odd instruction address: late");
	TRAP("stosm 0x200, 0x80", : : : "1", "cc", "memory");
	check(trapped.code == 0x06 && trapped.length == 4 && (trapped.mask >> 63),
	      "a system mask with a bit too many tells its instruction's length");
}

void test_interruptions(void)
{
	instructions();
	data_exceptions();
	overflow();
	monitor_call();
	invalid_psws();
	problem_state();
}
