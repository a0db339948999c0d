/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring of the last Ultravisor calls: see trace.h. */
#include <inttypes.h>
#include <string.h>

#include "uv/trace.h"

void uv_trace_init(struct uv_trace *t)
{
	memset(t, 0, sizeof(*t));
	pthread_mutex_init(&t->lock, NULL);
}

void uv_trace_fini(struct uv_trace *t)
{
	pthread_mutex_destroy(&t->lock);
}

void uv_trace_add(struct uv_trace *t, const struct uv_trace_event *e)
{
	pthread_mutex_lock(&t->lock);
	t->ring[t->next % UV_TRACE_LEN] = *e;
	t->next++;
	pthread_mutex_unlock(&t->lock);
}

static void print_event(uint64_t number, const struct uv_trace_event *e, FILE *out)
{
	fprintf(out, "%" PRIu64 " %s %s %04x", number, e->guest ? "guest" : "host", e->name,
		e->cmd);
	if (e->handle)
		fprintf(out, " handle %016" PRIx64, e->handle);
	if (e->addr)
		fprintf(out, " addr %" PRIx64, e->addr);
	if (e->count > 1)
		fprintf(out, " pages %" PRIu64, e->count);
	fprintf(out, " cc %u rc %04x rrc %04x\n", e->cc, e->rc, e->rrc);
}

/* One event at a time is copied out, so that a slow reader holds up no call. */
void uv_trace_print(struct uv_trace *t, FILE *out)
{
	struct uv_trace_event e;
	uint64_t i, end;

	pthread_mutex_lock(&t->lock);
	end = t->next;
	for (i = end > UV_TRACE_LEN ? end - UV_TRACE_LEN : 0; i < end; i++) {
		if (t->next - i > UV_TRACE_LEN)
			continue; /* overwritten while we printed */
		e = t->ring[i % UV_TRACE_LEN];
		pthread_mutex_unlock(&t->lock);
		print_event(i, &e, out);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
}
