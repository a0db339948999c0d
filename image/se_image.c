// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/se_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "image/boot_loaders.h"
#include "image/ipib.h"

/** SHORT_PSW - EA and BA on, 31-bit address of stage3a's entry */
#define SHORT_PSW (0x0008000180000000UL | STAGE3A_ENTRY)

struct component {
	be64_t prefix;
	uint64_t addr;
	size_t size;   /* of the file */
	size_t padded; /* whole pages, one for an empty file; 0: there is no such component */
};

/* An image under construction. Lives on the heap, as it holds keys that must be wiped. */
struct builder {
	const struct se_image_params *params;
	struct component parts[SE_PARTS];
	uint64_t ipib_addr;
	uint64_t hdr_addr;
	struct se_header_content content;
	struct file_data file;
};

static size_t page_up(size_t n)
{
	return (n + SE_PAGE_SIZE - 1) & ~(SE_PAGE_SIZE - 1);
}

static bool draw(void *out, const uint8_t *given, size_t len)
{
	if (given)
		memcpy(out, given, len);
	return given || RAND_bytes(out, (int)len) == 1;
}

/* The halves of a drawn image key could be equal only if the generator were broken. */
static int draw_keys(struct builder *b, struct image_error *err)
{
	const struct se_image_params *p = b->params;
	struct se_header_content *c = &b->content;

	if (!draw(c->hdr_key, p->hdr_key, sizeof(c->hdr_key)) ||
	    !draw(c->iv, NULL, sizeof(c->iv)) ||
	    !draw(c->area.xts, p->xts_key, sizeof(c->area.xts)) ||
	    !draw(c->area.cck, p->cck, sizeof(c->area.cck)))
		return image_fail(err, -EIO, "no random numbers from the cryptographic library");
	if (!CRYPTO_memcmp(c->area.xts, c->area.xts + SE_XTS_KEY_LEN / 2, SE_XTS_KEY_LEN / 2))
		return image_fail(err, -EINVAL, "image key: its two halves must differ");
	c->customer = seal_generate_key();
	if (!c->customer)
		return image_fail(err, -ENOMEM, "cannot make a customer key pair");
	return 0;
}

/* The index in the first two bytes makes the prefixes ascend, which the hypervisor checks. */
static int draw_prefixes(struct builder *b, struct image_error *err)
{
	for (unsigned int i = 0; i < SE_PARTS; i++) {
		uint8_t prefix[8] = {0, (uint8_t)i};

		if (RAND_bytes(prefix + 2, sizeof(prefix) - 2) != 1)
			return image_fail(err, -EIO,
					  "no random numbers from the cryptographic library");
		memcpy(&b->parts[i].prefix, prefix, sizeof(prefix));
	}
	return 0;
}

static void set_size(struct component *c, size_t size)
{
	c->size = size;
	c->padded = size ? page_up(size) : SE_PAGE_SIZE;
}

static void lay_out(struct builder *b)
{
	const struct se_image_params *p = b->params;
	uint64_t addr;

	set_size(&b->parts[SE_KERNEL], p->kernel->raw.len);
	if (p->cmdline)
		set_size(&b->parts[SE_CMDLINE], p->cmdline->len + 1);
	if (p->ramdisk)
		set_size(&b->parts[SE_RAMDISK], p->ramdisk->len);
	set_size(&b->parts[SE_STAGE3B], stage3b_bin_len);

	b->ipib_addr = page_up(STAGE3A_ADDR + stage3a_bin_len);
	b->hdr_addr = b->ipib_addr + SE_PAGE_SIZE;
	addr = page_up(b->hdr_addr + se_header_size(p->num_host_keys));
	for (unsigned int i = 0; i < SE_PARTS; i++) {
		b->parts[i].addr = addr;
		addr += b->parts[i].padded;
	}
	b->file.len = addr;
}

static void put_stage3b(struct builder *b)
{
	const struct component *c = b->parts;
	uint64_t start = b->params->start_addr ? b->params->start_addr : b->params->kernel->entry;
	struct stage3b_arguments args = {
		.kernel_addr = be64_make(c[SE_KERNEL].addr),
		.kernel_size = be64_make(c[SE_KERNEL].size),
		.psw_mask = be64_make(SE_PSW_MASK_64BIT),
		.psw_addr = be64_make(start),
	};
	uint8_t *to = b->file.bytes + c[SE_STAGE3B].addr;

	if (c[SE_CMDLINE].padded) {
		args.cmdline_addr = be64_make(c[SE_CMDLINE].addr);
		args.cmdline_size = be64_make(c[SE_CMDLINE].size);
	}
	if (c[SE_RAMDISK].padded) {
		args.ramdisk_addr = be64_make(c[SE_RAMDISK].addr);
		args.ramdisk_size = be64_make(c[SE_RAMDISK].size);
	}
	memcpy(to, stage3b_bin, stage3b_bin_len);
	memcpy(to + stage3b_bin_len - sizeof(args), &args, sizeof(args));
}

static void put_file(struct builder *b, enum se_part part, const struct file_data *f)
{
	if (f && f->len)
		memcpy(b->file.bytes + b->parts[part].addr, f->bytes, f->len);
}

static void put_clear_parts(struct builder *b)
{
	uint64_t args_addr = STAGE3A_ADDR + stage3a_bin_len - sizeof(struct stage3a_arguments);
	struct stage3a_arguments args = {
		.hdr_offs = be64_make(b->hdr_addr - args_addr),
		.hdr_size = be64_make(se_header_size(b->params->num_host_keys)),
		.ipib_offs = be64_make(b->ipib_addr - args_addr),
	};
	be64_t psw = be64_make(SHORT_PSW);

	memcpy(b->file.bytes, &psw, sizeof(psw));
	memcpy(b->file.bytes + STAGE3A_ADDR, stage3a_bin, stage3a_bin_len);
	memcpy(b->file.bytes + args_addr, &args, sizeof(args));
}

/* The header's address stays 0: stage3a writes it, so that the file can be moved. */
static void put_ipib(struct builder *b)
{
	struct pv_ipib *ipib = (struct pv_ipib *)(b->file.bytes + b->ipib_addr);
	uint32_t n = 0;

	for (unsigned int i = 0; i < SE_PARTS; i++) {
		if (!b->parts[i].padded)
			continue;
		ipib->components[n].tweak_prefix = b->parts[i].prefix;
		ipib->components[n].addr = be64_make(b->parts[i].addr);
		ipib->components[n].len = be64_make(b->parts[i].padded);
		n++;
	}
	ipib->len = be32_make(SE_PAGE_SIZE);
	ipib->version = 1;
	ipib->blk0_len = be32_make((uint32_t)(pv_ipib_size(n) - 8));
	ipib->pbt = PV_IPIB_TYPE;
	ipib->num_comp = be32_make(n);
	ipib->pv_header_len = be64_make(se_header_size(b->params->num_host_keys));
}

static int seal_component(struct builder *b, const struct component *c, struct seal_page *cipher,
			  struct se_digester *digester)
{
	bool clear = b->params->pcf & SE_PCF_NO_DECRYPT;

	for (size_t offset = 0; offset < c->padded; offset += SE_PAGE_SIZE) {
		uint8_t *page = b->file.bytes + c->addr + offset;
		uint8_t tweak[SE_TWEAK_LEN];

		se_tweak(c->prefix, offset, tweak);
		if (!clear)
			seal_page_encrypt(cipher, tweak, page, page);
		if (se_digester_page(digester, page, c->addr + offset, tweak))
			return -ENOMEM;
	}
	return 0;
}

static int seal_components(struct builder *b, struct image_error *err)
{
	struct seal_page *cipher = seal_page_new(b->content.area.xts);
	struct se_digester *digester = se_digester_new();
	int rc = cipher && digester ? 0 : -ENOMEM;

	for (unsigned int i = 0; !rc && i < SE_PARTS; i++)
		rc = seal_component(b, &b->parts[i], cipher, digester);
	if (se_digester_finish(digester, &b->content.digests))
		rc = -ENOMEM;
	seal_page_free(cipher);
	return rc ? image_fail(err, rc, "no memory to encrypt the components") : 0;
}

static int put_header(struct builder *b, struct image_error *err)
{
	const struct se_image_params *p = b->params;
	struct se_header_content *c = &b->content;
	int rc;

	c->host_keys = p->host_keys;
	c->num_host_keys = p->num_host_keys;
	c->pcf = p->pcf;
	c->area.psw_mask = be64_make(SE_PSW_MASK_64BIT);
	c->area.psw_addr = be64_make(b->parts[SE_STAGE3B].addr);
	c->area.scf = be64_make(p->scf);
	rc = se_header_build(c, b->file.bytes + b->hdr_addr);
	return rc ? image_fail(err, rc, "the SE header cannot be made") : 0;
}

static int check_params(const struct se_image_params *p, struct image_error *err)
{
	if (!p->num_host_keys || p->num_host_keys > SE_HEADER_MAX_SLOTS)
		return image_fail(err, -EINVAL, "%zu host keys, valid is 1 to %zu",
				  p->num_host_keys, SE_HEADER_MAX_SLOTS);
	if (p->kernel->raw.len <= KERNEL_ADDR)
		return image_fail(err, -EINVAL, "kernel of %zu bytes, more than 0x%lx needed",
				  p->kernel->raw.len, KERNEL_ADDR);
	if (p->cmdline && p->cmdline->len + 1 > kernel_cmdline_max(p->kernel))
		return image_fail(err, -EINVAL,
				  "command line of %zu bytes, this kernel takes up to %lu",
				  p->cmdline->len, kernel_cmdline_max(p->kernel) - 1);
	if ((p->pcf & ~SE_PCF_SUPPORTED) || (p->scf & ~SE_SCF_SUPPORTED))
		return image_fail(err, -EINVAL,
				  "control flags: pcf has bits of 0x%lx, scf of 0x%lx only",
				  SE_PCF_SUPPORTED, SE_SCF_SUPPORTED);
	return 0;
}

static int build(struct builder *b, struct image_error *err)
{
	int rc = draw_keys(b, err);

	if (!rc)
		rc = draw_prefixes(b, err);
	if (rc)
		return rc;
	lay_out(b);
	b->file.bytes = calloc(1, b->file.len);
	if (!b->file.bytes)
		return image_fail(err, -ENOMEM, "no memory for an image of %zu bytes", b->file.len);
	put_clear_parts(b);
	put_ipib(b);
	put_file(b, SE_KERNEL, &b->params->kernel->raw);
	put_file(b, SE_CMDLINE, b->params->cmdline);
	put_file(b, SE_RAMDISK, b->params->ramdisk);
	put_stage3b(b);
	rc = seal_components(b, err);
	return rc ? rc : put_header(b, err);
}

int se_image_build(const struct se_image_params *params, struct file_data *out,
		   struct image_error *err)
{
	struct builder *b;
	int rc = check_params(params, err);

	*out = (struct file_data){0};
	if (rc)
		return rc;
	b = OPENSSL_zalloc(sizeof(*b));
	if (!b)
		return image_fail(err, -ENOMEM, "out of memory");
	b->params = params;
	rc = build(b, err);
	if (rc)
		file_free(&b->file);
	else
		*out = b->file;
	EVP_PKEY_free(b->content.customer);
	OPENSSL_clear_free(b, sizeof(*b));
	return rc;
}
