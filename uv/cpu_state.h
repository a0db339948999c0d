/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The architected state of one CPU, in host order.
 *
 * The engine runs on this structure. For an ordinary CPU it belongs to KVM; for
 * a protected CPU it lies in the donated CPU storage, where only the Ultravisor
 * and the engine see it.
 */
#ifndef UV_CPU_STATE_H
#define UV_CPU_STATE_H

#include <stdint.h>

/**
 * struct psw - program status word
 * @mask: bits 0-63
 * @addr: bits 64-127
 */
struct psw {
	uint64_t mask;
	uint64_t addr;
};

struct cpu_state {
	uint64_t gprs[16];
	uint64_t crs[16];
	uint64_t fprs[16];
	uint32_t acrs[16];
	struct psw psw;
	uint64_t cpu_timer;        /* value at the last update */
	uint64_t clock_comparator;
	uint64_t gbea;             /* breaking-event address */
	uint64_t pp;               /* program parameter */
	uint32_t prefix;
	uint32_t fpc;
	uint32_t todpr;            /* TOD programmable register */
	uint16_t cpu_addr;
};

#define PSW_MASK_PER 0x4000000000000000UL
#define PSW_MASK_DAT 0x0400000000000000UL
#define PSW_MASK_IO 0x0200000000000000UL
#define PSW_MASK_EXT 0x0100000000000000UL
#define PSW_MASK_KEY 0x00f0000000000000UL
#define PSW_MASK_BASE 0x0000000080000000UL /* BA */
#define PSW_MASK_EA 0x0000000100000000UL
#define PSW_MASK_64 (PSW_MASK_EA | PSW_MASK_BASE)
#define PSW_MASK_SHORT 0x0008000000000000UL /* bit 12, one in the 8-byte form */
#define PSW_MASK_MCHECK 0x0004000000000000UL
#define PSW_MASK_WAIT 0x0002000000000000UL
#define PSW_MASK_PSTATE 0x0001000000000000UL
#define PSW_MASK_ASC 0x0000c00000000000UL
#define PSW_MASK_CC 0x0000300000000000UL
#define PSW_MASK_PM 0x00000f0000000000UL
#define PSW_MASK_RI 0x0000008000000000UL

#define CR0_INITIAL 0xe0UL
#define CR14_INITIAL 0xc2000000UL

/** cpu_state_initial_reset() - the initial CPU reset of guest-execution.md 2.1 */
void cpu_state_initial_reset(struct cpu_state *state);

/** cpu_state_clear_reset() - initial reset, then general, access and FP registers too */
void cpu_state_clear_reset(struct cpu_state *state);

#endif
