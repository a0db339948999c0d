// SPDX-License-Identifier: GPL-2.0-or-later
/* Guest page records. */
#include "uv/record.h"

#include <sched.h>

#include "storage/frame.h"
#include "uv/page.h"

/*
 * Two imports of one guest page into different frames are the only contention, and the holder does
 * at most one page of cryptography: give the CPU away instead of keeping a queue in 32 bytes.
 */
static uint64_t take_lock(struct guest_record *r, bool resident_too)
{
	uint64_t state = atomic_load_explicit(&r->state, memory_order_acquire);

	for (;;) {
		if (!resident_too && record_names_frame(state)) {
			return state & ~RECORD_LOCK;
		} else if (state & RECORD_LOCK) {
			sched_yield();
			state = atomic_load_explicit(&r->state, memory_order_acquire);
		} else if (atomic_compare_exchange_weak_explicit(
				   &r->state, &state, state | RECORD_LOCK, memory_order_acquire,
				   memory_order_acquire)) {
			return state;
		}
	}
}

uint64_t record_lock(struct guest_record *r)
{
	return take_lock(r, true);
}

uint64_t record_lock_absent(struct guest_record *r)
{
	return take_lock(r, false);
}

void record_unlock(struct guest_record *r)
{
	uint64_t was = atomic_fetch_and_explicit(&r->state, ~RECORD_LOCK, memory_order_release);

	assert(was & RECORD_LOCK);
	(void)was;
}

static bool is_shared(enum guest_state state)
{
	return state == G_SHR || state == G_SHOUT;
}

/* Walks look only at the records between the first and the last one that was ever used. */
static void note_used(struct uv_owner *o, uint64_t index)
{
	uint64_t seen = atomic_load(&o->first_used);

	while (index < seen && !atomic_compare_exchange_weak(&o->first_used, &seen, index))
		;
	seen = atomic_load(&o->end_used);
	while (index >= seen && !atomic_compare_exchange_weak(&o->end_used, &seen, index + 1))
		;
}

void record_set(struct uv_owner *o, struct guest_record *r, enum guest_state state, abs_t frame)
{
	uint64_t old = atomic_load_explicit(&r->state, memory_order_relaxed);

	assert(old & RECORD_LOCK);
	if (is_shared(state) && !is_shared(record_state(old & ~RECORD_LOCK)))
		atomic_fetch_add(&o->shared, 1);
	if (!is_shared(state) && is_shared(record_state(old & ~RECORD_LOCK)))
		atomic_fetch_sub(&o->shared, 1);
	note_used(o, (uint64_t)(r - o->records));
	/* A counter serves one export: no tweak is used twice. */
	if (state != G_EXP)
		r->counter = 0;
	atomic_store_explicit(&r->state, frame | (uint64_t)state, memory_order_release);
}

void record_change(struct uv_owner *o, gpa_t gaddr, enum guest_state state, abs_t frame)
{
	struct guest_record *r = record_of(o, gaddr);

	record_lock(r);
	record_set(o, r, state, frame);
}

void record_forget(struct uv_owner *o, gpa_t gaddr)
{
	struct guest_record *r = record_of(o, gaddr);
	uint64_t old = atomic_load_explicit(&r->state, memory_order_relaxed);

	assert(!(old & RECORD_LOCK) && record_names_frame(old));
	if (is_shared(record_state(old)))
		atomic_fetch_sub(&o->shared, 1);
	if (r->counter)
		r->counter = 0;
	atomic_store_explicit(&r->state, G_NEW, memory_order_release);
}

/* The counter of the next export, promised or not yet. The page's frame is locked. */
static uint64_t next_counter(struct uv_owner *o, struct guest_record *r)
{
	if (!r->counter)
		r->counter = atomic_fetch_add(&o->exports, 1) + 1;
	return r->counter;
}

uint64_t record_begin_export(struct uv_owner *o, gpa_t gaddr)
{
	return next_counter(o, record_of(o, gaddr));
}

void record_abort_export(struct uv_owner *o, gpa_t gaddr)
{
	record_of(o, gaddr)->counter = 0;
}

/* ---- dumps ---- */

/* Return: false if the page has left the frame that it was in */
static bool promise_counter(struct uv_pages *p, struct uv_owner *o, struct guest_record *r,
			    uint64_t state, uint64_t *counter)
{
	struct frame f;
	uint64_t word;
	bool same;

	if (frame_get(p->storage, record_frame(state), &f))
		return false;
	word = frame_lock(&f);
	same = frame_word_state(word) != FRAME_NS && record_peek(r) == state;
	if (same)
		*counter = next_counter(o, r);
	frame_unlock(&f);
	frame_put(&f);
	return same;
}

static enum uv_page_dump dump_absent(struct guest_record *r, uint64_t state, uint64_t *counter)
{
	enum uv_page_dump kind = UV_DUMP_ZERO;

	if (record_state(state) == G_SHOUT)
		kind = UV_DUMP_SHARED;
	if (record_state(state) == G_EXP) {
		*counter = r->counter;
		kind = UV_DUMP_ENCRYPTED;
	}
	record_unlock(r);
	return kind;
}

enum uv_page_dump uv_page_dump_state(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr,
				     uint64_t *counter)
{
	struct guest_record *r = record_of(o, gaddr);
	uint64_t state;

	/* A look does not populate the records of pages that nobody ever touched. */
	if (record_state(record_peek(r)) == G_NEW)
		return UV_DUMP_ZERO;
	for (;;) {
		state = record_lock_absent(r);
		if (!record_names_frame(state))
			return dump_absent(r, state, counter);
		if (record_state(state) == G_SHR)
			return UV_DUMP_MAPPED;
		if (promise_counter(p, o, r, state, counter))
			return UV_DUMP_ENCRYPTED;
	}
}
