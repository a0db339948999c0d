// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each scenario again and again: its first fallible step fails, its second, and
 * so on until there is no such step any more. Nothing may be lost but what the
 * fault forces, nothing may be freed that the Ultravisor still uses, and the
 * VM goes on. Argument: the machine model.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/alloc.h"
#include "kvm/machine.h"
#include "storage/storage.h"
#include "storage/types.h"
#include "tests/campaign/campaign.h"
#include "tests/direct/direct.h"
#include "tests/failnth/faults.h"
#include "tests/failnth/scenario.h"
#include "tests/life/host_key.h"

#define MAX_STEPS 2000

static struct life_image image;
static uint64_t donated_idle;

/* What runs now: to be told if it fails */
static struct {
	const char *model;
	const char *scenario;
	enum fault_mode mode;
	uint64_t n;
	bool running;
} now;

/* ---- invariants ---- */

static uint64_t pages(uint64_t bytes)
{
	return (bytes + PAGE_SIZE - 1) & PAGE_MASK;
}

static uint64_t config_bytes(void)
{
	return pages(faults_bytes(ALLOC_CONF_BASE)) + pages(faults_bytes(ALLOC_CONF_VAR));
}

static uint64_t configs_of(const struct machine_status *s)
{
	return s->active + s->half + s->stuck + s->aside + s->tearing + s->leftover;
}

/* What the Ultravisor knows is exactly what it holds. */
static void check_donated(const struct machine_status *s)
{
	assert_int_equal(s->storage.bytes_donated,
			 donated_idle + s->uv.configs * config_bytes() +
				 s->uv.cpus * pages(faults_bytes(ALLOC_CPU_STOR)));
}

/* After each step, while the VM may be there */
static void check_running(const struct vmm *v)
{
	struct machine_status s;

	direct_machine_status(&s);
	check_donated(&s);
	if (s.vms)
		assert_int_equal(s.protected_count, configs_of(&s) + s.leaked);
	if (s.storage.frames_secure + s.storage.frames_orphan + s.storage.frames_shared +
	    s.storage.frames_residue)
		assert_true(s.protected_count > 0);
	assert_int_equal(s.storage.frames_lost, 0);
	assert_int_equal(s.cleanups, 0);
	assert_in_range(s.tearing, 0, v->performing);
}

static void check_leaks(const struct machine_status *s)
{
	struct fault_leaks leaks = faults_leaks();

	assert_int_equal(s->leaked, leaks.configs);
	assert_int_equal(s->uv.configs, leaks.configs - leaks.unknown);
	assert_int_equal(s->uv.cpus, leaks.cpus - leaks.unknown_cpus);
	/* Each configuration takes its top-level table with it: four pages. */
	assert_int_equal(s->storage.bytes_leaked,
			 leaks.configs * (config_bytes() + 4 * PAGE_SIZE) +
				 leaks.cpus * pages(faults_bytes(ALLOC_CPU_STOR)));
}

/* When the VMM is gone */
static void check_end(uint64_t objects_before)
{
	struct machine_status s;

	direct_machine_status(&s);
	check_donated(&s);
	check_leaks(&s);
	assert_int_equal(s.vms, 0);
	assert_int_equal(s.vcpus, 0);
	assert_int_equal(s.secure_vcpus, 0);
	assert_int_equal(s.protected_count, 0);
	assert_int_equal(s.cleanups, 0);
	assert_int_equal(configs_of(&s), 0);
	assert_int_equal(s.storage.frames_secure, 0);
	assert_int_equal(s.storage.frames_orphan, 0);
	assert_int_equal(s.storage.frames_shared, 0);
	assert_int_equal(s.storage.frames_residue, 0);
	assert_int_equal(s.storage.frames_lost, 0);
	assert_int_equal(s.storage.backings, 0);
	assert_int_equal(s.storage.bytes_backing, 0);
	for (int kind = 0; kind < ALLOC_NR; kind++)
		assert_true(kind == ALLOC_UV_BASE || !s.storage.bytes_kernel[kind]);
	assert_int_equal(host_alloc_live(), objects_before);
}

/* ---- the sweep ---- */

static uint64_t start_machine(const char *model)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	struct machine_status s;

	params.model = model;
	params.host_key = life_host_key();
	assert_int_equal(direct_machine_start(&params), 0);
	direct_machine_status(&s);
	donated_idle = s.storage.bytes_donated;
	return host_alloc_live();
}

static void end_vmm(struct vmm *v, bool dies)
{
	if (dies)
		direct_vmm_exit();
	vmm_close(v);
	direct_vmm_exit();
}

/* The fault came while the scenario ran: the VMM may go on. */
static void go_on(struct vmm *v, enum fault_mode mode, int ret)
{
	faults_disarm();
	if (mode == FAULT_BUSY || mode == FAULT_PARTIAL)
		assert_int_equal(ret, 0);
	assert_int_equal(vmm_recover(v, faults_leaks().configs > 0), 0);
}

/* Return: true if there was such a step */
static bool fail_step(const struct scenario *sc, enum fault_mode mode, uint64_t n)
{
	uint64_t objects = start_machine(now.model);
	struct vmm v = {.image = &image, .check = check_running};
	int ret;

	now.scenario = sc->name;
	now.n = n;
	faults_arm(mode, n);
	ret = sc->run(&v);
	if (faults_hit())
		go_on(&v, mode, ret);
	else
		assert_int_equal(ret, 0);
	end_vmm(&v, sc->dies);
	faults_stop();
	check_end(objects);
	direct_machine_stop();
	return faults_hit();
}

static void sweep(enum fault_mode mode)
{
	now.mode = mode;
	now.running = true;
	for (unsigned int i = 0; i < nr_scenarios; i++) {
		uint64_t n = 1;

		while (n < MAX_STEPS && fail_step(&scenarios[i], mode, n))
			n++;
		print_message("# %s: %lu steps\n", scenarios[i].name, n - 1);
		assert_in_range(n, 1, MAX_STEPS - 1);
	}
	now.running = false;
}

static void test_fails(void **state)
{
	sweep(FAULT_FAIL);
}

static void test_destroy_lies(void **state)
{
	sweep(FAULT_LIE);
}

static void test_create_must_be_undone(void **state)
{
	sweep(FAULT_UNDO);
}

static void test_busy_is_invisible(void **state)
{
	sweep(FAULT_BUSY);
}

static void test_partial_is_invisible(void **state)
{
	sweep(FAULT_PARTIAL);
}

/* After a failure the machine is as the assertion left it: no other test can use it. */
static int whole(void **state)
{
	return now.running ? -1 : 0;
}

static int tell(void **state)
{
	if (!now.running)
		return 0;
	fprintf(stderr, "# %s, model %s, mode %d, step %lu: %s\n", now.scenario, now.model,
		now.mode, now.n, faults_what());
	faults_stop();
	return -1;
}

static int setup(void **state)
{
	return life_image_build(&image, life_host_key());
}

static int teardown(void **state)
{
	life_image_free(&image);
	life_host_key_remove();
	return 0;
}

/* ---- a campaign: docs/campaigns.md ---- */

#define NOT_HIT 77 /* exit status of a case: there is no such step */

/* The "seed" of a case names it: mode, scenario and step. */
static uint32_t case_seed(enum fault_mode mode, unsigned int scenario, uint64_t n)
{
	return (uint32_t)mode << 24 | scenario << 16 | (uint32_t)n;
}

static _Noreturn void run_case(uint32_t seed)
{
	bool hit;

	now.mode = (enum fault_mode)(seed >> 24);
	hit = fail_step(&scenarios[seed >> 16 & 0xff], now.mode, seed & 0xffff);
	exit(hit ? 0 : NOT_HIT);
}

/* In a process of its own: an assertion ends it. Return: false: there is no such step */
static bool case_in_child(struct campaign *c, uint32_t seed)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		run_case(seed);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		fprintf(stderr, "failnth: no process for a case\n");
		exit(1);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HIT)
		return false;
	if (status)
		fprintf(stderr, "failnth: model %s, %s, mode %u, step %u\n", now.model,
			scenarios[seed >> 16 & 0xff].name, seed >> 24, seed & 0xffff);
	campaign_result(c, seed, status);
	return true;
}

static void sweep_part(struct campaign *c)
{
	for (int mode = FAULT_FAIL; mode <= FAULT_PARTIAL; mode++) {
		for (unsigned int i = 0; i < nr_scenarios; i++) {
			uint64_t n = 1 + c->shard;

			while (n < MAX_STEPS &&
			       case_in_child(c, case_seed((enum fault_mode)mode, i, n)))
				n += c->shards;
		}
	}
}

static int run_campaign(struct campaign *c)
{
	bool one = c->cases_given && c->cases == 1;
	int ret;

	if (c->cases_given && !one) {
		fputs("failnth: --cases: valid is 1, with --seed; a sweep has as many as it has\n",
		      stderr);
		return 2;
	}
	if (one && (c->seed >> 24 > FAULT_PARTIAL || (c->seed >> 16 & 0xff) >= nr_scenarios ||
		    !(c->seed & 0xffff))) {
		fprintf(stderr, "failnth: --seed %u: no case has this seed\n", c->seed);
		return 2;
	}
	if (setup(NULL))
		return 1;
	if (!one)
		sweep_part(c);
	else if (!case_in_child(c, c->seed))
		fprintf(stderr, "failnth: --seed %u: there is no such step\n", c->seed);
	ret = campaign_end(c);
	teardown(NULL);
	return ret;
}

static int campaign(int argc, char **argv)
{
	char program[32];
	struct campaign c;

	/* Models have different steps: what a seed means depends on it. */
	snprintf(program, sizeof(program), "failnth-%s", now.model);
	if (campaign_init(&c, program, 0))
		return 1;
	return campaign_parse(&c, argc, argv) ? run_campaign(&c) : 2;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, whole, tell)

/* What CREATE_SEC_CONF and repetition lead to is the same on all models: once is enough. */
int main(int argc, char **argv)
{
	const struct CMUnitTest oldest[] = {
		TEST(test_fails),
		TEST(test_destroy_lies),
		TEST(test_create_must_be_undone),
		TEST(test_busy_is_invisible),
	};
	const struct CMUnitTest others[] = {
		TEST(test_fails),
		TEST(test_destroy_lies),
		TEST(test_partial_is_invisible),
	};

	if (argc < 2) {
		fprintf(stderr, "usage: %s MODEL [--shard I/N] [--seed S [--cases 1]]\n", argv[0]);
		return 2;
	}
	now.model = argv[1];
	if (argc > 2)
		return campaign(argc - 1, argv + 1);
	if (!strcmp(now.model, "z15"))
		return cmocka_run_group_tests(oldest, setup, teardown);
	return cmocka_run_group_tests(others, setup, teardown);
}
