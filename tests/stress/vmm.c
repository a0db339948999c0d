/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/stress/vmm.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "protvirt/kvm.h"
#include "protvirt/protvirt.h"

#define VMS       3
#define THREADS   6
#define CPUS      2
#define MEMORY    (8UL << 20)
#define MAX_PAGES 1024
#define HOTPLUG   (64UL << 20) /* where the second slot is, and at most four times as high */
#define KICK      SIGUSR1

const char *const stress_op_names[OP_NR] = {
	[OP_LOAD] = "load",       [OP_RUN] = "run",
	[OP_PREPARE] = "prepare", [OP_PERFORM] = "perform",
	[OP_DISABLE] = "disable", [OP_RESET] = "reset",
	[OP_SLOT] = "slot",       [OP_CPU] = "cpu",
	[OP_MEMORY] = "memory",   [OP_STATE] = "state",
	[OP_INTERRUPT] = "irq",   [OP_REOPEN] = "reopen",
};

/*
 * struct guest - a VM. Descriptors and memory change under @open held for writing only; ioctls meet
 * in any number. @in_use: the run page of a CPU belongs to one thread at a time, KVM_RUN does not.
 */
struct guest {
	pthread_rwlock_t open;
	struct life life;
	pthread_mutex_t in_use[CPUS];
	uint8_t *hotplug;
};

struct vmm {
	const struct life_image *image;
	struct stress_counts *counts;
	unsigned int ops;
	struct guest guest[VMS];
	pthread_mutex_t touching; /* guest memory, by this process; the machine takes its own turns */
	_Atomic unsigned int running;
	_Atomic int wrong;
};

struct worker {
	struct vmm *v;
	pthread_t thread;
	unsigned int seed;
	_Atomic bool inside; /* in KVM_RUN, or about to be */
};

static unsigned int below(struct worker *w, unsigned int n)
{
	return (unsigned int)rand_r(&w->seed) % n;
}

static int result(int ret)
{
	return ret < 0 ? -errno : ret;
}

/* ---- one operation each; 0 or more: it worked ---- */

/* The second VM of an address space over the same memory, now and then. */
static int open_guest(struct vmm *v, struct guest *g)
{
	struct guest *first = &v->guest[0];
	struct kvm_userspace_memory_region slot = {.slot = 2, .memory_size = MEMORY};
	int ret = life_create(&g->life, MEMORY, CPUS);

	if (ret || g == first || !first->life.memory)
		return ret;
	slot.guest_phys_addr = 4 * HOTPLUG;
	slot.userspace_addr = (uintptr_t)first->life.memory;
	return result(
		protvirt_ioctl(g->life.vm, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&slot));
}

static int do_reopen(struct worker *w, struct guest *g)
{
	int ret;

	if (g == &w->v->guest[0])
		return -EBUSY; /* its memory is that of the others too */
	if (pthread_rwlock_trywrlock(&g->open))
		return -EBUSY;
	life_close(&g->life);
	ret = open_guest(w->v, g);
	pthread_rwlock_unlock(&g->open);
	return ret;
}

static int do_run(struct worker *w, struct guest *g, const struct life *l)
{
	unsigned int id = below(w, CPUS);
	struct kvm_run *run = l->run[id];
	int ret;

	if (!pthread_mutex_trylock(&g->in_use[id])) {
		run->kvm_valid_regs = KVM_SYNC_GPRS;
		run->s.regs.gprs[2] = below(w, MAX_PAGES);
		run->kvm_dirty_regs = below(w, 2) ? KVM_SYNC_GPRS : 0;
		pthread_mutex_unlock(&g->in_use[id]);
	}
	atomic_store(&w->inside, true);
	ret = result(protvirt_ioctl(l->vcpu[id], KVM_RUN, 0));
	atomic_store(&w->inside, false);
	return ret;
}

static int do_load(struct worker *w, struct life *l)
{
	pthread_mutex_lock(&w->v->touching);
	life_put_image(l, w->v->image);
	pthread_mutex_unlock(&w->v->touching);
	return life_start(l, w->v->image);
}

static int do_slot(struct worker *w, struct guest *g, const struct life *l)
{
	struct kvm_userspace_memory_region slot = {
		.slot = 1,
		.guest_phys_addr = HOTPLUG * (1 + below(w, 3)),
		.memory_size = below(w, 3) ? MEMORY : 0,
		.userspace_addr = (uintptr_t)g->hotplug,
	};

	return result(protvirt_ioctl(l->vm, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&slot));
}

static int do_cpu(struct worker *w, const struct life *l)
{
	int fd = result(protvirt_ioctl(l->vm, KVM_CREATE_VCPU, CPUS + below(w, 32)));

	if (fd >= 0)
		protvirt_close(fd);
	return fd;
}

static int do_memory(struct worker *w, const struct life *l)
{
	const volatile uint8_t *byte = l->memory + below(w, MEMORY);
	struct kvm_s390_mem_op op = {
		.gaddr = below(w, MEMORY),
		.size = 16,
		.op = below(w, 2) ? KVM_S390_MEMOP_ABSOLUTE_READ : KVM_S390_MEMOP_LOGICAL_READ,
	};
	uint8_t room[16];
	bool absolute = op.op == KVM_S390_MEMOP_ABSOLUTE_READ;

	pthread_mutex_lock(&w->v->touching);
	(void)*byte;
	pthread_mutex_unlock(&w->v->touching);
	op.buf = (uintptr_t)room;
	return result(protvirt_ioctl(absolute ? l->vm : l->vcpu[0], KVM_S390_MEM_OP,
				     (uintptr_t)&op));
}

static int do_state(struct worker *w, const struct life *l)
{
	static const uint32_t states[] = {KVM_MP_STATE_STOPPED, KVM_MP_STATE_OPERATING,
					  KVM_MP_STATE_LOAD};
	struct kvm_mp_state mp = {states[below(w, 3)]};

	return result(
		protvirt_ioctl(l->vcpu[below(w, CPUS)], KVM_SET_MP_STATE, (uintptr_t)&mp));
}

static int do_interrupt(struct worker *w, const struct life *l)
{
	struct kvm_s390_interrupt service = {.type = KVM_S390_INT_SERVICE, .parm = 0x2000};
	struct kvm_s390_irq call = {.type = KVM_S390_INT_EMERGENCY, .u.emerg.code = 1};

	if (below(w, 2))
		return result(protvirt_ioctl(l->vm, KVM_S390_INTERRUPT, (uintptr_t)&service));
	return result(protvirt_ioctl(l->vcpu[below(w, CPUS)], KVM_S390_IRQ, (uintptr_t)&call));
}

static int do_reset(struct worker *w, struct life *l)
{
	static const uint32_t commands[] = {KVM_PV_PREP_RESET, KVM_PV_UNSHARE_ALL, KVM_PV_VERIFY};

	if (below(w, 2))
		return life_pv(l, commands[below(w, 3)], NULL);
	return result(protvirt_ioctl(l->vcpu[below(w, CPUS)], KVM_S390_CLEAR_RESET, 0));
}

static int perform_op(struct worker *w, struct guest *g, enum stress_op op)
{
	struct life l = g->life; /* rc and rrc are this thread's */

	switch (op) {
	case OP_LOAD:
		return do_load(w, &l);
	case OP_RUN:
		return do_run(w, g, &l);
	case OP_PREPARE:
		return life_pv(&l, KVM_PV_ASYNC_CLEANUP_PREPARE, NULL);
	case OP_PERFORM:
		return life_pv(&l, KVM_PV_ASYNC_CLEANUP_PERFORM, NULL);
	case OP_DISABLE:
		return life_pv(&l, KVM_PV_DISABLE, NULL);
	case OP_RESET:
		return do_reset(w, &l);
	case OP_SLOT:
		return do_slot(w, g, &l);
	case OP_CPU:
		return do_cpu(w, &l);
	case OP_MEMORY:
		return do_memory(w, &l);
	case OP_STATE:
		return do_state(w, &l);
	case OP_INTERRUPT:
		return do_interrupt(w, &l);
	case OP_REOPEN:
	case OP_NR:
		break;
	}
	return -EINVAL;
}

/* ---- the threads ---- */

/* A VM may be in any state, so nearly everything may be refused; but not for want of a machine. */
static bool is_refusal(int ret)
{
	switch (-ret) {
	case EBADF:
	case ENOTTY:
	case EPIPE:
	case ENOTCONN:
	case ECONNRESET:
	case EPROTO:
	case ENOSYS:
		return false;
	default:
		return true;
	}
}

static void one_op(struct worker *w)
{
	/* Not the same chance for all: what makes work comes more often than what ends it. */
	static const enum stress_op deck[] = {
		OP_LOAD,    OP_LOAD,    OP_LOAD,  OP_RUN,    OP_RUN,   OP_RUN,       OP_RUN,
		OP_PREPARE, OP_PREPARE, OP_PERFORM, OP_PERFORM, OP_DISABLE, OP_RESET, OP_SLOT,
		OP_CPU,     OP_MEMORY,  OP_STATE, OP_INTERRUPT, OP_REOPEN,
	};
	enum stress_op op = deck[below(w, sizeof(deck) / sizeof(deck[0]))];
	struct guest *g = &w->v->guest[below(w, VMS)];
	int ret;

	if (op == OP_REOPEN) {
		ret = do_reopen(w, g);
	} else {
		pthread_rwlock_rdlock(&g->open);
		ret = perform_op(w, g, op);
		pthread_rwlock_unlock(&g->open);
	}
	atomic_fetch_add(ret < 0 ? &w->v->counts->refused[op] : &w->v->counts->done[op], 1);
	if (ret < 0 && !is_refusal(ret)) {
		fprintf(stderr, "# %s: %s\n", stress_op_names[op], strerror(-ret));
		atomic_store(&w->v->wrong, 1);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (unsigned int n = 0; n < w->v->ops && !atomic_load(&w->v->wrong); n++)
		one_op(w);
	atomic_fetch_sub(&w->v->running, 1);
	return NULL;
}

static void on_kick(int signal)
{
	(void)signal; /* being interrupted is all that is wanted */
}

/* A guest that nobody has loaded loops or waits: who is in KVM_RUN is called back in turn. */
static void kick_until_done(struct vmm *v, struct worker *w)
{
	const struct timespec turn = {0, 2000000};

	while (atomic_load(&v->running)) {
		for (int i = 0; i < THREADS; i++)
			if (atomic_load(&w[i].inside))
				pthread_kill(w[i].thread, KICK);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &turn, NULL);
	}
}

static int open_all(struct vmm *v)
{
	int ret = 0;

	for (int i = 0; !ret && i < VMS; i++) {
		struct guest *g = &v->guest[i];

		pthread_rwlock_init(&g->open, NULL);
		for (int id = 0; id < CPUS; id++)
			pthread_mutex_init(&g->in_use[id], NULL);
		g->hotplug = protvirt_alloc_guest_memory(MEMORY);
		ret = g->hotplug ? open_guest(v, g) : -errno;
	}
	return ret;
}

static void close_all(struct vmm *v)
{
	for (int i = VMS - 1; i >= 0; i--) {
		life_close(&v->guest[i].life);
		protvirt_free_guest_memory(v->guest[i].hotplug, MEMORY);
	}
}

int stress_vmm(const struct life_image *image, unsigned int seed, unsigned int ops,
	       struct stress_counts *counts)
{
	struct vmm v = {.image = image, .counts = counts, .ops = ops, .running = THREADS};
	struct sigaction action = {.sa_handler = on_kick};
	struct worker w[THREADS];
	int ret;

	pthread_mutex_init(&v.touching, NULL);
	sigaction(KICK, &action, NULL);
	ret = open_all(&v);
	if (ret) {
		fprintf(stderr, "# a VM could not be made: %s\n", strerror(-ret));
		return 97;
	}
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){.v = &v, .seed = seed + (unsigned int)i};
		if (pthread_create(&w[i].thread, NULL, work, &w[i]))
			return 98;
	}
	kick_until_done(&v, w);
	for (int i = 0; i < THREADS; i++)
		pthread_join(w[i].thread, NULL);
	close_all(&v);
	return atomic_load(&v.wrong) ? 97 : 0;
}
