/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the harnesses share: reading an input piece by piece.
 *
 * An input that ends early reads as zeros, so that every byte string is a valid
 * input and a shortened one means nearly the same.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** LLVMFuzzerTestOneInput() - run one input; a crash, a report or abort() is a finding. Return: 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** struct fuzz_input - what has not been read yet */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

static inline size_t fuzz_bytes(struct fuzz_input *in, void *to, size_t n)
{
	size_t have = n < in->left ? n : in->left;

	memset(to, 0, n);
	if (have)
		memcpy(to, in->at, have);
	in->at += have;
	in->left -= have;
	return have;
}

static inline uint8_t fuzz_u8(struct fuzz_input *in)
{
	uint8_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

/* Numbers are little-endian in an input. */
static inline uint64_t fuzz_number(struct fuzz_input *in, size_t bytes)
{
	uint8_t b[8] = {0};
	uint64_t v = 0;

	fuzz_bytes(in, b, bytes);
	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

static inline uint16_t fuzz_u16(struct fuzz_input *in)
{
	return (uint16_t)fuzz_number(in, 2);
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
	return (uint32_t)fuzz_number(in, 4);
}

static inline uint64_t fuzz_u64(struct fuzz_input *in)
{
	return fuzz_number(in, 8);
}

/** fuzz_must() - a promise that no input may break */
#define fuzz_must(what)                                                                            \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
