// SPDX-License-Identifier: GPL-2.0-or-later
/* The abstract state: which operation does what to it. */
#include <string.h>

#include "tests/oracle/spec_impl.h"

void spec_init(struct spec *s, const char *model, uint8_t image_pages)
{
	bool base_only = !strcmp(model, "z15");

	*s = (struct spec){.fast = !base_only,
			   .misc = !base_only,
			   .condemn = !strcmp(model, "proposal"),
			   .image_pages = image_pages};
}

struct outcome spec_result(long ret)
{
	return (struct outcome){.ret = ret, .rc = UNTOUCHED_RC, .rrc = UNTOUCHED_RRC};
}

struct outcome spec_answered(long ret, struct answer a)
{
	return (struct outcome){.ret = ret, .rc = a.rc, .rrc = a.rrc};
}

/* ---- a step ---- */

/* Refused at once; else it would run, which nobody here knows the end of. */
static bool may_not_run(const struct spec *s, const struct spec_vm *vm)
{
	return vm->dumping ||
	       (vm->active != NO_CONFIG && s->configs[vm->active].state != CONFIG_ACTIVE);
}

bool spec_applies(const struct spec *s, const struct op *op)
{
	const struct spec_vm *vm = &s->vms[op->vm];
	bool active = vm->exists && vm->active != NO_CONFIG &&
		      s->configs[vm->active].state == CONFIG_ACTIVE;

	switch (op->kind) {
	case OP_CREATE_VM:
		return !vm->exists;
	case OP_EXIT:
	case OP_DROP:
		/* One process at a time has somebody who keeps its VMs open. */
		return op->kind == OP_DROP || (!s->held[0].exists && !s->held[1].exists);
	case OP_ENABLE:
		return vm->exists && s->nr_configs < MAX_CONFIGS;
	case OP_TOUCH:
		return vm->exists && (vm->active == NO_CONFIG || active);
	case OP_SHARE:
	case OP_UNSHARE:
		return active;
	case OP_CPU_STATE:
	case OP_CPU_RESET:
	case OP_DUMP_CPU:
		return vm->exists && op->a < vm->cpus;
	case OP_RUN:
		return vm->exists && op->a < vm->cpus && (!op->b || may_not_run(s, vm));
	default:
		return vm->exists;
	}
}

static struct outcome do_step(struct spec *s, const struct op *op, const struct outcome *seen)
{
	struct spec_vm *vm = &s->vms[op->vm];

	switch (op->kind) {
	case OP_CREATE_VM:
		return spec_create_vm(vm, op);
	case OP_RELEASE_VM:
		spec_release(s, op, vm);
		return spec_result(0);
	case OP_VCPU:
		return spec_create_vcpu(s, op, vm);
	case OP_SLOT:
		return spec_set_slot(vm, op);
	case OP_DELETE_SLOT:
		return spec_delete_slot(vm, op);
	case OP_ENABLE:
		return spec_enable(s, op, vm);
	case OP_DISABLE:
		return spec_disable(s, op, vm);
	case OP_PREPARE:
		return spec_prepare(s, op, vm);
	case OP_PERFORM:
	case OP_PERFORM_DEAD:
		return spec_perform(s, op, vm, op->kind == OP_PERFORM_DEAD, seen);
	case OP_SET_PARMS:
		return spec_set_parms(s, vm);
	case OP_UNPACK:
		return spec_unpack(s, vm);
	case OP_VERIFY:
		return spec_verify(s, vm);
	case OP_UNSHARE_ALL:
		return spec_unshare_all(s, op, vm);
	case OP_PREP_RESET:
		return spec_prep_reset(s, op, vm);
	case OP_CPU_STATE:
		return spec_cpu_state(s, op, vm);
	case OP_CPU_RESET:
		return spec_cpu_reset(s, op, vm);
	case OP_RUN:
		return spec_run(vm, op);
	case OP_DUMP_INIT:
		return spec_dump_init(s, op, vm);
	case OP_DUMP_STATE:
		return spec_dump_state(s, op, vm);
	case OP_DUMP_COMPLETE:
		return spec_dump_complete(s, op, vm);
	case OP_DUMP_CPU:
		return spec_dump_cpu(s, op, vm);
	case OP_TOUCH:
		return spec_result(spec_access(s, vm, op->a, op->b));
	case OP_SHARE:
		return spec_result(spec_share(s, vm, op->a, op->b));
	case OP_UNSHARE:
		return spec_result(spec_unshare(s, vm, op->a, op->b));
	case OP_READ:
		return spec_read(s, op, vm);
	case OP_WRITE:
		return spec_write(s, op, vm);
	case OP_EXIT:
		return spec_exit(s, op);
	case OP_DROP:
		return spec_drop(s, op);
	case OP_NR:
		break;
	}
	return spec_result(0);
}

struct outcome spec_step(struct spec *s, const struct op *op, const struct outcome *seen)
{
	memcpy(s->rules, op->rules, sizeof(s->rules));
	return do_step(s, op, seen);
}

bool outcome_agrees(const struct outcome *expected, const struct outcome *seen)
{
	if (expected->ret != seen->ret)
		return false;
	if (!expected->any_rrc && (expected->rc != seen->rc || expected->rrc != seen->rrc))
		return false;
	if (expected->dumped != seen->dumped || expected->dumped_mib != seen->dumped_mib)
		return false;
	if (!expected->reads)
		return true;
	/* Ciphertext is no page of one value, and above all not the zeros that it was made of. */
	if (expected->content > UINT8_MAX)
		return expected->content == CONTENT_OTHER || seen->content == CONTENT_OTHER;
	return expected->content == seen->content;
}
