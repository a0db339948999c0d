// SPDX-License-Identifier: GPL-2.0-or-later
/* Power on and off, and what the Ultravisor asks of the machine around it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "host/alloc.h"
#include "host/mm.h"
#include "kvm/gmap.h"
#include "kvm/machine_state.h"
#include "sie/sie.h"

/* The TOD epoch is 1900-01-01, Unix time's is 1970-01-01; leap seconds are in neither. */
#define TOD_UNIX_EPOCH 0x7d91048bca000000UL

/** tod_units() - bit 51 is a microsecond: 4096 units a microsecond, 512 for each 125 nanoseconds */
static uint64_t tod_units(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 4096000000UL + (uint64_t)now.tv_nsec * 512 / 125;
}

static uint64_t tod_base;

static void set_tod_base(void)
{
	tod_base = TOD_UNIX_EPOCH + tod_units(CLOCK_REALTIME) - tod_units(CLOCK_MONOTONIC);
}

/*
 * Right when the machine starts, and never set again: whoever sets this system's clock, even back,
 * must not make CPU timers and the time outside SIE contradict each other.
 */
uint64_t machine_tod(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_tod_base);
	return tod_base + tod_units(CLOCK_MONOTONIC);
}

/* ---- what the Ultravisor asks for ---- */

static struct kvm *kvm_of_asce(struct machine *m, uint64_t asce)
{
	struct gmap_table *top;

	LIST_FOREACH (top, &m->tops, top_link) {
		if (top->origin == (asce & _ASCE_ORIGIN))
			return top->kvm;
	}
	return NULL;
}

/* Several VMs of one address space may show a frame, each at another address. */
static void purge_vms_beside(struct machine *m, const struct kvm *owner)
{
	struct kvm *kvm;

	TAILQ_FOREACH (kvm, &m->vms, vm_link) {
		if (kvm != owner && kvm->mm == owner->mm)
			sie_purge(kvm->arch.sie, 0, UINT64_MAX);
	}
}

/*
 * Frames are locked here and below, so only vm_lock is taken, for reading. A VM on its way out has
 * no CPUs.
 */
static void machine_purge(void *machine, uint64_t guest_asce, gpa_t gpa, uint64_t len)
{
	struct machine *m = machine;
	struct kvm *owner;

	pthread_rwlock_rdlock(&m->vm_lock);
	owner = kvm_of_asce(m, guest_asce);
	if (owner) {
		sie_purge_table(owner->arch.sie, guest_asce, gpa, len);
		purge_vms_beside(m, owner);
	}
	pthread_rwlock_unlock(&m->vm_lock);
}

/* All CPUs of the VM itself are protected: none has used an ordinary page. */
static void machine_purge_others(void *machine, uint64_t guest_asce)
{
	struct machine *m = machine;
	struct kvm *owner;

	pthread_rwlock_rdlock(&m->vm_lock);
	owner = kvm_of_asce(m, guest_asce);
	if (owner)
		purge_vms_beside(m, owner);
	pthread_rwlock_unlock(&m->vm_lock);
}

static int machine_translate(void *machine, uint64_t guest_asce, gpa_t gpa, abs_t *frame)
{
	struct machine *m = machine;

	return gmap_walk(m->storage, guest_asce, gpa, frame);
}

int machine_random(void *buf, size_t len)
{
	unsigned char *at = buf;

	while (len) {
		ssize_t n = getrandom(at, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EIO;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int machine_uv_random(void *machine, void *buf, size_t len)
{
	return machine_random(buf, len);
}

static uint64_t machine_uv_tod(void *machine)
{
	return machine_tod();
}

static const struct uv_machine_ops machine_ops = {
	.purge = machine_purge,
	.purge_others = machine_purge_others,
	.translate = machine_translate,
	.random = machine_uv_random,
	.tod = machine_uv_tod,
};

/* ---- power on and off ---- */

/* Donate the Ultravisor's own storage; without it no other call is accepted. */
static int machine_init_uv(struct machine *m)
{
	if (uv_get_info(m->uv, &m->info))
		return -EIO;
	m->uv_base =
		storage_alloc(m->storage, m->info.uv_base_stor_len, SEGMENT_SIZE, ALLOC_UV_BASE);
	if (!m->uv_base)
		return -ENOMEM;
	return uv_donate_base(m->uv, m->uv_base, m->info.uv_base_stor_len);
}

static int machine_power_on(struct machine *m, const struct uv_model *model, const char *host_key)
{
	struct uv_params uv_params = {
		.model = model,
		.host_key = host_key,
		.ops = &machine_ops,
		.machine = m,
	};

	m->storage = storage_create();
	if (!m->storage)
		return -ENOMEM;
	uv_params.storage = m->storage;
	m->uv = uv_create(&uv_params);
	if (!m->uv)
		return -errno;
	return machine_init_uv(m);
}

static const struct uv_model *machine_model(const struct machine_params *params)
{
	const struct uv_model *model = uv_model_find(params->model);

	if (!model)
		fprintf(stderr,
			"protvirt: unknown machine model '%s'; there are z15, z16, z17 and "
			"proposal\n",
			params->model);
	return model;
}

struct machine *machine_create(const struct machine_params *params)
{
	const struct uv_model *model = machine_model(params);
	struct machine *m;
	int err;

	if (!model || !params->max_guest_memory || params->max_guest_memory > ABS_LIMIT) {
		errno = EINVAL;
		return NULL;
	}
	m = host_zalloc(sizeof(*m));
	if (!m) {
		errno = ENOMEM;
		return NULL;
	}
	m->async_destroy = params->async_destroy;
	m->host = params->host;
	m->trace = params->trace;
	m->max_guest_memory = params->max_guest_memory;
	pthread_rwlock_init(&m->vm_lock, NULL);
	TAILQ_INIT(&m->vms);
	LIST_INIT(&m->tops);
	pthread_mutex_init(&m->teardown_lock, NULL);
	LIST_INIT(&m->teardowns);
	uv_trace_init(&m->events);
	err = machine_power_on(m, model, params->host_key);
	if (err) {
		machine_destroy(m);
		errno = -err;
		return NULL;
	}
	return m;
}

void machine_destroy(struct machine *m)
{
	if (m->uv)
		uv_destroy(m->uv);
	if (m->storage) {
		storage_free(m->storage, m->uv_base);
		storage_destroy(m->storage);
	}
	pthread_mutex_destroy(&m->teardown_lock);
	pthread_rwlock_destroy(&m->vm_lock);
	host_free(m);
}

struct uv *machine_uv(const struct machine *m)
{
	return m->uv;
}

struct storage *machine_storage(const struct machine *m)
{
	return m->storage;
}

/* ---- the list of VMs ---- */

void machine_add_vm(struct machine *m, struct kvm *kvm)
{
	kvm->number = atomic_fetch_add(&m->last_vm, 1) + 1;
	sie_set_trace(kvm->arch.sie, m->trace, kvm->number);
	pthread_rwlock_wrlock(&m->vm_lock);
	TAILQ_INSERT_TAIL(&m->vms, kvm, vm_link);
	pthread_rwlock_unlock(&m->vm_lock);
	atomic_fetch_add(&m->nr_vms, 1);
}

void machine_del_vm(struct machine *m, struct kvm *kvm)
{
	pthread_rwlock_wrlock(&m->vm_lock);
	TAILQ_REMOVE(&m->vms, kvm, vm_link);
	pthread_rwlock_unlock(&m->vm_lock);
	atomic_fetch_sub(&m->nr_vms, 1);
	if (m->trace)
		sie_trace_flush(m->trace);
}
