// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/clear.h"

#include <err.h>
#include <pthread.h>
#include <sys/mman.h>

#include "bench/hold.h"
#include "bench/samples.h"
#include "storage/wide.h"

#define HUGE_PAGE   (2UL << 20)
#define PAGE        4096UL
#define MAX_THREADS 16U

uint8_t *arena_create(size_t bytes)
{
	hold_briefly(bytes);
	/* aligned by hand: mmap() promises 4 KiB only */
	uint8_t *raw = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *arena = raw + (-(uintptr_t)raw & (HUGE_PAGE - 1));

	if (raw == MAP_FAILED)
		err(1, "%zu bytes", bytes);
	munmap(raw, (size_t)(arena - raw));
	munmap(arena + bytes, HUGE_PAGE - (size_t)(arena - raw));
	madvise(arena, bytes, MADV_HUGEPAGE);
	hold_touch(arena, bytes);
	return arena;
}

void arena_free(uint8_t *arena, size_t bytes)
{
	munmap(arena, bytes);
}

struct part {
	pthread_t thread;
	uint8_t *bytes;
	size_t size;
};

static void *clear_part(void *arg)
{
	struct part *part = arg;

	for (size_t i = 0; i < part->size; i += HUGE_PAGE) {
		clear_wide(part->bytes + i, HUGE_PAGE);
		fence_wide();
	}
	return NULL;
}

double clear_arena(uint8_t *arena, size_t bytes, unsigned int threads)
{
	struct part parts[MAX_THREADS];
	size_t size = bytes / threads & -HUGE_PAGE;
	uint64_t start = now_ns();

	for (unsigned int i = 1; i < threads; i++) {
		parts[i] = (struct part){.bytes = arena + i * size, .size = size};
		if (pthread_create(&parts[i].thread, NULL, clear_part, &parts[i]))
			errx(1, "no thread");
	}
	parts[0] = (struct part){.bytes = arena, .size = size};
	clear_part(&parts[0]);
	for (unsigned int i = 1; i < threads; i++)
		pthread_join(parts[i].thread, NULL);
	return seconds_since(start);
}

double clear_half(uint8_t *arena, size_t bytes)
{
	uint64_t start = now_ns();

	for (size_t i = 0; i < bytes; i += 2 * PAGE) {
		clear_wide(arena + i, PAGE);
		if (i % (128 * PAGE) == 0)
			fence_wide();
	}
	fence_wide();
	return seconds_since(start);
}

double clear_singly(uint8_t *arena, size_t bytes)
{
	uint64_t start = now_ns();

	for (size_t i = 0; i < bytes; i += PAGE) {
		clear_wide(arena + i, PAGE);
		fence_wide();
	}
	return seconds_since(start);
}
