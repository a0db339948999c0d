// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scheduling of a task's thread.
 *
 * On Linux an ioctl is its caller's own time: it has the caller's nice value and policy and runs
 * where the caller may run. A task's thread takes these over from its client's thread. To give way
 * to others needs no privilege; what is not permitted is left as it is. The machine's own nice
 * value and CPUs are the administrator's word: nobody gets more than that.
 *
 * Real-time policies are not taken over: the machine's locks do not lend priority.
 */
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/task_state.h"

/** struct sched_attr_0 - linux/sched/types.h's first version; that does not go with <sched.h> */
struct sched_attr_0 {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

static_assert(sizeof(struct sched_attr_0) == 48, "SCHED_ATTR_SIZE_VER0");

static bool is_usual(int policy)
{
	return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

/* @tid: 0: the caller. Return: false: there is no such thread, or its policy is another one */
static bool read_sched(pid_t tid, struct task_sched *s)
{
	struct sched_attr_0 attr;

	if (syscall(SYS_sched_getattr, tid, &attr, sizeof(attr), 0) ||
	    !is_usual((int)attr.policy))
		return false;
	*s = (struct task_sched){.policy = (int)attr.policy, .nice = attr.nice};
	s->knows_cpus = !sched_getaffinity(tid, sizeof(s->cpus), &s->cpus);
	return true;
}

static bool same_sched(const struct task_sched *a, const struct task_sched *b)
{
	return a->policy == b->policy && a->nice == b->nice && a->knows_cpus == b->knows_cpus &&
	       CPU_EQUAL(&a->cpus, &b->cpus);
}

/* What is refused is refused: there is nobody to tell. */
static void take_over(const struct task_sched *client)
{
	const struct sched_param none = {0};
	struct task_sched machine;
	cpu_set_t cpus;

	if (!read_sched(getpid(), &machine))
		return;
	if (machine.policy == SCHED_OTHER)
		sched_setscheduler(0, client->policy, &none);
	setpriority(PRIO_PROCESS, 0, client->nice > machine.nice ? client->nice : machine.nice);
	CPU_AND(&cpus, &client->cpus, &machine.cpus);
	if (CPU_COUNT(&cpus))
		sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* The number is the client's word: only a thread of its process counts. */
static bool is_thread_of(pid_t pid, pid_t tid)
{
	return pid > 0 && tid > 0 && (!syscall(SYS_tgkill, pid, tid, 0) || errno == EPERM);
}

static void follow_client(struct task *t)
{
	struct task_sched now;

	if (!read_sched(t->client_tid, &now) || same_sched(&now, &t->sched))
		return;
	take_over(&now);
	t->sched = now;
}

/* A channel ends with its client's thread, so that the number stays that thread's. */
void task_set_client(struct task *t, pid_t pid, pid_t tid)
{
	if (!is_thread_of(pid, tid) || !read_sched(0, &t->sched))
		return;
	t->client_tid = tid;
	follow_client(t);
}

void task_follow_client(void)
{
	struct task *t = current_task();

	if (t && t->client_tid && !t->has_followed)
		follow_client(t);
}

static void follow_each_tick(struct task *t)
{
	struct timespec now;

	if (!t->client_tid)
		return;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_sec == t->looked_at.tv_sec && now.tv_nsec == t->looked_at.tv_nsec)
		return;
	t->looked_at = now;
	t->has_followed = true;
	follow_client(t);
}

void task_follow_at_begin(struct task *t)
{
	t->has_followed = false;
	follow_each_tick(t);
}

/*
 * To look takes several microseconds where a guest has had the caches, and the client is waiting.
 * After a long run nobody notices; the call that comes right after it, PREPARE above all, need not
 * look then.
 */
void task_follow_at_end(struct task *t)
{
	follow_each_tick(t);
}

void task_give_way(void)
{
	sched_yield();
}
