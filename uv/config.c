/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Creation and end of configurations.
 *
 * CREATE_SEC_CONF looks at everything before it changes anything, so its response code never
 * carries UVC_RC_NEED_DESTROY by itself.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <openssl/crypto.h>

#include "uv/alloc.h"
#include "uv/call.h"
#include "uv/host_space.h"
#include "uv/unpack.h"

#define CGC_BAD_MSO      0x101
#define CGC_BAD_END      0x102
#define CGC_BAD_MSL      0x103
#define CGC_ASCE_IN_USE  0x104
#define CGC_BAD_ASCE     0x105
#define CGC_TOO_MANY     0x106
#define CGC_MISALIGNED   0x107
#define CGC_NO_BASE      0x108
#define CGC_LOWCORE      0x109
#define CGC_NO_VIRT      0x10a
#define CGC_TAKEN        0x10b
#define CGC_NO_SCA       0x10c
#define CGC_BAD_SCA      0x10d
#define CGC_NO_RESOURCES 0x10e /* no random numbers, no memory, no owner index */

#define DSC_HAS_CPUS 0x102 /* also CONDEMN_SEC_CONF */

#define ASCE_ORIGIN  (~0xfffUL)
#define ASCE_PRIVATE 0x100UL
#define ASCE_REAL    0x20UL

/** LOWCORE_END - prefix area of a host at absolute 0 */
#define LOWCORE_END 0x2000UL

/** ESCA_SIZE - header and 256 CPU entries of an extended SCA */
#define ESCA_SIZE 0x2100UL

/* What CREATE_SEC_CONF asks for, in host order. */
struct request {
	gpa_t mso;
	uint64_t msl;
	uint64_t asce;
	abs_t base;
	abs_t virt;
	size_t virt_len;
	abs_t sca;
};

static struct request read_request(const struct uv_cb_cgc *u)
{
	struct request r = {
		.mso = be64_get(u->guest_stor_origin),
		.msl = be64_get(u->guest_stor_len),
		.asce = be64_get(u->guest_asce),
		.base = be64_get(u->conf_base_stor_origin),
		.virt = be64_get(u->conf_virt_stor_origin),
		.sca = be64_get(u->guest_sca),
	};

	r.virt_len = UV_CONF_VIRT_LEN + r.msl / SEGMENT_SIZE * UV_CONF_VAR_LEN;
	return r;
}

static uint16_t check_guest(const struct uv *uv, const struct request *r)
{
	if (r->mso > UV_MAX_STOR_ADDR)
		return CGC_BAD_MSO;
	if (r->msl > UV_MAX_STOR_ADDR - r->mso)
		return CGC_BAD_END;
	if (!r->msl || r->msl % SEGMENT_SIZE || r->mso % SEGMENT_SIZE)
		return CGC_BAD_MSL;
	if (!(r->asce & ASCE_PRIVATE) || (r->asce & ASCE_REAL))
		return CGC_BAD_ASCE;
	if (uv_handle_count(uv->handles, UV_HANDLE_CONFIG) >= UV_MAX_CONFIGS)
		return CGC_TOO_MANY;
	return 0;
}

static bool overlap(const struct request *r)
{
	return r->base < r->virt + r->virt_len && r->virt < r->base + UV_CONF_BASE_LEN;
}

/* What is one piece for the host has to be one in storage, too. */
static bool find_virt(const struct uv_call *c, struct request *r)
{
	return r->virt < UV_MAX_STOR_ADDR &&
	       uv_host_contiguous(c, r->virt, r->virt_len, &r->virt) &&
	       storage_host_ptr(c->uv->storage, r->virt, r->virt_len);
}

static uint16_t check_storage(const struct uv_call *c, struct request *r)
{
	bool lowcore = r->base < LOWCORE_END;
	struct uv *uv = c->uv;

	if (!lowcore && !storage_host_ptr(uv->storage, r->base, UV_CONF_BASE_LEN))
		return CGC_NO_BASE;
	if (lowcore)
		return CGC_LOWCORE;
	if (r->base % UV_CONF_BASE_ALIGN || r->virt % PAGE_SIZE)
		return CGC_MISALIGNED;
	if (!find_virt(c, r))
		return CGC_NO_VIRT;
	if (overlap(r) || !uv_host_ptr(uv, r->base, UV_CONF_BASE_LEN) ||
	    !uv_host_ptr(uv, r->virt, r->virt_len))
		return CGC_TAKEN;
	if (!r->sca)
		return CGC_NO_SCA;
	if (!uv_host_ptr(uv, r->sca, ESCA_SIZE))
		return CGC_BAD_SCA;
	return 0;
}

static bool has_asce(struct uv_object *o, void *arg)
{
	const uint64_t *asce = arg;

	return !((uv_config_of(o)->asce ^ *asce) & ASCE_ORIGIN);
}

static uint16_t check_asce(struct uv *uv, struct request *r)
{
	struct uv_object *o = uv_handle_each(uv->handles, UV_HANDLE_CONFIG, has_asce, &r->asce);

	if (!o)
		return 0;
	uv_object_put(o);
	return CGC_ASCE_IN_USE;
}

static uint16_t check_request(const struct uv_call *c, struct request *r)
{
	uint16_t rc = check_guest(c->uv, r);

	if (!rc)
		rc = check_storage(c, r);
	if (!rc)
		rc = check_asce(c->uv, r);
	return rc;
}

static void release(struct uv_object *o)
{
	struct uv_config *c = uv_config_of(o);

	pthread_rwlock_destroy(&c->lock);
	free(c);
}

/* Records must begin as zeros. Pages that were never touched are not populated for that. */
static void clear_virt(struct uv_config *c)
{
	if (madvise(c->virt, c->var_len, MADV_DONTNEED))
		memset(c->virt, 0, c->var_len);
}

static int fill(struct uv_config *c, const struct request *r)
{
	struct uv *uv = c->uv;
	struct uv_owner_params params = {
		.asce = r->asce,
		.mso = r->mso,
		.msl = r->msl,
		.uid = c->base->uid,
		.records = (uint8_t *)c->virt + UV_CONF_VIRT_LEN,
		.random = uv->ops.random,
		.machine = uv->machine,
	};

	if (uv->ops.random(uv->machine, c->base->uid, sizeof(c->base->uid)))
		return -1;
	c->owner = uv_owner_create(uv->owners, &params);
	return c->owner ? 0 : -1;
}

static struct uv_config *new_config(struct uv *uv, const struct request *r)
{
	struct uv_config *c = uv_zalloc(sizeof(*c));

	if (!c)
		return NULL;
	uv_object_init(&c->object, UV_HANDLE_CONFIG, release);
	pthread_rwlock_init(&c->lock, NULL);
	c->uv = uv;
	c->asce = r->asce;
	c->sca = r->sca;
	c->base_origin = r->base;
	c->var_origin = r->virt;
	c->var_len = r->virt_len;
	c->base = storage_donated_ptr(uv->storage, r->base, UV_CONF_BASE_LEN);
	c->virt = storage_donated_ptr(uv->storage, r->virt, r->virt_len);
	c->psw_from_image = true;
	atomic_init(&c->reset, UV_RESET_NONE);
	return c;
}

static int donate(struct uv *uv, const struct request *r)
{
	int ret = uv_donate(uv, r->base, UV_CONF_BASE_LEN);

	if (ret)
		return ret;
	ret = uv_donate(uv, r->virt, r->virt_len);
	if (ret)
		storage_undonate(uv->storage, r->base, UV_CONF_BASE_LEN);
	return ret;
}

static void give_back(struct uv_config *c)
{
	OPENSSL_cleanse(c->base, UV_CONF_BASE_LEN);
	storage_undonate(c->uv->storage, c->base_origin, UV_CONF_BASE_LEN);
	storage_undonate(c->uv->storage, c->var_origin, c->var_len);
}

static uint16_t create_donated(struct uv *uv, const struct request *r, uint64_t *handle)
{
	struct uv_config *c = new_config(uv, r);

	if (!c) {
		storage_undonate(uv->storage, r->base, UV_CONF_BASE_LEN);
		storage_undonate(uv->storage, r->virt, r->virt_len);
		return CGC_NO_RESOURCES;
	}
	memset(c->base, 0, UV_CONF_BASE_LEN);
	clear_virt(c);
	if (fill(c, r) || uv_handle_new(uv, &c->object)) {
		if (c->owner) {
			uv_owner_kill(uv->owners, c->owner);
			uv_owner_drop(c->owner);
		}
		give_back(c);
		uv_object_put(&c->object);
		return CGC_NO_RESOURCES;
	}
	*handle = c->object.handle;
	return UVC_RC_EXECUTED;
}

static uint16_t create_locked(const struct uv_call *c, uint64_t *handle)
{
	struct request r = read_request(&c->block.cgc);
	uint16_t rc = check_request(c, &r);

	if (rc)
		return rc;
	if (donate(c->uv, &r))
		return CGC_TAKEN;
	return create_donated(c->uv, &r, handle);
}

struct uv_answer uv_create_config(struct uv_call *c)
{
	uint64_t handle = 0;
	uint16_t rc;

	pthread_mutex_lock(&c->uv->lifecycle);
	rc = create_locked(c, &handle);
	pthread_mutex_unlock(&c->uv->lifecycle);
	if (rc == UVC_RC_EXECUTED)
		c->block.cgc.guest_handle = be64_make(handle);
	return uv_answer_rc(rc);
}

/* The last reference may go here: only the caller's keeps @c for its unlock. */
void uv_config_end(struct uv_config *c)
{
	uv_unpack_free(c->unpack);
	c->unpack = NULL;
	uv_owner_kill(c->uv->owners, c->owner);
	uv_owner_drop(c->owner);
	give_back(c);
	c->gone = true;
	uv_handle_remove(c->uv->handles, &c->object);
}

/*
 * Nobody may fill the pages again that are given up here, and no CPU may miss them: what can still
 * be done with the configuration is to destroy it.
 */
struct uv_answer uv_condemn_config(struct uv_call *call)
{
	struct uv_config *c = call->config;

	if (atomic_load(&c->owner->cpus))
		return uv_error(DSC_HAS_CPUS, 0);
	c->ending = true;
	uv_owner_condemn(c->uv->owners, c->owner);
	return uv_done();
}

struct uv_answer uv_destroy_config(struct uv_call *call)
{
	struct uv_config *c = call->config;

	if (atomic_load(&c->owner->cpus))
		return uv_error(DSC_HAS_CPUS, 0);
	c->ending = true;
	if (!uv_pages_destroy_all(&c->uv->pages, c->owner))
		return uv_partial();
	uv_config_end(c);
	return uv_done();
}

/* AP queues, which could hold a configuration (104), are not modelled. */
struct uv_answer uv_destroy_config_fast(struct uv_call *call)
{
	struct uv_config *c = call->config;

	if (atomic_load(&c->owner->cpus))
		return uv_error(DSC_HAS_CPUS, 0);
	uv_config_end(c);
	return uv_done();
}
