// SPDX-License-Identifier: GPL-2.0-or-later
/* Where KVM meets storage: what must not move, and what must be forgotten, while a frame changes
 * hands. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "host/mm_state.h"
#include "kvm/memslots.h"
#include "sie/sie.h"
#include "storage/frame.h"
#include "storage/region.h"
#include "tests/lifecycle/rig.h"

/* ---- slots stay while a frame changes hands ---- */

struct toucher {
	struct vmm *v;
	struct sie_fault fault;
	int err;
};

static void *toucher_thread(void *arg)
{
	struct toucher *tc = arg;
	struct task *t = direct_task_start(tc->v->mm);

	assert_non_null(t);
	tc->err = kvm_s390_handle_fault(tc->v->kvm, &tc->fault);
	direct_task_end(t);
	return NULL;
}

static uint32_t slot_readers(struct kvm *kvm)
{
	uint32_t readers;

	pthread_mutex_lock(&kvm->memslots_ref);
	readers = kvm->memslots->readers;
	pthread_mutex_unlock(&kvm->memslots_ref);
	return readers;
}

/* A change of the slots waits for readers of the table. */
static void expect_slots_held(struct rig *r, uint16_t code, uint16_t uvc)
{
	struct toucher tc = {.v = &r->v, .fault = {.gpa = RIG_HIGH, .code = code, .write = true}};
	pthread_t thread;

	gate_close_at_uvc(uvc);
	assert_int_equal(0, pthread_create(&thread, NULL, toucher_thread, &tc));
	gate_wait();
	assert_int_equal(1, slot_readers(r->v.kvm));
	gate_open();
	assert_int_equal(0, pthread_join(thread, NULL));
	assert_int_equal(0, tc.err);
	assert_int_equal(0, slot_readers(r->v.kvm));
}

static void slots_stay_during_import(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	rig_enable(&r, 0);
	expect_slots_held(&r, UV_ACCESS_NOT_SECURE, UVC_CMD_CONV_TO_SEC_STOR);
	rig_destroy(&r);
}

static void slots_stay_while_a_page_is_taken(void **state)
{
	struct rig r;

	rig_create_set_aside(&r, NULL, 1);
	expect_slots_held(&r, UV_ACCESS_SECURE, UVC_CMD_DESTR_SEC_STOR);
	rig_destroy(&r);
}

/* ---- an ordinary guest beside a protected one ---- */

#define CODE 0x10000UL
#define PAGE 0x20000UL

/* Twice: lg %r1,0(%r2); diag %r1,%r2,0x501 */
static const uint8_t look_twice[] = {
	0xe3, 0x10, 0x20, 0x00, 0x00, 0x04, 0x83, 0x12, 0x05, 0x01,
	0xe3, 0x10, 0x20, 0x00, 0x00, 0x04, 0x83, 0x12, 0x05, 0x01,
};

/* Run an ordinary CPU to its next DIAG. Return: what it has loaded */
static uint64_t look(struct vmm *v, struct kvm_run *run)
{
	assert_int_equal(0, direct_ioctl(v->t, v->vcpu[0], KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_SIEIC, run->exit_reason);
	assert_int_equal(0x8312, run->s390_sieic.ipa);
	return run->s.regs.gprs[1];
}

static struct kvm_run *start_looking(struct vmm *v)
{
	struct kvm_run *run = direct_mmap(v->mm, PAGE_SIZE, v->vcpu[0], 0);

	assert_ptr_not_equal(MAP_FAILED, run);
	run->psw_mask = 0x180000000;
	run->psw_addr = CODE;
	run->s.regs.gprs[2] = PAGE;
	run->kvm_dirty_regs = KVM_SYNC_GPRS;
	return run;
}

/*
 * An ordinary CPU of another VM knows the page already when it becomes secure. It must meet the
 * exception, whose handling exports the page, and not go on with what the page was.
 */
static void other_vm_forgets(const char *model, bool second_life)
{
	const uint64_t before = 0x1122334455667788;
	struct kvm_run *run;
	struct vmm other;
	struct rig r;

	rig_create(&r, model);
	if (second_life) {
		rig_enable(&r, 0);
		rig_prepare(&r);
	}
	vmm_second_vm(&other, &r.v);
	assert_int_equal(0, vmm_try_slot(&other, 0, 0, RIG_SIZE, r.low));
	vmm_vcpus(&other, 1);
	memcpy(r.low + CODE, look_twice, sizeof(look_twice));
	memcpy(r.low + PAGE, &before, sizeof(before));
	run = start_looking(&other);
	assert_int_equal(be64_get((be64_t){before}), look(&other, run));

	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	vmm_touch(&r.v, PAGE, 1);
	assert_int_equal(1, world_status(r.w).storage.frames_secure);
	look(&other, run);
	assert_int_equal(0, world_status(r.w).storage.frames_secure);

	munmap(run, PAGE_SIZE);
	vmm_close(&other);
	rig_destroy(&r);
}

static void other_vm_forgets_a_page_that_becomes_secure(void **state)
{
	other_vm_forgets(NULL, false);
}

/* The new guest has another top-level table, which the Ultravisor names its VM by. */
static void other_vm_forgets_a_page_of_the_next_guest(void **state)
{
	other_vm_forgets(world_keeping_model(), true);
}

/* ---- traps and secure storage that nobody needs any more ---- */

static struct backing *backing_of(const uint8_t *memory, struct rig *r)
{
	uint64_t offset;
	struct backing *b = mm_find_backing(r->v.mm, (uintptr_t)memory, &offset);

	assert_non_null(b);
	assert_int_equal(0, offset);
	backing_put(b); /* the slot has one */
	return b;
}

static unsigned int armed_pieces(const struct backing *b)
{
	unsigned int n = 0;

	for (size_t i = 0; i < b->nr_pieces; i++)
		n += atomic_load(&b->pieces[i].armed);
	return n;
}

static bool is_resident(const struct backing *b, size_t page)
{
	unsigned char there;

	assert_int_equal(0, mincore(b->arena + page * PAGE_SIZE, PAGE_SIZE, &there));
	return there & 1;
}

/* PREPARE takes them away below 2 GiB, but not where another guest has secure pages. */
/* On `proposal` a piece keeps its traps as long as it has residue. */
static void prepare_disarms_lower_2g(void **state)
{
	struct backing *low, *high;
	struct rig r;

	rig_create(&r, "z17");
	low = backing_of(r.low, &r);
	high = backing_of(r.high, &r);
	rig_enable(&r, 1);
	vmm_touch(&r.v, RIG_LOW, 1);
	vmm_touch(&r.v, RIG_LOW + PIECE_SIZE, 1);
	assert_int_equal(2, armed_pieces(low));
	rig_prepare(&r);
	assert_int_equal(0, armed_pieces(low));
	assert_int_equal(1, armed_pieces(high));
	rig_destroy(&r);
}

/* The guest stores into its first page above 2 GiB. */
static void enable_and_store(struct rig *r)
{
	rig_enable(r, 1);
	*(uint8_t *)(uintptr_t)vmm_secure_bytes(&r->v, RIG_HIGH) = 1;
}

static void expect_secure_storage(struct rig *r, bool resident, unsigned int armed)
{
	const struct backing *b = backing_of(r->high, r);

	assert_int_equal(resident, is_resident(b, 0));
	assert_int_equal(armed, armed_pieces(b));
}

static void expect_trimmed(struct rig *r, bool trimmed)
{
	expect_secure_storage(r, !trimmed, !trimmed);
}

static void run_ordinary(struct rig *r, struct kvm_run *run)
{
	memcpy(r->low + 0x3000, "\0\0\0\0\0\0\0\x17", 8);
	rig_expect_load(r, run, 0, 0x3000, 0x17);
}

static void ordinary_cpu_gives_secure_storage_back(void **state)
{
	struct kvm_run *run;
	struct rig r;

	rig_create(&r, NULL);
	run = rig_run_page(&r);
	enable_and_store(&r);
	expect_trimmed(&r, false);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_DISABLE));
	expect_secure_storage(&r, true, 0);
	run_ordinary(&r, run);
	expect_trimmed(&r, true);
	munmap(run, PAGE_SIZE);
	rig_destroy(&r);
}

/* Most often the next configuration comes. */
static void memory_waits_for_the_next_configuration(void **state)
{
	struct kvm_run *run;
	struct rig r;

	rig_create(&r, NULL);
	run = rig_run_page(&r);
	enable_and_store(&r);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_DISABLE));
	expect_secure_storage(&r, true, 0);

	enable_and_store(&r);
	rig_prepare(&r);
	expect_trimmed(&r, false);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PERFORM));
	expect_secure_storage(&r, true, 0);

	enable_and_store(&r);
	rig_prepare(&r);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PERFORM));
	expect_secure_storage(&r, true, 0);
	run_ordinary(&r, run);
	expect_trimmed(&r, true);
	munmap(run, PAGE_SIZE);
	rig_destroy(&r);
}

/* A CPU runs as an ordinary one already: its guest needs the memory that PERFORM has cleared. */
static void ordinary_guest_before_perform_gets_memory(void **state)
{
	struct kvm_run *run;
	struct rig r;

	rig_create(&r, NULL);
	run = rig_run_page(&r);
	enable_and_store(&r);
	rig_prepare(&r);
	run_ordinary(&r, run);
	expect_trimmed(&r, false);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PERFORM));
	expect_trimmed(&r, true);
	munmap(run, PAGE_SIZE);
	rig_destroy(&r);
}

/* Both would be there at the end of a PERFORM that gives nothing back before. */
static void ordinary_guest_gets_memory_while_perform_runs(void **state)
{
	const struct backing *high;
	struct kvm_run *run;
	struct perform p;
	struct rig r;

	rig_create(&r, NULL);
	high = backing_of(r.high, &r);
	run = rig_run_page(&r);
	enable_and_store(&r);
	vmm_touch(&r.v, RIG_HIGH + PIECE_SIZE, 1);
	rig_prepare(&r);
	run_ordinary(&r, run);
	assert_int_equal(2, armed_pieces(high));
	rig_perform_to_page(&r, &p, 1);
	assert_int_equal(1, armed_pieces(high));
	assert_false(is_resident(high, 0));
	gate_open();
	assert_int_equal(0, perform_join(&p));
	expect_trimmed(&r, true);
	munmap(run, PAGE_SIZE);
	rig_destroy(&r);
}

static void next_guest_keeps_secure_storage(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	enable_and_store(&r);
	rig_prepare(&r);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ASYNC_CLEANUP_PERFORM));
	expect_trimmed(&r, false);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_DISABLE));
	expect_secure_storage(&r, true, 0);
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_stay_during_import),
		cmocka_unit_test(slots_stay_while_a_page_is_taken),
		cmocka_unit_test(other_vm_forgets_a_page_that_becomes_secure),
		cmocka_unit_test(other_vm_forgets_a_page_of_the_next_guest),
		cmocka_unit_test(prepare_disarms_lower_2g),
		cmocka_unit_test(ordinary_cpu_gives_secure_storage_back),
		cmocka_unit_test(memory_waits_for_the_next_configuration),
		cmocka_unit_test(ordinary_guest_before_perform_gets_memory),
		cmocka_unit_test(ordinary_guest_gets_memory_while_perform_runs),
		cmocka_unit_test(next_guest_keeps_secure_storage),
	};

	return cmocka_run_group_tests_name("lifecycle-frames", tests, NULL, NULL);
}
