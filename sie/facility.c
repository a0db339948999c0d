/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facilities of the engine.
 *
 * A facility that consists of instructions is offered if each of its rows works; nobody has to
 * remember. Bits that stand for behaviour are listed here, and the few that are withheld although
 * nothing is absent.
 */
#include <string.h>

#include "sie/insn.h"

#define FACILITIES 256U

static const uint8_t behaviour[] = {
	0,   /* instructions marked N3 */
	1,   /* z/Architecture installed: FACILITY_BASE, whose absent rows it does not cover */
	2,   /* z/Architecture active */
	10,  /* conditional SSKE: a bit of SSKE */
	14,  /* nonquiescing key setting: another */
	19,  /* long displacement is fast */
	24,  /* test character control of the instructions of 16 */
	30,  /* well-formedness checks of the conversions of 22 */
	33,  /* COMPARE AND SWAP AND STORE of 16 bytes */
	51,  /* local clearing: a bit of IPTE, IDTE and CRDTE */
	75,  /* access exceptions tell fetch from store */
	130, /* instruction-execution protection */
	131, /* protection exceptions tell their kind; there are no side-effect accesses */
	138, /* z/Architecture is the only mode */
};

static const uint8_t withheld[] = {
	11, /* topology: PTF and SIC are the host's, which decides */
	74, /* STHYI: the same */
	76, /* PCKMO: the host would have to wrap keys, and there are none */
};

static void set_bit(uint64_t list[4], unsigned int nr)
{
	list[nr / 64] |= 1UL << (63 - nr % 64);
}

static void clear_bit(uint64_t list[4], unsigned int nr)
{
	list[nr / 64] &= ~(1UL << (63 - nr % 64));
}

void sie_host_facilities(uint64_t list[4])
{
	memset(list, 0, 4 * sizeof(*list));
	for (unsigned int i = 0; i < insn_rows_nr; i++)
		if (insn_rows[i].facility < FACILITIES)
			set_bit(list, insn_rows[i].facility);
	for (unsigned int i = 0; i < insn_rows_nr; i++)
		if (insn_rows[i].facility < FACILITIES &&
		    insn_rows[i].flags & (INSN_ABSENT | INSN_UNANNOUNCED))
			clear_bit(list, insn_rows[i].facility);
	for (size_t i = 0; i < sizeof(withheld); i++)
		clear_bit(list, withheld[i]);
	for (size_t i = 0; i < sizeof(behaviour); i++)
		set_bit(list, behaviour[i]);
}
