// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine's thread runs an ioctl as the VMM's thread may run: nice value, policy, CPUs. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine_run.h"
#include "protvirt/protvirt.h"
#include "test_device.h"

#define PATIENCE_S 60 /* only a failing test waits that long */

static int kvm_fd;

static int setup(void **state)
{
	kvm_fd = protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);
	return kvm_fd < 0;
}

static int teardown(void **state)
{
	return protvirt_close(kvm_fd);
}

static struct dev_sched machine_sched(unsigned long cmd)
{
	struct dev_sched s;

	assert_int_equal(protvirt_ioctl(kvm_fd, cmd, (uintptr_t)&s), 0);
	return s;
}

static void set_policy(int policy)
{
	const struct sched_param none = {0};

	assert_int_equal(sched_setscheduler(0, policy, &none), 0);
}

/* Each case in a thread of its own: what it gives up it need not get back, and its channel is new
 */
static void in_thread(void *(*fn)(void *arg))
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, fn, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void *usual(void *arg)
{
	struct dev_sched s = machine_sched(DEV_SCHED);
	cpu_set_t cpus;

	assert_int_equal(s.policy, SCHED_OTHER);
	assert_int_equal(s.nice, getpriority(PRIO_PROCESS, 0));
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	assert_int_equal(s.cpus, CPU_COUNT(&cpus));
	return NULL;
}

static void *before_the_first_ioctl(void *arg)
{
	struct dev_sched s;

	assert_int_equal(setpriority(PRIO_PROCESS, 0, 7), 0);
	set_policy(SCHED_BATCH);
	s = machine_sched(DEV_SCHED);
	assert_int_equal(s.policy, SCHED_BATCH);
	assert_int_equal(s.nice, 7);
	return NULL;
}

static void *before_a_long_one(void *arg)
{
	machine_sched(DEV_SCHED);
	assert_int_equal(setpriority(PRIO_PROCESS, 0, 11), 0);
	assert_int_equal(machine_sched(DEV_FOLLOW).nice, 11);
	set_policy(SCHED_IDLE);
	assert_int_equal(machine_sched(DEV_FOLLOW).policy, SCHED_IDLE);
	return NULL;
}

/* Any other ioctl sees to it now and then. */
static void *at_some_time(void *arg)
{
	time_t end = time(NULL) + PATIENCE_S;

	machine_sched(DEV_SCHED);
	assert_int_equal(setpriority(PRIO_PROCESS, 0, 13), 0);
	while (machine_sched(DEV_SCHED).nice != 13)
		assert_true(time(NULL) < end);
	return NULL;
}

static void *on_the_same_cpus(void *arg)
{
	cpu_set_t all, one;
	struct dev_sched s;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
		s = machine_sched(DEV_FOLLOW);
		assert_int_equal(s.cpus, 1);
		assert_int_equal(s.cpu, cpu);
	}
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	assert_int_equal(machine_sched(DEV_FOLLOW).cpus, CPU_COUNT(&all));
	return NULL;
}

/* A machine cannot wait for a lock in a class that starves whoever holds it. */
static void *not_in_real_time(void *arg)
{
	const struct sched_param first = {.sched_priority = 1};

	machine_sched(DEV_FOLLOW);
	if (sched_setscheduler(0, SCHED_RR, &first)) {
		assert_int_equal(errno, EPERM);
		return NULL;
	}
	assert_int_equal(machine_sched(DEV_FOLLOW).policy, SCHED_OTHER);
	set_policy(SCHED_OTHER);
	return NULL;
}

static void nothing_is_asked_for(void **state)
{
	in_thread(usual);
}

static void new_thread_is_followed(void **state)
{
	in_thread(before_the_first_ioctl);
}

static void change_counts_for_a_long_ioctl(void **state)
{
	in_thread(before_a_long_one);
}

static void change_is_seen_by_others(void **state)
{
	in_thread(at_some_time);
}

static void cpus_are_followed(void **state)
{
	in_thread(on_the_same_cpus);
}

static void real_time_is_not_followed(void **state)
{
	in_thread(not_in_real_time);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(nothing_is_asked_for),
		CASE(new_thread_is_followed),
		CASE(change_counts_for_a_long_ioctl),
		CASE(change_is_seen_by_others),
		CASE(cpus_are_followed),
		CASE(real_time_is_not_followed),
	};

	return cmocka_run_group_tests_name("scheduling", tests, NULL, NULL);
}

int main(void)
{
	return machine_run_tests(run);
}
