/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine for tests of the Ultravisor: see fixture.h. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/rand.h>

#include "crypto/seal.h"
#include "tests/machine_model.h"
#include "tests/unit/crypto/vector_key.h"
#include "tests/unit/uv/fixture.h"
#include "uv/state.h"

#define ESCA_SIZE 0x2100

/* ---- the machine ---- */

static struct fx_guest *guest_by_asce(struct fixture *f, uint64_t asce)
{
	for (size_t i = 0; i < FX_GUESTS; i++) {
		if (f->guest[i].asce && f->guest[i].asce == asce)
			return &f->guest[i];
	}
	return NULL;
}

static void purge(void *machine, uint64_t asce, gpa_t gpa, uint64_t len)
{
	struct fx_guest *g = guest_by_asce(machine, asce);

	(void)gpa;
	(void)len;
	if (g)
		atomic_fetch_add(&g->purges, 1);
}

static int translate(void *machine, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	struct fx_guest *g = guest_by_asce(machine, asce);

	if (!g || gpa < g->mso || gpa - g->mso >= g->msl)
		return -ENXIO;
	gpa -= g->mso;
	if (!atomic_load(&g->mapped[gpa / PAGE_SIZE]))
		return -ENXIO;
	*frame = fx_frame(g, gpa & PAGE_MASK);
	return 0;
}

static int random_bytes(void *machine, void *buf, size_t len)
{
	struct fixture *f = machine;

	if (atomic_load(&f->random_fails) >= 0 && atomic_fetch_sub(&f->random_fails, 1) == 0) {
		atomic_store(&f->random_fails, 0);
		return -EIO;
	}
	return RAND_bytes(buf, (int)len) == 1 ? 0 : -EIO;
}

static uint64_t tod(void *machine)
{
	struct fixture *f = machine;

	return atomic_load(&f->tod);
}

static const struct uv_machine_ops machine_ops = {
	.purge = purge,
	.translate = translate,
	.random = random_bytes,
	.tod = tod,
};

struct fixture *fx_power_on(const char *model)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct uv_params params = {
		.model = uv_model_find(model ? model : machine_model()),
		.ops = &machine_ops,
		.machine = f,
	};

	assert_non_null(f);
	assert_non_null(params.model);
	atomic_init(&f->random_fails, -1);
	atomic_init(&f->tod, 1UL << 40);
	f->st = storage_create();
	assert_non_null(f->st);
	snprintf(f->key_file, sizeof(f->key_file), "/tmp/protvirt-test-key-XXXXXX");
	assert_true(vector_key_write_host(f->key_file));
	params.storage = f->st;
	params.host_key = f->key_file;
	f->uv = uv_create(&params);
	assert_non_null(f->uv);
	f->base = storage_alloc(f->st, UV_BASE_STOR_LEN, UV_BASE_STOR_ALIGN, ALLOC_UV_BASE);
	assert_true(f->base);
	return f;
}

struct fixture *fx_create(const char *model)
{
	struct fixture *f = fx_power_on(model);
	struct uv_cb_init u = FX_BLOCK(uv_cb_init, UVC_CMD_INIT_UV);

	u.stor_origin = be64_make(f->base);
	u.stor_len = be64_make(UV_BASE_STOR_LEN);
	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	return f;
}

void fx_power_off(struct fixture *f)
{
	uv_destroy(f->uv);
	f->uv = NULL;
}

void fx_destroy(struct fixture *f)
{
	struct storage_stats stats;

	for (size_t i = 0; i < FX_GUESTS; i++)
		fx_guest_destroy(f, &f->guest[i]);
	fx_power_off(f);
	storage_get_stats(f->st, &stats);
	assert_int_equal(0, stats.frames_secure);
	assert_int_equal(0, stats.frames_orphan);
	assert_int_equal(0, stats.bytes_donated);
	storage_free(f->st, f->base);
	storage_destroy(f->st);
	assert_int_equal(0, unlink(f->key_file));
	free(f);
}

/* ---- calls ---- */

void fx_expect_at(struct fixture *f, void *uvcb, size_t size, uint16_t rc, uint16_t rrc,
		  const char *file, int line)
{
	const struct uv_cb_header *header = uvcb;
	enum uv_cc cc;

	do
		cc = uv_call(f->uv, uvcb, size);
	while (cc == UV_CC_BUSY || cc == UV_CC_PARTIAL);
	if (fx_rc(uvcb) != rc || fx_rrc(uvcb) != rrc || cc != (rc != UVC_RC_EXECUTED)) {
		print_error("%s:%d: cmd %04x: cc %d rc %04x rrc %04x, expected %04x %04x\n", file,
			    line, be16_get(header->cmd), cc, fx_rc(uvcb), fx_rrc(uvcb), rc, rrc);
		fail();
	}
}

uint32_t fx_nodata(struct fixture *f, uint16_t cmd, uint64_t handle)
{
	struct uv_cb_nodata u = FX_BLOCK(uv_cb_nodata, cmd);
	enum uv_cc cc;

	u.handle = be64_make(handle);
	do
		cc = fx_uvc(f, &u);
	while (cc == UV_CC_BUSY || cc == UV_CC_PARTIAL);
	assert_int_equal(cc, fx_rc(&u) != UVC_RC_EXECUTED);
	return (uint32_t)fx_rrc(&u) << 16 | fx_rc(&u);
}

uint16_t fx_import(struct fixture *f, const struct fx_guest *g, gpa_t gpa)
{
	struct uv_cb_cts u = FX_BLOCK(uv_cb_cts, UVC_CMD_CONV_TO_SEC_STOR);

	u.guest_handle = be64_make(g->handle);
	u.gaddr = be64_make(g->mso + gpa);
	while (fx_uvc(f, &u) == UV_CC_BUSY)
		;
	return fx_rc(&u);
}

uint16_t fx_frame_call(struct fixture *f, uint16_t cmd, abs_t frame)
{
	struct uv_cb_cfs u = FX_BLOCK(uv_cb_cfs, cmd);

	u.paddr = be64_make(frame);
	assert_true(fx_uvc(f, &u) <= UV_CC_ERROR);
	return fx_rc(&u);
}

uint16_t fx_set_state(struct fixture *f, const struct fx_cpu *cpu, uint8_t state)
{
	struct uv_cb_cpu_set_state u = FX_BLOCK(uv_cb_cpu_set_state, UVC_CMD_CPU_SET_STATE);

	u.cpu_handle = be64_make(cpu->handle);
	u.state = state;
	assert_true(fx_uvc(f, &u) <= UV_CC_ERROR);
	return fx_rc(&u);
}

/* ---- guests ---- */

struct uv_cb_cgc fx_guest_prepare(struct fixture *f, unsigned int n, uint64_t mib)
{
	struct uv_cb_cgc u = FX_BLOCK(uv_cb_cgc, UVC_CMD_CREATE_SEC_CONF);
	size_t virt_len = UV_CONF_VIRT_LEN + mib * UV_CONF_VAR_LEN;
	struct fx_guest *g = &f->guest[n];

	g->msl = mib * SEGMENT_SIZE;
	g->asce = 0x100000000UL * (n + 1) | 0x10b;
	g->base = storage_alloc(f->st, UV_CONF_BASE_LEN, UV_CONF_BASE_ALIGN, ALLOC_CONF_BASE);
	g->virt = storage_alloc(f->st, virt_len, PAGE_SIZE, ALLOC_CONF_VAR);
	g->sca = storage_alloc(f->st, ESCA_SIZE, PAGE_SIZE, ALLOC_SCA);
	g->b = backing_create(f->st, g->msl, NULL, NULL);
	g->mapped = calloc(g->msl / PAGE_SIZE, sizeof(*g->mapped));
	assert_true(g->base && g->virt && g->sca && g->b && g->mapped);
	for (size_t i = 0; i < g->msl / PAGE_SIZE; i++)
		atomic_init(&g->mapped[i], true);
	u.conf_base_stor_origin = be64_make(g->base);
	u.conf_virt_stor_origin = be64_make(g->virt);
	u.guest_stor_len = be64_make(g->msl);
	u.guest_sca = be64_make(g->sca);
	u.guest_asce = be64_make(g->asce);
	return u;
}

struct fx_guest *fx_guest_create(struct fixture *f, unsigned int n, uint64_t mib)
{
	struct uv_cb_cgc u = fx_guest_prepare(f, n, mib);

	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	f->guest[n].handle = be64_get(u.guest_handle);
	assert_true(f->guest[n].handle);
	return &f->guest[n];
}

void fx_guest_destroy(struct fixture *f, struct fx_guest *g)
{
	if (!g->asce)
		return;
	if (g->handle)
		assert_int_equal(UVC_RC_EXECUTED,
				 fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, g->handle));
	storage_free(f->st, g->base);
	storage_free(f->st, g->virt);
	storage_free(f->st, g->sca);
	backing_put(g->b);
	free((void *)g->mapped);
	memset((void *)g, 0, sizeof(*g));
}

/* ---- CPUs ---- */

struct uv_cb_csc fx_cpu_prepare(struct fixture *f, const struct fx_guest *g, struct fx_cpu *cpu,
				uint16_t num)
{
	struct uv_cb_csc u = FX_BLOCK(uv_cb_csc, UVC_CMD_CREATE_SEC_CPU);

	cpu->handle = 0;
	cpu->stor = storage_alloc(f->st, UV_CPU_STOR_LEN, PAGE_SIZE, ALLOC_CPU_STOR);
	cpu->sida = storage_alloc(f->st, PAGE_SIZE, PAGE_SIZE, ALLOC_PAGE);
	cpu->state = storage_alloc(f->st, PAGE_SIZE, PAGE_SIZE, ALLOC_PAGE);
	assert_true(cpu->stor && cpu->sida && cpu->state);
	cpu->scb = storage_ptr(f->st, cpu->state, sizeof(*cpu->scb));
	u.guest_handle = be64_make(g->handle);
	u.stor_origin = be64_make(cpu->stor);
	u.num = be16_make(num);
	u.state_origin = be64_make(cpu->state);
	return u;
}

void fx_cpu_create(struct fixture *f, const struct fx_guest *g, struct fx_cpu *cpu, uint16_t num)
{
	struct uv_cb_csc u = fx_cpu_prepare(f, g, cpu, num);

	fx_expect(f, &u, UVC_RC_EXECUTED, 0);
	cpu->handle = be64_get(u.cpu_handle);
	assert_true(cpu->handle);
	cpu->scb->sdf = SDF_FORMAT4;
	cpu->scb->icpua = be16_make(num);
	cpu->scb->pv_handle_cpu = be64_make(cpu->handle);
	cpu->scb->pv_handle_config = be64_make(g->handle);
	cpu->scb->sidad = be64_make(cpu->sida);
	cpu->scb->scaoh = be32_make((uint32_t)(g->sca >> 32));
	cpu->scb->scaol = be32_make((uint32_t)g->sca);
}

void fx_cpu_destroy(struct fixture *f, struct fx_cpu *cpu)
{
	if (cpu->handle)
		assert_int_equal(UVC_RC_EXECUTED,
				 fx_nodata(f, UVC_CMD_DESTROY_SEC_CPU, cpu->handle));
	storage_free(f->st, cpu->stor);
	storage_free(f->st, cpu->sida);
	storage_free(f->st, cpu->state);
	memset(cpu, 0, sizeof(*cpu));
}
