/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client protocol: messages, raw packets and descriptors of every kind to a
 * machine that serves in a thread of this process.
 *
 * After each input the connections are closed, and then nothing may be left: no
 * VM, no configuration, no descriptor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/control.h"
#include "client/socket_path.h"
#include "client/wire.h"
#include "host/server.h"
#include "kvm/machine.h"
#include "tests/fuzz/budget.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/protocol.h"
#include "tests/machine_model.h"

#define MAX_STEPS   64
#define PATIENCE_MS 50
#define MAX_BYTES   4096U

static char dir[] = "/tmp/protvirt-fuzz-XXXXXX";
static char path[sizeof(dir) + 16];
static struct machine *machine;
static pthread_t server;
static struct machine_status idle;
static unsigned int idle_descriptors;

/* ---- the machine ---- */

static struct file *open_kvm(void *context)
{
	return machine_open(context);
}

static bool is_idle(void *context)
{
	struct machine_status s;

	machine_get_status(context, &s);
	return !s.vms && !s.storage.frames_residue && !s.uv.configs;
}

static int answer_counts(void *context, const char *args, FILE *out)
{
	return fprintf(out, "%s", args) < 0 ? -ENOMEM : 0;
}

static void *serve(void *arg)
{
	static const struct host_verb verbs[] = {{.name = "counts", .answer = answer_counts}, {0}};
	struct host_server_params p = {
		.listen_path = path,
		.private_fd = -1,
		.storage = machine_storage(machine),
		.uv = machine_uv(machine),
		.open = open_kvm,
		.idle = is_idle,
		.verbs = verbs,
		.context = machine,
		.debuggable = true,
	};

	fuzz_must(!host_serve(&p));
	return arg;
}

/* Sockets, memfds, epolls and the like; libFuzzer and sanitizers open files and pipes. */
static bool is_counted(DIR *d, const char *name)
{
	char target[64] = "";

	if (readlinkat(dirfd(d), name, target, sizeof(target) - 1) < 0)
		return false;
	return !strncmp(target, "socket:", 7) || !strncmp(target, "anon_inode:", 11) ||
	       !strncmp(target, "/memfd:", 7);
}

static unsigned int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned int n = 0;

	fuzz_must(d);
	while ((entry = readdir(d)))
		n += is_counted(d, entry->d_name);
	closedir(d);
	return n;
}

/* The serving thread takes the signal from its signalfd, and joins all that it has started. */
static void power_off(void)
{
	pthread_kill(server, SIGTERM);
	pthread_join(server, NULL);
	machine_destroy(machine);
	rmdir(dir);
}

static void hung(void *what)
{
	(void)what; /* nothing to kick: budget.c waits, and then says so */
}

/* Until nobody is connected and what was left behind is gone. */
static void wait_idle(void)
{
	char *answer = NULL;

	budget_begin(hung, NULL);
	fuzz_must(!host_control_query(path, "wait-idle", &answer));
	budget_end();
	free(answer);
}

static void power_on(void)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	char *answer = NULL;

	if (machine)
		return;
	params.model = machine_model();
	params.max_guest_memory = 64UL << 20;
	fuzz_must(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/machine", dir);
	machine = machine_create(&params);
	fuzz_must(machine);
	machine_get_status(machine, &idle);
	fuzz_must(!pthread_create(&server, NULL, serve, NULL));
	atexit(power_off);
	/* There is no event for "somebody listens now". */
	while (host_control_query(path, "counts", &answer))
		sched_yield();
	free(answer);
	wait_idle();
	budget_begin(hung, NULL);
	for (unsigned int n = 0; idle_descriptors != n || !n; sched_yield()) {
		n = idle_descriptors;
		idle_descriptors = descriptors();
	}
	budget_end();
}

/* ---- the clients ---- */

struct clients {
	int slot[PROTOCOL_SLOTS];
	int kept[PROTOCOL_SLOTS];
	unsigned int slots;
	unsigned int received;
	bool patient;
	bool pass_id;
	uint8_t mm_id[PROTVIRT_ID_SIZE];
	struct protvirt_message ask;
};

static void put_down(int *place, int fd)
{
	if (*place >= 0)
		close(*place);
	*place = fd;
}

static void add_slot(struct clients *c, int fd)
{
	put_down(&c->slot[c->slots++ % PROTOCOL_SLOTS], fd);
}

static int new_pair(struct clients *c, int type)
{
	int pair[2];

	fuzz_must(!socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair));
	add_slot(c, pair[0]);
	return pair[1];
}

static int own_memfd(void)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	fuzz_must(fd >= 0 && !ftruncate(fd, 4096));
	return fd;
}

/* Return: a descriptor to be closed after it was sent, or WIRE_NO_FD. */
static int to_pass(struct clients *c, uint8_t what)
{
	unsigned int n = (what >> 3) % PROTOCOL_SLOTS;

	switch ((enum pass)(what & 7)) {
	case PASS_NOTHING:
		break;
	case PASS_PAIR:
		return new_pair(c, SOCK_SEQPACKET);
	case PASS_KEPT:
		return c->kept[n] < 0 ? WIRE_NO_FD : dup(c->kept[n]);
	case PASS_SLOT:
		return c->slot[n] < 0 ? WIRE_NO_FD : dup(c->slot[n]);
	case PASS_NULL:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	case PASS_MEMFD:
		return own_memfd();
	case PASS_DATAGRAM:
		return new_pair(c, SOCK_DGRAM);
	case PASS_EVENTFD:
		return eventfd(0, EFD_CLOEXEC);
	}
	return WIRE_NO_FD;
}

static uint64_t number(struct fuzz_input *in)
{
	return fuzz_number(in, fuzz_u8(in) % 9);
}

static uint32_t payload(struct clients *c, struct fuzz_input *in, uint8_t *bytes)
{
	uint32_t n = fuzz_u16(in) % MAX_BYTES;

	fuzz_bytes(in, bytes, n);
	if (c->pass_id && n >= sizeof(c->mm_id))
		memcpy(bytes, c->mm_id, sizeof(c->mm_id));
	c->pass_id = false;
	return n;
}

static void send_message(struct clients *c, struct fuzz_input *in)
{
	int fd = c->slot[fuzz_u8(in) % PROTOCOL_SLOTS];
	uint8_t type = fuzz_u8(in);
	struct protvirt_message m = {
		.type = type < FUZZ_MESSAGES ? fuzz_messages[type]
					      : type - (uint32_t)FUZZ_MESSAGES,
	};
	uint8_t what = fuzz_u8(in), bytes[MAX_BYTES];
	int pass;

	m.result = (int64_t)number(in);
	m.seq = number(in);
	for (int i = 0; i < 3; i++)
		m.args[i] = number(in);
	m.len = payload(c, in, bytes);
	if (fd < 0)
		return;
	/* What it makes may take this very slot. */
	fd = dup(fd);
	pass = to_pass(c, what);
	(void)wire_send(fd, &m, bytes, pass, MSG_DONTWAIT);
	if (pass >= 0)
		close(pass);
	close(fd);
}

static void send_raw(struct clients *c, struct fuzz_input *in)
{
	int fd = c->slot[fuzz_u8(in) % PROTOCOL_SLOTS];
	uint8_t bytes[MAX_BYTES];
	size_t n = fuzz_u16(in) % MAX_BYTES;

	fuzz_bytes(in, bytes, n);
	if (fd >= 0)
		(void)send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool is_ask(const struct protvirt_message *m)
{
	return m->type >= PROTVIRT_ASK_READ && m->type <= PROTVIRT_ASK_CLOSE;
}

static uint8_t received[PROTVIRT_MAX_PAYLOAD];

/* What follows PROTVIRT_ASK_WRITE at once */
static void receive_data(int fd, const struct protvirt_message *ask)
{
	struct protvirt_message m;
	int passed;

	if (wire_recv(fd, &m, received, sizeof(received), &passed, 0))
		return;
	fuzz_must(m.type == PROTVIRT_DATA && m.len == ask->args[1] && passed == WIRE_NO_FD);
}

static void receive(struct clients *c, struct fuzz_input *in)
{
	struct pollfd pfd = {.fd = c->slot[fuzz_u8(in) % PROTOCOL_SLOTS], .events = POLLIN};
	struct protvirt_message m;
	int passed;

	if (pfd.fd < 0)
		return;
	/* Who waits in vain once has got out of step, and would again and again. */
	if (poll(&pfd, 1, c->patient ? PATIENCE_MS : 0) == 0)
		c->patient = false;
	if (wire_recv(pfd.fd, &m, received, sizeof(received), &passed, MSG_DONTWAIT))
		return;
	fuzz_must(passed != WIRE_LOST_FD && m.len <= sizeof(received));
	if (passed >= 0)
		put_down(&c->kept[c->received++ % PROTOCOL_SLOTS], passed);
	if (m.type == PROTVIRT_WELCOME && m.len == sizeof(struct protvirt_welcome))
		memcpy(c->mm_id, ((struct protvirt_welcome *)received)->mm_id, sizeof(c->mm_id));
	if (m.type == PROTVIRT_ASK_WRITE)
		receive_data(pfd.fd, &m);
	if (is_ask(&m))
		c->ask = m;
}

static void reply(struct clients *c, struct fuzz_input *in)
{
	int fd = c->slot[fuzz_u8(in) % PROTOCOL_SLOTS];
	struct protvirt_message m = {.type = PROTVIRT_REPLY, .seq = c->ask.seq};
	uint8_t bytes[MAX_BYTES];

	m.result = (int64_t)number(in);
	m.len = payload(c, in, bytes);
	if (fd >= 0)
		(void)wire_send(fd, &m, bytes, WIRE_NO_FD, MSG_DONTWAIT);
}

static void write_word(struct clients *c, struct fuzz_input *in)
{
	int fd = c->kept[fuzz_u8(in) % PROTOCOL_SLOTS];
	uint32_t word = fuzz_u32(in);

	if (fd >= 0 && pwrite(fd, &word, sizeof(word), 0) < 0)
		fuzz_must(errno != EFAULT);
}

static void drop(struct clients *c, uint8_t what)
{
	int *from = what & PROTOCOL_SLOTS ? c->kept : c->slot;

	put_down(&from[what % PROTOCOL_SLOTS], -1);
}

static void step(struct clients *c, struct fuzz_input *in)
{
	switch ((enum protocol_step)(fuzz_u8(in) % PROTOCOL_STEPS)) {
	case STEP_SEND:
		send_message(c, in);
		break;
	case STEP_RAW:
		send_raw(c, in);
		break;
	case STEP_RECEIVE:
		receive(c, in);
		break;
	case STEP_REPLY:
		reply(c, in);
		break;
	case STEP_CONNECT:
		add_slot(c, socket_path_connect(path));
		break;
	case STEP_CLOSE:
		drop(c, fuzz_u8(in));
		break;
	case STEP_PASS_ID:
		c->pass_id = true;
		break;
	case STEP_WORD:
		write_word(c, in);
		break;
	case PROTOCOL_STEPS:
		break;
	}
}

/* ---- afterwards ---- */

static void check_idle(void)
{
	struct machine_status s;

	wait_idle();
	machine_get_status(machine, &s);
	fuzz_must(!s.vms && !s.vcpus && !s.uv.configs && !s.uv.cpus && !s.leaked);
	fuzz_must(!s.storage.frames_secure && !s.storage.frames_orphan && !s.storage.frames_shared);
	fuzz_must(s.storage.bytes_donated == idle.storage.bytes_donated);
	/* The last connections are closed on the other side a moment later. */
	budget_begin(hung, NULL);
	while (descriptors() > idle_descriptors)
		sched_yield();
	budget_end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct clients c = {.patient = true};

	power_on();
	for (unsigned int i = 0; i < PROTOCOL_SLOTS; i++)
		c.slot[i] = c.kept[i] = -1;
	add_slot(&c, socket_path_connect(path));
	fuzz_must(c.slot[0] >= 0);
	for (unsigned int n = 0; in.left && n < MAX_STEPS; n++)
		step(&c, &in);
	for (unsigned int i = 0; i < PROTOCOL_SLOTS; i++) {
		put_down(&c.slot[i], -1);
		put_down(&c.kept[i], -1);
	}
	check_idle();
	return 0;
}
