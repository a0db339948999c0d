/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The teardowns of a machine as text, which is read back by `protvirt status --watch`. */
#ifndef VMM_TEARDOWN_LIST_H
#define VMM_TEARDOWN_LIST_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct machine;

#define TEARDOWN_LIST_MAX 64

/**
 * struct teardown_row - a configuration that only the Ultravisor still knows
 * @state: "aside", "tearing", "leftover" or "ending"
 * @total, @at_perform, @left: secure pages: when it was set aside, when PERFORM took it, now
 * @perform_ns: time since PERFORM took it, or 0
 */
struct teardown_row {
	uint32_t number;
	uint32_t vm;
	char state[16];
	uint64_t total;
	uint64_t at_perform;
	uint64_t left;
	uint64_t perform_ns;
};

/**
 * struct teardown_list - teardowns of a moment
 * @next: number of the next event: what to wait for before asking again
 * @n: rows; @more: teardowns without a row
 */
struct teardown_list {
	uint64_t next;
	size_t n;
	size_t more;
	struct teardown_row rows[TEARDOWN_LIST_MAX];
};

/** teardown_list_write() - in the machine process. Return: 0 */
int teardown_list_write(struct machine *m, FILE *out);

/** teardown_list_parse() - read it back. Return: 0 or -EPROTO */
int teardown_list_parse(const char *text, struct teardown_list *list);

/** teardown_row_rate() - pages a second since PERFORM took it, or 0 */
uint64_t teardown_row_rate(const struct teardown_row *row);

/** teardown_row_remaining_ms() - at that rate; 0 if there is none */
uint64_t teardown_row_remaining_ms(const struct teardown_row *row);

#endif
