/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine and the VMMs on it, in one process, for tests of KVM through its
 * ioctls. What should work is asserted; what a test is about it asserts itself.
 */
#ifndef TESTS_LIFECYCLE_WORLD_H
#define TESTS_LIFECYCLE_WORLD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/direct.h"
#include "host/mm.h"
#include "host/task.h"
#include "kvm/kvm_host.h"
#include "kvm/machine.h"
#include "kvm/pv.h"
#include "protvirt/kvm.h"
#include "protvirt/uv.h"
#include "storage/inject.h"

#define MIB (1UL << 20)
#define GIB (1UL << 30)

/** UNTOUCHED_RC, UNTOUCHED_RRC - what vmm_pv() puts into the command block */
#define UNTOUCHED_RC  0xdead
#define UNTOUCHED_RRC 0xbeef

#define WORLD_MAX_VCPUS 8

/**
 * struct world - a machine
 * @m: it
 * @objects_before: heap objects before it was made
 * @expect_leaked_configs: configurations that the test leaks on purpose; checked at the end
 * @expect_leaked_bytes: so are kernel regions
 * @expect_leaks_of_any_number: the test does not know what it leaks
 */
struct world {
	struct machine *m;
	uint64_t objects_before;
	uint64_t expect_leaked_configs;
	bool expect_leaked_bytes;
	bool expect_leaks_of_any_number;
	char key_file[64];
};

/**
 * world_keeping_model() - one on which PREPARE keeps the configuration for PERFORM to destroy
 *
 * That is z15, which has no destroy-fast, or `proposal`, which has better, if the run is about it.
 */
const char *world_keeping_model(void);

/** world_create() - power on; NULL: machine_model() */
struct world *world_create(const char *model);
struct world *world_create_with(const struct machine_params *params);

/** world_destroy() - check that nothing is left but what the test expects, and power off */
void world_destroy(struct world *w);

/** world_status() - counts of now */
struct machine_status world_status(struct world *w);

/** world_assert_quiet() - no configuration, no secure CPU, no secure frame */
void world_assert_quiet(struct world *w);

/**
 * struct vmm - a process with one VM
 * @rc, @rrc: of the last vmm_pv()
 */
struct vmm {
	struct world *w;
	struct mm *mm;
	struct task *t;
	int kvm_fd;
	int vm;
	int vcpu[WORLD_MAX_VCPUS];
	unsigned int vcpus;
	struct kvm *kvm;
	uint16_t rc;
	uint16_t rrc;
};

/** vmm_start() - the calling thread becomes a VMM with a VM without memory or CPUs */
void vmm_start(struct vmm *v, struct world *w);

/** vmm_second_vm() - another VM of the same process and thread; vmm_close() ends it */
void vmm_second_vm(struct vmm *v, const struct vmm *first);

/** vmm_close() - close the files of the VM by hand; the process lives on */
void vmm_close(struct vmm *v);

/** vmm_exit() - the process ends: address space first, files later */
void vmm_exit(struct vmm *v);

/** vmm_ioctl() - ioctl of the VM */
long vmm_ioctl(struct vmm *v, unsigned int cmd, uint64_t arg);

/** vmm_memory() - new anonymous memory as a slot. Return: its address */
uint8_t *vmm_memory(struct vmm *v, uint32_t slot, gpa_t gpa, uint64_t size);

/** vmm_try_slot() - KVM_SET_USER_MEMORY_REGION. Return: of the ioctl */
long vmm_try_slot(struct vmm *v, uint32_t slot, gpa_t gpa, uint64_t size, const void *memory);

/** vmm_free_memory() - unmap it; what vmm_memory() returned */
void vmm_free_memory(uint8_t *memory, uint64_t size);

/** vmm_vcpus() - @n more CPUs */
void vmm_vcpus(struct vmm *v, unsigned int n);

/** vmm_limit() - set the memory limit. Return: of the ioctl */
long vmm_limit(struct vmm *v, uint64_t limit);

/** vmm_pv() - KVM_S390_PV_COMMAND with rc and rrc set to UNTOUCHED. Return: of the ioctl */
long vmm_pv(struct vmm *v, uint32_t cmd);
long vmm_pv_data(struct vmm *v, uint32_t cmd, const void *data);

/** vmm_pv_from() - the same, by another task of the process, which must be the calling thread */
long vmm_pv_from(struct vmm *v, struct task *t, uint32_t cmd, uint16_t *rc, uint16_t *rrc);

/** expect_pv() - issue a command and compare result, rc and rrc */
#define expect_pv(v, cmd, ret, rc_, rrc_)                                                          \
	do {                                                                                       \
		assert_int_equal((ret), vmm_pv((v), (cmd)));                                       \
		assert_int_equal((rc_), (v)->rc);                                                  \
		assert_int_equal((rrc_), (v)->rrc);                                                \
	} while (0)

/** vmm_take_over() - the same, for pages that may belong to an earlier guest */
void vmm_take_over(struct vmm *v, gpa_t gpa, unsigned int pages);

/** vmm_touch() - the protected guest touches pages: they become secure. Pages [gpa, gpa + n) */
void vmm_touch(struct vmm *v, gpa_t gpa, unsigned int pages);

/** vmm_secure_bytes() - what the page at @gpa contains in secure storage, whoever owns it */
const uint8_t *vmm_secure_bytes(struct vmm *v, gpa_t gpa);

/** vmm_count() - protected_count of its address space */
static inline int64_t vmm_count(const struct vmm *v)
{
	return atomic_load(mm_protected_count(v->mm));
}

/* ---- failures on demand ---- */

/**
 * fail_uvc() - a call answers otherwise
 * @cmd: command code
 * @skip: calls of it that go on as usual before
 * @times: how many fail then; UINT32_MAX: all
 * @perform: carry it out all the same
 */
void fail_uvc(uint16_t cmd, uint32_t skip, uint32_t times, uint16_t rc, uint16_t rrc, bool perform);

/** fail_uvc_of() - each @cmd of the configuration with this handle is refused */
void fail_uvc_of(uint64_t handle, uint16_t cmd, uint16_t rc, uint16_t rrc);

/** fail_uvc_busy() - a call answers "again" (condition code 2) some times */
void fail_uvc_busy(uint16_t cmd, uint32_t skip, uint32_t times);

/** fail_alloc() - allocations of a kind fail, after @skip ones */
void fail_alloc(enum alloc_kind kind, uint32_t skip, uint32_t times);

/** fail_any_alloc() - allocation number @n from now, of any kind, fails. */
void fail_any_alloc(uint32_t n);

/** fail_hits() - how many steps failed on demand since fail_clear() */
uint32_t fail_hits(void);

/** fail_copy_to() - copies of @bytes bytes to user space fail */
void fail_copy_to(uint64_t bytes);

/** fail_page() - destroying the page of guest page number @gfn fails */
void fail_page(uint64_t gfn);

/** fail_clear() - nothing fails any more */
void fail_clear(void);

/** uvc_count() - calls with this command code since world_create() or the last uvc_reset() */
uint32_t uvc_count(uint16_t cmd);
void uvc_reset(void);

/** alloc_count() - allocations of a kind since then */
uint32_t alloc_count(enum alloc_kind kind);

/*
 * The gate: a place where a thread of the machine waits until the test lets it go on. The first
 * @threads that come to it wait, the others pass.
 */

/** gate_close() - the next page walk will stop before it destroys page number @after, from 0 */
void gate_close(uint32_t after);

/** gate_close_for() - the next @threads page walks stop at their first page */
void gate_close_for(uint32_t threads);

/** gate_close_at_uvc() - the next call with this command code waits before it is carried out */
void gate_close_at_uvc(uint16_t cmd);

/** gate_wait() - until all that shall wait stand at the gate */
void gate_wait(void);

/** gate_open() - let it go on; the gate is away then */
void gate_open(void);

/** struct perform - a thread of the VMM that issues PERFORM */
struct perform {
	pthread_t thread;
	struct vmm *v;
	struct task *t;
	pthread_mutex_t lock;
	pthread_cond_t started;
	bool ended;
	long ret;
	uint16_t rc;
	uint16_t rrc;
};

/** perform_start() - start the thread; returns when its task exists */
void perform_start(struct perform *p, struct vmm *v);

/** perform_kill() - the fatal signal, unless the thread has ended */
void perform_kill(struct perform *p);

/** perform_join() - wait for it. Return: of the ioctl */
long perform_join(struct perform *p);

#endif
