/* SPDX-License-Identifier: MIT */
/* Connections to machines, one for each machine and process. */
#ifndef CLIENT_CONNECTION_H
#define CLIENT_CONNECTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "client/protocol.h"

/**
 * struct connection - a process at a machine
 * @pid: the process; a task made by clone(CLONE_VM) has the same memory but its own connection
 * @machine_id: which machine
 * @control: control socket, open as long as the process lives
 * @traps: secure pages trap on touch
 * @is_default: the one that connection_default() made
 * @gone: the machine closed it
 */
struct connection {
	struct connection *next;
	pid_t pid;
	uint8_t machine_id[PROTVIRT_ID_SIZE];
	int control;
	bool traps;
	bool is_default;
	_Atomic bool gone;
};

/**
 * connection_default() - the machine of PROTVIRT_MACHINE, or the process's private one
 *
 * Connects or starts it if need be.
 *
 * Return: the connection, or NULL and errno: ENOENT, ECONNREFUSED, EINVAL (PROTVIRT_MACHINE is not
 * unix:PATH), EPROTO (a machine of another version), EIO (it ended at once), EMFILE, ENOMEM.
 */
struct connection *connection_default(void);

/** connection_default_peek() - the same, but NULL if there is none yet */
struct connection *connection_default_peek(void);

/**
 * connection_of() - the machine behind a descriptor
 *
 * If this process has no connection to it, because the descriptor was inherited or received, one
 * is made through the descriptor itself.
 *
 * Return: the connection, or NULL and errno: EBADF, ENOTTY (not one of our descriptors), EIO.
 */
struct connection *connection_of(int fd);

/** connection_peek_of() - the same, but NULL if this process has none yet */
struct connection *connection_peek_of(int fd);

/** connection_check() - something failed: is the machine gone? */
void connection_check(struct connection *c);

#endif
