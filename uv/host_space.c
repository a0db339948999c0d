// SPDX-License-Identifier: GPL-2.0-or-later
/* Storage of the host, page by page: what is contiguous for it may lie anywhere. */
#include "uv/host_space.h"

#include <string.h>

#include "storage/frame.h"

enum host_access {
	HOST_FETCH,
	HOST_STORE,
};

static bool translate(const struct uv_call *c, uint64_t va, enum host_access access, abs_t *addr)
{
	const struct uv_host_space *space = c->space;

	*addr = va;
	return !space || !space->translate(space->arg, va, access == HOST_STORE, addr);
}

static size_t page_part(uint64_t va, size_t len)
{
	size_t rest = PAGE_SIZE - va % PAGE_SIZE;

	return len < rest ? len : rest;
}

bool uv_host_contiguous(const struct uv_call *c, uint64_t va, size_t len, abs_t *addr)
{
	abs_t first = 0;

	for (size_t done = 0; done < len; done += page_part(va + done, len - done)) {
		abs_t at;

		if (!translate(c, va + done, HOST_STORE, &at))
			return false;
		if (!done)
			first = at;
		if (at != first + done)
			return false;
	}
	*addr = first;
	return true;
}

bool uv_host_accessible(const struct uv_call *c, uint64_t va, size_t len)
{
	for (size_t done = 0; done < len; done += page_part(va + done, len - done)) {
		abs_t at;

		if (!translate(c, va + done, HOST_STORE, &at) || !uv_host_ptr(c->uv, at, 1))
			return false;
	}
	return true;
}

bool uv_host_read(const struct uv_call *c, uint64_t va, void *buf, size_t len)
{
	uint8_t *to = buf;

	for (size_t done = 0, part; done < len; done += part) {
		const void *from;
		abs_t at;

		part = page_part(va + done, len - done);
		if (!translate(c, va + done, HOST_FETCH, &at))
			return false;
		from = uv_host_ptr(c->uv, at, part);
		if (!from)
			return false;
		memcpy(to + done, from, part);
	}
	return true;
}

/* Part of a page; its frame is locked, so that it cannot be donated meanwhile. */
static bool write_part(struct uv *uv, abs_t addr, const uint8_t *bytes, size_t len)
{
	struct frame f;
	bool ok;

	if (frame_get(uv->storage, addr, &f))
		return false;
	ok = frame_word_state(frame_lock(&f)) == FRAME_NS;
	if (ok) {
		void *to = storage_host_ptr(uv->storage, addr, len);

		ok = to;
		if (to)
			memcpy(to, bytes, len);
	}
	frame_unlock(&f);
	frame_put(&f);
	return ok;
}

bool uv_host_write(const struct uv_call *c, uint64_t va, const void *bytes, size_t len)
{
	for (size_t done = 0, part; done < len; done += part) {
		abs_t at;

		part = page_part(va + done, len - done);
		if (!translate(c, va + done, HOST_STORE, &at) ||
		    !write_part(c->uv, at, (const uint8_t *)bytes + done, part))
			return false;
	}
	return true;
}

int uv_donate(struct uv *uv, abs_t addr, size_t len)
{
	int rc = storage_donate(uv->storage, addr, len);

	if (!rc && uv->ops.purge_host)
		uv->ops.purge_host(uv->machine);
	return rc;
}
