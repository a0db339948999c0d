// SPDX-License-Identifier: GPL-2.0-or-later
/* ENABLE and DISABLE. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

/* CREATE_SEC_CONF. Return: 0 or -EIO */
static long create_conf(struct spec *s, const struct op *op, struct spec_vm *vm, struct answer *a)
{
	struct answer dummy;

	if (spec_fails(s, op, RULE_CREATE_CONF, RULE_CREATE_CONF_UNDO, a)) {
		if (a->done && spec_storage_len(vm)) {
			spec_new_config(s, vm);
			spec_deinit_active(s, op, vm, &dummy);
		}
		return -EIO;
	}
	*a = spec_executed;
	if (!spec_storage_len(vm)) {
		*a = (struct answer){.rc = 0x103};
		return -EIO;
	}
	spec_new_config(s, vm);
	return 0;
}

struct outcome spec_enable(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct answer a, dummy;
	long err;

	if (vm->active != NO_CONFIG)
		return spec_result(-EINVAL);
	if (spec_no_memory(s, RULE_ALLOC_BASE) || spec_no_memory(s, RULE_ALLOC_VAR))
		return spec_result(-ENOMEM);
	err = create_conf(s, op, vm, &a);
	if (err)
		return spec_answered(err, a);
	for (int i = 0; i < vm->cpus && !err; i++)
		err = spec_create_cpu(s, op, vm, i, &a);
	if (err) {
		spec_destroy_cpus(s, op, vm, &dummy);
		spec_deinit_active(s, op, vm, &dummy);
	}
	return spec_answered(err, a);
}

struct outcome spec_disable(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	struct answer a;

	if (vm->active == NO_CONFIG)
		return spec_result(-EINVAL);
	if (spec_destroy_cpus(s, op, vm, &a)) {
		spec_note_half(s, vm);
		return spec_answered(-EIO, a);
	}
	return spec_cleanup_all(s, op, vm, &a) ? spec_answered(0, a) : spec_answered(-EIO, a);
}
