// SPDX-License-Identifier: GPL-2.0-or-later
/* SIE of a guest, as its VMM and the host see it; what the guest sees is guests/test/nested. */
#include "tests/unit/kvm/cpu_world.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "kvm/vcpu.h"
#include "kvm/vsie.h"

/* Where guest 2 has its state description, and guest 3's storage */
#define BLOCK  0x20000UL
#define ORIGIN 0x100000UL
#define CODE3  0x2000UL

#define AT(field) (BLOCK + offsetof(struct kvm_s390_sie_block, field))

/* SIE 0(%r9), then DIAG 501 */
static const uint8_t code_sie[] = {0xb2, 0x14, 0x90, 0x00, 0x83, 0x00, 0x05, 0x01};

/** prepare() - CPU @cpu stands before SIE, with @regs for both guests */
static void prepare(struct world *w, unsigned int cpu, const struct kvm_regs *more)
{
	struct kvm_regs regs = *more;

	world_code(w, code_sie, sizeof(code_sie));
	regs.gprs[9] = BLOCK;
	assert_int_equal(0, cpu_ioctl(w, cpu, KVM_SET_REGS, &regs));
	world_set_cr(w, cpu, 1, 0x20); /* the real space */
	world_start(w, cpu, 0);
}

/** describe() - a state description: guest 3 is at ORIGIN and executes @code */
static void describe(struct world *w, const void *code, size_t len)
{
	memset(w->mem + BLOCK, 0, 0x200);
	put_guest32(w, AT(cpuflags), CPUSTAT_ZARCH);
	put_guest64(w, AT(mso), ORIGIN);
	put_guest64(w, AT(msl), ORIGIN);
	put_guest64(w, AT(gpsw_mask), PSW64);
	put_guest64(w, AT(gpsw_addr), CODE3);
	put_guest64(w, AT(gcr), 0xe0);
	put_guest64(w, AT(ckc), UINT64_MAX);
	put_guest64(w, AT(cputm), INT64_MAX);
	memcpy(w->mem + ORIGIN + CODE3, code, len);
}

static void expect_icpt(struct world *w, uint8_t code)
{
	expect_diag(w, 0, 0x501);
	assert_int_equal(code, w->mem[AT(icptcode)]);
}

static void without_the_feature(void **state)
{
	static const uint8_t code[] = {0x83, 0x00, 0x00, 0x44};
	struct world *w = *state;

	describe(w, code, sizeof(code));
	prepare(w, 0, &(struct kvm_regs){0});
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[0]->exit_reason);
	assert_int_equal(ICPT_INST, w->run[0]->s390_sieic.icptcode);
	assert_int_equal(0xb214, w->run[0]->s390_sieic.ipa);
}

static void runs_and_tells(void **state)
{
	/* aghi 2,1; aghi 15,1; diag 44 */
	static const uint8_t code[] = {0xa7, 0x2b, 0, 1, 0xa7, 0xfb, 0, 1, 0x83, 0x00, 0x00, 0x44};
	struct world *w = *state;
	struct kvm_regs regs;

	describe(w, code, sizeof(code));
	put_guest64(w, AT(gg15), 500);
	prepare(w, 0, &(struct kvm_regs){.gprs = {[2] = 7, [14] = 14, [15] = 15}});
	expect_icpt(w, ICPT_INST);
	assert_int_equal(0x8300, guest16(w, AT(ipa)));
	assert_int_equal(0x00440000, guest32(w, AT(ipb)));
	assert_int_equal(CODE3 + 12, guest64(w, AT(gpsw_addr)));
	assert_int_equal(501, guest64(w, AT(gg15)));
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_REGS, &regs));
	assert_int_equal(8, regs.gprs[2]);
	assert_int_equal(14, regs.gprs[14]);
	assert_int_equal(15, regs.gprs[15]);
	/* what is guest 2's stays: flags, and the padding between fields that are stored */
	assert_int_equal(CPUSTAT_ZARCH, guest32(w, AT(cpuflags)));
	assert_int_equal(ORIGIN, guest64(w, AT(mso)));
}

static void block_without_storage(void **state)
{
	struct world *w = *state;
	struct kvm_regs regs = {0};

	world_code(w, code_sie, sizeof(code_sie));
	regs.gprs[9] = WORLD_MEMORY;
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
	world_start(w, 0, 0);
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(PGM_ADDRESSING, guest16(w, 0x8e));
	assert_int_equal(GUEST_CODE + 4, guest64(w, 0x158));
}

/* ---- who wants the CPU back ---- */

static void *kick_inside(void *arg)
{
	struct world *w = arg;

	while (!__atomic_load_n((const uint64_t *)(const void *)(w->mem + ORIGIN + 0x3000),
				__ATOMIC_RELAXED))
		sched_yield();
	direct_kick(w->t);
	return NULL;
}

/* agsi 0x300(12),1; j there: counts at 3000 by register 12 for ever */
static const uint8_t code_count[] = {0xeb, 0x01, 0xc0, 0x00, 0x00, 0x7a, 0xa7, 0xf4, 0xff, 0xfd};

static void signal_ends_it(void **state)
{
	struct world *w = *state;
	pthread_t thread;
	long rc;

	describe(w, code_count, sizeof(code_count));
	prepare(w, 0, &(struct kvm_regs){.gprs = {[12] = 0x3000}});
	assert_int_equal(0, pthread_create(&thread, NULL, kick_inside, w));
	rc = cpu_ioctl_value(w, 0, KVM_RUN, 0);
	pthread_join(thread, NULL);
	assert_int_equal(-EINTR, rc);
	/* SIE has ended as by an interruption: guest 2 goes on behind it and may enter it again */
	assert_int_equal(GUEST_CODE + 4, w->run[0]->psw_addr);
	assert_int_equal(0, w->mem[AT(icptcode)]);
	assert_true(guest64(w, AT(gpsw_addr)) - CODE3 <= 6);
	assert_int_equal(VSIE_UNUSED, world_vcpu(w, 0)->arch.vsie->scb_gpa);
}

static void *block_inside(void *arg)
{
	struct world *world = arg, *w = world;
	const uint64_t *word = (const uint64_t *)(const void *)(w->mem + ORIGIN + 0x3000);
	uint64_t before;

	while (!__atomic_load_n(word, __ATOMIC_RELAXED))
		sched_yield();
	kvm_s390_vcpu_block_all(w->kvm);
	before = __atomic_load_n(word, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < 100; i++)
		sched_yield();
	if (before != __atomic_load_n(word, __ATOMIC_RELAXED))
		w = NULL;
	kvm_s390_vcpu_unblock_all(world->kvm);
	direct_kick(world->t);
	return w;
}

/* A blocked CPU is in neither engine */
static void blocked_cpu_is_outside(void **state)
{
	struct world *w = *state;
	pthread_t thread;
	void *good;

	describe(w, code_count, sizeof(code_count));
	prepare(w, 0, &(struct kvm_regs){.gprs = {[12] = 0x3000}});
	assert_int_equal(0, pthread_create(&thread, NULL, block_inside, w));
	/* left SIE for the block, so guest 2 leaves by its DIAG, or the kick came first */
	if (!cpu_ioctl_value(w, 0, KVM_RUN, 0))
		assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[0]->exit_reason);
	pthread_join(thread, &good);
	assert_non_null(good);
}

static void *release_block(void *arg)
{
	struct world *w = arg;
	const uint64_t *word = (const uint64_t *)(const void *)(w->mem + ORIGIN + 0x3000);
	struct vsie_page *other = world_vcpu(w, 1)->arch.vsie;
	bool ran = false;

	while (!kvm_s390_test_cpuflags(world_vcpu(w, 0), CPUSTAT_RUNNING))
		sched_yield();
	for (unsigned int i = 0; i < 1000; i++) {
		ran |= __atomic_load_n(word, __ATOMIC_RELAXED) != 0;
		sched_yield();
	}
	pthread_mutex_lock(&w->kvm->arch.vsie_lock);
	other->scb_gpa = VSIE_UNUSED;
	pthread_mutex_unlock(&w->kvm->arch.vsie_lock);
	return ran ? NULL : w;
}

/* Another CPU uses the state description: SIE is executed again and again until it does not */
static void in_use_elsewhere(void **state)
{
	/* agsi 0(12),1; diag 44 */
	static const uint8_t code[] = {0xeb, 0x01, 0xc0, 0x00, 0x00, 0x7a, 0x83, 0, 0, 0x44};
	struct world *w = *state;
	pthread_t thread;
	void *waited;

	describe(w, code, sizeof(code));
	prepare(w, 0, &(struct kvm_regs){.gprs = {[12] = 0x3000}});
	world_vcpu(w, 1)->arch.vsie->scb_gpa = BLOCK;
	assert_int_equal(0, pthread_create(&thread, NULL, release_block, w));
	expect_icpt(w, ICPT_INST);
	pthread_join(thread, &waited);
	assert_non_null(waited);
	assert_int_equal(1, guest64(w, ORIGIN + 0x3000));
}

/* ---- storage that goes away, or is watched ---- */

#define SECOND      0x1000000UL
#define SECOND_SIZE 0x100000UL

static void set_slot(struct world *w, uint32_t slot, uint32_t flags, gpa_t gpa, uint64_t size,
		     const uint8_t *mem)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = flags,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)mem,
	};

	assert_int_equal(0, vm_ioctl(w, KVM_SET_USER_MEMORY_REGION, &region));
}

/* lg 2,0(12) or stg 2,0(12); diag 44 */
static const uint8_t code_fetch[] = {0xe3, 0x20, 0xc0, 0, 0, 0x04, 0x83, 0, 0, 0x44};
static const uint8_t code_store[] = {0xe3, 0x20, 0xc0, 0, 0, 0x24, 0x83, 0, 0, 0x44};

static void slot_is_taken_away(void **state)
{
	struct world *w = *state;

	/* the last MiB of the memory a second time */
	set_slot(w, 1, 0, SECOND, SECOND_SIZE, w->mem + WORLD_MEMORY - SECOND_SIZE);
	for (int i = 0; i < 2; i++) {
		describe(w, code_fetch, sizeof(code_fetch));
		put_guest64(w, AT(msl), SECOND + SECOND_SIZE);
		prepare(w, 0, &(struct kvm_regs){.gprs = {[12] = SECOND - ORIGIN}});
		expect_icpt(w, i ? ICPT_PROGI : ICPT_INST);
		if (!i)
			set_slot(w, 1, 0, SECOND, 0, w->mem);
	}
	assert_int_equal(PGM_ADDRESSING, guest16(w, AT(iprcc)));
	assert_int_equal(6, guest16(w, AT(pgmilc)));
	assert_int_equal(CODE3 + 6, guest64(w, AT(gpsw_addr)));
}

/* A cached translation does not hide a store from the log */
static void stores_are_logged(void **state)
{
	uint64_t bitmap[WORLD_MEMORY / PAGE_SIZE / 64];
	struct kvm_dirty_log log = {.dirty_bitmap = bitmap};
	struct world *w = *state;

	set_slot(w, 0, KVM_MEM_LOG_DIRTY_PAGES, 0, WORLD_MEMORY, w->mem);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(0, vm_ioctl(w, KVM_GET_DIRTY_LOG, &log));
		describe(w, code_store, sizeof(code_store));
		prepare(w, 0, &(struct kvm_regs){.gprs = {[2] = 99, [12] = 0x5000}});
		expect_icpt(w, ICPT_INST);
		assert_int_equal(99, guest64(w, ORIGIN + 0x5000));
		assert_int_equal(0, vm_ioctl(w, KVM_GET_DIRTY_LOG, &log));
		assert_true(bitmap[(ORIGIN >> PAGE_SHIFT) / 64] & 1UL << 5);
	}
}

#define WITHOUT(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)
#define WITH(f)    cmocka_unit_test_setup_teardown(f, world_setup_nested, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITHOUT(without_the_feature), WITH(runs_and_tells),
		WITH(block_without_storage),  WITH(signal_ends_it),
		WITH(blocked_cpu_is_outside), WITH(in_use_elsewhere),
		WITH(slot_is_taken_away),     WITH(stores_are_logged),
	};

	return cmocka_run_group_tests_name("kvm-cpu-vsie", tests, NULL, NULL);
}
