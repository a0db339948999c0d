// SPDX-License-Identifier: GPL-2.0-or-later
/* Guest memory: ranges of a VMM become shared with the machine, in place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "host/alloc.h"
#include "host/direct.h"
#include "host/mm.h"
#include "storage/storage.h"

#define PAGES 16
#define LEN   (PAGES * PAGE_SIZE)

struct env {
	uint64_t live;
	struct storage *st;
	struct mm *mm;
	struct task *t;
	uint8_t *mem;
	struct mm_segment *segs;
	size_t n;
};

static uint8_t *map_anonymous(size_t len)
{
	uint8_t *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

static int setup(void **state)
{
	struct env *e = calloc(1, sizeof(*e));

	e->live = host_alloc_live();
	e->st = storage_create();
	e->mm = direct_mm_create(e->st, NULL);
	e->t = direct_task_start(e->mm);
	e->mem = map_anonymous(LEN);
	*state = e;
	return 0;
}

static int teardown(void **state)
{
	struct env *e = *state;
	struct storage_stats stats;

	mm_put_segments(e->segs, e->n);
	direct_task_end(e->t);
	direct_mm_exit(e->mm);
	mmdrop(e->mm);
	storage_get_stats(e->st, &stats);
	assert_int_equal(stats.backings, 0);
	storage_destroy(e->st);
	assert_int_equal(host_alloc_live(), e->live);
	munmap(e->mem, LEN);
	free(e);
	return 0;
}

static int share(struct env *e, void *at, size_t len)
{
	mm_put_segments(e->segs, e->n);
	e->segs = NULL;
	e->n = 0;
	return mm_share_range(e->mm, (uintptr_t)at, len, &e->segs, &e->n);
}

/* What the machine sees at byte @at of the range */
static uint8_t *machine_sees(const struct env *e, uint64_t at)
{
	size_t i = 0;

	while (i < e->n && at >= e->segs[i].len)
		at -= e->segs[i++].len;
	assert_true(i < e->n);
	return backing_ordinary(e->segs[i].b) + e->segs[i].backing_offset + at;
}

static void content_is_kept_and_shared(void **state)
{
	struct env *e = *state;

	e->mem[0] = 0x11;
	e->mem[5 * PAGE_SIZE + 9] = 0x22;
	assert_int_equal(share(e, e->mem, LEN), 0);
	assert_int_equal(e->n, 1);
	assert_int_equal(e->mem[0], 0x11);
	assert_int_equal(*machine_sees(e, 5 * PAGE_SIZE + 9), 0x22);
	e->mem[7] = 0x33;
	assert_int_equal(*machine_sees(e, 7), 0x33);
	*machine_sees(e, LEN - 1) = 0x44;
	assert_int_equal(e->mem[LEN - 1], 0x44);
}

static void second_window_shows_the_same_backing(void **state)
{
	struct env *e = *state;
	struct mm_segment *first;
	size_t n;

	assert_int_equal(mm_share_range(e->mm, (uintptr_t)e->mem, LEN, &first, &n), 0);
	assert_int_equal(share(e, e->mem + 4 * PAGE_SIZE, 2 * PAGE_SIZE), 0);
	assert_int_equal(e->n, 1);
	assert_ptr_equal(e->segs[0].b, first[0].b);
	assert_int_equal(e->segs[0].backing_offset, 4 * PAGE_SIZE);
	mm_put_segments(first, n);
}

static void only_the_new_part_is_converted(void **state)
{
	struct env *e = *state;
	struct mm_segment *middle;
	size_t n;

	e->mem[0] = 1;
	e->mem[LEN - 1] = 3;
	assert_int_equal(mm_share_range(e->mm, (uintptr_t)e->mem + 4 * PAGE_SIZE, 2 * PAGE_SIZE,
					&middle, &n),
			 0);
	e->mem[4 * PAGE_SIZE] = 2;
	assert_int_equal(share(e, e->mem, LEN), 0);
	assert_int_equal(e->n, 3);
	assert_ptr_equal(e->segs[1].b, middle[0].b);
	assert_int_equal(*machine_sees(e, 0), 1);
	assert_int_equal(*machine_sees(e, 4 * PAGE_SIZE), 2);
	assert_int_equal(*machine_sees(e, LEN - 1), 3);
	mm_put_segments(middle, n);
}

static void memory_of_a_deleted_slot_can_be_used_again(void **state)
{
	struct env *e = *state;

	assert_int_equal(share(e, e->mem, LEN), 0);
	e->mem[3 * PAGE_SIZE] = 0x55;
	mm_put_segments(e->segs, e->n);
	e->segs = NULL;
	e->n = 0;
	assert_int_equal(e->mem[3 * PAGE_SIZE], 0x55);
	assert_int_equal(share(e, e->mem, LEN), 0);
	assert_int_equal(*machine_sees(e, 3 * PAGE_SIZE), 0x55);
}

static void new_memory_at_an_old_address_is_new(void **state)
{
	struct env *e = *state;
	struct mm_segment *old;
	size_t n;

	assert_int_equal(mm_share_range(e->mm, (uintptr_t)e->mem, LEN, &old, &n), 0);
	e->mem[0] = 1;
	mmap(e->mem, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	e->mem[0] = 2;
	assert_int_equal(share(e, e->mem, LEN), 0);
	assert_ptr_not_equal(e->segs[0].b, old[0].b);
	assert_int_equal(*machine_sees(e, 0), 2);
	assert_int_equal(backing_ordinary(old[0].b)[0], 1);
	mm_put_segments(old, n);
}

static void moved_memory_is_recognised(void **state)
{
	struct env *e = *state;
	uint8_t *place = map_anonymous(LEN);
	struct mm_segment *old;
	size_t n;

	assert_int_equal(mm_share_range(e->mm, (uintptr_t)e->mem, LEN, &old, &n), 0);
	place = mremap(e->mem, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, place);
	e->mem = place;
	assert_int_equal(share(e, place, LEN), 0);
	assert_int_equal(e->n, 1);
	assert_ptr_equal(e->segs[0].b, old[0].b);
	mm_put_segments(old, n);
}

static void parts_with_other_protection_keep_it(void **state)
{
	struct env *e = *state;

	e->mem[2 * PAGE_SIZE] = 0x77;
	mprotect(e->mem + 2 * PAGE_SIZE, PAGE_SIZE, PROT_NONE);
	assert_int_equal(share(e, e->mem, LEN), 0);
	assert_int_equal(e->n, 1);
	assert_int_equal(*machine_sees(e, 2 * PAGE_SIZE), 0x77);
	assert_int_equal(write(STDOUT_FILENO, e->mem + 2 * PAGE_SIZE, 1), -1);
	assert_int_equal(errno, EFAULT);
}

static void unmapped_and_foreign_memory_is_refused(void **state)
{
	struct env *e = *state;
	int fd = memfd_create("foreign", MFD_CLOEXEC);
	uint8_t *foreign;

	assert_int_equal(ftruncate(fd, PAGE_SIZE), 0);
	foreign = mmap(e->mem + 8 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_FIXED, fd, 0);
	close(fd);
	assert_ptr_not_equal(foreign, MAP_FAILED);
	e->mem[0] = 0x66;
	assert_int_equal(share(e, e->mem, LEN), -EFAULT);
	munmap(foreign, PAGE_SIZE);
	assert_int_equal(share(e, e->mem, LEN), -EFAULT);
	assert_int_equal(share(e, e->mem, 0), -EFAULT);
	assert_int_equal(share(e, e->mem + 1, PAGE_SIZE), -EFAULT);
	assert_int_equal(e->mem[0], 0x66);
	assert_int_equal(share(e, e->mem, 8 * PAGE_SIZE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(content_is_kept_and_shared),
		CASE(second_window_shows_the_same_backing),
		CASE(only_the_new_part_is_converted),
		CASE(memory_of_a_deleted_slot_can_be_used_again),
		CASE(new_memory_at_an_old_address_is_new),
		CASE(moved_memory_is_recognised),
		CASE(parts_with_other_protection_keep_it),
		CASE(unmapped_and_foreign_memory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
