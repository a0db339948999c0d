/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened last, in a ring in memory: Ultravisor calls, and what KVM does with
 * configurations.
 *
 * An event has names, handles, addresses, answers and durations; never a key and never the content
 * of a page. Nobody who adds an event waits: each place of the ring has a word that says which
 * event is in it, and a reader that was too slow finds out how many it has missed.
 */
#ifndef UV_TRACE_H
#define UV_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** UV_TRACE_LEN - events in a ring */
#define UV_TRACE_LEN 4096U

/** enum uv_trace_kind - who did it */
enum uv_trace_kind {
	UV_TRACE_HOST,  /* an Ultravisor call of the host */
	UV_TRACE_GUEST, /* an Ultravisor call of a protected guest */
	UV_TRACE_KVM,   /* KVM: a configuration changed its state, or a teardown went on */
};

/**
 * struct uv_trace_event - one call, one run of page destroys, or one transition
 * @name: static storage
 * @handle: configuration or CPU handle that the caller named, or 0
 * @addr: guest or host absolute address that the caller named, or 0
 * @count: pages of a run, 1 for a call; UV_TRACE_KVM: pages that are still secure
 * @total: UV_TRACE_KVM: pages at the beginning of the teardown, or 0
 * @time_ns: CLOCK_MONOTONIC at the end
 * @duration_ns: how long it took; UV_TRACE_KVM: since the teardown began
 * @vm: UV_TRACE_KVM: number of the VM
 * @teardown: UV_TRACE_KVM: number of the teardown, or 0
 * @cmd: command code, or 0
 * @rc: response code
 * @rrc: response reason code
 * @cc: condition code
 * @kind: enum uv_trace_kind
 */
struct uv_trace_event {
	const char *name;
	uint64_t handle;
	uint64_t addr;
	uint64_t count;
	uint64_t total;
	uint64_t time_ns;
	uint64_t duration_ns;
	uint32_t vm;
	uint32_t teardown;
	uint16_t cmd;
	uint16_t rc;
	uint16_t rrc;
	uint8_t cc;
	uint8_t kind;
};

#define UV_TRACE_WORDS 9

/**
 * struct uv_trace_place - room for one event
 * @state: 2n + 1: event n is being written; 2n + 2: it is there; 0: nothing yet
 * @dropped: n + 1: event n will never come, its place was in use
 */
struct uv_trace_place {
	_Atomic uint64_t state;
	_Atomic uint64_t dropped;
	_Atomic uint64_t word[UV_TRACE_WORDS];
};

/**
 * struct uv_trace - the ring
 * @next: events so far, which is the number of the next one
 * @armed: somebody waits for an event
 * @wake_fd: eventfd that is written to then, or -1
 */
struct uv_trace {
	_Atomic uint64_t next;
	_Atomic bool armed;
	_Atomic int wake_fd;
	struct uv_trace_place ring[UV_TRACE_LEN];
};

void uv_trace_init(struct uv_trace *t);

/** uv_trace_now() - CLOCK_MONOTONIC in ns */
uint64_t uv_trace_now(void);

/**
 * uv_trace_add() - note one event
 *
 * An event whose place is still being written by a thread a whole ring behind is dropped; readers
 * are told so.
 *
 * Context: any thread, any lock may be held; never blocks.
 */
void uv_trace_add(struct uv_trace *t, const struct uv_trace_event *e);

/** enum uv_trace_found - what there is at a number */
enum uv_trace_found {
	UV_TRACE_NOTHING, /* not yet */
	UV_TRACE_EVENT,
	UV_TRACE_LOST, /* overwritten or dropped */
};

/** uv_trace_read() - copy event @number out. Context: any thread; never blocks */
enum uv_trace_found uv_trace_read(struct uv_trace *t, uint64_t number, struct uv_trace_event *e);

/** uv_trace_next() - number of the next event */
uint64_t uv_trace_next(struct uv_trace *t);

/** uv_trace_first() - number of the oldest event that can still be there */
uint64_t uv_trace_first(struct uv_trace *t);

/** uv_trace_set_wake() - eventfd to be written to when somebody waits; -1: none */
void uv_trace_set_wake(struct uv_trace *t, int fd);

/**
 * uv_trace_wait() - is event @number there, or lost?
 * Return: if not, the eventfd will be written to after the next event.
 */
bool uv_trace_wait(struct uv_trace *t, uint64_t number);

/** uv_trace_print() - write the ring, oldest event first, one line each */
void uv_trace_print(struct uv_trace *t, FILE *out);

/** uv_trace_print_event() - one line without newline */
void uv_trace_print_event(uint64_t number, const struct uv_trace_event *e, FILE *out);

#endif
