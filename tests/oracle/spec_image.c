// SPDX-License-Identifier: GPL-2.0-or-later
/* The image: its header, its pages, what they amount to. */
#include <errno.h>

#include "tests/oracle/spec_impl.h"

static struct outcome image_call(uint16_t rc, uint16_t rrc)
{
	return spec_answered(rc == RC_EXECUTED ? 0 : -EINVAL,
			     (struct answer){.rc = rc, .rrc = rrc});
}

struct outcome spec_set_parms(struct spec *s, struct spec_vm *vm)
{
	struct spec_config *c;

	if (vm->active == NO_CONFIG)
		return spec_result(-EINVAL);
	if (spec_no_memory(s, RULE_ALLOC_PAGE))
		return spec_result(-ENOMEM);
	c = &s->configs[vm->active];
	if (!spec_answers(c))
		return image_call(RC_NO_CONFIG, 0);
	if (c->image != IMAGE_NONE)
		return image_call(0x101, 0);
	c->image = IMAGE_HEADER;
	return image_call(RC_EXECUTED, 0);
}

/* The VMM writes the pages, which takes them from whoever has them. */
static void write_image(struct spec *s, const struct spec_vm *vm)
{
	for (unsigned int i = 0; i < s->image_pages; i++) {
		int frame = spec_frame_at(vm, 0, IMAGE_PAGE + i);

		if (frame < 0)
			continue;
		spec_host_access(s, frame);
		s->frames[frame].content = CONTENT_OTHER;
	}
}

struct outcome spec_unpack(struct spec *s, struct spec_vm *vm)
{
	struct outcome out = spec_result(-EINVAL);

	if (vm->active == NO_CONFIG)
		return out;
	write_image(s, vm);
	/* The Ultravisor goes on with a table that nothing is mapped into any more. */
	if (s->configs[vm->active].state == CONFIG_STUCK)
		return out;
	for (unsigned int i = 0; i < s->image_pages; i++) {
		struct spec_config *c = &s->configs[vm->active];
		int frame = spec_frame_at(vm, 0, IMAGE_PAGE + i);

		if (frame < 0) {
			out.ret = -EFAULT;
			out.any_rrc = true; /* the call was tried before the page was looked for */
			return out;
		}
		out = image_call(spec_answers(c)
					 ? spec_unpack_page(s, vm->active, IMAGE_PAGE + i, frame)
					 : RC_NO_CONFIG,
				 0);
		if (out.ret)
			return out;
		c->unpacked = c->unpacked == (int)i ? (int8_t)(i + 1) : -1;
	}
	return out;
}

struct outcome spec_verify(struct spec *s, struct spec_vm *vm)
{
	struct spec_config *c;
	struct outcome out;

	if (vm->active == NO_CONFIG)
		return spec_result(-EINVAL);
	c = &s->configs[vm->active];
	if (!spec_answers(c))
		return image_call(RC_NO_CONFIG, 0);
	if (c->image != IMAGE_HEADER)
		return image_call(0x101, 0);
	if (c->unpacked != s->image_pages) {
		out = image_call(0x102, 0);
		out.any_rrc = true;
		return out;
	}
	c->image = IMAGE_VERIFIED;
	return image_call(RC_EXECUTED, 0);
}
