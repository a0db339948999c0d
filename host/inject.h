/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that are installed now: faults on demand while a machine runs. */
#ifndef HOST_INJECT_H
#define HOST_INJECT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** INJECT_RULES_MAX - rules installed at a time */
#define INJECT_RULES_MAX 32

/**
 * inject_install() - install a rule
 * @text: see docs/inject.md
 * @why: one line without newline, if there is an error
 * @why_len: bytes at @why, at least 1
 *
 * Return: the rule's number, from 1, never used again; -EINVAL; -ENOSPC: too many rules.
 * Context: any thread. So are the others here.
 */
int64_t inject_install(const char *text, char *why, size_t why_len);

/**
 * inject_remove() - take a rule away; steps that it holds go on
 * Return: 0; -ENOENT: there is no such rule.
 */
int inject_remove(int64_t number);

/** inject_clear() - take all rules away. From then on a step costs one branch again */
void inject_clear(void);

/**
 * inject_list() - a line a rule: number, text, how many steps it covered, hit and holds now
 */
void inject_list(FILE *out);

/**
 * inject_wait_hits() - wait until a rule has hit @hits steps
 * Return: 0; -ENOENT: there is no such rule, or it was taken away meanwhile.
 * Context: not by a thread whose steps the rule may hold.
 */
int inject_wait_hits(int64_t number, uint64_t hits);

#endif
