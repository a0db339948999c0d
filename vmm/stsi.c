// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmm/stsi.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "protvirt/be.h"
#include "vmm/ebcdic.h"

#define LEVELS        8U
#define ENCODING_UTF8 2
#define DEFAULT_NAME  "KVMguest" /* what KVM has put into the short name */

struct sysib_322_vm {
	uint8_t reserved0[4];
	be16_t cpus_total; /* 4 */
	be16_t cpus_configured;
	be16_t cpus_standby;
	be16_t cpus_reserved;
	uint8_t name[8]; /* 12: EBCDIC */
	be32_t caf;
	uint8_t cpi[16]; /* 24 */
	uint8_t reserved40[3];
	uint8_t ext_name_encoding; /* 43 */
	be32_t reserved44;
	uint8_t uuid[16]; /* 48 */
} __attribute__((packed));
_Static_assert(offsetof(struct sysib_322_vm, uuid) == 48, "UUID");
_Static_assert(sizeof(struct sysib_322_vm) == 64, "one level");

struct sysib_322 {
	uint8_t reserved0[31];
	uint8_t count;                  /* 31 */
	struct sysib_322_vm vm[LEVELS]; /* 32: the innermost first */
	uint8_t reserved544[1504];
	char ext_names[LEVELS][256]; /* 2048 */
};
_Static_assert(offsetof(struct sysib_322, ext_names) == 2048, "extended names");
_Static_assert(sizeof(struct sysib_322) == 4096, "one page");

static long access_block(struct vcpu *vcpu, bool write, struct sysib_322 *block)
{
	struct kvm_s390_mem_op mem_op = {.size = sizeof(*block), .buf = (uintptr_t)block};

	if (vcpu->vm->protected) {
		mem_op.op = write ? KVM_S390_MEMOP_SIDA_WRITE : KVM_S390_MEMOP_SIDA_READ;
	} else {
		mem_op.op = write ? KVM_S390_MEMOP_LOGICAL_WRITE : KVM_S390_MEMOP_LOGICAL_READ;
		mem_op.gaddr = vcpu->run->s390_stsi.addr;
		mem_op.ar = vcpu->run->s390_stsi.ar;
	}
	return vcpu_ioctl(vcpu, KVM_S390_MEM_OP, &mem_op);
}

/* A level without an extended name cannot tell those of the levels around it. */
static void shift_names(struct sysib_322 *block)
{
	unsigned int level = 1;

	memmove(block->ext_names[1], block->ext_names[0],
		sizeof(block->ext_names[0]) * (block->count - 1U));
	while (level < block->count && block->vm[level].ext_name_encoding &&
	       block->ext_names[level][0])
		level++;
	if (level < block->count)
		memset(block->ext_names[level], 0,
		       sizeof(block->ext_names[0]) * (block->count - level));
}

static void complete(const struct vm *vm, struct sysib_322 *block)
{
	struct sysib_322_vm *self = &block->vm[0];
	const char *name = vm->params.name;

	shift_names(block);
	self->cpus_total = self->cpus_configured = be16_make((uint16_t)vm->params.nr_cpus);
	self->cpus_reserved = be16_make(0);
	for (size_t i = 0; name && i < sizeof(self->name); i++)
		self->name[i] = ascii_to_ebcdic(i < strlen(name) ? name[i] : ' ');
	self->ext_name_encoding = ENCODING_UTF8;
	memset(block->ext_names[0], 0, sizeof(block->ext_names[0]));
	strncpy(block->ext_names[0], name ? name : DEFAULT_NAME, sizeof(block->ext_names[0]) - 1);
	memcpy(self->uuid, vm->params.uuid, sizeof(self->uuid));
}

void stsi_handle(struct vcpu *vcpu)
{
	struct sysib_322 block;
	long rc;

	if (vcpu->run->s390_stsi.fc != 3 || vcpu->run->s390_stsi.sel1 != 2 ||
	    vcpu->run->s390_stsi.sel2 != 2)
		return;
	rc = access_block(vcpu, false, &block);
	if (!rc && block.count && block.count <= LEVELS) {
		complete(vcpu->vm, &block);
		rc = access_block(vcpu, true, &block);
	}
	if (rc < 0)
		vm_request_end(vcpu->vm, EXIT_CODE_HOST, "CPU %u: STSI 3.2.2: %s", vcpu->id,
			       strerror((int)-rc));
}
