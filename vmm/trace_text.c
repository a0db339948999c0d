// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/trace_text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "uv/trace.h"
#include "vmm/json.h"

static void write_json(uint64_t number, const struct uv_trace_event *e, FILE *out)
{
	static const char *const sources[] = {"host", "guest", "kvm"};
	struct json j;

	json_begin(&j, out);
	json_number(&j, "number", number);
	json_number(&j, "time_ns", e->time_ns);
	json_string(&j, "source", sources[e->kind]);
	json_string(&j, "event", e->name);
	if (e->vm)
		json_number(&j, "vm", e->vm);
	if (e->teardown)
		json_number(&j, "teardown", e->teardown);
	if (e->handle)
		json_hex(&j, "handle", e->handle);
	if (e->addr)
		json_hex(&j, "addr", e->addr);
	if (e->total) {
		json_number(&j, "pages_left", e->count);
		json_number(&j, "pages_total", e->total);
	} else if (e->kind != UV_TRACE_KVM) {
		json_number(&j, "count", e->count);
	}
	if (e->kind != UV_TRACE_KVM) {
		json_number(&j, "command", e->cmd);
		json_number(&j, "cc", e->cc);
	}
	json_number(&j, "rc", e->rc);
	json_number(&j, "rrc", e->rrc);
	json_number(&j, "duration_ns", e->duration_ns);
	json_finish(&j);
}

static void write_event(uint64_t number, const struct uv_trace_event *e, bool json, FILE *out)
{
	if (json) {
		write_json(number, e, out);
		return;
	}
	uv_trace_print_event(number, e, out);
	fputc('\n', out);
}

/* The events go to a text of their own first: only then the head is known. */
void trace_text_write(struct uv_trace *ring, uint64_t from, bool json, FILE *out)
{
	struct trace_part part = {.next = from, .end = uv_trace_next(ring)};
	uint64_t first = uv_trace_first(ring);
	struct uv_trace_event e;
	char *text = NULL;
	size_t size = 0;
	FILE *events = open_memstream(&text, &size);

	if (part.next < first) {
		part.lost = first - part.next;
		part.next = first;
	}
	if (part.next > part.end)
		part.next = part.end;
	for (unsigned int n = 0; events && n < TRACE_TEXT_MAX; n++) {
		enum uv_trace_found found = uv_trace_read(ring, part.next, &e);

		if (found == UV_TRACE_NOTHING)
			break;
		if (found == UV_TRACE_EVENT)
			write_event(part.next, &e, json, events);
		else
			part.lost++;
		part.next++;
	}
	fprintf(out, "next %" PRIu64 " lost %" PRIu64 " end %" PRIu64 "\n", part.next, part.lost,
		part.end);
	if (events && !fclose(events))
		fwrite(text, 1, size, out);
	free(text);
}

const char *trace_text_parse(const char *text, struct trace_part *part)
{
	int len = 0;

	if (sscanf(text, "next %" SCNu64 " lost %" SCNu64 " end %" SCNu64 "%n", &part->next,
		   &part->lost, &part->end, &len) != 3 ||
	    text[len] != '\n')
		return NULL;
	return text + len + 1;
}
