// SPDX-License-Identifier: GPL-2.0-or-later
/* Page calls that name a frame: export, destroy, pin. */
#include "uv/page.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "uv/export_cipher.h"
#include "uv/record.h"
#include "uv/target.h"

/* Return: UV_PAGE_OK with the frame locked, else why not */
static uint16_t begin(struct uv_pages *p, abs_t paddr, struct target *t)
{
	*t = (struct target){0};
	if (paddr % PAGE_SIZE || frame_get(p->storage, paddr, &t->frame))
		return UV_PAGE_BAD_ADDRESS;
	target_lock(p, t);
	if (t->state != TARGET_DON)
		return UV_PAGE_OK;
	target_unlock(t, 0);
	target_put(t);
	return UV_PAGE_DONATED;
}

/* Frames of the dead that were shared are ordinary; their word says so from now on. */
static uint16_t leave_ordinary(struct target *t)
{
	if (!frame_word_owner(t->word))
		return target_unlock(t, UV_PAGE_OK);
	target_publish(t, frame_word(FRAME_NS, 0, 0) | FRAME_ORDINARY);
	return UV_PAGE_OK;
}

/* The keys are gone: all that is left to do is to clear. */
static uint16_t clear_orphan(struct target *t)
{
	frame_clear_secure(&t->frame);
	frame_punch(&t->frame, t->word);
	target_publish(t, frame_word(FRAME_NS, 0, 0));
	return UV_PAGE_OK;
}

static void set_exported(struct uv_owner *o, const struct export_id *id, const uint8_t *tag)
{
	struct guest_record *r = record_of(o, id->gaddr);

	record_lock(r);
	memcpy(r->tag, tag, EXPORT_TAG_LEN);
	r->counter = id->counter;
	record_set(o, r, G_EXP, 0);
}

static uint16_t export_secure(struct uv_pages *p, struct target *t)
{
	struct uv_owner *o = t->owner;
	struct export_id id = {
		.counter = record_begin_export(o, frame_word_gpa(t->word)),
		.gaddr = frame_word_gpa(t->word),
		.uid = o->uid,
	};
	uint8_t bounce[PAGE_SIZE], tag[EXPORT_TAG_LEN];

	target_purge(p, t);
	if (export_cipher_seal(o->cipher, &id, frame_secure(&t->frame), bounce, tag) ||
	    frame_write_ordinary(&t->frame, bounce)) {
		record_abort_export(o, id.gaddr);
		return UV_PAGE_NO_STORAGE;
	}
	frame_clear_secure(&t->frame);
	set_exported(o, &id, tag);
	target_publish(t, frame_word(FRAME_NS, 0, 0) | FRAME_ORDINARY);
	return UV_PAGE_OK;
}

static uint16_t export_shared(struct uv_pages *p, struct target *t)
{
	target_purge(p, t);
	target_set_record(t, G_SHOUT, 0);
	target_publish(t, frame_word(FRAME_NS, 0, 0) | FRAME_ORDINARY);
	return UV_PAGE_OK;
}

uint16_t export_locked(struct uv_pages *p, struct target *t)
{
	switch (t->state) {
	case TARGET_NS:
		return leave_ordinary(t);
	case TARGET_SEC:
		return export_secure(p, t);
	case TARGET_SHR:
	case TARGET_PIN:
		return export_shared(p, t);
	case TARGET_ORPH:
		return clear_orphan(t);
	case TARGET_DON:
		return UV_PAGE_DONATED;
	case TARGET_LOST:
		break;
	}
	return UV_PAGE_NO_STORAGE;
}

uint16_t uv_page_export(struct uv_pages *p, abs_t paddr)
{
	struct target t;
	uint16_t rc = begin(p, paddr, &t);

	if (rc != UV_PAGE_OK)
		return rc;
	rc = export_locked(p, &t);
	if (rc != UV_PAGE_OK)
		target_unlock(&t, rc);
	target_put(&t);
	return rc;
}

static uint16_t destroy_owned(struct uv_pages *p, struct target *t)
{
	uint64_t flags = t->state == TARGET_SEC ? 0 : FRAME_ORDINARY;

	if (!uv_owner_enter_destroy(t->owner))
		return target_unlock(t, UV_PAGE_OWNED);
	target_purge(p, t);
	if (t->state == TARGET_SEC)
		frame_clear_secure(&t->frame);
	frame_punch(&t->frame, t->word);
	target_set_record(t, G_NEW, 0);
	target_publish(t, frame_word(FRAME_NS, 0, 0) | flags);
	uv_owner_leave_destroy(t->owner);
	return UV_PAGE_OK;
}

static uint16_t destroy_locked(struct uv_pages *p, struct target *t)
{
	switch (t->state) {
	case TARGET_NS:
		return leave_ordinary(t);
	case TARGET_SEC:
	case TARGET_SHR:
	case TARGET_PIN:
		return destroy_owned(p, t);
	case TARGET_ORPH:
		return clear_orphan(t);
	case TARGET_DON:
		return target_unlock(t, UV_PAGE_DONATED);
	case TARGET_LOST:
		break;
	}
	return target_unlock(t, UV_PAGE_NO_STORAGE);
}

uint16_t uv_page_destroy(struct uv_pages *p, abs_t paddr)
{
	struct target t;
	uint16_t rc = begin(p, paddr, &t);

	if (rc != UV_PAGE_OK)
		return rc;
	rc = destroy_locked(p, &t);
	target_put(&t);
	return rc;
}

static uint16_t pin_locked(struct target *t)
{
	if (t->state == TARGET_PIN)
		return target_unlock(t, UV_PAGE_OK);
	if (t->state != TARGET_SHR)
		return target_unlock(t, UV_PAGE_NOT_SHARED);
	target_publish(t, frame_word(FRAME_PIN, t->owner->index, frame_word_gpa(t->word)) |
				  FRAME_ORDINARY);
	return UV_PAGE_OK;
}

uint16_t uv_page_pin(struct uv_pages *p, abs_t paddr)
{
	struct target t;
	uint16_t rc = begin(p, paddr, &t);

	if (rc != UV_PAGE_OK)
		return rc;
	rc = pin_locked(&t);
	target_put(&t);
	return rc;
}

int uv_page_make_accessible(struct uv_pages *p, abs_t frame)
{
	if (uv_page_pin(p, frame) == UV_PAGE_OK)
		return 0;
	return uv_page_export(p, frame) == UV_PAGE_OK ? 0 : -EINVAL;
}
