// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mutexes with an owner. A waiter can be killed, which a pthread mutex alone does not offer.
 *
 * mutex_unlock() wakes one waiter. That one takes the lock even if it has been killed meanwhile,
 * so the wake-up is never lost.
 */
#include "host/lock.h"

#include <errno.h>

#include "host/task.h"
#include "host/task_state.h"

void mutex_init(struct mutex *m)
{
	pthread_mutex_init(&m->inner, NULL);
	pthread_cond_init(&m->free, NULL);
	atomic_init(&m->held, false);
	atomic_init(&m->owner, pthread_self());
}

void mutex_destroy(struct mutex *m)
{
	assert(!atomic_load(&m->held));
	pthread_cond_destroy(&m->free);
	pthread_mutex_destroy(&m->inner);
}

bool mutex_held(const struct mutex *m)
{
	return atomic_load_explicit(&m->held, memory_order_relaxed) &&
	       pthread_equal(atomic_load_explicit(&m->owner, memory_order_relaxed), pthread_self());
}

static void take_locked(struct mutex *m)
{
	atomic_store_explicit(&m->owner, pthread_self(), memory_order_relaxed);
	atomic_store_explicit(&m->held, true, memory_order_relaxed);
}

void mutex_lock(struct mutex *m)
{
	assert(!mutex_held(m));
	pthread_mutex_lock(&m->inner);
	while (atomic_load_explicit(&m->held, memory_order_relaxed))
		pthread_cond_wait(&m->free, &m->inner);
	take_locked(m);
	pthread_mutex_unlock(&m->inner);
}

static bool try_take(struct mutex *m)
{
	bool taken;

	pthread_mutex_lock(&m->inner);
	taken = !atomic_load_explicit(&m->held, memory_order_relaxed);
	if (taken)
		take_locked(m);
	pthread_mutex_unlock(&m->inner);
	return taken;
}

/* Context: task_kill() finds the mutex in the task and broadcasts */
static int wait_killable(struct mutex *m, struct task *t)
{
	int rc = 0;

	pthread_mutex_lock(&m->inner);
	while (!rc && atomic_load_explicit(&m->held, memory_order_relaxed)) {
		if (fatal_signal_pending(t))
			rc = -EINTR;
		else
			pthread_cond_wait(&m->free, &m->inner);
	}
	if (!rc)
		take_locked(m);
	pthread_mutex_unlock(&m->inner);
	return rc;
}

int mutex_lock_killable(struct mutex *m)
{
	struct task *t = current_task();
	int rc;

	if (!t) {
		mutex_lock(m);
		return 0;
	}
	assert(!mutex_held(m));
	if (try_take(m))
		return 0;
	task_set_blocked_on(t, m);
	rc = wait_killable(m, t);
	task_set_blocked_on(t, NULL);
	return rc;
}

void mutex_unlock(struct mutex *m)
{
	assert(mutex_held(m));
	pthread_mutex_lock(&m->inner);
	atomic_store_explicit(&m->held, false, memory_order_relaxed);
	pthread_cond_signal(&m->free);
	pthread_mutex_unlock(&m->inner);
}

void mutex_wake_waiters(struct mutex *m)
{
	pthread_mutex_lock(&m->inner);
	pthread_cond_broadcast(&m->free);
	pthread_mutex_unlock(&m->inner);
}
