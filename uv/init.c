/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INIT_UV: the host gives the Ultravisor its base storage. */
#include "uv/call.h"
#include "uv/host_space.h"

#define INIT_ALREADY     0x101
#define INIT_MANY_CPUS   0x102
#define INIT_BAD_LEN     0x103
#define INIT_BAD_ORIGIN  0x104
#define INIT_BAD_STORAGE 0x105
#define INIT_LOW         0x108

static bool many_cpus(const struct uv *uv)
{
	return uv->ops.host_cpus && uv->ops.host_cpus(uv->machine) > 1;
}

static struct uv_answer init_locked(struct uv *uv, const struct uv_cb_init *u)
{
	abs_t origin = be64_get(u->stor_origin);

	if (atomic_load(&uv->initialised))
		return uv_error(INIT_ALREADY, 0);
	if (many_cpus(uv))
		return uv_error(INIT_MANY_CPUS, 0);
	if (be64_get(u->stor_len) != UV_BASE_STOR_LEN)
		return uv_error(INIT_BAD_LEN, 0);
	if (origin & (UV_BASE_STOR_ALIGN - 1))
		return uv_error(INIT_BAD_ORIGIN, 0);
	if (!storage_host_ptr(uv->storage, origin, UV_BASE_STOR_LEN))
		return uv_error(INIT_BAD_STORAGE, 0);
	if (origin < UV_BASE_STOR_LOWEST)
		return uv_error(INIT_LOW, 0);
	if (uv_donate(uv, origin, UV_BASE_STOR_LEN))
		return uv_error(INIT_BAD_STORAGE, 0);
	uv->base_origin = origin;
	uv->handles = storage_donated_ptr(uv->storage, origin, UV_BASE_STOR_LEN);
	uv_handles_init(uv->handles);
	atomic_store(&uv->initialised, true);
	return uv_done();
}

_Static_assert(sizeof(struct uv_handles) <= UV_BASE_STOR_LEN, "base storage");

struct uv_answer uv_init(struct uv_call *c)
{
	struct uv_answer a;

	pthread_mutex_lock(&c->uv->lifecycle);
	a = init_locked(c->uv, &c->block.init);
	pthread_mutex_unlock(&c->uv->lifecycle);
	return a;
}
