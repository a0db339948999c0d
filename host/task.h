/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks: the thread in kernel mode that belongs to a thread of a VMM.
 *
 * A task runs the ioctls of its client thread, one after the other, on a thread
 * of the machine's own. The death of the client thread is its fatal signal.
 */
#ifndef HOST_TASK_H
#define HOST_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/types.h"
#include "uv/ultravisor.h"

struct file;
struct mm;
struct task;

/** current_task() - the task whose ioctl the calling thread runs; NULL in service threads */
struct task *current_task(void);

/** task_mm() - its address space */
struct mm *task_mm(const struct task *t);

/** task_stop() - its fatal-signal word, for walks that look at it for every page */
const struct uv_stop *task_stop(const struct task *t);

/** fatal_signal_pending() - has the client thread died (or been killed)? One load */
static inline bool fatal_signal_pending(const struct task *t)
{
	const struct uv_stop *stop = task_stop(t);

	return atomic_load_explicit(stop->word, memory_order_relaxed) & stop->mask;
}

/**
 * task_follow_client() - run as the client's thread may run now: nice value, SCHED_OTHER,
 * SCHED_BATCH or SCHED_IDLE, CPUs
 *
 * For what takes long, when it begins; for other ioctls the transport does so now and then. Threads
 * that are started for the ioctl run so as well. Later changes count from the next ioctl on.
 */
void task_follow_client(void);

/** task_give_way() - whoever else can run on this CPU runs first; for a caller without locks */
void task_give_way(void);

/**
 * signal_pending() - a fatal signal, or a kick: the client wants KVM_RUN to return
 *
 * A kick stays pending until the ioctl that it is meant for returns.
 */
bool signal_pending(const struct task *t);

/**
 * task_set_kick_handler() - call @fn(@arg) when the task is kicked or killed
 *
 * For code that is in the engine and does not sleep: @fn is sie_kick(). NULL removes it; when that
 * returns, the handler does not run any more.
 *
 * Context: the task itself; @fn is called from another thread.
 */
void task_set_kick_handler(struct task *t, void (*fn)(void *arg), void *arg);

/**
 * task_prepare_sleep() - begin to wait
 *
 * Usage: key = task_prepare_sleep(t); if (condition) go on, else task_sleep(t, key, deadline).
 * A task_wake() after task_prepare_sleep() is not lost.
 *
 * Return: the key for task_sleep().
 */
uint32_t task_prepare_sleep(struct task *t);

/** TASK_FOREVER - no deadline */
#define TASK_FOREVER UINT64_MAX

/**
 * task_sleep() - wait for task_wake(), a kick, a fatal signal or a deadline
 * @key: from task_prepare_sleep()
 * @deadline_ns: CLOCK_MONOTONIC, or TASK_FOREVER
 *
 * Return: 0 woken (maybe without reason), -EINTR kick or fatal signal, -ETIMEDOUT.
 */
int task_sleep(struct task *t, uint32_t key, uint64_t deadline_ns);

/** task_wake() - wake a task that sleeps or is about to. INJECT_WAKE stands here */
void task_wake(struct task *t);

/* ---- user copies ---- */

/**
 * copy_from_user() - read the VMM's memory
 * Return: 0, or -EFAULT (then @to is undefined but initialised). INJECT_COPY_FROM stands here.
 * Context: a task; may wait for the client, so no lock may be held that another VM needs.
 */
int copy_from_user(void *to, uva_t from, size_t n) __attribute__((warn_unused_result));

/** copy_to_user() - write the VMM's memory. Return: 0, or -EFAULT. INJECT_COPY_TO stands here */
int copy_to_user(uva_t to, const void *from, size_t n) __attribute__((warn_unused_result));

#endif
