// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_RUN with the engine: short pieces of s390x code and how they leave. */
#include "tests/unit/kvm/cpu_world.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "host/task.h"
#include "kvm/vcpu.h"

/* lghi %r1,42; diag %r1,%r2,0x501 */
static const uint8_t code_diag[] = {0xa7, 0x19, 0x00, 0x2a, 0x83, 0x12, 0x05, 0x01};

static void diag_leaves(void **state)
{
	struct world *w = *state;
	struct kvm_regs regs;

	world_code(w, code_diag, sizeof(code_diag));
	world_start(w, 0, 0);
	expect_diag(w, 0, 0x501);
	assert_int_equal(0x8312, w->run[0]->s390_sieic.ipa);
	assert_int_equal(GUEST_CODE + 8, w->run[0]->psw_addr);
	assert_int_equal(42, w->run[0]->s.regs.gprs[1]);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_REGS, &regs));
	assert_int_equal(42, regs.gprs[1]);
}

static void servc_leaves(void **state)
{
	static const uint8_t code[] = {0xb2, 0x20, 0x00, 0x12};
	struct world *w = *state;

	world_code(w, code, sizeof(code));
	world_start(w, 0, 0);
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[0]->exit_reason);
	assert_int_equal(0xb220, w->run[0]->s390_sieic.ipa);
	assert_int_equal(0x00120000, w->run[0]->s390_sieic.ipb);
}

/* The order of kvm-pv 1.10: each condition wins over the ones behind it */
static void checks_in_order(void **state)
{
	struct world *w = *state;
	struct kvm_mp_state stopped = {KVM_MP_STATE_STOPPED};

	assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, KVM_RUN, 1));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &stopped));
	w->run[0]->immediate_exit = 1;
	w->run[0]->kvm_dirty_regs = 1UL << 13;
	atomic_store(&w->kvm->arch.pv.dumping, true);
	assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	atomic_store(&w->kvm->arch.pv.dumping, false);
	assert_int_equal(-EINTR, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	w->run[0]->immediate_exit = 0;
	assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	w->run[0]->kvm_dirty_regs = 0;
	w->run[0]->kvm_valid_regs |= 1UL << 63;
	assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	w->run[0]->kvm_valid_regs &= ~(1UL << 63);
	assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, KVM_RUN, 0)); /* stopped */
}

static void runs_after_operating(void **state)
{
	struct world *w = *state;
	struct kvm_mp_state operating = {KVM_MP_STATE_OPERATING};

	world_code(w, code_diag, sizeof(code_diag));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &operating));
	world_start(w, 0, 0);
	expect_diag(w, 0, 0x501);
}

static void sync_regs_both_ways(void **state)
{
	struct world *w = *state;
	struct kvm_sync_regs *regs = &w->run[0]->s.regs;
	struct kvm_sregs sregs;

	world_code(w, code_diag + 4, 4);
	world_start(w, 0, 0);
	regs->gprs[5] = 0x1122334455667788;
	regs->acrs[3] = 0xabcd;
	regs->crs[6] = 0xff000000;
	regs->prefix = 0x20000;
	regs->ckc = UINT64_MAX;
	regs->cputm = 0x7000000000000000;
	regs->todpr = 0x1234;
	regs->fprs[9] = 99;
	w->run[0]->kvm_dirty_regs = KVM_SYNC_GPRS | KVM_SYNC_ACRS | KVM_SYNC_CRS | KVM_SYNC_PREFIX |
				    KVM_SYNC_ARCH0 | KVM_SYNC_FPRS;
	expect_diag(w, 0, 0x501);
	assert_int_equal(0, w->run[0]->kvm_dirty_regs);
	assert_int_equal(0x1122334455667788, regs->gprs[5]);
	assert_int_equal(0x20000, regs->prefix);
	assert_int_equal(0x1234, regs->todpr);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_SREGS, &sregs));
	assert_int_equal(0xabcd, sregs.acrs[3]);
	assert_int_equal(0xff000000, sregs.crs[6]);
	/* Not dirty: what the page says is not taken */
	regs->gprs[5] = 1;
	world_start(w, 0, 0);
	expect_diag(w, 0, 0x501);
	assert_int_equal(0x1122334455667788, regs->gprs[5]);
}

/* lpswe 0x800: a wait with the mask that the test stored there */
static const uint8_t code_wait[] = {0xb2, 0xb2, 0x08, 0x00};

static void wait_psw(struct world *w, uint64_t mask)
{
	put_guest64(w, 0x800, mask | PSW64 | PSW_MASK_WAIT);
	put_guest64(w, 0x808, 0x4444);
}

static void disabled_wait_leaves(void **state)
{
	struct world *w = *state;

	world_code(w, code_wait, sizeof(code_wait));
	wait_psw(w, 0);
	world_start(w, 0, 0);
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[0]->exit_reason);
	assert_int_equal(0x1c, w->run[0]->s390_sieic.icptcode);
	assert_int_equal(0x4444, w->run[0]->psw_addr);
}

/** struct other - a second thread of the VMM that acts when the CPU sleeps */
struct other {
	struct world *w;
	void (*act)(struct world *w, struct task *t);
};

static void *other_thread(void *arg)
{
	struct other *o = arg;
	struct task *t = direct_task_start(o->w->mm);

	while (!kvm_s390_test_cpuflags(world_vcpu(o->w, 0), CPUSTAT_WAIT))
		sched_yield();
	o->act(o->w, t);
	direct_task_end(t);
	return NULL;
}

static void service_interrupt(struct world *w, struct task *t)
{
	struct kvm_s390_interrupt irq = {.type = KVM_S390_INT_SERVICE, .parm = 0x5000 | 1};

	direct_ioctl(t, w->vm_fd, KVM_S390_INTERRUPT, (uintptr_t)&irq);
}

static void run_with(struct world *w, void (*act)(struct world *w, struct task *t), long *rc)
{
	struct other o = {w, act};
	pthread_t thread;

	assert_int_equal(0, pthread_create(&thread, NULL, other_thread, &o));
	*rc = cpu_ioctl_value(w, 0, KVM_RUN, 0);
	assert_int_equal(0, pthread_join(thread, NULL));
}

static void wait_ends_with_service_interrupt(void **state)
{
	struct world *w = *state;
	long rc;

	world_code(w, code_wait, sizeof(code_wait));
	wait_psw(w, PSW_MASK_EXT);
	world_set_cr(w, 0, 0, 0x2e0);
	world_start(w, 0, 0);
	run_with(w, service_interrupt, &rc);
	assert_int_equal(0, rc);
	assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[0]->exit_reason);
	assert_int_equal(HANDLER_EXT, w->run[0]->s390_sieic.ipb >> 16);
	assert_int_equal(0x2401, guest16(w, 0x86));
	assert_int_equal(0x5001, guest32(w, 0x80));
	assert_int_equal(PSW_MASK_EXT | PSW_MASK_WAIT | PSW64, guest64(w, 0x130));
	assert_int_equal(0x4444, guest64(w, 0x138));
}

static void kick(struct world *w, struct task *t)
{
	direct_kick(w->t);
}

static void kick_ends_wait(void **state)
{
	struct world *w = *state;
	long rc;

	world_code(w, code_wait, sizeof(code_wait));
	wait_psw(w, PSW_MASK_EXT);
	world_start(w, 0, 0);
	run_with(w, kick, &rc);
	assert_int_equal(-EINTR, rc);
	assert_int_equal(KVM_EXIT_INTR, w->run[0]->exit_reason);
	assert_int_equal(0x4444, w->run[0]->psw_addr);
}

/* A kick that comes before KVM_RUN is not lost; j .: an endless loop */
static void kick_before_run(void **state)
{
	static const uint8_t code[] = {0xa7, 0xf4, 0x00, 0x00};
	struct world *w = *state;

	world_code(w, code, sizeof(code));
	world_start(w, 0, 0);
	direct_kick(w->t);
	assert_int_equal(-EINTR, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_INTR, w->run[0]->exit_reason);
}

static void clock_comparator_ends_wait(void **state)
{
	struct world *w = *state;
	struct kvm_sync_regs *regs = &w->run[0]->s.regs;

	world_code(w, code_wait, sizeof(code_wait));
	wait_psw(w, PSW_MASK_EXT);
	world_set_cr(w, 0, 0, 0x8e0);
	world_start(w, 0, 0);
	regs->ckc = kvm_s390_get_tod(w->kvm) + 5000 * 4096UL;
	regs->cputm = 0x7000000000000000;
	w->run[0]->kvm_dirty_regs = KVM_SYNC_ARCH0;
	expect_diag(w, 0, HANDLER_EXT);
	assert_int_equal(0x1004, guest16(w, 0x86));
	assert_true(kvm_s390_get_tod(w->kvm) > regs->ckc);
	/* The CPU timer has run while the CPU waited */
	assert_true(regs->cputm < 0x7000000000000000);
}

static void cpu_timer_ends_wait(void **state)
{
	struct world *w = *state;
	struct kvm_sync_regs *regs = &w->run[0]->s.regs;

	world_code(w, code_wait, sizeof(code_wait));
	wait_psw(w, PSW_MASK_EXT);
	world_set_cr(w, 0, 0, 0x4e0);
	world_start(w, 0, 0);
	regs->ckc = UINT64_MAX;
	regs->cputm = 3000 * 4096UL;
	w->run[0]->kvm_dirty_regs = KVM_SYNC_ARCH0;
	expect_diag(w, 0, HANDLER_EXT);
	assert_int_equal(0x1005, guest16(w, 0x86));
}

/* lg %r1,0(%r2) with GR2 behind the end of memory */
static void addressing_exception(void **state)
{
	static const uint8_t code[] = {0xe3, 0x10, 0x20, 0x00, 0x00, 0x04};
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[2] = WORLD_MEMORY}};

	world_code(w, code, sizeof(code));
	world_start(w, 0, 0);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(PGM_ADDRESSING, guest16(w, 0x8e));
	assert_int_equal(6, guest16(w, 0x8c));
	assert_int_equal(GUEST_CODE + 6, guest64(w, 0x158));
}

static void operation_exception(void **state)
{
	static const uint8_t code[] = {0x00, 0x00};
	struct world *w = *state;

	world_code(w, code, sizeof(code));
	world_start(w, 0, 0);
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(PGM_OPERATION, guest16(w, 0x8e));
}

static void expect_operexc(struct world *w, unsigned int cpu, uint16_t ipa)
{
	assert_int_equal(0, cpu_ioctl_value(w, cpu, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[cpu]->exit_reason);
	assert_int_equal(0x2c, w->run[cpu]->s390_sieic.icptcode);
	assert_int_equal(ipa, w->run[cpu]->s390_sieic.ipa);
}

/* The VMM takes the instruction 0000 for its breakpoints; the CPUs are there already */
static void instruction_0_to_user(void **state)
{
	static const uint8_t zero[] = {0x00, 0x00}, other[] = {0xb2, 0xff, 0x00, 0x00};
	struct world *w = *state;
	struct kvm_enable_cap cap = {.cap = KVM_CAP_S390_USER_INSTR0};

	assert_int_equal(0, vm_ioctl(w, KVM_ENABLE_CAP, &cap));
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		world_code(w, zero, sizeof(zero));
		world_start(w, cpu, 0);
		expect_operexc(w, cpu, 0);
		assert_int_equal(GUEST_CODE + 2, w->run[cpu]->psw_addr);
	}
	world_code(w, other, sizeof(other));
	world_start(w, 0, 0);
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(PGM_OPERATION, guest16(w, 0x8e));
	assert_int_equal(4, guest16(w, 0x8c));
	assert_int_equal(GUEST_CODE + 4, guest64(w, 0x158));
	/* a new PSW that leads there again: nobody can go on */
	put_guest64(w, 0x1d8, GUEST_CODE);
	world_start(w, 0, 0);
	expect_operexc(w, 0, 0xb2ff);
	put_guest64(w, 0x1d8, GUEST_HANDLER + 3 * 16);
	cap.cap = KVM_CAP_S390_USER_OPEREXEC;
	assert_int_equal(0, vm_ioctl(w, KVM_ENABLE_CAP, &cap));
	world_start(w, 0, 0);
	expect_operexc(w, 0, 0xb2ff);
}

static void prefix_without_storage(void **state)
{
	struct world *w = *state;
	struct kvm_s390_irq irq = {.type = KVM_S390_RESTART};

	world_start(w, 0, 0);
	w->run[0]->s.regs.prefix = 0x7fffe000;
	w->run[0]->kvm_dirty_regs = KVM_SYNC_PREFIX;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &irq));
	assert_int_equal(-EFAULT, cpu_ioctl_value(w, 0, KVM_RUN, 0));
}

/* While CPUs are blocked none is in the engine; a blocked one still leaves for a signal */
static void blocked_cpu_leaves_for_kick(void **state)
{
	static const uint8_t code[] = {0xa7, 0xf4, 0x00, 0x00};
	struct world *w = *state;

	world_code(w, code, sizeof(code));
	world_start(w, 0, 0);
	kvm_s390_vcpu_block_all(w->kvm);
	direct_kick(w->t);
	assert_int_equal(-EINTR, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(GUEST_CODE, w->run[0]->psw_addr);
	kvm_s390_vcpu_unblock_all(w->kvm);
	world_code(w, code_diag, sizeof(code_diag));
	expect_diag(w, 0, 0x501);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(diag_leaves),
		WORLD_TEST(servc_leaves),
		WORLD_TEST(checks_in_order),
		WORLD_TEST(runs_after_operating),
		WORLD_TEST(sync_regs_both_ways),
		WORLD_TEST(disabled_wait_leaves),
		WORLD_TEST(wait_ends_with_service_interrupt),
		WORLD_TEST(kick_ends_wait),
		WORLD_TEST(kick_before_run),
		WORLD_TEST(clock_comparator_ends_wait),
		WORLD_TEST(cpu_timer_ends_wait),
		WORLD_TEST(addressing_exception),
		WORLD_TEST(operation_exception),
		WORLD_TEST(instruction_0_to_user),
		WORLD_TEST(prefix_without_storage),
		WORLD_TEST(blocked_cpu_leaves_for_kick),
	};

	return cmocka_run_group_tests_name("kvm-cpu-run", tests, NULL, NULL);
}
