// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of an image that was found in a file. */
#include "image/image_info.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "image/ipib.h"
#include "image/se_header.h"
#include "image/se_image.h"

/* A short PSW: everything but the 31-bit address, and what it is for 64-bit addressing. */
#define SHORT_PSW_MASK  0xffffffff80000000UL
#define SHORT_PSW_64BIT 0x0008000180000000UL

struct checker {
	const struct image_view *view;
	image_problem_fn report;
	void *arg;
	unsigned int problems;
};

__attribute__((format(printf, 2, 3))) static void problem(struct checker *c, const char *format,
							  ...)
{
	char line[400];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	c->problems++;
	c->report(c->arg, line);
}

static void check_short_psw(struct checker *c)
{
	const struct file_data *f = c->view->file;
	uint64_t psw, addr;
	be64_t field;

	memcpy(&field, f->bytes, sizeof(field));
	psw = be64_get(field);
	addr = psw & ~SHORT_PSW_MASK;
	if ((psw & SHORT_PSW_MASK) != SHORT_PSW_64BIT || addr != STAGE3A_ENTRY)
		problem(c, "short PSW at 0 is %016" PRIx64 ", it should be %016lx", psw,
			SHORT_PSW_64BIT | STAGE3A_ENTRY);
}

/* Header address 0 is right in a file: the clear loader fills it in. */
static bool check_ipib(struct checker *c)
{
	const struct image_view *v = c->view;
	size_t room = v->file->len - v->ipib_offset;
	_Alignas(8) uint8_t copy[SE_PAGE_SIZE];
	struct pv_ipib *ipib = (struct pv_ipib *)copy;
	char why[200];

	if (room > sizeof(copy))
		room = sizeof(copy);
	memcpy(copy, v->ipib, room);
	if (be64_get(ipib->pv_header_len) != be32_get(v->hdr->phs))
		problem(c, "IPL block: header length %" PRIu64 ", the header says %u",
			be64_get(ipib->pv_header_len), be32_get(v->hdr->phs));
	if (!be64_get(ipib->pv_header_addr))
		ipib->pv_header_addr = be64_make(v->hdr_offset);
	else if (be64_get(ipib->pv_header_addr) != v->hdr_offset)
		problem(c, "IPL block: header address 0x%" PRIx64 ", the header is at 0x%zx",
			be64_get(ipib->pv_header_addr), v->hdr_offset);
	if (!pv_ipib_check(ipib, room, why, sizeof(why)))
		return true;
	problem(c, "IPL block: %s", why);
	return false;
}

static bool components_in_file(struct checker *c)
{
	const struct pv_ipib *ipib = c->view->ipib;
	size_t len = c->view->file->len;

	for (uint32_t i = 0; i < be32_get(ipib->num_comp); i++) {
		uint64_t addr = be64_get(ipib->components[i].addr);
		uint64_t size = be64_get(ipib->components[i].len);

		/* The block was checked: neither sum nor rounding can overflow. */
		if (((addr + size + SE_PAGE_SIZE - 1) & ~(SE_PAGE_SIZE - 1)) <= len)
			continue;
		problem(c,
			"component %u: 0x%" PRIx64 " bytes at 0x%" PRIx64
			", but the file ends at 0x%zx",
			i, size, addr, len);
		return false;
	}
	return true;
}

static int digest_component(const struct image_view *v, uint32_t i, struct se_digester *digester)
{
	const struct pv_ipib_component *comp = &v->ipib->components[i];
	uint64_t addr = be64_get(comp->addr), len = be64_get(comp->len);
	uint8_t tweak[SE_TWEAK_LEN];

	for (uint64_t offset = 0; offset < len; offset += SE_PAGE_SIZE) {
		se_tweak(comp->tweak_prefix, offset, tweak);
		if (se_digester_page(digester, v->file->bytes + addr + offset, addr + offset,
				     tweak))
			return -ENOMEM;
	}
	return 0;
}

static int digest_image(const struct image_view *v, struct se_digests *out)
{
	struct se_digester *digester = se_digester_new();
	int rc = digester ? 0 : -ENOMEM;

	for (uint32_t i = 0; !rc && i < be32_get(v->ipib->num_comp); i++)
		rc = digest_component(v, i, digester);
	return se_digester_finish(digester, out) ? -ENOMEM : rc;
}

static void check_digests(struct checker *c)
{
	const struct se_hdr_fixed *hdr = c->view->hdr;
	struct se_digests d;

	if (digest_image(c->view, &d)) {
		problem(c, "no memory to compute the digests");
		return;
	}
	if (d.nep != be64_get(hdr->nep))
		problem(c, "the components have %" PRIu64 " pages, the header says %" PRIu64, d.nep,
			be64_get(hdr->nep));
	if (memcmp(d.pld, hdr->pld, sizeof(d.pld)))
		problem(c, "page list digest differs: the content of a component was changed");
	if (memcmp(d.ald, hdr->ald, sizeof(d.ald)))
		problem(c, "address list digest differs: a component was moved");
	if (memcmp(d.tld, hdr->tld, sizeof(d.tld)))
		problem(c, "tweak list digest differs: a tweak prefix was changed");
}

unsigned int image_check(const struct image_view *view, image_problem_fn report, void *arg)
{
	struct checker c = {view, report, arg, 0};

	if (!view->hdr_offset)
		return 0; /* a bare header, and image_open() has checked it */
	check_short_psw(&c);
	if (!view->ipib)
		problem(&c, "nothing points to an IPL block (metadata, or arguments of stage3a)");
	else if (check_ipib(&c) && components_in_file(&c))
		check_digests(&c);
	return c.problems;
}

static bool plausible(const struct stage3b_arguments *a, const struct image_view *v)
{
	return be64_get(a->kernel_addr) == be64_get(v->ipib->components[0].addr) &&
	       be64_get(a->psw_mask) == SE_PSW_MASK_64BIT;
}

/* Behind the arguments, the last page has only zeros. */
static int arguments_in_page(const uint8_t *page, const struct image_view *v,
			     struct stage3b_arguments *out)
{
	for (size_t at = 0; at + sizeof(*out) <= SE_PAGE_SIZE; at += 8) {
		memcpy(out, page + at, sizeof(*out));
		if (plausible(out, v))
			return 0;
	}
	return -ENOENT;
}

int image_stage3b_arguments(const struct image_view *v, const uint8_t *xts,
			    struct stage3b_arguments *out)
{
	const struct pv_ipib_component *last;
	uint8_t tweak[SE_TWEAK_LEN], page[SE_PAGE_SIZE];
	struct seal_page *cipher;
	uint64_t offset;
	int rc;

	if (!v->ipib || !be32_get(v->ipib->num_comp))
		return -ENOENT;
	cipher = seal_page_new(xts);
	if (!cipher)
		return -errno;
	last = &v->ipib->components[be32_get(v->ipib->num_comp) - 1];
	offset = (be64_get(last->len) - 1) & ~(SE_PAGE_SIZE - 1);
	memcpy(page, v->file->bytes + be64_get(last->addr) + offset, SE_PAGE_SIZE);
	se_tweak(last->tweak_prefix, offset, tweak);
	if (!(be64_get(v->hdr->pcf) & SE_PCF_NO_DECRYPT))
		seal_page_decrypt(cipher, tweak, page, page);
	seal_page_free(cipher);
	rc = arguments_in_page(page, v, out);
	OPENSSL_cleanse(page, sizeof(page));
	return rc;
}
