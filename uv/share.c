// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Share and unshare, of one page and of all. The guest names its page; the
 * frame is where the record says, whatever the host has mapped there.
 */
#include <assert.h>

#include "uv/page.h"
#include "uv/record.h"
#include "uv/target.h"

/** AGAIN - the page moved meanwhile: look at its record again */
#define AGAIN 0

/*
 * Lock the frame that a record in state @state names.
 * Return: UV_PAGE_OK; AGAIN; UV_PAGE_NO_STORAGE: nothing to hold it with, or the frame was lost
 */
static uint16_t lock_resident(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr, uint64_t state,
			      struct target *t)
{
	uint16_t rc = AGAIN;

	*t = (struct target){0};
	if (frame_get(p->storage, record_frame(state), &t->frame))
		return AGAIN;
	if (target_hold(t)) {
		frame_put(&t->frame);
		return UV_PAGE_NO_STORAGE;
	}
	target_lock(p, t);
	if (record_peek(record_of(o, gaddr)) == state) {
		if (t->state != TARGET_LOST)
			return UV_PAGE_OK;
		rc = UV_PAGE_NO_STORAGE;
	}
	target_unlock(t, 0);
	target_put(t);
	return rc;
}

static uint16_t share_locked(struct uv_pages *p, struct target *t, gpa_t gaddr)
{
	target_purge(p, t);
	if (frame_write_ordinary(&t->frame, frame_secure(&t->frame)))
		return target_unlock(t, UV_PAGE_NO_STORAGE);
	frame_clear_secure(&t->frame);
	target_set_record(t, G_SHR, frame_abs(&t->frame));
	target_publish(t, frame_word(FRAME_SHR, t->owner->index, gaddr) | FRAME_ORDINARY);
	return UV_PAGE_OK;
}

static uint16_t try_share(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr)
{
	uint64_t state = record_peek(record_of(o, gaddr));
	struct target t;
	uint16_t rc;

	if (record_state(state) == G_SHR)
		return UV_PAGE_OK;
	if (record_state(state) != G_SEC)
		return UV_PAGE_NOT_RESIDENT;
	rc = lock_resident(p, o, gaddr, state, &t);
	if (rc != UV_PAGE_OK)
		return rc;
	rc = share_locked(p, &t, gaddr);
	target_put(&t);
	return rc;
}

/* The guest may not rely on what it finds there: the host could write until now. */
static uint16_t unshare_locked(struct uv_pages *p, struct target *t, gpa_t gaddr)
{
	target_purge(p, t);
	frame_read_ordinary(&t->frame, frame_secure(&t->frame));
	frame_punch(&t->frame, t->word);
	target_set_record(t, G_SEC, frame_abs(&t->frame));
	target_publish(t, frame_word(FRAME_SEC, t->owner->index, gaddr));
	return UV_PAGE_OK;
}

static uint16_t try_unshare(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr)
{
	uint64_t state = record_peek(record_of(o, gaddr));
	struct target t;
	uint16_t rc;

	if (record_state(state) == G_SHOUT)
		return UV_PAGE_NOT_RESIDENT;
	if (record_state(state) != G_SHR)
		return UV_PAGE_OK;
	rc = lock_resident(p, o, gaddr, state, &t);
	if (rc != UV_PAGE_OK)
		return rc;
	if (t.state == TARGET_PIN)
		rc = target_unlock(&t, UV_PAGE_PINNED);
	else
		rc = unshare_locked(p, &t, gaddr);
	target_put(&t);
	return rc;
}

static uint16_t change_sharing(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr,
			       uint16_t (*attempt)(struct uv_pages *, struct uv_owner *, gpa_t))
{
	uint16_t rc = UV_PAGE_BAD_ADDRESS;

	if (!uv_owner_enter(o))
		return UVC_RC_INV_GHANDLE;
	if (guest_has_page(o, gaddr))
		do
			rc = attempt(p, o, gaddr);
		while (rc == AGAIN);
	uv_owner_leave(o);
	return rc;
}

uint16_t uv_page_share(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr)
{
	return change_sharing(p, o, gaddr, try_share);
}

uint16_t uv_page_unshare(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr)
{
	return change_sharing(p, o, gaddr, try_unshare);
}

/* ---- SET_UNSHARE_ALL ---- */

/* Linux pins for every transfer and never unpins by itself: such a page is given up. */
static uint16_t forget_pinned(struct uv_pages *p, struct target *t)
{
	target_purge(p, t);
	target_set_record(t, G_NEW, 0);
	target_publish(t, frame_word(FRAME_NS, 0, 0) | FRAME_ORDINARY);
	return UV_PAGE_OK;
}

static uint16_t take_back_resident(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr,
				   uint64_t state)
{
	struct target t;
	uint16_t rc = lock_resident(p, o, gaddr, state, &t);

	if (rc != UV_PAGE_OK)
		return rc;
	rc = t.state == TARGET_PIN ? forget_pinned(p, &t) : unshare_locked(p, &t, gaddr);
	target_put(&t);
	return rc;
}

static uint16_t forget_shared_out(struct uv_owner *o, struct guest_record *r)
{
	uint64_t state = record_lock_absent(r);

	if (record_state(state) != G_SHOUT) {
		if (!record_names_frame(state))
			record_unlock(r);
		return AGAIN;
	}
	record_set(o, r, G_NEW, 0);
	return UV_PAGE_OK;
}

/* Return: UV_PAGE_OK, AGAIN or UV_PAGE_NO_STORAGE; *@touched is raised if there was work */
static uint16_t take_back(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr, uint64_t *touched)
{
	struct guest_record *r = record_of(o, gaddr);
	uint64_t state = record_peek(r);
	uint16_t rc = UV_PAGE_OK;

	if (record_state(state) == G_SHR)
		rc = take_back_resident(p, o, gaddr, state);
	else if (record_state(state) == G_SHOUT)
		rc = forget_shared_out(o, r);
	else
		return rc;
	*touched += rc == UV_PAGE_OK;
	return rc;
}

/* All stopped CPUs: nobody shares anew while this goes on. */
bool uv_pages_unshare_all(struct uv_pages *p, struct uv_owner *o, uint16_t *rc)
{
	uint64_t touched = 0, i = o->unshare_cursor;

	*rc = UV_PAGE_OK;
	if (i < atomic_load(&o->first_used))
		i = atomic_load(&o->first_used);
	while (atomic_load(&o->shared) && i < atomic_load(&o->end_used)) {
		if (touched == UV_PAGE_CHUNK) {
			o->unshare_cursor = i;
			return false;
		}
		*rc = take_back(p, o, o->mso + (i << PAGE_SHIFT), &touched);
		if (*rc == UV_PAGE_NO_STORAGE)
			break;
		i += *rc == UV_PAGE_OK;
		*rc = UV_PAGE_OK;
	}
	o->unshare_cursor = 0;
	return true;
}
