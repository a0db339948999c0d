/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real addresses, translation tables and moves between spaces. */
#include "sie/insn-operands.h"

#include <string.h>

/* ---- load and store using real address ---- */

static enum exec load_real(struct sie_cpu *cpu, const struct op *op, unsigned int bytes,
			   uint8_t text[8])
{
	uint64_t real = cpu->gr[op->r2] & cpu->amask;

	if (real & (bytes - 1))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	return read_space(cpu, SPACE_ABSOLUTE, real_to_absolute(cpu, real), text, bytes);
}

INSN(lura)
{
	uint8_t text[8];

	TRY(load_real(cpu, op, 4, text));
	set_gr32(cpu, op->r1, raw_load4(text));
	return EXEC_NEXT;
}

INSN(lurag)
{
	uint8_t text[8];

	TRY(load_real(cpu, op, 8, text));
	cpu->gr[op->r1] = raw_load8(text);
	return EXEC_NEXT;
}

static enum exec store_real(struct sie_cpu *cpu, const struct op *op, unsigned int bytes)
{
	uint64_t real = cpu->gr[op->r2] & cpu->amask;
	uint8_t text[8];

	if (real & (bytes - 1))
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (bytes == 8)
		raw_store8(text, cpu->gr[op->r1]);
	else
		raw_store4(text, gr32(cpu, op->r1));
	return write_space(cpu, SPACE_ABSOLUTE, real_to_absolute(cpu, real), text, bytes);
}

INSN(stura)
{
	return store_real(cpu, op, 4);
}

INSN(sturg)
{
	return store_real(cpu, op, 8);
}

/* ---- LOAD REAL ADDRESS ---- */

static uint64_t current_asce(const struct sie_cpu *cpu)
{
	unsigned int as = (unsigned int)(cpu->mask >> 46) & 3;

	return cpu->state->crs[as == 2 ? 7 : as == 3 ? 13 : 1];
}

#define ASCE_REAL_SPACE     0x20UL
#define CR0_SECONDARY_SPACE 0x04000000UL

/* cc 1 segment, 2 page, 3 region or ASCE type: then bit 32 of the register and the code */
static enum exec load_real_address(struct sie_cpu *cpu, const struct op *op, uint64_t *real,
				   uint8_t *cc)
{
	uint64_t address = indexed_address(cpu, op);
	uint64_t asce = current_asce(cpu);
	bool writable = true;
	enum exec st;

	*cc = 0;
	*real = address;
	if (asce & ASCE_REAL_SPACE)
		return EXEC_NEXT;
	st = dat_translate(cpu, asce, address, real, &writable);
	if (st != EXEC_PGM || cpu->pgm.code == PGM_TRANSLATION || cpu->pgm.code == PGM_ADDRESSING)
		return st;
	*cc = cpu->pgm.code == PGM_SEGMENT ? 1 : cpu->pgm.code == PGM_PAGE ? 2 : 3;
	*real = 0x80000000UL | cpu->pgm.code;
	return EXEC_NEXT;
}

INSN(lra)
{
	uint64_t real;
	uint8_t cc;

	TRY(load_real_address(cpu, op, &real, &cc));
	if (cpu->mask & PSW_MASK_EA && cc == 0)
		cpu->gr[op->r1] = real;
	else if (cc == 0 && real >> 31)
		return program_interrupt(cpu, PGM_SPECIAL);
	else
		set_gr32(cpu, op->r1, (uint32_t)real);
	cpu->cc = cc;
	return EXEC_NEXT;
}

INSN(lrag)
{
	uint64_t real;
	uint8_t cc;

	TRY(load_real_address(cpu, op, &real, &cc));
	if (cc == 0)
		cpu->gr[op->r1] = real;
	else
		set_gr32(cpu, op->r1, (uint32_t)real);
	cpu->cc = cc;
	return EXEC_NEXT;
}

/* ---- purging ---- */

/* The other CPUs of the VM have dropped their translations when this returns */
static void purge_everywhere(struct sie_cpu *cpu)
{
	engine_leave(cpu);
	sie_purge(cpu->vm, 0, 0);
	engine_enter(cpu);
}

INSN(ptlb)
{
	tlb_drop_all(cpu);
	serialise();
	return EXEC_SYNC;
}

#define PAGE_INVALID 0x400UL

#define FACILITY_IPTE_RANGE 13

/* r1: page-table origin; r2: virtual address; r3, with facility 13: number of further entries */
INSN(ipte)
{
	uint64_t table = cpu->gr[op->r1] & ~0x7ffUL;
	uint64_t index = cpu->gr[op->r2] >> PAGE_SHIFT & 0xff;
	bool range = op->r3 && has_facility(cpu, FACILITY_IPTE_RANGE);
	uint64_t more = range ? cpu->gr[op->r3] & 0xff : 0;

	if (index + more > 0xff)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	for (uint64_t i = index; i <= index + more; i++) {
		uint8_t text[8];

		TRY(read_space(cpu, SPACE_ABSOLUTE, table + i * 8, text, sizeof(text)));
		raw_store8(text, raw_load8(text) | PAGE_INVALID);
		TRY(write_space(cpu, SPACE_ABSOLUTE, table + i * 8, text, sizeof(text)));
	}
	purge_everywhere(cpu);
	return EXEC_SYNC;
}

/* COMPARE AND SWAP AND PURGE: address in r2, bit 63 of it asks for the purge */
INSN(csp)
{
	uint64_t address = cpu->gr[op->r2] & cpu->amask & ~3UL;
	uint32_t old;
	uint8_t *p;

	TRY(update_pointer(cpu, address, 4, &p));
	do {
		old = raw_load4(p);
		if (old != gr32(cpu, op->r1)) {
			set_gr32(cpu, op->r1, old);
			cpu->cc = 1;
			return EXEC_SYNC;
		}
	} while (!raw_swap4(p, old, gr32(cpu, op->r1 + 1U)));
	cpu->cc = 0;
	if (cpu->gr[op->r2] & 3)
		purge_everywhere(cpu);
	return EXEC_SYNC;
}

/* ---- moves with keys and spaces; keys are inert ---- */

static enum exec move_key(struct sie_cpu *cpu, enum space to_space, uint64_t to,
			  enum space from_space, uint64_t from, uint64_t len, unsigned int limit)
{
	uint8_t buf[PAGE_SIZE];
	unsigned int n = len > limit ? limit : (unsigned int)len;

	if (n) {
		TRY(read_space(cpu, from_space, from, buf, n));
		TRY(write_space(cpu, to_space, to, buf, n));
	}
	return EXEC_NEXT;
}

static uint64_t key_length(const struct sie_cpu *cpu, unsigned int r)
{
	return cpu->mask & PSW_MASK_EA ? cpu->gr[r] : gr32(cpu, r);
}

/* MOVE WITH KEY: true length in r1, 256 at most */
INSN(mvck)
{
	uint64_t len = key_length(cpu, op->r1);

	TRY(move_key(cpu, cpu->space, operand_address(cpu, op), cpu->space, second_address(cpu, op),
		     len, 256));
	cpu->cc = len > 256 ? 3 : 0;
	return EXEC_NEXT;
}

static enum exec move_key_fixed(struct sie_cpu *cpu, const struct op *op)
{
	return move_key(cpu, cpu->space, operand_address(cpu, op), cpu->space,
			second_address(cpu, op), (cpu->gr[0] & 0xff) + 1, 256);
}

INSN(mvcsk)
{
	return move_key_fixed(cpu, op);
}

INSN(mvcdk)
{
	return move_key_fixed(cpu, op);
}

/* An operand-access control of MVCOS: the key and the space, each with a bit that says it counts */
#define OAC_KEY(oac)     ((oac) >> 12 & 0xf)
#define OAC_AS(oac)      ((oac) >> 6 & 3)
#define OAC_HAS_KEY(oac) ((oac)&2)
#define OAC_HAS_AS(oac)  ((oac)&1)
#define AS_HOME          3U

static enum space oac_space(const struct sie_cpu *cpu, uint32_t oac)
{
	static const uint8_t spaces[] = {SPACE_PRIMARY, SPACE_PRIMARY, SPACE_SECONDARY, SPACE_HOME};

	return OAC_HAS_AS(oac) ? spaces[OAC_AS(oac)] : cpu->space;
}

static bool oac_key_refused(const struct sie_cpu *cpu, uint32_t oac)
{
	return problem_state(cpu) && OAC_HAS_KEY(oac) &&
	       !(cpu->state->crs[3] & (0x80000000UL >> OAC_KEY(oac)));
}

INSN(mvcos)
{
	uint64_t len = key_length(cpu, op->r3);
	uint32_t first = gr32(cpu, 0) >> 16, second = gr32(cpu, 0) & 0xffff;

	if (!(cpu->mask & PSW_MASK_DAT) || !(cpu->state->crs[0] & CR0_SECONDARY_SPACE))
		return program_interrupt(cpu, PGM_SPECIAL);
	if (problem_state(cpu) && OAC_HAS_AS(first) && OAC_AS(first) == AS_HOME)
		return program_interrupt(cpu, PGM_SPECIAL);
	if (oac_key_refused(cpu, first) || oac_key_refused(cpu, second))
		return program_interrupt(cpu, PGM_PRIVILEGED);
	TRY(move_key(cpu, oac_space(cpu, first), operand_address(cpu, op), oac_space(cpu, second),
		     second_address(cpu, op), len, (unsigned int)PAGE_SIZE));
	cpu->cc = len > PAGE_SIZE ? 3 : 0;
	return EXEC_NEXT;
}

/* MOVE PAGE: bits 48-51 of GR0 must be zero */
INSN(mvpg)
{
	static const uint64_t reserved = 0xf000;
	uint64_t to = cpu->gr[op->r1] & cpu->amask & PAGE_MASK;
	uint64_t from = cpu->gr[op->r2] & cpu->amask & PAGE_MASK;

	if (cpu->gr[0] & reserved)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(move_key(cpu, cpu->space, to, cpu->space, from, PAGE_SIZE, (unsigned int)PAGE_SIZE));
	cpu->cc = 0;
	return EXEC_NEXT;
}
