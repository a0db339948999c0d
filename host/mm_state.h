/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of an address space, for the transports. */
#ifndef HOST_MM_STATE_H
#define HOST_MM_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "client/protocol.h"
#include "host/lock.h"
#include "host/mm.h"

struct storage;
struct task;
struct traps;
struct uv;

/**
 * struct mm_ops - how to reach a client
 * @copy_from: 0 or -EFAULT; called in the task
 * @copy_to: 0 or -EFAULT; called in the task
 * @describe: what lies at [@uva, @uva + @len): sets at most @max extents, in order, from the first
 *            byte on. Return: their number, > 0; -EFAULT: the first byte is unmapped
 * @convert: put the content of [@uva, @uva + @len) into @memfd and map that over it, in place.
 *           Return: 0; -EFAULT, -ENOMEM
 * @gone: the address space is gone and its pages are, too; may be NULL
 * @free: the structure goes; may be NULL
 */
struct mm_ops {
	int (*copy_from)(struct task *t, void *to, uva_t from, size_t n);
	int (*copy_to)(struct task *t, uva_t to, const void *from, size_t n);
	int (*describe)(struct task *t, uva_t uva, uint64_t len, struct protvirt_extent *extents,
			size_t max);
	int (*convert)(struct task *t, uva_t uva, uint64_t len, int memfd);
	void (*gone)(struct mm *mm);
	void (*free)(struct mm *mm);
};

/**
 * struct mm_limits - what one address space may have; 0: no limit
 * @files: KVM objects
 * @tasks: threads with a call channel
 * @backings: pieces that guest memory is made of; each costs the machine a descriptor
 * @memory: bytes of guest memory
 */
struct mm_limits {
	uint64_t files;
	uint64_t tasks;
	uint64_t backings;
	uint64_t memory;
};

/**
 * struct mm_backing - a backing of an address space
 * @uva: where the client has mapped its first byte, as far as is known; protected by mm->lock
 * @inode: of its memfd
 * @size: bytes
 * @kept: the address space holds a reference of its own: mm_keep_new_backing(); mm->lock
 * @trap: enum trap_state of each 2 MiB piece; protected by the lock of mm->traps
 * @b: alive as long as this stands in the list, but maybe without references
 */
struct mm_backing {
	TAILQ_ENTRY(mm_backing) link;
	struct mm *mm;
	struct backing *b;
	uva_t uva;
	uint64_t inode;
	uint64_t size;
	bool kept;
	uint8_t trap[];
};

/**
 * struct mm - see mm.h
 * @users: tasks, the client's process, mmget_not_zero(); together they hold one of @refs
 * @refs: mmgrab()
 * @lock: protects the lists, @running, @exited
 * @changed: @running or @exited changed
 * @running: the notifier whose callback runs
 * @share_lock: serialises conversions; held while the client is asked
 * @traps: set once, see uffd.h; NULL: holes mode
 */
struct mm {
	_Atomic uint64_t users;
	_Atomic uint64_t refs;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct mmu_notifier *notifiers;
	struct mmu_notifier *running;
	bool exited;
	TAILQ_HEAD(, mm_backing) backings;
	struct mutex share_lock;
	_Atomic int64_t protected_count;
	struct mm_limits limits;
	_Atomic uint64_t nr_files;
	_Atomic uint64_t nr_backings;
	_Atomic uint64_t memory;
	struct storage *st;
	struct uv *uv;
	const struct mm_ops *ops;
	void *transport;
	struct traps *_Atomic traps;
};

/**
 * mm_create() - an address space with one user and one reference
 * @st: where its guest memory comes from
 * @uv: for the pages that leave it
 * @limits: NULL: none
 *
 * The reference is the users'; it goes with the last of them.
 *
 * Return: the mm, or NULL: no memory.
 */
struct mm *mm_create(struct storage *st, struct uv *uv, const struct mm_ops *ops, void *transport,
		     const struct mm_limits *limits);

/**
 * mmput_last() - wait until nobody else uses it, then mmput(): the end is on the caller's thread,
 * unless somebody becomes a user meanwhile
 */
void mmput_last(struct mm *mm);

/** mm_wait_exited() - until the last user is gone and all pages have left. The caller is no user */
void mm_wait_exited(struct mm *mm);

/** mm_charge_file() - one more file. Return: false if the limit is reached */
bool mm_charge_file(struct mm *mm);
void mm_uncharge_file(struct mm *mm);

/**
 * mm_new_backing() - guest memory of the address space, not mapped anywhere yet
 * Return: the backing with one reference, or NULL: -ENOMEM, limit reached.
 */
struct backing *mm_new_backing(struct mm *mm, uint64_t size);

/**
 * mm_keep_new_backing() - the same, kept until mm_unkeep_backing() or the end of the address space
 *
 * Return: the backing without a reference for the caller; NULL and errno: EINVAL, ENOMEM.
 */
struct backing *mm_keep_new_backing(struct mm *mm, uint64_t size);

/** mm_kept_mapped() - the client has mapped what has this memfd. Return: 0 or -EINVAL */
int mm_kept_mapped(struct mm *mm, uint64_t inode, uva_t uva);

/** mm_unkeep_backing() - the kept backing of this size at @uva is not needed any more. 0, -EINVAL
 */
int mm_unkeep_backing(struct mm *mm, uva_t uva, uint64_t size);

/** mm_unkeep_all() - end of the address space */
void mm_unkeep_all(struct mm *mm);

/** mm_exit() - all pages leave an address space whose last user has gone */
void mm_exit(struct mm *mm);

/** UVA_NONE - a backing that is mapped nowhere, as far as is known */
#define UVA_NONE UINT64_MAX

/**
 * mm_backing_mapped() - the client has mapped it at @uva; what it covers is not there any more
 * Context: a task of the address space; no locks held
 */
void mm_backing_mapped(struct mm *mm, struct backing *b, uva_t uva);

/**
 * mm_find_backing() - the backing that the client has mapped at @uva
 * @offset: set to the place in it
 *
 * Return: the backing with a reference, or NULL.
 */
struct backing *mm_find_backing(struct mm *mm, uva_t uva, uint64_t *offset);

/** mm_backing_entry() - its place in the list. Context: the caller holds a reference of @b */
struct mm_backing *mm_backing_entry(struct mm *mm, struct backing *b);

/** mm_backing_uva() - where the client has mapped it, or UVA_NONE */
uva_t mm_backing_uva(struct mm_backing *entry);

/** mm_backing_covered() - has another backing been mapped at a part of the range, too? */
bool mm_backing_covered(struct mm_backing *entry, uva_t uva, uint64_t len);

/** mm_find_inode() - the backing whose memfd this is, with a reference, or NULL */
struct backing *mm_find_inode(struct mm *mm, uint64_t inode);

/**
 * mm_make_accessible() - export the secure pages of a range, and fill its holes where touches trap
 *
 * After that not even a system call of the client meets a missing page.
 *
 * Return: 0; -EINVAL: not guest memory, not page aligned, or the Ultravisor refused a page.
 */
int mm_make_accessible(struct mm *mm, uva_t uva, uint64_t len);

#endif
