// SPDX-License-Identifier: GPL-2.0-or-later
/* Storage of a guest's guest: our tables, its own, keys, and pages that are missing. */
#include "test/nested/nested.h"

#include "test/cpu/check.h"
#include "test/cpu/translation.h"
#include "runtime/console.h"

#define TYPE_SEGMENT 0x00UL
#define TYPE_REGION3 0x04UL
#define TYPE_REGION2 0x08UL
#define TYPE_REGION1 0x0cUL
#define LENGTH       0x03UL
#define FORMAT_LARGE 0x400UL

#define TEID_STORE 0x400UL
#define TEID_FETCH 0x800UL

#define NOWHERE 0x70000000UL /* no storage there */

/* One table of each kind; the guest is at virtual 0 */
static struct {
	uint64_t region1[2048] __attribute__((aligned(4096)));
	uint64_t region2[2048] __attribute__((aligned(4096)));
	uint64_t region3[2048] __attribute__((aligned(4096)));
	uint64_t segment[2048] __attribute__((aligned(4096)));
	uint64_t page[256] __attribute__((aligned(4096)));
} tables;

static struct guest *const guest = &guests[0];

static void fill(uint64_t *table)
{
	for (unsigned int i = 0; i < 2048; i++)
		table[i] = ENTRY_INVALID;
}

static void tables_init(void)
{
	fill(tables.region1);
	fill(tables.region2);
	fill(tables.region3);
	fill(tables.segment);
	tables.region1[0] = (uint64_t)tables.region2 | TYPE_REGION1 | LENGTH;
	tables.region2[0] = (uint64_t)tables.region3 | TYPE_REGION2 | LENGTH;
	tables.region3[0] = (uint64_t)tables.segment | TYPE_REGION3 | LENGTH;
	tables.segment[0] = (uint64_t)tables.page;
	for (unsigned int i = 0; i < 256; i++)
		tables.page[i] = (uint64_t)guests[0].memory + i * TABLE_PAGE;
}

/* The guest behind our tables: one page of it may be changed after that */
static void start(struct program program, uint64_t asce)
{
	guest_start(guest, program);
	tables_init();
	set_primary(asce);
	guest->block.mso = 0;
	guest->block.msl = UINT64_MAX;
	guest->grs[2] = 0x1234567890abcdefUL;
	guest->grs[3] = GUEST_DATA;
}

static uint64_t region1_asce(void)
{
	return (uint64_t)tables.region1 | TYPE_REGION1 | LENGTH;
}

static void all_levels(void)
{
	static const char *const names[] = {"segment table", "region-third table",
					    "region-second table", "region-first table"};
	const uint64_t asces[] = {
		(uint64_t)tables.segment | TYPE_SEGMENT | LENGTH,
		(uint64_t)tables.region3 | TYPE_REGION3 | LENGTH,
		(uint64_t)tables.region2 | TYPE_REGION2 | LENGTH,
		region1_asce(),
	};

	for (unsigned int i = 0; i < 4; i++) {
		start(PROGRAM(store_there), asces[i]);
		guest_run(guest);
		check(guest->block.icptcode == ICPT_INST &&
			      *guest_u64(guest, GUEST_DATA) == guest->grs[2],
		      names[i]);
	}
}

/* Nothing left the guest, the exception is ours, at SIE */
static void expect_fault(uint16_t code, enum old_address old, uint64_t teid, const char *what)
{
	guest_run(guest);
	if (guest->block.icptcode || trapped.teid != teid)
		console_printf("# icpt %02x, TEID %016lx, not %016lx\n", guest->block.icptcode,
			       trapped.teid, teid);
	trapped.code = guest->block.icptcode || trapped.teid != teid ? 0xffff : trapped.code;
	expect_trap(code, 4, old, what);
}

static void exceptions(void)
{
	static const struct {
		uint64_t address;
		uint16_t code;
		const char *name;
	} rows[] = {
		{0x100000, 0x10, "segment translation"},
		{1UL << 31, 0x3b, "region-third translation"},
		{1UL << 42, 0x3a, "region-second translation"},
		{1UL << 53, 0x39, "region-first translation"},
	};

	for (unsigned int i = 0; i < 4; i++) {
		start(PROGRAM(store_there), region1_asce());
		guest->grs[3] = rows[i].address;
		expect_fault(rows[i].code, AT, rows[i].address | TEID_STORE, rows[i].name);
		check_equal(GUEST_CODE, guest->block.gpsw_addr, "the instruction was not executed");
	}
	start(PROGRAM(fetch_there), (uint64_t)tables.region3 | TYPE_REGION3 | LENGTH);
	guest->grs[3] = 1UL << 42;
	expect_fault(0x38, AT, 1UL << 42 | TEID_FETCH, "ASCE type");
	start(PROGRAM(fetch_there), region1_asce());
	tables.page[8] |= PAGE_INVALID;
	expect_fault(0x11, AT, GUEST_DATA | TEID_FETCH, "page translation");
	tables.page[8] &= ~PAGE_INVALID;
	*guest_u64(guest, GUEST_DATA) = 99;
	guest_run(guest);
	check(guest->block.icptcode == ICPT_INST && guest->grs[2] == 99, "and on with the page");
}

static void specification(void)
{
	start(PROGRAM(fetch_there), region1_asce());
	tables.segment[1] = (uint64_t)tables.page | TYPE_REGION3;
	guest->grs[3] = 0x100000;
	guest_run(guest);
	expect_trap(0x12, 4, BEHIND,
		    "translation specification: segment-table entry of a wrong type");
	start(PROGRAM(fetch_there), region1_asce());
	tables.page[8] |= 0x800;
	guest_run(guest);
	expect_trap(0x12, 4, BEHIND, "translation specification: page-table entry");
}

static void expect_addressing(const char *what)
{
	guest_run(guest);
	check(guest->block.icptcode == ICPT_PROGI && guest->block.iprcc == 5 &&
		      guest->block.pgmilc == 6 && guest->block.gpsw_addr == GUEST_CODE + 6,
	      what);
}

static void addressing(void)
{
	start(PROGRAM(fetch_there), region1_asce());
	tables.page[8] = NOWHERE;
	expect_addressing("addressing: a page that is not there");
	start(PROGRAM(fetch_there), region1_asce());
	tables.segment[1] = NOWHERE;
	guest->grs[3] = 0x100000;
	expect_addressing("addressing: a table that is not there");
	guest_start(guest, PROGRAM(fetch_there));
	set_primary(REAL_SPACE);
	guest->grs[3] = GUEST_SIZE;
	expect_addressing("addressing: beyond the limit");
	start(PROGRAM(fetch_there), region1_asce());
	guest->block.cpuflags |= CPUSTAT_SM;
	guest->block.msl = 0;
	guest_run(guest);
	expect_icpt(guest, ICPT_INST, "no limit if it is suppressed");
}

static void protection(void)
{
	start(PROGRAM(fetch_there), region1_asce());
	tables.page[8] |= PAGE_PROTECT;
	guest_run(guest);
	expect_icpt(guest, ICPT_INST, "a protected page can be fetched from");
	start(PROGRAM(store_there), region1_asce());
	tables.page[8] |= PAGE_PROTECT;
	expect_fault(0x04, BEHIND, GUEST_DATA | TEID_STORE | 0x4, "stores are our exception");
	tables.page[8] &= ~PAGE_PROTECT;
	guest_run(guest);
	check(guest->block.icptcode == ICPT_INST && *guest_u64(guest, GUEST_DATA) == guest->grs[2],
	      "until it is not protected");
}

static void large_frames(void)
{
	uint64_t cr0 = read_cr0();

	start(PROGRAM(fetch_there), region1_asce());
	tables.segment[2] = (uint64_t)guest->memory | FORMAT_LARGE;
	guest->grs[3] = 0x200000 + GUEST_DATA;
	*guest_u64(guest, GUEST_DATA) = 4711;
	write_cr0(cr0 | CR0_EDAT);
	guest_run(guest);
	write_cr0(cr0);
	check(guest->block.icptcode == ICPT_INST && guest->grs[2] == 4711, "a frame of 1 MiB");
}

/* The guest's own tables at 20000: page 8 is its page 9, page a is invalid */
static void own_tables(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		start(PROGRAM(with_dat), region1_asce());
		for (unsigned int page = 0; page < 256; page++)
			*guest_u64(guest, 0x24000 + page * 8) = page * TABLE_PAGE;
		*guest_u64(guest, 0x20000) = 0x24000;
		*guest_u64(guest, 0x24000 + 8 * 8) = 0x9000;
		*guest_u64(guest, 0x24000 + 10 * 8) = PAGE_INVALID;
		*guest_u64(guest, GUEST_DATA) = GUEST_PSW | PSW_DAT;
		*guest_u64(guest, GUEST_DATA + 16) = 0x20000;
		*guest_u64(guest, 0x9000) = 815;
		guest->grs[3] = i ? 0xa000 : 0x8000;
		guest_run(guest);
		if (!i)
			check(guest->block.icptcode == ICPT_INST && guest->grs[2] == 815,
			      "the guest translates on top of that");
	}
	expect_wait(guest, 0x150, "its exceptions are its own");
	check_equal(0x11, *guest_u64(guest, 0x88) & 0xffff, "by its tables");
}

/* ---- MOVE PAGE ---- */

#define TO   0x8000UL
#define FROM 0x9000UL

static void start_move(uint64_t cr0)
{
	start(PROGRAM(move_page), region1_asce());
	write_cr0(cr0);
	guest->block.eca = ECA_MVPGI;
	guest->grs[2] = TO;
	guest->grs[3] = FROM;
	*guest_u64(guest, FROM + 8) = 42;
	*guest_u64(guest, TO + 8) = 0;
}

static void expect_partial(bool to_invalid, const char *what)
{
	uint64_t *dst = &tables.page[8], *src = &tables.page[9];
	uint64_t *bad = to_invalid ? dst : src;

	*bad |= PAGE_INVALID;
	guest_run(guest);
	if (guest->block.icptcode != ICPT_PARTEXEC)
		console_printf("# icpt %02x, trap %04x\n", guest->block.icptcode, trapped.code);
	check(guest->block.icptcode == ICPT_PARTEXEC && guest->block.ipa == 0xb254 &&
		      guest->block.pei_dst == (uint64_t)dst &&
		      guest->block.pei_src == (uint64_t)src,
	      what);
	*bad &= ~PAGE_INVALID;
	check_equal(0, *guest_u64(guest, TO + 8), "nothing was moved");
	guest_run(guest);
	check(guest->block.icptcode == ICPT_INST && guest->block.ipa == 0x8300,
	      "the PSW is behind it");
}

static void move(void)
{
	uint64_t cr0 = read_cr0();

	start_move(cr0);
	guest_run(guest);
	check(guest->block.icptcode == ICPT_INST && *guest_u64(guest, TO + 8) == 42,
	      "MOVE PAGE is interpreted");
	start_move(cr0);
	expect_partial(true, "partial execution: the destination is invalid");
	start_move(cr0);
	expect_partial(false, "partial execution: the source is invalid");
	start_move(cr0);
	tables.segment[1] = ENTRY_INVALID;
	guest->grs[3] = 0x100000;
	expect_fault(0x10, AT, 0x100000 | TEID_FETCH, "a segment without EDAT is an exception");
	start_move(cr0 | CR0_EDAT);
	guest->grs[3] = 0x100000;
	guest_run(guest);
	check(guest->block.icptcode == ICPT_PARTEXEC &&
		      guest->block.pei_src == ((uint64_t)&tables.segment[1] | 4),
	      "with EDAT the segment-table entry is told");
	write_cr0(cr0);
}

/* ---- keys ---- */

static void set_key(void *at, uint64_t key)
{
	__asm__ volatile("sske %0, %1" : : "d"(key), "d"(at) : "memory");
}

static uint64_t get_key(void *at)
{
	uint64_t key = 0;

	__asm__ volatile("iske %0, %1" : "+d"(key) : "d"(at));
	return key;
}

static void keys(void)
{
	void *page;

	start(PROGRAM(store_there), region1_asce());
	page = guest->memory + GUEST_DATA;
	set_key(page, 0x30);
	guest_run(guest);
	check_equal(0x36, get_key(page), "a store sets reference and change bit");
	start(PROGRAM(fetch_there), region1_asce());
	set_key(page, 0x30);
	guest_run(guest);
	check_equal(0x34, get_key(page), "a fetch sets the reference bit");
	start(PROGRAM(store_there), region1_asce());
	guest->block.gpsw_mask |= 0x0050000000000000UL;
	set_key(page, 0x30);
	guest->block.eca = ECA_PROTEXCI;
	guest_run(guest);
	expect_wait(guest, 0x150, "another key protects, and that is the guest's exception");
	check_equal(4, *guest_u64(guest, 0x88) & 0xffff, "protection");
	start(PROGRAM(store_there), region1_asce());
	guest->block.gpsw_mask |= 0x0050000000000000UL;
	guest_run(guest);
	check(guest->block.icptcode == ICPT_PROGI && guest->block.iprcc == 4,
	      "which is intercepted if it is not interpreted");
	set_key(page, 0);
}

void test_storage(void)
{
	all_levels();
	exceptions();
	specification();
	addressing();
	protection();
	large_frames();
	own_tables();
	move();
	keys();
	set_primary(REAL_SPACE);
}
