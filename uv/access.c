// SPDX-License-Identifier: GPL-2.0-or-later
/* What hardware checks at each access to a page: ultravisor.md 3.3, first table. */
#include "storage/frame.h"
#include "uv/page.h"
#include "uv/target.h"

/* May the accessing guest use the frame that names it? */
static bool is_own(const struct uv_owner *o, uint64_t word)
{
	return o && o->index == frame_word_owner(word);
}

static bool owner_is_live(struct uv_pages *p, uint64_t word)
{
	const struct uv_owner *o = uv_owner_find(p->owners, frame_word_owner(word));

	return o && !atomic_load(&o->dead);
}

static enum uv_access access_shared(struct uv_pages *p, const struct uv_owner *o, uint64_t word,
				    gpa_t gpa)
{
	if (!o)
		return UV_ACCESS_OK;
	if (is_own(o, word) && owner_is_live(p, word) && frame_word_gpa(word) == gpa)
		return UV_ACCESS_OK;
	return UV_ACCESS_NOT_SECURE;
}

static enum uv_access access_secure(struct uv_pages *p, const struct uv_owner *o, uint64_t word,
				    gpa_t gpa)
{
	if (!o)
		return UV_ACCESS_SECURE;
	if (is_own(o, word) && owner_is_live(p, word) && frame_word_gpa(word) == gpa)
		return UV_ACCESS_OK;
	return UV_ACCESS_VIOLATION;
}

static enum uv_access check(struct uv_pages *p, const struct uv_owner *o, uint64_t word, gpa_t gpa)
{
	switch (frame_word_state(word)) {
	case FRAME_NS:
		return o ? UV_ACCESS_NOT_SECURE : UV_ACCESS_OK;
	case FRAME_SHR:
	case FRAME_PIN:
		return access_shared(p, o, word, gpa);
	case FRAME_SEC:
		return access_secure(p, o, word, gpa);
	case FRAME_DON:
	case FRAME_LOST:
		break;
	}
	return o ? UV_ACCESS_VIOLATION : UV_ACCESS_SECURE;
}

static uint8_t *bytes_of(struct uv_pages *p, struct frame *f, uint64_t word)
{
	if (!frame_backing(f))
		return storage_ptr(p->storage, frame_abs(f), PAGE_SIZE);
	return frame_word_state(word) == FRAME_SEC ? frame_secure(f) : frame_ordinary(f);
}

/* A condemned frame is ordinary: its word has to say so before anybody writes there. */
static uint64_t read_settled(struct uv_pages *p, struct frame *f)
{
	uint64_t word = frame_read(f);
	struct target t = {.frame = *f};

	if (!frame_word_condemned(p->storage, word))
		return word;
	target_lock(p, &t);
	if (t.owner)
		uv_owner_leave(t.owner);
	target_unlock(&t, 0);
	return frame_read(f);
}

static bool needs_note(const struct frame *f, uint64_t word)
{
	return frame_backing(f) && frame_word_state(word) == FRAME_NS && !(word & FRAME_ORDINARY);
}

/*
 * An access to a hole, be it a fetch, puts a page there, and by the machine's own mapping it does
 * not trap: the word has to say before that there may be one, or the next import leaves it there.
 */
static uint64_t note_ordinary(struct frame *f, uint64_t word)
{
	uint64_t locked;

	if (!needs_note(f, word))
		return word;
	locked = frame_lock(f);
	if (!needs_note(f, locked)) {
		frame_unlock(f);
		return frame_read(f);
	}
	frame_publish(f, locked | FRAME_ORDINARY);
	return locked | FRAME_ORDINARY;
}

enum uv_access uv_page_access(struct uv_pages *p, const struct uv_owner *o, abs_t frame, gpa_t gpa,
			      uint8_t **bytes)
{
	enum uv_access access;
	struct frame f;
	uint64_t word;

	if (frame_get(p->storage, frame, &f))
		return o ? UV_ACCESS_VIOLATION : UV_ACCESS_SECURE;
	word = read_settled(p, &f);
	if (!o)
		word = note_ordinary(&f, word);
	access = check(p, o, word, gpa & PAGE_MASK);
	if (access == UV_ACCESS_OK)
		*bytes = bytes_of(p, &f, word);
	frame_put(&f);
	return access;
}
