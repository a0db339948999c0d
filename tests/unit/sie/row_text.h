/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instruction text for each row, for rules that hold for all of them. */
#ifndef TESTS_UNIT_SIE_ROW_TEXT_H
#define TESTS_UNIT_SIE_ROW_TEXT_H

#include "sie/insn.h"

/** row_text() - opcode, other fields zero; returns the length */
unsigned int row_text(const struct insn *row, uint8_t text[6]);

/**
 * row_text_operands() - the same with operands that do no harm
 *
 * Registers of RR, RRE and RRF are 2 and 3, the base of S is 3: they have to point at a page.
 * Relative branches go behind the instruction.
 */
unsigned int row_text_operands(const struct insn *row, uint8_t text[6]);

#endif
