// SPDX-License-Identifier: GPL-2.0-or-later
/* Model `proposal`: PREPARE condemns the lower 2 GiB in one call; who clears them, and when. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kvm/gmap.h"
#include "storage/frame.h"
#include "tests/lifecycle/rig.h"
#include "tests/unit/uv/se_image.h"

#define PREPARE KVM_PV_ASYNC_CLEANUP_PREPARE
#define PERFORM KVM_PV_ASYNC_CLEANUP_PERFORM

#define LOW_PAGES 40U
#define SECRET    0xa5

#define RC_A  0x1aa
#define RRC_A 0x0a

static void create(struct rig *r)
{
	rig_create(r, "proposal");
}

/* A guest whose lower pages are full of its secret, and @high pages above 2 GiB */
static void enable_with_secret(struct rig *r, unsigned int high)
{
	rig_enable(r, high);
	vmm_take_over(&r->v, RIG_LOW, LOW_PAGES);
	for (unsigned int n = 0; n < LOW_PAGES; n++)
		memset((void *)(uintptr_t)vmm_secure_bytes(&r->v, n * PAGE_SIZE), SECRET,
		       PAGE_SIZE);
}

static bool all_are(const uint8_t *bytes, uint8_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

static void assert_residue(struct rig *r, uint64_t n)
{
	assert_int_equal(n, world_status(r->w).storage.frames_residue);
}

/* What the next, ordinary guest finds at its absolute address; through MEM_OP */
static uint8_t *read_absolute(struct rig *r, gpa_t gpa)
{
	static uint8_t page[PAGE_SIZE];
	struct kvm_s390_mem_op op = {
		.gaddr = gpa,
		.size = PAGE_SIZE,
		.op = KVM_S390_MEMOP_ABSOLUTE_READ,
		.buf = (uintptr_t)page,
	};

	memset(page, 0xee, sizeof(page));
	assert_int_equal(0, vmm_ioctl(&r->v, KVM_S390_MEM_OP, (uintptr_t)&op));
	return page;
}

static void prepare_is_one_call(void **state)
{
	uint64_t calls[2];
	struct rig r;

	create(&r);
	for (unsigned int round = 0; round < 2; round++) {
		rig_enable(&r, 3);
		vmm_take_over(&r.v, RIG_LOW, round ? 900 : 1);
		uvc_reset();
		calls[round] = world_status(r.w).uv.calls;
		rig_prepare(&r);
		calls[round] = world_status(r.w).uv.calls - calls[round];
		assert_int_equal(1, uvc_count(UVC_CMD_CONDEMN_SEC_CONF));
		assert_int_equal(0, uvc_count(UVC_CMD_DESTROY_SEC_CONF_FAST));
		assert_residue(&r, round ? 900 : 1);
		assert_int_equal(3, world_status(r.w).storage.frames_secure);
		expect_counts(&r, .aside = 1, .count = 1);
		expect_pv(&r.v, PERFORM, 0, 1, 0);
		world_assert_quiet(r.w);
	}
	assert_int_equal(calls[0], calls[1]);
	assert_int_equal(RIG_VCPUS + 1, calls[0]);
	rig_destroy(&r);
}

static void next_ordinary_guest_reads_zeros(void **state)
{
	struct rig r;

	create(&r);
	enable_with_secret(&r, 2);
	rig_prepare(&r);
	assert_true(all_are(vmm_secure_bytes(&r.v, PAGE_SIZE), SECRET, PAGE_SIZE));
	/* The VMM by its own mapping, the machine for the guest. */
	assert_true(all_are(r.low, 0, LOW_PAGES * PAGE_SIZE));
	for (unsigned int n = 0; n < LOW_PAGES; n += 2)
		assert_true(all_are(read_absolute(&r, n * PAGE_SIZE), 0, PAGE_SIZE));
	assert_residue(&r, LOW_PAGES / 2);
	memset(r.low, 0x11, 3 * PAGE_SIZE);
	/* Its prefix pages are usable at once. */
	assert_true(all_are(read_absolute(&r, 0), 0x11, PAGE_SIZE));
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	world_assert_quiet(r.w);
	assert_true(all_are(r.low, 0x11, 3 * PAGE_SIZE));
	assert_true(all_are(r.low + 3 * PAGE_SIZE, 0, (LOW_PAGES - 3) * PAGE_SIZE));
	rig_destroy(&r);
}

static void next_protected_guest_reads_zeros(void **state)
{
	struct perform p;
	struct rig r;

	create(&r);
	enable_with_secret(&r, 4);
	rig_prepare(&r);
	rig_perform_to_page(&r, &p, 1);
	/* The walk has begun, or not: backings come in any order. The next guest does not mind. */
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	gate_open();
	for (unsigned int n = 0; n < LOW_PAGES; n++) {
		uint8_t *bytes;

		vmm_touch(&r.v, n * PAGE_SIZE, 1);
		bytes = (uint8_t *)(uintptr_t)vmm_secure_bytes(&r.v, n * PAGE_SIZE);
		assert_true(all_are(bytes, 0, PAGE_SIZE));
		memset(bytes, 0x22, PAGE_SIZE);
	}
	assert_int_equal(0, perform_join(&p));
	assert_residue(&r, 0);
	assert_int_equal(LOW_PAGES, world_status(r.w).storage.frames_secure);
	for (unsigned int n = 0; n < LOW_PAGES; n++)
		assert_true(all_are(vmm_secure_bytes(&r.v, n * PAGE_SIZE), 0x22, PAGE_SIZE));
	rig_destroy(&r);
}

/* The loader writes the next image where the old guest was, without a trap. */
static void next_image_over_residue(void **state)
{
	struct kvm_s390_pv_sec_parm parms;
	struct kvm_s390_pv_unp unp;
	struct se_image img;
	struct rig r;

	se_image_make(&img, SE_IMAGE_MAX_PAGES, PAGE_SIZE, 0);
	create(&r);
	enable_with_secret(&r, 1);
	rig_prepare(&r);
	memcpy(r.low + img.addr, img.data, img.pages * PAGE_SIZE);
	assert_int_equal(0, vmm_pv(&r.v, KVM_PV_ENABLE));
	parms = (struct kvm_s390_pv_sec_parm){(uintptr_t)img.header, img.len};
	assert_int_equal(0, vmm_pv_data(&r.v, KVM_PV_SET_SEC_PARMS, &parms));
	unp = (struct kvm_s390_pv_unp){img.addr, img.pages * PAGE_SIZE, SE_IMAGE_PREFIX};
	assert_int_equal(0, vmm_pv_data(&r.v, KVM_PV_UNPACK, &unp));
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	expect_pv(&r.v, KVM_PV_VERIFY, 0, 1, 0);
	for (size_t n = 0; n < img.pages; n++) {
		const uint8_t *bytes = vmm_secure_bytes(&r.v, img.addr + n * PAGE_SIZE);

		for (size_t i = 0; i < PAGE_SIZE; i++)
			assert_int_equal(se_image_plain(n, i), bytes[i]);
	}
	rig_destroy(&r);
}

/* A PERFORM that is killed leaves the rest: pages and residue. */
static void killed_perform(struct rig *r)
{
	struct perform p;

	enable_with_secret(r, 4);
	rig_prepare(r);
	gate_close(0);
	perform_start(&p, &r->v);
	gate_wait();
	direct_task_kill(p.t);
	gate_open();
	assert_int_equal(0, perform_join(&p));
	assert_int_equal(KVM_S390_PV_FAKED_RRC, p.rrc);
	assert_true(world_status(r->w).storage.frames_residue >= LOW_PAGES - 1);
}

static void killed_perform_is_finished_by_disable(void **state)
{
	struct rig r;

	create(&r);
	killed_perform(&r);
	expect_counts(&r, .leftover = 1, .count = 1);
	rig_enable(&r, 0);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	world_assert_quiet(r.w);
	for (unsigned int n = 0; n < LOW_PAGES; n++)
		assert_true(all_are(vmm_secure_bytes(&r.v, n * PAGE_SIZE), 0, PAGE_SIZE));
	rig_destroy(&r);
}

static void killed_perform_is_finished_by_release(void **state)
{
	struct rig r;

	create(&r);
	killed_perform(&r);
	vmm_close(&r.v);
	world_assert_quiet(r.w);
	assert_true(all_are(r.low, 0, LOW_PAGES * PAGE_SIZE));
	rig_destroy(&r);

	/* The same at the end of the process; rig_destroy() looks for what is left. */
	create(&r);
	killed_perform(&r);
	rig_destroy(&r);
}

static void never_performed(void **state)
{
	struct rig r;

	create(&r);
	enable_with_secret(&r, 4);
	rig_prepare(&r);
	rig_destroy(&r);

	create(&r);
	enable_with_secret(&r, 4);
	rig_prepare(&r);
	vmm_close(&r.v);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void condemn_fails(void **state)
{
	struct rig r;

	create(&r);
	enable_with_secret(&r, 1);
	fail_uvc(UVC_CMD_CONDEMN_SEC_CONF, 0, 1, RC_A, RRC_A, false);
	expect_pv(&r.v, PREPARE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .half = 1, .count = 1);
	assert_residue(&r, 0);
	expect_pv(&r.v, PREPARE, 0, 1, 42);
	assert_residue(&r, LOW_PAGES);
	expect_pv(&r.v, PERFORM, 0, 1, 0);

	/* Carried out all the same: what is condemned stays so. */
	enable_with_secret(&r, 1);
	fail_uvc(UVC_CMD_CONDEMN_SEC_CONF, 0, 1, RC_A, RRC_A, true);
	expect_pv(&r.v, PREPARE, -EIO, RC_A, RRC_A);
	expect_counts(&r, .half = 1, .count = 1);
	assert_residue(&r, LOW_PAGES);
	expect_pv(&r.v, KVM_PV_DISABLE, 0, 1, 0);
	world_assert_quiet(r.w);
	rig_destroy(&r);
}

static void no_cpu_joins_a_condemned_guest(void **state)
{
	struct rig r;

	create(&r);
	enable_with_secret(&r, 1);
	fail_alloc(ALLOC_TABLE, 0, 1);
	expect_pv(&r.v, PREPARE, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
	expect_counts(&r, .half = 1, .count = 1);
	assert_residue(&r, LOW_PAGES);
	assert_int_equal(-EIO, vmm_ioctl(&r.v, KVM_CREATE_VCPU, RIG_VCPUS));
	assert_int_equal(0, world_status(r.w).secure_vcpus);
	expect_pv(&r.v, PREPARE, 0, 1, 42);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	rig_destroy(&r);
}

/* The VMM ends after a PREPARE that had condemned and then failed: destroyed fast, with residue. */
static void condemned_guest_at_the_end_of_the_address_space(void **state)
{
	struct rig r;

	create(&r);
	enable_with_secret(&r, 1);
	fail_alloc(ALLOC_TABLE, 0, 1);
	expect_pv(&r.v, PREPARE, -ENOMEM, UNTOUCHED_RC, UNTOUCHED_RRC);
	assert_residue(&r, LOW_PAGES);
	uvc_reset();
	rig_destroy(&r);
	assert_int_equal(1, uvc_count(UVC_CMD_DESTROY_SEC_CONF_FAST));
}

static void perform_fails_to_destroy_a_page(void **state)
{
	struct rig r;

	create(&r);
	enable_with_secret(&r, 1);
	rig_prepare(&r);
	fail_page(5);
	expect_pv(&r.v, PERFORM, 0, 1, 0);
	world_assert_quiet(r.w);
	assert_true(all_are(vmm_secure_bytes(&r.v, 5 * PAGE_SIZE), 0, PAGE_SIZE));
	rig_destroy(&r);
}

/* DESTROY_SEC_CONF fails: the storages are leaked, the guest's pages are not. */
static void leaked_configuration_has_no_residue(void **state)
{
	struct rig r;

	create(&r);
	enable_with_secret(&r, 1);
	rig_prepare(&r);
	fail_uvc(UVC_CMD_DESTROY_SEC_CONF, 0, 1, RC_A, RRC_A, false);
	expect_pv(&r.v, PERFORM, -EIO, RC_A, RRC_A);
	expect_counts(&r, .leaked = 1, .count = 1);
	world_assert_quiet(r.w);
	r.w->expect_leaked_configs = 1;
	r.w->expect_leaked_bytes = true;
	rig_destroy(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prepare_is_one_call),
		cmocka_unit_test(next_ordinary_guest_reads_zeros),
		cmocka_unit_test(next_protected_guest_reads_zeros),
		cmocka_unit_test(next_image_over_residue),
		cmocka_unit_test(killed_perform_is_finished_by_disable),
		cmocka_unit_test(killed_perform_is_finished_by_release),
		cmocka_unit_test(never_performed),
		cmocka_unit_test(condemn_fails),
		cmocka_unit_test(no_cpu_joins_a_condemned_guest),
		cmocka_unit_test(condemned_guest_at_the_end_of_the_address_space),
		cmocka_unit_test(perform_fails_to_destroy_a_page),
		cmocka_unit_test(leaked_configuration_has_no_residue),
	};

	return cmocka_run_group_tests_name("lifecycle-condemn", tests, NULL, NULL);
}
