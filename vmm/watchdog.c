// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define MIN_SECONDS 15U
#define MAX_SECONDS (UINT32_MAX)

/**
 * struct watchdog - see the header
 * @lock: protects what follows
 * @changed: @deadline or @end
 * @deadline: CLOCK_MONOTONIC; a tv_sec of 0: not armed
 * @running: the thread exists
 */
struct watchdog {
	struct vm *vm;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct timespec deadline;
	bool running;
	bool end;
	pthread_t thread;
};

struct watchdog *watchdog_create(struct vm *vm)
{
	struct watchdog *dog = calloc(1, sizeof(*dog));
	pthread_condattr_t attr;

	if (!dog)
		return NULL;
	dog->vm = vm;
	pthread_mutex_init(&dog->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&dog->changed, &attr);
	pthread_condattr_destroy(&attr);
	return dog;
}

void watchdog_destroy(struct watchdog *dog)
{
	if (!dog)
		return;
	pthread_mutex_lock(&dog->lock);
	dog->end = true;
	pthread_cond_signal(&dog->changed);
	pthread_mutex_unlock(&dog->lock);
	if (dog->running)
		pthread_join(dog->thread, NULL);
	pthread_cond_destroy(&dog->changed);
	pthread_mutex_destroy(&dog->lock);
	free(dog);
}

/* Context: dog->lock held. Return: has the time run out? */
static bool wait_locked(struct watchdog *dog)
{
	struct timespec deadline = dog->deadline;

	if (!deadline.tv_sec) {
		pthread_cond_wait(&dog->changed, &dog->lock);
		return false;
	}
	return pthread_cond_timedwait(&dog->changed, &dog->lock, &deadline) == ETIMEDOUT &&
	       dog->deadline.tv_sec == deadline.tv_sec && dog->deadline.tv_nsec == deadline.tv_nsec;
}

static void *watch(void *arg)
{
	struct watchdog *dog = arg;

	pthread_mutex_lock(&dog->lock);
	while (!dog->end) {
		if (!wait_locked(dog) || dog->end)
			continue;
		dog->deadline.tv_sec = 0;
		pthread_mutex_unlock(&dog->lock);
		vm_request_reset(dog->vm);
		pthread_mutex_lock(&dog->lock);
	}
	pthread_mutex_unlock(&dog->lock);
	return NULL;
}

int watchdog_arm(struct watchdog *dog, uint64_t seconds)
{
	int rc = 0;

	if (seconds < MIN_SECONDS || seconds > MAX_SECONDS)
		return -EINVAL;
	pthread_mutex_lock(&dog->lock);
	if (!dog->running)
		rc = -pthread_create(&dog->thread, NULL, watch, dog);
	if (!rc) {
		dog->running = true;
		clock_gettime(CLOCK_MONOTONIC, &dog->deadline);
		dog->deadline.tv_sec += (time_t)seconds;
		pthread_cond_signal(&dog->changed);
	}
	pthread_mutex_unlock(&dog->lock);
	return rc;
}

bool watchdog_armed(struct watchdog *dog)
{
	bool armed;

	pthread_mutex_lock(&dog->lock);
	armed = dog->deadline.tv_sec;
	pthread_mutex_unlock(&dog->lock);
	return armed;
}

void watchdog_disarm(struct watchdog *dog)
{
	pthread_mutex_lock(&dog->lock);
	dog->deadline.tv_sec = 0;
	pthread_cond_signal(&dog->changed);
	pthread_mutex_unlock(&dog->lock);
}
