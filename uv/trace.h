/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last Ultravisor calls, in a ring in memory.
 *
 * A line has the call's name, the handle and address it named and its answer;
 * never a key and never the content of a page.
 */
#ifndef UV_TRACE_H
#define UV_TRACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define UV_TRACE_LEN 1024

/**
 * struct uv_trace_event - one call, or one run of page destroys
 * @name: the command; static storage
 * @handle: configuration or CPU handle that the caller named, or 0
 * @addr: guest or host absolute address that the caller named, or 0
 * @count: pages of a run; 1 for a call
 * @cmd: command code
 * @rc: response code
 * @rrc: response reason code
 * @cc: condition code
 * @guest: issued by a protected guest
 */
struct uv_trace_event {
	const char *name;
	uint64_t handle;
	uint64_t addr;
	uint64_t count;
	uint16_t cmd;
	uint16_t rc;
	uint16_t rrc;
	uint8_t cc;
	bool guest;
};

/** struct uv_trace - the ring */
struct uv_trace {
	pthread_mutex_t lock; /* protects all below; innermost */
	uint64_t next;        /* events since power-on */
	struct uv_trace_event ring[UV_TRACE_LEN];
};

void uv_trace_init(struct uv_trace *t);
void uv_trace_fini(struct uv_trace *t);

/** uv_trace_add() - note one event. Context: any thread, any lock may be held */
void uv_trace_add(struct uv_trace *t, const struct uv_trace_event *e);

/** uv_trace_print() - write the ring, oldest event first, one line each */
void uv_trace_print(struct uv_trace *t, FILE *out);

#endif
