/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IPL parameter block that describes a Secure Execution image to the one who starts it. */
#ifndef IMAGE_IPIB_H
#define IMAGE_IPIB_H

#include <stddef.h>

#include "crypto/se_format.h"

/** PV_IPIB_MIN_LEN - the shortest block that a hypervisor looks into */
#define PV_IPIB_MIN_LEN 148U

/** pv_ipib_size() - bytes of a block with @n components */
static inline size_t pv_ipib_size(size_t n)
{
	return sizeof(struct pv_ipib) + n * sizeof(struct pv_ipib_component);
}

/**
 * pv_ipib_check() - is this a block that DIAGNOSE 308 subcode 8 can accept?
 * @block: the block, 8-byte aligned
 * @len: bytes that can be read there; the block's own length field must not exceed it
 * @why: where to write what is wrong, one line without newline
 * @whylen: its size
 *
 * Checks the lengths, the block's type, the header's length and the components: page aligned, below
 * the end of the address space, not empty, ascending tweak prefixes, none over another or over
 * the header. Whether the memory behind the addresses exists is for the caller to see.
 *
 * Return: 0, or -EINVAL with @why set.
 */
int pv_ipib_check(const void *block, size_t len, char *why, size_t whylen);

#endif
