// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/frame_lock.h"

#include <assert.h>

#include "storage/lot.h"

void lock_wait(const _Atomic uint64_t *locks, uint64_t bit)
{
	while (atomic_load_explicit(locks, memory_order_acquire) & bit)
		lot_sleep(locks, bit);
}

void lock_take(_Atomic uint64_t *locks, uint64_t bit)
{
	uint64_t seen = atomic_load_explicit(locks, memory_order_relaxed);

	for (;;) {
		if (seen & bit) {
			lock_wait(locks, bit);
			seen = atomic_load_explicit(locks, memory_order_relaxed);
		} else if (atomic_compare_exchange_weak_explicit(locks, &seen, seen | bit,
								 memory_order_acquire,
								 memory_order_relaxed)) {
			return;
		}
	}
}

uint64_t lock_try(_Atomic uint64_t *locks, uint64_t mask)
{
	uint64_t seen = atomic_load_explicit(locks, memory_order_relaxed), take;

	do {
		uint64_t held = seen & mask;

		take = held ? mask & ((held & -held) - 1) : mask;
		if (!take)
			return 0;
	} while (!atomic_compare_exchange_weak_explicit(
		locks, &seen, seen | take, memory_order_acquire, memory_order_relaxed));
	return take;
}

void lock_give(_Atomic uint64_t *locks, uint64_t mask)
{
	uint64_t was = atomic_fetch_and(locks, ~mask);

	assert((was & mask) == mask);
	(void)was;
	lot_look(locks);
}

void lock_give_range(const struct region *r, size_t first, size_t n)
{
	size_t end = first + n;

	for (size_t i = first; i < end; i = (i / FRAME_GROUP + 1) * FRAME_GROUP) {
		uint64_t mask = -lock_bit(i);

		if (i / FRAME_GROUP == end / FRAME_GROUP)
			mask &= lock_bit(end) - 1;
		lock_give(lock_word_of(r, i), mask);
	}
}
