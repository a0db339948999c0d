/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One case of a row: the instruction's text, and what registers and storage hold before it. */
#include "cases.h"
#include "reasons.h"

#include <stdlib.h>
#include <string.h>

uint64_t insn_at = INSN_AT;
bool any_mode;

bool name_in(const struct insn *row, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(*names, row->name))
			return true;
	return false;
}

bool is_branch(const struct insn *row)
{
	static const char *const names[] = {"BC",   "BCR",   "BAS",  "BASR",  "BAL",  "BALR",
					    "BCT",  "BCTR",  "BCTG", "BCTGR", "BXH",  "BXLE",
					    "BXHG", "BXLEG", "CRB",  "CGRB",  "CLRB", "CLGRB",
					    "CIB",  "CGIB",  "CLIB", "CLGIB", NULL};

	return name_in(row, names);
}

bool is_relative_branch(const struct insn *row)
{
	static const char *const others[] = {"LARL", "PFDRL", NULL};

	switch (row->format) {
	case FMT_RI_REL:
	case FMT_RI_MREL:
	case FMT_RIE_B:
	case FMT_RIE_C:
	case FMT_RIE_E:
	case FMT_RIL_MREL:
	case FMT_RSI:
		return !name_in(row, others);
	default:
		return !strcmp(row->name, "BRASL") || !strcmp(row->name, "BRCTH");
	}
}

/* Address and length in register pairs, or strings that end in the byte of GR0 */
bool is_long(const struct insn *row)
{
	static const char *const names[] = {"MVCL", "CLCL", "MVCLE", "CLCLE", "TRE",   "CKSM",
					    "SRST", "MVST", "CLST",  "SRSTU", "MVCLU", "CLCLU",
					    "TROO", "TROT", "TRTO",  "TRTT",  "CU12",  "CU14",
					    "CU21", "CU24", "CU41",  "CU42",  NULL};

	return name_in(row, names);
}

const struct insn *row_named(const char *name)
{
	for (unsigned int i = 0; i < insn_rows_nr; i++)
		if (!strcmp(insn_rows[i].name, name))
			return &insn_rows[i];
	abort();
}

/* A register of 0 to 7; qemu does not refuse all odd ones where a pair is asked for */
unsigned int reg(bool even)
{
	unsigned int r = below(8);

	return even ? r & 6 : r;
}

static unsigned int base_reg(void)
{
	return 8 + below(3);
}

static unsigned int displacement(void)
{
	return below(2) ? below(16) * 16 : below(256);
}

static void put_base(uint8_t *at, const struct insn *row)
{
	unsigned int d = is_branch(row) ? 0 : displacement();

	at[0] = (uint8_t)(base_reg() << 4 | d >> 8);
	at[1] = (uint8_t)d;
}

static void put_long_base(uint8_t *i, const struct insn *row)
{
	int d = is_branch(row) ? 0 : (int)displacement() - 64;

	i[2] = (uint8_t)(base_reg() << 4 | (d >> 8 & 0xf));
	i[3] = (uint8_t)d;
	i[4] = (uint8_t)(d >> 12);
}

void put_relative(uint8_t *at, bool wide, int64_t bytes)
{
	int32_t n = (int32_t)(bytes / 2);

	if (wide) {
		at[0] = (uint8_t)(n >> 24);
		at[1] = (uint8_t)(n >> 16);
		at += 2;
	}
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

static unsigned int index_reg(const struct insn *row)
{
	return is_branch(row) || below(2) ? 0 : 11;
}

static void put_registers(uint8_t *i, const struct insn *row)
{
	unsigned int r1 = reg(row->flags & INSN_EVEN1), r2 = reg(row->flags & INSN_EVEN2);
	unsigned int r3 = reg(row->flags & INSN_EVEN3);

	switch (row->format) {
	case FMT_E:
		break;
	case FMT_RR:
	case FMT_RR_M:
		i[1] = (uint8_t)((row->format == FMT_RR_M ? below(16) : r1) << 4 | r2);
		if (is_branch(row))
			i[1] = (uint8_t)((i[1] & 0xf0) | (below(4) ? 8 : 0));
		break;
	case FMT_RRE:
		i[3] = (uint8_t)(r1 << 4 | r2);
		if (is_branch(row))
			i[3] = (uint8_t)(r1 << 4 | (below(4) ? 8 : 0));
		break;
	case FMT_RRD:
		i[2] = (uint8_t)(r1 << 4);
		i[3] = (uint8_t)(reg(false) << 4 | r2);
		break;
	case FMT_RRF:
		i[2] = (uint8_t)((row->opcode >> 8 == 0xb9 ? r3 : below(8)) << 4);
		if (row->flags & INSN_BFP && (i[2] == 0x20 || i[2] == 0x30))
			i[2] = 0;                  /* no rounding methods */
		if (!strncmp(row->name, "SEL", 3)) /* the mask is behind the third register */
			i[2] |= (uint8_t)below(16);
		if (!strcmp(row->name, "POPCNT"))
			i[2] = below(2) ? 0x80 : 0;
		i[3] = (uint8_t)(r1 << 4 | r2);
		break;
	case FMT_RRS:
		i[1] = (uint8_t)(r1 << 4 | r2);
		put_base(i + 2, row);
		i[4] = (uint8_t)(below(16) << 4);
		break;
	case FMT_RIE_F:
		i[1] = (uint8_t)(r1 << 4 | r2);
		i[2] = (uint8_t)(below(64) | (below(4) ? 0 : 0x80));
		i[3] = (uint8_t)(below(64) | (below(2) ? 0 : 0x80));
		i[4] = (uint8_t)below(64);
		/* qemu 7.2 aborts on the test-only form; only RISBG has the zeroing one */
		i[2] &= 0x3f;
		if (strncmp(row->name, "RISB", 4))
			i[3] &= 0x3f;
		break;
	default:
		i[1] = (uint8_t)((i[1] & 0x0f) | r1 << 4);
		break;
	}
}

/* Extended numbers are in registers 0, 1, 4, 5 and the ones two further */
bool is_extended(const struct insn *row)
{
	return (row->flags & INSN_BFP) && strchr(row->name, 'X') && strcmp(row->name, "EXRL");
}

void only_pairs(uint8_t *i, const struct insn *row)
{
	if (row->format == FMT_RRE || row->format == FMT_RRF)
		i[3] &= (uint8_t)~0x22;
	else
		i[1] &= (uint8_t)~0x20;
}

/* Registers 12 to 15 belong to the frame: no wrap through them */
static bool is_multiple(const struct insn *row)
{
	return !strncmp(row->name, "LM", 2) || !strncmp(row->name, "STM", 3);
}

static void put_storage(uint8_t *i, const struct insn *row)
{
	unsigned int r1 = reg(row->flags & INSN_EVEN1), r3 = reg(row->flags & INSN_EVEN3);

	if (is_multiple(row) && r1 > r3) {
		unsigned int high = r1;

		r1 = r3;
		r3 = high;
	}
	switch (row->format) {
	case FMT_RX:
	case FMT_RX_M:
		i[1] = (uint8_t)((row->format == FMT_RX ? r1 : below(16)) << 4 | index_reg(row));
		put_base(i + 2, row);
		break;
	case FMT_RSL:
		i[1] = (uint8_t)(below(16) << 4);
		put_base(i + 2, row);
		break;
	case FMT_RXE:
		i[1] = (uint8_t)(r1 << 4 | index_reg(row));
		put_base(i + 2, row);
		break;
	case FMT_RXF:
		i[1] = (uint8_t)(reg(false) << 4 | index_reg(row));
		put_base(i + 2, row);
		i[4] = (uint8_t)(r1 << 4);
		break;
	case FMT_RXY:
		i[1] = (uint8_t)(r1 << 4 | index_reg(row));
		put_long_base(i, row);
		break;
	case FMT_RS:
		i[1] = (uint8_t)(r1 << 4 | r3);
		put_base(i + 2, row);
		break;
	case FMT_RSY:
		i[1] = (uint8_t)(r1 << 4 | r3);
		put_long_base(i, row);
		break;
	case FMT_S:
		put_base(i + 2, row);
		if (!strcmp(row->name, "SRNMB"))
			i[2] = 0, i[3] = (uint8_t)below(4);
		break;
	case FMT_SI:
		i[1] = (uint8_t)operand();
		put_base(i + 2, row);
		break;
	case FMT_SIY:
		i[1] = (uint8_t)operand();
		put_long_base(i, row);
		break;
	case FMT_SIL:
		put_base(i + 2, row);
		put_relative(i + 4, false, (int64_t)operand());
		break;
	case FMT_SS_L:
	case FMT_SS_L2:
		i[1] = (uint8_t)(below(2) ? below(20) : below(0x80));
		put_base(i + 2, row);
		put_base(i + 4, row);
		break;
	case FMT_SSE:
		put_base(i + 2, row);
		put_base(i + 4, row);
		break;
	case FMT_SS_LL:
		i[1] = (uint8_t)below(256);
		put_base(i + 2, row);
		put_base(i + 4, row);
		break;
	case FMT_SS_R:
	case FMT_SSF:
		i[1] = (uint8_t)((row->format == FMT_SSF ? r3 : r1) << 4 |
				 (row->format == FMT_SSF ? i[1] & 0xf : r3));
		put_base(i + 2, row);
		put_base(i + 4, row);
		break;
	default:
		put_registers(i, row);
		break;
	}
}

static void put_immediate(uint8_t *i, const struct insn *row)
{
	unsigned int r1 = reg(row->flags & INSN_EVEN1);
	uint64_t imm = operand();

	switch (row->format) {
	case FMT_RI:
		i[1] = (uint8_t)((i[1] & 0xf) | r1 << 4);
		put_relative(i + 2, false, (int64_t)(int16_t)imm * 2);
		break;
	case FMT_RIL:
		i[1] = (uint8_t)((i[1] & 0xf) | r1 << 4);
		put_relative(i + 2, true, (int64_t)(int32_t)imm * 2);
		break;
	case FMT_RIE_A:
		i[1] = (uint8_t)(r1 << 4);
		put_relative(i + 2, false, (int64_t)(int16_t)imm * 2);
		i[4] = (uint8_t)(below(8) << 5);
		break;
	case FMT_RIE_D:
	case FMT_RIE_G:
		i[1] = (uint8_t)(r1 << 4 | reg(false));
		put_relative(i + 2, false, (int64_t)(int16_t)imm * 2);
		break;
	case FMT_RIS:
		i[1] = (uint8_t)(r1 << 4 | below(16));
		put_base(i + 2, row);
		i[4] = (uint8_t)imm;
		break;
	default:
		put_storage(i, row);
		break;
	}
}

static void put_branch(uint8_t *i, const struct insn *row)
{
	bool wide = row->format == FMT_RIL_REL || row->format == FMT_RIL_MREL;
	bool masked = row->format == FMT_RI_MREL || row->format == FMT_RIL_MREL;

	i[1] = (uint8_t)((i[1] & 0xf) | (masked ? below(16) : reg(false)) << 4);
	if (row->format == FMT_RSI || row->format == FMT_RIE_E)
		i[1] = (uint8_t)((i[1] & 0xf0) | reg(false));
	if (row->format == FMT_RIE_B) {
		i[1] = (uint8_t)(reg(false) << 4 | reg(false));
		i[4] = (uint8_t)(below(8) << 5);
	}
	if (row->format == FMT_RIE_C) {
		i[1] = (uint8_t)(reg(false) << 4 | below(8) << 1);
		i[4] = (uint8_t)operand();
	}
	put_relative(i + 2, wide, TAKEN_AT - INSN_AT);
}

void put_insn(uint8_t *i, const struct insn *row)
{
	unsigned int length = insn_length((uint8_t)(row->opcode >> 8));

	i[0] = (uint8_t)(row->opcode >> 8);
	if (length == 6 && (i[0] == 0xe3 || (i[0] >= 0xeb && i[0] <= 0xed)))
		i[5] = (uint8_t)row->opcode;
	else
		i[1] = (uint8_t)row->opcode;
	if (is_relative_branch(row)) {
		put_branch(i, row);
	} else if (row->format == FMT_RIL_REL) {
		i[1] = (uint8_t)((i[1] & 0xf) | reg(false) << 4);
		put_relative(i + 2, true, (int64_t)(DATA_AT + 0x80 - insn_at + below(64) * 8));
	} else {
		put_immediate(i, row);
	}
}

void put_context(struct test_case *t, const struct insn *row)
{
	static const uint8_t modes[] = {SAM_24, SAM_31, SAM_64, SAM_64};
	uint8_t *data = t->wire + CODE_BYTES, *ctx = data + DATA_SIZE;
	uint64_t gprs[12];

	bool bfp = row->flags & INSN_BFP;
	bool fused = row->format == FMT_RRD || row->format == FMT_RXF;

	for (unsigned int i = 0; i < STREAM_AT - DATA_AT; i += 8)
		put8(data + i, bfp ? floating() : operand());
	for (unsigned int i = 0; i < 8; i++) {
		gprs[i] = operand();
		put8(ctx + CTX_FPRS + i * 8, bfp ? floating() : operand());
	}
	for (unsigned int i = 0; fused && i < 8; i++)
		put8(ctx + CTX_FPRS + i * 8, quiet(get8(ctx + CTX_FPRS + i * 8)));
	for (unsigned int i = 0; fused && i < STREAM_AT - DATA_AT; i += 4)
		put8(data + (i & ~7U), quiet(get8(data + (i & ~7U))));
	/* The same number twice now and then: differences of zero */
	if (!below(8))
		for (unsigned int i = 1; i < 8; i++)
			memcpy(ctx + CTX_FPRS + i * 8, ctx + CTX_FPRS, 8);
	ctx[CTX_FPC + 1] = (uint8_t)(below(32) << 3); /* flags */
	ctx[CTX_FPC + 3] = (uint8_t)(below(2) ? 0 : below(4));
	for (unsigned int i = 8; i < 11; i++)
		gprs[i] = is_branch(row) ? TAKEN_AT : DATA_AT + 0x80 + (i - 8) * 0x40;
	gprs[11] = below(2) ? below(8) * 8 : below(64);
	if (is_long(row)) {
		for (unsigned int i = 0; i < 8; i += 2) {
			gprs[i] = DATA_AT + 0x80 + below(0x100);
			gprs[i + 1] = below(4) ? below(64) : below(4);
		}
		gprs[3] |= (uint64_t)below(256) << 24;
		if (!strcmp(row->name, "SRST"))
			gprs[2] = gprs[3] = gprs[5] = gprs[7] = DATA_AT + 0x300;
	}
	for (unsigned int i = 0; i < 12; i++)
		put8(ctx + CTX_GPRS + i * 8, gprs[i]);
	for (unsigned int i = 0; i < 5; i++)
		put8(ctx + CTX_ARS + i * 8, operand());
	put8(ctx + CTX_SPM, (uint64_t)below(4) << 28);
	t->wire[MODE_AT - CODE_AT + 1] =
		reason_of(row) == REASON_MODES && !any_mode ? SAM_64 : modes[below(4)];
	put8(ctx + CTX_EXIT, END_AT);
}

/* Overlapping operands are unpredictable, except for those that go byte by byte from the left. */
void keep_apart(uint8_t *i, const struct insn *row)
{
	static const char *const names[] = {"UNPKA", "UNPKU", NULL};

	if (!strcmp(row->name, "TR")) { /* the table is at DATA_AT + 0x80 */
		i[2] = 0xa0;
		i[3] = (uint8_t)(0x80 + below(64));
		i[4] = 0x80;
		i[5] = 0;
	}
	if (!name_in(row, names))
		return;
	i[2] = 0x80; /* DATA_AT + 0x80 to 0xff, 64 bytes at most */
	i[3] = (uint8_t)below(64);
	i[4] = 0xa0; /* from DATA_AT + 0x100 on */
}

void make_case(struct test_case *t, const uint8_t *frame, const struct insn *row)
{
	uint8_t *i = t->wire + INSN_AT - CODE_AT;
	unsigned int length = insn_length((uint8_t)(row->opcode >> 8));

	memset(t, 0, sizeof(*t));
	memcpy(t->wire, frame, CODE_BYTES);
	put_context(t, row);
	put_insn(i, row);
	keep_apart(i, row);
	if (is_extended(row))
		only_pairs(i, row);
	length += fix_state(t, row);
	if (!strcmp(row->name, "CSST"))
		fix_swap(t);
	fix_dividend(t, row);
	if (row == row_named("EX") || row == row_named("EXRL"))
		fix_execute(t, row);
	/* qemu 7.2 aborts if more than the length is in GR0 */
	if (!strcmp(row->name, "MVCRL"))
		put8(t->wire + CODE_BYTES + DATA_SIZE + CTX_GPRS, below(256));
	if (is_long(row)) {
		fix_long(t, row);
		length += row->format == FMT_RR ? 0 : 4;
	}
	memcpy(i + length, "\xa7\xc9\x00\x00\xa7\xf4", 6); /* lghi 12,0; j SAVE */
	put_relative(i + length + 6, false, SAVE_AT - INSN_AT - (length + 4));
}
