// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/ipib.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#define PAGE_LEN 4096UL

struct reason {
	char *text;
	size_t len;
};

struct range {
	uint64_t start; /* page aligned */
	uint64_t end;   /* page aligned, first address behind */
};

__attribute__((format(printf, 2, 3))) static int refuse(struct reason *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->text, r->len, format, args);
	va_end(args);
	return -EINVAL;
}

static int check_fixed_part(const struct pv_ipib *b, size_t avail, struct reason *r)
{
	uint32_t len;

	if (avail < PV_IPIB_MIN_LEN)
		return refuse(r, "IPL block cut off: %zu bytes, at least %u needed", avail,
			      PV_IPIB_MIN_LEN);
	len = be32_get(b->len);
	if (len < PV_IPIB_MIN_LEN || len > PAGE_LEN)
		return refuse(r, "IPL block length %u, valid is %u to %lu", len, PV_IPIB_MIN_LEN,
			      PAGE_LEN);
	if (len > avail)
		return refuse(r, "IPL block length %u, but only %zu bytes are there", len, avail);
	if (b->pbt != PV_IPIB_TYPE)
		return refuse(r, "IPL block type %u, valid is %u", b->pbt, PV_IPIB_TYPE);
	if (!be64_get(b->pv_header_len) || be64_get(b->pv_header_len) > SE_HDR_MAX_SIZE)
		return refuse(r, "header length %" PRIu64 ", valid is 1 to %u",
			      be64_get(b->pv_header_len), SE_HDR_MAX_SIZE);
	return 0;
}

static int check_count(const struct pv_ipib *b, struct reason *r)
{
	uint32_t n = be32_get(b->num_comp);

	if (!n)
		return refuse(r, "no components, at least one needed");
	if (n > PV_IPIB_MAX_COMPONENTS || pv_ipib_size(n) > be32_get(b->len))
		return refuse(r, "%u components do not fit into an IPL block of %u bytes", n,
			      be32_get(b->len));
	return 0;
}

/* Rounds out to whole pages, as the image is unpacked. */
static bool page_range(uint64_t addr, uint64_t len, struct range *out)
{
	uint64_t last;

	if (!len || __builtin_add_overflow(addr, len - 1, &last) || last >= UINT64_MAX - PAGE_LEN)
		return false;
	out->start = addr & ~(PAGE_LEN - 1);
	out->end = (last | (PAGE_LEN - 1)) + 1;
	return true;
}

static bool overlap(struct range a, struct range b)
{
	return a.start < b.end && b.start < a.end;
}

static int check_component(const struct pv_ipib_component *c, uint32_t i, struct range *out,
			   struct reason *r)
{
	uint64_t addr = be64_get(c[i].addr), len = be64_get(c[i].len);

	if (addr % PAGE_LEN)
		return refuse(r, "component %u: address 0x%" PRIx64 " is not page aligned", i,
			      addr);
	if (!page_range(addr, len, out))
		return refuse(r, "component %u: bad length %" PRIu64 " at 0x%" PRIx64, i, len,
			      addr);
	if (i && be64_get(c[i].tweak_prefix) <= be64_get(c[i - 1].tweak_prefix))
		return refuse(r,
			      "component %u: tweak prefix %016" PRIx64
			      " is not above that of the component before",
			      i, be64_get(c[i].tweak_prefix));
	return 0;
}

static int check_components(const struct pv_ipib *b, struct reason *r)
{
	struct range ranges[PV_IPIB_MAX_COMPONENTS], hdr;
	uint32_t n = be32_get(b->num_comp);

	if (!page_range(be64_get(b->pv_header_addr), be64_get(b->pv_header_len), &hdr))
		return refuse(r, "header address 0x%" PRIx64 " is outside the address space",
			      be64_get(b->pv_header_addr));
	for (uint32_t i = 0; i < n; i++) {
		if (check_component(b->components, i, &ranges[i], r))
			return -EINVAL;
		if (overlap(ranges[i], hdr))
			return refuse(r, "component %u overlaps the header", i);
		for (uint32_t j = 0; j < i; j++) {
			if (overlap(ranges[i], ranges[j]))
				return refuse(r, "components %u and %u overlap", j, i);
		}
	}
	return 0;
}

int pv_ipib_check(const void *block, size_t len, char *why, size_t whylen)
{
	struct reason r = {why, whylen};
	int rc = check_fixed_part(block, len, &r);

	if (!rc)
		rc = check_count(block, &r);
	if (!rc)
		rc = check_components(block, &r);
	return rc;
}
