/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation tables of a guest of the fixture, and programs that run with DAT on. */
#ifndef TESTS_UNIT_SIE_TABLES_H
#define TESTS_UNIT_SIE_TABLES_H

#include "tests/unit/sie/fixture.h"

/** PT, TABLE() - page table, segment table, region-third, -second and -first table */
#define PT       0x20000UL
#define TABLE(n) (0x21000UL + (n)*0x1000UL)
/** PT2, SEG2 - the secondary space has a page table and a segment table of its own */
#define PT2      0x28000UL
#define SEG2     0x29000UL

/** VIRTUAL - a page that leads to FX_DATA, in the secondary space to the page behind it */
#define VIRTUAL  0x5000UL
#define DAT_PSW  (FX_PSW_MASK | PSW_MASK_DAT)
#define CR0_SAC  0x04000000UL
#define CR0_EDAT 0x00800000UL
#define CR0_IEP  0x00100000UL

#define LOAD   "e31050000004" /* lg 1,0(5) */
#define STORE  "e31050000024" /* stg 1,0(5) */
#define GET_CC "b2220060"     /* ipm 6 */

/**
 * put_tables() - both spaces; CR0 as the fixture has it, with secondary-space control
 * @level: 0 segment table only, 3 region-first table
 *
 * The first 32 pages but VIRTUAL are mapped one to one, all else is invalid. GR5 is VIRTUAL.
 */
void put_tables(struct fx *f, uint64_t level);

/** put_space() - what was cached is gone, @asce is the primary space, CR0 has @cr0 on as well */
void put_space(struct fx *f, uint64_t asce, uint64_t cr0);

/** without_facility() - the VM offers all that the engine has but @nr */
void without_facility(struct fx *f, unsigned int nr);

/** start() - put code at FX_CODE and point CPU 0 at it, DAT on */
static inline void start(struct fx *f, const char *code)
{
	fx_start(f, code);
	fx_psw(f, DAT_PSW, FX_CODE);
}

static inline uint64_t *gprs(struct fx *f)
{
	return f->cpu[0].state.gprs;
}

/** cc() - what GET_CC has got */
static inline unsigned int cc(struct fx *f)
{
	return (unsigned int)gprs(f)[6] >> 28 & 3;
}

#endif
