// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reaper: what takes long at the end of things. One a process, so that the
 * teardown of a large guest holds up nobody else.
 *
 * In the usual end of a VMM the address space goes first, then the files are
 * released. Tasks that are still in an ioctl hold the address space; they have
 * been killed.
 */
#include "host/alloc.h"
#include "host/server_state.h"

/*
 * Here and not where the last task ends: that one runs where and as its client did, on one CPU
 * perhaps and behind everybody else.
 */
static void reap_mm(struct process *p)
{
	mmput_last(p->mm);
	mm_wait_exited(p->mm);
	pthread_mutex_lock(&p->lock);
	p->mm_reaped = true;
	pthread_mutex_unlock(&p->lock);
}

static void reap_object(struct process *p, struct object *o)
{
	fput(o->file);
	object_released(p->server, o);
	pthread_mutex_lock(&p->lock);
	p->nr_objects--;
	pthread_mutex_unlock(&p->lock);
}

/* Context: process.lock held; given back meanwhile */
static void reap_one_locked(struct process *p)
{
	struct object *o = STAILQ_FIRST(&p->reap);

	if (p->reap_mm) {
		p->reap_mm = false;
		pthread_mutex_unlock(&p->lock);
		reap_mm(p);
	} else {
		STAILQ_REMOVE_HEAD(&p->reap, reap);
		pthread_mutex_unlock(&p->lock);
		reap_object(p, o);
	}
	process_poke(p);
	pthread_mutex_lock(&p->lock);
}

void *reaper_main(void *arg)
{
	struct process *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		if (p->reap_mm || !STAILQ_EMPTY(&p->reap))
			reap_one_locked(p);
		else
			pthread_cond_wait(&p->reap_ready, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}
