/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer of every destroy: clearing memory as fast as this processor can. */
#ifndef BENCH_CLEAR_H
#define BENCH_CLEAR_H

#include <stddef.h>
#include <stdint.h>

/**
 * arena_create() - private anonymous memory as the machine's arenas are: huge pages, touched
 * Ends the program if there is none.
 */
uint8_t *arena_create(size_t bytes);
void arena_free(uint8_t *arena, size_t bytes);

/** clear_arena() - wide stores and one fence, by @threads threads. Return: seconds */
double clear_arena(uint8_t *arena, size_t bytes, unsigned int threads);

/** clear_half() - every second page of it, by one thread, one fence for 64 pages. Return: seconds
 */
double clear_half(uint8_t *arena, size_t bytes);

/** clear_singly() - all of it by one thread, a fence a page. Return: seconds */
double clear_singly(uint8_t *arena, size_t bytes);

#endif
