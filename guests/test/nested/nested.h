/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that is a hypervisor: state descriptions, guests of its own and their programs.
 *
 * A guest has 1 MiB, by default through a real-space designation.
 */
#ifndef GUESTS_TEST_NESTED_NESTED_H
#define GUESTS_TEST_NESTED_NESTED_H

#include <stddef.h>
#include <stdint.h>

#include "test/cpu/smp.h"

#define CPUSTAT_STOP_INT 0x04000000U
#define CPUSTAT_IO_INT   0x02000000U
#define CPUSTAT_EXT_INT  0x01000000U
#define CPUSTAT_ZARCH    0x00000800U
#define CPUSTAT_KSS      0x00000200U
#define CPUSTAT_SM       0x00000080U

#define ICPT_INST     0x04
#define ICPT_PROGI    0x08
#define ICPT_EXTREQ   0x10
#define ICPT_EXTINT   0x14
#define ICPT_IOREQ    0x18
#define ICPT_WAIT     0x1c
#define ICPT_VALIDITY 0x20
#define ICPT_STOP     0x28
#define ICPT_OPEREXC  0x2c
#define ICPT_PARTEXEC 0x38
#define ICPT_KSS      0x5c

#define ICTL_OPEREXC 0x80000000U
#define ICTL_PINT    0x20000000U
#define ICTL_LPSW    0x00400000U
#define ICTL_STCTL   0x00040000U
#define ICTL_TPROT   0x00000200U

#define ECA_MVPGI    0x01000000U
#define ECA_PROTEXCI 0x00002000U
#define ECB_SPECI    0x08

/** struct sie_block - state description, as far as it is used here */
struct sie_block {
	volatile uint32_t cpuflags; /* 000 */
	uint32_t prefix;
	uint8_t reserved08[0x20];
	uint64_t cputm; /* 028 */
	uint64_t ckc;
	uint64_t epoch;
	uint32_t reserved40;
	uint16_t lctl; /* 044 */
	uint16_t icpua;
	uint32_t ictl;
	uint32_t eca;
	volatile uint8_t icptcode; /* 050 */
	uint8_t icptstatus;
	uint8_t reserved52[4];
	uint16_t ipa; /* 056 */
	uint32_t ipb;
	uint32_t scaoh;
	uint8_t fpf; /* 060 */
	uint8_t ecb;
	uint8_t ecb2;
	uint8_t ecb3;
	uint32_t scaol;
	uint32_t reserved68;
	uint32_t todpr; /* 06c */
	uint8_t reserved70[0x10];
	uint64_t mso; /* 080 */
	uint64_t msl;
	uint64_t gpsw_mask; /* 090 */
	uint64_t gpsw_addr;
	uint64_t gg14;
	uint64_t gg15;
	uint8_t reservedb0[0x10];
	uint64_t pei_dst; /* 0c0 */
	union {
		uint64_t pei_src; /* 0c8 */
		struct {
			uint32_t reservedc8;
			uint16_t pgmilc;
			uint16_t iprcc;
		};
	};
	uint8_t reservedd0[0x18];
	uint64_t tecmc; /* 0e8 */
	uint8_t reservedf0[0x10];
	uint64_t gcr[16]; /* 100 */
	uint64_t gbea;
	uint8_t reserved188[0x18];
	uint32_t fac; /* 1a0 */
	uint8_t reserved1a4[0x5c];
};
_Static_assert(sizeof(struct sie_block) == 0x200, "size");
_Static_assert(offsetof(struct sie_block, cputm) == 0x28, "cputm");
_Static_assert(offsetof(struct sie_block, ipa) == 0x56, "ipa");
_Static_assert(offsetof(struct sie_block, todpr) == 0x6c, "todpr");
_Static_assert(offsetof(struct sie_block, iprcc) == 0xce, "iprcc");
_Static_assert(offsetof(struct sie_block, tecmc) == 0xe8, "tecmc");
_Static_assert(offsetof(struct sie_block, fac) == 0x1a0, "fac");

/**
 * struct guest - a guest with one CPU
 * @block: its state description
 * @grs: general registers 0 to 13
 * @memory: its absolute 0
 */
struct guest {
	struct sie_block block __attribute__((aligned(512)));
	uint64_t grs[14];
	uint8_t *memory;
};

/** guests - one for each CPU */
extern struct guest guests[CPUS_MAX];

#define GUEST_SIZE 0x100000UL
#define GUEST_CODE 0x10000UL
#define GUEST_DATA 0x8000UL
#define GUEST_PSW  0x0000000180000000UL
#define REAL_SPACE 0x20UL

/** GUEST_HANDLER - a new PSW is a disabled wait there, plus the offset of the old PSW */
#define GUEST_HANDLER 0xf000UL

/** struct program - code of a guest */
struct program {
	const uint8_t *begin;
	const uint8_t *end;
};

#define PROGRAM(name)                                                                              \
	({                                                                                         \
		extern const uint8_t program_##name[], program_##name##_end[];                     \
		(struct program){program_##name, program_##name##_end};                            \
	})

/** guest_start() - everything anew: this program, and everything that is an option off */
void guest_start(struct guest *guest, struct program program);

/** guest_code() - the same with up to 8 bytes of code, left-aligned */
void guest_code(struct guest *guest, uint64_t code);

/** guest_run() - SIE until an interception; @trapped tells of an exception of our own */
void guest_run(struct guest *guest);

/** sie_enter() - one SIE instruction, at sie_instruction, going on at sie_exit */
void sie_enter(struct sie_block *block, uint64_t grs[14]);
extern const uint8_t sie_instruction[], sie_exit[];

/** retry_program() - program new PSW that executes the instruction again */
void retry_program(void);

/** note_external() - external new PSW: tells below what ended SIE, and disables them */
void note_external(void);
extern volatile uint64_t external_at, external_code;

/** set_primary() - control register 1, through which guests' storage is found */
static inline void set_primary(uint64_t asce)
{
	__asm__ volatile("lctlg %%c1, %%c1, %0" : : "Q"(asce) : "memory");
}

/** guest_u64() - a doubleword of a guest's storage */
static inline volatile uint64_t *guest_u64(struct guest *guest, uint64_t at)
{
	return (volatile uint64_t *)(void *)(guest->memory + at);
}

/** expect_icpt() - the interception code is this one */
void expect_icpt(const struct guest *guest, uint8_t code, const char *what);

/** expect_wait() - the guest waits where the interruption with that old PSW leads */
void expect_wait(const struct guest *guest, uint64_t old_psw, const char *what);

/* The areas */
void test_instructions(void);
void test_validity(void);
void test_storage(void);
void test_several(void);

#endif
