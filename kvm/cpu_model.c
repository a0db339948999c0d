// SPDX-License-Identifier: GPL-2.0-or-later
/* The CPU model of a VM: attribute group 3. */
#include <errno.h>
#include <string.h>

#include "host/alloc.h"
#include "host/task.h"
#include "kvm/kvm_main.h"
#include "kvm/machine_state.h"
#include "sie/sie.h"

#define FACILITY_UNPACK 161

/* CPU ids: version 0, a serial number that nobody has, machine type, format 0x8000 */
#define CPUID(type) (0x0000012300000000UL | (uint64_t)(type) << 16 | 0x8000)

static const struct {
	const char *model;
	uint64_t cpuid;
} machine_cpuids[] = {
	{"z15", CPUID(0x8561)},
	{"z16", CPUID(0x3931)},
};

#define CPUID_NEWEST CPUID(0x9175)

static uint64_t machine_cpuid(const struct machine *m)
{
	for (size_t i = 0; i < sizeof(machine_cpuids) / sizeof(machine_cpuids[0]); i++) {
		if (!strcmp(machine_cpuids[i].model, uv_model(m->uv)->name))
			return machine_cpuids[i].cpuid;
	}
	return CPUID_NEWEST;
}

static void machine_facilities(const struct machine *m, uint64_t list[S390_ARCH_FAC_LIST_SIZE_U64])
{
	memset(list, 0, S390_ARCH_FAC_LIST_SIZE_U64 * sizeof(list[0]));
	sie_host_facilities(list);
	if (is_prot_virt_host(m))
		list[FACILITY_UNPACK / 64] |= 0x8000000000000000UL >> (FACILITY_UNPACK & 63);
}

/* UV features that a guest may have: AP instructions and interruptions. */
static uint64_t machine_uv_feat_guest(const struct machine *m)
{
	uint64_t mask = 1UL << (63 - KVM_S390_VM_CPU_UV_FEAT_AP) |
			1UL << (63 - KVM_S390_VM_CPU_UV_FEAT_AP_INTR);

	return is_prot_virt_host(m) ? m->info.uv_feature_indications & mask : 0;
}

#define FEAT_BIT(nr) (0x8000000000000000UL >> (nr))

/* What a guest's own guests may have; all of it is in the first doubleword */
#define AVAILABLE_CPU_FEAT                                                                         \
	(FEAT_BIT(KVM_S390_VM_CPU_FEAT_SIEF2) | FEAT_BIT(KVM_S390_VM_CPU_FEAT_64BSCAO) |           \
	 FEAT_BIT(KVM_S390_VM_CPU_FEAT_GSLS) | FEAT_BIT(KVM_S390_VM_CPU_FEAT_KSS))

static void tell_engine(struct kvm *kvm)
{
	struct kvm_s390_cpu_model *model = &kvm->arch.model;
	uint64_t list[S390_ARCH_FAC_LIST_SIZE_U64];

	for (size_t i = 0; i < S390_ARCH_FAC_LIST_SIZE_U64; i++)
		list[i] = model->fac_list[i] & model->fac_mask[i];
	sie_vm_set_facilities(kvm->arch.sie, list, S390_ARCH_FAC_LIST_SIZE_U64);
}

void kvm_s390_init_cpu_model(struct kvm *kvm)
{
	struct kvm_s390_cpu_model *model = &kvm->arch.model;

	machine_facilities(kvm->machine, model->fac_mask);
	memcpy(model->fac_list, model->fac_mask, sizeof(model->fac_list));
	kvm_s390_available_subfunc(model->fac_list, &model->subfuncs);
	model->cpuid = machine_cpuid(kvm->machine);
	model->ibc = 0; /* the machine has no instruction blocking */
	tell_engine(kvm);
}

void kvm_s390_add_facility(struct kvm *kvm, unsigned int nr)
{
	struct kvm_s390_cpu_model *model = &kvm->arch.model;
	uint64_t bit = 0x8000000000000000UL >> (nr & 63);

	lockdep_assert_held(&kvm->lock);
	model->fac_mask[nr / 64] |= bit;
	model->fac_list[nr / 64] |= bit;
	tell_engine(kvm);
}

/* ---- set ---- */

static int set_processor(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_vm_cpu_processor *proc = host_zalloc(sizeof(*proc));
	struct kvm_s390_cpu_model *model = &kvm->arch.model;
	int ret = 0;

	if (!proc)
		return -ENOMEM;
	if (copy_from_user(proc, addr, sizeof(*proc))) {
		ret = -EFAULT;
	} else {
		model->cpuid = proc->cpuid;
		memcpy(model->fac_list, proc->fac_list, sizeof(model->fac_list));
		tell_engine(kvm);
	}
	host_free(proc);
	return ret;
}

static int set_processor_feat(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_vm_cpu_feat feat;

	if (copy_from_user(&feat, addr, sizeof(feat)))
		return -EFAULT;
	for (size_t i = 0; i < 16; i++) {
		if (feat.feat[i] & ~(i ? 0 : AVAILABLE_CPU_FEAT))
			return -EINVAL;
	}
	memcpy(kvm->arch.cpu_feat, feat.feat, sizeof(feat.feat));
	return 0;
}

/*
 * Kept for whoever asks, with nothing compared, as a real host keeps it: query functions answer
 * inside SIE, where no mask of a VM reaches. The facilities are what takes an instruction away.
 */
static int set_processor_subfunc(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_vm_cpu_subfunc subfuncs;

	if (copy_from_user(&subfuncs, addr, sizeof(subfuncs)))
		return -EFAULT;
	kvm->arch.model.subfuncs = subfuncs;
	return 0;
}

static int set_uv_feat(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_vm_cpu_uv_feat feat;

	if (copy_from_user(&feat, addr, sizeof(feat)))
		return -EFAULT;
	if (feat.feat & ~machine_uv_feat_guest(kvm->machine))
		return -EINVAL;
	kvm->arch.model.uv_feat_guest = feat.feat;
	return 0;
}

static int set_locked(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	if (atomic_load(&kvm->online_vcpus))
		return -EBUSY;
	switch (attr->attr) {
	case KVM_S390_VM_CPU_PROCESSOR:
		return set_processor(kvm, attr->addr);
	case KVM_S390_VM_CPU_PROCESSOR_FEAT:
		return set_processor_feat(kvm, attr->addr);
	case KVM_S390_VM_CPU_PROCESSOR_SUBFUNC:
		return set_processor_subfunc(kvm, attr->addr);
	default:
		return set_uv_feat(kvm, attr->addr);
	}
}

int kvm_s390_set_cpu_model(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	int ret;

	switch (attr->attr) {
	case KVM_S390_VM_CPU_PROCESSOR:
	case KVM_S390_VM_CPU_PROCESSOR_FEAT:
	case KVM_S390_VM_CPU_PROCESSOR_SUBFUNC:
	case KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST:
		break;
	default:
		return -ENXIO;
	}
	mutex_lock(&kvm->lock);
	ret = set_locked(kvm, attr);
	mutex_unlock(&kvm->lock);
	return ret;
}

/* ---- get ---- */

static int get_processor(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_vm_cpu_processor *proc = host_zalloc(sizeof(*proc));
	int ret;

	if (!proc)
		return -ENOMEM;
	proc->cpuid = kvm->arch.model.cpuid;
	proc->ibc = kvm->arch.model.ibc;
	memcpy(proc->fac_list, kvm->arch.model.fac_list, sizeof(proc->fac_list));
	ret = copy_to_user(addr, proc, sizeof(*proc));
	host_free(proc);
	return ret;
}

static int get_machine(struct kvm *kvm, uint64_t addr)
{
	struct kvm_s390_vm_cpu_machine *mach = host_zalloc(sizeof(*mach));
	int ret;

	if (!mach)
		return -ENOMEM;
	mach->cpuid = machine_cpuid(kvm->machine);
	memcpy(mach->fac_mask, kvm->arch.model.fac_mask, sizeof(mach->fac_mask));
	machine_facilities(kvm->machine, mach->fac_list);
	ret = copy_to_user(addr, mach, sizeof(*mach));
	host_free(mach);
	return ret;
}

static int get_machine_feat(uint64_t addr)
{
	struct kvm_s390_vm_cpu_feat feat = {.feat = {AVAILABLE_CPU_FEAT}};

	return copy_to_user(addr, &feat, sizeof(feat));
}

static int get_machine_subfunc(const struct kvm *kvm, uint64_t addr)
{
	uint64_t list[S390_ARCH_FAC_LIST_SIZE_U64];
	struct kvm_s390_vm_cpu_subfunc subfuncs;

	machine_facilities(kvm->machine, list);
	kvm_s390_available_subfunc(list, &subfuncs);
	return copy_to_user(addr, &subfuncs, sizeof(subfuncs));
}

int kvm_s390_get_cpu_model(struct kvm *kvm, const struct kvm_device_attr *attr)
{
	struct kvm_s390_vm_cpu_uv_feat feat;

	switch (attr->attr) {
	case KVM_S390_VM_CPU_PROCESSOR:
		return get_processor(kvm, attr->addr);
	case KVM_S390_VM_CPU_MACHINE:
		return get_machine(kvm, attr->addr);
	case KVM_S390_VM_CPU_PROCESSOR_FEAT:
		return copy_to_user(attr->addr, kvm->arch.cpu_feat,
				    sizeof(struct kvm_s390_vm_cpu_feat));
	case KVM_S390_VM_CPU_MACHINE_FEAT:
		return get_machine_feat(attr->addr);
	case KVM_S390_VM_CPU_PROCESSOR_SUBFUNC:
		return copy_to_user(attr->addr, &kvm->arch.model.subfuncs,
				    sizeof(kvm->arch.model.subfuncs));
	case KVM_S390_VM_CPU_MACHINE_SUBFUNC:
		return get_machine_subfunc(kvm, attr->addr);
	case KVM_S390_VM_CPU_PROCESSOR_UV_FEAT_GUEST:
		feat.feat = kvm->arch.model.uv_feat_guest;
		return copy_to_user(attr->addr, &feat, sizeof(feat));
	case KVM_S390_VM_CPU_MACHINE_UV_FEAT_GUEST:
		feat.feat = machine_uv_feat_guest(kvm->machine);
		return copy_to_user(attr->addr, &feat, sizeof(feat));
	default:
		return -ENXIO;
	}
}
