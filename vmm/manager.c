// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/manager.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "vmm/ipl.h"
#include "vmm/machine_query.h"
#include "vmm/pv_boot.h"
#include "vmm/reboot_log.h"
#include "vmm/sclp_input.h"
#include "vmm/teardown.h"
#include "vmm/vcpu.h"

#define FRAME_LEN 4096U

/* The reboot that is going on, until the next guest runs. */
struct manager {
	struct vm *vm;
	struct vm_end *end;
	struct reboot_record *rebooting;
};

__attribute__((format(printf, 3, 4))) static bool end_vm(struct vm_end *end, enum exit_code code,
							 const char *format, ...)
{
	va_list args;

	end->code = code;
	va_start(args, format);
	vsnprintf(end->why, sizeof(end->why), format, args);
	va_end(args);
	return false;
}

static uint64_t secure_bytes(const struct vm *vm)
{
	struct snapshot s;

	if (machine_query(vm->machine_path, &s))
		return 0;
	return (s.frames_secure + s.frames_orphan + s.frames_shared + s.frames_residue) * FRAME_LEN;
}

static bool load(struct manager *m, bool clear)
{
	int rc = ipl_load(m->vm, clear);

	if (rc)
		return end_vm(m->end, EXIT_CODE_HOST, "the image cannot be loaded: %s",
			      strerror(-rc));
	pthread_mutex_lock(&m->vm->lock);
	m->vm->boots++;
	pthread_cond_broadcast(&m->vm->changed);
	pthread_mutex_unlock(&m->vm->lock);
	return true;
}

/*
 * Asking the machine is not part of a reboot, so its time is taken off: the exit is moved by as
 * much.
 */
static bool tear_down(struct manager *m, const struct vm_request *request)
{
	struct reboot_record record = {
		.number = m->vm->boots,
		.memory_bytes = m->vm->params.memory_size,
		.exit_ns = request->time_ns,
	};
	struct teardown teardown;
	uint64_t asked = monotonic_ns();
	int rc;

	record.secure_bytes = secure_bytes(m->vm);
	record.exit_ns += monotonic_ns() - asked;
	rc = teardown_run(m->vm, &teardown);
	record.torn_ns = monotonic_ns();
	if (rc)
		return end_vm(m->end, EXIT_CODE_HOST, "the protected guest cannot be destroyed: %s",
			      strerror(-rc));
	record.pending_bytes = teardown.set_aside ? secure_bytes(m->vm) : 0;
	asked = monotonic_ns() - record.torn_ns;
	record.torn_ns += asked;
	record.exit_ns += asked;
	record.async = teardown.set_aside;
	record.background_done = !teardown.set_aside;
	memcpy(record.fallback, teardown.fallback, sizeof(record.fallback));
	m->rebooting = reboot_log_add(m->vm->log, &record);
	if (!m->rebooting)
		return end_vm(m->end, EXIT_CODE_HOST, "no memory for the record of a reboot");
	if (teardown.set_aside)
		teardown_perform(m->vm, m->vm->log, m->rebooting);
	return true;
}

static bool reipl(struct manager *m, const struct vm_request *request)
{
	struct vm *vm = m->vm;
	bool was_protected = vm->protected;

	if (sclp_input_quiesce_state(vm->input) != QUIESCE_NONE)
		return end_vm(m->end, EXIT_CODE_OK, "no restart: it was asked to shut down");
	if (vm->boots > vm->params.max_reboots)
		return end_vm(m->end, EXIT_CODE_OK,
			      "restarted %" PRIu64 " times, as often as asked",
			      vm->params.max_reboots);
	if (was_protected && !tear_down(m, request))
		return false;
	return load(m, !was_protected);
}

static bool enter_pv(struct manager *m, const struct vm_request *request)
{
	struct pv_times times = {0};
	int rc = pv_boot_enter(m->vm, request, &times);

	if (rc == -EPERM)
		return true; /* the loader has something to say */
	if (rc)
		return end_vm(m->end, EXIT_CODE_HOST, "no protected start: %s", strerror(-rc));
	if (m->rebooting) {
		m->rebooting->asked_ns = request->time_ns;
		m->rebooting->start = times;
		m->rebooting->entry_ns = monotonic_ns();
		reboot_log_next_runs(m->vm->log, m->rebooting);
		m->rebooting = NULL;
	}
	return true;
}

/* Short PSW at absolute 0: 31-bit address in its second word, bit 12 is inverted. */
static bool load_normal(struct vm *vm, struct vcpu *caller)
{
	const uint64_t mask_bits = 0xfff7ffff80000000ULL;
	be64_t psw;

	memcpy(&psw, vm->memory, sizeof(psw));
	vcpu_set_psw(caller, be64_get(psw) & mask_bits, be64_get(psw) & 0x7fffffff);
	return !vcpu_set_mp_state(caller, KVM_MP_STATE_OPERATING);
}

static int reset_ordinary(struct vm *vm, struct vcpu *caller, bool clear)
{
	int rc = vm_subsystem_reset(vm);

	for (unsigned int i = 0; i < vm->params.nr_cpus && !rc; i++) {
		struct vcpu *vcpu = &vm->cpus[i];
		unsigned long reset = KVM_S390_NORMAL_RESET;

		if (clear)
			reset = KVM_S390_CLEAR_RESET;
		else if (vcpu == caller)
			reset = KVM_S390_INITIAL_RESET;
		vcpu->job = VCPU_JOB_NONE;
		rc = vcpu_set_mp_state(vcpu, KVM_MP_STATE_STOPPED)
			     ?: (int)vcpu_ioctl(vcpu, reset, NULL);
	}
	return rc ?: load_normal(vm, caller) ? rc : -EIO;
}

static bool reset(struct manager *m, const struct vm_request *request)
{
	bool clear = request->event == VM_EVENT_RESET_CLEAR;
	int rc = m->vm->protected ? pv_boot_reset(m->vm, request->vcpu, clear)
				  : reset_ordinary(m->vm, request->vcpu, clear);

	if (rc)
		return end_vm(m->end, EXIT_CODE_HOST, "reset (DIAG 308 subcode %u): %s", !clear,
			      strerror(-rc));
	return true;
}

/* Returns false when the VM has ended. */
static bool serve(struct manager *m, const struct vm_request *request)
{
	switch (request->event) {
	case VM_EVENT_REIPL:
		return reipl(m, request);
	case VM_EVENT_RESET_CLEAR:
	case VM_EVENT_RESET_NORMAL:
		return reset(m, request);
	case VM_EVENT_ENTER_PV:
		return enter_pv(m, request);
	case VM_EVENT_END:
		return end_vm(m->end, request->code, "%s", request->why);
	case VM_EVENT_NONE:
		break;
	}
	return true;
}

void manager_run(struct vm *vm, struct vm_end *end)
{
	struct manager m = {.vm = vm, .end = end};
	struct vm_request request;
	bool running = load(&m, false);

	while (running) {
		vm_resume(vm);
		vm_wait_request(vm, &request);
		vm_pause(vm);
		running = serve(&m, &request);
	}
	pthread_mutex_lock(&vm->lock);
	vm->ending = true;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
}
