// SPDX-License-Identifier: GPL-2.0-or-later
/* The VM of most tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kvm/machine_state.h"
#include "tests/lifecycle/rig.h"

void rig_create_with(struct rig *r, const struct machine_params *params)
{
	r->w = world_create_with(params);
	vmm_start(&r->v, r->w);
	r->low = vmm_memory(&r->v, 0, RIG_LOW, RIG_SIZE);
	r->high = vmm_memory(&r->v, 1, RIG_HIGH, RIG_SIZE);
	vmm_vcpus(&r->v, RIG_VCPUS);
}

void rig_create(struct rig *r, const char *model)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;

	params.model = model;
	rig_create_with(r, &params);
}

void rig_destroy(struct rig *r)
{
	vmm_exit(&r->v);
	vmm_free_memory(r->low, RIG_SIZE);
	vmm_free_memory(r->high, RIG_SIZE);
	world_destroy(r->w);
}

void rig_enable(struct rig *r, unsigned int pages)
{
	assert_int_equal(0, vmm_pv(&r->v, KVM_PV_ENABLE));
	/* Of a former guest; without MISC an import exports before by itself. */
	if (uv_has_feature(&r->v.kvm->machine->info, BIT_UV_FEAT_MISC))
		vmm_take_over(&r->v, RIG_HIGH, pages);
	else
		vmm_touch(&r->v, RIG_HIGH, pages);
}

void rig_prepare(struct rig *r)
{
	expect_pv(&r->v, KVM_PV_ASYNC_CLEANUP_PREPARE, 0, UVC_RC_EXECUTED, KVM_S390_PV_FAKED_RRC);
}

void rig_leftover(struct rig *r)
{
	struct perform p;

	rig_enable(r, 4);
	rig_prepare(r);
	gate_close(1);
	perform_start(&p, &r->v);
	gate_wait();
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(UVC_RC_EXECUTED, p.rc);
	assert_int_equal(KVM_S390_PV_FAKED_RRC, p.rrc);
}

void expect_counts_at(struct rig *r, const struct pv_counts *c, const char *file, int line)
{
	struct machine_status s = world_status(r->w);

	_assert_int_equal(c->active, s.active, file, line);
	_assert_int_equal(c->half, s.half, file, line);
	_assert_int_equal(c->stuck, s.stuck, file, line);
	_assert_int_equal(c->aside, s.aside, file, line);
	_assert_int_equal(c->tearing, s.tearing, file, line);
	_assert_int_equal(c->leftover, s.leftover, file, line);
	_assert_int_equal(c->leaked, s.leaked, file, line);
	_assert_int_equal((uint64_t)c->count, (uint64_t)vmm_count(&r->v), file, line);
}
