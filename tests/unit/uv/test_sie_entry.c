/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entry into SIE: each validity reason, the PSW of a load, injections. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"

static struct se_image img;

/* A machine with a verified guest and one CPU of it in a state. */
static struct fixture *setup(struct fx_guest **g, struct fx_cpu *cpu, uint8_t state)
{
	struct fixture *f = fx_create(NULL);

	*g = fx_guest_create(f, 0, 1);
	se_image_make(&img, 1, 0x15000, 0xe0);
	se_image_start(f, *g, &img);
	fx_cpu_create(f, *g, cpu, 0);
	assert_int_equal(1, fx_set_state(f, cpu, state));
	return f;
}

static void finish(struct fixture *f, struct fx_cpu *cpu)
{
	fx_cpu_destroy(f, cpu);
	fx_destroy(f);
}

/* Enter and leave at once. Return: validity reason */
static uint16_t enter(struct fixture *f, const struct fx_guest *g, const struct fx_cpu *cpu)
{
	struct uv_cpu *entered = NULL;
	uint16_t vir = uv_sie_enter(f->uv, g->asce, cpu->scb, &entered);

	assert_int_equal(!vir, entered != NULL);
	if (!vir)
		uv_sie_leave(entered);
	return vir;
}

/* All single bit errors of both handles; entry goes on afterwards. */
static void test_handles(void **state)
{
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		cpu.scb->pv_handle_config = be64_make(g->handle ^ 1UL << bit);
		assert_int_equal(0x2001, enter(f, g, &cpu));
		cpu.scb->pv_handle_config = be64_make(g->handle);
		cpu.scb->pv_handle_cpu = be64_make(cpu.handle ^ 1UL << bit);
		assert_int_equal(0x2002, enter(f, g, &cpu));
		cpu.scb->pv_handle_cpu = be64_make(cpu.handle);
	}
	cpu.scb->pv_handle_config = be64_make(cpu.handle);
	assert_int_equal(0x2001, enter(f, g, &cpu));
	cpu.scb->pv_handle_config = be64_make(g->handle);
	cpu.scb->pv_handle_cpu = be64_make(g->handle);
	assert_int_equal(0x2002, enter(f, g, &cpu));
	cpu.scb->pv_handle_cpu = be64_make(cpu.handle);
	assert_int_equal(0, enter(f, g, &cpu));
	finish(f, &cpu);
}

static void test_foreign_pair_and_asce(void **state)
{
	struct fx_guest *g, *other;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	other = fx_guest_create(f, 1, 1);
	cpu.scb->pv_handle_config = be64_make(other->handle);
	assert_int_equal(0x2003, enter(f, other, &cpu));
	cpu.scb->pv_handle_config = be64_make(g->handle);
	assert_int_equal(0x2004, enter(f, other, &cpu));
	assert_int_equal(0, enter(f, g, &cpu));
	finish(f, &cpu);
}

static void test_already_running(void **state)
{
	struct uv_cpu *entered, *second;
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, cpu.scb, &entered));
	assert_int_equal(0x2005, uv_sie_enter(f->uv, g->asce, cpu.scb, &second));
	uv_sie_leave(entered);
	assert_int_equal(0, enter(f, g, &cpu));
	finish(f, &cpu);
}

static void test_timer(void **state)
{
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	/* nothing to compare with before the first exit */
	cpu.scb->cputm = be64_make(0x5000000);
	assert_int_equal(0, enter(f, g, &cpu));
	cpu.scb->cputm = be64_make(0x5000001);
	assert_int_equal(0x2006, enter(f, g, &cpu));
	atomic_fetch_add(&f->tod, 0x1000);
	assert_int_equal(0x2006, enter(f, g, &cpu));
	cpu.scb->cputm = be64_make(0x5000000 - 0x1001);
	assert_int_equal(0x2006, enter(f, g, &cpu));
	cpu.scb->cputm = be64_make(0x5000000 - 0x1000);
	assert_int_equal(0, enter(f, g, &cpu));
	assert_int_equal(0, enter(f, g, &cpu));
	/* it may run through zero */
	atomic_fetch_add(&f->tod, 0x6000000);
	cpu.scb->cputm = be64_make(0UL - 0x1000000);
	assert_int_equal(0, enter(f, g, &cpu));
	/* a reset begins anew */
	assert_int_equal(1, fx_nodata(f, UVC_CMD_CPU_RESET_INITIAL, cpu.handle));
	assert_int_equal(1, fx_set_state(f, &cpu, PV_CPU_STATE_OPR));
	cpu.scb->cputm = be64_make(0x7000000);
	assert_int_equal(0, enter(f, g, &cpu));
	finish(f, &cpu);
}

static void test_cpu_states(void **state)
{
	static const struct {
		uint8_t state;
		uint16_t vir;
	} entry[] = {{PV_CPU_STATE_STP, 0x2007},
		     {PV_CPU_STATE_CHKSTP, 0x2007},
		     {PV_CPU_STATE_OPR, 0},
		     {PV_CPU_STATE_OPR_LOAD, 0}};
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_STP);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(1, fx_set_state(f, &cpu, entry[i].state));
		assert_int_equal(entry[i].vir, enter(f, g, &cpu));
	}
	finish(f, &cpu);
}

/* No instruction of a guest whose image has not been verified. */
static void test_not_verified(void **state)
{
	struct fixture *f = fx_create(NULL);
	struct fx_guest *g = fx_guest_create(f, 0, 1);
	struct fx_cpu cpu;

	(void)state;
	se_image_make(&img, 1, 0x15000, 0xe0);
	fx_cpu_create(f, g, &cpu, 0);
	assert_int_equal(1, fx_set_state(f, &cpu, PV_CPU_STATE_OPR));
	assert_int_equal(0x2007, enter(f, g, &cpu));
	assert_int_equal(1, se_image_load_header(f, g, &img));
	assert_int_equal(1, se_image_unpack(f, g, &img, 0));
	assert_int_equal(0x2007, enter(f, g, &cpu));
	assert_int_equal(1, fx_nodata(f, UVC_CMD_VERIFY_IMG, g->handle));
	assert_int_equal(0, enter(f, g, &cpu));
	finish(f, &cpu);
}

static void test_areas(void **state)
{
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);
	abs_t large = storage_alloc(f->st, 16 * PAGE_SIZE, PAGE_SIZE, ALLOC_PAGE);

	(void)state;
	static const uint64_t bad_offset[] = {0x100, 0x800};
	cpu.scb->sidad = be64_make(0);
	assert_int_equal(0x2009, enter(f, g, &cpu));
	cpu.scb->sidad = be64_make(cpu.stor);
	assert_int_equal(0x2009, enter(f, g, &cpu));
	cpu.scb->sidad = be64_make(large | 16);
	assert_int_equal(0x2009, enter(f, g, &cpu));
	for (size_t i = 0; i < 2; i++) {
		cpu.scb->sidad = be64_make(large | bad_offset[i]);
		assert_int_equal(0x2009, enter(f, g, &cpu));
	}
	cpu.scb->sidad = be64_make(large | 15);
	assert_int_equal(0, enter(f, g, &cpu));
	cpu.scb->scaol = be32_make((uint32_t)g->sca + 0x40);
	assert_int_equal(0x2009, enter(f, g, &cpu));
	/* the low bits are flags */
	cpu.scb->scaol = be32_make((uint32_t)g->sca | 0x3f);
	assert_int_equal(0, enter(f, g, &cpu));
	storage_free(f->st, large);
	finish(f, &cpu);
}

/* Each condition alone gives its reason; with all of them the first counts. */
static void test_order(void **state)
{
	struct uv_cpu *entered;
	struct fx_guest *g, *other;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);
	struct kvm_s390_sie_block bad;

	(void)state;
	other = fx_guest_create(f, 1, 1);
	assert_int_equal(0, enter(f, g, &cpu));
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, cpu.scb, &entered));
	bad = *cpu.scb;
	bad.pv_handle_config = be64_make(1);
	bad.pv_handle_cpu = be64_make(1);
	bad.cputm = be64_make(1);
	bad.iictl = 0x77;
	bad.sidad = be64_make(0);
	assert_int_equal(0x2001, uv_sie_enter(f->uv, other->asce, &bad, &entered));
	bad.pv_handle_config = be64_make(other->handle);
	assert_int_equal(0x2002, uv_sie_enter(f->uv, other->asce, &bad, &entered));
	bad.pv_handle_cpu = be64_make(cpu.handle);
	assert_int_equal(0x2003, uv_sie_enter(f->uv, other->asce, &bad, &entered));
	bad.pv_handle_config = be64_make(g->handle);
	assert_int_equal(0x2004, uv_sie_enter(f->uv, other->asce, &bad, &entered));
	assert_int_equal(0x2005, uv_sie_enter(f->uv, g->asce, &bad, &entered));
	uv_sie_leave(entered);
	assert_int_equal(1, fx_set_state(f, &cpu, PV_CPU_STATE_STP));
	assert_int_equal(0x2006, uv_sie_enter(f->uv, g->asce, &bad, &entered));
	bad.cputm = be64_make(0);
	assert_int_equal(0x2007, uv_sie_enter(f->uv, g->asce, &bad, &entered));
	assert_int_equal(1, fx_set_state(f, &cpu, PV_CPU_STATE_OPR));
	assert_int_equal(0x2008, uv_sie_enter(f->uv, g->asce, &bad, &entered));
	bad.iictl = 0;
	assert_int_equal(0x2009, uv_sie_enter(f->uv, g->asce, &bad, &entered));
	finish(f, &cpu);
}

/* ---- the PSW of a load ---- */

static void test_psw_of_image(void **state)
{
	struct uv_cpu *entered;
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR_LOAD);

	(void)state;
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, cpu.scb, &entered));
	assert_int_equal(0x180000000, uv_cpu_state(entered)->psw.mask);
	assert_int_equal(0x15000, uv_cpu_state(entered)->psw.addr);
	assert_non_null(uv_cpu_config(entered));
	/* once: the CPU operates from now on */
	uv_cpu_state(entered)->psw.addr = 0x16000;
	uv_sie_leave(entered);
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, cpu.scb, &entered));
	assert_int_equal(0x16000, uv_cpu_state(entered)->psw.addr);
	uv_sie_leave(entered);
	finish(f, &cpu);
}

/* ---- injection ---- */

#define PSW_ALL (PSW_MASK_EXT | PSW_MASK_IO | PSW_MASK_MCHECK)

static void set_masks(struct fixture *f, const struct fx_guest *g, struct fx_cpu *cpu, uint64_t psw,
		      uint64_t cr0, uint64_t cr6, uint64_t cr14)
{
	struct uv_cpu *entered;
	struct cpu_state *s;

	cpu->scb->iictl = 0;
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, cpu->scb, &entered));
	s = uv_cpu_state(entered);
	s->psw.mask = psw;
	s->crs[0] = cr0;
	s->crs[6] = cr6;
	s->crs[14] = cr14;
	uv_sie_leave(entered);
}

static uint16_t inject_ext(struct fixture *f, const struct fx_guest *g, struct fx_cpu *cpu,
			   uint16_t eic, uint32_t parameter)
{
	cpu->scb->iictl = IICTL_CODE_EXT;
	cpu->scb->eic = be16_make(eic);
	cpu->scb->eiparams = be32_make(parameter);
	return enter(f, g, cpu);
}

static void test_external(void **state)
{
	static const struct {
		uint16_t eic;
		uint64_t cr0;
	} class[] = {{0x0040, 0x40},   {0x1004, 0x800},  {0x1005, 0x400},
		     {0x1201, 0x4000}, {0x1202, 0x2000}, {0x2603, 0x200}};
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	for (size_t i = 0; i < sizeof(class) / sizeof(class[0]); i++) {
		set_masks(f, g, &cpu, PSW_ALL, class[i].cr0, 0, 0);
		assert_int_equal(0, inject_ext(f, g, &cpu, class[i].eic, 0));
		set_masks(f, g, &cpu, PSW_ALL, ~class[i].cr0, 0, 0);
		assert_int_equal(0x2008, inject_ext(f, g, &cpu, class[i].eic, 0));
		set_masks(f, g, &cpu, PSW_ALL & ~PSW_MASK_EXT, class[i].cr0, 0, 0);
		assert_int_equal(0x2008, inject_ext(f, g, &cpu, class[i].eic, 0));
	}
	set_masks(f, g, &cpu, PSW_ALL, UINT64_MAX, 0, 0);
	assert_int_equal(0x2008, inject_ext(f, g, &cpu, 0x1406, 0));
	finish(f, &cpu);
}

static uint16_t inject_io(struct fixture *f, const struct fx_guest *g, struct fx_cpu *cpu,
			  uint32_t isc)
{
	cpu->scb->iictl = IICTL_CODE_IO;
	cpu->scb->io_int_word = be32_make(isc << 27);
	return enter(f, g, cpu);
}

static void test_io_mcheck_restart(void **state)
{
	static const struct {
		uint64_t mcic;
		uint64_t cr14;
	} report[] = {{0x2000000000000000, 0x08000000},
		      {0x0400000000000000, 0x02000000},
		      {0x0100000000000000, 0x04000000},
		      {0x0080000000000000, 0x01000000},
		      {0x0040000000000000, 0x10000000}};
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	set_masks(f, g, &cpu, PSW_ALL, 0, 0x10000000, 0x10000000);
	for (uint32_t isc = 0; isc < 8; isc++)
		assert_int_equal(isc == 3 ? 0 : 0x2008, inject_io(f, g, &cpu, isc));
	cpu.scb->iictl = IICTL_CODE_MCHK;
	cpu.scb->mcic = be64_make(0x0040000000000000);
	assert_int_equal(0, enter(f, g, &cpu));
	cpu.scb->mcic = be64_make(0x0400000000000000);
	assert_int_equal(0x2008, enter(f, g, &cpu));
	/* each of those that can be held back needs its own bit */
	for (size_t i = 0; i < sizeof(report) / sizeof(report[0]); i++) {
		for (size_t k = 0; k < sizeof(report) / sizeof(report[0]); k++) {
			set_masks(f, g, &cpu, PSW_ALL, 0, 0, report[k].cr14);
			cpu.scb->iictl = IICTL_CODE_MCHK;
			cpu.scb->mcic = be64_make(report[i].mcic);
			assert_int_equal(i == k ? 0 : 0x2008, enter(f, g, &cpu));
		}
	}
	/* an exigent one cannot be, and takes along what waits */
	set_masks(f, g, &cpu, PSW_ALL, 0, 0, 0);
	cpu.scb->iictl = IICTL_CODE_MCHK;
	cpu.scb->mcic = be64_make(0x8040000000000000);
	assert_int_equal(0, enter(f, g, &cpu));
	cpu.scb->mcic = be64_make(0x4000000000000000);
	assert_int_equal(0, enter(f, g, &cpu));
	set_masks(f, g, &cpu, 0, 0, 0xff000000, 0xffffffff);
	assert_int_equal(0x2008, inject_io(f, g, &cpu, 3));
	cpu.scb->iictl = IICTL_CODE_MCHK;
	assert_int_equal(0x2008, enter(f, g, &cpu));
	cpu.scb->iictl = IICTL_CODE_RESTART;
	assert_int_equal(0, enter(f, g, &cpu));
	for (unsigned int code = 5; code < 256; code++) {
		cpu.scb->iictl = (uint8_t)code;
		assert_int_equal(0x2008, enter(f, g, &cpu));
	}
	finish(f, &cpu);
}

/* Leave with an interception. */
static void leave_with(struct fixture *f, const struct fx_guest *g, struct fx_cpu *cpu,
		       uint8_t code, uint16_t ipa)
{
	struct uv_cpu *entered;

	cpu->scb->iictl = 0;
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, cpu->scb, &entered));
	cpu->scb->icptcode = code;
	cpu->scb->ipa = be16_make(ipa);
	uv_sie_leave(entered);
	cpu->scb->icptcode = 0;
}

/* After 104 two program exceptions and nothing else, after 112 nothing at all. */
static void test_after_interceptions(void **state)
{
	static const uint8_t all[] = {IICTL_CODE_MCHK, IICTL_CODE_EXT, IICTL_CODE_IO,
				      IICTL_CODE_RESTART};
	static const uint8_t program[] = {IICTL_CODE_SPECIFICATION, IICTL_CODE_OPERAND};
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	set_masks(f, g, &cpu, PSW_ALL, UINT64_MAX, 0xff000000, 0xffffffff);
	for (size_t i = 0; i < 2; i++) {
		leave_with(f, g, &cpu, ICPT_PV_INSTR, 0x8302);
		for (size_t k = 0; k < 4; k++) {
			cpu.scb->iictl = all[k];
			cpu.scb->eic = be16_make(0x1201);
			assert_int_equal(0x2008, enter(f, g, &cpu));
		}
		cpu.scb->iictl = program[i];
		assert_int_equal(0, enter(f, g, &cpu));
		assert_int_equal(0x2008, enter(f, g, &cpu));
		leave_with(f, g, &cpu, ICPT_PV_NOTIFY, 0x8302);
		cpu.scb->iictl = program[i];
		assert_int_equal(0x2008, enter(f, g, &cpu));
		leave_with(f, g, &cpu, ICPT_PV_PREF, 0);
		assert_int_equal(0x2008, inject_io(f, g, &cpu, 0));
		cpu.scb->iictl = program[i];
		assert_int_equal(0x2008, enter(f, g, &cpu));
	}
	cpu.scb->iictl = 0;
	assert_int_equal(0, enter(f, g, &cpu));
	finish(f, &cpu);
}

/* Until an interruption has been delivered there is room for a restart only; a reset forgets it. */
static void test_held(void **state)
{
	static const uint8_t kinds[] = {IICTL_CODE_MCHK, IICTL_CODE_EXT, IICTL_CODE_IO};
	struct uv_cpu *entered;
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	set_masks(f, g, &cpu, PSW_ALL, UINT64_MAX, 0xff000000, 0xffffffff);
	cpu.scb->eic = be16_make(0x1201);
	assert_int_equal(0, uv_sie_enter(f->uv, g->asce, cpu.scb, &entered));
	uv_injection_held(entered, true);
	uv_sie_leave(entered);
	for (size_t i = 0; i < sizeof(kinds); i++) {
		cpu.scb->iictl = kinds[i];
		assert_int_equal(0x2008, enter(f, g, &cpu));
	}
	cpu.scb->iictl = IICTL_CODE_RESTART;
	assert_int_equal(0, enter(f, g, &cpu));
	cpu.scb->iictl = 0;
	assert_int_equal(1, fx_nodata(f, UVC_CMD_CPU_RESET_INITIAL, cpu.handle));
	assert_int_equal(1, fx_set_state(f, &cpu, PV_CPU_STATE_OPR));
	set_masks(f, g, &cpu, PSW_ALL, UINT64_MAX, 0xff000000, 0xffffffff);
	cpu.scb->iictl = IICTL_CODE_EXT;
	assert_int_equal(0, enter(f, g, &cpu));
	finish(f, &cpu);
}

/* An SCCB address answers one service call; event bits come by themselves. */
static void test_service_signal(void **state)
{
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	set_masks(f, g, &cpu, PSW_ALL, 0x200, 0, 0);
	assert_int_equal(0, inject_ext(f, g, &cpu, 0x2401, 1));
	assert_int_equal(0x2008, inject_ext(f, g, &cpu, 0x2401, 0x43000));
	leave_with(f, g, &cpu, ICPT_PV_NOTIFY, 0xb220);
	assert_int_equal(0, inject_ext(f, g, &cpu, 0x2401, 2));
	assert_int_equal(0, inject_ext(f, g, &cpu, 0x2401, 0x43001));
	assert_int_equal(0x2008, inject_ext(f, g, &cpu, 0x2401, 0x43000));
	finish(f, &cpu);
}

/* The signal is floating: a CPU that did not call gets the answer, once. */
static void test_service_signal_of_another_cpu(void **state)
{
	struct fx_guest *g;
	struct fx_cpu cpu, other;
	struct fixture *f = setup(&g, &cpu, PV_CPU_STATE_OPR);

	(void)state;
	fx_cpu_create(f, g, &other, 1);
	assert_int_equal(1, fx_set_state(f, &other, PV_CPU_STATE_OPR));
	set_masks(f, g, &other, PSW_ALL, 0x200, 0, 0);
	assert_int_equal(0x2008, inject_ext(f, g, &other, 0x2401, 0x43000));
	leave_with(f, g, &cpu, ICPT_PV_NOTIFY, 0xb220);
	assert_int_equal(0, inject_ext(f, g, &other, 0x2401, 0x43000));
	assert_int_equal(0x2008, inject_ext(f, g, &other, 0x2401, 0x43000));
	fx_cpu_destroy(f, &other);
	finish(f, &cpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handles),
		cmocka_unit_test(test_foreign_pair_and_asce),
		cmocka_unit_test(test_already_running),
		cmocka_unit_test(test_timer),
		cmocka_unit_test(test_cpu_states),
		cmocka_unit_test(test_not_verified),
		cmocka_unit_test(test_areas),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_psw_of_image),
		cmocka_unit_test(test_external),
		cmocka_unit_test(test_io_mcheck_restart),
		cmocka_unit_test(test_after_interceptions),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_service_signal),
		cmocka_unit_test(test_service_signal_of_another_cpu),
	};

	return cmocka_run_group_tests_name("uv-sie-entry", tests, NULL, NULL);
}
