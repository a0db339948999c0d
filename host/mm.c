// SPDX-License-Identifier: GPL-2.0-or-later
/* Life and end of an address space. */
#include "host/mm.h"

#include <assert.h>
#include <errno.h>

#include "host/alloc.h"
#include "host/mm_state.h"
#include "host/task.h"
#include "host/uffd.h"

struct mm *mm_create(struct storage *st, struct uv *uv, const struct mm_ops *ops, void *transport,
		     const struct mm_limits *limits)
{
	struct mm *mm = host_zalloc(sizeof(*mm));

	if (!mm)
		return NULL;
	atomic_init(&mm->users, 1);
	atomic_init(&mm->refs, 1);
	pthread_mutex_init(&mm->lock, NULL);
	pthread_cond_init(&mm->changed, NULL);
	mutex_init(&mm->share_lock);
	TAILQ_INIT(&mm->backings);
	mm->st = st;
	mm->uv = uv;
	mm->ops = ops;
	mm->transport = transport;
	if (limits)
		mm->limits = *limits;
	return mm;
}

void mmgrab(struct mm *mm)
{
	uint64_t refs = atomic_fetch_add_explicit(&mm->refs, 1, memory_order_relaxed);

	assert(refs);
	(void)refs;
}

void mmdrop(struct mm *mm)
{
	if (atomic_fetch_sub_explicit(&mm->refs, 1, memory_order_acq_rel) != 1)
		return;
	assert(TAILQ_EMPTY(&mm->backings));
	traps_free(mm);
	if (mm->ops->free)
		mm->ops->free(mm);
	mutex_destroy(&mm->share_lock);
	pthread_cond_destroy(&mm->changed);
	pthread_mutex_destroy(&mm->lock);
	host_free(mm);
}

bool mmget_not_zero(struct mm *mm)
{
	uint64_t users = atomic_load_explicit(&mm->users, memory_order_relaxed);

	while (users)
		if (atomic_compare_exchange_weak(&mm->users, &users, users + 1))
			return true;
	return false;
}

static void run_notifiers(struct mm *mm)
{
	struct mmu_notifier *n;

	pthread_mutex_lock(&mm->lock);
	while ((n = mm->notifiers)) {
		mm->notifiers = n->next;
		mm->running = n;
		pthread_mutex_unlock(&mm->lock);
		n->release(n, mm);
		pthread_mutex_lock(&mm->lock);
		mm->running = NULL;
		pthread_cond_broadcast(&mm->changed);
	}
	pthread_mutex_unlock(&mm->lock);
}

/* Return: how many there are still */
static uint64_t drop_user(struct mm *mm)
{
	uint64_t left;

	mmgrab(mm); /* whoever waits to be the last may be gone before we have given the lock back */
	pthread_mutex_lock(&mm->lock);
	left = atomic_fetch_sub_explicit(&mm->users, 1, memory_order_acq_rel) - 1;
	if (left == 1)
		pthread_cond_broadcast(&mm->changed);
	pthread_mutex_unlock(&mm->lock);
	mmdrop(mm);
	return left;
}

static void end(struct mm *mm)
{
	run_notifiers(mm);
	mm_exit(mm);
	if (mm->ops->gone)
		mm->ops->gone(mm);
	pthread_mutex_lock(&mm->lock);
	mm->exited = true;
	pthread_cond_broadcast(&mm->changed);
	pthread_mutex_unlock(&mm->lock);
	mmdrop(mm);
}

void mmput(struct mm *mm)
{
	if (!drop_user(mm))
		end(mm);
}

void mmput_last(struct mm *mm)
{
	pthread_mutex_lock(&mm->lock);
	while (atomic_load(&mm->users) > 1)
		pthread_cond_wait(&mm->changed, &mm->lock);
	pthread_mutex_unlock(&mm->lock);
	mmput(mm);
}

void mm_wait_exited(struct mm *mm)
{
	pthread_mutex_lock(&mm->lock);
	while (!mm->exited)
		pthread_cond_wait(&mm->changed, &mm->lock);
	pthread_mutex_unlock(&mm->lock);
}

_Atomic int64_t *mm_protected_count(struct mm *mm)
{
	return &mm->protected_count;
}

int mmu_notifier_register(struct mmu_notifier *n, struct mm *mm)
{
	struct task *t = current_task();

	if ((t && fatal_signal_pending(t)) || !mmget_not_zero(mm))
		return -EINTR;
	n->mm = mm;
	mmgrab(mm);
	pthread_mutex_lock(&mm->lock);
	n->next = mm->notifiers;
	mm->notifiers = n;
	pthread_mutex_unlock(&mm->lock);
	mmput(mm);
	return 0;
}

static void unlink_locked(struct mm *mm, struct mmu_notifier *n)
{
	struct mmu_notifier **link = &mm->notifiers;

	while (*link && *link != n)
		link = &(*link)->next;
	if (*link)
		*link = n->next;
}

void mmu_notifier_unregister(struct mmu_notifier *n)
{
	struct mm *mm = n->mm;

	pthread_mutex_lock(&mm->lock);
	unlink_locked(mm, n);
	while (mm->running == n)
		pthread_cond_wait(&mm->changed, &mm->lock);
	pthread_mutex_unlock(&mm->lock);
	n->mm = NULL;
	mmdrop(mm);
}

bool mm_charge_file(struct mm *mm)
{
	uint64_t before = atomic_fetch_add(&mm->nr_files, 1);

	if (!mm->limits.files || before < mm->limits.files)
		return true;
	atomic_fetch_sub(&mm->nr_files, 1);
	return false;
}

void mm_uncharge_file(struct mm *mm)
{
	atomic_fetch_sub(&mm->nr_files, 1);
}
