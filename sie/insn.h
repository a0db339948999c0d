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
	FMT_RIE_G,
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
	/* Of absent rows only */
	FMT_VRI,
	FMT_VRR,
	FMT_VRS,
	FMT_VRX,
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
/** INSN_UNANNOUNCED - works although the facility, of which other rows are absent, is off:
 * compilers use it from their architecture level alone */
#define INSN_UNANNOUNCED 0x200

/** INSN_PROBED - an absent service of the host without a facility bit: guests try it, so that an
 * operation exception is the answer they expect */
#define INSN_PROBED      0x400

/** enum cc_rule - what becomes of the condition code when the instruction completes */
enum cc_rule {
	CC_UNCHANGED,
	CC_LOGICAL,          /* 0 zero, 1 not zero */
	CC_SIGNED,           /* 0 zero, 1 negative, 2 positive */
	CC_ARITHMETIC,       /* likewise, 3 overflow */
	CC_CARRY,            /* 0, 1 without carry: zero or not; 2, 3 with carry */
	CC_COMPARE,          /* 0 equal, 1 first operand low, 2 high */
	CC_TEST_MASK,        /* 0 all zeros, 1 mixed, 3 all ones; 2 mixed, leftmost one (TMxx) */
	CC_INSERTED,         /* 0 zero or mask zero, 1 leftmost bit one, 2 zero */
	CC_SWAPPED,          /* 0 equal and replaced, 1 not */
	CC_FLOAT,            /* 0 zero, 1 less, 2 greater, 3 NaN */
	CC_FLOAT_COMPARE,    /* 0 equal, 1 low, 2 high, 3 unordered */
	CC_FLOAT_TO_INTEGER, /* by the source: 0 zero, 1 less, 2 greater, 3 special case */
	CC_LOADED,           /* from a register or PSW */
	CC_HOST,             /* who handles the interception sets it */
	CC_OWN,              /* its own: stated with the function */
	CC_UNKNOWN,          /* of absent rows */
	CC_RULES
};

/** enum interception - which SIE control makes the instruction leave the engine */
enum interception {
	SIE_STAYS,
	SIE_ALWAYS,    /* 04; protected: 68 with an answer */
	SIE_NOTIFIES,  /* 04; protected: 6c, done inside */
	SIE_FUNCTION,  /* 04; protected: 68, 6c or specification exception by its function */
	SIE_ORDINARY,  /* 04; protected: done inside */
	SIE_REFUSED,   /* 04; protected: operation exception */
	SIE_IF_LCTL,   /* 04 if LCTL marks a register; protected: 64 behind it */
	SIE_IF_ICTL,   /* 04 if its ICTL bit is on; protected: done inside, LPSW(E) may be 64 */
	SIE_IF_KEYS,   /* 04 if its ICTL bit is on, 5c if keyless; protected: done inside */
	SIE_IF_CONTROL, /* 04 if its function sets a clock; protected: done inside */
	SIE_IF_PINNED, /* protected: 6c if the Ultravisor finds the page pinned */
	SIE_INTERCEPTIONS
};

/** FACILITY_BASE - part of z/Architecture itself */
#define FACILITY_BASE 1

/**
 * struct insn - a row
 * @opcode: first byte in bits 0-7; what else selects it in bits 8-15
 * @facility: bit number in the facility list
 * @cc: enum cc_rule
 * @interception: enum interception
 */
struct insn {
	uint16_t opcode;
	uint8_t format;
	uint8_t cc;
	uint8_t interception;
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

/** QUERY_BYTES - a query function's answer: a bit each, function 0 leftmost */
#define QUERY_BYTES 16

/** crypto_functions, ptff_functions - what the query functions store; plo_has_function(): by PLO's
 * test */
extern const uint8_t crypto_functions[QUERY_BYTES];
extern const uint8_t ptff_functions[QUERY_BYTES];
bool plo_has_function(unsigned int function);

#define INSN(name) enum exec insn_##name(struct sie_cpu *cpu, const struct op *op)

#define ROW(opcode, name, format, facility, flags, cc, interception, fn)                           \
	enum exec insn_##fn(struct sie_cpu *, const struct op *);
#include "sie/insn-data.h.inc"
#undef ROW

#endif
