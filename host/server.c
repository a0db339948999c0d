// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine process: how it begins, whom it accepts, how it ends. */
#include "host/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/socket_path.h"
#include "client/wire.h"
#include "host/alloc.h"
#include "host/inject.h"
#include "host/server_state.h"
#include "host/uffd.h"

static _Atomic(struct server *) serving; /* for host_get_stats() */

/* ---- state that others ask for ---- */

static uint64_t nr_greeted_locked(const struct server *s)
{
	const struct process *p;
	uint64_t n = 0;

	LIST_FOREACH (p, &s->processes, link)
		n += p->greeted;
	return n;
}

bool server_reached(struct server *s, enum wait_for what)
{
	uint64_t processes, mms;

	pthread_mutex_lock(&s->lock);
	processes = nr_greeted_locked(s);
	mms = s->live_mms;
	pthread_mutex_unlock(&s->lock);
	if (what == WAIT_MM)
		return !mms;
	return !processes && (!s->params->idle || s->params->idle(s->params->context));
}

static void poke_queries(struct server *s)
{
	struct process *p;

	pthread_mutex_lock(&s->lock);
	LIST_FOREACH (p, &s->processes, link)
		if (!p->greeted)
			process_poke(p);
	pthread_mutex_unlock(&s->lock);
}

void server_changed(struct server *s)
{
	poke_queries(s);
	eventfd_write(s->wakeup, 1);
}

void host_get_stats(struct host_stats *stats)
{
	struct server *s = atomic_load(&serving);
	struct process *p;

	*stats = (struct host_stats){0};
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	stats->traps = true;
	stats->holes = s->holes;
	LIST_FOREACH (p, &s->processes, link) {
		pthread_mutex_lock(&p->lock);
		stats->processes += p->greeted;
		stats->tasks += p->nr_channels;
		stats->files += p->nr_objects;
		stats->traps &= !p->greeted || p->traps;
		pthread_mutex_unlock(&p->lock);
	}
	pthread_mutex_unlock(&s->lock);
}

bool server_take_userfaultfd(struct server *s, struct mm *mm, int fd)
{
	static _Atomic bool said;
	bool refused = s->params->holes;
	int err;

	if (refused && fd >= 0) {
		close(fd);
		fd = WIRE_NO_FD;
	}
	err = fd >= 0 ? mm_set_userfaultfd(mm, fd) : -EPERM;
	if (err && !atomic_exchange(&said, true))
		fprintf(stderr,
			"protvirt: %s: %s; the VMM reads zeros from secure pages (holes mode)\n",
			refused ? "traps are off" : "no userfaultfd from the VMM", strerror(-err));
	return !err;
}

/* ---- beginning ---- */

static int fail(const char *what, const char *name, int err)
{
	fprintf(stderr, "protvirt: %s %s: %s\n", what, name, strerror(-err));
	return err;
}

/* Return: does somebody listen there? Then it is not ours to take away. */
static bool in_use(const char *path)
{
	int fd = socket_path_connect(path);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != ECONNREFUSED;
}

/* Bound under another name first: who sees the path can connect to it. */
static int bind_path(int fd, const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct stat st;

	if (lstat(path, &st) == 0 && (!S_ISSOCK(st.st_mode) || in_use(path)))
		return -EADDRINUSE;
	if ((size_t)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s.%d", path, getpid()) >=
	    sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	unlink(sa.sun_path);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return -errno;
	if (listen(fd, 64) || rename(sa.sun_path, path)) {
		int err = -errno;

		unlink(sa.sun_path);
		return err;
	}
	return 0;
}

static int start_listening(struct server *s, const char *path)
{
	int err;

	s->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0)
		return fail("cannot make a socket for", path, -errno);
	err = bind_path(s->listener, path);
	if (err)
		return fail("cannot listen on", path, err);
	memcpy(s->path, path, strlen(path) + 1);
	return 0;
}

/* Without a place for it a private machine serves its VMM all the same. */
static void start_listening_privately(struct server *s)
{
	char dir[sizeof(s->path)];
	char path[2 * sizeof(dir)];
	int err = socket_path_dir(dir, sizeof(dir));

	if (err) {
		fail("cannot be found by `protvirt status`: directory", dir, err);
		return;
	}
	snprintf(path, sizeof(path), "%s/%d.sock", dir, getpid());
	start_listening(s, path);
}

static void raise_descriptor_limit(rlim_t *limit)
{
	struct rlimit rl;

	*limit = 1024;
	if (getrlimit(RLIMIT_NOFILE, &rl))
		return;
	*limit = rl.rlim_max;
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
}

/* A private machine has one user, who would only harm itself. Others share our descriptors. */
static void set_limits(struct server *s, rlim_t descriptors)
{
	if (s->params->limits)
		s->limits = *s->params->limits;
	else if (s->params->private_fd < 0)
		s->limits = (struct mm_limits){
			.files = descriptors / 16,
			.tasks = descriptors / 32,
			.backings = descriptors / 32,
		};
}

static int block_signals(void)
{
	sigset_t all, ours;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	return signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int server_init(struct server *s, const struct host_server_params *p)
{
	rlim_t descriptors;

	LIST_INIT(&s->processes);
	SLIST_INIT(&s->threads);
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->objects_lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	pthread_cond_init(&s->released, NULL);
	raise_descriptor_limit(&descriptors);
	set_limits(s, descriptors);
	if (!p->debuggable)
		prctl(PR_SET_DUMPABLE, 0);
	s->signals = block_signals();
	s->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->query_wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->signals < 0 || s->wakeup < 0 || s->query_wakeup < 0 || s->spare < 0 || s->epoll < 0)
		return -errno;
	return getrandom(s->id, sizeof(s->id), 0) == sizeof(s->id) ? 0 : -EIO;
}

static void server_fini(struct server *s)
{
	const int fds[] = {s->signals, s->wakeup, s->query_wakeup,
			   s->spare,   s->epoll,  s->listener};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	pthread_cond_destroy(&s->released);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->objects_lock);
	pthread_mutex_destroy(&s->lock);
	host_free(s);
}

static int watch(struct server *s, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

/* ---- serving ---- */

/* No descriptor is left: give one up to take the connection, and close that. */
static void refuse_connection(struct server *s)
{
	int fd;

	close(s->spare);
	fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void accept_one(struct server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		process_create(s, fd);
	else if (errno == EMFILE || errno == ENFILE)
		refuse_connection(s);
}

static void join_ended(struct server *s)
{
	struct event_thread *et;

	pthread_mutex_lock(&s->lock);
	while ((et = SLIST_FIRST(&s->threads))) {
		SLIST_REMOVE_HEAD(&s->threads, link);
		pthread_mutex_unlock(&s->lock);
		pthread_join(et->thread, NULL);
		host_free(et);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
}

/* A private machine ends with its last VMM. Queries do not count. */
static bool last_user_gone(struct server *s)
{
	const struct process *p;
	bool gone = s->params->private_fd >= 0;

	pthread_mutex_lock(&s->lock);
	LIST_FOREACH (p, &s->processes, link)
		gone &= !p->greeted && !p->starter;
	pthread_mutex_unlock(&s->lock);
	return gone;
}

static void serve(struct server *s)
{
	struct epoll_event ev;
	bool stop = false;

	while (!stop) {
		if (epoll_wait(s->epoll, &ev, 1, -1) != 1)
			continue;
		if (ev.data.fd == s->listener)
			accept_one(s);
		else if (ev.data.fd == s->signals)
			stop = true;
		else
			eventfd_read(ev.data.fd, &(eventfd_t){0});
		if (ev.data.fd == s->query_wakeup)
			poke_queries(s);
		join_ended(s);
		stop |= last_user_gone(s);
	}
}

/* The end in order: no rule holds anybody; nobody new; all VMMs see EIO; everything is released; all threads are gone. */
static void stop_serving(struct server *s)
{
	struct process *p;

	inject_clear();
	if (s->listener >= 0) {
		unlink(s->path);
		close(s->listener);
		s->listener = -1;
	}
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->stopping, true);
	LIST_FOREACH (p, &s->processes, link)
		process_poke(p);
	while (s->nr_processes)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	join_ended(s);
}

static int begin(struct server *s)
{
	const struct host_server_params *p = s->params;
	int err = p->listen_path ? start_listening(s, p->listen_path) : 0;

	if (err)
		return err;
	if (p->private_fd >= 0) {
		start_listening_privately(s);
		err = process_create(s, p->private_fd);
		if (err)
			return fail("cannot serve", "the VMM that started this machine", err);
	}
	err = watch(s, s->signals);
	if (!err)
		err = watch(s, s->wakeup);
	if (!err)
		err = watch(s, s->query_wakeup);
	if (!err && s->listener >= 0)
		err = watch(s, s->listener);
	return err;
}

/*
 * A private machine is not to be a child that its VMM has to wait for: go on in a grandchild. The
 * VMM waits for the first process, whose exit status says whether there is a machine.
 */
static int leave_family(void)
{
	pid_t child = fork();

	if (child > 0)
		_exit(0);
	return child < 0 ? -errno : 0;
}

static void set_wake(const struct host_server_params *p, int fd)
{
	if (p->set_wake)
		p->set_wake(p->context, fd);
}

int host_serve(const struct host_server_params *p)
{
	struct server *s = host_zalloc(sizeof(*s));
	int err;

	if (!s)
		return fail("cannot start", "the machine", -ENOMEM);
	s->params = p;
	s->listener = s->signals = s->wakeup = s->query_wakeup = s->spare = s->epoll = -1;
	err = p->private_fd >= 0 ? leave_family() : 0;
	if (!err)
		err = server_init(s, p);
	if (err)
		fail("cannot start", "the machine", err);
	else
		err = begin(s);
	atomic_store(&serving, s);
	set_wake(p, s->query_wakeup);
	if (!err)
		serve(s);
	stop_serving(s);
	set_wake(p, -1);
	atomic_store(&serving, NULL);
	server_fini(s);
	return err;
}
