/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the demonstration does with its storage. */
#ifndef GUESTS_DEMO_MEMORY_H
#define GUESTS_DEMO_MEMORY_H

#include <stdint.h>

/** struct area - storage from @start to before @end, both on page boundaries */
struct area {
	uint64_t start;
	uint64_t end;
};

/**
 * memory_area() - the storage to work on
 * @bytes: how much, counted from the end of storage; all above 2 MiB if there is not so much
 *
 * Below 2 MiB are the guest itself and what loaders leave.
 */
struct area memory_area(uint64_t bytes);

/**
 * memory_count_used() - look for anything but zeros
 * @first: address of the first 256 bytes that hold something, if any
 *
 * Return: how many pieces of 256 bytes do.
 */
uint64_t memory_count_used(struct area area, uint64_t *first);

/** memory_fill() - copy the 256 bytes @pattern all over the area, 256 bytes at a time */
void memory_fill(struct area area, const uint8_t pattern[256]);

/** memory_make_pattern() - 256 bytes that no other boot has: clock and boot number */
void memory_make_pattern(uint8_t pattern[256], uint64_t boot);

#endif
