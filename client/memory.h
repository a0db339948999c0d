/* SPDX-License-Identifier: MIT */
/* A process's own memory, as the machine asks for it. Addresses may be anything: nothing crashes.
 */
#ifndef CLIENT_MEMORY_H
#define CLIENT_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct protvirt_extent;

/**
 * memory_read() - copy @n bytes at address @from of this process
 * Return: 0, or -EFAULT.
 */
int memory_read(void *to, uint64_t from, size_t n);

/** memory_write() - copy to address @to of this process. Return: 0, or -EFAULT */
int memory_write(uint64_t to, const void *from, size_t n);

/**
 * memory_describe() - what lies at [@start, @start + @len)
 * @extents: filled from the first byte on, without gaps
 * @max: room in @extents
 *
 * Ends early at a gap or when there is no more room.
 *
 * Return: number of extents; -EFAULT: nothing is mapped at @start, or /proc is not there.
 */
int memory_describe(uint64_t start, uint64_t len, struct protvirt_extent *extents, size_t max);

/**
 * memory_convert() - move the content of a range into @memfd and map that in its place
 *
 * Stores that other threads make meanwhile may be lost. Protection stays; a forked child does not
 * inherit the range.
 *
 * Return: 0; -EFAULT: not convertible memory; -ENOMEM. Then parts may have been moved, content is
 * unchanged in any case.
 */
int memory_convert(uint64_t start, uint64_t len, int memfd);

#endif
