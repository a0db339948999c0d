/* SPDX-License-Identifier: MIT */
/* Call channels: one for each thread and machine. */
#ifndef CLIENT_CHANNEL_H
#define CLIENT_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "client/protocol.h"

struct connection;

/**
 * struct channel - what a thread calls a machine through
 * @next: in the list of the process
 * @owner: the thread; a task made by clone(CLONE_VM) may share thread-local storage with another
 * @pid: its process
 * @connection: to which machine
 * @fd: the socket
 * @number: its number on the control socket
 * @seq: of the last request
 * @known: cookies of objects that the machine knows here, each at its place; 0: none
 * @busy: a request is under way; a signal handler gets another channel
 * @broken: the machine closed it
 * @page: shared with the machine, or NULL
 * @locked: the lock in @page is held
 */
struct channel {
	struct channel *next;
	pid_t owner;
	pid_t pid;
	struct connection *connection;
	int fd;
	uint64_t number;
	uint64_t seq;
	uint64_t known[PROTVIRT_KNOWN];
	bool busy;
	bool broken;
	void *page;
	bool locked;
};

/**
 * channel_get() - a channel of the calling thread that is not busy; it is busy then
 * Return: the channel, or NULL and errno: EIO, EMFILE, ENOMEM.
 */
struct channel *channel_get(struct connection *c);

/**
 * channel_get_knowing() - the same, of whatever machine, on which the object with a socket cookie
 * need only be named
 * Return: the channel, or NULL: there is none.
 */
struct channel *channel_get_knowing(uint64_t cookie);

/** channel_put() - not busy any more; a broken one is dropped */
void channel_put(struct channel *ch);

/** channel_drop() - close and free it: end of the thread, or a forked child. Locked by the caller
 */
void channel_drop(struct channel *ch);

/**
 * struct call - a request and its result
 * @m: request; the channel fills in the number
 * @payload: @m.len bytes; of PROTVIRT_IOCTL they need not be readable
 * @out: address where the payload of the result goes; may be any
 * @room: bytes there
 * @pass: descriptor to pass, or WIRE_NO_FD; so after PROTVIRT_CLOSE has closed it
 * @mask: signals (bit n - 1: signal n) that are blocked while waiting; the others end the request.
 *        NULL: nothing does
 * @result: head of the result
 * @bad_out: its payload could not be stored
 * @passed: descriptor that came with it, or WIRE_*
 */
struct call {
	struct protvirt_message m;
	const void *payload;
	uint64_t out;
	size_t room;
	int pass;
	const uint64_t *mask;
	struct protvirt_message result;
	bool bad_out;
	int passed;
};

/**
 * channel_call() - one request
 *
 * Context: all signals blocked.
 *
 * Return: 0; -EIO: the machine is gone or has closed the channel; -EBADF: @call->pass.
 */
int channel_call(struct channel *ch, struct call *call);

#endif
