// SPDX-License-Identifier: GPL-2.0-or-later
/* What a VMM sees when it touches memory of a protected guest. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/userfaultfd.h>
#include <cmocka.h>

#include "client/userfault.h"
#include "host/alloc.h"
#include "host/mm_state.h"
#include "host/uffd.h"
#include "host/uffd_state.h"
#include "storage/frame.h"
#include "storage/inject.h"
#include "tests/unit/host/traps_world.h"
#include "uv/state.h"

#define RC_WRONG_TAG 0x108

static int setup(void **state)
{
	*state = tw_create();
	return 0;
}

static int teardown(void **state)
{
	tw_destroy(*state);
	return 0;
}

/* A world with traps, or the test is skipped: the kernel refuses userfaultfds. */
static struct traps_world *trapping(void **state)
{
	if (!tw_trap(*state))
		skip();
	return *state;
}

/* ---- content ---- */

static void touch_gets_ciphertext_and_the_guest_its_data(void **state)
{
	struct traps_world *w = trapping(state);

	tw_keep_secret(w, 3);
	tw_assert_ciphertext(w, 3);
	assert_false(tw_is_secure(w, 3));
	assert_int_equal(tw_import(w, 3), UVC_RC_EXECUTED);
	assert_true(tw_guest_has_secret(w, 3));
	tw_assert_ciphertext(w, 3);
}

static void tampered_page_is_refused(void **state)
{
	struct traps_world *w = trapping(state);

	tw_keep_secret(w, 3);
	tw_assert_ciphertext(w, 3);
	tw_page(w, 3)[1234] ^= 0x10;
	assert_int_equal(tw_import(w, 3), RC_WRONG_TAG);
	assert_false(tw_is_secure(w, 3));
	tw_page(w, 3)[1234] ^= 0x10;
	assert_int_equal(tw_import(w, 3), UVC_RC_EXECUTED);
	assert_true(tw_guest_has_secret(w, 3));
}

static void store_to_a_secure_page_changes_its_ciphertext(void **state)
{
	struct traps_world *w = trapping(state);
	volatile uint64_t *word = (volatile uint64_t *)tw_page(w, 700);

	tw_keep_secret(w, 700);
	*word = 0x5aa5c33c0ff01ee1; /* eight bytes: one would be what was there in 1 of 256 runs */
	tw_assert_ciphertext(w, 700);
	assert_int_equal(*word, 0x5aa5c33c0ff01ee1);
	assert_int_equal(tw_import(w, 700), RC_WRONG_TAG);
}

static void untouched_page_beside_secure_ones_is_zero(void **state)
{
	struct traps_world *w = trapping(state);

	tw_keep_secret(w, 0);
	tw_keep_secret(w, 2);
	assert_true(tw_is_zero(tw_page(w, 1), PAGE_SIZE));
	tw_page(w, 5)[0] = 0x77;
	assert_int_equal(backing_ordinary(w->b)[5 * PAGE_SIZE], 0x77);
	assert_true(tw_guest_has_secret(w, 0));
	assert_true(tw_guest_has_secret(w, 2));
}

static void other_pieces_are_left_alone(void **state)
{
	struct traps_world *w = trapping(state);

	tw_page(w, 513)[0] = 1;
	tw_keep_secret(w, 600);
	assert_int_equal(tw_trap_state(w, 0), TRAP_OFF);
	assert_int_equal(tw_trap_state(w, 1), TRAP_ARMED);
	assert_int_equal(tw_trap_state(w, 2), TRAP_OFF);
	assert_int_equal(tw_page(w, 513)[0], 1);
}

/* The last secure page is gone: the next touch ends the traps of the piece. */
static void idle_piece_is_let_go(void **state)
{
	struct traps_world *w = trapping(state);

	tw_keep_secret(w, 7);
	tw_assert_ciphertext(w, 7);
	assert_int_equal(tw_trap_state(w, 0), TRAP_ARMED);
	assert_true(tw_is_zero(tw_page(w, 8), PAGE_SIZE));
	assert_int_equal(tw_trap_state(w, 0), TRAP_OFF);
	tw_keep_secret(w, 9);
	assert_int_equal(tw_trap_state(w, 0), TRAP_ARMED);
	tw_assert_ciphertext(w, 9);
}

static void disarm_ends_traps_of_idle_pieces_only(void **state)
{
	struct traps_world *w = trapping(state);

	tw_keep_secret(w, 7);
	tw_keep_secret(w, 512 + 7);
	tw_assert_ciphertext(w, 7);
	backing_disarm(w->b, 0, TW_SIZE);
	assert_int_equal(tw_trap_state(w, 0), TRAP_OFF);
	assert_int_equal(tw_trap_state(w, 1), TRAP_ARMED);
	tw_assert_ciphertext(w, 512 + 7);
}

static void *disarm_all(void *b)
{
	backing_disarm(b, 0, TW_SIZE);
	return NULL;
}

/* Who is no task of the VMM does not wait for its kernel: the fault thread does the rest. */
static void disarm_by_a_stranger_is_finished_by_a_touch(void **state)
{
	struct traps_world *w = trapping(state);
	pthread_t stranger;

	tw_keep_secret(w, 7);
	tw_assert_ciphertext(w, 7);
	assert_int_equal(pthread_create(&stranger, NULL, disarm_all, w->b), 0);
	assert_int_equal(pthread_join(stranger, NULL), 0);
	assert_int_equal(tw_trap_state(w, 0), TRAP_IDLE);
	assert_true(tw_is_zero(tw_page(w, 8), PAGE_SIZE));
	assert_int_equal(tw_trap_state(w, 0), TRAP_OFF);
}

/* Frames of a dead owner go with the whole piece, those of a live one stay. */
static void piece_of_a_dead_owner_is_resolved(void **state)
{
	struct traps_world *w = trapping(state);
	struct fx_guest *other = fx_guest_create(w->f, 1, TW_MIB);
	struct uv_cb_destroy_fast fast =
		FX_BLOCK(uv_cb_destroy_fast, UVC_CMD_DESTROY_SEC_CONF_FAST);

	backing_put(other->b);
	other->b = backing_get(w->b);
	tw_keep_secret(w, 0);
	assert_int_equal(fx_import(w->f, other, 8 * PAGE_SIZE), UVC_RC_EXECUTED);
	assert_int_equal(fx_import(w->f, other, 9 * PAGE_SIZE), UVC_RC_EXECUTED);
	fast.handle = be64_make(other->handle);
	if (!uv_has(w->f->uv, UV_FEATURE_DESTROY_FAST)) {
		/* On this model no page outlives its owner. */
		fx_expect(w->f, &fast, UVC_RC_INV_CMD, 0);
		fx_guest_destroy(w->f, other);
		assert_false(tw_is_secure(w, 8) || tw_is_secure(w, 9));
		return;
	}
	fx_expect(w->f, &fast, UVC_RC_EXECUTED, 0);
	other->handle = 0;
	assert_true(tw_is_secure(w, 9));
	assert_true(tw_is_zero(tw_page(w, 8), PAGE_SIZE));
	assert_false(tw_is_secure(w, 8));
	assert_false(tw_is_secure(w, 9));
	assert_true(tw_guest_has_secret(w, 0));
}

static bool fail_destroy_and_export(enum inject_point point, uint32_t detail, uint64_t subject,
				    struct inject_outcome *outcome)
{
	if (point == INJECT_DESTROY_PAGE)
		return true;
	if (point != INJECT_UVC || detail != UVC_CMD_CONV_FROM_SEC_STOR)
		return false;
	outcome->cc = UV_CC_ERROR;
	outcome->rc = 0x10f;
	return true;
}

static sigjmp_buf bus_error;

static void on_bus_error(int sig)
{
	siglongjmp(bus_error, sig);
}

/* Return: the signal that a load from @bytes raises, 0: none */
static int signal_of_load(const volatile uint8_t *bytes)
{
	struct sigaction before, act = {.sa_handler = on_bus_error};
	int sig;

	sigaction(SIGBUS, &act, &before);
	sig = sigsetjmp(bus_error, 1);
	if (!sig)
		(void)*bytes;
	sigaction(SIGBUS, &before, NULL);
	return sig;
}

static void lost_page_raises_sigbus(void **state)
{
	struct traps_world *w = trapping(state);

	tw_keep_secret(w, 4);
	tw_keep_secret(w, 5);
	atomic_store(&inject_hook, fail_destroy_and_export);
	uv_destroy_range(w->f->uv, UV_ANY_OWNER, w->b, 5, 1, NULL, NULL);
	atomic_store(&inject_hook, NULL);
	assert_int_equal(backing_frame_info(w->b, 5).state, FRAME_LOST);
	assert_int_equal(mm_make_accessible(w->mm, (uintptr_t)tw_page(w, 5), PAGE_SIZE), -EINVAL);
	assert_int_equal(signal_of_load(tw_page(w, 5)), SIGBUS);
	assert_int_equal(signal_of_load(tw_page(w, 6)), 0);
	tw_assert_ciphertext(w, 4);
}

/* ---- threads ---- */

/* views of the page that each thread shall have */
#define RACE_VIEWS 200

struct race {
	struct traps_world *w;
	_Atomic bool end;
	uint64_t plain;
	_Atomic uint64_t seen;
};

/* Never the secret: eight bytes of it in a row are no accident. */
static void *touch_all_the_time(void *arg)
{
	struct race *r = arg;
	uint64_t secret[PAGE_SIZE / 8];

	tw_secret((uint8_t *)secret, 4);
	while (!atomic_load(&r->end)) {
		const _Atomic uint64_t *page = (const _Atomic uint64_t *)(void *)tw_page(r->w, 4);

		for (size_t i = 0; i < PAGE_SIZE / 8; i += 16)
			r->plain +=
				atomic_load_explicit(&page[i], memory_order_relaxed) == secret[i];
		atomic_fetch_add(&r->seen, 1);
	}
	return NULL;
}

static void guest_and_vmm_fight_for_a_page(void **state)
{
	struct traps_world *w = trapping(state);
	struct race r[2] = {{.w = w}, {.w = w}};
	pthread_t threads[2];

	tw_keep_secret(w, 4);
	for (size_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, touch_all_the_time, &r[i]);
	while (atomic_load(&r[0].seen) < RACE_VIEWS || atomic_load(&r[1].seen) < RACE_VIEWS)
		assert_int_equal(tw_import(w, 4), UVC_RC_EXECUTED);
	for (size_t i = 0; i < 2; i++) {
		atomic_store(&r[i].end, true);
		pthread_join(threads[i], NULL);
		assert_int_equal(r[i].plain, 0);
	}
	assert_int_equal(tw_import(w, 4), UVC_RC_EXECUTED);
	assert_true(tw_guest_has_secret(w, 4));
}

/* ---- system calls, other processes ---- */

static void pages_made_accessible_can_be_given_to_the_kernel(void **state)
{
	struct traps_world *w = trapping(state);
	uint8_t got[2 * PAGE_SIZE], secret[PAGE_SIZE];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	tw_keep_secret(w, 0);
	assert_int_equal(mm_make_accessible(w->mm, (uintptr_t)w->mem, 2 * PAGE_SIZE), 0);
	assert_false(tw_is_secure(w, 0));
	assert_int_equal(write(ends[1], w->mem, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	assert_int_equal(read(ends[0], got, sizeof(got)), sizeof(got));
	tw_secret(secret, 0);
	assert_memory_not_equal(got, secret, 16);
	assert_false(tw_is_zero(got, PAGE_SIZE));
	assert_true(tw_is_zero(got + PAGE_SIZE, PAGE_SIZE));
	close(ends[0]);
	close(ends[1]);
}

static void only_guest_memory_can_be_made_accessible(void **state)
{
	struct traps_world *w = trapping(state);
	uintptr_t at = (uintptr_t)w->mem;

	assert_int_equal(mm_make_accessible(w->mm, at + 1, PAGE_SIZE), -EINVAL);
	assert_int_equal(mm_make_accessible(w->mm, at, PAGE_SIZE + 1), -EINVAL);
	assert_int_equal(mm_make_accessible(w->mm, at + TW_SIZE, PAGE_SIZE), -EINVAL);
	assert_int_equal(mm_make_accessible(w->mm, at, TW_SIZE + PAGE_SIZE), -EINVAL);
	assert_int_equal(mm_make_accessible(w->mm, at, 0), 0);
}

static void views_that_are_not_registered_show_zeros(void **state)
{
	struct traps_world *w = trapping(state);
	uint8_t *second = mmap(NULL, TW_SIZE, PROT_READ, MAP_SHARED, backing_memfd(w->b), 0);
	uint8_t bytes[PAGE_SIZE];
	int status;
	pid_t child;

	tw_keep_secret(w, 2);
	assert_int_equal(pread(backing_memfd(w->b), bytes, PAGE_SIZE, 2 * PAGE_SIZE), PAGE_SIZE);
	assert_true(tw_is_zero(bytes, PAGE_SIZE));
	assert_true(tw_guest_has_secret(w, 2));
	madvise(w->mem, TW_SIZE, MADV_DOFORK); /* guest memory is not inherited by default */
	child = fork();
	if (child == 0)
		_exit(!tw_is_zero(tw_page(w, 2), PAGE_SIZE));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(tw_guest_has_secret(w, 2));
	assert_true(tw_is_zero(second + 2 * PAGE_SIZE, PAGE_SIZE));
	munmap(second, TW_SIZE);
}

/* ---- mappings that change ---- */

static void *map_over(struct traps_world *w, size_t page, int flags, int fd)
{
	void *p = mmap(tw_page(w, page), 4 * PAGE_SIZE, PROT_READ | PROT_WRITE, flags | MAP_FIXED,
		       fd, 0);

	assert_ptr_equal(p, tw_page(w, page));
	return p;
}

/* The machine does not know and registers it; the VMM must not notice. */
static void other_memory_at_the_place_works(void **state)
{
	struct traps_world *w = trapping(state);
	int fd = memfd_create("foreign", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, 4 * PAGE_SIZE), 0);
	map_over(w, 8, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	map_over(w, 16, MAP_SHARED, fd);
	close(fd);
	tw_keep_secret(w, 1);
	tw_keep_secret(w, 8);
	for (size_t page = 8; page <= 16; page += 8) {
		assert_true(tw_is_zero(tw_page(w, page), 2 * PAGE_SIZE));
		tw_page(w, page)[PAGE_SIZE] = 0x11;
		assert_int_equal(tw_page(w, page)[PAGE_SIZE], 0x11);
	}
	tw_assert_ciphertext(w, 1);
}

static void unmapped_memory_still_serves_the_guest(void **state)
{
	struct traps_world *w = trapping(state);

	tw_keep_secret(w, 0);
	munmap(tw_page(w, 0), 1024 * PAGE_SIZE);
	assert_int_equal(fx_frame_call(w->f, UVC_CMD_CONV_FROM_SEC_STOR, backing_abs(w->b)),
			 UVC_RC_EXECUTED);
	assert_int_equal(tw_import(w, 0), UVC_RC_EXECUTED);
	assert_true(tw_guest_has_secret(w, 0));
	tw_keep_secret(w, 600);
	tw_keep_secret(w, 1025);
	tw_assert_ciphertext(w, 1025);
}

static void moved_memory_traps_at_its_new_place(void **state)
{
	struct traps_world *w = trapping(state);
	uint8_t *place = mmap(NULL, TW_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	tw_keep_secret(w, 1);
	tw_keep_secret(w, 700);
	tw_keep_secret(w, 1100);      /* one mapping again: parts of it may not move together */
	tw_assert_ciphertext(w, 700); /* its piece is armed without need */
	w->mem = mremap(w->mem, TW_SIZE, TW_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
	assert_ptr_equal(w->mem, place);
	tw_share(w);
	assert_ptr_equal(w->segs[0].b, w->b);
	tw_assert_ciphertext(w, 1);
	assert_int_equal(tw_import(w, 700), UVC_RC_EXECUTED);
	tw_assert_ciphertext(w, 700);
}

/* ---- descriptors ---- */

static bool is_closed(int fd)
{
	return fcntl(fd, F_GETFD) == -1 && errno == EBADF;
}

static void wrong_descriptor_is_closed(void **state)
{
	struct traps_world *w = *state;
	int fds[] = {eventfd(0, EFD_CLOEXEC), open("/dev/null", O_RDWR | O_CLOEXEC),
		     memfd_create("anon_inode:[userfaultfd]", MFD_CLOEXEC)};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		assert_true(fds[i] >= 0);
		assert_int_equal(mm_set_userfaultfd(w->mm, fds[i]), -EINVAL);
		assert_true(is_closed(fds[i]));
	}
	assert_int_equal(mm_set_userfaultfd(w->mm, -1), -EINVAL);
	assert_false(mm_traps_active(w->mm));
	tw_keep_secret(w, 0);
	assert_true(tw_is_zero(w->mem, PAGE_SIZE));
}

static void used_or_second_descriptor_is_refused(void **state)
{
	struct traps_world *w = trapping(state);
	struct uffdio_api api = {.api = UFFD_API};
	int fd = userfault_create();

	assert_int_equal(mm_set_userfaultfd(w->mm, fd), -EBUSY);
	assert_true(is_closed(fd));
	fd = userfault_create();
	assert_int_equal(ioctl(fd, UFFDIO_API, &api), 0);
	assert_int_equal(mm_set_userfaultfd(w->mm, fd), -EINVAL);
	assert_true(is_closed(fd));
	tw_keep_secret(w, 0);
	tw_assert_ciphertext(w, 0);
}

static bool fail_objects(enum inject_point point, uint32_t detail, uint64_t subject,
			 struct inject_outcome *outcome)
{
	return point == INJECT_ALLOC && detail == ALLOC_OBJECT;
}

static void no_memory_means_holes(void **state)
{
	struct traps_world *w = *state;
	int fd = userfault_create();

	if (fd < 0)
		skip();
	atomic_store(&inject_hook, fail_objects);
	assert_int_equal(mm_set_userfaultfd(w->mm, fd), -ENOMEM);
	atomic_store(&inject_hook, NULL);
	assert_true(is_closed(fd));
	assert_false(mm_traps_active(w->mm));
	assert_true(tw_trap(w));
}

/* The VMM keeps the descriptor and makes it blocking. */
static void blocking_descriptor_traps_and_ends(void **state)
{
	struct traps_world *w = *state;
	int fd = userfault_create();
	int kept;

	if (fd < 0)
		skip();
	kept = dup(fd);
	assert_int_equal(mm_set_userfaultfd(w->mm, fd), 0);
	assert_int_equal(fcntl(kept, F_SETFL, 0), 0);
	tw_keep_secret(w, 0);
	tw_assert_ciphertext(w, 0);
	assert_int_equal(fcntl(kept, F_SETFL, 0), 0);
	close(kept);
}

/* ---- without traps ---- */

static void holes_mode(void **state)
{
	struct traps_world *w = *state;

	assert_false(mm_traps_active(w->mm));
	tw_keep_secret(w, 3);
	assert_true(tw_is_zero(tw_page(w, 3), PAGE_SIZE));
	tw_page(w, 3)[0] = 0x42; /* goes to the hole and is lost */
	assert_true(tw_guest_has_secret(w, 3));
	assert_int_equal(mm_make_accessible(w->mm, (uintptr_t)tw_page(w, 3), PAGE_SIZE), 0);
	tw_assert_ciphertext(w, 3);
	assert_int_equal(tw_import(w, 3), UVC_RC_EXECUTED);
	assert_true(tw_guest_has_secret(w, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(touch_gets_ciphertext_and_the_guest_its_data),
		CASE(tampered_page_is_refused),
		CASE(store_to_a_secure_page_changes_its_ciphertext),
		CASE(untouched_page_beside_secure_ones_is_zero),
		CASE(other_pieces_are_left_alone),
		CASE(idle_piece_is_let_go),
		CASE(disarm_ends_traps_of_idle_pieces_only),
		CASE(disarm_by_a_stranger_is_finished_by_a_touch),
		CASE(piece_of_a_dead_owner_is_resolved),
		CASE(lost_page_raises_sigbus),
		CASE(guest_and_vmm_fight_for_a_page),
		CASE(pages_made_accessible_can_be_given_to_the_kernel),
		CASE(only_guest_memory_can_be_made_accessible),
		CASE(views_that_are_not_registered_show_zeros),
		CASE(other_memory_at_the_place_works),
		CASE(unmapped_memory_still_serves_the_guest),
		CASE(moved_memory_traps_at_its_new_place),
		CASE(wrong_descriptor_is_closed),
		CASE(used_or_second_descriptor_is_refused),
		CASE(no_memory_means_holes),
		CASE(blocking_descriptor_traps_and_ends),
		CASE(holes_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
