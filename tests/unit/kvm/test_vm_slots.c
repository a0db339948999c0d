// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory slots: the checks of KVM_SET_USER_MEMORY_REGION in their order, and the dirty log. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "kvm/memslots.h"
#include "sie/sie.h"
#include "tests/lifecycle/world.h"

struct env {
	struct world *w;
	struct vmm v;
	uint8_t *mem;
};

#define SIZE (4 * MIB)

static void env_create(struct env *e)
{
	e->w = world_create(NULL);
	vmm_start(&e->v, e->w);
	e->mem = vmm_memory(&e->v, 0, 0, SIZE);
}

static void env_destroy(struct env *e)
{
	vmm_exit(&e->v);
	vmm_free_memory(e->mem, SIZE);
	world_destroy(e->w);
}

static long set_region(struct env *e, uint32_t slot, uint32_t flags, gpa_t gpa, uint64_t size,
		       uint64_t uva)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = uva,
	};

	return vmm_ioctl(&e->v, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&region);
}

static void refused_regions(void **state)
{
	struct env e;
	uint64_t uva;

	env_create(&e);
	uva = (uintptr_t)e.mem;
	/* 1: slot and address space */
	assert_int_equal(-EINVAL, set_region(&e, KVM_USER_MEM_SLOTS, 0, GIB, MIB, uva));
	assert_int_equal(-EINVAL, set_region(&e, 1 | 1U << 16, 0, GIB, MIB, uva));
	/* 2: flags, alignment, user range, wrap, number of pages */
	assert_int_equal(-EINVAL, set_region(&e, 1, KVM_MEM_READONLY, GIB, MIB, uva));
	assert_int_equal(-EINVAL, set_region(&e, 1, 1U << 31, GIB, MIB, uva));
	assert_int_equal(-EINVAL, set_region(&e, 1, 0, GIB, MIB + 1, uva));
	assert_int_equal(-EINVAL, set_region(&e, 1, 0, GIB + 8, MIB, uva));
	assert_int_equal(-EINVAL, set_region(&e, 1, 0, GIB, MIB, uva + 8));
	assert_int_equal(-EINVAL, set_region(&e, 1, 0, GIB, MIB, 0xfffffffffff00000UL));
	assert_int_equal(-EINVAL, set_region(&e, 1, 0, 0xfffffffffff00000UL, 2 * MIB, uva));
	assert_int_equal(-EINVAL, set_region(&e, 1, 0, GIB, 1UL << 43, uva));
	/* 3: delete what is not there */
	assert_int_equal(-EINVAL, set_region(&e, 1, 0, 0, 0, 0));
	/* 4: an existing slot keeps size and memory */
	assert_int_equal(-EINVAL, set_region(&e, 0, 0, 0, MIB, uva));
	assert_int_equal(-EINVAL, set_region(&e, 0, 0, 0, SIZE, uva + MIB));
	assert_int_equal(0, set_region(&e, 0, 0, 0, SIZE, uva));
	/* 5: overlap, also when moving */
	assert_int_equal(-EEXIST, set_region(&e, 1, 0, SIZE - PAGE_SIZE, MIB, uva));
	assert_int_equal(0, set_region(&e, 1, 0, GIB, MIB, uva));
	assert_int_equal(-EEXIST, set_region(&e, 1, 0, MIB, MIB, uva));
	/* 9: beyond the limit */
	assert_int_equal(-EINVAL, set_region(&e, 2, 0, ABS_LIMIT - MIB, 2 * MIB, uva));
	assert_int_equal(0, set_region(&e, 2, 0, ABS_LIMIT - MIB, MIB, uva));
	/* what is no memory of the process */
	assert_int_equal(-EFAULT, set_region(&e, 3, 0, 2 * GIB, MIB, PAGE_SIZE));
	assert_int_equal(-EFAULT, vmm_ioctl(&e.v, KVM_SET_USER_MEMORY_REGION, 8));
	env_destroy(&e);
}

static void order_of_checks(void **state)
{
	struct env e;
	uint64_t uva;

	env_create(&e);
	uva = (uintptr_t)e.mem;
	vmm_vcpus(&e.v, 1);
	assert_int_equal(0, vmm_pv(&e.v, KVM_PV_ENABLE));
	/* nothing changes: not refused although the VM is protected */
	assert_int_equal(0, set_region(&e, 0, 0, 0, SIZE, uva));
	/* overlap comes before protection, protection before the limit */
	assert_int_equal(-EEXIST, set_region(&e, 1, 0, MIB, MIB, uva));
	assert_int_equal(-EINVAL, set_region(&e, 1, 0, GIB, MIB, uva));
	assert_int_equal(-EINVAL, set_region(&e, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE, uva));
	env_destroy(&e);
}

static void small_slots(void **state)
{
	struct env e;

	env_create(&e);
	/* 4 KiB granularity, many slots, holes between them */
	for (uint32_t i = 1; i <= 64; i++)
		assert_int_equal(0, set_region(&e, i, 0, GIB + (65 - i) * 2 * PAGE_SIZE, PAGE_SIZE,
					       (uintptr_t)e.mem + i * PAGE_SIZE));
	for (uint32_t i = 1; i <= 64; i++) {
		gpa_t gpa = GIB + (65 - i) * 2 * PAGE_SIZE;
		uint8_t byte = 0;

		e.mem[i * PAGE_SIZE] = (uint8_t)i;
		assert_int_equal(0, kvm_read_guest_abs(e.v.kvm, gpa, &byte, 1));
		assert_int_equal(i, byte);
		assert_int_equal(-EFAULT, kvm_read_guest_abs(e.v.kvm, gpa + PAGE_SIZE, &byte, 1));
	}
	env_destroy(&e);
}

static void several_mappings_in_one_slot(void **state)
{
	struct env e;
	uint8_t buf[8] = {0};
	uint8_t *two =
		mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	env_create(&e);
	assert_true(two != MAP_FAILED);
	/* The first half belongs to a backing already when the whole becomes a slot. */
	assert_int_equal(0, set_region(&e, 1, 0, GIB, MIB, (uintptr_t)two));
	assert_int_equal(0, set_region(&e, 2, 0, 2 * GIB, 2 * MIB, (uintptr_t)two));
	memcpy(two + MIB - 4, "abcdefgh", 8);
	assert_int_equal(0, kvm_read_guest_abs(e.v.kvm, 2 * GIB + MIB - 4, buf, 8));
	assert_memory_equal("abcdefgh", buf, 8);
	assert_int_equal(0, kvm_read_guest_abs(e.v.kvm, GIB + MIB - 4, buf, 4));
	assert_memory_equal("abcd", buf, 4);
	assert_int_equal(-EFAULT, kvm_read_guest_abs(e.v.kvm, GIB + MIB - 4, buf, 8));
	assert_int_equal(0, kvm_write_guest_abs(e.v.kvm, 2 * GIB + MIB - 2, "wxyz", 4));
	assert_memory_equal("abwxyzgh", two + MIB - 4, 8);
	env_destroy(&e);
	vmm_free_memory(two, 2 * MIB);
}

static void no_memory_for_a_slot(void **state)
{
	struct env e;

	env_create(&e);
	for (uint32_t n = 0; n < 3; n++) {
		fail_alloc(ALLOC_OBJECT, n, 1);
		assert_int_equal(-ENOMEM, set_region(&e, 1, KVM_MEM_LOG_DIRTY_PAGES, GIB, SIZE,
						     (uintptr_t)e.mem));
		assert_int_equal(1, fail_hits());
		fail_clear();
		assert_false(kvm_is_gpa_backed(e.v.kvm, GIB));
	}
	assert_int_equal(0,
			 set_region(&e, 1, KVM_MEM_LOG_DIRTY_PAGES, GIB, SIZE, (uintptr_t)e.mem));
	env_destroy(&e);
}

/* ---- dirty log ---- */

static long get_dirty_log(struct env *e, uint32_t slot, uint64_t *bitmap)
{
	struct kvm_dirty_log log = {.slot = slot, .dirty_bitmap = bitmap};

	return vmm_ioctl(&e->v, KVM_GET_DIRTY_LOG, (uintptr_t)&log);
}

static long clear_dirty_log(struct env *e, uint64_t first, uint32_t n, uint64_t *bitmap)
{
	struct kvm_clear_dirty_log log = {
		.slot = 0, .first_page = first, .num_pages = n, .dirty_bitmap = bitmap};

	return vmm_ioctl(&e->v, KVM_CLEAR_DIRTY_LOG, (uintptr_t)&log);
}

static void dirty_log(void **state)
{
	uint64_t bitmap[SIZE / PAGE_SIZE / 64];
	struct env e;

	env_create(&e);
	assert_int_equal(-EINVAL, get_dirty_log(&e, KVM_USER_MEM_SLOTS, bitmap));
	assert_int_equal(-ENOENT, get_dirty_log(&e, 1, bitmap));
	assert_int_equal(-ENOENT, get_dirty_log(&e, 0, bitmap));
	assert_int_equal(0, set_region(&e, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, SIZE, (uintptr_t)e.mem));
	assert_int_equal(0, get_dirty_log(&e, 0, bitmap));
	assert_int_equal(0, bitmap[0]);
	/* a store of the host, and a page that a guest touched */
	assert_int_equal(0, kvm_write_guest_abs(e.v.kvm, 3 * PAGE_SIZE + 5, "x", 1));
	assert_int_equal(
		0, kvm_s390_handle_fault(e.v.kvm, &(struct sie_fault){.gpa = 70 * PAGE_SIZE}));
	assert_int_equal(0, get_dirty_log(&e, 0, bitmap));
	assert_int_equal(1UL << 3, bitmap[0]);
	assert_int_equal(1UL << 6, bitmap[1]);
	assert_int_equal(0, get_dirty_log(&e, 0, bitmap));
	assert_int_equal(0, bitmap[0] | bitmap[1]);
	/* clearing names pages */
	assert_int_equal(0, kvm_write_guest_abs(e.v.kvm, 64 * PAGE_SIZE, "xy", 2));
	assert_int_equal(0, kvm_write_guest_abs(e.v.kvm, 65 * PAGE_SIZE, "xy", 2));
	assert_int_equal(-EINVAL, clear_dirty_log(&e, 1, 64, bitmap));
	assert_int_equal(-EINVAL, clear_dirty_log(&e, 0, 65, bitmap));
	assert_int_equal(-EINVAL, clear_dirty_log(&e, 0, SIZE / PAGE_SIZE + 64, bitmap));
	bitmap[0] = 2;
	assert_int_equal(0, clear_dirty_log(&e, 64, 64, bitmap));
	assert_int_equal(0, get_dirty_log(&e, 0, bitmap));
	assert_int_equal(1, bitmap[1]);
	env_destroy(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_regions),
		cmocka_unit_test(order_of_checks),
		cmocka_unit_test(small_slots),
		cmocka_unit_test(several_mappings_in_one_slot),
		cmocka_unit_test(no_memory_for_a_slot),
		cmocka_unit_test(dirty_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
