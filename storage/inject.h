/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults on demand.
 *
 * The services ask here before they do what can fail: an Ultravisor call, an
 * allocation, a user copy, a wake-up. Nothing in kvm/ asks. Without a hook the
 * question is one load and a predictable branch.
 */
#ifndef STORAGE_INJECT_H
#define STORAGE_INJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inject_point {
	INJECT_UVC,         /* detail: command code; subject: configuration handle or 0 */
	INJECT_ALLOC,       /* detail: enum alloc_kind; subject: bytes */
	INJECT_COPY_FROM,   /* copy_from_user(); subject: bytes */
	INJECT_COPY_TO,     /* copy_to_user(); subject: bytes */
	INJECT_WAKE,        /* a task is about to be woken */
	INJECT_DESTROY_PAGE /* one page of a range destroy; subject: guest page number */
};

/**
 * struct inject_outcome - what happens instead
 * @cc: INJECT_UVC: condition code
 * @rc: INJECT_UVC: response code
 * @rrc: INJECT_UVC: response reason code
 * @perform: INJECT_UVC: carry out the call as well, only the answer is replaced
 * @bytes: INJECT_COPY_FROM, INJECT_COPY_TO: copied before the fault
 */
struct inject_outcome {
	uint8_t cc;
	bool perform;
	uint16_t rc;
	uint16_t rrc;
	uint64_t bytes;
};

typedef bool (*inject_fn)(enum inject_point point, uint32_t detail, uint64_t subject,
			  struct inject_outcome *outcome);

extern _Atomic(inject_fn) inject_hook;

/**
 * inject() - shall this step fail?
 * @point: which kind of step
 * @detail: see enum inject_point
 * @subject: see enum inject_point
 * @outcome: filled in if the step shall fail; may be NULL unless @point is INJECT_UVC or a copy
 *
 * Return: true if the caller must behave as if the step had failed.
 * Context: any thread, no locks needed; the hook must not block, except when it is told to hold
 * a race open.
 */
static inline bool inject(enum inject_point point, uint32_t detail, uint64_t subject,
			  struct inject_outcome *outcome)
{
	inject_fn hook = atomic_load_explicit(&inject_hook, memory_order_acquire);

	return __builtin_expect(hook != NULL, 0) && hook(point, detail, subject, outcome);
}

/** inject_possible() - might inject() say yes now? For what is done for many at once */
static inline bool inject_possible(void)
{
	return atomic_load_explicit(&inject_hook, memory_order_acquire) != NULL;
}

#endif
