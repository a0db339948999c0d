/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a task, for the transports. */
#ifndef HOST_TASK_STATE_H
#define HOST_TASK_STATE_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "host/lock.h"
#include "host/task.h"
#include "storage/types.h"

struct file;
struct mm;

/** TASK_DEAD - the bit of a stop word; FUTEX_OWNER_DIED, so that the kernel can set it */
#define TASK_DEAD 0x40000000U

/**
 * struct task_arg - the argument structure that came with a request
 * @uva: its address in the VMM, 0 if nothing came
 * @len: bytes at @bytes
 * @bytes: NULL: user copies have to ask
 * @readable: its content is in @bytes
 * @writable: the reply can carry it back
 * @written_start, @written_end: part that has been written
 */
struct task_arg {
	uva_t uva;
	size_t len;
	uint8_t *bytes;
	bool readable;
	bool writable;
	size_t written_start;
	size_t written_end;
};

/**
 * struct task_sched - how a thread is scheduled
 * @policy: SCHED_OTHER, SCHED_BATCH or SCHED_IDLE
 * @nice: -20 to 19
 * @knows_cpus: false: there are more CPUs than @cpus has room for
 */
struct task_sched {
	int policy;
	int nice;
	bool knows_cpus;
	cpu_set_t cpus;
};

/**
 * struct task - see task.h
 * @mm: a user of it is held
 * @stop: what walks look at; @word is the same word, to be written
 * @own_word: the word where the transport has no other
 * @lock: protects what follows but the atomics' readers
 * @woken: broadcast with @wakes, a kick, death
 * @kicked: the running ioctl, or else the next one, shall return
 * @kick_handler: called with @lock held
 * @blocked_on: the mutex it waits for in mutex_lock_killable()
 * @arg: only used by the task itself, as are the following
 * @returned: file of task_return_file(), with its reference
 * @returned_at: where its number goes, 0: it is the ioctl's result
 * @client_tid: the client's thread as we see it; 0: not known, or the task runs on it
 * @sched: how the client's thread was scheduled when it was last looked at
 * @looked_at: when that was, by the coarse clock
 * @has_followed: it was in this ioctl
 * @transport: the transport's own
 */
struct task {
	struct mm *mm;
	struct uv_stop stop;
	_Atomic uint32_t *word;
	_Atomic uint32_t own_word;

	pthread_mutex_t lock;
	pthread_cond_t woken;
	uint32_t wakes;
	_Atomic bool kicked;
	void (*kick_handler)(void *arg);
	void *kick_arg;
	struct mutex *blocked_on;

	struct task_arg arg;
	struct file *returned;
	uva_t returned_at;
	pid_t client_tid;
	struct task_sched sched;
	struct timespec looked_at;
	bool has_followed;
	void *transport;
};

/**
 * task_create() - a task of an address space
 * @mm: the caller is a user of it; the task becomes one as well
 * @word: stop word in which the bit TASK_DEAD will appear, or NULL: only task_kill() sets it
 *
 * Return: the task, or NULL: no memory.
 */
struct task *task_create(struct mm *mm, _Atomic uint32_t *word);

/** task_destroy() - its thread runs nothing any more; drops the user of the mm */
void task_destroy(struct task *t);

/** task_kill() - its fatal signal; may be repeated. Context: another thread, or itself */
void task_kill(struct task *t);

/** task_kick() - the running ioctl shall return, or else the next one */
void task_kick(struct task *t);

/** task_ioctl_end() - the ioctl that a kick was meant for returns */
void task_ioctl_end(struct task *t);

/** task_make_current() - the calling thread runs for @t, or for nobody. Return: what was before */
struct task *task_make_current(struct task *t);

/**
 * task_set_client() - whose ioctls the calling thread will run; task_follow_client() for the first
 * time
 * @pid, @tid: the client's thread as it says; checked. @tid 0: not known
 *
 * Context: the task itself.
 */
void task_set_client(struct task *t, pid_t pid, pid_t tid);

/** task_follow_at_begin() - of an ioctl: task_follow_client(), a few hundred times a second at most */
void task_follow_at_begin(struct task *t);

/** task_follow_at_end() - the same at the end of one that has taken long */
void task_follow_at_end(struct task *t);

/** task_set_blocked_on() - a kill must broadcast @m, or nothing */
void task_set_blocked_on(struct task *t, struct mutex *m);

/** mutex_wake_waiters() - let all waiters look whether they have been killed */
void mutex_wake_waiters(struct mutex *m);

#endif
