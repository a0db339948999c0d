/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test's subject writes to stderr. */
#ifndef TESTS_UNIT_SIE_TOLD_H
#define TESTS_UNIT_SIE_TOLD_H

#include <stddef.h>

/** told_begin() - from now on stderr goes to a file; returns what told_end() needs */
int told_begin(void);

/** told_end() - as before; @text: what was written meanwhile, with an end */
void told_end(int before, char *text, size_t size);

#endif
