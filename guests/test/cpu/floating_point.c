// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Binary floating point: rounding, flags, traps, and the registers that need a bit in CR0.
 *
 * The program is compiled without floating point, so the registers are the tests' own; values are
 * bit patterns.
 */
#include "test/cpu/check.h"

#define CR0_AFP      0x00040000UL
#define DXC_REGISTER 1
#define DXC_BFP      2

#define THREE_HALVES 0x3ff8000000000000UL
#define ONE          0x3ff0000000000000UL
#define TWO          0x4000000000000000UL
#define THREE        0x4008000000000000UL
#define TEN          0x4024000000000000UL
#define LARGEST      0x7fefffffffffffffUL
#define INFINITE     0x7ff0000000000000UL
#define NAN          0x7ff8000000000000UL
#define NEGATIVE     0x8000000000000000UL

/* The floating-point control register: trap masks, flags, data-exception code, rounding mode */
#define TRAP_DIVIDE  0x40000000U
#define TRAP_INEXACT 0x08000000U
#define FLAG_INVALID 0x00800000U
#define FLAG_DIVIDE  0x00400000U
#define FLAG_OVER    0x00200000U
#define FLAG_INEXACT 0x00080000U
#define FPC_DXC      0x0000ff00U

enum rounding {
	NEAREST,
	TO_ZERO,
	UP,
	DOWN
};

static void set_fpc(uint32_t fpc)
{
	__asm__ volatile("sfpc %0" : : "d"(fpc));
}

static uint32_t get_fpc(void)
{
	uint32_t fpc;

	__asm__ volatile("efpc %0" : "=d"(fpc));
	return fpc;
}

/* text: an operation on the registers 0 and 2 */
#define BINARY(text, a, b)                                                                         \
	({                                                                                         \
		uint64_t result_;                                                                  \
		__asm__ volatile("ldgr %%f0, %1\n\tldgr %%f2, %2\n\t" text "\n\tlgdr %0, %%f0"     \
				 : "=d"(result_)                                                   \
				 : "d"(a), "d"(b)                                                  \
				 : "cc");                                                          \
		result_;                                                                           \
	})

#define CONDITION(text, a, b)                                                                      \
	({                                                                                         \
		uint32_t ipm_;                                                                     \
		__asm__ volatile("ldgr %%f0, %1\n\tldgr %%f2, %2\n\t" text "\n\tipm %0"            \
				 : "=d"(ipm_)                                                      \
				 : "d"(a), "d"(b)                                                  \
				 : "cc");                                                          \
		cc_of(ipm_);                                                                       \
	})

static void registers(void)
{
	uint64_t cr0 = read_cr0();

	write_cr0(cr0 & ~CR0_AFP);
	TRAP("ldr %%f0, %%f6", : : : "1");
	check_equal(0, trapped.code, "without AFP: registers 0, 2, 4 and 6");
	TRAP("ldr %%f0, %%f1", : : : "1");
	expect_trap(0x07, 2, BEHIND, "without AFP: no other register");
	check_equal(DXC_REGISTER, trapped.dxc, "its data-exception code");
	TRAP("adbr %%f0, %%f2", : : : "1", "cc");
	expect_trap(0x07, 4, BEHIND, "without AFP: no binary floating point");
	check_equal(DXC_BFP, trapped.dxc, "its data-exception code");
	write_cr0(cr0 | CR0_AFP);
	TRAP("ldr %%f15, %%f1", : : : "1");
	check_equal(0, trapped.code, "with AFP: all registers");
}

static void arithmetic(void)
{
	set_fpc(0);
	check_equal(THREE, BINARY("adbr %%f0, %%f2", ONE, TWO), "1 + 2");
	check_equal(ONE | NEGATIVE, BINARY("sdbr %%f0, %%f2", ONE, TWO), "1 - 2");
	check_equal(THREE_HALVES, BINARY("ddbr %%f0, %%f2", THREE, TWO), "3 / 2");
	check_equal(0x4010000000000000UL, BINARY("madbr %%f0, %%f2, %%f2", 0UL, TWO), "2 * 2 + 0");
	check_equal(0, get_fpc(), "exact results leave no flags");
	check_equal(0x3ff6a09e667f3bcdUL, BINARY("sqdbr %%f0, %%f2", 0UL, TWO), "square root of 2");
	check_equal(0x3eaaaaab,
		    BINARY("debr %%f0, %%f2", 0x3f80000000000000UL, 0x4040000000000000UL) >> 32,
		    "1 / 3, short");
	check_equal(0x3fb99999a0000000UL,
		    BINARY("ddbr %%f0, %%f2\n\tledbr %%f0, %%f0\n\tldebr %%f0, %%f0", ONE, TEN),
		    "rounded to short and back");
	check_equal(
		0x5555555555555555UL,
		BINARY("lxdbr %%f4, %%f2\n\tlxdbr %%f0, %%f0\n\tdxbr %%f0, %%f4\n\tldr %%f0, %%f2",
		       ONE, THREE),
		"1 / 3, the second half of an extended number");
}

static uint64_t third(uint64_t one, enum rounding mode)
{
	set_fpc(mode);
	return BINARY("ddbr %%f0, %%f2", one, THREE);
}

static void rounding(void)
{
	const uint64_t low = 0x3fd5555555555555UL, minus = NEGATIVE | ONE;

	check_equal(low, third(ONE, NEAREST), "1 / 3 to nearest");
	check_equal(low, third(ONE, TO_ZERO), "towards zero");
	check_equal(low + 1, third(ONE, UP), "upwards");
	check_equal(low, third(ONE, DOWN), "downwards");
	check_equal(NEGATIVE | low, third(minus, UP), "-1 / 3 upwards");
	check_equal(NEGATIVE | (low + 1), third(minus, DOWN), "downwards");
	check_equal(FLAG_INEXACT | DOWN, get_fpc(), "the inexact flag");
	__asm__ volatile("srnm 2");
	check_equal(FLAG_INEXACT | UP, get_fpc(), "SET ROUNDING MODE changes the mode alone");
}

static int64_t to_integer_nearest(uint64_t v)
{
	int64_t result;

	__asm__ volatile("ldgr %%f0, %1\n\tcgdbr %0, 4, %%f0" : "=d"(result) : "d"(v) : "cc");
	return result;
}

static int64_t to_integer_up(uint64_t v)
{
	int64_t result;

	__asm__ volatile("ldgr %%f0, %1\n\tcgdbr %0, 6, %%f0" : "=d"(result) : "d"(v) : "cc");
	return result;
}

static void conversion(void)
{
	set_fpc(0);
	check_equal(2, (uint64_t)to_integer_nearest(0x4004000000000000UL), "2.5 to the even 2");
	check_equal(3, (uint64_t)to_integer_up(0x4004000000000000UL), "2.5 upwards");
	check_equal(0x7fffffffffffffffUL, (uint64_t)to_integer_nearest(INFINITE),
		    "infinity: largest");
	check_equal(FLAG_INVALID, get_fpc() & FLAG_INVALID, "and the invalid flag");
	check_equal(3, CONDITION("cgdbr %%r0, 0, %%f0", NAN, 0UL), "NaN: condition code 3");
}

static void flags(void)
{
	set_fpc(0);
	check_equal(INFINITE, BINARY("ddbr %%f0, %%f2", ONE, 0UL), "1 / 0");
	check_equal(FLAG_DIVIDE, get_fpc(), "its flag");
	set_fpc(0);
	check_equal(NAN, BINARY("ddbr %%f0, %%f2", 0UL, 0UL), "0 / 0");
	check_equal(FLAG_INVALID, get_fpc(), "its flag");
	set_fpc(0);
	check_equal(INFINITE, BINARY("mdbr %%f0, %%f2", LARGEST, LARGEST), "overflow");
	check_equal(FLAG_OVER | FLAG_INEXACT, get_fpc(), "its flags");
	set_fpc(0);
	check_equal(1, CONDITION("cdbr %%f0, %%f2", ONE, TWO), "1 is less than 2");
	check_equal(3, CONDITION("cdbr %%f0, %%f2", ONE, NAN), "a NaN is unordered");
	check_equal(0, get_fpc(), "without a flag");
	check_equal(3, CONDITION("kdbr %%f0, %%f2", ONE, NAN), "COMPARE AND SIGNAL");
	check_equal(FLAG_INVALID, get_fpc(), "with one");
}

static uint64_t divide_trapped(uint64_t a, uint64_t b)
{
	uint64_t result;

	__asm__ volatile("ldgr %%f0, %0\n\tldgr %%f2, %1" : : "d"(a), "d"(b));
	TRAP("ddbr %%f0, %%f2", : : : "1", "cc");
	__asm__ volatile("lgdr %0, %%f0" : "=d"(result));
	return result;
}

static void traps(void)
{
	set_fpc(TRAP_DIVIDE);
	check_equal(ONE, divide_trapped(ONE, 0), "a trap for 1 / 0 suppresses it");
	expect_trap(0x07, 4, BEHIND, "as a data exception");
	check_equal(0x40, trapped.dxc, "its data-exception code");
	check_equal(TRAP_DIVIDE | 0x4000, get_fpc(),
		    "the code is in the control register, no flag is");
	set_fpc(TRAP_INEXACT);
	check_equal(0x3fd5555555555555UL, divide_trapped(ONE, THREE), "inexact: completed");
	expect_trap(0x07, 4, BEHIND, "and a data exception");
	check_equal(0x08, trapped.dxc, "truncated");
	check_equal(0x3fb999999999999aUL, divide_trapped(ONE, TEN), "inexact: completed");
	check_equal(0x0c, trapped.dxc, "incremented");
	check_equal(0x0c00, get_fpc() & FPC_DXC, "in the control register, too");
	check_equal(THREE_HALVES, divide_trapped(THREE, TWO), "exact");
	check_equal(0, trapped.code, "is no exception");
	set_fpc(0);
}

void test_floating_point(void)
{
	uint64_t cr0 = read_cr0();

	registers();
	arithmetic();
	rounding();
	conversion();
	flags();
	traps();
	write_cr0(cr0);
}
