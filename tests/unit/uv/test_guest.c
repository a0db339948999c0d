/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's own calls, and the reset that keeps it protected. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "storage/frame.h"
#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"

static struct se_image img;

/* A running guest: one CPU in SIE. */
struct running {
	struct fixture *f;
	struct fx_guest *g;
	struct fx_cpu host_cpu;
	struct uv_cpu *cpu;
};

static void enter(struct running *r)
{
	assert_int_equal(0, uv_sie_enter(r->f->uv, r->g->asce, r->host_cpu.scb, &r->cpu));
}

static uint16_t validity(struct running *r, const struct fx_cpu *cpu)
{
	struct uv_cpu *entered;
	uint16_t vir = uv_sie_enter(r->f->uv, r->g->asce, cpu->scb, &entered);

	if (!vir)
		uv_sie_leave(entered);
	return vir;
}

static struct running start(const char *model, uint64_t mib)
{
	struct running r = {.f = fx_create(model)};

	r.g = fx_guest_create(r.f, 0, mib);
	se_image_make(&img, 1, 0x15000, 0xe0);
	se_image_start(r.f, r.g, &img);
	fx_cpu_create(r.f, r.g, &r.host_cpu, 0);
	assert_int_equal(1, fx_set_state(r.f, &r.host_cpu, PV_CPU_STATE_OPR_LOAD));
	enter(&r);
	return r;
}

static void finish(struct running *r)
{
	if (r->cpu)
		uv_sie_leave(r->cpu);
	fx_cpu_destroy(r->f, &r->host_cpu);
	fx_destroy(r->f);
}

/* Return: rc of a call that ends with an answer, or enum uv_guest_exit */
static int guest_call(struct running *r, uint16_t cmd, gpa_t gpa, gpa_t *fault)
{
	struct uv_cb_share u = FX_BLOCK(uv_cb_share, cmd);
	int cc;

	u.paddr = be64_make(gpa);
	cc = uv_call_guest(r->cpu, &u, sizeof(u), fault);
	if (cc < 0)
		return cc;
	assert_int_equal(cc, fx_rc(&u) != UVC_RC_EXECUTED);
	return fx_rc(&u);
}

static int share(struct running *r, gpa_t gpa)
{
	gpa_t fault = 0;
	int rc = guest_call(r, UVC_CMD_SET_SHARED_ACCESS, gpa, &fault);

	if (rc == UV_GUEST_NOT_SECURE)
		assert_int_equal(gpa, fault);
	return rc;
}

static int unshare(struct running *r, gpa_t gpa)
{
	gpa_t fault = 0;
	int rc = guest_call(r, UVC_CMD_REMOVE_SHARED_ACCESS, gpa, &fault);

	if (rc == UV_GUEST_NOT_SECURE)
		assert_int_equal(gpa, fault);
	return rc;
}

static uint8_t *guest_page(struct running *r, gpa_t gpa)
{
	uint8_t *bytes;

	assert_int_equal(UV_ACCESS_OK, uv_frame_access(r->f->uv, uv_cpu_config(r->cpu),
						       fx_frame(r->g, gpa), gpa, &bytes));
	return bytes;
}

static enum uv_access guest_access(struct running *r, gpa_t gpa)
{
	uint8_t *bytes;

	return uv_frame_access(r->f->uv, uv_cpu_config(r->cpu), fx_frame(r->g, gpa), gpa, &bytes);
}

static enum uv_access host_access(struct running *r, gpa_t gpa)
{
	uint8_t *bytes;

	return uv_frame_access(r->f->uv, NULL, fx_frame(r->g, gpa), gpa, &bytes);
}

static uint16_t unpin(struct running *r, gpa_t gpa)
{
	struct uv_cb_cts u = FX_BLOCK(uv_cb_cts, UVC_CMD_UNPIN_PAGE_SHARED);

	u.guest_handle = be64_make(r->g->handle);
	u.gaddr = be64_make(gpa);
	fx_uvc(r->f, &u);
	return fx_rc(&u);
}

static uint16_t pin(struct running *r, gpa_t gpa)
{
	return fx_frame_call(r->f, UVC_CMD_PIN_PAGE_SHARED, fx_frame(r->g, gpa));
}

/* ---- share and unshare ---- */

static void test_refused(void **state)
{
	struct running r = start(NULL, 1);
	struct uv_cb_share u = FX_BLOCK(uv_cb_share, UVC_CMD_SET_SHARED_ACCESS);
	gpa_t fault;

	(void)state;
	u.header.len = be16_make(sizeof(u) - 8);
	assert_int_equal(UV_CC_ERROR, uv_call_guest(r.cpu, &u, sizeof(u), &fault));
	assert_int_equal(UVC_RC_INV_LEN, fx_rc(&u));
	assert_int_equal(0x101, share(&r, r.g->msl + PAGE_SIZE));
	assert_int_equal(0x101, share(&r, r.g->msl));
	assert_int_equal(0x101, share(&r, UINT64_MAX & PAGE_MASK));
	assert_int_equal(0x101, share(&r, 0x15008));
	assert_int_equal(0x101, unshare(&r, r.g->msl));
	finish(&r);
}

static void test_share_and_unshare(void **state)
{
	struct running r = start(NULL, 1);

	(void)state;
	guest_page(&r, 0x15000)[100] = 0x42;
	assert_int_equal(UV_ACCESS_SECURE, host_access(&r, 0x15000));
	assert_int_equal(1, share(&r, 0x15000));
	assert_int_equal(1, share(&r, 0x15000));
	assert_int_equal(UV_ACCESS_OK, host_access(&r, 0x15000));
	assert_int_equal(0x42, backing_ordinary(r.g->b)[0x15000 + 100]);
	backing_ordinary(r.g->b)[0x15000 + 101] = 0x43;
	assert_int_equal(0x43, guest_page(&r, 0x15000)[101]);
	assert_int_equal(1, unshare(&r, 0x15000));
	assert_int_equal(1, unshare(&r, 0x15000));
	assert_int_equal(UV_ACCESS_SECURE, host_access(&r, 0x15000));
	assert_int_equal(0x42, guest_page(&r, 0x15000)[100]);
	assert_int_equal(0x43, guest_page(&r, 0x15000)[101]);
	finish(&r);
}

/* A page that is not there does not fail: the host brings it and the guest repeats. */
static void test_not_resident(void **state)
{
	struct running r = start(NULL, 1);

	(void)state;
	assert_int_equal(UV_GUEST_NOT_SECURE, share(&r, 0x20000));
	assert_int_equal(1, fx_import(r.f, r.g, 0x20000));
	assert_int_equal(1, share(&r, 0x20000));
	/* the host converts the shared page: one more round for either call */
	assert_int_equal(1, fx_frame_call(r.f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(r.g, 0x20000)));
	assert_int_equal(UV_GUEST_NOT_SECURE, share(&r, 0x20000));
	assert_int_equal(UV_GUEST_NOT_SECURE, unshare(&r, 0x20000));
	assert_int_equal(1, fx_import(r.f, r.g, 0x20000));
	assert_int_equal(1, unshare(&r, 0x20000));
	finish(&r);
}

static void test_pinned(void **state)
{
	struct running r = start(NULL, 1);

	(void)state;
	assert_int_equal(0x103, pin(&r, 0x15000));
	assert_int_equal(0x103, unpin(&r, 0x15000));
	assert_int_equal(1, share(&r, 0x15000));
	assert_int_equal(1, pin(&r, 0x15000));
	assert_int_equal(1, pin(&r, 0x15000));
	assert_int_equal(UV_GUEST_NOTIFY, unshare(&r, 0x15000));
	assert_int_equal(UV_GUEST_NOTIFY, unshare(&r, 0x15000));
	assert_int_equal(1, unpin(&r, 0x15000));
	assert_int_equal(1, unshare(&r, 0x15000));
	assert_int_equal(UV_ACCESS_SECURE, host_access(&r, 0x15000));
	finish(&r);
}

/* ---- MISC ---- */

/* Guest 1 maps the frames of guest 0. */
static uint16_t import_shared_of_another(const char *model)
{
	struct running r = start(model, 1);
	struct fx_guest *other = fx_guest_create(r.f, 1, 1);
	struct backing *own = other->b;
	uint16_t rc;

	assert_int_equal(1, share(&r, 0x15000));
	other->b = r.g->b;
	rc = fx_import(r.f, other, 0x15000);
	assert_int_equal(rc == 1 ? UV_ACCESS_VIOLATION : UV_ACCESS_OK, guest_access(&r, 0x15000));
	other->b = own;
	finish(&r);
	return rc;
}

static void test_misc(void **state)
{
	(void)state;
	assert_int_equal(0x106, import_shared_of_another("z15"));
	assert_int_equal(1, import_shared_of_another("z16"));
}

/* ---- reset ---- */

/* The steps that the host takes, one after the other. */
static void reset_step(struct running *r, const struct fx_cpu *second, unsigned int step)
{
	switch (step) {
	case 0:
		assert_int_equal(1, fx_set_state(r->f, &r->host_cpu, PV_CPU_STATE_STP));
		assert_int_equal(1, fx_set_state(r->f, second, PV_CPU_STATE_STP));
		break;
	case 1:
		assert_int_equal(1, fx_nodata(r->f, UVC_CMD_SET_UNSHARE_ALL, r->g->handle));
		break;
	case 2:
		assert_int_equal(1, fx_nodata(r->f, UVC_CMD_PREPARE_RESET, r->g->handle));
		break;
	case 3:
		assert_int_equal(1, fx_nodata(r->f, UVC_CMD_CPU_RESET_CLEAR, r->host_cpu.handle));
		break;
	case 4:
		assert_int_equal(1, fx_nodata(r->f, UVC_CMD_CPU_RESET_INITIAL, second->handle));
		break;
	case 5:
		assert_int_equal(1, fx_set_state(r->f, &r->host_cpu, PV_CPU_STATE_OPR_LOAD));
		break;
	}
}

#define RESET_STEPS 6

/* No CPU runs after any part of the sequence, not even when it is set to operating. */
static void test_every_prefix(void **state)
{
	(void)state;
	for (unsigned int steps = 0; steps <= RESET_STEPS; steps++) {
		struct running r = start(NULL, 1);
		struct fx_cpu second;

		fx_cpu_create(r.f, r.g, &second, 1);
		uv_guest_reset_pending(r.cpu);
		uv_sie_leave(r.cpu);
		r.cpu = NULL;
		for (unsigned int step = 0; step < steps; step++)
			reset_step(&r, &second, step);
		assert_int_equal(steps < RESET_STEPS ? 0x2007 : 0, validity(&r, &r.host_cpu));
		if (steps < RESET_STEPS - 1)
			assert_int_equal(0x102,
					 fx_set_state(r.f, &r.host_cpu, PV_CPU_STATE_OPR_LOAD));
		assert_int_equal(1, fx_set_state(r.f, &second, PV_CPU_STATE_OPR));
		assert_int_equal(steps < RESET_STEPS ? 0x2007 : 0, validity(&r, &second));
		fx_cpu_destroy(r.f, &second);
		finish(&r);
	}
}

static void test_reset_out_of_order(void **state)
{
	struct running r = start(NULL, 1);

	(void)state;
	assert_int_equal(0x101, fx_nodata(r.f, UVC_CMD_SET_UNSHARE_ALL, r.g->handle));
	assert_int_equal(0x101, fx_nodata(r.f, UVC_CMD_PREPARE_RESET, r.g->handle));
	uv_sie_leave(r.cpu);
	r.cpu = NULL;
	/* out of SIE, but not stopped */
	assert_int_equal(0x101, fx_nodata(r.f, UVC_CMD_SET_UNSHARE_ALL, r.g->handle));
	assert_int_equal(1, fx_set_state(r.f, &r.host_cpu, PV_CPU_STATE_STP));
	assert_int_equal(0x101, fx_nodata(r.f, UVC_CMD_PREPARE_RESET, r.g->handle));
	assert_int_equal(1, fx_nodata(r.f, UVC_CMD_SET_UNSHARE_ALL, r.g->handle));
	assert_int_equal(1, fx_set_state(r.f, &r.host_cpu, PV_CPU_STATE_OPR));
	assert_int_equal(0x101, fx_nodata(r.f, UVC_CMD_PREPARE_RESET, r.g->handle));
	assert_int_equal(1, fx_set_state(r.f, &r.host_cpu, PV_CPU_STATE_STP));
	assert_int_equal(1, fx_nodata(r.f, UVC_CMD_PREPARE_RESET, r.g->handle));
	assert_int_equal(0x101, fx_nodata(r.f, UVC_CMD_PREPARE_RESET, r.g->handle));
	finish(&r);
}

static void full_reset(struct running *r)
{
	uv_guest_reset_pending(r->cpu);
	uv_sie_leave(r->cpu);
	assert_int_equal(1, fx_set_state(r->f, &r->host_cpu, PV_CPU_STATE_STP));
	assert_int_equal(1, fx_nodata(r->f, UVC_CMD_SET_UNSHARE_ALL, r->g->handle));
	assert_int_equal(1, fx_nodata(r->f, UVC_CMD_PREPARE_RESET, r->g->handle));
	assert_int_equal(1, fx_nodata(r->f, UVC_CMD_CPU_RESET_CLEAR, r->host_cpu.handle));
	assert_int_equal(1, fx_set_state(r->f, &r->host_cpu, PV_CPU_STATE_OPR_LOAD));
	enter(r);
}

/* The PSW comes from absolute 0, as soon as that page is there. */
static void test_load_from_absolute_0(void **state)
{
	struct running r = start(NULL, 1);
	be64_t psw = be64_make(0x0008000180012340);
	struct cpu_state *s;

	(void)state;
	assert_int_equal(1, fx_import(r.f, r.g, 0));
	memcpy(guest_page(&r, 0), &psw, sizeof(psw));
	assert_int_equal(1, fx_frame_call(r.f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(r.g, 0)));
	full_reset(&r);
	s = uv_cpu_state(r.cpu);
	assert_int_equal(0, s->psw.mask | s->psw.addr);
	uv_sie_leave(r.cpu);
	atomic_store(&r.g->mapped[0], false);
	enter(&r);
	assert_int_equal(0, s->psw.mask | s->psw.addr);
	uv_sie_leave(r.cpu);
	atomic_store(&r.g->mapped[0], true);
	assert_int_equal(1, fx_import(r.f, r.g, 0));
	enter(&r);
	assert_int_equal(0x0000000180000000, s->psw.mask);
	assert_int_equal(0x12340, s->psw.addr);
	/* and again, from a shared page */
	assert_int_equal(1, share(&r, 0));
	psw = be64_make(0x0008000080000200);
	memcpy(guest_page(&r, 0), &psw, sizeof(psw));
	uv_sie_leave(r.cpu);
	assert_int_equal(1, fx_set_state(r.f, &r.host_cpu, PV_CPU_STATE_OPR_LOAD));
	enter(&r);
	assert_int_equal(0x0000000080000000, s->psw.mask);
	assert_int_equal(0x200, s->psw.addr);
	finish(&r);
}

/* Shared pages become secure with their content; pinned and converted ones begin anew. */
static void test_unshare_all(void **state)
{
	struct running r = start(NULL, 1);

	(void)state;
	for (gpa_t gpa = 0x20000; gpa < 0x23000; gpa += PAGE_SIZE) {
		assert_int_equal(1, fx_import(r.f, r.g, gpa));
		guest_page(&r, gpa)[0] = 0x77;
		assert_int_equal(1, share(&r, gpa));
	}
	assert_int_equal(1, pin(&r, 0x21000));
	assert_int_equal(1, fx_frame_call(r.f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(r.g, 0x22000)));
	assert_int_equal(1, fx_import(r.f, r.g, 0));
	full_reset(&r);
	assert_int_equal(UV_ACCESS_SECURE, host_access(&r, 0x20000));
	assert_int_equal(0x77, guest_page(&r, 0x20000)[0]);
	for (gpa_t gpa = 0x21000; gpa < 0x23000; gpa += PAGE_SIZE) {
		assert_int_equal(UV_ACCESS_OK, host_access(&r, gpa));
		assert_int_equal(UV_ACCESS_NOT_SECURE, guest_access(&r, gpa));
		assert_int_equal(1, fx_import(r.f, r.g, gpa));
		assert_int_equal(0, guest_page(&r, gpa)[0]);
	}
	finish(&r);
}

/* More shared pages than one call may touch. */
static void test_unshare_all_in_parts(void **state)
{
	struct running r = start(NULL, 20);
	struct uv_cb_nodata u = FX_BLOCK(uv_cb_nodata, UVC_CMD_SET_UNSHARE_ALL);
	unsigned int calls = 1;

	(void)state;
	for (gpa_t gpa = 0x100000; gpa < r.g->msl; gpa += PAGE_SIZE) {
		assert_int_equal(1, fx_import(r.f, r.g, gpa));
		assert_int_equal(1, share(&r, gpa));
	}
	uv_sie_leave(r.cpu);
	r.cpu = NULL;
	assert_int_equal(1, fx_set_state(r.f, &r.host_cpu, PV_CPU_STATE_STP));
	u.handle = be64_make(r.g->handle);
	for (; fx_uvc(r.f, &u) == UV_CC_PARTIAL; calls++)
		assert_int_equal(0x101, fx_nodata(r.f, UVC_CMD_PREPARE_RESET, r.g->handle));
	assert_int_equal(UVC_RC_EXECUTED, fx_rc(&u));
	assert_true(calls > 1);
	for (gpa_t gpa = 0x100000; gpa < r.g->msl; gpa += PAGE_SIZE)
		assert_int_equal(UV_ACCESS_SECURE, host_access(&r, gpa));
	finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_share_and_unshare),
		cmocka_unit_test(test_not_resident),
		cmocka_unit_test(test_pinned),
		cmocka_unit_test(test_misc),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_reset_out_of_order),
		cmocka_unit_test(test_load_from_absolute_0),
		cmocka_unit_test(test_unshare_all),
		cmocka_unit_test(test_unshare_all_in_parts),
	};

	return cmocka_run_group_tests_name("uv-guest", tests, NULL, NULL);
}
