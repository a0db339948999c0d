// SPDX-License-Identifier: GPL-2.0-or-later
/* Host services over the direct-call transport. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "host/alloc.h"
#include "host/direct.h"
#include "host/file.h"
#include "host/lock.h"
#include "host/mm.h"
#include "host/mm_state.h"
#include "host/task.h"
#include "storage/inject.h"
#include "storage/storage.h"

/* A device with ioctls that show one service each */
#define DEV_MAKE    1 /* return a new file */
#define DEV_MAKE_AT 2 /* return a new file, number stored at arg */
#define DEV_FAIL    3 /* make a file, then fail */
#define DEV_INC     4 /* increment the int at arg */
#define DEV_SLEEP   5 /* sleep until something happens */
#define DEV_LOCK    6 /* take the lock, killable */

/**
 * struct env - one machine's host side
 * @live: objects before the test
 * @released: files released so far
 * @notified_at_release: notifiers that had run at the last release
 */
struct env {
	uint64_t live;
	struct storage *st;
	struct mm *mm;
	struct task *t;
	int dev;
	struct mutex lock;
	struct task *sleeper;
	pthread_mutex_t sleeper_lock;
	pthread_cond_t sleeper_known;
	_Atomic int released;
	_Atomic int notified;
	int notified_at_release;
};

static struct env *env_of(struct file *file)
{
	return file_private(file);
}

static void dev_release(struct file *file)
{
	struct env *e = env_of(file);

	atomic_fetch_add(&e->released, 1);
	e->notified_at_release = atomic_load(&e->notified);
}

static const struct file_operations dev_fops;

static long dev_make(struct env *e, unsigned int cmd, uint64_t arg)
{
	struct file *file = file_create("made", &dev_fops, e);

	if (!file)
		return -errno;
	if (cmd == DEV_MAKE_AT)
		return task_return_file_at(file, arg);
	task_return_file(file);
	return cmd == DEV_FAIL ? -EINVAL : 0;
}

static long dev_inc(uint64_t arg)
{
	int value;

	if (copy_from_user(&value, arg, sizeof(value)))
		return -EFAULT;
	value++;
	return copy_to_user(arg, &value, sizeof(value));
}

static long dev_sleep(struct env *e)
{
	struct task *t = current_task();
	uint32_t key = task_prepare_sleep(t);

	pthread_mutex_lock(&e->sleeper_lock);
	e->sleeper = t;
	pthread_cond_signal(&e->sleeper_known);
	pthread_mutex_unlock(&e->sleeper_lock);
	return task_sleep(t, key, TASK_FOREVER);
}

static long dev_lock(struct env *e)
{
	if (mutex_lock_killable(&e->lock))
		return -EINTR;
	mutex_unlock(&e->lock);
	return 0;
}

static long dev_ioctl(struct file *file, unsigned int cmd, uint64_t arg)
{
	struct env *e = env_of(file);

	switch (cmd) {
	case DEV_MAKE:
	case DEV_MAKE_AT:
	case DEV_FAIL:
		return dev_make(e, cmd, arg);
	case DEV_INC:
		return dev_inc(arg);
	case DEV_SLEEP:
		return dev_sleep(e);
	case DEV_LOCK:
		return dev_lock(e);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations dev_fops = {
	.ioctl = dev_ioctl,
	.release = dev_release,
};

static int setup(void **state)
{
	struct env *e = calloc(1, sizeof(*e));

	e->live = host_alloc_live();
	e->st = storage_create();
	e->mm = direct_mm_create(e->st, NULL);
	e->t = direct_task_start(e->mm);
	mutex_init(&e->lock);
	pthread_mutex_init(&e->sleeper_lock, NULL);
	pthread_cond_init(&e->sleeper_known, NULL);
	e->dev = direct_open(e->mm, file_create("dev", &dev_fops, e));
	*state = e;
	return e->dev < 0;
}

/* Ends what a test has left and looks for leaks */
static int teardown(void **state)
{
	struct env *e = *state;
	struct storage_stats stats;

	if (e->t) {
		direct_task_end(e->t);
		direct_mm_exit(e->mm);
		mmdrop(e->mm);
	}
	storage_get_stats(e->st, &stats);
	assert_int_equal(stats.backings, 0);
	storage_destroy(e->st);
	mutex_destroy(&e->lock);
	assert_int_equal(host_alloc_live(), e->live);
	free(e);
	return 0;
}

static void end_process(struct env *e)
{
	direct_task_end(e->t);
	e->t = NULL;
	direct_mm_exit(e->mm);
	mmdrop(e->mm);
}

/* ---- files ---- */

static void returned_file_becomes_descriptor(void **state)
{
	struct env *e = *state;
	long fd = direct_ioctl(e->t, e->dev, DEV_MAKE, 0);
	int value = 41;

	assert_true(fd > e->dev);
	assert_int_equal(direct_ioctl(e->t, (int)fd, DEV_INC, (uintptr_t)&value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(direct_close(e->mm, (int)fd), 0);
	assert_int_equal(e->released, 1);
	assert_int_equal(direct_close(e->mm, (int)fd), -EBADF);
	assert_int_equal(direct_ioctl(e->t, (int)fd, DEV_INC, 0), -EBADF);
}

static void returned_number_goes_into_the_structure(void **state)
{
	struct env *e = *state;
	int fd = -1;

	assert_int_equal(direct_ioctl(e->t, e->dev, DEV_MAKE_AT, (uintptr_t)&fd), 0);
	assert_int_equal(direct_close(e->mm, fd), 0);
	assert_int_equal(direct_ioctl(e->t, e->dev, DEV_MAKE_AT, 8), -EFAULT);
	assert_int_equal(e->released, 2);
}

static void failed_ioctl_returns_no_file(void **state)
{
	struct env *e = *state;

	assert_int_equal(direct_ioctl(e->t, e->dev, DEV_FAIL, 0), -EINVAL);
	assert_int_equal(e->released, 1);
}

static void passed_descriptor_keeps_the_object(void **state)
{
	struct env *e = *state;
	struct mm *other = direct_mm_create(e->st, NULL);
	int fd = (int)direct_ioctl(e->t, e->dev, DEV_MAKE, 0);

	assert_true(direct_pass(e->mm, fd, other) >= 0);
	direct_close(e->mm, fd);
	assert_int_equal(e->released, 0);
	direct_mm_exit(other);
	assert_int_equal(e->released, 1);
	mmdrop(other);
}

/* ---- address spaces ---- */

static pthread_t ended_on;

static void note_end(struct mm *mm)
{
	ended_on = pthread_self();
}

static void *be_last(void *mm)
{
	mmput_last(mm);
	return NULL;
}

/* What takes long at the end is not left to the thread of a task, which runs as its client did. */
static void end_is_where_somebody_waits_for_it(void **state)
{
	static const struct mm_ops ops = {.gone = note_end};
	struct env *e = *state;

	for (int i = 0; i < 200; i++) {
		struct mm *mm = mm_create(e->st, NULL, &ops, NULL, NULL);
		pthread_t last;

		mmgrab(mm);
		assert_true(mmget_not_zero(mm));
		assert_int_equal(pthread_create(&last, NULL, be_last, mm), 0);
		if (i % 2)
			sched_yield();
		mmput(mm);
		mm_wait_exited(mm);
		assert_true(pthread_equal(ended_on, last));
		assert_false(mmget_not_zero(mm));
		assert_int_equal(pthread_join(last, NULL), 0);
		mmdrop(mm);
	}
}

/* ---- user copies ---- */

static void bad_addresses_give_efault(void **state)
{
	struct env *e = *state;
	int *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*page = 7;
	mprotect(page, 4096, PROT_READ);
	assert_int_equal(direct_ioctl(e->t, e->dev, DEV_INC, (uintptr_t)page), -EFAULT);
	assert_int_equal(*page, 7);
	munmap(page, 4096);
	assert_int_equal(direct_ioctl(e->t, e->dev, DEV_INC, (uintptr_t)page), -EFAULT);
	assert_int_equal(direct_ioctl(e->t, e->dev, DEV_INC, UINT64_MAX - 2), -EFAULT);
}

static bool fail_second_copy(enum inject_point point, uint32_t detail, uint64_t subject,
			     struct inject_outcome *outcome)
{
	return point == INJECT_COPY_TO && subject == sizeof(int);
}

static void injected_copy_fails(void **state)
{
	struct env *e = *state;
	int value = 1;

	atomic_store(&inject_hook, fail_second_copy);
	assert_int_equal(direct_ioctl(e->t, e->dev, DEV_INC, (uintptr_t)&value), -EFAULT);
	atomic_store(&inject_hook, NULL);
	assert_int_equal(value, 1);
}

/* ---- tasks ---- */

struct thread_ioctl {
	struct env *e;
	unsigned int cmd;
	long ret;
	struct task *t;
	pthread_t thread;
};

static void *run_ioctl(void *arg)
{
	struct thread_ioctl *call = arg;

	call->ret = direct_ioctl(call->t, call->e->dev, call->cmd, 0);
	return NULL;
}

static void start_ioctl(struct thread_ioctl *call, struct env *e, unsigned int cmd)
{
	call->e = e;
	call->cmd = cmd;
	call->t = direct_task_start(e->mm);
	pthread_create(&call->thread, NULL, run_ioctl, call);
}

static void end_ioctl(struct thread_ioctl *call)
{
	pthread_join(call->thread, NULL);
	direct_task_end(call->t);
}

static struct task *wait_for_sleeper(struct env *e)
{
	struct task *t;

	pthread_mutex_lock(&e->sleeper_lock);
	while (!e->sleeper)
		pthread_cond_wait(&e->sleeper_known, &e->sleeper_lock);
	t = e->sleeper;
	e->sleeper = NULL;
	pthread_mutex_unlock(&e->sleeper_lock);
	return t;
}

static void sleeping_task_is_woken_kicked_killed(void **state)
{
	struct env *e = *state;
	struct thread_ioctl call;

	start_ioctl(&call, e, DEV_SLEEP);
	task_wake(wait_for_sleeper(e));
	end_ioctl(&call);
	assert_int_equal(call.ret, 0);

	start_ioctl(&call, e, DEV_SLEEP);
	direct_kick(wait_for_sleeper(e));
	end_ioctl(&call);
	assert_int_equal(call.ret, -EINTR);

	start_ioctl(&call, e, DEV_SLEEP);
	direct_task_kill(wait_for_sleeper(e));
	end_ioctl(&call);
	assert_int_equal(call.ret, -EINTR);
}

static void kick_stays_pending_until_an_ioctl_returns(void **state)
{
	struct env *e = *state;

	direct_kick(e->t);
	assert_true(signal_pending(e->t));
	assert_false(fatal_signal_pending(e->t));
	assert_int_equal(direct_ioctl(e->t, e->dev, DEV_SLEEP, 0), -EINTR);
	assert_false(signal_pending(e->t));
}

static void sleep_ends_at_its_deadline(void **state)
{
	struct env *e = *state;
	uint32_t key = task_prepare_sleep(e->t);

	assert_int_equal(task_sleep(e->t, key, 1), -ETIMEDOUT);
	task_wake(e->t);
	assert_int_equal(task_sleep(e->t, key, TASK_FOREVER), 0);
}

static bool lose_wakeup(enum inject_point point, uint32_t detail, uint64_t subject,
			struct inject_outcome *outcome)
{
	return point == INJECT_WAKE;
}

static void injected_wakeup_is_lost(void **state)
{
	struct env *e = *state;
	uint32_t key = task_prepare_sleep(e->t);

	atomic_store(&inject_hook, lose_wakeup);
	task_wake(e->t);
	atomic_store(&inject_hook, NULL);
	assert_int_equal(task_sleep(e->t, key, 1), -ETIMEDOUT);
}

static void count_call(void *arg)
{
	++*(int *)arg;
}

static void kick_handler_is_called_until_removed(void **state)
{
	struct env *e = *state;
	int calls = 0;

	task_set_kick_handler(e->t, count_call, &calls);
	direct_kick(e->t);
	direct_task_kill(e->t);
	assert_int_equal(calls, 2);
	task_set_kick_handler(e->t, NULL, NULL);
	direct_kick(e->t);
	assert_int_equal(calls, 2);
}

static void killed_waiter_leaves_the_lock(void **state)
{
	struct env *e = *state;
	struct thread_ioctl killed, patient;

	mutex_lock(&e->lock);
	assert_true(mutex_held(&e->lock));
	start_ioctl(&killed, e, DEV_LOCK);
	start_ioctl(&patient, e, DEV_LOCK);
	direct_task_kill(killed.t);
	end_ioctl(&killed);
	assert_int_equal(killed.ret, -EINTR);
	mutex_unlock(&e->lock);
	assert_false(mutex_held(&e->lock));
	end_ioctl(&patient);
	assert_int_equal(patient.ret, 0);
}

/* ---- address spaces ---- */

struct test_notifier {
	struct mmu_notifier n;
	struct env *e;
	int backings;
};

static int count_backing(struct backing *b, void *arg)
{
	++*(int *)arg;
	return 0;
}

static void notified(struct mmu_notifier *n, struct mm *mm)
{
	struct test_notifier *tn = (struct test_notifier *)n;

	atomic_fetch_add(&tn->e->notified, 1);
	assert_false(mmget_not_zero(mm));
	mm_for_each_backing(mm, count_backing, &tn->backings);
}

static void mm_goes_before_files(void **state)
{
	struct env *e = *state;
	struct test_notifier tn = {.n.release = notified, .e = e};
	struct mm *mm = e->mm;

	mmgrab(mm);
	assert_int_equal(mmu_notifier_register(&tn.n, mm), 0);
	end_process(e);
	assert_int_equal(e->notified, 1);
	assert_int_equal(e->released, 1);
	assert_int_equal(e->notified_at_release, 1);
	mmu_notifier_unregister(&tn.n);
	assert_int_equal(mmu_notifier_register(&tn.n, mm), -EINTR);
	mmdrop(mm);
}

static void removed_notifier_is_not_called(void **state)
{
	struct env *e = *state;
	struct test_notifier tn = {.n.release = notified, .e = e};

	assert_int_equal(mmu_notifier_register(&tn.n, e->mm), 0);
	mmu_notifier_unregister(&tn.n);
	end_process(e);
	assert_int_equal(e->notified, 0);
}

static void task_keeps_the_address_space(void **state)
{
	struct env *e = *state;
	struct test_notifier tn = {.n.release = notified, .e = e};
	struct task *other = direct_task_start(e->mm);

	assert_int_equal(mmu_notifier_register(&tn.n, e->mm), 0);
	direct_task_end(e->t);
	e->t = NULL;
	mmgrab(e->mm);
	direct_mm_exit(e->mm);
	assert_int_equal(e->notified, 0);
	direct_task_end(other);
	assert_int_equal(e->notified, 1);
	mmu_notifier_unregister(&tn.n);
	mmdrop(e->mm);
	mmdrop(e->mm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(returned_file_becomes_descriptor),
		CASE(returned_number_goes_into_the_structure),
		CASE(failed_ioctl_returns_no_file),
		CASE(passed_descriptor_keeps_the_object),
		CASE(end_is_where_somebody_waits_for_it),
		CASE(bad_addresses_give_efault),
		CASE(injected_copy_fails),
		CASE(sleeping_task_is_woken_kicked_killed),
		CASE(kick_stays_pending_until_an_ioctl_returns),
		CASE(sleep_ends_at_its_deadline),
		CASE(injected_wakeup_is_lost),
		CASE(kick_handler_is_called_until_removed),
		CASE(killed_waiter_leaves_the_lock),
		CASE(mm_goes_before_files),
		CASE(removed_notifier_is_not_called),
		CASE(task_keeps_the_address_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
