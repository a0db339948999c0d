// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/oracle/run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static void append(struct verdict *v, const char *format, va_list args)
{
	size_t len = strlen(v->text);
	int n;

	n = snprintf(v->text + len, sizeof(v->text) - len, "# ");
	if (n < 0 || len + (size_t)n >= sizeof(v->text))
		return;
	len += (size_t)n;
	n = vsnprintf(v->text + len, sizeof(v->text) - len, format, args);
	if (n < 0 || len + (size_t)n + 1 >= sizeof(v->text))
		return;
	v->text[len + (size_t)n] = '\n';
	v->text[len + (size_t)n + 1] = '\0';
}

void verdict_add(struct verdict *v, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append(v, format, args);
	va_end(args);
}

void verdict_fail(struct verdict *v, const char *format, ...)
{
	va_list args;

	v->failed = true;
	va_start(args, format);
	append(v, format, args);
	va_end(args);
}

/* ---- comparison ---- */

static bool differs(const char *what, uint64_t expected, uint64_t seen, struct verdict *v)
{
	if (expected == seen)
		return false;
	verdict_fail(v, "%s: expected %" PRIu64 ", seen %" PRIu64, what, expected, seen);
	return true;
}

bool counts_differ(const struct counts *e, const struct counts *s, struct verdict *v)
{
	static const char *const states[CONFIG_NR] = {"",      "active",  "half",     "stuck",
						      "aside", "tearing", "leftover", "leaked"};

	for (int i = CONFIG_ACTIVE; i < CONFIG_NR; i++) {
		if (differs(states[i], e->configs[i], s->configs[i], v))
			return true;
	}
	return differs("vms", e->vms, s->vms, v) || differs("vcpus", e->vcpus, s->vcpus, v) ||
	       differs("secure CPUs", e->secure_vcpus, s->secure_vcpus, v) ||
	       differs("configurations of the Ultravisor", e->uv_configs, s->uv_configs, v) ||
	       differs("CPUs of the Ultravisor", e->uv_cpus, s->uv_cpus, v) ||
	       differs("secure frames", e->secure, s->secure, v) ||
	       differs("orphans", e->orphan, s->orphan, v) ||
	       differs("shared frames", e->shared, s->shared, v) ||
	       differs("lost frames", e->lost, s->lost, v) ||
	       (e->residue != ANY && differs("residue", e->residue, s->residue, v)) ||
	       differs("protected_count", (uint64_t)e->protected_count,
		       (uint64_t)s->protected_count, v) ||
	       differs("leaked storage", e->leaked_bytes, s->leaked_bytes, v);
}

static void tell_difference(const struct outcome *expected, const struct outcome *seen,
			    struct verdict *v)
{
	verdict_fail(v, "expected %ld rc %#x rrc %#x, seen %ld rc %#x rrc %#x", expected->ret,
		     expected->rc, expected->rrc, seen->ret, seen->rc, seen->rrc);
	if (expected->dumped != seen->dumped || expected->dumped_mib != seen->dumped_mib)
		verdict_add(v, "expected storage state %#x of %u MiB, seen %#x of %u",
			    expected->dumped, expected->dumped_mib, seen->dumped, seen->dumped_mib);
	if (expected->reads && seen->reads)
		verdict_add(v, "expected content %#x, seen %#x", expected->content, seen->content);
}

/* ---- one sequence ---- */

static void run_alone(const struct op *op, struct product *p, struct spec *spec, struct verdict *v)
{
	struct outcome seen, expected;
	struct counts now, should;

	if (!spec_applies(spec, op))
		return;
	seen = product_step(p, op);
	expected = spec_step(spec, op, &seen);
	if (!outcome_agrees(&expected, &seen)) {
		tell_difference(&expected, &seen, v);
		return;
	}
	now = product_counts(p);
	should = spec_counts(spec);
	counts_differ(&should, &now, v);
}

static unsigned int end_of_block(const struct sequence *s, unsigned int i)
{
	while (i < s->n && s->ops[i].thread)
		i++;
	return i;
}

static void run_on(const struct sequence *s, struct product *p, struct verdict *v)
{
	static struct spec spec;
	unsigned int i = 0;

	spec_init(&spec, s->model, product_image_pages());
	while (i < s->n && !v->failed) {
		unsigned int end = end_of_block(s, i);

		if (end > i) {
			run_threads(s, i, end, p, &spec, v);
			i = end;
			continue;
		}
		run_alone(&s->ops[i++], p, &spec, v);
		if (v->failed)
			verdict_add(v, "after operation %u", i);
	}
}

void run_sequence(const struct sequence *s, struct verdict *v)
{
	struct product *p = product_start(s->model);
	const char *left;

	*v = (struct verdict){0};
	if (!p) {
		verdict_fail(v, "no machine of model %s", s->model);
		return;
	}
	run_on(s, p, v);
	left = product_end(p);
	if (left && !v->failed)
		verdict_fail(v, "at the end: %s", left);
}
