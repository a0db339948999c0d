/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ultravisor calls of protected guests. */
#include "uv/call.h"

typedef uint16_t (*page_fn)(struct uv_pages *p, struct uv_owner *o, gpa_t gaddr);

/* A page that the host has to bring, or a pin that it has to drop, ends in no answer at all. */
static struct uv_answer change_sharing(struct uv_call *c, page_fn change)
{
	struct uv_owner *o = c->config->owner;
	gpa_t paddr = be64_get(c->block.share.paddr);
	uint16_t rc;

	if (paddr >= o->msl)
		return uv_error(UV_PAGE_BAD_ADDRESS, 0);
	rc = change(&c->uv->pages, o, o->mso + paddr);
	if (rc == UV_PAGE_NOT_RESIDENT) {
		c->exit = UV_GUEST_NOT_SECURE;
		c->fault = paddr & PAGE_MASK;
	} else if (rc == UV_PAGE_PINNED) {
		c->exit = UV_GUEST_NOTIFY;
	}
	return uv_answer_rc(rc);
}

struct uv_answer uv_share_page(struct uv_call *c)
{
	return change_sharing(c, uv_page_share);
}

struct uv_answer uv_unshare_page(struct uv_call *c)
{
	return change_sharing(c, uv_page_unshare);
}

int uv_call_guest(struct uv_cpu *cpu, void *uvcb, size_t size, gpa_t *fault)
{
	struct uv *uv = cpu->config->uv;
	struct uv_call c = {.uv = uv, .guest = true, .cpu = cpu, .config = cpu->config};
	uint64_t start = uv_cost_start(&uv->cost);
	struct uv_answer a = uv_execute(&c, uvcb, size);
	enum uv_cc cc;

	if (c.exit) {
		*fault = c.fault;
		return c.exit;
	}
	cc = uv_finish(&c, uvcb, a);
	uv_cost_wait(&uv->cost, start, 1, 0);
	return (int)cc;
}

bool uv_config_has_gpa(const struct uv_config *config, gpa_t gpa)
{
	const struct uv_owner *o = config->owner;

	return gpa - o->mso < o->msl;
}
