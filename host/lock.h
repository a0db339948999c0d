/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mutexes with an owner, so that lock rules can be asserted.
 *
 * The lock order of the whole program stands in docs/locking.md.
 */
#ifndef HOST_LOCK_H
#define HOST_LOCK_H

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/** struct mutex - sleeping lock; not recursive. Fields are private to lock.c */
struct mutex {
	pthread_mutex_t inner; /* protects held and the condition */
	pthread_cond_t free;
	_Atomic(pthread_t) owner;
	_Atomic bool held;
};

void mutex_init(struct mutex *m);
void mutex_destroy(struct mutex *m);
void mutex_lock(struct mutex *m);

/**
 * mutex_lock_killable() - take the lock unless the current task is killed while it waits
 * Return: 0, or -EINTR.
 */
int mutex_lock_killable(struct mutex *m);
void mutex_unlock(struct mutex *m);

/** mutex_held() - does the calling thread hold it? For assertions only */
bool mutex_held(const struct mutex *m);

#ifdef PROTVIRT_DEBUG
#define lockdep_assert_held(m)     assert(mutex_held(m))
#define lockdep_assert_not_held(m) assert(!mutex_held(m))
#else
#define lockdep_assert_held(m)     ((void)(m))
#define lockdep_assert_not_held(m) ((void)(m))
#endif

#endif
