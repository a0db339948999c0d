/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/sie/tables.h"

static void put_page_table(struct fx *f, uint64_t table, uint64_t target)
{
	for (uint64_t i = 0; i < 256; i++)
		fx_set8(f, table + i * 8, i < 32 ? i << 12 : 0x400);
	fx_set8(f, table + 5 * 8, target);
}

void put_tables(struct fx *f, uint64_t level)
{
	put_page_table(f, PT, FX_DATA);
	put_page_table(f, PT2, FX_DATA + PAGE_SIZE);
	for (uint64_t n = 0; n <= level; n++) {
		for (uint64_t i = 0; i < 512; i++)
			fx_set8(f, TABLE(n) + i * 8, 0x20 | n << 2);
		fx_set8(f, TABLE(n), n ? TABLE(n - 1) | n << 2 : PT);
	}
	fx_set8(f, SEG2, PT2);
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | CR0_SAC);
	f->cpu[0].scb.gcr[1] = be64_make(TABLE(level) | level << 2);
	f->cpu[0].scb.gcr[7] = be64_make(SEG2);
	f->cpu[0].state.gprs[5] = VIRTUAL;
}

void put_space(struct fx *f, uint64_t asce, uint64_t cr0)
{
	f->cpu[0].scb.gcr[0] = be64_make(CR0_INITIAL | CR0_SAC | cr0);
	f->cpu[0].scb.gcr[1] = be64_make(asce);
	sie_purge(f->vm, 0, 0);
}

void without_facility(struct fx *f, unsigned int nr)
{
	uint64_t list[4];

	sie_host_facilities(list);
	list[nr / 64] &= ~(1UL << (63 - nr % 64));
	sie_vm_set_facilities(f->vm, list, 4);
	sie_purge(f->vm, 0, UINT64_MAX); /* decoded code, too */
}
