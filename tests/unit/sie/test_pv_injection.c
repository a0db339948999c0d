/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host may inject into a protected CPU at an entry, and what it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/pv_rig.h"

#define LOOP "\xa7\xf4\x00\x00" /* j . */

static uint64_t get8(const uint8_t *at)
{
	return (uint64_t)pv_get4(at) << 32 | pv_get4(at + 4);
}

static void expect_handler(struct pv *pv, uint64_t old)
{
	pv_expect(pv, ICPT_WAIT);
	assert_int_equal(HANDLER + old, pv->state->psw.addr);
	assert_int_equal(CODE, get8(pv_secure(pv, old + 8)));
	assert_int_equal(IICTL_CODE_NONE, pv->cpu.scb->iictl);
}

static void machine_check(void **state)
{
	struct pv *pv = *state;
	struct kvm_s390_sie_block *scb = pv->cpu.scb;

	pv_start(pv, LOOP, 4);
	pv->state->psw.mask |= PSW_MASK_MCHECK;
	pv->state->crs[14] = 0x1f000000;
	pv->state->gprs[3] = 0x1122334455667788;
	pv->state->fprs[2] = 0x3ff0;
	pv->state->acrs[5] = 0x55;
	scb->iictl = IICTL_CODE_MCHK;
	scb->mcic = be64_make(0x00400f1d40330000);
	scb->edc = be32_make(0x1234);
	scb->faddr = be64_make(0x9000);
	expect_handler(pv, 0x160);
	assert_int_equal(0x00400f1d40330000, get8(pv_secure(pv, 0xe8)));
	assert_int_equal(0x1234, pv_get4(pv_secure(pv, 0xf4)));
	assert_int_equal(0x9000, get8(pv_secure(pv, 0xf8)));
	/* registers are saved in the second prefix page */
	assert_int_equal(0x3ff0, get8(pv_secure(pv, 0x1210)));
	assert_int_equal(0x1122334455667788, get8(pv_secure(pv, 0x1298)));
	assert_int_equal(CODE, get8(pv_secure(pv, 0x1308)));
	assert_int_equal(0x55, pv_get4(pv_secure(pv, 0x1354)));
	assert_int_equal(0x1f000000, get8(pv_secure(pv, 0x13f0)));
}

static void io(void **state)
{
	struct pv *pv = *state;
	struct kvm_s390_sie_block *scb = pv->cpu.scb;

	pv_start(pv, LOOP, 4);
	pv->state->psw.mask |= PSW_MASK_IO;
	pv->state->crs[6] = 0xff000000;
	scb->iictl = IICTL_CODE_IO;
	scb->subchannel_id = be16_make(1);
	scb->subchannel_nr = be16_make(0x23);
	scb->io_int_parm = be32_make(0xdeadbeef);
	scb->io_int_word = be32_make(0x18000000);
	expect_handler(pv, 0x170);
	assert_int_equal(0x00010023, pv_get4(pv_secure(pv, 0xb8)));
	assert_int_equal(0xdeadbeef, pv_get4(pv_secure(pv, 0xbc)));
	assert_int_equal(0x18000000, pv_get4(pv_secure(pv, 0xc0)));
}

static void restart(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, LOOP, 4);
	/* the restart new PSW stands at 1a0, right behind the restart old PSW's place */
	pv->cpu.scb->iictl = IICTL_CODE_RESTART;
	expect_handler(pv, 0x120);
}

static void emergency_signal(void **state)
{
	struct pv *pv = *state;
	struct kvm_s390_sie_block *scb = pv->cpu.scb;

	pv_start(pv, LOOP, 4);
	pv->state->psw.mask |= PSW_MASK_EXT;
	pv->state->crs[0] |= 0x4000;
	scb->iictl = IICTL_CODE_EXT;
	scb->eic = be16_make(0x1201);
	scb->extcpuaddr = be16_make(3);
	expect_handler(pv, 0x130);
	assert_int_equal(0x00031201, pv_get4(pv_secure(pv, 0x84)));
}

/* The guest is not enabled: the host has made a mistake, and the guest goes on untouched. */
static void not_enabled_is_a_validity(void **state)
{
	static const uint8_t kinds[] = {IICTL_CODE_MCHK, IICTL_CODE_IO, IICTL_CODE_EXT};
	struct pv *pv = *state;

	pv_start(pv, "\x83\x00\x00\x44", 4);
	for (size_t i = 0; i < sizeof(kinds); i++) {
		pv->cpu.scb->iictl = kinds[i];
		pv->cpu.scb->eic = be16_make(0x1201);
		pv_expect(pv, ICPT_VALIDITY);
		assert_int_equal(CODE, pv->state->psw.addr);
	}
	pv->cpu.scb->iictl = IICTL_CODE_NONE;
	pv_expect(pv, ICPT_PV_NOTIFY);
}

#define SIDA_RESULT "\xb2\x7d\x30\x00" /* stsi 0(3): a page that the host fills */

/* stsi, answered, but the page of its result has gone: the answer waits, and what is injected, too
 */
static void hold_external(struct pv *pv)
{
	struct kvm_s390_sie_block *scb = pv->cpu.scb;

	pv_start(pv, SIDA_RESULT LOOP, 8);
	pv_import(pv, DATA);
	pv->state->gprs[0] = 0x30000002;
	pv->state->gprs[1] = 2;
	pv->state->gprs[3] = DATA;
	pv->state->psw.mask |= PSW_MASK_EXT | PSW_MASK_IO;
	pv->state->crs[0] |= 0x4000;
	pv->state->crs[6] = 0xff000000;
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(UVC_RC_EXECUTED,
			 fx_frame_call(pv->f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(pv->g, DATA)));
	sie_purge(pv->vm, DATA, PAGE_SIZE);
	pv_answer_cc(pv, 0);
	assert_int_equal(SIE_FAULT, pv_run(pv));
	assert_int_equal(PSW_MASK_EXT | PSW_MASK_IO, be64_get(scb->gpsw_mask));
	scb->iictl = IICTL_CODE_EXT;
	scb->eic = be16_make(0x1201);
	scb->extcpuaddr = be16_make(3);
	assert_int_equal(SIE_FAULT, pv_run(pv));
	assert_int_equal(IICTL_CODE_NONE, scb->iictl);
}

/* What it loads may mask all others: none is asked for, and none is accepted */
static void one_at_a_time(void **state)
{
	struct pv *pv = *state;
	struct kvm_s390_sie_block *scb = pv->cpu.scb;

	hold_external(pv);
	assert_int_equal(0, be64_get(scb->gpsw_mask));
	scb->iictl = IICTL_CODE_IO;
	scb->io_int_word = be32_make(0x18000000);
	pv_expect(pv, ICPT_VALIDITY);
	assert_int_equal(0x2008, be32_get(scb->ipb) >> 16);
	scb->iictl = IICTL_CODE_NONE;
	pv_import(pv, DATA);
	pv_expect(pv, ICPT_WAIT);
	assert_int_equal(HANDLER + 0x130, pv->state->psw.addr);
	assert_int_equal(0x00031201, pv_get4(pv_secure(pv, 0x84)));
	assert_int_equal(CODE + 4, get8(pv_secure(pv, 0x138)));
}

/* The new life of the CPU gets neither the answer nor the interruption of the old one */
static void reset_forgets_what_is_held(void **state)
{
	struct pv *pv = *state;

	hold_external(pv);
	pv_import(pv, DATA);
	assert_int_equal(1, fx_nodata(pv->f, UVC_CMD_CPU_RESET_INITIAL, pv->cpu.handle));
	assert_int_equal(1, fx_set_state(pv->f, &pv->cpu, PV_CPU_STATE_OPR));
	pv->cpu.scb->cputm = be64_make(0);
	memcpy(pv_secure(pv, CODE), "\x83\x00\x00\x44", 4); /* diag 0,0,0x44 */
	pv->state->psw = (struct psw){PSW_MASK_64 | PSW_MASK_EXT, CODE};
	pv->state->crs[0] |= 0x4000;
	pv->state->clock_comparator = UINT64_MAX;
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(CODE + 4, pv->state->psw.addr);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, pv_setup, pv_teardown)
	const struct CMUnitTest tests[] = {
		CASE(machine_check),
		CASE(io),
		CASE(restart),
		CASE(emergency_signal),
		CASE(not_enabled_is_a_validity),
		CASE(one_at_a_time),
		CASE(reset_forgets_what_is_held),
	};

	return cmocka_run_group_tests_name("sie-pv-injection", tests, NULL, NULL);
}
