/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A protected guest's whole life with the real engine: started from a sealed
 * image, run, rebooted asynchronously and synchronously, released.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/lifecycle/life_machine.h"

#define MEMORY (16UL << 20)
#define PAGES  1024UL

#define HIGH_MIB    2048UL
#define FIRST_EXITS 2UL /* prefix pages of a CPU that has not run yet */

static void test_runs_protected(void **state)
{
	struct transport_counts c;
	struct life l;

	assert_int_equal(life_create(&l, MEMORY, 1), 0);
	assert_int_equal(life_load(&l, &life_machine_image), 0);
	assert_int_equal(life_run(&l, PAGES), 0);
	transport_counts(&c);
	assert_int_equal(c.configs, 1);
	assert_true(c.secure_frames >= PAGES);
	assert_int_equal(life_pv(&l, KVM_PV_DISABLE, NULL), 0);
	assert_int_equal(l.rc, 1);
	transport_counts(&c);
	assert_int_equal(c.secure_frames, 0);
	life_close(&l);
	life_machine_assert_all_gone();
}

static void *perform(void *vm)
{
	struct life l = {.vm = (int)(intptr_t)vm};
	int ret = life_pv(&l, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL);

	transport_thread_end();
	return (void *)(intptr_t)ret;
}

static void test_reboots_while_the_old_guest_goes(void **state)
{
	pthread_t thread;
	struct life l;
	void *ret;

	assert_int_equal(life_create(&l, MEMORY, 1), 0);
	assert_int_equal(life_load(&l, &life_machine_image), 0);
	assert_int_equal(life_run(&l, PAGES), 0);
	for (int boot = 0; boot < 3; boot++) {
		assert_int_equal(life_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL), 0);
		assert_int_equal(l.rc, 1);
		assert_int_equal(l.rrc, 42);
		assert_int_equal(pthread_create(&thread, NULL, perform, (void *)(intptr_t)l.vm), 0);
		assert_int_equal(protvirt_ioctl(l.vcpu[0], KVM_S390_CLEAR_RESET, 0), 0);
		assert_int_equal(life_load(&l, &life_machine_image), 0);
		assert_int_equal(life_run(&l, PAGES), 0);
		assert_int_equal(pthread_join(thread, &ret), 0);
		assert_ptr_equal(ret, NULL);
	}
	life_close(&l);
	life_machine_assert_all_gone();
}

/* Above 2 GiB PREPARE leaves everything: each page is destroyed and imported when it is touched. */
static void test_touches_take_old_pages_over(void **state)
{
	struct transport_counts before, after;
	struct life l;

	assert_int_equal(life_create(&l, HIGH_MIB << 20 | MEMORY, 1), 0);
	assert_int_equal(life_load(&l, &life_machine_image), 0);
	assert_int_equal(life_run(&l, PAGES | LIFE_SKIP(HIGH_MIB)), 0);
	assert_int_equal(life_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL), 0);
	assert_int_equal(protvirt_ioctl(l.vcpu[0], KVM_S390_CLEAR_RESET, 0), 0);
	assert_int_equal(life_load(&l, &life_machine_image), 0);
	transport_counts(&before);
	assert_true(before.secure_frames >= PAGES);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(life_run(&l, PAGES | LIFE_SKIP(HIGH_MIB)), 0);
		transport_counts(&after);
		assert_in_range(after.secure_frames, before.secure_frames,
				before.secure_frames + FIRST_EXITS);
	}
	assert_int_equal(life_pv(&l, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL), 0);
	transport_counts(&before);
	assert_int_equal(before.secure_frames, after.secure_frames);
	life_close(&l);
	life_machine_assert_all_gone();
}

static void test_memory_below_2g_is_empty_after_prepare(void **state)
{
	static const uint8_t zero[4096];
	struct life l;

	assert_int_equal(life_create(&l, MEMORY, 1), 0);
	assert_int_equal(life_load(&l, &life_machine_image), 0);
	assert_int_equal(life_run(&l, PAGES), 0);
	assert_int_equal(life_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL), 0);
	for (size_t at = 1UL << 20; at < (1UL << 20) + PAGES * 4096; at += 4096)
		assert_memory_equal(l.memory + at, zero, sizeof(zero));
	life_close(&l);
	life_machine_assert_all_gone();
}

static void test_tampered_image_is_refused(void **state)
{
	struct life l;

	assert_int_equal(life_create(&l, MEMORY, 1), 0);
	life_machine_image.pages[5] ^= 1;
	assert_int_equal(life_load(&l, &life_machine_image), -EINVAL);
	life_machine_image.pages[5] ^= 1;
	assert_int_equal(l.rc, 0x102);
	assert_int_equal(l.rrc, 0x1b);
	assert_int_equal(life_pv(&l, KVM_PV_DISABLE, NULL), 0);
	assert_int_equal(life_load(&l, &life_machine_image), 0);
	assert_int_equal(life_run(&l, 1), 0);
	life_close(&l);
	life_machine_assert_all_gone();
}

/* One process, two VMs: what one of them is in the middle of must not hinder the other. */
static void test_second_vm_beside_a_protected_one(void **state)
{
	struct life first, second;

	assert_int_equal(life_create(&first, MEMORY, 1), 0);
	assert_int_equal(life_load(&first, &life_machine_image), 0);
	assert_int_equal(life_pv(&first, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL), 0);
	assert_int_equal(life_create(&second, MEMORY, 2), 0);
	assert_int_equal(life_load(&second, &life_machine_image), 0);
	assert_int_equal(life_run(&second, PAGES), 0);
	assert_int_equal(life_pv(&first, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL), 0);
	assert_int_equal(life_run(&second, PAGES), 0);
	life_close(&first);
	life_close(&second);
	life_machine_assert_all_gone();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_protected),
		cmocka_unit_test(test_reboots_while_the_old_guest_goes),
		cmocka_unit_test(test_touches_take_old_pages_over),
		cmocka_unit_test(test_memory_below_2g_is_empty_after_prepare),
		cmocka_unit_test(test_tampered_image_is_refused),
		cmocka_unit_test(test_second_vm_beside_a_protected_one),
	};

	return cmocka_run_group_tests(tests, life_machine_setup, life_machine_teardown);
}
