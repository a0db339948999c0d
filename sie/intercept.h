/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways out of the engine. */
#ifndef SIE_INTERCEPT_H
#define SIE_INTERCEPT_H

#include "sie/insn.h"

/**
 * intercept_instruction() - the host executes this instruction (04; protected: 68, 6c)
 *
 * PSW behind it, text in ipa and ipb; operands have not been touched.
 */
enum exec intercept_instruction(struct sie_cpu *cpu, const struct op *op);

/** intercept_enabled() - 64: a class the host asked for was enabled; cpu->ia is set already */
enum exec intercept_enabled(struct sie_cpu *cpu);

/** intercept_code() - leave with a code that carries nothing else */
enum exec intercept_code(struct sie_cpu *cpu, uint8_t code);

/** intercept_text() - fill in ipa, ipb and icptstatus from the instruction */
void intercept_text(struct sie_cpu *cpu, const struct op *op);

/**
 * nested_partial_execution() - MOVE PAGE of a nested CPU ended in EXEC_FAULT
 *
 * A page that the guest with SIE has to bring in is interception 38, which tells both addresses.
 */
enum exec nested_partial_execution(struct sie_cpu *cpu, const struct op *op, uint64_t to,
				   tag_t to_tag, uint64_t from, tag_t from_tag);

/* ---- pv.c: protected CPUs ---- */

/** pv_instruction() - the way of an intercepted instruction of a protected CPU */
enum exec pv_instruction(struct sie_cpu *cpu, const struct op *op);

/**
 * pv_enter() - entry of a protected CPU: answers of the last interception, prefix, injection
 *
 * Return: EXEC_NEXT to run, or how the run ended.
 */
enum exec pv_enter(struct sie_cpu *cpu);

/** pv_exit() - what the host may see of a protected CPU */
void pv_exit(struct sie_cpu *cpu, bool intercepted);

/** pv_uvc() - the UVC instruction */
enum exec pv_uvc(struct sie_cpu *cpu, const struct op *op);

#endif
