// SPDX-License-Identifier: GPL-2.0-or-later
/* State descriptions of guests: checks, the shadow, and what goes back. */
#include <string.h>

#include "kvm/vsie.h"
#include "sie/sie.h"

/* Validity interception reasons */
#define VIR_MODE           0x0001U
#define VIR_SLSV           0x0007U
#define VIR_SCA_PREFIX     0x0011U
#define VIR_SCA_ADDRESSING 0x0034U
#define VIR_SCA_LOW        0x0038U
#define VIR_SCA_CROSSES    0x003bU

#define SEGMENT_MASK  0xfffffffffff00000UL
#define BSCA_SIZE     0x820UL
#define INTERVENTIONS (CPUSTAT_STOP_INT | CPUSTAT_IO_INT | CPUSTAT_EXT_INT)

int set_validity_icpt(struct kvm_s390_sie_block *scb_s, uint16_t reason)
{
	scb_s->ipa = be16_make(0x1000);
	scb_s->ipb = be32_make((uint32_t)reason << 16);
	scb_s->icptcode = ICPT_VALIDITY;
	return 1;
}

static uint32_t guest_edat_flags(const struct kvm_vcpu *vcpu, uint32_t cpuflags)
{
	uint32_t flags = 0;

	if (test_kvm_facility(vcpu->kvm, FACILITY_EDAT1))
		flags |= cpuflags & CPUSTAT_GED;
	if (test_kvm_facility(vcpu->kvm, FACILITY_EDAT2))
		flags |= cpuflags & CPUSTAT_GED2;
	return flags;
}

/* Interventions come later; what is not offered is not passed on */
static int prepare_cpuflags(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	uint32_t cpuflags = be32_get(vsie_page->scb_o.cpuflags);
	uint32_t edat = guest_edat_flags(vcpu, cpuflags);
	uint32_t newflags = CPUSTAT_ZARCH | edat;

	if (!(cpuflags & CPUSTAT_ZARCH) || (cpuflags & (CPUSTAT_RRF | CPUSTAT_MCDS)))
		return set_validity_icpt(&vsie_page->scb_s, VIR_MODE);
	if (cpuflags & (CPUSTAT_SLSV | CPUSTAT_SLSR))
		return set_validity_icpt(&vsie_page->scb_s, VIR_SLSV);
	if ((edat & CPUSTAT_GED2) && (cpuflags & CPUSTAT_GED))
		return set_validity_icpt(&vsie_page->scb_s, VIR_MODE);
	if (test_kvm_cpu_feat(vcpu->kvm, KVM_S390_VM_CPU_FEAT_GSLS))
		newflags |= cpuflags & CPUSTAT_SM;
	if (test_kvm_cpu_feat(vcpu->kvm, KVM_S390_VM_CPU_FEAT_KSS))
		newflags |= cpuflags & CPUSTAT_KSS;
	vsie_page->scb_s.cpuflags = be32_make(newflags);
	return 0;
}

static void shadow_state(struct kvm_s390_sie_block *scb_s, const struct kvm_s390_sie_block *scb_o)
{
	scb_s->prefix = scb_o->prefix;
	scb_s->cputm = scb_o->cputm;
	scb_s->ckc = scb_o->ckc;
	scb_s->todpr = scb_o->todpr;
	scb_s->epoch = scb_o->epoch;
	scb_s->gpsw_mask = scb_o->gpsw_mask;
	scb_s->gpsw_addr = scb_o->gpsw_addr;
	scb_s->gg14 = scb_o->gg14;
	scb_s->gg15 = scb_o->gg15;
	memcpy(scb_s->gcr, scb_o->gcr, sizeof(scb_s->gcr));
	memcpy(scb_s->pp, scb_o->pp, sizeof(scb_s->pp));
	scb_s->gbea = scb_o->gbea;
	scb_s->lctl = scb_o->lctl;
	scb_s->icpua = scb_o->icpua;
	scb_s->cpnc = scb_o->cpnc;
	scb_s->ihcpu = scb_o->ihcpu;
}

/* Keys are the host's business unless their first use is to be reported: no feature says more */
static void shadow_controls(struct kvm_s390_sie_block *scb_s,
			    const struct kvm_s390_sie_block *scb_o)
{
	uint32_t ictl = be32_get(scb_o->ictl);

	if (!(be32_get(scb_s->cpuflags) & CPUSTAT_KSS))
		ictl |= ICTL_ISKE | ICTL_SSKE | ICTL_RRBE;
	scb_s->ictl = be32_make(ictl);
	scb_s->eca = be32_make(be32_get(scb_o->eca) & (ECA_MVPGI | ECA_PROTEXCI));
	scb_s->ecb = scb_o->ecb & ECB_SPECI;
}

static void shadow_mapping(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page, bool unlimited)
{
	const struct kvm_s390_sie_block *scb_o = &vsie_page->scb_o;

	vsie_page->mapping = (struct vsie_mapping){
		.asce = guest_cr(vcpu, 1),
		.mso = unlimited ? 0 : be64_get(scb_o->mso) & SEGMENT_MASK,
		.msl = be64_get(scb_o->msl) | ~SEGMENT_MASK,
		.edat = guest_cr(vcpu, 0) & CR0_EDAT,
		.prefix = kvm_s390_get_prefix(vcpu),
		.unlimited = unlimited,
	};
}

bool is_secure_scb(const struct vsie_page *vsie_page)
{
	return vsie_page->scb_o.sdf == SDF_FORMAT4 && vsie_page->vcpu->kvm->arch.uv_host;
}

/* All of it is between guest 2 and its Ultravisor; the tables alone say where guest 3's storage is
 */
static void shadow_secure(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	vsie_page->scb_s = vsie_page->scb_o;
	vsie_page->scb_s.icptcode = 0;
	shadow_mapping(vcpu, vsie_page, true);
	sie_cpu_set_host_asce(vsie_page->sie, guest_cr(vcpu, 1));
}

int shadow_scb(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	struct kvm_s390_sie_block *scb_s = &vsie_page->scb_s;
	int rc;

	if (is_secure_scb(vsie_page)) {
		shadow_secure(vcpu, vsie_page);
		return 0;
	}

	memset(scb_s, 0, sizeof(*scb_s));
	shadow_state(scb_s, &vsie_page->scb_o);
	rc = prepare_cpuflags(vcpu, vsie_page);
	if (rc)
		return rc;
	shadow_controls(scb_s, &vsie_page->scb_o);
	shadow_mapping(vcpu, vsie_page, be32_get(scb_s->cpuflags) & CPUSTAT_SM);
	return 0;
}

/* ---- areas: only the SCA; the others belong to facilities that are off ---- */

int pin_blocks(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	const struct kvm_s390_sie_block *scb_o = &vsie_page->scb_o;
	struct kvm_s390_sie_block *scb_s = &vsie_page->scb_s;
	gpa_t gpa = be32_get(scb_o->scaol) & ~0xfU;

	if (is_secure_scb(vsie_page))
		return 0;
	if (test_kvm_cpu_feat(vcpu->kvm, KVM_S390_VM_CPU_FEAT_64BSCAO))
		gpa |= (uint64_t)be32_get(scb_o->scaoh) << 32;
	if (!gpa)
		return 0;
	if (gpa < PREFIX_AREA_SIZE)
		return set_validity_icpt(scb_s, VIR_SCA_LOW);
	if ((gpa & ~0x1fffUL) == kvm_s390_get_prefix(vcpu))
		return set_validity_icpt(scb_s, VIR_SCA_PREFIX);
	if ((gpa ^ (gpa + BSCA_SIZE - 1)) & PAGE_MASK)
		return set_validity_icpt(scb_s, VIR_SCA_CROSSES);
	if (!kvm_is_gpa_backed(vcpu->kvm, gpa))
		return set_validity_icpt(scb_s, VIR_SCA_ADDRESSING);
	return 0;
}

/* ---- back ---- */

/* A page that was taken away meanwhile belongs to nobody */
static void put_part(struct kvm_vcpu *vcpu, const struct vsie_page *vsie_page, size_t from,
		     size_t end)
{
	const uint8_t *scb_s = (const uint8_t *)&vsie_page->scb_s;

	kvm_write_guest_abs(vcpu->kvm, vsie_page->scb_gpa + from, scb_s + from, end - from);
}

#define PUT(first, behind)                                                                         \
	put_part(vcpu, vsie_page, offsetof(struct kvm_s390_sie_block, first),                      \
		 offsetof(struct kvm_s390_sie_block, behind))

void unshadow_scb(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	if (is_secure_scb(vsie_page)) {
		/* but the flags, which other CPUs of guest 2 change */
		put_part(vcpu, vsie_page, offsetof(struct kvm_s390_sie_block, prefix),
			 sizeof(vsie_page->scb_s));
		return;
	}
	PUT(cputm, epoch);
	PUT(icptcode, ihcpu);
	PUT(ipa, scaoh); /* ipb as well */
	PUT(todpr, gd);
	PUT(gpsw_mask, reservedb0); /* gg14 and gg15 as well */
	PUT(gcr, reserved188);      /* gbea as well */
	PUT(pp, reserved1e6);
	switch (vsie_page->scb_s.icptcode) {
	case ICPT_PROGI:
	case ICPT_INSTPROGI:
	case ICPT_EXTINT:
		PUT(mcic, io_int_word);
		break;
	case ICPT_PARTEXEC:
		PUT(pei_dst, faddr);
		break;
	}
}

/* ---- while it runs ---- */

void update_intervention_requests(struct kvm_vcpu *vcpu, struct vsie_page *vsie_page)
{
	struct kvm_s390_sie_block *scb_s = &vsie_page->scb_s;
	uint32_t flags = be32_get(scb_s->cpuflags) & ~INTERVENTIONS;
	be32_t now;

	if (!kvm_read_guest_abs(vcpu->kvm, vsie_page->scb_gpa, &now, sizeof(now)))
		flags |= be32_get(now) & INTERVENTIONS;
	scb_s->cpuflags = be32_make(flags);
}
