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
	FORMAT(RSL),      FORMAT(RIE_G),   FORMAT(VRI),   FORMAT(VRR),   FORMAT(VRS),
	FORMAT(VRX),
};

static const char *const cc_rules[CC_RULES] = {
	[CC_UNCHANGED] = "",
	[CC_LOGICAL] = "logical",
	[CC_SIGNED] = "signed",
	[CC_ARITHMETIC] = "arithmetic",
	[CC_CARRY] = "carry",
	[CC_COMPARE] = "compare",
	[CC_TEST_MASK] = "test mask",
	[CC_INSERTED] = "inserted",
	[CC_SWAPPED] = "swapped",
	[CC_FLOAT] = "float",
	[CC_FLOAT_COMPARE] = "float compare",
	[CC_FLOAT_TO_INTEGER] = "float to integer",
	[CC_LOADED] = "loaded",
	[CC_HOST] = "by the host",
	[CC_OWN] = "own",
	[CC_UNKNOWN] = "",
};

static const char *const interceptions[SIE_INTERCEPTIONS] = {
	[SIE_STAYS] = "",
	[SIE_ALWAYS] = "always",
	[SIE_NOTIFIES] = "always, protected: notification",
	[SIE_FUNCTION] = "always, protected: by function",
	[SIE_ORDINARY] = "always, protected: no",
	[SIE_REFUSED] = "always, protected: operation exception",
	[SIE_IF_LCTL] = "if LCTL marks a register",
	[SIE_IF_ICTL] = "if its ICTL bit is on",
	[SIE_IF_KEYS] = "if its ICTL bit is on, or keyless",
	[SIE_IF_CONTROL] = "if a control function, protected: no",
	[SIE_IF_PINNED] = "protected: if a page is pinned",
};

static void print_rules(void)
{
	printf("\nCondition code after completion, where it changes: logical: 0 zero, 1 not. "
	       "Signed: 0 zero, 1 negative, 2 positive; arithmetic: the same, 3 overflow. Carry: "
	       "0 and 1 without, 2 and 3 with a carry; 0 and 2 zero. Compare: 0 equal, 1 low, "
	       "2 high. Test mask: 0 zeros, 3 ones, else 1, or 2 if the leftmost bit counts. "
	       "Inserted: 0 zero, 1 leftmost bit one, 2 else. Swapped: 0 yes, 1 no. Float: as "
	       "signed, 3 NaN; float compare: as compare, 3 unordered; float to integer: by the "
	       "source's sign, 3 special case. Own: stated with the function.\n\n"
	       "Interception: an instruction that always leaves is 04 for an ordinary CPU and, if "
	       "nothing else is said, 68 for a protected one. A control (ICTL, LCTL, keyless) "
	       "counts for ordinary CPUs; for protected ones LCTL(G) and LPSW(E) are 64 behind "
	       "the instruction, if it enables what the host waits for.\n");
}

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
	print_rules();
	printf("\n| opcode | mnemonic | format | facility | privileged | condition code | "
	       "interception | remark |\n"
	       "|---|---|---|---|---|---|---|---|\n");
	for (unsigned int i = 0; i < insn_rows_nr; i++) {
		const struct insn *row = &insn_rows[i];

		printf("| %04x | %s | %s | %u | %s | %s | %s | %s |\n", row->opcode, row->name,
		       formats[row->format], row->facility, row->flags & INSN_PRIV ? "yes" : "",
		       cc_rules[row->cc], interceptions[row->interception], remark(row));
	}
	return 0;
}
