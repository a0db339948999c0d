// SPDX-License-Identifier: GPL-2.0-or-later
/* KVM_S390_MEM_OP on an ordinary CPU: checks in order, translation, protection. */
#include "tests/unit/kvm/cpu_world.h"

#include <errno.h>
#include <string.h>

#include "kvm/vcpu.h"

#define NOWHERE ((void *)16)

static long mem_op(struct world *w, const struct kvm_s390_mem_op *op)
{
	struct kvm_s390_mem_op copy = *op;

	return cpu_ioctl(w, 0, KVM_S390_MEM_OP, &copy);
}

static long logical(struct world *w, uint32_t op, uint64_t gaddr, void *buf, uint32_t size)
{
	return mem_op(w, &(struct kvm_s390_mem_op){
				 .gaddr = gaddr, .size = size, .op = op, .buf = (uintptr_t)buf});
}

static long rd(struct world *w, uint64_t gaddr, void *buf, uint32_t size)
{
	return logical(w, KVM_S390_MEMOP_LOGICAL_READ, gaddr, buf, size);
}

static long wr(struct world *w, uint64_t gaddr, void *buf, uint32_t size)
{
	return logical(w, KVM_S390_MEMOP_LOGICAL_WRITE, gaddr, buf, size);
}

/** set_psw() - as a run would leave it: MEM_OP looks at the CPU, not at the run page */
static void set_psw(struct world *w, uint64_t mask)
{
	struct kvm_vcpu *vcpu = world_vcpu(w, 0);

	set_gpsw(vcpu, mask | PSW64, 0);
}

static void logical_checks(void **state)
{
	struct world *w = *state;
	static uint8_t buf[65537];
	struct kvm_s390_mem_op op = {.size = 8, .buf = (uintptr_t)buf, .flags = 8};

	assert_int_equal(-EINVAL, mem_op(w, &op));
	op.flags = 0;
	op.size = 0;
	assert_int_equal(-EINVAL, mem_op(w, &op));
	op.size = 65537;
	op.ar = 16;
	assert_int_equal(-E2BIG, mem_op(w, &op));
	op.size = 65536;
	assert_int_equal(-EINVAL, mem_op(w, &op));
	op.ar = 15;
	op.key = 16;
	assert_int_equal(0, mem_op(w, &op)); /* the key does not count */
	op.flags = KVM_S390_MEMOP_F_SKEY_PROTECTION;
	assert_int_equal(-EINVAL, mem_op(w, &op));
	op.key = 15;
	assert_int_equal(0, mem_op(w, &op));
	op.op = KVM_S390_MEMOP_ABSOLUTE_READ;
	assert_int_equal(-EINVAL, mem_op(w, &op));
	op.op = 7;
	assert_int_equal(-EINVAL, mem_op(w, &op));
	assert_int_equal(-EFAULT, rd(w, 0, NOWHERE, 8));
	assert_int_equal(-EFAULT, wr(w, 0, NOWHERE, 8));
	assert_int_equal(-EFAULT, cpu_ioctl(w, 0, KVM_S390_MEM_OP, NOWHERE));
}

static void real_addresses(void **state)
{
	struct world *w = *state;
	uint8_t in[6000], out[6000];

	memset(in, 0x5a, sizeof(in));
	set_psw(w, 0);
	kvm_s390_set_prefix(world_vcpu(w, 0), 0x40000);
	/* Real 0 is in the prefix area; the rest of the access is not */
	assert_int_equal(0, wr(w, 0x1800, in, sizeof(in)));
	assert_int_equal(0x5a, w->mem[0x41800]);
	assert_int_equal(0x5a, w->mem[0x2000]);
	assert_int_equal(0, w->mem[0x1800]);
	assert_int_equal(0, rd(w, 0x1800, out, sizeof(out)));
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(PGM_ADDRESSING, rd(w, WORLD_MEMORY, out, 8));
	/* All pages are tested first */
	assert_int_equal(PGM_ADDRESSING, wr(w, WORLD_MEMORY - 8, in, 16));
	assert_int_equal(0, w->mem[WORLD_MEMORY - 1]);
}

static void check_only(void **state)
{
	struct world *w = *state;
	struct kvm_s390_mem_op op = {.gaddr = WORLD_MEMORY - 8,
				     .size = 8,
				     .op = KVM_S390_MEMOP_LOGICAL_WRITE,
				     .flags = KVM_S390_MEMOP_F_CHECK_ONLY,
				     .buf = 16};

	set_psw(w, 0);
	assert_int_equal(0, mem_op(w, &op));
	op.size = 9;
	assert_int_equal(PGM_ADDRESSING, mem_op(w, &op));
}

static void keys(void **state)
{
	struct world *w = *state;
	uint64_t buf = 1;
	struct kvm_s390_mem_op op = {.gaddr = 0x5000,
				     .size = 8,
				     .key = 3,
				     .flags = KVM_S390_MEMOP_F_SKEY_PROTECTION,
				     .buf = (uintptr_t)&buf};

	set_psw(w, 0);
	assert_int_equal(0, mem_op(w, &op));
	op.op = KVM_S390_MEMOP_LOGICAL_WRITE;
	assert_int_equal(PGM_PROTECTION, mem_op(w, &op)); /* all keys are 0 */
	op.key = 0;
	assert_int_equal(0, mem_op(w, &op));
}

static void low_addresses(void **state)
{
	struct world *w = *state;
	uint64_t buf = 1;

	set_psw(w, 0);
	world_set_cr(w, 0, 0, 0x100000e0);
	assert_int_equal(PGM_PROTECTION, wr(w, 0x1f8, &buf, 8));
	assert_int_equal(PGM_PROTECTION, wr(w, 0x11f8, &buf, 8));
	assert_int_equal(0, wr(w, 0x200, &buf, 8));
	assert_int_equal(0, wr(w, 0x1200, &buf, 8));
	assert_int_equal(0, rd(w, 0x1f8, &buf, 8));
}

static void injected(void **state)
{
	struct world *w = *state;
	uint64_t buf;
	struct kvm_s390_mem_op op = {.gaddr = WORLD_MEMORY,
				     .size = 8,
				     .flags = KVM_S390_MEMOP_F_INJECT_EXCEPTION,
				     .buf = (uintptr_t)&buf};

	world_code(w, NULL, 0);
	set_psw(w, 0);
	assert_int_equal(PGM_ADDRESSING, mem_op(w, &op));
	world_start(w, 0, 0);
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(PGM_ADDRESSING, guest16(w, 0x8e));
}

/* ---- translation: tables at 1 MiB and up ---- */

#define REGION3  0x100000UL
#define SEGMENTS 0x104000UL
#define PAGES    0x108000UL
#define VA       0x80300000UL /* region-third index 1, segment 3, page 0 */

static void make_tables(struct world *w)
{
	memset(w->mem + REGION3, 0, 0x10000);
	put_guest64(w, REGION3, 0x20); /* invalid */
	put_guest64(w, REGION3 + 8, SEGMENTS | 0x4 | 0x3);
	put_guest64(w, REGION3 + 16, SEGMENTS | 0x8 | 0x3); /* wrong table type */
	for (unsigned int i = 0; i < 2048; i++)
		put_guest64(w, SEGMENTS + 8 * i, 0x20);
	put_guest64(w, SEGMENTS + 8 * 3, PAGES);
	put_guest64(w, SEGMENTS + 8 * 4, PAGES | 0x200);
	put_guest64(w, PAGES, 0x200000);
	put_guest64(w, PAGES + 8, 0x201000 | 0x200);
	put_guest64(w, PAGES + 16, 0x400);
	put_guest64(w, PAGES + 24, 0x800);
	put_guest64(w, PAGES + 32, WORLD_MEMORY);
	world_set_cr(w, 0, 1, REGION3 | 0x4); /* quarter 0 only */
	set_psw(w, PSW_MASK_DAT);
}

static void translation(void **state)
{
	struct world *w = *state;
	uint64_t buf = 0;
	static const struct {
		uint64_t va;
		int read, write;
	} rows[] = {
		{VA + 8, 0, 0},
		{VA + 0x1000, 0, PGM_PROTECTION},
		{VA + 0x2000, PGM_PAGE_TRANSLATION, PGM_PAGE_TRANSLATION},
		{VA + 0x3000, PGM_TRANSLATION_SPEC, PGM_TRANSLATION_SPEC},
		{VA + 0x4000, PGM_ADDRESSING, PGM_ADDRESSING},
		{VA + 0x100000, 0, PGM_PROTECTION},
		{VA + 0x200000, PGM_SEGMENT_TRANSLATION, PGM_SEGMENT_TRANSLATION},
		{0x1000, PGM_REGION_THIRD_TRANS, PGM_REGION_THIRD_TRANS},
		{0x100000000, PGM_TRANSLATION_SPEC, PGM_TRANSLATION_SPEC},
		{512UL << 31, PGM_REGION_THIRD_TRANS, PGM_REGION_THIRD_TRANS},
		{1UL << 42, PGM_ASCE_TYPE, PGM_ASCE_TYPE},
	};

	make_tables(w);
	put_guest64(w, 0x200008, 0x1234567800000000);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(rows[i].read, rd(w, rows[i].va, &buf, 8));
		assert_int_equal(rows[i].write, wr(w, rows[i].va, &buf, 8));
	}
	assert_int_equal(0, rd(w, VA + 8, &buf, 8));
	assert_int_equal(__builtin_bswap64(buf), 0x1234567800000000);
	/* The identification names page, direction and kind */
	assert_int_equal(PGM_PROTECTION, wr(w, VA + 0x1008, &buf, 8));
	assert_int_equal((VA + 0x1000) | 0x400 | 4, world_vcpu(w, 0)->arch.pgm.trans_exc_code);
	assert_int_equal(PGM_PAGE_TRANSLATION, rd(w, VA + 0x2008, &buf, 8));
	assert_int_equal((VA + 0x2000) | 0x800, world_vcpu(w, 0)->arch.pgm.trans_exc_code);
}

static void spaces(void **state)
{
	struct world *w = *state;
	struct kvm_sregs sregs;
	uint64_t buf;

	make_tables(w);
	world_set_cr(w, 0, 1, 0);
	world_set_cr(w, 0, 7, REGION3 | 4);
	world_set_cr(w, 0, 13, REGION3 | 4 | 0x20); /* real space */
	set_psw(w, PSW_MASK_DAT | 2UL << 46);
	assert_int_equal(0, rd(w, VA, &buf, 8));
	set_psw(w, PSW_MASK_DAT | 3UL << 46);
	assert_int_equal(0, rd(w, 0x5000, &buf, 8));
	set_psw(w, PSW_MASK_DAT | 1UL << 46);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_SREGS, &sregs));
	sregs.acrs[5] = 1;
	sregs.acrs[6] = 2;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_SREGS, &sregs));
	struct kvm_s390_mem_op op = {.gaddr = VA, .size = 8, .ar = 5, .buf = (uintptr_t)&buf};

	assert_int_equal(0, mem_op(w, &op));
	op.ar = 6;
	/* ALET 2 leads over the access list of the dispatchable unit */
	world_set_cr(w, 0, 2, 0x20000);
	put_guest32(w, 0x20010, 0x21000);
	put_guest32(w, 0x21020, 0x02000000); /* fetch only */
	put_guest32(w, 0x21028, 0x22000);
	put_guest32(w, 0x2102c, 1);
	put_guest64(w, 0x22008, REGION3 | 4);
	put_guest32(w, 0x22014, 1);
	assert_int_equal(0, mem_op(w, &op));
	op.op = KVM_S390_MEMOP_LOGICAL_WRITE;
	assert_int_equal(PGM_PROTECTION, mem_op(w, &op));
	assert_int_equal(VA | 0x40d, world_vcpu(w, 0)->arch.pgm.trans_exc_code);
	assert_int_equal(6, world_vcpu(w, 0)->arch.pgm.exc_access_id);
	put_guest32(w, 0x21020, 0x80000000);
	assert_int_equal(0x29, mem_op(w, &op)); /* ALEN translation */
	sregs.acrs[6] = 0x02000000;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_SREGS, &sregs));
	assert_int_equal(PGM_ALET_SPECIFICATION, mem_op(w, &op));
}

/* The operand of a logical access is checked against the page's key, with both overrides */
static void storage_keys(void **state)
{
	struct world *w = *state;
	uint8_t key[2] = {0x98, 0x38};
	struct kvm_s390_skeys args = {.start_gfn = 5, .count = 2, .skeydata_addr = (uintptr_t)key};
	uint64_t buf = 0;
	struct kvm_s390_mem_op op = {.gaddr = 0x5000,
				     .size = 8,
				     .buf = (uintptr_t)&buf,
				     .key = 9,
				     .flags = KVM_S390_MEMOP_F_SKEY_PROTECTION};

	assert_int_equal(0, vm_ioctl(w, KVM_S390_SET_SKEYS, &args));
	set_psw(w, 0);
	assert_int_equal(0, mem_op(w, &op));
	op.key = 1;
	assert_int_equal(PGM_PROTECTION, mem_op(w, &op));
	assert_int_equal(0x5808, world_vcpu(w, 0)->arch.pgm.trans_exc_code);
	world_set_cr(w, 0, 0, 0x01000000); /* storage-protection override: key 9 is everybody's */
	assert_int_equal(0, mem_op(w, &op));
	op.gaddr = 0x6000;
	assert_int_equal(PGM_PROTECTION, mem_op(w, &op));
	args = (struct kvm_s390_skeys){.count = 1, .skeydata_addr = (uintptr_t)&key[1]};
	assert_int_equal(0, vm_ioctl(w, KVM_S390_SET_SKEYS, &args));
	op.gaddr = 0x7f8;
	assert_int_equal(PGM_PROTECTION, mem_op(w, &op));
	world_set_cr(w, 0, 0, 0x02000000); /* fetch-protection override */
	assert_int_equal(0, mem_op(w, &op));
	op.gaddr = 0x800;
	assert_int_equal(PGM_PROTECTION, mem_op(w, &op));
	op.gaddr = 0x7f0;
	op.op = KVM_S390_MEMOP_LOGICAL_WRITE;
	assert_int_equal(PGM_PROTECTION, mem_op(w, &op));
}

static void expect_keys(struct world *w, const uint8_t expected[4])
{
	uint8_t keys[4];
	struct kvm_s390_skeys args = {.start_gfn = 5, .count = 4, .skeydata_addr = (uintptr_t)keys};

	assert_int_equal(0, vm_ioctl(w, KVM_S390_GET_SKEYS, &args));
	assert_memory_equal(expected, keys, sizeof(keys));
}

/* KVM's accesses set reference and change bits like the guest's; a check does not */
static void reference_and_change(void **state)
{
	struct world *w = *state;
	uint8_t key[4] = {0x10, 0x20, 0x30, 0x40};
	struct kvm_s390_skeys args = {.start_gfn = 5, .count = 4, .skeydata_addr = (uintptr_t)key};
	uint64_t buf = 0, old = 0;
	struct kvm_s390_mem_op op = {.gaddr = 0x5000, .size = 8, .buf = (uintptr_t)&buf};

	assert_int_equal(0, vm_ioctl(w, KVM_S390_SET_SKEYS, &args));
	set_psw(w, 0);
	op.flags = KVM_S390_MEMOP_F_CHECK_ONLY;
	assert_int_equal(0, mem_op(w, &op));
	expect_keys(w, (const uint8_t[4]){0x10, 0x20, 0x30, 0x40});
	op.flags = 0;
	assert_int_equal(0, mem_op(w, &op));
	expect_keys(w, (const uint8_t[4]){0x14, 0x20, 0x30, 0x40});
	op.op = KVM_S390_MEMOP_LOGICAL_WRITE;
	op.gaddr = 0x6ffc; /* both pages */
	assert_int_equal(0, mem_op(w, &op));
	expect_keys(w, (const uint8_t[4]){0x14, 0x26, 0x36, 0x40});
	op.op = KVM_S390_MEMOP_ABSOLUTE_CMPXCHG;
	op.gaddr = 0x8000;
	op.old_addr = (uintptr_t)&old;
	assert_int_equal(0, vm_ioctl(w, KVM_S390_MEM_OP, &op));
	expect_keys(w, (const uint8_t[4]){0x14, 0x26, 0x36, 0x46});
	assert_int_equal(0, vm_ioctl(w, KVM_S390_SET_SKEYS, &args));
	op = (struct kvm_s390_mem_op){.op = KVM_S390_MEMOP_ABSOLUTE_READ,
				      .gaddr = 0x5000,
				      .size = 8,
				      .buf = (uintptr_t)&buf};
	assert_int_equal(0, vm_ioctl(w, KVM_S390_MEM_OP, &op));
	op.op = KVM_S390_MEMOP_ABSOLUTE_WRITE;
	op.gaddr = 0x6000;
	assert_int_equal(0, vm_ioctl(w, KVM_S390_MEM_OP, &op));
	expect_keys(w, (const uint8_t[4]){0x14, 0x26, 0x30, 0x40});
}

/* ---- the SIDA of a CPU that has none: scenario 62 ---- */

static void sida_of_normal_cpu(void **state)
{
	struct world *w = *state;
	uint64_t buf;
	struct kvm_s390_mem_op op = {
		.size = 8, .op = KVM_S390_MEMOP_SIDA_READ, .buf = (uintptr_t)&buf};

	assert_int_equal(-EINVAL, mem_op(w, &op));
	op.op = KVM_S390_MEMOP_SIDA_WRITE;
	assert_int_equal(-EINVAL, mem_op(w, &op));
	op.sida_offset = 4096;
	assert_int_equal(-E2BIG, mem_op(w, &op)); /* looked at first */
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(logical_checks),       WORLD_TEST(real_addresses),
		WORLD_TEST(check_only),           WORLD_TEST(keys),
		WORLD_TEST(low_addresses),        WORLD_TEST(injected),
		WORLD_TEST(translation),          WORLD_TEST(spaces),
		WORLD_TEST(sida_of_normal_cpu),   WORLD_TEST(storage_keys),
		WORLD_TEST(reference_and_change),
	};

	return cmocka_run_group_tests_name("kvm-cpu-memop", tests, NULL, NULL);
}
