// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/wide.h"

#include <stdatomic.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("avx"))) static void stores_of_32(char *bytes, size_t size)
{
	const __m256i zero = _mm256_setzero_si256();

	for (size_t i = 0; i < size; i += sizeof(zero))
		_mm256_stream_si256((__m256i *)(void *)(bytes + i), zero);
}

static void stores_of_16(char *bytes, size_t size)
{
	const __m128i zero = _mm_setzero_si128();

	for (size_t i = 0; i < size; i += sizeof(zero))
		_mm_stream_si128((__m128i *)(void *)(bytes + i), zero);
}

void clear_wide(void *bytes, size_t size)
{
	if (__builtin_cpu_supports("avx"))
		stores_of_32(bytes, size);
	else
		stores_of_16(bytes, size);
}

void fence_wide(void)
{
	_mm_sfence();
}
#else
void clear_wide(void *bytes, size_t size)
{
	memset(bytes, 0, size);
}

void fence_wide(void)
{
	atomic_thread_fence(memory_order_release);
}
#endif
