// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KVM's own walk of a guest's tables: large frames of both sizes, common regions, protection by
 * region entries, instruction-execution protection. The VM's facilities and CR0 decide.
 */
#include "tests/unit/kvm/cpu_world.h"

#include <string.h>

#include "kvm/vcpu.h"

#define CR0_EDAT 0x00800000UL
#define CR0_IEP  0x00100000UL
#define BOTH     (CR0_EDAT | CR0_IEP)

#define REGION3  0x100000UL
#define SEGMENTS 0x104000UL
#define PAGES    0x108000UL
#define HUGE     0x80000000UL /* region 1: a frame of 2 GiB, unless a test says otherwise */
#define LARGE    0x00100000UL /* segment 1 of region 0: a frame of 1 MiB */
#define PAGE     0x00005000UL /* page 5 of segment 0 */
#define FRAME    0x400UL
#define IEP      0x100UL
#define PROTECT  0x200UL
#define COMMON   0x10UL

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
	put_guest64(w, REGION3 + 8, FRAME | 4);
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

static void refused(struct world *w, uint64_t va, enum gacc_mode mode, int code, uint64_t teid)
{
	gpa_t gpa;

	assert_int_equal(code, walk(w, va, mode, &gpa));
	assert_int_equal(code, world_vcpu(w, 0)->arch.pgm.code);
	assert_int_equal(teid, world_vcpu(w, 0)->arch.pgm.trans_exc_code);
}

static void take_facility(struct world *w, unsigned int nr)
{
	w->kvm->arch.model.fac_list[nr / 64] &= ~(1UL << (63 - nr % 64));
}

static void huge_frames(void **state)
{
	struct world *w = *state;

	make_tables(w, CR0_EDAT);
	leads_to(w, HUGE + 0x345678, GACC_STORE, 0x345678);
	leads_to(w, HUGE + WORLD_MEMORY - 1, GACC_FETCH, WORLD_MEMORY - 1);
	refused(w, HUGE + WORLD_MEMORY, GACC_FETCH, PGM_ADDRESSING, 0);
	put_guest64(w, REGION3 + 8, FRAME | 4 | 0x7ffe0000 | 0xc3); /* nothing of it counts */
	leads_to(w, HUGE + 0x345678, GACC_STORE, 0x345678);
	put_guest64(w, REGION3 + 8, FRAME | 4 | 0x80000000);
	refused(w, HUGE, GACC_FETCH, PGM_ADDRESSING, 0);
	put_guest64(w, REGION3 + 8, FRAME | 4 | PROTECT);
	leads_to(w, HUGE + 0x345678, GACC_FETCH, 0x345678);
	refused(w, HUGE + 0x345678, GACC_STORE, PGM_PROTECTION, (HUGE + 0x345000) | 0x404);
	put_guest64(w, REGION3 + 8, FRAME | 4 | 0x20);
	refused(w, HUGE + 0x345678, GACC_FETCH, PGM_REGION_THIRD_TRANS, (HUGE + 0x345000) | 0x800);
	put_guest64(w, REGION3 + 8, FRAME | 8);
	refused(w, HUGE, GACC_FETCH, PGM_TRANSLATION_SPEC, 0);
}

/* Without control or facility the entry leads to a segment table, and protects nothing */
static void huge_frames_are_optional(void **state)
{
	struct world *w = *state;

	make_tables(w, CR0_EDAT);
	put_guest64(w, REGION3 + 8, FRAME | 4 | SEGMENTS | PROTECT);
	put_guest64(w, PAGES + 5 * 8, 0x9000);
	refused(w, HUGE + PAGE, GACC_STORE, PGM_PROTECTION, (HUGE + PAGE) | 0x404);
	leads_to(w, HUGE + PAGE, GACC_FETCH, PAGE);
	world_set_cr(w, 0, 0, 0);
	leads_to(w, HUGE + PAGE, GACC_STORE, 0x9000);
	world_set_cr(w, 0, 0, CR0_EDAT);
	take_facility(w, 78);
	refused(w, HUGE + PAGE, GACC_STORE, PGM_PROTECTION, (HUGE + PAGE) | 0x404);
	leads_to(w, HUGE + PAGE, GACC_FETCH, 0x9000);
	leads_to(w, LARGE + PAGE, GACC_STORE, PAGE);
}

/* The second part needs the first */
static void first_part_is_needed(void **state)
{
	struct world *w = *state;

	make_tables(w, CR0_EDAT);
	put_guest64(w, REGION3 + 8, FRAME | 4 | SEGMENTS | PROTECT);
	put_guest64(w, PAGES + 5 * 8, 0x9000);
	take_facility(w, 8);
	leads_to(w, HUGE + PAGE, GACC_STORE, 0x9000);
}

static void common_regions(void **state)
{
	struct world *w = *state;

	for (unsigned int frame = 0; frame < 2; frame++) {
		make_tables(w, CR0_EDAT);
		put_guest64(w, REGION3 + 8, (frame ? FRAME : 0) | 4 | COMMON | SEGMENTS);
		leads_to(w, HUGE + PAGE, GACC_FETCH, PAGE);
		world_set_cr(w, 0, 1, asce | 0x100);
		refused(w, HUGE + PAGE, GACC_FETCH, PGM_TRANSLATION_SPEC, 0);
		world_set_cr(w, 0, 0, 0);
		leads_to(w, HUGE + PAGE, GACC_FETCH, PAGE);
	}
	world_set_cr(w, 0, 0, CR0_EDAT);
	take_facility(w, 78);
	leads_to(w, HUGE + PAGE, GACC_FETCH, PAGE);
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
	leads_to(w, HUGE + 0x1234, GACC_FETCH, 0x1234);
	leads_to(w, HUGE + 0x41234, GACC_FETCH, 0x41234);
	world_set_cr(w, 0, 1, 0x20); /* real space */
	leads_to(w, 0x1234, GACC_FETCH, 0x41234);
}

static void execution(void **state)
{
	struct world *w = *state;
	static const uint64_t addresses[] = {PAGE, LARGE + PAGE, HUGE + PAGE};

	make_tables(w, BOTH);
	for (unsigned int i = 0; i < 3; i++)
		leads_to(w, addresses[i] + 0x66, GACC_IFETCH, PAGE + 0x66);
	put_guest64(w, REGION3 + 8, FRAME | 4 | IEP);
	put_guest64(w, SEGMENTS + 8, FRAME | IEP);
	put_guest64(w, PAGES + 5 * 8, PAGE | IEP);
	for (unsigned int i = 0; i < 3; i++) {
		leads_to(w, addresses[i] + 0x66, GACC_FETCH, PAGE + 0x66);
		leads_to(w, addresses[i] + 0x66, GACC_STORE, PAGE + 0x66);
		refused(w, addresses[i] + 0x66, GACC_IFETCH, PGM_PROTECTION, addresses[i] | 0x884);
	}
	/* the home space is told */
	world_set_cr(w, 0, 13, asce);
	set_gpsw(world_vcpu(w, 0), PSW_MASK_DAT | 3UL << 46 | PSW64, 0);
	refused(w, PAGE, GACC_IFETCH, PGM_PROTECTION, PAGE | 0x887);
	set_gpsw(world_vcpu(w, 0), PSW_MASK_DAT | PSW64, 0);
	/* bits of tables on the way are no such bits; nor is there one without tables */
	put_guest64(w, PAGES + 5 * 8, PAGE);
	put_guest64(w, SEGMENTS, PAGES | IEP);
	put_guest64(w, REGION3, SEGMENTS | 4 | IEP);
	leads_to(w, PAGE, GACC_IFETCH, PAGE);
	put_guest64(w, PAGES + 5 * 8, PAGE | IEP);
	world_set_cr(w, 0, 1, 0x20);
	leads_to(w, PAGE, GACC_IFETCH, PAGE);
	set_gpsw(world_vcpu(w, 0), PSW64, 0);
	leads_to(w, PAGE, GACC_IFETCH, PAGE);
}

/* Before the frame is looked for; behind what tables say */
static void order(void **state)
{
	struct world *w = *state;

	make_tables(w, BOTH);
	put_guest64(w, PAGES + 5 * 8, WORLD_MEMORY | IEP);
	refused(w, PAGE, GACC_IFETCH, PGM_PROTECTION, PAGE | 0x884);
	refused(w, PAGE, GACC_FETCH, PGM_ADDRESSING, 0);
	put_guest64(w, PAGES + 5 * 8, PAGE | IEP | 0x400);
	refused(w, PAGE, GACC_IFETCH, PGM_PAGE_TRANSLATION, PAGE | 0x800);
}

static void execution_is_optional(void **state)
{
	struct world *w = *state;

	make_tables(w, BOTH);
	put_guest64(w, PAGES + 5 * 8, PAGE | IEP);
	world_set_cr(w, 0, 0, CR0_EDAT);
	leads_to(w, PAGE, GACC_IFETCH, PAGE);
	world_set_cr(w, 0, 0, CR0_IEP);
	refused(w, PAGE, GACC_IFETCH, PGM_PROTECTION, PAGE | 0x884);
	take_facility(w, 130);
	leads_to(w, PAGE, GACC_IFETCH, PAGE);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(huge_frames),
		WORLD_TEST(huge_frames_are_optional),
		WORLD_TEST(first_part_is_needed),
		WORLD_TEST(common_regions),
		WORLD_TEST(execution),
		WORLD_TEST(large_frames_are_absolute),
		WORLD_TEST(order),
		WORLD_TEST(execution_is_optional),
	};

	return cmocka_run_group_tests_name("kvm-cpu-walk", tests, NULL, NULL);
}
