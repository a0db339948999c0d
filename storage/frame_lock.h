/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame locks: a bit each. Private to storage/.
 *
 * The bits of a group of adjacent frames share a word, so that a walk takes and gives back many by
 * one operation: an operation a page takes a tenth of the time that the page's clear takes.
 */
#ifndef STORAGE_FRAME_LOCK_H
#define STORAGE_FRAME_LOCK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/frame.h"
#include "storage/region.h"

/** lock_word_of() - the word with the lock bit of a frame, and of the others of its group */
static inline _Atomic uint64_t *lock_word_of(const struct region *r, size_t index)
{
	return &r->locks[index / FRAME_GROUP];
}

static inline uint64_t lock_bit(size_t index)
{
	return 1UL << index % FRAME_GROUP;
}

/** lock_take() - take one bit. Context: waits for it */
void lock_take(_Atomic uint64_t *locks, uint64_t bit);

/**
 * lock_try() - take bits below the first one that somebody holds; never waits
 * @mask: those that are wanted
 *
 * So that who then waits for that one holds none that come after it.
 *
 * Return: those taken.
 */
uint64_t lock_try(_Atomic uint64_t *locks, uint64_t mask);

/** lock_give() - give bits back and wake who waits; what was stored before is seen by the next */
void lock_give(_Atomic uint64_t *locks, uint64_t mask);

/** lock_give_range() - give back those of @n adjacent frames */
void lock_give_range(const struct region *r, size_t first, size_t n);

/** lock_wait() - return when nobody has held the bit for a moment */
void lock_wait(const _Atomic uint64_t *locks, uint64_t bit);

#endif
