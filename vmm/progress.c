// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/progress.h"

#include <inttypes.h>
#include <time.h>

#include "vmm/console.h"
#include "vmm/machine_query.h"

#define INTERVAL_NS 20000000L
#define NS_PER_S    1000000000L

/* PERFORMs that run beside each other are shown by one thread. */
static struct {
	pthread_mutex_t lock; /* the rest */
	pthread_cond_t changed;
	unsigned int running;
	bool shown; /* the thread exists */
} progress = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};

static void show(struct vm *vm)
{
	struct snapshot s;

	if (machine_query(vm->machine_path, &s))
		return;
	console_progress(vm->console, "old guest %7" PRIu64 " frames | new guest %7" PRIu64,
			 s.frames_orphan + s.frames_residue, s.frames_secure);
}

static void wait_interval(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += INTERVAL_NS;
	if (until.tv_nsec >= NS_PER_S) {
		until.tv_nsec -= NS_PER_S;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&progress.changed, &progress.lock, &until);
}

/* Asks at intervals: this is a display, nothing waits for what it sees. */
static void *show_thread(void *arg)
{
	struct vm *vm = arg;

	pthread_mutex_lock(&progress.lock);
	while (progress.running) {
		show(vm);
		wait_interval();
	}
	show(vm);
	progress.shown = false;
	pthread_mutex_unlock(&progress.lock);
	vm_background_done(vm);
	return NULL;
}

void progress_begin(struct vm *vm)
{
	pthread_t thread;

	if (!console_shows_progress(vm->console))
		return;
	pthread_mutex_lock(&progress.lock);
	progress.running++;
	if (!progress.shown) {
		vm_background_started(vm);
		progress.shown = !pthread_create(&thread, NULL, show_thread, vm);
		if (progress.shown)
			pthread_detach(thread);
		else
			vm_background_done(vm);
	}
	pthread_mutex_unlock(&progress.lock);
}

void progress_end(struct vm *vm)
{
	if (!console_shows_progress(vm->console))
		return;
	pthread_mutex_lock(&progress.lock);
	progress.running--;
	pthread_cond_broadcast(&progress.changed);
	pthread_mutex_unlock(&progress.lock);
}
