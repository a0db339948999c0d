// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls of the Ultravisor that create and end configurations and CPUs. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

struct answer spec_destroy_conf(struct spec *s, const struct op *op, int config)
{
	struct spec_config *c = &s->configs[config];
	struct answer natural = spec_executed, told = spec_executed;
	bool fault = spec_fails(s, op, RULE_DESTROY_CONF, RULE_DESTROY_CONF_LIE, &told);

	if (fault && !told.done)
		return told;
	if (!c->known)
		natural = (struct answer){.rc = RC_NO_CONFIG};
	else if (c->cpus)
		natural = (struct answer){.rc = RC_HAS_CPUS};
	if (natural.done) {
		c->known = false;
		spec_config_gone(s, config);
	}
	told.done = false;
	return fault ? told : natural;
}

/* DESTROY_SEC_CONF_FAST. Return: true if it was carried out */
bool spec_destroy_fast(struct spec *s, const struct op *op, struct spec_config *c, struct answer *a)
{
	if (spec_fails(s, op, RULE_DESTROY_FAST, RULE_NONE, a))
		return false;
	*a = spec_executed;
	if (!c->known)
		*a = (struct answer){.rc = RC_NO_CONFIG};
	else if (c->cpus)
		*a = (struct answer){.rc = RC_HAS_CPUS};
	if (!a->done)
		return false;
	c->known = false;
	return true;
}

/* Whatever the answer: KVM does not know the CPU any more. Return: true if it was refused */
static bool destroy_cpu(struct spec *s, const struct op *op, struct spec_vm *vm, int cpu,
			struct answer *a)
{
	bool fault = spec_fails(s, op, RULE_DESTROY_CPU, RULE_DESTROY_CPU_LIE, a);

	vm->secure[cpu] = false;
	if (!fault || a->done)
		s->configs[vm->active].cpus--;
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
	if (!c->known) {
		*a = (struct answer){.rc = RC_NO_CONFIG};
		return -EIO;
	}
	c->cpus++;
	vm->secure[cpu] = true;
	return 0;
}
