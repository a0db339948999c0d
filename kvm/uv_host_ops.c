// SPDX-License-Identifier: GPL-2.0-or-later
/* What the Ultravisor of a VM asks of the machine that the VM is. */
#include <errno.h>
#include <stdatomic.h>

#include "kvm/kvm_host.h"
#include "kvm/machine_state.h"
#include "kvm/uv_host_state.h"
#include "protvirt/be.h"
#include "sie/sie.h"

/* Address-space-control element and table entries, as the guest makes them */
#define ASCE_ORIGIN      (~0xfffUL)
#define ASCE_TYPE_SHIFT  2
#define ENTRY_TYPE_SHIFT 2
#define ENTRY_INVALID    0x20UL
#define ENTRY_PROTECT    0x200UL
#define ENTRY_LARGE      0x400UL
#define SEGMENT_ORIGIN   (~0x7ffUL)
#define PAGE_INVALID     0x400UL
#define PAGE_RESERVED    0x800UL
#define SEGMENT_SHIFT    20
#define TABLE_SHIFT      11
#define TABLE_INDEX      0x7ffUL
#define PAGE_TABLE_INDEX 0xffUL

/*
 * The addresses are those of a protected guest in the guest's tables; which pages of the guest
 * itself are behind them only a walk would tell. So all is dropped.
 */
static void purge(void *machine, uint64_t guest_asce, gpa_t gpa, uint64_t len)
{
	struct kvm *kvm = machine;

	sie_purge(kvm->arch.sie, 0, UINT64_MAX);
}

static void purge_others(void *machine, uint64_t guest_asce)
{
	purge(machine, guest_asce, 0, UINT64_MAX);
}

static void purge_host(void *machine)
{
	purge(machine, 0, 0, UINT64_MAX);
}

static unsigned int host_cpus(void *machine)
{
	struct kvm *kvm = machine;
	struct kvm_vcpu *vcpu;
	unsigned int n = 0;
	uint32_t i;

	kvm_for_each_vcpu(i, vcpu, kvm)
	{
		n += !atomic_load(&vcpu->stopped);
	}
	return n;
}

/* ---- the guest's tables ---- */

static int read_entry(const struct kvm *kvm, abs_t table, uint64_t index, uint64_t *entry)
{
	const _Atomic uint64_t *at =
		storage_host_ptr(kvm->arch.uv_host->storage, table + index * 8, sizeof(*at));

	if (!at)
		return -ENXIO;
	*entry = be64_get((be64_t){atomic_load_explicit(at, memory_order_acquire)});
	return 0;
}

/* One region or segment table. Secure pages are never part of a large one, nor protected. */
static int walk_level(const struct kvm *kvm, gpa_t gpa, unsigned int level, uint64_t *table,
		      unsigned int *first, unsigned int *last)
{
	uint64_t index = gpa >> (SEGMENT_SHIFT + TABLE_SHIFT * level) & TABLE_INDEX;
	uint64_t entry;

	if (index >> 9 < *first || index >> 9 > *last || read_entry(kvm, *table, index, &entry))
		return -ENXIO;
	if (entry & ENTRY_INVALID || (entry >> ENTRY_TYPE_SHIFT & 3) != level ||
	    entry & ENTRY_PROTECT || (level < 2 && entry & ENTRY_LARGE))
		return -ENXIO;
	*first = entry >> 6 & 3;
	*last = entry & 3;
	*table = entry & (level ? ASCE_ORIGIN : SEGMENT_ORIGIN);
	return 0;
}

static int translate(void *machine, uint64_t guest_asce, gpa_t gpa, abs_t *frame)
{
	const struct kvm *kvm = machine;
	unsigned int type = guest_asce >> ASCE_TYPE_SHIFT & 3;
	unsigned int first = 0, last = guest_asce & 3;
	uint64_t table = guest_asce & ASCE_ORIGIN;
	uint64_t pte;

	if (type < 3 && gpa >> (SEGMENT_SHIFT + TABLE_SHIFT * (type + 1)))
		return -ENXIO;
	for (int level = (int)type; level >= 0; level--)
		if (walk_level(kvm, gpa, (unsigned int)level, &table, &first, &last))
			return -ENXIO;
	if (read_entry(kvm, table, gpa >> PAGE_SHIFT & PAGE_TABLE_INDEX, &pte) ||
	    pte & (PAGE_INVALID | PAGE_RESERVED | ENTRY_PROTECT))
		return -ENXIO;
	*frame = pte & PAGE_MASK;
	return 0;
}

/* ---- the rest is the machine's ---- */

static int random_bytes(void *machine, void *buf, size_t len)
{
	return machine_random(buf, len);
}

static uint64_t tod(void *machine)
{
	return machine_tod();
}

const struct uv_machine_ops uv_host_ops = {
	.purge = purge,
	.purge_others = purge_others,
	.purge_host = purge_host,
	.host_cpus = host_cpus,
	.translate = translate,
	.random = random_bytes,
	.tod = tod,
};
