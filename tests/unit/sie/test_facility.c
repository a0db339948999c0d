/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facility list is honest: a bit is on if, and only if, all instructions it stands for exist.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sie/insn.h"
#include "sie/sie.h"
#include "tests/unit/sie/fixture.h"
#include "tests/unit/sie/row_text.h"

/* What the Principles of Operation put behind a bit. Those that add none have no line. */
static const struct {
	unsigned int nr;
	const char *names;
} facilities[] = {
	{3, "CSPG IDTE"},
	{7, "STFLE"},
	{8, "PFMF"},
	{16, "CLCLU MVCLU PKA PKU TP TROO TROT TRTO TRTT UNPKA UNPKU"},
	{17, "KIMD KLMD KM KMAC KMC"},
	{18, "AHY ALY AY CDSY CHY CLIY CLMY CLY CSY CVBY CVDY CY ICMY ICY LAMY LAY LB LDY LEY LGB "
	     "LHY LMY LRAY LY MSY MVIY NIY NY OIY OY SHY SLY STAMY STCMY STCY STDY STEY STHY STMY "
	     "STY SY TMY XIY XY"},
	{21, "AFI AGFI ALFI ALGFI CFI CGFI CLFI CLGFI FLOGR IIHF IILF LBR LGBR LGFI LGHR LHR LLC "
	     "LLCR LLGCR LLGHR LLH LLHR LLIHF LLILF LT LTG NIHF NILF OIHF OILF SLFI SLGFI XIHF "
	     "XILF"},
	{22, "CU14 CU24 CU41 CU42 SRSTU TRTR"},
	{25, "STCKF"},
	{26, "TRTE TRTRE"},
	{27, "MVCOS"},
	{28, "PTFF"},
	{31, "ECTG"},
	{32, "CSST"},
	{34,
	 "AGSI ALGSI ALSI ASI CGFRL CGH CGHRL CGHSI CGIB CGIJ CGIT CGRB CGRJ CGRL CGRT CHHSI "
	 "CHRL CHSI CIB CIJ CIT CLFHSI CLFIT CLGFRL CLGHRL CLGHSI CLGIB CLGIJ CLGIT CLGRB CLGRJ "
	 "CLGRL CLGRT CLHHSI CLHRL CLIB CLIJ CLRB CLRJ CLRL CLRT CRB CRJ CRL CRT ECAG LAEY "
	 "LGFRL LGHRL LGRL LHRL LLGFRL LLGHRL LLHRL LRL LTGF MFY MHY MSFI MSGFI MVGHI MVHHI "
	 "MVHI PFD PFDRL RISBG RNSBG ROSBG RXSBG STGRL STHRL STRL"},
	{35, "EXRL"},
	{40, "LPP"},
	{41, "CPSDR LCDFR LDGR LFAS LGDR LNDFR LPDFR SFASR SRNMT"},
	{45, "AGHIK AGRK AHHHR AHHLR AHIK AIH ALGHSIK ALGRK ALHHHR ALHHLR ALHSIK ALRK ALSIH ALSIHN "
	     "ARK BRCTH CHF CHHR CHLR CIH CLHF CLHHR CLHLR CLIH LAA LAAG LAAL LAALG LAN LANG LAO "
	     "LAOG LAX LAXG LBH LFH LHH LLCH LLHH LOC LOCG LOCGR LOCR LPD LPDG NGRK NRK OGRK ORK "
	     "POPCNT RISBHG RISBLG SGRK SHHHR SHHLR SLAK SLGRK SLHHHR SLHHLR SLLK SLRK SRAK SRK "
	     "SRLK STCH STFH STHH STOC STOCG XGRK XRK"},
	{49, "BPP BPRP CLGT CLT LAT LFHAT LGAT LLGFAT LLGTAT NIAI PPA RISBGN"},
	{53, "LOCFH LOCFHR LOCGHI LOCHHI LOCHI STOCFH"},
	{57, "PRNO"},
	{61, "MVCRL NCGRK NCRK NNGRK NNRK NOGRK NORK NXGRK NXRK OCGRK OCRK SELFHR SELGR SELR"},
	{77, "KMCTR KMF KMO PCC"},
	{78, "CRDTE"},
};
#define NR (sizeof(facilities) / sizeof(facilities[0]))

static bool offered(unsigned int nr)
{
	uint64_t list[4];

	sie_host_facilities(list);
	return list[nr / 64] >> (63 - nr % 64) & 1;
}

static bool named(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += n)
		if ((at == names || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

static unsigned int count_words(const char *names)
{
	unsigned int n = 1;

	for (; *names; names++)
		n += *names == ' ';
	return n;
}

/* Absent rows count for nothing; those that work without their bit are not announced either */
static bool works(const struct insn *row)
{
	return !(row->flags & INSN_ABSENT);
}

static void every_instruction_is_there(void **state)
{
	for (size_t i = 0; i < NR; i++) {
		unsigned int there = 0;

		for (unsigned int r = 0; r < insn_rows_nr; r++)
			there += insn_rows[r].facility == facilities[i].nr &&
				 works(&insn_rows[r]) &&
				 named(facilities[i].names, insn_rows[r].name);
		if (there != count_words(facilities[i].names))
			print_message("facility %u: %u of %u\n", facilities[i].nr, there,
				      count_words(facilities[i].names));
		assert_true(offered(facilities[i].nr));
		assert_int_equal(count_words(facilities[i].names), there);
	}
}

static const char *names_of(unsigned int nr)
{
	for (size_t i = 0; i < NR; i++)
		if (facilities[i].nr == nr)
			return facilities[i].names;
	return NULL;
}

/* A row names the facility it belongs to; what is not offered is left to the host's choice. */
static void every_row_has_its_facility(void **state)
{
	for (unsigned int r = 0; r < insn_rows_nr; r++) {
		const struct insn *row = &insn_rows[r];

		if (row->facility == FACILITY_BASE || !offered(row->facility))
			continue;
		assert_non_null(names_of(row->facility));
		if (!named(names_of(row->facility), row->name))
			print_message("%s is not of facility %u\n", row->name, row->facility);
		assert_true(named(names_of(row->facility), row->name));
	}
}

/* Bits for behaviour, and those of host services that the layer above adds by itself */
static void nothing_else_is_offered(void **state)
{
	static const unsigned int behaviour[] = {0,  1,  2,  10, 14,  19,  24,
						 30, 33, 51, 75, 130, 131, 138};
	unsigned int n = 0;

	for (unsigned int nr = 0; nr < 256; nr++)
		n += offered(nr);
	for (size_t i = 0; i < sizeof(behaviour) / sizeof(behaviour[0]); i++)
		assert_true(offered(behaviour[i]));
	assert_int_equal(NR + sizeof(behaviour) / sizeof(behaviour[0]), n);
}

/* One absent row keeps the whole facility off */
static void absent_rows_keep_it_off(void **state)
{
	for (unsigned int r = 0; r < insn_rows_nr; r++) {
		const struct insn *row = &insn_rows[r];

		if (row->facility != FACILITY_BASE && (row->flags & INSN_ABSENT))
			assert_false(offered(row->facility));
		if (row->flags & INSN_UNANNOUNCED)
			assert_false(offered(row->facility));
	}
}

static void absent_rows_are_operation_exceptions(void **state)
{
	struct fx *f = fx_create();

	for (unsigned int r = 0; r < insn_rows_nr; r++) {
		uint16_t length;

		if (works(&insn_rows[r]))
			continue;
		length = (uint16_t)row_text(&insn_rows[r], f->mem + FX_CODE);
		assert_ptr_equal(&insn_rows[r], insn_find(f->mem + FX_CODE));
		fx_psw(f, FX_PSW_MASK, FX_CODE);
		fx_expect_program(f, 0x01, length, FX_CODE + length);
	}
	fx_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_instruction_is_there),
		cmocka_unit_test(every_row_has_its_facility),
		cmocka_unit_test(nothing_else_is_offered),
		cmocka_unit_test(absent_rows_keep_it_off),
		cmocka_unit_test(absent_rows_are_operation_exceptions),
	};

	return cmocka_run_group_tests_name("sie-facility", tests, NULL, NULL);
}
