/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lots: where threads sleep that wait for a frame's lock. Private to storage/.
 *
 * That somebody sleeps is not said in the frame's word: so the holder of many locks gives them back
 * by plain stores and asks once. Words of a piece have one lot; several pieces may share it, so
 * that a thread may wake for nothing and looks at its word again.
 *
 * Nobody sleeps for ever. The sleeper raises @sleepers, reads @turn, then looks at the word; who
 * unlocks changes the word, then looks at @sleepers with a read-modify-write (lot_look_many()), or
 * by a load where the change was a sequentially consistent one (lot_look()).
 *  - Many: read-modify-writes of @sleepers are in one order. If the sleeper's comes first, the
 *    other one sees it and wakes. Else the sleeper's reads what the other one wrote, so all stores
 *    before that one happened before the sleeper looks at the word: it sees it unlocked.
 *  - One: all four accesses are sequentially consistent. If the load of @sleepers comes before it
 *    is raised, then so does the change of the word, and the sleeper sees that.
 * Waking changes @turn: who read it before does not fall asleep in futex(2), or is woken there;
 * who reads it afterwards sees the word unlocked.
 */
#ifndef STORAGE_LOT_H
#define STORAGE_LOT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct lot - a place to sleep
 * @sleepers: threads that are about to sleep, or do
 * @turn: changes before they are woken; the futex
 */
struct lot {
	_Alignas(64) _Atomic uint32_t sleepers;
	_Atomic uint32_t turn;
};

/** LOT_SHIFT - words of one page share a lot: those of a piece, where a backing has a whole one */
#define LOT_SHIFT 12
#define NR_LOTS   256

extern struct lot storage_lots[NR_LOTS];

static inline struct lot *lot_of(const _Atomic uint64_t *word)
{
	return &storage_lots[((uintptr_t)word >> LOT_SHIFT) % NR_LOTS];
}

/** lot_sleep() - return when @word may have lost a bit of @lock; maybe for nothing */
void lot_sleep(const _Atomic uint64_t *word, uint64_t lock);

/** lot_wake() - wake all who sleep there */
void lot_wake(struct lot *lot);

/** lot_look() - after a sequentially consistent change of @word: wake who waited for it */
static inline void lot_look(const _Atomic uint64_t *word)
{
	struct lot *lot = lot_of(word);

	if (__builtin_expect(atomic_load(&lot->sleepers) != 0, 0))
		lot_wake(lot);
}

/** lot_look_many() - after whatever changes of the @n words from @first on, @n > 0 */
void lot_look_many(const _Atomic uint64_t *first, size_t n);

#endif
