/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands on single pages: from control block to page transition (page.h). */
#include "uv/call.h"

struct uv_answer uv_import_page(struct uv_call *c)
{
	return uv_answer_rc(
		uv_page_import(&c->uv->pages, c->config->owner, be64_get(c->block.cts.gaddr)));
}

struct uv_answer uv_unpin_page(struct uv_call *c)
{
	return uv_answer_rc(
		uv_page_unpin(&c->uv->pages, c->config->owner, be64_get(c->block.cts.gaddr)));
}

struct uv_answer uv_export_page(struct uv_call *c)
{
	return uv_answer_rc(uv_page_export(&c->uv->pages, be64_get(c->block.cfs.paddr)));
}

struct uv_answer uv_destroy_page(struct uv_call *c)
{
	return uv_answer_rc(uv_page_destroy(&c->uv->pages, be64_get(c->block.cfs.paddr)));
}

struct uv_answer uv_pin_page(struct uv_call *c)
{
	return uv_answer_rc(uv_page_pin(&c->uv->pages, be64_get(c->block.cfs.paddr)));
}

/* ---- outside the control block ---- */

int uv_destroy_range(struct uv *uv, uint32_t owner, struct backing *b, size_t first, size_t n,
		     const struct uv_stop *stop, _Atomic uint64_t *done)
{
	return uv_pages_destroy_range(&uv->pages, owner, b, first, n, stop, done);
}

int uv_make_accessible(struct uv *uv, abs_t frame)
{
	return uv_page_make_accessible(&uv->pages, frame);
}

enum uv_access uv_frame_access(struct uv *uv, const struct uv_config *config, abs_t frame,
			       gpa_t gpa, uint8_t **bytes)
{
	const struct uv_owner *o = config ? config->owner : NULL;

	return uv_page_access(&uv->pages, o, frame, o ? o->mso + gpa : gpa, bytes);
}

uint32_t uv_config_owner(struct uv *uv, uint64_t handle)
{
	struct uv_object *o = uv_handle_find(uv_handles(uv), handle, UV_HANDLE_CONFIG);
	uint32_t index;

	if (!o)
		return UV_OWNER_NONE;
	index = uv_owner_get(uv_config_of(o)->owner)->index;
	uv_object_put(o);
	return index;
}

void uv_owner_put(struct uv *uv, uint32_t owner)
{
	uv_owner_drop(uv_owner_find(uv->owners, owner));
}

uint64_t uv_owner_frames(struct uv *uv, uint32_t owner)
{
	return uv_owner_nr_frames(uv->owners, owner);
}
