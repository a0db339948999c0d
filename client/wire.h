/* SPDX-License-Identifier: MIT */
/* Messages on a socket. */
#ifndef CLIENT_WIRE_H
#define CLIENT_WIRE_H

#include <stddef.h>

#include "client/protocol.h"

/** WIRE_NO_FD - no descriptor came; WIRE_LOST_FD: one came, but there was no room for it */
#define WIRE_NO_FD   (-1)
#define WIRE_LOST_FD (-2)

/**
 * wire_send() - send a message
 * @m: its head; @m->len bytes at @payload follow
 * @pass: descriptor to pass, or WIRE_NO_FD
 * @flags: of sendmsg(2): MSG_DONTWAIT
 *
 * Return: 0, -EPIPE: the peer is gone; another -errno.
 */
int wire_send(int socket, const struct protvirt_message *m, const void *payload, int pass,
	      int flags);

/**
 * wire_recv() - receive a message
 * @payload: room for @room bytes; @m->len are filled
 * @passed: set to the descriptor that came (close-on-exec), or WIRE_*
 * @flags: of recvmsg(2): MSG_DONTWAIT
 *
 * Return: 0; -EPIPE: the peer is gone; -EPROTO: not a message, or too long; -EAGAIN; -EINTR.
 * Nothing is passed unless 0 is returned.
 */
int wire_recv(int socket, struct protvirt_message *m, void *payload, size_t room, int *passed,
	      int flags);

/**
 * wire_recv_to_user() - receive a message whose payload goes where a caller wants it
 * @to: room for @room bytes there; may be any address
 *
 * The kernel stores the payload on its way, so a bad address costs nothing and harms nobody.
 *
 * Return: as wire_recv(), and -EFAULT: the payload could not be stored up to its end. The message
 * has been received all the same: @m is its head, bytes before the bad address are stored.
 */
int wire_recv_to_user(int socket, struct protvirt_message *m, uint64_t to, size_t room,
		      int *passed);

/** wire_cookie() - what tells a socket from all others, for ever; 0: not an open socket */
uint64_t wire_cookie(int socket);

#endif
