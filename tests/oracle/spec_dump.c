// SPDX-License-Identifier: GPL-2.0-or-later
/* Dumps: kvm-pv 2.10 and 2.12. KVM and the Ultravisor each know whether one is under way. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

#define RC_NOT_ALLOWED 0x0101
#define RC_WRONG_STATE 0x0102
#define RC_BAD_ADDRESS 0x0104

#define MIB           0x100000UL
#define PAGES_PER_MIB 256U

/* What is told where the arguments are wrong and no call was made */
static const struct answer none = {0};

static struct answer init(struct spec *s, int config, uint64_t arg)
{
	struct spec_config *c = &s->configs[config];

	if (!spec_answers(c))
		return (struct answer){.rc = RC_NO_CONFIG};
	if (c->image == IMAGE_NONE)
		return (struct answer){.rc = RC_NOT_ALLOWED};
	if (c->dumping)
		return (struct answer){.rc = RC_WRONG_STATE};
	c->dumping = true;
	return spec_executed;
}

struct outcome spec_dump_init(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	static const struct spec_call call = {RULE_DUMP_INIT, RULE_DUMP_INIT_LIE, init};
	struct answer a;

	if (vm->active == NO_CONFIG || vm->dumping)
		return spec_result(-EINVAL);
	a = spec_call(s, op, &call, vm->active, 0);
	vm->dumping = a.done;
	return spec_answered(a.done ? 0 : -EINVAL, a);
}

/* ---- storage state ---- */

static struct answer one_mib(struct spec *s, int config, uint64_t gaddr)
{
	const struct spec_config *c = &s->configs[config];

	if (!spec_answers(c))
		return (struct answer){.rc = RC_NO_CONFIG};
	if (!c->dumping)
		return (struct answer){.rc = RC_WRONG_STATE};
	if (gaddr >= c->len)
		return (struct answer){.rc = RC_BAD_ADDRESS};
	return spec_executed;
}

static uint32_t sum_up(const struct spec *s, int config, uint64_t gaddr, unsigned int mib)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < mib * PAGES_PER_MIB; i++)
		sum = note_dumped(sum, i, spec_dump_kind(s, config, gaddr + i * 0x1000UL));
	return sum;
}

/* All of it is less than KVM collects, so the caller gets everything or nothing. */
static struct outcome states(struct spec *s, const struct op *op, const struct spec_vm *vm)
{
	static const struct spec_call call = {RULE_DUMP_STATE, RULE_NONE, one_mib};
	uint64_t gaddr = position_gpa(op->a) & ~(MIB - 1);
	struct outcome out;
	struct answer a;

	for (unsigned int i = 0; i < op->b; i++) {
		a = spec_call(s, op, &call, vm->active, gaddr + i * MIB);
		if (!a.done)
			return spec_answered(-EINVAL, a);
	}
	if (op->c == DUMP_BAD_BUFFER)
		return spec_answered(-EFAULT, a);
	out = spec_answered(0, a);
	out.dumped = sum_up(s, vm->active, gaddr, op->b);
	out.dumped_mib = op->b;
	return out;
}

struct outcome spec_dump_state(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	if (vm->active == NO_CONFIG || !vm->dumping)
		return spec_result(-EINVAL);
	if (op->c != DUMP_RIGHT && op->c != DUMP_BAD_BUFFER)
		return spec_answered(-EINVAL, none);
	if (spec_no_memory(s, RULE_ALLOC_PAGE))
		return spec_answered(-ENOMEM, none);
	return states(s, op, vm);
}

/* ---- the end, and a CPU ---- */

static struct answer under_way(const struct spec_config *c)
{
	if (!spec_answers(c))
		return (struct answer){.rc = RC_NO_CONFIG};
	return c->dumping ? spec_executed : (struct answer){.rc = RC_WRONG_STATE};
}

static struct answer complete(struct spec *s, int config, uint64_t arg)
{
	struct answer a = under_way(&s->configs[config]);

	if (a.done)
		s->configs[config].dumping = false;
	return a;
}

struct outcome spec_dump_complete(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	static const struct spec_call call = {RULE_DUMP_COMPLETE, RULE_DUMP_COMPLETE_LIE, complete};
	struct answer a;

	if (vm->active == NO_CONFIG || !vm->dumping || op->a == DUMP_BAD_LEN)
		return spec_result(-EINVAL);
	if (spec_no_memory(s, RULE_ALLOC_PAGE))
		return spec_result(-ENOMEM);
	a = spec_call(s, op, &call, vm->active, 0);
	if (!a.done)
		return spec_answered(-EINVAL, a);
	vm->dumping = false;
	return spec_answered(op->a == DUMP_BAD_BUFFER ? -EFAULT : 0, a);
}

static struct answer dump_cpu(struct spec *s, int config, uint64_t arg)
{
	return under_way(&s->configs[config]);
}

struct outcome spec_dump_cpu(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	static const struct spec_call call = {RULE_DUMP_CPU, RULE_NONE, dump_cpu};
	struct answer a;

	if (!vm->dumping || op->b == DUMP_BAD_LEN || !vm->secure[op->a])
		return spec_result(-EINVAL);
	if (spec_no_memory(s, RULE_ALLOC_PAGE))
		return spec_result(-ENOMEM);
	a = spec_call(s, op, &call, vm->active, 0);
	if (!a.done)
		return spec_answered(-EINVAL, a);
	return spec_answered(op->b == DUMP_BAD_BUFFER ? -EFAULT : 0, a);
}
