/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPL parameter blocks, as a guest hands them to DIAGNOSE 308: the check itself
 * (image/ipib.c) and the function that reads the block from the guest's storage
 * (vmm/diag308.c), with a VM whose KVM accepts everything.
 *
 * Input: protected or not, capable of it or not (two bits), number of calls below
 * 8; for each call its registers' numbers, subcode and address (2 bytes each, the
 * address in units of 256 bytes); then the block, which is put down at 0x1000.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "image/ipib.h"
#include "protvirt/protvirt.h"
#include "tests/fuzz/fuzz.h"
#include "vmm/diag.h"
#include "vmm/vm.h"

#define MEMORY   (64UL << 10)
#define BLOCK_AT 0x1000UL
#define PAGE_LEN 4096UL

/* ---- the KVM of this VM: whatever it is told it believes ---- */

int protvirt_open(const char *path, int flags)
{
	errno = ENOENT;
	return -1;
}

int protvirt_ioctl(int fd, unsigned long request, uintptr_t arg)
{
	return 0;
}

void *protvirt_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return MAP_FAILED;
}

int protvirt_close(int fd)
{
	return 0;
}

void *protvirt_alloc_guest_memory(size_t len)
{
	return NULL;
}

int protvirt_free_guest_memory(void *addr, size_t len)
{
	return 0;
}

int protvirt_make_accessible(void *addr, size_t len)
{
	return 0;
}

/* ---- the harness ---- */

struct call {
	uint8_t registers;
	uint16_t subcode;
	uint16_t page;
};

static void check_alone(const uint8_t *block, size_t len)
{
	char why[120] = "";

	if (pv_ipib_check(block, len, why, sizeof(why)))
		fuzz_must(why[0]);
}

/* What diag308.c has accepted is a block that the start of the guest can rely on. */
static void check_accepted(struct vm *vm)
{
	char why[120];

	if (vm->pv_ipib)
		fuzz_must(!pv_ipib_check(vm->pv_ipib, PAGE_LEN, why, sizeof(why)));
}

static void diagnose(struct vm *vm, const struct call *c)
{
	struct kvm_run *run = vm->cpus[0].run;

	memset(&run->s, 0, sizeof(run->s));
	run->s390_sieic.ipa = (uint16_t)(0x8300 | c->registers);
	run->s390_sieic.ipb = 0x03080000;
	run->s.regs.gprs[c->registers >> 4] = (uint64_t)c->page << 8;
	run->s.regs.gprs[c->registers & 0xf] = c->subcode;
	diag308_handle(&vm->cpus[0]);
	fuzz_must(!run->s.regs.acrs[0] && !run->s.regs.acrs[1]);
	check_accepted(vm);
}

static void run_vm(struct vm *vm, const struct call *calls, unsigned int n)
{
	struct kvm_run run = {0};
	struct vcpu cpu = {.vm = vm, .run = &run, .fd = -1};

	vm->cpus = &cpu;
	pthread_mutex_init(&vm->lock, NULL);
	pthread_cond_init(&vm->changed, NULL);
	while (n--)
		diagnose(vm, calls++);
	free(vm->pv_ipib);
	pthread_cond_destroy(&vm->changed);
	pthread_mutex_destroy(&vm->lock);
}

static unsigned int read_calls(struct fuzz_input *in, struct call *calls, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		calls[i].registers = fuzz_u8(in);
		calls[i].subcode = fuzz_u16(in);
		calls[i].page = fuzz_u16(in);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	uint8_t head = fuzz_u8(&in);
	struct vm vm = {
		.params = {.memory_size = MEMORY, .nr_cpus = 1},
		.protected = head & 1,
		.pv_capable = head >> 1 & 1,
		.flic_fd = -1,
	};
	struct call calls[8];
	unsigned int n = read_calls(&in, calls, head >> 2 & 7);
	uint8_t *block = malloc(in.left + 1);
	size_t len = in.left;

	fuzz_must(block && !posix_memalign((void **)&vm.memory, PAGE_LEN, MEMORY));
	memset(vm.memory, 0, MEMORY);
	fuzz_bytes(&in, block, len);
	check_alone(block, len);
	memcpy(vm.memory + BLOCK_AT, block, len < PAGE_LEN ? len : PAGE_LEN);
	run_vm(&vm, calls, n);
	free(vm.memory);
	free(block);
	return 0;
}
