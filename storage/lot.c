// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/lot.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

struct lot storage_lots[NR_LOTS];

static void futex(_Atomic uint32_t *word, int op, uint32_t value)
{
	syscall(SYS_futex, (uint32_t *)(uintptr_t)word, op, value, NULL, NULL, 0);
}

void lot_sleep(const _Atomic uint64_t *word, uint64_t lock)
{
	struct lot *lot = lot_of(word);
	uint32_t turn;

	atomic_fetch_add(&lot->sleepers, 1);
	turn = atomic_load(&lot->turn);
	if (atomic_load(word) & lock)
		futex(&lot->turn, FUTEX_WAIT_PRIVATE, turn);
	atomic_fetch_sub(&lot->sleepers, 1);
}

void lot_wake(struct lot *lot)
{
	atomic_fetch_add(&lot->turn, 1);
	futex(&lot->turn, FUTEX_WAKE_PRIVATE, INT_MAX);
}
