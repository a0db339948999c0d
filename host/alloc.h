/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heap objects of the machine: zeroed, counted, and failing on demand. */
#ifndef HOST_ALLOC_H
#define HOST_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/**
 * host_zalloc() - allocate a zeroed object
 * Return: the object, or NULL if memory ran out or INJECT_ALLOC says so (detail ALLOC_OBJECT).
 */
void *host_zalloc(size_t size) __attribute__((malloc, warn_unused_result));

/**
 * host_zalloc_reserved() - host_zalloc(), with an object that was got before
 * @reserve: that object, NULL afterwards; NULL already: one is got now
 */
void *host_zalloc_reserved(void **reserve, size_t size) __attribute__((warn_unused_result));

/** host_free() - free an object of host_zalloc(); NULL is allowed */
void host_free(void *object);

/** host_alloc_live() - objects that have not been freed; what a test compares to find leaks */
uint64_t host_alloc_live(void);

#endif
