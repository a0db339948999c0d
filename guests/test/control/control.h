/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The areas of the control guest, and ways into the problem state and out of it. */
#ifndef GUESTS_TEST_CONTROL_CONTROL_H
#define GUESTS_TEST_CONTROL_CONTROL_H

#include "test/cpu/check.h"

/** NOWHERE - no guest has so much storage; doubleword and page */
#define NOWHERE      0xfffffffffffffff8UL
#define NOWHERE_PAGE 0xfffffffffffff000UL

#define CR0_LOW_ADDRESS    0x10000000UL
#define CR0_FETCH_OVERRIDE 0x02000000UL
#define CR0_STORE_OVERRIDE 0x01000000UL

#define PGM_OPERATION     0x01
#define PGM_PRIVILEGED    0x02
#define PGM_PROTECTION    0x04
#define PGM_ADDRESSING    0x05
#define PGM_SPECIFICATION 0x06
#define PGM_DATA          0x07
#define PGM_PAGE          0x11
#define PGM_OPERAND       0x15

/** REFUSED() - the instruction, its operand's address in %0, ends in a program interruption */
#define REFUSED(code, text, operand, what)                                                         \
	do {                                                                                       \
		TRAP(text, : : "a"(operand) : "1", "cc", "memory");                                \
		expect_trap(code, 4, BEHIND, what);                                                \
	} while (0)

/** PRIVILEGED() - the same in the problem state, whatever the operand */
#define PRIVILEGED(text, operand, what)                                                            \
	do {                                                                                       \
		change_psw(0, PSW_USER);                                                           \
		TRAP(text, : : "a"(operand) : "1", "cc", "memory");                                \
		leave_problem_state();                                                             \
		expect_trap(PGM_PRIVILEGED, 4, BEHIND, what);                                      \
	} while (0)

/** PROTECTED_LOW() - the same with low-address protection */
#define PROTECTED_LOW(text, operand, what)                                                         \
	do {                                                                                       \
		uint64_t cr0_ = read_cr0();                                                        \
		write_cr0(cr0_ | CR0_LOW_ADDRESS);                                                 \
		TRAP(text, : : "a"(operand) : "1", "cc", "memory");                                \
		write_cr0(cr0_);                                                                   \
		expect_trap(PGM_PROTECTION, 4, BEHIND, what);                                      \
	} while (0)

/** with_prefix() - call @f while @area, two pages of zeros, is the prefix area */
void with_prefix(uint8_t *area, void (*f)(void));

/** set_storage_key() - of the page at @at */
static inline void set_storage_key(const void *at, uint64_t key)
{
	__asm__ volatile("sske %0, %1" : : "d"(key), "a"(at) : "memory");
}

void test_operands(void);
void test_operand_keys(void);
void test_move_page(void);
void test_protection_test(void);
void test_diagnose(void);
void test_service_calls(void);
void test_information(void);
void test_execute(void);
void test_specifications(void);
void test_cryptography(void);
void test_traps(void);
void test_facilities(void);
void test_exits(void);
void test_ultravisor_calls(void);
void test_subchannels(void);

#endif
