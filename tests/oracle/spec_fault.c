// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps that fail on demand. */
#include "tests/oracle/spec_impl.h"

/* A step that rules of these kinds can hit comes: does one? */
static const struct rule *step(struct spec *s, enum rule_kind kind, enum rule_kind also)
{
	const struct rule *hit = NULL;
	bool taken = false;

	for (int i = 0; i < MAX_RULES; i++) {
		struct rule *r = &s->rules[i];

		/* Every rule counts every step it covers; the oldest that hits decides. */
		if (r->kind == RULE_NONE || (r->kind != kind && r->kind != also) || !r->nth)
			continue;
		if (--r->nth == 0 && !taken) {
			hit = r;
			taken = true;
		}
	}
	return hit;
}

static struct answer refused(const struct rule *hit, uint8_t nth)
{
	const struct rule r = {.kind = hit->kind, .nth = nth};

	return (struct answer){.rc = rule_rc(&r), .rrc = rule_rrc(&r)};
}

/* As step(), with the answer that the rule makes */
bool spec_fails(struct spec *s, const struct op *op, enum rule_kind kind, enum rule_kind also,
		struct answer *a)
{
	const struct rule *hit = step(s, kind, also);

	if (!hit)
		return false;
	*a = refused(hit, op->rules[hit - s->rules].nth);
	a->done = hit->kind != kind;
	return true;
}

bool spec_no_memory(struct spec *s, enum rule_kind kind)
{
	return step(s, kind, RULE_NONE) != NULL;
}
