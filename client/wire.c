// SPDX-License-Identifier: MIT
#include "client/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Room for exactly one descriptor. The kernel closes what does not fit, so that a peer cannot fill
 * our table; CMSG_SPACE() would leave room for two.
 */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void put_descriptor(struct msghdr *msg, union control *control, int pass)
{
	msg->msg_control = control;
	msg->msg_controllen = CMSG_LEN(sizeof(int));
	control->head.cmsg_level = SOL_SOCKET;
	control->head.cmsg_type = SCM_RIGHTS;
	control->head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control->head), &pass, sizeof(pass));
}

int wire_send(int socket, const struct protvirt_message *m, const void *payload, int pass,
	      int flags)
{
	struct iovec iov[2] = {
		{(void *)(uintptr_t)m, sizeof(*m)},
		{(void *)(uintptr_t)payload, m->len},
	};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = m->len ? 2 : 1};
	union control control = {0};
	ssize_t n;

	if (pass >= 0)
		put_descriptor(&msg, &control, pass);
	do
		n = sendmsg(socket, &msg, MSG_NOSIGNAL | flags);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
}

static int take_descriptor(struct msghdr *msg)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(msg);
	int fd = WIRE_NO_FD;

	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	else if (msg->msg_flags & MSG_CTRUNC)
		fd = WIRE_LOST_FD;
	return fd;
}

static bool well_formed(const struct protvirt_message *m, const struct msghdr *msg, ssize_t n)
{
	return n >= (ssize_t)sizeof(*m) && !(msg->msg_flags & MSG_TRUNC) &&
	       m->len == (size_t)n - sizeof(*m);
}

int wire_recv(int socket, struct protvirt_message *m, void *payload, size_t room, int *passed,
	      int flags)
{
	struct iovec iov[2] = {{m, sizeof(*m)}, {payload, room}};
	union control control = {0};
	struct msghdr msg = {
		.msg_iov = iov,
		.msg_iovlen = room ? 2 : 1,
		.msg_control = &control,
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	ssize_t n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | flags);

	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	if (n == 0)
		return -EPIPE;
	*passed = take_descriptor(&msg);
	if (well_formed(m, &msg, n))
		return 0;
	if (*passed >= 0)
		close(*passed);
	*passed = WIRE_NO_FD;
	return -EPROTO;
}

/*
 * A message that meets a bad address is off the socket, and its head was stored first. An address
 * outside user space is refused before that: the message is still there and is taken without it.
 */
int wire_recv_to_user(int socket, struct protvirt_message *m, uint64_t to, size_t room, int *passed)
{
	void *payload = (void *)(uintptr_t)to;
	int err;

	m->type = 0;
	err = wire_recv(socket, m, payload, room, passed, 0);
	if (err != -EFAULT)
		return err;
	*passed = WIRE_NO_FD;
	if (m->type)
		return -EFAULT;
	err = wire_recv(socket, m, NULL, 0, passed, 0);
	return err == -EPROTO && m->len ? -EFAULT : err;
}

uint64_t wire_cookie(int socket)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &len) ? 0 : cookie;
}
