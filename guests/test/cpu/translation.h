/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation tables of the tests: one segment table each, the first MiBs mapped one to one. */
#ifndef GUESTS_TEST_CPU_TRANSLATION_H
#define GUESTS_TEST_CPU_TRANSLATION_H

#include <stdint.h>

#define TABLE_PAGE    4096UL
#define PAGE_INVALID  0x400UL
#define PAGE_PROTECT  0x200UL
#define ENTRY_INVALID 0x20UL
#define CR0_EDAT      0x800000UL
#define CR0_SPACES    0x04000000UL

/** WINDOW - a page that each space may map where it likes: nothing else lies there */
#define WINDOW 0x200000UL

/**
 * struct space - a space of 4 MiB
 * @segments: its table, 512 entries
 * @pages: two page tables for the first 2 MiB, one for the next
 */
struct space {
	uint64_t segments[512] __attribute__((aligned(4096)));
	uint64_t pages[4][256] __attribute__((aligned(2048)));
};

/** space_init() - map the first 2 MiB one to one and WINDOW to @window */
void space_init(struct space *space, const void *window);

/** space_window() - the page-table entry of WINDOW */
static inline volatile uint64_t *space_window(struct space *space)
{
	return &space->pages[2][0];
}

/** space_asce() - its address-space-control element */
static inline uint64_t space_asce(struct space *space)
{
	return (uint64_t)space->segments;
}

/** purge() - forget this CPU's translations */
static inline void purge(void)
{
	__asm__ volatile("ptlb" : : : "memory");
}

#endif
