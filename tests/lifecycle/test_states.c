// SPDX-License-Identifier: GPL-2.0-or-later
/* Configurations in states that should be short, and what is refused in them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/lifecycle/rig.h"

static long run(const struct vmm *v, unsigned int cpu)
{
	return direct_ioctl(v->t, v->vcpu[cpu], KVM_RUN, 0);
}

static void set_operating(const struct vmm *v, unsigned int cpu)
{
	struct kvm_mp_state mp = {KVM_MP_STATE_OPERATING};

	assert_int_equal(0, direct_ioctl(v->t, v->vcpu[cpu], KVM_SET_MP_STATE, (uintptr_t)&mp));
}

/* A CPU that is plugged in afterwards is secure. The guest has lost all others: it does not run. */
static void half_configuration_runs_no_new_cpu(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	rig_enable(&r, 0);
	fail_uvc(UVC_CMD_DESTROY_SEC_CPU, 0, 1, 0x0110, 0, true);
	assert_int_equal(-EIO, vmm_pv(&r.v, KVM_PV_DISABLE));
	expect_counts(&r, .half = 1, .count = 1);
	vmm_vcpus(&r.v, 1);
	assert_int_not_equal(0, kvm_s390_pv_cpu_get_handle(kvm_get_vcpu_by_id(r.v.kvm, RIG_VCPUS)));
	set_operating(&r.v, RIG_VCPUS);
	/* It would get no further than to the signal if it were let in. */
	direct_kick(r.v.t);
	assert_int_equal(-EINVAL, run(&r.v, RIG_VCPUS));
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_DISABLE));
	r.w->expect_leaked_bytes = true; /* the storage of the first CPU */
	rig_destroy(&r);
}

/* "Must be destroyed" without a handle: there is nothing that could be destroyed. */
static void create_conf_demands_destroy_of_nothing(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	fail_uvc(UVC_CMD_CREATE_SEC_CONF, 0, 1, UVC_RC_NEED_DESTROY | 0x0110, 7, false);
	expect_pv(&r.v, KVM_PV_ENABLE, -EIO, UVC_RC_NEED_DESTROY | 0x0110, 7);
	expect_counts(&r, .count = 0);
	rig_enable(&r, 1);
	expect_counts(&r, .active = 1, .count = 1);
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_configuration_runs_no_new_cpu),
		cmocka_unit_test(create_conf_demands_destroy_of_nothing),
	};

	return cmocka_run_group_tests_name("lifecycle-states", tests, NULL, NULL);
}
