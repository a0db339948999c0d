// SPDX-License-Identifier: GPL-2.0-or-later
/* The client library as a VMM sees it, with a private machine. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "client/control.h"
#include "client/protocol.h"
#include "machine_run.h"
#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "test_device.h"

static int kvm_fd;
static int made; /* files released so far that this program has made */

static int setup(void **state)
{
	kvm_fd = protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);
	return kvm_fd < 0;
}

static int teardown(void **state)
{
	return protvirt_close(kvm_fd);
}

static int make_file(void)
{
	int fd = protvirt_ioctl(kvm_fd, DEV_MAKE, 0);

	assert_true(fd >= 0);
	return fd;
}

/* Closes the last descriptor of a made file and waits until the machine has released it */
static void close_and_wait(int fd)
{
	close(fd);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_RELEASED, (uintptr_t)++made), 0);
}

static struct dev_page *map_page(int fd)
{
	void *p = protvirt_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

/* Until @n sleeping ioctls on the file have come so far that only a wake-up ends them */
static void wait_asleep(struct dev_page *page, uint32_t n)
{
	uint32_t seen;

	while ((seen = atomic_load(&page->asleep)) < n)
		syscall(SYS_futex, &page->asleep, FUTEX_WAIT, seen, NULL, NULL, 0);
}

/* ---- open, ioctl, close ---- */

static void only_dev_kvm_can_be_opened(void **state)
{
	assert_int_equal(protvirt_open("/dev/null", O_RDWR), -1);
	assert_int_equal(errno, ENOENT);
}

static void close_on_exec_is_as_asked(void **state)
{
	int fd = protvirt_open("/dev/kvm", O_RDWR);

	assert_int_equal(fcntl(kvm_fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	close(fd);
	fd = make_file();
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close_and_wait(fd);
}

static void ioctl_reads_and_writes_its_argument(void **state)
{
	int value = 41;

	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_INC, (uintptr_t)&value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_GET, (uintptr_t)&value), 0);
	assert_int_equal(value, 4711);
}

static void bad_argument_gives_efault(void **state)
{
	int *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*page = 7;
	mprotect(page, 4096, PROT_READ);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_INC, (uintptr_t)page), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(*page, 7);
	munmap(page, 4096);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_INC, (uintptr_t)page), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_GET, 8), -1);
	assert_int_equal(errno, EFAULT);
}

/* The kernel refuses addresses that are none of a program's before it looks what it stores. */
static void address_outside_user_space_is_a_bad_one(void **state)
{
	const uintptr_t outside[] = {UINTPTR_MAX - 4095, UINTPTR_MAX, 1UL << 63};

	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		assert_int_equal(protvirt_ioctl(kvm_fd, DEV_GET, outside[i]), -1);
		assert_int_equal(errno, EFAULT);
		assert_int_equal(protvirt_ioctl(kvm_fd, DEV_INC, outside[i]), -1);
		assert_int_equal(errno, EFAULT);
		/* Nothing to store: the address does not matter. */
		assert_int_equal(protvirt_ioctl(kvm_fd, _IOR('T', 99, int), outside[i]), -1);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(protvirt_ioctl(kvm_fd, _IOR('T', 99, int), 8), -1);
	assert_int_equal(errno, EINVAL);
}

/* A page, and nothing behind it */
static uint8_t *map_last_page(void)
{
	uint8_t *page =
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(page, MAP_FAILED);
	munmap(page + 4096, 4096);
	return page;
}

static void answer_is_stored_up_to_the_bad_address(void **state)
{
	uint8_t *page = map_last_page();
	struct dev_copy c = {(uintptr_t)page, (uintptr_t)page + 4096 - 100, 200};
	const int value = 4711;

	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_GET, (uintptr_t)page + 4094), -1);
	assert_int_equal(errno, EFAULT);
	assert_memory_equal(page + 4094, &value, 2);
	memset(page, 5, 4096 - 100);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_COPY, (uintptr_t)&c), -1);
	assert_int_equal(errno, EFAULT);
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(page[i], 5);
	munmap(page, 4096);
}

static void part_of_the_structure_is_left_alone(void **state)
{
	uint8_t *page = map_last_page();
	struct dev_make *m = (struct dev_make *)page;

	m->type = 77;
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_TAIL, (uintptr_t)m), 0);
	assert_int_equal(m->type, 77);
	assert_int_equal(m->fd, 4711);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_TAIL, (uintptr_t)page + 4092), -1);
	assert_int_equal(errno, EFAULT);
	mprotect(page, 4096, PROT_READ);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_TAIL, (uintptr_t)m), -1);
	assert_int_equal(errno, EFAULT);
	munmap(page, 4096);
}

/*
 * The answer that could not be stored has said what the machine knows from now on. Were that lost,
 * an object whose place another one took would be named in vain.
 */
static void object_can_be_named_after_a_bad_address(void **state)
{
	int fds[3 * PROTVIRT_KNOWN], value = 0;
	const size_t n = sizeof(fds) / sizeof(fds[0]);

	for (size_t i = 0; i < n; i++) {
		uintptr_t where = i < PROTVIRT_KNOWN ? (uintptr_t)&value : 8;

		fds[i] = protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);
		assert_int_equal(protvirt_ioctl(fds[i], DEV_GET, where), where == 8 ? -1 : 0);
		assert_true(where != 8 || errno == EFAULT);
	}
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(protvirt_ioctl(fds[i], DEV_GET, (uintptr_t)&value), 0);
		assert_int_equal(value, 4711);
		protvirt_close(fds[i]);
	}
}

static void foreign_descriptors_are_told_apart(void **state)
{
	int null = open("/dev/null", O_RDWR);
	int pair[2];

	assert_int_equal(protvirt_ioctl(null, DEV_GET, 0), -1);
	assert_int_equal(errno, ENOTTY);
	close(null);
	assert_int_equal(protvirt_ioctl(null, DEV_GET, 0), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(protvirt_ioctl(pair[0], DEV_GET, 0), -1);
	assert_int_equal(errno, ENOTTY);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(protvirt_ioctl(kvm_fd, 0xdead, 0), -1);
	assert_int_equal(errno, EINVAL);
}

static void long_copies_go_in_parts(void **state)
{
	const size_t len = 3 * 65536 + 123;
	uint8_t *from = malloc(len), *to = calloc(1, len);
	struct dev_copy c = {(uintptr_t)from, (uintptr_t)to, len};

	for (size_t i = 0; i < len; i++)
		from[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_COPY, (uintptr_t)&c), 0);
	assert_memory_equal(from, to, len);
	c.to = 4096;
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_COPY, (uintptr_t)&c), -1);
	assert_int_equal(errno, EFAULT);
	free(from);
	free(to);
}

static void descriptor_number_goes_into_the_structure(void **state)
{
	struct dev_make m = {.fd = -1};

	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_MAKE_AT, (uintptr_t)&m), 0);
	assert_true(m.fd >= 0);
	assert_int_equal(protvirt_ioctl(m.fd, DEV_WAKE + 100, 0), -1);
	assert_int_equal(errno, ENOTTY);
	close_and_wait(m.fd);
}

static void no_room_for_a_descriptor_gives_emfile(void **state)
{
	struct rlimit old, tight;

	protvirt_ioctl(kvm_fd, DEV_KICKED, 0); /* there is a channel already */
	getrlimit(RLIMIT_NOFILE, &old);
	tight = old;
	tight.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &tight);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_MAKE, 0), -1);
	assert_int_equal(errno, EMFILE);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_RELEASED, (uintptr_t)++made), 0);
}

static void mapping_is_shared_with_the_machine(void **state)
{
	int fd = make_file();
	struct dev_page *page = map_page(fd);

	errno = 0;
	assert_ptr_equal(protvirt_mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	assert_ptr_equal(protvirt_mmap(NULL, 4096, PROT_READ, MAP_SHARED, kvm_fd, 0), MAP_FAILED);
	assert_int_equal(errno, ENODEV);
	close_and_wait(fd);
	assert_int_equal(page->asleep, 0);
	munmap(page, 4096);
}

static void duplicate_keeps_the_object(void **state)
{
	int fd = make_file();
	int copy = dup(fd);

	close(fd);
	assert_int_equal(protvirt_ioctl(copy, DEV_WAKE + 100, 0), -1);
	assert_int_equal(errno, ENOTTY);
	close_and_wait(copy);
}

/* ---- threads and signals ---- */

struct sleeper {
	int fd;
	unsigned long cmd;
	int ret;
	int err;
	pthread_t thread;
	sigset_t unblock;
};

static void *sleep_in_ioctl(void *arg)
{
	struct sleeper *s = arg;

	pthread_sigmask(SIG_UNBLOCK, &s->unblock, NULL);
	s->ret = protvirt_ioctl(s->fd, s->cmd, 0);
	s->err = errno;
	return NULL;
}

static void start_sleeper(struct sleeper *s, int fd, unsigned long cmd, int signal)
{
	s->fd = fd;
	s->cmd = cmd;
	sigemptyset(&s->unblock);
	if (signal)
		sigaddset(&s->unblock, signal);
	assert_int_equal(pthread_create(&s->thread, NULL, sleep_in_ioctl, s), 0);
}

static void two_threads_are_in_ioctls_of_one_object(void **state)
{
	int fd = make_file();
	struct dev_page *page = map_page(fd);
	struct sleeper a;

	start_sleeper(&a, fd, DEV_SLEEP, 0);
	wait_asleep(page, 1);
	assert_int_equal(protvirt_ioctl(fd, DEV_WAKE, 0), 0);
	pthread_join(a.thread, NULL);
	assert_int_equal(a.ret, 0);
	munmap(page, 4096);
	close_and_wait(fd);
}

/* ---- the last close ---- */

static int count_released(void)
{
	return protvirt_ioctl(kvm_fd, DEV_COUNT, 0);
}

static void last_close_has_released_when_it_returns(void **state)
{
	for (int i = 0; i < 200; i++) {
		assert_int_equal(protvirt_close(make_file()), 0);
		assert_int_equal(count_released(), ++made);
	}
}

static void close_of_one_of_two_releases_nothing(void **state)
{
	int fd = make_file();
	int copy = dup(fd);

	assert_int_equal(protvirt_close(fd), 0);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(count_released(), made);
	assert_int_equal(protvirt_close(copy), 0);
	assert_int_equal(count_released(), ++made);
}

static void close_of_what_is_no_object_is_close(void **state)
{
	int pipes[2];

	assert_int_equal(protvirt_close(-1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(protvirt_close(pipes[0]), 0);
	assert_int_equal(protvirt_close(pipes[0]), -1);
	assert_int_equal(errno, EBADF);
	close(pipes[1]);
}

static void handle(int signal);

/* As with close(2), an ioctl in progress keeps the file, and releases it before it returns. */
static void close_does_not_wait_for_an_ioctl(void **state)
{
	struct sigaction action = {.sa_handler = handle};
	int fd = make_file();
	struct dev_page *page = map_page(fd);
	struct sleeper a;

	sigaction(SIGUSR1, &action, NULL);
	start_sleeper(&a, fd, KVM_RUN, SIGUSR1);
	wait_asleep(page, 1);
	assert_int_equal(protvirt_close(fd), 0);
	assert_int_equal(count_released(), made);
	pthread_kill(a.thread, SIGUSR1);
	pthread_join(a.thread, NULL);
	assert_int_equal(a.ret, -1);
	assert_int_equal(a.err, EINTR);
	assert_int_equal(count_released(), ++made);
	munmap(page, 4096);
}

static void *close_it(void *fd)
{
	protvirt_close(*(int *)fd);
	return NULL;
}

/* Whichever of two closes is the last one: when both have returned it is released. */
static void racing_closes_release_once(void **state)
{
	for (int i = 0; i < 100; i++) {
		int fd = make_file();
		int copy = dup(fd);
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, close_it, &copy), 0);
		assert_int_equal(protvirt_close(fd), 0);
		pthread_join(thread, NULL);
		assert_int_equal(count_released(), ++made);
	}
}

/* ---- signals ---- */

static _Atomic int handled;

static void handle(int signal)
{
	atomic_fetch_add(&handled, 1);
}

static void catch (int signal)
{
	struct sigaction sa = {.sa_handler = handle};

	sigaction(signal, &sa, NULL);
	atomic_store(&handled, 0);
}

static void signal_ends_kvm_run(void **state)
{
	int fd = make_file();
	struct dev_page *page = map_page(fd);
	struct sleeper s;

	catch (SIGUSR1);
	start_sleeper(&s, fd, KVM_RUN, SIGUSR1);
	wait_asleep(page, 1);
	pthread_kill(s.thread, SIGUSR1);
	pthread_join(s.thread, NULL);
	assert_int_equal(s.ret, -1);
	assert_int_equal(s.err, EINTR);
	assert_int_equal(handled, 1);
	munmap(page, 4096);
	close_and_wait(fd);
}

static void blocked_signal_does_not(void **state)
{
	int fd = make_file();
	struct dev_page *page = map_page(fd);
	struct sleeper s;

	catch (SIGUSR2);
	start_sleeper(&s, fd, KVM_RUN, 0); /* inherits SIGUSR2 blocked */
	wait_asleep(page, 1);
	pthread_kill(s.thread, SIGUSR2);
	assert_int_equal(protvirt_ioctl(fd, DEV_WAKE, 0), 0);
	pthread_join(s.thread, NULL);
	assert_int_equal(s.ret, 0);
	assert_int_equal(handled, 0);
	munmap(page, 4096);
	close_and_wait(fd);
}

static int set_signal_mask(int fd, uint64_t mask)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8];
	} m = {.head.len = 8};

	memcpy(m.set, &mask, sizeof(mask));
	return protvirt_ioctl(fd, KVM_SET_SIGNAL_MASK, (uintptr_t)&m);
}

static void vcpu_mask_replaces_the_threads(void **state)
{
	int fd = make_file();
	struct dev_page *page = map_page(fd);
	struct sleeper s;

	catch (SIGUSR2);
	assert_int_equal(set_signal_mask(fd, 0), 0);
	start_sleeper(&s, fd, KVM_RUN, 0); /* SIGUSR2 is blocked in the thread, not in KVM_RUN */
	wait_asleep(page, 1);
	pthread_kill(s.thread, SIGUSR2);
	pthread_join(s.thread, NULL);
	assert_int_equal(s.err, EINTR);
	assert_int_equal(handled, 1);
	assert_int_equal(protvirt_ioctl(fd, KVM_SET_SIGNAL_MASK, 0), 0);
	munmap(page, 4096);
	close_and_wait(fd);
}

/* Pending before the ioctl begins: not lost. */
static void pending_signal_ends_kvm_run(void **state)
{
	int fd = make_file();
	sigset_t set, old;

	catch (SIGUSR2);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	pthread_kill(pthread_self(), SIGUSR2);
	assert_int_equal(set_signal_mask(fd, 0), 0);
	assert_int_equal(protvirt_ioctl(fd, KVM_RUN, 0), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(handled, 1);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close_and_wait(fd);
}

/* A kick that came too late for its ioctl must not end the next one. */
static void kick_is_for_one_ioctl(void **state)
{
	int fd = make_file();

	catch (SIGUSR1);
	assert_int_equal(set_signal_mask(fd, 0), 0);
	for (int i = 0; i < 20; i++) {
		pthread_kill(pthread_self(), SIGUSR1);
		assert_int_equal(protvirt_ioctl(kvm_fd, DEV_KICKED, 0), 0);
	}
	close_and_wait(fd);
}

static void signal_does_not_end_other_ioctls(void **state)
{
	int fd = make_file();
	struct dev_page *page = map_page(fd);
	struct sleeper s;

	catch (SIGUSR1);
	start_sleeper(&s, fd, DEV_SLEEP, SIGUSR1);
	wait_asleep(page, 1);
	pthread_kill(s.thread, SIGUSR1);
	assert_int_equal(protvirt_ioctl(fd, DEV_WAKE, 0), 0);
	pthread_join(s.thread, NULL);
	assert_int_equal(s.ret, 0);
	assert_int_equal(handled, 1);
	munmap(page, 4096);
	close_and_wait(fd);
}

static int run_nested_ret;

static void handle_with_ioctl(int signal)
{
	int err = errno;

	run_nested_ret = protvirt_ioctl(kvm_fd, DEV_KICKED, 0);
	errno = err;
}

static void handler_may_call_while_kvm_run_waits(void **state)
{
	struct sigaction sa = {.sa_handler = handle_with_ioctl};
	struct dev_page *page;
	struct sleeper s;
	int fd;

#ifdef __SANITIZE_THREAD__
	skip(); /* it would warn of the allocation of a second channel, harmless in ppoll(2) */
#endif
	fd = make_file();
	page = map_page(fd);
	sigaction(SIGUSR1, &sa, NULL);
	run_nested_ret = -1;
	start_sleeper(&s, fd, KVM_RUN, SIGUSR1);
	wait_asleep(page, 1);
	pthread_kill(s.thread, SIGUSR1);
	pthread_join(s.thread, NULL);
	assert_int_equal(s.err, EINTR);
	assert_int_equal(run_nested_ret, 0);
	munmap(page, 4096);
	close_and_wait(fd);
}

static void *one_ioctl(void *arg)
{
	int value = 1;

	return protvirt_ioctl(kvm_fd, DEV_INC, (uintptr_t)&value) == 0 ? NULL : arg;
}

static void *die_without_saying_so(void *arg)
{
	one_ioctl(arg);
	syscall(SYS_exit, 0);
	return NULL;
}

/* The address space lives with the threads that are left. */
static void threads_come_and_go(void **state)
{
	int fd = make_file();
	pthread_t thread;
	void *failed;

	for (int i = 0; i < 50; i++) {
		assert_int_equal(pthread_create(&thread, NULL, one_ioctl, &kvm_fd), 0);
		pthread_join(thread, &failed);
		assert_null(failed);
	}
	assert_int_equal(protvirt_ioctl(fd, DEV_WAKE + 100, 0), -1);
	assert_int_equal(errno, ENOTTY);
	close_and_wait(fd);
}

static void one_threads_death_is_not_the_others(void **state)
{
	pthread_t thread;
	int fd;

#ifdef __SANITIZE_THREAD__
	skip(); /* it waits for ever for a thread that ends past the C library */
#endif
	fd = make_file();
	assert_int_equal(pthread_create(&thread, NULL, die_without_saying_so, NULL), 0);
	pthread_join(thread, NULL);
	assert_int_equal(protvirt_ioctl(fd, DEV_WAKE + 100, 0), -1);
	assert_int_equal(errno, ENOTTY);
	close_and_wait(fd);
}

/* ---- fork ---- */

static int child_status(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int in_child(int fd)
{
	int own, value = 1;

	if (protvirt_ioctl(fd, DEV_WAKE, 0) != -1 || errno != EIO)
		return 1;
	if (protvirt_ioctl(kvm_fd, DEV_INC, (uintptr_t)&value) || value != 2)
		return 2;
	own = protvirt_ioctl(kvm_fd, DEV_MAKE, 0);
	if (own < 0 || protvirt_ioctl(own, DEV_WAKE + 100, 0) != -1 || errno != ENOTTY)
		return 3;
	return protvirt_open("/dev/kvm", O_RDWR) < 0 ? 4 : 0;
}

/* The child is another address space: EIO on the parent's objects, its own work. */
static void forked_child_is_another_address_space(void **state)
{
	int fd = make_file();
	pid_t child = fork();

	if (child == 0)
		_exit(in_child(fd));
	assert_int_equal(child_status(child), 0);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_RELEASED, (uintptr_t)++made), 0);
	assert_int_equal(protvirt_ioctl(fd, DEV_WAKE + 100, 0), -1);
	assert_int_equal(errno, ENOTTY);
	close_and_wait(fd);
}

static void forked_child_keeps_objects(void **state)
{
	int fd = make_file();
	int go[2];
	pid_t child;
	char byte;

	assert_int_equal(pipe(go), 0);
	child = fork();
	if (child == 0) {
		close(go[1]);
		_exit(read(go[0], &byte, 1) != 0); /* until the parent closes it */
	}
	close(go[0]);
	assert_int_equal(protvirt_ioctl(fd, DEV_WAKE + 100, 0), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(protvirt_close(fd), 0);
	assert_int_equal(count_released(), made);
	close(go[1]);
	assert_int_equal(child_status(child), 0);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_RELEASED, (uintptr_t)++made), 0);
}

/* ---- guest memory ---- */

static uint32_t peek(int fd, uint64_t offset)
{
	struct dev_range r = {.uva = offset};

	assert_int_equal(protvirt_ioctl(fd, DEV_PEEK, (uintptr_t)&r), 0);
	return r.value;
}

static void anonymous_memory_is_shared_in_place(void **state)
{
	const size_t len = 1 << 20;
	uint32_t *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct dev_range r = {.uva = (uintptr_t)mem, .len = len};
	int fd = make_file();

	mem[5] = 0x1234;
	assert_int_equal(protvirt_ioctl(fd, DEV_SHARE, (uintptr_t)&r), 0);
	assert_int_equal(r.segments, 1);
	assert_int_equal(mem[5], 0x1234);
	assert_int_equal(peek(fd, 20), 0x1234);
	mem[1025] = 0x5678;
	assert_int_equal(peek(fd, 4100), 0x5678);
	munmap(mem, len);
	assert_int_equal(peek(fd, 20), 0x1234);
	assert_int_equal(protvirt_ioctl(fd, DEV_SHARE, (uintptr_t)&r), -1);
	assert_int_equal(errno, EFAULT);
	close_and_wait(fd);
}

static void allocated_memory_is_shared_from_the_start(void **state)
{
	const size_t len = 1 << 20;
	uint32_t *mem = protvirt_alloc_guest_memory(len);
	struct dev_range r = {.uva = (uintptr_t)mem, .len = len};
	int fd = make_file();

	assert_non_null(mem);
	mem[5] = 0x4321;
	assert_int_equal(protvirt_ioctl(fd, DEV_SHARE, (uintptr_t)&r), 0);
	assert_int_equal(peek(fd, 20), 0x4321);
	assert_int_equal(protvirt_free_guest_memory(mem, len), 0);
	assert_int_equal(peek(fd, 20), 0x4321);
	assert_null(protvirt_alloc_guest_memory(4097));
	assert_int_equal(errno, EINVAL);
	close_and_wait(fd);
}

static void guest_memory_is_not_inherited(void **state)
{
	const size_t len = 1 << 16;
	uint32_t *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct dev_range r = {.uva = (uintptr_t)mem, .len = len};
	int fd = make_file();
	pid_t child;

	assert_int_equal(protvirt_ioctl(fd, DEV_SHARE, (uintptr_t)&r), 0);
	child = fork();
	if (child == 0) {
		int null = open("/dev/zero", O_RDONLY);

		_exit(read(null, mem, 4) == -1 && errno == EFAULT ? 0 : 1);
	}
	assert_int_equal(child_status(child), 0);
	close_and_wait(fd);
	munmap(mem, len);
}

static void range_must_be_guest_memory(void **state)
{
	const size_t len = 1 << 16;
	uint8_t *mem = protvirt_alloc_guest_memory(len);

	assert_int_equal(protvirt_make_accessible(mem, len), 0);
	assert_int_equal(protvirt_make_accessible(mem + 1, 4096), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(protvirt_make_accessible(mem + len, 4096), -1);
	assert_int_equal(errno, EINVAL);
	protvirt_free_guest_memory(mem, len);
}

/* ---- the machine's other side ---- */

#define PATIENCE_S 60 /* only a failing test waits that long */

/* The machine hears of the end of a process, such as a child of the case before, a moment later. */
static bool becomes_the_only_process(const char *path)
{
	time_t end = time(NULL) + PATIENCE_S;
	char *answer;
	bool only;

	do {
		sched_yield();
		assert_int_equal(host_control_query(path, "status", &answer), 0);
		only = strstr(answer, "\"processes\":1,");
		free(answer);
	} while (!only && time(NULL) < end);
	return only;
}

static void machine_can_be_found_and_asked(void **state)
{
	struct host_machine *machines;
	char *answer;

	assert_int_equal(host_control_discover(&machines), 1);
	assert_true(becomes_the_only_process(machines[0].path));
	assert_int_equal(host_control_query(machines[0].path, "echo 0123456789", &answer), -EXFULL);
	assert_int_equal(strlen(answer), 200000);
	free(answer);
	assert_int_equal(host_control_query(machines[0].path, "nonsense", &answer), -EOPNOTSUPP);
	free(answer);
	free(machines);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(only_dev_kvm_can_be_opened),
		CASE(close_on_exec_is_as_asked),
		CASE(ioctl_reads_and_writes_its_argument),
		CASE(bad_argument_gives_efault),
		CASE(address_outside_user_space_is_a_bad_one),
		CASE(answer_is_stored_up_to_the_bad_address),
		CASE(part_of_the_structure_is_left_alone),
		CASE(object_can_be_named_after_a_bad_address),
		CASE(foreign_descriptors_are_told_apart),
		CASE(long_copies_go_in_parts),
		CASE(descriptor_number_goes_into_the_structure),
		CASE(no_room_for_a_descriptor_gives_emfile),
		CASE(mapping_is_shared_with_the_machine),
		CASE(duplicate_keeps_the_object),
		CASE(two_threads_are_in_ioctls_of_one_object),
		CASE(last_close_has_released_when_it_returns),
		CASE(close_of_one_of_two_releases_nothing),
		CASE(close_of_what_is_no_object_is_close),
		CASE(close_does_not_wait_for_an_ioctl),
		CASE(racing_closes_release_once),
		CASE(signal_ends_kvm_run),
		CASE(blocked_signal_does_not),
		CASE(vcpu_mask_replaces_the_threads),
		CASE(pending_signal_ends_kvm_run),
		CASE(kick_is_for_one_ioctl),
		CASE(signal_does_not_end_other_ioctls),
		CASE(handler_may_call_while_kvm_run_waits),
		CASE(threads_come_and_go),
		CASE(one_threads_death_is_not_the_others),
		CASE(forked_child_is_another_address_space),
		CASE(forked_child_keeps_objects),
		CASE(anonymous_memory_is_shared_in_place),
		CASE(allocated_memory_is_shared_from_the_start),
		CASE(guest_memory_is_not_inherited),
		CASE(range_must_be_guest_memory),
		CASE(machine_can_be_found_and_asked),
	};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* for the threads; a case unblocks what it needs */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return machine_run_tests(run);
}
