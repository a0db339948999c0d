/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The message-security assist: each instruction with its query function, which
 * says that there is no other. Programs ask before they use one.
 */
#include "sie/insn-operands.h"

#include <string.h>

#define FUNCTION 0x7fU
#define MODIFIER 0x80U

/* Bit 0: function 0, the query itself */
const uint8_t crypto_functions[QUERY_BYTES] = {0x80};

static enum exec query(struct sie_cpu *cpu, bool modifier_allowed)
{
	if (cpu->gr[0] & FUNCTION || (!modifier_allowed && (cpu->gr[0] & MODIFIER)))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(write_space(cpu, register_space(cpu, 1), cpu->gr[1] & cpu->amask, crypto_functions,
			sizeof(crypto_functions)));
	cpu->cc = 0;
	return EXEC_NEXT;
}

static bool pair(unsigned int r)
{
	return r && !(r & 1);
}

/* KM, KMC, KMF, KMO: two operands, enciphered or deciphered by the modifier; PRNO: two outputs */
INSN(cipher)
{
	if (!pair(op->r1) || !pair(op->r2))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return query(cpu, true);
}

INSN(kmctr)
{
	if (!pair(op->r1) || !pair(op->r2) || !pair(op->r3))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return query(cpu, true);
}

/* KMAC, KIMD, KLMD: a message in the second operand */
INSN(digest)
{
	if (!pair(op->r2))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return query(cpu, false);
}

/* PCC, PCKMO: no operands */
INSN(crypto)
{
	return query(cpu, false);
}
