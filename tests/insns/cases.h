/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cases: one instruction with random operands in the frame of layout.h. */
#ifndef TESTS_INSNS_CASES_H
#define TESTS_INSNS_CASES_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"
#include "sie/insn.h"

struct test_case {
	uint8_t wire[CASE_SIZE];
};

/** seed - of all random values; @insn_at: where the instruction being made will stand */
extern uint64_t seed;
extern uint64_t insn_at;

/** any_mode - 24 and 31 bits for rows, too, of which a reason says that they differ in these modes
 */
extern bool any_mode;

/* ---- operands.c ---- */

uint64_t random64(void);
/** below() - a random number below n */
unsigned int below(unsigned int n);
/** operand() - boundaries, small ones, any; @floating(): the same of numbers */
uint64_t operand(void);
uint64_t floating(void);
/** quiet() - a NaN does not signal */
uint64_t quiet(uint64_t v);
void put8(uint8_t *at, uint64_t v);
uint64_t get8(const uint8_t *at);

/* ---- cases.c ---- */

bool name_in(const struct insn *row, const char *const *names);
const struct insn *row_named(const char *name);
bool is_branch(const struct insn *row);
bool is_relative_branch(const struct insn *row);
/** is_long() - address and length in register pairs, or strings that end in the byte of GR0 */
bool is_long(const struct insn *row);
bool is_extended(const struct insn *row);
void only_pairs(uint8_t *i, const struct insn *row);
unsigned int reg(bool even);
void put_relative(uint8_t *at, bool wide, int64_t bytes);
void put_insn(uint8_t *i, const struct insn *row);
void put_context(struct test_case *t, const struct insn *row);
void keep_apart(uint8_t *i, const struct insn *row);
/** make_case() - @frame: CODE_BYTES of code around the instruction */
void make_case(struct test_case *t, const uint8_t *frame, const struct insn *row);

/* ---- fix.c: what some rows need beside random operands ---- */

unsigned int character_size(const struct insn *row);
void fix_swap(struct test_case *t);
void fix_long(struct test_case *t, const struct insn *row);
void fix_execute(struct test_case *t, const struct insn *row);
void fix_dividend(struct test_case *t, const struct insn *row);

/* ---- fix-state.c: rows about registers and modes beside the general ones ---- */

/**
 * fix_state() - access registers, modes, FPC, keys
 * Return: bytes of code put behind the instruction
 */
unsigned int fix_state(struct test_case *t, const struct insn *row);
/** wants_dat() - the engine runs such a row as the reference does: with DAT, in the problem state
 */
bool wants_dat(const struct insn *row);

#endif
