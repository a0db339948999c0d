// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Watchers: threads that wait on the stop words of a VMM's threads.
 *
 * The kernel marks the word of a thread that dies, and wakes us, before it
 * tears down the memory of the process; sockets are closed long after that.
 * Walks look at the word themselves; what sleeps or runs guest code is woken
 * from here. Where futex_waitv(2) is missing the hang-up has to do.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/alloc.h"
#include "host/server_state.h"

/* One futex of futex_waitv(2) is our own */
#define MAX_WATCHED (FUTEX_WAITV_MAX - 1)

/**
 * struct watcher - a thread and what it waits on
 * @changed: futex: the set of channels has changed
 * @n: number of channels; process.lock protects it and @channels
 * @stop: shall end
 */
struct watcher {
	LIST_ENTRY(watcher) link;
	struct process *p;
	pthread_t thread;
	_Atomic uint32_t changed;
	size_t n;
	struct channel *channels[MAX_WATCHED];
	bool stop;
};

static void wake_watcher(struct watcher *w)
{
	atomic_fetch_add(&w->changed, 1);
	syscall(SYS_futex, &w->changed, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static struct futex_waitv wait_for_word(_Atomic uint32_t *word, uint32_t value)
{
	return (struct futex_waitv){
		.val = value,
		.uaddr = (uintptr_t)word,
		.flags = FUTEX_32,
	};
}

/* The kernel wakes waiters only if the word says that there are any. */
static uint32_t announce_waiter(_Atomic uint32_t *word)
{
	return atomic_fetch_or(word, FUTEX_WAITERS) | FUTEX_WAITERS;
}

/*
 * What to wait for. Channels whose thread died are killed instead, and forgotten.
 * Context: process.lock held. Return: number of futexes
 */
static unsigned int prepare_locked(struct watcher *w, struct futex_waitv *futexes)
{
	unsigned int nr = 0;

	futexes[nr++] = wait_for_word(&w->changed, atomic_load(&w->changed));
	for (size_t i = 0; i < w->n;) {
		struct channel *ch = w->channels[i];
		uint32_t value = announce_waiter(ch->word);

		if (value & TASK_DEAD) {
			w->channels[i] = w->channels[--w->n];
			ch->watcher = NULL;
			channel_kill(ch);
			process_poke(w->p);
			continue;
		}
		futexes[nr++] = wait_for_word(ch->word, value);
		i++;
	}
	return nr;
}

static void *watcher_main(void *arg)
{
	struct futex_waitv futexes[FUTEX_WAITV_MAX];
	struct watcher *w = arg;
	bool missing = false;

	while (!missing) {
		unsigned int nr = 0;

		pthread_mutex_lock(&w->p->lock);
		if (!w->stop)
			nr = prepare_locked(w, futexes);
		pthread_mutex_unlock(&w->p->lock);
		if (!nr)
			break;
		missing = syscall(SYS_futex_waitv, futexes, nr, 0, NULL, CLOCK_MONOTONIC) < 0 &&
			  (errno == ENOSYS || errno == EPERM);
	}
	return NULL;
}

/* Context: process.lock held */
static struct watcher *watcher_with_room(struct process *p)
{
	struct watcher *w;

	LIST_FOREACH (w, &p->watchers, link)
		if (w->n < MAX_WATCHED)
			return w;
	w = host_zalloc(sizeof(*w));
	if (!w)
		return NULL;
	w->p = p;
	if (pthread_create(&w->thread, NULL, watcher_main, w)) {
		host_free(w);
		return NULL;
	}
	LIST_INSERT_HEAD(&p->watchers, w, link);
	return w;
}

void watcher_add(struct channel *ch)
{
	struct process *p = ch->source.p;
	struct watcher *w;

	pthread_mutex_lock(&p->lock);
	w = watcher_with_room(p);
	if (w) {
		w->channels[w->n++] = ch;
		ch->watcher = w;
		wake_watcher(w);
	}
	pthread_mutex_unlock(&p->lock);
}

void watcher_remove(struct channel *ch)
{
	struct process *p = ch->source.p;
	struct watcher *w;

	pthread_mutex_lock(&p->lock);
	w = ch->watcher;
	for (size_t i = 0; w && i < w->n; i++) {
		if (w->channels[i] != ch)
			continue;
		w->channels[i] = w->channels[--w->n];
		ch->watcher = NULL;
		wake_watcher(w);
		break;
	}
	pthread_mutex_unlock(&p->lock);
}

void watchers_stop(struct process *p)
{
	struct watcher *w;

	while ((w = LIST_FIRST(&p->watchers))) {
		pthread_mutex_lock(&p->lock);
		w->stop = true;
		wake_watcher(w);
		pthread_mutex_unlock(&p->lock);
		pthread_join(w->thread, NULL);
		LIST_REMOVE(w, link);
		host_free(w);
	}
}
