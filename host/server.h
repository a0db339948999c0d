/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine process: many VMM processes over sockets.
 */
#ifndef HOST_SERVER_H
#define HOST_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct file;
struct mm_limits;
struct server;
struct storage;
struct uv;

/**
 * struct host_verb - what a machine can be asked besides "wait-idle" and "wait-mm"
 * @name: first word of the question
 * @answer: writes the answer for @args (the rest of the question) to @out. Return: 0 or -errno; the
 *          text is sent in any case. Waits for no ioctl and for no client; may run in several
 *          threads at once
 * @ready: is it time for the answer? If not, host_server_params.set_wake's descriptor is written to
 *         when it may be. As @answer. NULL: always
 */
struct host_verb {
	const char *name;
	int (*answer)(void *context, const char *args, FILE *out);
	bool (*ready)(void *context, const char *args);
};

/**
 * struct host_server_params - how to serve
 * @listen_path: socket to be made, NULL: none. A stale one is replaced
 * @private_fd: control socket of the one VMM that started us, -1: none. Then a socket named by our
 *              pid is made in the user's runtime directory, we end after the last VMM, and
 *              host_serve() goes on in a child while the calling process exits
 * @storage, @uv: the machine's
 * @open: open /dev/kvm; called in a task. Return: file with one reference, or NULL and errno
 * @idle: no VM, configuration or residue is left; for the verb wait-idle
 * @set_wake: takes an eventfd: writing to it makes all questions that wait be looked at again; -1:
 *            it is there no longer. NULL: no verb waits
 * @verbs: ends with a row without name
 * @context: first argument of all of them
 * @limits: of each VMM; NULL: none for a private machine, a share of our descriptors for others
 * @debuggable: others of this user may attach a debugger, and core dumps are written
 * @holes: refuse userfaultfds: secure pages read as zeros
 */
struct host_server_params {
	const char *listen_path;
	int private_fd;
	struct storage *storage;
	struct uv *uv;
	struct file *(*open)(void *context);
	bool (*idle)(void *context);
	void (*set_wake)(void *context, int fd);
	const struct host_verb *verbs;
	void *context;
	const struct mm_limits *limits;
	bool debuggable;
	bool holes;
};

/**
 * host_serve() - serve until SIGTERM or SIGINT, or until a private machine's last VMM is gone
 *
 * VMMs that are still there then see their machine go: EIO. When it returns, every file has been
 * released and every thread has ended. Failure to begin is reported by a line on stderr.
 *
 * Return: 0, or -errno: it did not begin to serve.
 * Context: a program without other threads; signals are blocked from here on.
 */
int host_serve(const struct host_server_params *p);

/**
 * struct host_stats - for the verb status
 * @processes: VMM processes
 * @tasks: their threads that have a call channel
 * @files: KVM objects with a descriptor
 * @traps: secure pages trap in every VMM that is connected
 * @holes: VMMs, since the start, in which they do not
 */
struct host_stats {
	uint64_t processes;
	uint64_t tasks;
	uint64_t files;
	uint64_t holes;
	bool traps;
};

/** host_get_stats() - counts of the serving machine; zeros where host_serve() does not run */
void host_get_stats(struct host_stats *stats);

#endif
