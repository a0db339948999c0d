// SPDX-License-Identifier: GPL-2.0-or-later
/* The message-security assist, data exceptions, facilities that go with others. */
#include "test/control/control.h"

#include "runtime/cpu_facility.h"

static uint8_t block[256] __attribute__((aligned(8)));

/* Function code in GR0, parameter block in GR1 */
#define FUNCTION(code, text)                                                                       \
	({                                                                                         \
		uint32_t ipm_;                                                                     \
		TRAP_BETWEEN("lghi 0, " #code "\n\tlgr 1, %1", text, "ipm %0",                     \
			     : "=&d"(ipm_)                                                         \
			     : "d"(block)                                                          \
			     : "0", "1", "2", "3", "4", "5", "6", "7", "cc", "memory");            \
		cc_of(ipm_);                                                                       \
	})

/* Query; then a function that there is not; then a register that is no pair */
#define QUERY(text, odd, facility, what)                                                           \
	do {                                                                                       \
		uint32_t cc_;                                                                      \
		if (!cpu_has_facility(facility)) {                                                 \
			FUNCTION(0, text);                                                         \
			expect_trap(PGM_OPERATION, 4, BEHIND, what ": not offered");               \
			break;                                                                     \
		}                                                                                  \
		block[0] = 0;                                                                      \
		cc_ = FUNCTION(0, text);                                                           \
		check(!trapped.code && !cc_ && (block[0] & 0x80), what ": query");                 \
		FUNCTION(0x7f, text);                                                              \
		expect_trap(PGM_SPECIFICATION, 4, BEHIND, what ": no such function");              \
		FUNCTION(0, odd);                                                                  \
		expect_trap(PGM_SPECIFICATION, 4, BEHIND, what ": registers");                     \
	} while (0)

void test_cryptography(void)
{
	QUERY(".long 0xb92e0024", ".long 0xb92e0034", 17, "KM");
	QUERY(".long 0xb92f0024", ".long 0xb92f0020", 17, "KMC");
	QUERY(".long 0xb91e0024", ".long 0xb91e0025", 17, "KMAC");
	QUERY(".long 0xb93e0024", ".long 0xb93e0023", 17, "KIMD");
	QUERY(".long 0xb93f0024", ".long 0xb93f0020", 17, "KLMD");
	QUERY(".long 0xb92a0024", ".long 0xb92a0004", 77, "KMF");
	QUERY(".long 0xb92b0024", ".long 0xb92b0054", 77, "KMO");
	QUERY(".long 0xb92d6024", ".long 0xb92d7024", 77, "KMCTR");
	QUERY(".long 0xb93c0024", ".long 0xb93c0014", 57, "PRNO");
	QUERY(".long 0xb9280000", ".long 0xb9280000", 76, "PCKMO");
}

/* ---- data exceptions ---- */

static uint32_t floating_point_control(void)
{
	uint32_t fpc;

	__asm__ volatile("efpc %0" : "=d"(fpc));
	return fpc;
}

static void clear_floating_point_control(void)
{
	__asm__ volatile("sfpc %0" : : "d"(0));
}

void test_traps(void)
{
	uint64_t cr0 = read_cr0(), afp = cr0 | 0x40000;
	uint32_t ipm;

	write_cr0(afp);
	clear_floating_point_control();
	TRAP("citlh %0, 0", : : "d"(1) : "1");
	expect_trap(PGM_DATA, 6, BEHIND, "CIT");
	check_equal(0xff, trapped.dxc, "its data-exception code");
	check_equal(0xff00, floating_point_control(), "it is in the control register, too");
	clear_floating_point_control();
	write_cr0(afp & ~0x40000UL);
	TRAP("citlh %0, 0", : : "d"(1) : "1");
	write_cr0(afp);
	check(trapped.code == PGM_DATA && trapped.dxc == 0xff, "CIT without AFP");
	check_equal(0, floating_point_control(), "the control register stays");
	write_cr0(afp & ~0x40000UL);
	TRAP("lzdr 4", : : : "1");
	check_equal(0, trapped.code, "register 4 needs no AFP");
	TRAP("ltdbr 0, 0", : : : "1", "cc");
	check(trapped.code == PGM_DATA && trapped.dxc == 2, "BFP without AFP");
	TRAP("sfpc 2", : : : "1");
	check(trapped.code == PGM_DATA && trapped.dxc == 2, "SFPC without AFP");
	write_cr0(cr0);
	for (uint32_t cc = 0; cc < 4; cc++) {
		uint32_t set = cc << 28;

		__asm__ volatile("spm %1\n\tipm %0" : "=d"(ipm) : "d"(set) : "cc");
		check_equal(cc, cc_of(ipm), "SPM and IPM");
	}
}

/* ---- facilities ---- */

void test_facilities(void)
{
	static const uint8_t needs[][2] = {
		{4, 3},     {5, 3},     {5, 4},     {19, 18},   {37, 42},   {43, 42},
		{73, 49},   {134, 129}, {135, 129}, {139, 25},  {139, 28},  {145, 66},
		{146, 76},  {147, 146}, {148, 129}, {148, 135}, {149, 49},  {150, 34},
		{152, 129}, {152, 134}, {154, 77},  {155, 76},  {155, 77},  {158, 138},
		{165, 148}, {169, 146}, {192, 165}, {193, 45},  {196, 194},
	};
	bool good = true;

	for (unsigned int i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		good = good && (!cpu_has_facility(needs[i][0]) || cpu_has_facility(needs[i][1]));
	check(good, "what goes with others is there with them");
	check(cpu_has_facility(1) && cpu_has_facility(2) && cpu_has_facility(138),
	      "z/Architecture");
}
