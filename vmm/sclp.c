// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/sclp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protvirt/protvirt.h"
#include "vmm/intercept.h"
#include "vmm/sclp_input.h"

#define CMD_READ_SCP_INFO        0x00020001U
#define CMD_READ_SCP_INFO_FORCED 0x00120001U
#define CMD_READ_CPU_INFO        0x00010001U
#define CMD_WRITE_EVENT_MASK     0x00780005U
#define CMD_WRITE_EVENT_DATA     0x00760005U
#define CMD_READ_EVENT_DATA      0x00770005U

#define RESPONSE_INFO      0x0010
#define RESPONSE_CROSSES   0x0100
#define RESPONSE_TOO_SHORT 0x0300
#define RESPONSE_UNKNOWN   0x01f0

#define FACILITY_CPU_INFO 0x0800000000000000ULL
#define CPU_TYPE_IFL      0
#define CPU_SIEF2         0x08    /* in byte 2 of an entry */
#define ESOP              0x02    /* enhanced suppression on protection */
#define GSLS              0x80    /* limits of guests' guests can be suppressed */
#define KSS               0x01    /* the first use of their storage keys can be reported */
#define SCA_64BIT         0x80    /* their SCA may be anywhere */
#define EVENTS_PENDING    1U      /* in an interruption's parameter */
#define SCCB_PV_ADDR      0x4000U /* stands for the guest's own, which nobody is told */

struct cpu_entry {
	uint8_t address;
	uint8_t reserved1;
	uint8_t features[13];
	uint8_t reserved15;
};
_Static_assert(sizeof(struct cpu_entry) == 16, "CPU entry");

struct read_info {
	struct sccb_header header; /* 0 */
	be16_t rnmax;              /* 8 */
	uint8_t rnsize;            /* 10 */
	uint8_t reserved11[5];
	be16_t cpus;       /* 16 */
	be16_t cpu_offset; /* 18 */
	uint8_t reserved20[4];
	uint8_t loadparm[8]; /* 24 */
	uint8_t reserved32[16];
	be64_t facilities; /* 48 */
	uint8_t reserved56[20];
	be32_t ibc;                  /* 76 */
	uint8_t characteristics[20]; /* 80 */
	be32_t rnsize2;              /* 100 */
	be64_t rnmax2;               /* 104 */
	uint8_t reserved112[4];
	uint8_t more_characteristics[4]; /* 116 */
	be16_t highest_cpu;              /* 120 */
	uint8_t reserved122[6];
	struct cpu_entry entries[]; /* 128 */
};
_Static_assert(offsetof(struct read_info, facilities) == 48, "facilities");
_Static_assert(offsetof(struct read_info, characteristics) == 80, "characteristics");
_Static_assert(offsetof(struct read_info, rnsize2) == 100, "rnsize2");
_Static_assert(offsetof(struct read_info, entries) == 128, "entries");

struct read_cpu_info {
	struct sccb_header header; /* 0 */
	be16_t configured;         /* 8 */
	be16_t offset;             /* 10 */
	be16_t standby;            /* 12 */
	be16_t standby_offset;     /* 14 */
	struct cpu_entry entries[];
};

static void fill_entries(const struct vm *vm, struct cpu_entry *entries)
{
	for (unsigned int i = 0; i < vm->params.nr_cpus; i++) {
		entries[i] = (struct cpu_entry){.address = (uint8_t)i};
		entries[i].features[0] = vm->params.nested ? CPU_SIEF2 : 0;
	}
}

static uint16_t read_scp_info(const struct vm *vm, struct sccb_header *sccb)
{
	struct read_info *info = (struct read_info *)sccb;
	size_t need = sizeof(*info) + vm->params.nr_cpus * sizeof(info->entries[0]);
	uint64_t mib = vm->params.memory_size >> 20;

	if (be16_get(sccb->len) < need)
		return RESPONSE_TOO_SHORT;
	memset(&info->rnmax, 0, be16_get(sccb->len) - sizeof(*sccb));
	/* Increments of 1 MiB; what does not fit into 16 bits goes into the second field. */
	info->rnmax = be16_make(mib <= UINT16_MAX ? (uint16_t)mib : 0);
	info->rnsize = 1;
	info->rnmax2 = be64_make(mib);
	info->rnsize2 = be32_make(1);
	info->cpus = be16_make((uint16_t)vm->params.nr_cpus);
	info->cpu_offset = be16_make(sizeof(*info));
	info->highest_cpu = be16_make((uint16_t)(vm->params.nr_cpus - 1));
	info->facilities = be64_make(FACILITY_CPU_INFO);
	info->characteristics[5] = ESOP;
	if (vm->params.nested) {
		info->characteristics[5] |= GSLS;
		info->characteristics[18] = KSS;
		info->more_characteristics[0] = SCA_64BIT;
	}
	memset(info->loadparm, 0x40, sizeof(info->loadparm)); /* EBCDIC blanks */
	fill_entries(vm, info->entries);
	return RESPONSE_INFO;
}

static uint16_t read_cpu_info(const struct vm *vm, struct sccb_header *sccb)
{
	struct read_cpu_info *info = (struct read_cpu_info *)sccb;
	size_t need = sizeof(*info) + vm->params.nr_cpus * sizeof(info->entries[0]);

	if (be16_get(sccb->len) < need)
		return RESPONSE_TOO_SHORT;
	info->configured = be16_make((uint16_t)vm->params.nr_cpus);
	info->offset = be16_make(sizeof(*info));
	info->standby = be16_make(0);
	info->standby_offset = be16_make((uint16_t)need);
	fill_entries(vm, info->entries);
	return RESPONSE_INFO;
}

static bool command_valid(uint32_t command)
{
	switch (command) {
	case CMD_READ_SCP_INFO:
	case CMD_READ_SCP_INFO_FORCED:
	case CMD_READ_CPU_INFO:
	case CMD_WRITE_EVENT_MASK:
	case CMD_WRITE_EVENT_DATA:
	case CMD_READ_EVENT_DATA:
		return true;
	default:
		return false;
	}
}

static uint16_t dispatch(struct vm *vm, struct sccb_header *sccb, uint32_t command)
{
	switch (command) {
	case CMD_READ_SCP_INFO:
	case CMD_READ_SCP_INFO_FORCED:
		return read_scp_info(vm, sccb);
	case CMD_READ_CPU_INFO:
		return read_cpu_info(vm, sccb);
	case CMD_WRITE_EVENT_MASK:
		return sclp_write_mask(vm, sccb);
	case CMD_WRITE_EVENT_DATA:
		return sclp_write_events(vm, sccb);
	case CMD_READ_EVENT_DATA:
		return sclp_read_events(vm, sccb);
	default:
		return RESPONSE_UNKNOWN;
	}
}

size_t sclp_execute(struct vm *vm, struct sccb_header *sccb, uint32_t command)
{
	size_t len = be16_get(sccb->len);

	if (len < sizeof(*sccb) || len > SCCB_MAX) {
		sccb->response = be16_make(RESPONSE_TOO_SHORT);
		return sizeof(*sccb);
	}
	sccb->response = be16_make(dispatch(vm, sccb, command));
	return len;
}

void sclp_announce(struct vm *vm, uint32_t sccb_addr)
{
	uint32_t events = sclp_input_pending(vm->input) ? EVENTS_PENDING : 0;
	struct kvm_s390_interrupt irq = {.type = KVM_S390_INT_SERVICE, .parm = sccb_addr | events};
	long rc = irq.parm ? vm_ioctl(vm, KVM_S390_INTERRUPT, &irq) : 0;

	if (rc)
		vm_request_end(vm, EXIT_CODE_HOST, "service signal cannot be injected: %s",
			       strerror((int)-rc));
}

/* In the order of importance: what is asked for, where the block is, how long it is */
static uint16_t execute_ordinary(struct vm *vm, uint32_t command, uint64_t addr,
				 struct sccb_header *sccb)
{
	size_t len = be16_get(sccb->len);
	uint16_t code = 0;

	if (!command_valid(command)) {
		sccb->response = be16_make(RESPONSE_UNKNOWN);
		len = sizeof(*sccb);
	} else if (len > SCCB_MAX - addr % SCCB_MAX) {
		sccb->response = be16_make(RESPONSE_CROSSES);
		len = sizeof(*sccb);
	} else {
		code = vm_read(vm, addr + sizeof(*sccb), sccb + 1, len - sizeof(*sccb));
		if (!code)
			len = sclp_execute(vm, sccb, command);
	}
	return code ? code : vm_write(vm, addr, sccb, len);
}

static void ordinary_call(struct vcpu *vcpu, uint32_t command, uint64_t addr)
{
	uint8_t copy[SCCB_MAX] __attribute__((aligned(8)));
	struct sccb_header *sccb = (struct sccb_header *)copy;
	uint32_t prefix = (uint32_t)vcpu->run->s.regs.prefix;
	uint16_t code;

	if (addr % 8 || addr >> 31 || addr < 0x2000 || (addr & ~0x1fffULL) == prefix) {
		vcpu_program_check(vcpu, PGM_SPECIFICATION);
		return;
	}
	/* Once: the guest may change it while it is looked at */
	code = vm_read(vcpu->vm, addr, sccb, sizeof(*sccb));
	if (!code && be16_get(sccb->len) < sizeof(*sccb))
		code = PGM_SPECIFICATION;
	if (!code)
		code = execute_ordinary(vcpu->vm, command, addr, sccb);
	if (code) {
		vcpu_program_check(vcpu, code);
		return;
	}
	vcpu_set_cc(vcpu, 0);
	sclp_announce(vcpu->vm, (uint32_t)addr);
}

static long sida(struct vcpu *vcpu, uint32_t op, void *buf, size_t len)
{
	struct kvm_s390_mem_op mem_op = {
		.op = op,
		.size = (uint32_t)len,
		.buf = (uintptr_t)buf,
	};

	return vcpu_ioctl(vcpu, KVM_S390_MEM_OP, &mem_op);
}

/* The Ultravisor has checked address and length; the block is in the SIDA. */
static void protected_call(struct vcpu *vcpu, uint32_t command)
{
	uint8_t copy[SCCB_MAX] __attribute__((aligned(8)));
	struct sccb_header *sccb = (struct sccb_header *)copy;
	long rc = sida(vcpu, KVM_S390_MEMOP_SIDA_READ, copy, sizeof(copy));

	if (!rc)
		rc = sida(vcpu, KVM_S390_MEMOP_SIDA_WRITE, copy,
			  sclp_execute(vcpu->vm, sccb, command));
	if (rc) {
		vm_request_end(vcpu->vm, EXIT_CODE_HOST, "SIDA of CPU %u: %s", vcpu->id,
			       strerror((int)-rc));
		return;
	}
	vcpu_set_cc(vcpu, 0);
	sclp_announce(vcpu->vm, SCCB_PV_ADDR);
}

void sclp_handle(struct vcpu *vcpu)
{
	uint32_t registers = vcpu->run->s390_sieic.ipb >> 16;
	uint32_t command = (uint32_t)vcpu_gpr(vcpu, registers >> 4 & 0xf);
	uint64_t addr = vcpu_gpr(vcpu, registers & 0xf);

	if (vcpu->vm->protected)
		protected_call(vcpu, command);
	else if (vcpu->run->psw_mask & PSW_MASK_PROBLEM)
		vcpu_program_check(vcpu, PGM_PRIVILEGED);
	else
		ordinary_call(vcpu, command, addr);
}
