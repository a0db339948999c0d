// SPDX-License-Identifier: GPL-2.0-or-later
/* A VMM in its own process touches the memory of its protected guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/life/host_key.h"
#include "tests/life/life.h"
#include "tests/life/transport.h"

#define MEMORY (16UL << 20)
#define PAGE   4096UL
#define PAGES  16UL

static struct life_image image;

static int setup_machine(void **state)
{
	const struct transport_params params = {
		.model = getenv("PROTVIRT_TEST_MODEL"),
		.host_key = life_host_key(),
	};

	assert_int_equal(life_image_build(&image, params.host_key), 0);
	return transport_start(&params);
}

static int teardown_machine(void **state)
{
	transport_stop();
	life_image_free(&image);
	life_host_key_remove();
	return 0;
}

/* Page @n of those that the guest stores to: eight bytes, its address, and zeros */
static uint8_t *stored_page(const struct life *l, size_t n)
{
	return l->memory + (1UL << 20) + n * PAGE;
}

static size_t count_zeros(const uint8_t *bytes)
{
	size_t zeros = 0;

	for (size_t i = 0; i < PAGE; i++)
		zeros += bytes[i] == 0;
	return zeros;
}

static void start_guest(struct life *l)
{
	assert_int_equal(life_create(l, MEMORY, 1), 0);
	assert_int_equal(life_load(l, &image), 0);
	assert_int_equal(life_run(l, PAGES), 0);
}

static uint64_t secure_frames(void)
{
	struct transport_counts c;

	transport_counts(&c);
	return c.secure_frames;
}

/* With traps by the touch, else by the call */
static void vmm_gets_ciphertext(void **state)
{
	struct life l;
	uint64_t before;

	start_guest(&l);
	before = secure_frames();
	if (!protvirt_traps_active()) {
		assert_int_equal(count_zeros(stored_page(&l, 3)), PAGE);
		assert_int_equal(secure_frames(), before);
		assert_int_equal(protvirt_make_accessible(stored_page(&l, 3), PAGE), 0);
	}
	assert_in_range(count_zeros(stored_page(&l, 3)), 0, 80);
	assert_int_equal(secure_frames(), before - 1);
	life_close(&l);
}

static void guest_goes_on_with_what_the_vmm_saw(void **state)
{
	struct life l;

	start_guest(&l);
	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < PAGES; n++) {
			if (!protvirt_traps_active())
				protvirt_make_accessible(stored_page(&l, n), PAGE);
			assert_in_range(count_zeros(stored_page(&l, n)), 0, 80);
		}
		assert_int_equal(life_run(&l, PAGES), 0);
	}
	life_close(&l);
}

static void untouched_memory_of_the_piece_is_usable(void **state)
{
	struct life l;

	start_guest(&l);
	assert_int_equal(count_zeros(stored_page(&l, PAGES + 1)), PAGE);
	stored_page(&l, PAGES + 2)[0] = 7;
	assert_int_equal(stored_page(&l, PAGES + 2)[0], 7);
	life_close(&l);
}

static void memory_is_ordinary_after_the_guest(void **state)
{
	struct life l;

	start_guest(&l);
	assert_int_equal(life_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL), 0);
	for (size_t n = 0; n < PAGES; n++)
		assert_int_equal(count_zeros(stored_page(&l, n)), PAGE);
	/* The next guest's loader: what it writes is no business of PERFORM. */
	memset(stored_page(&l, 1), 0x5a, PAGE);
	assert_int_equal(life_pv(&l, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL), 0);
	assert_int_equal(stored_page(&l, 1)[0], 0x5a);
	assert_int_equal(memcmp(stored_page(&l, 1), stored_page(&l, 1) + 1, PAGE - 1), 0);
	assert_int_equal(count_zeros(stored_page(&l, 2)), PAGE);
	assert_int_equal(life_load(&l, &image), 0);
	assert_int_equal(life_run(&l, PAGES), 0);
	life_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vmm_gets_ciphertext),
		cmocka_unit_test(guest_goes_on_with_what_the_vmm_saw),
		cmocka_unit_test(untouched_memory_of_the_piece_is_usable),
		cmocka_unit_test(memory_is_ordinary_after_the_guest),
	};

	return cmocka_run_group_tests(tests, setup_machine, teardown_machine);
}
