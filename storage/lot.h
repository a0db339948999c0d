/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lots: where threads sleep that wait for a frame's lock. Private to storage/.
 *
 * That somebody sleeps is not said in the word of lock bits, which has one for each frame. Frames of
 * a piece have one lot; several pieces may share it, so that a thread may wake for nothing and looks
 * at its bit again.
 *
 * Nobody sleeps for ever. The sleeper raises @sleepers, reads @turn, then looks at the word; who
 * unlocks changes the word, then looks at @sleepers. All four accesses are sequentially consistent:
 * if the look at @sleepers comes before it is raised, then so does the change of the word, and the
 * sleeper sees that. Waking changes @turn: who read it before does not fall asleep in futex(2), or
 * is woken there; who reads it afterwards sees the word unlocked.
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

/** LOT_SHIFT - words of one line share a lot: those of a piece, where a backing has a whole one */
#define LOT_SHIFT 6
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

#endif
