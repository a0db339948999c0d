// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every page leaves an address space that nobody uses any more.
 *
 * Nobody waits but for this, so two threads share the work. They take parts in turn: who begins late
 * or is held up does less of it.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "host/mm_state.h"
#include "host/uffd.h"
#include "storage/frame.h"
#include "uv/ultravisor.h"

/** UNMAP_ALONE - less than this is destroyed by one thread: the start of another takes as long */
#define UNMAP_ALONE (256UL << 20)

/** UNMAP_PART - pages that a thread takes at a time: one may work so much longer than the other */
#define UNMAP_PART (FRAME_EXTENT_PIECES * PIECE_PAGES)

/**
 * struct unmapping - a backing that leaves an address space
 * @pages: its size
 * @next: the first page that nobody has taken yet
 * @cpus: where the helper may run once it has been started; empty: not known
 */
struct unmapping {
	struct mm *mm;
	struct backing *b;
	size_t pages;
	_Atomic size_t next;
	cpu_set_t cpus;
};

/* A page that leaves the address space is destroyed, or exported if that fails. */
static void unmap_parts(struct unmapping *u)
{
	size_t first;

	while ((first = atomic_fetch_add(&u->next, UNMAP_PART)) < u->pages) {
		size_t n = u->pages - first < UNMAP_PART ? u->pages - first : UNMAP_PART;

		uv_destroy_range(u->mm->uv, UV_ANY_OWNER, u->b, first, n, NULL, NULL);
	}
}

static void *help(void *arg)
{
	struct unmapping *u = arg;

	if (CPU_COUNT(&u->cpus))
		sched_setaffinity(0, sizeof(u->cpus), &u->cpus);
	unmap_parts(u);
	return NULL;
}

/* Where we may run and are not. Return: is there such a place, or is nothing known about that? */
static bool find_other_cpus(struct unmapping *u, cpu_set_t *others)
{
	int here = sched_getcpu();

	CPU_ZERO(others);
	/* fails if there are more of them than fit */
	if (here < 0 || sched_getaffinity(0, sizeof(u->cpus), &u->cpus)) {
		CPU_ZERO(&u->cpus);
		return true;
	}
	*others = u->cpus;
	CPU_CLR((size_t)here, others);
	return CPU_COUNT(others);
}

/*
 * On another CPU, said at the start. Left to itself the kernel of a virtual machine starts a thread
 * on this one, behind us, where the others have been idle for so long that they were halted, and
 * moves it at a tick: by then a fifth of the work is done. Return: has one been started?
 */
static bool start_helper(struct unmapping *u, pthread_t *thread)
{
	pthread_attr_t attr;
	cpu_set_t others;
	bool started;

	if (!find_other_cpus(u, &others) || pthread_attr_init(&attr))
		return false;
	if (CPU_COUNT(&others))
		pthread_attr_setaffinity_np(&attr, sizeof(others), &others);
	started = !pthread_create(thread, &attr, help, u);
	pthread_attr_destroy(&attr);
	return started;
}

static int unmap_backing(struct backing *b, void *arg)
{
	struct unmapping u = {.mm = arg, .b = b, .pages = backing_size(b) / PAGE_SIZE};
	pthread_t helper;
	bool helped;

	backing_abandon(b);
	helped = backing_size(b) >= UNMAP_ALONE && start_helper(&u, &helper);
	unmap_parts(&u);
	if (helped)
		pthread_join(helper, NULL);
	return 0;
}

/* As in the kernel, pages are looked after only while the address space counts as protected. */
void mm_exit(struct mm *mm)
{
	if (mm->uv && atomic_load(&mm->protected_count) > 0)
		mm_for_each_backing(mm, unmap_backing, mm);
	mm_unkeep_all(mm);
	traps_end(mm);
}
