/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load, store, insert, and their multiple, reversed and conditional forms. */
#include "sie/insn-operands.h"

static inline enum exec move32(struct sie_cpu *cpu, unsigned int r1, uint32_t a, uint32_t b)
{
	set_gr32(cpu, r1, b);
	return EXEC_NEXT;
}

static inline enum exec move64(struct sie_cpu *cpu, unsigned int r1, uint64_t a, uint64_t b)
{
	cpu->gr[r1] = b;
	return EXEC_NEXT;
}

R32(lr, move32)
R64(lgr, move64)
RF64(lgfr, move64)
RFU64(llgfr, move64)
I32(lhi, move32)
I64(lghi, move64)
M32(l, move32)
M64(lg, move64)
MF64(lgf, move64)
MFU64(llgf, move64)
MH32(lh, move32)
MH64(lgh, move64)
MHU32(llh, move32)
MHU64(llgh, move64)
MB32(lb, move32)
MB64(lgb, move64)
MBU32(llc, move32)
MBU64(llgc, move64)
P32(lrl, move32)
P64(lgrl, move64)
PF64(lgfrl, move64)
PFU64(llgfrl, move64)
PH32(lhrl, move32)
PH64(lghrl, move64)
PHU32(llhrl, move32)
PHU64(llghrl, move64)

#define EXTEND(name, set, expr)                                                                    \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t v = cpu->gr[op->r2];                                                      \
                                                                                                   \
		set(cpu, op->r1, 0, expr);                                                         \
		return EXEC_NEXT;                                                                  \
	}
EXTEND(lbr, move32, (uint32_t)(int8_t)v)
EXTEND(lhr, move32, (uint32_t)(int16_t)v)
EXTEND(llcr, move32, (uint8_t)v)
EXTEND(llhr, move32, (uint16_t)v)
EXTEND(lgbr, move64, (uint64_t)(int8_t)v)
EXTEND(lghr, move64, (uint64_t)(int16_t)v)
EXTEND(llgcr, move64, (uint8_t)v)
EXTEND(llghr, move64, (uint16_t)v)
EXTEND(llgtr, move64, v & 0x7fffffff)
EXTEND(lrvr, move32, __builtin_bswap32((uint32_t)v))
EXTEND(lrvgr, move64, __builtin_bswap64(v))

INSN(la)
{
	set_address(cpu, op->r1, indexed_address(cpu, op));
	return EXEC_NEXT;
}

INSN(larl)
{
	set_address(cpu, op->r1, relative_address(cpu, op));
	return EXEC_NEXT;
}

INSN(ic)
{
	uint8_t v;

	TRY(read1(cpu, indexed_address(cpu, op), &v));
	cpu->gr[op->r1] = (cpu->gr[op->r1] & ~0xffUL) | v;
	return EXEC_NEXT;
}

INSN(llgt)
{
	uint32_t v;

	TRY(read4(cpu, indexed_address(cpu, op), &v));
	cpu->gr[op->r1] = v & 0x7fffffff;
	return EXEC_NEXT;
}

INSN(lrv)
{
	uint32_t v;

	TRY(read4(cpu, indexed_address(cpu, op), &v));
	set_gr32(cpu, op->r1, __builtin_bswap32(v));
	return EXEC_NEXT;
}

INSN(lrvg)
{
	uint64_t v;

	TRY(read8(cpu, indexed_address(cpu, op), &v));
	cpu->gr[op->r1] = __builtin_bswap64(v);
	return EXEC_NEXT;
}

INSN(lrvh)
{
	uint16_t v;

	TRY(read2(cpu, indexed_address(cpu, op), &v));
	cpu->gr[op->r1] = (cpu->gr[op->r1] & ~0xffffUL) | __builtin_bswap16(v);
	return EXEC_NEXT;
}

/* ---- store ---- */

#define STORE(name, bytes, address, expr)                                                          \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t v = cpu->gr[op->r1];                                                      \
                                                                                                   \
		return write##bytes(cpu, address, expr);                                           \
	}
STORE(st, 4, INDEXED, (uint32_t)v)
STORE(stg, 8, INDEXED, v)
STORE(sth, 2, INDEXED, (uint16_t)v)
STORE(stc, 1, INDEXED, (uint8_t)v)
STORE(strv, 4, INDEXED, __builtin_bswap32((uint32_t)v))
STORE(strvg, 8, INDEXED, __builtin_bswap64(v))
STORE(strvh, 2, INDEXED, __builtin_bswap16((uint16_t)v))

#define STORE_RELATIVE(name, bytes, type)                                                          \
	INSN(name)                                                                                 \
	{                                                                                          \
		uint64_t address = relative_address(cpu, op);                                      \
                                                                                                   \
		if (address % bytes)                                                               \
			return program_interrupt(cpu, PGM_SPECIFICATION);                          \
		return write##bytes(cpu, address, (type)cpu->gr[op->r1]);                          \
	}
STORE_RELATIVE(strl, 4, uint32_t)
STORE_RELATIVE(stgrl, 8, uint64_t)
STORE_RELATIVE(sthrl, 2, uint16_t)

INSN(mvi)
{
	return write1(cpu, operand_address(cpu, op), op->i);
}

INSN(mvhhi)
{
	return write2(cpu, operand_address(cpu, op), (uint16_t)op->imm);
}

INSN(mvhi)
{
	return write4(cpu, operand_address(cpu, op), (uint32_t)op->imm);
}

INSN(mvghi)
{
	return write8(cpu, operand_address(cpu, op), (uint64_t)op->imm);
}

/* ---- multiple: register numbers wrap from 15 to 0 ---- */

static inline unsigned int register_count(const struct op *op)
{
	return ((op->r3 - op->r1) & 15U) + 1;
}

#define LOAD_MULTIPLE(name, bytes, align, assign)                                                  \
	INSN(name)                                                                                 \
	{                                                                                          \
		unsigned int n = register_count(op);                                               \
		struct span s;                                                                     \
		uint8_t buf[128];                                                                  \
		const uint8_t *p = fetch_pointer(cpu, operand_address(cpu, op), n * (bytes));      \
                                                                                                   \
		if (operand_address(cpu, op) % (align))                                            \
			return program_interrupt(cpu, PGM_SPECIFICATION);                          \
		if (unlikely(!p)) {                                                                \
			TRY(span_fetch(cpu, operand_address(cpu, op), n *(bytes), &s));            \
			for (unsigned int i = 0; i < n * (bytes); i++)                             \
				buf[i] = raw_load1(span_at(&s, i));                                \
			p = buf;                                                                   \
		}                                                                                  \
		for (unsigned int i = 0; i < n; i++, p += (bytes)) {                               \
			unsigned int r = (op->r1 + i) & 15;                                        \
                                                                                                   \
			assign;                                                                    \
		}                                                                                  \
		return EXEC_NEXT;                                                                  \
	}
LOAD_MULTIPLE(lm, 4, 1, set_gr32(cpu, r, raw_load4(p)))
LOAD_MULTIPLE(lmg, 8, 1, cpu->gr[r] = raw_load8(p))
LOAD_MULTIPLE(lmh, 4, 1, cpu->gr[r] = (uint64_t)raw_load4(p) << 32 | gr32(cpu, r))
LOAD_MULTIPLE(lam, 4, 4, (access_registers_loaded(cpu), cpu->state->acrs[r] = raw_load4(p)))

#define STORE_MULTIPLE(name, bytes, align, store)                                                  \
	INSN(name)                                                                                 \
	{                                                                                          \
		unsigned int n = register_count(op);                                               \
		uint64_t address = operand_address(cpu, op);                                       \
		uint8_t buf[128];                                                                  \
		uint8_t *p = store_pointer(cpu, address, n * (bytes));                             \
		bool fast = p != NULL;                                                             \
                                                                                                   \
		if (address % (align))                                                             \
			return program_interrupt(cpu, PGM_SPECIFICATION);                          \
		if (unlikely(!fast))                                                               \
			p = buf;                                                                   \
		for (unsigned int i = 0; i < n; i++, p += (bytes)) {                               \
			unsigned int r = (op->r1 + i) & 15;                                        \
                                                                                                   \
			store;                                                                     \
		}                                                                                  \
		return fast ? EXEC_NEXT : write_bytes(cpu, address, buf, n * (bytes));             \
	}
STORE_MULTIPLE(stm, 4, 1, raw_store4(p, gr32(cpu, r)))
STORE_MULTIPLE(stmg, 8, 1, raw_store8(p, cpu->gr[r]))
STORE_MULTIPLE(stmh, 4, 1, raw_store4(p, (uint32_t)(cpu->gr[r] >> 32)))
STORE_MULTIPLE(stam, 4, 4, raw_store4(p, cpu->state->acrs[r]))

/* LOAD MULTIPLE DISJOINT: high words from the first, low words from the second operand */
INSN(lmd)
{
	unsigned int n = ((op->r3 - op->r1) & 15U) + 1;
	uint8_t high[64], low[64];

	TRY(read_bytes(cpu, operand_address(cpu, op), high, n * 4));
	TRY(read_second(cpu, second_address(cpu, op), low, n * 4));
	for (unsigned int i = 0; i < n; i++)
		cpu->gr[(op->r1 + i) & 15] =
			(uint64_t)raw_load4(high + i * 4) << 32 | raw_load4(low + i * 4);
	return EXEC_NEXT;
}

/* ---- characters under mask (mask in r3) ---- */

static inline unsigned int mask_bytes(const struct op *op)
{
	return (unsigned int)__builtin_popcount(op->r3);
}

static enum exec insert_under_mask(struct sie_cpu *cpu, const struct op *op, unsigned int shift)
{
	uint32_t word = (uint32_t)(cpu->gr[op->r1] >> shift);
	unsigned int n = mask_bytes(op);
	uint32_t inserted = 0;
	uint8_t buf[4];
	unsigned int at = 0;

	/* A mask of zero still tests the first byte for access */
	TRY(read_bytes(cpu, operand_address(cpu, op), buf, n ? n : 1));
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int bit = 24 - 8 * i;

		if (!(op->r3 & (8 >> i)))
			continue;
		word = (word & ~(0xffU << bit)) | (uint32_t)buf[at] << bit;
		inserted = inserted << 8 | buf[at++];
	}
	cpu->gr[op->r1] = (cpu->gr[op->r1] & ~(0xffffffffUL << shift)) | (uint64_t)word << shift;
	if (inserted == 0)
		cpu->cc = 0;
	else
		cpu->cc = inserted >> (8 * n - 1) & 1 ? 1 : 2;
	return EXEC_NEXT;
}

INSN(icm)
{
	return insert_under_mask(cpu, op, 0);
}

INSN(icmh)
{
	return insert_under_mask(cpu, op, 32);
}

static unsigned int gather_under_mask(const struct sie_cpu *cpu, const struct op *op,
				      unsigned int shift, uint8_t buf[4])
{
	uint32_t word = (uint32_t)(cpu->gr[op->r1] >> shift);
	unsigned int n = 0;

	for (unsigned int i = 0; i < 4; i++)
		if (op->r3 & (8 >> i))
			buf[n++] = (uint8_t)(word >> (24 - 8 * i));
	return n;
}

static enum exec store_under_mask(struct sie_cpu *cpu, const struct op *op, unsigned int shift)
{
	uint8_t buf[4];
	unsigned int n = gather_under_mask(cpu, op, shift, buf);

	return n ? write_bytes(cpu, operand_address(cpu, op), buf, n) : EXEC_NEXT;
}

INSN(stcm)
{
	return store_under_mask(cpu, op, 0);
}

INSN(stcmh)
{
	return store_under_mask(cpu, op, 32);
}

static enum exec compare_under_mask(struct sie_cpu *cpu, const struct op *op, unsigned int shift)
{
	uint8_t mine[4], buf[4];
	unsigned int n = gather_under_mask(cpu, op, shift, mine);

	TRY(read_bytes(cpu, operand_address(cpu, op), buf, n ? n : 1));
	cpu->cc = 0;
	for (unsigned int i = 0; i < n && !cpu->cc; i++)
		cpu->cc = cc_compare_logical64(mine[i], buf[i]);
	return EXEC_NEXT;
}

INSN(clm)
{
	return compare_under_mask(cpu, op, 0);
}

INSN(clmh)
{
	return compare_under_mask(cpu, op, 32);
}

/* ---- on condition: mask in r3 ---- */

INSN(locr)
{
	if (condition(cpu, op->r3))
		set_gr32(cpu, op->r1, gr32(cpu, op->r2));
	return EXEC_NEXT;
}

/* SELECT: the second operand if the mask in m4 holds, else the third */
INSN(selr)
{
	set_gr32(cpu, op->r1, gr32(cpu, condition(cpu, op->i) ? op->r2 : op->r3));
	return EXEC_NEXT;
}

INSN(selgr)
{
	cpu->gr[op->r1] = cpu->gr[condition(cpu, op->i) ? op->r2 : op->r3];
	return EXEC_NEXT;
}

INSN(locgr)
{
	if (condition(cpu, op->r3))
		cpu->gr[op->r1] = cpu->gr[op->r2];
	return EXEC_NEXT;
}

INSN(loc)
{
	uint32_t v;

	if (!condition(cpu, op->r3))
		return EXEC_NEXT;
	TRY(read4(cpu, operand_address(cpu, op), &v));
	set_gr32(cpu, op->r1, v);
	return EXEC_NEXT;
}

INSN(locg)
{
	uint64_t v;

	if (!condition(cpu, op->r3))
		return EXEC_NEXT;
	TRY(read8(cpu, operand_address(cpu, op), &v));
	cpu->gr[op->r1] = v;
	return EXEC_NEXT;
}

INSN(stoc)
{
	if (!condition(cpu, op->r3))
		return EXEC_NEXT;
	return write4(cpu, operand_address(cpu, op), gr32(cpu, op->r1));
}

INSN(stocg)
{
	if (!condition(cpu, op->r3))
		return EXEC_NEXT;
	return write8(cpu, operand_address(cpu, op), cpu->gr[op->r1]);
}

INSN(lochi)
{
	if (condition(cpu, op->r3))
		set_gr32(cpu, op->r1, (uint32_t)op->imm);
	return EXEC_NEXT;
}

INSN(locghi)
{
	if (condition(cpu, op->r3))
		cpu->gr[op->r1] = (uint64_t)op->imm;
	return EXEC_NEXT;
}

/* ---- quadwords ---- */

INSN(lpq)
{
	uint64_t address = indexed_address(cpu, op);
	struct span s;

	if (address & 15)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(span_fetch(cpu, address, 16, &s));
	raw_load16(s.part[0], &cpu->gr[op->r1], &cpu->gr[op->r1 + 1]);
	return EXEC_NEXT;
}

INSN(stpq)
{
	uint64_t address = indexed_address(cpu, op);
	uint64_t high, low;
	uint8_t *p;

	if (address & 15)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(update_pointer(cpu, address, 16, &p));
	do
		raw_load16(p, &high, &low);
	while (!raw_swap16(p, high, low, cpu->gr[op->r1], cpu->gr[op->r1 + 1]));
	return EXEC_NEXT;
}

/* ---- access registers ---- */

INSN(ear)
{
	set_gr32(cpu, op->r1, cpu->state->acrs[op->r2]);
	return EXEC_NEXT;
}

INSN(sar)
{
	cpu->state->acrs[op->r1] = gr32(cpu, op->r2);
	access_registers_loaded(cpu);
	return EXEC_NEXT;
}

INSN(cpya)
{
	cpu->state->acrs[op->r1] = cpu->state->acrs[op->r2];
	access_registers_loaded(cpu);
	return EXEC_NEXT;
}

/* The access register tells the space: 0 primary, 1 secondary, 2 home */
INSN(lae)
{
	static const uint8_t asc_value[] = {0, 0, 1, 2};
	uint32_t base = op->b < 16 ? cpu->state->acrs[op->b] : 0;

	cpu->state->acrs[op->r1] =
		(cpu->mask & PSW_MASK_ASC) == PSW_ASC_AR ? base : asc_value[cpu->mask >> 46 & 3];
	access_registers_loaded(cpu);
	return insn_la(cpu, op);
}
