// SPDX-License-Identifier: GPL-2.0-or-later
/* Tasks: fatal signals, kicks, waiting. */
#include "host/task.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#include "host/alloc.h"
#include "host/file.h"
#include "host/mm_state.h"
#include "host/task_state.h"
#include "storage/inject.h"

static _Thread_local struct task *current;

struct task *current_task(void)
{
	return current;
}

struct task *task_make_current(struct task *t)
{
	struct task *before = current;

	current = t;
	return before;
}

struct mm *task_mm(const struct task *t)
{
	return t->mm;
}

const struct uv_stop *task_stop(const struct task *t)
{
	return &t->stop;
}

static void cond_init_monotonic(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

struct task *task_create(struct mm *mm, _Atomic uint32_t *word)
{
	struct task *t = host_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	if (!mmget_not_zero(mm)) {
		host_free(t);
		return NULL;
	}
	t->mm = mm;
	t->word = word ? word : &t->own_word;
	t->stop.word = t->word;
	t->stop.mask = TASK_DEAD;
	pthread_mutex_init(&t->lock, NULL);
	cond_init_monotonic(&t->woken);
	return t;
}

void task_destroy(struct task *t)
{
	struct mm *mm = t->mm;

	assert(!t->returned && !t->kick_handler);
	pthread_cond_destroy(&t->woken);
	pthread_mutex_destroy(&t->lock);
	host_free(t);
	mmput(mm);
}

/* Context: t->lock held */
static void interrupt_locked(struct task *t)
{
	if (t->kick_handler)
		t->kick_handler(t->kick_arg);
	pthread_cond_broadcast(&t->woken);
}

void task_kill(struct task *t)
{
	atomic_fetch_or(t->word, TASK_DEAD);
	pthread_mutex_lock(&t->lock);
	interrupt_locked(t);
	if (t->blocked_on)
		mutex_wake_waiters(t->blocked_on);
	pthread_mutex_unlock(&t->lock);
}

void task_kick(struct task *t)
{
	pthread_mutex_lock(&t->lock);
	atomic_store(&t->kicked, true);
	interrupt_locked(t);
	pthread_mutex_unlock(&t->lock);
}

void task_ioctl_end(struct task *t)
{
	pthread_mutex_lock(&t->lock);
	atomic_store(&t->kicked, false);
	pthread_mutex_unlock(&t->lock);
}

bool signal_pending(const struct task *t)
{
	return fatal_signal_pending(t) || atomic_load(&t->kicked);
}

void task_set_blocked_on(struct task *t, struct mutex *m)
{
	pthread_mutex_lock(&t->lock);
	t->blocked_on = m;
	pthread_mutex_unlock(&t->lock);
}

void task_set_kick_handler(struct task *t, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&t->lock);
	t->kick_handler = fn;
	t->kick_arg = arg;
	pthread_mutex_unlock(&t->lock);
}

uint32_t task_prepare_sleep(struct task *t)
{
	uint32_t key;

	pthread_mutex_lock(&t->lock);
	key = t->wakes;
	pthread_mutex_unlock(&t->lock);
	return key;
}

/* Context: t->lock held. Return: 0, or -ETIMEDOUT */
static int wait_locked(struct task *t, uint64_t deadline_ns)
{
	struct timespec ts = {
		.tv_sec = (time_t)(deadline_ns / 1000000000),
		.tv_nsec = (long)(deadline_ns % 1000000000),
	};

	if (deadline_ns == TASK_FOREVER)
		return -pthread_cond_wait(&t->woken, &t->lock);
	return -pthread_cond_timedwait(&t->woken, &t->lock, &ts);
}

int task_sleep(struct task *t, uint32_t key, uint64_t deadline_ns)
{
	int rc = 0;

	pthread_mutex_lock(&t->lock);
	while (!rc && t->wakes == key)
		rc = signal_pending(t) ? -EINTR : wait_locked(t, deadline_ns);
	pthread_mutex_unlock(&t->lock);
	return rc;
}

void task_wake(struct task *t)
{
	if (inject(INJECT_WAKE, 0, 0, NULL))
		return;
	pthread_mutex_lock(&t->lock);
	t->wakes++;
	pthread_cond_broadcast(&t->woken);
	pthread_mutex_unlock(&t->lock);
}
