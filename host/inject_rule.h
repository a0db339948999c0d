/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of faults on demand: one line of text is one rule. docs/inject.md explains it. */
#ifndef HOST_INJECT_RULE_H
#define HOST_INJECT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/inject.h"

/** enum inject_when - which of the steps that a rule covers it hits */
enum inject_when {
	INJECT_EACH,
	INJECT_NTH,   /* only number @n, from 1 */
	INJECT_EVERY, /* number @n, 2 * @n, ... */
	INJECT_PROB   /* each by chance */
};

/**
 * struct inject_rule - one rule
 * @point: kind of step; not looked at if @any_point
 * @any_point: every fallible step
 * @any_detail: not only @detail (command code, enum alloc_kind)
 * @any_subject: not only @subject (configuration, guest page, bytes)
 * @when: which of the steps covered; @n belongs to it
 * @chance: INJECT_PROB: of 2^32
 * @seed: INJECT_PROB: the same seed hits the same steps
 * @count: at most so many hits; 0: no limit
 * @hold: the step waits until the rule is gone, and then goes on as usual
 * @outcome: what an Ultravisor call answers
 */
struct inject_rule {
	enum inject_point point;
	bool any_point;
	bool any_detail;
	bool any_subject;
	bool hold;
	enum inject_when when;
	uint32_t detail;
	uint64_t subject;
	uint64_t n;
	uint64_t chance;
	uint64_t seed;
	uint64_t count;
	struct inject_outcome outcome;
};

/**
 * inject_rule_parse() - read a rule
 * @text: the rule
 * @rule: filled in
 * @why: one line without newline that names the wrong field and what it may be, if -EINVAL
 * @why_len: bytes at @why, at least 1
 *
 * Return: 0 or -EINVAL.
 */
int inject_rule_parse(const char *text, struct inject_rule *rule, char *why, size_t why_len);

/** inject_rule_covers() - does the rule speak of this step? Occurrences are counted elsewhere */
bool inject_rule_covers(const struct inject_rule *rule, enum inject_point point, uint32_t detail,
			uint64_t subject);

#endif
