/* SPDX-License-Identifier: MIT */
/*
 * Big-endian fields.
 *
 * What a guest or the Ultravisor reads is big-endian. Such fields have these
 * one-member types, so that a forgotten conversion does not compile.
 */
#ifndef PROTVIRT_BE_H
#define PROTVIRT_BE_H

#include <stdint.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PROTVIRT_SWAP(bits, x) __builtin_bswap##bits(x)
#else
#define PROTVIRT_SWAP(bits, x) (x)
#endif

typedef struct {
	uint16_t raw;
} be16_t;

typedef struct {
	uint32_t raw;
} be32_t;

typedef struct {
	uint64_t raw;
} be64_t;

/** be16_get() - the value of a big-endian field in host order */
static inline uint16_t be16_get(be16_t field)
{
	return PROTVIRT_SWAP(16, field.raw);
}

/** be32_get() - the value of a big-endian field in host order */
static inline uint32_t be32_get(be32_t field)
{
	return PROTVIRT_SWAP(32, field.raw);
}

/** be64_get() - the value of a big-endian field in host order */
static inline uint64_t be64_get(be64_t field)
{
	return PROTVIRT_SWAP(64, field.raw);
}

/** be16_make() - a big-endian field from a value in host order */
static inline be16_t be16_make(uint16_t value)
{
	return (be16_t){ PROTVIRT_SWAP(16, value) };
}

/** be32_make() - a big-endian field from a value in host order */
static inline be32_t be32_make(uint32_t value)
{
	return (be32_t){ PROTVIRT_SWAP(32, value) };
}

/** be64_make() - a big-endian field from a value in host order */
static inline be64_t be64_make(uint64_t value)
{
	return (be64_t){ PROTVIRT_SWAP(64, value) };
}

#endif
