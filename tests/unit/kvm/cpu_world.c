// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/kvm/cpu_world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/mm.h"
#include "kvm/machine_state.h"
#include "tests/machine_model.h"

long vm_ioctl(struct world *w, unsigned int cmd, void *arg)
{
	return direct_ioctl(w->t, w->vm_fd, cmd, (uintptr_t)arg);
}

long cpu_ioctl_value(struct world *w, unsigned int cpu, unsigned int cmd, uint64_t arg)
{
	return direct_ioctl(w->t, w->cpu_fd[cpu], cmd, arg);
}

long cpu_ioctl(struct world *w, unsigned int cpu, unsigned int cmd, void *arg)
{
	return cpu_ioctl_value(w, cpu, cmd, (uintptr_t)arg);
}

struct kvm_vcpu *world_vcpu(struct world *w, unsigned int cpu)
{
	return atomic_load(&w->kvm->vcpus[cpu]);
}

static void make_cpus(struct world *w)
{
	for (unsigned int i = 0; i < WORLD_CPUS; i++) {
		long fd = direct_ioctl(w->t, w->vm_fd, KVM_CREATE_VCPU, i);

		assert_true(fd >= 0);
		w->cpu_fd[i] = (int)fd;
		w->run[i] = direct_mmap(w->mm, 4096, w->cpu_fd[i], 0);
		assert_ptr_not_equal(MAP_FAILED, w->run[i]);
	}
}

static void make_memory(struct world *w)
{
	struct kvm_userspace_memory_region region = {.memory_size = WORLD_MEMORY};

	w->mem = mmap(NULL, WORLD_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	assert_ptr_not_equal(MAP_FAILED, w->mem);
	region.userspace_addr = (uintptr_t)w->mem;
	assert_int_equal(0, vm_ioctl(w, KVM_SET_USER_MEMORY_REGION, &region));
}

static void offer_sie(struct world *w)
{
	struct kvm_s390_vm_cpu_feat feat;
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_CPU_MODEL,
		.attr = KVM_S390_VM_CPU_MACHINE_FEAT,
		.addr = (uintptr_t)&feat,
	};

	assert_int_equal(0, vm_ioctl(w, KVM_GET_DEVICE_ATTR, &attr));
	attr.attr = KVM_S390_VM_CPU_PROCESSOR_FEAT;
	assert_int_equal(0, vm_ioctl(w, KVM_SET_DEVICE_ATTR, &attr));
}

static int setup(void **state, bool nested)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	struct world *w = calloc(1, sizeof(*w));
	long fd;

	assert_non_null(w);
	params.model = machine_model();
	w->m = machine_create(&params);
	assert_non_null(w->m);
	w->mm = direct_mm_create(machine_storage(w->m), machine_uv(w->m));
	w->t = direct_task_start(w->mm);
	assert_non_null(w->t);
	w->kvm_fd = direct_open(w->mm, machine_open(w->m));
	fd = direct_ioctl(w->t, w->kvm_fd, KVM_CREATE_VM, 0);
	assert_true(fd >= 0);
	w->vm_fd = (int)fd;
	w->kvm = TAILQ_FIRST(&w->m->vms);
	make_memory(w);
	if (nested)
		offer_sie(w);
	make_cpus(w);
	*state = w;
	return 0;
}

int world_setup(void **state)
{
	return setup(state, false);
}

int world_setup_nested(void **state)
{
	return setup(state, true);
}

int world_teardown(void **state)
{
	struct world *w = *state;
	struct mm *mm = w->mm;

	for (unsigned int i = 0; i < WORLD_CPUS; i++)
		munmap(w->run[i], 4096);
	direct_task_end(w->t);
	direct_mm_exit(mm);
	mmdrop(mm);
	munmap(w->mem, WORLD_MEMORY);
	machine_destroy(w->m);
	free(w);
	return 0;
}

/* ---- guest storage ---- */

uint16_t guest16(const struct world *w, gpa_t gpa)
{
	be16_t raw;

	memcpy(&raw, w->mem + gpa, sizeof(raw));
	return be16_get(raw);
}

uint32_t guest32(const struct world *w, gpa_t gpa)
{
	be32_t raw;

	memcpy(&raw, w->mem + gpa, sizeof(raw));
	return be32_get(raw);
}

uint64_t guest64(const struct world *w, gpa_t gpa)
{
	be64_t raw;

	memcpy(&raw, w->mem + gpa, sizeof(raw));
	return be64_get(raw);
}

void put_guest32(struct world *w, gpa_t gpa, uint32_t value)
{
	be32_t raw = be32_make(value);

	memcpy(w->mem + gpa, &raw, sizeof(raw));
}

void put_guest64(struct world *w, gpa_t gpa, uint64_t value)
{
	be64_t raw = be64_make(value);

	memcpy(w->mem + gpa, &raw, sizeof(raw));
}

void world_code(struct world *w, const void *code, size_t len)
{
	if (len)
		memcpy(w->mem + GUEST_CODE, code, len);
	/* Restart, external, SVC, program, machine check, I/O */
	for (unsigned int i = 0; i < 6; i++) {
		put_guest64(w, 0x1a0 + 16 * i, PSW64);
		put_guest64(w, 0x1a8 + 16 * i, GUEST_HANDLER + 16 * i);
		put_guest32(w, GUEST_HANDLER + 16 * i, 0x83000601 + i); /* diag */
	}
}

/* ---- CPUs ---- */

void world_start(struct world *w, unsigned int cpu, uint64_t mask)
{
	w->run[cpu]->psw_mask = mask | PSW64;
	w->run[cpu]->psw_addr = GUEST_CODE;
}

void world_set_cr(struct world *w, unsigned int cpu, unsigned int nr, uint64_t value)
{
	struct kvm_sregs sregs;

	assert_int_equal(0, cpu_ioctl(w, cpu, KVM_GET_SREGS, &sregs));
	sregs.crs[nr] = value;
	assert_int_equal(0, cpu_ioctl(w, cpu, KVM_SET_SREGS, &sregs));
}

void expect_diag(struct world *w, unsigned int cpu, uint16_t code)
{
	const struct kvm_run *run = w->run[cpu];

	assert_int_equal(0, cpu_ioctl_value(w, cpu, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_SIEIC, run->exit_reason);
	assert_int_equal(0x04, run->s390_sieic.icptcode);
	assert_int_equal(0x83, run->s390_sieic.ipa >> 8);
	assert_int_equal(code, run->s390_sieic.ipb >> 16);
}

long pv_cmd(struct world *w, uint32_t cmd)
{
	struct kvm_pv_cmd arg = {.cmd = cmd};

	return vm_ioctl(w, KVM_S390_PV_COMMAND, &arg);
}
