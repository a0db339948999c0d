/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One fault, at the n-th step that can fail; and what it must leave behind. */
#ifndef TESTS_FAILNTH_FAULTS_H
#define TESTS_FAILNTH_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/** enum fault_mode - what the fault is */
enum fault_mode {
	FAULT_FAIL,   /* the step fails; an Ultravisor call is refused */
	FAULT_LIE,    /* a call that destroys is carried out and says that it was not */
	FAULT_UNDO,   /* CREATE_SEC_CONF is carried out, fails, and must be undone */
	FAULT_BUSY,   /* condition code 2: nothing was done, again */
	FAULT_PARTIAL /* condition code 3: done in part, again */
};

/** faults_arm() - step number @n from now, from 1, of those that @mode can hit, gets the fault */
void faults_arm(enum fault_mode mode, uint64_t n);

/** faults_disarm() - nothing fails any more; calls are still watched */
void faults_disarm(void);

/** faults_stop() - nobody asks any more */
void faults_stop(void);

/** faults_hit() - did the step come? */
bool faults_hit(void);

/** faults_what() - the step that got the fault, for messages */
const char *faults_what(void);

/**
 * struct fault_leaks - what must be lost by now: not more, not less
 * @configs: configurations whose last DESTROY_SEC_CONF was refused, or who keep a CPU
 * @unknown: of them, those that the Ultravisor gave up all the same
 * @cpus: secure CPUs whose destroy was refused
 * @unknown_cpus: of them, those that are gone all the same
 */
struct fault_leaks {
	uint64_t configs;
	uint64_t unknown;
	uint64_t cpus;
	uint64_t unknown_cpus;
};

struct fault_leaks faults_leaks(void);

/** faults_bytes() - size of the last region asked for: enum alloc_kind; 0: none was */
uint64_t faults_bytes(unsigned int kind);

/**
 * faults_gate_close() - the next page walk stops at its first page, before that counts as a step
 *
 * faults_gate_wait() returns when it stands there, or when the gate is away: who was to come there
 * has to call faults_gate_open() in any case.
 */
void faults_gate_close(void);
void faults_gate_wait(void);
void faults_gate_open(void);

#endif
