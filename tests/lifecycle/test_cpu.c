// SPDX-License-Identifier: GPL-2.0-or-later
/* A protected CPU in KVM_RUN: what leaves, what comes back, how it is interrupted. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "host/mm_state.h"
#include "kvm/vcpu.h"
#include "protvirt/uv.h"
#include "storage/inject.h"
#include "tests/lifecycle/rig.h"
#include "tests/unit/uv/se_image.h"

#define CODE 0x10000UL

/**
 * struct pv_run - a verified image with the test's code, CPU 0 about to start
 */
struct pv_run {
	struct rig r;
	struct se_image img;
	struct kvm_run *run;
};

static void put64(uint8_t *page, unsigned int offset, uint64_t value)
{
	be64_t raw = be64_make(value);

	memcpy(page + offset, &raw, sizeof(raw));
}

/** make_image() - code at 0; at 100: CR0, at 110: external new PSW, at 120: wait PSW; handler 200
 */
static void make_image(struct se_image *img, const void *code, size_t len)
{
	/* lghi %r1,5; diag 0,0,0x500 */
	static const uint8_t handler[] = {0xa7, 0x19, 0x00, 0x05, 0x83, 0x00, 0x05, 0x00};
	uint8_t *page = img->data[0];

	se_image_make(img, 1, CODE, SE_PCF_NO_DECRYPT);
	memset(page, 0, PAGE_SIZE);
	memcpy(page, code, len);
	put64(page, 0x100, 0x62e0);
	put64(page, 0x110, 0x180000000);
	put64(page, 0x118, CODE + 0x200);
	put64(page, 0x120, 0x180000000 | PSW_MASK_WAIT | PSW_MASK_EXT);
	put64(page, 0x128, CODE + 0x300);
	memcpy(page + 0x200, handler, sizeof(handler));
	se_image_hash(img);
	se_image_seal(img);
}

static long cpu_ioctl(struct pv_run *p, unsigned int cmd, void *arg)
{
	return direct_ioctl(p->r.v.t, p->r.v.vcpu[0], cmd, (uintptr_t)arg);
}

static void set_mp_state(struct pv_run *p, uint32_t state)
{
	struct kvm_mp_state mp = {state};

	assert_int_equal(0, cpu_ioctl(p, KVM_SET_MP_STATE, &mp));
}

static void start(struct pv_run *p, const void *code, size_t len)
{
	struct vmm *v = &p->r.v;
	struct kvm_s390_pv_sec_parm parms = {.origin = (uintptr_t)p->img.header};
	struct kvm_s390_pv_unp unp = {.addr = CODE, .size = PAGE_SIZE, .tweak = SE_IMAGE_PREFIX};

	rig_create(&p->r, NULL);
	make_image(&p->img, code, len);
	parms.length = p->img.len;
	p->run = direct_mmap(v->mm, 4096, v->vcpu[0], 0);
	assert_ptr_not_equal(MAP_FAILED, p->run);
	assert_int_equal(0, vmm_pv(v, KVM_PV_ENABLE));
	memcpy(p->r.low + CODE, p->img.data[0], PAGE_SIZE);
	assert_int_equal(0, vmm_pv_data(v, KVM_PV_SET_SEC_PARMS, &parms));
	assert_int_equal(0, vmm_pv_data(v, KVM_PV_UNPACK, &unp));
	assert_int_equal(0, vmm_pv(v, KVM_PV_VERIFY));
	set_mp_state(p, KVM_MP_STATE_LOAD);
	set_mp_state(p, KVM_MP_STATE_OPERATING);
}

static void finish(struct pv_run *p)
{
	munmap(p->run, 4096);
	rig_destroy(&p->r);
}

/** expect_diag500() - the next exit is a DIAG 500 that shows @gpr1 */
static void expect_diag500(struct pv_run *p, uint64_t gpr1)
{
	assert_int_equal(0, cpu_ioctl(p, KVM_RUN, NULL));
	assert_int_equal(KVM_EXIT_S390_SIEIC, p->run->exit_reason);
	assert_int_equal(ICPT_PV_INSTR, p->run->s390_sieic.icptcode);
	assert_int_equal(0x8302, p->run->s390_sieic.ipa);
	assert_int_equal(0x50000000, p->run->s390_sieic.ipb);
	assert_int_equal(0x500, p->run->s.regs.gprs[5]);
	assert_int_equal(gpr1, p->run->s.regs.gprs[1]);
}

/* Only what the instruction needs is shown, only its result is taken */
static void diag_answers(void **state)
{
	static const uint8_t code[] = {
		0xa7, 0x19, 0x00, 0x03, /* lghi %r1,3 */
		0xa7, 0x89, 0x00, 0x63, /* lghi %r8,99 */
		0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
		0xb9, 0x04, 0x00, 0x12, /* lgr %r1,%r2 */
		0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
		0xb9, 0x04, 0x00, 0x18, /* lgr %r1,%r8 */
		0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
	};
	struct pv_run p;

	start(&p, code, sizeof(code));
	expect_diag500(&p, 3);
	assert_int_equal(0, p.run->s.regs.gprs[8]);
	assert_int_equal(0, p.run->psw_addr);
	p.run->s.regs.gprs[2] = 0x77;
	p.run->s.regs.gprs[8] = 0x88;
	p.run->kvm_dirty_regs = KVM_SYNC_GPRS;
	expect_diag500(&p, 0x77);
	expect_diag500(&p, 99);
	finish(&p);
}

/* The VMM refuses: the guest gets a specification exception, whose new PSW is not valid */
static void diag_refused(void **state)
{
	static const uint8_t code[] = {
		0x0d, 0x90,                         /* basr %r9,0 */
		0xd2, 0x0f, 0x01, 0xd0, 0x91, 0x0e, /* mvc 0x1d0(16),0x10e(%r9) */
		0x83, 0x00, 0x05, 0x00,             /* diag 0,0,0x500 */
	};
	struct kvm_s390_irq irq = {.type = KVM_S390_PROGRAM_INT, .u.pgm.code = PGM_SPECIFICATION};
	struct pv_run p;

	start(&p, code, sizeof(code));
	expect_diag500(&p, 0);
	assert_int_equal(0, cpu_ioctl(&p, KVM_S390_IRQ, &irq));
	expect_diag500(&p, 5);
	finish(&p);
}

/* SIGP sense of itself, STSI: answered inside */
static void sigp_and_stsi(void **state)
{
	static const uint8_t code[] = {
		0xa7, 0x19, 0x00, 0x07, /* lghi %r1,7 */
		0xa7, 0x79, 0x00, 0x00, /* lghi %r7,0 */
		0xae, 0x67, 0x00, 0x01, /* sigp %r6,%r7,1 */
		0xa7, 0x74, 0x00, 0x0e, /* jne to the end */
		0xa7, 0x09, 0x00, 0x00, /* lghi %r0,0 */
		0xa7, 0x19, 0x00, 0x00, /* lghi %r1,0 */
		0xb2, 0x7d, 0x00, 0x00, /* stsi 0 */
		0xa7, 0x74, 0x00, 0x06, /* jne to the end */
		0xb9, 0x04, 0x00, 0x10, /* lgr %r1,%r0 */
		0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
		0x00, 0x00, 0x00, 0x00, 0x83, 0x00, 0x05, 0x00,
	};
	struct pv_run p;

	start(&p, code, sizeof(code));
	expect_diag500(&p, 0x30000000);
	finish(&p);
}

/** code_wait - CR0, external new PSW, then an enabled wait */
static const uint8_t code_wait[] = {
	0x0d, 0x90,                         /* basr %r9,0 */
	0xeb, 0x00, 0x90, 0xfe, 0x00, 0x2f, /* lctlg %c0,%c0,0xfe(%r9) */
	0xd2, 0x0f, 0x01, 0xb0, 0x91, 0x0e, /* mvc 0x1b0(16),0x10e(%r9) */
	0xb2, 0xb2, 0x91, 0x1e,             /* lpswe 0x11e(%r9) */
};

static void *send_emergency(void *arg)
{
	struct pv_run *p = arg;
	struct vmm *v = &p->r.v;
	struct kvm_s390_irq irq = {.type = KVM_S390_INT_EMERGENCY, .u.emerg.code = 1};
	struct task *t = direct_task_start(v->mm);

	while (!kvm_s390_test_cpuflags(atomic_load(&v->kvm->vcpus[0]), CPUSTAT_WAIT))
		sched_yield();
	direct_ioctl(t, v->vcpu[0], KVM_S390_IRQ, (uintptr_t)&irq);
	direct_task_end(t);
	return NULL;
}

static void wait_ends_with_emergency_signal(void **state)
{
	struct pv_run p;
	pthread_t thread;

	start(&p, code_wait, sizeof(code_wait));
	assert_int_equal(0, pthread_create(&thread, NULL, send_emergency, &p));
	expect_diag500(&p, 5);
	assert_int_equal(0, pthread_join(thread, NULL));
	finish(&p);
}

static void kick_ends_wait(void **state)
{
	struct pv_run p;

	start(&p, code_wait, sizeof(code_wait));
	direct_kick(p.r.v.t);
	assert_int_equal(-EINTR, cpu_ioctl(&p, KVM_RUN, NULL));
	assert_int_equal(KVM_EXIT_INTR, p.run->exit_reason);
	finish(&p);
}

/* Stopped by the VMM, and started again, it goes on where it was */
static void stop_and_start(void **state)
{
	static const uint8_t code[] = {
		0xa7, 0x19, 0x00, 0x03, /* lghi %r1,3 */
		0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
		0xa7, 0x19, 0x00, 0x04, /* lghi %r1,4 */
		0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
	};
	struct pv_run p;

	start(&p, code, sizeof(code));
	expect_diag500(&p, 3);
	set_mp_state(&p, KVM_MP_STATE_STOPPED);
	assert_int_equal(-EINVAL, cpu_ioctl(&p, KVM_RUN, NULL));
	set_mp_state(&p, KVM_MP_STATE_OPERATING);
	expect_diag500(&p, 4);
	finish(&p);
}

/* ---- decoded code ends with its page ---- */

#define HANDLER (CODE + 0x1000)
#define SHARED  (CODE + 0x2000)

/** loop_code - DIAG 500 again and again, from the same operations */
static const uint8_t loop_code[] = {
	0xa7, 0x19, 0x00, 0x03, /* lghi %r1,3 */
	0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
	0xa7, 0xf4, 0xff, 0xfc, /* j to lghi */
};

/** expect_ordinary() - CPU 0, ordinary now, runs at CODE and leaves with DIAG 501. Return: GR1 */
static uint64_t expect_ordinary(struct pv_run *p)
{
	p->run->psw_mask = 0x180000000;
	p->run->psw_addr = CODE;
	set_mp_state(p, KVM_MP_STATE_OPERATING);
	assert_int_equal(0, cpu_ioctl(p, KVM_RUN, NULL));
	assert_int_equal(KVM_EXIT_S390_SIEIC, p->run->exit_reason);
	assert_int_equal(ICPT_INST, p->run->s390_sieic.icptcode);
	assert_int_equal(0x8300, p->run->s390_sieic.ipa);
	assert_int_equal(0x05010000, p->run->s390_sieic.ipb);
	return p->run->s.regs.gprs[1];
}

/* DISABLE destroys the pages, PREPARE some of them now and the others later. What runs at the same
 * addresses then is what stands there. */
static void destroyed_code(void **state)
{
	static const uint8_t handler[] = {0xa7, 0x19, 0x00, 0x04, 0x83, 0x00, 0x05, 0x01};
	static const uint8_t other[] = {0xa7, 0x19, 0x00, 0x09, 0x83, 0x00, 0x05, 0x01};
	static const uint32_t ends[] = {KVM_PV_DISABLE, KVM_PV_ASYNC_CLEANUP_PREPARE};
	struct pv_run p;

	for (unsigned int i = 0; i < 2; i++) {
		start(&p, loop_code, sizeof(loop_code));
		expect_diag500(&p, 3);
		expect_diag500(&p, 3);
		assert_int_equal(0, vmm_pv(&p.r.v, ends[i]));
		memcpy(p.r.low + HANDLER, handler, sizeof(handler));
		put64(p.r.low, 0x1d0, 0x180000000);
		put64(p.r.low, 0x1d8, HANDLER);
		/* the page is cleared: an operation exception */
		assert_int_equal(4, expect_ordinary(&p));
		assert_int_equal(1, p.r.low[0x8f]);
		memcpy(p.r.low + CODE, other, sizeof(other));
		assert_int_equal(9, expect_ordinary(&p));
		if (ends[i] != KVM_PV_DISABLE)
			assert_int_equal(0, vmm_pv(&p.r.v, KVM_PV_ASYNC_CLEANUP_PERFORM));
		assert_int_equal(9, expect_ordinary(&p));
		finish(&p);
	}
}

/** export() - what a VMM's access to the page makes the host do */
static void export(struct pv_run *p, gpa_t gpa)
{
	assert_int_equal(0, mm_make_accessible(p->r.v.mm, (uintptr_t)p->r.low + gpa, PAGE_SIZE));
}

/* An exported page is imported before its code goes on, or does not go on */
static void exported_code(void **state)
{
	struct pv_run p;

	start(&p, loop_code, sizeof(loop_code));
	expect_diag500(&p, 3);
	export(&p, CODE);
	assert_int_not_equal(0, memcmp(p.r.low + CODE, loop_code, sizeof(loop_code)));
	expect_diag500(&p, 3);
	export(&p, CODE);
	p.r.low[CODE + 0x800] ^= 1;
	assert_int_not_equal(0, cpu_ioctl(&p, KVM_RUN, NULL));
	p.r.low[CODE + 0x800] ^= 1;
	expect_diag500(&p, 3);
	finish(&p);
}

/** put_share() - an UVCB in the image */
static void put_share(uint8_t *page, unsigned int offset, uint16_t cmd)
{
	page[offset + 1] = sizeof(struct uv_cb_share);
	page[offset + 2] = (uint8_t)(cmd >> 8);
	page[offset + 3] = (uint8_t)cmd;
	put64(page, offset + offsetof(struct uv_cb_share, paddr), SHARED);
}

static _Atomic unsigned int unpins;

static bool count_unpins(enum inject_point point, uint32_t detail, uint64_t subject,
			 struct inject_outcome *outcome)
{
	if (point == INJECT_UVC && detail == UVC_CMD_UNPIN_PAGE_SHARED)
		atomic_fetch_add(&unpins, 1);
	return false;
}

/* As the kernel does for input and output that goes to a shared page */
static void pin(struct pv_run *p, gpa_t gpa)
{
	struct vmm *v = &p->r.v;
	uint64_t offset;
	struct backing *b = mm_find_backing(v->mm, (uintptr_t)p->r.low + gpa, &offset);
	struct uv_cb_cfs uvcb = {
		.header.cmd = be16_make(UVC_CMD_PIN_PAGE_SHARED),
		.header.len = be16_make(sizeof(uvcb)),
	};

	assert_non_null(b);
	uvcb.paddr = be64_make(backing_abs(b) + offset);
	assert_int_equal(UV_CC_OK, uv_call(machine_uv(p->r.w->m), &uvcb, sizeof(uvcb)));
	backing_put(b);
}

/* The host has pinned the page: KVM lets go, and the call is repeated */
static void pinned_page_is_unshared(void **state)
{
	uint8_t code[0x1c0] = {
		0x0d, 0x90,             /* basr %r9,0 */
		0x41, 0x20, 0x91, 0x3e, /* la %r2,0x13e(%r9) */
		0xb9, 0xa4, 0x00, 0x02, /* uvc 0,%r2 */
		0xb2, 0x22, 0x00, 0x10, /* ipm %r1 */
		0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
		0x41, 0x20, 0x91, 0x7e, /* la %r2,0x17e(%r9) */
		0xb9, 0xa4, 0x00, 0x02, /* uvc 0,%r2 */
		0xa7, 0x19, 0x00, 0x09, /* lghi %r1,9 */
		0x83, 0x00, 0x05, 0x00, /* diag 0,0,0x500 */
	};
	struct pv_run p;

	put_share(code, 0x140, UVC_CMD_SET_SHARED_ACCESS);
	put_share(code, 0x180, UVC_CMD_REMOVE_SHARED_ACCESS);
	start(&p, code, sizeof(code));
	expect_diag500(&p, 0);
	atomic_store(&unpins, 0);
	atomic_store(&inject_hook, count_unpins);
	pin(&p, SHARED);
	expect_diag500(&p, 9);
	assert_int_equal(1, atomic_load(&unpins));
	atomic_store(&inject_hook, NULL);
	finish(&p);
}

/* Code in a shared page is what the host has put there; unshared it is the guest's again */
static void shared_code(void **state)
{
	uint8_t code[0x1c0] = {
		0x0d, 0x90,                         /* basr %r9,0 */
		0xc0, 0x31, 0x00, 0x01, 0x20, 0x00, /* lgfi %r3,SHARED */
		0x41, 0x20, 0x91, 0x3e,             /* la %r2,0x13e(%r9) */
		0xb9, 0xa4, 0x00, 0x02,             /* uvc 0,%r2 */
		0xb2, 0x22, 0x00, 0x10,             /* ipm %r1 */
		0x83, 0x00, 0x05, 0x00,             /* diag 0,0,0x500 */
		0x0d, 0xe3,                         /* basr %r14,%r3 */
		0x83, 0x00, 0x05, 0x00,             /* diag 0,0,0x500 */
		0x0d, 0xe3,                         /* basr %r14,%r3 */
		0x83, 0x00, 0x05, 0x00,             /* diag 0,0,0x500 */
		0x41, 0x20, 0x91, 0x7e,             /* la %r2,0x17e(%r9) */
		0xb9, 0xa4, 0x00, 0x02,             /* uvc 0,%r2 */
		0x0d, 0xe3,                         /* basr %r14,%r3 */
		0x83, 0x00, 0x05, 0x00,             /* diag 0,0,0x500 */
		0x0d, 0xe3,                         /* basr %r14,%r3 */
		0x83, 0x00, 0x05, 0x00,             /* diag 0,0,0x500 */
	};
	uint8_t called[] = {0xa7, 0x19, 0x00, 0x07, 0x07, 0xfe}; /* lghi %r1,7; br %r14 */
	struct pv_run p;

	put_share(code, 0x140, UVC_CMD_SET_SHARED_ACCESS);
	put_share(code, 0x180, UVC_CMD_REMOVE_SHARED_ACCESS);
	start(&p, code, sizeof(code));
	expect_diag500(&p, 0); /* condition code 0 */
	memcpy(p.r.low + SHARED, called, sizeof(called));
	expect_diag500(&p, 7);
	p.r.low[SHARED + 3] = 8;
	expect_diag500(&p, 8);
	expect_diag500(&p, 8); /* unshared: the content stays */
	/* and is the guest's: what the host changes now is found out */
	export(&p, SHARED);
	p.r.low[SHARED + 3] ^= 1;
	assert_int_not_equal(0, cpu_ioctl(&p, KVM_RUN, NULL));
	p.r.low[SHARED + 3] ^= 1;
	expect_diag500(&p, 8);
	finish(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diag_answers),   cmocka_unit_test(diag_refused),
		cmocka_unit_test(sigp_and_stsi),  cmocka_unit_test(wait_ends_with_emergency_signal),
		cmocka_unit_test(kick_ends_wait), cmocka_unit_test(stop_and_start),
		cmocka_unit_test(destroyed_code), cmocka_unit_test(exported_code),
		cmocka_unit_test(shared_code),    cmocka_unit_test(pinned_page_is_unshared),
	};

	return cmocka_run_group_tests_name("lifecycle-cpu", tests, NULL, NULL);
}
