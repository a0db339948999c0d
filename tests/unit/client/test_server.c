// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One machine, many VMMs: how they die, what they hand on, what they do wrong.
 *
 * VMMs are children of the test program, which itself only asks the machine.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "client/channel.h"
#include "client/control.h"
#include "client/protocol.h"
#include "client/socket_path.h"
#include "client/wire.h"
#include "machine_run.h"
#include "protvirt/protvirt.h"
#include "test_device.h"

static char dir[] = "/tmp/protvirt-server-XXXXXX";
static char path[64];
static pid_t machine;

static int setup(void **state)
{
	machine = machine_listen(path);
	return 0;
}

/* The machine's exit status says whether it has leaked anything */
static int end_machine(void)
{
	int status;

	kill(machine, SIGTERM);
	assert_int_equal(waitpid(machine, &status, 0), machine);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int teardown(void **state)
{
	if (!machine)
		return 0;
	assert_int_equal(end_machine(), 0);
	assert_int_equal(access(path, F_OK), -1);
	return 0;
}

static void ask(const char *verb, const char *expected)
{
	char *answer;

	assert_int_equal(host_control_query(path, verb, &answer), 0);
	assert_string_equal(answer, expected);
	free(answer);
}

/**
 * struct vmm - a VMM process
 * @pid: its process
 * @fd: our end of a socket to it
 */
struct vmm {
	pid_t pid;
	int fd;
};

static struct vmm vmm_start(int (*run)(int fd))
{
	struct vmm v;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	v.pid = fork();
	if (v.pid == 0) {
		close(pair[0]);
		_exit(run(pair[1]));
	}
	close(pair[1]);
	v.fd = pair[0];
	return v;
}

/* One word between test and VMM */
static void tell(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

static bool told(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 1;
}

static int vmm_end(struct vmm *v)
{
	int status;

	close(v->fd);
	assert_int_equal(waitpid(v->pid, &status, 0), v->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int make(void)
{
	int kvm = protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);

	return kvm < 0 ? -1 : protvirt_ioctl(kvm, DEV_MAKE, 0);
}

/* ---- deaths ---- */

static void *sleep_in_ioctl(void *arg)
{
	protvirt_ioctl(*(int *)arg, DEV_SLEEP, 0);
	return NULL;
}

/* A thread sleeps in an ioctl when the test hears of us. */
static int run_sleeper(int fd)
{
	static int made;
	struct dev_page *page;
	pthread_t thread;

	made = make();
	page = protvirt_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, made, 0);
	if (made < 0 || page == MAP_FAILED)
		return 1;
	pthread_create(&thread, NULL, sleep_in_ioctl, &made);
	while (!atomic_load(&page->asleep))
		syscall(SYS_futex, &page->asleep, FUTEX_WAIT, 0, NULL, NULL, 0);
	tell(fd);
	return told(fd);
}

static void kill_wakes_and_memory_goes_before_files(void **state)
{
	struct vmm v = vmm_start(run_sleeper);

	assert_true(told(v.fd));
	kill(v.pid, SIGKILL);
	assert_int_equal(vmm_end(&v), -SIGKILL);
	ask("wait-mm", "");
	ask("wait-idle", "");
	ask("events", "gr");
}

static void exit_is_as_good(void **state)
{
	struct vmm v = vmm_start(run_sleeper);

	assert_true(told(v.fd));
	tell(v.fd);
	assert_int_equal(vmm_end(&v), 1);
	ask("wait-idle", "");
	ask("events", "gr");
}

/* fork(2) past the handlers of the C library: the child holds every socket of the VMM. */
static int run_with_holder(int fd)
{
	int made = make();

	if (made < 0)
		return 1;
	if (syscall(SYS_fork) == 0) {
		tell(fd);
		return told(fd);
	}
	return told(fd);
}

static void death_is_seen_while_a_child_holds_the_sockets(void **state)
{
	struct vmm v = vmm_start(run_with_holder);
	int status;

	assert_true(told(v.fd));
	kill(v.pid, SIGKILL);
	assert_int_equal(waitpid(v.pid, &status, 0), v.pid);
	ask("wait-mm", "");
	ask("events", "g");
	close(v.fd);
	ask("wait-idle", "");
	ask("events", "gr");
}

static int slow, behind;

static void *close_behind(void *unused)
{
	protvirt_close(behind);
	return NULL;
}

/* A thread waits in protvirt_close() when the test hears of us: a release before its own is slow.
 */
static int run_closer(int fd)
{
	pthread_t thread;

	slow = make();
	behind = make();
	if (slow < 0 || behind < 0 || protvirt_ioctl(slow, DEV_SLOW, 0))
		return 1;
	close(slow);
	pthread_create(&thread, NULL, close_behind, NULL);
	while (fcntl(behind, F_GETFD) >= 0)
		sched_yield();
	tell(fd);
	return told(fd);
}

/* The address space goes before the file, though a task of it waits for that. */
static void kill_ends_a_close_that_waits(void **state)
{
	struct vmm v = vmm_start(run_closer);

	assert_true(told(v.fd));
	kill(v.pid, SIGKILL);
	assert_int_equal(vmm_end(&v), -SIGKILL);
	ask("go", "");
	ask("wait-mm", "");
	ask("wait-idle", "");
}

/* ---- handing on ---- */

static int run_giver(int fd)
{
	struct protvirt_message m = {0};

	return wire_send(fd, &m, NULL, make(), 0) || !told(fd);
}

static int run_taker(int fd)
{
	struct protvirt_message m;
	int got, own;

	if (wire_recv(fd, &m, NULL, 0, &got, 0) || got < 0)
		return 1;
	if (protvirt_ioctl(got, DEV_WAKE, 0) != -1 || errno != EIO)
		return 2;
	own = make();
	if (own < 0 || protvirt_ioctl(own, DEV_WAKE + 100, 0) != -1 || errno != ENOTTY)
		return 3;
	close(own);
	tell(fd);
	if (!told(fd))
		return 4;
	return protvirt_ioctl(got, DEV_WAKE, 0) != -1 || errno != EIO ? 5 : 0;
}

static void passed_descriptor_outlives_its_maker(void **state)
{
	struct vmm giver = vmm_start(run_giver);
	struct vmm taker = vmm_start(run_taker);
	struct protvirt_message m;
	int made;

	assert_int_equal(wire_recv(giver.fd, &m, NULL, 0, &made, 0), 0);
	assert_int_equal(wire_send(taker.fd, &m, NULL, made, 0), 0);
	close(made);
	assert_true(told(taker.fd));
	tell(giver.fd);
	assert_int_equal(vmm_end(&giver), 0);
	tell(taker.fd);
	assert_int_equal(vmm_end(&taker), 0);
	ask("wait-idle", "");
}

static int shared_made;

static int same_memory(void *arg)
{
	return protvirt_ioctl(shared_made, DEV_WAKE + 100, 0) != -1 || errno != ENOTTY;
}

/* A task of the same memory but another process: it belongs to the address space. */
static int run_cloner(int fd)
{
	static char stack[65536] __attribute__((aligned(16)));
	int status;
	pid_t child;

	shared_made = make();
	child = clone(same_memory, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static void task_of_the_same_memory_belongs(void **state)
{
	struct vmm v;

#ifdef __SANITIZE_THREAD__
	skip(); /* it cannot follow a task that shares thread-local storage with another */
#endif
	v = vmm_start(run_cloner);
	assert_int_equal(vmm_end(&v), 0);
	ask("wait-idle", "");
}

/* ---- the machine's end ---- */

static int run_orphan(int fd)
{
	int made = make();
	int value = 1;

	tell(fd);
	if (protvirt_ioctl(made, DEV_SLEEP, 0) != -1 || errno != EIO)
		return 1;
	if (protvirt_ioctl(made, DEV_INC, (uintptr_t)&value) != -1 || errno != EIO)
		return 2;
	if (protvirt_open("/dev/kvm", O_RDWR) != -1 || errno != ENOENT)
		return 3;
	return 0;
}

static void sigterm_ends_the_machine_in_order(void **state)
{
	struct vmm v = vmm_start(run_orphan);

	assert_true(told(v.fd));
	assert_int_equal(end_machine(), 0);
	machine = 0;
	assert_int_equal(vmm_end(&v), 0);
}

static void path_in_use_is_refused(void **state)
{
	int status;
	pid_t second = fork();

	if (second == 0) {
		close(STDERR_FILENO);
		execl(getenv("PROTVIRT_PROGRAM"), "protvirt", "machine", "--listen", path, NULL);
	}
	assert_int_equal(waitpid(second, &status, 0), second);
	assert_int_equal(WEXITSTATUS(status), 1);
	ask("events", "");
}

static void socket_of_a_dead_machine_is_replaced(void **state)
{
	int status;

	kill(machine, SIGKILL);
	assert_int_equal(waitpid(machine, &status, 0), machine);
	assert_int_equal(access(path, F_OK), 0);
	machine = machine_listen(path);
	ask("events", "");
}

/* ---- bad clients ---- */

static int dial(void)
{
	int fd = socket_path_connect(path);

	assert_true(fd >= 0);
	return fd;
}

static void expect_hang_up(int fd)
{
	char byte[sizeof(struct protvirt_message) + sizeof(struct protvirt_welcome)];

	while (read(fd, byte, sizeof(byte)) > 0)
		;
	close(fd);
}

static int run_well(int fd)
{
	int made = make();

	return made < 0 || protvirt_ioctl(made, DEV_WAKE + 100, 0) != -1 || errno != ENOTTY;
}

static void others_are_well(void)
{
	struct vmm v = vmm_start(run_well);

	assert_int_equal(vmm_end(&v), 0);
	ask("wait-idle", "");
}

static void garbage_closes_the_connection(void **state)
{
	static const char garbage[] = "GET / HTTP/1.0";
	struct protvirt_message m = {.type = PROTVIRT_HELLO, .len = 16, .args = {1}};
	int fd = dial();

	assert_true(write(fd, garbage, sizeof(garbage)) > 0);
	expect_hang_up(fd);
	fd = dial();
	assert_true(write(fd, &m, sizeof(m)) > 0); /* half a message: the payload is missing */
	expect_hang_up(fd);
	fd = dial();
	m.type = PROTVIRT_IOCTL;
	m.len = 0;
	assert_int_equal(wire_send(fd, &m, NULL, WIRE_NO_FD, 0), 0);
	expect_hang_up(fd);
	others_are_well();
}

static void silent_connection_holds_up_nobody(void **state)
{
	int fd = dial();

	others_are_well();
	close(fd);
}

static void say_hello(int fd)
{
	static const uint8_t nobody[PROTVIRT_ID_SIZE];
	const struct protvirt_message m = {
		.type = PROTVIRT_HELLO,
		.len = sizeof(nobody),
		.args = {PROTVIRT_PROTOCOL},
	};

	assert_int_equal(wire_send(fd, &m, nobody, WIRE_NO_FD, 0), 0);
}

static uint32_t greet(int fd)
{
	struct protvirt_welcome welcome;
	struct protvirt_message m;
	int passed;

	say_hello(fd);
	assert_int_equal(wire_recv(fd, &m, &welcome, sizeof(welcome), &passed, 0), 0);
	return m.type;
}

/* The machine sleeps until both the hellos of the dead and the question are there. */
static void dead_before_its_hello_is_read(void **state)
{
	static const char question[] = "wait-idle";
	const struct protvirt_message m = {.type = PROTVIRT_QUERY, .len = sizeof(question)};

	for (int round = 0; round < 100; round++) {
		struct protvirt_message answer;
		int fd, passed;

		kill(machine, SIGSTOP);
		for (int i = 0; i < 4; i++) {
			fd = dial();
			say_hello(fd);
			close(fd);
		}
		fd = dial();
		assert_int_equal(wire_send(fd, &m, question, WIRE_NO_FD, 0), 0);
		kill(machine, SIGCONT);
		assert_int_equal(wire_recv(fd, &answer, NULL, 0, &passed, 0), 0);
		close(fd);
		ask("status", "{\"processes\":0,\"tasks\":0,\"files\":0}");
	}
}

static void other_version_is_told_ours(void **state)
{
	struct protvirt_message m = {.type = PROTVIRT_HELLO, .len = 16, .args = {99}};
	struct protvirt_welcome welcome = {0};
	int fd = dial();
	int passed;

	assert_int_equal(wire_send(fd, &m, &welcome, WIRE_NO_FD, 0), 0);
	assert_int_equal(wire_recv(fd, &m, &welcome, sizeof(welcome), &passed, 0), 0);
	assert_int_equal(m.type, PROTVIRT_WELCOME);
	assert_int_equal(m.args[0], PROTVIRT_PROTOCOL);
	expect_hang_up(fd);
}

static size_t count_descriptors(void)
{
	char name[64];
	size_t n = 0;
	DIR *fds;

	snprintf(name, sizeof(name), "/proc/%d/fd", machine);
	fds = opendir(name);
	assert_non_null(fds);
	while (readdir(fds))
		n++;
	closedir(fds);
	return n;
}

static ssize_t send_descriptors(int fd, const struct protvirt_message *m, size_t n)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(253 * sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)(uintptr_t)m, sizeof(*m)};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_LEN(n * sizeof(int)),
	};
	ssize_t sent;

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(n * sizeof(int));
	for (size_t i = 0; i < n; i++)
		memcpy(CMSG_DATA(&control.head) + i * sizeof(int), &(int){STDERR_FILENO},
		       sizeof(int));
	/* Without privileges no more may be on their way than we may have open: wait for the machine. */
	do
		sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == ETOOMANYREFS && sched_yield() == 0);
	return sent;
}

/* Kicks for a channel that is not there, each with 250 descriptors: all of them are closed. */
static void ten_thousand_descriptors_are_closed(void **state)
{
	struct protvirt_message m = {.type = PROTVIRT_KICK};
	size_t before;
	int fd;

	ask("wait-idle", "");
	before = count_descriptors();
	fd = dial();
	assert_int_equal(greet(fd), PROTVIRT_WELCOME);
	for (int i = 0; i < 40; i++)
		assert_int_equal(send_descriptors(fd, &m, 250), sizeof(m));
	assert_int_equal(wire_send(fd, &(struct protvirt_message){.type = PROTVIRT_QUERY}, NULL,
				   WIRE_NO_FD, 0),
			 0);
	expect_hang_up(fd); /* a query here is against the protocol: all before it has been read */
	ask("wait-idle", "");
	assert_true(count_descriptors() <= before + 8); /* those of two queries at most */
	others_are_well();
}

/* A channel that is no socket, and one that says nonsense */
static void bad_channels_are_refused(void **state)
{
	struct protvirt_message m = {.type = PROTVIRT_CHANNEL, .args = {1}};
	int null = open("/dev/null", O_RDWR);
	int fd = dial();
	int pair[2], passed;

	assert_int_equal(greet(fd), PROTVIRT_WELCOME);
	assert_int_equal(wire_send(fd, &m, NULL, null, 0), 0);
	close(null);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_int_equal(wire_send(fd, &m, NULL, pair[1], 0), 0);
	close(pair[1]);
	assert_int_equal(wire_recv(pair[0], &m, NULL, 0, &passed, 0), 0);
	assert_int_equal(m.type, PROTVIRT_GREETING);
	close(passed);
	m = (struct protvirt_message){.type = PROTVIRT_READY};
	assert_int_equal(wire_send(pair[0], &m, NULL, WIRE_NO_FD, 0), 0);
	m = (struct protvirt_message){.type = PROTVIRT_HELLO};
	assert_int_equal(wire_send(pair[0], &m, NULL, WIRE_NO_FD, 0), 0);
	expect_hang_up(pair[0]);
	close(fd);
	others_are_well();
}

/* One process cannot use up the machine's threads and descriptors. */
static void many_connections_of_one_process_are_refused(void **state)
{
	int fds[100];
	size_t refused = 0;

	for (size_t i = 0; i < 100; i++)
		fds[i] = dial();
	for (size_t i = 0; i < 100; i++) {
		static const uint8_t nobody[PROTVIRT_ID_SIZE];
		struct protvirt_message m = {
			.type = PROTVIRT_HELLO, .len = sizeof(nobody), .args = {PROTVIRT_PROTOCOL}};
		struct protvirt_welcome welcome;
		int passed;

		wire_send(fds[i], &m, nobody, WIRE_NO_FD, 0);
		refused += wire_recv(fds[i], &m, &welcome, sizeof(welcome), &passed, 0) == -EPIPE;
	}
	assert_true(refused >= 100 - 64);
	assert_true(refused < 100);
	for (size_t i = 0; i < 100; i++)
		close(fds[i]);
	others_are_well();
}

/* Numbers that mean something now and then */
static uint64_t some_number(unsigned int *seed)
{
	const uint64_t numbers[] = {0, 1, 2, 3, 4096, 1UL << 20, UINT64_MAX, DEV_INC, DEV_MAKE};
	size_t n = sizeof(numbers) / sizeof(numbers[0]);

	return numbers[(size_t)rand_r(seed) % n];
}

static void send_nonsense(int fd, unsigned int *seed)
{
	static const uint8_t payload[512];
	struct protvirt_message m = {
		.type = (uint32_t)rand_r(seed) % (PROTVIRT_REPLY + 2),
		.len = (uint32_t)rand_r(seed) % 3 ? 0 : (uint32_t)rand_r(seed) % 512,
		.seq = some_number(seed),
		.result = (int64_t)some_number(seed),
		.args = {some_number(seed), some_number(seed), some_number(seed)},
	};

	wire_send(fd, &m, payload, rand_r(seed) % 2 ? fd : WIRE_NO_FD, MSG_DONTWAIT);
}

static int open_channel(int control)
{
	struct protvirt_message m = {.type = PROTVIRT_CHANNEL, .args = {1}};
	int pair[2], passed;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(wire_send(control, &m, NULL, pair[1], 0), 0);
	close(pair[1]);
	assert_int_equal(wire_recv(pair[0], &m, NULL, 0, &passed, 0), 0);
	close(passed);
	m = (struct protvirt_message){.type = PROTVIRT_READY};
	assert_int_equal(wire_send(pair[0], &m, NULL, WIRE_NO_FD, 0), 0);
	return pair[0];
}

/* Half of the nonsense goes to the control socket, half to a channel. */
static void nonsense_harms_nobody(void **state)
{
	const char *given = getenv("PROTVIRT_SEED");
	unsigned int seed = given ? (unsigned int)strtoul(given, NULL, 0) : (unsigned int)getpid();

	printf("# PROTVIRT_SEED=%u\n", seed);
	for (int round = 0; round < 100; round++) {
		int control = dial(), channel;

		assert_int_equal(greet(control), PROTVIRT_WELCOME);
		channel = open_channel(control);
		for (int i = 0; i < 30; i++)
			send_nonsense(i % 2 ? control : channel, &seed);
		close(control);
		close(channel);
		if (round % 20 == 19)
			others_are_well();
	}
}

static int open_kvm(void)
{
	return protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);
}

/* Return: what the machine says to DEV_GET on the object that a cookie names, without descriptor */
static int64_t name_object(uint64_t channel, uint64_t cookie)
{
	struct channel *ch = channel_get_knowing(channel);
	int value;
	struct call call = {
		.m = {.type = PROTVIRT_IOCTL,
		      .result = (int64_t)cookie,
		      .args = {DEV_GET, 0, PROTVIRT_ARG_OUT}},
		.out = (uintptr_t)&value,
		.room = sizeof(value),
		.pass = WIRE_NO_FD,
		.passed = WIRE_NO_FD,
	};
	int err = ch ? channel_call(ch, &call) : -ENOENT;

	if (ch)
		channel_put(ch);
	return err ? err : call.result.result;
}

/*
 * An object is named where its descriptor was shown: not before, not on another thread's channel,
 * not when it is gone.
 */
struct shown {
	int fd;
	uint64_t cookie;
	int wrong;
};

static void *name_elsewhere(void *arg)
{
	struct shown *other = arg;
	int made = open_kvm();
	int value;

	if (made < 0 || protvirt_ioctl(made, DEV_GET, (uintptr_t)&value))
		other->wrong = 1;
	else if (name_object(wire_cookie(made), other->cookie) != -EBADF)
		other->wrong = 2;
	else if (protvirt_ioctl(other->fd, DEV_GET, (uintptr_t)&value))
		other->wrong = 3;
	else if (name_object(wire_cookie(made), other->cookie))
		other->wrong = 4;
	return NULL;
}

static int run_namer(int fd)
{
	struct shown a = {.fd = open_kvm()}, b = {.fd = open_kvm()};
	pthread_t thread;
	int value;

	a.cookie = wire_cookie(a.fd);
	b.cookie = wire_cookie(b.fd);
	if (protvirt_ioctl(a.fd, DEV_GET, (uintptr_t)&value) || value != 4711)
		return 10;
	if (name_object(a.cookie, a.cookie) || name_object(a.cookie, b.cookie) != -EBADF)
		return 11;
	if (pthread_create(&thread, NULL, name_elsewhere, &a) || pthread_join(thread, NULL))
		return 12;
	if (a.wrong)
		return a.wrong;
	protvirt_close(a.fd);
	return name_object(a.cookie, a.cookie) == -EBADF ? 0 : 13;
}

static void object_is_named_where_it_was_shown(void **state)
{
	struct vmm v = vmm_start(run_namer);

	assert_int_equal(vmm_end(&v), 0);
	others_are_well();
}

static int run_greedy(int fd)
{
	int kvm = protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int n = 1;

	while (protvirt_ioctl(kvm, DEV_MAKE, 0) >= 0)
		n++;
	return errno == EMFILE ? n : 0;
}

static void limit_of_files_is_kept(void **state)
{
	struct vmm v = vmm_start(run_greedy);

	assert_int_equal(vmm_end(&v), 16);
	others_are_well();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(kill_wakes_and_memory_goes_before_files),
		CASE(exit_is_as_good),
		CASE(death_is_seen_while_a_child_holds_the_sockets),
		CASE(kill_ends_a_close_that_waits),
		CASE(passed_descriptor_outlives_its_maker),
		CASE(task_of_the_same_memory_belongs),
		CASE(sigterm_ends_the_machine_in_order),
		CASE(path_in_use_is_refused),
		CASE(socket_of_a_dead_machine_is_replaced),
		CASE(garbage_closes_the_connection),
		CASE(silent_connection_holds_up_nobody),
		CASE(dead_before_its_hello_is_read),
		CASE(other_version_is_told_ours),
		CASE(ten_thousand_descriptors_are_closed),
		CASE(bad_channels_are_refused),
		CASE(object_is_named_where_it_was_shown),
		CASE(limit_of_files_is_kept),
		CASE(many_connections_of_one_process_are_refused),
		CASE(nonsense_harms_nobody),
	};
	char name[80];
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/machine", dir);
	snprintf(name, sizeof(name), "unix:%s", path);
	setenv("PROTVIRT_MACHINE", name, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}

int main(void)
{
	return machine_run_tests(run);
}
