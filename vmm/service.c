// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/inject.h"
#include "uv/trace.h"
#include "vmm/size_arg.h"
#include "vmm/snapshot.h"
#include "vmm/teardown_list.h"
#include "vmm/trace_text.h"

static struct file *open_kvm(void *context)
{
	struct service *s = context;

	return machine_open(s->machine);
}

static bool is_idle(void *context)
{
	struct service *s = context;
	struct machine_status st;

	machine_get_status(s->machine, &st);
	return !st.vms && !st.protected_count && !st.uv.configs && !st.storage.frames_secure &&
	       !st.storage.frames_orphan && !st.storage.frames_residue;
}

static void set_wake(void *context, int fd)
{
	struct service *s = context;

	uv_trace_set_wake(uv_trace(machine_uv(s->machine)), fd);
	uv_trace_set_wake(machine_events(s->machine), fd);
}

static int answer_status(void *context, const char *args, FILE *out)
{
	struct service *s = context;
	struct machine_status status;
	struct host_stats host;
	struct snapshot snapshot;

	machine_get_status(s->machine, &status);
	host_get_stats(&host);
	snapshot_take(&status, &s->cost, host.traps, &snapshot);
	snapshot_write(&snapshot, out);
	return 0;
}

/* ---- trace and events: FORMAT NUMBER ---- */

static bool parse_from(const char *args, bool *json, uint64_t *from)
{
	char format[8], number[24];

	if (sscanf(args, "%7s %23s", format, number) != 2)
		return false;
	*json = !strcmp(format, "json");
	return (*json || !strcmp(format, "text")) && number_parse(number, 0, UINT64_MAX, from);
}

static int answer_ring(struct uv_trace *ring, const char *args, FILE *out)
{
	uint64_t from;
	bool json;

	if (!parse_from(args, &json, &from))
		return -EINVAL;
	trace_text_write(ring, from, json, out);
	return 0;
}

/* A question that is not understood is answered at once, too. */
static bool ring_is_ready(struct uv_trace *ring, const char *args)
{
	uint64_t from;
	bool json;

	return !parse_from(args, &json, &from) || uv_trace_wait(ring, from);
}

static int answer_trace(void *context, const char *args, FILE *out)
{
	struct service *s = context;

	return answer_ring(uv_trace(machine_uv(s->machine)), args, out);
}

static bool trace_is_ready(void *context, const char *args)
{
	struct service *s = context;

	return ring_is_ready(uv_trace(machine_uv(s->machine)), args);
}

static int answer_events(void *context, const char *args, FILE *out)
{
	struct service *s = context;

	return answer_ring(machine_events(s->machine), args, out);
}

static bool events_are_ready(void *context, const char *args)
{
	struct service *s = context;

	return ring_is_ready(machine_events(s->machine), args);
}

/* ---- teardowns ---- */

static int answer_teardowns(void *context, const char *args, FILE *out)
{
	struct service *s = context;

	return teardown_list_write(s->machine, out);
}

static bool teardowns_are_ready(void *context, const char *args)
{
	struct service *s = context;
	uint64_t from;

	return !number_parse(args, 0, UINT64_MAX, &from) ||
	       uv_trace_wait(machine_events(s->machine), from);
}

/* Return: false if there never was such a VM; no argument is 0: any */
static bool parse_vm(struct service *s, const char *args, uint32_t *vm)
{
	uint64_t number = 0;

	if (*args && !number_parse(args, 1, UINT32_MAX, &number))
		return false;
	*vm = (uint32_t)number;
	return !number || machine_had_vm(s->machine, *vm);
}

static int answer_wait_teardown(void *context, const char *args, FILE *out)
{
	uint32_t vm;

	return parse_vm(context, args, &vm) ? 0 : -ENOENT;
}

static bool teardown_is_over(void *context, const char *args)
{
	struct service *s = context;
	uint32_t vm;

	return !parse_vm(s, args, &vm) || machine_teardown_over(s->machine, vm);
}

/* ---- faults on demand ---- */

static int answer_inject(void *context, const char *args, FILE *out)
{
	char why[256];
	int64_t number = inject_install(args, why, sizeof(why));

	if (number < 0)
		fputs(why, out);
	else
		fprintf(out, "%" PRId64 "\n", number);
	return number < 0 ? (int)number : 0;
}

static int answer_inject_list(void *context, const char *args, FILE *out)
{
	inject_list(out);
	return 0;
}

static int answer_inject_remove(void *context, const char *args, FILE *out)
{
	uint64_t number;

	if (!number_parse(args, 1, INT64_MAX, &number))
		return -EINVAL;
	return inject_remove((int64_t)number);
}

static int answer_inject_clear(void *context, const char *args, FILE *out)
{
	inject_clear();
	return 0;
}

static const struct host_verb verbs[] = {
	{"status", answer_status, NULL},
	{"trace", answer_trace, NULL},
	{"trace-follow", answer_trace, trace_is_ready},
	{"events", answer_events, NULL},
	{"events-follow", answer_events, events_are_ready},
	{"teardowns", answer_teardowns, NULL},
	{"teardowns-follow", answer_teardowns, teardowns_are_ready},
	{"wait-teardown", answer_wait_teardown, teardown_is_over},
	{"inject", answer_inject, NULL},
	{"inject-list", answer_inject_list, NULL},
	{"inject-remove", answer_inject_remove, NULL},
	{"inject-clear", answer_inject_clear, NULL},
	{0},
};

void service_fill(struct service *s, struct host_server_params *params)
{
	params->open = open_kvm;
	params->idle = is_idle;
	params->set_wake = set_wake;
	params->verbs = verbs;
	params->context = s;
}
