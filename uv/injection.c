/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host may inject into a protected CPU: see injection.h. */
#include "uv/injection.h"

#define EIC_SERVICE_SIGNAL 0x2401

/** SERVICE_EVENT_MASK - pending-event bits of a service signal's parameter */
#define SERVICE_EVENT_MASK 3U

/* External interruption codes and their subclass masks in CR0 */
static const struct {
	uint16_t eic;
	uint64_t cr0;
} external_classes[] = {
	{0x0040, 0x0040},             /* interrupt key */
	{0x1004, 0x0800},             /* clock comparator */
	{0x1005, 0x0400},             /* CPU timer */
	{0x1201, 0x4000},             /* emergency signal */
	{0x1202, 0x2000},             /* external call */
	{EIC_SERVICE_SIGNAL, 0x0200}, /* service signal */
	{0x2603, 0x0200},             /* virtio, pfault */
};

/* Machine checks that CR14 can hold back, by bit of the interruption code */
static const struct {
	uint64_t mcic;
	uint64_t cr14;
} repressible[] = {
	{1UL << 61, 0x08000000}, /* system recovery */
	{1UL << 58, 0x02000000}, /* external damage */
	{1UL << 56, 0x04000000}, /* degradation */
	{1UL << 55, 0x01000000}, /* warning */
	{1UL << 54, 0x10000000}, /* channel report pending */
};

/* Those that cannot be held back; whatever else waits is indicated with them. */
#define MCIC_EXIGENT (3UL << 62)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_service_signal(const struct kvm_s390_sie_block *scb)
{
	return scb->iictl == IICTL_CODE_EXT && be16_get(scb->eic) == EIC_SERVICE_SIGNAL;
}

/* The address is the host's choice, the Ultravisor knows the real one: it is only an answer's mark.
 */
static bool answers_service_call(const struct kvm_s390_sie_block *scb)
{
	return is_service_signal(scb) && be32_get(scb->eiparams) & ~SERVICE_EVENT_MASK;
}

static bool external_enabled(const struct uv_cpu *cpu, const struct kvm_s390_sie_block *scb)
{
	const struct cpu_state *s = &cpu->stor->state;

	if (!(s->psw.mask & PSW_MASK_EXT))
		return false;
	if (answers_service_call(scb) && !atomic_load(&cpu->config->service_call))
		return false;
	for (size_t i = 0; i < COUNT(external_classes); i++) {
		if (external_classes[i].eic == be16_get(scb->eic))
			return s->crs[0] & external_classes[i].cr0;
	}
	return false;
}

/* The interruption subclass stands in bits 2-4 of the interruption word, CR6 has one bit for each.
 */
static bool io_enabled(const struct cpu_state *s, const struct kvm_s390_sie_block *scb)
{
	uint32_t isc = be32_get(scb->io_int_word) >> 27 & 7;

	return (s->psw.mask & PSW_MASK_IO) && (s->crs[6] & 0x80000000UL >> isc);
}

static bool mcheck_enabled(const struct cpu_state *s, const struct kvm_s390_sie_block *scb)
{
	uint64_t mcic = be64_get(scb->mcic);

	if (!(s->psw.mask & PSW_MASK_MCHECK))
		return false;
	if (mcic & MCIC_EXIGENT)
		return true;
	for (size_t i = 0; i < COUNT(repressible); i++) {
		if ((mcic & repressible[i].mcic) && !(s->crs[14] & repressible[i].cr14))
			return false;
	}
	return true;
}

bool uv_injection_legal(const struct uv_cpu *cpu, const struct kvm_s390_sie_block *scb)
{
	const struct cpu_state *s = &cpu->stor->state;
	bool after_instruction = cpu->stor->exit_code == ICPT_PV_INSTR;

	if (scb->iictl == IICTL_CODE_NONE)
		return true;
	if (scb->iictl == IICTL_CODE_SPECIFICATION || scb->iictl == IICTL_CODE_OPERAND)
		return after_instruction;
	if (after_instruction || cpu->stor->exit_code == ICPT_PV_PREF)
		return false;
	/* The PSW that it loads decides about any other, and is not loaded yet */
	if (cpu->stor->held && scb->iictl != IICTL_CODE_RESTART)
		return false;
	switch (scb->iictl) {
	case IICTL_CODE_MCHK:
		return mcheck_enabled(s, scb);
	case IICTL_CODE_EXT:
		return external_enabled(cpu, scb);
	case IICTL_CODE_IO:
		return io_enabled(s, scb);
	case IICTL_CODE_RESTART:
		return true;
	default:
		return false;
	}
}

bool uv_injection_accept(struct uv_cpu *cpu, const struct kvm_s390_sie_block *scb)
{
	uint64_t call;

	if (!answers_service_call(scb))
		return true;
	call = atomic_exchange(&cpu->config->service_call, 0);
	cpu->stor->sccb = (uint32_t)call;
	return call;
}
