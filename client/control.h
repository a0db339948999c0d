/* SPDX-License-Identifier: MIT */
/* Talking to machines from the command line: status and the like. */
#ifndef CLIENT_CONTROL_H
#define CLIENT_CONTROL_H

#include <sys/types.h>

/**
 * host_control_query() - ask a machine
 * @path: its socket
 * @verb: "status", "wait-idle" (answered when no VMM, VM, configuration or residue is left),
 * "wait-mm" (when no address space with users is left), ...; arguments follow after a space
 * @answer: set to a string to be freed: the answer if 0 is returned; what the machine has to say
 *          about a failure, or NULL
 *
 * Return: 0; -ENOENT, -ECONNREFUSED: no machine there; -EOPNOTSUPP: unknown verb; what the verb
 * returned; -EIO: the machine went away; -ENOMEM.
 */
int host_control_query(const char *path, const char *verb, char **answer);

/**
 * host_control_query_timeout() - the same, but the answer has to come within @timeout_ms
 * @timeout_ms: negative: no limit
 *
 * Return: as above, or -ETIMEDOUT; the machine then forgets the question.
 */
int host_control_query_timeout(const char *path, const char *verb, int timeout_ms, char **answer);

/**
 * struct host_machine - a private machine of this user
 * @pid: its process
 * @path: its socket
 */
struct host_machine {
	pid_t pid;
	char path[108];
};

/**
 * host_control_discover() - find the running private machines of this user
 * @machines: set to an array to be freed, ascending by @pid
 *
 * Takes away sockets that nobody listens on any more. Machines started with `--listen` are not
 * found: their user chose the path.
 *
 * Return: their number, or -errno.
 */
int host_control_discover(struct host_machine **machines);

#endif
