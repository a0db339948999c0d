/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How `protvirt reset` finds and tells a running VMM: a socket named after its process. */
#ifndef VMM_CONTROL_H
#define VMM_CONTROL_H

#include <sys/types.h>

struct control;
struct vm;

/**
 * control_open() - serve requests from outside for @vm
 * Return: the control, or NULL: a line on standard error says why there is none.
 */
struct control *control_open(struct vm *vm);

/** control_close() - remove the socket, end its thread. NULL is allowed */
void control_close(struct control *control);

/**
 * control_send_reset() - ask the VMM @pid for a full reset of its guest; wait until it is done
 * Return: 0, or -errno: ENOENT (no such VMM), ECONNRESET (it ended instead).
 */
int control_send_reset(pid_t pid);

#endif
