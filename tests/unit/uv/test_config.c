/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INIT_UV; creation and both ends of configurations. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage/frame.h"
#include "storage/inject.h"
#include "tests/machine_model.h"
#include "tests/unit/uv/fixture.h"
#include "uv/state.h"

/* ---- INIT_UV ---- */

static uint16_t init(struct fixture *f, abs_t origin, uint64_t len)
{
	struct uv_cb_init u = FX_BLOCK(uv_cb_init, UVC_CMD_INIT_UV);

	u.stor_origin = be64_make(origin);
	u.stor_len = be64_make(len);
	fx_uvc(f, &u);
	return fx_rc(&u);
}

static enum frame_state frame_state_at(struct fixture *f, abs_t addr)
{
	enum frame_state state;
	struct frame frame;

	assert_int_equal(0, frame_get(f->st, addr, &frame));
	state = frame_word_state(frame_read(&frame));
	frame_put(&frame);
	return state;
}

static void assert_state(struct fixture *f, abs_t addr, size_t len, enum frame_state state)
{
	for (abs_t page = addr; page < addr + len; page += PAGE_SIZE)
		assert_int_equal(state, frame_state_at(f, page));
}

static void assert_host(struct fixture *f, abs_t addr, size_t len, enum uv_access expected)
{
	uint8_t *bytes;

	for (abs_t page = addr; page < addr + len; page += PAGE_SIZE)
		assert_int_equal(expected, uv_frame_access(f->uv, NULL, page, 0, &bytes));
}

static void assert_zero(struct fixture *f, abs_t addr, size_t len)
{
	const uint8_t *p = storage_ptr(f->st, addr, len);

	assert_non_null(p);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(0, p[i]);
}

static void test_init(void **state)
{
	struct fixture *f = fx_power_on(NULL);
	abs_t spare = storage_alloc(f->st, UV_BASE_STOR_LEN, UV_BASE_STOR_ALIGN, ALLOC_UV_BASE);

	(void)state;
	assert_int_equal(0x103, init(f, f->base, UV_BASE_STOR_LEN - 8));
	assert_int_equal(0x103, init(f, f->base + 0x1000, UV_BASE_STOR_LEN + 0x1000));
	assert_int_equal(0x104, init(f, f->base + 0x1000, UV_BASE_STOR_LEN));
	assert_int_equal(0x105, init(f, ABS_LIMIT, UV_BASE_STOR_LEN));
	assert_int_equal(0x105, init(f, ABS_LIMIT - SEGMENT_SIZE, UV_BASE_STOR_LEN));
	assert_int_equal(0x105, init(f, spare + SEGMENT_SIZE, UV_BASE_STOR_LEN));
	assert_state(f, f->base, UV_BASE_STOR_LEN, FRAME_NS);
	assert_int_equal(1, init(f, f->base, UV_BASE_STOR_LEN));
	assert_state(f, f->base, UV_BASE_STOR_LEN, FRAME_DON);
	assert_int_equal(0x101, init(f, f->base, UV_BASE_STOR_LEN));
	assert_int_equal(0x101, init(f, spare, UV_BASE_STOR_LEN));
	storage_free(f->st, spare);
	fx_destroy(f);
}

/* ---- CREATE_SEC_CONF ---- */

/* Change one thing of a good block: it must fail with @rc, take nothing and give no handle. */
#define EXPECT_REFUSED(f, good, field_, value, rc)                                                 \
	do {                                                                                       \
		struct uv_cb_cgc bad_ = (good);                                                    \
		bad_.field_ = be64_make(value);                                                    \
		fx_expect((f), &bad_, (rc), 0);                                                    \
		assert_int_equal(0, be64_get(bad_.guest_handle));                                  \
		assert_state((f), (f)->guest[0].base, UV_CONF_BASE_LEN, FRAME_NS);                 \
		assert_state((f), (f)->guest[0].virt, UV_CONF_VIRT_LEN + UV_CONF_VAR_LEN,          \
			     FRAME_NS);                                                            \
	} while (0)

static void test_create_refused(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_cgc u = fx_guest_prepare(f, 0, 1);
	struct fx_guest *g = &f->guest[0];

	(void)state;
	EXPECT_REFUSED(f, u, guest_stor_origin, ABS_LIMIT + 0x200001, 0x101);
	EXPECT_REFUSED(f, u, guest_stor_origin, ABS_LIMIT, 0x102);
	EXPECT_REFUSED(f, u, guest_stor_len, ABS_LIMIT + SEGMENT_SIZE, 0x102);
	EXPECT_REFUSED(f, u, guest_stor_len, UINT64_MAX, 0x102);
	EXPECT_REFUSED(f, u, guest_stor_len, 0, 0x103);
	EXPECT_REFUSED(f, u, guest_stor_len, SEGMENT_SIZE + PAGE_SIZE, 0x103);
	EXPECT_REFUSED(f, u, guest_stor_origin, PAGE_SIZE, 0x103);
	EXPECT_REFUSED(f, u, guest_asce, g->asce & ~0x100UL, 0x105);
	EXPECT_REFUSED(f, u, guest_asce, g->asce | 0x20, 0x105);
	EXPECT_REFUSED(f, u, conf_base_stor_origin, ABS_LIMIT + 8, 0x108);
	EXPECT_REFUSED(f, u, conf_base_stor_origin, backing_abs(g->b), 0x108);
	EXPECT_REFUSED(f, u, conf_base_stor_origin, 0x1000, 0x109);
	EXPECT_REFUSED(f, u, conf_base_stor_origin, 0, 0x109);
	EXPECT_REFUSED(f, u, conf_virt_stor_origin, g->virt + 8, 0x107);
	EXPECT_REFUSED(f, u, conf_virt_stor_origin, ABS_LIMIT, 0x10a);
	EXPECT_REFUSED(f, u, conf_virt_stor_origin, g->virt + PAGE_SIZE, 0x10a);
	EXPECT_REFUSED(f, u, conf_base_stor_origin, f->base, 0x10b);
	EXPECT_REFUSED(f, u, conf_virt_stor_origin, g->base, 0x10b);
	EXPECT_REFUSED(f, u, guest_sca, 0, 0x10c);
	EXPECT_REFUSED(f, u, guest_sca, 0x1000, 0x10d);
	EXPECT_REFUSED(f, u, guest_sca, f->base, 0x10d);
	EXPECT_REFUSED(f, u, guest_sca, g->sca + PAGE_SIZE, 0x10d);
	fx_destroy(f);
}

static void test_base_misaligned(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_cgc u = fx_guest_prepare(f, 0, 1);
	abs_t large =
		storage_alloc(f->st, 2 * UV_CONF_BASE_LEN, UV_CONF_BASE_ALIGN, ALLOC_CONF_BASE);

	(void)state;
	EXPECT_REFUSED(f, u, conf_base_stor_origin, large + 0x1000, 0x107);
	storage_free(f->st, large);
	fx_destroy(f);
}

static void test_create(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_cgc u = fx_guest_prepare(f, 0, 3);
	struct uv_cb_cgc again = u;
	struct fx_guest *g = &f->guest[0];
	size_t virt_len = UV_CONF_VIRT_LEN + 3 * UV_CONF_VAR_LEN;

	(void)state;
	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	g->handle = be64_get(u.guest_handle);
	assert_int_not_equal(0, g->handle);
	assert_state(f, g->base, UV_CONF_BASE_LEN, FRAME_DON);
	assert_state(f, g->virt, virt_len, FRAME_DON);
	assert_int_equal(FRAME_NS, frame_state_at(f, g->sca));
	assert_host(f, f->base, UV_BASE_STOR_LEN, UV_ACCESS_SECURE);
	assert_host(f, g->base, UV_CONF_BASE_LEN, UV_ACCESS_SECURE);
	assert_host(f, g->virt, virt_len, UV_ACCESS_SECURE);
	fx_expect(f, &again, 0x10b, 0);
	/* fresh storage, but the address space is taken; the low bits do not matter */
	again = fx_guest_prepare(f, 1, 1);
	again.guest_asce = be64_make(g->asce ^ 7);
	fx_expect(f, &again, 0x104, 0);
	assert_int_equal(0, be64_get(again.guest_handle));
	assert_state(f, f->guest[1].base, UV_CONF_BASE_LEN, FRAME_NS);
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_nodata(f, UVC_CMD_VERIFY_IMG, g->handle + 1));
	assert_int_equal(0x101, fx_nodata(f, UVC_CMD_VERIFY_IMG, g->handle));
	fx_destroy(f);
}

/* Storage that is not zero when it is donated must not become page records. */
static void test_donated_storage_is_cleared(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_cgc u = fx_guest_prepare(f, 0, 1);
	size_t virt_len = UV_CONF_VIRT_LEN + UV_CONF_VAR_LEN;
	struct fx_guest *g = &f->guest[0];

	(void)state;
	memset(storage_ptr(f->st, g->virt, virt_len), 0xff, virt_len);
	memset(storage_ptr(f->st, g->base, UV_CONF_BASE_LEN), 0xff, UV_CONF_BASE_LEN);
	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	g->handle = be64_get(u.guest_handle);
	assert_zero(f, g->virt, virt_len);
	assert_int_equal(1, fx_import(f, g, 0));
	fx_destroy(f);
}

/* Every random number that is missing: the call fails and leaves nothing. */
static void test_no_random_numbers(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_cgc u = fx_guest_prepare(f, 0, 1);
	struct storage_stats stats;
	struct uv_cb_cgc bad;
	int n = 0;

	(void)state;
	for (;; n++) {
		bad = u;
		atomic_store(&f->random_fails, n);
		fx_uvc(f, &bad);
		atomic_store(&f->random_fails, -1);
		if (fx_rc(&bad) == UVC_RC_EXECUTED)
			break;
		assert_int_equal(0x10e, fx_rc(&bad));
		assert_int_equal(0, be64_get(bad.guest_handle));
		assert_state(f, f->guest[0].base, UV_CONF_BASE_LEN, FRAME_NS);
		storage_get_stats(f->st, &stats);
		assert_int_equal(UV_BASE_STOR_LEN, stats.bytes_donated);
	}
	assert_true(n >= 3); /* identity, keys, handle */
	f->guest[0].handle = be64_get(bad.guest_handle);
	fx_destroy(f);
}

static void test_too_many(void **state)
{
	struct fixture *f = fx_create(NULL);
	static uint64_t handles[UV_MAX_CONFIGS];
	static abs_t base[UV_MAX_CONFIGS + 1], virt[UV_MAX_CONFIGS + 1];
	struct uv_cb_cgc u = fx_guest_prepare(f, 0, 1);

	(void)state;
	for (unsigned int i = 0; i <= UV_MAX_CONFIGS; i++) {
		struct uv_cb_cgc each = u;

		base[i] =
			storage_alloc(f->st, UV_CONF_BASE_LEN, UV_CONF_BASE_ALIGN, ALLOC_CONF_BASE);
		virt[i] = storage_alloc(f->st, UV_CONF_VIRT_LEN + UV_CONF_VAR_LEN, PAGE_SIZE,
					ALLOC_CONF_VAR);
		each.conf_base_stor_origin = be64_make(base[i]);
		each.conf_virt_stor_origin = be64_make(virt[i]);
		each.guest_asce = be64_make((i + 100UL) << 32 | 0x10b);
		fx_expect(f, &each, i < UV_MAX_CONFIGS ? UVC_RC_EXECUTED : 0x106, 0);
		if (i < UV_MAX_CONFIGS)
			handles[i] = be64_get(each.guest_handle);
	}
	for (unsigned int i = 0; i <= UV_MAX_CONFIGS; i++) {
		if (i < UV_MAX_CONFIGS)
			assert_int_equal(1, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, handles[i]));
		storage_free(f->st, base[i]);
		storage_free(f->st, virt[i]);
	}
	fx_destroy(f);
}

/* ---- memory that runs out ---- */

static _Atomic int allocations_left;

static bool fail_allocation(enum inject_point point, uint32_t detail, uint64_t subject,
			    struct inject_outcome *outcome)
{
	(void)subject;
	(void)outcome;
	return point == INJECT_ALLOC && detail == ALLOC_OBJECT &&
	       atomic_fetch_sub(&allocations_left, 1) <= 0;
}

static int drop_hook(void **state)
{
	(void)state;
	atomic_store(&inject_hook, NULL);
	return 0;
}

/* Fail the n-th allocation for each n until none is left. Return: how many there were */
static int sweep(struct fixture *f, const void *block, size_t size, uint16_t rc, void *answered)
{
	struct storage_stats before, after;
	int n;

	storage_get_stats(f->st, &before);
	for (n = 0;; n++) {
		memcpy(answered, block, size);
		atomic_store(&allocations_left, n);
		atomic_store(&inject_hook, fail_allocation);
		uv_call(f->uv, answered, size);
		atomic_store(&inject_hook, NULL);
		if (fx_rc(answered) == UVC_RC_EXECUTED)
			return n;
		assert_int_equal(rc, fx_rc(answered));
		storage_get_stats(f->st, &after);
		assert_memory_equal(&before, &after, sizeof(before));
	}
}

static void test_no_memory(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct uv_cb_cgc cgc = fx_guest_prepare(f, 0, 1);
	struct uv_cb_csc csc;
	struct fx_cpu cpu;

	(void)state;
	assert_int_equal(2, sweep(f, &cgc, sizeof(cgc), 0x10e, &cgc)); /* configuration, owner */
	f->guest[0].handle = be64_get(cgc.guest_handle);
	csc = fx_cpu_prepare(f, &f->guest[0], &cpu, 0);
	assert_int_equal(1, sweep(f, &csc, sizeof(csc), 0x10e, &csc));
	cpu.handle = be64_get(csc.cpu_handle);
	fx_cpu_destroy(f, &cpu);
	fx_destroy(f);
}

/* A key file that is no key: one line on stderr, and no Ultravisor. */
static void test_bad_host_key(void **state)
{
	static const char *const bad[] = {"/nonexistent/key.pem", "/dev/null", "/"};
	static const struct uv_machine_ops no_ops;
	struct uv_params params = {
		.storage = storage_create(),
		.model = uv_model_find(machine_model()),
		.ops = &no_ops,
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		params.host_key = bad[i];
		errno = 0;
		assert_null(uv_create(&params));
		assert_int_equal(EINVAL, errno);
	}
	params.host_key = NULL;
	allocations_left = 0;
	atomic_store(&inject_hook, fail_allocation);
	assert_null(uv_create(&params));
	assert_int_equal(ENOMEM, errno);
	storage_destroy(params.storage);
}

/* ---- DESTROY_SEC_CONF ---- */

static void test_destroy(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct fx_cpu cpu;
	uint64_t handle = g->handle;

	(void)state;
	fx_cpu_create(f, g, &cpu, 0);
	for (gpa_t gpa = 0; gpa < 4 * PAGE_SIZE; gpa += PAGE_SIZE)
		assert_int_equal(1, fx_import(f, g, gpa));
	assert_int_equal(0x102, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, handle));
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, handle + 1));
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, cpu.handle));
	assert_state(f, fx_frame(g, 0), 4 * PAGE_SIZE, FRAME_SEC);
	fx_cpu_destroy(f, &cpu);
	assert_int_equal(1, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, handle));
	g->handle = 0;
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, handle));
	assert_state(f, fx_frame(g, 0), g->msl, FRAME_NS);
	assert_state(f, g->base, UV_CONF_BASE_LEN, FRAME_NS);
	assert_host(f, fx_frame(g, 0), g->msl, UV_ACCESS_OK);
	assert_zero(f, g->base, UV_CONF_BASE_LEN);
	assert_state(f, g->virt, UV_CONF_VIRT_LEN + UV_CONF_VAR_LEN, FRAME_NS);
	fx_destroy(f);
}

/* More pages than one call may touch: partly done, and nobody else finds it meanwhile. */
static void test_destroy_in_parts(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 17);
	struct uv_cb_nodata u = FX_BLOCK(uv_cb_nodata, UVC_CMD_DESTROY_SEC_CONF);

	(void)state;
	for (gpa_t gpa = 0; gpa < g->msl; gpa += PAGE_SIZE)
		assert_int_equal(1, fx_import(f, g, gpa));
	u.handle = be64_make(g->handle);
	assert_int_equal(UV_CC_PARTIAL, fx_uvc(f, &u));
	assert_int_not_equal(0, fx_rc(&u));
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_import(f, g, 0));
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_nodata(f, UVC_CMD_VERIFY_IMG, g->handle));
	assert_state(f, g->base, UV_CONF_BASE_LEN, FRAME_DON);
	assert_int_equal(UV_CC_OK, fx_uvc(f, &u));
	g->handle = 0;
	assert_state(f, fx_frame(g, 0), g->msl, FRAME_NS);
	fx_destroy(f);
}

static uint16_t destroy_fast(struct fixture *f, uint64_t handle)
{
	struct uv_cb_destroy_fast u = FX_BLOCK(uv_cb_destroy_fast, UVC_CMD_DESTROY_SEC_CONF_FAST);

	u.handle = be64_make(handle);
	fx_uvc(f, &u);
	return fx_rc(&u);
}

/* The address space and the storage are free at once, the pages stay secure. */
static void test_destroy_fast(void **state)
{
	struct fixture *f = fx_create("z16");
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	uint64_t old = g->handle;
	uint32_t owner = uv_config_owner(f->uv, old);
	struct uv_cb_cgc u = FX_BLOCK(uv_cb_cgc, UVC_CMD_CREATE_SEC_CONF);
	struct fx_cpu cpu;

	(void)state;
	assert_int_not_equal(UV_OWNER_NONE, owner);
	assert_int_equal(UV_OWNER_NONE, uv_config_owner(f->uv, old + 1));
	fx_cpu_create(f, g, &cpu, 0);
	assert_int_equal(1, fx_import(f, g, 0));
	assert_int_equal(1, fx_import(f, g, PAGE_SIZE));
	assert_int_equal(0x102, destroy_fast(f, old));
	fx_cpu_destroy(f, &cpu);
	assert_int_equal(1, destroy_fast(f, old));
	assert_int_equal(UVC_RC_INV_GHANDLE, destroy_fast(f, old));
	assert_zero(f, g->base, UV_CONF_BASE_LEN);
	assert_state(f, fx_frame(g, 0), 2 * PAGE_SIZE, FRAME_SEC);
	assert_int_equal(2, uv_owner_frames(f->uv, owner));
	u.conf_base_stor_origin = be64_make(g->base);
	u.conf_virt_stor_origin = be64_make(g->virt);
	u.guest_stor_len = be64_make(g->msl);
	u.guest_sca = be64_make(g->sca);
	u.guest_asce = be64_make(g->asce);
	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	g->handle = be64_get(u.guest_handle);
	assert_int_not_equal(old, g->handle);
	assert_int_equal(0x106, fx_import(f, g, 0));
	assert_int_equal(1, fx_frame_call(f, UVC_CMD_DESTR_SEC_STOR, fx_frame(g, 0)));
	assert_int_equal(1, fx_import(f, g, 0));
	assert_int_equal(1, fx_frame_call(f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(g, PAGE_SIZE)));
	assert_int_equal(0, uv_owner_frames(f->uv, owner));
	uv_owner_put(f->uv, owner);
	fx_destroy(f);
}

static uint16_t condemn(struct fixture *f, uint64_t handle)
{
	return (uint16_t)fx_nodata(f, UVC_CMD_CONDEMN_SEC_CONF, handle);
}

/* Condemned: what may still be done is to end it, by either command. */
static void condemn_and_end(bool fast)
{
	struct fixture *f = fx_create("proposal");
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct uv_cb_csc csc;
	struct fx_cpu cpu, second;

	fx_cpu_create(f, g, &cpu, 0);
	assert_int_equal(1, fx_import(f, g, 0));
	assert_int_equal(0x102, condemn(f, g->handle));
	assert_host(f, fx_frame(g, 0), PAGE_SIZE, UV_ACCESS_SECURE);
	fx_cpu_destroy(f, &cpu);
	assert_int_equal(UVC_RC_INV_GHANDLE, condemn(f, g->handle + 1));
	assert_int_equal(1, condemn(f, g->handle));
	assert_int_equal(1, condemn(f, g->handle));
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_import(f, g, 0));
	assert_int_equal(UVC_RC_INV_GHANDLE, fx_import(f, g, PAGE_SIZE));
	assert_int_equal(UVC_RC_INV_GHANDLE,
			 fx_nodata(f, UVC_CMD_SET_UNSHARE_ALL, g->handle));
	csc = fx_cpu_prepare(f, g, &second, 1);
	fx_expect(f, &csc, UVC_RC_INV_GHANDLE, 0);
	fx_cpu_destroy(f, &second);
	assert_int_equal(0x103, fx_frame_call(f, UVC_CMD_PIN_PAGE_SHARED, fx_frame(g, 0)));
	assert_host(f, fx_frame(g, 0), PAGE_SIZE, UV_ACCESS_OK);
	if (fast) {
		assert_int_equal(1, destroy_fast(f, g->handle));
		g->handle = 0;
	}
	fx_destroy(f);
}

static void test_condemn(void **state)
{
	(void)state;
	condemn_and_end(false);
	condemn_and_end(true);
}

/* What a host leaked because a call failed is cleaned up at power-off. */
static void test_power_off_with_leftovers(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct fx_cpu cpu;

	(void)state;
	fx_cpu_create(f, g, &cpu, 3);
	assert_int_equal(1, fx_import(f, g, 0));
	storage_leak(f->st, g->base);
	storage_leak(f->st, g->virt);
	storage_leak(f->st, cpu.stor);
	cpu.handle = 0;
	cpu.stor = 0;
	g->handle = 0;
	g->base = 0;
	g->virt = 0;
	fx_cpu_destroy(f, &cpu);
	fx_destroy(f);
}

/* ---- two threads, one configuration ---- */

struct race {
	struct fixture *f;
	struct fx_guest *g;
	_Atomic uint32_t started;
	_Atomic uint32_t imported;
};

static void *import_all(void *arg)
{
	struct race *r = arg;

	atomic_fetch_add(&r->started, 1);
	for (gpa_t gpa = 0; gpa < r->g->msl; gpa += PAGE_SIZE) {
		uint16_t rc = fx_import(r->f, r->g, gpa);

		if (rc == UVC_RC_INV_GHANDLE)
			break;
		assert_int_equal(1, rc);
		atomic_fetch_add(&r->imported, 1);
	}
	return NULL;
}

/* Imports race with the end of their configuration: each is done before it or finds no handle. */
static void test_import_races_with_destroy(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 20; round++) {
		struct fixture *f = fx_create(NULL);
		struct race r = {.f = f, .g = fx_guest_create(f, 0, 2)};
		pthread_t thread[2];

		for (size_t i = 0; i < 2; i++)
			assert_int_equal(0, pthread_create(&thread[i], NULL, import_all, &r));
		while (atomic_load(&r.started) < 2 || atomic_load(&r.imported) < 40 * round)
			;
		assert_int_equal(1, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, r.g->handle));
		for (size_t i = 0; i < 2; i++)
			pthread_join(thread[i], NULL);
		r.g->handle = 0;
		assert_state(f, fx_frame(r.g, 0), r.g->msl, FRAME_NS);
		fx_destroy(f);
	}
}

static void *create_one(void *arg)
{
	struct uv_cb_cgc *u = ((void **)arg)[1];
	struct fixture *f = ((void **)arg)[0];

	fx_uvc(f, u);
	return NULL;
}

/* Two CREATEs for one address space, and two with one storage: one of them wins. */
static void test_create_races(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 50; round++) {
		struct fixture *f = fx_create(NULL);
		struct uv_cb_cgc u[2] = {fx_guest_prepare(f, 0, 1), fx_guest_prepare(f, 1, 1)};
		void *arg[2][2] = {{f, &u[0]}, {f, &u[1]}};
		unsigned int winner;
		pthread_t thread;

		if (round % 2)
			u[1].guest_asce = u[0].guest_asce;
		else
			u[1].conf_base_stor_origin = u[0].conf_base_stor_origin;
		assert_int_equal(0, pthread_create(&thread, NULL, create_one, arg[0]));
		create_one(arg[1]);
		pthread_join(thread, NULL);
		winner = fx_rc(&u[0]) != UVC_RC_EXECUTED;
		assert_int_equal(UVC_RC_EXECUTED, fx_rc(&u[winner]));
		assert_int_equal(round % 2 ? 0x104 : 0x10b, fx_rc(&u[!winner]));
		assert_int_equal(1, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF,
					      be64_get(u[winner].guest_handle)));
		fx_destroy(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_create_refused),
		cmocka_unit_test(test_base_misaligned),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_donated_storage_is_cleared),
		cmocka_unit_test(test_no_random_numbers),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test_teardown(test_no_memory, drop_hook),
		cmocka_unit_test_teardown(test_bad_host_key, drop_hook),
		cmocka_unit_test(test_destroy),
		cmocka_unit_test(test_destroy_in_parts),
		cmocka_unit_test(test_destroy_fast),
		cmocka_unit_test(test_condemn),
		cmocka_unit_test(test_power_off_with_leftovers),
		cmocka_unit_test(test_import_races_with_destroy),
		cmocka_unit_test(test_create_races),
	};

	return cmocka_run_group_tests_name("uv-config", tests, NULL, NULL);
}
