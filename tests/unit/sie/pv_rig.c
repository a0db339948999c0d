/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/sie/pv_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/uv/se_image.h"

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
uint8_t *pv_secure(struct pv *pv, gpa_t gpa)
{
	uint8_t *bytes;

	assert_int_equal(UV_ACCESS_OK,
			 uv_frame_access(pv->f->uv, pv->config, fx_frame(pv->g, gpa & PAGE_MASK),
					 gpa & PAGE_MASK, &bytes));
	return bytes + (gpa & ~PAGE_MASK);
}

void pv_set8(uint8_t *at, uint64_t v)
{
	be64_t be = be64_make(v);

	memcpy(at, &be, sizeof(be));
}

uint32_t pv_get4(const uint8_t *at)
{
	be32_t be;

	memcpy(&be, at, sizeof(be));
	return be32_get(be);
}

void pv_import(struct pv *pv, gpa_t gpa)
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

int pv_setup(void **state)
{
	struct pv *pv = calloc(1, sizeof(*pv));
	uint64_t list[4];

	assert_non_null(pv);
	pv->f = fx_create(NULL);
	pv->g = fx_guest_create(pv->f, 0, 1);
	if (!img.len)
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

int pv_teardown(void **state)
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
void pv_start(struct pv *pv, const void *code, size_t len)
{
	pv_import(pv, 0);
	pv_import(pv, 0x1000);
	pv_import(pv, CODE);
	memcpy(pv_secure(pv, CODE), code, len);
	for (gpa_t old = 0x120; old <= 0x170; old += 0x10) {
		pv_set8(pv_secure(pv, old + 0x80), PSW_MASK_64 | PSW_MASK_WAIT);
		pv_set8(pv_secure(pv, old + 0x88), HANDLER + old);
	}
	pv->state->psw = (struct psw){PSW_MASK_64, CODE};
}

enum sie_result pv_run(struct pv *pv)
{
	return sie_run(pv->sie, pv->g->asce, pv->cpu.scb, NULL, &pv->fault);
}

void pv_expect(struct pv *pv, uint8_t icpt)
{
	assert_int_equal(SIE_INTERCEPT, pv_run(pv));
	assert_int_equal(icpt, pv->cpu.scb->icptcode);
}

uint64_t pv_shown(const struct pv *pv, unsigned int n)
{
	return be64_get(pv->cpu.scb->pv_grregs[n]);
}

uint8_t pv_cc(const struct pv *pv)
{
	return pv->state->psw.mask >> 44 & 3;
}

void pv_answer_cc(struct pv *pv, unsigned int cc)
{
	pv->cpu.scb->gpsw_mask = be64_make((uint64_t)cc << 44);
}

void pv_expect_program(struct pv *pv, uint16_t code)
{
	pv_expect(pv, ICPT_WAIT);
	assert_int_equal(HANDLER + 0x150, pv->state->psw.addr);
	assert_int_equal(code, pv_get4(pv_secure(pv, 0x8c)) & 0xffff);
}
