// SPDX-License-Identifier: GPL-2.0-or-later
/* Page calls that name a guest page and use the frame that the host mapped there. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "uv/export_cipher.h"
#include "uv/page.h"
#include "uv/record.h"
#include "uv/target.h"

/* Return: UV_PAGE_OK with the frame that the host mapped at @gaddr locked */
static uint16_t lock_mapped(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr, bool hold,
			    struct target *t)
{
	abs_t frame;

	if (!guest_has_page(o, gaddr))
		return UV_PAGE_BAD_ADDRESS;
	if (p->ops->translate(p->machine, o->asce, gaddr, &frame) ||
	    frame_get(p->storage, frame, &t->frame))
		return UV_PAGE_NOT_MAPPED;
	if (hold && frame_backing(&t->frame) && target_hold(t)) {
		frame_put(&t->frame);
		return UV_PAGE_NO_STORAGE;
	}
	target_lock(p, t);
	if (frame_backing(&t->frame) && t->state != TARGET_DON)
		return UV_PAGE_OK;
	/* donated, or memory of KVM itself: never a guest's page */
	target_unlock(t, 0);
	target_put(t);
	return t->state == TARGET_DON ? UV_PAGE_DONATED : UV_PAGE_OWNED;
}

static uint16_t begin(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr, bool hold,
		      struct target *t)
{
	uint16_t rc;

	*t = (struct target){0};
	if (!uv_owner_enter(o))
		return UVC_RC_INV_GHANDLE;
	rc = lock_mapped(p, o, gaddr, hold, t);
	if (rc != UV_PAGE_OK)
		uv_owner_leave(o);
	return rc;
}

static void end(struct uv_owner *o, struct target *t)
{
	target_put(t);
	uv_owner_leave(o);
}

static bool is_this_page(const struct target *t, const struct uv_owner *o, gpa_t gaddr)
{
	return t->owner == o && frame_word_gpa(t->word) == gaddr;
}

/* ---- import ---- */

static uint16_t bring_new(struct target *t)
{
	frame_punch(&t->frame, t->word);
	return UV_PAGE_OK;
}

/* The tag is checked on a copy that the host cannot change any more. */
static uint16_t bring_exported(struct target *t, struct uv_owner *o, gpa_t gaddr,
			       const struct guest_record *r)
{
	struct export_id id = {.counter = r->counter, .gaddr = gaddr, .uid = o->uid};
	uint8_t *page = frame_secure(&t->frame);
	int rc;

	frame_read_ordinary(&t->frame, page);
	rc = export_cipher_open(o->cipher, &id, page, r->tag);
	if (rc) {
		frame_clear_secure(&t->frame);
		return rc == -EBADMSG ? UV_PAGE_BAD_TAG : UV_PAGE_NO_STORAGE;
	}
	frame_punch(&t->frame, t->word);
	return UV_PAGE_OK;
}

/* ultravisor.md 3.5. With success content and record are in place and *@word is to be published */
static uint16_t bring_in(struct target *t, struct uv_owner *o, gpa_t gaddr, uint64_t *word)
{
	struct guest_record *r = record_of(o, gaddr);
	enum guest_state next = G_SEC;
	uint16_t rc = UV_PAGE_OK;

	switch (record_state(record_lock_absent(r))) {
	case G_NEW:
		rc = bring_new(t);
		break;
	case G_EXP:
		rc = bring_exported(t, o, gaddr, r);
		break;
	case G_SHOUT:
		next = G_SHR;
		break;
	case G_SEC:
	case G_SHR:
		return UV_PAGE_OWNED; /* not locked: it is in another frame */
	}
	if (rc != UV_PAGE_OK) {
		record_unlock(r);
		return rc;
	}
	record_set(o, r, next, frame_abs(&t->frame));
	*word = next == G_SEC ? frame_word(FRAME_SEC, o->index, gaddr)
			      : frame_word(FRAME_SHR, o->index, gaddr) | FRAME_ORDINARY;
	return UV_PAGE_OK;
}

static uint16_t import_ordinary(struct uv_pages *p, struct target *t, struct uv_owner *o,
				gpa_t gaddr)
{
	uint64_t word;
	uint16_t rc;

	target_purge_others(p, o);
	rc = bring_in(t, o, gaddr, &word);
	if (rc != UV_PAGE_OK)
		return target_unlock(t, rc);
	target_publish(t, word);
	return UV_PAGE_OK;
}

/* Feature MISC: what another guest shares moves to the importing one. */
static uint16_t import_shared(struct uv_pages *p, struct target *t, struct uv_owner *o, gpa_t gaddr)
{
	uint64_t word;
	uint16_t rc;

	if (!p->misc || t->owner == o)
		return target_unlock(t, UV_PAGE_OWNED);
	target_purge(p, t);
	rc = bring_in(t, o, gaddr, &word);
	if (rc != UV_PAGE_OK)
		return target_unlock(t, rc);
	target_set_record(t, G_SHOUT, 0);
	target_publish(t, word);
	return UV_PAGE_OK;
}

static uint16_t import_locked(struct uv_pages *p, struct target *t, struct uv_owner *o, gpa_t gaddr)
{
	switch (t->state) {
	case TARGET_NS:
		return import_ordinary(p, t, o, gaddr);
	case TARGET_SEC:
	case TARGET_PIN:
		return target_unlock(t, is_this_page(t, o, gaddr) ? UV_PAGE_OK : UV_PAGE_OWNED);
	case TARGET_SHR:
		if (is_this_page(t, o, gaddr))
			return target_unlock(t, UV_PAGE_OK);
		return import_shared(p, t, o, gaddr);
	case TARGET_ORPH:
	case TARGET_DON:
	case TARGET_LOST:
		break;
	}
	return target_unlock(t, UV_PAGE_OWNED);
}

uint16_t uv_page_import(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr)
{
	struct target t;
	uint16_t rc = begin(p, o, gaddr, true, &t);

	if (rc != UV_PAGE_OK)
		return rc;
	rc = import_locked(p, &t, o, gaddr);
	end(o, &t);
	return rc;
}

/* ---- unpack ---- */

static uint16_t take_image_page(struct target *t, uv_unpack_fn fn, void *arg)
{
	uint16_t rc = fn(arg, &t->frame);

	if (rc != UV_PAGE_OK)
		frame_clear_secure(&t->frame);
	return rc;
}

static uint16_t unpack_ordinary(struct uv_pages *p, struct target *t, struct uv_owner *o,
				gpa_t gaddr, uv_unpack_fn fn, void *arg)
{
	struct guest_record *r = record_of(o, gaddr);
	uint64_t state;
	uint16_t rc;

	target_purge_others(p, o);
	state = record_lock_absent(r);
	if (record_names_frame(state))
		return target_unlock(t, record_state(state) == G_SEC ? UV_PAGE_ALREADY
								     : UV_PAGE_OWNED);
	rc = take_image_page(t, fn, arg);
	if (rc != UV_PAGE_OK) {
		record_unlock(r);
		return target_unlock(t, rc);
	}
	record_set(o, r, G_SEC, frame_abs(&t->frame));
	target_publish(t, frame_word(FRAME_SEC, o->index, gaddr) | FRAME_ORDINARY);
	return UV_PAGE_OK;
}

/* What changed hands, or was exported meanwhile, does not have the owner or the flag any more. */
void uv_pages_punch(struct uv_unpacked *u)
{
	struct frame_run run = {.b = u->b};

	if (!u->b)
		return;
	for (size_t i = u->first, end = i + u->n; i < end;)
		i = frame_run_lock(&run, i, end, u->owner);
	frame_run_punch_pending(&run);
	backing_put(u->b);
	*u = (struct uv_unpacked){0};
}

/*
 * The thread that hashes has the ring's pages to go on with meanwhile, so not too many at once; for
 * more of them a call a page is hardly cheaper.
 */
#define PUNCH_PAGES FRAME_GROUP

_Static_assert(FRAME_RUN_MAX % PUNCH_PAGES == 0, "a run is in one piece");

static void note_unpacked(struct uv_unpacked *u, const struct frame *f, uint32_t owner)
{
	struct backing *b = frame_backing(f);

	if (u->b != b || f->index != u->first + u->n || f->index % PUNCH_PAGES == 0 ||
	    u->owner != owner)
		uv_pages_punch(u);
	if (!u->b)
		*u = (struct uv_unpacked){.b = backing_get(b), .first = f->index, .owner = owner};
	u->n++;
}

uint16_t uv_page_unpack(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr, uv_unpack_fn fn,
			void *arg, struct uv_unpacked *u)
{
	struct target t;
	uint16_t rc = begin(p, o, gaddr, true, &t);

	if (rc != UV_PAGE_OK)
		return rc;
	if (t.state == TARGET_NS)
		rc = unpack_ordinary(p, &t, o, gaddr, fn, arg);
	else if (t.state == TARGET_SEC && t.owner == o)
		rc = target_unlock(&t, UV_PAGE_ALREADY);
	else
		rc = target_unlock(&t, UV_PAGE_OWNED);
	if (rc == UV_PAGE_OK)
		note_unpacked(u, &t.frame, o->index);
	end(o, &t);
	return rc;
}

/* ---- unpin ---- */

static uint16_t unpin_locked(struct target *t, const struct uv_owner *o, gpa_t gaddr)
{
	bool shared = t->state == TARGET_SHR || t->state == TARGET_PIN;

	if (!shared || !is_this_page(t, o, gaddr))
		return target_unlock(t, UV_PAGE_NOT_SHARED);
	target_publish(t, frame_word(FRAME_SHR, o->index, gaddr) | FRAME_ORDINARY);
	return UV_PAGE_OK;
}

uint16_t uv_page_unpin(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr)
{
	struct target t;
	uint16_t rc = begin(p, o, gaddr, false, &t);

	if (rc != UV_PAGE_OK)
		return rc;
	rc = unpin_locked(&t, o, gaddr);
	end(o, &t);
	return rc;
}
