// SPDX-License-Identifier: GPL-2.0-or-later
/* SIGNAL PROCESSOR: the orders that need no VMM (guest-execution 2.12, section 5). */
#include <errno.h>

#include "kvm/vcpu.h"

#define SIGP_SENSE                   0x01
#define SIGP_EXTERNAL_CALL           0x02
#define SIGP_EMERGENCY_SIGNAL        0x03
#define SIGP_STOP                    0x05
#define SIGP_STOP_AND_STORE_STATUS   0x09
#define SIGP_INITIAL_CPU_RESET       0x0b
#define SIGP_CPU_RESET               0x0c
#define SIGP_SET_PREFIX              0x0d
#define SIGP_STORE_STATUS_AT_ADDRESS 0x0e
#define SIGP_SET_ARCHITECTURE        0x12
#define SIGP_COND_EMERGENCY_SIGNAL   0x13
#define SIGP_SENSE_RUNNING           0x15

#define SIGP_CC_ORDER_CODE_ACCEPTED 0
#define SIGP_CC_STATUS_STORED       1
#define SIGP_CC_BUSY                2
#define SIGP_CC_NOT_OPERATIONAL     3

#define SIGP_STATUS_NOT_RUNNING       0x400U
#define SIGP_STATUS_INCORRECT_STATE   0x200U
#define SIGP_STATUS_INVALID_PARAMETER 0x100U
#define SIGP_STATUS_EXT_CALL_PENDING  0x80U
#define SIGP_STATUS_STOPPED           0x40U

/** status_stored() - the status goes to the low word of R1 */
static int status_stored(uint64_t *status_reg, uint32_t status)
{
	*status_reg = (*status_reg & 0xffffffff00000000UL) | status;
	return SIGP_CC_STATUS_STORED;
}

static bool pending(const struct kvm_vcpu *vcpu, unsigned int irq_type)
{
	return atomic_load(&vcpu->arch.local_int.pending_irqs) & IRQ_BIT(irq_type);
}

static int sigp_sense(struct kvm_vcpu *dst, uint64_t *reg)
{
	uint32_t status = 0;

	if (is_vcpu_stopped(dst))
		status |= SIGP_STATUS_STOPPED;
	if (pending(dst, IRQ_PEND_EXT_EXTERNAL))
		status |= SIGP_STATUS_EXT_CALL_PENDING;
	return status ? status_stored(reg, status) : SIGP_CC_ORDER_CODE_ACCEPTED;
}

static int sigp_sense_running(struct kvm_vcpu *dst, uint64_t *reg)
{
	if (kvm_s390_test_cpuflags(dst, CPUSTAT_RUNNING))
		return SIGP_CC_ORDER_CODE_ACCEPTED;
	return status_stored(reg, SIGP_STATUS_NOT_RUNNING);
}

/** sigp_external_call() - one at a time: a second one finds the first pending, and is no news */
static int sigp_external_call(struct kvm_vcpu *vcpu, struct kvm_vcpu *dst, uint64_t *reg)
{
	struct kvm_s390_irq irq = {
		.type = KVM_S390_INT_EXTERNAL_CALL,
		.u.extcall.code = (uint16_t)vcpu->vcpu_id,
	};
	int rc = kvm_s390_inject_vcpu(dst, &irq);

	return rc == -EBUSY ? status_stored(reg, SIGP_STATUS_EXT_CALL_PENDING) : rc;
}

static int sigp_emergency(struct kvm_vcpu *vcpu, struct kvm_vcpu *dst)
{
	struct kvm_s390_irq irq = {
		.type = KVM_S390_INT_EMERGENCY,
		.u.emerg.code = (uint16_t)vcpu->vcpu_id,
	};

	return kvm_s390_inject_vcpu(dst, &irq);
}

/**
 * sigp_cond_emergency() - refused only if the target would take it at once while it is stopped
 *
 * That is: enabled for external and I/O interruptions, and in a wait at address 0 or in another
 * address space than @asn.
 */
static int sigp_cond_emergency(struct kvm_vcpu *vcpu, struct kvm_vcpu *dst, uint16_t asn,
			       uint64_t *reg)
{
	const uint64_t int_mask = PSW_MASK_IO | PSW_MASK_EXT;
	bool in_space;

	/* Only the state of a stopped CPU holds still */
	if (!is_vcpu_stopped(dst) || (gpsw_mask(dst) & int_mask) != int_mask)
		return sigp_emergency(vcpu, dst);
	in_space = (guest_cr(dst, 4) & 0xffff) == asn || (guest_cr(dst, 3) & 0xffff) == asn;
	if (gpsw_mask(dst) & PSW_MASK_WAIT ? gpsw_addr(dst) != 0 : in_space)
		return sigp_emergency(vcpu, dst);
	return status_stored(reg, SIGP_STATUS_INCORRECT_STATE);
}

static int sigp_stop(struct kvm_vcpu *dst, uint32_t flags)
{
	struct kvm_s390_irq irq = {.type = KVM_S390_SIGP_STOP, .u.stop.flags = flags};
	int rc = kvm_s390_inject_vcpu(dst, &irq);

	return rc == -EBUSY ? SIGP_CC_BUSY : rc;
}

static int sigp_set_prefix(struct kvm_vcpu *dst, uint32_t address, uint64_t *reg)
{
	struct kvm_s390_irq irq = {
		.type = KVM_S390_SIGP_SET_PREFIX,
		.u.prefix.address = address & SIE_PREFIX_MASK,
	};

	if (!kvm_is_gpa_backed(dst->kvm, irq.u.prefix.address) ||
	    !kvm_is_gpa_backed(dst->kvm, irq.u.prefix.address + PAGE_SIZE))
		return status_stored(reg, SIGP_STATUS_INVALID_PARAMETER);
	if (kvm_s390_inject_vcpu(dst, &irq) == -EBUSY)
		return status_stored(reg, SIGP_STATUS_INCORRECT_STATE);
	return SIGP_CC_ORDER_CODE_ACCEPTED;
}

static int sigp_store_status(struct kvm_vcpu *dst, uint32_t address, uint64_t *reg)
{
	if (!is_vcpu_stopped(dst))
		return status_stored(reg, SIGP_STATUS_INCORRECT_STATE);
	if (kvm_s390_vcpu_store_status(dst, address & 0x7ffffe00U))
		return status_stored(reg, SIGP_STATUS_INVALID_PARAMETER);
	return SIGP_CC_ORDER_CODE_ACCEPTED;
}

/** order_to_user() - orders that the VMM reserved for itself by USER_SIGP */
static bool order_to_user(const struct kvm_vcpu *vcpu, uint8_t order)
{
	if (!atomic_load(&vcpu->kvm->arch.user_sigp))
		return false;
	switch (order) {
	case SIGP_SENSE:
	case SIGP_EXTERNAL_CALL:
	case SIGP_EMERGENCY_SIGNAL:
	case SIGP_COND_EMERGENCY_SIGNAL:
	case SIGP_SENSE_RUNNING:
		return false;
	default:
		return true;
	}
}

/** handle_sigp_dst() - Return: condition code, or -errno */
static int handle_sigp_dst(struct kvm_vcpu *vcpu, uint8_t order, uint16_t cpu_addr,
			   uint32_t parameter, uint64_t *reg)
{
	struct kvm_vcpu *dst = kvm_get_vcpu_by_id(vcpu->kvm, cpu_addr);

	if (!dst)
		return SIGP_CC_NOT_OPERATIONAL;
	/* Stop and restart are done later: until then only resets are accepted */
	if (order != SIGP_INITIAL_CPU_RESET && order != SIGP_CPU_RESET &&
	    (pending(dst, IRQ_PEND_SIGP_STOP) || pending(dst, IRQ_PEND_RESTART)))
		return SIGP_CC_BUSY;
	switch (order) {
	case SIGP_SENSE:
		return sigp_sense(dst, reg);
	case SIGP_EXTERNAL_CALL:
		return sigp_external_call(vcpu, dst, reg);
	case SIGP_EMERGENCY_SIGNAL:
		return sigp_emergency(vcpu, dst);
	case SIGP_STOP:
		return sigp_stop(dst, 0);
	case SIGP_STOP_AND_STORE_STATUS:
		return sigp_stop(dst, KVM_S390_STOP_FLAG_STORE_STATUS);
	case SIGP_SET_PREFIX:
		return sigp_set_prefix(dst, parameter, reg);
	case SIGP_STORE_STATUS_AT_ADDRESS:
		return sigp_store_status(dst, parameter, reg);
	case SIGP_COND_EMERGENCY_SIGNAL:
		return sigp_cond_emergency(vcpu, dst, (uint16_t)parameter, reg);
	case SIGP_SENSE_RUNNING:
		return sigp_sense_running(dst, reg);
	default:
		return -EOPNOTSUPP; /* start, restart, resets and the unknown ones */
	}
}

int kvm_s390_handle_sigp(struct kvm_vcpu *vcpu)
{
	uint64_t *gprs = vcpu->arch.state.gprs;
	uint16_t ipa = be16_get(vcpu->arch.sie_block->ipa);
	unsigned int r1 = ipa >> 4 & 0xf;
	uint8_t order = (uint8_t)kvm_s390_get_base_disp_s(vcpu, NULL);
	uint32_t parameter = (uint32_t)gprs[r1 | 1];
	int rc;

	if (gpsw_mask(vcpu) & PSW_MASK_PSTATE)
		return kvm_s390_inject_program_int(vcpu, PGM_PRIVILEGED_OP);
	if (order_to_user(vcpu, order))
		return -EOPNOTSUPP;
	if (order == SIGP_SET_ARCHITECTURE) /* every CPU is in z/Architecture mode for good */
		rc = status_stored(&gprs[r1], SIGP_STATUS_INVALID_PARAMETER);
	else
		rc = handle_sigp_dst(vcpu, order, (uint16_t)gprs[ipa & 0xf], parameter, &gprs[r1]);
	if (rc < 0)
		return rc;
	kvm_s390_set_psw_cc(vcpu, (unsigned int)rc);
	return 0;
}
