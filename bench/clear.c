// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/clear.h"

#include <err.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "bench/samples.h"

#define HUGE_PAGE   (2UL << 20)
#define PAGE        4096UL
#define MAX_THREADS 16U

uint8_t *arena_create(size_t bytes)
{
	/* aligned by hand: mmap() promises 4 KiB only */
	uint8_t *raw = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *arena = raw + (-(uintptr_t)raw & (HUGE_PAGE - 1));

	if (raw == MAP_FAILED)
		err(1, "%zu bytes", bytes);
	munmap(raw, (size_t)(arena - raw));
	munmap(arena + bytes, HUGE_PAGE - (size_t)(arena - raw));
	madvise(arena, bytes, MADV_HUGEPAGE);
	memset(arena, 1, bytes);
	return arena;
}

void arena_free(uint8_t *arena, size_t bytes)
{
	munmap(arena, bytes);
}

static void stores(uint8_t *bytes, size_t size)
{
#ifdef __SSE2__
	for (size_t i = 0; i < size; i += sizeof(__m128i))
		_mm_stream_si128((__m128i *)(void *)(bytes + i), _mm_setzero_si128());
#else
	memset(bytes, 0, size);
#endif
}

static void fence(void)
{
#ifdef __SSE2__
	_mm_sfence();
#else
	__atomic_thread_fence(__ATOMIC_RELEASE);
#endif
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
		stores(part->bytes + i, HUGE_PAGE);
		fence();
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
		stores(arena + i, PAGE);
		if (i % (128 * PAGE) == 0)
			fence();
	}
	fence();
	return seconds_since(start);
}

double clear_singly(uint8_t *arena, size_t bytes)
{
	uint64_t start = now_ns();

	for (size_t i = 0; i < bytes; i += PAGE) {
		stores(arena + i, PAGE);
		fence();
	}
	return seconds_since(start);
}
