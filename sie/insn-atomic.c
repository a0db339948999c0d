/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interlocked updates. All of them serialise. */
#include "sie/insn-wide.h"

INSN(cs)
{
	uint64_t address = operand_address(cpu, op);
	uint32_t old;
	uint8_t *p;

	if (address & 3)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(update_pointer(cpu, address, 4, &p));
	do {
		old = raw_load4(p);
		if (old != gr32(cpu, op->r1)) {
			set_gr32(cpu, op->r1, old);
			cpu->cc = 1;
			serialise();
			return EXEC_SYNC;
		}
	} while (!raw_swap4(p, old, gr32(cpu, op->r3)));
	cpu->cc = 0;
	return EXEC_SYNC;
}

INSN(csg)
{
	uint64_t address = operand_address(cpu, op);
	uint64_t old;
	uint8_t *p;

	if (address & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(update_pointer(cpu, address, 8, &p));
	do {
		old = raw_load8(p);
		if (old != cpu->gr[op->r1]) {
			cpu->gr[op->r1] = old;
			cpu->cc = 1;
			serialise();
			return EXEC_SYNC;
		}
	} while (!raw_swap8(p, old, cpu->gr[op->r3]));
	cpu->cc = 0;
	return EXEC_SYNC;
}

INSN(cds)
{
	uint64_t address = operand_address(cpu, op);
	uint64_t mine = (uint64_t)gr32(cpu, op->r1) << 32 | gr32(cpu, op->r1 + 1U);
	uint64_t new = (uint64_t)gr32(cpu, op->r3) << 32 | gr32(cpu, op->r3 + 1U);
	uint64_t old;
	uint8_t *p;

	if (address & 7)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(update_pointer(cpu, address, 8, &p));
	do {
		old = raw_load8(p);
		if (old != mine) {
			set_gr32(cpu, op->r1, (uint32_t)(old >> 32));
			set_gr32(cpu, op->r1 + 1U, (uint32_t)old);
			cpu->cc = 1;
			serialise();
			return EXEC_SYNC;
		}
	} while (!raw_swap8(p, old, new));
	cpu->cc = 0;
	return EXEC_SYNC;
}

INSN(cdsg)
{
	uint64_t address = operand_address(cpu, op);
	uint64_t high, low;
	uint8_t *p;

	if (address & 15)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(update_pointer(cpu, address, 16, &p));
	do {
		raw_load16(p, &high, &low);
		if (high != cpu->gr[op->r1] || low != cpu->gr[op->r1 + 1U]) {
			cpu->gr[op->r1] = high;
			cpu->gr[op->r1 + 1U] = low;
			cpu->cc = 1;
			serialise();
			return EXEC_SYNC;
		}
	} while (!raw_swap16(p, high, low, cpu->gr[op->r3], cpu->gr[op->r3 + 1U]));
	cpu->cc = 0;
	return EXEC_SYNC;
}

INSN(ts)
{
	uint8_t old;
	uint8_t *p;

	TRY(update_pointer(cpu, operand_address(cpu, op), 1, &p));
	do
		old = raw_load1(p);
	while (!raw_swap1(p, old, 0xff));
	cpu->cc = old >> 7;
	return EXEC_SYNC;
}

#define LOAD_AND(name, bytes, bits, expr, set_cc)                                                  \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t address = operand_address(cpu, op);                                       \
		uint##bits##_t b = (uint##bits##_t)cpu->gr[op->r3];                                \
		uint##bits##_t old, result;                                                        \
		bool over;                                                                         \
		uint8_t *p;                                                                        \
                                                                                                   \
		if (address % bytes)                                                               \
			return program_interrupt(cpu, PGM_SPECIFICATION);                          \
		if (cpu->mask & PSW_FIXED_OVERFLOW)                                                \
			TRY(interruption_ready(cpu));                                              \
		TRY(update_pointer(cpu, address, bytes, &p));                                      \
		do {                                                                               \
			old = raw_load##bytes(p);                                                  \
			over = false;                                                              \
			expr;                                                                      \
		} while (!raw_swap##bytes(p, old, result));                                        \
		if (bits == 32)                                                                    \
			set_gr32(cpu, op->r1, (uint32_t)old);                                      \
		else                                                                               \
			cpu->gr[op->r1] = old;                                                     \
		set_cc;                                                                            \
		return over ? overflow_done(cpu) : EXEC_SYNC;                                      \
	}

#define SIGNED_ADD(type) over = __builtin_add_overflow((type)old, (type)b, (type *)&result)
#define CARRY_CC         cpu->cc = (uint8_t)((result != 0) | (result < old) << 1)

LOAD_AND(laa, 4, 32, SIGNED_ADD(int32_t), cpu->cc = cc_signed32(result))
LOAD_AND(laag, 8, 64, SIGNED_ADD(int64_t), cpu->cc = cc_signed64(result))
LOAD_AND(laal, 4, 32, result = old + b, CARRY_CC)
LOAD_AND(laalg, 8, 64, result = old + b, CARRY_CC)
LOAD_AND(lan, 4, 32, result = old & b, cpu->cc = cc_nonzero(result))
LOAD_AND(lang, 8, 64, result = old & b, cpu->cc = cc_nonzero(result))
LOAD_AND(lao, 4, 32, result = old | b, cpu->cc = cc_nonzero(result))
LOAD_AND(laog, 8, 64, result = old | b, cpu->cc = cc_nonzero(result))
LOAD_AND(lax, 4, 32, result = old ^ b, cpu->cc = cc_nonzero(result))
LOAD_AND(laxg, 8, 64, result = old ^ b, cpu->cc = cc_nonzero(result))

/* LOAD PAIR DISJOINT. The first operand is read again: if it has not changed, both values were
 * there at the same time (cc 0). r3 is an even register. */
#define LOAD_PAIR(name, bytes, bits, set)                                                          \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t a = operand_address(cpu, op), b = second_address(cpu, op);                \
		uint##bits##_t first, again;                                                       \
		uint8_t second[bytes];                                                             \
                                                                                                   \
		if ((a | b) % bytes)                                                               \
			return program_interrupt(cpu, PGM_SPECIFICATION);                          \
		TRY(read##bytes(cpu, a, &first));                                                  \
		TRY(read_second(cpu, b, second, bytes));                                           \
		TRY(read##bytes(cpu, a, &again));                                                  \
		set(op->r3, again);                                                                \
		set(op->r3 + 1U, raw_load##bytes(second));                                         \
		cpu->cc = first == again ? 0 : 3;                                                  \
		return EXEC_NEXT;                                                                  \
	}
#define SET32(r, v) set_gr32(cpu, r, v)
#define SET64(r, v) (cpu->gr[r] = (v))

LOAD_PAIR(lpd, 4, 32, SET32)
LOAD_PAIR(lpdg, 8, 64, SET64)

/* ---- COMPARE AND SWAP AND STORE ---- */

/* What the first operand is compared with and replaced by */
static enum exec read_wide(struct sie_cpu *cpu, tag_t space, uint64_t address, unsigned int size,
			   struct wide *w)
{
	uint8_t text[16];

	TRY(read_space(cpu, space, address, text, size));
	*w = wide_load(text, size);
	return EXEC_NEXT;
}

static bool swap_wide(uint8_t *p, unsigned int size, const struct wide *old, const struct wide *new)
{
	if (size == 4)
		return raw_swap4(p, (uint32_t)old->low, (uint32_t) new->low);
	if (size == 8)
		return raw_swap8(p, old->low, new->low);
	return raw_swap16(p, old->high, old->low, new->high, new->low);
}

/* All bytes at once */
static struct wide load_wide(uint8_t *p, unsigned int size)
{
	struct wide w;

	if (size < 16)
		return wide_load(p, size);
	raw_load16(p, &w.high, &w.low);
	return w;
}

/* Both operands at once: a translation that the second one drops is looked up again */
static enum exec update_and_store(struct sie_cpu *cpu, uint64_t first, unsigned int size,
				  uint64_t second, unsigned int store_size, uint8_t **p,
				  uint8_t **stored)
{
	uint64_t drops;

	do {
		drops = cpu->drops;
		TRY(space_pointer(cpu, cpu->space2, second, store_size, ACCESS_STORE, stored));
		TRY(update_pointer(cpu, first, size, p));
	} while (drops != cpu->drops);
	return EXEC_NEXT;
}

/* Aligned: each in one piece as far as the host can */
static void store_value(uint8_t *to, const uint8_t *value, unsigned int size)
{
	if (size == 1)
		raw_store1(to, value[0]);
	else if (size == 2)
		raw_store2(to, raw_load2(value));
	else if (size == 4)
		raw_store4(to, raw_load4(value));
	else
		raw_copy(to, value, size);
}

INSN(csst)
{
	unsigned int function = (uint8_t)cpu->gr[0], stores = (uint8_t)(cpu->gr[0] >> 8);
	unsigned int size = 4U << (function & 3), store_size = 1U << (stores & 7);
	uint64_t first = operand_address(cpu, op), second = second_address(cpu, op);
	uint64_t list = cpu->gr[1] & ~15UL & cpu->amask;
	struct wide mine, new, old;
	uint8_t value[16], *p, *stored;

	if (function > 2 || stores > 4 || (function == 2 && (op->r3 & 1)) || first & (size - 1) ||
	    second & (store_size - 1))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(read_wide(cpu, register_space(cpu, 1), list, size, &new));
	TRY(read_space(cpu, register_space(cpu, 1), (list + 16) & cpu->amask, value, store_size));
	TRY(update_and_store(cpu, first, size, second, store_size, &p, &stored));
	mine = wide_in(cpu, op->r3, size);
	do {
		old = load_wide(p, size);
		if (!wide_equal(old, mine)) {
			set_wide(cpu, op->r3, size, old);
			cpu->cc = 1;
			serialise();
			return EXEC_SYNC;
		}
	} while (!swap_wide(p, size, &old, &new));
	cpu->cc = 0;
	store_value(stored, value, store_size);
	return EXEC_SYNC;
}
