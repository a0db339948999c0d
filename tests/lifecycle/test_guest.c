// SPDX-License-Identifier: GPL-2.0-or-later
/* Images and guest code while a former guest is torn down. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "sie/sie.h"
#include "tests/lifecycle/rig.h"
#include "tests/unit/uv/se_image.h"
#include "uv/page.h"
#include "uv/state.h"

#define PREPARE KVM_PV_ASYNC_CLEANUP_PREPARE
#define PERFORM KVM_PV_ASYNC_CLEANUP_PERFORM

#define IMAGE_PAGES SE_IMAGE_MAX_PAGES

/* ---- images ---- */

static void assert_plain(struct rig *r, const struct se_image *img)
{
	for (size_t n = 0; n < img->pages; n++) {
		const uint8_t *bytes = vmm_secure_bytes(&r->v, img->addr + n * PAGE_SIZE);

		for (size_t i = 0; i < PAGE_SIZE; i++)
			assert_int_equal(se_image_plain(n, i), bytes[i]);
	}
}

/* The VMM sees of each page ciphertext or zeros. */
static void assert_no_plaintext(struct rig *r, const struct se_image *img)
{
	uint8_t plain[PAGE_SIZE];

	for (size_t n = 0; n < img->pages; n++) {
		for (size_t i = 0; i < PAGE_SIZE; i++)
			plain[i] = se_image_plain(n, i);
		assert_memory_not_equal(plain, rig_memory(r, img->addr + n * PAGE_SIZE), 64);
	}
}

static void assert_zeros(struct rig *r, gpa_t gpa, size_t len)
{
	const uint8_t *bytes = rig_memory(r, gpa);

	for (size_t i = 0; i < len; i++)
		assert_int_equal(0, bytes[i]);
}

static void scenario_07_old_memory_is_never_plain(void **state)
{
	struct se_image low, high;
	struct perform p;
	struct rig r;

	se_image_make(&low, 2, MIB, 0);
	se_image_make(&high, IMAGE_PAGES, RIG_HIGH, 0);
	rig_create(&r, world_keeping_model());
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	rig_load_image(&r, &high);
	vmm_touch(&r.v, MIB, 2);
	assert_plain(&r, &high);
	assert_no_plaintext(&r, &high);
	rig_prepare(&r);
	/* Below 2 GiB everything is gone when PREPARE returns. */
	assert_zeros(&r, MIB, 2 * PAGE_SIZE);
	assert_no_plaintext(&r, &high);
	rig_perform_to_page(&r, &p, 4);
	expect_counts(&r, .tearing = 1, .count = 1);
	assert_no_plaintext(&r, &high);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	expect_counts(&r, .count = 0);
	assert_zeros(&r, RIG_HIGH, IMAGE_PAGES * PAGE_SIZE);
	rig_destroy(&r);
}

static void scenario_17_next_guest_during_perform(void **state)
{
	struct se_image img;
	struct perform p;
	struct rig r;

	se_image_make(&img, IMAGE_PAGES, RIG_HIGH, 0);
	rig_create(&r, "z16");
	rig_enable(&r, 0);
	vmm_touch(&r.v, RIG_HIGH + IMAGE_PAGES / 2 * PAGE_SIZE, IMAGE_PAGES);
	rig_prepare(&r);
	rig_perform_to_page(&r, &p, 1);
	/* The new one takes pages that the old one still owns, in its own memory. */
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	for (unsigned int n = 0; n < IMAGE_PAGES; n++) {
		struct sie_fault fault = {.gpa = img.addr + n * PAGE_SIZE,
					  .code = UV_ACCESS_VIOLATION};

		/* The one that the walk has locked stays with the walk until it goes on. */
		if (n != IMAGE_PAGES / 2)
			assert_int_equal(0, kvm_s390_handle_fault(r.v.kvm, &fault));
	}
	gate_open();
	assert_int_equal(0, perform_join(&p));
	rig_load_image(&r, &img);
	expect_pv(&r.v, KVM_PV_VERIFY, 0, 1, 0);
	assert_plain(&r, &img);
	assert_int_equal(IMAGE_PAGES, world_status(r.w).storage.frames_secure);
	expect_counts(&r, .active = 1, .count = 1);
	rig_destroy(&r);
}

static void scenario_18_next_guest_without_cpus(void **state)
{
	struct world *w = world_create(world_keeping_model());
	struct se_image img;
	struct perform p;
	struct rig r = {.w = w};

	/*
	 * Without CPUs the Ultravisor would let the walk destroy the new guest's pages: only the
	 * owner in the frame's word protects them.
	 */
	se_image_make(&img, IMAGE_PAGES, RIG_HIGH + MIB, 0);
	vmm_start(&r.v, w);
	r.low = vmm_memory(&r.v, 0, RIG_LOW, RIG_SIZE);
	r.high = vmm_memory(&r.v, 1, RIG_HIGH, RIG_SIZE);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	vmm_touch(&r.v, RIG_HIGH, 2);
	vmm_touch(&r.v, RIG_HIGH + 2 * MIB, 2);
	rig_prepare(&r);
	rig_perform_to_page(&r, &p, 1);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	rig_load_image(&r, &img);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_plain(&r, &img);
	vmm_vcpus(&r.v, 2);
	expect_pv(&r.v, KVM_PV_VERIFY, 0, 1, 0);
	assert_int_equal(IMAGE_PAGES, world_status(w).storage.frames_secure);
	rig_destroy(&r);
}

static void scenario_61_unpack(void **state)
{
	struct se_image img;
	struct rig r;

	se_image_make(&img, 2, RIG_HIGH, 0);
	rig_create(&r, NULL);
	rig_enable(&r, 0);
	assert_int_equal(-EINVAL, rig_set_sec_parms(&r, img.header, 0));
	assert_int_equal(-EINVAL, rig_set_sec_parms(&r, img.header, MIB + 1));
	assert_int_equal(UNTOUCHED_RC, r.v.rc);
	assert_int_equal(-EFAULT, rig_set_sec_parms(&r, (void *)8, img.len));
	assert_int_equal(0, rig_set_sec_parms(&r, img.header, img.len));
	assert_int_equal(-EINVAL, rig_unpack(&r, RIG_HIGH, 0));
	assert_int_equal(-EINVAL, rig_unpack(&r, RIG_HIGH, 100));
	assert_int_equal(-EINVAL, rig_unpack(&r, RIG_HIGH + 8, PAGE_SIZE));
	assert_int_equal(UNTOUCHED_RC, r.v.rc);
	/* Beyond the slot: the page is not there. */
	assert_int_equal(-EFAULT, rig_unpack(&r, GIB, PAGE_SIZE));
	/* Not the page that the image has. */
	assert_int_equal(0, rig_unpack(&r, RIG_HIGH, 2 * PAGE_SIZE));
	assert_int_equal(-EINVAL, vmm_pv(&r.v, KVM_PV_VERIFY));
	assert_true(r.v.rc != UNTOUCHED_RC && r.v.rc != 1);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_destroy(&r);
}

static void *unpack_killed_thread(void *arg)
{
	struct rig *r = arg;
	struct task *t = direct_task_start(r->v.mm);
	struct kvm_s390_pv_unp unp = {.addr = RIG_HIGH, .size = MIB, .tweak = SE_IMAGE_PREFIX};
	struct kvm_pv_cmd cmd = {.cmd = KVM_PV_UNPACK, .data = (uintptr_t)&unp};
	long ret;

	direct_task_kill(t);
	ret = direct_ioctl(t, r->v.vm, KVM_S390_PV_COMMAND, (uintptr_t)&cmd);
	direct_task_end(t);
	return (void *)ret;
}

static void unpack_killed(struct rig *r, long expected)
{
	pthread_t thread;
	void *ret;

	assert_int_equal(0, pthread_create(&thread, NULL, unpack_killed_thread, r));
	assert_int_equal(0, pthread_join(thread, &ret));
	assert_int_equal(expected, (long)ret);
}

/* At a page that is not mapped, and at one that stays busy for as long as anybody asks. */
static void scenario_61_unpack_killed(void **state)
{
	struct rig r;

	rig_create(&r, NULL);
	rig_enable(&r, 0);
	unpack_killed(&r, -EINTR);
	vmm_touch(&r.v, RIG_HIGH, 1);
	fail_uvc_busy(UVC_CMD_UNPACK_IMG, 0, UINT32_MAX);
	unpack_killed(&r, -EAGAIN);
	fail_clear();
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_destroy(&r);
}

/* A page that is busy for a while is tried again. */
static void unpack_busy_page(void **state)
{
	struct se_image img;
	struct rig r;

	se_image_make(&img, 2, RIG_HIGH, 0);
	rig_create(&r, NULL);
	rig_enable(&r, 0);
	fail_uvc_busy(UVC_CMD_UNPACK_IMG, 1, 3);
	rig_load_image(&r, &img);
	fail_clear();
	expect_pv(&r.v, KVM_PV_VERIFY, 0, 1, 0);
	rig_destroy(&r);
}

/* ---- what an old guest still owns ---- */

static int touch_old_page(struct rig *r, unsigned int page)
{
	struct sie_fault fault = {
		.gpa = RIG_HIGH + page * PAGE_SIZE, .code = UV_ACCESS_SECURE, .write = true};

	return kvm_s390_handle_fault(r->v.kvm, &fault);
}

/*
 * Destroyed when it is touched. "Not secure", as older firmware says it, is what was wanted;
 * anything else means that somebody imported it meanwhile, and it is exported. Nothing is left to
 * do after that.
 */
static void old_page_on_demand(void **state)
{
	struct rig r;

	rig_create(&r, world_keeping_model());
	rig_enable(&r, 4);
	rig_prepare(&r);
	uvc_reset();
	assert_int_equal(0, touch_old_page(&r, 0));
	assert_int_equal(0, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	fail_uvc(UVC_CMD_DESTR_SEC_STOR, 0, 1, 0x107, 0xd, true);
	assert_int_equal(0, touch_old_page(&r, 1));
	assert_int_equal(0, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	assert_int_equal(2, world_status(r.w).storage.frames_secure);
	fail_uvc(UVC_CMD_DESTR_SEC_STOR, 0, 1, 0x106, 0, false);
	assert_int_equal(0, touch_old_page(&r, 2));
	assert_int_equal(1, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	assert_int_equal(1, world_status(r.w).storage.frames_secure);
	fail_uvc(UVC_CMD_DESTR_SEC_STOR, 0, 1, 0x107, 0, false);
	fail_uvc(UVC_CMD_CONV_FROM_SEC_STOR, 0, 1, 0x10f, 0, false);
	assert_int_equal(-EFAULT, touch_old_page(&r, 3));
	assert_int_equal(1, world_status(r.w).storage.frames_secure);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	assert_int_equal(0, world_status(r.w).storage.frames_secure);
	rig_destroy(&r);
}

/* ---- guest code ---- */

/* brc 15,. */
static const uint8_t endless_loop[] = {0xa7, 0xf4, 0x00, 0x00};

static void scenario_19_normal_guest_on_old_frames(void **state)
{
	const char *models[] = {"z15", "z16"};
	struct se_image img;
	struct perform p;
	struct kvm_run *run;
	struct rig r;

	se_image_make(&img, IMAGE_PAGES, RIG_HIGH, 0);
	for (int i = 0; i < 2; i++) {
		rig_create(&r, models[i]);
		run = rig_run_page(&r);
		assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
		rig_load_image(&r, &img);
		rig_prepare(&r);
		gate_close(1);
		perform_start(&p, &r.v);
		gate_wait();
		/* Zeros, no exit to user space. The page that the walk stands at comes later. */
		rig_expect_load(&r, run, 0, RIG_HIGH + 4 * PAGE_SIZE, 0);
		rig_expect_load(&r, run, 0, RIG_HIGH + 7 * PAGE_SIZE, 0);
		gate_open();
		assert_int_equal(0, perform_join(&p));
		rig_expect_load(&r, run, 0, RIG_HIGH + PAGE_SIZE, 0);
		assert_int_equal(0, munmap(run, PAGE_SIZE));
		rig_destroy(&r);
	}
}

static void share(struct rig *r, gpa_t gpa)
{
	struct uv *uv = machine_uv(r->w->m);
	struct uv_owner *o = uv_owner_find(uv->owners, r->v.kvm->arch.pv.owner);

	assert_int_equal(1, uv_page_share(&uv->pages, o, gpa));
}

/*
 * Nothing raises an exception for a page that the old guest shares, so that nobody would take it
 * from there. Without MISC the host exports before each import as long as there are two.
 */
static void next_guest_takes_shared_pages(const char *model, bool exports)
{
	const gpa_t pages[] = {MIB, RIG_HIGH};
	struct rig r;

	rig_create(&r, model);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	for (size_t i = 0; i < 2; i++) {
		vmm_touch(&r.v, pages[i], 1);
		share(&r, pages[i]);
		memset(rig_memory(&r, pages[i]), 0x77, PAGE_SIZE);
	}
	rig_prepare(&r);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	uvc_reset();
	for (size_t i = 0; i < 2; i++) {
		const uint8_t *bytes;

		vmm_touch(&r.v, pages[i], 1);
		bytes = vmm_secure_bytes(&r.v, pages[i]);
		for (size_t n = 0; n < PAGE_SIZE; n++)
			assert_int_equal(0, bytes[n]);
		assert_zeros(&r, pages[i], PAGE_SIZE);
	}
	assert_int_equal(exports ? 2 : 0, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	expect_counts(&r, .active = 1, .aside = 1, .count = 2);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	/* They are the new guest's: PERFORM leaves them alone, and then one is alone. */
	assert_int_equal(2, world_status(r.w).storage.frames_secure);
	assert_int_equal(0, world_status(r.w).storage.frames_shared);
	uvc_reset();
	vmm_touch(&r.v, RIG_HIGH + PAGE_SIZE, 1);
	assert_int_equal(0, uvc_count(UVC_CMD_CONV_FROM_SEC_STOR));
	rig_destroy(&r);
}

static void scenario_20_next_guest_takes_shared_pages(void **state)
{
	next_guest_takes_shared_pages("z15", true);
	next_guest_takes_shared_pages("z16", false);
	next_guest_takes_shared_pages("proposal", false);
}

static void scenario_55_prefix_after_prepare(void **state)
{
	const uint64_t top = 0x7fffe000;
	uint8_t *mem;
	struct kvm_run *run;
	struct rig r;

	rig_create(&r, world_keeping_model());
	mem = vmm_memory(&r.v, 2, 2 * GIB - MIB, MIB);
	run = rig_run_page(&r);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	vmm_touch(&r.v, 0, 2);
	vmm_touch(&r.v, top, 2);
	rig_prepare(&r);
	rig_expect_load(&r, run, 0, 0x2000, 0);
	rig_expect_load(&r, run, top, 0x2000, 0);
	assert_int_equal(0, munmap(run, PAGE_SIZE));
	rig_destroy(&r);
	vmm_free_memory(mem, MIB);
}

static void scenario_56_half_cannot_run(void **state)
{
	struct kvm_run *run;
	struct rig r;

	rig_create(&r, world_keeping_model());
	run = rig_run_page(&r);
	rig_enable(&r, 2);
	fail_alloc(ALLOC_TABLE, 0, 1);
	assert_int_equal(-ENOMEM, vmm_pv(&r.v, PREPARE));
	rig_set_up_code(&r, run, rig_load_and_stop, sizeof(rig_load_and_stop), 0, 0x2000);
	assert_int_equal(-EINVAL, direct_ioctl(r.v.t, r.v.vcpu[0], KVM_RUN, 0));
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	rig_expect_load(&r, run, 0, 0x2000, 0);
	assert_int_equal(0, munmap(run, PAGE_SIZE));
	rig_destroy(&r);
}

/* ---- a vCPU in KVM_RUN ---- */

struct commander {
	pthread_t thread;
	struct vmm *v;
	uint32_t cmd;
	long ret;
	uint16_t rc;
	uint16_t rrc;
};

static void *command_thread(void *arg)
{
	struct commander *c = arg;
	struct task *t = direct_task_start(c->v->mm);

	c->ret = vmm_pv_from(c->v, t, c->cmd, &c->rc, &c->rrc);
	direct_task_end(t);
	return NULL;
}

static void scenario_44_vcpu_in_kvm_run(void **state)
{
	const uint32_t cmds[] = {KVM_PV_ENABLE};
	struct kvm_run *run;
	struct rig r;

	rig_create(&r, world_keeping_model());
	run = rig_run_page(&r);
	for (size_t i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		struct commander c = {.v = &r.v, .cmd = cmds[i]};
		struct runner runner;

		rig_set_up_code(&r, run, endless_loop, sizeof(endless_loop), 0, 0);
		runner_start(&runner, &r);
		assert_int_equal(0, pthread_create(&c.thread, NULL, command_thread, &c));
		/* It has the VM's lock and waits for the CPU's. */
		while (!atomic_load(&r.v.kvm->lock.held))
			sched_yield();
		assert_int_equal(0, kvm_s390_pv_cpu_get_handle(kvm_get_vcpu_by_id(r.v.kvm, 0)));
		runner_kick_out(&runner);
		assert_int_equal(0, pthread_join(c.thread, NULL));
		assert_int_equal(0, c.ret);
		expect_counts(&r, .active = 1, .count = 1);
	}
	assert_int_equal(0, munmap(run, PAGE_SIZE));
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenario_07_old_memory_is_never_plain),
		cmocka_unit_test(scenario_17_next_guest_during_perform),
		cmocka_unit_test(scenario_18_next_guest_without_cpus),
		cmocka_unit_test(scenario_19_normal_guest_on_old_frames),
		cmocka_unit_test(scenario_44_vcpu_in_kvm_run),
		cmocka_unit_test(scenario_20_next_guest_takes_shared_pages),
		cmocka_unit_test(scenario_55_prefix_after_prepare),
		cmocka_unit_test(scenario_56_half_cannot_run),
		cmocka_unit_test(scenario_61_unpack),
		cmocka_unit_test(scenario_61_unpack_killed),
		cmocka_unit_test(unpack_busy_page),
		cmocka_unit_test(old_page_on_demand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
