/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/sie/row_text.h"

#include <string.h>

unsigned int row_text(const struct insn *row, uint8_t text[6])
{
	uint8_t first = (uint8_t)(row->opcode >> 8);
	bool last =
		first == 0xe3 || first == 0xe6 || first == 0xe7 || (first >= 0xeb && first <= 0xed);

	memset(text, 0, 6);
	text[0] = first;
	text[last ? 5 : 1] = (uint8_t)row->opcode;
	return insn_length(first);
}

unsigned int row_text_operands(const struct insn *row, uint8_t text[6])
{
	unsigned int length = row_text(row, text);

	switch (row->format) {
	case FMT_RR:
		text[1] = 0x23;
		break;
	case FMT_RRE:
	case FMT_RRF:
		text[3] = 0x23;
		break;
	case FMT_S:
		text[2] = 0x30;
		break;
	case FMT_RI_REL:
	case FMT_RI_MREL:
	case FMT_RIE_B:
	case FMT_RIE_C:
	case FMT_RIE_E:
	case FMT_RSI:
		text[3] = (uint8_t)(length / 2);
		break;
	case FMT_RIL_REL:
	case FMT_RIL_MREL:
		text[5] = (uint8_t)(length / 2);
		break;
	default:
		break;
	}
	return length;
}
