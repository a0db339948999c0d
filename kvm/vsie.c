// SPDX-License-Identifier: GPL-2.0-or-later
/* SIE as an instruction of a guest: enter, run, and why guest 3 came back. */
#include "kvm/vsie.h"

#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/faultin.h"
#include "kvm/gmap.h"
#include "kvm/machine_state.h"
#include "sie/sie.h"

#define VIR_PREFIX   0x0037U
#define VIR_FACILITY 0x1090U

#define FACILITY_STFLE 7

#define IPA_STFLE 0xb2b0
#define IPA_MVPG  0xb254

/** LOOK_INTERVAL - TOD units until guest 2's requests and timers are looked at: 200 us */
#define LOOK_INTERVAL (200UL * 4096)

/* ---- what the engine asks for; the table it is handed is the vCPU's vsie_page ---- */

int vsie_translate(struct vsie_page *vsie_page, gpa_t gpa, enum gacc_mode mode,
		   struct kvm_s390_shadow *shadow)
{
	const struct vsie_mapping *m = &vsie_page->mapping;
	uint64_t saddr = gpa + m->mso;

	if (saddr < gpa || (!m->unlimited && saddr > m->msl))
		return PGM_ADDRESSING;
	return kvm_s390_shadow_fault(vsie_page->vcpu, saddr, mode, shadow);
}

static struct vsie_page *page_of(uint64_t asce)
{
	return (struct vsie_page *)(uintptr_t)asce;
}

/*
 * A protected CPU whose prefix area is missing tells guest 2, who can do nothing about what only
 * KVM has not mapped yet: so it is mapped here. The CPU counts as outside.
 */
static int find_frame(struct kvm *kvm, gpa_t gpa, abs_t *frame)
{
	int rc = gmap_walk(kvm->machine->storage, kvm_gmap_asce(kvm), gpa, frame);

	if (!kvm->arch.uv_host)
		return rc;
	*frame = gpa & PAGE_MASK; /* as guest 2's Ultravisor knows it */
	return rc ? kvm_s390_faultin_gfn(kvm, gpa) : 0;
}

static int env_translate(void *owner, uint64_t asce, gpa_t gpa, abs_t *frame)
{
	struct vsie_page *vsie_page = page_of(asce);
	struct kvm_s390_shadow shadow;
	struct kvm *kvm = owner;
	int rc = vsie_translate(vsie_page, gpa, GACC_FETCH, &shadow);

	if (rc)
		return rc == PGM_ADDRESSING ? -EFAULT : -ENXIO;
	if (find_frame(kvm, shadow.gpa, frame))
		return -ENXIO;
	if (shadow.protect)
		*frame |= SIE_FRAME_PROTECTED;
	vsie_page->last_gpa = gpa & PAGE_MASK;
	vsie_page->last_abs = shadow.gpa & PAGE_MASK;
	return 0;
}

static uint64_t env_tod(void *owner)
{
	return kvm_s390_get_tod(owner);
}

static uint64_t env_epoch(void *owner)
{
	const struct kvm *kvm = owner;

	return atomic_load(&kvm->arch.epoch);
}

/* Asked for right behind the translation */
static _Atomic uint8_t *env_storage_key(void *owner, uint64_t asce, gpa_t gpa)
{
	struct vsie_page *vsie_page = page_of(asce);
	struct kvm_s390_shadow shadow = {.gpa = vsie_page->last_abs};
	struct kvm *kvm = owner;

	if (vsie_page->last_gpa != (gpa & PAGE_MASK) &&
	    vsie_translate(vsie_page, gpa, GACC_FETCH, &shadow))
		return NULL;
	return gmap_storage_key(kvm->machine->storage, kvm_gmap_asce(kvm), shadow.gpa);
}

static const struct sie_env vsie_env = {
	.translate = env_translate,
	.tod = env_tod,
	.epoch = env_epoch,
	.storage_key = env_storage_key,
};

/* ---- life ---- */

int kvm_s390_vsie_create(struct kvm_vcpu *vcpu)
{
	struct kvm_arch *arch = &vcpu->kvm->arch;
	struct vsie_page *vsie_page;

	if (!test_kvm_cpu_feat(vcpu->kvm, KVM_S390_VM_CPU_FEAT_SIEF2))
		return 0;
	if (!arch->nested)
		arch->nested = sie_vm_create_nested(arch->sie, &vsie_env, vcpu->kvm);
	vsie_page = host_zalloc(sizeof(*vsie_page));
	if (vsie_page && arch->nested)
		vsie_page->sie = sie_cpu_create_nested(arch->nested, vcpu->arch.sie);
	if (!vsie_page || !vsie_page->sie) {
		host_free(vsie_page);
		return -ENOMEM;
	}
	vsie_page->vcpu = vcpu;
	vsie_page->scb_gpa = VSIE_UNUSED;
	vsie_page->state.cpu_addr = (uint16_t)vcpu->vcpu_id;
	vcpu->arch.vsie = vsie_page;
	return 0;
}

void kvm_s390_vsie_destroy(struct kvm_vcpu *vcpu)
{
	if (!vcpu->arch.vsie)
		return;
	sie_cpu_destroy(vcpu->arch.vsie->sie);
	host_free(vcpu->arch.vsie);
	vcpu->arch.vsie = NULL;
}

/* ---- guest 3 came back ---- */

static void clear_vsie_icpt(struct vsie_page *vsie_page)
{
	vsie_page->scb_s.icptcode = 0;
}

static uint8_t icpt_ilen(const struct kvm_s390_sie_block *scb_s)
{
	uint8_t opcode = (uint8_t)(be16_get(scb_s->ipa) >> 8), execute;

	if (!(scb_s->icptstatus & 1))
		return opcode >> 6 == 0 ? 2 : opcode >> 6 == 3 ? 6 : 4;
	execute = scb_s->icptstatus >> 4 & 6;
	return execute ? execute : 4;
}

/** retry_vsie_icpt() - guest 3 executes the instruction again */
static void retry_vsie_icpt(struct vsie_page *vsie_page)
{
	struct kvm_s390_sie_block *scb_s = &vsie_page->scb_s;
	uint64_t mode = be64_get(scb_s->gpsw_mask) & PSW_MASK_64;
	uint64_t mask = mode == PSW_MASK_64     ? UINT64_MAX
			: mode == PSW_MASK_BASE ? 0x7fffffffUL
						: 0xffffffUL;

	scb_s->gpsw_addr = be64_make((be64_get(scb_s->gpsw_addr) - icpt_ilen(scb_s)) & mask);
	clear_vsie_icpt(vsie_page);
}

/** inject_fault() - guest 2 gets what its own tables say. Return: 1 or -errno */
static int inject_fault(struct kvm_vcpu *vcpu, uint16_t code, uint64_t vaddr, bool write_flag)
{
	struct kvm_s390_pgm_info pgm = {.code = code};
	int rc;

	if (code != PGM_TRANSLATION_SPEC) {
		pgm.trans_exc_code = (vaddr & PAGE_MASK) | (write_flag ? 0x400 : 0x800);
		if (code == PGM_PROTECTION || code >= PGM_SECURE_STORAGE)
			pgm.trans_exc_code |= 0x4;
	}
	rc = kvm_s390_inject_prog_irq(vcpu, &pgm);
	return rc ? rc : 1;
}

/** handle_fault() - a page of guest 3: guest 2's business or ours. Return: 0 go on; 1; -errno */
static int handle_fault(struct kvm_vcpu *vcpu, const struct sie_fault *fault)
{
	struct vsie_page *vsie_page = vcpu->arch.vsie;
	struct sie_fault own = {.code = fault->code, .write = fault->write};
	struct kvm_s390_shadow shadow;
	int rc = vsie_translate(vsie_page, fault->gpa, fault->write ? GACC_STORE : GACC_FETCH,
				&shadow);

	if (rc == PGM_ADDRESSING)
		return 0; /* the engine presents it, or it is the prefix */
	if (rc > 0)
		return inject_fault(vcpu, (uint16_t)rc, fault->gpa + vsie_page->mapping.mso,
				    fault->write);
	if (rc)
		return rc;
	if (fault->code >= PGM_SECURE_STORAGE && vcpu->kvm->arch.uv_host)
		return inject_fault(vcpu, fault->code, fault->gpa + vsie_page->mapping.mso,
				    fault->write);
	if (fault->code == SIE_FAULT_PROTECTED) {
		sie_cpu_drop(vsie_page->sie); /* it is not protected any more */
		return 0;
	}
	own.gpa = shadow.gpa & PAGE_MASK;
	rc = kvm_s390_handle_fault(vcpu->kvm, &own);
	return rc == -EFAULT && !kvm_is_gpa_backed(vcpu->kvm, own.gpa) ? 0 : rc;
}

/** handle_stfle() - guest 2 has a facility list for it: read it and let the engine do the rest */
static int handle_stfle(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	uint32_t fac = be32_get(vsie_page->scb_o.fac);
	size_t n = sie_facility_doublewords(vcpu->kvm->arch.sie);
	be64_t list[4];

	if (!fac || !test_kvm_facility(vcpu->kvm, FACILITY_STFLE))
		return 0;
	retry_vsie_icpt(vsie_page);
	/* Format 0: as long as guest 2's own list */
	if (kvm_read_guest_abs(vcpu->kvm, kvm_s390_real_to_abs(vcpu, fac & 0x7ffffff8U), list,
			       n * sizeof(list[0])))
		return set_validity_icpt(&vsie_page->scb_s, VIR_FACILITY);
	for (size_t i = 0; i < n; i++)
		vsie_page->fac[i] = be64_get(list[i]);
	sie_cpu_set_facility_list(vsie_page->sie, vsie_page->fac);
	return 0;
}

/** map_operand() - guest 2 has the page, we have not */
static int map_operand(struct kvm_vcpu *vcpu, const struct kvm_s390_shadow *shadow)
{
	return kvm_s390_handle_fault(vcpu->kvm,
				     &(struct sie_fault){.gpa = shadow->gpa & PAGE_MASK});
}

/** forwarded() - is it for guest 2's own handling of MVPG? Else it is an exception there */
static bool forwarded(const struct kvm_vcpu *vcpu, int rc)
{
	bool edat = vcpu->arch.vsie->mapping.edat && test_kvm_facility(vcpu->kvm, FACILITY_EDAT1);

	return !rc || (edat ? rc != PGM_ASCE_TYPE : rc == PGM_PAGE_TRANSLATION);
}

static int addressing_icpt(struct vsie_page *vsie_page)
{
	struct kvm_s390_sie_block *scb_s = &vsie_page->scb_s;
	uint8_t ilen = icpt_ilen(scb_s);

	memset(&scb_s->mcic, 0,
	       offsetof(struct kvm_s390_sie_block, io_int_word) -
		       offsetof(struct kvm_s390_sie_block, mcic));
	scb_s->icptcode = ICPT_PROGI;
	scb_s->iprcc = be16_make(PGM_ADDRESSING);
	scb_s->pgmilc = be16_make(ilen);
	return 1;
}

/** vsie_handle_mvpg() - partial execution: at least one page is missing */
static int vsie_handle_mvpg(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	struct kvm_s390_sie_block *scb_s = &vsie_page->scb_s;
	gpa_t dest = be64_get(scb_s->pei_dst), src = be64_get(scb_s->pei_src);
	struct kvm_s390_shadow to, from;
	int rc_dest = vsie_translate(vsie_page, dest, GACC_FETCH, &to);
	int rc_src = vsie_translate(vsie_page, src, GACC_FETCH, &from);

	if (rc_dest < 0 || rc_src < 0)
		return rc_dest < 0 ? rc_dest : rc_src;
	if (rc_dest == PGM_ADDRESSING || rc_src == PGM_ADDRESSING)
		return addressing_icpt(vsie_page);
	if (rc_dest == PGM_TRANSLATION_SPEC || rc_src == PGM_TRANSLATION_SPEC) {
		clear_vsie_icpt(vsie_page);
		return inject_fault(vcpu, PGM_TRANSLATION_SPEC, 0, false);
	}
	if (!rc_dest && !rc_src) {
		retry_vsie_icpt(vsie_page);
		rc_dest = map_operand(vcpu, &to);
		return rc_dest ? rc_dest : map_operand(vcpu, &from);
	}
	if (forwarded(vcpu, rc_dest) && forwarded(vcpu, rc_src)) {
		scb_s->pei_dst = be64_make(to.pei);
		scb_s->pei_src = be64_make(from.pei);
		return 1;
	}
	retry_vsie_icpt(vsie_page);
	if (!forwarded(vcpu, rc_dest))
		return inject_fault(vcpu, (uint16_t)rc_dest, dest + vsie_page->mapping.mso, true);
	return inject_fault(vcpu, (uint16_t)rc_src, src + vsie_page->mapping.mso, false);
}

static int handle_icpt(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	uint16_t ipa = be16_get(vsie_page->scb_s.ipa);

	if (is_secure_scb(vsie_page))
		return 0;
	switch (vsie_page->scb_s.icptcode) {
	case ICPT_INST:
		return ipa == IPA_STFLE ? handle_stfle(vcpu, vsie_page) : 0;
	case ICPT_PARTEXEC:
		return ipa == IPA_MVPG ? vsie_handle_mvpg(vcpu, vsie_page) : 0;
	default:
		return 0;
	}
}

/* ---- running ---- */

/* General registers 14 and 15 are in the state description, all others are the CPU's own */
static void load_registers(const struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	const struct cpu_state *own = &vcpu->arch.state;
	struct cpu_state *state = &vsie_page->state;

	memcpy(state->gprs, own->gprs, 14 * sizeof(state->gprs[0]));
	state->gprs[14] = be64_get(vsie_page->scb_s.gg14);
	state->gprs[15] = be64_get(vsie_page->scb_s.gg15);
	memcpy(state->fprs, own->fprs, sizeof(state->fprs));
	memcpy(state->acrs, own->acrs, sizeof(state->acrs));
	state->fpc = own->fpc;
}

static void store_registers(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	const struct cpu_state *state = &vsie_page->state;
	struct cpu_state *own = &vcpu->arch.state;

	memcpy(own->gprs, state->gprs, 14 * sizeof(state->gprs[0]));
	vsie_page->scb_s.gg14 = be64_make(state->gprs[14]);
	vsie_page->scb_s.gg15 = be64_make(state->gprs[15]);
	memcpy(own->fprs, state->fprs, sizeof(state->fprs));
	memcpy(own->acrs, state->acrs, sizeof(state->acrs));
	own->fpc = state->fpc;
}

/** charge_cpu_timer() - guest 2's CPU timer runs while guest 3 does */
static void charge_cpu_timer(struct kvm_vcpu *vcpu, uint64_t units)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	scb->cputm = be64_make(be64_get(scb->cputm) - units);
}

static int do_vsie_run(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	uint64_t start = kvm_s390_get_tod(vcpu->kvm);
	struct sie_fault fault = {0};
	enum sie_result result;

	if (!enter_sie(vcpu))
		return 0;
	sie_cpu_set_deadline(vsie_page->sie, start + LOOK_INTERVAL);
	result = sie_run(vsie_page->sie, (uint64_t)(uintptr_t)vsie_page, &vsie_page->scb_s,
			 &vsie_page->state, &fault);
	leave_sie(vcpu);
	charge_cpu_timer(vcpu, kvm_s390_get_tod(vcpu->kvm) - start);
	switch (result) {
	case SIE_FAULT:
		return handle_fault(vcpu, &fault);
	case SIE_INTERCEPT:
		return handle_icpt(vcpu, vsie_page);
	case SIE_NO_MEMORY:
		return -ENOMEM;
	case SIE_KICKED:
		break;
	}
	return 0;
}

/** map_prefix() - guest 3 cannot be told that its prefix area is not there */
static int map_prefix(struct vsie_page *vsie_page)
{
	gpa_t prefix = be32_get(vsie_page->scb_s.prefix) & SIE_PREFIX_MASK;
	struct kvm_s390_shadow shadow;
	int rc;

	if (is_secure_scb(vsie_page)) /* the engine tells by an interception of its own */
		return 0;
	rc = vsie_translate(vsie_page, prefix, GACC_STORE, &shadow);
	return rc > 0 ? set_validity_icpt(&vsie_page->scb_s, VIR_PREFIX) : rc;
}

/** must_leave() - somebody wants guest 2's CPU */
static bool must_leave(struct kvm_vcpu *vcpu)
{
	return signal_pending(current_task()) || kvm_s390_vcpu_has_irq(vcpu, false) ||
	       atomic_load(&vcpu->immediate_block) || atomic_load(&vcpu->requests);
}

static int vsie_run(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	int rc;

	do {
		rc = map_prefix(vsie_page);
		if (!rc) {
			update_intervention_requests(vcpu, vsie_page);
			rc = do_vsie_run(vcpu, vsie_page);
		}
	} while (!rc && !vsie_page->scb_s.icptcode && !must_leave(vcpu));
	return rc;
}

/** drop_if_moved() - other tables, origin or limit: nothing cached is right any more */
static void drop_if_moved(struct vsie_page *vsie_page, const struct vsie_mapping *before)
{
	const struct vsie_mapping *now = &vsie_page->mapping;

	if (before->asce != now->asce || before->mso != now->mso || before->msl != now->msl ||
	    before->edat != now->edat || before->prefix != now->prefix ||
	    before->unlimited != now->unlimited)
		sie_cpu_drop(vsie_page->sie);
	vsie_page->last_gpa = UINT64_MAX;
}

/** run_shadow() - between the state description's coming and its going */
static int run_shadow(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	struct vsie_mapping before = vsie_page->mapping;
	int rc = shadow_scb(vcpu, vsie_page);

	if (rc)
		return rc;
	drop_if_moved(vsie_page, &before);
	rc = pin_blocks(vcpu, vsie_page);
	if (rc)
		return rc;
	if (is_secure_scb(vsie_page)) /* registers travel through the description */
		return vsie_run(vcpu, vsie_page);
	sie_cpu_set_facility_list(vsie_page->sie, NULL);
	load_registers(vcpu, vsie_page);
	rc = vsie_run(vcpu, vsie_page);
	store_registers(vcpu, vsie_page);
	return rc;
}

/** get_vsie_page() - Return: false if another CPU uses this state description */
static bool get_vsie_page(struct kvm_vcpu *vcpu, gpa_t scb_gpa)
{
	struct kvm *kvm = vcpu->kvm;
	struct kvm_vcpu *other;
	bool free = true;
	uint32_t i;

	pthread_mutex_lock(&kvm->arch.vsie_lock);
	kvm_for_each_vcpu(i, other, kvm) free &=
		!other->arch.vsie || other->arch.vsie->scb_gpa != scb_gpa;
	if (free)
		vcpu->arch.vsie->scb_gpa = scb_gpa;
	pthread_mutex_unlock(&kvm->arch.vsie_lock);
	return free;
}

static void put_vsie_page(struct kvm_vcpu *vcpu)
{
	pthread_mutex_lock(&vcpu->kvm->arch.vsie_lock);
	vcpu->arch.vsie->scb_gpa = VSIE_UNUSED;
	pthread_mutex_unlock(&vcpu->kvm->arch.vsie_lock);
}

/** pin_scb() - Return: 0; 1: an addressing exception was injected; -errno */
static int pin_scb(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	int rc = kvm_read_guest_abs(vcpu->kvm, vsie_page->scb_gpa, &vsie_page->scb_o,
				    SIE_BLOCK_SIZE);

	if (!rc && is_secure_scb(vsie_page))
		rc = kvm_read_guest_abs(vcpu->kvm, vsie_page->scb_gpa, &vsie_page->scb_o,
					sizeof(vsie_page->scb_o));
	if (rc > 0)
		return inject_fault(vcpu, (uint16_t)rc, vsie_page->scb_gpa, true);
	if (rc != -EFAULT)
		return rc;
	rc = kvm_s390_inject_program_int(vcpu, PGM_ADDRESSING);
	return rc ? rc : 1;
}

int kvm_s390_handle_vsie(struct kvm_vcpu *vcpu)
{
	struct vsie_page *vsie_page = vcpu->arch.vsie;
	gpa_t scb_gpa = kvm_s390_logical_to_effective(vcpu, kvm_s390_get_base_disp_s(vcpu, NULL));
	int rc;

	if (!vsie_page)
		return -EOPNOTSUPP;
	if (scb_gpa & 0x1ff)
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	/* In use elsewhere: try again until it is not */
	if (must_leave(vcpu) || !get_vsie_page(vcpu, scb_gpa)) {
		kvm_s390_retry_instr(vcpu);
		return 0;
	}
	rc = pin_scb(vcpu, vsie_page);
	if (!rc) {
		rc = run_shadow(vcpu, vsie_page);
		unshadow_scb(vcpu, vsie_page);
	}
	put_vsie_page(vcpu);
	return rc < 0 ? rc : 0;
}
