/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame that a page call works on: found, locked, its owner looked up. */
#ifndef UV_TARGET_H
#define UV_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/frame.h"
#include "uv/owner.h"
#include "uv/page.h"
#include "uv/record.h"

/**
 * enum target_state - a frame's state as the architecture names it, ultravisor.md 3.2
 *
 * It differs from the word's where the owner is dead: then secure frames are orphans and shared
 * ones ordinary. docs/page-states.md has a row for each. Frames of condemned pages are ordinary
 * too; what they hold is cleared here, and who gives the lock back publishes it.
 */
enum target_state {
	TARGET_NS,
	TARGET_SEC,
	TARGET_SHR,
	TARGET_PIN,
	TARGET_ORPH,
	TARGET_DON,
	TARGET_LOST,
};

/**
 * struct target - a locked frame
 * @frame: with a reference
 * @word: its word when it was locked
 * @owner: its owner if that is live; then entered, else NULL
 * @state: the state
 * @settled: it was condemned; @word is what it becomes if nothing else is published
 * @held: its piece is held
 */
struct target {
	struct frame frame;
	uint64_t word;
	struct uv_owner *owner;
	enum target_state state;
	bool settled;
	bool held;
};

/** target_lock() - lock @t->frame, which holds a reference, and look at it */
void target_lock(struct uv_pages *p, struct target *t);

/** target_adopt() - look at a frame that is locked already, with @t->word set */
void target_adopt(struct uv_pages *p, struct target *t);

/** target_hold() - before target_lock(): the frame may become secure. Return: 0 or -errno */
int target_hold(struct target *t) __attribute__((warn_unused_result));

/** target_publish() - new state; the lock is given back */
void target_publish(struct target *t, uint64_t word);

/** target_unlock() - nothing else changed; the lock is given back. Return: @rc */
uint16_t target_unlock(struct target *t, uint16_t rc);

/** target_put() - after target_publish() or target_unlock(): drop references and holds */
void target_put(struct target *t);

/** target_purge() - the owner's CPUs forget the page */
void target_purge(struct uv_pages *p, const struct target *t);

/** target_purge_others() - CPUs that use it as ordinary storage forget it: it becomes @o's */
void target_purge_others(struct uv_pages *p, const struct uv_owner *o);

/** target_set_record() - set the record of the page that the word names, of the live owner */
void target_set_record(struct target *t, enum guest_state state, abs_t frame);

/** guest_has_page() - is @gaddr a page of the owner's guest? */
static inline bool guest_has_page(const struct uv_owner *o, gpa_t gaddr)
{
	return !(gaddr % PAGE_SIZE) && gaddr >= o->mso && gaddr - o->mso < o->msl;
}

/**
 * export_locked() - export what is locked
 * Return: UV_PAGE_OK: published; other response codes: nothing changed, still locked.
 */
uint16_t export_locked(struct uv_pages *p, struct target *t);

#endif
