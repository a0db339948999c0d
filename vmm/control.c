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

#define RESET 'r'
#define DONE  'd'

struct control {
	struct vm *vm;
	int socket;
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

	vm_request_reset(vm);
	pthread_mutex_lock(&vm->lock);
	boots = vm->boots;
	while (vm->boots == boots && !vm->ending)
		pthread_cond_wait(&vm->changed, &vm->lock);
	done = vm->boots != boots;
	pthread_mutex_unlock(&vm->lock);
	return done;
}

static void serve(struct vm *vm, int client)
{
	char answer = DONE;
	char request;

	if (recv(client, &request, 1, 0) == 1 && request == RESET && wait_rebooted(vm))
		send(client, &answer, 1, MSG_NOSIGNAL);
	close(client);
}

static void *control_thread(void *arg)
{
	struct control *control = arg;
	int client;

	while ((client = accept(control->socket, NULL, NULL)) >= 0)
		serve(control->vm, client);
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
	shutdown(control->socket, SHUT_RDWR);
	pthread_join(control->thread, NULL);
	close(control->socket);
	free(control);
}

int control_send_reset(pid_t pid)
{
	struct sockaddr_un address;
	char byte = RESET;
	int rc = address_of(pid, &address);
	int fd;

	if (rc)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		rc = errno == ECONNREFUSED ? -ENOENT : -errno;
	else if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) != 1)
		rc = -ECONNRESET;
	close(fd);
	return rc;
}
