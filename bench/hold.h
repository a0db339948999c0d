/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that has memory and does nothing with it. */
#ifndef BENCH_HOLD_H
#define BENCH_HOLD_H

#include <stddef.h>
#include <sys/types.h>

/**
 * hold_touch() - get memory of the kernel: what a store to each page does, by one call
 *
 * A fault for each page of 4 KiB takes twenty times as long where faults are dear. Ends the program
 * if there is no memory, or on a kernel before 5.14.
 */
void hold_touch(void *bytes, size_t len);

/**
 * hold_memory() - start a process that has touched memory; child_kill() ends it
 * @bytes: how much, by a thread on each CPU
 * @advice: for madvise(2): MADV_HUGEPAGE or MADV_NOHUGEPAGE
 *
 * Return: process
 */
pid_t hold_memory(size_t bytes, int advice);

/**
 * hold_briefly() - the same in huge pages, and end it at once
 *
 * A computer that is virtual gives memory that is free for two seconds back to its host. To get it
 * again takes one CPU ten times as long as to clear it, two of them half of that; whoever comes next
 * finds it there.
 */
void hold_briefly(size_t bytes);

#endif
