// SPDX-License-Identifier: GPL-2.0-or-later
/* Regions, backings, pieces, counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/frame.h"
#include "storage/inject.h"
#include "storage/storage.h"
#include "tests/unit/storage/fixture.h"

/* ---- kernel regions ---- */

static void regions_are_zero_aligned_and_apart(void **state)
{
	static const size_t aligns[] = {PAGE_SIZE, 4 * PAGE_SIZE, 1UL << 20, 1UL << 31};
	struct storage *st = *state;
	abs_t regions[32], end = 0;

	for (size_t i = 0; i < 32; i++) {
		size_t align = aligns[i % 4];
		uint8_t *p;

		regions[i] = storage_alloc(st, i * 1000 + 1, align, ALLOC_PAGE);
		assert_true(regions[i] >= ABS_FIRST && regions[i] % align == 0);
		assert_true(regions[i] >= end);
		end = regions[i] + i * 1000 + 1;
		p = storage_ptr(st, regions[i], i * 1000 + 1);
		assert_non_null(p);
		for (size_t k = 0; k < i * 1000 + 1; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, i * 1000 + 1);
	}
	for (size_t i = 0; i < 32; i++)
		storage_free(st, regions[(i * 7) % 32]);
}

static void pointers_end_with_their_region(void **state)
{
	struct storage *st = *state;
	abs_t region = storage_alloc(st, 2 * PAGE_SIZE, PAGE_SIZE, ALLOC_SCA);

	assert_ptr_equal((uint8_t *)storage_ptr(st, region, 1) + PAGE_SIZE + 8,
			 storage_ptr(st, region + PAGE_SIZE + 8, PAGE_SIZE - 8));
	assert_null(storage_ptr(st, region + PAGE_SIZE + 8, PAGE_SIZE - 7));
	assert_null(storage_ptr(st, region - 1, 1));
	assert_null(storage_ptr(st, region + 2 * PAGE_SIZE, 1));
	assert_null(storage_ptr(st, 0, 1));
	storage_free(st, region);
	assert_null(storage_ptr(st, region, 1));
}

static void freed_addresses_are_found_again(void **state)
{
	const size_t quarter = ABS_LIMIT / 4; /* as an alignment: room for three */
	struct storage *st = *state;
	abs_t regions[3];

	for (size_t i = 0; i < 3; i++) {
		regions[i] = storage_alloc(st, 1, quarter, ALLOC_PAGE);
		assert_int_equal(regions[i], (i + 1) * quarter);
	}
	assert_int_equal(storage_alloc(st, 1, quarter, ALLOC_PAGE), 0);
	storage_free(st, regions[1]);
	assert_int_equal(storage_alloc(st, 1, quarter, ALLOC_PAGE), regions[1]);
	for (size_t i = 0; i < 3; i++)
		storage_free(st, regions[i]);
	assert_int_equal(storage_alloc(st, 0, PAGE_SIZE, ALLOC_PAGE), 0);
	assert_int_equal(storage_alloc(st, SIZE_MAX, PAGE_SIZE, ALLOC_PAGE), 0);
	storage_free(st, 0);
}

static void kinds_are_counted(void **state)
{
	struct storage *st = *state;
	struct storage_stats stats;
	abs_t sca = storage_alloc(st, PAGE_SIZE + 1, PAGE_SIZE, ALLOC_SCA);
	abs_t base = storage_alloc(st, PAGE_SIZE, PAGE_SIZE, ALLOC_CONF_BASE);

	assert_int_equal(storage_donate(st, base, PAGE_SIZE), 0);
	storage_leak(st, base);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.bytes_kernel[ALLOC_SCA], 2 * PAGE_SIZE);
	assert_int_equal(stats.bytes_kernel[ALLOC_CONF_BASE], 0);
	assert_int_equal(stats.bytes_leaked, PAGE_SIZE);
	assert_int_equal(stats.bytes_donated, PAGE_SIZE);
	memset(storage_ptr(st, base, PAGE_SIZE), 1, PAGE_SIZE); /* still there */
	storage_free(st, sca);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.bytes_kernel[ALLOC_SCA], 0);
}

static void donation_is_all_or_nothing(void **state)
{
	struct storage *st = *state;
	struct storage_stats stats;
	abs_t region = storage_alloc(st, 8 * PAGE_SIZE, PAGE_SIZE, ALLOC_CONF_VAR);

	assert_int_equal(storage_donate(st, region + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	assert_int_equal(storage_donate(st, region, 8 * PAGE_SIZE), -EBUSY);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.bytes_donated, PAGE_SIZE);
	assert_int_equal(storage_donate(st, region, 4 * PAGE_SIZE), 0);
	assert_int_equal(storage_donate(st, region + 6 * PAGE_SIZE, 3 * PAGE_SIZE), -EFAULT);
	assert_int_equal(storage_donate(st, region + 1, 8), -EFAULT);
	assert_int_equal(storage_donate(st, PAGE_SIZE, 8), -EFAULT);
	storage_undonate(st, region, 5 * PAGE_SIZE);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.bytes_donated, 0);
	storage_free(st, region);
}

/* A child that must die of what @fn does */
static void expect_death(void (*fn)(void *), void *arg)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		close(STDERR_FILENO);
		signal(SIGSEGV, SIG_DFL); /* cmocka has handlers of its own */
		signal(SIGABRT, SIG_DFL);
		fn(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void touch(void *arg)
{
	*(volatile uint8_t *)arg = 1;
}

static void use_after_free_and_overrun_fault(void **state)
{
	struct storage *st = *state;
	abs_t region = storage_alloc(st, PAGE_SIZE, PAGE_SIZE, ALLOC_CPU_STOR);
	uint8_t *p = storage_ptr(st, region, PAGE_SIZE);

	expect_death(touch, p + PAGE_SIZE);
	expect_death(touch, p - 1);
	storage_free(st, region);
	expect_death(touch, p);
}

/* Slots of slabs that go as a whole, and of one that stays because a page of it is in use. */
static void pages_that_are_freed_together_fault_as_well(void **state)
{
	enum {
		PAGES = 600
	};
	struct storage *st = *state;
	abs_t region[PAGES];
	uint8_t *p[PAGES];

	for (size_t i = 0; i < PAGES; i++) {
		region[i] = storage_alloc(st, PAGE_SIZE, PAGE_SIZE, ALLOC_TABLE);
		p[i] = storage_ptr(st, region[i], PAGE_SIZE);
		p[i][5] = 1;
	}
	storage_gather(st);
	for (size_t i = 0; i < PAGES; i++)
		if (i != 300)
			storage_free(st, region[i]);
	storage_gather_end(st);
	assert_int_equal(p[300][5], 1);
	/* Where a whole slab went there may be another mapping by now. */
	expect_death(touch, p[299]);
	expect_death(touch, p[301]);
	expect_death(touch, p[400]);
	for (size_t i = 0; i < PAGES; i++) {
		if (i == 300)
			continue;
		region[i] = storage_alloc(st, PAGE_SIZE, PAGE_SIZE, ALLOC_TABLE);
		assert_int_equal(*(uint8_t *)storage_ptr(st, region[i] + 5, 1), 0);
	}
	for (size_t i = 0; i < PAGES; i++)
		storage_free(st, region[i]);
}

/* Nobody finds it and it counts no more; the next one who frees something unmaps it. */
static void freed_later_is_gone_at_once(void **state)
{
	struct storage *st = *state;
	abs_t region = storage_alloc(st, PAGE_SIZE, PAGE_SIZE, ALLOC_CPU_STOR);
	abs_t other = storage_alloc(st, PAGE_SIZE, PAGE_SIZE, ALLOC_PAGE);
	uint8_t *p = storage_ptr(st, region, PAGE_SIZE);
	struct storage_stats stats;

	storage_free_later(st, region);
	assert_null(storage_ptr(st, region, PAGE_SIZE));
	assert_int_equal(storage_donate(st, region, PAGE_SIZE), -EFAULT);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.bytes_kernel[ALLOC_CPU_STOR], 0);
	storage_free(st, other);
	expect_death(touch, p);
	/* and what nobody comes for goes with the storage */
	storage_free_later(st, storage_alloc(st, PAGE_SIZE, PAGE_SIZE, ALLOC_CPU_STOR));
	storage_free_later(st, 0);
}

static void reserved_memory_becomes_a_region(void **state)
{
	struct storage *st = *state;
	uint8_t zeros[4 * PAGE_SIZE] = {0}, *p;
	void *bytes, *unused;
	struct region *reserve = storage_reserve(st, 4 * PAGE_SIZE, &bytes);
	struct storage_stats stats;
	abs_t region;

	assert_non_null(reserve);
	region = storage_alloc_reserved(reserve, 4 * PAGE_SIZE, ALLOC_TABLE);
	assert_true(region && region % (4 * PAGE_SIZE) == 0);
	p = storage_ptr(st, region, 4 * PAGE_SIZE);
	assert_ptr_equal(p, bytes);
	assert_memory_equal(p, zeros, sizeof(zeros));
	storage_get_stats(st, &stats);
	assert_int_equal(stats.bytes_kernel[ALLOC_TABLE], 4 * PAGE_SIZE);
	expect_death(touch, p + 4 * PAGE_SIZE);
	storage_free(st, region);
	expect_death(touch, p);
	storage_unreserve(storage_reserve(st, PAGE_SIZE, &unused));
	storage_unreserve(NULL);
}

static struct storage *doomed;

static void free_donated(void *arg)
{
	storage_free(doomed, *(abs_t *)arg);
}

static void freeing_donated_storage_is_a_bug(void **state)
{
	abs_t region;

	doomed = *state;
	region = storage_alloc(doomed, PAGE_SIZE, PAGE_SIZE, ALLOC_CPU_STOR);
	assert_int_equal(storage_donate(doomed, region, PAGE_SIZE), 0);
	expect_death(free_donated, &region);
	storage_undonate(doomed, region, PAGE_SIZE);
	storage_free(doomed, region);
}

static uint32_t failing_kind;

static bool fail_kind(enum inject_point point, uint32_t detail, uint64_t subject,
		      struct inject_outcome *outcome)
{
	return point == INJECT_ALLOC && detail == failing_kind;
}

static void allocations_fail_on_demand(void **state)
{
	struct storage *st = *state;
	struct region *reserve;
	struct backing *b;
	void *bytes;
	abs_t page;

	atomic_store(&inject_hook, fail_kind);
	failing_kind = ALLOC_SCA;
	assert_int_equal(storage_alloc(st, 1, PAGE_SIZE, ALLOC_SCA), 0);
	page = storage_alloc(st, 1, PAGE_SIZE, ALLOC_PAGE);
	assert_true(page);
	storage_free(st, page);
	reserve = storage_reserve(st, PAGE_SIZE, &bytes);
	assert_int_equal(storage_alloc_reserved(reserve, PAGE_SIZE, ALLOC_SCA), 0);
	storage_unreserve(reserve); /* is still ours */
	failing_kind = ALLOC_BACKING;
	assert_null(backing_create(st, PAGE_SIZE, NULL, NULL));
	assert_int_equal(errno, ENOMEM);
	failing_kind = ALLOC_NR;
	b = backing_create(st, PAGE_SIZE, NULL, NULL);
	assert_non_null(b);
	backing_put(b);
}

/* ---- backings ---- */

static void memfd_is_sealed(void **state)
{
	struct backing *b = backing_create(*state, 5 * PAGE_SIZE, NULL, NULL);
	int fd = backing_memfd(b);

	assert_int_equal(lseek(fd, 0, SEEK_END), 5 * PAGE_SIZE);
	assert_int_equal(ftruncate(fd, PAGE_SIZE), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 6 * PAGE_SIZE), -1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(pwrite(fd, "x", 1, PAGE_SIZE), 1);
	assert_int_equal(backing_ordinary(b)[PAGE_SIZE], 'x');
	assert_null(backing_create(*state, PAGE_SIZE + 1, NULL, NULL));
	assert_int_equal(errno, EINVAL);
	backing_put(b);
}

/* As many single frees, in whatever order; what was to be unmapped later goes with them. */
static void regions_are_freed_together(void **state)
{
	struct storage *st = *state;
	struct storage_stats stats;
	abs_t regions[6], freed[4];

	for (size_t i = 0; i < 6; i++)
		regions[i] = storage_alloc(st, (i + 1) * PAGE_SIZE, PAGE_SIZE, ALLOC_TABLE);
	storage_free_later(st, regions[3]);
	freed[0] = regions[4];
	freed[1] = regions[0];
	freed[2] = regions[2];
	freed[3] = regions[1];
	storage_free_many(st, freed, 4);
	storage_free_many(st, freed, 0);
	for (size_t i = 0; i < 5; i++)
		assert_null(storage_ptr(st, regions[i], 1));
	assert_non_null(storage_ptr(st, regions[5], 6 * PAGE_SIZE));
	storage_get_stats(st, &stats);
	assert_int_equal(stats.bytes_kernel[ALLOC_TABLE], 6 * PAGE_SIZE);
	storage_free(st, regions[5]);
}

/** struct host - what the owner of the address space was told */
struct host {
	unsigned int armed, disarmed, released;
	size_t offset, len;
	int rc;
};

static int arm(void *owner, struct backing *b, size_t offset)
{
	struct host *h = owner;

	h->armed++;
	h->offset = offset;
	return h->rc;
}

static void disarm(void *owner, struct backing *b, size_t offset, size_t len)
{
	struct host *h = owner;

	h->disarmed++;
	h->offset = offset;
	h->len = len;
}

static void released(void *owner, struct backing *b)
{
	((struct host *)owner)->released++;
}

static const struct backing_ops ops = {.arm = arm, .disarm = disarm, .released = released};


static void owned_frames_keep_the_backing(void **state)
{
	struct host h = {0};
	struct storage_stats stats;
	struct frame f;
	struct backing *b = backing_create(*state, 2 * PIECE_SIZE, &ops, &h);
	abs_t abs = backing_abs(b);

	make_secure(b, 3);
	backing_put(b);
	assert_int_equal(h.released, 0);
	storage_get_stats(*state, &stats);
	assert_int_equal(stats.backings, 1);
	assert_int_equal(stats.bytes_backing, 2 * PIECE_SIZE);
	assert_int_equal(stats.frames_secure, 1);
	assert_int_equal(frame_get(*state, abs + 3 * PAGE_SIZE, &f), 0);
	assert_int_equal(frame_word_gpa(frame_lock(&f)), 3 * PAGE_SIZE);
	frame_publish(&f, frame_word(FRAME_NS, 0, 0));
	assert_int_equal(h.released, 0);
	frame_put(&f);
	assert_int_equal(h.released, 1);
	assert_int_equal(frame_get(*state, abs, &f), -EFAULT);
}

static void pieces_are_armed_once_and_disarmed_when_idle(void **state)
{
	struct host h = {0};
	struct backing *b = backing_create(*state, 3 * PIECE_SIZE + PAGE_SIZE, &ops, &h);

	make_secure(b, PIECE_PAGES + 1);
	make_secure(b, PIECE_PAGES + 2);
	assert_int_equal(h.armed, 1);
	assert_int_equal(h.offset, PIECE_SIZE);
	assert_int_equal(backing_piece_secure(b, 1), 2);
	backing_disarm(b, 0, backing_size(b));
	assert_int_equal(h.disarmed, 0);
	make_ordinary(b, PIECE_PAGES + 1);
	make_ordinary(b, PIECE_PAGES + 2);
	make_secure(b, 2 * PIECE_PAGES);
	make_ordinary(b, 2 * PIECE_PAGES);
	make_secure(b, 3 * PIECE_PAGES);
	make_ordinary(b, 3 * PIECE_PAGES);
	backing_disarm(b, 0, backing_size(b));
	assert_int_equal(h.disarmed, 1); /* one call for three adjacent pieces */
	assert_int_equal(h.offset, PIECE_SIZE);
	assert_int_equal(h.len, 2 * PIECE_SIZE + PAGE_SIZE);
	make_secure(b, PIECE_PAGES + 1);
	assert_int_equal(h.armed, 4);
	make_ordinary(b, PIECE_PAGES + 1);
	backing_trim(b, 0, backing_size(b));
	assert_int_equal(h.disarmed, 2);
	backing_put(b);
}

static bool arena_is_resident(struct backing *b, size_t index)
{
	unsigned char in_core = 0;
	struct frame f;

	frame_of_backing(b, index, &f);
	assert_int_equal(mincore(frame_secure(&f), PAGE_SIZE, &in_core), 0);
	frame_put(&f);
	return in_core & 1;
}

/* PREPARE disarms what is below 2 GiB long before the memory may go. */
static void trim_gives_back_what_was_disarmed_before(void **state)
{
	struct host h = {0};
	struct backing *b = backing_create(*state, 3 * PIECE_SIZE, &ops, &h);
	struct frame f;

	make_secure(b, 0);
	make_secure(b, PIECE_PAGES);
	make_secure(b, 2 * PIECE_PAGES);
	frame_of_backing(b, 2 * PIECE_PAGES, &f);
	*frame_secure(&f) = 1;
	frame_put(&f);
	make_ordinary(b, 0);
	backing_disarm(b, 0, PIECE_SIZE);
	assert_true(arena_is_resident(b, 0)); /* the next guest gets it cheaply */
	make_ordinary(b, PIECE_PAGES);
	backing_trim(b, 0, backing_size(b));
	assert_false(arena_is_resident(b, 0));
	assert_false(arena_is_resident(b, PIECE_PAGES));
	assert_true(arena_is_resident(b, 2 * PIECE_PAGES));
	make_ordinary(b, 2 * PIECE_PAGES);
	backing_put(b);
}

static void make_secure_nonzero(struct backing *b, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct frame f;

		make_secure(b, i);
		frame_of_backing(b, i, &f);
		*frame_secure(&f) = 0xa5;
		frame_put(&f);
	}
}

/* One run, as a walk makes them: of whatever is secure in a piece */
static void destroy_piece(struct backing *b, size_t piece)
{
	struct frame_run run = {.b = b};

	lock_frames(&run, piece * PIECE_PAGES, (piece + 1) * PIECE_PAGES);
	frame_run_clear_secure(&run);
	frame_run_publish(&run);
}

static uint8_t first_byte(struct backing *b, size_t index)
{
	struct frame f;
	uint8_t byte;

	frame_of_backing(b, index, &f);
	byte = *frame_secure(&f);
	frame_put(&f);
	return byte;
}

/* Only what a run has whole: in the rest of a piece others may be at work. */
static void abandoned_memory_is_given_back_in_whole_pieces(void **state)
{
	struct storage_stats stats;
	struct backing *b = backing_create(*state, 3 * PIECE_SIZE, NULL, NULL);

	make_secure_nonzero(b, 0, 2 * PIECE_PAGES + 5);
	destroy_piece(b, 0);
	assert_true(arena_is_resident(b, 0));
	backing_abandon(b);
	destroy_piece(b, 1);
	assert_false(arena_is_resident(b, PIECE_PAGES));
	destroy_piece(b, 2);
	assert_true(arena_is_resident(b, 2 * PIECE_PAGES));
	for (size_t i = 0; i < 3 * PIECE_PAGES; i++)
		assert_int_equal(first_byte(b, i), 0);
	for (size_t piece = 0; piece < 3; piece++)
		assert_int_equal(backing_piece_secure(b, piece), 0);
	storage_get_stats(*state, &stats);
	assert_int_equal(stats.frames_secure, 0);
	backing_put(b);
}

/* Whole pieces of a dead owner's frames that nobody is at; the rest is for a walk. */
static void pieces_of_the_dead_are_dropped_together(void **state)
{
	struct host h = {.rc = 0};
	struct storage_stats stats;
	struct backing *b = backing_create(*state, 4 * PIECE_SIZE, &ops, &h);
	struct frame f;

	make_secure_nonzero(b, 0, 3 * PIECE_PAGES + 5);
	storage_owner_dead(*state, 7);
	assert_int_equal(backing_drop_pieces(b, 0, 4 * PIECE_PAGES, 7), 0);
	backing_abandon(b);
	assert_int_equal(backing_drop_pieces(b, 0, 4 * PIECE_PAGES, 8), 0);
	assert_int_equal(backing_drop_pieces(b, 0, PIECE_PAGES - 1, 7), 0);
	frame_of_backing(b, 2 * PIECE_PAGES + 9, &f);
	assert_int_equal(frame_word_owner(frame_lock(&f)), 7);
	assert_int_equal(backing_drop_pieces(b, 0, 4 * PIECE_PAGES, 7), 2 * PIECE_PAGES);
	frame_unlock(&f);
	frame_put(&f);
	assert_false(arena_is_resident(b, 0));
	assert_false(arena_is_resident(b, PIECE_PAGES));
	assert_int_equal(backing_piece_secure(b, 1), 0);
	assert_int_equal(backing_piece_secure(b, 2), PIECE_PAGES);
	storage_get_stats(*state, &stats);
	assert_int_equal(stats.frames_orphan, PIECE_PAGES + 5);
	assert_int_equal(backing_drop_pieces(b, 2 * PIECE_PAGES, 2 * PIECE_PAGES, 7), PIECE_PAGES);
	assert_int_equal(backing_drop_pieces(b, 3 * PIECE_PAGES, PIECE_PAGES, 7), 0);
	destroy_piece(b, 3);
	storage_get_stats(*state, &stats);
	assert_int_equal(stats.frames_orphan, 0);
	assert_int_equal(storage_owner_frames(*state, 7), 0);
	storage_owner_reset(*state, 7, 0);
	backing_put(b);
}

static void arming_may_fail(void **state)
{
	struct host h = {.rc = -ENOMEM};
	struct backing *b = backing_create(*state, PIECE_SIZE, &ops, &h);
	struct frame f;

	frame_of_backing(b, 0, &f);
	assert_int_equal(frame_hold_piece(&f), -ENOMEM);
	assert_int_equal(backing_piece_secure(b, 0), 0);
	frame_put(&f);
	backing_forget_owner(b);
	make_secure(b, 0);
	assert_int_equal(h.armed, 1);
	make_ordinary(b, 0);
	backing_put(b);
	assert_int_equal(h.released, 0);
}

/* SEEK_HOLE also calls a page that was only reserved a hole; its blocks count. */
static bool is_empty(const struct backing *b)
{
	struct stat st;

	assert_int_equal(fstat(backing_memfd(b), &st), 0);
	return st.st_blocks == 0;
}

static void holes_are_punched_when_there_may_be_a_page(void **state)
{
	struct host h = {0};
	struct backing *b = backing_create(*state, PIECE_SIZE, &ops, &h);

	assert_int_equal(pwrite(backing_memfd(b), "x", 1, 0), 1);
	make_secure(b, 0);
	assert_true(is_empty(b));
	assert_int_equal(backing_make_present(b, 0), -EBUSY);
	make_ordinary(b, 0);
	assert_true(is_empty(b));
	assert_int_equal(backing_make_present(b, 0), 0);
	assert_false(is_empty(b));
	make_secure(b, 0); /* what the fault handler put there goes as well */
	assert_true(is_empty(b));
	make_ordinary(b, 0);
	backing_disarm(b, 0, PIECE_SIZE);
	assert_int_equal(pwrite(backing_memfd(b), "x", 1, 0), 1); /* nobody traps that */
	make_secure(b, 0);
	assert_true(is_empty(b));
	make_ordinary(b, 0);
	backing_put(b);
}

/* A call a page takes longer than all else in a first touch, and most of memory nobody has used. */
static void only_pieces_that_have_pages_are_punched(void **state)
{
	struct host h = {0};
	struct backing *b = backing_create(*state, 3 * PIECE_SIZE + PAGE_SIZE, &ops, &h);
	const off_t end_of_piece_1 = 2 * PIECE_SIZE - 1;

	assert_int_equal(pwrite(backing_memfd(b), "x", 1, end_of_piece_1), 1);
	make_secure(b, 1);
	make_secure(b, PIECE_PAGES);
	make_secure(b, 2 * PIECE_PAGES);
	make_secure(b, 3 * PIECE_PAGES);
	assert_int_equal(h.armed, 4);
	assert_false(backing_peek(b, 0) & FRAME_ORDINARY);
	assert_true(backing_peek(b, PIECE_PAGES + 1) & FRAME_ORDINARY);
	assert_true(backing_peek(b, 2 * PIECE_PAGES - 1) & FRAME_ORDINARY);
	assert_false(backing_peek(b, 2 * PIECE_PAGES + 1) & FRAME_ORDINARY);
	make_secure(b, 2 * PIECE_PAGES - 1);
	assert_true(is_empty(b));
	make_ordinary(b, 1);
	make_ordinary(b, PIECE_PAGES);
	make_ordinary(b, 2 * PIECE_PAGES - 1);
	make_ordinary(b, 2 * PIECE_PAGES);
	make_ordinary(b, 3 * PIECE_PAGES);
	backing_put(b);
}

/* The file calls it a hole: its word says more. */
static void a_page_that_is_only_reserved_is_punched(void **state)
{
	struct host h = {0};
	struct backing *b = backing_create(*state, PIECE_SIZE, &ops, &h);

	assert_int_equal(backing_make_present(b, 3), 0);
	make_secure(b, 0);
	assert_false(backing_peek(b, 1) & FRAME_ORDINARY);
	assert_false(is_empty(b));
	make_secure(b, 3);
	assert_true(is_empty(b));
	make_ordinary(b, 0);
	make_ordinary(b, 3);
	backing_put(b);
}

static void orphans_are_counted_apart(void **state)
{
	struct storage *st = *state;
	struct storage_stats stats;
	struct backing *b = backing_create(st, PIECE_SIZE, NULL, NULL);

	make_secure(b, 0);
	make_secure(b, 1);
	assert_int_equal(storage_owner_frames(st, 7), 2);
	assert_true(backing_frame_info(b, 0).live);
	storage_owner_dead(st, 7);
	assert_false(backing_frame_info(b, 0).live);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.frames_secure, 0);
	assert_int_equal(stats.frames_orphan, 2);
	make_ordinary(b, 0);
	make_ordinary(b, 1);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.frames_orphan, 0);
	storage_owner_reset(st, 7, 0);
	backing_put(b);
}

/* Of the owner's frames those below the end given at the beginning of its life. */
static void condemned_frames_are_residue(void **state)
{
	struct storage *st = *state;
	struct storage_stats stats;
	struct backing *b = backing_create(st, PIECE_SIZE, NULL, NULL);
	const gpa_t gpas[] = {2 * PAGE_SIZE, 4 * PAGE_SIZE, 5 * PAGE_SIZE};
	struct frame f;

	storage_owner_reset(st, 7, 5 * PAGE_SIZE);
	for (size_t i = 0; i < 3; i++) {
		frame_of_backing(b, i, &f);
		assert_int_equal(frame_hold_piece(&f), 0);
		assert_int_equal(frame_word_state(frame_lock(&f)), FRAME_NS);
		frame_publish(&f, frame_word(i == 1 ? FRAME_SHR : FRAME_SEC, 7, gpas[i]) |
					  FRAME_ORDINARY);
		frame_release_piece(&f);
		frame_put(&f);
	}
	assert_false(frame_word_condemned(st, backing_peek(b, 0)));
	storage_owner_condemn(st, 7);
	assert_true(frame_word_condemned(st, backing_peek(b, 0)));
	assert_true(frame_word_condemned(st, backing_peek(b, 1)));
	assert_false(frame_word_condemned(st, backing_peek(b, 2)));
	assert_false(frame_word_condemned(st, 0));
	assert_false(backing_frame_info(b, 0).live);
	assert_true(backing_frame_info(b, 2).live);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.frames_residue, 1);
	assert_int_equal(stats.frames_secure, 1);
	assert_int_equal(stats.frames_shared, 0);
	assert_int_equal(storage_owner_frames(st, 7), 3);
	storage_owner_dead(st, 7);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.frames_residue, 1);
	assert_int_equal(stats.frames_orphan, 1);
	make_ordinary(b, 0);
	make_ordinary(b, 2);
	frame_of_backing(b, 1, &f);
	assert_int_equal(frame_word_state(frame_lock(&f)), FRAME_SHR);
	frame_publish(&f, FRAME_ORDINARY);
	frame_put(&f);
	storage_get_stats(st, &stats);
	assert_int_equal(stats.frames_residue + stats.frames_orphan + stats.frames_secure, 0);
	storage_owner_reset(st, 7, 0);
	assert_false(frame_word_condemned(st, frame_word(FRAME_SEC, 7, 0)));
	backing_put(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(regions_are_zero_aligned_and_apart),
		TEST(pointers_end_with_their_region),
		TEST(freed_addresses_are_found_again),
		TEST(kinds_are_counted),
		TEST(donation_is_all_or_nothing),
		TEST(use_after_free_and_overrun_fault),
		TEST(pages_that_are_freed_together_fault_as_well),
		TEST(freed_later_is_gone_at_once),
		TEST(reserved_memory_becomes_a_region),
		TEST(regions_are_freed_together),
		TEST(freeing_donated_storage_is_a_bug),
		TEST(allocations_fail_on_demand),
		TEST(memfd_is_sealed),
		TEST(owned_frames_keep_the_backing),
		TEST(pieces_are_armed_once_and_disarmed_when_idle),
		TEST(trim_gives_back_what_was_disarmed_before),
		TEST(abandoned_memory_is_given_back_in_whole_pieces),
		TEST(pieces_of_the_dead_are_dropped_together),
		TEST(arming_may_fail),
		TEST(holes_are_punched_when_there_may_be_a_page),
		TEST(only_pieces_that_have_pages_are_punched),
		TEST(a_page_that_is_only_reserved_is_punched),
		TEST(orphans_are_counted_apart),
		TEST(condemned_frames_are_residue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
