// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * I/O instructions: what is wrong with them is told before that there is no such subchannel. A
 * protected guest's operands the Ultravisor has checked; they are in the SIDA.
 */
#include "vmm/css.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "protvirt/be.h"
#include "vmm/intercept.h"

#define CC_ZEROS_STORED    1U
#define CC_NOT_OPERATIONAL 3U

#define PAGE_LEN 4096UL
#define CRW_LEN  4U
#define IRB_LEN  64U

/* Subchannel in GR1: bit 47 is one; without the multiple-subsystem facility no subsystem is named
 */
#define SCHID_ONE    0x00010000U
#define SCHID_M      0x00080000U
#define SCHID_SYSTEM 0xff000000U

/* GR1 of the others: bits that must be zero */
#define RCHP_RESERVED  0xff00ff00U
#define SCHM_RESERVED  0x0ffffffcU
#define SCHM_UPDATE    0x2U
#define SCHM_ALIGNMENT 0x1fU
#define SAL_RESERVED   0x8000ffffU

struct schib {
	be32_t intparm;
	be16_t flags; /* 4 */
	be16_t device;
	uint8_t paths[16];
	be32_t characteristics; /* 24 */
	uint8_t status[24];
};
_Static_assert(offsetof(struct schib, characteristics) == 24, "characteristics");
_Static_assert(sizeof(struct schib) == 52, "SCHIB");
#define SCHIB_FLAGS_RESERVED 0x0700
#define SCHIB_CHARS_RESERVED 0xff1ffffaU /* extended measurement is not there */

struct orb {
	be32_t intparm;
	be16_t control;
	uint8_t paths;
	uint8_t control1; /* 7 */
	be32_t program;   /* 8 */
};
_Static_assert(sizeof(struct orb) == 12, "ORB");
#define ORB_CONTROL1_RESERVED 0x7e /* modified indirect addresses are not there */
#define ORB_PROGRAM_RESERVED  0x80000000U

struct chsc_header {
	be16_t len;
	be16_t command;
	uint8_t parameters[12];
};
_Static_assert(sizeof(struct chsc_header) == 16, "CHSC request");

/* With the PSW key. Return: false: the guest has its exception, or the run ends */
static bool access_operand(struct vcpu *vcpu, uint32_t op, uint64_t flags, uint64_t addr, void *buf,
			   uint32_t len)
{
	struct kvm_s390_mem_op mem_op = {
		.op = op,
		.flags = flags | KVM_S390_MEMOP_F_INJECT_EXCEPTION |
			 KVM_S390_MEMOP_F_SKEY_PROTECTION,
		.gaddr = addr,
		.buf = (uintptr_t)buf,
		.size = len,
		.ar = (uint8_t)(vcpu->run->s390_sieic.ipb >> 28),
		.key = (uint8_t)(vcpu->run->psw_mask >> 52 & 0xf),
	};
	long rc = vcpu_ioctl(vcpu, KVM_S390_MEM_OP, &mem_op);

	if (rc < 0)
		vm_request_end(vcpu->vm, EXIT_CODE_HOST,
			       "CPU %u: operand of an I/O instruction: %s", vcpu->id,
			       strerror((int)-rc));
	return !rc;
}

/* Protected: the operand is at the beginning of the SIDA */
static bool fetch_operand(struct vcpu *vcpu, uint64_t addr, void *buf, uint32_t len)
{
	struct kvm_s390_mem_op mem_op = {
		.op = KVM_S390_MEMOP_SIDA_READ, .buf = (uintptr_t)buf, .size = len};
	long rc;

	if (!vcpu->vm->protected)
		return access_operand(vcpu, KVM_S390_MEMOP_LOGICAL_READ, 0, addr, buf, len);
	rc = vcpu_ioctl(vcpu, KVM_S390_MEM_OP, &mem_op);
	if (rc)
		vm_request_end(vcpu->vm, EXIT_CODE_HOST, "SIDA of CPU %u: %s", vcpu->id,
			       strerror((int)-rc));
	return !rc;
}

/* Access exceptions come before condition code 3, though nothing is stored then */
static bool could_store(struct vcpu *vcpu, uint64_t addr, uint32_t len)
{
	return vcpu->vm->protected || access_operand(vcpu, KVM_S390_MEMOP_LOGICAL_WRITE,
						     KVM_S390_MEMOP_F_CHECK_ONLY, addr, NULL, len);
}

static bool refuse(struct vcpu *vcpu, uint16_t code)
{
	vcpu_program_check(vcpu, code);
	return false;
}

static uint32_t gr1(const struct vcpu *vcpu)
{
	return (uint32_t)vcpu_gpr(vcpu, 1);
}

static bool names_subchannel(struct vcpu *vcpu)
{
	uint32_t id = gr1(vcpu);

	return (id & SCHID_ONE) && ((id & SCHID_M) || !(id & SCHID_SYSTEM));
}

static bool checked_subchannel(struct vcpu *vcpu)
{
	return names_subchannel(vcpu) || refuse(vcpu, PGM_OPERAND);
}

/* A protected guest's operand address stays with the Ultravisor */
static bool aligned(struct vcpu *vcpu, uint64_t addr)
{
	return vcpu->vm->protected || !(addr & 3) || refuse(vcpu, PGM_SPECIFICATION);
}

static bool msch(struct vcpu *vcpu, uint64_t addr)
{
	struct schib schib;

	if (!aligned(vcpu, addr) || !fetch_operand(vcpu, addr, &schib, sizeof(schib)))
		return false;
	if (!names_subchannel(vcpu) || (be16_get(schib.flags) & SCHIB_FLAGS_RESERVED) ||
	    (be32_get(schib.characteristics) & SCHIB_CHARS_RESERVED))
		return refuse(vcpu, PGM_OPERAND);
	return true;
}

static bool ssch(struct vcpu *vcpu, uint64_t addr)
{
	struct orb orb;

	if (!aligned(vcpu, addr) || !fetch_operand(vcpu, addr, &orb, sizeof(orb)))
		return false;
	if (!names_subchannel(vcpu) || (orb.control1 & ORB_CONTROL1_RESERVED) ||
	    (be32_get(orb.program) & ORB_PROGRAM_RESERVED))
		return refuse(vcpu, PGM_OPERAND);
	return true;
}

static bool stores(struct vcpu *vcpu, uint64_t addr, uint32_t len)
{
	return checked_subchannel(vcpu) && aligned(vcpu, addr) && could_store(vcpu, addr, len);
}

/* STCRW: no report is pending */
static void stcrw(struct vcpu *vcpu, uint64_t addr)
{
	uint8_t zeros[CRW_LEN] = {0};

	if (!aligned(vcpu, addr))
		return;
	/* A protected guest gets the SIDA's, which is cleared */
	if (vcpu->vm->protected ||
	    access_operand(vcpu, KVM_S390_MEMOP_LOGICAL_WRITE, 0, addr, zeros, CRW_LEN))
		vcpu_set_cc(vcpu, CC_ZEROS_STORED);
}

static bool chsc(struct vcpu *vcpu)
{
	uint64_t addr = vcpu_gpr(vcpu, vcpu->run->s390_sieic.ipb >> 20 & 0xf);
	struct chsc_header header;
	unsigned int len;

	if (!vcpu->vm->protected && addr % PAGE_LEN)
		return refuse(vcpu, PGM_SPECIFICATION);
	if (!fetch_operand(vcpu, addr, &header, sizeof(header)))
		return false;
	len = be16_get(header.len);
	if (len < sizeof(header) || len > PAGE_LEN - 8 || len % 8)
		return refuse(vcpu, PGM_OPERAND);
	return true;
}

/* SCHM, SAL: completed without a condition code */
static void check_register(struct vcpu *vcpu, bool good)
{
	if (!good)
		refuse(vcpu, PGM_OPERAND);
}

static bool schm_valid(struct vcpu *vcpu)
{
	return !(gr1(vcpu) & SCHM_RESERVED) &&
	       (!(gr1(vcpu) & SCHM_UPDATE) || !(vcpu_gpr(vcpu, 2) & SCHM_ALIGNMENT));
}

bool css_instruction(uint16_t ipa)
{
	return (ipa >= 0xb230 && ipa <= 0xb23c) || ipa == 0xb25f || ipa == 0xb274 || ipa == 0xb276;
}

void css_handle(struct vcpu *vcpu)
{
	uint64_t addr = intercept_base_disp(vcpu);
	bool none = true;

	switch (vcpu->run->s390_sieic.ipa) {
	case 0xb230: /* CSCH */
	case 0xb231: /* HSCH */
	case 0xb238: /* RSCH */
	case 0xb276: /* XSCH */
		none = checked_subchannel(vcpu);
		break;
	case 0xb232:
		none = msch(vcpu, addr);
		break;
	case 0xb233:
		none = ssch(vcpu, addr);
		break;
	case 0xb234: /* STSCH */
		none = stores(vcpu, addr, sizeof(struct schib));
		break;
	case 0xb239:
		stcrw(vcpu, addr);
		return;
	case 0xb23b: /* RCHP */
		none = !(gr1(vcpu) & RCHP_RESERVED) || refuse(vcpu, PGM_OPERAND);
		break;
	case 0xb23c: /* SCHM */
		check_register(vcpu, schm_valid(vcpu));
		return;
	case 0xb237: /* SAL */
		check_register(vcpu, !(gr1(vcpu) & SAL_RESERVED));
		return;
	case 0xb23a: /* STCPS: suppressed */
		return;
	case 0xb25f:
		none = chsc(vcpu);
		break;
	default: /* SIGA */
		break;
	}
	if (none)
		vcpu_set_cc(vcpu, CC_NOT_OPERATIONAL);
}

void css_handle_tsch(struct vcpu *vcpu)
{
	uint64_t addr;

	vcpu->run->s390_sieic.ipb = vcpu->run->s390_tsch.ipb;
	addr = intercept_base_disp(vcpu);
	if (stores(vcpu, addr, IRB_LEN))
		vcpu_set_cc(vcpu, CC_NOT_OPERATIONAL);
}
