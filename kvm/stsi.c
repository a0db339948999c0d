// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * STORE SYSTEM INFORMATION: a machine, one logical partition, one VM in it.
 *
 * All text says that the machine is simulated.
 */
#include <errno.h>
#include <string.h>

#include "kvm/vcpu.h"

struct sysinfo_1_1_1 {
	uint8_t reserved0[32];
	uint8_t manufacturer[16]; /* 0x20 */
	uint8_t type[4];          /* 0x30 */
	uint8_t reserved34[12];
	uint8_t model[16];    /* 0x40 */
	uint8_t sequence[16]; /* 0x50 */
	uint8_t plant[4];     /* 0x60 */
};
_Static_assert(offsetof(struct sysinfo_1_1_1, model) == 0x40, "model");
_Static_assert(offsetof(struct sysinfo_1_1_1, plant) == 0x60, "plant");

struct sysinfo_1_2_1 {
	uint8_t reserved0[80];
	uint8_t sequence[16]; /* 0x50 */
	uint8_t plant[4];     /* 0x60 */
	uint8_t reserved64[2];
	be16_t cpu_address; /* 0x66 */
};
_Static_assert(offsetof(struct sysinfo_1_2_1, cpu_address) == 0x66, "cpu_address");

struct sysinfo_1_2_2 {
	uint8_t format;
	uint8_t reserved1[31];
	be32_t capability;      /* 0x20 */
	be16_t cpus_total;      /* 0x24 */
	be16_t cpus_configured; /* 0x26 */
	be16_t cpus_standby;    /* 0x28 */
	be16_t cpus_reserved;   /* 0x2a */
};
_Static_assert(offsetof(struct sysinfo_1_2_2, cpus_reserved) == 0x2a, "cpus_reserved");

struct sysinfo_2_2_2 {
	uint8_t reserved0[32];
	be16_t lpar_number; /* 0x20 */
	uint8_t reserved22;
	uint8_t characteristics; /* 0x23 */
	be16_t cpus_total;       /* 0x24 */
	be16_t cpus_configured;
	be16_t cpus_standby;
	be16_t cpus_reserved;
	uint8_t name[8]; /* 0x2c */
};
_Static_assert(offsetof(struct sysinfo_2_2_2, name) == 0x2c, "name");

struct sysinfo_3_2_2_vm {
	uint8_t reserved0[4];
	be16_t cpus_total;
	be16_t cpus_configured;
	be16_t cpus_standby;
	be16_t cpus_reserved;
	uint8_t name[8];
	be32_t caf;
	uint8_t cpi[16];
	uint8_t reserved44[3];
	uint8_t extended_name_encoding;
	be32_t reserved48;
	uint8_t uuid[16];
};
_Static_assert(sizeof(struct sysinfo_3_2_2_vm) == 64, "3.2.2 vm");

struct sysinfo_3_2_2 {
	uint8_t reserved0[31];
	uint8_t count; /* 0x1f */
	struct sysinfo_3_2_2_vm vm[8];
};
_Static_assert(offsetof(struct sysinfo_3_2_2, vm) == 0x20, "vm");

/** ebcdic() - letters, digits, blank and slash in code page 037 */
static uint8_t ebcdic(char c)
{
	static const char row[3][10] = {"ABCDEFGHI", "JKLMNOPQR", "STUVWXYZ"};

	if (c >= '0' && c <= '9')
		return (uint8_t)(0xf0 + c - '0');
	if (c == '/')
		return 0x61;
	for (unsigned int i = 0; i < 3; i++) {
		for (uint8_t k = 0; row[i][k]; k++) {
			uint8_t upper = (uint8_t)(0xc1 + 16 * i + k + (i == 2));

			if (c == row[i][k])
				return upper;
			if (c == row[i][k] + 'a' - 'A')
				return (uint8_t)(upper - 0x40);
		}
	}
	return 0x40;
}

/** put_text() - padded with blanks */
static void put_text(uint8_t *to, size_t len, const char *text)
{
	for (size_t i = 0; i < len; i++)
		to[i] = ebcdic(*text ? *text++ : ' ');
}

/** machine_type() - four digits from the CPU id */
static void machine_type(const struct kvm_vcpu *vcpu, char digits[5])
{
	unsigned int type = vcpu->kvm->arch.model.cpuid >> 16 & 0xffff;

	for (int i = 3; i >= 0; i--, type >>= 4)
		digits[i] = (char)('0' + (type & 0xf) % 10);
	digits[4] = 0;
}

static void stsi_1_1_1(const struct kvm_vcpu *vcpu, uint8_t *page)
{
	struct sysinfo_1_1_1 *info = (struct sysinfo_1_1_1 *)page;
	char type[5];

	machine_type(vcpu, type);
	put_text(info->manufacturer, sizeof(info->manufacturer), "PROTVIRT");
	put_text(info->type, sizeof(info->type), type);
	put_text(info->model, sizeof(info->model), "SIMULATED");
	put_text(info->sequence, sizeof(info->sequence), "0000000000000000");
	put_text(info->plant, sizeof(info->plant), "00");
}

static void stsi_1_2_1(const struct kvm_vcpu *vcpu, uint8_t *page)
{
	struct sysinfo_1_2_1 *info = (struct sysinfo_1_2_1 *)page;

	put_text(info->sequence, sizeof(info->sequence), "0000000000000000");
	put_text(info->plant, sizeof(info->plant), "00");
	info->cpu_address = be16_make((uint16_t)vcpu->vcpu_id);
}

static uint16_t nr_cpus(const struct kvm_vcpu *vcpu)
{
	return (uint16_t)atomic_load(&vcpu->kvm->online_vcpus);
}

static void stsi_1_2_2(const struct kvm_vcpu *vcpu, uint8_t *page)
{
	struct sysinfo_1_2_2 *info = (struct sysinfo_1_2_2 *)page;

	info->capability = be32_make(1000);
	info->cpus_total = be16_make(nr_cpus(vcpu));
	info->cpus_configured = be16_make(nr_cpus(vcpu));
}

static void stsi_2_2_2(const struct kvm_vcpu *vcpu, uint8_t *page)
{
	struct sysinfo_2_2_2 *info = (struct sysinfo_2_2_2 *)page;

	info->lpar_number = be16_make(1);
	info->characteristics = 0x40; /* shared CPUs */
	info->cpus_total = be16_make(nr_cpus(vcpu));
	info->cpus_configured = be16_make(nr_cpus(vcpu));
	put_text(info->name, sizeof(info->name), "PROTVIRT");
}

/** stsi_3_2_2() - guests find out from "KVM" here that they run under KVM */
static void stsi_3_2_2(const struct kvm_vcpu *vcpu, uint8_t *page)
{
	struct sysinfo_3_2_2 *info = (struct sysinfo_3_2_2 *)page;

	info->count = 1;
	info->vm[0].cpus_total = be16_make(nr_cpus(vcpu));
	info->vm[0].cpus_configured = be16_make(nr_cpus(vcpu));
	info->vm[0].caf = be32_make(1000);
	put_text(info->vm[0].name, sizeof(info->vm[0].name), "KVMguest");
	put_text(info->vm[0].cpi, sizeof(info->vm[0].cpi), "KVM/Linux");
}

/** fill() - Return: false: there is no such information */
static bool fill(const struct kvm_vcpu *vcpu, uint8_t *page, unsigned int fc, unsigned int sel1,
		 unsigned int sel2)
{
	static const struct {
		unsigned int fc, sel1, sel2;
		void (*fill)(const struct kvm_vcpu *vcpu, uint8_t *page);
	} rows[] = {
		{1, 1, 1, stsi_1_1_1}, {1, 2, 1, stsi_1_2_1}, {1, 2, 2, stsi_1_2_2},
		{2, 2, 2, stsi_2_2_2}, {3, 2, 2, stsi_3_2_2},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (fc != rows[i].fc || sel1 != rows[i].sel1 || sel2 != rows[i].sel2)
			continue;
		rows[i].fill(vcpu, page);
		return true;
	}
	return false;
}

static int no_data(struct kvm_vcpu *vcpu)
{
	kvm_s390_set_psw_cc(vcpu, 3);
	return 0;
}

/** to_user() - user space completes the block (capability USER_STSI) */
static int to_user(struct kvm_vcpu *vcpu, uint64_t addr, uint8_t ar, unsigned int fc,
		   unsigned int sel1, unsigned int sel2)
{
	vcpu->run->exit_reason = KVM_EXIT_S390_STSI;
	vcpu->run->s390_stsi.addr = addr;
	vcpu->run->s390_stsi.ar = ar;
	vcpu->run->s390_stsi.fc = (uint8_t)fc;
	vcpu->run->s390_stsi.sel1 = (uint8_t)sel1;
	vcpu->run->s390_stsi.sel2 = (uint16_t)sel2;
	return -EREMOTE;
}

static int store_page(struct kvm_vcpu *vcpu, uint64_t addr, uint8_t ar, const uint8_t *page)
{
	if (!kvm_s390_pv_cpu_is_protected(vcpu))
		return write_guest(vcpu, addr, ar, page, PAGE_SIZE);
	memcpy(sida_addr(vcpu), page, PAGE_SIZE);
	return 0;
}

int kvm_s390_handle_stsi(struct kvm_vcpu *vcpu)
{
	uint64_t *gprs = vcpu->arch.state.gprs;
	unsigned int fc = (uint32_t)gprs[0] >> 28;
	unsigned int sel1 = gprs[0] & 0xff;
	unsigned int sel2 = gprs[1] & 0xffff;
	uint8_t page[PAGE_SIZE] = {0};
	uint64_t addr;
	uint8_t ar;
	int rc;

	if (fc > 3)
		return no_data(vcpu);
	if ((gprs[0] & 0x0fffff00) || (gprs[1] & 0xffff0000))
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	if (fc == 0) {
		gprs[0] = (gprs[0] & 0xffffffff00000000UL) | 3U << 28;
		kvm_s390_set_psw_cc(vcpu, 0);
		return 0;
	}
	addr = kvm_s390_get_base_disp_s(vcpu, &ar);
	if (!kvm_s390_pv_cpu_is_protected(vcpu) && addr & ~PAGE_MASK)
		return kvm_s390_inject_program_int(vcpu, PGM_SPECIFICATION);
	if (!fill(vcpu, page, fc, sel1, sel2))
		return no_data(vcpu);
	rc = store_page(vcpu, addr, ar, page);
	if (rc)
		return kvm_s390_inject_prog_cond(vcpu, rc);
	kvm_s390_set_psw_cc(vcpu, 0);
	if (fc == 3 && atomic_load(&vcpu->kvm->arch.user_stsi))
		return to_user(vcpu, addr, ar, fc, sel1, sel2);
	return 0;
}
