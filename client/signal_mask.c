// SPDX-License-Identifier: MIT
/*
 * A vCPU's mask belongs to the vCPU, not to a descriptor number: descriptors of
 * one vCPU have one cookie, as they are one socket.
 */
#include "client/signal_mask.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/wire.h"
#include "protvirt/kvm.h"

struct vcpu_mask {
	struct vcpu_mask *next;
	uint64_t cookie;
	uint64_t mask;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* protects masks */
static struct vcpu_mask *masks;
static _Atomic int nr_masks; /* most programs have none and never take the lock */

static struct vcpu_mask **find_locked(uint64_t cookie)
{
	struct vcpu_mask **link = &masks;

	while (*link && (*link)->cookie != cookie)
		link = &(*link)->next;
	return link;
}

static void forget(uint64_t cookie)
{
	struct vcpu_mask **link;
	struct vcpu_mask *old;

	pthread_mutex_lock(&lock);
	link = find_locked(cookie);
	old = *link;
	if (old) {
		*link = old->next;
		atomic_fetch_sub(&nr_masks, 1);
	}
	pthread_mutex_unlock(&lock);
	free(old);
}

static int remember(uint64_t cookie, uint64_t mask)
{
	struct vcpu_mask *fresh = malloc(sizeof(*fresh));
	struct vcpu_mask *old;

	if (!fresh)
		return -ENOMEM;
	*fresh = (struct vcpu_mask){.cookie = cookie, .mask = mask};
	pthread_mutex_lock(&lock);
	old = *find_locked(cookie);
	if (old) {
		old->mask = mask;
	} else {
		fresh->next = masks;
		masks = fresh;
		atomic_fetch_add(&nr_masks, 1);
	}
	pthread_mutex_unlock(&lock);
	if (old)
		free(fresh);
	return 0;
}

int signal_mask_set(int fd, uint64_t arg)
{
	uint64_t mask;

	if (!arg) {
		forget(wire_cookie(fd));
		return 0;
	}
	if (memory_read(&mask, arg + sizeof(struct kvm_signal_mask), sizeof(mask)))
		return -EFAULT;
	return remember(wire_cookie(fd), mask);
}

uint64_t signal_mask_get(int fd, const sigset_t *caller)
{
	const struct vcpu_mask *found;
	uint64_t mask;

	memcpy(&mask, caller, sizeof(mask));
	if (!atomic_load(&nr_masks))
		return mask;
	pthread_mutex_lock(&lock);
	found = *find_locked(wire_cookie(fd));
	if (found)
		mask = found->mask;
	pthread_mutex_unlock(&lock);
	return mask;
}
