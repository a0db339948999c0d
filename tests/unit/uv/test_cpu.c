/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secure CPUs: creation, end, resets, states. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "storage/frame.h"
#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"
#include "uv/cpu.h"
#include "uv/state.h"

static struct se_image img;

static enum frame_state state_at(struct fixture *f, abs_t addr)
{
	enum frame_state state;
	struct frame frame;

	assert_int_equal(0, frame_get(f->st, addr, &frame));
	state = frame_word_state(frame_read(&frame));
	frame_put(&frame);
	return state;
}

#define EXPECT_REFUSED(f, good, field_, value, rc)                                                 \
	do {                                                                                       \
		struct uv_cb_csc bad_ = (good);                                                    \
		bad_.field_ = (value);                                                             \
		fx_expect((f), &bad_, (rc), 0);                                                    \
		assert_int_equal(0, be64_get(bad_.cpu_handle));                                    \
	} while (0)

static void test_create_refused(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct fx_cpu cpu, other;
	struct uv_cb_csc u = fx_cpu_prepare(f, g, &cpu, 0);

	(void)state;
	fx_cpu_create(f, g, &other, 7);
	EXPECT_REFUSED(f, u, guest_handle, be64_make(g->handle + 1), UVC_RC_INV_GHANDLE);
	EXPECT_REFUSED(f, u, guest_handle, be64_make(other.handle), UVC_RC_INV_GHANDLE);
	EXPECT_REFUSED(f, u, num, be16_make(UV_MAX_CPU_ID + 1), 0x103);
	EXPECT_REFUSED(f, u, num, be16_make(7), 0x104);
	EXPECT_REFUSED(f, u, stor_origin, be64_make(ABS_LIMIT + 8), 0x105);
	EXPECT_REFUSED(f, u, stor_origin, be64_make(fx_frame(g, 0)), 0x105);
	EXPECT_REFUSED(f, u, stor_origin, be64_make(0), 0x106);
	EXPECT_REFUSED(f, u, state_origin, be64_make(ABS_LIMIT), 0x107);
	EXPECT_REFUSED(f, u, state_origin, be64_make(g->base), 0x107);
	EXPECT_REFUSED(f, u, stor_origin, be64_make(g->base + 8), 0x108);
	EXPECT_REFUSED(f, u, stor_origin, be64_make(g->base), 0x108);
	EXPECT_REFUSED(f, u, stor_origin, be64_make(other.stor), 0x108);
	assert_int_equal(FRAME_NS, state_at(f, cpu.stor));
	atomic_store(&f->random_fails, 0);
	EXPECT_REFUSED(f, u, num, be16_make(1), 0x10e);
	atomic_store(&f->random_fails, -1);
	assert_int_equal(FRAME_NS, state_at(f, cpu.stor));
	fx_cpu_destroy(f, &cpu);
	fx_cpu_destroy(f, &other);
	fx_destroy(f);
}

static void test_create_and_destroy(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	uint8_t zero[UV_CPU_STOR_LEN] = {0};
	struct uv_stats stats;
	struct fx_cpu cpu;
	uint64_t handle;

	(void)state;
	fx_cpu_create(f, g, &cpu, UV_MAX_CPU_ID);
	handle = cpu.handle;
	assert_int_equal(FRAME_DON, state_at(f, cpu.stor));
	assert_int_equal(FRAME_NS, state_at(f, cpu.state));
	uv_get_stats(f->uv, &stats);
	assert_int_equal(1, stats.cpus);
	assert_int_equal(UVC_RC_INV_CHANDLE, fx_nodata(f, UVC_CMD_DESTROY_SEC_CPU, handle + 1));
	assert_int_equal(UVC_RC_INV_CHANDLE, fx_nodata(f, UVC_CMD_DESTROY_SEC_CPU, g->handle));
	assert_int_equal(1, fx_nodata(f, UVC_CMD_DESTROY_SEC_CPU, handle));
	assert_int_equal(UVC_RC_INV_CHANDLE, fx_nodata(f, UVC_CMD_DESTROY_SEC_CPU, handle));
	cpu.handle = 0;
	assert_int_equal(FRAME_NS, state_at(f, cpu.stor));
	assert_memory_equal(zero, storage_ptr(f->st, cpu.stor, UV_CPU_STOR_LEN), sizeof(zero));
	fx_cpu_destroy(f, &cpu);
	/* the number is free again */
	fx_cpu_create(f, g, &cpu, UV_MAX_CPU_ID);
	assert_int_not_equal(handle, cpu.handle);
	fx_cpu_destroy(f, &cpu);
	fx_destroy(f);
}

/* A page may be destroyed only while its owner has no CPU; export is always allowed. */
static void test_page_destroy_needs_no_cpu(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct fx_cpu cpu[2];

	(void)state;
	assert_int_equal(1, fx_import(f, g, 0));
	assert_int_equal(1, fx_import(f, g, PAGE_SIZE));
	fx_cpu_create(f, g, &cpu[0], 0);
	fx_cpu_create(f, g, &cpu[1], 1);
	assert_int_equal(0x106, fx_frame_call(f, UVC_CMD_DESTR_SEC_STOR, fx_frame(g, 0)));
	assert_int_equal(1, fx_frame_call(f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(g, PAGE_SIZE)));
	fx_cpu_destroy(f, &cpu[0]);
	assert_int_equal(0x106, fx_frame_call(f, UVC_CMD_DESTR_SEC_STOR, fx_frame(g, 0)));
	fx_cpu_destroy(f, &cpu[1]);
	assert_int_equal(1, fx_frame_call(f, UVC_CMD_DESTR_SEC_STOR, fx_frame(g, 0)));
	fx_destroy(f);
}

/* ---- resets ---- */

static struct cpu_state *registers(struct fixture *f, const struct fx_cpu *cpu)
{
	struct uv_cpu_stor *stor = storage_ptr(f->st, cpu->stor, sizeof(*stor));

	return &stor->state;
}

static struct cpu_state full_state(void)
{
	struct cpu_state s;

	memset(&s, 0x5a, sizeof(s));
	s.cpu_addr = 0;
	return s;
}

static void test_reset_effects(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct cpu_state full = full_state(), *s;
	struct fx_cpu cpu;

	(void)state;
	fx_cpu_create(f, g, &cpu, 0);
	s = registers(f, &cpu);
	*s = full;
	assert_int_equal(1, fx_nodata(f, UVC_CMD_CPU_RESET, cpu.handle));
	assert_memory_equal(&full, s, sizeof(full));

	assert_int_equal(1, fx_nodata(f, UVC_CMD_CPU_RESET_INITIAL, cpu.handle));
	assert_memory_equal(full.gprs, s->gprs, sizeof(s->gprs));
	assert_memory_equal(full.fprs, s->fprs, sizeof(s->fprs));
	assert_memory_equal(full.acrs, s->acrs, sizeof(s->acrs));
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(i == 0 ? 0xe0 : i == 14 ? 0xc2000000 : 0, s->crs[i]);
	assert_int_equal(0, s->psw.mask | s->psw.addr);
	assert_int_equal(0, s->cpu_timer | s->clock_comparator | s->prefix | s->fpc | s->todpr);
	assert_int_equal(1, s->gbea);

	assert_int_equal(1, fx_nodata(f, UVC_CMD_CPU_RESET_CLEAR, cpu.handle));
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(0, s->gprs[i] | s->fprs[i] | s->acrs[i]);
	assert_int_equal(0xe0, s->crs[0]);
	fx_cpu_destroy(f, &cpu);
	fx_destroy(f);
}

/* ---- states ---- */

static void test_set_state(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct fx_cpu cpu;

	(void)state;
	se_image_make(&img, 1, 0x10000, 0xe0);
	fx_cpu_create(f, g, &cpu, 0);
	for (unsigned int value = 0; value < 256; value++) {
		bool known = value == 1 || value == 2 || value == 3;

		assert_int_equal(known        ? 1
				 : value == 5 ? 0x102
					      : 0x101,
				 fx_set_state(f, &cpu, (uint8_t)value));
	}
	se_image_start(f, g, &img);
	assert_int_equal(1, fx_set_state(f, &cpu, PV_CPU_STATE_OPR_LOAD));
	fx_cpu_destroy(f, &cpu);
	fx_destroy(f);
}

/* A CPU in SIE is out of reach for commands. */
static void test_in_sie(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct uv_cpu *entered;
	struct fx_cpu cpu;

	(void)state;
	se_image_make(&img, 1, 0x10000, 0xe0);
	fx_cpu_create(f, g, &cpu, 0);
	se_image_start(f, g, &img);
	assert_int_equal(1, fx_set_state(f, &cpu, PV_CPU_STATE_OPR));
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, cpu.scb, &entered));
	assert_int_equal(0x102, fx_nodata(f, UVC_CMD_DESTROY_SEC_CPU, cpu.handle));
	assert_int_equal(0x102, fx_nodata(f, UVC_CMD_CPU_RESET, cpu.handle));
	assert_int_equal(0x102, fx_nodata(f, UVC_CMD_CPU_RESET_INITIAL, cpu.handle));
	assert_int_equal(0x102, fx_nodata(f, UVC_CMD_CPU_RESET_CLEAR, cpu.handle));
	assert_int_equal(0x103, fx_set_state(f, &cpu, PV_CPU_STATE_STP));
	assert_int_equal(0x101, fx_set_state(f, &cpu, 4));
	assert_int_equal(0x102, fx_nodata(f, UVC_CMD_DESTROY_SEC_CONF, g->handle));
	assert_int_equal(0x101, fx_nodata(f, UVC_CMD_SET_UNSHARE_ALL, g->handle));
	uv_sie_leave(entered);
	assert_int_equal(1, fx_set_state(f, &cpu, PV_CPU_STATE_STP));
	fx_cpu_destroy(f, &cpu);
	fx_destroy(f);
}

/* ---- threads ---- */

struct race {
	struct fixture *f;
	struct fx_cpu *cpu;
	_Atomic bool stop;
};

static void *enter_and_leave(void *arg)
{
	struct race *r = arg;
	struct uv_cpu *cpu;

	while (!atomic_load(&r->stop)) {
		uint16_t vir = uv_sie_enter(r->f->uv, r->f->guest[0].asce, r->cpu->scb, &cpu);

		if (!vir)
			uv_sie_leave(cpu);
		else
			assert_true(vir == 0x2007 || vir == 0x2002);
	}
	return NULL;
}

/* Commands race with entries: a CPU is stopped or in SIE, never both, and not destroyed in SIE. */
static void test_commands_race_with_entry(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct fx_cpu cpu;
	struct race r = {.f = f, .cpu = &cpu};
	unsigned int stopped = 0;
	pthread_t thread;

	(void)state;
	se_image_make(&img, 1, 0x10000, 0xe0);
	se_image_start(f, g, &img);
	fx_cpu_create(f, g, &cpu, 0);
	assert_int_equal(0, pthread_create(&thread, NULL, enter_and_leave, &r));
	while (stopped < 200) {
		uint16_t rc = fx_set_state(f, &cpu, PV_CPU_STATE_OPR);

		assert_true(rc == 1 || rc == 0x103);
		rc = fx_set_state(f, &cpu, PV_CPU_STATE_STP);
		assert_true(rc == 1 || rc == 0x103);
		if (rc != 1)
			continue;
		stopped++;
		assert_int_equal(1, fx_nodata(f, UVC_CMD_CPU_RESET_INITIAL, cpu.handle));
	}
	assert_int_equal(1, fx_nodata(f, UVC_CMD_DESTROY_SEC_CPU, cpu.handle));
	cpu.handle = 0;
	atomic_store(&r.stop, true);
	pthread_join(thread, NULL);
	fx_cpu_destroy(f, &cpu);
	fx_destroy(f);
}

struct twin {
	struct fixture *f;
	uint64_t handle;
	_Atomic unsigned int answered;
};

static void *reset_often(void *arg)
{
	struct twin *t = arg;
	struct uv_cb_nodata u = FX_BLOCK(uv_cb_nodata, UVC_CMD_CPU_RESET);

	u.handle = be64_make(t->handle);
	while (atomic_load(&t->answered) < 4000) {
		enum uv_cc cc = fx_uvc(t->f, &u);

		assert_true(cc == UV_CC_OK || cc == UV_CC_BUSY);
		assert_int_not_equal(0, fx_rc(&u));
		atomic_fetch_add(&t->answered, 1);
	}
	return NULL;
}

/* Two threads on one configuration: done or busy, nothing else. */
static void test_two_threads(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct fx_cpu cpu[2];
	struct twin t = {.f = f};
	pthread_t thread;

	(void)state;
	fx_cpu_create(f, g, &cpu[0], 0);
	fx_cpu_create(f, g, &cpu[1], 1);
	t.handle = cpu[0].handle;
	assert_int_equal(0, pthread_create(&thread, NULL, reset_often, &t));
	while (atomic_load(&t.answered) < 4000)
		assert_int_equal(1, fx_nodata(f, UVC_CMD_CPU_RESET_CLEAR, cpu[1].handle));
	pthread_join(thread, NULL);
	fx_cpu_destroy(f, &cpu[0]);
	fx_cpu_destroy(f, &cpu[1]);
	fx_destroy(f);
}

/* While a command holds the configuration, others are told to come again. */
static void test_busy(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct uv_object *o = uv_handle_find(uv_handles(f->uv), g->handle, UV_HANDLE_CONFIG);
	struct uv_cb_nodata verify = FX_BLOCK(uv_cb_nodata, UVC_CMD_VERIFY_IMG);
	struct uv_cb_cts import = FX_BLOCK(uv_cb_cts, UVC_CMD_CONV_TO_SEC_STOR);

	(void)state;
	verify.handle = import.guest_handle = be64_make(g->handle);
	/* a page command beside it: page commands pass, others do not */
	assert_int_equal(0, pthread_rwlock_rdlock(&uv_config_of(o)->lock));
	assert_int_equal(UV_CC_BUSY, fx_uvc(f, &verify));
	assert_int_not_equal(0, fx_rc(&verify));
	assert_int_equal(UV_CC_OK, fx_uvc(f, &import));
	pthread_rwlock_unlock(&uv_config_of(o)->lock);
	/* any other command beside it: only calls that name a frame pass */
	assert_int_equal(0, pthread_rwlock_wrlock(&uv_config_of(o)->lock));
	assert_int_equal(UV_CC_BUSY, fx_uvc(f, &verify));
	assert_int_equal(UV_CC_BUSY, fx_uvc(f, &import));
	assert_int_equal(1, fx_frame_call(f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(g, 0)));
	pthread_rwlock_unlock(&uv_config_of(o)->lock);
	uv_object_put(o);
	fx_destroy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_refused),
		cmocka_unit_test(test_create_and_destroy),
		cmocka_unit_test(test_page_destroy_needs_no_cpu),
		cmocka_unit_test(test_reset_effects),
		cmocka_unit_test(test_set_state),
		cmocka_unit_test(test_in_sie),
		cmocka_unit_test(test_commands_race_with_entry),
		cmocka_unit_test(test_two_threads),
		cmocka_unit_test(test_busy),
	};

	return cmocka_run_group_tests_name("uv-cpu", tests, NULL, NULL);
}
