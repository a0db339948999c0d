/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring of the last events: see trace.h. */
#include <inttypes.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "uv/trace.h"

#define NS_PER_S 1000000000UL

void uv_trace_init(struct uv_trace *t)
{
	memset(t, 0, sizeof(*t));
	atomic_store(&t->wake_fd, -1);
}

uint64_t uv_trace_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* ---- an event as words ---- */

/* A word is stored after everything before it, so that no part of an event precedes its "being
 * written"; it costs nothing on machines that keep stores in order. */
static void put_words(struct uv_trace_place *p, const struct uv_trace_event *e)
{
	const uint64_t words[UV_TRACE_WORDS] = {
		(uintptr_t)e->name,
		e->handle,
		e->addr,
		e->count,
		e->total,
		e->time_ns,
		e->duration_ns,
		(uint64_t)e->vm << 32 | e->teardown,
		(uint64_t)e->cmd << 48 | (uint64_t)e->rc << 32 | (uint64_t)e->rrc << 16 |
			(uint64_t)e->cc << 8 | e->kind,
	};

	for (int i = 0; i < UV_TRACE_WORDS; i++)
		atomic_store_explicit(&p->word[i], words[i], memory_order_release);
}

static void get_words(struct uv_trace_place *p, struct uv_trace_event *e)
{
	uint64_t w[UV_TRACE_WORDS];

	for (int i = 0; i < UV_TRACE_WORDS; i++)
		w[i] = atomic_load_explicit(&p->word[i], memory_order_acquire);
	*e = (struct uv_trace_event){
		.name = (const char *)(uintptr_t)w[0],
		.handle = w[1],
		.addr = w[2],
		.count = w[3],
		.total = w[4],
		.time_ns = w[5],
		.duration_ns = w[6],
		.vm = (uint32_t)(w[7] >> 32),
		.teardown = (uint32_t)w[7],
		.cmd = (uint16_t)(w[8] >> 48),
		.rc = (uint16_t)(w[8] >> 32),
		.rrc = (uint16_t)(w[8] >> 16),
		.cc = (uint8_t)(w[8] >> 8),
		.kind = (uint8_t)w[8],
	};
}

/* ---- writing ---- */

static bool take_place(struct uv_trace_place *p, uint64_t number)
{
	uint64_t seen = atomic_load(&p->state);

	/* Odd: a writer that fell asleep a ring ago. Larger: that writer is us. */
	return !(seen & 1) && seen < 2 * number + 1 &&
	       atomic_compare_exchange_strong(&p->state, &seen, 2 * number + 1);
}

/* The last store of the event and the load of @armed keep their order, as do the waiter's. */
static void wake(struct uv_trace *t)
{
	int fd = atomic_load(&t->wake_fd);

	if (atomic_load(&t->armed) && atomic_exchange(&t->armed, false) && fd >= 0)
		eventfd_write(fd, 1);
}

void uv_trace_add(struct uv_trace *t, const struct uv_trace_event *e)
{
	uint64_t number = atomic_fetch_add(&t->next, 1);
	struct uv_trace_place *p = &t->ring[number % UV_TRACE_LEN];

	if (take_place(p, number)) {
		put_words(p, e);
		atomic_store(&p->state, 2 * number + 2);
	} else {
		atomic_store(&p->dropped, number + 1);
	}
	wake(t);
}

/* ---- reading ---- */

uint64_t uv_trace_next(struct uv_trace *t)
{
	return atomic_load(&t->next);
}

uint64_t uv_trace_first(struct uv_trace *t)
{
	uint64_t next = uv_trace_next(t);

	return next > UV_TRACE_LEN ? next - UV_TRACE_LEN : 0;
}

enum uv_trace_found uv_trace_read(struct uv_trace *t, uint64_t number, struct uv_trace_event *e)
{
	struct uv_trace_place *p = &t->ring[number % UV_TRACE_LEN];
	uint64_t state = atomic_load(&p->state);

	if (state > 2 * number + 2 || number < uv_trace_first(t))
		return UV_TRACE_LOST;
	if (state != 2 * number + 2)
		return atomic_load(&p->dropped) == number + 1 ? UV_TRACE_LOST : UV_TRACE_NOTHING;
	get_words(p, e);
	return atomic_load(&p->state) == state ? UV_TRACE_EVENT : UV_TRACE_LOST;
}

void uv_trace_set_wake(struct uv_trace *t, int fd)
{
	atomic_store(&t->wake_fd, fd);
}

bool uv_trace_wait(struct uv_trace *t, uint64_t number)
{
	struct uv_trace_event e;

	if (uv_trace_read(t, number, &e) != UV_TRACE_NOTHING)
		return true;
	atomic_store(&t->armed, true);
	return uv_trace_read(t, number, &e) != UV_TRACE_NOTHING;
}

void uv_trace_print_event(uint64_t number, const struct uv_trace_event *e, FILE *out)
{
	static const char *const kinds[] = {"host", "guest", "kvm"};

	fprintf(out, "%" PRIu64 " %s %s", number, kinds[e->kind], e->name);
	if (e->cmd)
		fprintf(out, " %04x", e->cmd);
	if (e->vm)
		fprintf(out, " vm %u", e->vm);
	if (e->teardown)
		fprintf(out, " teardown %u", e->teardown);
	if (e->handle)
		fprintf(out, " handle %016" PRIx64, e->handle);
	if (e->addr)
		fprintf(out, " addr %" PRIx64, e->addr);
	if (e->total)
		fprintf(out, " left %" PRIu64 " of %" PRIu64, e->count, e->total);
	else if (e->count > 1)
		fprintf(out, " pages %" PRIu64, e->count);
	if (e->kind != UV_TRACE_KVM)
		fprintf(out, " cc %u", e->cc);
	if (e->kind != UV_TRACE_KVM || e->rc || e->rrc)
		fprintf(out, " rc %04x rrc %04x", e->rc, e->rrc);
	fprintf(out, " us %" PRIu64 ".%03u", e->duration_ns / 1000,
		(unsigned int)(e->duration_ns % 1000));
}

void uv_trace_print(struct uv_trace *t, FILE *out)
{
	uint64_t end = uv_trace_next(t);
	struct uv_trace_event e;

	for (uint64_t i = uv_trace_first(t); i < end; i++) {
		if (uv_trace_read(t, i, &e) != UV_TRACE_EVENT)
			continue; /* overwritten while we printed */
		uv_trace_print_event(i, &e, out);
		fputc('\n', out);
	}
}
