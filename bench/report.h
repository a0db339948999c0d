/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results: a table for people on standard output, one JSON object a line for programs. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>

#include "bench/samples.h"

/** enum aim - which side of the target is the good one */
enum aim {
	AIM_NONE,     /* the figure is told, no aim belongs to it */
	AIM_AT_MOST,  /* figure / limit <= target */
	AIM_AT_LEAST, /* figure / limit >= target */
};

/**
 * struct result - one row
 * @model: machine model, or "" where it does not matter
 * @what: the case
 * @figure: its samples; the median is the figure
 * @unit: of figure and limit
 * @limit: the physical limit or the peer, measured in the same run; NULL: none
 * @limit_name: what that is
 * @place: where the threads ran: "same CPU", "other CPU", ...
 * @modelled: times come from a cost file
 */
struct result {
	const char *model;
	const char *what;
	const struct samples *figure;
	const char *unit;
	const struct samples *limit;
	const char *limit_name;
	enum aim aim;
	double target;
	const char *place;
	bool modelled;
};

/**
 * report_open() - read the command line of a benchmark, print the head of its table
 * @question: the program's name
 * @head: what is asked, one line
 *
 * Options: --json FILE appends objects, --quick is a short run for comparisons. Wrong ones end the
 * program with status 2.
 */
void report_open(const char *question, const char *head, int argc, char **argv);

/** report_quick() - shall the program take fewer and smaller cases? */
bool report_quick(void);

/** report_row() - print and write one result */
void report_row(const struct result *r);

/** report_progress() - what is measured now; on a terminal only, gone with the next output */
__attribute__((format(printf, 1, 2))) void report_progress(const char *format, ...);

/** report_close() - Return: exit status: 0, or 1 if the JSON could not be written */
int report_close(void);

#endif
