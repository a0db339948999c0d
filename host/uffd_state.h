/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the traps of an address space. */
#ifndef HOST_UFFD_STATE_H
#define HOST_UFFD_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/types.h"

struct backing;
struct mm;
struct mm_backing;

/**
 * enum trap_state - of a piece of a backing
 * @TRAP_OFF: not registered
 * @TRAP_ARMED: registered, secure frames are allowed
 * @TRAP_IDLE: registered though nothing there is secure: whoever let go of it could not ask the
 *             client's kernel. Ends with the next touch
 */
enum trap_state {
	TRAP_OFF,
	TRAP_ARMED,
	TRAP_IDLE,
};

/**
 * struct traps - of an address space
 * @mm: no reference is held: traps_end() comes first
 * @fd: the userfaultfd; -1 after traps_end(). Changed with @lock held and without the thread
 * @stop: eventfd that ends the thread
 * @thread: the fault thread
 * @lock: protects what is registered, and trap_state of all pieces. Held while the client's kernel
 *        changes its mappings, so that an address cannot change hands between look-up and change;
 *        order: piece lock of a backing > @lock > mm->lock
 * @lost_at: the page whose resolution was undone before it could be used, and
 * @lost_times: how often in a row; both only for the fault thread
 */
struct traps {
	struct mm *mm;
	int fd;
	int stop;
	pthread_t thread;
	pthread_mutex_t lock;
	uva_t lost_at;
	unsigned int lost_times;
};

/** fault_thread() - start routine; the argument is the struct traps */
void *fault_thread(void *traps);

/** is_fault_thread() - is the calling thread the fault thread of @t? */
bool is_fault_thread(const struct traps *t);

/** traps_register() - Return: 0 or -errno. Context: t->lock held, in the client's task: asserted */
int traps_register(const struct traps *t, uva_t uva, uint64_t len);

/** traps_unregister() - wakes who waits there, too. As traps_register(), also in the fault thread
 */
int traps_unregister(const struct traps *t, uva_t uva, uint64_t len);

/**
 * traps_drop_idle() - take the registration of a piece away if nothing can be secure there
 * Return: true if the piece is not registered now. Context: fault thread
 */
bool traps_drop_idle(struct traps *t, struct backing *b, uint64_t offset);

#endif
