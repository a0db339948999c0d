// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest page table. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kvm/gmap.h"
#include "kvm/machine_state.h"
#include "tests/lifecycle/world.h"

struct env {
	struct world *w;
	struct vmm v;
	struct storage *st;
};

static void env_create(struct env *e)
{
	e->w = world_create(world_keeping_model());
	vmm_start(&e->v, e->w);
	e->st = machine_storage(e->w->m);
}

static void env_destroy(struct env *e)
{
	vmm_exit(&e->v);
	world_destroy(e->w);
}

static int walk(struct env *e, struct gmap *g, gpa_t gpa, abs_t *frame)
{
	return gmap_walk(e->st, atomic_load(&g->asce), gpa, frame);
}

static void type_follows_limit(void **state)
{
	static const struct {
		uint64_t limit;
		uint64_t type;
		uint64_t addressable;
	} cases[] = {
		{MIB, _ASCE_TYPE_SEGMENT, 2 * GIB},
		{2 * GIB, _ASCE_TYPE_SEGMENT, 2 * GIB},
		{2 * GIB + MIB, _ASCE_TYPE_REGION3, 1UL << 42},
		{1UL << 42, _ASCE_TYPE_REGION3, 1UL << 42},
		{(1UL << 42) + MIB, _ASCE_TYPE_REGION2, 1UL << 53},
		{1UL << 53, _ASCE_TYPE_REGION2, 1UL << 53},
		{(1UL << 53) + MIB, _ASCE_TYPE_REGION1, UINT64_MAX},
	};
	struct env e;

	env_create(&e);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct gmap *g = gmap_create(e.v.kvm, cases[i].limit);
		abs_t frame = 0;
		gpa_t last =
			cases[i].addressable == UINT64_MAX ? (1UL << 63) : cases[i].addressable;

		assert_non_null(g);
		assert_int_equal(cases[i].type, gmap_type(g));
		assert_int_equal(cases[i].addressable, g->limit);
		/* the Ultravisor wants the private-space bit, and no real space */
		assert_int_equal(_ASCE_PRIVATE_SPACE, atomic_load(&g->asce) & 0x120);
		/* the last page that it can address, and the first that it cannot */
		assert_int_equal(0, gmap_link(g, last - PAGE_SIZE, 0x80001000));
		assert_int_equal(0, walk(&e, g, last - 1, &frame));
		assert_int_equal(0x80001000, frame);
		if (cases[i].addressable != UINT64_MAX) {
			assert_int_equal(-EFAULT, gmap_link(g, last, 0x80001000));
			assert_int_equal(-ENXIO, walk(&e, g, last, &frame));
		}
		gmap_free(g);
	}
	env_destroy(&e);
}

static void count_touched(void *arg, uint64_t gfn)
{
	uint64_t *sum = arg;

	*sum += gfn;
}

static void link_and_unmap(void **state)
{
	struct env e;
	struct gmap *g;
	abs_t frame;
	uint64_t sum = 0;

	env_create(&e);
	g = gmap_create(e.v.kvm, ABS_LIMIT);
	for (uint64_t gfn = 250; gfn < 260; gfn++)
		assert_int_equal(0, gmap_link(g, gfn << PAGE_SHIFT, 0x80000000 + gfn * PAGE_SIZE));
	for (uint64_t gfn = 250; gfn < 260; gfn++) {
		assert_int_equal(0, walk(&e, g, gfn << PAGE_SHIFT, &frame));
		assert_int_equal(0x80000000 + gfn * PAGE_SIZE, frame);
	}
	assert_int_equal(-ENXIO, walk(&e, g, 249 << PAGE_SHIFT, &frame));
	assert_int_equal(-ENXIO, walk(&e, g, 512 * GIB, &frame));
	/* across the end of a page table, and over a segment without one */
	gmap_unmap(g, 252 << PAGE_SHIFT, 4 * MIB, count_touched, &sum);
	assert_int_equal(252 + 253 + 254 + 255 + 256 + 257 + 258 + 259, sum);
	assert_int_equal(0, walk(&e, g, 251 << PAGE_SHIFT, &frame));
	assert_int_equal(-ENXIO, walk(&e, g, 252 << PAGE_SHIFT, &frame));
	gmap_free(g);
	env_destroy(&e);
}

static void replace_keeps_lower_tables(void **state)
{
	struct gmap_table *old = NULL;
	struct env e;
	struct gmap *g;
	uint64_t asce;
	abs_t frame;

	env_create(&e);
	g = gmap_create(e.v.kvm, ABS_LIMIT);
	assert_int_equal(0, gmap_link(g, GIB, 0x80001000));
	asce = atomic_load(&g->asce);
	assert_int_equal(0, s390_replace_asce(g, &old));
	assert_non_null(old);
	assert_int_equal(asce & PAGE_MASK, old->origin);
	assert_int_not_equal(asce, atomic_load(&g->asce));
	assert_int_equal(asce & ~PAGE_MASK, atomic_load(&g->asce) & ~PAGE_MASK);
	/* both reach the same page table */
	assert_int_equal(0, gmap_link(g, GIB + PAGE_SIZE, 0x80002000));
	assert_int_equal(0, gmap_walk(e.st, asce, GIB + PAGE_SIZE, &frame));
	assert_int_equal(0x80002000, frame);
	assert_int_equal(0, walk(&e, g, GIB, &frame));
	gmap_table_free(e.w->m, old);
	gmap_free(g);
	env_destroy(&e);
}

static void replacement_uses_what_is_reserved(void **state)
{
	struct gmap_table *old = NULL;
	struct env e;
	struct gmap_table *reserve;
	struct gmap *g;

	env_create(&e);
	g = gmap_create(e.v.kvm, ABS_LIMIT);
	gmap_reserve_top(g);
	reserve = g->reserve;
	assert_non_null(reserve);
	gmap_reserve_top(g);
	assert_ptr_equal(reserve, g->reserve);
	assert_int_equal(0, gmap_link(g, GIB, 0x80001000));
	assert_int_equal(0, s390_replace_asce(g, &old));
	assert_null(g->reserve);
	assert_ptr_equal(reserve, g->top);
	assert_memory_equal(storage_ptr(e.st, g->top->origin, 4 * PAGE_SIZE),
			    storage_ptr(e.st, old->origin, 4 * PAGE_SIZE), 4 * PAGE_SIZE);
	gmap_table_free(e.w->m, old);
	/* not used: goes with the gmap, or with a replacement that fails */
	gmap_reserve_top(g);
	fail_alloc(ALLOC_TABLE, 0, 1);
	assert_int_equal(-ENOMEM, s390_replace_asce(g, &old));
	fail_clear();
	assert_null(g->reserve);
	s390_relist_asce(g);
	gmap_reserve_top(g);
	gmap_free(g);
	g = gmap_create(e.v.kvm, 2 * GIB);
	gmap_reserve_top(g);
	assert_null(g->reserve); /* its table cannot be replaced */
	gmap_free(g);
	env_destroy(&e);
}

static void replace_fails(void **state)
{
	struct gmap_table *old = NULL;
	struct env e;
	struct gmap *g;

	env_create(&e);
	g = gmap_create(e.v.kvm, ABS_LIMIT);
	/* Off the list, on again: freed with the gmap. */
	fail_alloc(ALLOC_TABLE, 0, 1);
	assert_int_equal(-ENOMEM, s390_replace_asce(g, &old));
	fail_clear();
	assert_false(g->top->listed);
	s390_unlist_old_asce(g);
	s390_relist_asce(g);
	gmap_free(g);
	assert_int_equal(0, world_status(e.w).storage.bytes_leaked);
	/* Still off the list: the Ultravisor may use it, it is leaked. */
	g = gmap_create(e.v.kvm, 2 * GIB);
	assert_int_equal(-EINVAL, s390_replace_asce(g, &old));
	assert_null(old);
	gmap_free(g);
	assert_true(world_status(e.w).storage.bytes_leaked > 0);
	e.w->expect_leaked_bytes = true;
	env_destroy(&e);
}

static void no_memory_for_tables(void **state)
{
	struct env e;
	struct gmap *g;
	abs_t frame;

	env_create(&e);
	fail_alloc(ALLOC_TABLE, 0, 1);
	assert_null(gmap_create(e.v.kvm, ABS_LIMIT));
	fail_clear();
	fail_alloc(ALLOC_OBJECT, 1, 1);
	assert_null(gmap_create(e.v.kvm, ABS_LIMIT));
	fail_clear();
	g = gmap_create(e.v.kvm, ABS_LIMIT);
	for (uint32_t n = 0; n < 2; n++) {
		/* a segment table, a page table */
		fail_alloc(ALLOC_TABLE, n, 1);
		assert_int_equal(-ENOMEM, gmap_link(g, (n + 1) * 4 * GIB, 0x80001000));
		assert_int_equal(-ENXIO, walk(&e, g, (n + 1) * 4 * GIB, &frame));
		fail_clear();
		assert_int_equal(0, gmap_link(g, (n + 1) * 4 * GIB, 0x80001000));
	}
	gmap_free(g);
	env_destroy(&e);
}

static void storage_keys(void **state)
{
	struct env e;
	struct gmap *g;

	env_create(&e);
	g = gmap_create(e.v.kvm, ABS_LIMIT);
	assert_int_equal(0, gmap_get_storage_key(g, GIB));
	assert_false(g->uses_skeys);
	assert_int_equal(0, gmap_set_storage_key(g, GIB, 0x9e));
	assert_int_equal(0x9e, gmap_get_storage_key(g, GIB));
	assert_int_equal(0, gmap_get_storage_key(g, GIB + PAGE_SIZE));
	/* the key stays when the mapping goes */
	assert_int_equal(0, gmap_link(g, GIB, 0x80001000));
	gmap_unmap(g, GIB, MIB, NULL, NULL);
	assert_int_equal(0x9e, gmap_get_storage_key(g, GIB));
	gmap_free(g);
	env_destroy(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_follows_limit),
		cmocka_unit_test(link_and_unmap),
		cmocka_unit_test(replace_keeps_lower_tables),
		cmocka_unit_test(replacement_uses_what_is_reserved),
		cmocka_unit_test(replace_fails),
		cmocka_unit_test(no_memory_for_tables),
		cmocka_unit_test(storage_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
