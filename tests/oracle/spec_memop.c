// SPDX-License-Identifier: GPL-2.0-or-later
/* The host reads and writes guest memory. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

struct outcome spec_read(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	int frame = spec_frame_at(vm, op->a, op->b);
	struct outcome out;

	if (vm->active != NO_CONFIG)
		return spec_result(-EINVAL);
	if (frame < 0)
		return spec_result(5); /* addressing exception */
	spec_host_access(s, frame);
	out = spec_result(0);
	out.reads = true;
	out.content = s->frames[frame].content;
	return out;
}

struct outcome spec_write(struct spec *s, const struct op *op, struct spec_vm *vm)
{
	int frame = spec_frame_at(vm, op->a, op->b);

	if (vm->active != NO_CONFIG)
		return spec_result(-EINVAL);
	if (frame < 0)
		return spec_result(5);
	spec_host_access(s, frame);
	s->frames[frame].content = op->c;
	return spec_result(0);
}
