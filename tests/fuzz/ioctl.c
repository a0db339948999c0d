/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequences of ioctls over the direct-call transport.
 *
 * Client and machine are one process here, and a wild pointer in an argument would
 * be this program's own memory. So the user's memory is two ranges at fixed places,
 * and a copy to or from any other is EFAULT: the transport's functions for it are
 * wrapped (linker option --wrap). Inputs may then hold whatever addresses they like.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "client/memory.h"
#include "client/protocol.h"
#include "host/direct.h"
#include "protvirt/protvirt.h"
#include "tests/direct/direct.h"
#include "tests/fuzz/budget.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/ioctl.h"
#include "tests/life/host_key.h"
#include "tests/life/life.h"
#include "tests/machine_model.h"

#define MAX_STEPS 128

static struct life_image image;
static struct machine_status idle;

/* ---- the user's memory ---- */

int __real_memory_read(void *to, uint64_t from, size_t n);
int __real_memory_write(uint64_t to, const void *from, size_t n);
int __real_memory_describe(uint64_t start, uint64_t len, struct protvirt_extent *extents,
			   size_t max);
int __wrap_memory_read(void *to, uint64_t from, size_t n);
int __wrap_memory_write(uint64_t to, const void *from, size_t n);
int __wrap_memory_describe(uint64_t start, uint64_t len, struct protvirt_extent *extents,
			   size_t max);

static bool inside(uint64_t at, uint64_t len, uint64_t start, uint64_t size)
{
	return at >= start && at - start <= size && len <= size - (at - start);
}

static bool is_users(uint64_t at, uint64_t len)
{
	return inside(at, len, FUZZ_MEMORY, FUZZ_MEMORY_SIZE) ||
	       inside(at, len, FUZZ_SCRATCH, FUZZ_SCRATCH_SIZE);
}

int __wrap_memory_read(void *to, uint64_t from, size_t n)
{
	return is_users(from, n) ? __real_memory_read(to, from, n) : -EFAULT;
}

int __wrap_memory_write(uint64_t to, const void *from, size_t n)
{
	return is_users(to, n) ? __real_memory_write(to, from, n) : -EFAULT;
}

int __wrap_memory_describe(uint64_t start, uint64_t len, struct protvirt_extent *extents,
			   size_t max)
{
	return is_users(start, len) ? __real_memory_describe(start, len, extents, max) : -EFAULT;
}

static uint8_t *user(uint64_t at)
{
	return (uint8_t *)(uintptr_t)at;
}

static void map_anew(uint64_t at, size_t size)
{
	fuzz_must(mmap(user(at), size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
}

/* ---- the VMM ---- */

struct vmm {
	int slot[FUZZ_SLOTS];
	struct kvm_run *run[FUZZ_SLOTS];
	size_t run_size;
	unsigned int used;
	bool has_argument;
	uint64_t argument;
};

static void vmm_begin(struct vmm *v)
{
	*v = (struct vmm){.used = 1};
	map_anew(FUZZ_MEMORY, FUZZ_MEMORY_SIZE);
	map_anew(FUZZ_SCRATCH, FUZZ_SCRATCH_SIZE);
	memcpy(user(FUZZ_MEMORY + LIFE_GUEST_ADDR), image.pages, image.pages_len);
	memcpy(user(FUZZ_HEADER), image.header, image.header_len);
	for (unsigned int i = 1; i < FUZZ_SLOTS; i++)
		v->slot[i] = -1;
	v->slot[0] = protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);
	fuzz_must(v->slot[0] >= 0);
	v->run_size = (size_t)protvirt_ioctl(v->slot[0], KVM_GET_VCPU_MMAP_SIZE, 0);
	fuzz_must(v->run_size >= sizeof(struct kvm_run));
}

static void forget(struct vmm *v, unsigned int n)
{
	if (v->run[n])
		munmap(v->run[n], v->run_size);
	v->run[n] = NULL;
	v->slot[n] = -1;
}

static void vmm_end(struct vmm *v)
{
	for (unsigned int i = 0; i < FUZZ_SLOTS; i++)
		forget(v, i);
	direct_vmm_exit();
}

static void keep(struct vmm *v, int fd, bool is_vcpu)
{
	unsigned int n = v->used++ % FUZZ_SLOTS;
	void *run;

	forget(v, n);
	v->slot[n] = fd;
	if (!is_vcpu)
		return;
	run = protvirt_mmap(NULL, v->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	v->run[n] = run == MAP_FAILED ? NULL : run;
}

/* ---- steps ---- */

static void kick(void *task)
{
	direct_kick(task);
}

static int bounded_ioctl(int fd, unsigned int cmd, uint64_t arg)
{
	int ret;

	budget_begin(kick, direct_this_task());
	ret = protvirt_ioctl(fd, cmd, arg);
	budget_end();
	return ret;
}

static void do_ioctl(struct vmm *v, struct fuzz_input *in, unsigned int cmd)
{
	int fd = v->slot[fuzz_u8(in) % FUZZ_SLOTS];
	uint8_t bytes[256];
	size_t n = fuzz_u8(in);
	uint64_t arg = FUZZ_SCRATCH;
	int ret;

	fuzz_bytes(in, bytes, n);
	memset(bytes + n, 0, sizeof(bytes) - n);
	if (_IOC_SIZE(cmd) == 0)
		memcpy(&arg, bytes, sizeof(arg));
	else
		memcpy(user(FUZZ_SCRATCH), bytes, sizeof(bytes));
	if (v->has_argument)
		arg = v->argument;
	v->has_argument = false;
	ret = bounded_ioctl(fd, cmd, arg);
	fuzz_must(ret >= 0 || (errno > 0 && errno < 512));
	if (ret >= 0 && (cmd == KVM_CREATE_VM || cmd == KVM_CREATE_VCPU))
		keep(v, ret, cmd == KVM_CREATE_VCPU);
	if (ret >= 0 && cmd == KVM_CREATE_DEVICE && arg == FUZZ_SCRATCH)
		keep(v, (int)((struct kvm_create_device *)user(FUZZ_SCRATCH))->fd, false);
}

static void do_run(struct vmm *v, struct fuzz_input *in)
{
	unsigned int n = fuzz_u8(in) % FUZZ_SLOTS;
	uint16_t valid = fuzz_u16(in), dirty = fuzz_u16(in), at = fuzz_u16(in);
	uint8_t byte = fuzz_u8(in);
	struct kvm_run *run = v->run[n];

	if (!run)
		return;
	run->kvm_valid_regs = valid;
	run->kvm_dirty_regs = dirty;
	((uint8_t *)run)[at % sizeof(*run)] = byte;
	(void)bounded_ioctl(v->slot[n], KVM_RUN, 0);
}

static void put(struct fuzz_input *in, uint64_t start, size_t size, size_t at)
{
	size_t n = fuzz_u8(in);
	uint8_t bytes[256];

	fuzz_bytes(in, bytes, n);
	at %= size;
	memcpy(user(start + at), bytes, n < size - at ? n : size - at);
}

static void step(struct vmm *v, struct fuzz_input *in, enum ioctl_step what)
{
	unsigned int n;

	switch (what) {
	case STEP_RUN:
		do_run(v, in);
		break;
	case STEP_CLOSE:
		n = fuzz_u8(in) % FUZZ_SLOTS;
		protvirt_close(v->slot[n]);
		forget(v, n);
		break;
	case STEP_WRITE:
		put(in, FUZZ_SCRATCH, FUZZ_SCRATCH_SIZE, fuzz_u16(in));
		break;
	case STEP_GUEST:
		put(in, FUZZ_MEMORY, FUZZ_MEMORY_SIZE, fuzz_number(in, 3));
		break;
	case STEP_EXIT:
		vmm_end(v);
		vmm_begin(v);
		break;
	case STEP_KICK:
		direct_kick(direct_this_task());
		break;
	case STEP_ARGUMENT:
		v->has_argument = true;
		v->argument = fuzz_u64(in);
		break;
	}
}

/* ---- the machine ---- */

static void power_on(void)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;

	if (image.header)
		return;
	params.model = machine_model();
	params.host_key = life_host_key();
	fuzz_must(!life_image_build(&image, params.host_key));
	fuzz_must(!direct_machine_start(&params));
	life_host_key_remove();
	direct_machine_status(&idle);
}

/* Whatever the VMM did, nothing of it is left. */
static void check_idle(void)
{
	struct machine_status s;

	direct_machine_status(&s);
	fuzz_must(!s.vms && !s.vcpus && !s.secure_vcpus && !s.active && !s.half && !s.stuck);
	fuzz_must(!s.aside && !s.tearing && !s.leftover && !s.leaked && !s.protected_count);
	fuzz_must(!s.uv.configs && !s.uv.cpus && !s.storage.bytes_leaked);
	fuzz_must(!s.storage.frames_secure && !s.storage.frames_orphan && !s.storage.frames_shared);
	fuzz_must(!s.storage.frames_residue && !s.storage.frames_lost && !s.storage.backings);
	fuzz_must(s.storage.bytes_donated == idle.storage.bytes_donated);
	for (int kind = 0; kind < ALLOC_NR; kind++)
		fuzz_must(s.storage.bytes_kernel[kind] == idle.storage.bytes_kernel[kind]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct vmm v;

	power_on();
	vmm_begin(&v);
	for (unsigned int n = 0; in.left && n < MAX_STEPS; n++) {
		uint8_t what = fuzz_u8(&in);

		if (what >= STEP_FIRST)
			step(&v, &in, (enum ioctl_step)what);
		else
			do_ioctl(&v, &in, fuzz_ioctls[what % FUZZ_IOCTLS]);
	}
	vmm_end(&v);
	check_idle();
	return 0;
}
