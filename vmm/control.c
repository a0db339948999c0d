// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/control.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/socket_path.h"
#include "vmm/vm.h"

enum what {
	RESET = 'r',
	PEEK = 'p',
};

/** struct request - in one message; both ends are the same program */
struct request {
	uint64_t what;
	uint64_t address; /* guest absolute, for PEEK */
};

/** struct control - @client: whom the thread serves, or -1, and @closing under @lock */
struct control {
	struct vm *vm;
	int socket;
	int client;
	bool closing;
	pthread_mutex_t lock;
	pthread_t thread;
	struct sockaddr_un address;
};

static int address_of(pid_t pid, struct sockaddr_un *address)
{
	char dir[sizeof(address->sun_path) - 24];
	int rc = socket_path_dir(dir, sizeof(dir));

	if (rc)
		return rc;
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/vmm-%d", dir, pid);
	return 0;
}

static bool wait_rebooted(struct vm *vm)
{
	uint64_t boots;
	bool done;

	pthread_mutex_lock(&vm->lock);
	boots = vm->boots; /* before the request: the reboot may be over when that returns */
	pthread_mutex_unlock(&vm->lock);
	vm_request_reset(vm);
	pthread_mutex_lock(&vm->lock);
	while (vm->boots == boots && !vm->ending)
		pthread_cond_wait(&vm->changed, &vm->lock);
	done = vm->boots != boots;
	pthread_mutex_unlock(&vm->lock);
	return done;
}

static void answer(int client, const void *bytes, size_t len)
{
	send(client, bytes, len, MSG_NOSIGNAL);
}

/*
 * Loads, as the guest's host makes them: they trap wherever anything does, also where those of
 * system calls do not.
 */
static void peek(struct vm *vm, int client, uint64_t address)
{
	const volatile uint8_t *from = vm_range(vm, address, CONTROL_PEEK_LEN);
	uint8_t bytes[CONTROL_PEEK_LEN];

	if (!from)
		return;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = from[i];
	answer(client, bytes, sizeof(bytes));
}

/* No answer is one, too: the connection ends without. */
static void serve(struct vm *vm, int client)
{
	const uint8_t done = 1;
	struct request request;

	if (recv(client, &request, sizeof(request), MSG_WAITALL) != sizeof(request))
		return;
	if (request.what == RESET && wait_rebooted(vm))
		answer(client, &done, sizeof(done));
	if (request.what == PEEK)
		peek(vm, client, request.address);
}

/* Who connects and says nothing must not keep the VMM from its end. */
static void set_client(struct control *control, int client)
{
	pthread_mutex_lock(&control->lock);
	if (control->client >= 0)
		close(control->client);
	control->client = client;
	if (control->closing && client >= 0)
		shutdown(client, SHUT_RDWR);
	pthread_mutex_unlock(&control->lock);
}

static void *control_thread(void *arg)
{
	struct control *control = arg;
	int client;

	while ((client = accept(control->socket, NULL, NULL)) >= 0) {
		set_client(control, client);
		serve(control->vm, client);
		set_client(control, -1);
	}
	return NULL;
}

struct control *control_open(struct vm *vm)
{
	struct control *control = calloc(1, sizeof(*control));
	int rc = -ENOMEM;

	if (!control)
		goto fail;
	control->vm = vm;
	control->socket = -1;
	control->client = -1;
	pthread_mutex_init(&control->lock, NULL);
	rc = address_of(getpid(), &control->address);
	if (rc)
		goto fail;
	unlink(control->address.sun_path); /* of a dead process with our number */
	control->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = -errno;
	if (control->socket < 0 ||
	    bind(control->socket, (struct sockaddr *)&control->address, sizeof(control->address)) ||
	    listen(control->socket, 4)) {
		rc = -errno;
		goto fail;
	}
	rc = -pthread_create(&control->thread, NULL, control_thread, control);
	if (!rc)
		return control;
fail:
	fprintf(stderr, "protvirt run: no control socket: %s; `protvirt reset` will not find it\n",
		strerror(-rc));
	if (control && control->socket >= 0) {
		unlink(control->address.sun_path);
		close(control->socket);
	}
	free(control);
	return NULL;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	unlink(control->address.sun_path);
	pthread_mutex_lock(&control->lock);
	control->closing = true;
	if (control->client >= 0)
		shutdown(control->client, SHUT_RDWR);
	pthread_mutex_unlock(&control->lock);
	shutdown(control->socket, SHUT_RDWR);
	pthread_join(control->thread, NULL);
	close(control->socket);
	pthread_mutex_destroy(&control->lock);
	free(control);
}

/* ---- the other end ---- */

static int ask(pid_t pid, const struct request *request, void *answer, size_t len)
{
	struct sockaddr_un address;
	int rc = address_of(pid, &address);
	int fd;

	if (rc)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		rc = errno == ECONNREFUSED ? -ENOENT : -errno;
	else if (send(fd, request, sizeof(*request), MSG_NOSIGNAL) != sizeof(*request) ||
		 recv(fd, answer, len, MSG_WAITALL) != (ssize_t)len)
		rc = -ECONNRESET;
	close(fd);
	return rc;
}

int control_send_reset(pid_t pid)
{
	uint8_t done;

	return ask(pid, &(struct request){.what = RESET}, &done, sizeof(done));
}

int control_send_peek(pid_t pid, uint64_t address, uint8_t bytes[CONTROL_PEEK_LEN])
{
	return ask(pid, &(struct request){PEEK, address}, bytes, CONTROL_PEEK_LEN);
}
