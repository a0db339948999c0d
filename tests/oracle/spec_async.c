// SPDX-License-Identifier: GPL-2.0-or-later
/* PREPARE and PERFORM. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

#define RRC_DECREE 42

/* Steps 3 to 9 of kvm-pv 2.6 */
static struct outcome set_aside(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct spec_config *c = &s->configs[vm->active];
	struct answer a;

	if (vm->aside != NO_CONFIG || vm->small)
		return spec_result(-EINVAL);
	if (spec_no_memory(s, RULE_ALLOC_RECORD))
		return spec_result(-ENOMEM);
	if (s->condemn && !spec_condemn(s, op, vm->active, &a))
		return spec_answered(-EIO, a);
	if (s->fast && !s->condemn) {
		if (!spec_destroy_fast(s, op, vm->active, &a))
			return spec_answered(-EIO, a);
		c->fast = true;
	} else if (c->state != CONFIG_STUCK && spec_no_memory(s, RULE_ALLOC_TABLE)) {
		/* a stuck one has been given a table of its own already */
		return spec_result(-ENOMEM);
	}
	if (!s->condemn)
		spec_destroy_owned(s, vm->active, vm);
	c->state = CONFIG_ASIDE;
	vm->aside = vm->active;
	spec_clear_active(vm);
	a = (struct answer){.rc = RC_EXECUTED, .rrc = RRC_DECREE};
	return spec_answered(0, a);
}

struct outcome spec_prepare(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct outcome out;
	struct answer a;

	if (vm->active == NO_CONFIG)
		return spec_result(-EINVAL);
	if (spec_destroy_cpus(s, op, vm, &a))
		out = spec_answered(-EIO, a);
	else
		out = set_aside(s, op, vm);
	if (out.ret)
		spec_note_half(s, vm);
	return out;
}

int spec_perform_begin(struct spec *s, struct spec_vm *vm, struct outcome *out)
{
	int config = vm->aside;

	*out = spec_result(-EINVAL);
	if (config == NO_CONFIG)
		return NO_CONFIG;
	vm->aside = NO_CONFIG;
	s->configs[config].state = CONFIG_TEARING;
	return config;
}

static struct outcome perform_end(struct spec *s, const struct op *op, struct spec_vm *vm,
				  int config, bool dead, const struct outcome *seen)
{
	struct answer a = {.rc = RC_EXECUTED, .rrc = RRC_DECREE};

	/* Looked for at each page. Without pages nothing says whether it is looked for. */
	if (dead && (spec_owned(s, config) || (!seen->ret && seen->rrc == RRC_DECREE))) {
		spec_queue(s, vm, config);
		return spec_answered(0, a);
	}
	spec_destroy_owned(s, config, NULL);
	return spec_dispose(s, op, config, &a) ? spec_answered(0, a) : spec_answered(-EIO, a);
}

struct outcome spec_perform_end(struct spec *s, struct spec_vm *vm, int config, bool dead,
				const struct outcome *seen)
{
	const struct op none = {0};

	return perform_end(s, &none, vm, config, dead, seen);
}

struct outcome spec_perform(struct spec *s, const struct op *op, struct spec_vm *vm, bool dead,
			    const struct outcome *seen)
{
	struct outcome out;
	int config = spec_perform_begin(s, vm, &out);

	return config == NO_CONFIG ? out : perform_end(s, op, vm, config, dead, seen);
}
