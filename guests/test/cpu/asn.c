// SPDX-License-Identifier: GPL-2.0-or-later
/* Spaces by their numbers: SET SECONDARY ASN, LOAD ADDRESS SPACE PARAMETERS, PROGRAM TRANSFER. */
#include "test/cpu/check.h"
#include "test/cpu/translation.h"

#define ASN             0x1083U /* entry 42 of the first table, 3 of the second */
#define PASN            0x0005U
#define AX              6U
#define ASN_TRANSLATION 0x80000UL
#define PARAMETERS(km, sasn, ax, pasn)                                                             \
	((uint64_t)(km) << 48 | (uint64_t)(sasn) << 32 | (uint64_t)(ax) << 16 | (pasn))

static struct space primary, secondary, third;
static uint64_t page_a[512] __attribute__((aligned(4096)));
static uint64_t page_b[512] __attribute__((aligned(4096)));
static uint64_t page_c[512] __attribute__((aligned(4096)));

static volatile uint32_t first_table[1024] __attribute__((aligned(4096)));
static volatile uint32_t second_table[64][16] __attribute__((aligned(64)));
static volatile uint32_t own_entry[16] __attribute__((aligned(64)));
static volatile uint8_t authority[4] __attribute__((aligned(4)));

static void put_tables(void)
{
	for (unsigned int i = 0; i < 1024; i++)
		first_table[i] = 0x80000000;
	first_table[ASN >> 6] = (uint32_t)(uint64_t)second_table;
	for (unsigned int i = 0; i < 64; i++)
		second_table[i][0] = 0x80000000;
	second_table[ASN & 63][0] = (uint32_t)(uint64_t)authority;
	second_table[ASN & 63][1] = 0x00770000;
	second_table[ASN & 63][2] = 0;
	second_table[ASN & 63][3] = (uint32_t)space_asce(&third);
	authority[AX / 4] = 0x40 >> (AX % 4) * 2;
}

/* CR1, CR4, CR7, CR14 */
static void load_control(uint64_t translation)
{
	uint64_t v = space_asce(&primary);

	__asm__ volatile("lctlg 1, 1, %0" : : "Q"(v) : "memory");
	v = AX << 16 | PASN;
	__asm__ volatile("lctlg 4, 4, %0" : : "Q"(v) : "memory");
	v = space_asce(&secondary);
	__asm__ volatile("lctlg 7, 7, %0" : : "Q"(v) : "memory");
	v = 0xc2000000UL | translation | (uint64_t)first_table >> 12;
	__asm__ volatile("lctlg 14, 14, %0" : : "Q"(v) : "memory");
}

static uint64_t load(uint64_t space)
{
	uint64_t value = 0, at = WINDOW;

	change_psw(0, PSW_DAT | space);
	TRAP("lg %0, 0(%1)", : "+&d"(value) : "a"(at) : "1");
	change_psw(PSW_DAT | PSW_ASC, 0);
	return value;
}

static void set_secondary(uint32_t asn)
{
	change_psw(0, PSW_DAT);
	TRAP("ssar %0", : : "d"(asn) : "1", "memory");
	change_psw(PSW_DAT, 0);
}

static void expect_asn(uint16_t code, const char *what)
{
	set_secondary(ASN);
	expect_trap(code, 4, AT, what);
	check_equal(ASN, trapped.teid & 0xffffffff, "its number is told");
	check_equal(0xb, load(2UL << 46), "the secondary space is that of before");
	put_tables();
}

static void secondary_asn(void)
{
	first_table[ASN >> 6] = 0x80000000;
	expect_asn(0x20, "AFX translation");
	second_table[ASN & 63][0] = 0x80000000;
	expect_asn(0x21, "ASX translation");
	authority[AX / 4] = 0;
	expect_asn(0x25, "secondary authority");
	TRAP("ssar %0", : : "d"(ASN) : "1", "memory");
	expect_trap(0x13, 4, BEHIND, "SSAR needs DAT");
	load_control(0);
	set_secondary(PASN);
	expect_trap(0x13, 4, BEHIND, "SSAR needs ASN translation");
	load_control(ASN_TRANSLATION);
	set_secondary(ASN);
	check(!trapped.code && load(2UL << 46) == 0xc, "SSAR: another space");
	set_secondary(PASN);
	check(!trapped.code && load(2UL << 46) == 0xa, "SSAR: the primary space");
}

#define LASP(parameters, function)                                                                 \
	({                                                                                         \
		uint64_t operand = (parameters);                                                   \
		uint32_t ipm;                                                                      \
		__asm__ volatile(".insn sse,0xe50000000000,%1," #function "\n\tipm %0"             \
				 : "=d"(ipm)                                                       \
				 : "Q"(operand)                                                    \
				 : "cc", "memory");                                                \
		cc_of(ipm);                                                                        \
	})

static uint64_t control_4(void)
{
	uint64_t v;

	__asm__ volatile("stctg 4, 4, %0" : "=Q"(v));
	return v;
}

static void parameters(void)
{
	load_control(ASN_TRANSLATION);
	first_table[ASN >> 6] = 0x80000000;
	check_equal(1, LASP(PARAMETERS(0x8000, ASN, 0, ASN), 0), "LASP: no primary space");
	check_equal(2, LASP(PARAMETERS(0x8000, ASN, 0, PASN), 0), "LASP: no secondary space");
	put_tables();
	authority[AX / 4] = 0;
	check_equal(2, LASP(PARAMETERS(0x8000, ASN, 0, PASN), 0), "LASP: no authority");
	check_equal(0, LASP(PARAMETERS(0x8000, ASN, 0, PASN), 1), "LASP: none is needed");
	check(load(0) == 0xa && load(2UL << 46) == 0xc, "LASP: another secondary space");
	second_table[ASN & 63][3] |= 0x40;
	check_equal(3, LASP(PARAMETERS(0x8000, ASN, 0, ASN), 0), "LASP: a space-switch event");
	put_tables();
	check_equal(0, LASP(PARAMETERS(0x8000, ASN, 0, ASN), 0), "LASP: both spaces");
	check(load(0) == 0xc && load(2UL << 46) == 0xc, "they are found");
	check_equal(0x77UL << 16 | ASN, control_4(), "with number and index");
}

/* To the instruction behind it, in another space */
static void transfer_behind(void)
{
	uint64_t to = 0xffffUL << 16 | ASN;

	change_psw(0, PSW_DAT);
	TRAP_BETWEEN("larl %%r1, 81f", "pt %0, %%r1", "", : : "d"(to) : "1", "memory");
	change_psw(PSW_DAT, 0);
}

static void transfers(void)
{
	uint64_t v = (uint64_t)own_entry;

	load_control(ASN_TRANSLATION);
	__asm__ volatile("lctlg 5, 5, %0" : : "Q"(v) : "memory");
	transfer_behind();
	expect_trap(0x13, 4, BEHIND, "PT needs linkage");
	own_entry[6] = 0x80000000;
	transfer_behind();
	expect_trap(0x24, 4, AT, "primary authority");
	authority[AX / 4] = 0x80 >> (AX % 4) * 2;
	transfer_behind();
	check_equal(0, trapped.code, "PT: no exception");
	check(load(0) == 0xc && load(2UL << 46) == 0xc, "another space, primary and secondary");
	second_table[ASN & 63][3] |= 0x40;
	load_control(ASN_TRANSLATION);
	__asm__ volatile("lctlg 5, 5, %0" : : "Q"(v) : "memory");
	transfer_behind();
	expect_trap(0x1c, 4, BEHIND, "a space-switch event");
	check_equal(PASN, trapped.teid & 0xffffffff, "tells the space that was left");
	v = 0;
	__asm__ volatile("lctlg 5, 5, %0" : : "Q"(v) : "memory");
	put_tables();
}

void test_address_space_numbers(void)
{
	uint64_t cr0 = read_cr0(), cr14 = 0xc2000000UL;

	page_a[0] = 0xa;
	page_b[0] = 0xb;
	page_c[0] = 0xc;
	space_init(&primary, page_a);
	space_init(&secondary, page_b);
	space_init(&third, page_c);
	put_tables();
	load_control(ASN_TRANSLATION);
	write_cr0(cr0 | CR0_SPACES);
	secondary_asn();
	parameters();
	transfers();
	write_cr0(cr0);
	__asm__ volatile("lctlg 14, 14, %0" : : "Q"(cr14) : "memory");
}
