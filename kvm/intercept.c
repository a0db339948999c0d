// SPDX-License-Identifier: GPL-2.0-or-later
/* Why the engine came back (kvm-pv 1.11), and the text of the intercepted instruction. */
#include <errno.h>
#include <string.h>

#include "kvm/gmap.h"
#include "kvm/lowcore.h"
#include "kvm/machine_state.h"
#include "kvm/uv.h"
#include "kvm/vcpu.h"

/* ---- operands ---- */

static uint64_t base_value(const struct kvm_vcpu *vcpu, unsigned int base)
{
	return base ? vcpu->arch.state.gprs[base] : 0;
}

uint64_t kvm_s390_get_base_disp_s(const struct kvm_vcpu *vcpu, uint8_t *ar)
{
	uint32_t ipb = be32_get(vcpu->arch.sie_block->ipb);

	if (ar)
		*ar = (uint8_t)(ipb >> 28);
	return base_value(vcpu, ipb >> 28) + (ipb >> 16 & 0xfff);
}

void kvm_s390_get_base_disp_sse(const struct kvm_vcpu *vcpu, uint64_t *address1, uint64_t *address2,
				uint8_t *ar1, uint8_t *ar2)
{
	uint32_t ipb = be32_get(vcpu->arch.sie_block->ipb);

	*address1 = kvm_s390_get_base_disp_s(vcpu, ar1);
	*ar2 = ipb >> 12 & 0xf;
	*address2 = base_value(vcpu, *ar2) + (ipb & 0xfff);
}

static uint8_t insn_length(uint8_t opcode)
{
	return opcode >> 6 == 0 ? 2 : opcode >> 6 == 3 ? 6 : 4;
}

uint8_t kvm_s390_get_ilen(const struct kvm_vcpu *vcpu)
{
	const struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	uint8_t execute;

	switch (scb->icptcode) {
	case ICPT_INST:
	case ICPT_INSTPROGI:
	case ICPT_OPEREXC:
	case ICPT_PARTEXEC:
	case ICPT_IOINST:
		if (!(scb->icptstatus & 1))
			return insn_length((uint8_t)(be16_get(scb->ipa) >> 8));
		execute = scb->icptstatus >> 4 & 6;
		return execute ? execute : 4;
	case ICPT_PROGI:
		return be16_get(scb->pgmilc) & 6;
	default:
		return 0;
	}
}

void kvm_s390_rewind_psw(struct kvm_vcpu *vcpu, uint8_t ilc)
{
	set_gpsw(vcpu, gpsw_mask(vcpu), kvm_s390_logical_to_effective(vcpu, gpsw_addr(vcpu) - ilc));
}

uint8_t *sida_addr(const struct kvm_vcpu *vcpu)
{
	uint64_t origin = be64_get(vcpu->arch.sie_block->sidad) & PAGE_MASK;

	return storage_ptr(vcpu->kvm->machine->storage, origin, PAGE_SIZE);
}

/* ---- instructions ---- */

static int handle_eb(struct kvm_vcpu *vcpu)
{
	if ((be32_get(vcpu->arch.sie_block->ipb) & 0xff) == 0x2f)
		return kvm_s390_handle_lctl(vcpu, true);
	return -EOPNOTSUPP;
}

static int handle_instruction(struct kvm_vcpu *vcpu)
{
	switch (be16_get(vcpu->arch.sie_block->ipa) >> 8) {
	case 0x01:
		return kvm_s390_handle_01(vcpu);
	case 0x82:
		return kvm_s390_handle_lpsw(vcpu);
	case 0x83:
		return kvm_s390_handle_diag(vcpu);
	case 0xae:
		return kvm_s390_handle_sigp(vcpu);
	case 0xb2:
		return kvm_s390_handle_b2(vcpu);
	case 0xb7:
		return kvm_s390_handle_lctl(vcpu, false);
	case 0xb9:
		return kvm_s390_handle_b9(vcpu);
	case 0xe5:
		return kvm_s390_handle_e5(vcpu);
	case 0xeb:
		return handle_eb(vcpu);
	default:
		return -EOPNOTSUPP;
	}
}

/* ---- notifications: the Ultravisor has done the instruction ---- */

static int handle_pv_spx(struct kvm_vcpu *vcpu)
{
	be32_t prefix;

	memcpy(&prefix, sida_addr(vcpu), sizeof(prefix));
	kvm_s390_set_prefix(vcpu, be32_get(prefix));
	return 0;
}

static int handle_pv_sclp(struct kvm_vcpu *vcpu)
{
	kvm_s390_service_call_issued(vcpu->kvm);
	return 0;
}

/** handle_pv_uvc() - the guest unshares a page that the host has pinned: let go of it */
static int handle_pv_uvc(struct kvm_vcpu *vcpu)
{
	struct uv_cb_share guest_uvcb;
	struct uv_cb_cts uvcb = {
		.header.cmd = be16_make(UVC_CMD_UNPIN_PAGE_SHARED),
		.header.len = be16_make(sizeof(uvcb)),
		.guest_handle = be64_make(kvm_s390_pv_get_handle(vcpu->kvm)),
	};

	memcpy(&guest_uvcb, sida_addr(vcpu), sizeof(guest_uvcb));
	if (be16_get(guest_uvcb.header.cmd) != UVC_CMD_REMOVE_SHARED_ACCESS)
		return 0;
	uvcb.gaddr = guest_uvcb.paddr;
	/* If that was refused, the guest's call will bring it here again */
	uv_call_sched(vcpu->kvm->machine->uv, &uvcb, sizeof(uvcb));
	return 0;
}

static int handle_pv_notification(struct kvm_vcpu *vcpu)
{
	switch (be16_get(vcpu->arch.sie_block->ipa)) {
	case 0xb210:
		return handle_pv_spx(vcpu);
	case 0xb220:
		return handle_pv_sclp(vcpu);
	case 0xb9a4:
		return handle_pv_uvc(vcpu);
	default:
		return handle_instruction(vcpu);
	}
}

/** handle_pv_pref() - the prefix pages have to be secure before the CPU can run */
static int handle_pv_pref(struct kvm_vcpu *vcpu)
{
	gpa_t prefix = kvm_s390_get_prefix(vcpu);
	int rc = kvm_s390_import_page(vcpu->kvm, prefix);

	if (!rc)
		rc = kvm_s390_import_page(vcpu->kvm, prefix + PAGE_SIZE);
	return rc == -EAGAIN ? -EINTR : rc; /* busy for ever means: killed */
}

/* ---- other interceptions ---- */

/** handle_stop() - a SIGP stop order; anything else that is pending goes first */
static int handle_stop(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_local_interrupt *li = &vcpu->arch.local_int;
	uint32_t flags;
	int rc = 0;

	if (kvm_s390_vcpu_has_irq(vcpu, true))
		return 0;
	pthread_mutex_lock(&li->lock);
	flags = li->stop.flags;
	pthread_mutex_unlock(&li->lock);
	if (!kvm_s390_is_stop_irq_pending(vcpu))
		return 0;
	if (flags & KVM_S390_STOP_FLAG_STORE_STATUS)
		rc = kvm_s390_vcpu_store_status(vcpu, KVM_S390_STORE_STATUS_NOADDR);
	if (rc)
		return rc;
	if (!atomic_load(&vcpu->kvm->arch.user_cpu_state_ctrl))
		rc = kvm_s390_vcpu_stop(vcpu);
	return rc ? rc : -EOPNOTSUPP;
}

/** external_new_psw() - the PSW that an external interruption loads */
static int external_new_psw(struct kvm_vcpu *vcpu, uint64_t *mask)
{
	be64_t psw[2];
	int rc;

	if (kvm_s390_pv_cpu_is_protected(vcpu)) {
		*mask = gpsw_mask(vcpu); /* the Ultravisor shows it */
		return 0;
	}
	rc = read_guest_lc(vcpu, LC_EXT_NEW_PSW, psw, sizeof(psw));
	*mask = rc ? 0 : be64_get(psw[0]);
	return rc;
}

/** handle_external_interrupt() - a timer whose new PSW enables it again: nobody can handle that */
static int handle_external_interrupt(struct kvm_vcpu *vcpu)
{
	uint16_t eic = be16_get(vcpu->arch.sie_block->eic);
	struct kvm_s390_irq irq = {0};
	uint64_t mask;
	int rc = external_new_psw(vcpu, &mask);

	if (rc)
		return rc;
	switch (eic) {
	case EXT_IRQ_CLK_COMP:
		irq.type = KVM_S390_INT_CLOCK_COMP;
		break;
	case EXT_IRQ_CPU_TIMER:
		irq.type = KVM_S390_INT_CPU_TIMER;
		break;
	default:
		return -EOPNOTSUPP;
	}
	return mask & PSW_MASK_EXT ? -EOPNOTSUPP : kvm_s390_inject_vcpu(vcpu, &irq);
}

/** would_loop() - does the program new PSW lead into the same exception again? */
static bool would_loop(const struct kvm_vcpu *vcpu, const struct psw *new)
{
	uint64_t mask = gpsw_mask(vcpu);
	uint64_t same = PSW_MASK_ASC | PSW_MASK_DAT;

	return gpsw_addr(vcpu) - new->addr <= 6 && !(new->mask &PSW_MASK_WAIT) &&
	       !(mask & PSW_MASK_PSTATE) && (new->mask &same) == (mask & same);
}

/** handle_operexc() - user space asked for illegal operations */
static int handle_operexc(struct kvm_vcpu *vcpu)
{
	const struct kvm_arch *arch = &vcpu->kvm->arch;
	be64_t raw[2];
	struct psw new;
	int rc;

	if (atomic_load(&arch->user_operexec) ||
	    (be16_get(vcpu->arch.sie_block->ipa) == 0 && atomic_load(&arch->user_instr0)))
		return -EOPNOTSUPP;
	rc = read_guest_lc(vcpu, LC_PGM_NEW_PSW, raw, sizeof(raw));
	if (rc)
		return rc;
	new = (struct psw){be64_get(raw[0]), be64_get(raw[1])};
	if (would_loop(vcpu, &new))
		return -EOPNOTSUPP;
	return kvm_s390_inject_program_int(vcpu, PGM_OPERATION);
}

/** kvm_s390_skey_check_enable() - the guest uses storage keys from now on: they are migrated */
static int kvm_s390_skey_check_enable(struct kvm_vcpu *vcpu)
{
	atomic_store(&vcpu->kvm->arch.gmap->uses_skeys, true);
	kvm_s390_clear_cpuflags(vcpu, CPUSTAT_KSS);
	return 0; /* the instruction is repeated */
}

int kvm_handle_sie_intercept(struct kvm_vcpu *vcpu)
{
	switch (vcpu->arch.sie_block->icptcode) {
	case ICPT_EXTREQ:
	case ICPT_IOREQ:
	case ICPT_MCHKREQ:
	case ICPT_INT_ENABLE:
		return 0; /* the next round delivers */
	case ICPT_INST:
	case ICPT_PV_INSTR:
		return handle_instruction(vcpu);
	case ICPT_EXTINT:
		return handle_external_interrupt(vcpu);
	case ICPT_WAIT:
		return kvm_s390_handle_wait(vcpu);
	case ICPT_VALIDITY:
		return -EINVAL;
	case ICPT_STOP:
		return handle_stop(vcpu);
	case ICPT_OPEREXC:
		return handle_operexc(vcpu);
	case ICPT_KSS:
		return kvm_s390_skey_check_enable(vcpu);
	case ICPT_PV_NOTIFY:
		return handle_pv_notification(vcpu);
	case ICPT_PV_PREF:
		return handle_pv_pref(vcpu);
	default:
		return -EOPNOTSUPP; /* among them program interruption loops */
	}
}
