/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest page records: what the Ultravisor knows of each page of a guest, 32
 * bytes a page in the configuration's donated variable storage.
 *
 * A record that names a frame (G_SEC, G_SHR) changes, and its lock bit is taken, only with that
 * frame locked; the lock bit of the record comes after it. Other records change under the lock bit
 * alone, whose holder makes them name the frame that he has locked, or leaves them.
 *
 * So who holds a frame, whose word names owner and guest page, has the record that names the frame
 * to himself without its lock bit: record_forget(). Two imports of one guest page into different
 * frames hold different frames. One of them takes the lock bit, in a state that names no frame, by
 * a compare-and-swap with that state; the other one waits for the bit or finds the record naming
 * the first one's frame, and leaves it alone (record_lock_absent()). A destroy of that frame begins
 * when the first one has published its word: then the record was written, and the bit is off.
 */
#ifndef UV_RECORD_H
#define UV_RECORD_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/types.h"
#include "uv/export_cipher.h"
#include "uv/owner.h"

/**
 * enum guest_state - where a guest page is
 * @G_NEW: never provided: the first import yields zeros
 * @G_SEC: in a frame, secure
 * @G_EXP: exported: tag and counter stand in the record, the ciphertext is with the host
 * @G_SHR: in a frame, shared
 * @G_SHOUT: shared, but the host took the frame back
 */
enum guest_state {
	G_NEW,
	G_SEC,
	G_EXP,
	G_SHR,
	G_SHOUT,
};

#define RECORD_LOCK (1UL << 7)

/**
 * struct guest_record - one guest page
 * @tag: G_EXP: integrity tag
 * @counter: G_EXP: export counter; G_SEC: that of the next export if a dump has told it, else 0
 * @state: enum guest_state in bits 0..6, the lock in bit 7, the frame's absolute address in the
 *         bits above 12
 */
struct guest_record {
	uint8_t tag[EXPORT_TAG_LEN];
	uint64_t counter;
	_Atomic uint64_t state;
};
static_assert(sizeof(struct guest_record) == UV_RECORD_SIZE, "size of a guest page record");

static inline enum guest_state record_state(uint64_t state)
{
	return (enum guest_state)(state & 0x7f);
}

static inline abs_t record_frame(uint64_t state)
{
	return state & PAGE_MASK;
}

static inline struct guest_record *record_of(const struct uv_owner *o, gpa_t gaddr)
{
	return &o->records[(gaddr - o->mso) >> PAGE_SHIFT];
}

/** record_peek() - the state; stable only while the frame it names is locked */
static inline uint64_t record_peek(struct guest_record *r)
{
	return atomic_load_explicit(&r->state, memory_order_acquire) & ~RECORD_LOCK;
}

/**
 * record_lock() - take the lock. Return: the state
 * Context: the frame that it names, if it names one, is locked.
 */
uint64_t record_lock(struct guest_record *r);

/** record_lock_absent() - take the lock unless the record names a frame. Return: the state */
uint64_t record_lock_absent(struct guest_record *r);

static inline bool record_names_frame(uint64_t state)
{
	return record_state(state) == G_SEC || record_state(state) == G_SHR;
}

/** record_unlock() - give the lock back, nothing has changed */
void record_unlock(struct guest_record *r);

/** record_set() - the new state of the owner's page, and give the lock back */
void record_set(struct uv_owner *o, struct guest_record *r, enum guest_state state, abs_t frame);

/**
 * record_begin_export() - the counter for an export of a page in G_SEC
 * Context: the page's frame is locked. record_change() to G_EXP or record_abort_export() follows.
 */
uint64_t record_begin_export(struct uv_owner *o, gpa_t gaddr);

/** record_abort_export() - it failed: the counter may have been seen and is not used again */
void record_abort_export(struct uv_owner *o, gpa_t gaddr);

/** record_change() - lock, set, unlock */
void record_change(struct uv_owner *o, gpa_t gaddr, enum guest_state state, abs_t frame);

/**
 * record_forget() - the page of a frame becomes G_NEW
 * Context: the frame is locked, its word names @o and @gaddr.
 */
void record_forget(struct uv_owner *o, gpa_t gaddr);

#endif
