// SPDX-License-Identifier: GPL-2.0-or-later
/* What a VMM may ask for, and what it may switch on. */
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "kvm/kvm_main.h"
#include "kvm/machine_state.h"
#include "kvm/uv_host.h"
#include "sie/sie.h"

/* Facilities that a capability stands for */
#define FACILITY_CONFIGURATION_TOPOLOGY        11
#define FACILITY_RUNTIME_INSTRUMENTATION       64
#define FACILITY_ADAPTER_INTERRUPT_SUPPRESSION 72
#define FACILITY_PPA15                         82
#define FACILITY_VECTOR                        129
#define FACILITY_GUARDED_STORAGE               133

static bool test_facility(unsigned int nr)
{
	uint64_t list[4];

	sie_host_facilities(list);
	return list[nr / 64] & (0x8000000000000000UL >> (nr & 63));
}

/* Capabilities whose value never changes; what is not listed is 0. */
static const struct {
	uint32_t cap;
	int value;
} fixed_capabilities[] = {
	{KVM_CAP_NR_MEMSLOTS, KVM_USER_MEM_SLOTS},
	{KVM_CAP_MP_STATE, 1},
	{KVM_CAP_SYNC_MMU, 1},
	{KVM_CAP_IRQ_ROUTING, KVM_S390_MAX_IRQ_ROUTES},
	{KVM_CAP_S390_PSW, 1},
	{KVM_CAP_ENABLE_CAP, 1},
	{KVM_CAP_ASYNC_PF, 1},
	{KVM_CAP_MAX_VCPUS, KVM_MAX_VCPUS},
	{KVM_CAP_MAX_VCPU_ID, KVM_MAX_VCPUS},
	{KVM_CAP_ONE_REG, 1},
	{KVM_CAP_S390_GMAP, 1},
	{KVM_CAP_SYNC_REGS, 1},
	{KVM_CAP_S390_CSS_SUPPORT, 1},
	{KVM_CAP_DEVICE_CTRL, 1},
	{KVM_CAP_ENABLE_CAP_VM, 1},
	{KVM_CAP_S390_IRQCHIP, 1},
	{KVM_CAP_VM_ATTRIBUTES, 1},
	{KVM_CAP_CHECK_EXTENSION_VM, 1},
	{KVM_CAP_S390_USER_SIGP, 1},
	{KVM_CAP_S390_MEM_OP, MEM_OP_MAX_SIZE},
	{KVM_CAP_S390_USER_STSI, 1},
	{KVM_CAP_S390_SKEYS, 1},
	{KVM_CAP_S390_INJECT_IRQ, 1},
	{KVM_CAP_S390_IRQ_STATE, 1},
	{KVM_CAP_S390_USER_INSTR0, 1},
	{KVM_CAP_IMMEDIATE_EXIT, 1},
	{KVM_CAP_S390_AIS_MIGRATION, 1},
	{KVM_CAP_S390_VCPU_RESETS, 1},
	{KVM_CAP_S390_DIAG318, 1},
	{KVM_CAP_S390_MEM_OP_EXTENSION,
	 KVM_S390_MEMOP_EXTENSION_CAP_BASE | KVM_S390_MEMOP_EXTENSION_CAP_CMPXCHG},
	{KVM_CAP_S390_USER_OPEREXEC, 1},
};

/* Capabilities that follow a facility of the engine. */
static const struct {
	uint32_t cap;
	unsigned int facility;
} facility_capabilities[] = {
	{KVM_CAP_S390_VECTOR_REGISTERS, FACILITY_VECTOR},
	{KVM_CAP_S390_RI, FACILITY_RUNTIME_INSTRUMENTATION},
	{KVM_CAP_S390_GS, FACILITY_GUARDED_STORAGE},
	{KVM_CAP_S390_AIS, FACILITY_ADAPTER_INTERRUPT_SUPPRESSION},
	{KVM_CAP_S390_BPB, FACILITY_PPA15},
	{KVM_CAP_S390_CPU_TOPOLOGY, FACILITY_CONFIGURATION_TOPOLOGY},
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static int capability_facility(uint64_t cap)
{
	for (size_t i = 0; i < ARRAY_SIZE(facility_capabilities); i++) {
		if (facility_capabilities[i].cap == cap)
			return (int)facility_capabilities[i].facility;
	}
	return -1;
}

static bool dump_calls_installed(const struct machine *m)
{
	for (unsigned int bit = BIT_UVC_CMD_DUMP_INIT; bit <= BIT_UVC_CMD_DUMP_COMPLETE; bit++) {
		if (!uv_has_call(&m->info, bit))
			return false;
	}
	return true;
}

static long recommended_vcpus(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	return online < 1 ? 1 : online > KVM_MAX_VCPUS ? KVM_MAX_VCPUS : online;
}

long kvm_check_extension(const struct machine *m, const struct kvm *kvm, uint64_t cap)
{
	int facility = capability_facility(cap);

	if (facility >= 0)
		return test_facility((unsigned int)facility);
	switch (cap) {
	case KVM_CAP_NR_VCPUS:
		return recommended_vcpus();
	case KVM_CAP_S390_PROTECTED:
		return is_prot_virt_host(m) && !(kvm && kvm->arch.uv_host);
	case KVM_CAP_PROTVIRT_UV_HOST:
		return is_prot_virt_host(m);
	case KVM_CAP_S390_PROTECTED_ASYNC_DISABLE:
		return m->async_destroy && is_prot_virt_host(m);
	case KVM_CAP_S390_PROTECTED_DUMP:
		return is_prot_virt_host(m) && dump_calls_installed(m);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fixed_capabilities); i++) {
		if (fixed_capabilities[i].cap == cap)
			return fixed_capabilities[i].value;
	}
	return 0;
}

/* Facilities are fixed with the first vCPU. */
static long enable_facility(struct kvm *kvm, unsigned int nr)
{
	long ret = 0;

	mutex_lock(&kvm->lock);
	if (atomic_load(&kvm->online_vcpus))
		ret = -EBUSY;
	else if (!test_facility(nr))
		ret = -EINVAL;
	else
		kvm_s390_add_facility(kvm, nr);
	mutex_unlock(&kvm->lock);
	return ret;
}

/* Huge pages are not offered; a VMM that has vCPUs already hears about those first. */
static long enable_hpage(struct kvm *kvm)
{
	return atomic_load(&kvm->online_vcpus) ? -EBUSY : -EINVAL;
}

/** enable_operexc() - operation exceptions leave the engine, on CPUs that are there and on new ones
 */
static long enable_operexc(struct kvm *kvm, _Atomic bool *what)
{
	struct kvm_vcpu *vcpu;
	uint32_t i;

	mutex_lock(&kvm->lock);
	atomic_store(what, true);
	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		kvm_make_request(KVM_REQ_ICPT_OPEREXC, vcpu);
		kvm_vcpu_kick(vcpu);
	}
	mutex_unlock(&kvm->lock);
	return 0;
}

long kvm_vm_ioctl_enable_cap(struct kvm *kvm, const struct kvm_enable_cap *cap)
{
	int facility = capability_facility(cap->cap);

	if (cap->flags)
		return -EINVAL;
	if (facility >= 0 && cap->cap != KVM_CAP_S390_BPB)
		return enable_facility(kvm, (unsigned int)facility);
	switch (cap->cap) {
	case KVM_CAP_S390_IRQCHIP:
		atomic_store(&kvm->arch.use_irqchip, true);
		return 0;
	case KVM_CAP_S390_USER_SIGP:
		atomic_store(&kvm->arch.user_sigp, true);
		return 0;
	case KVM_CAP_S390_USER_STSI:
		atomic_store(&kvm->arch.user_stsi, true);
		return 0;
	case KVM_CAP_S390_USER_INSTR0:
		return enable_operexc(kvm, &kvm->arch.user_instr0);
	case KVM_CAP_S390_USER_OPEREXEC:
		return enable_operexc(kvm, &kvm->arch.user_operexec);
	case KVM_CAP_S390_HPAGE_1M:
		return enable_hpage(kvm);
	case KVM_CAP_PROTVIRT_UV_HOST:
		return kvm_s390_enable_uv_host(kvm, cap);
	default:
		return -EINVAL;
	}
}
