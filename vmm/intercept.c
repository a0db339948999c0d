// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/intercept.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "vmm/css.h"
#include "vmm/diag.h"
#include "vmm/sclp.h"
#include "vmm/sclp_input.h"
#include "vmm/sigp.h"
#include "vmm/stsi.h"

#define OP_DIAG  0x83
#define OP_SIGP  0xae
#define OP_SERVC 0xb220

static void instruction(struct vcpu *vcpu)
{
	uint16_t ipa = vcpu->run->s390_sieic.ipa;

	if (ipa >> 8 == OP_DIAG)
		diag_handle(vcpu);
	else if (ipa >> 8 == OP_SIGP)
		sigp_handle(vcpu);
	else if (ipa == OP_SERVC)
		sclp_handle(vcpu);
	else if (css_instruction(ipa))
		css_handle(vcpu);
	else if (vcpu->vm->protected)
		vm_request_end(vcpu->vm, EXIT_CODE_CRASH,
			       "CPU %u: instruction %04x %08x of the protected guest is not for us",
			       vcpu->id, ipa, vcpu->run->s390_sieic.ipb);
	else
		vcpu_program_check(vcpu, PGM_OPERATION);
}

/*
 * The guest is over if no CPU can go on. The address tells how it went: 0 and xxxfff are
 * success; the loader's own waits are told by what the Ultravisor said. A protected guest that
 * was asked to shut down has done so: Linux ends that way, at xxxfff.
 */
static void disabled_wait(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	uint64_t mask = vcpu->run->psw_mask, addr = vcpu->run->psw_addr;

	if (vm->protected && sclp_input_quiesce_state(vm->input) == QUIESCE_TAKEN)
		vm_request_end(vm, EXIT_CODE_OK, "disabled wait, as it was asked to shut down");
	else if (vm->protected)
		vm_request_end(vm, EXIT_CODE_WAIT,
			       "the protected guest is in a disabled wait (its PSW is hidden)");
	else if (*vm->pv_refusal)
		vm_request_end(vm, vm->pv_refusal_code, "%s", vm->pv_refusal);
	else if (!addr || (addr & 0xfff) == 0xfff)
		vm_request_end(vm, EXIT_CODE_OK, "disabled wait");
	else
		vm_request_end(vm, EXIT_CODE_WAIT, "disabled wait, PSW %016" PRIx64 " %016" PRIx64,
			       mask, addr);
}

static bool any_operating(struct vm *vm)
{
	bool any = false;

	pthread_mutex_lock(&vm->lock);
	for (unsigned int i = 0; i < vm->params.nr_cpus; i++)
		any |= vm->cpus[i].state == VCPU_OPERATING || vm->cpus[i].job;
	pthread_mutex_unlock(&vm->lock);
	return any;
}

static void stopped(struct vcpu *vcpu)
{
	int rc = vcpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED);

	if (rc)
		vm_request_end(vcpu->vm, EXIT_CODE_HOST, "CPU %u cannot be stopped: %s", vcpu->id,
			       strerror(-rc));
	else if (!any_operating(vcpu->vm))
		vm_request_end(vcpu->vm, EXIT_CODE_OK, "all CPUs stopped");
}

static void interruption_loop(struct vcpu *vcpu, const char *kind)
{
	struct kvm_run *run = vcpu->run;

	if (vcpu->vm->protected)
		vm_request_end(vcpu->vm, EXIT_CODE_CRASH,
			       "CPU %u: %s interruption loop of the protected guest", vcpu->id,
			       kind);
	else
		vm_request_end(vcpu->vm, EXIT_CODE_CRASH,
			       "CPU %u: %s interruption loop, PSW %016" PRIx64 " %016" PRIx64,
			       vcpu->id, kind, run->psw_mask, run->psw_addr);
}

static void intercept(struct vcpu *vcpu)
{
	switch (vcpu->run->s390_sieic.icptcode) {
	case ICPT_INSTRUCTION:
	case ICPT_PV_INSTR:
	case ICPT_PV_NOTIFY:
		instruction(vcpu);
		break;
	case ICPT_WAIT:
		disabled_wait(vcpu);
		break;
	case ICPT_STOP:
		stopped(vcpu);
		break;
	case ICPT_PROGRAM:
		interruption_loop(vcpu, "program");
		break;
	case ICPT_EXTERNAL:
		interruption_loop(vcpu, "external");
		break;
	case ICPT_OPEREXC:
		vcpu_program_check(vcpu, PGM_OPERATION);
		break;
	default:
		vm_request_end(vcpu->vm, EXIT_CODE_CRASH, "CPU %u: interception 0x%02x", vcpu->id,
			       vcpu->run->s390_sieic.icptcode);
	}
}

static void reset(struct vcpu *vcpu)
{
	struct vm_request request = {
		.event = VM_EVENT_REIPL,
		.vcpu = vcpu,
		.time_ns = monotonic_ns(),
	};

	vm_request(vcpu->vm, &request);
}

void intercept_handle(struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_S390_SIEIC:
		intercept(vcpu);
		break;
	case KVM_EXIT_S390_RESET:
		reset(vcpu);
		break;
	case KVM_EXIT_S390_TSCH:
		css_handle_tsch(vcpu);
		break;
	case KVM_EXIT_S390_STSI:
		stsi_handle(vcpu);
		break;
	case KVM_EXIT_INTR:
		break;
	default:
		vm_request_end(vcpu->vm, EXIT_CODE_CRASH, "CPU %u: exit reason %u", vcpu->id,
			       vcpu->run->exit_reason);
	}
}

void intercept_run_failed(struct vcpu *vcpu, int error)
{
	const char *guess = "";

	if ((error == EFAULT || error == EINVAL) && vcpu->vm->protected)
		guess = ": perhaps a page that it needs was changed outside, so that its import is "
			"refused";
	else if (error == EIO)
		guess = ": the machine is gone";
	vm_request_end(vcpu->vm, error == EIO ? EXIT_CODE_HOST : EXIT_CODE_CRASH,
		       "CPU %u cannot go on (%s)%s", vcpu->id, strerror(error), guess);
}
