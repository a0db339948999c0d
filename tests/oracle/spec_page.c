// SPDX-License-Identifier: GPL-2.0-or-later
/* The pages of the abstract state. */
#include <errno.h>

#include "tests/oracle/spec.h"

#define RC_OK      0x0001
#define RC_OUTSIDE 0x0101
#define RC_ALREADY 0x0104
#define RC_OWNED   0x0106
#define RC_BAD_TAG 0x0108

#define LOWER_2G 0x80000000UL

int spec_frame_at(const struct spec_vm *vm, unsigned int position, unsigned int page)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		const struct spec_slot *slot = &vm->slots[i];

		if (slot->used && slot->position == position)
			return (int)(slot->area * AREA_PAGES + page);
	}
	return -1;
}

/* ---- one frame ---- */

static bool is_live(const struct spec *s, const struct spec_frame *f)
{
	return f->state != FRAME_NS && s->configs[f->owner].known;
}

/* What the architecture calls shared; of a dead owner it is ordinary. */
static bool is_shared(const struct spec *s, const struct spec_frame *f)
{
	return f->state == FRAME_SHR && is_live(s, f);
}

static struct spec_record *record_of(struct spec *s, const struct spec_frame *f)
{
	return &s->configs[f->owner].records[f->gfn];
}

static void export_frame(struct spec *s, struct spec_frame *f)
{
	struct spec_record *r;

	if (f->state == FRAME_NS)
		return;
	r = record_of(s, f);
	if (is_shared(s, f)) {
		r->state = REC_SHOUT;
	} else if (f->state == FRAME_SEC && is_live(s, f)) {
		r->state = REC_EXP;
		r->plain = f->content;
		r->cipher = CONTENT_CIPHER | ++s->ciphers;
		f->content = r->cipher;
	} else if (f->state == FRAME_SEC) {
		f->content = CONTENT_OTHER; /* its keys are gone */
	}
	f->state = FRAME_NS;
}

/* Refused while the owner has CPUs. Return: true if it is an ordinary page now */
static bool destroy_frame(struct spec *s, struct spec_frame *f)
{
	if (is_live(s, f) && s->configs[f->owner].nr_cpus)
		return false;
	if (is_live(s, f))
		record_of(s, f)->state = REC_NEW;
	/* Shared pages of a dead owner are ordinary: nothing of theirs is to be destroyed. */
	if (f->state == FRAME_SEC || is_live(s, f))
		f->content = 0;
	f->state = FRAME_NS;
	return true;
}

static void destroy_or_export(struct spec *s, struct spec_frame *f)
{
	if (!destroy_frame(s, f))
		export_frame(s, f);
}

static void take(struct spec *s, int config, unsigned int gfn, int frame, uint8_t state)
{
	struct spec_frame *f = &s->frames[frame];
	struct spec_record *r = &s->configs[config].records[gfn];

	f->state = state;
	f->owner = (int8_t)config;
	f->gfn = (uint8_t)gfn;
	r->state = state == FRAME_SEC ? REC_SEC : REC_SHR;
	r->frame = (uint8_t)frame;
}

static bool is_mine(const struct spec_frame *f, int config, unsigned int gfn)
{
	return f->state != FRAME_NS && f->owner == config && f->gfn == gfn;
}

/* ---- import ---- */

static uint16_t import_ns(struct spec *s, int config, unsigned int gfn, int frame)
{
	struct spec_record *r = &s->configs[config].records[gfn];
	struct spec_frame *f = &s->frames[frame];

	switch (r->state) {
	case REC_NEW:
		f->content = 0;
		take(s, config, gfn, frame, FRAME_SEC);
		return RC_OK;
	case REC_EXP:
		if (f->content != r->cipher)
			return RC_BAD_TAG;
		f->content = r->plain;
		take(s, config, gfn, frame, FRAME_SEC);
		return RC_OK;
	case REC_SHOUT:
		take(s, config, gfn, frame, FRAME_SHR);
		return RC_OK;
	default:
		return RC_OWNED; /* the page is in another frame */
	}
}

static uint16_t import_frame(struct spec *s, int config, unsigned int gfn, int frame)
{
	struct spec_frame *f = &s->frames[frame];

	if (s->count > 1 && !s->misc)
		export_frame(s, f);
	if (is_mine(f, config, gfn))
		return RC_OK;
	if (f->state == FRAME_SEC)
		return RC_OWNED;
	if (is_shared(s, f)) {
		if (!s->misc || f->owner == config)
			return RC_OWNED;
		export_frame(s, f);
	}
	return import_ns(s, config, gfn, frame);
}

uint16_t spec_unpack_page(struct spec *s, int config, unsigned int gfn, int frame)
{
	struct spec_frame *f = &s->frames[frame];
	uint8_t record = s->configs[config].records[gfn].state;

	if (s->count > 1 && !s->misc) {
		export_frame(s, f);
		record = s->configs[config].records[gfn].state;
	}
	if (s->configs[config].image != IMAGE_HEADER)
		return RC_OUTSIDE; /* or no header, which is told alike */
	if (is_mine(f, config, gfn))
		return f->state == FRAME_SEC ? RC_ALREADY : RC_OWNED;
	if (f->state == FRAME_SEC && f->owner == config && s->configs[config].known)
		return RC_ALREADY;
	if (f->state == FRAME_SEC || is_shared(s, f))
		return RC_OWNED;
	if (record == REC_SEC)
		return RC_ALREADY;
	if (record == REC_SHR)
		return RC_OWNED;
	f->content = CONTENT_IMAGE;
	take(s, config, gfn, frame, FRAME_SEC);
	return RC_OK;
}

/* ---- guests ---- */

static unsigned int gfn_of(unsigned int position, unsigned int page)
{
	return position * AREA_PAGES + page;
}

static long ordinary_access(struct spec *s, struct spec_frame *f)
{
	if (f->state == FRAME_SEC)
		destroy_or_export(s, f);
	return 0;
}

long spec_access(struct spec *s, struct spec_vm *vm, unsigned int position, unsigned int page)
{
	int frame = spec_frame_at(vm, position, page);
	unsigned int gfn = gfn_of(position, page);
	struct spec_frame *f;

	if (frame < 0)
		return -EFAULT;
	f = &s->frames[frame];
	if (vm->active == NO_CONFIG)
		return ordinary_access(s, f);
	if (is_mine(f, vm->active, gfn))
		return 0;
	if (f->state == FRAME_SEC)
		destroy_or_export(s, f);
	return import_frame(s, vm->active, gfn, frame) == RC_OK ? 0 : -EINVAL;
}

/* Not there: the host imports it, and the guest goes on. */
static long import_first(struct spec *s, struct spec_vm *vm, unsigned int position,
			 unsigned int page)
{
	int frame = spec_frame_at(vm, position, page);

	if (frame < 0)
		return -EFAULT;
	if (import_frame(s, vm->active, gfn_of(position, page), frame) != RC_OK)
		return -EINVAL;
	return 0;
}

static bool is_outside(const struct spec *s, const struct spec_vm *vm, unsigned int position,
		       unsigned int page)
{
	return position_gpa(position) + page * 0x1000UL >= s->configs[vm->active].len;
}

long spec_share(struct spec *s, struct spec_vm *vm, unsigned int position, unsigned int page)
{
	struct spec_record *r = &s->configs[vm->active].records[gfn_of(position, page)];
	long err = 0;

	if (is_outside(s, vm, position, page))
		return RC_OUTSIDE;
	if (r->state != REC_SEC && r->state != REC_SHR)
		err = import_first(s, vm, position, page);
	if (err)
		return err;
	r->state = REC_SHR;
	s->frames[r->frame].state = FRAME_SHR;
	return 0;
}

long spec_unshare(struct spec *s, struct spec_vm *vm, unsigned int position, unsigned int page)
{
	struct spec_record *r = &s->configs[vm->active].records[gfn_of(position, page)];
	long err = 0;

	if (is_outside(s, vm, position, page))
		return RC_OUTSIDE;
	if (r->state == REC_SHOUT)
		err = import_first(s, vm, position, page);
	if (err || r->state != REC_SHR)
		return err;
	r->state = REC_SEC;
	s->frames[r->frame].state = FRAME_SEC;
	return 0;
}

/* ---- the host ---- */

void spec_host_access(struct spec *s, int frame)
{
	if (s->frames[frame].state == FRAME_SEC)
		export_frame(s, &s->frames[frame]);
}

static bool is_below_2g(const struct spec_vm *vm, int frame)
{
	for (int i = 0; i < NR_SLOTS; i++) {
		const struct spec_slot *slot = &vm->slots[i];

		if (slot->used && slot->area == frame / AREA_PAGES &&
		    position_gpa(slot->position) + (unsigned int)frame % AREA_PAGES * 0x1000UL <
			    LOWER_2G)
			return true;
	}
	return false;
}

void spec_destroy_owned(struct spec *s, int config, const struct spec_vm *lower_2g_of)
{
	for (int i = 0; i < NR_AREAS * AREA_PAGES; i++) {
		struct spec_frame *f = &s->frames[i];

		if (f->state == FRAME_NS || f->owner != config)
			continue;
		if (!lower_2g_of || is_below_2g(lower_2g_of, i))
			destroy_or_export(s, f);
	}
}

unsigned int spec_owned(const struct spec *s, int config)
{
	unsigned int n = 0;

	for (int i = 0; i < NR_AREAS * AREA_PAGES; i++)
		n += s->frames[i].state != FRAME_NS && s->frames[i].owner == config;
	return n;
}

static uint64_t gfn_gpa(unsigned int gfn)
{
	return position_gpa(gfn / AREA_PAGES) + gfn % AREA_PAGES * 0x1000UL;
}

/* Ordinary storage counts from now on: where a page was secure it is empty. */
void spec_condemn_owned(struct spec *s, int config)
{
	for (int i = 0; i < NR_AREAS * AREA_PAGES; i++) {
		struct spec_frame *f = &s->frames[i];

		if (f->state == FRAME_NS || f->owner != config || gfn_gpa(f->gfn) >= LOWER_2G)
			continue;
		if (f->state == FRAME_SEC)
			f->content = 0;
		f->state = FRAME_NS;
	}
}

void spec_unshare_owned(struct spec *s, int config)
{
	for (int gfn = 0; gfn < NR_GFNS; gfn++) {
		struct spec_record *r = &s->configs[config].records[gfn];

		if (r->state == REC_SHOUT)
			r->state = REC_NEW;
		if (r->state != REC_SHR)
			continue;
		r->state = REC_SEC;
		s->frames[r->frame].state = FRAME_SEC;
	}
}

enum dump_kind spec_dump_kind(const struct spec *s, int config, uint64_t gpa)
{
	static const enum dump_kind kinds[] = {[REC_NEW] = DUMPED_ZERO,
					       [REC_SEC] = DUMPED_CIPHER,
					       [REC_EXP] = DUMPED_CIPHER,
					       [REC_SHR] = DUMPED_MAPPED,
					       [REC_SHOUT] = DUMPED_SHARED};

	for (unsigned int gfn = 0; gfn < NR_GFNS; gfn++) {
		if (gfn_gpa(gfn) == gpa)
			return kinds[s->configs[config].records[gfn].state];
	}
	return DUMPED_ZERO;
}

/* Secure pages are cleared, shared ones keep their content. */
void spec_config_gone(struct spec *s, int config)
{
	for (int i = 0; i < NR_AREAS * AREA_PAGES; i++) {
		struct spec_frame *f = &s->frames[i];

		if (f->state == FRAME_NS || f->owner != config)
			continue;
		if (f->state == FRAME_SEC)
			f->content = 0;
		f->state = FRAME_NS;
	}
}

void spec_memory_gone(struct spec *s)
{
	for (int i = 0; i < NR_AREAS * AREA_PAGES; i++)
		s->frames[i] = (struct spec_frame){0};
	for (int i = 0; i < s->nr_configs; i++) {
		for (int gfn = 0; gfn < NR_GFNS; gfn++)
			s->configs[i].records[gfn].state = REC_NEW;
	}
}
