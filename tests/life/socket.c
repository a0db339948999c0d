/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transport.h between two processes: the machine is a child that serves on a socket. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/control.h"
#include "host/server.h"
#include "kvm/machine.h"
#include "tests/life/left.h"
#include "tests/life/transport.h"

/* How long to wait for what must happen; only a failing test waits that long. */
#define PATIENCE_S 60

static char dir[32];
static char path[sizeof(dir) + 16];
static pid_t machine_pid;
static uint64_t donated_idle;
static struct machine_status at_start; /* in the machine's process */

/* ---- the machine's process ---- */

static int answer_counts(void *context, const char *args, FILE *out)
{
	struct machine_status s;

	machine_get_status(context, &s);
	fprintf(out, "%lu %lu %lu %lu %lu %lu %lu", s.vms,
		s.active + s.half + s.stuck + s.aside + s.tearing + s.leftover, s.tearing,
		s.uv.cpus,
		s.storage.frames_secure + s.storage.frames_orphan + s.storage.frames_shared +
			s.storage.frames_residue,
		s.storage.bytes_donated, s.storage.bytes_leaked);
	return 0;
}

static int answer_left(void *context, const char *args, FILE *out)
{
	struct machine_status s;

	machine_get_status(context, &s);
	left_print(out, &s, &at_start);
	return 0;
}

static struct file *open_kvm(void *context)
{
	return machine_open(context);
}

static bool is_idle(void *context)
{
	struct machine_status s;

	machine_get_status(context, &s);
	return !s.vms && !s.storage.frames_residue && !s.uv.configs;
}

static int serve(const struct transport_params *params)
{
	static const struct host_verb verbs[] = {
		{.name = "counts", .answer = answer_counts},
		{.name = "left", .answer = answer_left},
		{0},
	};
	struct machine_params machine = MACHINE_PARAMS_DEFAULT;
	struct host_server_params server = {
		.listen_path = path,
		.private_fd = -1,
		.open = open_kvm,
		.idle = is_idle,
		.verbs = verbs,
	};
	struct machine *m;
	int ret;

	machine.model = params->model;
	machine.host_key = params->host_key;
	m = machine_create(&machine);
	if (!m)
		return 1;
	machine_get_status(m, &at_start);
	server.storage = machine_storage(m);
	server.uv = machine_uv(m);
	server.context = m;
	ret = host_serve(&server);
	machine_destroy(m);
	return ret ? 1 : 0;
}

/* ---- the VMM's process ---- */

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void ask(const char *verb, char **answer)
{
	int ret = host_control_query(path, verb, answer);

	if (!ret)
		return;
	fprintf(stderr, "transport: %s: %s\n", verb, strerror(-ret));
	exit(99);
}

/* There is no event for "somebody listens now": try until then, or until the machine has died. */
static int wait_for_machine(void)
{
	time_t end = seconds() + PATIENCE_S;
	char *answer;
	int ret;

	do {
		ret = host_control_query(path, "counts", &answer);
		if (!ret) {
			free(answer);
			return 0;
		}
		free(answer);
		if (waitpid(machine_pid, NULL, WNOHANG))
			return -ECHILD;
		sched_yield();
	} while (seconds() < end);
	return ret;
}

int transport_start(const struct transport_params *params)
{
	char variable[sizeof(path) + 8];
	struct transport_counts c;
	int ret;

	snprintf(dir, sizeof(dir), "/tmp/protvirt-test-XXXXXX");
	if (!mkdtemp(dir))
		return -errno;
	snprintf(path, sizeof(path), "%s/machine", dir);
	fflush(NULL);
	machine_pid = fork();
	if (machine_pid < 0)
		return -errno;
	if (!machine_pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM); /* a test that fails leaves no machine */
		exit(serve(params));
	}
	snprintf(variable, sizeof(variable), "unix:%s", path);
	setenv("PROTVIRT_MACHINE", variable, 1);
	ret = wait_for_machine();
	if (ret)
		return ret;
	transport_counts(&c);
	donated_idle = c.donated;
	return 0;
}

void transport_counts(struct transport_counts *c)
{
	char *answer;

	ask("counts", &answer);
	c->donated_idle = donated_idle;
	if (sscanf(answer, "%lu %lu %lu %lu %lu %lu %lu", &c->vms, &c->configs, &c->tearing,
		   &c->cpus, &c->secure_frames, &c->donated, &c->leaked) != 7)
		exit(99);
	free(answer);
}

const char *transport_left(void)
{
	static char *left;

	free(left);
	left = NULL;
	ask("left", &left);
	return *left ? left : NULL;
}

void transport_wait_idle(void)
{
	char *answer = NULL;

	ask("wait-idle", &answer);
	free(answer);
}

void transport_wait_mm_gone(void)
{
	char *answer = NULL;

	ask("wait-mm", &answer);
	free(answer);
}

pid_t transport_machine(void)
{
	return machine_pid;
}

void transport_thread_end(void)
{
}

void transport_stop(void)
{
	int status = 0;

	kill(machine_pid, SIGTERM);
	while (waitpid(machine_pid, &status, 0) < 0 && errno == EINTR)
		;
	unlink(path);
	rmdir(dir);
	if (status) {
		fprintf(stderr, "transport: the machine ended with status 0x%x\n", status);
		exit(99);
	}
}
