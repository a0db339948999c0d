/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traps: a VMM that touches a secure page gets its ciphertext.
 *
 * The VMM passes a userfaultfd; the machine registers with it the pieces of
 * guest memory that may hold secure frames, and a thread an address space
 * answers the touches. Without one, or where a piece cannot be registered, the
 * VMM reads zeros (holes mode). No secret depends on it: the content of a
 * secure frame is in no memory that the VMM can map.
 */
#ifndef HOST_UFFD_H
#define HOST_UFFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/types.h"

struct backing;
struct mm;
struct mm_backing;

/**
 * mm_set_userfaultfd() - trap touches of secure pages in an address space from now on
 * @uffd: a userfaultfd of the VMM on which UFFDIO_API was not issued yet; taken over, closed on
 *        failure
 *
 * Best before the first import: pieces that hold secure frames already stay without traps.
 *
 * Return: 0; -EINVAL: no userfaultfd, or one that cannot trap shared memory; -EBUSY: there is one
 * already, or the address space is gone; -ENOMEM, -EMFILE, -EAGAIN: no memory, descriptor, thread.
 * Context: any thread.
 */
int mm_set_userfaultfd(struct mm *mm, int uffd);

/** mm_traps_active() - do touches of secure pages trap? false: holes mode */
bool mm_traps_active(const struct mm *mm);

/* ---- for the address space itself ---- */

/** traps_arm() - backing_ops.arm of @entry. Return: 0; 1: nobody traps */
int traps_arm(struct mm_backing *entry, size_t piece_offset);

/** traps_disarm() - backing_ops.disarm of @entry */
void traps_disarm(struct mm_backing *entry, size_t offset, size_t len);

/** traps_released() - the backing of @entry goes; it is in no list any more */
void traps_released(struct mm_backing *entry);

/**
 * traps_moved() - the client has mapped @b at another place: its pieces trap there from now on
 * Context: a task of the address space; no locks held
 */
void traps_moved(struct mm *mm, struct backing *b);

/** traps_end() - the address space is gone: ends the thread, closes the descriptor */
void traps_end(struct mm *mm);

/** traps_free() - the structure goes. Context: after traps_end() */
void traps_free(struct mm *mm);

#endif
