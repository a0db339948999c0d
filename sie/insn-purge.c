/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Table entries that become invalid or others, and translations that are forgotten with them. */
#include "sie/insn-operands.h"

#define FACILITY_IPTE_RANGE     13
#define FACILITY_LOCAL_CLEARING 51

/* The other CPUs of the VM have dropped their translations when this returns */
static void purge_everywhere(struct sie_cpu *cpu)
{
	engine_leave(cpu);
	sie_purge(cpu->vm, 0, 0);
	engine_enter(cpu);
}

#define CLEAR_LOCALLY 1U

/* m4 may say that no other CPU uses the table */
static void purge(struct sie_cpu *cpu, const struct op *op)
{
	if (!(op->i & CLEAR_LOCALLY) || !has_facility(cpu, FACILITY_LOCAL_CLEARING)) {
		purge_everywhere(cpu);
		return;
	}
	tlb_drop_all(cpu);
	serialise();
}

INSN(ptlb)
{
	tlb_drop_all(cpu);
	serialise();
	return EXEC_SYNC;
}

/* Another CPU may be about to change the same entry: nothing of that is lost */
static enum exec set_in_entry(struct sie_cpu *cpu, uint64_t at, uint64_t bits)
{
	uint64_t entry;
	uint8_t *p;

	TRY(space_pointer(cpu, SPACE_ABSOLUTE, at, 8, ACCESS_STORE, &p));
	do
		entry = raw_load8(p);
	while (!raw_swap8(p, entry, entry | bits));
	return EXEC_NEXT;
}

/* r1 and the register behind it: compared and, cc 0, stored; else cc 1 and loaded */
static bool swap_doubleword(struct sie_cpu *cpu, const struct op *op, uint8_t *p)
{
	uint64_t old;

	do {
		old = raw_load8(p);
		if (old != cpu->gr[op->r1]) {
			cpu->gr[op->r1] = old;
			cpu->cc = 1;
			return false;
		}
	} while (!raw_swap8(p, old, cpu->gr[op->r1 + 1U]));
	cpu->cc = 0;
	return true;
}

#define PAGE_INVALID 0x400UL

/* r1: page-table origin; r2: virtual address; r3, with facility 13: number of further entries */
INSN(ipte)
{
	uint64_t table = cpu->gr[op->r1] & ~0x7ffUL;
	uint64_t index = cpu->gr[op->r2] >> PAGE_SHIFT & 0xff;
	bool range = op->r3 && has_facility(cpu, FACILITY_IPTE_RANGE);
	uint64_t more = range ? cpu->gr[op->r3] & 0xff : 0;

	if (index + more > 0xff)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	for (uint64_t i = index; i <= index + more; i++)
		TRY(set_in_entry(cpu, table + i * 8, PAGE_INVALID));
	purge(cpu, op);
	return EXEC_SYNC;
}

/* ---- INVALIDATE DAT TABLE ENTRY ---- */

#define IDTE_CLEAR_ONLY 0x800UL
#define IDTE_RESERVED   0xff000UL
#define IDTE_MORE       0x7ffUL
#define TABLE_INVALID   0x20UL

/* r1: table origin and, as in an ASCE, which table; r2: virtual address, number of further entries.
 * An index beyond the table begins anew. */
static enum exec invalidate_table(struct sie_cpu *cpu, uint64_t designation, uint64_t what)
{
	unsigned int level = (unsigned int)(designation >> 2) & 3;
	uint64_t index = what >> (20 + 11 * level);

	for (uint64_t i = 0; i <= (what & IDTE_MORE); i++) {
		uint64_t at = (designation & PAGE_MASK) + ((index + i) & 0x7ff) * 8;

		TRY(set_in_entry(cpu, at, TABLE_INVALID));
	}
	return EXEC_NEXT;
}

INSN(idte)
{
	uint64_t what = cpu->gr[op->r2];

	if (what & IDTE_RESERVED)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	if (!(what & IDTE_CLEAR_ONLY))
		TRY(invalidate_table(cpu, cpu->gr[op->r1], what));
	purge(cpu, op); /* r3's space, and all others */
	return EXEC_SYNC;
}

/* ---- COMPARE AND REPLACE DAT TABLE ENTRY ---- */

/* Which table, in r2 with its origin; as in an ASCE, with a bit more for page tables */
#define TABLE_KIND(v)     ((unsigned int)((v) >> 2) & 7)
#define KIND_PAGE         0U
#define KIND_SEGMENT      4U
#define PAGE_TABLE_ORIGIN (~0x7ffUL)

static uint64_t entry_address(uint64_t designation, uint64_t address)
{
	unsigned int kind = TABLE_KIND(designation);

	if (kind == KIND_PAGE)
		return (designation & PAGE_TABLE_ORIGIN) + (address >> PAGE_SHIFT & 0xff) * 8;
	return (designation & PAGE_MASK) + (address >> (20 + 11 * (kind & 3)) & 0x7ff) * 8;
}

/* r1: entry that is expected, and its successor in the other register of the pair; r2: table, and
 * virtual address in the other; r3: a space, here as with IDTE */
INSN(crdte)
{
	unsigned int kind = TABLE_KIND(cpu->gr[op->r2]);
	uint8_t *p;

	if (kind != KIND_PAGE && kind < KIND_SEGMENT)
		return program_interrupt(cpu, PGM_SPECIFICATION);
	TRY(space_pointer(cpu, SPACE_ABSOLUTE, entry_address(cpu->gr[op->r2], cpu->gr[op->r2 + 1U]),
			  8, ACCESS_STORE, &p));
	if (!swap_doubleword(cpu, op, p))
		return EXEC_SYNC;
	purge(cpu, op);
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

INSN(cspg)
{
	uint64_t address = cpu->gr[op->r2] & cpu->amask & ~7UL;
	uint8_t *p;

	TRY(update_pointer(cpu, address, 8, &p));
	if (swap_doubleword(cpu, op, p) && (cpu->gr[op->r2] & 3))
		purge_everywhere(cpu);
	return EXEC_SYNC;
}

/* PURGE ALB: what was translated through access registers is in the translation cache itself */
INSN(palb)
{
	tlb_drop_all(cpu);
	serialise();
	return EXEC_SYNC;
}
