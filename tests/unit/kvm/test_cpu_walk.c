// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM's own walk of a guest's tables: where pages and large frames lead. */
#include "tests/unit/kvm/cpu_world.h"

#include <string.h>

#include "kvm/vcpu.h"

#define CR0_EDAT 0x00800000UL

#define REGION3  0x100000UL
#define SEGMENTS 0x104000UL
#define PAGES    0x108000UL
#define LARGE    0x00100000UL /* segment 1 of region 0: a frame of 1 MiB */
#define FRAME    0x400UL

static const uint64_t asce = REGION3 | 4;

static void make_tables(struct world *w, uint64_t cr0)
{
	for (uint64_t i = 0; i < 512; i++) {
		put_guest64(w, REGION3 + i * 8, 0x24);
		put_guest64(w, SEGMENTS + i * 8, 0x20);
	}
	for (uint64_t i = 0; i < 256; i++)
		put_guest64(w, PAGES + i * 8, i << 12);
	put_guest64(w, REGION3, SEGMENTS | 4);
	put_guest64(w, SEGMENTS, PAGES);
	put_guest64(w, SEGMENTS + 8, FRAME);
	world_set_cr(w, 0, 0, cr0);
	world_set_cr(w, 0, 1, asce);
	set_gpsw(world_vcpu(w, 0), PSW_MASK_DAT | PSW64, 0);
}

/* Where an address leads; the code of the program interruption if nowhere */
static int walk(struct world *w, uint64_t va, enum gacc_mode mode, gpa_t *gpa)
{
	*gpa = 0;
	return guest_translate_address(world_vcpu(w, 0), va, 0, gpa, mode, 0);
}

static void leads_to(struct world *w, uint64_t va, enum gacc_mode mode, gpa_t expected)
{
	gpa_t gpa;

	assert_int_equal(0, walk(w, va, mode, &gpa));
	assert_int_equal(expected, gpa);
}

/* Prefixing is for pages, not for large frames */
static void large_frames_are_absolute(void **state)
{
	struct world *w = *state;

	make_tables(w, CR0_EDAT);
	kvm_s390_set_prefix(world_vcpu(w, 0), 0x40000);
	leads_to(w, 0x1234, GACC_FETCH, 0x41234);
	leads_to(w, 0x41234, GACC_FETCH, 0x1234);
	leads_to(w, LARGE + 0x1234, GACC_FETCH, 0x1234);
	leads_to(w, LARGE + 0x41234, GACC_FETCH, 0x41234);
	world_set_cr(w, 0, 1, 0x20); /* real space */
	leads_to(w, 0x1234, GACC_FETCH, 0x41234);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(large_frames_are_absolute),
	};

	return cmocka_run_group_tests_name("kvm-cpu-walk", tests, NULL, NULL);
}
