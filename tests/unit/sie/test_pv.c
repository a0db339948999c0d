/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A protected CPU: what the host sees of interceptions, what it may answer, what it may inject. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sie/sie.h"
#include "tests/unit/uv/fixture.h"
#include "tests/unit/uv/se_image.h"

#define CODE    0x2000UL
#define DATA    0x3000UL
#define HANDLER 0xf000UL

struct pv {
	struct fixture *f;
	struct fx_guest *g;
	struct fx_cpu cpu;
	struct sie_vm *vm;
	struct sie_cpu *sie;
	struct sie_fault fault;
	const struct uv_config *config;
	struct cpu_state *state;
	uint8_t *sida;
};

static struct se_image img;

static int translate(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	struct pv *pv = owner;

	if (asce != pv->g->asce || gpa >= pv->g->msl)
		return -ENXIO;
	*frame = fx_frame(pv->g, gpa);
	return 0;
}

static uint64_t tod(void *owner)
{
	struct pv *pv = owner;

	return atomic_load(&pv->f->tod);
}

static const struct sie_env env = {.translate = translate, .tod = tod};

/* The bytes of a page that is secure and imported */
static uint8_t *secure(struct pv *pv, gpa_t gpa)
{
	uint8_t *bytes;

	assert_int_equal(UV_ACCESS_OK,
			 uv_frame_access(pv->f->uv, pv->config, fx_frame(pv->g, gpa & PAGE_MASK),
					 gpa & PAGE_MASK, &bytes));
	return bytes + (gpa & ~PAGE_MASK);
}

static void set8(uint8_t *at, uint64_t v)
{
	be64_t be = be64_make(v);

	memcpy(at, &be, sizeof(be));
}

static uint32_t get4(const uint8_t *at)
{
	be32_t be;

	memcpy(&be, at, sizeof(be));
	return be32_get(be);
}

static void import(struct pv *pv, gpa_t gpa)
{
	assert_int_equal(UVC_RC_EXECUTED, fx_import(pv->f, pv->g, gpa));
}

/* Where the test looks into the machine: no host could */
static void open_cpu(struct pv *pv)
{
	struct uv_cpu *entered;

	assert_int_equal(0, uv_sie_enter(pv->f->uv, pv->g->asce, pv->cpu.scb, &entered));
	pv->state = uv_cpu_state(entered);
	pv->config = uv_cpu_config(entered);
	uv_sie_leave(entered);
}

static int setup(void **state)
{
	struct pv *pv = calloc(1, sizeof(*pv));
	uint64_t list[4];

	assert_non_null(pv);
	pv->f = fx_create(NULL);
	pv->g = fx_guest_create(pv->f, 0, 1);
	se_image_make(&img, 1, 0x15000, 0xe0);
	se_image_start(pv->f, pv->g, &img);
	fx_cpu_create(pv->f, pv->g, &pv->cpu, 0);
	assert_int_equal(1, fx_set_state(pv->f, &pv->cpu, PV_CPU_STATE_OPR));
	pv->vm = sie_vm_create(pv->f->uv, &env, pv);
	assert_non_null(pv->vm);
	sie_host_facilities(list);
	list[2] |= 1UL << (191 - 158);
	sie_vm_set_facilities(pv->vm, list, 4);
	pv->sie = sie_cpu_create(pv->vm);
	assert_non_null(pv->sie);
	open_cpu(pv);
	pv->sida = storage_ptr(pv->f->st, pv->cpu.sida, PAGE_SIZE);
	pv->state->clock_comparator = UINT64_MAX;
	*state = pv;
	return 0;
}

static int teardown(void **state)
{
	struct pv *pv = *state;

	sie_cpu_destroy(pv->sie);
	sie_vm_destroy(pv->vm);
	fx_cpu_destroy(pv->f, &pv->cpu);
	fx_destroy(pv->f);
	free(pv);
	return 0;
}

/* Prefix pages and code page present, @code at CODE; new PSWs are disabled waits */
static void start(struct pv *pv, const void *code, size_t len)
{
	import(pv, 0);
	import(pv, 0x1000);
	import(pv, CODE);
	memcpy(secure(pv, CODE), code, len);
	for (gpa_t old = 0x120; old <= 0x170; old += 0x10) {
		set8(secure(pv, old + 0x80), PSW_MASK_64 | PSW_MASK_WAIT);
		set8(secure(pv, old + 0x88), HANDLER + old);
	}
	pv->state->psw = (struct psw){PSW_MASK_64, CODE};
}

static enum sie_result run(struct pv *pv)
{
	return sie_run(pv->sie, pv->g->asce, pv->cpu.scb, NULL, &pv->fault);
}

static void expect(struct pv *pv, uint8_t icpt)
{
	assert_int_equal(SIE_INTERCEPT, run(pv));
	assert_int_equal(icpt, pv->cpu.scb->icptcode);
}

static uint64_t shown(const struct pv *pv, unsigned int n)
{
	return be64_get(pv->cpu.scb->pv_grregs[n]);
}

static void prefix_has_to_be_secure(void **state)
{
	struct pv *pv = *state;

	pv->state->psw = (struct psw){PSW_MASK_64, CODE};
	expect(pv, ICPT_PV_PREF);
	import(pv, 0);
	expect(pv, ICPT_PV_PREF);
	import(pv, 0x1000);
	assert_int_equal(SIE_FAULT, run(pv));
	assert_int_equal(CODE, pv->fault.gpa);
	assert_int_equal(UV_ACCESS_NOT_SECURE, pv->fault.code);
}

static void diagnose_500_shows_four_registers(void **state)
{
	struct pv *pv = *state;

	start(pv, "\x83\x67\x05\x00\x83\x70\x00\x44", 8); /* diag 6,7,0x500; diag 7,0,0x44 */
	for (unsigned int i = 0; i < 16; i++)
		pv->state->gprs[i] = 0x1000 + i;
	expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0x8302, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x50000000, be32_get(pv->cpu.scb->ipb));
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(i >= 1 && i <= 4 ? 0x1000 + i : i == 5 ? 0x500 : 0, shown(pv, i));
	for (unsigned int i = 0; i < 16; i++)
		pv->cpu.scb->pv_grregs[i] = be64_make(0x77);
	expect(pv, ICPT_PV_NOTIFY);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(i == 2 ? 0x77 : 0x1000 + i, pv->state->gprs[i]);
	assert_int_equal(0x44, shown(pv, 5));
	assert_int_equal(0x1007, shown(pv, 0));
}

static void specification_instead_of_an_answer(void **state)
{
	struct pv *pv = *state;

	start(pv, "\x83\x12\x05\x00", 4);
	expect(pv, ICPT_PV_INSTR);
	pv->cpu.scb->iictl = IICTL_CODE_SPECIFICATION;
	expect(pv, ICPT_WAIT);
	assert_int_equal(HANDLER + 0x150, pv->state->psw.addr);
	assert_int_equal(0x00040006, get4(secure(pv, 0x8c)));
	assert_int_equal(IICTL_CODE_NONE, pv->cpu.scb->iictl);
	/* a waiting CPU shows the mask bits for interruptions and nothing else */
	assert_int_equal(PSW_MASK_WAIT, be64_get(pv->cpu.scb->gpsw_mask));
	assert_int_equal(0, be64_get(pv->cpu.scb->gpsw_addr));
}

static void service_call_and_its_signal(void **state)
{
	static const uint8_t sccb[] = {0, 16, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
	struct pv *pv = *state;

	start(pv, "\xb2\x20\x00\x34\xa7\xf4\x00\x00", 8); /* servc 3,4; j . */
	import(pv, DATA);
	memcpy(secure(pv, DATA), sccb, sizeof(sccb));
	pv->state->gprs[3] = 0x00120001;
	pv->state->gprs[4] = DATA;
	pv->state->psw.mask |= PSW_MASK_EXT;
	pv->state->crs[0] |= 0x200;
	expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0xb220, be16_get(pv->cpu.scb->ipa));
	assert_memory_equal(sccb, pv->sida, sizeof(sccb));
	assert_int_equal(0x00120001, shown(pv, 0));
	pv->sida[7] = 0x10;
	expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0xb220, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x10, *secure(pv, DATA + 7));
	pv->cpu.scb->iictl = IICTL_CODE_EXT;
	pv->cpu.scb->eic = be16_make(0x2401);
	pv->cpu.scb->eiparams = be32_make(0x4001);
	expect(pv, ICPT_WAIT);
	assert_int_equal(HANDLER + 0x130, pv->state->psw.addr);
	assert_int_equal(DATA | 1, get4(secure(pv, 0x80)));
	assert_int_equal(0x2401, get4(secure(pv, 0x84)) & 0xffff);
}

static void set_prefix_notifies(void **state)
{
	struct pv *pv = *state;

	start(pv, "\xb2\x10\x20\x10", 4); /* spx 0x10(2) */
	pv->state->gprs[2] = CODE;
	*secure(pv, CODE + 0x12) = 0x60;
	expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0xb210, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x6000, get4(pv->sida));
	assert_int_equal(0x6000, pv->state->prefix);
	expect(pv, ICPT_PV_PREF);
}

static void share_by_the_guest(void **state)
{
	struct uv_cb_share uvcb = FX_BLOCK(uv_cb_share, UVC_CMD_SET_SHARED_ACCESS);
	struct pv *pv = *state;

	start(pv, "\xb9\xa4\x00\x02\x83\x00\x00\x44", 8); /* uvc 0,2; diag 0,0,0x44 */
	import(pv, DATA);
	uvcb.paddr = be64_make(0x4000);
	memcpy(secure(pv, DATA), &uvcb, sizeof(uvcb));
	pv->state->gprs[2] = DATA;
	/* the page to be shared is not there: the host brings it, the guest issues it again */
	assert_int_equal(SIE_FAULT, run(pv));
	assert_int_equal(0x4000, pv->fault.gpa);
	assert_int_equal(UV_ACCESS_NOT_SECURE, pv->fault.code);
	import(pv, 0x4000);
	expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0x8302, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x00010000, get4(secure(pv, DATA + 4)));
}

static void wrong_handle_is_a_validity(void **state)
{
	struct pv *pv = *state;

	pv->cpu.scb->pv_handle_cpu = be64_make(pv->cpu.handle + 1);
	expect(pv, ICPT_VALIDITY);
	assert_int_equal(0x2002, be32_get(pv->cpu.scb->ipb) >> 16);
	pv->cpu.scb->pv_handle_cpu = be64_make(pv->cpu.handle);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(prefix_has_to_be_secure),
		CASE(diagnose_500_shows_four_registers),
		CASE(specification_instead_of_an_answer),
		CASE(service_call_and_its_signal),
		CASE(set_prefix_notifies),
		CASE(share_by_the_guest),
		CASE(wrong_handle_is_a_validity),
	};

	return cmocka_run_group_tests_name("sie-pv", tests, NULL, NULL);
}
