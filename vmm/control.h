/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How `protvirt reset` and `peek` find and tell a running VMM: a socket named after its process. */
#ifndef VMM_CONTROL_H
#define VMM_CONTROL_H

#include <stdint.h>
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

/** CONTROL_PEEK_LEN - bytes that control_send_peek() gets */
#define CONTROL_PEEK_LEN 64

/**
 * control_send_peek() - ask the VMM @pid what it finds in its mapping of guest storage
 * @address: guest absolute
 *
 * A secure page is exported by that, where touches of the VMM trap.
 *
 * Return: 0, or -errno: ENOENT (no such VMM), ECONNRESET (not storage of its guest, or it ended).
 */
int control_send_peek(pid_t pid, uint64_t address, uint8_t bytes[CONTROL_PEEK_LEN]);

#endif
