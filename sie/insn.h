/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions: one list (insn-data.h.inc), from which come decoder, trace
 * text, facility list and docs/instructions.md.
 */
#ifndef SIE_INSN_H
#define SIE_INSN_H

#include "sie/engine.h"

/** enum insn_format - names as in the Principles of Operation; decode.c has the layouts */
enum insn_format {
	FMT_E,
	FMT_I,
	FMT_RR,
	FMT_RR_M,
	FMT_RI,
	FMT_RI_REL,
	FMT_RI_MREL,
	FMT_RIE_A,
	FMT_RIE_B,
	FMT_RIE_C,
	FMT_RIE_D,
	FMT_RIE_E,
	FMT_RIE_F,
	FMT_RIL,
	FMT_RIL_REL,
	FMT_RIL_MREL,
	FMT_RIS,
	FMT_RRE,
	FMT_RRD,
	FMT_RRF,
	FMT_RRS,
	FMT_RS,
	FMT_RSI,
	FMT_RSL,
	FMT_RSY,
	FMT_RX,
	FMT_RX_M,
	FMT_RXE,
	FMT_RXF,
	FMT_RXY,
	FMT_S,
	FMT_SI,
	FMT_SIY,
	FMT_SIL,
	FMT_SS_L,
	FMT_SS_LL,
	FMT_SS_R,
	FMT_SS_L2,
	FMT_SSE,
	FMT_SSF,
	FMT_MII,
};

/** What has to hold before the function runs; checked in this order */
#define INSN_PRIV  0x01 /* supervisor state */
#define INSN_EVEN1 0x02 /* r1 is even */
#define INSN_EVEN2 0x04 /* r2 is even */
#define INSN_EVEN3 0x08 /* r3 is even */
#define INSN_AFP1  0x10 /* FP register in r1: 0, 2, 4, 6 or AFP on */
#define INSN_AFP2  0x20
#define INSN_AFP3  0x40
#define INSN_BFP   0x80 /* AFP on: uses the FPC */

/** INSN_ABSENT - a row of what is not there: operation exception, and its facility stays off */
#define INSN_ABSENT      0x100
/** INSN_UNANNOUNCED - works although the facility, of which other rows are absent, is off: compilers
 * use it from their architecture level alone */
#define INSN_UNANNOUNCED 0x200

/** FACILITY_BASE - part of z/Architecture itself */
#define FACILITY_BASE 1

/**
 * struct insn - a row
 * @opcode: first byte in bits 0-7; what else selects it in bits 8-15
 * @facility: bit number in the facility list
 */
struct insn {
	uint16_t opcode;
	uint8_t format;
	uint16_t flags;
	uint16_t facility;
	const char *name;
	insn_fn fn;
};

extern const struct insn insn_rows[];
extern const unsigned int insn_rows_nr;

static inline unsigned int insn_length(uint8_t first_byte)
{
	return first_byte < 0x40 ? 2 : first_byte < 0xc0 ? 4 : 6;
}

/** insn_tables_init() - build the decoder tables; any number of times, any thread */
void insn_tables_init(void);

/** insn_find() - the row of an instruction text, or NULL */
const struct insn *insn_find(const uint8_t *text);

/**
 * insn_decode() - fill in an operation
 * @text: all bytes of the instruction
 * @op: what to fill in; its function is insn_unknown() for texts without a row
 * @slot: its place in a code page, to find branch targets in the same page; -1: none
 */
void insn_decode(struct sie_cpu *cpu, const uint8_t *text, struct op *op, int slot);

/** insn_disassemble() - mnemonic and operands as a line without registers' contents */
void insn_disassemble(const uint8_t *text, uint64_t address, char *line, size_t size);

/** insn_text() - the bytes that are being executed (EX: the modified target) */
void insn_text(const struct sie_cpu *cpu, const struct op *op, uint8_t text[6]);

#define INSN(name) enum exec insn_##name(struct sie_cpu *cpu, const struct op *op)

#define ROW(opcode, name, format, facility, flags, fn)                                             \
	enum exec insn_##fn(struct sie_cpu *, const struct op *);
#include "sie/insn-data.h.inc"
#undef ROW

#endif
