/* SPDX-License-Identifier: MIT */
/*
 * The whole life of a protected guest in one small VMM: minimal-vmm SE-IMAGE REBOOTS
 *
 * Starts the image, prints its console, and at each of its reboots sets the old guest aside
 * (KVM_PV_ASYNC_CLEANUP_PREPARE), lets a thread tear it down (KVM_PV_ASYNC_CLEANUP_PERFORM) and
 * starts the image again at once. The same source runs on a real s390x host with /dev/kvm.
 */
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"

#define MEMORY (256UL << 20)
#define LIMIT (4UL << 30) /* above 2 GiB, or PREPARE refuses */
#define SCLP_WRITE_EVENT_MASK 0x00780005U
#define SCLP_WRITE_EVENT_DATA 0x00760005U
#define SCLP_PV_SCCB 0x4000U /* the Ultravisor puts the guest's own address in its place */

static int vm, cpu;
static struct kvm_run *run;
static uint8_t *memory, *image;
static size_t image_len;

static uint16_t half(const void *at) { uint16_t v; memcpy(&v, at, 2); return be16toh(v); }
static uint32_t word(const void *at) { uint32_t v; memcpy(&v, at, 4); return be32toh(v); }
static uint64_t dword(const void *at) { uint64_t v; memcpy(&v, at, 8); return be64toh(v); }

static int do_ioctl(int fd, unsigned long request, const void *arg, const char *what)
{
	int ret = protvirt_ioctl(fd, request, (uintptr_t)arg);

	if (ret < 0)
		err(1, "%s", what);
	return ret;
}

static int pv(uint32_t cmd, void *data)
{
	struct kvm_pv_cmd c = { .cmd = cmd, .data = (uintptr_t)data };
	int ret;

	do
		ret = protvirt_ioctl(vm, KVM_S390_PV_COMMAND, (uintptr_t)&c);
	while (ret && errno == EINTR);
	if (ret)
		warn("PV command %u: rc 0x%x rrc 0x%x", cmd, c.rc, c.rrc);
	return ret;
}

static void *teardown(void *unused)
{
	pv(KVM_PV_ASYNC_CLEANUP_PERFORM, NULL);
	return unused;
}

/* Page of the image whose bytes at @at are @what: the SE header, the IPL parameter block. */
static uint8_t *find_page(size_t at, const void *what, size_t len)
{
	for (size_t page = 0x10000; page + 4096 <= image_len; page += 4096)
		if (!memcmp(image + page + at, what, len))
			return image + page;
	errx(1, "no Secure Execution image");
}

static void start_guest(void)
{
	static const uint8_t pbt[] = { 5, 0, 0, 0 };
	uint8_t *header = find_page(0, "IBMSecEx", 8);
	uint8_t *ipib = find_page(0x0c, pbt, sizeof(pbt));
	struct kvm_s390_pv_sec_parm parm = { (uintptr_t)header, word(header + 0x0c) };
	struct kvm_mp_state start = { KVM_MP_STATE_OPERATING }, load = { KVM_MP_STATE_LOAD };

	do_ioctl(cpu, KVM_S390_CLEAR_RESET, NULL, "clear reset");
	do_ioctl(cpu, KVM_SET_MP_STATE, &start, "start CPU");
	memcpy(memory, image, image_len);
	if (pv(KVM_PV_ENABLE, NULL) || pv(KVM_PV_SET_SEC_PARMS, &parm))
		exit(1);
	for (uint32_t i = 0; i < word(ipib + 0x74); i++) {
		const uint8_t *component = ipib + 0x88 + 24 * i;
		struct kvm_s390_pv_unp unp = {
			.addr = dword(component + 8),
			.size = (dword(component + 16) + 4095) & ~4095UL,
			.tweak = dword(component),
		};

		if (pv(KVM_PV_UNPACK, &unp))
			exit(1);
	}
	if (pv(KVM_PV_VERIFY, NULL))
		exit(1);
	do_ioctl(cpu, KVM_SET_MP_STATE, &load, "load state");
}

static void reboot_guest(void)
{
	pthread_t thread;

	if (!pv(KVM_PV_ASYNC_CLEANUP_PREPARE, NULL)) {
		if (pthread_create(&thread, NULL, teardown, NULL) || pthread_detach(thread))
			errx(1, "no thread for the teardown");
	} else if (pv(KVM_PV_DISABLE, NULL)) { /* always possible, but waits for all memory */
		exit(1);
	}
	start_guest();
}

/* A service call: says that VT220 output is taken, and prints it; the rest is refused. */
static void service_call(void)
{
	uint8_t sccb[4096];
	struct kvm_s390_mem_op op = { .size = 4096, .op = KVM_S390_MEMOP_SIDA_READ,
				      .buf = (uintptr_t)sccb };
	struct kvm_s390_interrupt irq = { KVM_S390_INT_SERVICE, SCLP_PV_SCCB, 0 };
	uint32_t command = (uint32_t)run->s.regs.gprs[run->s390_sieic.ipb >> 20 & 15];
	uint16_t response = htobe16(command >> 20 == 7 ? 0x0020 : 0x01f0); /* events are known */

	do_ioctl(cpu, KVM_S390_MEM_OP, &op, "read SIDA");
	if (command == SCLP_WRITE_EVENT_MASK)
		sccb[23] |= 0x40; /* in the third of four masks of 4 bytes: event type 0x1a */
	else if (command == SCLP_WRITE_EVENT_DATA && sccb[10] == 0x1a &&
		 half(sccb + 8) >= 6 && half(sccb + 8) <= sizeof(sccb) - 8)
		fwrite(sccb + 14, 1, half(sccb + 8) - 6U, stdout);
	memcpy(sccb + 6, &response, 2);
	op.op = KVM_S390_MEMOP_SIDA_WRITE;
	do_ioctl(cpu, KVM_S390_MEM_OP, &op, "write SIDA");
	run->psw_mask &= ~(3UL << 44); /* condition code 0 */
	do_ioctl(vm, KVM_S390_INTERRUPT, &irq, "service interrupt");
}

static void create_vm(void)
{
	uint64_t limit = LIMIT;
	struct kvm_device_attr attr = { .group = KVM_S390_VM_MEM_CTRL, .addr = (uintptr_t)&limit,
					.attr = KVM_S390_VM_MEM_LIMIT_SIZE };
	struct kvm_userspace_memory_region slot = { .memory_size = MEMORY };
	int kvm = protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0)
		err(1, "/dev/kvm");
	vm = do_ioctl(kvm, KVM_CREATE_VM, NULL, "create VM");
	if (do_ioctl(vm, KVM_CHECK_EXTENSION, (void *)KVM_CAP_S390_PROTECTED_ASYNC_DISABLE, "capability") < 1)
		errx(1, "no asynchronous destroy here");
	do_ioctl(vm, KVM_SET_DEVICE_ATTR, &attr, "memory limit");
	memory = protvirt_alloc_guest_memory(MEMORY);
	if (!memory)
		err(1, "guest memory");
	slot.userspace_addr = (uintptr_t)memory;
	do_ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot, "memory slot");
	cpu = do_ioctl(vm, KVM_CREATE_VCPU, NULL, "create CPU");
	run = protvirt_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (run == MAP_FAILED)
		err(1, "kvm_run");
	run->kvm_valid_regs = KVM_SYNC_GPRS;
}

static void read_image(const char *path)
{
	FILE *file = fopen(path, "re");

	image = calloc(1, MEMORY);
	if (!file || !image)
		err(1, "%s", path);
	image_len = fread(image, 1, MEMORY, file);
	fclose(file);
}

int main(int argc, char **argv)
{
	int reboots = argc == 3 ? (int)strtol(argv[2], NULL, 10) : -1;

	if (reboots < 0)
		errx(2, "usage: minimal-vmm SE-IMAGE REBOOTS");
	read_image(argv[1]);
	create_vm();
	start_guest();
	for (;;) {
		if (protvirt_ioctl(cpu, KVM_RUN, 0) && errno != EINTR)
			err(1, "KVM_RUN");
		if (run->exit_reason == KVM_EXIT_S390_RESET && reboots-- > 0)
			reboot_guest();
		else if (run->exit_reason == KVM_EXIT_S390_SIEIC && run->s390_sieic.ipa == 0xb220)
			service_call();
		else if (run->exit_reason == KVM_EXIT_S390_SIEIC && run->s390_sieic.ipa >> 8 == 0x83)
			run->s.regs.gprs[2] = (uint64_t)-EINVAL, run->kvm_dirty_regs |= KVM_SYNC_GPRS;
		else
			break;
	}
	printf("guest ended: exit %u, interception 0x%x\n", run->exit_reason, run->s390_sieic.icptcode);
	return run->exit_reason == KVM_EXIT_S390_RESET || run->s390_sieic.icptcode == 0x28 ? 0 : 1;
}
