/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of tests by a guest: areas with checks, and instructions that are expected to end in a
 * program interruption.
 */
#ifndef GUESTS_TEST_CPU_CHECK_H
#define GUESTS_TEST_CPU_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/** check() - count and tell a result: "ok AREA: @what" or "not ok AREA: @what" */
void check(bool good, const char *what);

/** check_equal() - the same; tells both values if they differ */
void check_equal(uint64_t expected, uint64_t got, const char *what);

/** struct interruption - what a program interruption left in the prefix area; code 0: none */
struct interruption {
	uint16_t code;
	uint16_t length;
	uint8_t access_id;
	uint32_t dxc;
	uint64_t mask;
	uint64_t address;
	uint64_t teid;
};

extern volatile struct interruption trapped;
extern volatile uint64_t trap_at;     /* address of the instruction under test */
extern volatile uint64_t trap_resume; /* where to go on after the interruption */

/**
 * TRAP_BETWEEN() - one instruction that may be interrupted; then @trapped tells how
 * @before: instructions directly before it, such as a change of the access key
 * @text: the instruction, operands in registers
 * @after: where it goes on, interrupted or not
 *
 * GR1 is used. The handler runs without DAT; the PSW of before is loaded again behind it.
 */
#define TRAP_BETWEEN(before, text, after, ...)                                                     \
	do {                                                                                       \
		trapped.code = 0;                                                                  \
		__asm__ volatile("	larl	%%r1, 80f\n"                                               \
				 "	stgrl	%%r1, trap_at\n"                                          \
				 "	larl	%%r1, 81f\n"                                               \
				 "	stgrl	%%r1, trap_resume\n"                                      \
				 "	" before "\n"                                              \
				 "80:	" text "\n"                                                \
				 "81:	" after "\n" __VA_ARGS__);                                 \
	} while (0)

/** TRAP() - the instruction alone */
#define TRAP(text, ...) TRAP_BETWEEN("", text, "", __VA_ARGS__)

/** enum old_address - where the old PSW has to point */
enum old_address {
	AT,    /* at the instruction: it was nullified */
	BEHIND /* behind it: suppressed or completed */
};

/** expect_trap() - @trapped has this code, length and old address */
void expect_trap(uint16_t code, uint16_t length, enum old_address old, const char *what);

/** trap_init() - program interruptions lead to @trapped from now on */
void trap_init(void);

/** trap_program_entry() - program new PSW; trap_restart: the old address becomes trap_resume */
void trap_program_entry(void);

/** await_external() - be enabled for these subclasses until an external interruption comes
 * @cr0: subclass-mask bits
 * @mask: PSW mask meanwhile, AWAIT_WAITING or AWAIT_RUNNING
 *
 * Return: CPU address in bits 32-47, interruption code in bits 48-63.
 */
uint64_t await_external(uint64_t cr0, uint64_t mask);

#define AWAIT_WAITING 0x0102000180000000UL
#define AWAIT_RUNNING 0x0100000180000000UL

#define PSW_DAT  0x0400000000000000UL
#define PSW_AR   0x0000400000000000UL
#define PSW_ASC  0x0000c00000000000UL
#define PSW_USER 0x0001000000000000UL

/** change_psw() - load the PSW mask (current & ~@off) | @on */
static inline void change_psw(uint64_t off, uint64_t on)
{
	uint64_t psw[2];
	uint32_t high, low;

	__asm__ volatile("epsw %0, %1" : "=&d"(high), "=&d"(low));
	psw[0] = (((uint64_t)high << 32 | low) & ~off) | on;
	__asm__ volatile("	larl	%%r1, 0f\n"
			 "	stg	%%r1, 8(%0)\n"
			 "	lpswe	0(%0)\n"
			 "0:\n"
			 :
			 : "a"(psw)
			 : "1", "memory", "cc");
}

/** leave_problem_state() - by a supervisor call: there is no other way */
void leave_problem_state(void);

static inline uint64_t read_cr0(void)
{
	uint64_t cr0;

	__asm__ volatile("stctg %%c0, %%c0, %0" : "=Q"(cr0));
	return cr0;
}

static inline void write_cr0(uint64_t cr0)
{
	__asm__ volatile("lctlg %%c0, %%c0, %0" : : "Q"(cr0) : "memory");
}

static inline uint16_t this_cpu(void)
{
	uint16_t cpu;

	__asm__ volatile("stap %0" : "=Q"(cpu));
	return cpu;
}

/** cc_of() - condition code in the result of IPM */
static inline unsigned int cc_of(uint32_t ipm)
{
	return ipm >> 28 & 3;
}

/** struct area - a word for the parameter line, and what it runs */
struct area {
	const char *name;
	void (*run)(void);
};

/** run_areas() - those that the parameter line names, or all. Return: 0, 1 if a check failed */
int run_areas(const struct area *areas, unsigned int n);

/* The areas */
void test_interruptions(void);
void test_translation(void);
void test_enhanced_dat(void);
void test_execution(void);
void test_keys(void);
void test_access_registers(void);
void test_address_space_numbers(void);
void test_code(void);
void test_timers(void);
void test_long_operands(void);
void test_floating_point(void);
void test_signals(void);
void test_channel(void);

#endif
