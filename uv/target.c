// SPDX-License-Identifier: GPL-2.0-or-later
/* The frame that a page call works on. */
#include "uv/target.h"

#include <assert.h>

static enum target_state state_of(const struct target *t)
{
	switch (frame_word_state(t->word)) {
	case FRAME_NS:
		return TARGET_NS;
	case FRAME_SEC:
		return t->owner ? TARGET_SEC : TARGET_ORPH;
	case FRAME_SHR:
		return t->owner ? TARGET_SHR : TARGET_NS;
	case FRAME_PIN:
		return t->owner ? TARGET_PIN : TARGET_NS;
	case FRAME_DON:
		return TARGET_DON;
	case FRAME_LOST:
		break;
	}
	return TARGET_LOST;
}

/*
 * Residue is cleared before anybody can use the frame for something else. What ordinary storage
 * holds counts already, so it stays.
 */
static void settle(struct target *t)
{
	if (frame_word_state(t->word) == FRAME_SEC)
		frame_clear_secure(&t->frame);
	if (t->owner) {
		target_set_record(t, G_NEW, 0);
		uv_owner_leave(t->owner);
		t->owner = NULL;
	}
	t->word = frame_word(FRAME_NS, 0, 0) | FRAME_ORDINARY;
	t->settled = true;
}

void target_adopt(struct uv_pages *p, struct target *t)
{
	struct uv_owner *o = NULL;

	if (frame_word_owner(t->word))
		o = uv_owner_find(p->owners, frame_word_owner(t->word));
	t->owner = o && uv_owner_enter(o) ? o : NULL;
	if (frame_word_condemned(p->storage, t->word))
		settle(t);
	t->state = state_of(t);
}

void target_lock(struct uv_pages *p, struct target *t)
{
	t->word = frame_lock(&t->frame);
	target_adopt(p, t);
}

int target_hold(struct target *t)
{
	int rc = frame_hold_piece(&t->frame);

	t->held = !rc;
	return rc;
}

void target_publish(struct target *t, uint64_t word)
{
	if (t->held)
		t->held = !frame_publish_held(&t->frame, word);
	else
		frame_publish(&t->frame, word);
}

uint16_t target_unlock(struct target *t, uint16_t rc)
{
	if (t->settled)
		frame_publish(&t->frame, t->word);
	else
		frame_unlock(&t->frame);
	return rc;
}

void target_put(struct target *t)
{
	if (t->owner)
		uv_owner_leave(t->owner);
	if (t->held)
		frame_release_piece(&t->frame);
	frame_put(&t->frame);
}

void target_purge(struct uv_pages *p, const struct target *t)
{
	assert(t->owner);
	p->ops->purge(p->machine, t->owner->asce, frame_word_gpa(t->word), PAGE_SIZE);
}

void target_purge_others(struct uv_pages *p, const struct uv_owner *o)
{
	if (p->ops->purge_others)
		p->ops->purge_others(p->machine, o->asce);
}

void target_set_record(struct target *t, enum guest_state state, abs_t frame)
{
	assert(t->owner);
	record_change(t->owner, frame_word_gpa(t->word), state, frame);
}
