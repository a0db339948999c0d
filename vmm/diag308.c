// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protvirt/protvirt.h"
#include "vmm/diag.h"
#include "vmm/intercept.h"

#define PAGE_LEN 4096UL
#define FIRST_PV 8U /* subcodes from here on need the unpack facility */
#define HDR_MAX  (2 * PAGE_LEN)

enum subcode {
	RESET_CLEAR = 0,
	RESET_NORMAL = 1,
	SET = 5,
	STORE = 6,
	SET_PV = 8,
	STORE_PV = 9,
	ENTER_PV = 10,
};

enum response {
	RESPONSE_OK = 0x0001,
	RESPONSE_NO_BLOCK = 0x0102,
	RESPONSE_INVALID = 0x0402,
	RESPONSE_NO_PV_BLOCK = 0x0902,
};

static void respond(struct vcpu *vcpu, unsigned int r1, enum response response)
{
	vcpu_set_gpr(vcpu, r1 + 1, response);
}

/* The block's page, as the guest can be asked for it; NULL after a program check. */
static void *block_page(struct vcpu *vcpu, unsigned int r1)
{
	uint64_t addr = vcpu_gpr(vcpu, r1);
	void *page = vm_range(vcpu->vm, addr, PAGE_LEN);

	if (r1 & 1 || addr % PAGE_LEN) {
		vcpu_program_check(vcpu, PGM_SPECIFICATION);
		return NULL;
	}
	if (!page)
		vcpu_program_check(vcpu, PGM_ADDRESSING);
	return page;
}

static bool parts_exist(struct vm *vm, const struct pv_ipib *block)
{
	if (be64_get(block->pv_header_len) > HDR_MAX ||
	    !vm_range(vm, be64_get(block->pv_header_addr), be64_get(block->pv_header_len)))
		return false;
	for (uint32_t i = 0; i < be32_get(block->num_comp); i++)
		if (!vm_range(vm, be64_get(block->components[i].addr),
			      be64_get(block->components[i].len)))
			return false;
	return true;
}

static struct pv_ipib *replace_pv_block(struct vm *vm, struct pv_ipib *block)
{
	struct pv_ipib *old;

	pthread_mutex_lock(&vm->lock);
	old = vm->pv_ipib;
	vm->pv_ipib = block;
	pthread_mutex_unlock(&vm->lock);
	return old;
}

/* Copies the block once and looks at the copy only. */
static void set_pv_block(struct vcpu *vcpu, unsigned int r1)
{
	struct vm *vm = vcpu->vm;
	void *page = block_page(vcpu, r1);
	struct pv_ipib *copy;
	bool ok = false;
	char why[120];

	if (!page)
		return;
	copy = aligned_alloc(PAGE_LEN, PAGE_LEN);
	if (!copy || protvirt_make_accessible(page, PAGE_LEN)) {
		free(copy);
		vm_request_end(vm, EXIT_CODE_HOST, "DIAG 308: no memory for the IPL block");
		return;
	}
	memcpy(copy, page, PAGE_LEN);
	if (pv_ipib_check(copy, PAGE_LEN, why, sizeof(why)))
		fprintf(stderr, "protvirt run: %s\n", why);
	else if (!parts_exist(vm, copy))
		fprintf(stderr, "protvirt run: the IPL block names storage that does not exist\n");
	else
		ok = true;
	if (ok)
		copy = replace_pv_block(vm, copy);
	free(copy);
	respond(vcpu, r1, ok ? RESPONSE_OK : RESPONSE_INVALID);
}

static void store_pv_block(struct vcpu *vcpu, unsigned int r1)
{
	enum response response = RESPONSE_NO_BLOCK;
	struct vm *vm = vcpu->vm;
	void *page = block_page(vcpu, r1);

	if (!page)
		return;
	pthread_mutex_lock(&vm->lock);
	if (vm->pv_ipib) {
		memcpy(page, vm->pv_ipib, be32_get(vm->pv_ipib->len));
		response = RESPONSE_OK;
	}
	pthread_mutex_unlock(&vm->lock);
	respond(vcpu, r1, response);
}

/*
 * There is no device to load from, so there never is a block, and none of those is valid. A
 * protected guest's block cannot be looked at; its register number comes from the machine.
 */
static void ordinary_block(struct vcpu *vcpu, unsigned int r1, enum response response)
{
	if (r1 & 1)
		vcpu_program_check(vcpu, PGM_SPECIFICATION);
	else if (vcpu->vm->protected || block_page(vcpu, r1))
		respond(vcpu, r1, response);
}

static void ask_for(struct vcpu *vcpu, enum vm_event event, unsigned int r1)
{
	struct vm_request request = {
		.event = event,
		.vcpu = vcpu,
		.time_ns = monotonic_ns(),
		.response_reg = r1 + 1,
	};

	vm_request(vcpu->vm, &request);
}

static bool has_pv_block(struct vm *vm)
{
	bool has;

	pthread_mutex_lock(&vm->lock);
	has = vm->pv_ipib;
	pthread_mutex_unlock(&vm->lock);
	return has;
}

static void enter_pv(struct vcpu *vcpu, unsigned int r1)
{
	if (r1 & 1)
		vcpu_program_check(vcpu, PGM_SPECIFICATION);
	else if (!has_pv_block(vcpu->vm))
		respond(vcpu, r1, RESPONSE_NO_PV_BLOCK);
	else
		ask_for(vcpu, VM_EVENT_ENTER_PV, r1);
}

void diag308_handle(struct vcpu *vcpu)
{
	unsigned int r1 = intercept_r1(vcpu);
	uint64_t subcode = vcpu_gpr(vcpu, intercept_r3(vcpu));

	if (subcode > 0xffff || (subcode >= FIRST_PV && !vcpu->vm->pv_capable)) {
		vcpu_program_check(vcpu, PGM_SPECIFICATION);
		return;
	}
	switch (subcode) {
	case RESET_CLEAR:
		ask_for(vcpu, VM_EVENT_RESET_CLEAR, r1);
		break;
	case RESET_NORMAL:
		ask_for(vcpu, VM_EVENT_RESET_NORMAL, r1);
		break;
	case SET:
		ordinary_block(vcpu, r1, RESPONSE_INVALID);
		break;
	case STORE:
		ordinary_block(vcpu, r1, RESPONSE_NO_BLOCK);
		break;
	case SET_PV:
		set_pv_block(vcpu, r1);
		break;
	case STORE_PV:
		store_pv_block(vcpu, r1);
		break;
	case ENTER_PV:
		enter_pv(vcpu, r1);
		break;
	default:
		vcpu_program_check(vcpu, PGM_SPECIFICATION);
	}
}
