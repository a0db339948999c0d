/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic address translation of the guest, guest-execution 2.8.
 *
 * Table entries hold absolute addresses here. Enhanced DAT brings protection by
 * region entries and frames of 1 MiB, its second part frames of 2 GiB and common
 * regions.
 */
#include "sie/mem.h"

#define ASCE_ORIGIN  PAGE_MASK
#define ASCE_TYPE    0x0cUL
#define TABLE_LENGTH 0x03UL

#define ENTRY_INVALID   0x20UL
#define ENTRY_TYPE      0x0cUL
#define ENTRY_OFFSET(e) (((e) >> 6) & 3)
#define SEGMENT_ORIGIN  (~0x7ffUL)
#define ENTRY_PROTECT   0x200UL
#define ENTRY_FRAME     0x400UL /* format control: no table, but a large frame */
#define ENTRY_COMMON    0x10UL
#define PAGE_ENTRY_ZERO 0x800UL
#define PAGE_INVALID    0x400UL
#define PAGE_PROTECT    0x200UL
#define NO_EXECUTE      0x100UL /* of pages and large frames */

#define LARGE_FRAME_ACC_VALID 0x10000UL

#define CR0_EDAT       0x00800000UL
#define CR0_IEP        0x00100000UL
#define FACILITY_EDAT1 8
#define FACILITY_EDAT2 78
#define FACILITY_IEP   130

static enum exec translation_exception(struct sie_cpu *cpu, uint16_t code)
{
	cpu->pgm.code = code;
	return EXEC_PGM;
}

static enum exec read_entry(struct sie_cpu *cpu, uint64_t address, uint64_t *entry)
{
	uint8_t buf[8];

	TRY(read_space(cpu, SPACE_ABSOLUTE, address, buf, sizeof(buf)));
	*entry = raw_load8(buf);
	return EXEC_NEXT;
}

/* Exception of a table level: 3 region first, 2 second, 1 third, 0 segment */
static uint16_t level_exception(unsigned int level)
{
	static const uint16_t codes[] = {PGM_SEGMENT, PGM_REGION_THIRD, PGM_REGION_SECOND,
					 PGM_REGION_FIRST};

	return codes[level];
}

static unsigned int level_index(unsigned int level, uint64_t address)
{
	return (unsigned int)(address >> (20 + 11 * level)) & 0x7ff;
}

static bool beyond_type(unsigned int level, uint64_t address)
{
	return level < 3 && address >> (31 + 11 * level);
}

static bool edat1(const struct sie_cpu *cpu)
{
	return (cpu->state->crs[0] & CR0_EDAT) && has_facility(cpu, FACILITY_EDAT1);
}

static bool edat2(const struct sie_cpu *cpu)
{
	return edat1(cpu) && has_facility(cpu, FACILITY_EDAT2);
}

/* Instruction-execution protection; the bit means nothing where it is off */
static bool execution_protected(const struct sie_cpu *cpu, uint64_t entry)
{
	return (entry & NO_EXECUTE) && (cpu->state->crs[0] & CR0_IEP) &&
	       has_facility(cpu, FACILITY_IEP);
}

static enum exec walk_page_table(struct sie_cpu *cpu, uint64_t segment, uint64_t address,
				 struct translation *t)
{
	uint64_t index = (address >> PAGE_SHIFT) & 0xff;
	uint64_t entry;

	t->entry = (segment & SEGMENT_ORIGIN) + index * 8;
	TRY(read_entry(cpu, t->entry, &entry));
	if (entry & PAGE_INVALID)
		return translation_exception(cpu, PGM_PAGE);
	if (entry & PAGE_ENTRY_ZERO)
		return translation_exception(cpu, PGM_TRANSLATION);
	if (entry & PAGE_PROTECT)
		t->writable = false;
	t->no_execute = execution_protected(cpu, entry);
	t->real = (entry & PAGE_MASK) | (address & ~PAGE_MASK);
	return EXEC_NEXT;
}

/* The entry is that of a region or segment which is the same in all spaces but private ones */
static bool is_common(const struct sie_cpu *cpu, unsigned int level, uint64_t entry)
{
	return (entry & ENTRY_COMMON) && (level == 0 || (level == 1 && edat2(cpu)));
}

static bool is_large_frame(const struct sie_cpu *cpu, unsigned int level, uint64_t entry)
{
	return (entry & ENTRY_FRAME) && ((level == 0 && edat1(cpu)) || (level == 1 && edat2(cpu)));
}

/* A frame of 1 MiB or 2 GiB, at an absolute address: there is no prefixing. Its entry may bring a
 * key along that counts instead of the frame's. */
static void large_frame(const struct sie_cpu *cpu, unsigned int level, uint64_t entry,
			uint64_t address, struct translation *t)
{
	uint64_t offset = (1UL << (20 + 11 * level)) - 1;

	t->real = absolute_to_real(cpu, (entry & ~offset) | (address & offset));
	t->no_execute = execution_protected(cpu, entry);
	t->has_acc = entry & LARGE_FRAME_ACC_VALID;
	t->acc = (uint8_t)(entry >> 8 & (KEY_ACC | KEY_FETCH_PROTECT));
}

enum exec dat_translate(struct sie_cpu *cpu, uint64_t asce, uint64_t address, struct translation *t)
{
	unsigned int level = (unsigned int)((asce & ASCE_TYPE) >> 2);
	uint64_t table = asce & ASCE_ORIGIN;
	uint64_t first = 0, last = asce & TABLE_LENGTH;
	uint64_t entry;

	*t = (struct translation){.writable = true};
	if (beyond_type(level, address))
		return translation_exception(cpu, PGM_ASCE_TYPE);
	for (;; level--) {
		unsigned int index = level_index(level, address);

		t->entry = table + index * 8UL;
		t->beyond = index >> 9 < first || index >> 9 > last;
		if (t->beyond)
			return translation_exception(cpu, level_exception(level));
		TRY(read_entry(cpu, t->entry, &entry));
		if (entry & ENTRY_INVALID)
			return translation_exception(cpu, level_exception(level));
		if ((entry & ENTRY_TYPE) >> 2 != level)
			return translation_exception(cpu, PGM_TRANSLATION);
		if ((asce & ASCE_PRIVATE) && is_common(cpu, level, entry))
			return translation_exception(cpu, PGM_TRANSLATION);
		if ((entry & ENTRY_PROTECT) && (level == 0 || edat1(cpu)))
			t->writable = false;
		if (is_large_frame(cpu, level, entry)) {
			large_frame(cpu, level, entry, address, t);
			return EXEC_NEXT;
		}
		if (level == 0)
			return walk_page_table(cpu, entry, address, t);
		first = ENTRY_OFFSET(entry);
		last = entry & TABLE_LENGTH;
		table = entry & PAGE_MASK;
	}
}
