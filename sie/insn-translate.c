/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings of characters of one, two or four bytes, in registers: translation,
 * Unicode, search, move and comparison.
 *
 * Each goes character by character. Whatever stops it behind the first one, an
 * access exception too, ends in cc 3 with the registers at that character; the
 * program comes back, and meets the exception at the first one.
 */
#include "sie/insn-operands.h"

#define CHARACTERS 1024U /* of one execution */

static uint64_t address_in(const struct sie_cpu *cpu, unsigned int r)
{
	return cpu->gr[r] & cpu->amask;
}

static uint64_t length_in(const struct sie_cpu *cpu, unsigned int r)
{
	return cpu->mask & PSW_MASK_EA ? cpu->gr[r] : gr32(cpu, r);
}

static void advance(struct sie_cpu *cpu, unsigned int r, uint64_t n)
{
	set_address(cpu, r, (address_in(cpu, r) + n) & cpu->amask);
	set_address(cpu, r + 1, length_in(cpu, r + 1) - n);
}

/* The first character meets exceptions, later ones stop before them */
static enum exec stop_at(struct sie_cpu *cpu, unsigned int done, enum exec st)
{
	if (!done)
		return st;
	cpu->cc = 3;
	return EXEC_NEXT;
}

static enum exec read_character(struct sie_cpu *cpu, tag_t space, uint64_t address,
				unsigned int size, uint32_t *c)
{
	uint8_t text[4];

	TRY(read_space(cpu, space, address, text, size));
	*c = size == 4 ? raw_load4(text) : size == 2 ? raw_load2(text) : text[0];
	return EXEC_NEXT;
}

static enum exec read_half(struct sie_cpu *cpu, tag_t space, uint64_t address, uint16_t *c)
{
	uint32_t wide;

	TRY(read_character(cpu, space, address, 2, &wide));
	*c = (uint16_t)wide;
	return EXEC_NEXT;
}

static enum exec write_character(struct sie_cpu *cpu, uint64_t address, unsigned int size,
				 uint32_t c)
{
	if (size == 4)
		return write4(cpu, address, c);
	return size == 2 ? write2(cpu, address, (uint16_t)c) : write1(cpu, address, (uint8_t)c);
}

/* ---- TRANSLATE ONE/TWO TO ONE/TWO ---- */

#define M3_NO_TEST 1

static enum exec translate(struct sie_cpu *cpu, const struct op *op, unsigned int from,
			   unsigned int to)
{
	uint64_t table = address_in(cpu, 1) & ~7UL;
	uint32_t test = to == 2 ? (uint16_t)cpu->gr[0] : (uint8_t)cpu->gr[0];
	unsigned int done;

	if (length_in(cpu, op->r1 + 1U) % from)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	for (done = 0; done < CHARACTERS; done++) {
		uint64_t target = address_in(cpu, op->r1);
		enum exec st;
		uint32_t c;

		if (!length_in(cpu, op->r1 + 1U)) {
			cpu->cc = 0;
			return EXEC_NEXT;
		}
		st = read_character(cpu, cpu->space2, address_in(cpu, op->r2), from, &c);
		if (st == EXEC_NEXT)
			st = read_character(cpu, register_space(cpu, 1),
					    (table + c * to) & cpu->amask, to, &c);
		if (st == EXEC_NEXT && !(op->r3 & M3_NO_TEST) && c == test) {
			cpu->cc = 1;
			return EXEC_NEXT;
		}
		if (st == EXEC_NEXT)
			st = write_character(cpu, target, to, c);
		if (st != EXEC_NEXT)
			return stop_at(cpu, done, st);
		set_address(cpu, op->r1, (target + to) & cpu->amask);
		set_address(cpu, op->r1 + 1U, length_in(cpu, op->r1 + 1U) - from);
		set_address(cpu, op->r2, (address_in(cpu, op->r2) + from) & cpu->amask);
	}
	cpu->cc = 3;
	return EXEC_NEXT;
}

INSN(troo)
{
	return translate(cpu, op, 1, 1);
}

INSN(trot)
{
	return translate(cpu, op, 1, 2);
}

INSN(trto)
{
	return translate(cpu, op, 2, 1);
}

INSN(trtt)
{
	return translate(cpu, op, 2, 2);
}

/* ---- TRANSLATE AND TEST EXTENDED, REVERSE EXTENDED ---- */

#define M3_ARGUMENT 8 /* arguments of two bytes */
#define M3_FUNCTION 4 /* function codes of two bytes */
#define M3_LIMIT    2 /* arguments above 255 have function code zero */

static enum exec translate_and_test(struct sie_cpu *cpu, const struct op *op, bool reverse)
{
	unsigned int from = op->r3 & M3_ARGUMENT ? 2 : 1, to = op->r3 & M3_FUNCTION ? 2 : 1;
	uint64_t table = address_in(cpu, 1) & ~7UL;

	if (length_in(cpu, op->r1 + 1U) % from)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	for (unsigned int done = 0; done < CHARACTERS; done++) {
		uint64_t at = address_in(cpu, op->r1), left = length_in(cpu, op->r1 + 1U);
		uint32_t c, code = 0;
		enum exec st;

		if (!left) {
			cpu->gr[op->r2] = 0;
			cpu->cc = 0;
			return EXEC_NEXT;
		}
		st = read_character(cpu, register_space(cpu, op->r1), at, from, &c);
		if (st == EXEC_NEXT && !((op->r3 & M3_LIMIT) && c > 0xff))
			st = read_character(cpu, register_space(cpu, 1),
					    (table + c * to) & cpu->amask, to, &code);
		if (st != EXEC_NEXT)
			return stop_at(cpu, done, st);
		if (code) {
			cpu->gr[op->r2] = code;
			cpu->cc = 1;
			return EXEC_NEXT;
		}
		set_address(cpu, op->r1, (reverse ? at - from : at + from) & cpu->amask);
		set_address(cpu, op->r1 + 1U, left - from);
	}
	cpu->cc = 3;
	return EXEC_NEXT;
}

INSN(trte)
{
	return translate_and_test(cpu, op, false);
}

INSN(trtre)
{
	return translate_and_test(cpu, op, true);
}

/* ---- SEARCH STRING UNICODE ---- */

INSN(srstu)
{
	uint64_t end = address_in(cpu, op->r1), at = address_in(cpu, op->r2);
	unsigned int done;

	if (gr32(cpu, 0) >> 16)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	for (done = 0; done < CHARACTERS; done++) {
		enum exec st;
		uint16_t c;

		if (at == end || ((at + 1) & cpu->amask) == end) {
			cpu->cc = 2;
			return EXEC_NEXT;
		}
		st = read2(cpu, at, &c);
		if (st != EXEC_NEXT && !done)
			return st;
		if (st != EXEC_NEXT)
			break;
		if (c == (uint16_t)cpu->gr[0]) {
			set_address(cpu, op->r1, at);
			cpu->cc = 1;
			return EXEC_NEXT;
		}
		at = (at + 2) & cpu->amask;
	}
	set_address(cpu, op->r2, at);
	cpu->cc = 3;
	return EXEC_NEXT;
}

/* ---- MOVE, COMPARE LOGICAL LONG UNICODE: padded with the low halfword of the address ---- */

static bool odd_lengths(const struct sie_cpu *cpu, const struct op *op)
{
	return (length_in(cpu, op->r1 + 1U) | length_in(cpu, op->r3 + 1U)) & 1;
}

INSN(mvclu)
{
	uint64_t to = length_in(cpu, op->r1 + 1U), from = length_in(cpu, op->r3 + 1U);
	uint8_t cc = (uint8_t)(to == from ? 0 : to < from ? 1 : 2);

	if (odd_lengths(cpu, op))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	for (unsigned int done = 0; done < CHARACTERS; done++) {
		bool padded = !length_in(cpu, op->r3 + 1U);
		uint16_t c = (uint16_t)operand_address(cpu, op);
		enum exec st = EXEC_NEXT;

		if (!length_in(cpu, op->r1 + 1U)) {
			cpu->cc = cc;
			return EXEC_NEXT;
		}
		if (!padded)
			st = read_half(cpu, cpu->space2, address_in(cpu, op->r3), &c);
		if (st == EXEC_NEXT)
			st = write2(cpu, address_in(cpu, op->r1), c);
		if (st != EXEC_NEXT)
			return stop_at(cpu, done, st);
		advance(cpu, op->r1, 2);
		if (!padded)
			advance(cpu, op->r3, 2);
	}
	cpu->cc = length_in(cpu, op->r1 + 1U) ? 3 : cc;
	return EXEC_NEXT;
}

static enum exec read_or_pad(struct sie_cpu *cpu, tag_t space, unsigned int r, uint16_t pad,
			     uint16_t *c)
{
	*c = pad;
	return length_in(cpu, r + 1) ? read_half(cpu, space, address_in(cpu, r), c) : EXEC_NEXT;
}

INSN(clclu)
{
	uint16_t pad = (uint16_t)operand_address(cpu, op), a, b;

	if (odd_lengths(cpu, op))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	for (unsigned int done = 0; done < CHARACTERS; done++) {
		enum exec st;

		if (!length_in(cpu, op->r1 + 1U) && !length_in(cpu, op->r3 + 1U)) {
			cpu->cc = 0;
			return EXEC_NEXT;
		}
		st = read_or_pad(cpu, cpu->space, op->r1, pad, &a);
		if (st == EXEC_NEXT)
			st = read_or_pad(cpu, cpu->space2, op->r3, pad, &b);
		if (st != EXEC_NEXT)
			return stop_at(cpu, done, st);
		if (a != b) {
			cpu->cc = a < b ? 1 : 2;
			return EXEC_NEXT;
		}
		if (length_in(cpu, op->r1 + 1U))
			advance(cpu, op->r1, 2);
		if (length_in(cpu, op->r3 + 1U))
			advance(cpu, op->r3, 2);
	}
	cpu->cc = 3;
	return EXEC_NEXT;
}

/* ---- CONVERT UTF ---- */

#define M3_WELL_FORMED 1

/** enum unicode_end - why a conversion stops: the condition code */
enum unicode_end {
	UNICODE_SOURCE = 0,
	UNICODE_TARGET = 1,
	UNICODE_INVALID = 2,
	UNICODE_GO_ON = 4,
};

/**
 * struct character - one character on its way
 * @size: bytes it has in the source, then in the target
 * @units: its text in either
 */
struct character {
	uint32_t code;
	unsigned int size;
	uint8_t text[4];
};

static bool well_formed_utf8(const uint8_t *t, unsigned int size)
{
	for (unsigned int i = 1; i < size; i++)
		if ((t[i] & 0xc0) != 0x80)
			return false;
	return !((t[0] == 0xe0 && t[1] < 0xa0) || (t[0] == 0xed && t[1] > 0x9f) ||
		 (t[0] == 0xf0 && t[1] < 0x90) || (t[0] == 0xf4 && t[1] > 0x8f));
}

static enum exec decode_utf8(struct sie_cpu *cpu, uint64_t at, uint64_t left, bool check,
			     struct character *c, enum unicode_end *end)
{
	uint8_t first;

	TRY(read_second(cpu, at, &first, 1));
	c->size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if ((first >= 0x80 && first < (check ? 0xc2 : 0xc0)) || first > (check ? 0xf4 : 0xf7)) {
		*end = UNICODE_INVALID;
		return EXEC_NEXT;
	}
	if (left < c->size) {
		*end = UNICODE_SOURCE;
		return EXEC_NEXT;
	}
	TRY(read_second(cpu, at, c->text, c->size));
	c->code = c->size == 1 ? first : first & (0x7fU >> c->size);
	for (unsigned int i = 1; i < c->size; i++)
		c->code = c->code << 6 | (c->text[i] & 0x3f);
	if (check && c->size > 1 && !well_formed_utf8(c->text, c->size))
		*end = UNICODE_INVALID;
	return EXEC_NEXT;
}

static enum exec decode_utf16(struct sie_cpu *cpu, uint64_t at, uint64_t left, bool check,
			      struct character *c, enum unicode_end *end)
{
	uint16_t first, second;

	c->size = 2;
	if (left < 2) {
		*end = UNICODE_SOURCE;
		return EXEC_NEXT;
	}
	TRY(read_half(cpu, cpu->space2, at, &first));
	c->code = first;
	if ((first & 0xfc00) != 0xd800)
		return EXEC_NEXT;
	c->size = 4;
	if (left < 4) {
		*end = UNICODE_SOURCE;
		return EXEC_NEXT;
	}
	TRY(read_half(cpu, cpu->space2, (at + 2) & cpu->amask, &second));
	c->code = ((first & 0x3ffU) << 10 | (second & 0x3ffU)) + 0x10000;
	if (check && (second & 0xfc00) != 0xdc00)
		*end = UNICODE_INVALID;
	return EXEC_NEXT;
}

static enum exec decode_utf32(struct sie_cpu *cpu, uint64_t at, uint64_t left, bool check,
			      struct character *c, enum unicode_end *end)
{
	c->size = 4;
	if (left < 4) {
		*end = UNICODE_SOURCE;
		return EXEC_NEXT;
	}
	TRY(read_character(cpu, cpu->space2, at, 4, &c->code));
	if ((c->code >= 0xd800 && c->code <= 0xdbff) || c->code > 0x10ffff)
		*end = UNICODE_INVALID;
	return EXEC_NEXT;
}

static void encode_utf8(struct character *c)
{
	static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	uint32_t code = c->code;

	c->size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (unsigned int i = c->size - 1; i > 0; i--) {
		c->text[i] = (uint8_t)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	c->text[0] = (uint8_t)(lead[c->size] | code);
}

static void encode_utf16(struct character *c)
{
	if (c->code < 0x10000) {
		c->size = 2;
		raw_store2(c->text, (uint16_t)c->code);
		return;
	}
	c->size = 4;
	raw_store2(c->text, (uint16_t)(0xd800 | ((c->code - 0x10000) >> 10 & 0x3ff)));
	raw_store2(c->text + 2, (uint16_t)(0xdc00 | (c->code & 0x3ff)));
}

static void encode_utf32(struct character *c)
{
	c->size = 4;
	raw_store4(c->text, c->code);
}

typedef enum exec (*decode_fn)(struct sie_cpu *cpu, uint64_t at, uint64_t left, bool check,
			       struct character *c, enum unicode_end *end);

static enum exec convert(struct sie_cpu *cpu, const struct op *op, decode_fn decode,
			 void (*encode)(struct character *))
{
	bool check = op->r3 & M3_WELL_FORMED;

	for (unsigned int done = 0; done < CHARACTERS; done++) {
		enum unicode_end end = UNICODE_GO_ON;
		uint64_t left = length_in(cpu, op->r2 + 1U);
		struct character c;
		unsigned int consumed;
		enum exec st = EXEC_NEXT;

		if (left)
			st = decode(cpu, address_in(cpu, op->r2), left, check, &c, &end);
		else
			end = UNICODE_SOURCE;
		if (st != EXEC_NEXT)
			return stop_at(cpu, done, st);
		if (end == UNICODE_GO_ON) {
			consumed = c.size;
			encode(&c);
			if (length_in(cpu, op->r1 + 1U) < c.size)
				end = UNICODE_TARGET;
		}
		if (end != UNICODE_GO_ON) {
			cpu->cc = (uint8_t)end;
			return EXEC_NEXT;
		}
		st = write_bytes(cpu, address_in(cpu, op->r1), c.text, c.size);
		if (st != EXEC_NEXT)
			return stop_at(cpu, done, st);
		advance(cpu, op->r2, consumed);
		advance(cpu, op->r1, c.size);
	}
	cpu->cc = 3;
	return EXEC_NEXT;
}

#define CONVERT(name, from, to)                                                                    \
	INSN(name)                                                                                 \
	{                                                                                          \
		return convert(cpu, op, decode_##from, encode_##to);                               \
	}

CONVERT(cu12, utf8, utf16)
CONVERT(cu14, utf8, utf32)
CONVERT(cu21, utf16, utf8)
CONVERT(cu24, utf16, utf32)
CONVERT(cu41, utf32, utf8)
CONVERT(cu42, utf32, utf16)

/* ---- COMPARE UNTIL SUBSTRING EQUAL: length in GR0, pad in GR1 ---- */

static enum exec byte_or_pad(struct sie_cpu *cpu, tag_t space, unsigned int r, uint64_t at,
			     uint8_t *c)
{
	*c = (uint8_t)cpu->gr[1];
	if (at >= length_in(cpu, r + 1))
		return EXEC_NEXT;
	return read_space(cpu, space, (address_in(cpu, r) + at) & cpu->amask, c, 1);
}

/* Operands begin where the run of equal bytes does that ends at @at */
static void begin_at(struct sie_cpu *cpu, unsigned int r, uint64_t at)
{
	uint64_t left = length_in(cpu, r + 1);

	advance(cpu, r, at < left ? at : left);
}

INSN(cuse)
{
	uint64_t wanted = cpu->gr[0] & 0xff;
	uint64_t a_len = length_in(cpu, op->r1 + 1U), b_len = length_in(cpu, op->r2 + 1U);
	uint64_t longer = a_len > b_len ? a_len : b_len, at, run = 0;
	enum exec st = EXEC_NEXT;

	cpu->cc = 0;
	for (at = 0; run < wanted && at < longer && at < CHARACTERS; at++) {
		uint8_t a, b;

		st = byte_or_pad(cpu, cpu->space, op->r1, at, &a);
		if (st == EXEC_NEXT)
			st = byte_or_pad(cpu, cpu->space2, op->r2, at, &b);
		if (st != EXEC_NEXT)
			break;
		run = a == b ? run + 1 : 0;
	}
	/* The run has to be seen whole the next time: without progress it is the exception. */
	if (st != EXEC_NEXT && at == run)
		return st;
	begin_at(cpu, op->r1, at - run);
	begin_at(cpu, op->r2, at - run);
	if (run < wanted || !wanted)
		cpu->cc = !wanted ? 0 : at < longer ? 3 : run ? 1 : 2;
	return EXEC_NEXT;
}

/* ---- TEST DECIMAL ---- */

INSN(tp)
{
	unsigned int len = (op->r1 & 0xf) + 1U;
	uint8_t text[16];
	bool digits = true;

	TRY(read_bytes(cpu, operand_address(cpu, op), text, len));
	for (unsigned int i = 0; i < len; i++)
		if (text[i] >> 4 > 9 || (i + 1 < len && (text[i] & 0xf) > 9))
			digits = false;
	cpu->cc = (uint8_t)(((text[len - 1] & 0xf) > 9 ? 0 : 1) | (digits ? 0 : 2));
	return EXEC_NEXT;
}
