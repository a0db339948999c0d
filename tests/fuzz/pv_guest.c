/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random code and PSWs as a protected guest, with a host that answers anything:
 * registers, condition code, interruption to inject, bytes of the SIDA.
 *
 * Input: PSW mask and address; a byte with the number of registers (number, 8 bytes
 * each: general, then control); a byte with the number of answers (register, its 8
 * bytes, PSW byte with the condition code, injection control, place in the SIDA (2
 * bytes), byte there); pieces of storage: address (2 bytes), length, bytes.
 */
#include <stdatomic.h>

#include "tests/fuzz/budget.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/sie/pv_rig.h"

#define PAGES       16U
#define MAX_RUNS    64
#define MAX_ANSWERS 16U

struct answer {
	uint8_t reg;
	uint64_t value;
	uint8_t psw;
	uint8_t iictl;
	uint16_t at;
	uint8_t byte;
};

static void read_state(struct pv *pv, struct fuzz_input *in)
{
	pv->state->psw.mask = fuzz_u64(in);
	pv->state->psw.addr = fuzz_u64(in);
	for (unsigned int n = fuzz_u8(in) % 33; n; n--) {
		uint8_t nr = fuzz_u8(in);
		uint64_t v = fuzz_u64(in);

		if (nr & 16)
			pv->state->crs[nr & 15] = v;
		else
			pv->state->gprs[nr & 15] = v;
	}
}

static unsigned int read_answers(struct fuzz_input *in, struct answer *answers)
{
	unsigned int n = fuzz_u8(in) % (MAX_ANSWERS + 1);

	for (unsigned int i = 0; i < n; i++)
		answers[i] = (struct answer){
			.reg = fuzz_u8(in) & 15,
			.value = fuzz_u64(in),
			.psw = fuzz_u8(in),
			.iictl = fuzz_u8(in),
			.at = fuzz_u16(in) % PAGE_SIZE,
			.byte = fuzz_u8(in),
		};
	return n;
}

/* As in guest.c: a program interruption goes on behind the instruction, others end the run. */
static void put_handlers(struct pv *pv)
{
	static const uint8_t go_on[] = {0xb2, 0xb2, 0x01, 0x50};

	for (gpa_t old = 0x120; old <= 0x170; old += 0x10) {
		pv_set8(pv_secure(pv, old + 0x80),
			PSW_MASK_64 | (old == 0x150 ? 0 : PSW_MASK_WAIT));
		pv_set8(pv_secure(pv, old + 0x88), HANDLER);
	}
	memcpy(pv_secure(pv, HANDLER), go_on, sizeof(go_on));
}

static void read_storage(struct pv *pv, struct fuzz_input *in)
{
	for (unsigned int page = 0; page < PAGES; page++)
		(void)fx_import(pv->f, pv->g, page * PAGE_SIZE);
	put_handlers(pv);
	while (in->left) {
		unsigned int at = fuzz_u16(in);

		for (unsigned int n = fuzz_u8(in); n; n--, at++)
			*pv_secure(pv, at % (PAGES * PAGE_SIZE)) = fuzz_u8(in);
	}
}

static void give(struct pv *pv, const struct answer *a)
{
	pv->cpu.scb->pv_grregs[a->reg] = be64_make(a->value);
	pv->cpu.scb->gpsw_mask = be64_make((uint64_t)a->psw << 40);
	pv->cpu.scb->iictl = a->iictl;
	pv->sida[a->at] = a->byte;
}

static void kick(void *cpu)
{
	sie_kick(cpu);
}

/* Return: go on? */
static bool run(struct pv *pv)
{
	enum sie_result result;

	budget_begin(kick, pv->sie);
	result = pv_run(pv);
	budget_end();
	switch (result) {
	case SIE_INTERCEPT:
		fuzz_must(pv->cpu.scb->icptcode);
		return pv->cpu.scb->icptcode != ICPT_VALIDITY;
	case SIE_FAULT:
		fuzz_must(pv->fault.gpa % PAGE_SIZE == 0);
		return pv->fault.gpa < pv->g->msl &&
		       fx_import(pv->f, pv->g, pv->fault.gpa) == UVC_RC_EXECUTED;
	case SIE_KICKED:
	case SIE_NO_MEMORY:
		break;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct answer answers[MAX_ANSWERS];
	unsigned int nr_answers;
	void *state;
	struct pv *pv;

	fuzz_must(!pv_setup(&state));
	pv = state;
	read_state(pv, &in);
	nr_answers = read_answers(&in, answers);
	read_storage(pv, &in);
	for (unsigned int n = 0; n < MAX_RUNS && run(pv); n++)
		if (n < nr_answers)
			give(pv, &answers[n]);
	pv_teardown(&state);
	return 0;
}
