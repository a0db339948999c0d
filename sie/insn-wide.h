/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operands of 4, 8 or 16 bytes, as COMPARE AND SWAP AND STORE and PERFORM LOCKED OPERATION choose.
 */
#ifndef SIE_INSN_WIDE_H
#define SIE_INSN_WIDE_H

#include "sie/insn-operands.h"

/** struct wide - a value in the last bytes of 16 */
struct wide {
	uint64_t high;
	uint64_t low;
};

static inline bool wide_equal(struct wide a, struct wide b)
{
	return a.high == b.high && a.low == b.low;
}

/** wide_load(), wide_store() - 16 bytes as two doublewords */
static inline struct wide wide_load(const uint8_t *p, unsigned int size)
{
	if (size == 16)
		return (struct wide){raw_load8(p), raw_load8(p + 8)};
	return (struct wide){0, size == 4 ? raw_load4(p) : raw_load8(p)};
}

static inline void wide_store(uint8_t *p, unsigned int size, struct wide w)
{
	if (size == 4) {
		raw_store4(p, (uint32_t)w.low);
		return;
	}
	if (size == 16)
		raw_store8(p, w.high);
	raw_store8(p + (size == 16 ? 8 : 0), w.low);
}

/** wide_in(), set_wide() - in general registers; 16 bytes are a pair */
static inline struct wide wide_in(const struct sie_cpu *cpu, unsigned int r, unsigned int size)
{
	if (size == 16)
		return (struct wide){cpu->gr[r], cpu->gr[r + 1]};
	return (struct wide){0, size == 4 ? gr32(cpu, r) : cpu->gr[r]};
}

static inline void set_wide(struct sie_cpu *cpu, unsigned int r, unsigned int size, struct wide w)
{
	if (size == 4) {
		set_gr32(cpu, r, (uint32_t)w.low);
	} else if (size == 8) {
		cpu->gr[r] = w.low;
	} else {
		cpu->gr[r] = w.high;
		cpu->gr[r + 1] = w.low;
	}
}

#endif
