// SPDX-License-Identifier: GPL-2.0-or-later
/* Dumps of a protected guest through KVM's ioctls. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "crypto/dump_format.h"
#include "crypto/seal.h"
#include "kvm/machine_state.h"
#include "kvm/vcpu.h"
#include "tests/lifecycle/rig.h"

#define UNIT      0x1000UL /* storage state of 1 MiB */
#define FINAL_LEN 0x1000UL
#define CPU_LEN   0x1000UL
#define GUEST_MIB 2052UL /* from 0 to the end of the highest slot */
#define FLUSH_MIB 256UL  /* that KVM collects before it copies */
#define GUARD     64UL
#define FILL      0x5a

/* lghi %r1,3; lghi %r8,99; diag 0,0,0x500; lghi %r1,4; diag 0,0,0x500; brc 15,. */
static const uint8_t code[] = {0xa7, 0x19, 0x00, 0x03, 0xa7, 0x89, 0x00, 0x63,
			       0x83, 0x00, 0x05, 0x00, 0xa7, 0x19, 0x00, 0x04,
			       0x83, 0x00, 0x05, 0x00, 0xa7, 0xf4, 0x00, 0x00};

/**
 * struct dumped - a guest that may be dumped; CPU 0 has run to its first DIAG
 * @buff: room for storage state of the whole guest and a guard, filled with FILL
 */
struct dumped {
	struct rig r;
	struct se_image img;
	struct kvm_run *run;
	uint8_t *buff;
	size_t buff_len;
};

static long run_cpu(struct dumped *d)
{
	return direct_ioctl(d->r.v.t, d->r.v.vcpu[0], KVM_RUN, 0);
}

/* The next exit of the protected CPU is a DIAG 500 that shows @gpr1. */
static void expect_diag(struct dumped *d, uint64_t gpr1)
{
	assert_int_equal(0, run_cpu(d));
	assert_int_equal(KVM_EXIT_S390_SIEIC, d->run->exit_reason);
	assert_int_equal(ICPT_PV_INSTR, d->run->s390_sieic.icptcode);
	assert_int_equal(gpr1, d->run->s.regs.gprs[1]);
}

static void refill(struct dumped *d)
{
	memset(d->buff, FILL, d->buff_len);
}

static void setup_with(struct dumped *d, const char *model, uint64_t pcf)
{
	se_image_make(&d->img, 1, RIG_CODE, SE_PCF_NO_DECRYPT | pcf);
	memset(d->img.data[0], 0, PAGE_SIZE);
	memcpy(d->img.data[0], code, sizeof(code));
	se_image_hash(&d->img);
	se_image_seal(&d->img);
	rig_create(&d->r, model);
	d->run = rig_run_page(&d->r);
	assert_int_equal(0, vmm_pv(&d->r.v, KVM_PV_ENABLE));
	rig_load_image(&d->r, &d->img);
	expect_pv(&d->r.v, KVM_PV_VERIFY, 0, 1, 0);
	rig_operate(&d->r, KVM_MP_STATE_LOAD);
	rig_operate(&d->r, KVM_MP_STATE_OPERATING);
	expect_diag(d, 3);
	d->buff_len = GUEST_MIB * UNIT + GUARD;
	d->buff = malloc(d->buff_len);
	assert_non_null(d->buff);
	refill(d);
}

static void setup(struct dumped *d)
{
	setup_with(d, NULL, SE_PCF_DUMP);
}

static void finish(struct dumped *d)
{
	assert_int_equal(0, munmap(d->run, PAGE_SIZE));
	rig_destroy(&d->r);
	free(d->buff);
}

/* ---- commands ---- */

static long dump(struct dumped *d, uint64_t subcmd, struct kvm_s390_pv_dmp *dmp)
{
	dmp->subcmd = subcmd;
	return vmm_pv_data(&d->r.v, KVM_PV_DUMP, dmp);
}

static long dump_init(struct dumped *d)
{
	struct kvm_s390_pv_dmp dmp = {0};

	return dump(d, KVM_PV_DUMP_INIT, &dmp);
}

static long stor_state(struct dumped *d, uint64_t *gaddr, uint64_t len)
{
	struct kvm_s390_pv_dmp dmp = {
		.buff_addr = (uintptr_t)d->buff,
		.buff_len = len,
		.gaddr = *gaddr,
	};
	long ret = dump(d, KVM_PV_DUMP_CONFIG_STOR_STATE, &dmp);

	*gaddr = dmp.gaddr;
	return ret;
}

static long dump_complete(struct dumped *d, const void *buff, uint64_t len)
{
	struct kvm_s390_pv_dmp dmp = {.buff_addr = (uintptr_t)buff, .buff_len = len};

	return dump(d, KVM_PV_DUMP_COMPLETE, &dmp);
}

#define expect_answer(d, rc_, rrc_)                                                                \
	do {                                                                                       \
		assert_int_equal((rc_), (d)->r.v.rc);                                              \
		assert_int_equal((rrc_), (d)->r.v.rrc);                                            \
	} while (0)
#define expect_untouched(d) expect_answer(d, UNTOUCHED_RC, UNTOUCHED_RRC)

static void expect_filler(struct dumped *d, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		assert_int_equal(FILL, d->buff[i]);
}

/* Storage state of each MiB has been delivered: all first words say something. */
static void expect_states(struct dumped *d, size_t mib, size_t unit)
{
	for (size_t n = 0; n < mib; n++) {
		const struct pv_dump_page *pages = (const void *)(d->buff + n * unit);

		for (size_t i = 0; i < UNIT / sizeof(*pages); i++)
			assert_true(be32_get(pages[i].special) == PV_DUMP_SPECIAL ||
				    !pages[i].flags);
	}
}

/* ---- 57 ---- */

static void expect_blocked(struct dumped *d)
{
	assert_int_equal(-EINVAL, run_cpu(d));
}

static void scenario_57_disable_ends_dump(void **state)
{
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	expect_answer(&d, 1, 0);
	expect_blocked(&d);
	expect_pv(&d.r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_expect_load(&d.r, d.run, 0, 0x2000, 0);
	/* the next guest is not being dumped */
	assert_int_equal(0, vmm_pv(&d.r.v, KVM_PV_ENABLE));
	assert_int_equal(-EINVAL, dump_complete(&d, d.buff, FINAL_LEN));
	expect_untouched(&d);
	finish(&d);
}

static void scenario_57_prepare_ends_dump(void **state)
{
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	expect_blocked(&d);
	rig_prepare(&d.r);
	rig_expect_load(&d.r, d.run, 0, 0x2000, 0);
	expect_pv(&d.r.v, KVM_PV_ASYNC_CLEANUP_PERFORM, 0, 1, 0);
	finish(&d);
}

static void scenario_57_release_ends_dump(void **state)
{
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	expect_blocked(&d);
	finish(&d);
}

/* What no dump was begun for runs on, and what was completed too. */
static void refused_dump_blocks_nobody(void **state)
{
	struct dumped d;

	setup_with(&d, NULL, 0);
	assert_int_equal(1, direct_ioctl(d.r.v.t, d.r.v.kvm_fd, KVM_CHECK_EXTENSION,
					 KVM_CAP_S390_PROTECTED_DUMP));
	assert_int_equal(-EINVAL, dump_init(&d));
	expect_answer(&d, 0x101, 0);
	assert_int_equal(-EINVAL, dump_complete(&d, d.buff, FINAL_LEN));
	expect_untouched(&d);
	expect_diag(&d, 4);
	finish(&d);
}

static bool in_sie(struct kvm_vcpu *vcpu)
{
	bool in;

	pthread_mutex_lock(&vcpu->task_lock);
	in = vcpu->in_sie;
	pthread_mutex_unlock(&vcpu->task_lock);
	return in;
}

static void wait_for_sie(struct kvm_vcpu *vcpu)
{
	while (!in_sie(vcpu))
		sched_yield();
}

/* A CPU that loops in KVM_RUN stands still from INIT to COMPLETE and then goes on. */
static void cpu_in_kvm_run_is_blocked(void **state)
{
	struct kvm_vcpu *vcpu;
	struct runner runner;
	struct dumped d;

	setup(&d);
	vcpu = kvm_get_vcpu_by_id(d.r.v.kvm, 0);
	expect_diag(&d, 4);
	runner_start(&runner, &d.r);
	wait_for_sie(vcpu);
	assert_int_equal(0, dump_init(&d));
	assert_false(in_sie(vcpu));
	assert_int_equal(0, dump_complete(&d, d.buff, FINAL_LEN));
	wait_for_sie(vcpu);
	/* refused: it was blocked for that as well */
	fail_uvc(UVC_CMD_DUMP_INIT, 0, 1, 0x123, 4, false);
	assert_int_equal(-EINVAL, dump_init(&d));
	expect_answer(&d, 0x123, 4);
	wait_for_sie(vcpu);
	/* a signal ends its wait too */
	assert_int_equal(0, dump_init(&d));
	runner_kick_out(&runner);
	expect_blocked(&d);
	fail_clear();
	finish(&d);
}

/* ---- 58 ---- */

static void scenario_58_order(void **state)
{
	static const uint64_t unknown[] = {KVM_PV_DUMP_CPU, 4, UINT64_MAX};
	struct kvm_s390_pv_dmp dmp = {0};
	uint64_t gaddr = 0;
	struct dumped d;

	setup(&d);
	assert_int_equal(-EINVAL, stor_state(&d, &gaddr, UNIT));
	expect_untouched(&d);
	assert_int_equal(-EINVAL, dump_complete(&d, d.buff, FINAL_LEN));
	expect_untouched(&d);
	assert_int_equal(-EFAULT, vmm_pv_data(&d.r.v, KVM_PV_DUMP, (void *)8));
	expect_untouched(&d);
	for (int dumping = 0; dumping < 2; dumping++) {
		for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
			assert_int_equal(-ENOTTY, dump(&d, unknown[i], &dmp));
			expect_untouched(&d);
		}
		assert_int_equal(dumping ? -EINVAL : 0, dump_init(&d));
	}
	expect_untouched(&d);
	/* twice is no harm */
	assert_int_equal(0, stor_state(&d, &gaddr, UNIT));
	finish(&d);
}

static void scenario_58_stor_state_refused(void **state)
{
	static const uint64_t bad_gaddr[] = {1, PAGE_SIZE, MIB - 1, MIB / 2, MIB + 8};
	static const uint64_t bad_len[] = {0, 1, UNIT - 1, UNIT + 1, UNIT * 3 / 2};
	uint64_t gaddr;
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	uvc_reset();
	for (size_t i = 0; i < 5; i++) {
		gaddr = bad_gaddr[i];
		assert_int_equal(-EINVAL, stor_state(&d, &gaddr, UNIT));
		assert_int_equal(bad_gaddr[i], gaddr);
		expect_answer(&d, 0, 0);
		gaddr = MIB;
		assert_int_equal(-EINVAL, stor_state(&d, &gaddr, bad_len[i]));
		assert_int_equal(MIB, gaddr);
		expect_answer(&d, 0, 0);
	}
	gaddr = 0;
	fail_alloc(ALLOC_PAGE, 0, 1);
	assert_int_equal(-ENOMEM, stor_state(&d, &gaddr, UNIT));
	expect_answer(&d, 0, 0);
	fail_clear();
	assert_int_equal(0, uvc_count(UVC_CMD_DUMP_CONF_STOR_STATE));
	/* the Ultravisor knows where the guest ends */
	gaddr = GUEST_MIB * MIB;
	assert_int_equal(-EINVAL, stor_state(&d, &gaddr, UNIT));
	expect_answer(&d, 0x104, 0);
	expect_filler(&d, 0, d.buff_len);
	finish(&d);
}

static void scenario_58_stor_state_bad_buffer(void **state)
{
	struct kvm_s390_pv_dmp dmp = {.buff_addr = 8, .buff_len = 2 * UNIT, .gaddr = MIB};
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	assert_int_equal(-EFAULT, dump(&d, KVM_PV_DUMP_CONFIG_STOR_STATE, &dmp));
	expect_answer(&d, 1, 0);
	assert_int_equal(MIB, dmp.gaddr);
	/* the dump goes on */
	dmp.buff_addr = (uintptr_t)d.buff;
	assert_int_equal(0, dump(&d, KVM_PV_DUMP_CONFIG_STOR_STATE, &dmp));
	assert_int_equal(3 * MIB, dmp.gaddr);
	expect_filler(&d, 2 * UNIT, d.buff_len);
	finish(&d);
}

static void scenario_58_stor_state_delivers(void **state)
{
	const struct pv_dump_page *pages;
	uint64_t gaddr = 0;
	struct dumped d;

	setup(&d);
	pages = (const void *)d.buff;
	assert_int_equal(0, dump_init(&d));
	assert_int_equal(0, stor_state(&d, &gaddr, 4 * UNIT));
	expect_answer(&d, 1, 0);
	assert_int_equal(4 * MIB, gaddr);
	expect_filler(&d, 4 * UNIT, d.buff_len);
	expect_states(&d, 4, UNIT);
	/* the code is secure, most of the guest was never there */
	assert_int_not_equal(PV_DUMP_SPECIAL, be32_get(pages[RIG_CODE / PAGE_SIZE].special));
	assert_int_equal(PV_DUMP_SPECIAL, be32_get(pages[3 * MIB / PAGE_SIZE].special));
	assert_int_equal(PV_DUMP_ZERO, pages[3 * MIB / PAGE_SIZE].flags);
	/* all of it, in several copies */
	refill(&d);
	gaddr = 0;
	assert_int_equal(0, stor_state(&d, &gaddr, GUEST_MIB * UNIT));
	assert_int_equal(GUEST_MIB * MIB, gaddr);
	expect_states(&d, GUEST_MIB, UNIT);
	expect_filler(&d, GUEST_MIB * UNIT, d.buff_len);
	finish(&d);
}

/* What was not copied yet is lost; the address says where to go on. */
static void scenario_58_stor_state_fails_at_mib(void **state)
{
	static const uint32_t fails_at[] = {0, 1, 99, FLUSH_MIB - 1, FLUSH_MIB, FLUSH_MIB + 1, 299};
	const uint64_t mib = 300;
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	for (size_t i = 0; i < sizeof(fails_at) / sizeof(fails_at[0]); i++) {
		uint64_t delivered = fails_at[i] < FLUSH_MIB ? 0 : FLUSH_MIB;
		uint64_t gaddr = MIB;

		refill(&d);
		fail_uvc(UVC_CMD_DUMP_CONF_STOR_STATE, fails_at[i], 1, 0x1ff, 7, false);
		assert_int_equal(-EINVAL, stor_state(&d, &gaddr, mib * UNIT));
		expect_answer(&d, 0x1ff, 7);
		assert_int_equal((1 + delivered) * MIB, gaddr);
		expect_states(&d, delivered, UNIT);
		expect_filler(&d, delivered * UNIT, d.buff_len);
		fail_clear();
		assert_int_equal(0, stor_state(&d, &gaddr, (mib - delivered) * UNIT));
		assert_int_equal((1 + mib) * MIB, gaddr);
	}
	finish(&d);
}

/* A unit that does not divide what KVM collects, and one that is larger than that. */
static void scenario_58_odd_units(void **state)
{
	static const uint64_t units[] = {0x1800, 0x180000};
	static const uint64_t mibs[] = {400, 3};
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	for (size_t i = 0; i < 2; i++) {
		uint64_t gaddr = 0;

		refill(&d);
		uvc_reset();
		d.r.v.kvm->machine->info.conf_dump_storage_state_len = units[i];
		assert_int_equal(-EINVAL, stor_state(&d, &gaddr, UNIT));
		assert_int_equal(0, stor_state(&d, &gaddr, mibs[i] * units[i]));
		assert_int_equal(mibs[i] * MIB, gaddr);
		assert_int_equal(mibs[i], uvc_count(UVC_CMD_DUMP_CONF_STOR_STATE));
		expect_states(&d, mibs[i], units[i]);
		expect_filler(&d, mibs[i] * units[i], d.buff_len);
	}
	finish(&d);
}

static void scenario_58_complete(void **state)
{
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	assert_int_equal(-EINVAL, dump_complete(&d, d.buff, 0));
	expect_untouched(&d);
	assert_int_equal(-EINVAL, dump_complete(&d, d.buff, FINAL_LEN - 1));
	expect_untouched(&d);
	fail_alloc(ALLOC_PAGE, 0, 1);
	assert_int_equal(-ENOMEM, dump_complete(&d, d.buff, FINAL_LEN));
	expect_untouched(&d);
	fail_clear();
	fail_uvc(UVC_CMD_DUMP_COMPLETE, 0, 1, 0x1fe, 9, false);
	assert_int_equal(-EINVAL, dump_complete(&d, d.buff, FINAL_LEN));
	expect_answer(&d, 0x1fe, 9);
	fail_clear();
	expect_blocked(&d);
	expect_filler(&d, 0, d.buff_len);
	/* a larger buffer is no reason to write more */
	assert_int_equal(0, dump_complete(&d, d.buff, 2 * FINAL_LEN));
	expect_answer(&d, 1, 0);
	expect_filler(&d, FINAL_LEN, d.buff_len);
	expect_diag(&d, 4);
	finish(&d);
}

/* The Ultravisor has ended the dump: the data is lost, and the guest runs on. */
static void scenario_58_complete_to_a_bad_address(void **state)
{
	struct dumped d;

	setup(&d);
	assert_int_equal(0, dump_init(&d));
	assert_int_equal(-EFAULT, dump_complete(&d, (void *)8, FINAL_LEN));
	expect_answer(&d, 1, 0);
	assert_int_equal(-EINVAL, dump_complete(&d, d.buff, FINAL_LEN));
	expect_diag(&d, 4);
	assert_int_equal(0, dump_init(&d));
	assert_int_equal(0, dump_complete(&d, d.buff, FINAL_LEN));
	finish(&d);
}

/* ---- 59 ---- */

/* Return: of the ioctl; @rc and @rrc tell what stands in bytes 4..7, the rest is unchanged */
static long cpu_command(struct dumped *d, const struct kvm_s390_pv_dmp *dmp, uint16_t *rc,
			uint16_t *rrc)
{
	union {
		struct kvm_pv_cmd cmd;
		uint8_t bytes[sizeof(struct kvm_pv_cmd)];
	} u = {.cmd = {.cmd = KVM_PV_DUMP,
		       .rc = UNTOUCHED_RC,
		       .rrc = UNTOUCHED_RRC,
		       .data = (uintptr_t)dmp,
		       .reserved = {1, 2, 3}}},
	  before = u;
	long ret =
		direct_ioctl(d->r.v.t, d->r.v.vcpu[0], KVM_S390_PV_CPU_COMMAND, (uintptr_t)&u.cmd);

	memcpy(rc, &u.bytes[4], 2);
	memcpy(rrc, &u.bytes[6], 2);
	assert_memory_equal(&before.bytes[0], &u.bytes[0], 4);
	assert_memory_equal(&before.bytes[8], &u.bytes[8], sizeof(u) - 8);
	return ret;
}

#define expect_cpu_command(d, dmp, ret, rc_, rrc_)                                                 \
	do {                                                                                       \
		uint16_t rc__, rrc__;                                                              \
		assert_int_equal((ret), cpu_command((d), (dmp), &rc__, &rrc__));                   \
		assert_int_equal((rc_), rc__);                                                     \
		assert_int_equal((rrc_), rrc__);                                                   \
	} while (0)

static void scenario_59_cpu_command_argument(void **state)
{
	struct kvm_s390_pv_dmp dmp = {.subcmd = KVM_PV_DUMP_CPU, .buff_len = CPU_LEN};
	struct dumped d;

	setup(&d);
	dmp.buff_addr = (uintptr_t)d.buff;
	expect_cpu_command(&d, &dmp, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_int_equal(0, dump_init(&d));
	expect_cpu_command(&d, &dmp, 0, 1, 0);
	expect_filler(&d, CPU_LEN, d.buff_len);
	refill(&d);
	fail_uvc(UVC_CMD_DUMP_CPU, 0, 1, 0x1abc, 0x5678, false);
	expect_cpu_command(&d, &dmp, -EINVAL, 0x1abc, 0x5678);
	fail_clear();
	expect_filler(&d, 0, d.buff_len);
	/* the data could not be copied, but the Ultravisor has answered */
	dmp.buff_addr = 8;
	expect_cpu_command(&d, &dmp, -EFAULT, 1, 0);
	finish(&d);
}

static void scenario_59_cpu_command_refused(void **state)
{
	static const uint64_t bad_len[] = {0, CPU_LEN - 1, CPU_LEN + 1, 2 * CPU_LEN, 1568};
	struct kvm_s390_pv_dmp dmp = {.subcmd = KVM_PV_DUMP_CPU, .buff_len = CPU_LEN};
	struct kvm_pv_cmd flags = {.cmd = KVM_PV_DUMP, .flags = 1}, other = {.cmd = KVM_PV_INFO};
	struct dumped d;

	setup(&d);
	dmp.buff_addr = (uintptr_t)d.buff;
	assert_int_equal(0, dump_init(&d));
	uvc_reset();
	assert_int_equal(-EINVAL, direct_ioctl(d.r.v.t, d.r.v.vcpu[0], KVM_S390_PV_CPU_COMMAND,
					       (uintptr_t)&flags));
	assert_int_equal(-EINVAL, direct_ioctl(d.r.v.t, d.r.v.vcpu[0], KVM_S390_PV_CPU_COMMAND,
					       (uintptr_t)&other));
	assert_int_equal(-EFAULT, direct_ioctl(d.r.v.t, d.r.v.vcpu[0], KVM_S390_PV_CPU_COMMAND, 8));
	expect_cpu_command(&d, (void *)8, -EFAULT, UNTOUCHED_RC, UNTOUCHED_RRC);
	for (uint64_t subcmd = 0; subcmd < KVM_PV_DUMP_CPU; subcmd++) {
		dmp.subcmd = subcmd;
		expect_cpu_command(&d, &dmp, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	}
	dmp.subcmd = KVM_PV_DUMP_CPU;
	for (size_t i = 0; i < sizeof(bad_len) / sizeof(bad_len[0]); i++) {
		dmp.buff_len = bad_len[i];
		expect_cpu_command(&d, &dmp, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	}
	dmp.buff_len = CPU_LEN;
	fail_alloc(ALLOC_PAGE, 0, 1);
	expect_cpu_command(&d, &dmp, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
	fail_clear();
	/* the CPUs are gone, the configuration is not: still dumping, but nothing to tell */
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, 0x1f0, 0, false);
	assert_int_equal(-EIO, vmm_pv(&d.r.v, KVM_PV_DISABLE));
	fail_clear();
	expect_cpu_command(&d, &dmp, -EINVAL, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_int_equal(0, uvc_count(UVC_CMD_DUMP_CPU));
	expect_filler(&d, 0, d.buff_len);
	expect_pv(&d.r.v, KVM_PV_DISABLE, 0, 1, 0);
	finish(&d);
}

/* ---- 33 ---- */

static long step_init(struct dumped *d)
{
	return dump_init(d);
}

static long step_cpu(struct dumped *d)
{
	struct kvm_s390_pv_dmp dmp = {
		.subcmd = KVM_PV_DUMP_CPU, .buff_addr = (uintptr_t)d->buff, .buff_len = CPU_LEN};
	uint16_t rc, rrc;

	return cpu_command(d, &dmp, &rc, &rrc);
}

static long step_states(struct dumped *d)
{
	uint64_t gaddr = 0;

	return stor_state(d, &gaddr, 2 * UNIT);
}

static long step_complete(struct dumped *d)
{
	return dump_complete(d, d->buff, FINAL_LEN);
}

/* Nothing is lost by it: the same step works when there is memory again. */
static void scenario_33_each_allocation_of_a_dump_fails(void **state)
{
	static long (*const steps[])(struct dumped * d) = {step_init, step_cpu, step_states,
							   step_complete};
	uint32_t failed = 0;
	struct dumped d;

	setup(&d);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint32_t n = 0, hits;

		do {
			long ret;

			fail_any_alloc(n++);
			ret = steps[i](&d);
			hits = fail_hits();
			fail_clear();
			assert_int_equal(hits ? -ENOMEM : 0, ret);
			failed += hits;
		} while (hits);
	}
	assert_in_range(failed, 3, 100);
	expect_diag(&d, 4);
	finish(&d);
}

/* What came out, opened with the communication key. */
static void registers_of_the_guest(void **state)
{
	struct kvm_s390_pv_dmp dmp = {.subcmd = KVM_PV_DUMP_CPU, .buff_len = CPU_LEN};
	struct pv_dump_completion *completion;
	uint8_t key[SE_KEY_LEN];
	struct pv_dump_cpu cpu;
	struct dumped d;

	setup(&d);
	dmp.buff_addr = (uintptr_t)d.buff;
	assert_int_equal(0, dump_init(&d));
	expect_cpu_command(&d, &dmp, 0, 1, 0);
	memcpy(&cpu, d.buff, sizeof(cpu));
	assert_int_equal(0, dump_complete(&d, d.buff, FINAL_LEN));
	completion = (struct pv_dump_completion *)d.buff;
	assert_int_equal(0, seal_dump_key(d.img.area.cck, completion->seed, key));
	assert_int_equal(0, seal_gcm_decrypt(key, cpu.iv, &cpu, offsetof(struct pv_dump_cpu, gprs),
					     cpu.gprs, 1520, cpu.gprs, cpu.tag));
	assert_int_equal(3, be64_get(cpu.gprs[1]));
	assert_int_equal(99, be64_get(cpu.gprs[8]));
	assert_int_equal(0x180000000, be64_get(cpu.psw_mask));
	assert_in_range(be64_get(cpu.psw_addr), RIG_CODE, RIG_CODE + sizeof(code));
	/* it stands at a DIAG that the host has not answered */
	assert_int_equal(PV_DUMP_CPU_EMULATED, be16_get(cpu.flags));
	finish(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenario_57_disable_ends_dump),
		cmocka_unit_test(scenario_57_prepare_ends_dump),
		cmocka_unit_test(scenario_57_release_ends_dump),
		cmocka_unit_test(refused_dump_blocks_nobody),
		cmocka_unit_test(cpu_in_kvm_run_is_blocked),
		cmocka_unit_test(scenario_58_order),
		cmocka_unit_test(scenario_58_stor_state_refused),
		cmocka_unit_test(scenario_58_stor_state_bad_buffer),
		cmocka_unit_test(scenario_58_stor_state_delivers),
		cmocka_unit_test(scenario_58_stor_state_fails_at_mib),
		cmocka_unit_test(scenario_58_odd_units),
		cmocka_unit_test(scenario_58_complete),
		cmocka_unit_test(scenario_58_complete_to_a_bad_address),
		cmocka_unit_test(scenario_59_cpu_command_argument),
		cmocka_unit_test(scenario_59_cpu_command_refused),
		cmocka_unit_test(scenario_33_each_allocation_of_a_dump_fails),
		cmocka_unit_test(registers_of_the_guest),
	};

	return cmocka_run_group_tests_name("lifecycle-dump", tests, NULL, NULL);
}
