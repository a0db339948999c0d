// SPDX-License-Identifier: GPL-2.0-or-later
/* Privileged instructions that always leave the engine. */
#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "kvm/lowcore.h"
#include "kvm/machine_state.h"
#include "kvm/uv_host.h"
#include "kvm/vcpu.h"
#include "kvm/vsie.h"

/** PSW_MASK_UNASSIGNED - bits that must be zero; runtime instrumentation is not offered */
#define PSW_MASK_UNASSIGNED 0xb80800fe7fffffffUL

/** struct operand - second operand of an S instruction */
struct operand {
	uint64_t ga;
	uint8_t ar;
};

/** get_operand() - checked. Return: 0; 1: a specification exception was injected */
static int get_operand(struct kvm_vcpu *vcpu, uint64_t align, struct operand *op)
{
	op->ga = kvm_s390_get_base_disp_s(vcpu, &op->ar);
	if (!(op->ga & (align - 1)))
		return 0;
	kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	return 1;
}

static int store_operand(struct kvm_vcpu *vcpu, const struct operand *op, const void *data,
			 size_t len)
{
	return kvm_s390_inject_prog_cond(vcpu, write_guest(vcpu, op->ga, op->ar, data, len));
}

/* ---- prefix, identification ---- */

static int handle_set_prefix(struct kvm_vcpu *vcpu)
{
	struct operand op;
	be32_t raw;
	uint32_t address;
	int rc;

	if (get_operand(vcpu, 4, &op))
		return 0;
	rc = read_guest(vcpu, op.ga, op.ar, &raw, sizeof(raw));
	if (rc)
		return kvm_s390_inject_prog_cond(vcpu, rc);
	address = be32_get(raw) & SIE_PREFIX_MASK;
	if (!kvm_is_gpa_backed(vcpu->kvm, address) ||
	    !kvm_is_gpa_backed(vcpu->kvm, address + PAGE_SIZE))
		return kvm_s390_inject_program_int(vcpu, PGM_ADDRESSING);
	kvm_s390_set_prefix(vcpu, address);
	return 0;
}

static int handle_store_prefix(struct kvm_vcpu *vcpu)
{
	be32_t prefix = be32_make(kvm_s390_get_prefix(vcpu));
	struct operand op;

	if (get_operand(vcpu, 4, &op))
		return 0;
	return store_operand(vcpu, &op, &prefix, sizeof(prefix));
}

static int handle_store_cpu_address(struct kvm_vcpu *vcpu)
{
	be16_t address = be16_make((uint16_t)vcpu->vcpu_id);
	struct operand op;

	if (get_operand(vcpu, 2, &op))
		return 0;
	return store_operand(vcpu, &op, &address, sizeof(address));
}

static int handle_stidp(struct kvm_vcpu *vcpu)
{
	/* Version ff: not a real machine */
	be64_t id = be64_make(vcpu->kvm->arch.model.cpuid | 0xffUL << 56);
	struct operand op;

	if (get_operand(vcpu, 8, &op))
		return 0;
	return store_operand(vcpu, &op, &id, sizeof(id));
}

/** handle_stfl() - facilities 0 to 31 to the prefix area */
static int handle_stfl(struct kvm_vcpu *vcpu)
{
	const struct kvm_s390_cpu_model *model = &vcpu->kvm->arch.model;
	be32_t fac = be32_make((uint32_t)((model->fac_list[0] & model->fac_mask[0]) >> 32));

	return write_guest_lc(vcpu, LC_STFL_FAC_LIST, &fac, sizeof(fac)) ? -EFAULT : 0;
}

static int handle_set_clock(struct kvm_vcpu *vcpu)
{
	struct operand op;
	be64_t tod;
	int rc;

	if (get_operand(vcpu, 8, &op))
		return 0;
	rc = read_guest(vcpu, op.ga, op.ar, &tod, sizeof(tod));
	if (rc)
		return kvm_s390_inject_prog_cond(vcpu, rc);
	atomic_store(&vcpu->kvm->arch.epoch, be64_get(tod) - machine_tod());
	kvm_s390_set_psw_cc(vcpu, 0);
	return 0;
}

/** handle_test_block() - a usable block of real storage is cleared */
static int handle_test_block(struct kvm_vcpu *vcpu)
{
	static const uint8_t zeros[PAGE_SIZE];
	unsigned int r1, r2;
	gpa_t gpa;

	kvm_s390_get_regs_rre(vcpu, &r1, &r2);
	gpa = kvm_s390_logical_to_effective(vcpu, vcpu->arch.state.gprs[r2] & PAGE_MASK);
	if (kvm_s390_check_low_addr_prot_real(vcpu, gpa))
		return kvm_s390_inject_prog_irq(vcpu, &vcpu->arch.pgm);
	gpa = kvm_s390_real_to_abs(vcpu, gpa);
	if (!kvm_is_gpa_backed(vcpu->kvm, gpa))
		return kvm_s390_inject_program_int(vcpu, PGM_ADDRESSING);
	if (kvm_s390_check_own_ultravisor(vcpu, gpa))
		return kvm_s390_inject_prog_irq(vcpu, &vcpu->arch.pgm);
	if (kvm_write_guest_abs(vcpu->kvm, gpa, zeros, PAGE_SIZE))
		return -EFAULT;
	kvm_s390_set_psw_cc(vcpu, 0);
	vcpu->arch.state.gprs[0] = 0;
	return 0;
}

/* ---- I/O ---- */

/** handle_tpi() - take the most urgent I/O interrupt; a second operand of 0 means lowcore */
static int handle_tpi(struct kvm_vcpu *vcpu)
{
	struct kvm_s390_interrupt_info *inti;
	struct operand op;
	be32_t data[3];
	int rc;

	if (get_operand(vcpu, 4, &op))
		return 0;
	inti = kvm_s390_get_io_int(vcpu->kvm, guest_cr(vcpu, 6), 0);
	if (!inti) {
		kvm_s390_set_psw_cc(vcpu, 0);
		return 0;
	}
	data[0] = be32_make((uint32_t)inti->irq.u.io.subchannel_id << 16 |
			    inti->irq.u.io.subchannel_nr);
	data[1] = be32_make(inti->irq.u.io.io_int_parm);
	data[2] = be32_make(inti->irq.u.io.io_int_word);
	if (op.ga)
		rc = write_guest(vcpu, op.ga, op.ar, data, 8);
	else
		rc = write_guest_lc(vcpu, LC_SUBCHANNEL_ID, data, sizeof(data));
	if (rc) {
		kvm_s390_reinject_io_int(vcpu->kvm, inti);
		return kvm_s390_inject_prog_cond(vcpu, rc);
	}
	host_free(inti);
	kvm_s390_set_psw_cc(vcpu, 1);
	return 0;
}

/** handle_tsch() - the VMM stores the interruption response block, KVM gives it the interrupt */
static int handle_tsch(struct kvm_vcpu *vcpu)
{
	uint32_t schid = (uint32_t)vcpu->arch.state.gprs[1];
	struct kvm_s390_interrupt_info *inti = NULL;
	struct kvm_run *run = vcpu->run;

	if (schid)
		inti = kvm_s390_get_io_int(vcpu->kvm, CR6_ISC_MASK, schid);
	run->exit_reason = KVM_EXIT_S390_TSCH;
	run->s390_tsch.dequeued = inti != NULL;
	if (inti) {
		run->s390_tsch.subchannel_id = inti->irq.u.io.subchannel_id;
		run->s390_tsch.subchannel_nr = inti->irq.u.io.subchannel_nr;
		run->s390_tsch.io_int_parm = inti->irq.u.io.io_int_parm;
		run->s390_tsch.io_int_word = inti->irq.u.io.io_int_word;
	}
	run->s390_tsch.ipb = be32_get(vcpu->arch.sie_block->ipb);
	host_free(inti);
	return -EREMOTE;
}

int kvm_s390_handle_io_inst(struct kvm_vcpu *vcpu)
{
	if (!atomic_load(&vcpu->kvm->arch.css_support)) {
		kvm_s390_set_psw_cc(vcpu, 3); /* there are no devices */
		return 0;
	}
	switch (be16_get(vcpu->arch.sie_block->ipa)) {
	case 0xb236:
		return handle_tpi(vcpu);
	case 0xb235:
		return handle_tsch(vcpu);
	default:
		return -EOPNOTSUPP;
	}
}

/* ---- PSW ---- */

bool is_valid_psw(const struct psw *psw)
{
	uint64_t mode = psw->mask & PSW_MASK_64;

	if (psw->mask & PSW_MASK_UNASSIGNED)
		return false;
	if (mode == PSW_MASK_EA)
		return false;
	if (mode == 0 && psw->addr & ~0xffffffUL)
		return false;
	if (mode == PSW_MASK_BASE && psw->addr & ~0x7fffffffUL)
		return false;
	return !(psw->addr & 1);
}

/** load_psw() - it is loaded even if it is invalid: the old PSW of the exception shows it */
static int load_psw(struct kvm_vcpu *vcpu, const struct psw *psw)
{
	set_gpsw(vcpu, psw->mask, psw->addr);
	if (is_valid_psw(psw))
		return 0;
	/* Recognised after loading: the length is 0 */
	return kvm_s390_inject_prog_irq(
		vcpu, &(struct kvm_s390_pgm_info){.code = PGM_SPECIFICATION,
						  .flags = KVM_S390_PGM_FLAGS_ILC_VALID});
}

int kvm_s390_handle_lpsw(struct kvm_vcpu *vcpu)
{
	struct operand op;
	struct psw psw;
	be64_t raw;
	int rc;

	if (gpsw_mask(vcpu) & PSW_MASK_PSTATE)
		return kvm_s390_inject_program_int(vcpu, PGM_PRIVILEGED_OP);
	if (get_operand(vcpu, 8, &op))
		return 0;
	rc = read_guest(vcpu, op.ga, op.ar, &raw, sizeof(raw));
	if (rc)
		return kvm_s390_inject_prog_cond(vcpu, rc);
	if (!(be64_get(raw) & PSW_MASK_SHORT))
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	psw.mask = (be64_get(raw) & 0xffffffff80000000UL) ^ PSW_MASK_SHORT;
	psw.addr = be64_get(raw) & 0x7fffffff;
	return load_psw(vcpu, &psw);
}

static int handle_lpswe(struct kvm_vcpu *vcpu)
{
	struct operand op;
	struct psw psw;
	be64_t raw[2];
	int rc;

	if (get_operand(vcpu, 8, &op))
		return 0;
	rc = read_guest(vcpu, op.ga, op.ar, raw, sizeof(raw));
	if (rc)
		return kvm_s390_inject_prog_cond(vcpu, rc);
	psw = (struct psw){be64_get(raw[0]), be64_get(raw[1])};
	return load_psw(vcpu, &psw);
}

static int handle_epsw(struct kvm_vcpu *vcpu)
{
	uint64_t *gprs = vcpu->arch.state.gprs;
	unsigned int r1, r2;

	kvm_s390_get_regs_rre(vcpu, &r1, &r2);
	gprs[r1] = (gprs[r1] & 0xffffffff00000000UL) | gpsw_mask(vcpu) >> 32;
	if (r2)
		gprs[r2] = (gprs[r2] & 0xffffffff00000000UL) | (gpsw_mask(vcpu) & UINT32_MAX);
	return 0;
}

/* ---- control registers, protection ---- */

/** lctl_operand() - second operand of LCTL (RS) or LCTLG (RSY: signed 20-bit displacement) */
static uint64_t lctl_operand(const struct kvm_vcpu *vcpu, bool grande, uint8_t *ar)
{
	uint64_t ga = kvm_s390_get_base_disp_s(vcpu, ar);
	int8_t high = (int8_t)(be32_get(vcpu->arch.sie_block->ipb) >> 8);

	return grande ? ga + (uint64_t)((int64_t)high * 0x1000) : ga;
}

int kvm_s390_handle_lctl(struct kvm_vcpu *vcpu, bool grande)
{
	uint16_t ipa = be16_get(vcpu->arch.sie_block->ipa);
	unsigned int reg = ipa >> 4 & 0xf;
	unsigned int n = (((ipa & 0xfU) - reg) & 0xf) + 1;
	size_t size = grande ? 8 : 4;
	uint8_t bytes[16 * 8];
	uint8_t ar;
	uint64_t ga = lctl_operand(vcpu, grande, &ar);
	int rc;

	if (gpsw_mask(vcpu) & PSW_MASK_PSTATE)
		return kvm_s390_inject_program_int(vcpu, PGM_PRIVILEGED_OP);
	if (ga & (size - 1))
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	rc = read_guest(vcpu, ga, ar, bytes, n * size);
	if (rc)
		return kvm_s390_inject_prog_cond(vcpu, rc);
	for (unsigned int i = 0; i < n; i++, reg = (reg + 1) & 0xf)
		memcpy((uint8_t *)&vcpu->arch.sie_block->gcr[reg] + 8 - size, bytes + i * size,
		       size);
	kvm_make_request(KVM_REQ_TLB_FLUSH, vcpu);
	return 0;
}

/** handle_tprot() - cc 0: fetch and store, 1: fetch only, 2: none, 3: no translation */
static int handle_tprot(struct kvm_vcpu *vcpu)
{
	uint64_t address1, address2;
	uint8_t ar1, ar2, key;
	unsigned int cc = 0;
	gpa_t gpa;
	int rc;

	kvm_s390_get_base_disp_sse(vcpu, &address1, &address2, &ar1, &ar2);
	key = address2 >> 4 & 0xf;
	rc = guest_translate_address(vcpu, address1, ar1, &gpa, GACC_STORE, key);
	if (rc == PGM_PROTECTION) {
		cc = 1;
		rc = guest_translate_address(vcpu, address1, ar1, &gpa, GACC_FETCH, key);
		if (rc == PGM_PROTECTION) {
			cc = 2;
			rc = 0;
		}
	}
	if (rc == PGM_ADDRESSING || rc == PGM_TRANSLATION_SPEC || rc == PGM_ALET_SPECIFICATION ||
	    rc < 0)
		return kvm_s390_inject_prog_cond(vcpu, rc);
	kvm_s390_set_psw_cc(vcpu, rc ? 3 : cc);
	return 0;
}

/* ---- dispatch ---- */

static int handle_b2_privileged(struct kvm_vcpu *vcpu)
{
	switch (be16_get(vcpu->arch.sie_block->ipa)) {
	case 0xb202:
		return handle_stidp(vcpu);
	case 0xb204:
		return handle_set_clock(vcpu);
	case 0xb210:
		return handle_set_prefix(vcpu);
	case 0xb211:
		return handle_store_prefix(vcpu);
	case 0xb212:
		return handle_store_cpu_address(vcpu);
	case 0xb214:
		return kvm_s390_handle_vsie(vcpu);
	case 0xb22c:
		return handle_test_block(vcpu);
	case 0xb27d:
		return kvm_s390_handle_stsi(vcpu);
	case 0xb2b1:
		return handle_stfl(vcpu);
	case 0xb2b2:
		return handle_lpswe(vcpu);
	case 0xb230 ... 0xb23c: /* CSCH .. SCHM, STCRW */
	case 0xb25f:            /* CHSC */
	case 0xb274:            /* SIGA */
	case 0xb276:            /* XSCH */
		return kvm_s390_handle_io_inst(vcpu);
	default:
		return -EOPNOTSUPP;
	}
}

int kvm_s390_handle_b2(struct kvm_vcpu *vcpu)
{
	/* Each of them is privileged */
	if (gpsw_mask(vcpu) & PSW_MASK_PSTATE)
		return kvm_s390_inject_program_int(vcpu, PGM_PRIVILEGED_OP);
	return handle_b2_privileged(vcpu);
}

/** kvm_s390_handle_01() - control functions of the timing facility: none is available */
int kvm_s390_handle_01(struct kvm_vcpu *vcpu)
{
	if (be16_get(vcpu->arch.sie_block->ipa) != 0x0104)
		return -EOPNOTSUPP;
	kvm_s390_set_psw_cc(vcpu, 3);
	return 0;
}

int kvm_s390_handle_b9(struct kvm_vcpu *vcpu)
{
	switch (be16_get(vcpu->arch.sie_block->ipa)) {
	case 0xb98d:
		return handle_epsw(vcpu);
	case 0xb9a4:
		return kvm_s390_handle_uvc(vcpu);
	default:
		return -EOPNOTSUPP;
	}
}

int kvm_s390_handle_e5(struct kvm_vcpu *vcpu)
{
	if (be16_get(vcpu->arch.sie_block->ipa) != 0xe501)
		return -EOPNOTSUPP;
	if (gpsw_mask(vcpu) & PSW_MASK_PSTATE)
		return kvm_s390_inject_program_int(vcpu, PGM_PRIVILEGED_OP);
	return handle_tprot(vcpu);
}
