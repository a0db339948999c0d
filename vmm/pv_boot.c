// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/pv_boot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protvirt/protvirt.h"
#include "vmm/vcpu.h"

#define PAGE_LEN       4096UL
#define RESPONSE_NO_PV 0x0a02U
#define HDR_MAX        8192U

/* SET_SEC_PARMS: no key slot for this host, or one that it cannot open */
#define RC_HOST_KEY 0x0108
#define RRC_NO_SLOT 0x0005

static const char *const names[] = {
	[KVM_PV_ENABLE] = "KVM_PV_ENABLE",
	[KVM_PV_DISABLE] = "KVM_PV_DISABLE",
	[KVM_PV_SET_SEC_PARMS] = "KVM_PV_SET_SEC_PARMS",
	[KVM_PV_UNPACK] = "KVM_PV_UNPACK",
	[KVM_PV_VERIFY] = "KVM_PV_VERIFY",
	[KVM_PV_PREP_RESET] = "KVM_PV_PREP_RESET",
	[KVM_PV_UNSHARE_ALL] = "KVM_PV_UNSHARE_ALL",
	[KVM_PV_INFO] = "KVM_PV_INFO",
	[KVM_PV_DUMP] = "KVM_PV_DUMP",
	[KVM_PV_ASYNC_CLEANUP_PREPARE] = "KVM_PV_ASYNC_CLEANUP_PREPARE",
	[KVM_PV_ASYNC_CLEANUP_PERFORM] = "KVM_PV_ASYNC_CLEANUP_PERFORM",
};

const char *pv_command_name(enum pv_cmd_id cmd)
{
	return names[cmd];
}

struct pv_result pv_command(struct vm *vm, enum pv_cmd_id id, void *data)
{
	struct kvm_pv_cmd cmd = {.cmd = id, .data = (uintptr_t)data};
	long rc;

	do
		rc = vm_ioctl(vm, KVM_S390_PV_COMMAND, &cmd);
	while (rc == -EINTR);
	return (struct pv_result){(int)-rc, cmd.rc, cmd.rrc};
}

/* Steps of a start that the Ultravisor may refuse; which one is part of the guest's answer. */
struct attempt {
	enum pv_cmd_id cmd;
	struct pv_result result;
};

static bool step(struct vm *vm, struct attempt *a, enum pv_cmd_id cmd, void *data)
{
	a->cmd = cmd;
	a->result = pv_command(vm, cmd, data);
	return !a->result.error;
}

/* The header is copied before its storage becomes secure. */
static bool set_sec_parms(struct vm *vm, struct attempt *a, uint8_t header[HDR_MAX])
{
	struct kvm_s390_pv_sec_parm parm = {
		.origin = (uintptr_t)header,
		.length = be64_get(vm->pv_ipib->pv_header_len),
	};

	return step(vm, a, KVM_PV_SET_SEC_PARMS, &parm);
}

static bool unpack(struct vm *vm, struct attempt *a)
{
	const struct pv_ipib *block = vm->pv_ipib;

	for (uint32_t i = 0; i < be32_get(block->num_comp); i++) {
		struct kvm_s390_pv_unp unp = {
			.addr = be64_get(block->components[i].addr),
			.size = (be64_get(block->components[i].len) + PAGE_LEN - 1) & -PAGE_LEN,
			.tweak = be64_get(block->components[i].tweak_prefix),
		};

		if (!step(vm, a, KVM_PV_UNPACK, &unp))
			return false;
	}
	return true;
}

static bool start_steps(struct vm *vm, struct attempt *a, uint8_t header[HDR_MAX],
			struct pv_times *times)
{
	if (!step(vm, a, KVM_PV_ENABLE, NULL))
		return false;
	times->enabled = monotonic_ns();
	if (!set_sec_parms(vm, a, header) || !unpack(vm, a))
		return false;
	times->unpacked = monotonic_ns();
	if (!step(vm, a, KVM_PV_VERIFY, NULL))
		return false;
	times->verified = monotonic_ns();
	return true;
}

static void note_refusal(struct vm *vm, const struct attempt *a)
{
	const struct pv_result *r = &a->result;
	bool key = a->cmd == KVM_PV_SET_SEC_PARMS && r->rc == RC_HOST_KEY;
	const char *meaning = "";

	vm->pv_refusal_code = EXIT_CODE_IMAGE;
	if (key && r->rrc == RRC_NO_SLOT) {
		vm->pv_refusal_code = EXIT_CODE_HOST_KEY;
		meaning = ": the image is made for another host key";
	} else if (a->cmd == KVM_PV_SET_SEC_PARMS) {
		meaning = ": the image's header is not valid";
	} else if (a->cmd == KVM_PV_UNPACK || a->cmd == KVM_PV_VERIFY) {
		meaning = ": the image was changed or cut off";
	} else {
		vm->pv_refusal_code = EXIT_CODE_HOST;
	}
	snprintf(vm->pv_refusal, sizeof(vm->pv_refusal), "%s failed (%s), rc 0x%04x rrc 0x%04x%s",
		 pv_command_name(a->cmd), strerror(r->error), r->rc, r->rrc, meaning);
}

static int go_on_ordinary(struct vm *vm, const struct vm_request *request, const struct attempt *a)
{
	uint64_t answer = RESPONSE_NO_PV;
	bool enabled = a->cmd != KVM_PV_ENABLE;

	note_refusal(vm, a);
	if (enabled) {
		struct pv_result undone = pv_command(vm, KVM_PV_DISABLE, NULL);

		if (undone.error)
			return -undone.error;
		answer |= (uint64_t)a->cmd << 48 | (uint64_t)a->result.rrc << 32 |
			  (uint64_t)a->result.rc << 16;
	}
	vcpu_set_gpr(request->vcpu, request->response_reg, answer);
	return vcpu_set_mp_state(request->vcpu, KVM_MP_STATE_OPERATING) ?: -EPERM;
}

/* The caller keeps its registers and its PSW: it may have to go on. */
static int stop_and_reset(struct vm *vm, struct vcpu *caller)
{
	int rc = vm_subsystem_reset(vm);

	for (unsigned int i = 0; i < vm->params.nr_cpus && !rc; i++) {
		struct vcpu *vcpu = &vm->cpus[i];

		rc = vcpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED);
		if (!rc)
			rc = (int)vcpu_ioctl(
				vcpu, vcpu == caller ? KVM_S390_NORMAL_RESET : KVM_S390_CLEAR_RESET,
				NULL);
		vcpu->job = VCPU_JOB_NONE;
	}
	return rc;
}

static int copy_header(struct vm *vm, uint8_t header[HDR_MAX])
{
	uint64_t addr = be64_get(vm->pv_ipib->pv_header_addr);
	uint64_t len = be64_get(vm->pv_ipib->pv_header_len);
	uint64_t first = addr & -PAGE_LEN, end = (addr + len + PAGE_LEN - 1) & -PAGE_LEN;
	void *from = vm_range(vm, addr, len);

	if (!from || len > HDR_MAX)
		return -EINVAL;
	if (protvirt_make_accessible(vm->memory + first, end - first))
		return -errno;
	memcpy(header, from, len);
	return 0;
}

/* The Ultravisor wants to know that the PSW is to be loaded before the CPU may run. */
static int load_cpu(struct vcpu *vcpu)
{
	return vcpu_set_mp_state(vcpu, KVM_MP_STATE_LOAD)
		       ?: vcpu_set_mp_state(vcpu, KVM_MP_STATE_OPERATING);
}

int pv_boot_enter(struct vm *vm, const struct vm_request *request, struct pv_times *times)
{
	struct attempt a = {0};
	uint8_t header[HDR_MAX];
	int rc;

	*vm->pv_refusal = 0;
	rc = stop_and_reset(vm, request->vcpu);
	if (!rc)
		rc = copy_header(vm, header);
	if (rc)
		return rc;
	if (!start_steps(vm, &a, header, times))
		return go_on_ordinary(vm, request, &a);
	vm->protected = true;
	rc = load_cpu(request->vcpu);
	times->started = monotonic_ns();
	return rc;
}

static int reset_command(struct vm *vm, enum pv_cmd_id cmd)
{
	struct pv_result result = pv_command(vm, cmd, NULL);

	if (result.error)
		fprintf(stderr, "protvirt run: %s failed (%s), rc 0x%04x rrc 0x%04x\n",
			pv_command_name(cmd), strerror(result.error), result.rc, result.rrc);
	return -result.error;
}

static int reset_protected_cpu(struct vcpu *vcpu, bool is_caller, bool clear)
{
	unsigned long reset = KVM_S390_NORMAL_RESET;

	if (clear)
		reset = KVM_S390_CLEAR_RESET;
	else if (is_caller)
		reset = KVM_S390_INITIAL_RESET;
	vcpu->job = VCPU_JOB_NONE;
	return (int)vcpu_ioctl(vcpu, reset, NULL);
}

int pv_boot_reset(struct vm *vm, struct vcpu *caller, bool clear)
{
	int rc = vm_subsystem_reset(vm);

	for (unsigned int i = 0; i < vm->params.nr_cpus && !rc; i++)
		rc = vcpu_set_mp_state(&vm->cpus[i], KVM_MP_STATE_STOPPED);
	if (!rc)
		rc = reset_command(vm, KVM_PV_UNSHARE_ALL);
	if (!rc)
		rc = reset_command(vm, KVM_PV_PREP_RESET);
	for (unsigned int i = 0; i < vm->params.nr_cpus && !rc; i++)
		rc = reset_protected_cpu(&vm->cpus[i], &vm->cpus[i] == caller, clear);
	return rc ?: load_cpu(caller);
}
