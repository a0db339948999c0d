/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What some rows need beside random operands. */
#include "cases.h"

#include <string.h>

/* How many bytes a character of the source has; 0: not one of these */
unsigned int character_size(const struct insn *row)
{
	static const char *const two[] = {"SRSTU", "MVCLU", "CLCLU", "TRTO",
					  "TRTT",  "CU21",  "CU24",  NULL};
	static const char *const four[] = {"CU41", "CU42", NULL};
	static const char *const one[] = {"TROO", "TROT", "CU12", "CU14", NULL};

	return name_in(row, one) ? 1 : name_in(row, two) ? 2 : name_in(row, four) ? 4 : 0;
}

/* Text in the source's encoding, not without mistakes */
static void put_text(uint8_t *data, const struct insn *row)
{
	static const char utf8[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80\xc0\x80z";
	static const uint8_t utf16[] = {0, 'a', 0, 0xe4, 0x20, 0xac, 0xd8, 0x3d, 0xde, 0, 0xdc, 1};
	unsigned int i = 0;

	if (!strcmp(row->name, "TRTO") || !strcmp(row->name, "TRTT")) {
		for (; i < STREAM_AT - DATA_AT; i += 2)
			data[i] = 0; /* small characters: the table is behind DATA_AT */
	} else if (row->name[0] == 'C' && row->name[2] == '1') {
		for (; i < 0x200; i++)
			data[i] = below(30) ? (uint8_t)utf8[i % (sizeof(utf8) - 1 - 5 * below(2))]
					    : (uint8_t)operand();
	} else if (row->name[0] == 'C' && row->name[2] == '2') {
		for (; i < 0x200; i++)
			data[i] = (uint8_t)(below(60) ? utf16[i % (sizeof(utf16) - 2 * below(2))]
						      : operand());
	} else if (row->name[0] == 'C' && row->name[2] == '4') {
		for (; i < 0x200; i += 4) {
			uint32_t c = below(0x110000) >> below(20);

			memcpy(data + i,
			       (uint8_t[4]){0, (uint8_t)(c >> 16), (uint8_t)(c >> 8), (uint8_t)c},
			       4);
		}
	}
}

/* Operands of whole characters, apart from each other */
static void fix_characters(struct test_case *t, const struct insn *row, unsigned int a,
			   unsigned int b)
{
	uint8_t *data = t->wire + CODE_BYTES, *ctx = data + DATA_SIZE;
	unsigned int size = character_size(row);

	put_text(data, row);
	put8(ctx + CTX_GPRS + a * 8, DATA_AT + 0x200 + below(0x80) * 2);
	put8(ctx + CTX_GPRS + a * 8 + 8, below(4) ? below(40) * 4 : below(6) * 2);
	put8(ctx + CTX_GPRS + b * 8, DATA_AT + below(0x40) * 4);
	put8(ctx + CTX_GPRS + b * 8 + 8, below(4) ? below(40) * size : below(2) * size);
	put8(ctx + CTX_GPRS, below(256));
	put8(ctx + CTX_GPRS + 8, DATA_AT + below(16) * 8);
	/* qemu 7.2 does not see a length of zero */
	if (row->name[0] == 'T')
		put8(ctx + CTX_GPRS + a * 8 + 8, (1 + below(40)) * 2);
	if (!strcmp(row->name, "CLCLU") && below(2))
		memcpy(data + 0x200, data, 0x200);
	if (!strcmp(row->name, "SRSTU"))
		put8(ctx + CTX_GPRS, (uint64_t)data[0x80] << 8 | data[0x81]);
}

/* COMPARE AND SWAP AND STORE: equal half of the time */
void fix_swap(struct test_case *t)
{
	uint8_t *i = t->wire + INSN_AT - CODE_AT;
	uint8_t *data = t->wire + CODE_BYTES, *ctx = data + DATA_SIZE;
	unsigned int function = 1 + below(2), r3 = 2 + 2 * below(3);
	unsigned int at =
		0x80 + ((unsigned int)(i[2] >> 4) - 8) * 0x40 + (i[3] & 0xf0) + (i[2] & 0xf) * 256;

	i[1] = (uint8_t)((i[1] & 0xf) | r3 << 4);
	i[3] &= 0xf0;
	i[5] &= 0xf0;
	/* qemu 7.2 aborts on stores of one byte, and puts a word into the wrong half */
	put8(ctx + CTX_GPRS, (1 + below(4)) << 8 | function);
	put8(ctx + CTX_GPRS + 8, DATA_AT + below(8) * 16);
	if (below(2))
		memcpy(ctx + CTX_GPRS + r3 * 8, data + at, 4U << function);
}

/* Registers by number, with what long instructions need in GR0 and pairs */
void fix_long(struct test_case *t, const struct insn *row)
{
	uint8_t *i = t->wire + INSN_AT - CODE_AT;
	uint8_t *ctx = t->wire + CODE_BYTES + DATA_SIZE;
	unsigned int a = 2 + 2 * below(3), b = 2 + 2 * below(3);

	while (b == a)
		b = 2 + 2 * below(3);
	if (row->format == FMT_RRE || row->format == FMT_RRF)
		i[3] = (uint8_t)(a << 4 | b);
	else if (row->format == FMT_RR)
		i[1] = (uint8_t)(a << 4 | b);
	else
		i[1] = (uint8_t)(a << 4 | b);
	put8(ctx + CTX_GPRS, below(2) ? 0 : below(256));
	if (!strcmp(row->name, "SRST")) {
		put8(ctx + CTX_GPRS + a * 8, DATA_AT + 0x300);
		put8(ctx + CTX_GPRS + b * 8, DATA_AT + below(0x200));
	}
	/* Overlapping operands of MVCLE are unpredictable */
	if (!strcmp(row->name, "MVCLE"))
		put8(ctx + CTX_GPRS + a * 8, DATA_AT + 0x200 + below(0x100));
	/* An end character that is there, before the destination */
	if (!strcmp(row->name, "MVST")) {
		put8(ctx + CTX_GPRS + a * 8, DATA_AT + 0x200 + below(0x100));
		put8(ctx + CTX_GPRS + b * 8, DATA_AT + 0x40 + below(0x100));
		put8(ctx + CTX_GPRS, t->wire[CODE_BYTES + 0x1f0]);
	}
	if (character_size(row))
		fix_characters(t, row, a, b);
	if (!strcmp(row->name, "CLST")) {
		uint64_t place = DATA_AT + below(0x1f0);

		put8(ctx + CTX_GPRS + a * 8, place);
		put8(ctx + CTX_GPRS + b * 8, below(2) ? place : DATA_AT + below(0x1f0));
		put8(ctx + CTX_GPRS, t->wire[CODE_BYTES + 0x1f0]);
	}
	if (row->format == FMT_RR)
		return; /* MVCL, CLCL are interruptible, not CPU-determined */
	/* CPU-determined amounts: go on until it is not cc 3 */
	put_relative(i + insn_length(i[0]) + 2, false, -(int64_t)insn_length(i[0]));
	i[insn_length(i[0])] = 0xa7;
	i[insn_length(i[0]) + 1] = 0x14;
}

/* EXECUTE has its target at STREAM_AT; the modifier lets it use other registers of the frame's, and
 * longer operands */
void fix_execute(struct test_case *t, const struct insn *row)
{
	static const struct {
		const char *name;
		uint8_t modifier;
	} targets[] = {{"MVC", 0x1f}, {"XC", 0x1f},  {"CLC", 0x1f}, {"TRT", 0x1f}, {"PACK", 0xff},
		       {"MVO", 0xff}, {"AGR", 0x00}, {"SLR", 0x77}, {"AHI", 0x70}, {"OI", 0xff}};
	unsigned int n = below(sizeof(targets) / sizeof(targets[0])), r1 = below(8);
	uint8_t *i = t->wire + INSN_AT - CODE_AT;
	uint8_t *gprs = t->wire + CODE_BYTES + DATA_SIZE + CTX_GPRS;
	uint8_t *target = t->wire + CODE_BYTES + (STREAM_AT - DATA_AT);

	put_insn(target, row_named(targets[n].name));
	gprs[r1 * 8 + 7] &= targets[n].modifier;
	i[1] = (uint8_t)(r1 << 4);
	if (row->format == FMT_RX) { /* GR8 is DATA_AT + 0x80 */
		i[2] = 0x80 | (STREAM_AT - DATA_AT - 0x80) >> 8;
		i[3] = (uint8_t)(STREAM_AT - DATA_AT - 0x80);
	} else {
		put_relative(i + 2, true, STREAM_AT - INSN_AT);
	}
}

/* qemu 7.2 does not survive the least dividend by -1 */
void fix_dividend(struct test_case *t, const struct insn *row)
{
	static const char *const names[] = {"D", "DR", "DSG", "DSGR", "DSGF", "DSGFR", NULL};
	uint8_t *gprs = t->wire + CODE_BYTES + DATA_SIZE + CTX_GPRS;

	for (unsigned int i = 0; name_in(row, names) && i < 8; i++) {
		uint64_t v = get8(gprs + i * 8UL);

		if (v == 1UL << 63 || (uint32_t)v == 1U << 31)
			put8(gprs + i * 8UL, v | 1);
	}
}
