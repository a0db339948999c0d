/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests of guests: the same engine, one level down.
 *
 * The state description is one that a guest made, so it says which exceptions are
 * interpreted; KVM's own never asks for those. The CPU runs in the thread of the CPU
 * that executes SIE, while that one is outside.
 */
#include "sie/intercept.h"
#include "sie/mem.h"

#include <string.h>

struct sie_vm *sie_vm_create_nested(struct sie_vm *parent, const struct sie_env *env, void *owner)
{
	struct sie_vm *vm = sie_vm_create(parent->uv, env, owner);

	if (!vm)
		return NULL;
	vm->parent = parent;
	vm->number = parent->number;
	memcpy(vm->facilities, parent->facilities, sizeof(vm->facilities));
	atomic_store(&vm->trace, atomic_load(&parent->trace));
	atomic_store(&parent->nested, vm);
	return vm;
}

struct sie_cpu *sie_cpu_create_nested(struct sie_vm *vm, struct sie_cpu *outer)
{
	struct sie_cpu *cpu = sie_cpu_create(vm);

	if (!cpu)
		return NULL;
	cpu->outer = outer;
	cpu->deadline = UINT64_MAX;
	outer->nested = cpu;
	return cpu;
}

void sie_cpu_set_deadline(struct sie_cpu *cpu, uint64_t tod)
{
	cpu->deadline = tod;
}

void sie_cpu_set_facility_list(struct sie_cpu *cpu, const uint64_t *list)
{
	cpu->fac = list;
}

void sie_cpu_set_host_asce(struct sie_cpu *cpu, uint64_t asce)
{
	cpu->host_asce = asce;
}

bool nested_deadline(const struct sie_cpu *cpu)
{
	return tod_now(cpu) - cpu->tod_offset >= cpu->deadline;
}

/* PTLB, LCTL and what else the CPU above did to its own translations hold for these as well */
void nested_enter(struct sie_cpu *cpu)
{
	cpu->tod_offset = be64_get(cpu->scb->epoch);
	if (cpu->outer_drops == cpu->outer->drops)
		return;
	cpu->outer_drops = cpu->outer->drops;
	tlb_drop_all(cpu);
}

enum exec nested_request(struct sie_cpu *cpu, uint8_t code)
{
	intercept_code(cpu, code);
	return EXEC_INTERCEPT_AT;
}

bool nested_program_intercepted(const struct sie_cpu *cpu)
{
	const struct kvm_s390_sie_block *scb = cpu->scb;

	if (be32_get(scb->ictl) & ICTL_PINT)
		return true;
	switch (cpu->pgm.code) {
	case PGM_ADDRESSING:
		return true;
	case PGM_SPECIFICATION:
		return !(scb->ecb & ECB_SPECI);
	case PGM_PROTECTION:
		return !(be32_get(scb->eca) & ECA_PROTEXCI);
	default:
		return false;
	}
}

enum exec nested_partial_execution(struct sie_cpu *cpu, const struct op *op, uint64_t to,
				   tag_t to_tag, uint64_t from, tag_t from_tag)
{
	struct sie_fault fault = cpu->fault;
	struct place dst, src;

	if (fault.code == SIE_FAULT_PROTECTED ||
	    logical_to_absolute(cpu, to, tag_space(to_tag), ACCESS_STORE, &dst) != EXEC_NEXT ||
	    logical_to_absolute(cpu, from, tag_space(from_tag), ACCESS_FETCH, &src) != EXEC_NEXT) {
		cpu->fault = fault;
		return EXEC_FAULT;
	}
	intercept_text(cpu, op);
	cpu->scb->icptcode = ICPT_PARTEXEC;
	cpu->scb->pei_dst = be64_make(dst.gpa);
	cpu->scb->pei_src = be64_make(src.gpa);
	return EXEC_INTERCEPT;
}
