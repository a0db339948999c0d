// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protvirt/protvirt.h"
#include "vmm/machine_query.h"
#include "vmm/sclp_input.h"
#include "vmm/vcpu.h"
#include "vmm/watchdog.h"

#define FACILITY_UV_CALL 158U
#define FACILITY_UNPACK  161U
#define ASYNC_MIN_LIMIT  (2ULL << 30)

uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

long vm_ioctl(struct vm *vm, unsigned long request, const void *arg)
{
	int rc = protvirt_ioctl(vm->vm_fd, request, (uintptr_t)arg);

	return rc < 0 ? -errno : rc;
}

static bool has_capability(struct vm *vm, unsigned long capability)
{
	return protvirt_ioctl(vm->vm_fd, KVM_CHECK_EXTENSION, capability) > 0;
}

static int fail(const char *what)
{
	int error = errno;

	fprintf(stderr, "protvirt run: %s: %s\n", what, strerror(error));
	return -error;
}

/* All that a hypervisor in the guest can use */
static int set_cpu_features(struct vm *vm)
{
	struct kvm_s390_vm_cpu_feat feat;
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_CPU_MODEL,
		.attr = KVM_S390_VM_CPU_MACHINE_FEAT,
		.addr = (uintptr_t)&feat,
	};
	long rc = vm_ioctl(vm, KVM_GET_DEVICE_ATTR, &attr);

	if (!rc && !(feat.feat[0] >> (63 - KVM_S390_VM_CPU_FEAT_SIEF2) & 1))
		rc = -EOPNOTSUPP;
	attr.attr = KVM_S390_VM_CPU_PROCESSOR_FEAT;
	return (int)(rc ? rc : vm_ioctl(vm, KVM_SET_DEVICE_ATTR, &attr));
}

static void add_facility(struct kvm_s390_vm_cpu_processor *processor, unsigned int nr)
{
	processor->fac_list[nr / 64] |= 1ULL << (63 - nr % 64);
}

/*
 * The guest's CPU is the machine's. Unpack is the one facility that a VMM adds: entering
 * protected mode by DIAGNOSE 308 is its own work; and the Ultravisor call, if the guest is to have
 * one.
 */
static int set_cpu_model(struct vm *vm)
{
	struct kvm_s390_vm_cpu_processor processor = {0};
	struct kvm_s390_vm_cpu_machine *machine = calloc(1, sizeof(*machine));
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_CPU_MODEL,
		.attr = KVM_S390_VM_CPU_MACHINE,
		.addr = (uintptr_t)machine,
	};
	long rc = -ENOMEM;

	if (machine)
		rc = vm_ioctl(vm, KVM_GET_DEVICE_ATTR, &attr);
	if (!rc) {
		processor.cpuid = machine->cpuid;
		processor.ibc = (uint16_t)machine->ibc;
		memcpy(processor.fac_list, machine->fac_list, sizeof(processor.fac_list));
		if (vm->pv_capable)
			add_facility(&processor, FACILITY_UNPACK);
		if (vm->params.uv_host)
			add_facility(&processor, FACILITY_UV_CALL);
		attr.attr = KVM_S390_VM_CPU_PROCESSOR;
		attr.addr = (uintptr_t)&processor;
		rc = vm_ioctl(vm, KVM_SET_DEVICE_ATTR, &attr);
	}
	free(machine);
	if (!rc && vm->params.nested)
		rc = set_cpu_features(vm);
	return (int)rc;
}

static uint64_t memory_limit(struct vm *vm)
{
	uint64_t limit = 0;
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_MEM_CTRL,
		.attr = KVM_S390_VM_MEM_LIMIT_SIZE,
		.addr = (uintptr_t)&limit,
	};

	return vm_ioctl(vm, KVM_GET_DEVICE_ATTR, &attr) ? 0 : limit;
}

static void read_capabilities(struct vm *vm)
{
	vm->pv_capable = has_capability(vm, KVM_CAP_S390_PROTECTED) &&
			 has_capability(vm, KVM_CAP_S390_VCPU_RESETS) &&
			 has_capability(vm, KVM_CAP_S390_MEM_OP);
	vm->async_capable = has_capability(vm, KVM_CAP_S390_PROTECTED_ASYNC_DISABLE) &&
			    memory_limit(vm) > ASYNC_MIN_LIMIT;
}

static int add_flic(struct vm *vm)
{
	struct kvm_create_device device = {.type = KVM_DEV_TYPE_FLIC};

	errno = -(int)vm_ioctl(vm, KVM_CREATE_DEVICE, &device);
	if (errno)
		return fail("interrupt controller");
	vm->flic_fd = (int)device.fd;
	return 0;
}

/* The guest's own Ultravisor: @what is KVM_PROTVIRT_UV_HOST_CREATE or _RESET */
static int uv_host(struct vm *vm, uint64_t what)
{
	const struct kvm_enable_cap cap = {.cap = KVM_CAP_PROTVIRT_UV_HOST, .args = {what}};

	return vm->params.uv_host ? (int)vm_ioctl(vm, KVM_ENABLE_CAP, &cap) : 0;
}

int vm_subsystem_reset(struct vm *vm)
{
	struct kvm_device_attr attr = {.group = KVM_DEV_FLIC_CLEAR_IRQS};
	int rc = uv_host(vm, KVM_PROTVIRT_UV_HOST_RESET);

	sclp_input_reset(vm->input);
	watchdog_disarm(vm->watchdog);
	if (protvirt_ioctl(vm->flic_fd, KVM_SET_DEVICE_ATTR, (uintptr_t)&attr))
		rc = -errno;
	return rc;
}

static int open_vm(struct vm *vm)
{
	const struct kvm_enable_cap user_stsi = {.cap = KVM_CAP_S390_USER_STSI};

	vm->kvm_fd = protvirt_open("/dev/kvm", O_CLOEXEC);
	if (vm->kvm_fd < 0)
		return fail("/dev/kvm cannot be opened");
	if (protvirt_ioctl(vm->kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		fprintf(stderr, "protvirt run: /dev/kvm speaks another version, %d is needed\n",
			KVM_API_VERSION);
		return -EPROTO;
	}
	vm->vm_fd = protvirt_ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	if (vm->vm_fd < 0)
		return fail("no VM");
	machine_path_of(vm->vm_fd, vm->machine_path, sizeof(vm->machine_path));
	errno = -uv_host(vm, KVM_PROTVIRT_UV_HOST_CREATE);
	if (errno)
		return fail("no Ultravisor for the guest");
	read_capabilities(vm);
	errno = -(int)vm_ioctl(vm, KVM_ENABLE_CAP, &user_stsi);
	if (errno)
		return fail("completing of STSI");
	errno = -set_cpu_model(vm);
	if (errno)
		return fail("CPU model");
	return add_flic(vm);
}

static int add_memory(struct vm *vm)
{
	struct kvm_userspace_memory_region region = {.memory_size = vm->params.memory_size};
	char what[80];

	snprintf(what, sizeof(what), "%" PRIu64 " MiB of guest memory",
		 vm->params.memory_size >> 20);
	vm->memory = protvirt_alloc_guest_memory(vm->params.memory_size);
	if (!vm->memory)
		return fail(what);
	region.userspace_addr = (uintptr_t)vm->memory;
	errno = -(int)vm_ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
	return errno ? fail(what) : 0;
}

static int add_cpus(struct vm *vm)
{
	vm->cpus = calloc(vm->params.nr_cpus, sizeof(*vm->cpus));
	if (!vm->cpus)
		return fail("CPUs");
	for (unsigned int i = 0; i < vm->params.nr_cpus; i++) {
		vm->cpus[i].fd = -1;
		vm->cpus[i].vm = vm;
		vm->cpus[i].id = i;
	}
	for (unsigned int i = 0; i < vm->params.nr_cpus; i++) {
		errno = -vcpu_create(vm, i);
		if (errno)
			return fail("CPU");
	}
	return 0;
}

static int start_threads(struct vm *vm)
{
	for (unsigned int i = 0; i < vm->params.nr_cpus; i++) {
		errno = -vcpu_start_thread(&vm->cpus[i]);
		if (errno)
			return fail("thread of a CPU");
	}
	return 0;
}

struct vm *vm_create(const struct vm_params *params)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm) {
		fail("VM");
		return NULL;
	}
	vm->params = *params;
	vm->kvm_fd = -1;
	vm->vm_fd = -1;
	vm->flic_fd = -1;
	vm->paused = true;
	pthread_mutex_init(&vm->lock, NULL);
	pthread_cond_init(&vm->changed, NULL);
	vm->input = sclp_input_create(vm);
	vm->watchdog = watchdog_create(vm);
	if ((!vm->input && fail("console input")) || (!vm->watchdog && fail("watchdog")) ||
	    open_vm(vm) || add_memory(vm) || add_cpus(vm) || start_threads(vm)) {
		vm_destroy(vm);
		return NULL;
	}
	return vm;
}

void vm_end_cpus(struct vm *vm)
{
	if (!vm->cpus)
		return;
	vm_pause(vm);
	pthread_mutex_lock(&vm->lock);
	vm->ending = true;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
	for (unsigned int i = 0; i < vm->params.nr_cpus; i++) {
		if (vm->cpus[i].started)
			pthread_join(vm->cpus[i].thread, NULL);
		vcpu_close(&vm->cpus[i]);
	}
	free(vm->cpus);
	vm->cpus = NULL;
}

void vm_destroy(struct vm *vm)
{
	vm_end_cpus(vm);
	sclp_input_destroy(vm->input);
	watchdog_destroy(vm->watchdog);
	if (vm->flic_fd >= 0)
		protvirt_close(vm->flic_fd);
	if (vm->vm_fd >= 0)
		protvirt_close(vm->vm_fd);
	if (vm->kvm_fd >= 0)
		protvirt_close(vm->kvm_fd);
	if (vm->memory)
		protvirt_free_guest_memory(vm->memory, vm->params.memory_size);
	free(vm->pv_ipib);
	pthread_cond_destroy(&vm->changed);
	pthread_mutex_destroy(&vm->lock);
	free(vm);
}

static uint16_t access_storage(struct vm *vm, const struct kvm_s390_mem_op *op)
{
	void *here = vm_range(vm, op->gaddr, op->size);
	long rc = 0;

	if (!here)
		return PGM_ADDRESSING;
	if (!op->size)
		return 0;
	if (vm->params.uv_host)
		rc = vm_ioctl(vm, KVM_S390_MEM_OP, op);
	else if (op->op == KVM_S390_MEMOP_ABSOLUTE_READ)
		memcpy((void *)(uintptr_t)op->buf, here, op->size);
	else
		memcpy(here, (const void *)(uintptr_t)op->buf, op->size);
	if (rc < 0)
		vm_request_end(vm, EXIT_CODE_HOST, "guest storage at %" PRIx64 ": %s",
			       (uint64_t)op->gaddr, strerror((int)-rc));
	return rc < 0 ? PGM_ADDRESSING : (uint16_t)rc;
}

uint16_t vm_read(struct vm *vm, uint64_t addr, void *buf, size_t len)
{
	return access_storage(vm, &(struct kvm_s390_mem_op){.op = KVM_S390_MEMOP_ABSOLUTE_READ,
							    .gaddr = addr,
							    .size = (uint32_t)len,
							    .buf = (uintptr_t)buf});
}

uint16_t vm_write(struct vm *vm, uint64_t addr, const void *bytes, size_t len)
{
	return access_storage(vm, &(struct kvm_s390_mem_op){.op = KVM_S390_MEMOP_ABSOLUTE_WRITE,
							    .gaddr = addr,
							    .size = (uint32_t)len,
							    .buf = (uintptr_t)bytes});
}

void *vm_range(struct vm *vm, uint64_t addr, uint64_t len)
{
	if (addr > vm->params.memory_size || len > vm->params.memory_size - addr)
		return NULL;
	return vm->memory + addr;
}

static bool any_inside(const struct vm *vm)
{
	for (unsigned int i = 0; i < vm->params.nr_cpus; i++)
		if (vm->cpus[i].inside)
			return true;
	return false;
}

void vm_pause(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	vm->paused = true;
	pthread_cond_broadcast(&vm->changed);
	for (unsigned int i = 0; i < vm->params.nr_cpus; i++)
		if (vm->cpus[i].inside)
			vcpu_kick(&vm->cpus[i]);
	while (any_inside(vm))
		pthread_cond_wait(&vm->changed, &vm->lock);
	vm->request.event = VM_EVENT_NONE;
	pthread_mutex_unlock(&vm->lock);
}

void vm_resume(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	vm->paused = false;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
}

void vm_request(struct vm *vm, const struct vm_request *request)
{
	pthread_mutex_lock(&vm->lock);
	if (vm->request.event == VM_EVENT_NONE)
		vm->request = *request;
	/* Who asked must not run on; the others come out soon enough. */
	vm->paused = true;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
}

void vm_request_end(struct vm *vm, enum exit_code code, const char *format, ...)
{
	struct vm_request request = {.event = VM_EVENT_END, .code = code};
	va_list args;

	va_start(args, format);
	vsnprintf(request.why, sizeof(request.why), format, args);
	va_end(args);
	vm_request(vm, &request);
}

void vm_request_reset(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	vm->reset_wanted = true;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
}

void vm_request_stop(struct vm *vm, int signal)
{
	pthread_mutex_lock(&vm->lock);
	vm->stop_signal = signal;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
}

/* Context: vm->lock held. What a CPU asked for comes before a reset, and its end before a signal */
static bool next_request(struct vm *vm)
{
	struct vm_request *request = &vm->request;

	if (vm->stop_signal && request->event != VM_EVENT_END) {
		*request = (struct vm_request){.event = VM_EVENT_END, .code = EXIT_CODE_SIGNAL};
		snprintf(request->why, sizeof(request->why),
			 "ended by SIG%s before the guest had shut down",
			 sigabbrev_np(vm->stop_signal));
	} else if (request->event == VM_EVENT_NONE && vm->reset_wanted) {
		*request = (struct vm_request){.event = VM_EVENT_REIPL, .time_ns = monotonic_ns()};
	}
	return request->event != VM_EVENT_NONE;
}

void vm_wait_request(struct vm *vm, struct vm_request *request)
{
	pthread_mutex_lock(&vm->lock);
	while (!next_request(vm))
		pthread_cond_wait(&vm->changed, &vm->lock);
	*request = vm->request;
	vm->request.event = VM_EVENT_NONE;
	if (request->event == VM_EVENT_REIPL)
		vm->reset_wanted = false;
	pthread_mutex_unlock(&vm->lock);
}

void vm_background_started(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	vm->background++;
	pthread_mutex_unlock(&vm->lock);
}

void vm_background_done(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	vm->background--;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
}

bool vm_background_running(struct vm *vm)
{
	bool running;

	pthread_mutex_lock(&vm->lock);
	running = vm->background;
	pthread_mutex_unlock(&vm->lock);
	return running;
}

void vm_wait_background(struct vm *vm)
{
	pthread_mutex_lock(&vm->lock);
	while (vm->background)
		pthread_cond_wait(&vm->changed, &vm->lock);
	pthread_mutex_unlock(&vm->lock);
}
