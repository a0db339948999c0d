// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine and the VMMs on it: see world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include "crypto/seal.h"
#include "host/alloc.h"
#include "host/file.h"
#include "kvm/gmap.h"
#include "kvm/machine_state.h"
#include "sie/sie.h"
#include "storage/frame.h"
#include "tests/lifecycle/world.h"
#include "tests/machine_model.h"
#include "tests/unit/crypto/vector_key.h"
#include "uv/owner.h"
#include "uv/state.h"

/* ---- failures on demand ---- */

#define MAX_RULES 8

struct rule {
	enum inject_point point;
	bool any_detail;
	uint32_t detail;
	uint64_t subject; /* UINT64_MAX: any */
	uint32_t skip;
	uint32_t times;
	struct inject_outcome outcome;
};

static pthread_mutex_t rules_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[MAX_RULES];
static unsigned int nr_rules;
static uint32_t hits;
static _Atomic uint32_t uvc_counts[0x2000];
static _Atomic uint32_t alloc_counts[ALLOC_NR];

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum inject_point point;
	uint32_t cmd;
	uint32_t after;
	uint32_t threads; /* that shall wait */
	uint32_t waiting;
	uint64_t closed; /* how often it was closed */
	uint64_t opened; /* that many closings are over */
} gate = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
};

static bool rule_matches(struct rule *r, enum inject_point point, uint32_t detail, uint64_t subject)
{
	if (r->point != point || (!r->any_detail && r->detail != detail))
		return false;
	if (r->subject != UINT64_MAX && r->subject != subject)
		return false;
	if (r->skip) {
		r->skip--;
		return false;
	}
	if (!r->times)
		return false;
	if (r->times != UINT32_MAX)
		r->times--;
	hits++;
	return true;
}

static bool apply_rules(enum inject_point point, uint32_t detail, uint64_t subject,
			struct inject_outcome *outcome)
{
	bool fails = false;

	pthread_mutex_lock(&rules_lock);
	for (unsigned int i = 0; i < nr_rules && !fails; i++) {
		fails = rule_matches(&rules[i], point, detail, subject);
		if (fails && outcome)
			*outcome = rules[i].outcome;
	}
	pthread_mutex_unlock(&rules_lock);
	return fails;
}

static bool stop_at_gate(enum inject_point point, uint32_t detail)
{
	if (gate.waiting == gate.threads || gate.point != point)
		return false;
	if (point == INJECT_UVC)
		return gate.cmd == detail;
	return !gate.after || !gate.after--;
}

static void pass_gate(enum inject_point point, uint32_t detail)
{
	pthread_mutex_lock(&gate.lock);
	if (stop_at_gate(point, detail)) {
		uint64_t mine = gate.closed;

		gate.waiting++;
		pthread_cond_broadcast(&gate.changed);
		while (gate.opened < mine)
			pthread_cond_wait(&gate.changed, &gate.lock);
	}
	pthread_mutex_unlock(&gate.lock);
}

/* What the fixture itself needs does not fail. */
static _Thread_local bool exempt;

static bool hook(enum inject_point point, uint32_t detail, uint64_t subject,
		 struct inject_outcome *outcome)
{
	if (exempt)
		return false;
	if (point == INJECT_UVC && detail < 0x2000)
		atomic_fetch_add(&uvc_counts[detail], 1);
	if (point == INJECT_ALLOC && detail < ALLOC_NR)
		atomic_fetch_add(&alloc_counts[detail], 1);
	if (point == INJECT_DESTROY_PAGE || point == INJECT_UVC)
		pass_gate(point, detail);
	return apply_rules(point, detail, subject, outcome);
}

static void add_rule(const struct rule *r)
{
	pthread_mutex_lock(&rules_lock);
	assert_true(nr_rules < MAX_RULES);
	rules[nr_rules++] = *r;
	pthread_mutex_unlock(&rules_lock);
}

void fail_uvc(uint16_t cmd, uint32_t skip, uint32_t times, uint16_t rc, uint16_t rrc, bool perform)
{
	add_rule(&(struct rule){
		.point = INJECT_UVC,
		.detail = cmd,
		.subject = UINT64_MAX,
		.skip = skip,
		.times = times,
		.outcome = {.cc = UV_CC_ERROR, .rc = rc, .rrc = rrc, .perform = perform},
	});
}

void fail_uvc_of(uint64_t handle, uint16_t cmd, uint16_t rc, uint16_t rrc)
{
	add_rule(&(struct rule){
		.point = INJECT_UVC,
		.detail = cmd,
		.subject = handle,
		.times = UINT32_MAX,
		.outcome = {.cc = UV_CC_ERROR, .rc = rc, .rrc = rrc},
	});
}

void fail_uvc_busy(uint16_t cmd, uint32_t skip, uint32_t times)
{
	add_rule(&(struct rule){
		.point = INJECT_UVC,
		.detail = cmd,
		.subject = UINT64_MAX,
		.skip = skip,
		.times = times,
		.outcome = {.cc = UV_CC_BUSY},
	});
}

void fail_alloc(enum alloc_kind kind, uint32_t skip, uint32_t times)
{
	add_rule(&(struct rule){
		.point = INJECT_ALLOC,
		.detail = kind,
		.subject = UINT64_MAX,
		.skip = skip,
		.times = times,
	});
}

void fail_any_alloc(uint32_t n)
{
	add_rule(&(struct rule){
		.point = INJECT_ALLOC,
		.any_detail = true,
		.subject = UINT64_MAX,
		.skip = n,
		.times = 1,
	});
}

uint32_t fail_hits(void)
{
	uint32_t n;

	pthread_mutex_lock(&rules_lock);
	n = hits;
	pthread_mutex_unlock(&rules_lock);
	return n;
}

void fail_copy_to(uint64_t bytes)
{
	add_rule(&(struct rule){
		.point = INJECT_COPY_TO,
		.any_detail = true,
		.subject = bytes,
		.times = UINT32_MAX,
	});
}

void fail_page(uint64_t gfn)
{
	add_rule(&(struct rule){
		.point = INJECT_DESTROY_PAGE,
		.any_detail = true,
		.subject = gfn,
		.times = UINT32_MAX,
	});
}

void fail_clear(void)
{
	pthread_mutex_lock(&rules_lock);
	nr_rules = 0;
	hits = 0;
	pthread_mutex_unlock(&rules_lock);
}

uint32_t uvc_count(uint16_t cmd)
{
	return atomic_load(&uvc_counts[cmd]);
}

uint32_t alloc_count(enum alloc_kind kind)
{
	return atomic_load(&alloc_counts[kind]);
}

void uvc_reset(void)
{
	for (size_t i = 0; i < sizeof(uvc_counts) / sizeof(uvc_counts[0]); i++)
		atomic_store(&uvc_counts[i], 0);
	for (size_t i = 0; i < ALLOC_NR; i++)
		atomic_store(&alloc_counts[i], 0);
}

static void arm_gate(enum inject_point point, uint32_t cmd, uint32_t after, uint32_t threads)
{
	pthread_mutex_lock(&gate.lock);
	gate.point = point;
	gate.cmd = cmd;
	gate.after = after;
	gate.threads = threads;
	gate.waiting = 0;
	gate.closed++;
	pthread_mutex_unlock(&gate.lock);
}

void gate_close(uint32_t after)
{
	arm_gate(INJECT_DESTROY_PAGE, 0, after, 1);
}

void gate_close_for(uint32_t threads)
{
	arm_gate(INJECT_DESTROY_PAGE, 0, 0, threads);
}

void gate_close_at_uvc(uint16_t cmd)
{
	arm_gate(INJECT_UVC, cmd, 0, 1);
}

void gate_wait(void)
{
	pthread_mutex_lock(&gate.lock);
	while (gate.waiting < gate.threads)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

void gate_open(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.opened = gate.closed;
	gate.threads = gate.waiting;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
}

/* ---- the machine ---- */

const char *world_keeping_model(void)
{
	const char *model = machine_model();

	return model && !strcmp(model, "proposal") ? model : "z15";
}

struct world *world_create_with(const struct machine_params *params)
{
	struct machine_params with_key = *params;
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	if (!with_key.model)
		with_key.model = machine_model();
	snprintf(w->key_file, sizeof(w->key_file), "/tmp/protvirt-life-key-XXXXXX");
	assert_true(vector_key_write_host(w->key_file));
	with_key.host_key = w->key_file;
	fail_clear();
	uvc_reset();
	atomic_store(&inject_hook, hook);
	w->objects_before = host_alloc_live();
	w->m = machine_create(&with_key);
	assert_non_null(w->m);
	return w;
}

struct world *world_create(const char *model)
{
	struct machine_params params = MACHINE_PARAMS_DEFAULT;

	params.model = model;
	return world_create_with(&params);
}

struct machine_status world_status(struct world *w)
{
	struct machine_status status;

	machine_get_status(w->m, &status);
	return status;
}

void world_assert_quiet(struct world *w)
{
	struct machine_status s = world_status(w);

	assert_int_equal(0, s.active);
	assert_int_equal(0, s.half);
	assert_int_equal(0, s.stuck);
	assert_int_equal(0, s.aside);
	assert_int_equal(0, s.tearing);
	assert_int_equal(0, s.leftover);
	assert_int_equal(0, s.cleanups);
	assert_int_equal(0, s.secure_vcpus);
	assert_int_equal(0, s.storage.frames_secure);
	assert_int_equal(0, s.storage.frames_orphan);
	assert_int_equal(0, s.storage.frames_shared);
	assert_int_equal(0, s.storage.frames_residue);
}

/*
 * Owner indices that somebody still refers to. A configuration that the Ultravisor never gave up
 * keeps its own; nobody else may.
 */
static uint64_t owners_in_use(struct world *w)
{
	struct uv *uv = machine_uv(w->m);
	uint64_t n = 0;

	for (uint32_t index = 1; index < 1024; index++) {
		struct uv_owner *o = uv_owner_find(uv->owners, index);

		if (o)
			n += atomic_load(&o->refs);
	}
	return n;
}

void world_destroy(struct world *w)
{
	struct machine_status s;

	fail_clear();
	world_assert_quiet(w);
	s = world_status(w);
	if (w->expect_leaks_of_any_number) {
		w->expect_leaked_configs = s.leaked;
		w->expect_leaked_bytes = s.storage.bytes_leaked != 0;
	}
	assert_int_equal(0, s.vms);
	assert_int_equal(0, s.vcpus);
	assert_int_equal(0, s.protected_count);
	assert_int_equal(w->expect_leaked_configs, s.leaked);
	assert_int_equal(0, s.storage.backings);
	assert_true(owners_in_use(w) <= w->expect_leaked_configs);
	assert_int_equal(w->expect_leaked_bytes, s.storage.bytes_leaked != 0);
	/* Only the Ultravisor's own storage stays. */
	if (!w->expect_leaked_bytes) {
		for (int kind = 0; kind < ALLOC_NR; kind++)
			assert_true(kind == ALLOC_UV_BASE || !s.storage.bytes_kernel[kind]);
	}
	machine_destroy(w->m);
	assert_int_equal(w->objects_before, host_alloc_live());
	atomic_store(&inject_hook, NULL);
	assert_int_equal(0, unlink(w->key_file));
	free(w);
}

/* ---- VMMs ---- */

static struct kvm *last_vm(struct machine *m)
{
	struct kvm *kvm;

	pthread_rwlock_rdlock(&m->vm_lock);
	kvm = TAILQ_LAST(&m->vms, kvm_list);
	pthread_rwlock_unlock(&m->vm_lock);
	return kvm;
}

static void create_vm(struct vmm *v)
{
	long vm = direct_ioctl(v->t, v->kvm_fd, KVM_CREATE_VM, 0);

	assert_true(vm >= 0);
	v->vm = (int)vm;
	v->kvm = last_vm(v->w->m);
}

void vmm_start(struct vmm *v, struct world *w)
{
	*v = (struct vmm){.w = w};
	v->mm = direct_mm_create(machine_storage(w->m), machine_uv(w->m));
	assert_non_null(v->mm);
	v->t = direct_task_start(v->mm);
	assert_non_null(v->t);
	v->kvm_fd = direct_open(v->mm, machine_open(w->m));
	assert_true(v->kvm_fd >= 0);
	create_vm(v);
}

void vmm_second_vm(struct vmm *v, const struct vmm *first)
{
	*v = (struct vmm){.w = first->w, .mm = first->mm, .t = first->t, .kvm_fd = first->kvm_fd};
	create_vm(v);
}

void vmm_close(struct vmm *v)
{
	for (unsigned int i = 0; i < v->vcpus; i++)
		assert_int_equal(0, direct_close(v->mm, v->vcpu[i]));
	assert_int_equal(0, direct_close(v->mm, v->vm));
	v->vcpus = 0;
	v->vm = -1;
	v->kvm = NULL;
}

void vmm_exit(struct vmm *v)
{
	struct mm *mm = v->mm;

	direct_task_end(v->t);
	direct_mm_exit(mm);
	mmdrop(mm);
}

long vmm_ioctl(struct vmm *v, unsigned int cmd, uint64_t arg)
{
	return direct_ioctl(v->t, v->vm, cmd, arg);
}

long vmm_try_slot(struct vmm *v, uint32_t slot, gpa_t gpa, uint64_t size, const void *memory)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)memory,
	};

	return vmm_ioctl(v, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&region);
}

uint8_t *vmm_memory(struct vmm *v, uint32_t slot, gpa_t gpa, uint64_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(memory != MAP_FAILED);
	assert_int_equal(0, vmm_try_slot(v, slot, gpa, size, memory));
	return memory;
}

void vmm_free_memory(uint8_t *memory, uint64_t size)
{
	assert_int_equal(0, munmap(memory, size));
}

void vmm_vcpus(struct vmm *v, unsigned int n)
{
	for (; n; n--) {
		long fd = vmm_ioctl(v, KVM_CREATE_VCPU, v->vcpus);

		assert_true(fd >= 0);
		v->vcpu[v->vcpus++] = (int)fd;
	}
}

long vmm_limit(struct vmm *v, uint64_t limit)
{
	struct kvm_device_attr attr = {
		.group = KVM_S390_VM_MEM_CTRL,
		.attr = KVM_S390_VM_MEM_LIMIT_SIZE,
		.addr = (uintptr_t)&limit,
	};

	return vmm_ioctl(v, KVM_SET_DEVICE_ATTR, (uintptr_t)&attr);
}

long vmm_pv_data(struct vmm *v, uint32_t cmd, const void *data)
{
	struct kvm_pv_cmd block = {
		.cmd = cmd,
		.rc = UNTOUCHED_RC,
		.rrc = UNTOUCHED_RRC,
		.data = (uintptr_t)data,
	};
	long ret = vmm_ioctl(v, KVM_S390_PV_COMMAND, (uintptr_t)&block);

	v->rc = block.rc;
	v->rrc = block.rrc;
	return ret;
}

long vmm_pv(struct vmm *v, uint32_t cmd)
{
	return vmm_pv_data(v, cmd, NULL);
}

long vmm_pv_from(struct vmm *v, struct task *t, uint32_t cmd, uint16_t *rc, uint16_t *rrc)
{
	struct kvm_pv_cmd block = {.cmd = cmd, .rc = UNTOUCHED_RC, .rrc = UNTOUCHED_RRC};
	long ret = direct_ioctl(t, v->vm, KVM_S390_PV_COMMAND, (uintptr_t)&block);

	*rc = block.rc;
	*rrc = block.rrc;
	return ret;
}

void vmm_touch(struct vmm *v, gpa_t gpa, unsigned int pages)
{
	for (; pages; pages--, gpa += PAGE_SIZE)
		assert_int_equal(0, kvm_s390_import_page(v->kvm, gpa));
}

/* As a CPU would do it: an exception about the former owner, then one about the new one. */
void vmm_take_over(struct vmm *v, gpa_t gpa, unsigned int pages)
{
	struct sie_fault fault = {.gpa = gpa, .code = UV_ACCESS_VIOLATION, .write = true};

	for (; pages; pages--, fault.gpa += PAGE_SIZE) {
		assert_int_equal(0, kvm_s390_handle_fault(v->kvm, &fault));
		assert_int_equal(0, kvm_s390_import_page(v->kvm, fault.gpa));
	}
}

const uint8_t *vmm_secure_bytes(struct vmm *v, gpa_t gpa)
{
	struct storage *st = machine_storage(v->w->m);
	struct frame f;
	abs_t frame;
	const uint8_t *bytes;

	assert_int_equal(0, gmap_walk(st, kvm_gmap_asce(v->kvm), gpa, &frame));
	assert_int_equal(0, frame_get(st, frame, &f));
	bytes = frame_secure(&f);
	frame_put(&f);
	return bytes;
}

/* ---- PERFORM in a thread of its own ---- */

static void *perform_thread(void *arg)
{
	struct perform *p = arg;
	struct task *t;

	exempt = true;
	t = direct_task_start(p->v->mm);
	exempt = false;
	assert_non_null(t);
	pthread_mutex_lock(&p->lock);
	p->t = t;
	pthread_cond_signal(&p->started);
	pthread_mutex_unlock(&p->lock);
	p->ret = vmm_pv_from(p->v, t, KVM_PV_ASYNC_CLEANUP_PERFORM, &p->rc, &p->rrc);
	pthread_mutex_lock(&p->lock);
	p->ended = true;
	direct_task_end(t);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

void perform_start(struct perform *p, struct vmm *v)
{
	*p = (struct perform){.v = v};
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->started, NULL);
	assert_int_equal(0, pthread_create(&p->thread, NULL, perform_thread, p));
	pthread_mutex_lock(&p->lock);
	while (!p->t)
		pthread_cond_wait(&p->started, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void perform_kill(struct perform *p)
{
	pthread_mutex_lock(&p->lock);
	if (!p->ended)
		direct_task_kill(p->t);
	pthread_mutex_unlock(&p->lock);
}

long perform_join(struct perform *p)
{
	assert_int_equal(0, pthread_join(p->thread, NULL));
	pthread_cond_destroy(&p->started);
	pthread_mutex_destroy(&p->lock);
	return p->ret;
}
