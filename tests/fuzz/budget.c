/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/budget.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "tests/fuzz/fuzz.h"

#define BUDGET_NS  2000000L
#define PATIENCE_S 60

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void (*kick_fn)(void *);
static void *kick_arg;
static uint64_t round_nr; /* odd while something runs */

/* Context: lock held. Return: has the round ended before the time? */
static int ended_within(uint64_t round, time_t s, long ns)
{
	struct timespec end;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += s;
	end.tv_nsec += ns;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_nsec -= 1000000000L;
		end.tv_sec++;
	}
	while (round_nr == round && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&changed, &lock, &end);
	return round_nr != round;
}

static void *watch(void *arg)
{
	pthread_mutex_lock(&lock);
	for (;;) {
		uint64_t round = round_nr;

		if (!(round & 1)) {
			pthread_cond_wait(&changed, &lock);
			continue;
		}
		if (ended_within(round, 0, BUDGET_NS))
			continue;
		kick_fn(kick_arg);
		fuzz_must(ended_within(round, PATIENCE_S, 0));
	}
	return arg;
}

static void start(void)
{
	pthread_condattr_t attr;
	pthread_t thread;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attr);
	pthread_condattr_destroy(&attr);
	fuzz_must(!pthread_create(&thread, NULL, watch, NULL));
	pthread_detach(thread);
}

void budget_begin(void (*kick)(void *arg), void *arg)
{
	pthread_once(&once, start);
	pthread_mutex_lock(&lock);
	kick_fn = kick;
	kick_arg = arg;
	round_nr++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

void budget_end(void)
{
	pthread_mutex_lock(&lock);
	round_nr++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}
