/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a machine about itself. */
#ifndef VMM_MACHINE_QUERY_H
#define VMM_MACHINE_QUERY_H

#include <stddef.h>

#include "image/options.h"
#include "vmm/snapshot.h"

/**
 * machine_query() - counts of a machine
 * @path: its control socket
 *
 * Return: 0 or -errno: ECONNREFUSED or ENOENT: no machine there; EPROTO: it speaks otherwise.
 */
int machine_query(const char *path, struct snapshot *out);

/**
 * machine_wait_idle() - until no VMM, VM, configuration or secure frame is left
 *
 * A private machine ends when it is idle, which is success as well.
 *
 * Return: 0 or -errno, as machine_query().
 */
int machine_wait_idle(const char *path);

/**
 * machine_path_of() - control socket of the machine that a KVM descriptor belongs to
 * @path: set to "" if there is none: a real /dev/kvm, or a machine of another user
 */
void machine_path_of(int fd, char *path, size_t size);

/**
 * machine_pick() - the one machine that is meant
 * @path: what --machine said, or NULL: the only one of this user
 * @found: out, at most @size bytes
 *
 * Return: 0, or the exit status: a line of @command said that there is none, or several.
 */
int machine_pick(const struct command *command, const char *path, char *found, size_t size);

/**
 * machine_find() - call @found with the control socket of each machine of this user
 *
 * That of PROTVIRT_MACHINE comes first, then the private ones.
 */
void machine_find(void (*found)(void *arg, const char *path), void *arg);

#endif
