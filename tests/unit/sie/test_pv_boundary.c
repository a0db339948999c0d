/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boundary of a protected CPU: what leaves and what does not, and that nothing else shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sie/pv_rig.h"
#include "tests/unit/sie/row_text.h"

#define YIELD "\x83\x00\x00\x44"

#define VISIBLE_PSW (PSW_MASK_IO | PSW_MASK_EXT | PSW_MASK_MCHECK | PSW_MASK_WAIT | PSW_MASK_CC)

/* Every register has something that no host may see */
static void fill_state(struct pv *pv)
{
	for (unsigned int i = 0; i < 16; i++) {
		pv->state->gprs[i] = 0x5ec2e70000000000 + i;
		pv->state->fprs[i] = 0x5ec2e70100000000 + i;
		pv->state->acrs[i] = 0x5ec20000 + i;
	}
	pv->state->crs[1] = 0x5ec2e702;
	pv->state->crs[13] = 0x5ec2e703;
	pv->state->crs[0] |= 0x5ec00000000;
	pv->state->crs[6] = 0x5ec2e704ff000000;
	pv->state->gbea = 0x5ec2e705;
}

/* @shown: bit n: general register n is shown */
static void expect_masked(const struct pv *pv, unsigned int shown)
{
	const struct kvm_s390_sie_block *scb = pv->cpu.scb;

	for (unsigned int i = 0; i < 16; i++) {
		if (!(shown >> i & 1))
			assert_int_equal(0, pv_shown(pv, i));
		if (i != 0 && i != 6 && i != 14)
			assert_int_equal(0, be64_get(scb->gcr[i]));
	}
	assert_int_equal(0, be64_get(scb->gcr[0]) & ~0xfe40UL);
	assert_int_equal(0, be64_get(scb->gcr[6]) & ~0xff000000UL);
	assert_int_equal(0, be64_get(scb->gcr[14]) & ~0x1f000000UL);
	assert_int_equal(0, be64_get(scb->gpsw_mask) & ~VISIBLE_PSW);
	assert_int_equal(0, be64_get(scb->gpsw_addr));
}

/* Whatever the host writes: only what an instruction gives back arrives, with an answer or without
 */
static void expect_registers_kept(struct pv *pv)
{
	for (unsigned int i = 0; i < 16; i++)
		pv->cpu.scb->pv_grregs[i] = be64_make(0xbad + i);
	pv->cpu.scb->gcr[13] = be64_make(0xbad);
	pv->cpu.scb->gpsw_addr = be64_make(0xbad);
	pv->cpu.scb->gpsw_mask = be64_make(PSW_MASK_PSTATE | PSW_MASK_DAT | 1UL << 44);
	pv_expect(pv, ICPT_PV_NOTIFY); /* YIELD */
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(0x5ec2e70000000000 + i, pv->state->gprs[i]);
	assert_int_equal(0x5ec2e703, pv->state->crs[13]);
	assert_int_equal(0, pv->state->psw.mask & (PSW_MASK_PSTATE | PSW_MASK_DAT));
}

static void notifications_show_and_take_nothing(void **state)
{
	struct pv *pv = *state;

	/* diag 1,2,0x44; diag 1,2,0x9c */
	pv_start(pv, "\x83\x12\x00\x44\x83\x12\x00\x9c" YIELD, 12);
	fill_state(pv);
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0x5ec2e70000000001, pv_shown(pv, 0));
	assert_int_equal(0x44, pv_shown(pv, 5));
	expect_masked(pv, 1 << 0 | 1 << 5);
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(0x9c, pv_shown(pv, 5));
	assert_int_equal(0x8302, be16_get(pv->cpu.scb->ipa));
	expect_registers_kept(pv);
}

/* I/O: the subchannel in GR1, blocks over the SIDA in one direction */
static void channel_instructions(void **state)
{
	static const struct {
		const char *text;
		unsigned int in;  /* bytes shown to the host */
		unsigned int out; /* bytes of its answer */
	} instructions[] = {
		{"\xb2\x30\x00\x00", 0, 0},  {"\xb2\x31\x00\x00", 0, 0},
		{"\xb2\x38\x00\x00", 0, 0},  {"\xb2\x3b\x00\x00", 0, 0},
		{"\xb2\x3c\x00\x00", 0, 0},  {"\xb2\x76\x00\x00", 0, 0},
		{"\xb2\x32\x30\x00", 52, 0}, {"\xb2\x33\x30\x00", 32, 0},
		{"\xb2\x34\x30\x00", 0, 52}, {"\xb2\x35\x30\x00", 0, 96},
		{"\xb2\x39\x30\x00", 0, 4},
	};
	struct pv *pv = *state;

	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
		uint8_t *data;

		pv_start(pv, instructions[i].text, 4);
		memcpy(pv_secure(pv, CODE + 4), YIELD, 4);
		pv_import(pv, DATA);
		data = pv_secure(pv, DATA);
		memset(data, 0x33, PAGE_SIZE);
		fill_state(pv);
		pv->state->gprs[3] = DATA;
		pv_expect(pv, ICPT_PV_INSTR);
		assert_memory_equal(instructions[i].text, &pv->cpu.scb->ipa, 2);
		assert_int_equal(0, be32_get(pv->cpu.scb->ipb)); /* no address of the guest's */
		assert_int_equal(0x5ec2e70000000001, pv_shown(pv, 1));
		expect_masked(pv, 1 << 1);
		for (unsigned int n = 0; n < instructions[i].in; n++)
			assert_int_equal(0x33, pv->sida[n]);
		assert_int_equal(0, instructions[i].in || instructions[i].out
					    ? pv->sida[instructions[i].in]
					    : 0);
		memset(pv->sida, 0x44, PAGE_SIZE);
		pv_answer_cc(pv, 1);
		pv_expect(pv, ICPT_PV_NOTIFY);
		assert_int_equal(1, pv_cc(pv));
		for (unsigned int n = 0; n <= instructions[i].out; n++)
			assert_int_equal(n < instructions[i].out ? 0x44 : 0x33, data[n]);
		assert_int_equal(0x5ec2e70000000001, pv->state->gprs[1]);
	}
}

/* cc 3 means that there is no such subchannel: nothing is stored */
static void not_operational_stores_nothing(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xb2\x34\x30\x00" YIELD, 8); /* stsch 0(3) */
	pv_import(pv, DATA);
	pv->state->gprs[3] = DATA;
	pv_expect(pv, ICPT_PV_INSTR);
	memset(pv->sida, 0x44, PAGE_SIZE);
	pv_answer_cc(pv, 3);
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(3, pv_cc(pv));
	assert_int_equal(0, *pv_secure(pv, DATA));
	/* where the result would go is tested before anybody is asked */
	pv->state->psw.addr = CODE;
	pv->state->gprs[3] = DATA + 1;
	pv_expect_program(pv, 0x06);
}

/* Identification, keys, timers, PSW and control registers are the machine's business */
static void these_stay_inside(void **state)
{
	static const char code[] = "\xb2\x02\x30\x00"         /* stidp 0(3) */
				   "\xb2\x12\x30\x08"         /* stap 8(3) */
				   "\xb2\xb1\x00\x00"         /* stfl 0 */
				   "\xb2\x11\x30\x10"         /* stpx 16(3) */
				   "\xb9\x8d\x00\x42"         /* epsw 4,2 */
				   "\xb2\x2b\x00\x53"         /* sske 5,3 */
				   "\xb2\x29\x00\x63"         /* iske 6,3 */
				   "\xb2\x2a\x00\x03"         /* rrbe 0,3 */
				   "\xe5\x01\x30\x00\x00\x00" /* tprot 0(3),0 */
				   "\xb9\xaf\x00\x53"         /* pfmf 5,3 */
				   "\xb2\x2c\x00\x03"         /* tb 0,3 */
				   "\xb2\x08\x30\x20"         /* spt 32(3) */
				   "\xb2\x09\x30\x20"         /* stpt 32(3) */
				   "\xb2\x04\x30\x20"         /* sck 32(3) */
				   "\xeb\x22\x30\x20\x00\x2f" /* lctlg 2,2,32(3) */
				   "\xeb\x22\x30\x20\x00\x25" /* stctg 2,2,32(3) */
		YIELD;
	struct pv *pv = *state;

	pv_start(pv, code, sizeof(code) - 1);
	pv_import(pv, DATA);
	pv->state->gprs[3] = DATA;
	pv->state->gprs[5] = 0;
	pv_expect(pv, ICPT_PV_NOTIFY);
	assert_int_equal(CODE + sizeof(code) - 1, pv->state->psw.addr);
	assert_int_equal(0x44, pv_shown(pv, 5));
}

/* A row as row_text_operands() makes it, condition code 2, and a notification behind it */
static unsigned int start_row(struct pv *pv, const struct insn *row)
{
	uint8_t text[10];
	unsigned int length = row_text_operands(row, text);

	memcpy(text + length, YIELD, 4);
	pv_start(pv, text, length + 4);
	pv_import(pv, DATA);
	memset(pv_secure(pv, 0), 0, 0x120);
	memset(pv_secure(pv, DATA), 0, PAGE_SIZE);
	if (row->opcode == 0xb220)
		((uint8_t *)pv_secure(pv, DATA))[1] = 8; /* SERVC: the least length of a block */
	memset(pv->state->gprs, 0, sizeof(pv->state->gprs));
	pv->state->gprs[2] = pv->state->gprs[3] = DATA;
	pv->state->psw.mask |= 2UL << 44;
	return length;
}

static void expect_row(struct pv *pv, const struct insn *row, uint8_t icpt)
{
	assert_int_equal(SIE_INTERCEPT, pv_run(pv));
	if (pv->cpu.scb->icptcode != icpt)
		print_message("%s: interception %02x\n", row->name, pv->cpu.scb->icptcode);
	assert_int_equal(icpt, pv->cpu.scb->icptcode);
}

/* What the rows say of protected CPUs; those that stay are like an ordinary one's */
static void every_row(void **state)
{
	static const uint64_t all[4] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
	struct pv *pv = *state;

	sie_vm_set_facilities(pv->vm, all, 4);
	for (unsigned int r = 0; r < insn_rows_nr; r++) {
		const struct insn *row = &insn_rows[r];
		unsigned int length;

		if (row->interception == SIE_STAYS || row->interception == SIE_FUNCTION ||
		    row->interception == SIE_IF_PINNED)
			continue;
		/* DAT has to be on; zeros in the register are wanted: test_keys.c,
		 * these_stay_inside */
		if (!strcmp(row->name, "IVSK") || !strcmp(row->name, "PFMF"))
			continue;
		length = start_row(pv, row);
		switch (row->interception) {
		case SIE_ALWAYS:
			expect_row(pv, row, ICPT_PV_INSTR);
			assert_int_equal(row->opcode >> 8, be16_get(pv->cpu.scb->ipa) >> 8);
			pv_answer_cc(pv, 3);
			expect_row(pv, row, ICPT_PV_NOTIFY);
			break;
		case SIE_NOTIFIES:
			expect_row(pv, row, ICPT_PV_NOTIFY);
			assert_int_equal(row->opcode, be16_get(pv->cpu.scb->ipa));
			expect_row(pv, row, ICPT_PV_NOTIFY);
			break;
		case SIE_REFUSED:
			pv_expect_program(pv, 0x01);
			continue;
		default:
			if (row->cc == CC_LOADED)
				continue; /* no way back */
			expect_row(pv, row, ICPT_PV_NOTIFY);
			break;
		}
		/* The notification behind it, and nothing else since */
		assert_int_equal(0x8302, be16_get(pv->cpu.scb->ipa));
		assert_int_equal(CODE + length + 4, pv->state->psw.addr);
		assert_int_equal(
			row->cc == CC_UNCHANGED && row->interception != SIE_ALWAYS ? 2 : pv_cc(pv),
			pv_cc(pv));
	}
}

/* Loops end the guest, and tell the host no more than that */
static void loops(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\x00\x00", 2);
	fill_state(pv);
	pv_set8(pv_secure(pv, 0x1d0), 1);
	pv_set8(pv_secure(pv, 0x1d8), 1);
	pv_expect(pv, ICPT_PROGI);
	assert_int_equal(0, be16_get(pv->cpu.scb->iprcc));
	assert_int_equal(0, be16_get(pv->cpu.scb->pgmilc));
	expect_masked(pv, 0);
}

static void external_loop_shows_its_new_psw(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xa7\xf4\x00\x00", 4);
	pv->state->psw.mask |= PSW_MASK_EXT;
	pv->state->crs[0] |= 0x800;
	pv->state->clock_comparator = 0;
	pv_set8(pv_secure(pv, 0x1b0), PSW_MASK_64 | PSW_MASK_EXT);
	pv_set8(pv_secure(pv, 0x1b8), 0x4000);
	pv_expect(pv, ICPT_EXTINT);
	assert_int_equal(0x1004, be16_get(pv->cpu.scb->eic));
	assert_int_equal(PSW_MASK_64 | PSW_MASK_EXT, be64_get(pv->cpu.scb->gpsw_mask));
	assert_int_equal(0x4000, be64_get(pv->cpu.scb->gpsw_addr));
}

static void waits_and_stops(void **state)
{
	struct pv *pv = *state;

	pv_start(pv, "\xb2\xb2\x03\x10", 4); /* lpswe 0x310: an enabled wait */
	fill_state(pv);
	pv_set8(pv_secure(pv, 0x310), PSW_MASK_64 | PSW_MASK_WAIT | PSW_MASK_EXT);
	pv_set8(pv_secure(pv, 0x318), 0x5ec0);
	pv_expect(pv, ICPT_WAIT);
	assert_int_equal(PSW_MASK_WAIT | PSW_MASK_EXT, be64_get(pv->cpu.scb->gpsw_mask));
	expect_masked(pv, 0);
	pv->cpu.scb->cpuflags = be32_make(CPUSTAT_STOP_INT);
	pv_expect(pv, ICPT_STOP);
	expect_masked(pv, 0);
	pv->cpu.scb->cpuflags = be32_make(0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, pv_setup, pv_teardown)
	const struct CMUnitTest tests[] = {
		CASE(notifications_show_and_take_nothing),
		CASE(channel_instructions),
		CASE(not_operational_stores_nothing),
		CASE(these_stay_inside),
		CASE(every_row),
		CASE(loops),
		CASE(external_loop_shows_its_new_psw),
		CASE(waits_and_stops),
	};

	return cmocka_run_group_tests_name("sie-pv-boundary", tests, NULL, NULL);
}
