// SPDX-License-Identifier: GPL-2.0-or-later
/* The VM of most tests. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "kvm/machine_state.h"
#include "kvm/vcpu.h"
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

void rig_create_set_aside(struct rig *r, const char *model, unsigned int pages)
{
	rig_create(r, model);
	rig_enable(r, pages);
	rig_prepare(r);
}

void rig_perform_to_page(struct rig *r, struct perform *p, uint32_t page)
{
	gate_close(page);
	perform_start(p, &r->v);
	gate_wait();
}

void rig_perform_to_uvc(struct rig *r, struct perform *p, uint16_t cmd)
{
	gate_close_at_uvc(cmd);
	perform_start(p, &r->v);
	gate_wait();
}

void rig_interrupt(struct rig *r)
{
	struct perform p;

	rig_prepare(r);
	rig_perform_to_page(r, &p, 1);
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(UVC_RC_EXECUTED, p.rc);
	assert_int_equal(KVM_S390_PV_FAKED_RRC, p.rrc);
}

void rig_leftover(struct rig *r)
{
	rig_enable(r, 4);
	rig_interrupt(r);
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

/* ---- images ---- */

long rig_set_sec_parms(struct rig *r, const void *header, uint64_t len)
{
	struct kvm_s390_pv_sec_parm parms = {.origin = (uintptr_t)header, .length = len};

	return vmm_pv_data(&r->v, KVM_PV_SET_SEC_PARMS, &parms);
}

long rig_unpack(struct rig *r, gpa_t addr, uint64_t size)
{
	struct kvm_s390_pv_unp unp = {.addr = addr, .size = size, .tweak = SE_IMAGE_PREFIX};

	return vmm_pv_data(&r->v, KVM_PV_UNPACK, &unp);
}

uint8_t *rig_memory(struct rig *r, gpa_t gpa)
{
	return gpa >= RIG_HIGH ? r->high + (gpa - RIG_HIGH) : r->low + gpa;
}

void rig_load_image(struct rig *r, const struct se_image *img)
{
	memcpy(rig_memory(r, img->addr), img->data, img->pages * PAGE_SIZE);
	assert_int_equal(0, rig_set_sec_parms(r, img->header, img->len));
	assert_int_equal(0, rig_unpack(r, img->addr, img->pages * PAGE_SIZE));
	assert_int_equal(1, r->v.rc);
}

/* ---- an ordinary CPU runs ---- */

/* lg %r3,0(%r2); diag %r0,%r0,0x501 */
const uint8_t rig_load_and_stop[RIG_LOAD_AND_STOP_LEN] = {0xe3, 0x30, 0x20, 0x00, 0x00,
							  0x04, 0x83, 0x00, 0x05, 0x01};

struct kvm_run *rig_run_page(struct rig *r)
{
	struct kvm_run *run = direct_mmap(r->v.mm, PAGE_SIZE, r->v.vcpu[0], 0);

	assert_true(run != MAP_FAILED);
	return run;
}

void rig_operate(struct rig *r, uint32_t state)
{
	struct kvm_mp_state mp = {.mp_state = state};

	assert_int_equal(0, direct_ioctl(r->v.t, r->v.vcpu[0], KVM_SET_MP_STATE, (uintptr_t)&mp));
}

void rig_set_up_code(struct rig *r, struct kvm_run *run, const void *code, size_t len,
		     uint64_t prefix, uint64_t r2)
{
	memcpy(r->low + RIG_CODE, code, len);
	run->psw_mask = PSW_MASK_64;
	run->psw_addr = RIG_CODE;
	run->s.regs.prefix = prefix;
	memset(run->s.regs.gprs, 0, sizeof(run->s.regs.gprs));
	run->s.regs.gprs[2] = r2;
	run->kvm_dirty_regs = KVM_SYNC_PREFIX | KVM_SYNC_GPRS;
	rig_operate(r, KVM_MP_STATE_OPERATING);
}

void rig_expect_load(struct rig *r, struct kvm_run *run, uint64_t prefix, gpa_t gpa, uint64_t value)
{
	rig_set_up_code(r, run, rig_load_and_stop, sizeof(rig_load_and_stop), prefix, gpa);
	assert_int_equal(0, direct_ioctl(r->v.t, r->v.vcpu[0], KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_SIEIC, run->exit_reason);
	assert_int_equal(ICPT_INST, run->s390_sieic.icptcode);
	assert_int_equal(0x8300, run->s390_sieic.ipa);
	assert_int_equal(value, run->s.regs.gprs[3]);
}

static void *run_thread(void *arg)
{
	struct runner *runner = arg;
	struct task *t = direct_task_start(runner->r->v.mm);

	pthread_mutex_lock(&runner->lock);
	runner->t = t;
	pthread_cond_signal(&runner->started);
	pthread_mutex_unlock(&runner->lock);
	runner->ret = direct_ioctl(t, runner->r->v.vcpu[0], KVM_RUN, 0);
	direct_task_end(t);
	return NULL;
}

void runner_start(struct runner *runner, struct rig *r)
{
	struct kvm_vcpu *vcpu = kvm_get_vcpu_by_id(r->v.kvm, 0);

	*runner = (struct runner){.r = r};
	pthread_mutex_init(&runner->lock, NULL);
	pthread_cond_init(&runner->started, NULL);
	assert_int_equal(0, pthread_create(&runner->thread, NULL, run_thread, runner));
	pthread_mutex_lock(&runner->lock);
	while (!runner->t)
		pthread_cond_wait(&runner->started, &runner->lock);
	pthread_mutex_unlock(&runner->lock);
	/* Until it is in KVM_RUN, with the mutex of the CPU */
	while (!(__atomic_load_n(&vcpu->arch.sie_block->cpuflags.raw, __ATOMIC_RELAXED) &
		 be32_make(CPUSTAT_RUNNING).raw))
		sched_yield();
}

void runner_kick_out(struct runner *runner)
{
	direct_kick(runner->t);
	assert_int_equal(0, pthread_join(runner->thread, NULL));
	assert_int_equal(-EINTR, runner->ret);
	pthread_cond_destroy(&runner->started);
	pthread_mutex_destroy(&runner->lock);
}
