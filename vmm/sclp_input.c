// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/sclp_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmm/ebcdic.h"

#define BUFFER_LEN 4096U
#define TYPED      (SCLP_EVENT_BIT(EVENT_OPERATOR_COMMAND) | SCLP_EVENT_BIT(EVENT_ASCII))
#define TYPES      (TYPED | SCLP_EVENT_BIT(EVENT_SIGNAL_QUIESCE))
#define ACCEPTED   0x80 /* flag of an event buffer */
#define ASCII_DATA 0x00 /* first byte of an ASCII event: what follows is data */
#define LINE_MAX   200U /* the lengths of subvectors are one byte */

/* A line as an operator types it: vectors in each other, the innermost holds the text. */
struct gds_vector {
	be16_t len;
	be16_t id;
};

struct gds_subvector {
	uint8_t len;
	uint8_t key;
};

#define GDS_ID_MDSMU           0x1310
#define GDS_ID_CPMSU           0x1212
#define GDS_ID_TEXTCMD         0x1320
#define GDS_KEY_SELFDEFTEXTMSG 0x31
#define GDS_KEY_TEXTMSG        0x30

struct operator_command {
	struct gds_vector mdsmu;
	struct gds_vector cpmsu;
	struct gds_vector textcmd;
	struct gds_subvector selfdef;
	struct gds_subvector textmsg;
	uint8_t text[];
} __attribute__((packed));
_Static_assert(sizeof(struct operator_command) == 16, "three vectors, two subvectors");

/* Nobody sets a limit here, and no system looks for one. */
struct signal_quiesce {
	be16_t timeout; /* 0: none */
	uint8_t unit;
} __attribute__((packed));
_Static_assert(sizeof(struct signal_quiesce) == 3, "signal quiesce");

/**
 * struct sclp_input - see the header
 * @lock: protects what follows
 * @receive: types that the program takes
 * @knows_quiesce: it has taken that type since the last reset
 * @bytes, @len: read and not yet taken
 * @reading: the thread exists
 * @stop: it shall end
 * @fd: standard input, opened anew to be read without waiting: whoever shares it does not notice
 * @room: eventfd: there is room again, or @stop
 */
struct sclp_input {
	struct vm *vm;
	pthread_mutex_t lock;
	uint32_t receive;
	bool knows_quiesce;
	enum quiesce quiesce;
	uint8_t bytes[BUFFER_LEN];
	size_t len;
	bool reading;
	bool stop;
	int fd;
	pthread_t thread;
	int room;
};

struct sclp_input *sclp_input_create(struct vm *vm)
{
	struct sclp_input *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->vm = vm;
	in->fd = -1;
	in->room = eventfd(0, EFD_CLOEXEC);
	if (in->room < 0) {
		free(in);
		return NULL;
	}
	pthread_mutex_init(&in->lock, NULL);
	return in;
}

static void wake_reader(struct sclp_input *in)
{
	const uint64_t one = 1;

	/* It cannot fail: the counter would have to be at its limit. */
	if (write(in->room, &one, sizeof(one)) < 0)
		return;
}

void sclp_input_destroy(struct sclp_input *in)
{
	if (!in)
		return;
	pthread_mutex_lock(&in->lock);
	in->stop = true;
	pthread_mutex_unlock(&in->lock);
	wake_reader(in);
	if (in->reading)
		pthread_join(in->thread, NULL);
	if (in->fd >= 0)
		close(in->fd);
	close(in->room);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

/* ---- from standard input ---- */

/* Context: in->lock held. Return: bytes of the first line with its end, 0: it is not complete */
static size_t line_length(const struct sclp_input *in)
{
	const uint8_t *end = memchr(in->bytes, '\n', in->len < LINE_MAX ? in->len : LINE_MAX);

	if (end)
		return (size_t)(end - in->bytes) + 1;
	return in->len >= LINE_MAX ? LINE_MAX : 0;
}

/* Context: in->lock held. Return: type of the event that could be taken now, 0 for none */
static uint8_t next_type(const struct sclp_input *in, uint32_t selected)
{
	if (in->quiesce == QUIESCE_SENT && selected & SCLP_EVENT_BIT(EVENT_SIGNAL_QUIESCE))
		return EVENT_SIGNAL_QUIESCE;
	if (in->len && selected & SCLP_EVENT_BIT(EVENT_ASCII))
		return EVENT_ASCII;
	if (line_length(in) && selected & SCLP_EVENT_BIT(EVENT_OPERATOR_COMMAND))
		return EVENT_OPERATOR_COMMAND;
	return 0;
}

/* Return: false when the thread shall end. */
static bool wait_for_input(struct sclp_input *in)
{
	struct pollfd fds[] = {{in->room, POLLIN, 0}, {in->fd, POLLIN, 0}};
	uint64_t count;
	bool room, stop;

	pthread_mutex_lock(&in->lock);
	room = in->len < BUFFER_LEN;
	stop = in->stop;
	pthread_mutex_unlock(&in->lock);
	if (stop)
		return false;
	if (poll(fds, room ? 2 : 1, -1) < 0)
		return errno == EINTR;
	if (fds[0].revents)
		return read(in->room, &count, sizeof(count)) == sizeof(count);
	return true;
}

/* Return: false at the end. A terminal whose foreground is not ours answers EIO. */
static bool read_input(struct sclp_input *in)
{
	struct pollfd ready = {in->fd, POLLIN, 0};
	uint8_t bytes[BUFFER_LEN];
	bool announce;
	ssize_t got;
	size_t room;

	pthread_mutex_lock(&in->lock);
	room = BUFFER_LEN - in->len;
	pthread_mutex_unlock(&in->lock);
	if (!room || poll(&ready, 1, 0) != 1)
		return true;
	got = read(in->fd, bytes, room);
	if (got <= 0)
		return got < 0 && (errno == EINTR || errno == EAGAIN);
	pthread_mutex_lock(&in->lock);
	memcpy(in->bytes + in->len, bytes, (size_t)got); /* nobody else adds */
	announce = !next_type(in, in->receive);
	in->len += (size_t)got;
	announce = announce && next_type(in, in->receive);
	pthread_mutex_unlock(&in->lock);
	if (announce)
		sclp_announce(in->vm, 0);
	return true;
}

static void *reader_main(void *arg)
{
	struct sclp_input *in = arg;

	while (wait_for_input(in) && read_input(in))
		;
	return NULL;
}

/* Context: in->lock held. SIGTTIN is blocked: a VMM in the background is not to be stopped. */
static void start_reader(struct sclp_input *in)
{
	sigset_t all, before;

	if (in->fd < 0)
		in->fd = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (in->fd < 0) /* a socket cannot be opened */
		in->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	if (in->fd < 0)
		return; /* there is no input */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	in->reading = !pthread_create(&in->thread, NULL, reader_main, in);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ---- to the program ---- */

void sclp_input_select(struct sclp_input *in, uint32_t receive)
{
	pthread_mutex_lock(&in->lock);
	in->receive = receive & TYPES;
	in->knows_quiesce |= !!(receive & SCLP_EVENT_BIT(EVENT_SIGNAL_QUIESCE));
	if (in->receive & TYPED && !in->reading)
		start_reader(in);
	pthread_mutex_unlock(&in->lock);
}

void sclp_input_reset(struct sclp_input *in)
{
	pthread_mutex_lock(&in->lock);
	in->receive = 0;
	in->knows_quiesce = false;
	pthread_mutex_unlock(&in->lock);
}

bool sclp_input_quiesce(struct sclp_input *in)
{
	bool sent, announce;

	pthread_mutex_lock(&in->lock);
	sent = in->knows_quiesce;
	if (sent)
		in->quiesce = QUIESCE_SENT;
	announce = next_type(in, in->receive) == EVENT_SIGNAL_QUIESCE;
	pthread_mutex_unlock(&in->lock);
	if (announce)
		sclp_announce(in->vm, 0);
	return sent;
}

enum quiesce sclp_input_quiesce_state(struct sclp_input *in)
{
	enum quiesce state;

	pthread_mutex_lock(&in->lock);
	state = in->quiesce;
	pthread_mutex_unlock(&in->lock);
	return state;
}

bool sclp_input_pending(struct sclp_input *in)
{
	bool pending;

	pthread_mutex_lock(&in->lock);
	pending = next_type(in, in->receive);
	pthread_mutex_unlock(&in->lock);
	return pending;
}

/* Context: in->lock held */
static void drop(struct sclp_input *in, size_t len)
{
	memmove(in->bytes, in->bytes + len, in->len - len);
	in->len -= len;
}

static size_t put_ascii(struct sclp_input *in, uint8_t *data, size_t room)
{
	size_t len = in->len < room - 1 ? in->len : room - 1;

	data[0] = ASCII_DATA;
	memcpy(data + 1, in->bytes, len);
	drop(in, len);
	return 1 + len;
}

static struct gds_vector vector(uint16_t id, size_t len)
{
	return (struct gds_vector){be16_make((uint16_t)len), be16_make(id)};
}

static size_t put_line(struct sclp_input *in, uint8_t *data, size_t room)
{
	struct operator_command *command = (struct operator_command *)data;
	size_t taken = line_length(in), len = taken - (in->bytes[taken - 1] == '\n');
	size_t size = sizeof(*command) + len;

	if (size > room)
		return 0;
	command->mdsmu = vector(GDS_ID_MDSMU, size);
	command->cpmsu = vector(GDS_ID_CPMSU, size - 4);
	command->textcmd = vector(GDS_ID_TEXTCMD, size - 8);
	command->selfdef = (struct gds_subvector){(uint8_t)(4 + len), GDS_KEY_SELFDEFTEXTMSG};
	command->textmsg = (struct gds_subvector){(uint8_t)(2 + len), GDS_KEY_TEXTMSG};
	for (size_t i = 0; i < len; i++)
		command->text[i] = ascii_to_ebcdic((char)in->bytes[i]);
	drop(in, taken);
	return size;
}

static size_t put_quiesce(struct sclp_input *in, uint8_t *data, size_t room)
{
	const struct signal_quiesce event = {be16_make(0), 0};

	if (room < sizeof(event))
		return 0;
	memcpy(data, &event, sizeof(event));
	in->quiesce = QUIESCE_TAKEN;
	return sizeof(event);
}

size_t sclp_input_take(struct sclp_input *in, uint32_t selected, struct sclp_event *event,
		       size_t room)
{
	size_t len = 0;
	uint8_t type;

	if (room < sizeof(*event) + 2)
		return 0;
	room -= sizeof(*event);
	pthread_mutex_lock(&in->lock);
	type = next_type(in, in->receive & selected);
	if (type == EVENT_SIGNAL_QUIESCE)
		len = put_quiesce(in, event->data, room);
	else if (type == EVENT_ASCII)
		len = put_ascii(in, event->data, room);
	else if (type == EVENT_OPERATOR_COMMAND)
		len = put_line(in, event->data, room);
	pthread_mutex_unlock(&in->lock);
	if (!len)
		return 0;
	wake_reader(in);
	event->len = be16_make((uint16_t)(sizeof(*event) + len));
	event->type = type;
	event->flags = type == EVENT_SIGNAL_QUIESCE ? ACCEPTED : 0;
	event->reserved = be16_make(0);
	return sizeof(*event) + len;
}
