/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Ultravisor as an object: power on, power off, what it counts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "uv/alloc.h"
#include "uv/call.h"

static int load_host_key(struct uv *uv, const char *path)
{
	if (!path)
		return 0;
	uv->host_key.key = seal_load_private_key(path);
	if (uv->host_key.key && !seal_key_hash(uv->host_key.key, uv->host_key.phkh))
		return 0;
	fprintf(stderr, "host key %s: %s\n", path,
		uv->host_key.key || errno == EINVAL ? "not a secp521r1 private key in PEM format"
						    : strerror(errno));
	EVP_PKEY_free(uv->host_key.key);
	errno = EINVAL;
	return -1;
}

static void share_host_key(struct uv *uv, const struct uv *other)
{
	if (!other->host_key.key)
		return;
	EVP_PKEY_up_ref(other->host_key.key);
	uv->host_key = other->host_key;
}

static void init_pages(struct uv *uv)
{
	uv->pages.storage = uv->storage;
	uv->pages.ops = &uv->ops;
	uv->pages.machine = uv->machine;
	uv->pages.owners = uv->owners;
	uv->pages.misc = uv_has(uv, UV_FEATURE_MISC);
	uv->pages.cost = &uv->cost;
	uv->pages.trace = &uv->trace;
}

struct uv *uv_create(const struct uv_params *params)
{
	struct uv *uv = uv_zalloc(sizeof(*uv));

	if (!uv)
		return NULL;
	uv->storage = params->storage;
	uv->model = params->model;
	uv->ops = *params->ops;
	uv->machine = params->machine;
	if (load_host_key(uv, params->host_key))
		goto free_uv;
	if (!params->host_key && params->key_of)
		share_host_key(uv, params->key_of);
	uv->owners = uv_owner_table_create(uv->storage);
	if (!uv->owners)
		goto free_key;
	init_pages(uv);
	pthread_mutex_init(&uv->lifecycle, NULL);
	uv_trace_init(&uv->trace);
	return uv;

free_key:
	EVP_PKEY_free(uv->host_key.key);
	errno = ENOMEM;
free_uv:
	free(uv);
	return NULL;
}

static bool any(struct uv_object *o, void *arg)
{
	(void)o;
	(void)arg;
	return true;
}

/* What a failed call made the host leak is still here. */
static void power_off_cpus(struct uv_config *c)
{
	for (unsigned int num = 0; num <= UV_MAX_CPU_ID; num++) {
		struct uv_cpu *cpu = c->virt->cpu[num];

		if (cpu)
			uv_cpu_end(cpu);
	}
}

static void power_off_configs(struct uv *uv)
{
	struct uv_object *o;

	while ((o = uv_handle_each(uv->handles, UV_HANDLE_CONFIG, any, NULL))) {
		struct uv_config *c = uv_config_of(o);

		power_off_cpus(c);
		while (!uv_pages_destroy_all(&uv->pages, c->owner))
			;
		uv_config_end(c);
		uv_object_put(o);
	}
}

void uv_host_reset(struct uv *uv)
{
	if (!atomic_load(&uv->initialised))
		return;
	power_off_configs(uv);
	atomic_store(&uv->initialised, false);
	uv_handles_fini(uv->handles);
	OPENSSL_cleanse(uv->handles, sizeof(*uv->handles));
	uv->handles = NULL;
	storage_undonate(uv->storage, uv->base_origin, UV_BASE_STOR_LEN);
}

void uv_destroy(struct uv *uv)
{
	if (!uv)
		return;
	uv_host_reset(uv);
	uv_owner_table_destroy(uv->owners);
	pthread_mutex_destroy(&uv->lifecycle);
	EVP_PKEY_free(uv->host_key.key);
	free(uv);
}

const struct uv_model *uv_model(const struct uv *uv)
{
	return uv->model;
}

void uv_get_stats(struct uv *uv, struct uv_stats *stats)
{
	stats->configs = uv_handle_count(uv_handles(uv), UV_HANDLE_CONFIG);
	stats->cpus = uv_handle_count(uv_handles(uv), UV_HANDLE_CPU);
	stats->calls = atomic_load(&uv->calls);
	stats->calls_failed = atomic_load(&uv->calls_failed);
}

void uv_set_cost(struct uv *uv, const struct uv_cost *cost)
{
	atomic_store(&uv->cost.page_ns, cost->page_ns);
	atomic_store(&uv->cost.call_ns, cost->call_ns);
}

struct uv_trace *uv_trace(struct uv *uv)
{
	return &uv->trace;
}

void uv_dump_trace(struct uv *uv, FILE *out)
{
	uv_trace_print(&uv->trace, out);
}

int uv_handle_new(struct uv *uv, struct uv_object *o)
{
	uint64_t handle;

	do {
		if (uv->ops.random(uv->machine, &handle, sizeof(handle)))
			return -EIO;
	} while (uv_handle_add(uv->handles, o, handle));
	return 0;
}
