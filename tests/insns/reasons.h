/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a row that problem-state code may execute is not compared: not-by-reference.txt. */
#ifndef TESTS_INSNS_REASONS_H
#define TESTS_INSNS_REASONS_H

#include <stdbool.h>

#include "sie/insn.h"

enum reason {
	REASON_NONE,
	REASON_UNKNOWN, /* the reference ends every case in a signal */
	REASON_DIFFERS, /* the reference is wrong in some case */
	REASON_STATE,   /* not a function of the operands */
	REASON_MODES,   /* the reference is wrong outside 64-bit mode */
};

/** reasons_read() - false: the file cannot be read, or has a line that cannot be meant; says which
 */
bool reasons_read(const char *path);
enum reason reason_of(const struct insn *row);

#endif
