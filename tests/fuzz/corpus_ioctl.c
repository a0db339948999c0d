/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lives of VMs as ioctls, for the harness ioctl. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/ioctl.h"
#include "tests/fuzz/make_corpus.h"
#include "tests/life/life.h"

enum slot {
	KVM,
	VM,
	CPU,
};

#define DATA_AT 0x1000U /* in FUZZ_SCRATCH: behind the argument */
#define DUMP_AT (FUZZ_SCRATCH + 0x4000U) /* before the header */

static void put_ioctl(unsigned int cmd, enum slot slot, const void *arg, size_t len)
{
	uint8_t row = 0;

	while (fuzz_ioctls[row] != cmd)
		fuzz_must(++row < FUZZ_IOCTLS);
	put_number(row, 1);
	put_number(slot, 1);
	put_number(len, 1);
	put(arg, len);
}

static void put_value(unsigned int cmd, enum slot slot, uint64_t v)
{
	put_ioctl(cmd, slot, &v, v ? 8 : 0);
}

#define STRUCTURE(cmd, slot, ...)                                                                  \
	put_ioctl((cmd), (slot), &(__VA_ARGS__), sizeof(__VA_ARGS__))

static void put_data(const void *bytes, size_t n)
{
	put_number(STEP_WRITE, 1);
	put_number(DATA_AT, 2);
	put_number(n, 1);
	put(bytes, n);
}

static void put_guest(uint32_t at, const char *hex)
{
	size_t n = 0;

	for (const char *p = hex; *p; p++)
		n += *p != ' ';
	put_number(STEP_GUEST, 1);
	put_number(at, 3);
	put_number(n / 2, 1);
	put_hex(hex);
}

static void put_run(uint16_t valid, uint16_t dirty)
{
	put_number(STEP_RUN, 1);
	put_number(CPU, 1);
	put_number(valid, 2);
	put_number(dirty, 2);
	put_number(0, 3);
}

static void put_pv(uint32_t cmd, const void *data, size_t len)
{
	if (len)
		put_data(data, len);
	STRUCTURE(KVM_S390_PV_COMMAND, VM,
		  (struct kvm_pv_cmd){.cmd = cmd, .data = len ? FUZZ_SCRATCH + DATA_AT : 0});
}

static void put_attr(unsigned int cmd, uint32_t group, uint64_t attr)
{
	STRUCTURE(cmd, VM,
		  (struct kvm_device_attr){
			  .group = group, .attr = attr, .addr = FUZZ_SCRATCH + DATA_AT});
}

static void put_vm(void)
{
	const uint64_t limit = 4UL << 30;

	put_value(KVM_CREATE_VM, KVM, 0);
	put_data(&limit, sizeof(limit));
	put_attr(KVM_SET_DEVICE_ATTR, KVM_S390_VM_MEM_CTRL, KVM_S390_VM_MEM_LIMIT_SIZE);
	STRUCTURE(KVM_SET_USER_MEMORY_REGION, VM,
		  (struct kvm_userspace_memory_region){.memory_size = FUZZ_MEMORY_SIZE,
						       .userspace_addr = FUZZ_MEMORY});
	put_value(KVM_CREATE_VCPU, VM, 0);
}

static void put_load(void)
{
	const struct kvm_s390_pv_sec_parm parm = {.origin = FUZZ_HEADER, .length = 640};
	const struct kvm_s390_pv_unp unp = {
		.addr = LIFE_GUEST_ADDR, .size = 4096, .tweak = 0x0000c0ffee123456};

	STRUCTURE(KVM_SET_MP_STATE, CPU, (struct kvm_mp_state){KVM_MP_STATE_OPERATING});
	put_pv(KVM_PV_ENABLE, NULL, 0);
	put_pv(KVM_PV_SET_SEC_PARMS, &parm, sizeof(parm));
	put_pv(KVM_PV_UNPACK, &unp, sizeof(unp));
	put_pv(KVM_PV_VERIFY, NULL, 0);
	STRUCTURE(KVM_SET_MP_STATE, CPU, (struct kvm_mp_state){KVM_MP_STATE_LOAD});
	put_run(0x1fff, 0);
	put_run(2, 2);
}

static void write_life(const char *name, bool async)
{
	put_vm();
	put_load();
	if (async) {
		put_pv(KVM_PV_ASYNC_CLEANUP_PREPARE, NULL, 0);
		put_pv(KVM_PV_ENABLE, NULL, 0);
		put_pv(KVM_PV_ASYNC_CLEANUP_PERFORM, NULL, 0);
		put_pv(KVM_PV_ASYNC_CLEANUP_PREPARE, NULL, 0);
	} else {
		STRUCTURE(KVM_SET_MP_STATE, CPU, (struct kvm_mp_state){KVM_MP_STATE_STOPPED});
		put_pv(KVM_PV_PREP_RESET, NULL, 0);
		put_pv(KVM_PV_UNSHARE_ALL, NULL, 0);
		put_pv(KVM_PV_DISABLE, NULL, 0);
	}
	put_value(KVM_S390_CLEAR_RESET, CPU, 0);
	save("ioctl", name);
}

static void write_two_lives(void)
{
	put_vm();
	put_load();
	put_pv(KVM_PV_ASYNC_CLEANUP_PREPARE, NULL, 0);
	put_number(STEP_KICK, 1);
	put_pv(KVM_PV_ASYNC_CLEANUP_PERFORM, NULL, 0);
	put_number(STEP_EXIT, 1);
	put_vm();
	put_pv(KVM_PV_ENABLE, NULL, 0);
	save("ioctl", "exit-and-next");
}

static void put_dump(uint64_t subcmd, uint64_t len, uint64_t gaddr)
{
	const struct kvm_s390_pv_dmp dmp = {
		.subcmd = subcmd, .buff_addr = DUMP_AT, .buff_len = len, .gaddr = gaddr};

	if (subcmd != KVM_PV_DUMP_CPU) {
		put_pv(KVM_PV_DUMP, &dmp, sizeof(dmp));
		return;
	}
	put_data(&dmp, sizeof(dmp));
	STRUCTURE(KVM_S390_PV_CPU_COMMAND, CPU,
		  (struct kvm_pv_cmd){.cmd = KVM_PV_DUMP, .data = FUZZ_SCRATCH + DATA_AT});
}

/* The whole guest, a piece behind its end, and one that ends with its configuration. */
static void write_dump(void)
{
	put_vm();
	put_load();
	put_dump(KVM_PV_DUMP_INIT, 0, 0);
	put_dump(KVM_PV_DUMP_CPU, 0x1000, 0);
	put_dump(KVM_PV_DUMP_CONFIG_STOR_STATE, 0x4000, 0);
	put_dump(KVM_PV_DUMP_CONFIG_STOR_STATE, 0x2000, 3UL << 20);
	put_dump(KVM_PV_DUMP_COMPLETE, 0x1000, 0);
	put_run(2, 2);
	put_dump(KVM_PV_DUMP_INIT, 0, 0);
	put_run(2, 2);
	put_pv(KVM_PV_DISABLE, NULL, 0);
	put_dump(KVM_PV_DUMP_COMPLETE, 0x1000, 0);
	save("ioctl", "dump");
}

static void put_program(const char *hex)
{
	put_vm();
	put_guest(0x10000, hex);
	STRUCTURE(KVM_S390_SET_INITIAL_PSW, CPU,
		  (struct kvm_s390_psw){.mask = 0x180000000, .addr = 0x10000});
	STRUCTURE(KVM_SET_MP_STATE, CPU, (struct kvm_mp_state){KVM_MP_STATE_OPERATING});
}

/* What KVM or the VMM does for a guest; a program interruption goes on behind the instruction. */
static void write_intercepted(const char *name, const char *hex)
{
	put_program(hex);
	put_guest(0x1d0, "0000000180000000 0000000000000400");
	put_guest(0x400, "b2b20150");
	for (int i = 0; i < 12; i++)
		put_run(0x1fff, i % 4 ? 0 : 2);
	save("ioctl", name);
}

static void write_all_intercepted(void)
{
	write_intercepted("information", "a7081000 a7180001 a7290002 a7890800 b27d8000 a7082000"
					 " a7180002 b27d8000 a7083000 a7180002 b27d8000 b2028000"
					 " b2128000 b2b10000 b2b08000");
	write_intercepted("signal", "a7190000 a7890800 ae120001 ae120005 ae120006 ae12000b"
				    " ae12000d ae12000e ae120012 ae120003 ae120002 ae120009");
	write_intercepted("control", "a7890800 b2108000 b2118000 b7008000 b6008000 eb008000002f"
				     " eb0080000025 b20a8000 b2298002 b22b0012 b22a0012 e50180008000"
				     " b9af0012 b9ab0012 b2208000 b25f0000 b2348000 b2380000");
	write_intercepted("diagnose", "a7190000 a7290001 83120044 8312009c 83120010 83120258"
				      " 83120288 83120308 83120318 83120500 83120501 8312ffff");
}

static void write_ordinary(void)
{
	put_program("a7190005 e31003000024 83120500"); /* lghi, stg, diag */
	put_run(0x1fff, 0);
	STRUCTURE(KVM_S390_MEM_OP, CPU,
		  (struct kvm_s390_mem_op){.gaddr = 0x300,
					   .size = 8,
					   .op = KVM_S390_MEMOP_LOGICAL_READ,
					   .buf = FUZZ_SCRATCH + DATA_AT});
	put_value(KVM_S390_STORE_STATUS, CPU, 0x1000);
	STRUCTURE(KVM_S390_MEM_OP, VM,
		  (struct kvm_s390_mem_op){.gaddr = 0x300,
					   .size = 8,
					   .op = KVM_S390_MEMOP_ABSOLUTE_CMPXCHG,
					   .buf = FUZZ_SCRATCH + DATA_AT,
					   .old_addr = FUZZ_SCRATCH + DATA_AT + 8});
	save("ioctl", "ordinary");
}

static void write_interrupts(void)
{
	const struct kvm_s390_irq service = {.type = KVM_S390_INT_SERVICE,
					     .u.ext.ext_params = 0x2000};

	put_vm();
	STRUCTURE(KVM_CREATE_DEVICE, VM, (struct kvm_create_device){.type = KVM_DEV_TYPE_FLIC});
	put_data(&service, sizeof(service));
	put_ioctl(KVM_SET_DEVICE_ATTR, CPU + 1,
		  &(struct kvm_device_attr){.group = KVM_DEV_FLIC_ENQUEUE,
					    .attr = sizeof(service),
					    .addr = FUZZ_SCRATCH + DATA_AT},
		  sizeof(struct kvm_device_attr));
	put_ioctl(KVM_GET_DEVICE_ATTR, CPU + 1,
		  &(struct kvm_device_attr){.group = KVM_DEV_FLIC_GET_ALL_IRQS,
					    .attr = 4096,
					    .addr = FUZZ_SCRATCH + DATA_AT},
		  sizeof(struct kvm_device_attr));
	STRUCTURE(KVM_S390_INTERRUPT, VM,
		  (struct kvm_s390_interrupt){.type = KVM_S390_INT_VIRTIO, .parm = 0xd00});
	STRUCTURE(KVM_S390_IRQ, CPU, (struct kvm_s390_irq){.type = KVM_S390_RESTART});
	STRUCTURE(KVM_S390_GET_IRQ_STATE, CPU,
		  (struct kvm_s390_irq_state){.buf = FUZZ_SCRATCH + DATA_AT, .len = 4096});
	STRUCTURE(KVM_S390_SET_IRQ_STATE, CPU,
		  (struct kvm_s390_irq_state){.buf = FUZZ_SCRATCH + DATA_AT, .len = 72});
	put_run(0, 0);
	save("ioctl", "interrupts");
}

static void write_attributes(void)
{
	put_vm();
	for (uint32_t group = KVM_S390_VM_MEM_CTRL; group <= KVM_S390_VM_CPU_TOPOLOGY; group++) {
		for (uint64_t attr = 0; attr < 3; attr++) {
			put_attr(KVM_HAS_DEVICE_ATTR, group, attr);
			put_attr(KVM_GET_DEVICE_ATTR, group, attr);
			put_attr(KVM_SET_DEVICE_ATTR, group, attr);
		}
	}
	STRUCTURE(KVM_S390_GET_SKEYS, VM,
		  (struct kvm_s390_skeys){.count = 16, .skeydata_addr = FUZZ_SCRATCH + DATA_AT});
	STRUCTURE(KVM_GET_DIRTY_LOG, VM, (struct kvm_dirty_log){.padding2 = FUZZ_SCRATCH});
	STRUCTURE(KVM_ENABLE_CAP, VM, (struct kvm_enable_cap){.cap = KVM_CAP_S390_USER_SIGP});
	save("ioctl", "attributes");
}

void write_ioctl(void)
{
	write_life("life-sync", false);
	write_life("life-async", true);
	write_two_lives();
	write_dump();
	write_ordinary();
	write_all_intercepted();
	write_interrupts();
	write_attributes();
}
