// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asynchronous destroy: configurations that only the Ultravisor still knows.
 *
 * PREPARE sets the active configuration aside in one record, PERFORM takes the
 * record and tears it down without kvm->lock, and what a fatal signal leaves
 * over is queued for DISABLE or for the end of the VM. The order is memory
 * first, configuration after it, because DESTROY_SEC_CONF of a configuration
 * with all its memory is one long call that nothing can interrupt. A clean-up
 * of everything has the reverse order: there is nobody to interrupt it, and the
 * Ultravisor is fastest when it does it all itself.
 */
#include <assert.h>
#include <errno.h>

#include "host/alloc.h"
#include "host/mm.h"
#include "host/task.h"
#include "kvm/gmap.h"
#include "kvm/machine_state.h"
#include "kvm/memslots.h"
#include "kvm/pv.h"
#include "kvm/pv_event.h"
#include "kvm/vcpu.h"
#include "storage/frame.h"

#define LOWER_2G (1UL << 31)

/* A walk tells how far it is so many times a backing, but not for fewer pages than a run has. */
#define PROGRESS_PARTS 64
#define PROGRESS_MIN   512

/** GIVE_WAY_PAGES - PERFORM lets others have its CPU after so many pages, which take some 0.1 ms */
#define GIVE_WAY_PAGES (4UL * PIECE_PAGES)

/*
 * GIVE_WAY_NS - so long it waits for others in all, about as long as the next guest's load and
 * unpack take: without an end it would never get done where others always want the CPU
 */
#define GIVE_WAY_NS 250000000UL

/* ---- memory ---- */

/**
 * struct destroy_walk - who is on the way through an owner's memory
 * @stop: what may end it, or NULL
 * @rec: whose progress is told, or NULL
 * @gave_way: nanoseconds that others had
 * @kept: what was destroyed of this backing from here on has not been given back
 */
struct destroy_walk {
	struct kvm *kvm;
	uint32_t owner;
	const struct uv_stop *stop;
	struct pv_vm_to_be_destroyed *rec;
	uint64_t gave_way;
	size_t kept;
};

static int destroy_part(struct destroy_walk *walk, struct backing *b, size_t first, size_t n)
{
	return uv_destroy_range(walk->kvm->machine->uv, walk->owner, b, first, n, walk->stop, NULL);
}

static void give_way(struct destroy_walk *walk)
{
	uint64_t start;

	if (walk->gave_way >= GIVE_WAY_NS)
		return;
	start = kvm_s390_now_ns();
	task_give_way();
	walk->gave_way += kvm_s390_now_ns() - start;
}

/*
 * As an ordinary guest the VM gets other memory while this goes: what was destroyed before is given
 * back step by step, or both would be there at the end.
 */
static void give_back(struct destroy_walk *walk, struct backing *b, size_t end)
{
	if (!atomic_load(&walk->kvm->arch.pv.ran_ordinary))
		return;
	backing_trim(b, walk->kept, end * PAGE_SIZE - walk->kept);
	walk->kept = end * PAGE_SIZE / PIECE_SIZE * PIECE_SIZE;
}

/*
 * A nice value is not enough. The threads of a reboot sleep and wake up all the time; a PERFORM
 * that runs meanwhile keeps the CPU until the next tick, and a CPU that runs one is not idle, so
 * that no other thread is moved there.
 */
static int destroy_part_giving_way(struct destroy_walk *walk, struct backing *b, size_t first,
				   size_t n)
{
	size_t end = first + n;
	int err = 0;

	while (!err && first < end) {
		size_t next = (first / GIVE_WAY_PAGES + 1) * GIVE_WAY_PAGES;

		if (next > end)
			next = end;
		err = destroy_part(walk, b, first, next - first);
		first = next;
		if (!err) {
			give_back(walk, b, first);
			give_way(walk);
		}
	}
	return err;
}

static int destroy_backing(struct backing *b, void *arg)
{
	struct destroy_walk *walk = arg;
	size_t pages = backing_size(b) / PAGE_SIZE, part = pages / PROGRESS_PARTS;
	int err = 0;

	if (part < PROGRESS_MIN)
		part = PROGRESS_MIN;
	walk->kept = 0;
	for (size_t first = 0; !err && first < pages; first += part) {
		size_t n = part < pages - first ? part : pages - first;

		err = walk->stop ? destroy_part_giving_way(walk, b, first, n)
				 : destroy_part(walk, b, first, n);
		if (walk->rec)
			pv_teardown_progress(walk->kvm, walk->rec);
	}
	return err;
}

/*
 * Destroy all pages of one owner, whatever slot shows them or does not show them any more. Frames
 * of other owners, a new guest's above all, are left alone.
 *
 * Return: 0, or -EINTR if @stop said so.
 */
static int walk_owner_memory(struct destroy_walk *walk)
{
	struct kvm *kvm = walk->kvm;

	/* What a signal may end takes long: nothing of the VM may wait for it. */
	if (walk->stop)
		lockdep_assert_not_held(&kvm->lock);
	if (walk->owner == UV_OWNER_NONE || !uv_owner_frames(kvm->machine->uv, walk->owner))
		return 0;
	return mm_for_each_backing(kvm->mm, destroy_backing, walk);
}

/* The same to the end, whatever signal comes. */
static void destroy_owner_memory(struct kvm *kvm, uint32_t owner)
{
	struct destroy_walk walk = {.kvm = kvm, .owner = owner};

	walk_owner_memory(&walk);
}

/* The next guest's loader shall not pay for traps: pieces without secure frames lose them. */
static void disarm_pages(struct backing *b, uint64_t first, uint64_t n)
{
	uint64_t start = first * PAGE_SIZE / PIECE_SIZE * PIECE_SIZE;

	backing_disarm(b, start, (first + n) * PAGE_SIZE - start);
}

static void destroy_slot_pages(struct kvm *kvm, const struct kvm_memory_slot *slot, uint64_t npages,
			       uint32_t owner)
{
	const struct mm_segment *seg = slot->memory->segs;

	for (; npages; seg++) {
		uint64_t first = seg->backing_offset / PAGE_SIZE, n = seg->len / PAGE_SIZE;

		if (n > npages)
			n = npages;
		uv_destroy_range(kvm->machine->uv, owner, seg->b, first, n, NULL, NULL);
		disarm_pages(seg->b, first, n);
		npages -= n;
	}
}

/**
 * kvm_s390_destroy_lower_2g() - destroy the pages of @owner below 2 GiB
 *
 * A CPU's prefix lies there always, and the machine accesses prefix pages without the usual fault
 * path: the next guest must not find a secure one. Holes between slots do not end the walk.
 *
 * Context: the owner's CPUs are gone. Slots are held; a change of them waits.
 */
static void kvm_s390_destroy_lower_2g(struct kvm *kvm, uint32_t owner)
{
	const uint64_t pages_2g = LOWER_2G >> PAGE_SHIFT;
	struct kvm_memslots *slots = kvm_memslots_read(kvm);

	for (size_t i = 0; i < slots->n; i++) {
		struct kvm_memory_slot *slot = slots->slots[i];
		uint64_t npages = slot->npages;

		if (slot->base_gfn >= pages_2g)
			break;
		if (npages > pages_2g - slot->base_gfn)
			npages = pages_2g - slot->base_gfn;
		destroy_slot_pages(kvm, slot, npages, owner);
	}
	kvm_memslots_read_end(kvm, slots);
}

static int trim_backing(struct backing *b, void *arg)
{
	backing_trim(b, 0, backing_size(b));
	return 0;
}

/*
 * With the last configuration of the address space gone nobody needs its secure storage. As long as
 * there is another one, pages that were cleared are better kept: to fault them in costs three times
 * as much as to clear them.
 */
static void trim_unprotected_memory(struct kvm *kvm)
{
	if (!atomic_load(mm_protected_count(kvm->mm)))
		mm_for_each_backing(kvm->mm, trim_backing, NULL);
}

static int disarm_backing(struct backing *b, void *arg)
{
	backing_disarm(b, 0, backing_size(b));
	return 0;
}

/*
 * After PERFORM and DISABLE the next configuration is on its way more often than not: what was
 * cleared waits for it, without traps, until a CPU runs as an ordinary one. That side raises its
 * flag and looks at ours, and we do it the other way round: one of the two gives the memory back.
 */
static void settle_unprotected_memory(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	if (atomic_load(mm_protected_count(kvm->mm)))
		return;
	if (!atomic_load(&kvm->users)) {
		trim_unprotected_memory(kvm);
		return;
	}
	mm_for_each_backing(kvm->mm, disarm_backing, NULL);
	atomic_store(&pv->memory_kept, true);
	if (atomic_load(&pv->ran_ordinary) && atomic_exchange(&pv->memory_kept, false))
		trim_unprotected_memory(kvm);
}

void kvm_s390_pv_run_ordinary(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	if (!atomic_load(&pv->ran_ordinary))
		atomic_store(&pv->ran_ordinary, true);
	if (atomic_load(&pv->memory_kept) && atomic_exchange(&pv->memory_kept, false))
		trim_unprotected_memory(kvm);
}

/* ---- records ---- */

static void forget_record_storage(struct pv_vm_to_be_destroyed *rec)
{
	rec->handle = 0;
	rec->stor_base = 0;
	rec->stor_var = 0;
	rec->old_gmap_table = NULL;
}

static void free_record_storage(struct machine *m, struct pv_vm_to_be_destroyed *rec)
{
	storage_free(m->storage, rec->stor_base);
	storage_free(m->storage, rec->stor_var);
	gmap_table_free(m, rec->old_gmap_table);
	forget_record_storage(rec);
}

/* On purpose: the Ultravisor may still use all of it. */
static void leak_record_storage(struct machine *m, struct pv_vm_to_be_destroyed *rec)
{
	storage_leak(m->storage, rec->stor_base);
	storage_leak(m->storage, rec->stor_var);
	gmap_table_leak(m, rec->old_gmap_table);
	forget_record_storage(rec);
}

static void free_record(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec)
{
	enum pv_state state = atomic_load(&rec->state);

	/* Disposed of, one way or the other, and empty; a leaked one keeps being counted. */
	assert(state == PV_NONE || state == PV_LEAKED);
	assert(!rec->handle && !rec->stor_base && !rec->stor_var && !rec->old_gmap_table);
	pv_teardown_end(kvm, rec);
	uv_owner_put(kvm->machine->uv, rec->owner);
	host_free(rec);
}

/* The newest is first. */
static void add_leftover(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec)
{
	kvm_s390_pv_assert_locked(kvm);
	kvm_s390_pv_set_state(kvm, &rec->state, PV_LEFTOVER);
	LIST_INSERT_HEAD(&kvm->arch.pv.need_cleanup, rec, link);
}

static void note_answer(struct pv_vm_to_be_destroyed *rec, uint16_t rc, uint16_t rrc)
{
	rec->teardown.rc = rc;
	rec->teardown.rrc = rrc;
}

/**
 * kvm_s390_pv_dispose_one_leftover() - tell the Ultravisor to forget a configuration
 * @rec: owned by the caller; stays allocated, but there is nothing left in it
 *
 * Return: 0; -EIO: the Ultravisor refused; what it may still use is leaked and the count keeps it.
 * Context: kvm->lock does not matter.
 */
static int kvm_s390_pv_dispose_one_leftover(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec,
					    uint16_t *rc, uint16_t *rrc)
{
	struct machine *m = kvm->machine;
	enum pv_state state = atomic_load(&rec->state);

	assert(state == PV_TEARING || state == PV_LEFTOVER);
	/* Destroyed fast: the storages are back already. */
	if (!rec->handle) {
		*rc = UVC_RC_EXECUTED;
		*rrc = 0;
	} else if (uv_cmd_nodata(m->uv, rec->handle, UVC_CMD_DESTROY_SEC_CONF, rc, rrc)) {
		leak_record_storage(m, rec);
		note_answer(rec, *rc, *rrc);
		kvm_s390_pv_set_state(kvm, &rec->state, PV_LEAKED);
		return -EIO;
	}
	note_answer(rec, *rc, *rrc);
	free_record_storage(m, rec);
	atomic_fetch_sub(mm_protected_count(kvm->mm), 1);
	kvm_s390_pv_set_state(kvm, &rec->state, PV_NONE);
	return 0;
}

/* ---- PREPARE ---- */

/* Without destroy-fast: the Ultravisor keeps everything, so it moves into the record. */
static int move_into_record(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	/* A stuck configuration has its table to itself already. */
	rec->old_gmap_table = pv->stuck_table;
	if (!rec->old_gmap_table && s390_replace_asce(kvm->arch.gmap, &rec->old_gmap_table))
		return -ENOMEM;
	if (!pv->stuck_table)
		KVM_UV_EVENT(kvm, "asce-replaced", 0, 0);
	rec->handle = kvm_s390_pv_get_handle(kvm);
	rec->stor_base = pv->stor_base;
	rec->stor_var = pv->stor_var;
	return 0;
}

static bool can_condemn(const struct kvm *kvm)
{
	return uv_has_call(&kvm->machine->info, BIT_UVC_CMD_CONDEMN_SEC_CONF);
}

/*
 * The lower 2 GiB in one call instead of one a page. Not destroyed fast as well: to take back and
 * free the storages takes as long as the guest is large, so that is left to PERFORM.
 */
static int condemn(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec, uint16_t *rc, uint16_t *rrc)
{
	uint16_t cond_rc, cond_rrc;

	/* As with the CPUs: a call that succeeds leaves no answer where the next step may fail. */
	if (uv_cmd_nodata(kvm->machine->uv, kvm_s390_pv_get_handle(kvm), UVC_CMD_CONDEMN_SEC_CONF,
			  &cond_rc, &cond_rrc)) {
		*rc = cond_rc;
		*rrc = cond_rrc;
		return -EIO;
	}
	return move_into_record(kvm, rec);
}

static bool can_destroy_fast(const struct kvm *kvm)
{
	return uv_has_call(&kvm->machine->info, BIT_UVC_CMD_DESTROY_SEC_CONF_FAST);
}

/* Under the lock, as the VM may get another guest page table while it is an ordinary one. */
void kvm_s390_pv_reserve(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	lockdep_assert_held(&kvm->lock);
	if (!pv->record_reserve)
		pv->record_reserve = host_zalloc(sizeof(struct pv_vm_to_be_destroyed));
	if (can_condemn(kvm) || !can_destroy_fast(kvm))
		gmap_reserve_top(kvm->arch.gmap);
}

static int fill_record(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec, uint16_t *rc,
		       uint16_t *rrc)
{
	rec->owner = kvm->arch.pv.owner;
	if (can_condemn(kvm))
		return condemn(kvm, rec, rc, rrc);
	if (can_destroy_fast(kvm))
		return kvm_s390_pv_deinit_vm_fast(kvm, rc, rrc);
	return move_into_record(kvm, rec);
}

int kvm_s390_pv_set_aside(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;
	struct pv_vm_to_be_destroyed *rec;
	int err;

	lockdep_assert_held(&kvm->lock);
	if (pv->set_aside)
		return -EINVAL;
	/* The top-level table of a small guest cannot be replaced; synchronous destroy is quick. */
	if (gmap_type(kvm->arch.gmap) == _ASCE_TYPE_SEGMENT)
		return -EINVAL;
	rec = host_zalloc_reserved(&pv->record_reserve, sizeof(*rec));
	if (!rec)
		return -ENOMEM;
	err = fill_record(kvm, rec, rc, rrc);
	if (err) {
		host_free(rec);
		return err;
	}
	if (!can_condemn(kvm)) {
		task_follow_client(); /* it takes long only now */
		kvm_s390_destroy_lower_2g(kvm, rec->owner);
	}
	pv_teardown_add(kvm, rec, kvm_s390_pv_get_handle(kvm));
	kvm_s390_clear_pv_state(kvm);
	pv->set_aside = rec;
	*rc = UVC_RC_EXECUTED;
	*rrc = KVM_S390_PV_FAKED_RRC;
	return 0;
}

/* ---- PERFORM ---- */

static struct pv_vm_to_be_destroyed *take_set_aside(struct kvm *kvm)
{
	struct pv_vm_to_be_destroyed *rec;

	mutex_lock(&kvm->lock);
	rec = kvm->arch.pv.set_aside;
	kvm->arch.pv.set_aside = NULL;
	if (rec) {
		kvm_s390_pv_set_state(kvm, &rec->state, PV_TEARING);
		kvm_s390_pv_reserve(kvm);
	}
	mutex_unlock(&kvm->lock);
	return rec;
}

static void queue_leftover(struct kvm *kvm, struct pv_vm_to_be_destroyed *rec)
{
	mutex_lock(&kvm->lock);
	add_leftover(kvm, rec);
	pv_teardown_leftover(kvm, rec);
	mutex_unlock(&kvm->lock);
}

int kvm_s390_pv_deinit_aside_vm(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	struct destroy_walk walk = {.kvm = kvm, .stop = task_stop(current_task())};
	struct pv_vm_to_be_destroyed *rec;
	int err;

	lockdep_assert_not_held(&kvm->lock);
	rec = take_set_aside(kvm);
	if (!rec)
		return -EINVAL;
	pv_teardown_perform(kvm, rec);
	walk.owner = rec->owner;
	walk.rec = rec;
	if (walk_owner_memory(&walk)) {
		/* Nobody is left to read the answer; DISABLE or the VM's end finishes the work. */
		queue_leftover(kvm, rec);
		*rc = UVC_RC_EXECUTED;
		*rrc = KVM_S390_PV_FAKED_RRC;
		return 0;
	}
	err = kvm_s390_pv_dispose_one_leftover(kvm, rec, rc, rrc);
	settle_unprotected_memory(kvm);
	free_record(kvm, rec);
	return err;
}

/* ---- DISABLE and the end of the VM ---- */

LIST_HEAD(record_list, pv_vm_to_be_destroyed);

/* Keep the count from falling to 0 before the last page was walked. Return: false if it is 0 */
static bool hold_protected_count(struct kvm *kvm)
{
	_Atomic int64_t *count = mm_protected_count(kvm->mm);
	int64_t seen = atomic_load(count);

	while (seen > 0) {
		if (atomic_compare_exchange_weak(count, &seen, seen + 1)) {
			atomic_fetch_add(&kvm->machine->nr_cleanups, 1);
			return true;
		}
	}
	return false;
}

static void release_protected_count(struct kvm *kvm)
{
	atomic_fetch_sub(mm_protected_count(kvm->mm), 1);
	atomic_fetch_sub(&kvm->machine->nr_cleanups, 1);
}

/* What is set aside becomes the newest leftover. */
static void requeue_set_aside(struct kvm *kvm)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;

	if (!pv->set_aside)
		return;
	add_leftover(kvm, pv->set_aside);
	pv->set_aside = NULL;
}

/* Dispose of all leftovers, newest first; they are on @done then. Return: 0 or -EIO */
static int dispose_leftovers(struct kvm *kvm, struct record_list *done, uint16_t *rc, uint16_t *rrc)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;
	struct pv_vm_to_be_destroyed *rec;
	int ret = 0;

	while ((rec = LIST_FIRST(&pv->need_cleanup))) {
		uint16_t this_rc, this_rrc;

		LIST_REMOVE(rec, link);
		if (kvm_s390_pv_dispose_one_leftover(kvm, rec, &this_rc, &this_rrc)) {
			ret = -EIO;
			if (*rc == UVC_RC_EXECUTED) {
				*rc = this_rc;
				*rrc = this_rrc;
			}
		}
		LIST_INSERT_HEAD(done, rec, link);
	}
	return ret;
}

/*
 * An address space that is gone has no pages left. One that is going may still have them, and its
 * end looks at the count, which falls after this: so pages are destroyed here without asking
 * whether it has users. The backings are the structure's, which the VM holds.
 */
static void destroy_memory_of(struct kvm *kvm, uint32_t active_owner, struct record_list *done)
{
	struct pv_vm_to_be_destroyed *rec;

	destroy_owner_memory(kvm, active_owner);
	LIST_FOREACH (rec, done, link)
		destroy_owner_memory(kvm, rec->owner);
}

static void free_records(struct kvm *kvm, struct record_list *done)
{
	struct pv_vm_to_be_destroyed *rec;

	while ((rec = LIST_FIRST(done))) {
		LIST_REMOVE(rec, link);
		free_record(kvm, rec);
	}
}

int kvm_s390_pv_deinit_cleanup_all(struct kvm *kvm, uint16_t *rc, uint16_t *rrc)
{
	struct kvm_s390_pv *pv = &kvm->arch.pv;
	struct record_list done = LIST_HEAD_INITIALIZER(done);
	uint32_t active_owner = pv->owner;
	int ret = 0;

	if (!hold_protected_count(kvm)) {
		assert(!pv->set_aside && LIST_EMPTY(&pv->need_cleanup));
		return 0;
	}
	*rc = UVC_RC_EXECUTED;
	KVM_UV_EVENT(kvm, "cleanup-begin", 0, 0);
	if (kvm_s390_pv_get_handle(kvm) && kvm_s390_pv_deinit_vm(kvm, rc, rrc))
		ret = -EIO;
	requeue_set_aside(kvm);
	if (dispose_leftovers(kvm, &done, rc, rrc))
		ret = -EIO;
	destroy_memory_of(kvm, active_owner, &done);
	if (active_owner != UV_OWNER_NONE && !kvm_s390_pv_get_handle(kvm))
		uv_owner_put(kvm->machine->uv, active_owner);
	release_protected_count(kvm);
	settle_unprotected_memory(kvm);
	free_records(kvm, &done);
	KVM_UV_EVENT(kvm, "cleanup-end", *rc, *rrc);
	return ret;
}
