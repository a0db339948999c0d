// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/failnth/scenario.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "host/direct.h"
#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"
#include "tests/direct/direct.h"
#include "tests/failnth/faults.h"

#define MEMORY (2UL << 20)
#define PAGES  3UL /* that the guest stores to */
#define HIGH   (1UL << 20)
#define PAGE   4096UL

/* A step; whatever it gave, the machine must make sense after it. */
#define STEP(v, call)                                                                              \
	do {                                                                                       \
		int ret_ = (call);                                                                 \
                                                                                                   \
		(v)->check(v);                                                                    \
		if (ret_)                                                                          \
			return ret_;                                                               \
	} while (0)

static int pv(struct vmm *v, uint32_t cmd)
{
	return life_pv(&v->life, cmd, NULL);
}

/* By any thread, on any VM of the process */
static int pv_of(int vm, uint32_t cmd, void *data)
{
	struct life l = {.vm = vm};

	return life_pv(&l, cmd, data);
}

static int create(struct vmm *v, unsigned int cpus)
{
	STEP(v, life_create(&v->life, MEMORY, cpus));
	return 0;
}

static int boot(struct vmm *v)
{
	STEP(v, life_load(&v->life, v->image));
	STEP(v, life_run(&v->life, PAGES));
	return 0;
}

static int reset_cpus(struct vmm *v)
{
	for (unsigned int i = 0; i < v->life.cpus; i++) {
		if (protvirt_ioctl(v->life.vcpu[i], KVM_S390_CLEAR_RESET, 0))
			return -errno;
	}
	return 0;
}

/* ---- PERFORM ---- */

struct perform {
	struct vmm *v;
	bool killed;
	bool gated;
	int ret;
	pthread_t thread;
};

static void *perform_thread(void *arg)
{
	struct perform *p = arg;
	struct task *t = direct_this_task();

	if (t && p->killed)
		direct_task_kill(t);
	p->ret = t ? pv_of(p->v->life.vm, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL) : -ENOMEM;
	if (p->gated)
		faults_gate_open(); /* in case it did not get there */
	direct_thread_end();
	return NULL;
}

/* In a thread of its own, as a VMM does; killed: its fatal signal is there before it begins. */
static int perform(struct vmm *v, bool killed)
{
	struct perform p = {.v = v, .killed = killed};
	pthread_t thread;

	if (pthread_create(&thread, NULL, perform_thread, &p))
		return -EAGAIN;
	pthread_join(thread, NULL);
	return p.ret;
}

/* The same, but it stands still at its first page, or has failed, when this returns. */
static int perform_begin(struct vmm *v, struct perform *p)
{
	*p = (struct perform){.v = v, .gated = true};
	v->performing = 1;
	faults_gate_close();
	if (pthread_create(&p->thread, NULL, perform_thread, p))
		return -EAGAIN;
	faults_gate_wait();
	return 0;
}

static int perform_finish(struct vmm *v, struct perform *p)
{
	faults_gate_open();
	pthread_join(p->thread, NULL);
	v->performing = 0;
	v->check(v);
	return p->ret;
}

static int reboot_async(struct vmm *v)
{
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	STEP(v, perform(v, false));
	STEP(v, reset_cpus(v));
	return 0;
}

/* ---- memory above 2 GiB ---- */

static int show_high(struct vmm *v, int vm)
{
	struct kvm_userspace_memory_region slot = {
		.slot = 1,
		.guest_phys_addr = HIGH_ADDR,
		.memory_size = HIGH,
		.userspace_addr = (uintptr_t)v->high,
	};

	return protvirt_ioctl(vm, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&slot) ? -errno : 0;
}

static int add_high(struct vmm *v)
{
	v->high = protvirt_alloc_guest_memory(HIGH);
	return v->high ? show_high(v, v->life.vm) : -errno;
}

static int create_high(struct vmm *v)
{
	STEP(v, life_create(&v->life, MEMORY, 2));
	STEP(v, add_high(v));
	return 0;
}

/*
 * A guest with two secure pages above 2 GiB; it is never verified. Each generation has others: a
 * VMM writes the image there first, which takes a page from its former owner, and nothing traps
 * here.
 */
static int enable_high_of(struct vmm *v, int vm)
{
	struct kvm_s390_pv_sec_parm parm = {
		.origin = (uintptr_t)v->image->header,
		.length = v->image->header_len,
	};
	struct kvm_s390_pv_unp unp = {
		.addr = HIGH_ADDR + 2UL * PAGE * v->generation++,
		.size = 2 * PAGE,
	};

	STEP(v, pv_of(vm, KVM_PV_ENABLE, NULL));
	STEP(v, pv_of(vm, KVM_PV_SET_SEC_PARMS, &parm));
	STEP(v, pv_of(vm, KVM_PV_UNPACK, &unp));
	return 0;
}

static int enable_high(struct vmm *v)
{
	return enable_high_of(v, v->life.vm);
}

/* A second VM that shows the memory above 2 GiB at the same place; it has no CPUs. */
static int create_second(struct vmm *v)
{
	int fd = protvirt_ioctl(v->life.kvm, KVM_CREATE_VM, 0);

	if (fd < 0)
		return -errno;
	v->second = fd;
	return show_high(v, fd);
}

static int leftover(struct vmm *v)
{
	STEP(v, enable_high(v));
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	STEP(v, perform(v, true));
	return 0;
}

/* ---- the scenarios ---- */

static int run_create(struct vmm *v)
{
	return create(v, 2);
}

static int run_disable(struct vmm *v)
{
	STEP(v, create(v, 2));
	STEP(v, pv(v, KVM_PV_ENABLE));
	STEP(v, pv(v, KVM_PV_DISABLE));
	return 0;
}

static int run_guest(struct vmm *v)
{
	STEP(v, create(v, 1));
	return boot(v);
}

static int run_reboot_sync(struct vmm *v)
{
	STEP(v, run_guest(v));
	STEP(v, pv(v, KVM_PV_DISABLE));
	STEP(v, reset_cpus(v));
	STEP(v, boot(v));
	STEP(v, pv(v, KVM_PV_DISABLE));
	return 0;
}

static int run_aside(struct vmm *v)
{
	STEP(v, create_high(v));
	STEP(v, enable_high(v));
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	return 0;
}

static int run_perform(struct vmm *v)
{
	STEP(v, run_aside(v));
	STEP(v, perform(v, false));
	return 0;
}

static int run_reboot_chain(struct vmm *v)
{
	STEP(v, create(v, 1));
	for (int i = 0; i < 2; i++) {
		STEP(v, boot(v));
		STEP(v, reboot_async(v));
	}
	return boot(v);
}

static int run_leftovers(struct vmm *v)
{
	STEP(v, create_high(v));
	for (int i = 0; i < 3; i++)
		STEP(v, leftover(v));
	return 0;
}

static int run_leftovers_disable(struct vmm *v)
{
	STEP(v, run_leftovers(v));
	STEP(v, enable_high(v));
	STEP(v, pv(v, KVM_PV_DISABLE));
	return 0;
}

/* One of each: a leftover, one set aside, one active. */
static int run_generations(struct vmm *v)
{
	STEP(v, create_high(v));
	STEP(v, leftover(v));
	STEP(v, enable_high(v));
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	STEP(v, pv(v, KVM_PV_ENABLE));
	return 0;
}

/* PREPARE is refused while one is set aside: DISABLE takes care of both. */
static int run_second_prepare(struct vmm *v)
{
	int ret;

	STEP(v, run_aside(v));
	STEP(v, pv(v, KVM_PV_ENABLE));
	ret = pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE);
	v->check(v);
	if (ret != -EINVAL)
		return ret ? ret : -EPROTO;
	STEP(v, pv(v, KVM_PV_DISABLE));
	return 0;
}

static int hot_plug(struct vmm *v)
{
	int fd = protvirt_ioctl(v->life.vm, KVM_CREATE_VCPU, v->life.cpus);

	if (fd < 0)
		return -errno;
	v->life.vcpu[v->life.cpus++] = fd;
	return 0;
}

static int run_hot_plug(struct vmm *v)
{
	STEP(v, run_guest(v));
	STEP(v, hot_plug(v));
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	STEP(v, hot_plug(v));
	STEP(v, pv(v, KVM_PV_ENABLE));
	STEP(v, hot_plug(v));
	STEP(v, pv(v, KVM_PV_DISABLE));
	return 0;
}

/* The next guest, and the one after it, while the first is still torn down. */
static int reboot_beside(struct vmm *v)
{
	STEP(v, enable_high(v));
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	STEP(v, enable_high(v));
	return 0;
}

static int run_reboot_during_perform(struct vmm *v)
{
	struct perform p;
	int ret, perform_ret;

	STEP(v, run_aside(v));
	STEP(v, perform_begin(v, &p));
	ret = reboot_beside(v);
	perform_ret = perform_finish(v, &p);
	if (ret || perform_ret)
		return ret ? ret : perform_ret;
	STEP(v, perform(v, false));
	STEP(v, pv(v, KVM_PV_DISABLE));
	return 0;
}

/* DISABLE beside a PERFORM: what that owns is not its matter. */
static int run_disable_during_perform(struct vmm *v)
{
	struct perform p;
	int ret, perform_ret;

	STEP(v, run_aside(v));
	STEP(v, perform_begin(v, &p));
	ret = enable_high(v);
	if (!ret)
		ret = pv(v, KVM_PV_DISABLE);
	v->check(v);
	perform_ret = perform_finish(v, &p);
	return ret ? ret : perform_ret;
}

/* Two VMs of one address space over the same memory, each with a configuration set aside. */
static int run_two_vms(struct vmm *v)
{
	STEP(v, create_high(v));
	STEP(v, create_second(v));
	STEP(v, enable_high_of(v, v->second));
	STEP(v, enable_high(v));
	STEP(v, pv_of(v->second, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL));
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	STEP(v, enable_high_of(v, v->second));
	return 0;
}

/* One of them goes; what the other has, and the count of both, stays. */
static int run_two_vms_one_released(struct vmm *v)
{
	STEP(v, run_two_vms(v));
	protvirt_close(v->second);
	v->second = 0;
	v->check(v);
	STEP(v, perform(v, false));
	return 0;
}

/* Everything that a VM can have at its end. */
static int run_everything(struct vmm *v)
{
	STEP(v, run_leftovers(v));
	STEP(v, enable_high(v));
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	STEP(v, create_second(v));
	STEP(v, enable_high_of(v, v->second));
	STEP(v, enable_high(v));
	return 0;
}

/* A dump of a guest, which then goes on. */
static int dump(struct vmm *v)
{
	static uint8_t out[MEMORY >> 20][LIFE_DUMP_UNIT];

	STEP(v, life_dump_init(&v->life));
	STEP(v, life_dump_cpu(&v->life, 0, out[0]));
	STEP(v, life_dump_states(&v->life, out[0], MEMORY >> 20));
	STEP(v, life_dump_complete(&v->life, out[0]));
	STEP(v, life_run(&v->life, PAGES));
	return 0;
}

static int run_dump(struct vmm *v)
{
	STEP(v, run_guest(v));
	return dump(v);
}

/* PREPARE comes in the middle of one. */
static int run_aside_dumped(struct vmm *v)
{
	STEP(v, run_guest(v));
	STEP(v, life_dump_init(&v->life));
	STEP(v, pv(v, KVM_PV_ASYNC_CLEANUP_PREPARE));
	STEP(v, reset_cpus(v));
	return boot(v);
}

const struct scenario scenarios[] = {
	{"create", run_create, false},
	{"disable", run_disable, false},
	{"release protected", run_guest, false},
	{"die protected", run_guest, true},
	{"reboot synchronously", run_reboot_sync, false},
	{"release aside", run_aside, false},
	{"die aside", run_aside, true},
	{"perform", run_perform, false},
	{"reboot chain", run_reboot_chain, false},
	{"release leftovers", run_leftovers, false},
	{"die with leftovers", run_leftovers, true},
	{"disable with leftovers", run_leftovers_disable, false},
	{"release generations", run_generations, false},
	{"die with generations", run_generations, true},
	{"second prepare", run_second_prepare, false},
	{"hot-plug", run_hot_plug, false},
	{"reboot during PERFORM", run_reboot_during_perform, false},
	{"DISABLE during PERFORM", run_disable_during_perform, false},
	{"two VMs", run_two_vms, false},
	{"die with two VMs", run_two_vms, true},
	{"two VMs, one released", run_two_vms_one_released, false},
	{"release everything", run_everything, false},
	{"die with everything", run_everything, true},
	{"dump", run_dump, false},
	{"reboot during a dump", run_aside_dumped, false},
};
const unsigned int nr_scenarios = sizeof(scenarios) / sizeof(scenarios[0]);

/* ---- afterwards ---- */

int vmm_recover(struct vmm *v, bool stuck)
{
	int ret;

	if (!v->life.cpus || !v->life.run[0])
		return 0;
	ret = pv(v, KVM_PV_DISABLE);
	v->check(v);
	if (stuck)
		return ret == 0 || ret == -EINVAL || ret == -EIO ? 0 : ret;
	if (ret && ret != -EINVAL)
		return ret;
	STEP(v, reset_cpus(v));
	STEP(v, boot(v));
	STEP(v, pv(v, KVM_PV_DISABLE));
	return 0;
}

void vmm_close(struct vmm *v)
{
	if (v->second)
		protvirt_close(v->second);
	v->second = 0;
	life_close(&v->life);
	if (v->high)
		protvirt_free_guest_memory(v->high, HIGH);
	v->high = NULL;
}
