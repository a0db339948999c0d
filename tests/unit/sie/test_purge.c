/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Purging while CPUs run, CPUs that purge each other, and wild code. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

struct runner {
	struct fx *f;
	struct fx_cpu *cpu;
	enum sie_result result;
};

static void *run_cpu(void *arg)
{
	struct runner *r = arg;

	r->result = sie_run(r->cpu->sie, FX_ASCE, &r->cpu->scb, &r->cpu->state, &r->cpu->fault);
	return NULL;
}

static void point(struct fx_cpu *cpu, uint64_t addr)
{
	cpu->scb.gpsw_mask = be64_make(FX_PSW_MASK);
	cpu->scb.gpsw_addr = be64_make(addr);
}

/* Once the purge has returned, the unmapped page cannot be used any more. */
/* A CPU reads page 9 and counts in FX_DATA for ever; it has found the page, which is unmapped since
 */
static void start_reader(struct fx *f, struct runner *r, pthread_t *thread)
{
	/* lg 1,0x9000 by register 9; counts in storage; loop */
	fx_put(f, FX_CODE,
	       "e31090000004"
	       "eb01a000007a"
	       "a7f4fffa");
	f->cpu[0].state.gprs[9] = 0x9000;
	f->cpu[0].state.gprs[10] = FX_DATA;
	point(&f->cpu[0], FX_CODE);
	assert_int_equal(0, pthread_create(thread, NULL, run_cpu, r));
	while (atomic_load(&f->translations) < 3)
		sched_yield();
	atomic_store(&f->unmapped[9], 1);
}

static void purged_page_faults(void **state)
{
	struct fx *f = *state;
	struct runner r = {f, &f->cpu[0], SIE_KICKED};
	pthread_t thread;

	start_reader(f, &r, &thread);
	sie_purge(f->vm, 0x9000, PAGE_SIZE);
	pthread_join(thread, NULL);
	assert_int_equal(SIE_FAULT, r.result);
	assert_int_equal(0x9000, f->cpu[0].fault.gpa);
}

static uint64_t counted(struct fx *f)
{
	return __atomic_load_n((const uint64_t *)(const void *)(f->mem + FX_DATA),
			       __ATOMIC_RELAXED);
}

/* What was found through one table stays when another one's is purged. */
static void purge_of_another_table(void **state)
{
	struct fx *f = *state;
	struct runner r = {f, &f->cpu[0], SIE_KICKED};
	pthread_t thread;
	uint64_t before;

	start_reader(f, &r, &thread);
	sie_purge_table(f->vm, FX_ASCE + PAGE_SIZE, 0x9000, PAGE_SIZE);
	before = counted(f);
	while (counted(f) == before)
		sched_yield();
	sie_purge_table(f->vm, FX_ASCE ^ 0x40, 0x9000, PAGE_SIZE); /* its origin is what counts */
	pthread_join(thread, NULL);
	assert_int_equal(SIE_FAULT, r.result);
	assert_int_equal(0x9000, f->cpu[0].fault.gpa);
}

static void *purge_often(void *arg)
{
	struct fx *f = arg;

	for (int i = 0; i < 300; i++)
		sie_purge(f->vm, (gpa_t)(i % 16) * PAGE_SIZE, PAGE_SIZE);
	return NULL;
}

/* A CPU that is kicked before its first instruction has done nothing: that has to be over. */
static void wait_for_work(struct fx *f, uint64_t at)
{
	const uint64_t *word = (const uint64_t *)(const void *)(f->mem + at);

	while (!__atomic_load_n(word, __ATOMIC_RELAXED))
		sched_yield();
}

/* Decoded code ends with its page: a CPU that only ever runs what it has decoded stops as well. */
static void purged_code_page_faults(void **state)
{
	struct fx *f = *state;
	struct runner r = {f, &f->cpu[0], SIE_KICKED};
	pthread_t thread;

	fx_put(f, FX_CODE,
	       "eb01a000007a" /* agsi 0(10),1 */
	       "a7f4fffd");   /* j FX_CODE */
	f->cpu[0].state.gprs[10] = FX_DATA;
	point(&f->cpu[0], FX_CODE);
	assert_int_equal(0, pthread_create(&thread, NULL, run_cpu, &r));
	wait_for_work(f, FX_DATA);
	atomic_store(&f->unmapped[FX_CODE / PAGE_SIZE], 1);
	sie_purge(f->vm, FX_CODE, PAGE_SIZE);
	pthread_join(thread, NULL);
	assert_int_equal(SIE_FAULT, r.result);
	assert_int_equal(FX_CODE, f->cpu[0].fault.gpa & PAGE_MASK);
}

/* The VMM patches a loop that serialises: the next round is the new code. */
static void patched_while_it_loops(void **state)
{
	struct fx *f = *state;
	struct runner r = {f, &f->cpu[0], SIE_KICKED};
	pthread_t thread;

	fx_put(f, FX_CODE,
	       "07f0"         /* bcr 15,0 */
	       "eb01a000007a" /* agsi 0(10),1 */
	       "a7f4fffc"     /* brc 15,FX_CODE */
	       FX_END);
	f->cpu[0].state.gprs[10] = FX_DATA;
	point(&f->cpu[0], FX_CODE);
	assert_int_equal(0, pthread_create(&thread, NULL, run_cpu, &r));
	wait_for_work(f, FX_DATA);
	__atomic_store_n(&f->mem[FX_CODE + 9], 0x04, __ATOMIC_RELAXED); /* brc 0 */
	pthread_join(thread, NULL);
	assert_int_equal(SIE_INTERCEPT, r.result);
	assert_int_equal(FX_END_ADDR, be64_get(f->cpu[0].scb.gpsw_addr));
}

/* Two CPUs run, two threads purge, nobody waits for ever and nothing is lost. */
static void purges_from_two_threads(void **state)
{
	struct fx *f = *state;
	struct runner r[2] = {{f, &f->cpu[0], 0}, {f, &f->cpu[1], 0}};
	pthread_t cpu[2], purger[2];

	fx_put(f, FX_CODE,
	       "eb01a000007a"
	       "a7f4fffd");
	for (int i = 0; i < 2; i++) {
		f->cpu[i].state.gprs[10] = FX_DATA + (uint64_t)i * PAGE_SIZE;
		point(&f->cpu[i], FX_CODE);
		assert_int_equal(0, pthread_create(&cpu[i], NULL, run_cpu, &r[i]));
		assert_int_equal(0, pthread_create(&purger[i], NULL, purge_often, f));
	}
	for (int i = 0; i < 2; i++)
		pthread_join(purger[i], NULL);
	for (int i = 0; i < 2; i++) {
		wait_for_work(f, FX_DATA + (uint64_t)i * PAGE_SIZE);
		sie_kick(f->cpu[i].sie);
		pthread_join(cpu[i], NULL);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(SIE_KICKED, r[i].result);
}

/* CSG from two CPUs on one doubleword: every increment counts. */
static void interlocked_update(void **state)
{
	struct fx *f = *state;
	struct runner r[2] = {{f, &f->cpu[0], 0}, {f, &f->cpu[1], 0}};
	pthread_t cpu[2];

	fx_put(f, FX_CODE,
	       "a7292710"     /* lghi 2,10000 */
	       "e310a0000004" /* lg 1,0(10) */
	       "b9040031"     /* lgr 3,1 */
	       "a73b0001"     /* aghi 3,1 */
	       "eb13a0000030" /* csg 1,3,0(10) */
	       "a744fff9"     /* jl to lgr */
	       "a727fff4"     /* brctg 2, lg */
	       FX_END);
	for (int i = 0; i < 2; i++) {
		f->cpu[i].state.gprs[10] = FX_DATA;
		point(&f->cpu[i], FX_CODE);
		assert_int_equal(0, pthread_create(&cpu[i], NULL, run_cpu, &r[i]));
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(cpu[i], NULL);
		assert_int_equal(SIE_INTERCEPT, r[i].result);
	}
	assert_int_equal(20000, fx_get8(f, FX_DATA));
}

/* One CPU invalidates a table entry again and again, by IPTE or IDTE, while the other one adds to
 * its address: no sum is lost. */
static void invalidation_is_interlocked(void **state)
{
	static const struct {
		const char *code;
		uint64_t table, bit;
	} cases[] = {{"a7292710 b2210014 a727fffe" FX_END, 0x20000, 0x400},
		     {"a7292710 b98e0014 a727fffe" FX_END, 0x20000, 0x20}};
	struct fx *f = *state;

	for (unsigned int i = 0; i < 2; i++) {
		struct runner r[2] = {{f, &f->cpu[0], 0}, {f, &f->cpu[1], 0}};
		uint64_t entry = cases[i].table + 5 * 8;
		pthread_t cpu[2];

		fx_set8(f, entry, 0);
		fx_put(f, FX_CODE, cases[i].code);
		fx_put(f, 0x3000, "c021003d0900 eb43a00000e8 a727fffd" FX_END); /* 4000000 times
										   laag 4,3,0(10) */
		f->cpu[0].state.gprs[1] = cases[i].table;
		f->cpu[0].state.gprs[4] = i ? 5UL << 20 : 5UL << 12;
		f->cpu[1].state.gprs[3] = 0x1000;
		f->cpu[1].state.gprs[10] = entry;
		point(&f->cpu[0], FX_CODE);
		point(&f->cpu[1], 0x3000);
		for (unsigned int n = 0; n < 2; n++)
			assert_int_equal(0, pthread_create(&cpu[n], NULL, run_cpu, &r[n]));
		for (unsigned int n = 0; n < 2; n++) {
			pthread_join(cpu[n], NULL);
			assert_int_equal(SIE_INTERCEPT, r[n].result);
			assert_int_equal(FX_END_ADDR, be64_get(f->cpu[n].scb.gpsw_addr));
		}
		assert_int_equal(4000000UL * 0x1000 | cases[i].bit, fx_get8(f, entry));
	}
}

static uint64_t seed = 88172645463325252;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Ends what would run for ever */
static void *kick_often(void *arg)
{
	struct fx *f = arg;

	while (!atomic_load(&f->stop_kicking)) {
		for (int i = 0; i < 200; i++)
			sched_yield();
		sie_kick(f->cpu[0].sie);
	}
	return NULL;
}

static void wild_state(struct fx *f, bool plain_psw)
{
	struct fx_cpu *cpu = &f->cpu[0];

	for (unsigned int i = 0; i < 0x2000; i += 8)
		fx_set8(f, i, random64());
	for (unsigned int i = 0; i < 16; i++) {
		cpu->state.gprs[i] = random64() >> (random64() % 64);
		cpu->scb.gcr[i] = be64_make(random64());
	}
	cpu->scb.prefix = be32_make((uint32_t)random64() & 0xe000);
	cpu->scb.gpsw_mask = be64_make(plain_psw ? FX_PSW_MASK : random64());
	cpu->scb.gpsw_addr = be64_make(random64() & 0x1ffe);
	cpu->scb.ckc = be64_make(random64());
}

/* Any bytes as code, any registers, any PSW: the engine comes back, and storage outside the
 * guest's is not touched (the sanitizers would say so). */
static void wild_code(void **state)
{
	struct fx *f = *state;
	struct sie_stats stats;
	pthread_t kicker;

	atomic_store(&f->tod_step, 4096);
	assert_int_equal(0, pthread_create(&kicker, NULL, kick_often, f));
	for (int n = 0; n < 1500; n++) {
		wild_state(f, n & 1);
		for (int turns = 0; turns < 8; turns++)
			assert_in_range(fx_run(f), SIE_INTERCEPT, SIE_KICKED);
	}
	atomic_store(&f->stop_kicking, true);
	pthread_join(kicker, NULL);
	sie_get_stats(f->cpu[0].sie, &stats);
	assert_true(stats.instructions > 1000);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fx_setup, fx_teardown)
	const struct CMUnitTest tests[] = {
		CASE(purged_page_faults),          CASE(purged_code_page_faults),
		CASE(purge_of_another_table),      CASE(patched_while_it_loops),
		CASE(purges_from_two_threads),     CASE(interlocked_update),
		CASE(invalidation_is_interlocked), CASE(wild_code),
	};

	return cmocka_run_group_tests_name("sie-purge", tests, NULL, NULL);
}
