/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions of a protected CPU that leave: what is shown, what comes back, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/pv_rig.h"
#include "uv/cpu.h"

#define YIELD "\x83\x00\x00\x44" /* ends a program: notification 8302 with 44 in GR5 */

static void expect_yield(struct pv *pv)
{
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0x8302, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x44, pv_shown(pv, 5));
}

static void expect_diagnose(struct pv *pv, uint8_t icpt, uint64_t code)
{
	pv_expect(pv, icpt);
	assert_int_equal(0x8302, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x50000000, be32_get(pv->cpu.scb->ipb));
	assert_int_equal(code, pv_shown(pv, 5));
}

static void answer(struct pv *pv, unsigned int n, uint64_t v)
{
	pv->cpu.scb->pv_grregs[n] = be64_make(v);
}

static void store_system_information(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xb2\x7d\x30\x00\xb2\x7d\x30\x00" YIELD, 12); /* stsi 0(3), twice */
	pv_import(pv, DATA);
	memset(pv_secure(pv, DATA), 0x11, PAGE_SIZE);
	pv->state->gprs[0] = 0x30000002;
	pv->state->gprs[1] = 2;
	pv->state->gprs[3] = DATA;
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0xb27d, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x30000002, pv_shown(pv, 0));
	assert_int_equal(2, pv_shown(pv, 1));
	assert_int_equal(0, pv_shown(pv, 3));
	memcpy(pv->sida + 0x20, "protected", 9);
	answer(pv, 0, 0x77);
	pv_answer_cc(pv, 0);
	pv_expect(pv, ICPT_PV_INSTR);
	assert_memory_equal("protected", pv_secure(pv, DATA + 0x20), 9);
	assert_int_equal(0, *pv_secure(pv, DATA + 0x1f));
	assert_int_equal(0x30000002, pv->state->gprs[0]);
	/* not available: nothing is stored */
	memset(pv->sida, 0x22, PAGE_SIZE);
	pv_answer_cc(pv, 3);
	expect_yield(pv);
	assert_int_equal(0, *pv_secure(pv, DATA));
	assert_int_equal(3, pv_cc(pv));
}

static void store_system_information_basic(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xb2\x7d\x30\x00" YIELD "\xb2\x7d\x30\x00", 12);
	pv_expect(pv, ICPT_PV_INSTR);
	answer(pv, 0, 0x30000000);
	pv_answer_cc(pv, 0);
	expect_yield(pv);
	assert_int_equal(0x30000000, pv->state->gprs[0]);
	/* reserved bits */
	pv->state->gprs[0] = 0x30000102;
	pv_expect_program(pv, 0x06);
}

/* TEST BLOCK stays inside: it clears the page, but not at low addresses that are protected */
static void test_block(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xb2\x2c\x00\x02\xb2\x2c\x00\x03" YIELD, 12);
	pv_import(pv, DATA);
	memset(pv_secure(pv, DATA), 0x11, PAGE_SIZE);
	pv->state->crs[0] |= 0x10000000;
	pv->state->gprs[2] = DATA + 0x123;
	pv->state->gprs[3] = 0x1234;
	pv_set8(pv_secure(pv, 0x1f00), 0x77);
	pv_expect_program(pv, 0x04);
	assert_int_equal(0, *pv_secure(pv, DATA));
	assert_int_equal(0x77, pv_get4(pv_secure(pv, 0x1f04)));
}

/* Clocks of a protected guest are not for the host to set, nor for the guest */
static void timing_facility(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\x01\x04" YIELD, 6);
	pv->state->gprs[0] = 0x41;
	expect_yield(pv);
	assert_int_equal(3, pv_cc(pv));
}

static void signal_processor(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xae\x42\x00\x0e\xae\x42\x00\x0e" YIELD, 12); /* sigp 4,2,14 */
	pv->state->gprs[2] = 1;
	pv->state->gprs[4] = 0x1111111122222222;
	pv->state->gprs[5] = 0x9000;
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0xae02, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x50000000, be32_get(pv->cpu.scb->ipb));
	assert_int_equal(0x1111111122222222, pv_shown(pv, 0));
	assert_int_equal(0x9000, pv_shown(pv, 1));
	assert_int_equal(1, pv_shown(pv, 2));
	assert_int_equal(0x0e, pv_shown(pv, 5));
	answer(pv, 0, 0x77);
	pv_answer_cc(pv, 0);
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0x1111111122222222, pv->state->gprs[4]);
	/* status stored: bits 32-63 of r1 */
	answer(pv, 0, 0x99999999000000ff);
	pv_answer_cc(pv, 1);
	expect_yield(pv);
	assert_int_equal(0x11111111000000ff, pv->state->gprs[4]);
	assert_int_equal(1, pv_cc(pv));
}

/* The host's word is not enough: the Ultravisor changes the prefix, of a CPU that is stopped. */
static void signal_set_prefix(void **state)
{
	struct pv *pv = *state;
	struct fx_cpu other;
	const struct uv_cpu_stor *stor;

	fx_cpu_create(pv->f, pv->g, &other, 1);
	stor = storage_ptr(pv->f->st, other.stor, sizeof(*stor));
	assert_int_equal(1, fx_set_state(pv->f, &other, PV_CPU_STATE_OPR));
	/* sigp 4,2,13, four times */
	pv_start(pv, "\xae\x42\x00\x0d\xae\x42\x00\x0d\xae\x42\x00\x0d\xae\x42\x00\x0d" YIELD, 20);
	pv->state->gprs[2] = 1;
	pv->state->gprs[5] = 0x4fff;
	pv_expect(pv, ICPT_PV_INSTR);
	pv_answer_cc(pv, 0);
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(1, pv_cc(pv));
	assert_int_equal(0x200, pv->state->gprs[4]);
	assert_int_equal(0, stor->state.prefix);
	/* refused by the host */
	assert_int_equal(1, fx_set_state(pv->f, &other, PV_CPU_STATE_STP));
	pv_answer_cc(pv, 2);
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0, stor->state.prefix);
	pv_answer_cc(pv, 0);
	pv_expect(pv, ICPT_PV_INSTR);
	assert_int_equal(0, pv_cc(pv));
	assert_int_equal(0x4000, stor->state.prefix);
	/* a CPU that the Ultravisor does not know */
	pv->state->gprs[2] = 2;
	pv_answer_cc(pv, 0);
	expect_yield(pv);
	assert_int_equal(3, pv_cc(pv));
	fx_cpu_destroy(pv->f, &other);
}

static void watchdog(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\x83\x68\x02\x88\x83\x78\x02\x88", 8); /* diag 6,8,0x288; diag 7,8,0x288 */
	pv->state->gprs[6] = 0;
	pv->state->gprs[7] = 15;
	pv->state->gprs[8] = 0x1234;
	expect_diagnose(pv, ICPT_PV_INSTR, 0x288);
	assert_int_equal(0, pv_shown(pv, 0));
	assert_int_equal(15, pv_shown(pv, 1));
	assert_int_equal(0x1234, pv_shown(pv, 2));
	answer(pv, 0, 0x77);
	pv_expect_program(pv, 0x06);
	assert_int_equal(0, pv->state->gprs[6]);
	assert_int_equal(0, pv->state->gprs[0]);
}

#define IPL_CODE "\x83\x24\x03\x08" /* diag 2,4,0x308 */

/* After these the host has to go through the reset: until then the CPU cannot be entered. */
static void ipl_clear_and_normal(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, IPL_CODE IPL_CODE, 8);
	pv->state->gprs[4] = 0;
	expect_diagnose(pv, ICPT_PV_NOTIFY, 0x308);
	assert_int_equal(0, pv_shown(pv, 2));
	pv_expect(pv, ICPT_VALIDITY);
	assert_int_equal(0x2007, be32_get(pv->cpu.scb->ipb) >> 16);
}

static void ipl_load_normal(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, IPL_CODE, 4);
	pv->state->gprs[4] = 1;
	expect_diagnose(pv, ICPT_PV_NOTIFY, 0x308);
	assert_int_equal(1, pv_shown(pv, 2));
	pv_expect(pv, ICPT_VALIDITY);
	assert_int_equal(0x2007, be32_get(pv->cpu.scb->ipb) >> 16);
}

static void ipl_other_subcodes(void **state)
{
	static const uint64_t refused[] = {2, 4, 7, 8, 9, 10, 11, 0x10003};
	struct pv *pv = *state;

	pv_start(pv, IPL_CODE IPL_CODE, 8);
	pv->state->gprs[4] = 3;
	expect_diagnose(pv, ICPT_PV_NOTIFY, 0x308);
	assert_int_equal(3, pv_shown(pv, 2));
	/* without a clear, and what an image of one's own needs: not from inside; and what there is
	 * not */
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		pv->state->psw.addr = CODE;
		pv->state->psw.mask = PSW_MASK_64;
		pv->state->gprs[4] = refused[i];
		pv_expect_program(pv, 0x06);
	}
}

static void ipl_set_block(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, IPL_CODE YIELD, 8);
	pv_import(pv, DATA);
	memcpy(pv_secure(pv, DATA), "\0\0\0\x20 block", 10);
	pv->state->gprs[2] = DATA;
	pv->state->gprs[4] = 5;
	expect_diagnose(pv, ICPT_PV_INSTR, 0x308);
	assert_int_equal(5, pv_shown(pv, 2));
	assert_memory_equal("\0\0\0\x20 block", pv->sida, 10);
	memset(pv->sida, 0x33, PAGE_SIZE);
	answer(pv, 1, 1);
	expect_yield(pv);
	assert_int_equal(1, pv->state->gprs[3]);
	assert_memory_equal("\0\0\0\x20 block", pv_secure(pv, DATA), 10);
}

static void ipl_store_block(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, IPL_CODE IPL_CODE YIELD, 12);
	pv_import(pv, DATA);
	pv->state->gprs[2] = DATA;
	pv->state->gprs[4] = 6;
	expect_diagnose(pv, ICPT_PV_INSTR, 0x308);
	memcpy(pv->sida, "\0\0\0\x0c nothing else", 18);
	answer(pv, 1, 0x102); /* no block: nothing is stored */
	expect_diagnose(pv, ICPT_PV_INSTR, 0x308);
	assert_int_equal(0x102, pv->state->gprs[3]);
	assert_int_equal(0, pv_get4(pv_secure(pv, DATA)));
	memcpy(pv->sida, "\0\0\0\x0c nothing else", 18);
	answer(pv, 1, 1);
	expect_yield(pv);
	assert_memory_equal("\0\0\0\x0c nothing\0\0\0", pv_secure(pv, DATA), 15);
}

/* ---- control registers that the host watches ---- */

static void load_control_enables(void **state)
{
	struct pv *pv = *state;

	/* lctl 0,0,0x20(2); lctl 14,14,0x20(2) is not watched; lctlg 6,6,0x20(2) */
	pv_start(pv, "\xb7\x00\x20\x20\xb7\xee\x20\x20\xeb\x66\x20\x20\x00\x2f" YIELD, 18);
	pv_set8(pv_secure(pv, CODE + 0x20), 0x0000ffff00000000);
	pv->state->gprs[2] = CODE;
	pv->cpu.scb->lctl = be16_make(0x8200); /* CR0 and CR6 */
	pv_expect(pv, ICPT_INT_ENABLE);
	assert_int_equal(CODE + 4, pv->state->psw.addr);
	assert_int_equal(0xffff, (uint32_t)pv->state->crs[0]);
	/* the host sees the subclass masks, nothing more */
	assert_int_equal(0xfe40, be64_get(pv->cpu.scb->gcr[0]));
	pv_set8(pv_secure(pv, CODE + 0x20), 0xffffffff);
	pv_expect(pv, ICPT_INT_ENABLE);
	assert_int_equal(CODE + 14, pv->state->psw.addr);
	assert_int_equal(0xff000000, be64_get(pv->cpu.scb->gcr[6]));
	expect_yield(pv);
}

static void machine_checks_enabled_by_lpswe(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xb2\xb2\x20\x20" YIELD, 8); /* lpswe 0x20(2) */
	pv_set8(pv_secure(pv, CODE + 0x20), PSW_MASK_64 | PSW_MASK_MCHECK);
	pv_set8(pv_secure(pv, CODE + 0x28), CODE + 4);
	pv->state->gprs[2] = CODE;
	pv->cpu.scb->ictl = be32_make(ICTL_LPSW);
	pv_expect(pv, ICPT_INT_ENABLE);
	assert_int_equal(CODE + 4, pv->state->psw.addr);
	assert_int_equal(PSW_MASK_MCHECK, be64_get(pv->cpu.scb->gpsw_mask) & PSW_MASK_MCHECK);
	expect_yield(pv);
}

/* ---- SET PREFIX ---- */

static void prefix_beyond_storage(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xb2\x10\x20\x20", 4);
	pv_set8(pv_secure(pv, CODE + 0x20), pv->g->msl << 32);
	pv->state->gprs[2] = CODE;
	pv_expect_program(pv, 0x05);
	assert_int_equal(0, pv->state->prefix);
}

static void storage_beyond_the_end(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xe3\x10\x20\x00\x00\x04", 6); /* lg 1,0(2) */
	pv->state->gprs[2] = pv->g->msl;
	pv_expect_program(pv, 0x05);
}

/* ---- Ultravisor calls ---- */

#define UVC_CODE "\xb9\xa4\x00\x02" /* uvc 0,2 */

static void put_share(struct pv *pv, gpa_t at, uint16_t cmd, gpa_t page)
{
	struct uv_cb_share uvcb = FX_BLOCK(uv_cb_share, cmd);

	uvcb.paddr = be64_make(page);
	memcpy(pv_secure(pv, at), &uvcb, sizeof(uvcb));
}

/* The header is enough to say that there is no such command. */
static void unknown_command_before_the_tail(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, UVC_CODE YIELD UVC_CODE YIELD, 16);
	pv_import(pv, DATA);
	pv_set8(pv_secure(pv, DATA + 0xff8), 0x00300fff00000000);
	pv->state->gprs[2] = DATA + 0xff8;
	expect_yield(pv);
	assert_int_equal(1, pv_cc(pv));
	assert_int_equal(0x00020000, pv_get4(pv_secure(pv, DATA + 0xffc)));
	/* known: the rest has to be there */
	pv_set8(pv_secure(pv, DATA + 0xff8), 0x0030100000000000);
	assert_int_equal(SIE_FAULT, pv_run(pv));
	assert_int_equal(DATA + 0x1000, pv->fault.gpa);
	pv_import(pv, DATA + 0x1000);
	expect_yield(pv);
	assert_int_not_equal(0x00020000, pv_get4(pv_secure(pv, DATA + 0xffc)));
}

static void host_command_from_the_guest(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, UVC_CODE YIELD "\xb9\xa4\x10\x02", 12);
	pv_import(pv, DATA);
	pv_set8(pv_secure(pv, DATA), 0x0008000f00000000); /* INIT_UV, and too short */
	pv->state->gprs[2] = DATA;
	expect_yield(pv);
	assert_int_equal(0x00020000, pv_get4(pv_secure(pv, DATA + 4)));
	pv_expect_program(pv, 0x06); /* M3 is reserved */
}

static uint16_t unpin(struct pv *pv, gpa_t gpa)
{
	struct uv_cb_cts uvcb = FX_BLOCK(uv_cb_cts, UVC_CMD_UNPIN_PAGE_SHARED);

	uvcb.guest_handle = be64_make(pv->g->handle);
	uvcb.gaddr = be64_make(gpa);
	fx_uvc(pv->f, &uvcb);
	return be16_get(uvcb.header.rc);
}

static void expect_unshare(struct pv *pv)
{
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0xb9a4, be16_get(pv->cpu.scb->ipa));
	assert_int_equal(0x00301001, pv_get4(pv->sida));
	assert_memory_equal(pv_secure(pv, DATA + 0x100), pv->sida, sizeof(struct uv_cb_share));
	/* not done: no answer yet */
	assert_int_equal(0, pv_get4(pv_secure(pv, DATA + 0x104)));
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(0, pv_shown(pv, i));
}

/* The page stays shared until the host has dropped its pin; the call is repeated until then. */
static void unshare_of_a_pinned_page(void **state)
{
	struct pv *pv = *state;
	abs_t frame = fx_frame(pv->g, 0x4000);

	pv_start(pv, UVC_CODE YIELD "\xb9\xa4\x00\x03" YIELD, 16);
	pv_import(pv, DATA);
	pv_import(pv, 0x4000);
	put_share(pv, DATA, UVC_CMD_SET_SHARED_ACCESS, 0x4000);
	put_share(pv, DATA + 0x100, UVC_CMD_REMOVE_SHARED_ACCESS, 0x4000);
	pv->state->gprs[2] = DATA;
	pv->state->gprs[3] = DATA + 0x100;
	expect_yield(pv);
	assert_int_equal(UVC_RC_EXECUTED, fx_frame_call(pv->f, UVC_CMD_PIN_PAGE_SHARED, frame));
	expect_unshare(pv);
	expect_unshare(pv);
	assert_int_equal(UVC_RC_EXECUTED, unpin(pv, 0x4000));
	expect_yield(pv);
	assert_int_equal(0x00010000, pv_get4(pv_secure(pv, DATA + 0x104)));
	assert_int_equal(0, pv_cc(pv));
	/* secure again: it cannot be pinned */
	assert_int_equal(0x103, fx_frame_call(pv->f, UVC_CMD_PIN_PAGE_SHARED, frame));
}

/* ---- trace ---- */

/* Mnemonics only: neither operands nor what is in them */
static void trace_tells_no_secrets(void **state)
{
	struct pv *pv = *state;
	FILE *out = tmpfile();
	struct sie_trace trace = {.out = out};
	char text[512] = {0};

	assert_non_null(out);
	pv_start(pv, "\xa7\x19\x12\x34" YIELD, 8);
	sie_set_trace(pv->vm, &trace, 7);
	expect_yield(pv);
	sie_set_trace(pv->vm, NULL, 7);
	rewind(out);
	assert_true(fread(text, 1, sizeof(text) - 1, out) > 0);
	fclose(out);
	assert_string_equal(text, "7.0: 0000000000002000 lghi\n"
				  "7.0: 0000000000002004 diag\n"
				  "7.0: interception 6c instruction 8302 50000000\n");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, pv_setup, pv_teardown)
	const struct CMUnitTest tests[] = {
		CASE(store_system_information),
		CASE(store_system_information_basic),
		CASE(test_block),
		CASE(timing_facility),
		CASE(signal_processor),
		CASE(signal_set_prefix),
		CASE(watchdog),
		CASE(ipl_clear_and_normal),
		CASE(ipl_load_normal),
		CASE(ipl_other_subcodes),
		CASE(ipl_set_block),
		CASE(ipl_store_block),
		CASE(load_control_enables),
		CASE(machine_checks_enabled_by_lpswe),
		CASE(prefix_beyond_storage),
		CASE(storage_beyond_the_end),
		CASE(unknown_command_before_the_tail),
		CASE(host_command_from_the_guest),
		CASE(unshare_of_a_pinned_page),
		CASE(trace_tells_no_secrets),
	};

	return cmocka_run_group_tests_name("sie-pv-instruction", tests, NULL, NULL);
}
