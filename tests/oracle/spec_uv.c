// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls of the Ultravisor that create and end configurations and CPUs. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

struct answer spec_call(struct spec *s, const struct op *op, const struct spec_call *call,
			int config, uint64_t arg)
{
	struct answer told, natural;
	bool fault = spec_fails(s, op, call->refused, call->lie, &told);

	if (fault && !told.done)
		return told;
	natural = call->natural(s, config, arg);
	told.done = false;
	return fault ? told : natural;
}

bool spec_answers(const struct spec_config *c)
{
	return c->known && !c->condemned;
}

/* ---- the end of a configuration ---- */

static struct answer may_end(const struct spec_config *c)
{
	if (!c->known)
		return (struct answer){.rc = RC_NO_CONFIG};
	if (c->nr_cpus)
		return (struct answer){.rc = RC_HAS_CPUS};
	return spec_executed;
}

static struct answer destroy(struct spec *s, int config, uint64_t arg)
{
	struct answer a = may_end(&s->configs[config]);

	if (a.done) {
		s->configs[config].known = false;
		spec_config_gone(s, config);
	}
	return a;
}

struct answer spec_destroy_conf(struct spec *s, const struct op *op, int config)
{
	static const struct spec_call call = {RULE_DESTROY_CONF, RULE_DESTROY_CONF_LIE, destroy};

	return spec_call(s, op, &call, config, 0);
}

static struct answer destroy_fast(struct spec *s, int config, uint64_t arg)
{
	struct answer a = may_end(&s->configs[config]);

	if (a.done)
		s->configs[config].known = false;
	return a;
}

bool spec_destroy_fast(struct spec *s, const struct op *op, int config, struct answer *a)
{
	static const struct spec_call call = {RULE_DESTROY_FAST, RULE_NONE, destroy_fast};

	*a = spec_call(s, op, &call, config, 0);
	return a->done;
}

static struct answer condemn(struct spec *s, int config, uint64_t arg)
{
	struct answer a = may_end(&s->configs[config]);

	if (a.done) {
		s->configs[config].condemned = true;
		spec_condemn_owned(s, config);
	}
	return a;
}

bool spec_condemn(struct spec *s, const struct op *op, int config, struct answer *a)
{
	static const struct spec_call call = {RULE_CONDEMN, RULE_CONDEMN_LIE, condemn};

	*a = spec_call(s, op, &call, config, 0);
	return a->done;
}

/* ---- CPUs ---- */

/* Whatever the answer: KVM does not know the CPU any more. Return: true if it was refused */
static bool destroy_cpu(struct spec *s, const struct op *op, struct spec_vm *vm, int cpu,
			struct answer *a)
{
	bool fault = spec_fails(s, op, RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE, a);

	struct spec_config *c = &s->configs[vm->active];

	vm->secure[cpu] = false;
	if (!fault || a->done) {
		c->cpus[cpu].exists = false;
		c->nr_cpus--;
	}
	s->leaked_cpus += fault;
	return fault;
}

/* Every CPU is tried. Return: true and the first failure's answer if one was refused */
bool spec_destroy_cpus(struct spec *s, const struct op *op, struct spec_vm *vm,
		       struct answer *first)
{
	bool failed = false;
	struct answer a;

	for (int i = 0; i < vm->cpus; i++) {
		if (!vm->secure[i] || !destroy_cpu(s, op, vm, i, &a))
			continue;
		if (!failed)
			*first = a;
		failed = true;
	}
	return failed;
}

/* Return: 0, -ENOMEM or -EIO, and then @a if the call was reached */
long spec_create_cpu(struct spec *s, const struct op *op, struct spec_vm *vm, int cpu,
		     struct answer *a)
{
	struct spec_config *c = &s->configs[vm->active];

	if (spec_no_memory(s, RULE_ALLOC_CPU))
		return -ENOMEM;
	if (spec_fails(s, op, RULE_CREATE_CPU, RULE_NONE, a))
		return -EIO;
	*a = spec_executed;
	if (!spec_answers(c)) {
		*a = (struct answer){.rc = RC_NO_CONFIG};
		return -EIO;
	}
	c->cpus[cpu] = (struct spec_cpu){.exists = true, .reset = true, .state = CPU_STOPPED};
	c->nr_cpus++;
	vm->secure[cpu] = true;
	return 0;
}
