/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of life.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/life/life.h"

#define LEAST_LIMIT (4UL << 30)

static int result(int ret)
{
	return ret < 0 ? -errno : ret;
}

static int life_set_limit(struct life *l, uint64_t limit)
{
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_MEM_CTRL,
		.attr = KVM_S390_VM_MEM_LIMIT_SIZE,
		.addr = (uintptr_t)&limit,
	};

	return result(protvirt_ioctl(l->vm, KVM_SET_DEVICE_ATTR, (uintptr_t)&attr));
}

static int life_add_memory(struct life *l, size_t len)
{
	struct kvm_userspace_memory_region slot = {.memory_size = len};

	l->memory = protvirt_alloc_guest_memory(len);
	if (!l->memory)
		return -errno;
	l->memory_len = len;
	slot.userspace_addr = (uintptr_t)l->memory;
	return result(protvirt_ioctl(l->vm, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&slot));
}

static int life_add_cpu(struct life *l, unsigned int id)
{
	int size = result(protvirt_ioctl(l->kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	void *run;

	if (size < 0)
		return size;
	l->vcpu[id] = result(protvirt_ioctl(l->vm, KVM_CREATE_VCPU, id));
	if (l->vcpu[id] < 0)
		return l->vcpu[id];
	l->cpus = id + 1;
	run = protvirt_mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, l->vcpu[id], 0);
	if (run == MAP_FAILED)
		return -errno;
	l->run[id] = run;
	return 0;
}

int life_create(struct life *l, size_t memory_len, unsigned int cpus)
{
	int ret;

	*l = (struct life){.kvm = -1, .vm = -1};
	l->kvm = result(protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC));
	if (l->kvm < 0)
		return l->kvm;
	l->vm = result(protvirt_ioctl(l->kvm, KVM_CREATE_VM, 0));
	if (l->vm < 0)
		return l->vm;
	ret = life_set_limit(l, memory_len > LEAST_LIMIT ? memory_len : LEAST_LIMIT);
	if (!ret)
		ret = life_add_memory(l, memory_len);
	for (unsigned int id = 0; !ret && id < cpus; id++)
		ret = life_add_cpu(l, id);
	return ret;
}

int life_pv(struct life *l, uint32_t cmd, void *data)
{
	struct kvm_pv_cmd pv = {.cmd = cmd, .data = (uintptr_t)data};
	int ret;

	do {
		pv.rc = 0;
		pv.rrc = 0;
		ret = result(protvirt_ioctl(l->vm, KVM_S390_PV_COMMAND, (uintptr_t)&pv));
	} while (ret == -EINTR);
	l->rc = pv.rc;
	l->rrc = pv.rrc;
	return ret;
}

static int life_unpack(struct life *l, const struct life_image *image)
{
	struct kvm_s390_pv_sec_parm parm = {
		.origin = (uintptr_t)image->header,
		.length = image->header_len,
	};
	struct kvm_s390_pv_unp unp = {
		.addr = LIFE_GUEST_ADDR,
		.size = image->pages_len,
		.tweak = image->tweak_prefix,
	};
	int ret = life_pv(l, KVM_PV_SET_SEC_PARMS, &parm);

	if (!ret)
		ret = life_pv(l, KVM_PV_UNPACK, &unp);
	if (!ret)
		ret = life_pv(l, KVM_PV_VERIFY, NULL);
	return ret;
}

static int life_cpu_state(struct life *l, uint32_t state)
{
	struct kvm_mp_state mp = {.mp_state = state};

	if (!l->cpus)
		return 0;
	return result(protvirt_ioctl(l->vcpu[0], KVM_SET_MP_STATE, (uintptr_t)&mp));
}

void life_put_image(struct life *l, const struct life_image *image)
{
	/* as the VMM does */
	madvise(l->memory + LIFE_GUEST_ADDR, image->pages_len, MADV_POPULATE_WRITE);
	memcpy(l->memory + LIFE_GUEST_ADDR, image->pages, image->pages_len);
}

int life_start(struct life *l, const struct life_image *image)
{
	/* The load state loads a PSW; it does not start a CPU that is stopped. */
	int ret = life_cpu_state(l, KVM_MP_STATE_OPERATING);

	if (!ret)
		ret = life_pv(l, KVM_PV_ENABLE, NULL);
	if (!ret)
		ret = life_unpack(l, image);
	if (!ret)
		ret = life_cpu_state(l, KVM_MP_STATE_LOAD);
	return ret;
}

int life_load(struct life *l, const struct life_image *image)
{
	life_put_image(l, image);
	return life_start(l, image);
}

int life_run_to_diag(struct life *l)
{
	struct kvm_run *run = l->run[0];
	int ret;

	do {
		ret = result(protvirt_ioctl(l->vcpu[0], KVM_RUN, 0));
	} while (ret == -EINTR);
	if (ret < 0)
		return ret;
	if (run->exit_reason != KVM_EXIT_S390_SIEIC || run->s390_sieic.ipa >> 8 != 0x83)
		return -EPROTO;
	return 0;
}

int life_run(struct life *l, uint64_t pages)
{
	struct kvm_run *run = l->run[0];
	int ret;

	run->kvm_valid_regs = KVM_SYNC_GPRS;
	ret = life_run_to_diag(l);
	if (ret)
		return ret;
	run->s.regs.gprs[2] = pages;
	run->kvm_dirty_regs = KVM_SYNC_GPRS;
	ret = life_run_to_diag(l);
	if (ret)
		return ret;
	run->s.regs.gprs[2] = 0;
	run->kvm_dirty_regs = KVM_SYNC_GPRS;
	return 0;
}

static int life_dump(struct life *l, uint64_t subcmd, void *buff, uint64_t len)
{
	struct kvm_s390_pv_dmp dmp = {
		.subcmd = subcmd,
		.buff_addr = (uintptr_t)buff,
		.buff_len = len,
	};

	return life_pv(l, KVM_PV_DUMP, &dmp);
}

int life_dump_init(struct life *l)
{
	struct kvm_s390_pv_info info = {
		.header = { .id = KVM_PV_INFO_DUMP, .len_max = sizeof(info) },
	};
	int ret = life_pv(l, KVM_PV_INFO, &info);

	if (ret)
		return ret;
	if (info.dump.dump_cpu_buffer_len != LIFE_DUMP_UNIT ||
	    info.dump.dump_config_mem_buffer_per_1m != LIFE_DUMP_UNIT ||
	    info.dump.dump_config_finalize_len != LIFE_DUMP_UNIT)
		return -EPROTO;
	return life_dump(l, KVM_PV_DUMP_INIT, NULL, 0);
}

int life_dump_cpu(struct life *l, unsigned int id, uint8_t out[LIFE_DUMP_UNIT])
{
	struct kvm_s390_pv_dmp dmp = {
		.subcmd = KVM_PV_DUMP_CPU,
		.buff_addr = (uintptr_t)out,
		.buff_len = LIFE_DUMP_UNIT,
	};
	struct kvm_pv_cmd cmd = { .cmd = KVM_PV_DUMP, .data = (uintptr_t)&dmp };

	return result(protvirt_ioctl(l->vcpu[id], KVM_S390_PV_CPU_COMMAND, (uintptr_t)&cmd));
}

int life_dump_states(struct life *l, uint8_t *out, size_t mib)
{
	return life_dump(l, KVM_PV_DUMP_CONFIG_STOR_STATE, out, mib * LIFE_DUMP_UNIT);
}

int life_dump_complete(struct life *l, uint8_t out[LIFE_DUMP_UNIT])
{
	return life_dump(l, KVM_PV_DUMP_COMPLETE, out, LIFE_DUMP_UNIT);
}

void life_close(struct life *l)
{
	for (unsigned int id = 0; id < l->cpus; id++) {
		if (l->run[id])
			munmap(l->run[id], 4096);
		protvirt_close(l->vcpu[id]);
	}
	if (l->vm >= 0)
		protvirt_close(l->vm);
	if (l->kvm >= 0)
		protvirt_close(l->kvm);
	if (l->memory)
		protvirt_free_guest_memory(l->memory, l->memory_len);
	*l = (struct life){.kvm = -1, .vm = -1};
}
