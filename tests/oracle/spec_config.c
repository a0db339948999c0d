// SPDX-License-Identifier: GPL-2.0-or-later
/* Configurations from their creation to their end, the states between, the clean-up of all. */
#include <string.h>

#include "tests/oracle/spec_impl.h"

/* End of the highest slot, in whole MiB */
uint64_t spec_storage_len(const struct spec_vm *vm)
{
	const uint64_t mib = 0x100000;
	uint64_t len = 0;

	for (int i = 0; i < NR_SLOTS; i++) {
		uint64_t end = position_gpa(vm->slots[i].position) + AREA_PAGES * 0x1000UL;

		if (vm->slots[i].used && end > len)
			len = end;
	}
	return (len + mib - 1) / mib * mib;
}

void spec_new_config(struct spec *s, struct spec_vm *vm)
{
	int config = s->nr_configs++;

	s->configs[config] = (struct spec_config){
		.state = CONFIG_ACTIVE, .known = true, .len = spec_storage_len(vm)};
	vm->active = (int8_t)config;
	s->count++;
}

/* A dump ends with its configuration. */
void spec_clear_active(struct spec_vm *vm)
{
	vm->active = NO_CONFIG;
	vm->dumping = false;
}

/* Its CPUs are gone or going. */
void spec_note_half(struct spec *s, const struct spec_vm *vm)
{
	if (s->configs[vm->active].state == CONFIG_ACTIVE)
		s->configs[vm->active].state = CONFIG_HALF;
}

/* The active one: kvm-pv 3.4, step 3. Return: true if it is gone */
bool spec_deinit_active(struct spec *s, const struct op *op, struct spec_vm *vm, struct answer *a)
{
	struct spec_config *c = &s->configs[vm->active];

	*a = spec_destroy_conf(s, op, vm->active);
	if (!a->done) {
		c->state = CONFIG_STUCK;
		return false;
	}
	c->state = CONFIG_NONE;
	spec_clear_active(vm);
	s->count--;
	return true;
}

/* Return: true if it is gone */
bool spec_dispose(struct spec *s, const struct op *op, int config, struct answer *a)
{
	struct spec_config *c = &s->configs[config];

	*a = c->fast ? spec_executed : spec_destroy_conf(s, op, config);
	c->state = a->done ? CONFIG_NONE : CONFIG_LEAKED;
	s->count -= a->done;
	return a->done;
}

void spec_queue(struct spec *s, struct spec_vm *vm, int config)
{
	memmove(vm->leftovers + 1, vm->leftovers, vm->nr_leftovers * sizeof(vm->leftovers[0]));
	vm->leftovers[0] = (int8_t)config;
	vm->nr_leftovers++;
	s->configs[config].state = CONFIG_LEFTOVER;
}

/* kvm-pv 3.4. Return: true if everything went well; @first: of the first failure, else of the end
 */
bool spec_cleanup_all(struct spec *s, const struct op *op, struct spec_vm *vm, struct answer *first)
{
	int active = vm->active;
	struct answer a;
	bool good = true;

	*first = spec_executed;
	if (active != NO_CONFIG)
		good = spec_deinit_active(s, op, vm, first);
	if (vm->aside != NO_CONFIG)
		spec_queue(s, vm, vm->aside);
	vm->aside = NO_CONFIG;
	for (int i = 0; i < vm->nr_leftovers; i++) {
		if (spec_dispose(s, op, vm->leftovers[i], &a))
			continue;
		if (good)
			*first = a;
		good = false;
	}
	if (!s->mm_gone) {
		if (active != NO_CONFIG)
			spec_destroy_owned(s, active, NULL);
		for (int i = 0; i < vm->nr_leftovers; i++)
			spec_destroy_owned(s, vm->leftovers[i], NULL);
	}
	vm->nr_leftovers = 0;
	return good;
}
