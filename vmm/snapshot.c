// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kvm/machine.h"
#include "vmm/json.h"

enum kind {
	COUNT,
	BYTES,
	FLAG,
	NANOSECONDS
};

struct row {
	const char *name; /* in text and JSON */
	size_t offset;
	enum kind kind;
	const char *meaning;
};

#define ROW(field, kind, meaning)                                                                  \
	{                                                                                          \
#field, offsetof(struct snapshot, field), kind, meaning                            \
	}

static const struct row rows[] = {
	ROW(async_destroy, FLAG, "asynchronous destroy is offered"),
	ROW(traps, FLAG, "touches of secure pages trap"),
	ROW(page_uvc_ns, NANOSECONDS, "modelled cost of a page UVC"),
	ROW(call_uvc_ns, NANOSECONDS, "modelled cost of another UVC"),
	ROW(vms, COUNT, "VMs"),
	ROW(vcpus, COUNT, "CPUs"),
	ROW(secure_vcpus, COUNT, "CPUs in protected mode"),
	ROW(active, COUNT, "configurations: active"),
	ROW(half, COUNT, "configurations: without CPUs after a failure"),
	ROW(aside, COUNT, "configurations: set aside"),
	ROW(tearing, COUNT, "configurations: in teardown"),
	ROW(leftover, COUNT, "configurations: left over"),
	ROW(leaked, COUNT, "configurations: leaked"),
	ROW(stuck, COUNT, "configurations: stuck"),
	ROW(protected_count, COUNT, "protected_count of all address spaces"),
	ROW(frames_secure, COUNT, "frames: secure"),
	ROW(frames_orphan, COUNT, "frames: of a guest destroyed fast, not destroyed yet"),
	ROW(frames_shared, COUNT, "frames: shared or pinned"),
	ROW(frames_residue, COUNT, "frames: condemned, not cleared yet"),
	ROW(frames_lost, COUNT, "frames: lost"),
	ROW(bytes_guest, BYTES, "guest memory"),
	ROW(bytes_kernel, BYTES, "memory of KVM's own"),
	ROW(bytes_donated, BYTES, "donated to the Ultravisor"),
	ROW(bytes_leaked, BYTES, "leaked after failed calls"),
	ROW(uv_configs, COUNT, "Ultravisor: configurations"),
	ROW(uv_cpus, COUNT, "Ultravisor: CPUs"),
	ROW(uvcs, COUNT, "Ultravisor: calls"),
	ROW(uvcs_failed, COUNT, "Ultravisor: calls that failed"),
};

#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

static const uint64_t *value(const struct snapshot *s, const struct row *row)
{
	return (const uint64_t *)((const char *)s + row->offset);
}

static uint64_t sum(const uint64_t *values, size_t n)
{
	uint64_t total = 0;

	while (n--)
		total += values[n];
	return total;
}

void snapshot_take(const struct machine_status *status, const struct uv_cost *cost, bool traps,
		   struct snapshot *out)
{
	const struct storage_stats *st = &status->storage;

	*out = (struct snapshot){
		.async_destroy = status->async_destroy,
		.traps = traps,
		.page_uvc_ns = cost->page_ns,
		.call_uvc_ns = cost->call_ns,
		.vms = status->vms,
		.vcpus = status->vcpus,
		.secure_vcpus = status->secure_vcpus,
		.active = status->active,
		.half = status->half,
		.aside = status->aside,
		.tearing = status->tearing,
		.leftover = status->leftover,
		.leaked = status->leaked,
		.stuck = status->stuck,
		.protected_count = (uint64_t)status->protected_count,
		.frames_secure = st->frames_secure,
		.frames_orphan = st->frames_orphan,
		.frames_shared = st->frames_shared,
		.frames_residue = st->frames_residue,
		.frames_lost = st->frames_lost,
		.bytes_guest = st->bytes_backing,
		.bytes_kernel = sum(st->bytes_kernel, ALLOC_NR),
		.bytes_donated = st->bytes_donated,
		.bytes_leaked = st->bytes_leaked,
		.uv_configs = status->uv.configs,
		.uv_cpus = status->uv.cpus,
		.uvcs = status->uv.calls,
		.uvcs_failed = status->uv.calls_failed,
	};
	snprintf(out->model, sizeof(out->model), "%s", status->model);
}

void snapshot_write(const struct snapshot *s, FILE *out)
{
	fprintf(out, "model %s\n", s->model);
	for (size_t i = 0; i < NUM_ROWS; i++)
		fprintf(out, "%s %" PRIu64 "\n", rows[i].name, *value(s, &rows[i]));
}

static bool parse_line(const char *name, const char *text, struct snapshot *out)
{
	char *end;

	if (!strcmp(name, "model")) {
		size_t len = strlen(text);

		memcpy(out->model, text, len < sizeof(out->model) ? len : 0);
		return len < sizeof(out->model);
	}
	for (size_t i = 0; i < NUM_ROWS; i++) {
		uint64_t *at = (uint64_t *)((char *)out + rows[i].offset);

		if (strcmp(name, rows[i].name))
			continue;
		*at = strtoull(text, &end, 10);
		return end != text && !*end;
	}
	return true;
}

int snapshot_parse(const char *text, struct snapshot *out)
{
	char name[32], word[32];
	int len;

	*out = (struct snapshot){0};
	while (sscanf(text, "%31s %31s%n", name, word, &len) == 2) {
		if (!parse_line(name, word, out))
			return -EPROTO;
		text += len;
	}
	return *out->model ? 0 : -EPROTO;
}

static void print_value(FILE *out, enum kind kind, uint64_t v)
{
	if (kind == FLAG)
		fputs(v ? "yes" : "no", out);
	else if (kind == BYTES && v >= 1U << 20)
		fprintf(out, "%" PRIu64 " (%.1f MiB)", v, (double)v / (1U << 20));
	else if (kind == NANOSECONDS)
		fprintf(out, "%" PRIu64 " ns", v);
	else
		fprintf(out, "%" PRIu64, v);
}

void snapshot_print(const struct snapshot *s, FILE *out)
{
	fprintf(out, "%-52s %s\n%-52s %s\n", "simulated", "yes", "model", s->model);
	for (size_t i = 0; i < NUM_ROWS; i++) {
		fprintf(out, "%-52s ", rows[i].meaning);
		print_value(out, rows[i].kind, *value(s, &rows[i]));
		fputc('\n', out);
	}
}

int snapshot_print_json(const struct snapshot *s, FILE *out)
{
	struct json j;

	json_begin(&j, out);
	json_bool(&j, "simulated", true);
	json_string(&j, "model", s->model);
	for (size_t i = 0; i < NUM_ROWS; i++) {
		if (rows[i].kind == FLAG)
			json_bool(&j, rows[i].name, *value(s, &rows[i]));
		else
			json_number(&j, rows[i].name, *value(s, &rows[i]));
	}
	return json_finish(&j);
}
