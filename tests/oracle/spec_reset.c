// SPDX-License-Identifier: GPL-2.0-or-later
/* The states of CPUs, their resets, and the reset of a guest that stays protected. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

#define RC_NOT_STOPPED 0x0101 /* also: out of step */

static bool all_stopped(const struct spec_config *c)
{
	for (int i = 0; i < MAX_CPUS; i++) {
		if (c->cpus[i].exists && c->cpus[i].state != CPU_STOPPED)
			return false;
	}
	return true;
}

static bool all_reset(const struct spec_config *c)
{
	for (int i = 0; i < MAX_CPUS; i++) {
		if (c->cpus[i].exists && !c->cpus[i].reset)
			return false;
	}
	return true;
}

static struct outcome command(struct spec *s, const struct op *op, const struct spec_vm *vm,
			      const struct spec_call *call)
{
	struct answer a;

	if (vm->active == NO_CONFIG)
		return spec_result(-EINVAL);
	a = spec_call(s, op, call, vm->active, 0);
	return spec_answered(a.done ? 0 : -EINVAL, a);
}

static struct answer unshare_all(struct spec *s, int config, uint64_t arg)
{
	struct spec_config *c = &s->configs[config];

	if (!spec_answers(c))
		return (struct answer){.rc = RC_NO_CONFIG};
	if (!all_stopped(c))
		return (struct answer){.rc = RC_NOT_STOPPED};
	spec_unshare_owned(s, config);
	c->reset = RESET_UNSHARED;
	return spec_executed;
}

struct outcome spec_unshare_all(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	static const struct spec_call call = {RULE_UNSHARE_ALL, RULE_UNSHARE_ALL_LIE, unshare_all};

	return command(s, op, vm, &call);
}

static struct answer prep_reset(struct spec *s, int config, uint64_t arg)
{
	struct spec_config *c = &s->configs[config];

	if (!spec_answers(c))
		return (struct answer){.rc = RC_NO_CONFIG};
	if (!all_stopped(c) || c->reset != RESET_UNSHARED)
		return (struct answer){.rc = RC_NOT_STOPPED};
	for (int i = 0; i < MAX_CPUS; i++)
		c->cpus[i].reset = false;
	c->reset = RESET_PREPARED;
	return spec_executed;
}

struct outcome spec_prep_reset(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	static const struct spec_call call = {RULE_PREP_RESET, RULE_PREP_RESET_LIE, prep_reset};

	return command(s, op, vm, &call);
}

/* ---- one CPU ---- */

/* The first PSW comes from the image, so it has to be known; and no reset may be half done. */
static bool may_load(const struct spec_config *c)
{
	return c->image == IMAGE_VERIFIED &&
	       (c->reset == RESET_NONE || (c->reset == RESET_PREPARED && all_reset(c)));
}

static struct outcome load(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct spec_config *c;

	if (!vm->secure[op->a])
		return spec_result(-ENXIO);
	c = &s->configs[vm->active];
	if (!may_load(c))
		return spec_result(-EINVAL);
	c->cpus[op->a].state = CPU_LOAD;
	c->reset = RESET_NONE;
	return spec_result(0);
}

/* KVM asks the Ultravisor only where it sees a change, and it does not see CPU_LOAD. */
struct outcome spec_cpu_state(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	bool stop = op->b == CPU_STOPPED;
	struct spec_cpu *cpu;

	if (op->b == CPU_LOAD)
		return load(s, op, vm);
	if (vm->stopped[op->a] == stop)
		return spec_result(0);
	vm->stopped[op->a] = stop;
	if (vm->secure[op->a]) {
		cpu = &s->configs[vm->active].cpus[op->a];
		if (stop || cpu->state != CPU_LOAD)
			cpu->state = op->b;
	}
	return spec_result(0);
}

struct outcome spec_cpu_reset(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct spec_cpu *cpu;

	if (vm->secure[op->a] && op->b != CPU_RESET_NORMAL) {
		cpu = &s->configs[vm->active].cpus[op->a];
		cpu->state = CPU_STOPPED;
		cpu->reset = true;
	}
	return spec_result(0);
}

struct outcome spec_run(const struct spec_vm *vm, const struct op *op)
{
	return spec_result(vm->dumping || op->b ? -EINVAL : -EINTR);
}
