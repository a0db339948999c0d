// SPDX-License-Identifier: GPL-2.0-or-later
/* Dumps, done by the product. */
#include <errno.h>
#include <stdlib.h>

#include "crypto/dump_format.h"
#include "host/direct.h"
#include "protvirt/kvm.h"
#include "storage/types.h"
#include "tests/life/life.h"
#include "tests/oracle/product_impl.h"

#define PAGES_PER_MIB (SEGMENT_SIZE / PAGE_SIZE)

/* Nobody can write there. */
#define NOWHERE 8

_Static_assert(LIFE_DUMP_UNIT == PAGES_PER_MIB * sizeof(struct pv_dump_page), "state of a MiB");

static struct kvm_s390_pv_dmp dump_of(uint64_t subcmd, enum dump_flaw flaw, void *buff,
				      uint64_t len)
{
	return (struct kvm_s390_pv_dmp){
		.subcmd = subcmd,
		.buff_addr = flaw == DUMP_BAD_BUFFER ? NOWHERE : (uintptr_t)buff,
		.buff_len = flaw == DUMP_BAD_LEN  ? len - 1
			    : flaw == DUMP_NO_LEN ? 0
						  : len,
	};
}

static enum dump_kind kind_of(const struct pv_dump_page *page)
{
	if (be32_get(page->special) != PV_DUMP_SPECIAL)
		return DUMPED_CIPHER;
	if (page->flags & PV_DUMP_ZERO)
		return DUMPED_ZERO;
	return page->flags & PV_DUMP_MAPPED ? DUMPED_MAPPED : DUMPED_SHARED;
}

static uint32_t sum_up(const struct pv_dump_page *pages, unsigned int n)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum = note_dumped(sum, i, kind_of(&pages[i]));
	return sum;
}

static struct outcome dump_state(struct task *t, const struct product_vm *vm, const struct op *op)
{
	struct pv_dump_page pages[MAX_DUMP_MIB * PAGES_PER_MIB] = {0};
	struct kvm_s390_pv_dmp dmp =
		dump_of(KVM_PV_DUMP_CONFIG_STOR_STATE, op->c, pages, op->b * LIFE_DUMP_UNIT);
	uint64_t gaddr = position_gpa(op->a) & ~(SEGMENT_SIZE - 1);
	struct outcome out;

	if (op->c == DUMP_BAD_GADDR)
		gaddr += PAGE_SIZE;
	dmp.gaddr = gaddr;
	out = product_pv(t, vm->fd, KVM_PV_DUMP, &dmp);
	out.dumped_mib = (uint8_t)((dmp.gaddr - gaddr) / SEGMENT_SIZE);
	if (!out.ret)
		out.dumped = sum_up(pages, op->b * PAGES_PER_MIB);
	return out;
}

struct outcome product_dump(struct task *t, const struct product_vm *vm, const struct op *op)
{
	uint8_t end[LIFE_DUMP_UNIT];
	struct kvm_s390_pv_dmp dmp;

	switch (op->kind) {
	case OP_DUMP_INIT:
		dmp = dump_of(KVM_PV_DUMP_INIT, DUMP_RIGHT, NULL, 0);
		break;
	case OP_DUMP_COMPLETE:
		dmp = dump_of(KVM_PV_DUMP_COMPLETE, op->a, end, sizeof(end));
		break;
	default:
		return dump_state(t, vm, op);
	}
	return product_pv(t, vm->fd, KVM_PV_DUMP, &dmp);
}

struct outcome product_dump_cpu(struct task *t, const struct product_vm *vm, const struct op *op)
{
	uint8_t registers[LIFE_DUMP_UNIT];
	struct kvm_s390_pv_dmp dmp = dump_of(KVM_PV_DUMP_CPU, op->b, registers, sizeof(registers));
	struct kvm_pv_cmd block = {
		.cmd = KVM_PV_DUMP,
		.rc = UNTOUCHED_RC,
		.rrc = UNTOUCHED_RRC,
		.data = (uintptr_t)&dmp,
	};
	long ret = direct_ioctl(t, vm->vcpu[op->a], KVM_S390_PV_CPU_COMMAND, (uintptr_t)&block);

	/* rc and rrc have a place of their own. */
	if (block.cmd != KVM_PV_DUMP)
		ret = -EPROTO;
	return (struct outcome){.ret = ret, .rc = block.rc, .rrc = block.rrc};
}
