/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMMs shot at random points of their life:
 *
 *	kill [--cases KILLS] [--model MODEL] [--seed S] [--shard I/N] [--tap]
 *
 * Each victim creates a VM and lives through start, run, asynchronous reboot,
 * synchronous reboot and hot-plug, again and again, until SIGKILL. Then every
 * count of the machine must return to zero. One in four leaves a forked child
 * behind that still holds the descriptors: its files live on, its memory not.
 *
 * With --tap a case a kill, else the line of docs/campaigns.md. A kill depends on its seed, and
 * on how fast this machine is.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/campaign/campaign.h"
#include "tests/life/host_key.h"
#include "tests/life/life.h"
#include "tests/life/transport.h"

#define MEMORY (24UL << 20)
#define MAX_PAGES 4096U

static struct life_image image;

/* ---- the victim ---- */

static void *perform(void *vm)
{
	struct life l = { .vm = (int)(intptr_t)vm };

	life_pv(&l, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL);
	return NULL;
}

static int reboot_async(struct life *l)
{
	pthread_t thread;
	int ret = life_pv(l, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL);

	/* The PERFORM of the boot before may not have begun: then this is the documented way. */
	if (ret)
		return life_pv(l, KVM_PV_DISABLE, NULL);
	if (pthread_create(&thread, NULL, perform, (void *)(intptr_t)l->vm))
		return -EAGAIN;
	return -pthread_detach(thread);
}

static int one_life(struct life *l, unsigned int *seed, int boots)
{
	int ret = life_create(l, MEMORY, 1 + (unsigned int)rand_r(seed) % 3);

	for (int boot = 0; !ret && boot < boots; boot++) {
		ret = life_load(l, &image);
		if (!ret)
			ret = life_run(l, (uint64_t)(rand_r(seed) % (int)MAX_PAGES));
		if (!ret)
			ret = boot % 3 == 2 ? life_pv(l, KVM_PV_DISABLE, NULL) : reboot_async(l);
		if (!ret)
			ret = protvirt_ioctl(l->vcpu[0], KVM_S390_CLEAR_RESET, 0) ? -errno : 0;
	}
	life_close(l);
	return ret;
}

static _Noreturn void victim(unsigned int seed, int lives, int started)
{
	struct life l;
	int ret = 0;

	if (write(started, "", 1) != 1)
		_exit(98);
	for (int n = 0; !ret && n != lives; n++)
		ret = one_life(&l, &seed, 4);
	if (ret)
		fprintf(stderr, "# victim: %s, rc 0x%x rrc 0x%x\n", strerror(-ret), l.rc, l.rrc);
	_exit(ret ? 97 : 0);
}

/* ---- the one who shoots ---- */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* The clock is the subject here: the shot falls at a random time of the victim's life. */
static void wait_ns(uint64_t ns)
{
	const struct timespec ts = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

static pid_t start_victim(unsigned int seed, int lives)
{
	int started[2];
	char byte;
	pid_t pid;

	if (pipe(started))
		exit(99);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		exit(99);
	if (!pid) {
		close(started[0]);
		victim(seed, lives, started[1]);
	}
	close(started[1]);
	if (read(started[0], &byte, 1) != 1)
		exit(99);
	close(started[0]);
	return pid;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			exit(99);
	return status;
}

/* How long one life takes here: shots are spread over one and a half of them. */
static uint64_t measure_life(unsigned int seed)
{
	uint64_t start = now_ns();
	pid_t pid = start_victim(seed, 1);
	int status = wait_for(pid);

	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "kill: a life that nobody ends must succeed, status 0x%x\n",
			status);
		exit(1);
	}
	return now_ns() - start;
}

static const char *what_is_left(void)
{
	transport_wait_idle();
	return transport_left();
}

/* Return: what was wrong, or NULL */
static const char *shoot(unsigned int seed, uint64_t life_ns)
{
	uint64_t delay = (uint64_t)rand_r(&seed) * (life_ns * 3 / 2) / RAND_MAX;
	pid_t pid = start_victim(seed, -1);
	const char *left;
	int status;

	wait_ns(delay);
	kill(pid, SIGKILL);
	status = wait_for(pid);
	left = what_is_left();
	return WIFEXITED(status) ? "the victim ended by itself" : left;
}

/* ---- a forked child that holds the descriptors ---- */

static _Noreturn void victim_with_child(unsigned int seed, int hold, int started)
{
	struct life l;
	int ret = life_create(&l, MEMORY, 1);
	char byte;

	if (!ret)
		ret = life_load(&l, &image);
	if (!ret)
		ret = life_run(&l, (uint64_t)(rand_r(&seed) % (int)MAX_PAGES));
	if (!ret && seed % 2)
		ret = life_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL);
	if (ret)
		_exit(97);
	if (!fork()) {
		if (write(started, "", 1) == 1 && read(hold, &byte, 1) <= 0)
			_exit(0); /* the other end was closed: let go */
		_exit(98);
	}
	for (;;)
		pause();
}

static const char *shoot_parent(unsigned int seed)
{
	int hold[2], started[2];
	struct transport_counts c;
	pid_t pid;
	char byte;

	if (pipe(hold) || pipe(started))
		exit(99);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(hold[1]);
		close(started[0]);
		victim_with_child(seed, hold[0], started[1]);
	}
	close(hold[0]);
	close(started[1]);
	if (read(started[0], &byte, 1) != 1)
		return "the victim failed before it was shot";
	close(started[0]);
	kill(pid, SIGKILL);
	wait_for(pid);
	transport_wait_mm_gone();
	transport_counts(&c);
	close(hold[1]);
	if (!c.vms)
		return "the VM went although a child holds its descriptor";
	if (c.secure_frames)
		return "secure frames outlived the address space";
	return what_is_left();
}

/* ---- the campaign ---- */

static void run_case(struct campaign *c, uint32_t seed, uint64_t life_ns)
{
	bool with_child = seed % 4 == 0;
	const char *wrong = with_child ? shoot_parent(seed / 4) : shoot(seed, life_ns);

	campaign_result(c, seed, wrong);
	if (c->tap)
		printf("%sok %lu - seed %u%s%s%s\n", wrong ? "not " : "", c->done, seed,
		       with_child ? ", with a forked child" : "", wrong ? ": " : "",
		       wrong ? wrong : "");
	else if (wrong)
		fprintf(stderr, "kill: seed %u: %s\n", seed, wrong);
}

static int run_campaign(struct campaign *c, const char *model)
{
	const struct transport_params params = {.model = model, .host_key = life_host_key()};
	uint64_t life_ns;
	uint32_t seed;

	fprintf(stderr, "# --seed %u\n", c->seed);
	if (life_image_build(&image, params.host_key) || transport_start(&params)) {
		fputs("kill: no machine\n", stderr);
		return 1;
	}
	life_ns = measure_life(c->seed);
	fprintf(stderr, "# a life takes %lu us\n", life_ns / 1000);
	while (campaign_next(c, &seed))
		run_case(c, seed, life_ns);
	if (c->tap)
		printf("1..%lu\n", c->done);
	transport_stop();
	life_image_free(&image);
	life_host_key_remove();
	return campaign_end(c);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		CAMPAIGN_OPTIONS, {"model", required_argument, NULL, 'm'}, {0}};
	const char *model = NULL;
	struct campaign c;
	int key;

	if (campaign_init(&c, "kill", 200))
		return 1;
	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (key == 'm')
			model = optarg;
		else if (!campaign_option(&c, key, optarg))
			return 2;
	}
	return run_campaign(&c, model);
}
