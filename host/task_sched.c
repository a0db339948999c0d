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
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/task_state.h"

static bool is_usual(int policy)
{
	return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

/* @tid: 0: the caller. Return: false: there is no such thread, or its policy is another one */
static bool read_sched(pid_t tid, struct task_sched *s)
{
	*s = (struct task_sched){.policy = sched_getscheduler(tid) & ~SCHED_RESET_ON_FORK};
	if (!is_usual(s->policy))
		return false;
	errno = 0;
	s->nice = getpriority(PRIO_PROCESS, (id_t)tid);
	s->knows_cpus = !sched_getaffinity(tid, sizeof(s->cpus), &s->cpus);
	return !errno || s->nice != -1;
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

void task_set_client(struct task *t, pid_t pid, pid_t tid)
{
	t->client_pid = pid;
	t->client_tid = tid;
	if (read_sched(0, &t->sched))
		task_follow_client();
}

void task_follow_client(void)
{
	struct task *t = current_task();
	struct task_sched now;

	if (!t || !t->client_tid)
		return;
	if (!is_thread_of(t->client_pid, t->client_tid)) {
		t->client_tid = 0;
		return;
	}
	if (!read_sched(t->client_tid, &now) || same_sched(&now, &t->sched))
		return;
	take_over(&now);
	t->sched = now;
}

void task_follow_client_each_tick(struct task *t)
{
	struct timespec now;

	if (!t->client_tid)
		return;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_sec == t->looked_at.tv_sec && now.tv_nsec == t->looked_at.tv_nsec)
		return;
	t->looked_at = now;
	task_follow_client();
}

void task_give_way(void)
{
	sched_yield();
}
