// SPDX-License-Identifier: GPL-2.0-or-later
/* Operands of more than 256 bytes: moved, padded, compared, in units and across pages. */
#include "test/cpu/check.h"

#define SIZE 0x5000UL

static uint8_t from[SIZE] __attribute__((aligned(4096)));
static uint8_t to[SIZE] __attribute__((aligned(4096)));

static void fill(void)
{
	for (unsigned long i = 0; i < SIZE; i++) {
		from[i] = (uint8_t)(i * 7 + (i >> 8));
		to[i] = 0xee;
	}
}

static bool copied(unsigned long offset, unsigned long source, unsigned long len)
{
	for (unsigned long i = 0; i < len; i++)
		if (to[offset + i] != from[source + i])
			return false;
	return true;
}

/* One register pair each */
struct pair {
	uint64_t address;
	uint64_t length;
};

static unsigned int mvcl(struct pair *a, struct pair *b)
{
	register uint64_t r2 __asm__("2") = a->address, r3 __asm__("3") = a->length;
	register uint64_t r4 __asm__("4") = b->address, r5 __asm__("5") = b->length;
	uint32_t cc;

	__asm__ volatile("mvcl 2, 4\n\tipm %0"
			 : "=d"(cc), "+d"(r2), "+d"(r3), "+d"(r4), "+d"(r5)
			 :
			 : "cc", "memory");
	*a = (struct pair){r2, r3};
	*b = (struct pair){r4, r5};
	return cc_of(cc);
}

static unsigned int clcl(struct pair *a, struct pair *b)
{
	register uint64_t r2 __asm__("2") = a->address, r3 __asm__("3") = a->length;
	register uint64_t r4 __asm__("4") = b->address, r5 __asm__("5") = b->length;
	uint32_t cc;

	__asm__ volatile("clcl 2, 4\n\tipm %0"
			 : "=d"(cc), "+d"(r2), "+d"(r3), "+d"(r4), "+d"(r5)
			 :
			 : "cc", "memory");
	*a = (struct pair){r2, r3};
	*b = (struct pair){r4, r5};
	return cc_of(cc);
}

static void moves(void)
{
	struct pair a = {(uint64_t)to + 5, 0x3800}, b = {(uint64_t)from + 11, 0x77003000};

	fill();
	b.length = 0x77000000 | 0x3000;
	check_equal(2, mvcl(&a, &b), "MVCL: first operand longer");
	check(copied(5, 11, 0x3000), "MVCL: every byte");
	check(to[5 + 0x3000] == 0x77 && to[5 + 0x37ff] == 0x77, "MVCL: padding");
	check(to[4] == 0xee && to[5 + 0x3800] == 0xee, "MVCL: nothing around it");
	check(a.length == 0 && a.address == (uint64_t)to + 0x3805 &&
		      b.address == (uint64_t)from + 11 + 0x3000 && (b.length & 0xffffff) == 0,
	      "MVCL: registers");
	a = (struct pair){(uint64_t)from + 0x100, 0x200};
	b = (struct pair){(uint64_t)from, 0x200};
	check_equal(3, mvcl(&a, &b), "MVCL: destructive overlap");
}

static void extended_move(void)
{
	register uint64_t r2 __asm__("2") = (uint64_t)to;
	register uint64_t r3 __asm__("3") = 0x4800;
	register uint64_t r4 __asm__("4") = (uint64_t)from + 1;
	register uint64_t r5 __asm__("5") = 0x4000;
	uint32_t cc;

	fill();
	__asm__ volatile("0:	mvcle	2, 4, 0x55\n"
			 "	jo	0b\n"
			 "	ipm	%0"
			 : "=d"(cc), "+d"(r2), "+d"(r3), "+d"(r4), "+d"(r5)
			 :
			 : "cc", "memory");
	check_equal(2, cc_of(cc), "MVCLE: condition code in the end");
	check(copied(0, 1, 0x4000) && to[0x4000] == 0x55 && to[0x47ff] == 0x55 &&
		      to[0x4800] == 0xee,
	      "MVCLE: bytes and padding");
}

static void comparison(void)
{
	struct pair a = {(uint64_t)from, 0x4000}, b = {(uint64_t)to, 0x4000};

	fill();
	for (unsigned long i = 0; i < SIZE; i++)
		to[i] = from[i];
	check_equal(0, clcl(&a, &b), "CLCL: equal");
	to[0x2fff] = (uint8_t)(from[0x2fff] + 1);
	a = (struct pair){(uint64_t)from, 0x4000};
	b = (struct pair){(uint64_t)to, 0x4000};
	clcl(&a, &b);
	check(a.address == (uint64_t)from + 0x2fff && a.length == 0x1001,
	      "CLCL: stops at the byte that differs");
}

/* A byte is moved after the one before it: the first byte spreads */
static void overlap(void)
{
	bool good = true;

	fill();
	to[0xff0] = 0x11;
	__asm__ volatile("mvc 1(200, %0), 0(%0)" : : "a"(to + 0xff0) : "memory");
	for (unsigned int i = 0; i <= 200; i++)
		good = good && to[0xff0 + i] == 0x11;
	check(good, "MVC: overlapping by one byte, across a page");
}

void test_long_operands(void)
{
	moves();
	extended_move();
	comparison();
	overlap();
}
