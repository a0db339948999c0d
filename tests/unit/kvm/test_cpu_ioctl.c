// SPDX-License-Identifier: GPL-2.0-or-later
/* Register, state and reset ioctls of an ordinary CPU, and their errors. */
#include "tests/unit/kvm/cpu_world.h"

#include <errno.h>
#include <string.h>

#include "kvm/vcpu.h"

/** NOWHERE - a user address where there is no memory */
#define NOWHERE ((void *)16)

static void regs(void **state)
{
	struct world *w = *state;
	struct kvm_regs in, out;

	for (unsigned int i = 0; i < 16; i++)
		in.gprs[i] = 0x0101010101010101UL * i;
	assert_int_equal(0, cpu_ioctl(w, 1, KVM_SET_REGS, &in));
	assert_int_equal(0, cpu_ioctl(w, 1, KVM_GET_REGS, &out));
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 1, KVM_SET_REGS, NOWHERE));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 1, KVM_GET_REGS, NOWHERE));
}

static void sregs(void **state)
{
	struct world *w = *state;
	struct kvm_sregs in, out;

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_SREGS, &in));
	assert_int_equal(0xe0, in.crs[0]);
	assert_int_equal(0xc2000000, in.crs[14]);
	for (unsigned int i = 0; i < 16; i++) {
		in.acrs[i] = 0x100 + i;
		in.crs[i] = 0x200000000UL + i;
	}
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_SREGS, &in));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_SREGS, &out));
	assert_memory_equal(&in, &out, sizeof(in));
	assert_memory_equal(in.acrs, w->run[0]->s.regs.acrs, sizeof(in.acrs));
	assert_memory_equal(in.crs, w->run[0]->s.regs.crs, sizeof(in.crs));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_SET_SREGS, NOWHERE));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_GET_SREGS, NOWHERE));
}

static void fpu(void **state)
{
	struct world *w = *state;
	struct kvm_fpu in = {.fpc = 0x00880000}, out;

	in.fprs[15] = 0x4010000000000000;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_FPU, &in));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_FPU, &out));
	assert_memory_equal(&in, &out, sizeof(in));
	assert_memory_equal(in.fprs, w->run[0]->s.regs.fprs, sizeof(in.fprs));
	assert_int_equal(in.fpc, w->run[0]->s.regs.fpc);
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_SET_FPU, NOWHERE));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_GET_FPU, NOWHERE));
}

static long one_reg(struct world *w, unsigned int cmd, uint64_t id, void *value)
{
	struct kvm_one_reg reg = {id, (uintptr_t)value};

	return cpu_ioctl(w, 0, cmd, &reg);
}

static void one_regs(void **state)
{
	static const uint64_t ids[] = {
		KVM_REG_S390_EPOCHDIFF, KVM_REG_S390_CPU_TIMER, KVM_REG_S390_CLOCK_COMP,
		KVM_REG_S390_PFTOKEN,   KVM_REG_S390_PFCOMPARE, KVM_REG_S390_PFSELECT,
		KVM_REG_S390_PP,        KVM_REG_S390_GBEA,
	};
	struct world *w = *state;
	uint32_t words[2] = {0x12345678, 0xffffffff};
	uint64_t value;

	for (unsigned int i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		value = 0x1000000000000000UL + i;
		assert_int_equal(0, one_reg(w, KVM_SET_ONE_REG, ids[i], &value));
	}
	for (unsigned int i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_int_equal(0, one_reg(w, KVM_GET_ONE_REG, ids[i], &value));
		assert_int_equal(0x1000000000000000UL + i, value);
	}
	/* Four bytes, no more */
	assert_int_equal(0, one_reg(w, KVM_SET_ONE_REG, KVM_REG_S390_TODPR, &words[0]));
	words[0] = 0;
	assert_int_equal(0, one_reg(w, KVM_GET_ONE_REG, KVM_REG_S390_TODPR, &words[0]));
	assert_int_equal(0x12345678, words[0]);
	assert_int_equal(0xffffffff, words[1]);
	assert_int_equal(-EINVAL, one_reg(w, KVM_GET_ONE_REG, KVM_REG_S390_GBEA + 1, &value));
	assert_int_equal(-EINVAL, one_reg(w, KVM_SET_ONE_REG, 0, &value));
	assert_int_equal(-EFAULT, one_reg(w, KVM_GET_ONE_REG, KVM_REG_S390_PP, NOWHERE));
	assert_int_equal(-EFAULT, one_reg(w, KVM_SET_ONE_REG, KVM_REG_S390_PP, NOWHERE));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_GET_ONE_REG, NOWHERE));
}

static uint32_t mp_state(struct world *w, unsigned int cpu)
{
	struct kvm_mp_state mp;

	assert_int_equal(0, cpu_ioctl(w, cpu, KVM_GET_MP_STATE, &mp));
	return mp.mp_state;
}

static long set_mp_state(struct world *w, unsigned int cpu, uint32_t to)
{
	struct kvm_mp_state mp = {to};

	return cpu_ioctl(w, cpu, KVM_SET_MP_STATE, &mp);
}

static void mp_states(void **state)
{
	struct world *w = *state;

	assert_int_equal(KVM_MP_STATE_STOPPED, mp_state(w, 0));
	assert_int_equal(0, set_mp_state(w, 0, KVM_MP_STATE_OPERATING));
	assert_int_equal(KVM_MP_STATE_OPERATING, mp_state(w, 0));
	assert_int_equal(0, set_mp_state(w, 0, KVM_MP_STATE_STOPPED));
	assert_int_equal(KVM_MP_STATE_STOPPED, mp_state(w, 0));
	assert_int_equal(-ENXIO, set_mp_state(w, 0, KVM_MP_STATE_CHECK_STOP));
	assert_int_equal(-ENXIO, set_mp_state(w, 0, KVM_MP_STATE_LOAD));
	assert_int_equal(-ENXIO, set_mp_state(w, 0, 0));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_SET_MP_STATE, NOWHERE));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_GET_MP_STATE, NOWHERE));
}

static void initial_psw(void **state)
{
	struct world *w = *state;
	struct kvm_s390_psw psw = {PSW64, 0x7000};

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_SET_INITIAL_PSW, &psw));
	assert_int_equal(PSW64, w->run[0]->psw_mask);
	assert_int_equal(0x7000, w->run[0]->psw_addr);
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_S390_SET_INITIAL_PSW, NOWHERE));
	assert_int_equal(0, set_mp_state(w, 0, KVM_MP_STATE_OPERATING));
	assert_int_equal(-EBUSY, cpu_ioctl(w, 0, KVM_S390_SET_INITIAL_PSW, &psw));
}

/** fill() - something in every register that a reset might clear */
static void fill(struct world *w)
{
	struct kvm_regs gprs = {.gprs = {[7] = 7}};
	struct kvm_sregs srs;
	struct kvm_fpu fp = {.fpc = 0x00080000, .fprs = {[3] = 3}};
	uint64_t value = 0x77;

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &gprs));
	memset(&srs, 0x11, sizeof(srs));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_SREGS, &srs));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_FPU, &fp));
	assert_int_equal(0, one_reg(w, KVM_SET_ONE_REG, KVM_REG_S390_CLOCK_COMP, &value));
	assert_int_equal(0, one_reg(w, KVM_SET_ONE_REG, KVM_REG_S390_PP, &value));
	assert_int_equal(0, one_reg(w, KVM_SET_ONE_REG, KVM_REG_S390_GBEA, &value));
	assert_int_equal(0, one_reg(w, KVM_SET_ONE_REG, KVM_REG_S390_PFTOKEN, &value));
	w->run[0]->psw_mask = PSW64;
	w->run[0]->psw_addr = 0x1234;
}

/** struct left - what a reset leaves */
struct left {
	uint64_t gpr7, cr6, acr1, fpr3, fpc, ckc, pp, gbea, token, psw_addr;
};

static struct left look(struct world *w)
{
	struct left l = {.psw_addr = w->run[0]->psw_addr};
	struct kvm_regs gprs;
	struct kvm_sregs srs;
	struct kvm_fpu fp;

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_REGS, &gprs));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_SREGS, &srs));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_FPU, &fp));
	assert_int_equal(0, one_reg(w, KVM_GET_ONE_REG, KVM_REG_S390_CLOCK_COMP, &l.ckc));
	assert_int_equal(0, one_reg(w, KVM_GET_ONE_REG, KVM_REG_S390_PP, &l.pp));
	assert_int_equal(0, one_reg(w, KVM_GET_ONE_REG, KVM_REG_S390_GBEA, &l.gbea));
	assert_int_equal(0, one_reg(w, KVM_GET_ONE_REG, KVM_REG_S390_PFTOKEN, &l.token));
	l.gpr7 = gprs.gprs[7];
	l.cr6 = srs.crs[6];
	l.acr1 = srs.acrs[1];
	l.fpr3 = fp.fprs[3];
	l.fpc = fp.fpc;
	return l;
}

static void inject_emergency(struct world *w)
{
	struct kvm_s390_irq irq = {.type = KVM_S390_INT_EMERGENCY, .u.emerg.code = 1};

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &irq));
}

static uint64_t pending(struct world *w)
{
	return atomic_load(&world_vcpu(w, 0)->arch.local_int.pending_irqs);
}

static void normal_reset(void **state)
{
	struct world *w = *state;
	struct left l;

	fill(w);
	inject_emergency(w);
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_S390_NORMAL_RESET, 0));
	l = look(w);
	assert_int_equal(0, pending(w));
	assert_int_equal(UINT64_MAX, l.token);
	assert_int_equal(0x1234, l.psw_addr);
	assert_int_equal(7, l.gpr7);
	assert_int_equal(0x1111111111111111, l.cr6);
	assert_int_equal(0x77, l.ckc);
}

static void initial_reset(void **state)
{
	struct world *w = *state;
	struct left l;

	fill(w);
	inject_emergency(w);
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_S390_INITIAL_RESET, 0));
	l = look(w);
	assert_int_equal(0, pending(w));
	assert_int_equal(0, l.psw_addr);
	assert_int_equal(0, l.cr6);
	assert_int_equal(0, l.ckc);
	assert_int_equal(0, l.pp);
	assert_int_equal(1, l.gbea);
	assert_int_equal(0, l.fpc);
	assert_int_equal(7, l.gpr7);
	assert_int_equal(3, l.fpr3);
	assert_int_equal(0x11111111, l.acr1);
}

static void clear_reset(void **state)
{
	struct world *w = *state;
	struct left l;

	fill(w);
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_S390_CLEAR_RESET, 0));
	l = look(w);
	assert_int_equal(0, l.gpr7);
	assert_int_equal(0, l.fpr3);
	assert_int_equal(0, l.acr1);
	assert_int_equal(0, w->run[0]->s.regs.gprs[7]);
}

static void store_status(void **state)
{
	struct world *w = *state;

	fill(w);
	w->mem[0xa3] = 0;
	assert_int_equal(
		0, cpu_ioctl_value(w, 0, KVM_S390_STORE_STATUS, KVM_S390_STORE_STATUS_NOADDR));
	assert_int_equal(1, w->mem[0xa3]);
	assert_int_equal(7, guest64(w, 0x1280 + 7 * 8));
	assert_int_equal(3, guest64(w, 0x1200 + 3 * 8));
	assert_int_equal(0x00080000, guest32(w, 0x131c));
	assert_int_equal(0x11111111, guest32(w, 0x1340 + 4));
	assert_int_equal(0x1111111111111111, guest64(w, 0x1380 + 6 * 8));
	/* At an address: nothing else is written */
	w->mem[0xa3] = 0;
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_S390_STORE_STATUS, 0x30000));
	assert_int_equal(7, guest64(w, 0x30080 + 7 * 8));
	assert_int_equal(0, w->mem[0xa3]);
	assert_int_equal(-EFAULT, cpu_ioctl_value(w, 0, KVM_S390_STORE_STATUS, WORLD_MEMORY));
}

static void store_status_prefixed(void **state)
{
	struct world *w = *state;

	fill(w);
	kvm_s390_set_prefix(world_vcpu(w, 0), 0x40000);
	assert_int_equal(
		0, cpu_ioctl_value(w, 0, KVM_S390_STORE_STATUS, KVM_S390_STORE_STATUS_PREFIXED));
	assert_int_equal(1, w->mem[0x400a3]);
	assert_int_equal(7, guest64(w, 0x41280 + 7 * 8));
	assert_int_equal(0x40000, guest32(w, 0x41318));
}

static void signal_mask(void **state)
{
	struct world *w = *state;
	struct {
		uint32_t len;
		uint8_t set[8];
	} mask = {8, {1}};

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_SIGNAL_MASK, &mask));
	assert_int_equal(1, world_vcpu(w, 0)->sigset & 0xff);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_SIGNAL_MASK, NULL));
	mask.len = 7;
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_SET_SIGNAL_MASK, &mask));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_SET_SIGNAL_MASK, NOWHERE));
}

static void enable_cap(void **state)
{
	struct world *w = *state;
	struct kvm_enable_cap cap = {.cap = KVM_CAP_S390_CSS_SUPPORT, .flags = 1};

	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_ENABLE_CAP, &cap));
	cap.flags = 0;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_ENABLE_CAP, &cap));
	assert_true(atomic_load(&w->kvm->arch.css_support));
	cap.cap = KVM_CAP_S390_IRQCHIP;
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_ENABLE_CAP, &cap));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_ENABLE_CAP, NOWHERE));
}

static void refused(void **state)
{
	struct world *w = *state;
	struct kvm_translation tr = {0};
	struct kvm_guest_debug dbg = {.control = KVM_GUESTDBG_ENABLE};

	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_TRANSLATE, &tr));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_TRANSLATE, NOWHERE));
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_SET_GUEST_DEBUG, &dbg));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_SET_GUEST_DEBUG, NOWHERE));
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, _IO(0xad, 0x80), NULL));
	assert_int_equal(-ENOTTY, cpu_ioctl(w, 0, _IO(KVMIO, 0xff), NULL));
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(regs),
		WORLD_TEST(sregs),
		WORLD_TEST(fpu),
		WORLD_TEST(one_regs),
		WORLD_TEST(mp_states),
		WORLD_TEST(initial_psw),
		WORLD_TEST(normal_reset),
		WORLD_TEST(initial_reset),
		WORLD_TEST(clear_reset),
		WORLD_TEST(store_status),
		WORLD_TEST(store_status_prefixed),
		WORLD_TEST(signal_mask),
		WORLD_TEST(enable_cap),
		WORLD_TEST(refused),
	};

	return cmocka_run_group_tests_name("kvm-cpu-ioctl", tests, NULL, NULL);
}
