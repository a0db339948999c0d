// SPDX-License-Identifier: GPL-2.0-or-later
/* Where KVM meets storage: what must not move, and what must be forgotten, while a frame changes
 * hands. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kvm/memslots.h"
#include "sie/sie.h"
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

	rig_create(&r, NULL);
	rig_enable(&r, 1);
	rig_prepare(&r);
	expect_slots_held(&r, UV_ACCESS_SECURE, UVC_CMD_DESTR_SEC_STOR);
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_stay_during_import),
		cmocka_unit_test(slots_stay_while_a_page_is_taken),
	};

	return cmocka_run_group_tests_name("lifecycle-frames", tests, NULL, NULL);
}
