/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest program of the benchmark: one kind of work a section; no storage but its own. */
#include <stdint.h>

#define PRIMES 32768
#define WORDS  4096
#define BLOCKS 64
#define BLOCK  256

static uint8_t sieve[PRIMES];
static uint32_t table[256];
static uint64_t words[2][WORDS];
static uint8_t blocks[2][BLOCKS][BLOCK];

static uint64_t count_primes(uint64_t rounds)
{
	uint64_t n = 0;

	while (rounds--) {
		for (unsigned int i = 2; i < PRIMES; i++)
			sieve[i] = 1;
		for (unsigned int i = 2; i < PRIMES; i++) {
			if (!sieve[i])
				continue;
			n++;
			for (unsigned int k = 2 * i; k < PRIMES; k += i)
				sieve[k] = 0;
		}
	}
	return n;
}

/* CRC-32 of the sieve's bytes, by table */
static uint64_t checksum(uint64_t rounds)
{
	uint32_t crc = 0xffffffff;

	for (unsigned int i = 0; i < PRIMES; i++)
		sieve[i] = (uint8_t)i;
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
	}
	while (rounds--)
		for (unsigned int i = 0; i < PRIMES; i++)
			crc = table[(crc ^ sieve[i]) & 0xff] ^ crc >> 8;
	return crc;
}

static uint64_t copy_words(uint64_t rounds)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < WORDS; i++)
		words[0][i] = words[1][i] = i * 0x9e3779b97f4a7c15;
	while (rounds--) {
		const uint64_t *from = words[rounds & 1];
		uint64_t *to = words[~rounds & 1];

		for (unsigned int i = 0; i < WORDS; i++)
			to[i] = from[i] + rounds;
		sum ^= to[rounds % WORDS];
	}
	return sum;
}

/* One MVC of 256 bytes a block */
static uint64_t move_blocks(uint64_t rounds)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < BLOCKS; i++)
		for (unsigned int k = 0; k < BLOCK; k++)
			blocks[0][i][k] = (uint8_t)(i + k);
	while (rounds--) {
		for (unsigned int i = 0; i < BLOCKS; i++)
			__asm__ volatile("mvc 0(256,%0),0(%1)"
					 :
					 : "a"(blocks[1][i]), "a"(blocks[0][i])
					 : "memory");
		sum += blocks[1][rounds % BLOCKS][0]++;
	}
	return sum;
}

static __attribute__((noinline)) uint64_t fibonacci(uint64_t n)
{
	__asm__ volatile("" : "+r"(n)); /* a call is a call */
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint64_t recurse(uint64_t rounds)
{
	uint64_t sum = 0;

	while (rounds--)
		sum += fibonacci(15);
	return sum;
}

static uint64_t multiply_divide(uint64_t rounds)
{
	uint64_t x = 88172645463325252, sum = 0;

	for (; rounds; rounds--) {
		x = x * 6364136223846793005 + 1442695040888963407;
		sum += x / (rounds | 1) + (uint32_t)x % ((uint32_t)rounds | 3);
	}
	return sum;
}

static uint64_t branch(uint64_t rounds)
{
	uint64_t n = 0;

	do {
		n += rounds;
		__asm__ volatile("" : "+r"(n));
	} while (--rounds);
	return n;
}

uint64_t run_section(uint64_t section, uint64_t rounds);

uint64_t run_section(uint64_t section, uint64_t rounds)
{
	if (!rounds)
		return 0;
	switch (section) {
	case 0:
		return count_primes(rounds);
	case 1:
		return checksum(rounds);
	case 2:
		return copy_words(rounds);
	case 3:
		return move_blocks(rounds);
	case 4:
		return recurse(rounds);
	case 5:
		return multiply_divide(rounds);
	default:
		return branch(rounds);
	}
}
