// SPDX-License-Identifier: GPL-2.0-or-later
/* VMs, their CPUs and slots, and the process that has them. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

struct outcome spec_create_vm(struct spec_vm *vm, const struct op *op)
{
	*vm = (struct spec_vm){
		.exists = true, .small = op->a, .active = NO_CONFIG, .aside = NO_CONFIG};
	return spec_result(0);
}

struct outcome spec_create_vcpu(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct answer a;
	long err = 0;

	if (vm->cpus == MAX_CPUS)
		return spec_result(-EINVAL);
	if (vm->active != NO_CONFIG)
		err = spec_create_cpu(s, op, vm, vm->cpus, &a);
	if (!err)
		vm->stopped[vm->cpus++] = true;
	return spec_result(err);
}

/* ---- slots ---- */

static bool position_free(const struct spec_vm *vm, const struct op *op)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		if (i != op->a && vm->slots[i].used && vm->slots[i].position == op->c)
			return false;
	}
	return true;
}

struct outcome spec_set_slot(struct spec_vm *vm, const struct op *op)
{
	struct spec_slot *slot = &vm->slots[op->a];
	uint64_t end = position_gpa(op->c) + AREA_PAGES * 0x1000UL;

	if (slot->used && slot->area != op->b)
		return spec_result(-EINVAL);
	if (slot->used && slot->position == op->c)
		return spec_result(0);
	if (!position_free(vm, op))
		return spec_result(-EEXIST);
	if (vm->active != NO_CONFIG || (vm->small && end > 0x80000000UL))
		return spec_result(-EINVAL);
	*slot = (struct spec_slot){.used = true, .area = op->b, .position = op->c};
	return spec_result(0);
}

struct outcome spec_delete_slot(struct spec_vm *vm, const struct op *op)
{
	if (!vm->slots[op->a].used || vm->active != NO_CONFIG)
		return spec_result(-EINVAL);
	vm->slots[op->a].used = false;
	return spec_result(0);
}

/* ---- the end ---- */

/* Errors are dropped: what cannot be destroyed now never will be. */
void spec_release(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct answer a;

	spec_destroy_cpus(s, op, vm, &a);
	spec_cleanup_all(s, op, vm, &a);
	if (vm->active != NO_CONFIG)
		s->configs[vm->active].state = CONFIG_LEAKED;
	vm->exists = false;
}

/* kvm-pv 3.7.3 */
static void notify(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct spec_config *c;
	struct answer a;
	bool failed;

	if (!vm->exists || vm->active == NO_CONFIG)
		return;
	c = &s->configs[vm->active];
	failed = spec_destroy_cpus(s, op, vm, &a);
	spec_note_half(s, vm);
	if (!failed && s->fast && spec_destroy_fast(s, op, vm->active, &a)) {
		c->state = CONFIG_NONE;
		spec_clear_active(vm);
	}
}

static void keep(struct spec *s, const struct spec_vm *vm)
{
	for (int i = 0; i < NR_VMS; i++) {
		if (!s->held[i].exists) {
			s->held[i] = *vm;
			return;
		}
	}
}

/* The address space first, then the descriptors. */
struct outcome spec_exit(struct spec *s, const struct op *op)
{
	for (int i = 0; i < NR_VMS; i++)
		notify(s, op, &s->vms[i]);
	spec_memory_gone(s);
	s->mm_gone = true;
	for (int i = 0; i < NR_VMS; i++) {
		if (s->vms[i].exists && op->a & 1 << i)
			keep(s, &s->vms[i]);
		else if (s->vms[i].exists)
			spec_release(s, op, &s->vms[i]);
		s->vms[i].exists = false;
	}
	s->mm_gone = false;
	s->count = 0; /* of the next process */
	return spec_result(0);
}

struct outcome spec_drop(struct spec *s, const struct op *op)
{
	int32_t count = s->count;

	s->mm_gone = true;
	for (int i = 0; i < NR_VMS; i++) {
		if (s->held[i].exists)
			spec_release(s, op, &s->held[i]);
	}
	s->mm_gone = false;
	s->count = count;
	return spec_result(0);
}
