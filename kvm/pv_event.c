// SPDX-License-Identifier: GPL-2.0-or-later
#include "kvm/pv_event.h"

#include "kvm/pv.h"

static void tell(struct kvm *kvm, struct uv_trace_event *e)
{
	struct machine *m = kvm->machine;

	e->kind = UV_TRACE_KVM;
	e->vm = kvm->number;
	e->time_ns = uv_trace_now();
	uv_trace_add(uv_trace(m->uv), e);
	uv_trace_add(&m->events, e);
}

void KVM_UV_EVENT(struct kvm *kvm, const char *name, uint16_t rc, uint16_t rrc)
{
	struct uv_trace_event e = {
		.name = name,
		.handle = kvm_s390_pv_get_handle(kvm),
		.rc = rc,
		.rrc = rrc,
	};

	tell(kvm, &e);
}

/* ---- states ---- */

static struct pv_vm_to_be_destroyed *record_of(const _Atomic(enum pv_state) *state)
{
	return (struct pv_vm_to_be_destroyed *)((char *)state -
						offsetof(struct pv_vm_to_be_destroyed, state));
}

void pv_event_state(struct kvm *kvm, const _Atomic(enum pv_state) *state, enum pv_state next)
{
	static const char *const names[PV_STATE_NR] = {
		[PV_NONE] = "configuration-destroyed",
		[PV_ACTIVE] = "configuration-active",
		[PV_HALF] = "configuration-half",
		[PV_STUCK] = "configuration-stuck",
		[PV_ASIDE] = "configuration-aside",
		[PV_TEARING] = "configuration-tearing",
		[PV_LEFTOVER] = "configuration-leftover",
		[PV_LEAKED] = "configuration-leaked",
	};
	struct uv_trace_event e = {.name = names[next]};

	if (state == &kvm->arch.pv.state) {
		/* Destroyed, or a record has it now: in any case the VM is an ordinary one. */
		if (next == PV_NONE)
			e.name = "vm-unprotected";
		e.handle = kvm_s390_pv_get_handle(kvm);
	} else {
		e.handle = record_of(state)->teardown.handle;
		e.teardown = record_of(state)->teardown.number;
	}
	tell(kvm, &e);
}

/* ---- teardowns ---- */

static void tell_teardown(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec, const char *name,
			  uint64_t since)
{
	const struct pv_teardown *t = &rec->teardown;
	struct uv_trace_event e = {
		.name = name,
		.handle = t->handle,
		.count = uv_owner_frames(kvm->machine->uv, rec->owner),
		.total = t->total,
		.duration_ns = since ? uv_trace_now() - since : 0,
		.teardown = t->number,
		.rc = t->rc,
		.rrc = t->rrc,
	};

	tell(kvm, &e);
}

void pv_teardown_add(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec, uint64_t handle)
{
	struct machine *m = kvm->machine;
	struct pv_teardown *t = &rec->teardown;

	t->vm = kvm->number;
	t->owner = rec->owner;
	t->handle = handle;
	t->state = &rec->state;
	t->total = uv_owner_frames(m->uv, rec->owner);
	t->aside_ns = uv_trace_now();
	t->number = atomic_fetch_add(&m->last_teardown, 1) + 1;
	kvm_s390_pv_set_state(kvm, &rec->state, PV_ASIDE);
	pthread_mutex_lock(&m->teardown_lock);
	LIST_INSERT_HEAD(&m->teardowns, t, link);
	pthread_mutex_unlock(&m->teardown_lock);
	tell_teardown(kvm, rec, "teardown-aside", 0);
}

void pv_teardown_perform(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec)
{
	rec->teardown.told = uv_owner_frames(kvm->machine->uv, rec->owner);
	atomic_store(&rec->teardown.at_perform, rec->teardown.told);
	atomic_store(&rec->teardown.perform_ns, uv_trace_now());
	tell_teardown(kvm, rec, "teardown-begin", 0);
}

void pv_teardown_progress(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec)
{
	struct pv_teardown *t = &rec->teardown;
	uint64_t left = uv_owner_frames(kvm->machine->uv, rec->owner);

	if (left >= t->told)
		return;
	t->told = left;
	tell_teardown(kvm, rec, "teardown-progress", atomic_load(&t->perform_ns));
}

void pv_teardown_leftover(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec)
{
	tell_teardown(kvm, rec, "teardown-leftover", atomic_load(&rec->teardown.perform_ns));
}

void pv_teardown_end(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec)
{
	struct machine *m = kvm->machine;
	uint64_t since = atomic_load(&rec->teardown.perform_ns);

	pthread_mutex_lock(&m->teardown_lock);
	LIST_REMOVE(&rec->teardown, link);
	pthread_mutex_unlock(&m->teardown_lock);
	tell_teardown(kvm, rec,
		      atomic_load(&rec->state) == PV_LEAKED ? "teardown-failed" : "teardown-done",
		      since ? since : rec->teardown.aside_ns);
}

/* ---- asked by others ---- */

static const char *state_name(enum pv_state state)
{
	switch (state) {
	case PV_ASIDE:
		return "aside";
	case PV_TEARING:
		return "tearing";
	case PV_LEFTOVER:
		return "leftover";
	default:
		return "ending";
	}
}

size_t machine_get_teardowns(struct machine *m, struct machine_teardown *list, size_t max)
{
	uint64_t now = uv_trace_now();
	struct pv_teardown *t;
	size_t n = 0;

	pthread_mutex_lock(&m->teardown_lock);
	LIST_FOREACH(t, &m->teardowns, link)
	{
		uint64_t perform = atomic_load(&t->perform_ns);

		if (n < max)
			list[n] = (struct machine_teardown){
				.number = t->number,
				.vm = t->vm,
				.state = state_name(atomic_load(t->state)),
				.handle = t->handle,
				.total = t->total,
				.at_perform = atomic_load(&t->at_perform),
				.left = uv_owner_frames(m->uv, t->owner),
				.aside_ns = now > t->aside_ns ? now - t->aside_ns : 0,
				.perform_ns = perform && now > perform ? now - perform : 0,
			};
		n++;
	}
	pthread_mutex_unlock(&m->teardown_lock);
	return n;
}

static uint64_t count_teardowns(struct machine *m, uint32_t vm)
{
	struct pv_teardown *t;
	uint64_t n = 0;

	pthread_mutex_lock(&m->teardown_lock);
	LIST_FOREACH(t, &m->teardowns, link)
	n += !vm || t->vm == vm;
	pthread_mutex_unlock(&m->teardown_lock);
	return n;
}

bool machine_teardown_over(struct machine *m, uint32_t vm)
{
	uint64_t next;

	/* Every end of a teardown is an event: what comes after the count wakes us. */
	do {
		next = uv_trace_next(&m->events);
		if (!count_teardowns(m, vm))
			return true;
	} while (uv_trace_wait(&m->events, next));
	return false;
}

bool machine_had_vm(struct machine *m, uint32_t vm)
{
	return vm && vm <= atomic_load(&m->last_vm);
}

struct uv_trace *machine_events(struct machine *m)
{
	return &m->events;
}
