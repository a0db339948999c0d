// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/stop_signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "vmm/sclp_input.h"
#include "vmm/vm.h"

/**
 * struct stop_signals - see the header
 * @set: those that are taken
 * @before: what was blocked when it began
 * @fd: signalfd of @set
 * @wakeup: eventfd: the thread shall end
 * @lock: protects what follows
 * @vm: VM that they are for, NULL: none
 * @over: there was one
 * @asked: the guest has been asked to shut down
 */
struct stop_signals {
	sigset_t set;
	sigset_t before;
	int fd;
	int wakeup;
	pthread_t thread;
	pthread_mutex_t lock;
	struct vm *vm;
	bool over;
	bool asked;
};

/* Without a VM nothing has to be put in order. */
static void die_of(int number)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, number);
	pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	raise(number);
}

static void take(struct stop_signals *stop, int number)
{
	pthread_mutex_lock(&stop->lock);
	if (!stop->vm) {
		if (!stop->over)
			die_of(number);
	} else if (!stop->asked && sclp_input_quiesce(stop->vm->input)) {
		stop->asked = true;
		fprintf(stderr,
			"protvirt run: SIG%s: the guest is asked to shut down, a second "
			"signal ends it\n",
			sigabbrev_np(number));
	} else {
		vm_request_stop(stop->vm, number);
	}
	pthread_mutex_unlock(&stop->lock);
}

static void *stop_thread(void *arg)
{
	struct stop_signals *stop = arg;
	struct pollfd fds[] = {{stop->wakeup, POLLIN, 0}, {stop->fd, POLLIN, 0}};
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue; /* EINTR */
		if (fds[0].revents)
			return NULL;
		if (read(stop->fd, &info, sizeof(info)) == sizeof(info))
			take(stop, (int)info.ssi_signo);
	}
}

/* Who starts a program with a signal ignored, as a shell does in the background, wants that. */
static void add_unless_ignored(sigset_t *set, int number)
{
	struct sigaction action;

	if (!sigaction(number, NULL, &action) && action.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

static void release(struct stop_signals *stop)
{
	if (stop->fd >= 0)
		close(stop->fd);
	if (stop->wakeup >= 0)
		close(stop->wakeup);
	pthread_sigmask(SIG_SETMASK, &stop->before, NULL);
	pthread_mutex_destroy(&stop->lock);
	free(stop);
}

struct stop_signals *stop_signals_open(void)
{
	struct stop_signals *stop = calloc(1, sizeof(*stop));
	int error = ENOMEM;

	if (!stop)
		goto fail;
	pthread_mutex_init(&stop->lock, NULL);
	sigemptyset(&stop->set);
	add_unless_ignored(&stop->set, SIGINT);
	add_unless_ignored(&stop->set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &stop->set, &stop->before);
	stop->fd = signalfd(-1, &stop->set, SFD_CLOEXEC | SFD_NONBLOCK);
	stop->wakeup = eventfd(0, EFD_CLOEXEC);
	error = errno;
	if (stop->fd >= 0 && stop->wakeup >= 0)
		error = pthread_create(&stop->thread, NULL, stop_thread, stop);
	if (!error)
		return stop;
	release(stop);
fail:
	fprintf(stderr, "protvirt run: signals cannot be taken: %s\n", strerror(error));
	return NULL;
}

void stop_signals_begin(struct stop_signals *stop, struct vm *vm)
{
	pthread_mutex_lock(&stop->lock);
	stop->vm = vm;
	pthread_mutex_unlock(&stop->lock);
}

void stop_signals_end(struct stop_signals *stop)
{
	pthread_mutex_lock(&stop->lock);
	stop->vm = NULL;
	stop->over = true;
	pthread_mutex_unlock(&stop->lock);
}

void stop_signals_close(struct stop_signals *stop)
{
	const uint64_t one = 1;

	if (!stop)
		return;
	/* It cannot fail: the counter would have to be at its limit. */
	if (write(stop->wakeup, &one, sizeof(one)) == sizeof(one))
		pthread_join(stop->thread, NULL);
	release(stop);
}
