/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which functions an instruction has, for a host that tells it of its machine: the same masks that
 * the instruction's own query stores.
 */
#include <string.h>

#include "sie/insn.h"

#define OPCODE_PTFF 0x0104
#define OPCODE_PLO  0xee00

static const struct insn *find_row(uint16_t opcode)
{
	for (unsigned int i = 0; i < insn_rows_nr; i++)
		if (insn_rows[i].opcode == opcode)
			return &insn_rows[i];
	return NULL;
}

void sie_query_functions(uint16_t opcode, uint8_t mask[SIE_QUERY_BYTES])
{
	const struct insn *row = find_row(opcode);

	memset(mask, 0, SIE_QUERY_BYTES);
	if (!row || row->flags & INSN_ABSENT)
		return;
	if (opcode == OPCODE_PLO) {
		for (unsigned int i = 0; i < SIE_QUERY_BYTES * 8; i++)
			if (plo_has_function(i))
				mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	} else {
		memcpy(mask, opcode == OPCODE_PTFF ? ptff_functions : crypto_functions,
		       QUERY_BYTES);
	}
}
