// SPDX-License-Identifier: GPL-2.0-or-later
/* Access-register mode: three spaces at once, and every way an ALET can be wrong. */
#include "test/cpu/check.h"
#include "test/cpu/translation.h"

#define ALET 0x00050001U /* sequence number 5, entry 1 */

static struct space primary, secondary, third;
static uint64_t page_a[512] __attribute__((aligned(4096)));
static uint64_t page_b[512] __attribute__((aligned(4096)));
static uint64_t page_c[512] __attribute__((aligned(4096)));

static uint32_t unit_control[16] __attribute__((aligned(64)));
static volatile uint32_t list[8][4] __attribute__((aligned(128)));
static volatile uint32_t second_table[16] __attribute__((aligned(64)));

static void put_list(void)
{
	unit_control[4] = (uint32_t)(uint64_t)list;
	for (unsigned int i = 0; i < 8; i++)
		list[i][0] = 0x80000000;
	list[1][0] = 0x00050000;
	list[1][2] = (uint32_t)(uint64_t)second_table;
	list[1][3] = 9;
	second_table[0] = 0;
	second_table[2] = 0;
	second_table[3] = (uint32_t)space_asce(&third);
	second_table[5] = 9;
	__asm__ volatile("palb" : : : "memory");
}

static void load_control(void)
{
	uint64_t v = space_asce(&primary);

	__asm__ volatile("lctlg 1, 1, %0" : : "Q"(v) : "memory");
	v = space_asce(&secondary);
	__asm__ volatile("lctlg 7, 7, %0" : : "Q"(v) : "memory");
	v = (uint64_t)unit_control;
	__asm__ volatile("lctlg 2, 2, %0" : : "Q"(v) : "memory");
}

/* A load at WINDOW with an ALET in the access register of its base */
static uint64_t load(uint32_t alet)
{
	register uint64_t at __asm__("6") = WINDOW;
	register uint64_t value __asm__("2") = 0;

	__asm__ volatile("sar %%a6, %0" : : "d"(alet));
	change_psw(0, PSW_DAT | PSW_AR);
	TRAP("lg %0, 0(%1)", : "+d"(value) : "a"(at) : "1");
	change_psw(PSW_DAT | PSW_ASC, 0);
	__asm__ volatile("sar %%a6, %0" : : "d"(0));
	return value;
}

/* The compiler's own accesses use access registers, too: these are zero then */
static void clear_registers(void)
{
	static const uint32_t zeros[16];

	__asm__ volatile("lam %%a0, %%a15, %0" : : "Q"(zeros));
}

static void exceptions(void)
{
	load(ALET | 0x02000000);
	expect_trap(0x28, 6, BEHIND, "ALET specification");
	check_equal(6, trapped.access_id, "names the access register");
	load(ALET + 1);
	expect_trap(0x29, 6, AT, "ALEN translation");
	load(ALET + 8);
	expect_trap(0x29, 6, AT, "beyond the list");
	load(ALET ^ 0x10000);
	expect_trap(0x2a, 6, AT, "ALE sequence");
	second_table[0] = 0x80000000;
	load(ALET);
	expect_trap(0x2b, 6, AT, "ASTE validity");
	put_list();
	second_table[5] = 10;
	load(ALET);
	expect_trap(0x2c, 6, AT, "ASTE sequence");
	put_list();
	list[1][0] = 0x01050001; /* private, of another authority */
	load(ALET);
	expect_trap(0x2d, 6, AT, "extended authority");
	put_list();
	*space_window(&third) = PAGE_INVALID;
	purge();
	load(ALET);
	expect_trap(0x11, 6, AT, "page translation");
	check(trapped.access_id == 6 && (trapped.teid & 3) == 1, "told as an access register's");
	*space_window(&third) = (uint64_t)page_c;
}

static void two_operands(void)
{
	register uint64_t to __asm__("6") = WINDOW;
	register uint64_t from __asm__("7") = WINDOW;

	__asm__ volatile("sar %%a6, %0\n\tsar %%a7, %1" : : "d"(ALET), "d"(1));
	change_psw(0, PSW_DAT | PSW_AR);
	__asm__ volatile("mvc 0(8,%0), 0(%1)" : : "a"(to), "a"(from) : "memory");
	change_psw(PSW_DAT | PSW_ASC, 0);
	clear_registers();
	check(page_c[0] == 0xb && page_a[0] == 0xa, "MVC from one space to another");
}

void test_access_registers(void)
{
	page_a[0] = 0xa;
	page_b[0] = 0xb;
	page_c[0] = 0xc;
	space_init(&primary, page_a);
	space_init(&secondary, page_b);
	space_init(&third, page_c);
	clear_registers();
	put_list();
	load_control();
	check_equal(0xa, load(0), "ALET 0: primary space");
	check_equal(0xb, load(1), "ALET 1: secondary space");
	check_equal(0xc, load(ALET), "an entry of the access list");
	exceptions();
	two_operands();
}
