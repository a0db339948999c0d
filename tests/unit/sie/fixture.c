/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/sie/fixture.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int fx_translate(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	struct fx *f = owner;

	atomic_fetch_add(&f->translations, 1);
	if (asce != FX_ASCE || gpa >= FX_SIZE || atomic_load(&f->unmapped[gpa / PAGE_SIZE]))
		return -ENXIO;
	*frame = backing_abs(f->backing) + gpa;
	return 0;
}

static uint64_t fx_tod(void *owner)
{
	struct fx *f = owner;

	return atomic_fetch_add(&f->tod, atomic_load(&f->tod_step));
}

static uint64_t fx_epoch(void *owner)
{
	const struct fx *f = owner;

	return f->epoch;
}

static _Atomic uint8_t *fx_storage_key(void *owner, uint64_t asce, gpa_t gpa)
{
	struct fx *f = owner;

	return gpa < FX_SIZE ? &f->keys[gpa / PAGE_SIZE] : NULL;
}

static const struct sie_env env = {
	.translate = fx_translate,
	.tod = fx_tod,
	.epoch = fx_epoch,
	.storage_key = fx_storage_key,
};

static void machine_purge(void *machine, uint64_t asce, gpa_t gpa, uint64_t len)
{
	struct fx *f = machine;

	sie_purge(f->vm, gpa, len);
}

static int machine_translate(void *machine, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	return fx_translate(machine, asce, gpa, frame);
}

static int machine_random(void *machine, void *buf, size_t len)
{
	memset(buf, 0x5a, len);
	return 0;
}

static const struct uv_machine_ops machine_ops = {
	.purge = machine_purge,
	.translate = machine_translate,
	.random = machine_random,
	.tod = fx_tod,
};

static void reset_cpu(struct fx_cpu *cpu)
{
	memset(&cpu->scb, 0, sizeof(cpu->scb));
	memset(&cpu->state, 0, sizeof(cpu->state));
	cpu->scb.gcr[0] = be64_make(CR0_INITIAL);
	cpu->scb.gcr[14] = be64_make(CR14_INITIAL);
	cpu->scb.ckc = be64_make(UINT64_MAX);
	cpu->scb.cputm = be64_make(INT64_MAX);
}

static void put_new_psws(struct fx *f)
{
	for (uint64_t old = 0x120; old <= 0x170; old += 0x10) {
		fx_set8(f, old + 0x80, FX_PSW_MASK | PSW_MASK_WAIT);
		fx_set8(f, old + 0x88, FX_HANDLER + old);
	}
	fx_set8(f, 0x300, FX_PSW_MASK | PSW_MASK_WAIT);
	fx_set8(f, 0x308, FX_END_ADDR);
}

struct fx *fx_create(void)
{
	struct fx *f = calloc(1, sizeof(*f));
	struct uv_params params = {.model = uv_model_find(NULL), .ops = &machine_ops, .machine = f};

	assert_non_null(f);
	atomic_init(&f->tod, 1UL << 40);
	f->st = storage_create();
	assert_non_null(f->st);
	params.storage = f->st;
	f->uv = uv_create(&params);
	assert_non_null(f->uv);
	f->backing = backing_create(f->st, FX_SIZE, NULL, NULL);
	assert_non_null(f->backing);
	f->mem = backing_ordinary(f->backing);
	f->vm = sie_vm_create(f->uv, &env, f);
	assert_non_null(f->vm);
	for (int i = 0; i < FX_CPUS; i++) {
		reset_cpu(&f->cpu[i]);
		f->cpu[i].sie = sie_cpu_create(f->vm);
		assert_non_null(f->cpu[i].sie);
	}
	put_new_psws(f);
	return f;
}

void fx_destroy(struct fx *f)
{
	for (int i = 0; i < FX_CPUS; i++)
		sie_cpu_destroy(f->cpu[i].sie);
	sie_vm_destroy(f->vm);
	backing_put(f->backing);
	uv_destroy(f->uv);
	storage_destroy(f->st);
	free(f);
}

int fx_setup(void **state)
{
	*state = fx_create();
	return 0;
}

int fx_teardown(void **state)
{
	fx_destroy(*state);
	return 0;
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : tolower(c) - 'a' + 10;
}

size_t fx_put(struct fx *f, uint64_t at, const char *hex)
{
	size_t n = 0;

	while (*hex) {
		if (isspace((unsigned char)*hex)) {
			hex++;
			continue;
		}
		assert_true(isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]));
		f->mem[at + n++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
		hex += 2;
	}
	return n;
}

uint64_t fx_get8(const struct fx *f, uint64_t at)
{
	be64_t v;

	memcpy(&v, f->mem + at, sizeof(v));
	return be64_get(v);
}

uint32_t fx_get4(const struct fx *f, uint64_t at)
{
	be32_t v;

	memcpy(&v, f->mem + at, sizeof(v));
	return be32_get(v);
}

uint16_t fx_get2(const struct fx *f, uint64_t at)
{
	be16_t v;

	memcpy(&v, f->mem + at, sizeof(v));
	return be16_get(v);
}

void fx_set8(struct fx *f, uint64_t at, uint64_t v)
{
	be64_t be = be64_make(v);

	memcpy(f->mem + at, &be, sizeof(be));
}

void fx_set4(struct fx *f, uint64_t at, uint32_t v)
{
	be32_t be = be32_make(v);

	memcpy(f->mem + at, &be, sizeof(be));
}

void fx_psw(struct fx *f, uint64_t mask, uint64_t addr)
{
	f->cpu[0].scb.gpsw_mask = be64_make(mask);
	f->cpu[0].scb.gpsw_addr = be64_make(addr);
}

void fx_start(struct fx *f, const char *hex)
{
	fx_put(f, FX_CODE, hex);
	fx_psw(f, FX_PSW_MASK, FX_CODE);
}

enum sie_result fx_run(struct fx *f)
{
	struct fx_cpu *cpu = &f->cpu[0];

	return sie_run(cpu->sie, FX_ASCE, &cpu->scb, &cpu->state, &cpu->fault);
}

static void expect_wait_at(struct fx *f, uint64_t addr)
{
	assert_int_equal(SIE_INTERCEPT, fx_run(f));
	assert_int_equal(ICPT_WAIT, f->cpu[0].scb.icptcode);
	assert_int_equal(addr, be64_get(f->cpu[0].scb.gpsw_addr));
}

void fx_expect_wait(struct fx *f, uint64_t addr)
{
	expect_wait_at(f, addr);
}

void fx_expect_program(struct fx *f, uint16_t code, uint16_t ilc, uint64_t old_addr)
{
	expect_wait_at(f, FX_HANDLER + 0x150);
	assert_int_equal(code, fx_get2(f, 0x8e));
	assert_int_equal(ilc, fx_get2(f, 0x8c));
	assert_int_equal(old_addr, fx_get8(f, 0x158));
}
