/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Storage-to-storage instructions of up to 256 bytes.
 *
 * Both operands are resolved before the first byte is stored. Bytes are worked
 * on from left to right, one at a time, as programs that overlap operands on
 * purpose rely on; where nothing overlaps larger steps are taken.
 */
#include "sie/insn-operands.h"

/** struct operands - both operands of an SS instruction */
struct operands {
	struct span to;
	struct span from;
	unsigned int len;
};

/* The length code of the L format is one less than the length. */
static inline enum exec both_operands(struct sie_cpu *cpu, const struct op *op, struct operands *o)
{
	uint64_t first = operand_address(cpu, op), second = second_address(cpu, op);

	o->len = op->r1 + 1U;
	return span_both(cpu, first, o->len, &o->to, second, o->len, &o->from);
}

static inline bool in_one_page(const struct operands *o)
{
	return o->to.first == o->len && o->from.first == o->len;
}

RACY static void move_bytes(const struct operands *o)
{
	uint8_t *to = o->to.part[0];
	const uint8_t *from = o->from.part[0];

	if (in_one_page(o) && (to + 8 <= from || from + 8 <= to)) {
		/* 8 bytes at a time read nothing that byte by byte would have changed */
		raw_copy(to, from, o->len);
		return;
	}
	for (unsigned int i = 0; i < o->len; i++)
		raw_store1(span_at(&o->to, i), raw_load1(span_at(&o->from, i)));
}

INSN(mvc)
{
	unsigned int len = op->r1 + 1U;
	uint8_t *to = store_pointer(cpu, operand_address(cpu, op), len);
	const uint8_t *from = second_fetch_pointer(cpu, second_address(cpu, op), len);
	struct operands o;

	/* Unsigned: a target below its source is far away */
	if (likely(to && from && (uintptr_t)to - (uintptr_t)from >= 32)) {
		raw_copy_forward(to, from, len);
		return EXEC_NEXT;
	}
	TRY(both_operands(cpu, op, &o));
	move_bytes(&o);
	return EXEC_NEXT;
}

#define COMBINE(name, expr)                                                                        \
	INSN(name)                                                                                 \
	{                                                                                          \
		struct operands o;                                                                 \
		uint8_t any = 0;                                                                   \
                                                                                                   \
		TRY(both_operands(cpu, op, &o));                                                   \
		for (unsigned int i = 0; i < o.len; i++) {                                         \
			uint8_t a = raw_load1(span_at(&o.to, i));                                  \
			uint8_t b = raw_load1(span_at(&o.from, i));                                \
			uint8_t result = (uint8_t)(expr);                                          \
                                                                                                   \
			raw_store1(span_at(&o.to, i), result);                                     \
			any |= result;                                                             \
		}                                                                                  \
		cpu->cc = any != 0;                                                                \
		return EXEC_NEXT;                                                                  \
	}
COMBINE(nc, a &b)
COMBINE(oc, a | b)
COMBINE(xc, a ^ b)

#define MERGE(name, expr)                                                                          \
	INSN(name)                                                                                 \
	{                                                                                          \
		struct operands o;                                                                 \
                                                                                                   \
		TRY(both_operands(cpu, op, &o));                                                   \
		for (unsigned int i = 0; i < o.len; i++) {                                         \
			uint8_t a = raw_load1(span_at(&o.to, i));                                  \
			uint8_t b = raw_load1(span_at(&o.from, i));                                \
                                                                                                   \
			raw_store1(span_at(&o.to, i), (uint8_t)(expr));                            \
		}                                                                                  \
		return EXEC_NEXT;                                                                  \
	}
MERGE(mvn, (a & 0xf0) | (b & 0x0f))
MERGE(mvz, (a & 0x0f) | (b & 0xf0))

INSN(clc)
{
	struct operands o;

	o.len = op->r1 + 1U;
	TRY(span_two_fetch(cpu, operand_address(cpu, op), o.len, &o.to, second_address(cpu, op),
			   o.len, &o.from));
	cpu->cc = 0;
	/* Programs compare what they expect to be equal. */
	if (o.to.first == o.len && o.from.first == o.len &&
	    raw_equal(o.to.part[0], o.from.part[0], o.len))
		return EXEC_NEXT;
	for (unsigned int i = 0; i < o.len; i++) {
		uint8_t a = raw_load1(span_at(&o.to, i));
		uint8_t b = raw_load1(span_at(&o.from, i));

		if (a != b) {
			cpu->cc = a < b ? 1 : 2;
			break;
		}
	}
	return EXEC_NEXT;
}

/* MOVE INVERSE: the second operand's address is that of its last byte */
INSN(mvcin)
{
	unsigned int len = op->r1 + 1U;
	uint64_t first = (second_address(cpu, op) - (len - 1)) & cpu->amask;
	struct operands o;

	TRY(span_both(cpu, operand_address(cpu, op), len, &o.to, first, len, &o.from));
	for (unsigned int i = 0; i < len; i++)
		raw_store1(span_at(&o.to, i), raw_load1(span_at(&o.from, len - 1 - i)));
	return EXEC_NEXT;
}

/* MOVE RIGHT TO LEFT: the length less one is in GR0 */
INSN(mvcrl)
{
	unsigned int len = (unsigned int)(cpu->gr[0] & 0xff) + 1;
	struct operands o;

	TRY(span_both(cpu, operand_address(cpu, op), len, &o.to, second_address(cpu, op), len,
		      &o.from));
	while (len--)
		raw_store1(span_at(&o.to, len), raw_load1(span_at(&o.from, len)));
	return EXEC_NEXT;
}

/* ---- translate ---- */

/* Only those bytes of the table count that an argument selects: a table may end with its page. */
static enum exec table_of(struct sie_cpu *cpu, uint64_t table, const uint8_t *argument,
			  unsigned int len, struct span *s, uint8_t *lowest)
{
	uint8_t highest = argument[0];

	*lowest = argument[0];
	for (unsigned int i = 1; i < len; i++) {
		if (argument[i] < *lowest)
			*lowest = argument[i];
		if (argument[i] > highest)
			highest = argument[i];
	}
	return span_fetch_second(cpu, (table + *lowest) & cpu->amask, highest - *lowest + 1U, s);
}

static void read_span(const struct span *s, uint8_t *bytes)
{
	for (unsigned int i = 0; i < s->len; i++)
		bytes[i] = raw_load1(span_at(s, i));
}

INSN(tr)
{
	unsigned int len = op->r1 + 1U;
	uint8_t argument[256], lowest;
	struct span s, table;
	uint64_t drops;

	do {
		drops = cpu->drops;
		TRY(span_store(cpu, operand_address(cpu, op), len, &s));
		read_span(&s, argument);
		TRY(table_of(cpu, second_address(cpu, op), argument, len, &table, &lowest));
	} while (drops != cpu->drops);
	for (unsigned int i = 0; i < len; i++)
		raw_store1(span_at(&s, i), raw_load1(span_at(&table, argument[i] - lowest)));
	return EXEC_NEXT;
}

/* The first function byte that is not zero ends it: what later arguments select does not count. */
static enum exec find_function(struct sie_cpu *cpu, uint64_t table, const uint8_t *argument,
			       unsigned int len, int step, unsigned int *found, uint8_t *function)
{
	*function = 0;
	for (*found = 0; *found < len; ++*found) {
		unsigned int n = step > 0 ? *found : len - 1 - *found;

		TRY(read_second(cpu, (table + argument[n]) & cpu->amask, function, 1));
		if (*function)
			break;
	}
	return EXEC_NEXT;
}

/* Address of the argument byte in register 1, function byte in register 2 */
static enum exec translate_and_test(struct sie_cpu *cpu, const struct op *op, int step)
{
	unsigned int len = op->r1 + 1U, found;
	uint64_t at = operand_address(cpu, op);
	uint64_t low = step > 0 ? at : (at - (len - 1)) & cpu->amask;
	uint8_t argument[256], function;

	TRY(read_bytes(cpu, low, argument, len));
	TRY(find_function(cpu, second_address(cpu, op), argument, len, step, &found, &function));
	cpu->cc = !function ? 0 : found == len - 1 ? 2 : 1;
	if (!function)
		return EXEC_NEXT;
	at = (step > 0 ? at + found : at - found) & cpu->amask;
	/* Only in the 24-bit mode something is left of the word: its first byte */
	if (cpu->mask & PSW_MASK_64)
		set_address(cpu, 1, at);
	else
		set_gr32(cpu, 1, (gr32(cpu, 1) & 0xff000000U) | (uint32_t)at);
	cpu->gr[2] = (cpu->gr[2] & ~0xffUL) | function;
	return EXEC_NEXT;
}

INSN(trt)
{
	return translate_and_test(cpu, op, 1);
}

INSN(trtr)
{
	return translate_and_test(cpu, op, -1);
}

/* ---- pack, unpack, move with offset: lengths in r1 and r3 ---- */

static enum exec two_lengths(struct sie_cpu *cpu, const struct op *op, struct operands *o)
{
	return span_both(cpu, operand_address(cpu, op), op->r1 + 1U, &o->to,
			 second_address(cpu, op), op->r3 + 1U, &o->from);
}

static uint8_t byte_from_right(const struct span *s, unsigned int n)
{
	return n < s->len ? raw_load1(span_at(s, s->len - 1 - n)) : 0;
}

static void set_from_right(const struct span *s, unsigned int n, uint8_t v)
{
	raw_store1(span_at(s, s->len - 1 - n), v);
}

static uint8_t swap_digits(uint8_t v)
{
	return (uint8_t)(v << 4 | v >> 4);
}

INSN(pack)
{
	struct operands o;

	TRY(two_lengths(cpu, op, &o));
	set_from_right(&o.to, 0, swap_digits(byte_from_right(&o.from, 0)));
	for (unsigned int i = 1; i < o.to.len; i++) {
		uint8_t low = byte_from_right(&o.from, 2 * i - 1) & 0x0f;
		uint8_t high = byte_from_right(&o.from, 2 * i) & 0x0f;

		set_from_right(&o.to, i, (uint8_t)(high << 4 | low));
	}
	return EXEC_NEXT;
}

INSN(unpk)
{
	struct operands o;
	uint8_t v = 0;

	TRY(two_lengths(cpu, op, &o));
	set_from_right(&o.to, 0, swap_digits(byte_from_right(&o.from, 0)));
	for (unsigned int i = 1; i < o.to.len; i++) {
		if (i & 1)
			v = byte_from_right(&o.from, (i + 1) / 2);
		else
			v >>= 4;
		set_from_right(&o.to, i, 0xf0 | (v & 0x0f));
	}
	return EXEC_NEXT;
}

INSN(mvo)
{
	struct operands o;
	uint8_t digit;

	TRY(two_lengths(cpu, op, &o));
	digit = byte_from_right(&o.to, 0) & 0x0f;
	for (unsigned int i = 0; i < o.to.len; i++) {
		uint8_t v = byte_from_right(&o.from, i);

		set_from_right(&o.to, i, (uint8_t)(v << 4 | digit));
		digit = v >> 4;
	}
	return EXEC_NEXT;
}

/* PACK ASCII, PACK UNICODE: digits of @bytes each become a 16-byte packed number, positive */
static enum exec pack_characters(struct sie_cpu *cpu, const struct op *op, unsigned int bytes)
{
	unsigned int len = op->r3 + 1U;
	struct operands o;

	if (len > 32 * bytes || len % bytes)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(span_both(cpu, operand_address(cpu, op), 16, &o.to, second_address(cpu, op), len,
		      &o.from));
	set_from_right(&o.to, 0, (uint8_t)(byte_from_right(&o.from, 0) << 4 | 0x0c));
	for (unsigned int i = 1; i < 16; i++) {
		uint8_t low = byte_from_right(&o.from, (2 * i - 1) * bytes) & 0x0f;
		uint8_t high = byte_from_right(&o.from, 2 * i * bytes) & 0x0f;

		set_from_right(&o.to, i, (uint8_t)(high << 4 | low));
	}
	return EXEC_NEXT;
}

INSN(pka)
{
	return pack_characters(cpu, op, 1);
}

INSN(pku)
{
	return pack_characters(cpu, op, 2);
}

static enum exec unpack_characters(struct sie_cpu *cpu, const struct op *op, unsigned int bytes,
				   uint8_t zone)
{
	unsigned int len = op->r1 + 1U;
	struct operands o;
	uint8_t sign;

	if (len > 32 * bytes || len % bytes)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(span_both(cpu, operand_address(cpu, op), len, &o.to, second_address(cpu, op), 16,
		      &o.from));
	sign = byte_from_right(&o.from, 0) & 0x0f;
	for (unsigned int i = 0; i < len / bytes; i++) {
		uint8_t v = byte_from_right(&o.from, (i + 1) / 2);

		v = i & 1 ? v & 0x0f : v >> 4;
		set_from_right(&o.to, i * bytes, i == 31 ? zone : zone | v);
		if (bytes == 2)
			set_from_right(&o.to, i * bytes + 1, 0);
	}
	cpu->cc = sign < 0xa ? 3 : sign == 0xb || sign == 0xd ? 1 : 0;
	return EXEC_NEXT;
}

INSN(unpka)
{
	return unpack_characters(cpu, op, 1, 0x30);
}

INSN(unpku)
{
	return unpack_characters(cpu, op, 2, 0x30);
}

/* ---- convert to and from packed decimal ---- */

static bool packed_to_binary(const uint8_t *text, unsigned int len, __int128 *value)
{
	uint8_t sign = text[len - 1] & 0x0f;
	__int128 v = 0;

	for (unsigned int i = 0; i < 2 * len - 1; i++) {
		uint8_t digit = i & 1 ? text[i / 2] & 0x0f : text[i / 2] >> 4;

		if (digit > 9)
			return false;
		v = v * 10 + digit;
	}
	if (sign < 0xa)
		return false;
	*value = sign == 0xb || sign == 0xd ? -v : v;
	return true;
}

static void binary_to_packed(int64_t value, uint8_t *text, unsigned int len)
{
	uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	text[len - 1] = (uint8_t)((v % 10) << 4 | (value < 0 ? 0xd : 0xc));
	for (unsigned int i = len - 1; i-- > 0;) {
		v /= 10;
		text[i] = (uint8_t)(v % 10);
		v /= 10;
		text[i] |= (uint8_t)((v % 10) << 4);
	}
}

INSN(cvb)
{
	uint8_t text[8];
	__int128 v;

	TRY(read_bytes(cpu, indexed_address(cpu, op), text, sizeof(text)));
	if (!packed_to_binary(text, sizeof(text), &v))
		return data_exception(cpu, 0);
	/* Too large: the rightmost bits are stored and the interruption comes anyway */
	if (v != (int32_t)v) {
		TRY(interruption_ready(cpu));
		set_gr32(cpu, op->r1, (uint32_t)v);
		program_interrupt(cpu, PGM_FIXED_DIVIDE);
		return EXEC_PGM_DONE;
	}
	set_gr32(cpu, op->r1, (uint32_t)v);
	return EXEC_NEXT;
}

INSN(cvbg)
{
	uint8_t text[16];
	__int128 v;

	TRY(read_bytes(cpu, indexed_address(cpu, op), text, sizeof(text)));
	if (!packed_to_binary(text, sizeof(text), &v))
		return data_exception(cpu, 0);
	if (v != (int64_t)v)
		return program_interrupt(cpu, PGM_FIXED_DIVIDE);
	cpu->gr[op->r1] = (uint64_t)v;
	return EXEC_NEXT;
}

INSN(cvd)
{
	uint8_t text[8];

	binary_to_packed((int32_t)gr32(cpu, op->r1), text, sizeof(text));
	return write_bytes(cpu, indexed_address(cpu, op), text, sizeof(text));
}

INSN(cvdg)
{
	uint8_t text[16];

	binary_to_packed((int64_t)cpu->gr[op->r1], text, sizeof(text));
	return write_bytes(cpu, indexed_address(cpu, op), text, sizeof(text));
}
