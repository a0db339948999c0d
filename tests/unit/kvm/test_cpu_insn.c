// SPDX-License-Identifier: GPL-2.0-or-later
/* Instructions that KVM executes for an ordinary guest. */
#include "tests/unit/kvm/cpu_world.h"

#include <errno.h>
#include <string.h>

#include "kvm/vcpu.h"
#include "tests/machine_model.h"

/** DIAG_END - diag 0x501 */
#define DIAG_END 0x83, 0x00, 0x05, 0x01

/** run() - @code to its end; @gprs in and out */
static void run(struct world *w, const void *code, size_t len, struct kvm_regs *regs)
{
	world_code(w, code, len);
	world_start(w, 0, 0);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, regs));
	expect_diag(w, 0, 0x501);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_GET_REGS, regs));
}

/** run_pgm() - the first instruction ends in a program interruption, length @ilc */
static void run_pgm(struct world *w, const void *code, size_t len, struct kvm_regs *regs,
		    uint16_t pgm, uint16_t ilc)
{
	world_code(w, code, len);
	world_start(w, 0, 0);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, regs));
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(pgm, guest16(w, 0x8e));
	assert_int_equal(ilc, guest16(w, 0x8c));
	assert_int_equal(GUEST_CODE + ilc, guest64(w, 0x158));
}

static unsigned int cc(const struct world *w)
{
	return w->run[0]->psw_mask >> 44 & 3;
}

/* The machine type in a CPU id */
static unsigned int machine_type(void)
{
	const char *model = machine_model() ? machine_model() : "";

	return !strcmp(model, "z15") ? 0x8561 : !strcmp(model, "z16") ? 0x3931 : 0x9175;
}

static void identification(void **state)
{
	/* stap 0x900; stidp 0x908; stfl 0; stpx 0x918 */
	static const uint8_t code[] = {0xb2, 0x12, 0x09, 0x00, 0xb2, 0x02, 0x09, 0x08,    0xb2,
				       0xb1, 0x00, 0x00, 0xb2, 0x11, 0x09, 0x18, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {0};

	memset(w->mem + 0x900, 0xff, 0x20);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, guest16(w, 0x900));
	assert_int_equal(0xff, guest64(w, 0x908) >> 56);
	assert_int_equal(machine_type(), guest64(w, 0x908) >> 16 & 0xffff);
	assert_int_equal(w->kvm->arch.model.fac_list[0] >> 32, guest32(w, 0xc8));
	assert_int_equal(0, guest32(w, 0x918));
}

/* What KVM executes is done with the PSW key */
static void operand_is_protected_by_its_key(void **state)
{
	static const uint8_t code[] = {0xb2, 0x12, 0x20, 0x00}; /* stap 0(%r2) */
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[2] = 0x5000}};
	uint8_t key = 0x30;
	struct kvm_s390_skeys args = {.start_gfn = 5, .count = 1, .skeydata_addr = (uintptr_t)&key};

	assert_int_equal(0, vm_ioctl(w, KVM_S390_SET_SKEYS, &args));
	world_code(w, code, sizeof(code));
	world_start(w, 0, 4UL << 52);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(PGM_PROTECTION, guest16(w, 0x8e));
	assert_int_equal(0x5408, guest64(w, 0xa8));
}

/* The first key instruction makes keys count for migration; they then tell what was accessed */
static void keys_are_used(void **state)
{
	/* sske 1,2; lg 1,0(2) (not the page of the key: 0(3)); stg 1,0(4); iske 5,4 */
	static const uint8_t code[] = {0xb2, 0x2b, 0x00, 0x12, 0xe3, 0x10, 0x30,
				       0x00, 0x00, 0x04, 0xe3, 0x10, 0x40, 0x00,
				       0x00, 0x24, 0xb2, 0x29, 0x00, 0x54, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[1] = 0x70, [2] = 0x5000, [3] = 0x6000, [4] = 0x7000}};
	uint8_t keys[4];
	struct kvm_s390_skeys args = {.start_gfn = 5, .count = 4, .skeydata_addr = (uintptr_t)keys};

	assert_int_equal(KVM_S390_GET_SKEYS_NONE, vm_ioctl(w, KVM_S390_GET_SKEYS, &args));
	run(w, code, sizeof(code), &regs);
	assert_int_equal(6, regs.gprs[5]);
	assert_int_equal(0, vm_ioctl(w, KVM_S390_GET_SKEYS, &args));
	assert_int_equal(0x70, keys[0]);
	assert_int_equal(0x04, keys[1]);
	assert_int_equal(0x06, keys[2]);
	assert_int_equal(0, keys[3]);
}

static void operands_are_aligned(void **state)
{
	/* stap 0x901; stidp 0x904; stpx 0x902; spx 0x902 */
	static const uint8_t codes[][4] = {{0xb2, 0x12, 0x09, 0x01},
					   {0xb2, 0x02, 0x09, 0x04},
					   {0xb2, 0x11, 0x09, 0x02},
					   {0xb2, 0x10, 0x09, 0x02}};
	struct world *w = *state;
	struct kvm_regs regs = {0};

	for (unsigned int i = 0; i < 4; i++)
		run_pgm(w, codes[i], 4, &regs, PGM_SPECIFICATION, 4);
}

static void operand_is_not_storage(void **state)
{
	static const uint8_t code[] = {0xb2, 0x12, 0x20, 0x00}; /* stap 0(%r2) */
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[2] = WORLD_MEMORY}};

	run_pgm(w, code, sizeof(code), &regs, PGM_ADDRESSING, 4);
}

static void problem_state(void **state)
{
	/* lpswe 0x800 to stidp in problem state */
	static const uint8_t code[] = {0xb2, 0xb2, 0x08, 0x00, 0xb2, 0x02, 0x09, 0x08};
	struct world *w = *state;

	world_code(w, code, sizeof(code));
	put_guest64(w, 0x800, PSW64 | PSW_MASK_PSTATE);
	put_guest64(w, 0x808, GUEST_CODE + 4);
	world_start(w, 0, 0);
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(PGM_PRIVILEGED_OP, guest16(w, 0x8e));
}

static void set_prefix(void **state)
{
	/* spx 0x900; stpx 0x904: the operands are at real addresses, so the second one moves */
	static const uint8_t code[] = {0xb2, 0x10, 0x09, 0x00, 0xb2, 0x11, 0x09, 0x04, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {0};

	world_code(w, code, sizeof(code));
	put_guest32(w, 0x900, 0x80042fff);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0x42000, w->run[0]->s.regs.prefix);
	assert_int_equal(0x42000, guest32(w, 0x42904));
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_S390_INITIAL_RESET, 0));
	put_guest32(w, 0x900, 0x7fffe000);
	run_pgm(w, code, sizeof(code), &regs, PGM_ADDRESSING, 4);
}

static void set_clock(void **state)
{
	static const uint8_t code[] = {0xb2, 0x04, 0x09, 0x00, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {0};
	uint64_t tod = 0xd000000000000000UL;

	put_guest64(w, 0x900, tod);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, cc(w));
	assert_true(kvm_s390_get_tod(w->kvm) >= tod);
	assert_true(kvm_s390_get_tod(w->kvm) < tod + 60UL * 1000000 * 4096);
}

static void test_block(void **state)
{
	static const uint8_t code[] = {0xb2, 0x2c, 0x00, 0x02, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[0] = 5, [2] = 0x50123}};

	memset(w->mem + 0x50000, 1, 4096);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, guest64(w, 0x50ff8));
	assert_int_equal(0, regs.gprs[0]);
	assert_int_equal(0, cc(w));
	regs.gprs[2] = WORLD_MEMORY;
	run_pgm(w, code, sizeof(code), &regs, PGM_ADDRESSING, 4);
	/* low-address protection, in the second page too */
	world_set_cr(w, 0, 0, 0x100000e0);
	for (uint64_t page = 0; page < 2; page++) {
		regs.gprs[2] = page << 12;
		run_pgm(w, code, sizeof(code), &regs, PGM_PROTECTION, 4);
		assert_int_equal(page << 12 | 0x480, guest64(w, 0xa8));
		assert_int_not_equal(0, guest64(w, 0x1d8)); /* nothing was cleared */
	}
}

/* No devices: cc 3 for every channel instruction, without an exit */
static void channel_instructions(void **state)
{
	static const uint16_t ops[] = {0xb230, 0xb231, 0xb232, 0xb233, 0xb234, 0xb235,
				       0xb236, 0xb237, 0xb238, 0xb239, 0xb23a, 0xb23b,
				       0xb23c, 0xb25f, 0xb274, 0xb276};
	struct world *w = *state;

	for (unsigned int i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		uint8_t code[] = {(uint8_t)(ops[i] >> 8), (uint8_t)ops[i], 0x09, 0x00, DIAG_END};
		struct kvm_regs regs = {.gprs = {[1] = 0x10000}};

		run(w, code, sizeof(code), &regs);
		assert_int_equal(3, cc(w));
	}
}

static void css_support(struct world *w)
{
	struct kvm_enable_cap cap = {.cap = KVM_CAP_S390_CSS_SUPPORT};

	assert_int_equal(0, cpu_ioctl(w, 0, KVM_ENABLE_CAP, &cap));
}

/* With devices all but TPI and TSCH are the VMM's, as they are; problem programs have none */
static void channel_instructions_to_user(void **state)
{
	static const uint16_t ops[] = {0xb230, 0xb231, 0xb232, 0xb233, 0xb234, 0xb237, 0xb238,
				       0xb239, 0xb23a, 0xb23b, 0xb23c, 0xb25f, 0xb274, 0xb276};
	struct world *w = *state;

	css_support(w);
	for (unsigned int i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		uint8_t code[] = {(uint8_t)(ops[i] >> 8), (uint8_t)ops[i], 0x09, 0x00};

		world_code(w, code, sizeof(code));
		world_start(w, 0, 0);
		assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
		assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[0]->exit_reason);
		assert_int_equal(ops[i], w->run[0]->s390_sieic.ipa);
		assert_int_equal(0x09000000, w->run[0]->s390_sieic.ipb);
		world_start(w, 0, PSW_MASK_PSTATE);
		expect_diag(w, 0, HANDLER_PGM);
		assert_int_equal(PGM_PRIVILEGED_OP, guest16(w, 0x8e));
	}
}

/* The guest's clock is ahead of the machine's by what was set; setting offsets is not offered */
static void timing_facility(void **state)
{
	static const uint8_t code[] = {0x01, 0x04, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[0] = 1, [1] = 0x5000}};
	uint64_t epoch = 0x123456789000UL;

	atomic_store(&w->kvm->arch.epoch, epoch);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, cc(w));
	assert_true(guest64(w, 0x5000) <= kvm_s390_get_tod(w->kvm) - epoch);
	assert_int_equal(epoch, guest64(w, 0x5010));
	assert_int_equal(epoch, guest64(w, 0x5018));
	for (unsigned int function = 0x40; function < 0x44; function++) {
		regs.gprs[0] = function;
		run(w, code, sizeof(code), &regs);
		assert_int_equal(3, cc(w));
	}
	assert_int_equal(epoch, atomic_load(&w->kvm->arch.epoch));
}

/* A guest's own queries and what the machine says of them */
static void queries_as_subfunctions(void **state)
{
	static const struct {
		uint8_t text[4];
		size_t offset;
	} queries[] = {
#define QUERY(b2, b3, b4, field)                                                                   \
	{{0xb9, b2, b3, b4}, offsetof(struct kvm_s390_vm_cpu_subfunc, field)}
		{{0x01, 0x04, 0x07, 0x00}, offsetof(struct kvm_s390_vm_cpu_subfunc, ptff)},
		QUERY(0x1e, 0, 0x24, kmac),
		QUERY(0x2f, 0, 0x24, kmc),
		QUERY(0x2e, 0, 0x24, km),
		QUERY(0x3e, 0, 0x24, kimd),
		QUERY(0x3f, 0, 0x24, klmd),
		QUERY(0x2d, 0x60, 0x24, kmctr),
		QUERY(0x2a, 0, 0x24, kmf),
		QUERY(0x2b, 0, 0x24, kmo),
		QUERY(0x2c, 0, 0, pcc),
		QUERY(0x3c, 0, 0x24, ppno),
#undef QUERY
	};
	/* plo 0,0(0),0,0(0) */
	static const uint8_t plo[] = {0xee, 0, 0, 0, 0, 0, DIAG_END};
	static struct kvm_s390_vm_cpu_subfunc machine;
	struct kvm_device_attr attr = {
		.group = 3, .attr = KVM_S390_VM_CPU_MACHINE_SUBFUNC, .addr = (uintptr_t)&machine};
	uint8_t code[] = {0, 0, 0, 0, DIAG_END};
	struct world *w = *state;

	assert_int_equal(0, vm_ioctl(w, KVM_GET_DEVICE_ATTR, &attr));
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct kvm_regs regs = {.gprs = {[1] = 0x900}};

		memset(w->mem + 0x900, 0xee, 16);
		memcpy(code, queries[i].text, 4);
		run(w, code, sizeof(code), &regs);
		assert_int_equal(0, cc(w));
		assert_memory_equal((uint8_t *)&machine + queries[i].offset, w->mem + 0x900, 16);
	}
	for (unsigned int i = 0; i < 256; i++) {
		struct kvm_regs regs = {.gprs = {[0] = 0x100 | i}};

		run(w, plo, sizeof(plo), &regs);
		assert_int_equal(machine.plo[i / 8] & 0x80 >> i % 8 ? 0 : 3, cc(w));
	}
}

static void tpi_takes_interrupt(void **state)
{
	static const uint8_t code[] = {0xb2, 0x36, 0x09, 0x00, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {0};
	struct kvm_s390_interrupt irq = {0x30003, 0x00010003, 0x1100000000UL | 2 << 27};

	css_support(w);
	world_set_cr(w, 0, 6, 0xff000000);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, cc(w));
	assert_int_equal(0, vm_ioctl(w, KVM_S390_INTERRUPT, &irq));
	run(w, code, sizeof(code), &regs);
	assert_int_equal(1, cc(w));
	assert_int_equal(0x00010003, guest32(w, 0x900));
	assert_int_equal(0x11, guest32(w, 0x904));
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, cc(w));
}

/* With a second operand of 0 three words go to the prefix area */
static void tpi_to_lowcore(void **state)
{
	static const uint8_t code[] = {0xb2, 0x36, 0x00, 0x00, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {0};
	struct kvm_s390_interrupt irq = {0x30003, 0x00010003, 0x1100000000UL | 2 << 27};

	css_support(w);
	world_set_cr(w, 0, 6, 0xff000000);
	assert_int_equal(0, vm_ioctl(w, KVM_S390_INTERRUPT, &irq));
	run(w, code, sizeof(code), &regs);
	assert_int_equal(1, cc(w));
	assert_int_equal(0x00010003, guest32(w, 0xb8));
	assert_int_equal(0x11, guest32(w, 0xbc));
	assert_int_equal(2 << 27, guest32(w, 0xc0));
}

/* The instruction is suppressed: neither condition code nor queue change */
static void tpi_without_storage(void **state)
{
	static const uint8_t code[] = {0xb2, 0x36, 0x20, 0x00, DIAG_END}; /* tpi 0(%r2) */
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[2] = WORLD_MEMORY}};
	struct kvm_s390_interrupt irq = {0x30003, 0x00010003, 0x1100000000UL | 2 << 27};

	css_support(w);
	world_set_cr(w, 0, 6, 0xff000000);
	assert_int_equal(0, vm_ioctl(w, KVM_S390_INTERRUPT, &irq));
	world_code(w, code, sizeof(code));
	world_start(w, 0, 2UL << 44);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
	expect_diag(w, 0, HANDLER_PGM);
	assert_int_equal(PGM_ADDRESSING, guest16(w, 0x8e));
	assert_int_equal(2, guest64(w, 0x150) >> 44 & 3);
	regs.gprs[2] = 0x900;
	run(w, code, sizeof(code), &regs);
	assert_int_equal(1, cc(w));
	assert_int_equal(0x00010003, guest32(w, 0x900));
}

static void tsch_leaves(void **state)
{
	static const uint8_t code[] = {0xb2, 0x35, 0x09, 0x00};
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[1] = 0x00010003}};
	struct kvm_s390_interrupt irq = {0x30003, 0x00010003, 0x1100000000UL | 2 << 27};

	css_support(w);
	assert_int_equal(0, vm_ioctl(w, KVM_S390_INTERRUPT, &irq));
	world_code(w, code, sizeof(code));
	world_start(w, 0, 0);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_TSCH, w->run[0]->exit_reason);
	assert_int_equal(1, w->run[0]->s390_tsch.dequeued);
	assert_int_equal(3, w->run[0]->s390_tsch.subchannel_nr);
	assert_int_equal(0x11, w->run[0]->s390_tsch.io_int_parm);
	assert_int_equal(1, w->run[0]->s390_tsch.subchannel_id);
	assert_int_equal(2 << 27, w->run[0]->s390_tsch.io_int_word);
	assert_int_equal(0x09000000, w->run[0]->s390_tsch.ipb);
	/* nothing waits any more */
	world_start(w, 0, 0);
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_TSCH, w->run[0]->exit_reason);
	assert_int_equal(0, w->run[0]->s390_tsch.dequeued);
}

/* ---- STSI ---- */

static const uint8_t code_stsi[] = {0xb2, 0x7d, 0x20, 0x00, DIAG_END}; /* stsi 0(%r2) */

static void stsi_levels(void **state)
{
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[0] = 0, [1] = 0, [2] = 0x60000}};
	static const uint8_t kvm_ebcdic[] = {0xd2, 0xe5, 0xd4};
	static const struct {
		uint64_t gpr0, gpr1;
		unsigned int cc;
	} rows[] = {
		{0x10000001, 1, 0}, {0x10000002, 1, 0}, {0x10000002, 2, 0},
		{0x20000002, 2, 0}, {0x30000002, 2, 0}, {0x10000003, 1, 3},
		{0x30000001, 1, 3}, {0xf0000001, 1, 3}, {0x40000000, 0, 3},
	};

	run(w, code_stsi, sizeof(code_stsi), &regs);
	assert_int_equal(0, cc(w));
	assert_int_equal(0x30000000, regs.gprs[0]);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		regs.gprs[0] = rows[i].gpr0;
		regs.gprs[1] = rows[i].gpr1;
		run(w, code_stsi, sizeof(code_stsi), &regs);
		assert_int_equal(rows[i].cc, cc(w));
		if (rows[i].gpr0 == 0x30000002)
			assert_memory_equal(kvm_ebcdic, w->mem + 0x60000 + 0x20 + 0x18, 3);
		if (rows[i].gpr0 == 0x10000002 && rows[i].gpr1 == 2)
			assert_int_equal(WORLD_CPUS, guest16(w, 0x60026));
	}
}

static void stsi_errors(void **state)
{
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[0] = 0x10000001, [1] = 1, [2] = 0x60008}};

	run_pgm(w, code_stsi, sizeof(code_stsi), &regs, PGM_SPECIFICATION, 4);
	regs.gprs[2] = 0x60000;
	regs.gprs[0] = 0x10000101;
	run_pgm(w, code_stsi, sizeof(code_stsi), &regs, PGM_SPECIFICATION, 4);
	regs.gprs[0] = 0x10000001;
	regs.gprs[1] = 0x10001;
	run_pgm(w, code_stsi, sizeof(code_stsi), &regs, PGM_SPECIFICATION, 4);
}

static void stsi_to_user(void **state)
{
	struct world *w = *state;
	struct kvm_enable_cap cap = {.cap = KVM_CAP_S390_USER_STSI};
	struct kvm_regs regs = {.gprs = {[0] = 0x30000002, [1] = 2, [2] = 0x60000}};

	assert_int_equal(0, vm_ioctl(w, KVM_ENABLE_CAP, &cap));
	world_code(w, code_stsi, sizeof(code_stsi));
	world_start(w, 0, 0);
	assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
	assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
	assert_int_equal(KVM_EXIT_S390_STSI, w->run[0]->exit_reason);
	assert_int_equal(0x60000, w->run[0]->s390_stsi.addr);
	assert_int_equal(3, w->run[0]->s390_stsi.fc);
	assert_int_equal(2, w->run[0]->s390_stsi.sel2);
}

/* ---- DIAG ---- */

static void diag_308(void **state)
{
	static const uint8_t code[] = {0x83, 0x02, 0x03, 0x08};
	struct world *w = *state;
	static const struct {
		uint64_t subcode, flags;
	} rows[] = {
		{3, KVM_S390_RESET_CLEAR | KVM_S390_RESET_SUBSYSTEM | KVM_S390_RESET_IPL |
			    KVM_S390_RESET_CPU_INIT},
		{4, KVM_S390_RESET_SUBSYSTEM | KVM_S390_RESET_IPL | KVM_S390_RESET_CPU_INIT},
	};

	for (unsigned int i = 0; i < 2; i++) {
		struct kvm_regs regs = {.gprs = {[2] = rows[i].subcode}};

		world_code(w, code, sizeof(code));
		world_start(w, 0, 0);
		assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
		assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
		assert_int_equal(KVM_EXIT_S390_RESET, w->run[0]->exit_reason);
		assert_int_equal(rows[i].flags, w->run[0]->s390_reset_flags);
	}
	for (uint64_t subcode = 0; subcode < 11; subcode++) {
		struct kvm_regs regs = {.gprs = {[2] = subcode}};

		if (subcode == 3 || subcode == 4)
			continue;
		world_start(w, 0, 0);
		assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
		expect_diag(w, 0, 0x308);
	}
}

static void diag_inside(void **state)
{
	/* diag 0x44; diag 0x9c; diag %r2,%r4,0x10 */
	static const uint8_t code[] = {0x83, 0x00, 0x00, 0x44, 0x83, 0x10,    0x00,
				       0x9c, 0x83, 0x24, 0x00, 0x10, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[1] = 1, [2] = 0x70000, [4] = 0x71000}};

	memset(w->mem + 0x70000, 7, 0x3000);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, guest64(w, 0x71ff8));
	assert_int_equal(0x0707070707070707, guest64(w, 0x72000));
	regs.gprs[2] = 0x1000;
	run_pgm(w, code + 8, 4, &regs, PGM_SPECIFICATION, 4);
}

static void diag_258(void **state)
{
	static const uint8_t code[] = {0x83, 0x24, 0x02, 0x58, DIAG_END};
	struct world *w = *state;
	struct kvm_regs regs = {.gprs = {[2] = 0x904}};

	run_pgm(w, code, sizeof(code), &regs, PGM_SPECIFICATION, 4);
	regs.gprs[2] = 0x908;
	put_guest64(w, 0x908, 0x0258000000050002);
	put_guest64(w, 0x910, 0x80000);
	put_guest64(w, 0x928, 0x8000000000000000);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, regs.gprs[4]);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(8, regs.gprs[4]);
	put_guest64(w, 0x908, 0x0258000100050002);
	put_guest64(w, 0x910, 0);
	put_guest64(w, 0x928, 0);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(0, regs.gprs[4]);
	run(w, code, sizeof(code), &regs);
	assert_int_equal(4, regs.gprs[4]);
}

/* ---- SIGP ---- */

/** sigp() - order to @cpu with @parameter. Return: cc; *status: low word of the status register */
static unsigned int sigp(struct world *w, uint8_t order, uint64_t cpu, uint64_t parameter,
			 uint32_t *status)
{
	/* sigp %r2,%r4,order: status in 2, parameter in 3 */
	uint8_t code[] = {0xae, 0x24, 0x00, order, DIAG_END};
	struct kvm_regs regs = {.gprs = {[2] = 0xaaaaaaaabbbbbbbb, [3] = parameter, [4] = cpu}};

	run(w, code, sizeof(code), &regs);
	assert_int_equal(0xaaaaaaaa, regs.gprs[2] >> 32);
	*status = (uint32_t)regs.gprs[2];
	return cc(w);
}

static void operating(struct world *w, unsigned int cpu, uint32_t mp_state)
{
	struct kvm_mp_state mp = {mp_state};

	assert_int_equal(0, cpu_ioctl(w, cpu, KVM_SET_MP_STATE, &mp));
}

static void sigp_orders(void **state)
{
	struct world *w = *state;
	uint32_t status;

	operating(w, 0, KVM_MP_STATE_OPERATING);
	assert_int_equal(3, sigp(w, 1, WORLD_CPUS, 0, &status));
	assert_int_equal(1, sigp(w, 1, 1, 0, &status));
	assert_int_equal(0x40, status);
	assert_int_equal(0, sigp(w, 2, 1, 0, &status));
	/* not busy: who signals while a lock is held that the target spins for must get on */
	assert_int_equal(1, sigp(w, 2, 1, 0, &status));
	assert_int_equal(0x80, status);
	assert_int_equal(1, sigp(w, 1, 1, 0, &status));
	assert_int_equal(0xc0, status);
	assert_int_equal(0, sigp(w, 3, 1, 0, &status));
	assert_int_equal(1, sigp(w, 0x12, 0, 1, &status));
	assert_int_equal(0x100, status);
	assert_int_equal(1, sigp(w, 0x15, 1, 0, &status));
	assert_int_equal(0x400, status);
	assert_int_equal(0, sigp(w, 0x15, 0, 0, &status));
	assert_int_equal(1, sigp(w, 0x0d, 1, WORLD_MEMORY, &status));
	assert_int_equal(0x100, status);
	assert_int_equal(0, sigp(w, 0x0e, 1, 0x30000, &status));
	assert_int_equal(1, sigp(w, 0x0e, 1, WORLD_MEMORY, &status));
	assert_int_equal(0x100, status);
	assert_int_equal(0, sigp(w, 0x0d, 1, 0x20000, &status));
	operating(w, 2, KVM_MP_STATE_OPERATING);
	assert_int_equal(0, sigp(w, 1, 2, 0, &status));
	assert_int_equal(1, sigp(w, 0x0d, 2, 0x20000, &status));
	assert_int_equal(0x200, status);
	assert_int_equal(1, sigp(w, 0x0e, 2, 0x30000, &status));
	assert_int_equal(0x200, status);
	assert_int_equal(0, sigp(w, 0x13, 2, 0, &status));
	assert_int_equal(0, sigp(w, 3, 2, 0, &status));
	assert_int_equal(0, sigp(w, 5, 2, 0, &status));
	assert_int_equal(2, sigp(w, 5, 2, 0, &status));
	assert_int_equal(2, sigp(w, 1, 2, 0, &status));
}

/* Stopped, enabled for both classes: refused in a wait at 0, or in another address space */
static void sigp_conditional_emergency(void **state)
{
	static const struct {
		uint64_t mask, addr;
		unsigned int cc;
	} rows[] = {
		{0, 0, 0},
		{PSW_MASK_EXT, 0, 0},
		{PSW_MASK_IO, 0, 0},
		{PSW_MASK_EXT | PSW_MASK_IO, 0, 1},
		{PSW_MASK_EXT | PSW_MASK_IO | PSW_MASK_WAIT, 0, 1},
		{PSW_MASK_EXT | PSW_MASK_IO | PSW_MASK_WAIT, 0x2000, 0},
	};
	struct world *w = *state;
	struct kvm_vcpu *dst = world_vcpu(w, 1);
	uint32_t status;

	operating(w, 0, KVM_MP_STATE_OPERATING);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set_gpsw(dst, rows[i].mask, rows[i].addr);
		assert_int_equal(rows[i].cc, sigp(w, 0x13, 1, 5, &status));
		if (rows[i].cc)
			assert_int_equal(0x200, status);
	}
	set_gpsw(dst, PSW_MASK_EXT | PSW_MASK_IO, 0);
	world_set_cr(w, 1, 4, 5); /* primary */
	assert_int_equal(0, sigp(w, 0x13, 1, 5, &status));
	world_set_cr(w, 1, 4, 0);
	world_set_cr(w, 1, 3, 5); /* secondary */
	assert_int_equal(0, sigp(w, 0x13, 1, 5, &status));
	assert_int_equal(1, sigp(w, 0x13, 1, 6, &status));
}

/* Stop and store status, restart: until they are carried out only resets are accepted */
static void sigp_busy(void **state)
{
	static const uint8_t orders[] = {1, 2, 3, 4, 5, 6, 9, 0x0d, 0x0e, 0x13, 0x15};
	struct world *w = *state;
	struct kvm_s390_irq restart = {.type = KVM_S390_RESTART};
	uint32_t status;

	operating(w, 0, KVM_MP_STATE_OPERATING);
	operating(w, 1, KVM_MP_STATE_OPERATING);
	operating(w, 2, KVM_MP_STATE_OPERATING);
	assert_int_equal(0, sigp(w, 9, 1, 0, &status));
	assert_int_equal(KVM_S390_STOP_FLAG_STORE_STATUS,
			 world_vcpu(w, 1)->arch.local_int.stop.flags);
	assert_int_equal(0, cpu_ioctl(w, 2, KVM_S390_IRQ, &restart));
	for (uint64_t cpu = 1; cpu <= 2; cpu++)
		for (unsigned int i = 0; i < sizeof(orders); i++)
			assert_int_equal(2, sigp(w, orders[i], cpu, 0, &status));
}

static void sigp_to_user(void **state)
{
	static const uint8_t orders[] = {4, 6, 0x0b, 0x0c, 0x17, 0x7f};
	struct world *w = *state;

	for (unsigned int i = 0; i < sizeof(orders); i++) {
		uint8_t code[] = {0xae, 0x24, 0x00, orders[i]};
		struct kvm_regs regs = {.gprs = {[4] = 1}};

		world_code(w, code, sizeof(code));
		world_start(w, 0, 0);
		assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
		assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
		assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[0]->exit_reason);
		assert_int_equal(0xae24, w->run[0]->s390_sieic.ipa);
		assert_int_equal(orders[i], w->run[0]->s390_sieic.ipb >> 16);
	}
}

static void user_sigp(void **state)
{
	static const uint8_t inside[] = {1, 2, 3, 0x13, 0x15};
	struct world *w = *state;
	struct kvm_enable_cap cap = {.cap = KVM_CAP_S390_USER_SIGP};
	uint32_t status;

	assert_int_equal(0, vm_ioctl(w, KVM_ENABLE_CAP, &cap));
	for (unsigned int order = 0; order < 0x20; order++) {
		uint8_t code[] = {0xae, 0x24, 0x00, (uint8_t)order};
		struct kvm_regs regs = {.gprs = {[4] = 1}};

		if (memchr(inside, (int)order, sizeof(inside))) {
			assert_in_range(sigp(w, (uint8_t)order, 1, 0, &status), 0, 1);
			continue;
		}
		world_code(w, code, sizeof(code));
		world_start(w, 0, 0);
		assert_int_equal(0, cpu_ioctl(w, 0, KVM_SET_REGS, &regs));
		assert_int_equal(0, cpu_ioctl_value(w, 0, KVM_RUN, 0));
		assert_int_equal(KVM_EXIT_S390_SIEIC, w->run[0]->exit_reason);
		assert_int_equal(0xae24, w->run[0]->s390_sieic.ipa);
		assert_int_equal(order, w->run[0]->s390_sieic.ipb >> 16);
	}
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(identification),
		WORLD_TEST(operands_are_aligned),
		WORLD_TEST(operand_is_protected_by_its_key),
		WORLD_TEST(keys_are_used),
		WORLD_TEST(operand_is_not_storage),
		WORLD_TEST(problem_state),
		WORLD_TEST(set_prefix),
		WORLD_TEST(set_clock),
		WORLD_TEST(test_block),
		WORLD_TEST(channel_instructions),
		WORLD_TEST(channel_instructions_to_user),
		WORLD_TEST(timing_facility),
		WORLD_TEST(queries_as_subfunctions),
		WORLD_TEST(tpi_takes_interrupt),
		WORLD_TEST(tpi_to_lowcore),
		WORLD_TEST(tpi_without_storage),
		WORLD_TEST(tsch_leaves),
		WORLD_TEST(stsi_levels),
		WORLD_TEST(stsi_errors),
		WORLD_TEST(stsi_to_user),
		WORLD_TEST(diag_308),
		WORLD_TEST(diag_inside),
		WORLD_TEST(diag_258),
		WORLD_TEST(sigp_orders),
		WORLD_TEST(sigp_conditional_emergency),
		WORLD_TEST(sigp_busy),
		WORLD_TEST(sigp_to_user),
		WORLD_TEST(user_sigp),
	};

	return cmocka_run_group_tests_name("kvm-cpu-insn", tests, NULL, NULL);
}
