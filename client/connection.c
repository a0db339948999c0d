// SPDX-License-Identifier: MIT
#include "client/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/launch.h"
#include "client/socket_path.h"
#include "client/state.h"
#include "client/userfault.h"
#include "client/wire.h"

static int receive_welcome(struct connection *c, struct protvirt_welcome *welcome)
{
	struct protvirt_message m;
	int fd;
	int err;

	do
		err = wire_recv(c->control, &m, welcome, sizeof(*welcome), &fd, 0);
	while (err == -EINTR);
	if (err)
		return -EIO;
	if (fd >= 0)
		close(fd);
	if (m.type != PROTVIRT_WELCOME || m.args[0] != PROTVIRT_PROTOCOL ||
	    m.len != sizeof(*welcome))
		return -EPROTO;
	c->traps = m.args[1];
	memcpy(c->machine_id, welcome->machine_id, PROTVIRT_ID_SIZE);
	welcome->path[sizeof(welcome->path) - 1] = '\0';
	if (!client_state.path[0])
		snprintf(client_state.path, sizeof(client_state.path), "%s", welcome->path);
	return 0;
}

/*
 * Say who we are. @machine_id: the machine we expect, NULL: any.
 * Context: inside client_enter()
 */
static int hello(struct connection *c, const uint8_t *machine_id)
{
	static const uint8_t nobody[PROTVIRT_ID_SIZE];
	struct identity *id = machine_id ? client_identity(machine_id, false) : NULL;
	struct protvirt_message m = {
		.type = PROTVIRT_HELLO,
		.len = PROTVIRT_ID_SIZE,
		.args = {PROTVIRT_PROTOCOL},
	};
	struct protvirt_welcome welcome;
	int uffd = id ? -1 : userfault_create();
	int err = wire_send(c->control, &m, id ? id->mm_id : nobody, uffd, 0);

	if (uffd >= 0)
		close(uffd);
	err = err ? -EIO : receive_welcome(c, &welcome);
	if (err)
		return err;
	id = client_identity(c->machine_id, true);
	if (!id)
		return -EMFILE;
	memcpy(id->mm_id, welcome.mm_id, PROTVIRT_ID_SIZE);
	return 0;
}

/* Takes over @control. Context: inside client_enter() */
static struct connection *connection_make(int control, const uint8_t *machine_id)
{
	struct connection *c = calloc(1, sizeof(*c));
	int err = c ? 0 : -ENOMEM;

	if (c) {
		c->pid = getpid();
		c->control = control;
		err = hello(c, machine_id);
	}
	if (err) {
		close(control);
		free(c);
		errno = -err;
		return NULL;
	}
	c->next = client_state.connections;
	client_state.connections = c;
	return c;
}

/* ---- the default machine ---- */

static struct connection *find_default(void)
{
	struct connection *c = client_state.connections;
	pid_t self = getpid();

	while (c && !(c->pid == self && c->is_default && !atomic_load(&c->gone)))
		c = c->next;
	return c;
}

/* Return: 0, or -EINVAL */
static int set_path(const char *name)
{
	static const char prefix[] = "unix:";
	size_t n = sizeof(prefix) - 1;

	if (strncmp(name, prefix, n) != 0 || strlen(name + n) >= sizeof(client_state.path))
		return -EINVAL;
	snprintf(client_state.path, sizeof(client_state.path), "%s", name + n);
	return 0;
}

/*
 * The named machine; or the private one that the parent we were forked from has started, if it is
 * still there; or a new one. Return: a control socket, or -1 and errno.
 */
static int reach_machine(void)
{
	const char *name = getenv("PROTVIRT_MACHINE");
	int control;

	if (name && *name) {
		int err = set_path(name);

		errno = -err;
		return err ? -1 : socket_path_connect(client_state.path);
	}
	control = client_state.path[0] ? socket_path_connect(client_state.path) : -1;
	return control >= 0 ? control : launch_machine();
}

static struct connection *default_locked(void)
{
	struct connection *c = find_default();
	int control;

	if (c)
		return c;
	control = reach_machine();
	if (control < 0)
		return NULL;
	c = connection_make(control, NULL);
	if (c)
		c->is_default = true;
	return c;
}

struct connection *connection_default(void)
{
	struct connection *c;
	int err = client_enter();

	if (err) {
		errno = -err;
		return NULL;
	}
	c = default_locked();
	client_leave();
	return c;
}

struct connection *connection_default_peek(void)
{
	struct connection *c;

	if (client_enter())
		return NULL;
	c = find_default();
	client_leave();
	return c;
}

/* ---- the machine behind a descriptor ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* For every call, so by hand: sscanf(3) costs more than half a microsecond. */
static bool parse_id(const char *hex, uint8_t id[PROTVIRT_ID_SIZE])
{
	for (int i = 0; i < PROTVIRT_ID_SIZE; i++) {
		int high = hex_digit(hex[2 * i]), low = high < 0 ? -1 : hex_digit(hex[2 * i + 1]);

		if (low < 0)
			return false;
		id[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* Return: 0, -EBADF, or -ENOTTY: no descriptor of ours */
static int machine_of(int fd, uint8_t id[PROTVIRT_ID_SIZE])
{
	static const char prefix[] = PROTVIRT_OBJECT_PREFIX;
	const size_t n = sizeof(prefix) - 1;
	struct sockaddr_un peer = {0};
	socklen_t len = sizeof(peer) - 1;

	if (getpeername(fd, (struct sockaddr *)&peer, &len))
		return errno == EBADF ? -EBADF : -ENOTTY;
	if (peer.sun_family != AF_UNIX || peer.sun_path[0] != '\0' ||
	    memcmp(peer.sun_path + 1, prefix, n) != 0)
		return -ENOTTY;
	return parse_id(peer.sun_path + 1 + n, id) ? 0 : -ENOTTY;
}

static struct connection *find_machine(const uint8_t *id)
{
	struct connection *c = client_state.connections;
	pid_t self = getpid();

	while (c && !(c->pid == self && memcmp(c->machine_id, id, PROTVIRT_ID_SIZE) == 0))
		c = c->next;
	return c;
}

/* Ask the machine through the object's own socket; it has no other address that we know. */
static struct connection *adopt(int fd, const uint8_t *id)
{
	struct protvirt_message m = {.type = PROTVIRT_ADOPT};
	int pair[2];
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return NULL;
	err = wire_send(fd, &m, NULL, pair[1], MSG_DONTWAIT);
	close(pair[1]);
	if (!err)
		return connection_make(pair[0], id);
	close(pair[0]);
	errno = EIO;
	return NULL;
}

struct connection *connection_of(int fd)
{
	uint8_t id[PROTVIRT_ID_SIZE];
	struct connection *c;
	int err = machine_of(fd, id);

	if (!err)
		err = client_enter();
	if (err) {
		errno = -err;
		return NULL;
	}
	c = find_machine(id);
	if (!c)
		c = adopt(fd, id);
	client_leave();
	if (c && atomic_load(&c->gone)) {
		errno = EIO;
		c = NULL;
	}
	return c;
}

struct connection *connection_peek_of(int fd)
{
	uint8_t id[PROTVIRT_ID_SIZE];
	struct connection *c;

	if (machine_of(fd, id) || client_enter())
		return NULL;
	c = find_machine(id);
	client_leave();
	return c && !atomic_load(&c->gone) ? c : NULL;
}

void connection_check(struct connection *c)
{
	struct pollfd pfd = {.fd = c->control};

	if (poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR)))
		atomic_store(&c->gone, true);
}
