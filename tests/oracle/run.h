/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sequence on both sides: the product and the oracle. */
#ifndef TESTS_ORACLE_RUN_H
#define TESTS_ORACLE_RUN_H

#include "tests/oracle/op.h"
#include "tests/oracle/product.h"

/** DEADLOCK_S - a sequence takes milliseconds; sanitizers and a busy machine included, this is none
 */
#define DEADLOCK_S 120

/** struct verdict - @text: lines, each begins with "# "; @deadlock: it did not come to its end */
struct verdict {
	bool failed;
	bool deadlock;
	char text[2000];
};

/** run_sequence() - in this process; what goes very wrong ends it */
void run_sequence(const struct sequence *s, struct verdict *v);

/** run_in_child() - in a process of its own: its death is a verdict as well */
void run_in_child(const struct sequence *s, struct verdict *v);

/**
 * run_shrink() - take away what is not needed for a failure
 * @v: verdict of the result
 * @attempts: how often a candidate gets the chance to fail
 */
void run_shrink(struct sequence *s, struct verdict *v, unsigned int attempts);

/** verdict_fail() - the first failure of a sequence; a line */
__attribute__((format(printf, 2, 3))) void verdict_fail(struct verdict *v, const char *format, ...);

/** verdict_add() - one more line about it */
__attribute__((format(printf, 2, 3))) void verdict_add(struct verdict *v, const char *format, ...);

/** counts_differ() - name the first count that differs. Return: false: none does */
bool counts_differ(const struct counts *expected, const struct counts *seen, struct verdict *v);

/**
 * run_threads() - the operations @first to @end - 1, all of which have threads
 *
 * @spec becomes the state after one order of them that explains every answer and the counts. If
 * there is none, the sequence has failed.
 */
void run_threads(const struct sequence *s, unsigned int first, unsigned int end, struct product *p,
		 struct spec *spec, struct verdict *v);

#endif
