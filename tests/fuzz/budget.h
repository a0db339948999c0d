/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A limit to how long a guest may run: a random program loops for ever more often
 * than not, which is no finding. That it does not come back when it is kicked is one.
 */
#ifndef TESTS_FUZZ_BUDGET_H
#define TESTS_FUZZ_BUDGET_H

/**
 * budget_begin() - call @kick with @arg when the time is up, unless budget_end() was first
 *
 * If budget_end() still does not come for a long time, the program aborts.
 */
void budget_begin(void (*kick)(void *arg), void *arg);

/** budget_end() - it came back; @kick does not run any more after this returns */
void budget_end(void);

#endif
