// SPDX-License-Identifier: GPL-2.0-or-later
/* Stopped and operating CPUs, resets, store status. */
#include <errno.h>
#include <string.h>

#include "host/task.h"
#include "kvm/machine_state.h"
#include "kvm/pv.h"
#include "kvm/uv.h"
#include "kvm/vcpu.h"

#define GBEA_INITIAL 1

/* Save areas of guest-execution 2.4, from 1200 on */
#define LC_STORE_STATUS 0x1200U
#define LC_AR_MODE_ID   0xa3U

struct status_area {
	be64_t fprs[16];        /* 0x1200 */
	be64_t gprs[16];        /* 0x1280 */
	be64_t psw_mask;        /* 0x1300 */
	be64_t psw_addr;        /* 0x1308 */
	uint8_t reserved110[8]; /* 0x1310 */
	be32_t prefix;          /* 0x1318 */
	be32_t fpc;             /* 0x131c */
	uint8_t reserved120[4]; /* 0x1320 */
	be32_t todpr;           /* 0x1324 */
	be64_t cputm;           /* 0x1328 */
	be64_t ckc;             /* 0x1330, shifted by a byte */
	be64_t gbea;            /* 0x1338 */
	be32_t acrs[16];        /* 0x1340 */
	be64_t crs[16];         /* 0x1380 */
};
_Static_assert(sizeof(struct status_area) == 0x200, "store status");
_Static_assert(offsetof(struct status_area, prefix) == 0x118, "prefix");
_Static_assert(offsetof(struct status_area, todpr) == 0x124, "todpr");
_Static_assert(offsetof(struct status_area, ckc) == 0x130, "ckc");
_Static_assert(offsetof(struct status_area, acrs) == 0x140, "acrs");

void kvm_s390_set_cpuflags(struct kvm_vcpu *vcpu, uint32_t flags)
{
	__atomic_fetch_or(&vcpu->arch.sie_block->cpuflags.raw, be32_make(flags).raw,
			  __ATOMIC_SEQ_CST);
}

void kvm_s390_clear_cpuflags(struct kvm_vcpu *vcpu, uint32_t flags)
{
	__atomic_fetch_and(&vcpu->arch.sie_block->cpuflags.raw, ~be32_make(flags).raw,
			   __ATOMIC_SEQ_CST);
}

bool kvm_s390_test_cpuflags(const struct kvm_vcpu *vcpu, uint32_t flags)
{
	uint32_t raw = __atomic_load_n(&vcpu->arch.sie_block->cpuflags.raw, __ATOMIC_SEQ_CST);

	return (raw & be32_make(flags).raw) == be32_make(flags).raw;
}

void kvm_s390_set_prefix(struct kvm_vcpu *vcpu, uint32_t prefix)
{
	uint32_t other = be32_get(vcpu->arch.sie_block->prefix) & ~SIE_PREFIX_MASK;

	vcpu->arch.sie_block->prefix = be32_make(other | (prefix & SIE_PREFIX_MASK));
	kvm_make_request(KVM_REQ_TLB_FLUSH, vcpu);
	kvm_make_request(KVM_REQ_REFRESH_PREFIX, vcpu);
}

/** pv_set_cpu_state() - CPU_SET_STATE. Return: 0 or -EINVAL */
static int pv_set_cpu_state(struct kvm_vcpu *vcpu, uint8_t state)
{
	struct uv_cb_cpu_set_state uvcb = {
		.header.cmd = be16_make(UVC_CMD_CPU_SET_STATE),
		.header.len = be16_make(sizeof(uvcb)),
		.cpu_handle = be64_make(kvm_s390_pv_cpu_get_handle(vcpu)),
		.state = state,
	};

	return uv_call_sched(vcpu->kvm->machine->uv, &uvcb, sizeof(uvcb)) ? -EINVAL : 0;
}

int kvm_s390_vcpu_start(struct kvm_vcpu *vcpu)
{
	if (!is_vcpu_stopped(vcpu))
		return 0;
	if (kvm_s390_pv_cpu_is_protected(vcpu) && pv_set_cpu_state(vcpu, PV_CPU_STATE_OPR))
		return -EINVAL;
	kvm_s390_clear_cpuflags(vcpu, CPUSTAT_STOPPED);
	atomic_store(&vcpu->stopped, false);
	/* The Ultravisor may have loaded another PSW: nothing is injected before it shows that one
	 */
	if (kvm_s390_pv_cpu_is_protected(vcpu))
		set_gpsw(vcpu, gpsw_mask(vcpu) & ~PSW_INT_MASK, gpsw_addr(vcpu));
	kvm_make_request(KVM_REQ_TLB_FLUSH, vcpu);
	return 0;
}

int kvm_s390_vcpu_stop(struct kvm_vcpu *vcpu)
{
	if (is_vcpu_stopped(vcpu))
		return 0;
	if (kvm_s390_pv_cpu_is_protected(vcpu) && pv_set_cpu_state(vcpu, PV_CPU_STATE_STP))
		return -EINVAL;
	/* Stopped first: whoever senses the CPU meanwhile finds it busy, not operating */
	kvm_s390_set_cpuflags(vcpu, CPUSTAT_STOPPED);
	atomic_store(&vcpu->stopped, true);
	kvm_s390_clear_stop_irq(vcpu);
	return 0;
}

/* ---- resets ---- */

static void normal_reset(struct kvm_vcpu *vcpu)
{
	vcpu->arch.pfault_token = UINT64_MAX;
	vcpu->arch.pfault_select = 0;
	vcpu->arch.pfault_compare = 0;
	kvm_s390_clear_local_irqs(vcpu);
	/* Under user control of the CPU states the VMM has stopped it already */
	if (!atomic_load(&vcpu->kvm->arch.user_cpu_state_ctrl))
		kvm_s390_vcpu_stop(vcpu);
}

void kvm_s390_vcpu_initial_reset(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	normal_reset(vcpu);
	set_gpsw(vcpu, 0, 0);
	kvm_s390_set_prefix(vcpu, 0);
	scb->cputm = be64_make(0);
	scb->ckc = be64_make(0);
	memset(scb->gcr, 0, sizeof(scb->gcr));
	scb->gcr[0] = be64_make(CR0_INITIAL);
	scb->gcr[14] = be64_make(CR14_INITIAL);
	vcpu->arch.state.fpc = 0;
	vcpu->arch.diag318_info = 0;
	if (!kvm_s390_pv_cpu_is_protected(vcpu)) {
		scb->gbea = be64_make(GBEA_INITIAL);
		memset(scb->pp, 0, sizeof(scb->pp));
		scb->todpr = be32_make(0);
	}
	store_regs(vcpu);
}

static void clear_reset(struct kvm_vcpu *vcpu)
{
	struct cpu_state *state = &vcpu->arch.state;

	memset(state->gprs, 0, sizeof(state->gprs));
	memset(state->acrs, 0, sizeof(state->acrs));
	memset(state->fprs, 0, sizeof(state->fprs));
	kvm_s390_vcpu_initial_reset(vcpu);
}

/** reset_uv() - the Ultravisor's part, after the local one. Return: 0 or -EINVAL */
static int reset_uv(struct kvm_vcpu *vcpu, uint16_t cmd)
{
	uint16_t rc, rrc;

	if (!kvm_s390_pv_cpu_is_protected(vcpu))
		return 0;
	return uv_cmd_nodata(vcpu->kvm->machine->uv, kvm_s390_pv_cpu_get_handle(vcpu), cmd, &rc,
			     &rrc);
}

/* ---- store status ---- */

static void fill_status(const struct kvm_vcpu *vcpu, struct status_area *area)
{
	const struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	const struct cpu_state *state = &vcpu->arch.state;

	memset(area, 0, sizeof(*area));
	for (unsigned int i = 0; i < 16; i++) {
		area->fprs[i] = be64_make(state->fprs[i]);
		area->gprs[i] = be64_make(state->gprs[i]);
		area->acrs[i] = be32_make(state->acrs[i]);
	}
	memcpy(area->crs, scb->gcr, sizeof(area->crs));
	area->psw_mask = scb->gpsw_mask;
	area->psw_addr = scb->gpsw_addr;
	area->prefix = be32_make(kvm_s390_get_prefix(vcpu));
	area->fpc = be32_make(state->fpc);
	area->todpr = scb->todpr;
	area->cputm = scb->cputm;
	area->ckc = be64_make(be64_get(scb->ckc) >> 8);
	/* The field shows the SIDA's address while the CPU is protected */
	if (!kvm_s390_pv_cpu_get_handle(vcpu))
		area->gbea = scb->gbea;
}

int kvm_s390_vcpu_store_status(struct kvm_vcpu *vcpu, uint64_t addr)
{
	struct status_area area;
	const uint8_t archmode = 1;
	gpa_t gpa = addr;

	if (addr == KVM_S390_STORE_STATUS_NOADDR) {
		if (kvm_write_guest_abs(vcpu->kvm, LC_AR_MODE_ID, &archmode, 1))
			return -EFAULT;
		gpa = LC_STORE_STATUS;
	} else if (addr == KVM_S390_STORE_STATUS_PREFIXED) {
		if (write_guest_lc(vcpu, LC_AR_MODE_ID, &archmode, 1))
			return -EFAULT;
		gpa = kvm_s390_get_prefix(vcpu) + LC_STORE_STATUS;
	}
	fill_status(vcpu, &area);
	return kvm_write_guest_abs(vcpu->kvm, gpa, &area, sizeof(area)) ? -EFAULT : 0;
}

/* ---- ioctls ---- */

static long get_mp_state(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_mp_state mp = {
		.mp_state = is_vcpu_stopped(vcpu) ? KVM_MP_STATE_STOPPED : KVM_MP_STATE_OPERATING,
	};

	return copy_to_user(arg, &mp, sizeof(mp));
}

static long set_mp_state(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_mp_state mp;

	if (copy_from_user(&mp, arg, sizeof(mp)))
		return -EFAULT;
	atomic_store(&vcpu->kvm->arch.user_cpu_state_ctrl, true);
	switch (mp.mp_state) {
	case KVM_MP_STATE_STOPPED:
		return kvm_s390_vcpu_stop(vcpu);
	case KVM_MP_STATE_OPERATING:
		return kvm_s390_vcpu_start(vcpu);
	case KVM_MP_STATE_LOAD:
		if (!kvm_s390_pv_cpu_is_protected(vcpu))
			return -ENXIO;
		return pv_set_cpu_state(vcpu, PV_CPU_STATE_OPR_LOAD);
	default:
		return -ENXIO;
	}
}

static long set_initial_psw(struct kvm_vcpu *vcpu, uint64_t arg)
{
	struct kvm_s390_psw psw;

	if (copy_from_user(&psw, arg, sizeof(psw)))
		return -EFAULT;
	if (!is_vcpu_stopped(vcpu))
		return -EBUSY;
	vcpu->run->psw_mask = psw.mask;
	vcpu->run->psw_addr = psw.addr;
	return 0;
}

long kvm_s390_state_ioctl(struct kvm_vcpu *vcpu, unsigned int cmd, uint64_t arg)
{
	switch (cmd) {
	case KVM_GET_MP_STATE:
		return get_mp_state(vcpu, arg);
	case KVM_SET_MP_STATE:
		return set_mp_state(vcpu, arg);
	case KVM_S390_SET_INITIAL_PSW:
		return set_initial_psw(vcpu, arg);
	case KVM_S390_STORE_STATUS:
		return kvm_s390_vcpu_store_status(vcpu, arg);
	case KVM_S390_NORMAL_RESET:
		normal_reset(vcpu);
		return reset_uv(vcpu, UVC_CMD_CPU_RESET);
	case KVM_S390_INITIAL_RESET:
		kvm_s390_vcpu_initial_reset(vcpu);
		return reset_uv(vcpu, UVC_CMD_CPU_RESET_INITIAL);
	case KVM_S390_CLEAR_RESET:
		clear_reset(vcpu);
		return reset_uv(vcpu, UVC_CMD_CPU_RESET_CLEAR);
	default:
		return -ENOIOCTLCMD;
	}
}
