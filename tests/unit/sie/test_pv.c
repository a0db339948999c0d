/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A protected CPU: what the host sees of interceptions, what it may answer, what it may inject. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/pv_rig.h"
#include "tests/unit/sie/told.h"

static void prefix_has_to_be_secure(void **state)
{
	struct pv *pv = *state;

	pv->state->psw = (struct psw){PSW_MASK_64, CODE};
	pv_expect(pv, ICPT_PV_PREF);
	pv_import(pv, 0);
	pv_expect(pv, ICPT_PV_PREF);
	pv_import(pv, 0x1000);
	assert_int_equal(SIE_FAULT, pv_run(pv));
	assert_int_equal(CODE, pv->fault.gpa);
	assert_int_equal(UV_ACCESS_NOT_SECURE, pv->fault.code);
}

static void diagnose_500_shows_four_registers(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\x83\x67\x05\x00\x83\x70\x00\x44", 8); /* diag 6,7,0x500; diag 7,0,0x44 */
	for (unsigned int i = 0; i < 16; i++)
		pv->state->gprs[i] = 0x1000 + i;
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0x8302, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x50000000, be32_get(pv->cpu.scb->ipb));
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(i >= 1 && i <= 4 ? 0x1000 + i
				 : i == 5         ? 0x500
						  : 0,
				 pv_shown(pv, i));
	for (unsigned int i = 0; i < 16; i++)
		pv->cpu.scb->pv_grregs[i] = be64_make(0x77);
	pv_expect(pv, ICPT_PV_NOTIFY);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(i == 2 ? 0x77 : 0x1000 + i, pv->state->gprs[i]);
	assert_int_equal(0x44, pv_shown(pv, 5));
	assert_int_equal(0x1007, pv_shown(pv, 0));
}

static void specification_instead_of_an_answer(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\x83\x12\x05\x00", 4);
	pv_expect(pv, ICPT_PV_INSTR);
	pv->cpu.scb->iictl = IICTL_CODE_SPECIFICATION;
	pv_expect(pv, ICPT_WAIT);
	assert_int_equal(HANDLER + 0x150, pv->state->psw.addr);
	assert_int_equal(0x00040006, pv_get4(pv_secure(pv, 0x8c)));
	assert_int_equal(IICTL_CODE_NONE, pv->cpu.scb->iictl);
	/* a waiting CPU shows the mask bits for interruptions and nothing else */
	assert_int_equal(PSW_MASK_WAIT, be64_get(pv->cpu.scb->gpsw_mask));
	assert_int_equal(0, be64_get(pv->cpu.scb->gpsw_addr));
}

static void service_call_and_its_signal(void **state)
{
	static const uint8_t sccb[] = {0, 16, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
	struct pv *pv = *state;

	pv_start(pv, "\xb2\x20\x00\x34\xa7\xf4\x00\x00", 8); /* servc 3,4; j . */
	pv_import(pv, DATA);
	memcpy(pv_secure(pv, DATA), sccb, sizeof(sccb));
	pv->state->gprs[3] = 0x00120001;
	pv->state->gprs[4] = DATA;
	pv->state->psw.mask |= PSW_MASK_EXT;
	pv->state->crs[0] |= 0x200;
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0xb220, be16_get(pv->cpu.scb->ipa));
	assert_memory_equal(sccb, pv->sida, sizeof(sccb));
	assert_int_equal(0x00120001, pv_shown(pv, 0));
	pv->sida[7] = 0x10;
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0xb220, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x10, *pv_secure(pv, DATA + 7));
	pv->cpu.scb->iictl = IICTL_CODE_EXT;
	pv->cpu.scb->eic = be16_make(0x2401);
	pv->cpu.scb->eiparams = be32_make(0x4001);
	pv_expect(pv, ICPT_WAIT);
	assert_int_equal(HANDLER + 0x130, pv->state->psw.addr);
	assert_int_equal(DATA | 1, pv_get4(pv_secure(pv, 0x80)));
	assert_int_equal(0x2401, pv_get4(pv_secure(pv, 0x84)) & 0xffff);
}

static void set_prefix_notifies(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xb2\x10\x20\x10", 4); /* spx 0x10(2) */
	pv->state->gprs[2] = CODE;
	*pv_secure(pv, CODE + 0x12) = 0x60;
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0xb210, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x6000, pv_get4(pv->sida));
	assert_int_equal(0x6000, pv->state->prefix);
	pv_expect(pv, ICPT_PV_PREF);
}

static void share_by_the_guest(void **state)
{
	struct uv_cb_share uvcb = FX_BLOCK(uv_cb_share, UVC_CMD_SET_SHARED_ACCESS);
	struct pv *pv = *state;

	pv_start(pv, "\xb9\xa4\x00\x02\x83\x00\x00\x44", 8); /* uvc 0,2; diag 0,0,0x44 */
	pv_import(pv, DATA);
	uvcb.paddr = be64_make(0x4000);
	memcpy(pv_secure(pv, DATA), &uvcb, sizeof(uvcb));
	pv->state->gprs[2] = DATA;
	/* the page to be shared is not there: the host brings it, the guest issues it again */
	assert_int_equal(SIE_FAULT, pv_run(pv));
	assert_int_equal(0x4000, pv->fault.gpa);
	assert_int_equal(UV_ACCESS_NOT_SECURE, pv->fault.code);
	pv_import(pv, 0x4000);
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0x8302, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x00010000, pv_get4(pv_secure(pv, DATA + 4)));
}

/* What was decoded from a secure page is not run once the page has been exported. */
static void exported_code_is_not_run(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\x83\x00\x00\x44\x83\x00\x00\x44\xa7\xf4\xff\xfc",
		 12); /* diag twice, again */
	pv_expect(pv, ICPT_PV_NOTIFY);
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(UVC_RC_EXECUTED,
			 fx_frame_call(pv->f, UVC_CMD_CONV_FROM_SEC_STOR, fx_frame(pv->g, CODE)));
	sie_purge(pv->vm, CODE, PAGE_SIZE);
	assert_int_equal(SIE_FAULT, pv_run(pv));
	assert_int_equal(CODE, pv->fault.gpa & PAGE_MASK);
	assert_int_equal(UV_ACCESS_NOT_SECURE, pv->fault.code);
	pv_import(pv, CODE);
	pv_expect(pv, ICPT_PV_NOTIFY);
}

static void wrong_handle_is_a_validity(void **state)
{
	struct pv *pv = *state;

	pv->cpu.scb->pv_handle_cpu = be64_make(pv->cpu.handle + 1);
	pv_expect(pv, ICPT_VALIDITY);
	assert_int_equal(0x2002, be32_get(pv->cpu.scb->ipb) >> 16);
	pv->cpu.scb->pv_handle_cpu = be64_make(pv->cpu.handle);
}

/* That there was an unknown instruction is told, but not its bytes, nor where it was */
static void unknown_instruction_stays_secret(void **state)
{
	struct pv *pv = *state;
	char text[256];
	int before;

	before = told_begin();
	pv_start(pv, "\x00\xaa", 2);
	pv_expect_program(pv, 0x01);
	pv->state->psw = (struct psw){PSW_MASK_64, CODE};
	pv_start(pv, "\xb2\x63\x00\x24", 4);
	pv_expect_program(pv, 0x01);
	told_end(before, text, sizeof(text));
	assert_string_equal("sie: unknown instruction in a protected guest\n"
			    "sie: absent instruction in a protected guest\n",
			    text);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, pv_setup, pv_teardown)
	const struct CMUnitTest tests[] = {
		CASE(prefix_has_to_be_secure),
		CASE(diagnose_500_shows_four_registers),
		CASE(specification_instead_of_an_answer),
		CASE(service_call_and_its_signal),
		CASE(set_prefix_notifies),
		CASE(share_by_the_guest),
		CASE(exported_code_is_not_run),
		CASE(wrong_handle_is_a_validity),
		CASE(unknown_instruction_stays_secret),
	};

	return cmocka_run_group_tests_name("sie-pv", tests, NULL, NULL);
}
