// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/alloc.h"
#include "host/direct.h"
#include "host/file.h"
#include "host/inject.h"
#include "host/mm.h"
#include "host/task.h"
#include "kvm/faultin.h"
#include "kvm/gmap.h"
#include "kvm/kvm_host.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"
#include "protvirt/kvm.h"
#include "sie/sie.h"
#include "tests/life/host_key.h"
#include "tests/life/life.h"
#include "tests/oracle/product_impl.h"
#include "uv/owner.h"
#include "uv/state.h"

#define AREA_SIZE   (AREA_PAGES * PAGE_SIZE)
#define MAX_FAULTS  8 /* a guest's access that needs more will never go through */
#define SMALL_LIMIT 0x80000000UL

static struct life_image image;
static _Thread_local struct task *thread_task;

int product_setup(void)
{
	return life_image_build(&image, life_host_key());
}

void product_teardown(void)
{
	life_image_free(&image);
	life_host_key_remove();
}

uint8_t product_image_pages(void)
{
	return (uint8_t)(image.pages_len / PAGE_SIZE);
}

/* ---- the process ---- */

static bool map_areas(struct product *p)
{
	for (int i = 0; i < NR_AREAS; i++) {
		p->areas[i] = mmap(NULL, AREA_SIZE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (p->areas[i] == MAP_FAILED)
			return false;
	}
	return true;
}

static bool start_process(struct product *p)
{
	p->mm = direct_mm_create(machine_storage(p->m), machine_uv(p->m));
	if (!p->mm || !map_areas(p))
		return false;
	p->t = direct_task_start(p->mm);
	p->kvm_fd = direct_open(p->mm, machine_open(p->m));
	for (int i = 0; i < NR_VMS; i++) {
		p->vms[i].fd = -1;
		p->vms[i].vcpus = 0;
		p->held[i] = -1;
	}
	return p->t && p->kvm_fd >= 0;
}

static void end_process(struct product *p)
{
	direct_task_end(p->t);
	direct_mm_exit(p->mm);
	mmdrop(p->mm);
	for (int i = 0; i < NR_AREAS; i++)
		munmap(p->areas[i], AREA_SIZE);
}

struct product *product_start(const char *model)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;
	struct product *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	params.model = model;
	params.host_key = life_host_key();
	p->objects = host_alloc_live();
	for (int i = 0; i < NR_VMS; i++)
		pthread_mutex_init(&p->vms[i].lock, NULL);
	p->m = machine_create(&params);
	if (!p->m) {
		free(p);
		return NULL; /* there is no such model */
	}
	p->holder = direct_mm_create(machine_storage(p->m), machine_uv(p->m));
	if (!p->holder || !start_process(p))
		return NULL; /* no memory: the program ends then */
	return p;
}

int product_thread_begin(struct product *p)
{
	thread_task = direct_task_start(p->mm);
	return thread_task ? 0 : -ENOMEM;
}

void product_thread_end(void)
{
	direct_task_end(thread_task);
	thread_task = NULL;
}

/* ---- VMs ---- */

struct outcome product_result(long ret)
{
	return (struct outcome){.ret = ret, .rc = UNTOUCHED_RC, .rrc = UNTOUCHED_RRC};
}

static struct kvm *newest_vm(struct machine *m)
{
	struct kvm *kvm;

	pthread_rwlock_rdlock(&m->vm_lock);
	kvm = TAILQ_LAST(&m->vms, kvm_list);
	pthread_rwlock_unlock(&m->vm_lock);
	return kvm;
}

static long set_limit(struct product *p, struct product_vm *vm, uint64_t limit)
{
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_MEM_CTRL,
		.attr = KVM_S390_VM_MEM_LIMIT_SIZE,
		.addr = (uintptr_t)&limit,
	};

	return direct_ioctl(p->t, vm->fd, KVM_SET_DEVICE_ATTR, (uintptr_t)&attr);
}

static long create_vm(struct product *p, const struct op *op)
{
	struct product_vm *vm = &p->vms[op->vm];

	vm->fd = (int)direct_ioctl(p->t, p->kvm_fd, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return vm->fd;
	vm->kvm = newest_vm(p->m);
	vm->vcpus = 0;
	return op->a ? set_limit(p, vm, SMALL_LIMIT) : 0;
}

static long release_vm(struct product *p, struct product_vm *vm)
{
	int fd = vm->fd;

	for (unsigned int i = 0; i < vm->vcpus; i++)
		direct_close(p->mm, vm->vcpu[i]);
	vm->vcpus = 0;
	vm->fd = -1;
	return direct_close(p->mm, fd);
}

/* A number is taken only if there is such a CPU then, so threads agree on it. */
static long create_vcpu(struct task *t, struct product_vm *vm)
{
	long fd = -EINVAL;

	pthread_mutex_lock(&vm->lock);
	if (vm->vcpus < MAX_CPUS) {
		fd = direct_ioctl(t, vm->fd, KVM_CREATE_VCPU, vm->vcpus);
		if (fd >= 0)
			vm->vcpu[vm->vcpus++] = (int)fd;
	}
	pthread_mutex_unlock(&vm->lock);
	return fd < 0 ? fd : 0;
}

static long set_slot(struct product *p, struct task *t, const struct op *op)
{
	struct kvm_userspace_memory_region region = {
		.slot = op->a,
		.guest_phys_addr = op->kind == OP_SLOT ? position_gpa(op->c) : 0,
		.memory_size = op->kind == OP_SLOT ? AREA_SIZE : 0,
		.userspace_addr = (uintptr_t)p->areas[op->b],
	};

	return direct_ioctl(t, p->vms[op->vm].fd, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&region);
}

static long exit_process(struct product *p, const struct op *op)
{
	for (int i = 0; i < NR_VMS; i++) {
		if (p->vms[i].fd >= 0 && op->a & 1 << i)
			p->held[i] = direct_pass(p->mm, p->vms[i].fd, p->holder);
	}
	end_process(p);
	for (int i = 0; i < NR_VMS; i++)
		p->vms[i].fd = -1;
	return 0;
}

static long drop(struct product *p)
{
	for (int i = 0; i < NR_VMS; i++) {
		if (p->held[i] >= 0)
			direct_close(p->holder, p->held[i]);
		p->held[i] = -1;
	}
	return 0;
}

/* ---- PV commands ---- */

struct outcome product_pv(struct task *t, int fd, uint32_t cmd, const void *data)
{
	struct kvm_pv_cmd block = {
		.cmd = cmd,
		.rc = UNTOUCHED_RC,
		.rrc = UNTOUCHED_RRC,
		.data = (uintptr_t)data,
	};
	long ret = direct_ioctl(t, fd, KVM_S390_PV_COMMAND, (uintptr_t)&block);

	return (struct outcome){.ret = ret, .rc = block.rc, .rrc = block.rrc};
}

struct dead {
	struct product *p;
	const struct op *op;
	struct outcome out;
};

static void *perform_dead_thread(void *arg)
{
	struct dead *d = arg;
	struct task *t = direct_task_start(d->p->mm);

	direct_task_kill(t);
	d->out = product_pv(t, d->p->vms[d->op->vm].fd, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL);
	direct_task_end(t);
	return NULL;
}

/* Whoever has its fatal signal is good for nothing afterwards: a thread of its own. */
static struct outcome perform_dead(struct product *p, const struct op *op)
{
	struct dead d = {.p = p, .op = op};
	pthread_t thread;

	if (pthread_create(&thread, NULL, perform_dead_thread, &d))
		return product_result(-EAGAIN);
	pthread_join(thread, NULL);
	return d.out;
}

static struct outcome set_parms(struct task *t, struct product_vm *vm)
{
	struct kvm_s390_pv_sec_parm parm = {
		.origin = (uintptr_t)image.header,
		.length = image.header_len,
	};

	return product_pv(t, vm->fd, KVM_PV_SET_SEC_PARMS, &parm);
}

/* A shared page is there: nothing traps, and nothing pins it. */
static int make_accessible(struct uv *uv, abs_t frame, gpa_t gpa)
{
	uint8_t *bytes;

	if (uv_frame_access(uv, NULL, frame, gpa, &bytes) == UV_ACCESS_OK)
		return 0;
	return uv_make_accessible(uv, frame);
}

static int slot_page(struct product *p, struct kvm *kvm, gpa_t gpa, uint8_t **ordinary)
{
	struct kvm_memslots *slots = kvm_memslots_read(kvm);
	struct kvm_memory_slot *slot = search_memslots(slots, gpa >> PAGE_SHIFT);
	int err = -EFAULT;

	if (slot)
		err = make_accessible(machine_uv(p->m),
				      slot_frame(slot, gpa >> PAGE_SHIFT, ordinary), gpa);
	kvm_memslots_read_end(kvm, slots);
	return err;
}

/* A VMM that writes there would trap, and the page be made accessible: nothing traps here. */
static struct outcome unpack(struct product *p, struct product_vm *vm)
{
	struct kvm_s390_pv_unp unp = {
		.addr = LIFE_GUEST_ADDR,
		.size = image.pages_len,
		.tweak = image.tweak_prefix,
	};
	uint8_t *page;

	if (kvm_s390_pv_get_handle(vm->kvm)) {
		for (size_t at = 0; at < image.pages_len; at += PAGE_SIZE) {
			if (!slot_page(p, vm->kvm, LIFE_GUEST_ADDR + at, &page))
				memcpy(page, image.pages + at, PAGE_SIZE);
		}
	}
	return product_pv(p->t, vm->fd, KVM_PV_UNPACK, &unp);
}

/* ---- the guest ---- */

static struct uv_owner *guest_of(struct product *p, struct kvm *kvm)
{
	if (!kvm_s390_pv_get_handle(kvm))
		return NULL;
	return uv_owner_find(machine_uv(p->m)->owners, kvm->arch.pv.owner);
}

/* What the engine does: look, take the exception to the host, look again. */
static long touch(struct product *p, struct kvm *kvm, gpa_t gpa)
{
	struct uv *uv = machine_uv(p->m);

	for (int i = 0; i < MAX_FAULTS; i++) {
		struct sie_fault fault = {.gpa = gpa, .write = true};
		uint8_t *bytes;
		abs_t frame;
		long err;

		if (!gmap_walk(machine_storage(p->m), kvm_gmap_asce(kvm), gpa, &frame)) {
			fault.code = (uint16_t)uv_page_access(&uv->pages, guest_of(p, kvm), frame,
							      gpa, &bytes);
			if (fault.code == UV_ACCESS_OK)
				return 0;
		}
		err = kvm_s390_handle_fault(kvm, &fault);
		if (err)
			return err;
	}
	return -ELOOP;
}

typedef uint16_t (*guest_call)(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr);

static long guest_uvc(struct product *p, struct kvm *kvm, gpa_t gpa, guest_call call)
{
	for (int i = 0; i < MAX_FAULTS; i++) {
		uint16_t rc = call(&machine_uv(p->m)->pages, guest_of(p, kvm), gpa);
		long err;

		if (rc == UV_PAGE_OK)
			return 0;
		if (rc != UV_PAGE_NOT_RESIDENT)
			return rc;
		err = kvm_s390_import_page(kvm, gpa);
		if (err)
			return err;
	}
	return -ELOOP;
}

/* ---- the host ---- */

/* Zeros or another value throughout, or something else */
static uint32_t classify(const uint8_t *page)
{
	for (size_t i = 1; i < PAGE_SIZE; i++) {
		if (page[i] != page[0])
			return CONTENT_OTHER;
	}
	return page[0];
}

static struct outcome mem_op(struct product *p, const struct op *op, gpa_t gpa)
{
	uint8_t page[PAGE_SIZE];
	struct kvm_s390_mem_op mop = {
		.gaddr = gpa,
		.size = sizeof(page),
		.op = op->kind == OP_READ ? KVM_S390_MEMOP_ABSOLUTE_READ
					  : KVM_S390_MEMOP_ABSOLUTE_WRITE,
		.buf = (uintptr_t)page,
	};
	struct outcome out;

	memset(page, op->c, sizeof(page));
	out = product_result(
		direct_ioctl(p->t, p->vms[op->vm].fd, KVM_S390_MEM_OP, (uintptr_t)&mop));
	out.reads = op->kind == OP_READ && !out.ret;
	out.content = classify(page);
	return out;
}

/* ---- a step ---- */

static uint32_t pv_number(enum op_kind kind)
{
	switch (kind) {
	case OP_ENABLE:
		return KVM_PV_ENABLE;
	case OP_UNSHARE_ALL:
		return KVM_PV_UNSHARE_ALL;
	case OP_PREP_RESET:
		return KVM_PV_PREP_RESET;
	case OP_DISABLE:
		return KVM_PV_DISABLE;
	case OP_PREPARE:
		return KVM_PV_ASYNC_CLEANUP_PREPARE;
	case OP_PERFORM:
		return KVM_PV_ASYNC_CLEANUP_PERFORM;
	default:
		return KVM_PV_VERIFY;
	}
}

struct outcome product_thread_step(struct product *p, const struct op *op)
{
	struct task *t = thread_task ? thread_task : p->t;
	struct product_vm *vm = &p->vms[op->vm];

	switch (op->kind) {
	case OP_VCPU:
		return product_result(create_vcpu(t, vm));
	case OP_SLOT:
	case OP_DELETE_SLOT:
		return product_result(set_slot(p, t, op));
	case OP_PERFORM_DEAD:
		return perform_dead(p, op);
	case OP_SET_PARMS:
		return set_parms(t, vm);
	case OP_DUMP_INIT:
	case OP_DUMP_STATE:
	case OP_DUMP_COMPLETE:
		return product_dump(t, vm, op);
	default:
		return product_pv(t, vm->fd, pv_number(op->kind), NULL);
	}
}

static struct outcome do_step(struct product *p, const struct op *op)
{
	struct product_vm *vm = &p->vms[op->vm];
	gpa_t gpa = position_gpa(op->a % NR_POSITIONS) + op->b * PAGE_SIZE;

	switch (op->kind) {
	case OP_CREATE_VM:
		return product_result(create_vm(p, op));
	case OP_RELEASE_VM:
		return product_result(release_vm(p, vm));
	case OP_DUMP_CPU:
		return product_dump_cpu(p->t, vm, op);
	case OP_CPU_STATE:
	case OP_CPU_RESET:
	case OP_RUN:
		return product_cpu(p->t, vm, op);
	case OP_UNPACK:
		return unpack(p, vm);
	case OP_TOUCH:
		return product_result(touch(p, vm->kvm, gpa));
	case OP_SHARE:
		return product_result(guest_uvc(p, vm->kvm, gpa, uv_page_share));
	case OP_UNSHARE:
		return product_result(guest_uvc(p, vm->kvm, gpa, uv_page_unshare));
	case OP_READ:
	case OP_WRITE:
		return mem_op(p, op, gpa);
	case OP_EXIT:
		return product_result(exit_process(p, op));
	case OP_DROP:
		return product_result(drop(p));
	default:
		return product_thread_step(p, op);
	}
}

struct outcome product_step(struct product *p, const struct op *op)
{
	struct outcome out;
	char why[128];

	for (int i = 0; i < MAX_RULES; i++) {
		if (op->rules[i].kind &&
		    inject_install(rule_text(&op->rules[i]), why, sizeof(why)) < 0)
			return product_result(-EPROTO);
	}
	out = do_step(p, op);
	inject_clear();
	/* The next process begins without faults. */
	if (op->kind == OP_EXIT) {
		int held[NR_VMS];

		memcpy(held, p->held, sizeof(held));
		if (!start_process(p))
			return product_result(-ENOMEM);
		memcpy(p->held, held, sizeof(held));
	}
	return out;
}

/* ---- what there is ---- */

struct counts product_counts(struct product *p)
{
	struct machine_status s;

	machine_get_status(p->m, &s);
	return (struct counts){
		.vms = s.vms,
		.vcpus = s.vcpus,
		.secure_vcpus = s.secure_vcpus,
		.configs = {[CONFIG_ACTIVE] = s.active,
			    [CONFIG_HALF] = s.half,
			    [CONFIG_STUCK] = s.stuck,
			    [CONFIG_ASIDE] = s.aside,
			    [CONFIG_TEARING] = s.tearing,
			    [CONFIG_LEFTOVER] = s.leftover,
			    [CONFIG_LEAKED] = s.leaked},
		.uv_configs = s.uv.configs,
		.uv_cpus = s.uv.cpus,
		.secure = s.storage.frames_secure,
		.orphan = s.storage.frames_orphan,
		.shared = s.storage.frames_shared,
		.lost = s.storage.frames_lost,
		.residue = s.storage.frames_residue,
		.protected_count = atomic_load(mm_protected_count(p->mm)),
		.leaked_bytes = s.storage.bytes_leaked != 0,
	};
}

const char *product_end(struct product *p)
{
	struct machine_status s;
	const char *left = NULL;

	end_process(p);
	drop(p);
	direct_mm_exit(p->holder);
	mmdrop(p->holder);
	machine_get_status(p->m, &s);
	if (s.vms || s.vcpus || s.secure_vcpus)
		left = "a VM or a CPU outlived its last descriptor";
	else if (s.active + s.half + s.stuck + s.aside + s.tearing + s.leftover + s.cleanups)
		left = "a configuration outlived its VM";
	else if (s.storage.frames_secure + s.storage.frames_orphan + s.storage.frames_shared +
		 s.storage.frames_residue + s.storage.frames_lost)
		left = "frames outlived their address space";
	else if (s.storage.backings)
		left = "guest memory outlived its address space";
	machine_destroy(p->m);
	if (!left && host_alloc_live() != p->objects)
		left = "heap objects outlived the machine";
	for (int i = 0; i < NR_VMS; i++)
		pthread_mutex_destroy(&p->vms[i].lock);
	free(p);
	return left;
}
