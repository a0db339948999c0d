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
	FORMAT(SSF),      FORMAT(MII),
};

int main(void)
{
	printf("<!-- Made by list-instructions from sie/insn-data.h.inc; a test compares. -->\n"
	       "# Instructions of the engine\n\n"
	       "%u instructions. Opcode: the first byte and what else selects the instruction. "
	       "Facility 1 is z/Architecture itself.\n\n"
	       "| opcode | mnemonic | format | facility | privileged |\n|---|---|---|---|---|\n",
	       insn_rows_nr);
	for (unsigned int i = 0; i < insn_rows_nr; i++) {
		const struct insn *row = &insn_rows[i];

		printf("| %04x | %s | %s | %u | %s |\n", row->opcode, row->name,
		       formats[row->format], row->facility, row->flags & INSN_PRIV ? "yes" : "");
	}
	return 0;
}
