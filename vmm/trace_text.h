/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of a ring as text, in parts: machine and `protvirt trace` speak it with each other. */
#ifndef VMM_TRACE_TEXT_H
#define VMM_TRACE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct uv_trace;

/** TRACE_TEXT_MAX - events in one part: what a reader who never reads costs is bounded */
#define TRACE_TEXT_MAX 256U

/**
 * struct trace_part - first line of a part
 * @next: number to ask for next
 * @lost: events before it that were overwritten before they could be read
 * @end: events so far
 */
struct trace_part {
	uint64_t next;
	uint64_t lost;
	uint64_t end;
};

/**
 * trace_text_write() - write a head line, and events from number @from on, one a line
 * @json: lines are JSON objects
 */
void trace_text_write(struct uv_trace *ring, uint64_t from, bool json, FILE *out);

/** trace_text_parse() - read the head line. Return: what follows it, or NULL: it is none */
const char *trace_text_parse(const char *text, struct trace_part *part);

#endif
