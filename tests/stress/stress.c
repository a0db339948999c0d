/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything at once: stress [WAVES [OPERATIONS]]
 *
 * In each wave several VMMs, processes of their own, do whatever a VMM can to several
 * VMs from several threads. Some are shot at a random time, the others end by
 * themselves. Meanwhile the machine must answer for its status, and after the wave
 * every count must be what it was.
 *
 * Prints TAP, a case a wave. PROTVIRT_SEED repeats a run.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/life/host_key.h"
#include "tests/life/transport.h"
#include "tests/machine_model.h"
#include "tests/stress/vmm.h"

#define VMMS 3

static struct life_image image;
static struct stress_counts *counts;
static unsigned int operations;

struct victim {
	pid_t pid;
	uint64_t shot_at; /* nanoseconds after the start; 0: lives */
	bool shot;
	int status;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static pid_t start_vmm(unsigned int seed)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		exit(99);
	if (!pid)
		_exit(stress_vmm(&image, seed, operations, counts));
	return pid;
}

/* Return: has it ended? */
static bool look_after(struct victim *v, uint64_t since)
{
	if (!v->pid)
		return true;
	if (v->shot_at && !v->shot && now_ns() - since >= v->shot_at) {
		kill(v->pid, SIGKILL);
		v->shot = true;
	}
	if (waitpid(v->pid, &v->status, WNOHANG) != v->pid)
		return false;
	v->pid = 0;
	return true;
}

/* The clock is the subject here: shots fall at random times. Status is asked all the while. */
static void watch(struct victim *victims, uint64_t since)
{
	const struct timespec turn = {0, 1000000};
	struct transport_counts c;
	bool all;

	do {
		all = true;
		for (int i = 0; i < VMMS; i++)
			all &= look_after(&victims[i], since);
		transport_counts(&c);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &turn, NULL);
	} while (!all);
}

static const char *what_is_left(void)
{
	static char text[256];
	struct transport_counts c;

	transport_wait_idle();
	transport_counts(&c);
	if (!c.vms && !c.configs && !c.cpus && !c.secure_frames && !c.leaked &&
	    c.donated == c.donated_idle)
		return NULL;
	snprintf(text, sizeof(text),
		 "vms %lu configs %lu cpus %lu secure frames %lu donated %lu (idle %lu) leaked %lu",
		 c.vms, c.configs, c.cpus, c.secure_frames, c.donated, c.donated_idle, c.leaked);
	return text;
}

static const char *how_it_ended(const struct victim *victims)
{
	static char text[64];

	for (int i = 0; i < VMMS; i++) {
		bool killed = WIFSIGNALED(victims[i].status) &&
			      WTERMSIG(victims[i].status) == SIGKILL && victims[i].shot;

		if (victims[i].status == 0 || killed)
			continue;
		snprintf(text, sizeof(text), "VMM %d ended with status 0x%x", i, victims[i].status);
		return text;
	}
	return NULL;
}

/* Return: how long it took */
static uint64_t wave(int n, unsigned int *seed, uint64_t life_ns)
{
	struct victim victims[VMMS] = {0};
	const char *wrong, *left;
	uint64_t since = now_ns(), took;
	int shots = 0;

	for (int i = 0; i < VMMS; i++) {
		victims[i].pid = start_vmm((unsigned int)rand_r(seed));
		if (life_ns && rand_r(seed) % 3)
			victims[i].shot_at = 1 + (uint64_t)rand_r(seed) * (life_ns * 3 / 4) / RAND_MAX;
	}
	watch(victims, since);
	took = now_ns() - since;
	wrong = how_it_ended(victims);
	left = what_is_left();
	for (int i = 0; i < VMMS; i++)
		shots += victims[i].shot;
	if (wrong || left)
		printf("not ok %d - %s\n", n, wrong ? wrong : left);
	else
		printf("ok %d - %d of %d shot, nothing is left\n", n, shots, VMMS);
	return took;
}

/* A run in which an operation never worked has not tried it. */
static void check_coverage(int n)
{
	const char *missing = NULL;

	for (int op = 0; op < OP_NR; op++) {
		uint64_t done = atomic_load(&counts->done[op]);

		printf("# %s: %lu done, %lu refused\n", stress_op_names[op], done,
		       atomic_load(&counts->refused[op]));
		if (!done)
			missing = stress_op_names[op];
	}
	if (missing)
		printf("not ok %d - %s never worked\n", n, missing);
	else
		printf("ok %d - each operation worked at least once\n", n);
}

static unsigned int choose_seed(void)
{
	const char *given = getenv("PROTVIRT_SEED");
	unsigned int seed;

	if (given)
		return (unsigned int)strtoul(given, NULL, 0);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		exit(99);
	return seed;
}

int main(int argc, char **argv)
{
	int waves = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 12;
	const struct transport_params params = {
		.model = machine_model(),
		.host_key = life_host_key(),
	};
	unsigned int seed = choose_seed();
	uint64_t life_ns = 0;

	operations = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 400;
	printf("1..%d\n# PROTVIRT_SEED=%u\n", waves + 1, seed);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (counts == MAP_FAILED || life_image_build(&image, params.host_key) ||
	    transport_start(&params)) {
		printf("Bail out! no machine\n");
		return 1;
	}
	/* Nobody is shot in the first wave: it says how long one takes here. */
	for (int n = 1; n <= waves; n++) {
		uint64_t took = wave(n, &seed, life_ns);

		if (n == 1)
			life_ns = took;
	}
	check_coverage(waves + 1);
	transport_stop();
	life_image_free(&image);
	life_host_key_remove();
	return 0;
}
