// SPDX-License-Identifier: GPL-2.0-or-later
/* vCPUs of a protected VM: what their ioctls refuse and what they pass to the Ultravisor. */
#include "tests/unit/kvm/cpu_world.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "kvm/deliver.h"
#include "kvm/machine_state.h"
#include "kvm/vcpu.h"
#include "protvirt/uv.h"
#include "storage/inject.h"
#include "uv/state.h"

static long sida(struct world *w, uint32_t op, uint32_t offset, uint32_t size, void *buf)
{
	struct kvm_s390_mem_op mop = {
		.op = op, .sida_offset = offset, .size = size, .buf = (uintptr_t)buf};

	return cpu_ioctl(w, 0, KVM_S390_MEM_OP, &mop);
}

/* Scenario 62 */
static void sida_bounds(void **state)
{
	struct world *w = *state;
	static uint8_t in[4096], out[4096];
	struct kvm_s390_mem_op mop = {
		.op = KVM_S390_MEMOP_SIDA_READ, .size = 8, .flags = 1, .buf = (uintptr_t)out};

	memset(in, 0x3c, sizeof(in));
	assert_int_equal(0, pv_cmd(w, KVM_PV_ENABLE));
	assert_int_equal(0, sida(w, KVM_S390_MEMOP_SIDA_READ, 0, 4096, out));
	assert_int_equal(0, out[4095]);
	assert_int_equal(0, sida(w, KVM_S390_MEMOP_SIDA_WRITE, 4, 4092, in));
	assert_int_equal(0, sida(w, KVM_S390_MEMOP_SIDA_READ, 0, 4096, out));
	assert_int_equal(0, out[3]);
	assert_memory_equal(in, out + 4, 4092);
	assert_int_equal(-E2BIG, sida(w, KVM_S390_MEMOP_SIDA_WRITE, 5, 4092, in));
	assert_int_equal(-E2BIG, sida(w, KVM_S390_MEMOP_SIDA_READ, 4096, 1, out));
	assert_int_equal(-EINVAL, sida(w, KVM_S390_MEMOP_SIDA_READ, 0xffffffff, 2, out));
	assert_int_equal(-EINVAL, sida(w, KVM_S390_MEMOP_SIDA_READ, 0, 0, out));
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_S390_MEM_OP, &mop));
	assert_int_equal(-EFAULT, sida(w, KVM_S390_MEMOP_SIDA_READ, 0, 8, (void *)16));
	assert_int_equal(-EFAULT, sida(w, KVM_S390_MEMOP_SIDA_WRITE, 0, 8, (void *)16));
}

static long logical_read(struct world *w)
{
	uint64_t buf;
	struct kvm_s390_mem_op mop = {.size = 8, .buf = (uintptr_t)&buf};

	return cpu_ioctl(w, 0, KVM_S390_MEM_OP, &mop);
}

static long one_reg(struct world *w, unsigned int cmd)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = {KVM_REG_S390_CPU_TIMER, (uintptr_t)&value};

	return cpu_ioctl(w, 0, cmd, &reg);
}

/* Scenario 63, the vCPU's part */
static void refused_while_protected(void **state)
{
	struct world *w = *state;

	assert_int_equal(0, logical_read(w));
	assert_int_equal(0, pv_cmd(w, KVM_PV_ENABLE));
	assert_int_equal(-EINVAL, logical_read(w));
	assert_int_equal(-EINVAL, one_reg(w, KVM_GET_ONE_REG));
	assert_int_equal(-EINVAL, one_reg(w, KVM_SET_ONE_REG));
	assert_int_equal(0, pv_cmd(w, KVM_PV_ASYNC_CLEANUP_PREPARE));
	assert_int_equal(0, logical_read(w));
	assert_int_equal(0, one_reg(w, KVM_GET_ONE_REG));
	assert_int_equal(0, one_reg(w, KVM_SET_ONE_REG));
	assert_int_equal(0, pv_cmd(w, KVM_PV_ASYNC_CLEANUP_PERFORM));
}

/* Only what the host may set: condition code, CPU timer, clock comparator */
static void sync_of_protected_cpu(void **state)
{
	struct world *w = *state;
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);
	struct kvm_sync_regs *regs = &w->run[0]->s.regs;
	be64_t sidad;

	assert_int_equal(0, pv_cmd(w, KVM_PV_ENABLE));
	mutex_lock(&vcpu->mutex);
	sidad = vcpu->arch.sie_block->sidad;
	set_gpsw(vcpu, PSW_MASK_EXT, 0x1000);
	w->run[0]->psw_mask = UINT64_MAX & ~(1UL << 44);
	w->run[0]->psw_addr = 0x9999;
	regs->gbea = 0x4321;
	regs->todpr = 0x1111;
	regs->ckc = 0x5555;
	w->run[0]->kvm_dirty_regs = KVM_SYNC_ARCH0;
	sync_regs(vcpu);
	assert_int_equal(PSW_MASK_EXT | 2UL << 44, gpsw_mask(vcpu));
	assert_int_equal(0x1000, gpsw_addr(vcpu));
	assert_int_equal(be64_get(sidad), be64_get(vcpu->arch.sie_block->sidad));
	assert_int_equal(0, be32_get(vcpu->arch.sie_block->todpr));
	assert_int_equal(0x5555, be64_get(vcpu->arch.sie_block->ckc));
	/* The SIDA's address does not show */
	store_regs(vcpu);
	assert_int_equal(0x4321, regs->gbea);
	mutex_unlock(&vcpu->mutex);
}

/* ---- CPU states and resets: calls and their failure ---- */

static _Atomic uint32_t failing_cmd;
static _Atomic uint32_t last_cmd;
static atomic_bool no_table;

static bool fail_call(enum inject_point point, uint32_t detail, uint64_t subject,
		      struct inject_outcome *outcome)
{
	if (point == INJECT_ALLOC)
		return detail == ALLOC_TABLE && atomic_load(&no_table);
	if (point != INJECT_UVC)
		return false;
	atomic_store(&last_cmd, detail);
	if (detail != atomic_load(&failing_cmd))
		return false;
	/* The CPU goes all the same: a configuration that keeps one could never be destroyed */
	*outcome = (struct inject_outcome){
		.cc = 1, .rc = 0x102, .perform = detail == UVC_CMD_DESTROY_SEC_CPU};
	return true;
}

static int pv_setup(void **state)
{
	world_setup(state);
	assert_int_equal(0, pv_cmd(*state, KVM_PV_ENABLE));
	atomic_store(&failing_cmd, 0);
	atomic_store(&no_table, false);
	atomic_store(&last_cmd, 0);
	atomic_store(&inject_hook, fail_call);
	return 0;
}

static int pv_teardown(void **state)
{
	atomic_store(&inject_hook, NULL);
	return world_teardown(state);
}

/* PREPARE whose step behind the CPUs fails: this model's call, or, without one, the new table */
static void prepare_fails(struct world *w)
{
	const struct uv *uv = machine_uv(w->m);

	if (uv_has(uv, UV_FEATURE_CONDEMN))
		atomic_store(&failing_cmd, UVC_CMD_CONDEMN_SEC_CONF);
	else if (uv_has(uv, UV_FEATURE_DESTROY_FAST))
		atomic_store(&failing_cmd, UVC_CMD_DESTROY_SEC_CONF_FAST);
	atomic_store(&no_table, !atomic_load(&failing_cmd));
	assert_int_equal(atomic_load(&no_table) ? -ENOMEM : -EIO,
			 pv_cmd(w, KVM_PV_ASYNC_CLEANUP_PREPARE));
	atomic_store(&failing_cmd, 0);
	atomic_store(&no_table, false);
}

static void resets_call_ultravisor(void **state)
{
	struct world *w = *state;
	static const struct {
		unsigned int ioctl;
		uint16_t cmd;
	} rows[] = {
		{KVM_S390_NORMAL_RESET, UVC_CMD_CPU_RESET},
		{KVM_S390_INITIAL_RESET, UVC_CMD_CPU_RESET_INITIAL},
		{KVM_S390_CLEAR_RESET, UVC_CMD_CPU_RESET_CLEAR},
	};

	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(0, cpu_ioctl_value(w, 0, rows[i].ioctl, 0));
		assert_int_equal(rows[i].cmd, atomic_load(&last_cmd));
		atomic_store(&failing_cmd, rows[i].cmd);
		assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, rows[i].ioctl, 0));
		atomic_store(&failing_cmd, 0);
	}
}

/* Copies that are not the host's stay, among them the SIDA's address in gbea's place */
static void initial_reset_of_protected_cpu(void **state)
{
	struct world *w = *state;
	struct kvm_s390_sie_block *scb = world_vcpu(w, 0)->arch.sie_block;
	struct kvm_s390_sie_block before;

	scb->todpr = be32_make(0x1234);
	memset(scb->pp, 0x55, sizeof(scb->pp));
	scb->ckc = be64_make(1);
	before = *scb;
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_S390_INITIAL_RESET, 0));
	assert_int_equal(be64_get(before.sidad), be64_get(scb->sidad));
	assert_int_equal(0x1234, be32_get(scb->todpr));
	assert_memory_equal(before.pp, scb->pp, sizeof(before.pp));
	assert_int_equal(before.pv_handle_cpu.raw, scb->pv_handle_cpu.raw);
	assert_int_equal(SDF_FORMAT4, scb->sdf);
	assert_int_equal(0, be64_get(scb->ckc));
	assert_int_equal(0xe0, be64_get(scb->gcr[0]));
}

/* Interceptions without an instruction: who handles them (kvm-pv 1.11) */
static void interception_codes(void **state)
{
	static const struct {
		uint8_t code;
		int rc;
	} rows[] = {
		{ICPT_EXTREQ, 0},
		{ICPT_IOREQ, 0},
		{ICPT_MCHKREQ, 0},
		{ICPT_INT_ENABLE, 0},
		{ICPT_STOP, 0}, /* no order waits any more */
		{ICPT_KSS, 0},
		{ICPT_PROGI, -EOPNOTSUPP},
		{ICPT_WAIT, -EOPNOTSUPP}, /* disabled */
		{ICPT_EXTINT, -EOPNOTSUPP},
		{ICPT_VALIDITY, -EINVAL},
		{0xf4, -EOPNOTSUPP},
	};
	struct world *w = *state;
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);

	mutex_lock(&vcpu->mutex);
	set_gpsw(vcpu, 0, 0);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		vcpu->arch.sie_block->icptcode = rows[i].code;
		vcpu->arch.sie_block->eic = be16_make(0x1406);
		assert_int_equal(rows[i].rc, kvm_handle_sie_intercept(vcpu));
	}
	mutex_unlock(&vcpu->mutex);
}

static void states_call_ultravisor(void **state)
{
	struct world *w = *state;
	struct kvm_mp_state mp = {KVM_MP_STATE_OPERATING};

	atomic_store(&failing_cmd, UVC_CMD_CPU_SET_STATE);
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
	mp.mp_state = KVM_MP_STATE_LOAD;
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_MP_STATE, &mp));
	assert_int_equal(KVM_MP_STATE_STOPPED, mp.mp_state);
	atomic_store(&failing_cmd, 0);
	mp.mp_state = KVM_MP_STATE_OPERATING;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
	assert_int_equal(UVC_CMD_CPU_SET_STATE, atomic_load(&last_cmd));
	atomic_store(&failing_cmd, UVC_CMD_CPU_SET_STATE);
	mp.mp_state = KVM_MP_STATE_STOPPED;
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
	mp.mp_state = KVM_MP_STATE_CHECK_STOP;
	assert_int_equal(-ENXIO, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
}

/* Before VERIFY there is no PSW to load */
static void load_needs_verified_image(void **state)
{
	struct world *w = *state;
	struct kvm_mp_state mp = {KVM_MP_STATE_LOAD};

	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
}

/* Scenario 56: a failed PREPARE leaves a configuration without CPUs */
static void half_does_not_run(void **state)
{
	struct world *w = *state;
	struct kvm_mp_state mp = {KVM_MP_STATE_OPERATING};

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
	prepare_fails(w);
	world_code(w, NULL, 0);
	put_guest32(w, GUEST_CODE, 0x83000501);
	world_start(w, 0, 0);
	assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(0, pv_cmd(w, KVM_PV_DISABLE));
	world_start(w, 0, 0);
	expect_diag(w, 0, 0x501);
}

static void cpu_command(void **state)
{
	struct world *w = *state;
	struct kvm_pv_cmd cmd = {.cmd = KVM_PV_DUMP, .rc = 0x77, .flags = 1};

	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_S390_PV_CPU_COMMAND, &cmd));
	cmd.flags = 0;
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_S390_PV_CPU_COMMAND, &cmd));
	assert_int_equal(0x77, cmd.rc);
	cmd.cmd = KVM_PV_ENABLE;
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_S390_PV_CPU_COMMAND, &cmd));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_S390_PV_CPU_COMMAND, (void *)16));
}

/* No machine model takes a dump, so the call is refused; that is an answer too. */
static void cpu_dump_answers_in_rc_and_rrc(void **state)
{
	struct world *w = *state;
	struct kvm_s390_pv_dmp dmp = {
		.subcmd = KVM_PV_DUMP_CPU,
		.buff_len = w->kvm->machine->info.guest_cpu_stor_len,
	};
	struct kvm_pv_cmd cmd = {
		.cmd = KVM_PV_DUMP, .data = (uintptr_t)&dmp, .rc = 0x77, .rrc = 0x88};
	struct kvm_pv_cmd before = cmd;

	atomic_store(&w->kvm->arch.pv.dumping, true);
	assert_int_equal(-EINVAL, cpu_ioctl(w, 0, KVM_S390_PV_CPU_COMMAND, &cmd));
	assert_int_equal(0x102, cmd.rc); /* the Ultravisor knows of no dump */
	assert_int_equal(0, cmd.rrc);
	cmd.rc = before.rc;
	cmd.rrc = before.rrc;
	assert_memory_equal(&before, &cmd, sizeof(cmd));
	atomic_store(&w->kvm->arch.pv.dumping, false);
}

/* ---- interrupts ---- */

static void service(struct world *w, uint32_t parm)
{
	struct kvm_s390_interrupt irq = {.type = KVM_S390_INT_SERVICE, .parm = parm};

	assert_int_equal(0, vm_ioctl(w, KVM_S390_INTERRUPT, &irq));
}

/** deliver() - one round for CPU 0 that shows itself enabled. Return: iictl */
static uint8_t deliver(struct world *w)
{
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;

	mutex_lock(&vcpu->mutex);
	scb->iictl = 0;
	scb->eic = be16_make(0);
	scb->ckc = be64_make(UINT64_MAX);
	scb->gcr[0] = be64_make(0x62e0);
	scb->gcr[6] = be64_make(0xff000000);
	set_gpsw(vcpu, PSW_MASK_EXT | PSW_MASK_IO | PSW_MASK_MCHECK, 0);
	assert_int_equal(0, kvm_s390_deliver_pending_interrupts(vcpu));
	mutex_unlock(&vcpu->mutex);
	return scb->iictl;
}

static int notify(struct world *w, uint16_t ipa)
{
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);
	int rc;

	mutex_lock(&vcpu->mutex);
	vcpu->arch.sie_block->icptcode = ICPT_PV_NOTIFY;
	vcpu->arch.sie_block->ipa = be16_make(ipa);
	rc = kvm_handle_sie_intercept(vcpu);
	mutex_unlock(&vcpu->mutex);
	return rc;
}

static int timer_interception(struct world *w, uint64_t new_mask)
{
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);
	int rc;

	mutex_lock(&vcpu->mutex);
	vcpu->arch.sie_block->icptcode = ICPT_EXTINT;
	vcpu->arch.sie_block->eic = be16_make(EXT_IRQ_CLK_COMP);
	set_gpsw(vcpu, new_mask, 0);
	rc = kvm_handle_sie_intercept(vcpu);
	mutex_unlock(&vcpu->mutex);
	return rc;
}

/* The new PSW lies in secure storage. The Ultravisor shows it, and it alone says whether it loops.
 */
static void loop_is_seen_in_the_psw_that_is_shown(void **state)
{
	assert_int_equal(-EOPNOTSUPP, timer_interception(*state, PSW_MASK_EXT));
	assert_int_equal(0, timer_interception(*state, 0));
}

/* Scenario 64: masked from ENABLE on, once for each SERVC; events are never masked */
static void service_interrupt_masks(void **state)
{
	struct world *w = *state;
	struct kvm_s390_sie_block *scb = world_vcpu(w, 0)->arch.sie_block;

	service(w, 0x8000);
	assert_int_equal(IICTL_CODE_NONE, deliver(w));
	assert_int_equal(0, notify(w, 0xb220));
	assert_int_equal(IICTL_CODE_EXT, deliver(w));
	assert_int_equal(0x2401, be16_get(scb->eic));
	assert_int_not_equal(0, be32_get(scb->eiparams) & SCCB_MASK);
	assert_int_equal(IICTL_CODE_NONE, deliver(w));
	service(w, 0x9000 | 1);
	assert_int_equal(IICTL_CODE_EXT, deliver(w));
	assert_int_equal(3, be32_get(scb->eiparams));
	assert_int_equal(IICTL_CODE_NONE, deliver(w));
	/* An ordinary guest gets what waits */
	assert_int_equal(0, pv_cmd(w, KVM_PV_DISABLE));
	world_code(w, NULL, 0);
	world_set_cr(w, 0, 0, 0x2e0);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_MP_STATE,
				      &(struct kvm_mp_state){KVM_MP_STATE_OPERATING}));
	world_start(w, 0, PSW_MASK_EXT);
	expect_diag(w, 0, HANDLER_EXT);
	assert_int_equal(0x9000, guest32(w, 0x80));
}

static void masked_after_failures(void **state)
{
	struct world *w = *state;
	const _Atomic uint64_t *masked = &w->kvm->arch.float_int.masked_irqs;

	assert_int_not_equal(0, atomic_load(masked));
	/* Step 2 of PREPARE fails: still masked; a later step: unmasked */
	atomic_store(&failing_cmd, UVC_CMD_DESTROY_SEC_CPU);
	assert_int_equal(-EIO, pv_cmd(w, KVM_PV_ASYNC_CLEANUP_PREPARE));
	assert_int_not_equal(0, atomic_load(masked));
	atomic_store(&failing_cmd, 0);
	prepare_fails(w);
	assert_int_equal(0, atomic_load(masked));
	assert_int_equal(0, pv_cmd(w, KVM_PV_DISABLE));
	atomic_store(&failing_cmd, UVC_CMD_CREATE_SEC_CPU);
	assert_int_equal(-EIO, pv_cmd(w, KVM_PV_ENABLE));
	assert_int_equal(0, atomic_load(masked));
}

static void one_at_a_time(void **state)
{
	struct world *w = *state;
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	struct kvm_s390_irq emergency = {.type = KVM_S390_INT_EMERGENCY, .u.emerg.code = 2};
	struct kvm_s390_interrupt io = {0x30003, 0x00010003, 0x1100000000UL | 2 << 27};
	struct kvm_s390_irq restart = {.type = KVM_S390_RESTART};

	assert_int_equal(0, vm_ioctl(w, KVM_S390_INTERRUPT, &io));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &emergency));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &restart));
	assert_int_equal(IICTL_CODE_EXT, deliver(w));
	assert_int_equal(0x1201, be16_get(scb->eic));
	assert_int_equal(2, be16_get(scb->extcpuaddr));
	assert_int_equal(IICTL_CODE_IO, deliver(w));
	assert_int_equal(1, be16_get(scb->subchannel_id));
	assert_int_equal(3, be16_get(scb->subchannel_nr));
	assert_int_equal(0x11, be32_get(scb->io_int_parm));
	/* Not at an entry that completes an instruction */
	scb->icptcode = ICPT_PV_INSTR;
	assert_int_equal(IICTL_CODE_NONE, deliver(w));
	scb->icptcode = 0;
	assert_int_equal(IICTL_CODE_RESTART, deliver(w));
}

static void external_call_comes_once(void **state)
{
	struct world *w = *state;
	struct kvm_s390_sie_block *scb = world_vcpu(w, 0)->arch.sie_block;
	struct kvm_s390_irq call = {.type = KVM_S390_INT_EXTERNAL_CALL, .u.extcall.code = 1};

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &call));
	assert_int_equal(IICTL_CODE_EXT, deliver(w));
	assert_int_equal(0x1202, be16_get(scb->eic));
	assert_int_equal(1, be16_get(scb->extcpuaddr));
	assert_int_equal(IICTL_CODE_NONE, deliver(w));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &call));
}

static void only_two_program_interruptions(void **state)
{
	struct world *w = *state;
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);
	struct kvm_s390_irq pgm = {.type = KVM_S390_PROGRAM_INT, .u.pgm.code = 0x06};

	vcpu->arch.sie_block->icptcode = ICPT_PV_INSTR;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &pgm));
	assert_int_equal(IICTL_CODE_SPECIFICATION, deliver(w));
	pgm.u.pgm.code = 0x15;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &pgm));
	assert_int_equal(IICTL_CODE_OPERAND, deliver(w));
	pgm.u.pgm.code = 0x05;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &pgm));
	mutex_lock(&vcpu->mutex);
	vcpu->arch.sie_block->iictl = 0;
	assert_int_equal(-EINVAL, kvm_s390_deliver_irq(vcpu, IRQ_PEND_PROG));
	mutex_unlock(&vcpu->mutex);
}

/* What is stored for each class; the CPU's timers are levels that KVM finds by itself */
static void injection_fields(void **state)
{
	struct world *w = *state;
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	struct kvm_s390_irq mchk = {
		.type = KVM_S390_MCHK,
		.u.mchk = {.mcic = 0x8000000000000000,
			   .failing_storage_address = 0x5000,
			   .ext_damage_code = 0x77},
	};

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &mchk));
	assert_int_equal(IICTL_CODE_MCHK, deliver(w));
	assert_int_equal(0x8000000000000000, be64_get(scb->mcic));
	assert_int_equal(0x5000, be64_get(scb->faddr));
	assert_int_equal(0x77, be32_get(scb->edc));
	assert_int_equal(IICTL_CODE_NONE, deliver(w));
	mutex_lock(&vcpu->mutex);
	set_gpsw(vcpu, PSW_MASK_EXT, 0);
	scb->cputm = be64_make(0);
	scb->ckc = be64_make(0);
	scb->gcr[0] = be64_make(CR0_CLOCK_COMPARATOR_SUBMASK);
	assert_int_equal(0, kvm_s390_deliver_pending_interrupts(vcpu));
	assert_int_equal(IICTL_CODE_EXT, scb->iictl);
	assert_int_equal(0x1004, be16_get(scb->eic));
	scb->iictl = 0;
	scb->ckc = be64_make(UINT64_MAX);
	scb->cputm = be64_make(UINT64_MAX);
	scb->gcr[0] = be64_make(CR0_CPU_TIMER_SUBMASK);
	assert_int_equal(0, kvm_s390_deliver_pending_interrupts(vcpu));
	assert_int_equal(IICTL_CODE_EXT, scb->iictl);
	assert_int_equal(0x1005, be16_get(scb->eic));
	mutex_unlock(&vcpu->mutex);
}

/* The PSW shown after an interception 68 is masked; the guest may be one CR14 away from it */
static void machine_check_is_watched_for(void **state)
{
	struct world *w = *state;
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);
	struct kvm_s390_sie_block *scb = vcpu->arch.sie_block;
	struct kvm_s390_interrupt report = {KVM_S390_MCHK, 0x10000000, 0x00400f1d40330000};

	assert_int_equal(0, vm_ioctl(w, KVM_S390_INTERRUPT, &report));
	mutex_lock(&vcpu->mutex);
	scb->icptcode = ICPT_PV_INSTR;
	set_gpsw(vcpu, 0, 0);
	assert_int_equal(0, kvm_s390_deliver_pending_interrupts(vcpu));
	assert_int_equal(IICTL_CODE_NONE, scb->iictl);
	assert_int_equal(LCTL_CR14, be16_get(scb->lctl));
	assert_int_equal(ICTL_LPSW, be32_get(scb->ictl) & ICTL_LPSW);
	mutex_unlock(&vcpu->mutex);
}

/* While others keep it out of the engine, the CPU may not forget that its last exit was a 68 */
static void blocked_cpu_takes_no_restart(void **state)
{
	struct world *w = *state;
	struct kvm_s390_sie_block *scb = world_vcpu(w, 0)->arch.sie_block;
	struct kvm_mp_state mp = {KVM_MP_STATE_OPERATING};
	struct kvm_s390_irq restart = {.type = KVM_S390_RESTART};

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_S390_IRQ, &restart));
	scb->icptcode = ICPT_PV_INSTR;
	kvm_s390_vcpu_block_all(w->kvm);
	for (unsigned int i = 0; i < 2; i++) {
		direct_kick(w->t);
		assert_int_equal(-EINTR, cpu_ioctl_value(w, 0, KVM_RUN, 0));
		assert_int_equal(ICPT_PV_INSTR, scb->icptcode);
		assert_int_equal(IICTL_CODE_NONE, scb->iictl);
	}
	kvm_s390_vcpu_unblock_all(w->kvm);
}

/** struct waiter - a thread that waits as CPU 1 does, in an enabled wait */
struct waiter {
	struct world *w;
	int rc;
};

static void *wait_enabled(void *arg)
{
	struct waiter *waiter = arg;
	struct kvm_vcpu *vcpu = world_vcpu(waiter->w, 1);
	struct task *t = direct_task_start(waiter->w->mm);

	mutex_lock(&vcpu->mutex);
	pthread_mutex_lock(&vcpu->task_lock);
	vcpu->task = t;
	pthread_mutex_unlock(&vcpu->task_lock);
	atomic_store(&vcpu->requests, 0); /* as before every entry */
	vcpu->arch.sie_block->icptcode = ICPT_WAIT;
	vcpu->arch.sie_block->ckc = be64_make(UINT64_MAX);
	vcpu->arch.sie_block->gcr[0] = be64_make(CR0_SERVICE_SIGNAL_SUBMASK);
	set_gpsw(vcpu, PSW_MASK_WAIT | PSW_MASK_EXT, 0);
	waiter->rc = kvm_handle_sie_intercept(vcpu);
	pthread_mutex_lock(&vcpu->task_lock);
	vcpu->task = NULL;
	pthread_mutex_unlock(&vcpu->task_lock);
	mutex_unlock(&vcpu->mutex);
	direct_task_end(t);
	return NULL;
}

/* The signal is floating: the CPU that issues SERVC need not be the one that takes it */
static void service_call_wakes_who_waits(void **state)
{
	struct world *w = *state;
	struct waiter waiter = {.w = w};
	struct kvm_mp_state mp = {KVM_MP_STATE_OPERATING};
	pthread_t thread;

	assert_int_equal(0, cpu_ioctl(w, 1, KVM_SET_MP_STATE, &mp));
	service(w, 0x8000);
	assert_int_equal(0, pthread_create(&thread, NULL, wait_enabled, &waiter));
	while (!kvm_s390_test_cpuflags(world_vcpu(w, 1), CPUSTAT_WAIT))
		sched_yield();
	assert_int_equal(0, notify(w, 0xb220));
	assert_int_equal(0, pthread_join(thread, NULL));
	assert_int_equal(0, waiter.rc);
}

/* A notification of SIGP is emulated like the instruction; order in GR5, CPU in GR2 */
static void sigp_notification(void **state)
{
	struct world *w = *state;
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);

	vcpu->arch.sie_block->ipb = be32_make(0x50000000);
	vcpu->arch.state.gprs[5] = 3;
	vcpu->arch.state.gprs[2] = 1;
	assert_int_equal(0, notify(w, 0xae02));
	assert_int_equal(IRQ_BIT(IRQ_PEND_EXT_EMERGENCY),
			 atomic_load(&world_vcpu(w, 1)->arch.local_int.pending_irqs));
}

/* CLEAR_IRQS of a protected VM forgets what waits, but not that the service interrupt is masked */
static void flic_clear_keeps_mask(void **state)
{
	struct world *w = *state;
	const struct kvm_s390_float_interrupt *fi = &w->kvm->arch.float_int;
	struct kvm_create_device cd = {.type = KVM_DEV_TYPE_FLIC};
	struct kvm_device_attr clear = {.group = KVM_DEV_FLIC_CLEAR_IRQS};

	assert_int_equal(0, vm_ioctl(w, KVM_CREATE_DEVICE, &cd));
	service(w, 0x8000);
	assert_int_equal(0, direct_ioctl(w->t, (int)cd.fd, KVM_SET_DEVICE_ATTR, (uintptr_t)&clear));
	assert_int_equal(0, atomic_load(&fi->pending_irqs));
	assert_int_equal(IRQ_BIT(IRQ_PEND_EXT_SERVICE), atomic_load(&fi->masked_irqs));
	assert_int_equal(0, pv_cmd(w, KVM_PV_DISABLE));
	assert_int_equal(0, atomic_load(&fi->masked_irqs));
}

static void spx_notification(void **state)
{
	struct world *w = *state;
	be32_t prefix = be32_make(0x24000);

	assert_int_equal(0, sida(w, KVM_S390_MEMOP_SIDA_WRITE, 0, 4, &prefix));
	assert_int_equal(0, notify(w, 0xb210));
	assert_int_equal(0x24000, kvm_s390_get_prefix(world_vcpu(w, 0)));
}

/* Not VERIFYed: the entry is refused with a validity interception */
static void validity_ends_run(void **state)
{
	struct world *w = *state;
	struct kvm_mp_state mp = {KVM_MP_STATE_STOPPED};

	assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, KVM_RUN, 0)); /* stopped */
	mp.mp_state = KVM_MP_STATE_OPERATING;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_MP_STATE, &mp));
	/* A handle that names nothing */
	world_vcpu(w, 0)->arch.sie_block->pv_handle_cpu = be64_make(0x1234567);
	assert_int_equal(-EINVAL, cpu_ioctl_value(w, 0, KVM_RUN, 0));
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
#define PV_TEST(f)    cmocka_unit_test_setup_teardown(f, pv_setup, pv_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(sida_bounds),
		WORLD_TEST(refused_while_protected),
		WORLD_TEST(sync_of_protected_cpu),
		PV_TEST(resets_call_ultravisor),
		PV_TEST(initial_reset_of_protected_cpu),
		PV_TEST(interception_codes),
		PV_TEST(states_call_ultravisor),
		PV_TEST(load_needs_verified_image),
		PV_TEST(half_does_not_run),
		PV_TEST(cpu_command),
		PV_TEST(cpu_dump_answers_in_rc_and_rrc),
		PV_TEST(loop_is_seen_in_the_psw_that_is_shown),
		PV_TEST(service_interrupt_masks),
		PV_TEST(masked_after_failures),
		PV_TEST(one_at_a_time),
		PV_TEST(external_call_comes_once),
		PV_TEST(only_two_program_interruptions),
		PV_TEST(injection_fields),
		PV_TEST(machine_check_is_watched_for),
		PV_TEST(blocked_cpu_takes_no_restart),
		PV_TEST(service_call_wakes_who_waits),
		PV_TEST(sigp_notification),
		PV_TEST(flic_clear_keeps_mask),
		PV_TEST(spx_notification),
		PV_TEST(validity_ends_run),
	};

	return cmocka_run_group_tests_name("kvm-cpu-pv", tests, NULL, NULL);
}
