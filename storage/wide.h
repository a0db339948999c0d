/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clearing memory past the cache.
 *
 * Nobody will read destroyed pages soon, and fetching lines only to overwrite them doubles the
 * traffic. Stores of 32 bytes and more reach the memory's speed, those of 16 two thirds of it and
 * less still where pages are not adjacent (docs/performance.md).
 */
#ifndef STORAGE_WIDE_H
#define STORAGE_WIDE_H

#include <stddef.h>

/**
 * clear_wide() - make @size bytes zeros, whole pages
 *
 * The stores are ordered by fence_wide() only: one for all of a run, as a fence a page takes as long
 * as the page.
 */
void clear_wide(void *bytes, size_t size);

/** fence_wide() - all that clear_wide() has stored comes before whatever follows */
void fence_wide(void);

#endif
