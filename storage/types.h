/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address types. Mixing up address spaces is the classic bug of this field, so
 * each space has its own name; a variable's suffix says the same.
 */
#ifndef STORAGE_TYPES_H
#define STORAGE_TYPES_H

#include <stddef.h>
#include <stdint.h>

/** typedef abs_t - host absolute address: the machine's real storage, below 1 TiB */
typedef uint64_t abs_t;

/** typedef gpa_t - guest absolute address (after the guest's prefixing) */
typedef uint64_t gpa_t;

/** typedef uva_t - address in a VMM's address space; never dereferenced here */
typedef uint64_t uva_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define PAGE_MASK (~(PAGE_SIZE - 1))

#define SEGMENT_SIZE (1UL << 20)

/** ABS_LIMIT - end of the absolute address space; also the largest guest address + 1 */
#define ABS_LIMIT (1UL << 40)

/** ABS_FIRST - absolute addresses below stay empty: the lowcore's place on a real machine */
#define ABS_FIRST (2UL << 30)

#endif
