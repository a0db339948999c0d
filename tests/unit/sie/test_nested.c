/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests of guests: what reaches their CPUs from outside, and what their state description says. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/sie/fixture.h"

/**
 * struct rig - the fixture's VM with a nested one, whose storage is the same
 * @protect: page that may not be stored into
 * @gone: page that is not there
 */
struct rig {
	struct fx *f;
	struct sie_vm *vm;
	struct fx_cpu cpu;
	_Atomic uint64_t protect;
	_Atomic uint64_t gone;
	_Atomic uint64_t translations;
};

static int translate(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	struct rig *r = owner;

	atomic_fetch_add(&r->translations, 1);
	if (gpa >= FX_SIZE)
		return -EFAULT;
	if (gpa == atomic_load(&r->gone))
		return -ENXIO;
	*frame = backing_abs(r->f->backing) + gpa;
	if (gpa == atomic_load(&r->protect))
		*frame |= SIE_FRAME_PROTECTED;
	return 0;
}

static uint64_t tod(void *owner)
{
	struct rig *r = owner;

	return atomic_fetch_add(&r->f->tod, atomic_load(&r->f->tod_step));
}

static const struct sie_env env = {.translate = translate, .tod = tod};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->f = fx_create();
	r->vm = sie_vm_create_nested(r->f->vm, &env, r);
	assert_non_null(r->vm);
	r->cpu.sie = sie_cpu_create_nested(r->vm, r->f->cpu[0].sie);
	assert_non_null(r->cpu.sie);
	r->cpu.scb = r->f->cpu[0].scb;
	r->cpu.scb.gpsw_mask = be64_make(FX_PSW_MASK);
	r->cpu.scb.gpsw_addr = be64_make(FX_CODE);
	atomic_store(&r->protect, UINT64_MAX);
	atomic_store(&r->gone, UINT64_MAX);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	sie_cpu_destroy(r->cpu.sie);
	sie_vm_destroy(r->vm);
	fx_destroy(r->f);
	free(r);
	return 0;
}

static enum sie_result run(struct rig *r)
{
	return sie_run(r->cpu.sie, FX_ASCE, &r->cpu.scb, &r->cpu.state, &r->cpu.fault);
}

static void *run_thread(void *arg)
{
	return (void *)(uintptr_t)run(arg);
}

/* lg 1,0(9); agsi 0(10),1; j */
static void start_reader(struct rig *r, pthread_t *thread)
{
	const uint64_t *count = (const uint64_t *)(const void *)(r->f->mem + FX_DATA);

	fx_put(r->f, FX_CODE,
	       "e31090000004"
	       "eb01a000007a"
	       "a7f4fffa");
	r->cpu.state.gprs[9] = 0x9000;
	r->cpu.state.gprs[10] = FX_DATA;
	assert_int_equal(0, pthread_create(thread, NULL, run_thread, r));
	while (!__atomic_load_n(count, __ATOMIC_RELAXED))
		sched_yield();
}

/* What is taken from the VM is taken from guests of its guests, at whatever address */
static void purge_reaches_it(void **state)
{
	struct rig *r = *state;
	pthread_t thread;
	void *result;

	for (int table = 0; table < 2; table++) {
		atomic_store(&r->gone, UINT64_MAX);
		fx_set8(r->f, FX_DATA, 0);
		start_reader(r, &thread);
		atomic_store(&r->gone, 0x9000);
		if (table)
			sie_purge_table(r->f->vm, FX_ASCE, 0x5000, PAGE_SIZE);
		else
			sie_purge(r->f->vm, 0x5000, 0);
		pthread_join(thread, &result);
		assert_int_equal(SIE_FAULT, (uintptr_t)result);
		assert_int_equal(0x9000, r->cpu.fault.gpa);
		assert_int_equal(0, r->cpu.fault.code);
	}
}

static void kick_reaches_it(void **state)
{
	struct rig *r = *state;
	pthread_t thread;
	void *result;

	start_reader(r, &thread);
	sie_kick(r->f->cpu[0].sie);
	pthread_join(thread, &result);
	assert_int_equal(SIE_KICKED, (uintptr_t)result);
}

/* What the CPU above purges for itself, PTLB here, holds one level down as well */
static void own_purge_of_the_cpu_above(void **state)
{
	struct rig *r = *state;
	uint64_t before;

	fx_put(r->f, FX_CODE, "b20d0000" FX_END); /* ptlb */
	assert_int_equal(SIE_INTERCEPT, run(r));
	r->cpu.scb.gpsw_mask = be64_make(FX_PSW_MASK);
	r->cpu.scb.gpsw_addr = be64_make(FX_CODE + 4);
	assert_int_equal(SIE_INTERCEPT, run(r));
	before = atomic_load(&r->translations);
	r->cpu.scb.gpsw_mask = be64_make(FX_PSW_MASK);
	r->cpu.scb.gpsw_addr = be64_make(FX_CODE + 4);
	assert_int_equal(SIE_INTERCEPT, run(r));
	assert_int_equal(before, atomic_load(&r->translations));
	fx_psw(r->f, FX_PSW_MASK, FX_CODE);
	fx_expect_wait(r->f, FX_END_ADDR);
	r->cpu.scb.gpsw_mask = be64_make(FX_PSW_MASK);
	r->cpu.scb.gpsw_addr = be64_make(FX_CODE + 4);
	assert_int_equal(SIE_INTERCEPT, run(r));
	assert_true(before < atomic_load(&r->translations));
}

static void protected_frame(void **state)
{
	struct rig *r = *state;

	/* lg 1,0(9); stg 1,0(9) */
	fx_put(r->f, FX_CODE, "e31090000004 e31090000024" FX_END);
	r->cpu.state.gprs[9] = 0x9000;
	atomic_store(&r->protect, 0x9000);
	for (int i = 0; i < 2; i++) {
		/* at once, or after a fetch has found the page */
		assert_int_equal(SIE_FAULT, run(r));
		assert_int_equal(FX_CODE + 6, be64_get(r->cpu.scb.gpsw_addr));
		assert_int_equal(SIE_FAULT_PROTECTED, r->cpu.fault.code);
		assert_int_equal(0x9000, r->cpu.fault.gpa);
		assert_true(r->cpu.fault.write);
		sie_cpu_drop(r->cpu.sie);
	}
	atomic_store(&r->protect, UINT64_MAX);
	assert_int_equal(SIE_INTERCEPT, run(r));
	assert_int_equal(ICPT_WAIT, r->cpu.scb.icptcode);
}

static void no_such_storage(void **state)
{
	struct rig *r = *state;

	fx_put(r->f, FX_CODE, "e31090000004");
	r->cpu.state.gprs[9] = FX_SIZE;
	assert_int_equal(SIE_INTERCEPT, run(r));
	assert_int_equal(ICPT_PROGI, r->cpu.scb.icptcode);
	assert_int_equal(5, be16_get(r->cpu.scb.iprcc));
	assert_int_equal(6, be16_get(r->cpu.scb.pgmilc));
	assert_int_equal(FX_CODE + 6, be64_get(r->cpu.scb.gpsw_addr));
}

/* The prefix area cannot be told of: the host gets it back */
static void no_prefix_area(void **state)
{
	struct rig *r = *state;

	fx_put(r->f, FX_CODE, "0a01");
	r->cpu.scb.prefix = be32_make(0x7fffe000);
	assert_int_equal(SIE_FAULT, run(r));
	assert_int_equal(0x7fffe000, r->cpu.fault.gpa);
	assert_int_equal(FX_CODE, be64_get(r->cpu.scb.gpsw_addr));
}

static void deadline_and_epoch(void **state)
{
	struct rig *r = *state;
	uint64_t now = atomic_load(&r->f->tod), stored;

	/* stck FX_DATA by register 10; then for ever */
	fx_put(r->f, FX_CODE, "b205a000 a7f40000");
	r->cpu.state.gprs[10] = FX_DATA;
	r->cpu.scb.epoch = be64_make(1UL << 60);
	atomic_store(&r->f->tod_step, 1);
	sie_cpu_set_deadline(r->cpu.sie, now + 100000);
	assert_int_equal(SIE_KICKED, run(r));
	stored = fx_get8(r->f, FX_DATA);
	assert_true(stored >= (1UL << 60) + now && stored < (1UL << 60) + now + 100000);
	assert_true(atomic_load(&r->f->tod) >= now + 100000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(purge_reaches_it),   TEST(kick_reaches_it), TEST(own_purge_of_the_cpu_above),
		TEST(protected_frame),    TEST(no_such_storage), TEST(no_prefix_area),
		TEST(deadline_and_epoch),
	};

	return cmocka_run_group_tests_name("sie-nested", tests, NULL, NULL);
}
