// SPDX-License-Identifier: MIT
/*
 * The state of the library in this process, and what a fork does to it.
 *
 * A forked child inherits our sockets, but it is another process: the control
 * socket and the channels are closed there, descriptors of objects stay.
 */
#include "client/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/channel.h"

struct client_state client_state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Context: only this thread exists; the lock is held */
static void forget_parent(void)
{
	struct client_state *s = &client_state;

	while (s->channels)
		channel_drop(s->channels);
	while (s->connections) {
		struct connection *c = s->connections;

		s->connections = c->next;
		if (c->control >= 0 && c->pid == s->pid)
			close(c->control);
		free(c);
	}
	s->page->n = 0;
	s->page->alive = true;
	s->pid = getpid();
}

static void before_fork(void)
{
	pthread_mutex_lock(&client_state.lock);
}

static void after_fork_parent(void)
{
	pthread_mutex_unlock(&client_state.lock);
}

static void after_fork_child(void)
{
	if (client_state.page && !client_state.page->alive)
		forget_parent();
	pthread_mutex_unlock(&client_state.lock);
}

static void init_once(void)
{
	size_t size = sizeof(struct identity_page);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return;
	if (madvise(page, size, MADV_WIPEONFORK)) {
		munmap(page, size);
		return;
	}
	client_state.page = page;
	client_state.page->alive = true;
	client_state.pid = getpid();
	pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

int client_enter(void)
{
	pthread_once(&once, init_once);
	if (!client_state.page)
		return -ENOMEM;
	/* A fork past the handlers: whoever held the lock does not exist here. */
	if (!client_state.page->alive) {
		pthread_mutex_init(&client_state.lock, NULL);
		pthread_mutex_lock(&client_state.lock);
		forget_parent();
		return 0;
	}
	pthread_mutex_lock(&client_state.lock);
	return 0;
}

void client_leave(void)
{
	pthread_mutex_unlock(&client_state.lock);
}

struct identity *client_identity(const uint8_t *machine_id, bool create)
{
	struct identity_page *page = client_state.page;
	struct identity *id = page->ids;

	for (uint32_t i = 0; i < page->n; i++, id++)
		if (memcmp(id->machine_id, machine_id, PROTVIRT_ID_SIZE) == 0)
			return id;
	if (!create || page->n == sizeof(page->ids) / sizeof(page->ids[0]))
		return NULL;
	memcpy(id->machine_id, machine_id, PROTVIRT_ID_SIZE);
	page->n++;
	return id;
}
