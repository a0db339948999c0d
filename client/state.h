/* SPDX-License-Identifier: MIT */
/* What the library knows in this process. */
#ifndef CLIENT_STATE_H
#define CLIENT_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "client/connection.h"

struct channel;

/** struct identity - which address space we are at a machine; zeros for a new one */
struct identity {
	uint8_t machine_id[PROTVIRT_ID_SIZE];
	uint8_t mm_id[PROTVIRT_ID_SIZE];
};

/**
 * struct identity_page - a page that a forked child finds wiped: it is another address space
 * @alive: false in a forked child
 */
struct identity_page {
	bool alive;
	uint32_t n;
	struct identity ids[64];
};

/**
 * struct client_state - of the process
 * @lock: protects everything here but the content of channels
 * @page: see struct identity_page
 * @pid: process that made the state
 * @connections: all of them
 * @channels: all of them, of all threads
 * @path: socket of the default machine once it is known
 */
struct client_state {
	pthread_mutex_t lock;
	struct identity_page *page;
	pid_t pid;
	struct connection *connections;
	struct channel *channels;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

extern struct client_state client_state;

/**
 * client_enter() - take the lock; cleans up first if this is a forked child
 * Return: 0, or -ENOMEM.
 */
int client_enter(void);
void client_leave(void);

/**
 * client_identity() - our identity at a machine
 * @create: make room for it
 *
 * Return: the entry, or NULL. Context: inside client_enter().
 */
struct identity *client_identity(const uint8_t *machine_id, bool create);

#endif
