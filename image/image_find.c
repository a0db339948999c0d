// SPDX-License-Identifier: GPL-2.0-or-later
/* Where header and IPL parameter block are in a file. */
#include <errno.h>
#include <string.h>

#include "image/image_info.h"
#include "image/se_header.h"
#include "image/se_image.h"

#define METADATA_OFFSET 0xc000UL
#define METADATA_MAGIC  0x5365496d674c6e78UL /* "SeImgLnx" */
#define SEARCH_PAGES    0x30UL

/* The newer tool's pointer to the other parts. It is packed, so it is copied field by field. */
struct metadata {
	be64_t magic;
	be64_t hdr_offset;
	be32_t version;
	be64_t ipib_offset;
} __attribute__((packed));
_Static_assert(sizeof(struct metadata) == 28, "metadata");

static bool read_metadata(const struct file_data *f, struct metadata *out)
{
	if (f->len < METADATA_OFFSET + sizeof(*out))
		return false;
	memcpy(out, f->bytes + METADATA_OFFSET, sizeof(*out));
	return be64_get(out->magic) == METADATA_MAGIC && be32_get(out->version) == 1;
}

static bool is_header(const struct file_data *f, size_t offset)
{
	be64_t magic;

	if (offset % 8 || offset > f->len || f->len - offset < sizeof(struct se_hdr_fixed))
		return false;
	memcpy(&magic, f->bytes + offset, sizeof(magic));
	return be64_get(magic) == SE_HDR_MAGIC;
}

static bool find_header(const struct file_data *f, size_t *offset)
{
	struct metadata m;

	if (read_metadata(f, &m) && is_header(f, be64_get(m.hdr_offset))) {
		*offset = be64_get(m.hdr_offset);
		return true;
	}
	for (*offset = 0; *offset < SEARCH_PAGES * SE_PAGE_SIZE; *offset += SE_PAGE_SIZE) {
		if (is_header(f, *offset))
			return true;
	}
	return false;
}

static const struct pv_ipib *ipib_at(const struct file_data *f, size_t offset)
{
	const struct pv_ipib *ipib;

	if (offset % 8 || offset > f->len || f->len - offset < sizeof(*ipib))
		return NULL;
	ipib = (const struct pv_ipib *)(f->bytes + offset);
	return ipib->pbt == PV_IPIB_TYPE && be32_get(ipib->len) >= sizeof(*ipib) &&
			       be32_get(ipib->len) <= SE_PAGE_SIZE
		       ? ipib
		       : NULL;
}

/* stage3a's last bytes point from themselves to both parts, so they can be recognised. */
static bool find_by_arguments(struct image_view *v)
{
	const struct file_data *f = v->file;
	struct stage3a_arguments a;

	for (size_t at = STAGE3A_ENTRY; at + sizeof(a) <= v->hdr_offset; at += 8) {
		memcpy(&a, f->bytes + at, sizeof(a));
		if (at + be64_get(a.hdr_offs) != v->hdr_offset ||
		    be64_get(a.hdr_size) != be32_get(v->hdr->phs))
			continue;
		v->ipib_offset = at + be64_get(a.ipib_offs);
		v->ipib = ipib_at(f, v->ipib_offset);
		return v->ipib;
	}
	return false;
}

static void find_ipib(struct image_view *v)
{
	struct metadata m;

	if (read_metadata(v->file, &m)) {
		v->ipib_offset = be64_get(m.ipib_offset);
		v->ipib = ipib_at(v->file, v->ipib_offset);
	} else {
		find_by_arguments(v);
	}
}

/* The arguments at its end differ from image to image. */
static bool has_own_loader(const struct file_data *f)
{
	size_t code = stage3a_bin_len - sizeof(struct stage3a_arguments);

	return f->len > STAGE3A_ADDR + stage3a_bin_len &&
	       !memcmp(f->bytes + STAGE3A_ADDR, stage3a_bin, code);
}

int image_open(const struct file_data *file, struct image_view *view, struct image_error *err)
{
	*view = (struct image_view){.file = file};
	if (!find_header(file, &view->hdr_offset))
		return image_fail(err, -EINVAL,
				  "no SE header (\"IBMSecEx\") at a page start below 0x%lx",
				  SEARCH_PAGES * SE_PAGE_SIZE);
	view->hdr = (const struct se_hdr_fixed *)(file->bytes + view->hdr_offset);
	if (se_header_check(view->hdr, file->len - view->hdr_offset, err))
		return -EINVAL;
	find_ipib(view);
	view->own_loader = has_own_loader(file);
	return 0;
}
