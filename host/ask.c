// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asking back: the VMM's thread, which waits for its ioctl, reads and writes
 * its memory for us. So a bad address gives EFAULT, and nobody else's memory
 * can be reached.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/wire.h"
#include "host/server_state.h"

static int send_data(struct channel *ch, const void *data, uint64_t n)
{
	struct protvirt_message m = {
		.type = PROTVIRT_DATA,
		.len = (uint32_t)n,
		.seq = ch->seq,
	};

	return wire_send(ch->source.fd, &m, data, WIRE_NO_FD, 0);
}

/*
 * @data: @m->args[1] bytes that go to @m->args[0], or NULL. They come after the ask: the VMM's
 * thread has to know where they go before it receives them.
 *
 * Return: result of the reply, whose payload is in ch->in; -EFAULT if there is none.
 */
static int64_t ask(struct channel *ch, struct protvirt_message *m, const void *data, int pass)
{
	int fd = WIRE_NO_FD;
	int err;

	m->seq = ch->seq;
	err = wire_send(ch->source.fd, m, NULL, pass, 0);
	if (!err && data)
		err = send_data(ch, data, m->args[1]);
	if (!err)
		err = wire_recv(ch->source.fd, m, ch->in, sizeof(ch->in), &fd, 0);
	if (!err && fd >= 0)
		close(fd);
	if (!err && m->type == PROTVIRT_REPLY && m->seq == ch->seq)
		return m->result;
	channel_kill(ch);
	return -EFAULT;
}

static int read_part(struct channel *ch, void *to, uva_t from, size_t n)
{
	struct protvirt_message m = {.type = PROTVIRT_ASK_READ, .args = {from, n}};

	if (ask(ch, &m, NULL, WIRE_NO_FD) != 0 || m.len != n)
		return -EFAULT;
	memcpy(to, ch->in, n);
	return 0;
}

static int ask_copy_from(struct task *t, void *to, uva_t from, size_t n)
{
	int err = 0;

	for (size_t done = 0, part; done < n && !err; done += part) {
		part = n - done < PROTVIRT_MAX_PAYLOAD ? n - done : PROTVIRT_MAX_PAYLOAD;
		err = read_part(t->transport, (uint8_t *)to + done, from + done, part);
	}
	return err;
}

static int ask_copy_to(struct task *t, uva_t to, const void *from, size_t n)
{
	int err = 0;

	for (size_t done = 0, part; done < n && !err; done += part) {
		struct protvirt_message m = {.type = PROTVIRT_ASK_WRITE, .args = {to + done}};

		part = n - done < PROTVIRT_MAX_PAYLOAD ? n - done : PROTVIRT_MAX_PAYLOAD;
		m.args[1] = part;
		err = ask(t->transport, &m, (const uint8_t *)from + done, WIRE_NO_FD) ? -EFAULT : 0;
	}
	return err;
}

static int ask_describe(struct task *t, uva_t uva, uint64_t len, struct protvirt_extent *extents,
			size_t max)
{
	struct channel *ch = t->transport;
	struct protvirt_message m = {.type = PROTVIRT_ASK_DESCRIBE, .args = {uva, len}};
	int64_t n = ask(ch, &m, NULL, WIRE_NO_FD);

	if (n <= 0 || (uint64_t)n > PROTVIRT_MAX_PAYLOAD / sizeof(*extents) ||
	    m.len != (uint64_t)n * sizeof(*extents))
		return -EFAULT;
	if ((uint64_t)n > max)
		n = (int64_t)max;
	memcpy(extents, ch->in, (size_t)n * sizeof(*extents));
	return (int)n;
}

static int ask_convert(struct task *t, uva_t uva, uint64_t len, int memfd)
{
	struct protvirt_message m = {.type = PROTVIRT_ASK_CONVERT, .args = {uva, len}};
	int64_t result = ask(t->transport, &m, NULL, memfd);

	if (result == 0)
		return 0;
	return result == -ENOMEM || result == -EMFILE ? -ENOMEM : -EFAULT;
}

void ask_close(struct channel *ch)
{
	struct protvirt_message m = {.type = PROTVIRT_ASK_CLOSE};

	ask(ch, &m, NULL, WIRE_NO_FD);
}

static void ask_gone(struct mm *mm)
{
	struct process *p = mm->transport;

	if (!p->greeted)
		return;
	pthread_mutex_lock(&p->server->lock);
	p->server->live_mms--;
	pthread_mutex_unlock(&p->server->lock);
	server_changed(p->server);
}

static void ask_free(struct mm *mm)
{
	process_free(mm->transport);
}

const struct mm_ops ask_ops = {
	.copy_from = ask_copy_from,
	.copy_to = ask_copy_to,
	.describe = ask_describe,
	.convert = ask_convert,
	.gone = ask_gone,
	.free = ask_free,
};
