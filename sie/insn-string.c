/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long operands: strings and blocks in registers.
 *
 * All of them can stop on the way. Those with cc 3 stop after UNIT bytes and
 * let the program go on; MVCL and CLCL update their registers and are executed
 * again. A unit never crosses more than one page end of an operand, and its
 * storage is tested before any of it changes.
 */
#include <string.h>

#include "sie/insn-operands.h"

#define UNIT 2048U

static uint64_t address_in(const struct sie_cpu *cpu, unsigned int r)
{
	return cpu->gr[r] & cpu->amask;
}

/* A length is 32 bits outside 64-bit mode */
static uint64_t length_in(const struct sie_cpu *cpu, unsigned int r)
{
	return cpu->mask & PSW_MASK_EA ? cpu->gr[r] : gr32(cpu, r);
}

static void set_length(struct sie_cpu *cpu, unsigned int r, uint64_t v)
{
	set_address(cpu, r, v);
}

static unsigned int at_most(uint64_t n)
{
	return n < UNIT ? (unsigned int)n : UNIT;
}

/* ---- MOVE LONG, COMPARE LOGICAL LONG: 24-bit lengths, pad in the second length register ---- */

#define LENGTH24(cpu, r) (gr32(cpu, r) & 0xffffffU)

static void set_length24(struct sie_cpu *cpu, unsigned int r, uint32_t v)
{
	set_gr32(cpu, r, (gr32(cpu, r) & 0xff000000U) | v);
}

/* Destructive overlap: the first operand would be used as a source after it was stored into */
static bool overlaps(uint64_t to, uint64_t from, uint64_t len)
{
	return len > 1 && to > from && to - from < len;
}

static void move_span(const struct span *to, const struct span *from, unsigned int n)
{
	if (to->first >= n && from->first >= n &&
	    (to->part[0] + n <= from->part[0] || from->part[0] + n <= to->part[0])) {
		raw_copy(to->part[0], from->part[0], n);
		return;
	}
	for (unsigned int i = 0; i < n; i++)
		raw_store1(span_at(to, i), raw_load1(span_at(from, i)));
}

static void fill_span(const struct span *to, uint8_t pad, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		raw_store1(span_at(to, i), pad);
}

static enum exec move_unit(struct sie_cpu *cpu, uint64_t to_address, uint64_t from_address,
			   unsigned int n)
{
	struct span to, from;

	TRY(span_both(cpu, to_address, n, &to, from_address, n, &from));
	move_span(&to, &from, n);
	return EXEC_NEXT;
}

static enum exec pad_unit(struct sie_cpu *cpu, uint64_t to_address, uint8_t pad, unsigned int n)
{
	struct span to;

	TRY(span_store(cpu, to_address, n, &to));
	fill_span(&to, pad, n);
	return EXEC_NEXT;
}

INSN(mvcl)
{
	uint32_t to_len = LENGTH24(cpu, op->r1 + 1U), from_len = LENGTH24(cpu, op->r2 + 1U);
	uint64_t to = address_in(cpu, op->r1), from = address_in(cpu, op->r2);
	uint8_t pad = (uint8_t)(gr32(cpu, op->r2 + 1U) >> 24);
	uint32_t both = to_len < from_len ? to_len : from_len;
	unsigned int n = at_most(both ? both : to_len);

	if (overlaps(to, from, both)) {
		cpu->cc = 3;
		set_address(cpu, op->r1, to);
		set_address(cpu, op->r2, from);
		return EXEC_NEXT;
	}
	if (n)
		TRY(both ? move_unit(cpu, to, from, n) : pad_unit(cpu, to, pad, n));
	set_address(cpu, op->r1, (to + n) & cpu->amask);
	set_address(cpu, op->r2, (from + (both ? n : 0)) & cpu->amask);
	cpu->cc = (uint8_t)(to_len == from_len ? 0 : to_len < from_len ? 1 : 2);
	set_length24(cpu, op->r1 + 1U, to_len - n);
	if (both)
		set_length24(cpu, op->r2 + 1U, from_len - n);
	if (to_len != n)
		return EXEC_AGAIN;
	/* Only now is it known to which length the second operand was used */
	return EXEC_NEXT;
}

/* Bytes of two operands, the shorter one padded. Return: n if all are equal, else the place */
struct comparison {
	uint64_t a;
	uint64_t b;
	uint64_t a_len;
	uint64_t b_len;
	uint8_t pad;
	unsigned int at; /* bytes found equal */
	uint8_t cc;
};

static enum exec compare_unit(struct sie_cpu *cpu, struct comparison *c, unsigned int n)
{
	unsigned int an = c->a_len < n ? (unsigned int)c->a_len : n;
	unsigned int bn = c->b_len < n ? (unsigned int)c->b_len : n;
	struct span a, b;

	if (an && bn)
		TRY(span_two_fetch(cpu, c->a, an, &a, c->b, bn, &b));
	else if (an)
		TRY(span_fetch(cpu, c->a, an, &a));
	else if (bn)
		TRY(span_fetch_second(cpu, c->b, bn, &b));
	c->cc = 0;
	for (c->at = 0; c->at < n; c->at++) {
		uint8_t x = c->at < an ? raw_load1(span_at(&a, c->at)) : c->pad;
		uint8_t y = c->at < bn ? raw_load1(span_at(&b, c->at)) : c->pad;

		if (x != y) {
			c->cc = x < y ? 1 : 2;
			break;
		}
	}
	return EXEC_NEXT;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

INSN(clcl)
{
	uint32_t a_len = LENGTH24(cpu, op->r1 + 1U), b_len = LENGTH24(cpu, op->r2 + 1U);
	struct comparison c = {
		.a = address_in(cpu, op->r1),
		.b = address_in(cpu, op->r2),
		.a_len = a_len,
		.b_len = b_len,
		.pad = (uint8_t)(gr32(cpu, op->r2 + 1U) >> 24),
	};
	unsigned int n = at_most(a_len > b_len ? a_len : b_len);

	TRY(compare_unit(cpu, &c, n));
	cpu->cc = c.cc;
	set_address(cpu, op->r1, (c.a + less(c.at, a_len)) & cpu->amask);
	set_address(cpu, op->r2, (c.b + less(c.at, b_len)) & cpu->amask);
	set_length24(cpu, op->r1 + 1U, a_len - (uint32_t)less(c.at, a_len));
	set_length24(cpu, op->r2 + 1U, b_len - (uint32_t)less(c.at, b_len));
	if (!c.cc && n < (a_len > b_len ? a_len : b_len))
		return EXEC_AGAIN;
	return EXEC_NEXT;
}

/* ---- EXTENDED: lengths of register size, pad in the operand address, cc 3 ---- */

INSN(mvcle)
{
	uint64_t to_len = length_in(cpu, op->r1 + 1U), from_len = length_in(cpu, op->r3 + 1U);
	uint64_t to = address_in(cpu, op->r1), from = address_in(cpu, op->r3);
	uint8_t pad = (uint8_t)operand_address(cpu, op);
	uint64_t both = less(to_len, from_len);
	unsigned int n = at_most(both ? both : to_len);
	uint8_t cc = (uint8_t)(to_len == from_len ? 0 : to_len < from_len ? 1 : 2);

	if (n)
		TRY(both ? move_unit(cpu, to, from, n) : pad_unit(cpu, to, pad, n));
	set_address(cpu, op->r1, (to + n) & cpu->amask);
	set_length(cpu, op->r1 + 1U, to_len - n);
	if (both) {
		set_address(cpu, op->r3, (from + n) & cpu->amask);
		set_length(cpu, op->r3 + 1U, from_len - n);
	}
	cpu->cc = to_len == n ? cc : 3;
	return EXEC_NEXT;
}

INSN(clcle)
{
	uint64_t a_len = length_in(cpu, op->r1 + 1U), b_len = length_in(cpu, op->r3 + 1U);
	struct comparison c = {
		.a = address_in(cpu, op->r1),
		.b = address_in(cpu, op->r3),
		.a_len = a_len,
		.b_len = b_len,
		.pad = (uint8_t)operand_address(cpu, op),
	};
	uint64_t longer = a_len > b_len ? a_len : b_len;
	unsigned int n = at_most(longer);

	TRY(compare_unit(cpu, &c, n));
	set_address(cpu, op->r1, (c.a + less(c.at, a_len)) & cpu->amask);
	set_address(cpu, op->r3, (c.b + less(c.at, b_len)) & cpu->amask);
	set_length(cpu, op->r1 + 1U, a_len - less(c.at, a_len));
	set_length(cpu, op->r3 + 1U, b_len - less(c.at, b_len));
	cpu->cc = !c.cc && n < longer ? 3 : c.cc;
	return EXEC_NEXT;
}

/* ---- strings that end in the byte of GR0 ---- */

/* Bytes from @address to the page's end, UNIT at most */
static unsigned int to_page_end(uint64_t address)
{
	uint64_t room = PAGE_SIZE - (address & ~PAGE_MASK);

	return room < UNIT ? (unsigned int)room : UNIT;
}

static enum exec end_character(struct sie_cpu *cpu, uint8_t *c)
{
	*c = (uint8_t)cpu->gr[0];
	if (gr32(cpu, 0) & 0xffffff00U)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return EXEC_NEXT;
}

/* SEARCH STRING: r1 is the end, r2 the start */
INSN(srst)
{
	uint64_t end = address_in(cpu, op->r1), at = address_in(cpu, op->r2);
	unsigned int n = to_page_end(at);
	uint8_t wanted;
	struct span s;

	TRY(end_character(cpu, &wanted));
	if (at == end) {
		cpu->cc = 2;
		return EXEC_NEXT;
	}
	if (((end - at) & cpu->amask) < n)
		n = (unsigned int)((end - at) & cpu->amask);
	TRY(span_fetch(cpu, at, n, &s));
	for (unsigned int i = 0; i < n; i++) {
		if (raw_load1(s.part[0] + i) != wanted)
			continue;
		set_address(cpu, op->r1, at + i);
		cpu->cc = 1;
		return EXEC_NEXT;
	}
	if (((at + n) & cpu->amask) == end) {
		cpu->cc = 2;
		return EXEC_NEXT;
	}
	set_address(cpu, op->r2, (at + n) & cpu->amask);
	cpu->cc = 3;
	return EXEC_NEXT;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* MOVE STRING */
INSN(mvst)
{
	uint64_t to = address_in(cpu, op->r1), from = address_in(cpu, op->r2);
	unsigned int n = smaller(to_page_end(to), to_page_end(from));
	struct span s, d;
	uint8_t end;

	TRY(end_character(cpu, &end));
	TRY(span_both(cpu, to, n, &d, from, n, &s));
	for (unsigned int i = 0; i < n; i++) {
		uint8_t c = raw_load1(s.part[0] + i);

		raw_store1(d.part[0] + i, c);
		if (c == end) {
			set_address(cpu, op->r1, (to + i) & cpu->amask);
			cpu->cc = 1;
			return EXEC_NEXT;
		}
	}
	set_address(cpu, op->r1, (to + n) & cpu->amask);
	set_address(cpu, op->r2, (from + n) & cpu->amask);
	cpu->cc = 3;
	return EXEC_NEXT;
}

/* COMPARE LOGICAL STRING: the end character is lower than any other */
INSN(clst)
{
	uint64_t a = address_in(cpu, op->r1), b = address_in(cpu, op->r2);
	unsigned int n = smaller(to_page_end(a), to_page_end(b));
	struct span sa, sb;
	uint8_t end;

	TRY(end_character(cpu, &end));
	TRY(span_two_fetch(cpu, a, n, &sa, b, n, &sb));
	for (unsigned int i = 0; i < n; i++) {
		uint8_t x = raw_load1(sa.part[0] + i), y = raw_load1(sb.part[0] + i);

		if (x == y && x == end) {
			cpu->cc = 0;
			return EXEC_NEXT;
		}
		if (x != y) {
			set_address(cpu, op->r1, (a + i) & cpu->amask);
			set_address(cpu, op->r2, (b + i) & cpu->amask);
			cpu->cc = x == end || (y != end && x < y) ? 1 : 2;
			return EXEC_NEXT;
		}
	}
	set_address(cpu, op->r1, (a + n) & cpu->amask);
	set_address(cpu, op->r2, (b + n) & cpu->amask);
	cpu->cc = 3;
	return EXEC_NEXT;
}

/* ---- TRANSLATE EXTENDED: stops at the test byte ---- */

INSN(tre)
{
	uint64_t at = address_in(cpu, op->r1), len = length_in(cpu, op->r1 + 1U);
	unsigned int n = at_most(len);
	uint8_t test = (uint8_t)cpu->gr[0];
	struct span s, table;
	unsigned int i;

	if (n)
		TRY(span_both(cpu, at, n, &s, address_in(cpu, op->r2), 256, &table));
	for (i = 0; i < n; i++) {
		uint8_t *p = span_at(&s, i);
		uint8_t c = raw_load1(p);

		if (c == test)
			break;
		raw_store1(p, raw_load1(span_at(&table, c)));
	}
	set_address(cpu, op->r1, (at + i) & cpu->amask);
	set_length(cpu, op->r1 + 1U, len - i);
	cpu->cc = i < n ? 1 : n == len ? 0 : 3;
	return EXEC_NEXT;
}

/* ---- CHECKSUM ---- */

INSN(cksm)
{
	uint64_t at = address_in(cpu, op->r2), len = length_in(cpu, op->r2 + 1U);
	unsigned int n = at_most(len);
	uint64_t sum = gr32(cpu, op->r1);
	uint8_t buf[UNIT + 4];

	TRY(n ? read_bytes(cpu, at, buf, n) : EXEC_NEXT);
	memset(buf + n, 0, 4);
	for (unsigned int i = 0; i < n; i += 4)
		sum += raw_load4(buf + i);
	while (sum >> 32)
		sum = (sum & 0xffffffff) + (sum >> 32);
	set_gr32(cpu, op->r1, (uint32_t)sum);
	set_address(cpu, op->r2, (at + n) & cpu->amask);
	set_length(cpu, op->r2 + 1U, len - n);
	cpu->cc = n == len ? 0 : 3;
	return EXEC_NEXT;
}
