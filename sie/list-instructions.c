/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints docs/instructions.md from the list of instructions. */
#include <stdio.h>

#include "sie/insn.h"

static const char *const formats[] = {
#define FORMAT(name) [FMT_##name] = #name
	FORMAT(E),        FORMAT(I),       FORMAT(RR),    FORMAT(RR_M),  FORMAT(RI),
	FORMAT(RI_REL),   FORMAT(RI_MREL), FORMAT(RIE_A), FORMAT(RIE_B), FORMAT(RIE_C),
	FORMAT(RIE_D),    FORMAT(RIE_E),   FORMAT(RIE_F), FORMAT(RIL),   FORMAT(RIL_REL),
	FORMAT(RIL_MREL), FORMAT(RIS),     FORMAT(RRE),   FORMAT(RRF),   FORMAT(RRS),
	FORMAT(RS),       FORMAT(RSI),     FORMAT(RSY),   FORMAT(RX),    FORMAT(RX_M),
	FORMAT(RXY),      FORMAT(S),       FORMAT(SI),    FORMAT(SIY),   FORMAT(SIL),
	FORMAT(SS_L),     FORMAT(SS_LL),   FORMAT(SS_R),  FORMAT(SS_L2), FORMAT(SSE),
	FORMAT(SSF),      FORMAT(MII),     FORMAT(RRD),   FORMAT(RXE),   FORMAT(RXF),
	FORMAT(RSL),
};

static const char *remark(const struct insn *row)
{
	if (row->flags & INSN_ABSENT)
		return "absent";
	return row->flags & INSN_UNANNOUNCED ? "facility not announced" : "";
}

/* How much of a facility is there: its bit may be on only if nothing is absent */
static void print_coverage(void)
{
	printf("| facility | rows | of them absent |\n|---|---|---|\n");
	for (unsigned int facility = 0; facility < 256; facility++) {
		unsigned int rows = 0, absent = 0;

		for (unsigned int i = 0; i < insn_rows_nr; i++) {
			if (insn_rows[i].facility != facility)
				continue;
			rows++;
			absent += (insn_rows[i].flags & INSN_ABSENT) != 0;
		}
		if (rows)
			printf("| %u | %u | %u |\n", facility, rows, absent);
	}
}

int main(void)
{
	printf("<!-- Made by list-instructions from sie/insn-data.h.inc; a test compares. -->\n"
	       "# Instructions of the engine\n\n"
	       "%u rows. Opcode: the first byte and what else selects the instruction. "
	       "Facility 1 is z/Architecture itself. An absent instruction is an operation "
	       "exception.\n\n",
	       insn_rows_nr);
	print_coverage();
	printf("\n| opcode | mnemonic | format | facility | privileged | remark |\n"
	       "|---|---|---|---|---|---|\n");
	for (unsigned int i = 0; i < insn_rows_nr; i++) {
		const struct insn *row = &insn_rows[i];

		printf("| %04x | %s | %s | %u | %s | %s |\n", row->opcode, row->name,
		       formats[row->format], row->facility, row->flags & INSN_PRIV ? "yes" : "",
		       remark(row));
	}
	return 0;
}
