/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dumps: every check, and the way round: what the commands and the exports give is decrypted with
 * nothing but the communication key and compared with what the guest had.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/dump_format.h"
#include "crypto/seal.h"
#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"
#include "uv/config.h"
#include "uv/cpu.h"
#include "uv/state.h"

#define MIB_PAGES 256U
#define AREA_LEN  0x1000UL
#define IMAGE_AT  0x15000UL

#define NOT_ALLOWED 0x101
#define WRONG_STATE 0x102
#define NO_ACCESS   0x103
#define BAD_ADDRESS 0x104

static struct se_image img;

/**
 * struct dumped - a guest that may be dumped
 * @area: of the host, two pages
 */
struct dumped {
	struct fixture *f;
	struct fx_guest *g;
	struct fx_cpu cpu;
	abs_t area;
};

static void power_on(struct dumped *d)
{
	d->f = fx_create(NULL);
	d->g = fx_guest_create(d->f, 0, 2);
	d->area = storage_alloc(d->f->st, 2 * AREA_LEN, PAGE_SIZE, ALLOC_PAGE);
	fx_cpu_create(d->f, d->g, &d->cpu, 0);
}

static void setup(struct dumped *d)
{
	power_on(d);
	se_image_make(&img, 2, IMAGE_AT, 0xe0 | SE_PCF_DUMP);
	se_image_start(d->f, d->g, &img);
	assert_int_equal(1, fx_set_state(d->f, &d->cpu, PV_CPU_STATE_OPR));
}

static void finish(struct dumped *d)
{
	fx_cpu_destroy(d->f, &d->cpu);
	storage_free(d->f->st, d->area);
	fx_destroy(d->f);
}

/* ---- the commands ---- */

static uint16_t dump_init(struct dumped *d)
{
	return (uint16_t)fx_nodata(d->f, UVC_CMD_DUMP_INIT, d->g->handle);
}

static uint16_t dump_cpu(struct dumped *d, abs_t area)
{
	struct uv_cb_dump_cpu u = FX_BLOCK(uv_cb_dump_cpu, UVC_CMD_DUMP_CPU);

	u.cpu_handle = be64_make(d->cpu.handle);
	u.dump_area_origin = be64_make(area);
	fx_uvc(d->f, &u);
	return fx_rc(&u);
}

static uint16_t stor_state(struct dumped *d, abs_t area, gpa_t gaddr)
{
	struct uv_cb_dump_stor_state u =
		FX_BLOCK(uv_cb_dump_stor_state, UVC_CMD_DUMP_CONF_STOR_STATE);

	u.config_handle = be64_make(d->g->handle);
	u.dump_area_origin = be64_make(area);
	u.gaddr = be64_make(gaddr);
	fx_uvc(d->f, &u);
	return fx_rc(&u);
}

static uint16_t dump_complete(struct dumped *d, abs_t area)
{
	struct uv_cb_dump_complete u = FX_BLOCK(uv_cb_dump_complete, UVC_CMD_DUMP_COMPLETE);

	u.config_handle = be64_make(d->g->handle);
	u.dump_area_origin = be64_make(area);
	fx_uvc(d->f, &u);
	return fx_rc(&u);
}

static void *area(struct dumped *d)
{
	return storage_ptr(d->f->st, d->area, 2 * AREA_LEN);
}

/* ---- the guest ---- */

static uint8_t *guest_page(struct dumped *d, gpa_t gpa)
{
	struct uv_object *o = uv_handle_find(uv_handles(d->f->uv), d->g->handle, UV_HANDLE_CONFIG);
	uint8_t *bytes;

	assert_int_equal(UV_ACCESS_OK, uv_frame_access(d->f->uv, uv_config_of(o),
						       fx_frame(d->g, gpa), gpa, &bytes));
	uv_object_put(o);
	return bytes;
}

static uint8_t pattern(gpa_t gpa, size_t i)
{
	return (uint8_t)(gpa >> 12 ^ i * 13 ^ i >> 8);
}

/* The guest has a page and writes to it. */
static void guest_writes(struct dumped *d, gpa_t gpa)
{
	uint8_t *page;

	assert_int_equal(1, fx_import(d->f, d->g, gpa));
	page = guest_page(d, gpa);
	for (size_t i = 0; i < PAGE_SIZE; i++)
		page[i] = pattern(gpa, i);
}

static void guest_shares(struct dumped *d, gpa_t gpa)
{
	struct uv_cb_share u = FX_BLOCK(uv_cb_share, UVC_CMD_SET_SHARED_ACCESS);
	struct uv_cpu *cpu;
	gpa_t fault;

	u.paddr = be64_make(gpa);
	assert_int_equal(0, uv_sie_enter(d->f->uv, d->g->asce, d->cpu.scb, &cpu));
	assert_int_equal(UV_CC_OK, uv_call_guest(cpu, &u, sizeof(u), &fault));
	uv_sie_leave(cpu);
}

static void host_exports(struct dumped *d, gpa_t gpa)
{
	assert_int_equal(1, fx_frame_call(d->f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(d->g, gpa)));
}

/* ---- what the owner of the key makes of it ---- */

struct opened {
	uint8_t xts[64];
	uint8_t nonce[16];
	uint8_t key[SE_KEY_LEN];
};

static void open_completion(const struct pv_dump_completion *c, struct opened *o)
{
	struct {
		uint8_t nonce[16];
		uint8_t xts[64];
		uint8_t reserved[96];
	} plain;

	assert_int_equal(1, be32_get(c->version));
	assert_int_equal(288, be32_get(c->length));
	assert_int_equal(0, seal_dump_key(img.area.cck, c->seed, o->key));
	assert_int_equal(
		0, seal_gcm_decrypt(o->key, c->iv, c, 96, c->nonce, sizeof(plain), &plain, c->tag));
	for (size_t i = 0; i < sizeof(plain.reserved); i++)
		assert_int_equal(0, plain.reserved[i]);
	memcpy(o->xts, plain.xts, sizeof(o->xts));
	memcpy(o->nonce, plain.nonce, sizeof(o->nonce));
}

/* As a reader of dumps does: component OR nonce. */
static void open_page(const struct opened *o, const struct pv_dump_page *state, const uint8_t *file,
		      uint8_t out[PAGE_SIZE])
{
	struct seal_page *cipher = seal_page_new(o->xts);
	uint8_t tweak[16];

	assert_non_null(cipher);
	memcpy(tweak, state, sizeof(tweak));
	for (size_t i = 0; i < sizeof(tweak); i++)
		tweak[i] |= o->nonce[i];
	seal_page_decrypt(cipher, tweak, file, out);
	seal_page_free(cipher);
}

static void assert_special(const struct pv_dump_page *state, uint8_t flags)
{
	struct pv_dump_page expected = {.special = be32_make(0xffffffff), .flags = flags};

	assert_memory_equal(&expected, state, sizeof(expected));
}

/* ---- checks ---- */

static void expect_not_dumping(struct dumped *d)
{
	assert_int_equal(WRONG_STATE, dump_cpu(d, d->area));
	assert_int_equal(WRONG_STATE, stor_state(d, d->area, 0));
	assert_int_equal(WRONG_STATE, dump_complete(d, d->area));
}

/* Only an image that says so may be dumped. */
static void test_allowed(void **state)
{
	struct dumped d;

	(void)state;
	power_on(&d);
	assert_int_equal(NOT_ALLOWED, dump_init(&d));
	expect_not_dumping(&d);
	se_image_make(&img, 2, IMAGE_AT, 0xe0);
	assert_int_equal(1, se_image_load_header(d.f, d.g, &img));
	assert_int_equal(NOT_ALLOWED, dump_init(&d));
	assert_int_equal(1, se_image_unpack(d.f, d.g, &img, 0));
	assert_int_equal(1, se_image_unpack(d.f, d.g, &img, 1));
	assert_int_equal(1, fx_nodata(d.f, UVC_CMD_VERIFY_IMG, d.g->handle));
	assert_int_equal(NOT_ALLOWED, dump_init(&d));
	expect_not_dumping(&d);
	finish(&d);
	/* from its header on */
	power_on(&d);
	se_image_make(&img, 2, IMAGE_AT, 0xe0 | SE_PCF_DUMP);
	assert_int_equal(1, se_image_load_header(d.f, d.g, &img));
	assert_int_equal(1, dump_init(&d));
	finish(&d);
}

static void test_order(void **state)
{
	uint8_t first[SE_DUMP_SEED_LEN], *seed;
	struct dumped d;

	(void)state;
	setup(&d);
	seed = ((struct pv_dump_completion *)area(&d))->seed;
	expect_not_dumping(&d);
	assert_int_equal(1, dump_init(&d));
	assert_int_equal(WRONG_STATE, dump_init(&d));
	/* the commands between may come in any order, and again */
	assert_int_equal(1, stor_state(&d, d.area, 0));
	assert_int_equal(1, dump_cpu(&d, d.area));
	assert_int_equal(1, dump_cpu(&d, d.area));
	assert_int_equal(1, stor_state(&d, d.area, 0));
	assert_int_equal(1, dump_complete(&d, d.area));
	memcpy(first, seed, sizeof(first));
	expect_not_dumping(&d);
	/* the next one has a key of its own */
	assert_int_equal(1, dump_init(&d));
	assert_int_equal(1, dump_complete(&d, d.area));
	assert_memory_not_equal(first, seed, sizeof(first));
	finish(&d);
}

static void test_dump_areas(void **state)
{
	struct dumped d;
	abs_t bad[6];

	(void)state;
	setup(&d);
	bad[0] = 0;
	bad[1] = UINT64_MAX - 8;
	bad[2] = d.area + 2 * AREA_LEN; /* behind a region */
	bad[3] = d.area + AREA_LEN + 8; /* its end */
	bad[4] = d.cpu.stor;            /* donated */
	bad[5] = fx_frame(d.g, 0);      /* guest memory */
	assert_int_equal(1, dump_init(&d));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(NO_ACCESS, dump_cpu(&d, bad[i]));
		assert_int_equal(NO_ACCESS, stor_state(&d, bad[i], 0));
		/* before the address */
		assert_int_equal(NO_ACCESS, stor_state(&d, bad[i], 1));
		assert_int_equal(NO_ACCESS, dump_complete(&d, bad[i]));
	}
	/* still dumping; an area need not be aligned */
	assert_int_equal(1, dump_cpu(&d, d.area + 8));
	assert_int_equal(1, dump_complete(&d, d.area + AREA_LEN - 8));
	finish(&d);
}

/* The whole area is written and nothing beside it. */
static void test_area_is_filled(void **state)
{
	struct dumped d;
	uint8_t *bytes;

	(void)state;
	setup(&d);
	bytes = area(&d);
	assert_int_equal(1, dump_init(&d));
	memset(bytes, 0x5a, 2 * AREA_LEN);
	assert_int_equal(1, dump_cpu(&d, d.area + 16));
	for (size_t i = 0; i < 2 * AREA_LEN; i++) {
		if (i < 16 || i >= 16 + AREA_LEN)
			assert_int_equal(0x5a, bytes[i]);
		else if (i >= 16 + sizeof(struct pv_dump_cpu))
			assert_int_equal(0, bytes[i]);
	}
	memset(bytes, 0x5a, 2 * AREA_LEN);
	assert_int_equal(1, dump_complete(&d, d.area));
	for (size_t i = sizeof(struct pv_dump_completion); i < 2 * AREA_LEN; i++)
		assert_int_equal(i < AREA_LEN ? 0 : 0x5a, bytes[i]);
	finish(&d);
}

static void test_addresses(void **state)
{
	static const gpa_t bad[] = {8, PAGE_SIZE, SEGMENT_SIZE / 2, 2 * SEGMENT_SIZE,
				    UINT64_MAX & ~(SEGMENT_SIZE - 1)};
	struct dumped d;

	(void)state;
	setup(&d);
	assert_int_equal(1, dump_init(&d));
	memset(area(&d), 0x5a, AREA_LEN);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(BAD_ADDRESS, stor_state(&d, d.area, bad[i]));
	for (size_t i = 0; i < AREA_LEN; i++)
		assert_int_equal(0x5a, ((uint8_t *)area(&d))[i]);
	assert_int_equal(1, stor_state(&d, d.area, SEGMENT_SIZE));
	finish(&d);
}

static void test_entry(void **state)
{
	struct uv_cpu *cpu;
	struct dumped d;

	(void)state;
	setup(&d);
	assert_int_equal(0, uv_sie_enter(d.f->uv, d.g->asce, d.cpu.scb, &cpu));
	assert_int_equal(WRONG_STATE, dump_init(&d));
	uv_sie_leave(cpu);
	assert_int_equal(1, dump_init(&d));
	assert_int_equal(0x200a, uv_sie_enter(d.f->uv, d.g->asce, d.cpu.scb, &cpu));
	assert_int_equal(1, dump_complete(&d, d.area));
	assert_int_equal(0, uv_sie_enter(d.f->uv, d.g->asce, d.cpu.scb, &cpu));
	uv_sie_leave(cpu);
	finish(&d);
}

static void test_no_random_numbers(void **state)
{
	struct dumped d;

	(void)state;
	setup(&d);
	atomic_store(&d.f->random_fails, 0);
	assert_int_equal(0x10e, dump_init(&d));
	atomic_store(&d.f->random_fails, -1);
	expect_not_dumping(&d);
	assert_int_equal(1, dump_init(&d));
	finish(&d);
}

static void test_end_of_a_guest_that_is_dumped(void **state)
{
	static const uint16_t ends[] = {UVC_CMD_DESTROY_SEC_CONF, UVC_CMD_DESTROY_SEC_CONF_FAST};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct dumped d;

		setup(&d);
		assert_int_equal(1, dump_init(&d));
		fx_cpu_destroy(d.f, &d.cpu);
		if (ends[i] == UVC_CMD_DESTROY_SEC_CONF ||
		    !uv_has(d.f->uv, UV_FEATURE_DESTROY_FAST)) {
			fx_guest_destroy(d.f, d.g);
		} else {
			struct uv_cb_destroy_fast u =
				FX_BLOCK(uv_cb_destroy_fast, UVC_CMD_DESTROY_SEC_CONF_FAST);

			u.handle = be64_make(d.g->handle);
			fx_expect(d.f, &u, 1, 0);
			assert_int_equal(UVC_RC_INV_GHANDLE, dump_complete(&d, d.area));
			d.g->handle = 0;
			for (gpa_t gpa = 0; gpa < d.g->msl; gpa += PAGE_SIZE)
				assert_int_equal(1, fx_frame_call(d.f, UVC_CMD_DESTR_SEC_STOR,
								  fx_frame(d.g, gpa)));
		}
		storage_free(d.f->st, d.area);
		fx_destroy(d.f);
	}
}

/* ---- the way round ---- */

/* In the order of a test: pages by kind. */
#define EXPORTED_PAGE   0x20000UL
#define SECURE_PAGE     0x21000UL
#define SHARED_PAGE     0x22000UL
#define SHARED_OUT_PAGE 0x23000UL
#define HIGH_PAGE       (SEGMENT_SIZE + 0xff000UL)

static const gpa_t encrypted_pages[] = {EXPORTED_PAGE, SECURE_PAGE, HIGH_PAGE};

static void fill_memory(struct dumped *d)
{
	guest_writes(d, EXPORTED_PAGE);
	guest_writes(d, SECURE_PAGE);
	guest_writes(d, SHARED_PAGE);
	guest_writes(d, SHARED_OUT_PAGE);
	guest_writes(d, HIGH_PAGE);
	guest_shares(d, SHARED_PAGE);
	guest_shares(d, SHARED_OUT_PAGE);
	host_exports(d, EXPORTED_PAGE);
	host_exports(d, SHARED_OUT_PAGE);
}

static void read_memory(struct dumped *d)
{
	for (gpa_t gpa = 0; gpa < d->g->msl; gpa += PAGE_SIZE)
		assert_int_equal(0, uv_make_accessible(d->f->uv, fx_frame(d->g, gpa)));
}

static void read_states(struct dumped *d, struct pv_dump_page *states)
{
	for (unsigned int mib = 0; mib < 2; mib++) {
		assert_int_equal(1, stor_state(d, d->area, mib * SEGMENT_SIZE));
		memcpy(states + mib * MIB_PAGES, area(d), AREA_LEN);
	}
}

static void compare_memory(struct dumped *d, const struct opened *o,
			   const struct pv_dump_page *states)
{
	uint8_t page[PAGE_SIZE];

	for (size_t n = 0; n < img.pages; n++) {
		gpa_t gpa = IMAGE_AT + n * PAGE_SIZE;

		open_page(o, &states[gpa / PAGE_SIZE], backing_ordinary(d->g->b) + gpa, page);
		for (size_t i = 0; i < PAGE_SIZE; i++)
			assert_int_equal(se_image_plain(n, i), page[i]);
	}
	for (size_t n = 0; n < sizeof(encrypted_pages) / sizeof(gpa_t); n++) {
		gpa_t gpa = encrypted_pages[n];
		const uint8_t *file = backing_ordinary(d->g->b) + gpa;

		open_page(o, &states[gpa / PAGE_SIZE], file, page);
		assert_memory_not_equal(page, file, 64);
		for (size_t i = 0; i < PAGE_SIZE; i++)
			assert_int_equal(pattern(gpa, i), page[i]);
	}
	for (size_t i = 0; i < PAGE_SIZE; i++) {
		assert_int_equal(pattern(SHARED_PAGE, i),
				 backing_ordinary(d->g->b)[SHARED_PAGE + i]);
		assert_int_equal(pattern(SHARED_OUT_PAGE, i),
				 backing_ordinary(d->g->b)[SHARED_OUT_PAGE + i]);
	}
}

static void compare_kinds(const struct pv_dump_page *states)
{
	unsigned int encrypted = 0;

	for (gpa_t page = 0; page < 2 * MIB_PAGES; page++) {
		if (page == SHARED_PAGE / PAGE_SIZE)
			assert_special(&states[page], PV_DUMP_SHARED | PV_DUMP_MAPPED);
		else if (page == SHARED_OUT_PAGE / PAGE_SIZE)
			assert_special(&states[page], PV_DUMP_SHARED);
		else if (be32_get(states[page].special) == PV_DUMP_SPECIAL)
			assert_special(&states[page], PV_DUMP_ZERO);
		else
			encrypted++;
	}
	assert_int_equal(img.pages + sizeof(encrypted_pages) / sizeof(gpa_t), encrypted);
}

/* It does not matter whether the host reads memory before or after it asks. */
static void dump_memory(bool memory_first)
{
	static struct pv_dump_page states[2 * MIB_PAGES];
	struct opened o;
	struct dumped d;

	setup(&d);
	fill_memory(&d);
	assert_int_equal(1, dump_init(&d));
	if (memory_first)
		read_memory(&d);
	read_states(&d, states);
	if (!memory_first)
		read_memory(&d);
	assert_int_equal(1, dump_complete(&d, d.area));
	open_completion(area(&d), &o);
	compare_memory(&d, &o, states);
	compare_kinds(states);
	finish(&d);
}

static void test_memory_before_states(void **state)
{
	(void)state;
	dump_memory(true);
}

static void test_states_before_memory(void **state)
{
	(void)state;
	dump_memory(false);
}

/*
 * What a dump told of a page is the tweak of one export only: the guest goes on, changes the page,
 * and no two ciphertexts have one tweak.
 */
static void test_no_tweak_twice(void **state)
{
	static struct pv_dump_page states[2 * MIB_PAGES], later[2 * MIB_PAGES];
	struct pv_dump_page *told = &states[SECURE_PAGE / PAGE_SIZE];
	struct pv_dump_page *next = &later[SECURE_PAGE / PAGE_SIZE];
	uint8_t page[PAGE_SIZE];
	struct opened o;
	struct dumped d;

	(void)state;
	setup(&d);
	fill_memory(&d);
	assert_int_equal(1, dump_init(&d));
	read_states(&d, states);
	read_states(&d, later);
	assert_memory_equal(told, next, sizeof(*told));
	assert_int_equal(1, dump_complete(&d, d.area));
	open_completion(area(&d), &o);
	/* not read during the dump: the first export after it has what was told */
	memset(guest_page(&d, SECURE_PAGE), 0xc3, PAGE_SIZE);
	host_exports(&d, SECURE_PAGE);
	open_page(&o, told, backing_ordinary(d.g->b) + SECURE_PAGE, page);
	assert_int_equal(0xc3, page[100]);
	assert_int_equal(1, fx_import(d.f, d.g, SECURE_PAGE));
	assert_int_equal(0xc3, guest_page(&d, SECURE_PAGE)[100]);
	assert_int_equal(1, dump_init(&d));
	read_states(&d, later);
	for (size_t i = 0; i < 2 * MIB_PAGES; i++)
		assert_memory_not_equal(next, &states[i], sizeof(*next));
	finish(&d);
}

/* Destroyed and shared pages leave nothing behind that was told. */
static void test_promise_ends_with_the_page(void **state)
{
	static struct pv_dump_page states[2 * MIB_PAGES], later[2 * MIB_PAGES];
	struct dumped d;

	(void)state;
	setup(&d);
	fill_memory(&d);
	assert_int_equal(1, dump_init(&d));
	read_states(&d, states);
	assert_int_equal(1, dump_complete(&d, d.area));
	guest_shares(&d, SECURE_PAGE);
	fx_cpu_destroy(d.f, &d.cpu);
	assert_int_equal(1, fx_frame_call(d.f, UVC_CMD_DESTR_SEC_STOR, fx_frame(d.g, HIGH_PAGE)));
	assert_int_equal(1, fx_nodata(d.f, UVC_CMD_SET_UNSHARE_ALL, d.g->handle));
	guest_writes(&d, HIGH_PAGE);
	assert_int_equal(1, dump_init(&d));
	read_states(&d, later);
	for (size_t i = 0; i < 2 * MIB_PAGES; i++) {
		assert_memory_not_equal(&later[SECURE_PAGE / PAGE_SIZE], &states[i],
					sizeof(states[i]));
		assert_memory_not_equal(&later[HIGH_PAGE / PAGE_SIZE], &states[i],
					sizeof(states[i]));
	}
	finish(&d);
}

/* ---- beside each other ---- */

#define RACE_ROUNDS 200U
#define RACE_PAGES  64U
#define RACE_AT     0x40000UL

struct racer {
	struct dumped *d;
	pthread_barrier_t begin;
	pthread_t thread;
	_Atomic unsigned int exported; /* pages */
	_Atomic bool in_sie;
	_Atomic bool stop;
};

static void *export_all(void *arg)
{
	struct racer *r = arg;

	for (unsigned int round = 0; round < RACE_ROUNDS; round++) {
		pthread_barrier_wait(&r->begin);
		for (unsigned int n = 0; n < RACE_PAGES; n++) {
			host_exports(r->d, RACE_AT + n * PAGE_SIZE);
			atomic_fetch_add(&r->exported, 1);
		}
		pthread_barrier_wait(&r->begin);
	}
	return NULL;
}

/* What is told of a page once is told of it as long as nobody imports it again. */
static void read_same_states(struct dumped *d, const struct pv_dump_page *states)
{
	size_t first = RACE_AT / PAGE_SIZE;
	struct pv_dump_page again[2 * MIB_PAGES];

	read_states(d, again);
	assert_memory_equal(&states[first], &again[first], RACE_PAGES * sizeof(again[0]));
}

/* The first question comes when @late pages have left; that one is on its way then. */
static void race_round(struct dumped *d, struct racer *r, struct opened *o, unsigned int late)
{
	static struct pv_dump_page states[2 * MIB_PAGES];
	unsigned int before = atomic_load(&r->exported);
	uint8_t page[PAGE_SIZE];

	for (unsigned int n = 0; n < RACE_PAGES; n++)
		guest_writes(d, RACE_AT + n * PAGE_SIZE);
	assert_int_equal(1, dump_init(d));
	pthread_barrier_wait(&r->begin);
	while (atomic_load(&r->exported) < before + late)
		sched_yield();
	read_states(d, states);
	while (atomic_load(&r->exported) < before + RACE_PAGES)
		read_same_states(d, states);
	pthread_barrier_wait(&r->begin);
	assert_int_equal(1, dump_complete(d, d->area));
	open_completion(area(d), o);
	for (unsigned int n = 0; n < RACE_PAGES; n++) {
		gpa_t gpa = RACE_AT + n * PAGE_SIZE;

		open_page(o, &states[gpa / PAGE_SIZE], backing_ordinary(d->g->b) + gpa, page);
		assert_int_equal(pattern(gpa, 0), page[0]);
		assert_int_equal(pattern(gpa, PAGE_SIZE - 1), page[PAGE_SIZE - 1]);
	}
}

/* Pages leave while their states are asked for: each has the tweak that was told. */
static void test_states_beside_exports(void **state)
{
	struct opened o;
	struct dumped d;
	struct racer r = {.d = &d};

	(void)state;
	setup(&d);
	pthread_barrier_init(&r.begin, NULL, 2);
	assert_int_equal(0, pthread_create(&r.thread, NULL, export_all, &r));
	for (unsigned int round = 0; round < RACE_ROUNDS; round++)
		race_round(&d, &r, &o, round % RACE_PAGES);
	assert_int_equal(0, pthread_join(r.thread, NULL));
	pthread_barrier_destroy(&r.begin);
	finish(&d);
}

static void *enter_and_leave(void *arg)
{
	struct racer *r = arg;
	struct dumped *d = r->d;

	while (!atomic_load(&r->stop)) {
		struct uv_cpu *cpu;
		uint16_t vir = uv_sie_enter(d->f->uv, d->g->asce, d->cpu.scb, &cpu);

		if (vir) {
			assert_int_equal(0x200a, vir);
			continue;
		}
		atomic_store(&r->in_sie, true);
		atomic_store(&r->in_sie, false);
		uv_sie_leave(cpu);
	}
	return NULL;
}

/* A dump begins between two stays in SIE, or not at all. */
static void test_begin_beside_entries(void **state)
{
	unsigned int begun = 0;
	struct dumped d;
	struct racer r = {.d = &d};

	(void)state;
	setup(&d);
	assert_int_equal(0, pthread_create(&r.thread, NULL, enter_and_leave, &r));
	while (begun < RACE_ROUNDS) {
		uint16_t rc = dump_init(&d);

		if (rc != 1) {
			assert_int_equal(WRONG_STATE, rc);
			continue;
		}
		begun++;
		assert_false(atomic_load(&r.in_sie));
		assert_int_equal(1, dump_cpu(&d, d.area));
		assert_false(atomic_load(&r.in_sie));
		assert_int_equal(1, dump_complete(&d, d.area));
	}
	atomic_store(&r.stop, true);
	assert_int_equal(0, pthread_join(r.thread, NULL));
	finish(&d);
}

/* ---- registers ---- */

static struct uv_cpu_stor *cpu_stor(struct dumped *d)
{
	return storage_ptr(d->f->st, d->cpu.stor, sizeof(struct uv_cpu_stor));
}

static void fill_registers(struct cpu_state *s)
{
	for (unsigned int i = 0; i < 16; i++) {
		s->gprs[i] = 0x1111111111111111UL * i + 1;
		s->crs[i] = 0x2020202020202020UL + i;
		s->fprs[i] = 0x4000000000000000UL + i;
		s->acrs[i] = 0x30000000U + i;
	}
	s->psw = (struct psw){0x0705000180000000UL, 0x123456789aUL};
	s->prefix = 0x8000;
	s->fpc = 0x00080000;
	s->todpr = 0x77;
	s->cpu_timer = 0x0123456789abcdefUL;
	s->clock_comparator = 0xfedcba9876543210UL;
}

static void compare_registers(const struct pv_dump_cpu *c, const struct cpu_state *s)
{
	for (unsigned int i = 0; i < 16; i++) {
		assert_int_equal(s->gprs[i], be64_get(c->gprs[i]));
		assert_int_equal(s->crs[i], be64_get(c->crs[i]));
		assert_int_equal(s->fprs[i], be64_get(c->vrs[i][0]));
		assert_int_equal(0, be64_get(c->vrs[i][1]));
		assert_int_equal(0, be64_get(c->vrs[16 + i][0]));
		assert_int_equal(s->acrs[i], be32_get(c->acrs[i]));
	}
	assert_int_equal(s->psw.mask, be64_get(c->psw_mask));
	assert_int_equal(s->psw.addr, be64_get(c->psw_addr));
	assert_int_equal(s->prefix, be32_get(c->prefix));
	assert_int_equal(s->fpc, be32_get(c->fpc));
	assert_int_equal(s->todpr, be32_get(c->todpr));
	assert_int_equal(s->cpu_timer, be64_get(c->cpu_timer));
	assert_int_equal(s->clock_comparator, be64_get(c->clock_comparator));
	assert_int_equal(0, be64_get(c->gsd));
}

/* Return: the block decrypted in place */
static struct pv_dump_cpu open_cpu(const struct pv_dump_cpu *in, const uint8_t key[SE_KEY_LEN])
{
	struct pv_dump_cpu c = *in;

	assert_int_equal(1, be32_get(c.version));
	assert_int_equal(1568, be32_get(c.length));
	assert_int_equal(0, seal_gcm_decrypt(key, c.iv, in, 32, c.gprs, 1520, c.gprs, c.tag));
	return c;
}

static void test_registers(void **state)
{
	struct pv_dump_cpu block[2], plain;
	struct pv_dump_completion completion;
	struct opened o;
	struct dumped d;

	(void)state;
	setup(&d);
	fill_registers(&cpu_stor(&d)->state);
	assert_int_equal(1, dump_init(&d));
	cpu_stor(&d)->exit_code = ICPT_PV_NOTIFY;
	assert_int_equal(1, dump_cpu(&d, d.area));
	memcpy(&block[0], area(&d), sizeof(block[0]));
	cpu_stor(&d)->exit_code = ICPT_PV_INSTR;
	assert_int_equal(1, dump_cpu(&d, d.area));
	memcpy(&block[1], area(&d), sizeof(block[1]));
	assert_int_equal(1, dump_complete(&d, d.area));
	memcpy(&completion, area(&d), sizeof(completion));
	open_completion(&completion, &o);
	plain = open_cpu(&block[0], o.key);
	compare_registers(&plain, &cpu_stor(&d)->state);
	assert_int_equal(0, be16_get(plain.flags));
	assert_memory_not_equal(plain.gprs, block[0].gprs, sizeof(plain.gprs));
	plain = open_cpu(&block[1], o.key);
	assert_int_equal(0x8000, be16_get(plain.flags));
	/* three blocks under one key */
	assert_memory_not_equal(block[0].iv, block[1].iv, 12);
	assert_memory_not_equal(block[0].iv, completion.iv, 12);
	assert_memory_not_equal(block[1].iv, completion.iv, 12);
	/* another key opens nothing, and the plain head is protected */
	o.key[0] ^= 1;
	assert_int_equal(-EBADMSG, seal_gcm_decrypt(o.key, block[0].iv, &block[0], 32,
						    block[0].gprs, 1520, plain.gprs, block[0].tag));
	o.key[0] ^= 1;
	block[1].reserved20[3] ^= 1;
	assert_int_equal(-EBADMSG, seal_gcm_decrypt(o.key, block[1].iv, &block[1], 32,
						    block[1].gprs, 1520, plain.gprs, block[1].tag));
	finish(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_dump_areas),
		cmocka_unit_test(test_area_is_filled),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_no_random_numbers),
		cmocka_unit_test(test_end_of_a_guest_that_is_dumped),
		cmocka_unit_test(test_memory_before_states),
		cmocka_unit_test(test_states_before_memory),
		cmocka_unit_test(test_no_tweak_twice),
		cmocka_unit_test(test_promise_ends_with_the_page),
		cmocka_unit_test(test_states_beside_exports),
		cmocka_unit_test(test_begin_beside_entries),
		cmocka_unit_test(test_registers),
	};

	return cmocka_run_group_tests_name("uv-dump", tests, NULL, NULL);
}
