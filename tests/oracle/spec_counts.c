// SPDX-License-Identifier: GPL-2.0-or-later
/* What there is. */
#include "tests/oracle/spec.h"

static void count_vm(const struct spec_vm *vm, struct counts *c)
{
	if (!vm->exists)
		return;
	c->vms++;
	c->vcpus += vm->cpus;
	for (int i = 0; i < vm->cpus; i++)
		c->secure_vcpus += vm->secure[i];
}

static void count_frames(const struct spec *s, struct counts *c)
{
	for (int i = 0; i < NR_AREAS * AREA_PAGES; i++) {
		const struct spec_frame *f = &s->frames[i];
		bool known = s->configs[f->owner].known;

		c->secure += f->state == FRAME_SEC && known;
		c->orphan += f->state == FRAME_SEC && !known;
		c->shared += f->state == FRAME_SHR && known;
	}
}

/* Until the walk over its memory it may be there; whoever uses the page clears it before. */
static bool may_have_residue(const struct spec_config *c)
{
	return c->condemned && c->state != CONFIG_NONE && c->state != CONFIG_LEAKED;
}

struct counts spec_counts(const struct spec *s)
{
	struct counts c = {.protected_count = s->count};

	for (int i = 0; i < NR_VMS; i++) {
		count_vm(&s->vms[i], &c);
		count_vm(&s->held[i], &c);
	}
	for (int i = 0; i < s->nr_configs; i++) {
		c.configs[s->configs[i].state]++;
		c.uv_configs += s->configs[i].known;
		c.uv_cpus += s->configs[i].known ? s->configs[i].nr_cpus : 0;
		if (may_have_residue(&s->configs[i]))
			c.residue = ANY;
	}
	c.configs[CONFIG_NONE] = 0;
	c.leaked_bytes = c.configs[CONFIG_LEAKED] || s->leaked_cpus;
	count_frames(s, &c);
	return c;
}
