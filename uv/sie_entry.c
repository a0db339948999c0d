/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entry into and exit from SIE of a protected CPU, ultravisor.md 5.5. */
#include "storage/frame.h"
#include "uv/call.h"
#include "uv/injection.h"

/* Validity interception reasons, in the order of the checks */
#define VIR_CONFIG_HANDLE 0x2001
#define VIR_CPU_HANDLE    0x2002
#define VIR_HANDLE_PAIR   0x2003
#define VIR_ASCE          0x2004
#define VIR_IN_SIE        0x2005
#define VIR_TIMER         0x2006
#define VIR_CPU_STATE     0x2007
#define VIR_INJECTION     0x2008
#define VIR_SIDA_SCA      0x2009
#define VIR_DUMPING       0x200a

#define IPA_SERVC 0xb220

#define SCA_ADDRESS (~0x3fUL)

/** PSW_SHORT_ADDR - address part of the 64-bit PSW that stands at absolute 0 for a load */
#define PSW_SHORT_ADDR 0x7fffffffUL

/* The timer runs backwards: it may not have grown, nor lost more than the time outside SIE. */
static bool timer_plausible(const struct uv_cpu *cpu, const struct kvm_s390_sie_block *scb,
			    uint64_t now)
{
	int64_t lost = (int64_t)(cpu->stor->exit_timer - be64_get(scb->cputm));
	int64_t outside = (int64_t)(now - cpu->stor->exit_tod);

	return !cpu->stor->timer_known || (lost >= 0 && lost <= outside);
}

static bool may_run(const struct uv_cpu *cpu)
{
	return uv_cpu_operating(cpu) &&
	       atomic_load(&cpu->config->image_state) == UV_IMAGE_VERIFIED &&
	       atomic_load(&cpu->config->reset) == UV_RESET_NONE;
}

static bool areas_ok(const struct uv_cpu *cpu, const struct kvm_s390_sie_block *scb)
{
	struct uv *uv = cpu->config->uv;
	uint64_t sidad = be64_get(scb->sidad);
	size_t sida_len = ((sidad & ~PAGE_MASK) + 1) * PAGE_SIZE;
	abs_t sca = (uint64_t)be32_get(scb->scaoh) << 32 | be32_get(scb->scaol);

	if ((sidad & ~PAGE_MASK) > 0xff || !uv_host_ptr(uv, sidad & PAGE_MASK, sida_len))
		return false;
	return !((sca ^ cpu->config->sca) & SCA_ADDRESS) && uv_host_ptr(uv, cpu->config->sca, 1);
}

static uint16_t check_entry(const struct uv_cpu *cpu, uint64_t asce,
			    const struct kvm_s390_sie_block *scb, uint64_t now)
{
	if (cpu->gone)
		return VIR_CPU_HANDLE;
	if (asce != cpu->config->asce)
		return VIR_ASCE;
	if (cpu->in_sie)
		return VIR_IN_SIE;
	if (!timer_plausible(cpu, scb, now))
		return VIR_TIMER;
	if (!may_run(cpu))
		return VIR_CPU_STATE;
	if (!uv_injection_legal(cpu, scb))
		return VIR_INJECTION;
	if (!areas_ok(cpu, scb))
		return VIR_SIDA_SCA;
	if (atomic_load(&cpu->config->dumping))
		return VIR_DUMPING;
	return 0;
}

/* ---- the PSW of an operating-load CPU ---- */

/* Read under the frame's lock: an export by the host cannot come in between. */
static bool read_locked(const struct uv_owner *o, struct frame *f, uint64_t word, uint64_t *value)
{
	enum frame_state state = frame_word_state(word);
	const be64_t *page;

	if (frame_word_owner(word) != o->index || frame_word_gpa(word) != o->mso)
		return false;
	page = (const be64_t *)(state == FRAME_SEC ? frame_secure(f) : frame_ordinary(f));
	*value = be64_get(*page);
	return true;
}

static bool read_absolute_0(const struct uv_cpu *cpu, uint64_t *value)
{
	const struct uv_owner *o = cpu->config->owner;
	struct uv *uv = cpu->config->uv;
	struct frame f;
	abs_t addr;
	bool ok;

	if (uv->ops.translate(uv->machine, cpu->config->asce, o->mso, &addr) ||
	    frame_get(uv->storage, addr, &f))
		return false;
	ok = read_locked(o, &f, frame_lock(&f), value);
	frame_unlock(&f);
	frame_put(&f);
	return ok;
}

/*
 * If page 0 is not there the CPU stays as it is: the engine finds the prefix page missing, the
 * host brings it, and the next entry loads.
 */
static void load_psw(struct uv_cpu *cpu)
{
	struct psw *psw = &cpu->stor->state.psw;
	uint64_t word;

	if (cpu->state != PV_CPU_STATE_OPR_LOAD)
		return;
	if (atomic_load(&cpu->config->psw_from_image)) {
		*psw = cpu->config->base->image.psw;
	} else {
		if (!read_absolute_0(cpu, &word))
			return;
		psw->mask = (word & ~PSW_SHORT_ADDR) ^ PSW_MASK_SHORT;
		psw->addr = word & PSW_SHORT_ADDR;
	}
	cpu->state = PV_CPU_STATE_OPR;
}

/* ---- entry and exit ---- */

static uint64_t tod(const struct uv_cpu *cpu)
{
	const struct uv *uv = cpu->config->uv;

	return uv->ops.tod(uv->machine);
}

static uint16_t enter(struct uv_cpu *cpu, uint64_t asce, struct kvm_s390_sie_block *scb)
{
	uint64_t now;
	uint16_t vir;

	pthread_mutex_lock(&cpu->lock);
	now = tod(cpu);
	vir = check_entry(cpu, asce, scb, now);
	if (!vir && !uv_injection_accept(cpu, scb))
		vir = VIR_INJECTION;
	if (!vir) {
		cpu->in_sie = true;
		cpu->entered_at = now;
		cpu->scb = scb;
		cpu->stor->state.cpu_timer = be64_get(scb->cputm);
		load_psw(cpu);
	}
	pthread_mutex_unlock(&cpu->lock);
	return vir;
}

/* @cpu and its configuration are not a pair: why not? */
static uint16_t no_pair(struct uv_handles *handles, uint64_t config_handle,
			const struct uv_object *cpu)
{
	struct uv_object *config = uv_handle_find(handles, config_handle, UV_HANDLE_CONFIG);

	if (!config)
		return VIR_CONFIG_HANDLE;
	uv_object_put(config);
	return cpu ? VIR_HANDLE_PAIR : VIR_CPU_HANDLE;
}

/* A configuration keeps its handle as long as it has CPUs: a pair needs no second search. */
uint16_t uv_sie_enter(struct uv *uv, uint64_t asce, struct kvm_s390_sie_block *scb,
		      struct uv_cpu **cpu)
{
	struct uv_handles *handles = uv_handles(uv);
	uint64_t config_handle = be64_get(scb->pv_handle_config);
	struct uv_object *o = uv_handle_find(handles, be64_get(scb->pv_handle_cpu), UV_HANDLE_CPU);
	uint16_t vir;

	if (o && uv_cpu_of(o)->config->object.handle == config_handle)
		vir = enter(uv_cpu_of(o), asce, scb);
	else
		vir = no_pair(handles, config_handle, o);
	/* while it is in SIE its handle stands, so no reference is needed */
	if (!vir)
		*cpu = uv_cpu_of(o);
	if (o)
		uv_object_put(o);
	return vir;
}

uint64_t uv_sie_entered_at(const struct uv_cpu *cpu)
{
	return cpu->entered_at;
}

void uv_sie_leave(struct uv_cpu *cpu)
{
	uv_sie_leave_at(cpu, tod(cpu));
}

void uv_sie_leave_at(struct uv_cpu *cpu, uint64_t now)
{
	struct uv_cpu_stor *stor = cpu->stor;

	pthread_mutex_lock(&cpu->lock);
	stor->exit_code = cpu->scb->icptcode;
	stor->exit_timer = be64_get(cpu->scb->cputm);
	stor->exit_tod = now;
	stor->timer_known = true;
	if (stor->exit_code == ICPT_PV_NOTIFY && be16_get(cpu->scb->ipa) == IPA_SERVC)
		atomic_store(&cpu->config->service_call, UV_SERVICE_CALL | stor->sccb);
	cpu->scb = NULL;
	cpu->in_sie = false;
	pthread_mutex_unlock(&cpu->lock);
}

void uv_service_call(struct uv_cpu *cpu, uint32_t sccb)
{
	cpu->stor->sccb = sccb;
}

uint32_t uv_service_answer(const struct uv_cpu *cpu)
{
	return cpu->stor->sccb;
}

void uv_injection_held(struct uv_cpu *cpu, bool held)
{
	cpu->stor->held = held;
}

struct cpu_state *uv_cpu_state(struct uv_cpu *cpu)
{
	return &cpu->stor->state;
}

const struct uv_config *uv_cpu_config(const struct uv_cpu *cpu)
{
	return cpu->config;
}

uint8_t *uv_cpu_sida(const struct uv_cpu *cpu, size_t *len)
{
	uint64_t sidad = be64_get(cpu->scb->sidad);

	*len = ((sidad & ~PAGE_MASK) + 1) * PAGE_SIZE;
	return uv_host_ptr(cpu->config->uv, sidad & PAGE_MASK, *len);
}
