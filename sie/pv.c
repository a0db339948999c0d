/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry and exit of a protected CPU: what the host asked for, and what it may
 * see. ultravisor.md 5.1 and 5.4.
 */
#include "sie/pv.h"

#include <string.h>

#include "sie/intercept.h"
#include "sie/mem.h"

#define EIC_SERVICE_SIGNAL 0x2401
#define SERVICE_EVENTS     3U

/* The host chose an SCCB address of its own; the guest gets its real one. */
static uint32_t service_parameter(struct sie_cpu *cpu, uint32_t parameter)
{
	if (!(parameter & ~SERVICE_EVENTS))
		return parameter & SERVICE_EVENTS;
	return uv_service_answer(cpu->secure) | (parameter & SERVICE_EVENTS);
}

/* Consumed here: the host need not know when it is delivered */
static void take_injection(struct sie_cpu *cpu, struct pv_injection *in)
{
	struct kvm_s390_sie_block *scb = cpu->scb;

	*in = (struct pv_injection){.kind = scb->iictl};
	scb->iictl = IICTL_CODE_NONE;
	switch (in->kind) {
	case IICTL_CODE_EXT:
		in->ext.code = be16_get(scb->eic);
		in->ext.cpu_address = be16_get(scb->extcpuaddr);
		in->ext.parameter = be32_get(scb->eiparams);
		if (in->ext.code == EIC_SERVICE_SIGNAL)
			in->ext.parameter = service_parameter(cpu, in->ext.parameter);
		break;
	case IICTL_CODE_IO:
		in->io.id = be16_get(scb->subchannel_id);
		in->io.nr = be16_get(scb->subchannel_nr);
		in->io.parameter = be32_get(scb->io_int_parm);
		in->io.word = be32_get(scb->io_int_word);
		break;
	case IICTL_CODE_MCHK:
		in->mchk.code = be64_get(scb->mcic);
		in->mchk.external_damage = be32_get(scb->edc);
		in->mchk.failing_storage = be64_get(scb->faddr);
		break;
	default:
		break;
	}
}

/* The instruction of the last interception ends in this instead of a result */
static enum exec inject_program(struct sie_cpu *cpu, uint16_t code)
{
	uint64_t behind = cpu->ia;

	program_interrupt(cpu, code);
	return present_program(cpu, behind - cpu->pv.ilc, cpu->pv.ilc, behind);
}

static enum exec deliver(struct sie_cpu *cpu, const struct pv_injection *in)
{
	switch (in->kind) {
	case IICTL_CODE_MCHK:
		return present_machine_check(cpu, &in->mchk);
	case IICTL_CODE_EXT:
		return present_external(cpu, &in->ext);
	case IICTL_CODE_IO:
		return present_io(cpu, &in->io);
	case IICTL_CODE_RESTART:
		return present_restart(cpu);
	case IICTL_CODE_SPECIFICATION:
		return inject_program(cpu, PGM_SPECIFICATION);
	case IICTL_CODE_OPERAND:
		return inject_program(cpu, PGM_OPERAND);
	default:
		return EXEC_NEXT;
	}
}

/* One that could not be delivered because a page was missing comes first. */
static enum exec inject_held(struct sie_cpu *cpu)
{
	enum exec st = deliver(cpu, &cpu->pv.held);

	if (st == EXEC_NEXT)
		cpu->pv.held.kind = IICTL_CODE_NONE;
	return st;
}

/* Both prefix pages have to be the guest's own, now. */
static enum exec check_prefix(struct sie_cpu *cpu)
{
	uint8_t *page;

	for (unsigned int i = 0; i < 2; i++) {
		if (absolute_store_page(cpu, cpu->state->prefix + i * PAGE_SIZE, &page) ==
		    EXEC_NEXT)
			continue;
		intercept_code(cpu, ICPT_PV_PREF);
		return EXEC_INTERCEPT_AT;
	}
	return EXEC_NEXT;
}

static bool is_program(uint8_t kind)
{
	return kind == IICTL_CODE_SPECIFICATION || kind == IICTL_CODE_OPERAND;
}

/* A CPU that was destroyed, made anew or reset since then gets neither the old answer nor the old
 * interruption. */
static void drop_stale(struct sie_cpu *cpu)
{
	struct pv_state *pv = &cpu->pv;
	uint64_t handle = be64_get(cpu->scb->pv_handle_cpu);

	if (pv->handle != handle)
		*pv = (struct pv_state){.handle = handle};
	if (pv->answer_psw.addr != cpu->state->psw.addr ||
	    pv->answer_psw.mask != cpu->state->psw.mask) {
		pv->answer = NULL;
		pv->held.kind = IICTL_CODE_NONE;
	}
}

enum exec pv_enter(struct sie_cpu *cpu)
{
	struct pv_injection in;

	drop_stale(cpu);
	pv_capture_answer(cpu);
	cpu->scb->icptcode = 0;
	take_injection(cpu, &in);
	if (is_program(in.kind))
		cpu->pv.answer = NULL;
	if (cpu->pv.held.kind == IICTL_CODE_NONE) {
		cpu->pv.held = in;
		in.kind = IICTL_CODE_NONE;
	}
	TRY(check_prefix(cpu));
	if (cpu->pv.answer)
		TRY(pv_take_answer(cpu));
	TRY(inject_held(cpu));
	cpu->pv.held = in;
	return inject_held(cpu);
}

/* ---- exit ---- */

/* What the host needs to decide about interruptions, and the condition code */
#define INTERRUPTS   (PSW_MASK_IO | PSW_MASK_EXT | PSW_MASK_MCHECK)
#define VISIBLE_PSW  (INTERRUPTS | PSW_MASK_WAIT | PSW_MASK_CC)
#define VISIBLE_CR0  0xfe40UL
#define VISIBLE_CR6  0xff000000UL
#define VISIBLE_CR14 0x1f000000UL

static void show_control_registers(struct sie_cpu *cpu)
{
	const uint64_t *crs = cpu->state->crs;
	be64_t *gcr = cpu->scb->gcr;

	memset(gcr, 0, sizeof(cpu->scb->gcr));
	gcr[0] = be64_make(crs[0] & VISIBLE_CR0);
	gcr[6] = be64_make(crs[6] & VISIBLE_CR6);
	gcr[14] = be64_make(crs[14] & VISIBLE_CR14);
}

void pv_exit(struct sie_cpu *cpu, bool intercepted)
{
	struct kvm_s390_sie_block *scb = cpu->scb;
	/* Nothing more may be injected before it has been delivered */
	bool held = cpu->pv.held.kind != IICTL_CODE_NONE;
	uint64_t visible = held ? VISIBLE_PSW & ~INTERRUPTS : VISIBLE_PSW;

	uv_injection_held(cpu->secure, held);
	if (!intercepted)
		scb->icptcode = 0;
	if (scb->icptcode != ICPT_PV_INSTR && scb->icptcode != ICPT_PV_NOTIFY && intercepted)
		memset(scb->pv_grregs, 0, sizeof(scb->pv_grregs));
	/* An external loop shows the new PSW that makes it one */
	if (scb->icptcode != ICPT_EXTINT) {
		scb->gpsw_mask = be64_make(cpu->state->psw.mask & visible);
		scb->gpsw_addr = be64_make(0);
	}
	cpu->pv.answer_psw = cpu->state->psw;
	scb->cputm = be64_make(cpu->state->cpu_timer);
	scb->ckc = be64_make(cpu->state->clock_comparator);
	show_control_registers(cpu);
}
