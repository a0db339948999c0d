/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest program of the benchmark: sieve, checksum, matrix, sort; no storage but its own. */
#include <stdint.h>

#define PRIMES 8192
#define WORDS  1024
#define N      24

static uint8_t sieve[PRIMES];
static uint32_t words[WORDS];
static int64_t a[N][N], b[N][N], c[N][N];

static uint64_t count_primes(void)
{
	uint64_t n = 0;

	for (unsigned int i = 2; i < PRIMES; i++)
		sieve[i] = 1;
	for (unsigned int i = 2; i < PRIMES; i++) {
		if (!sieve[i])
			continue;
		n++;
		for (unsigned int k = 2 * i; k < PRIMES; k += i)
			sieve[k] = 0;
	}
	return n;
}

static uint64_t multiply(uint64_t seed)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < N; i++)
		for (unsigned int k = 0; k < N; k++) {
			a[i][k] = (int64_t)(seed + i * k);
			b[i][k] = (int64_t)(seed ^ (i + k));
		}
	for (unsigned int i = 0; i < N; i++)
		for (unsigned int k = 0; k < N; k++) {
			int64_t v = 0;

			for (unsigned int m = 0; m < N; m++)
				v += a[i][m] * b[m][k];
			c[i][k] = v;
			sum += (uint64_t)v;
		}
	return sum;
}

/* Insertion by halves: shell sort */
static uint32_t sort(uint32_t seed)
{
	for (unsigned int i = 0; i < WORDS; i++)
		words[i] = seed = seed * 1664525u + 1013904223u;
	for (unsigned int gap = WORDS / 2; gap; gap /= 2)
		for (unsigned int i = gap; i < WORDS; i++) {
			uint32_t v = words[i];
			unsigned int k = i;

			for (; k >= gap && words[k - gap] > v; k -= gap)
				words[k] = words[k - gap];
			words[k] = v;
		}
	return words[WORDS / 2];
}

uint64_t compute(uint64_t rounds);

uint64_t compute(uint64_t rounds)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < rounds; i++)
		sum = (sum << 7 | sum >> 57) ^ count_primes() ^ multiply(i) ^ sort((uint32_t)i);
	return sum;
}
