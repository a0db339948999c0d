/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handles of configurations and CPUs: see handle.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "uv/handle.h"

void uv_handles_init(struct uv_handles *t)
{
	memset(t, 0, sizeof(*t));
	pthread_rwlock_init(&t->lock, NULL);
}

void uv_handles_fini(struct uv_handles *t)
{
	for (size_t i = 0; i < UV_HANDLE_KINDS; i++)
		assert(!t->count[i]);
	pthread_rwlock_destroy(&t->lock);
}

/* Handles are random: their low bits spread as well as any hash. */
static struct uv_object **bucket_of(struct uv_handles *t, uint64_t handle)
{
	return &t->bucket[handle % UV_HANDLE_BUCKETS];
}

static struct uv_object *find_locked(struct uv_handles *t, uint64_t handle)
{
	struct uv_object *o = *bucket_of(t, handle);

	while (o && o->handle != handle)
		o = o->next;
	return o;
}

int uv_handle_add(struct uv_handles *t, struct uv_object *o, uint64_t handle)
{
	struct uv_object **head = bucket_of(t, handle);
	int ret = -EEXIST;

	pthread_rwlock_wrlock(&t->lock);
	if (handle && !find_locked(t, handle)) {
		o->handle = handle;
		o->next = *head;
		*head = o;
		t->count[o->kind]++;
		ret = 0;
	}
	pthread_rwlock_unlock(&t->lock);
	return ret;
}

void uv_handle_remove(struct uv_handles *t, struct uv_object *o)
{
	struct uv_object **at = bucket_of(t, o->handle);

	pthread_rwlock_wrlock(&t->lock);
	while (*at != o) {
		assert(*at);
		at = &(*at)->next;
	}
	*at = o->next;
	t->count[o->kind]--;
	pthread_rwlock_unlock(&t->lock);
	uv_object_put(o);
}

struct uv_object *uv_handle_find(struct uv_handles *t, uint64_t handle, enum uv_handle_kind kind)
{
	struct uv_object *o;

	if (!t)
		return NULL;
	pthread_rwlock_rdlock(&t->lock);
	o = find_locked(t, handle);
	if (o && o->kind != kind)
		o = NULL;
	if (o)
		uv_object_get(o);
	pthread_rwlock_unlock(&t->lock);
	return o;
}

uint64_t uv_handle_count(struct uv_handles *t, enum uv_handle_kind kind)
{
	uint64_t count;

	if (!t)
		return 0;
	pthread_rwlock_rdlock(&t->lock);
	count = t->count[kind];
	pthread_rwlock_unlock(&t->lock);
	return count;
}

struct uv_object *uv_handle_each(struct uv_handles *t, enum uv_handle_kind kind,
				 bool (*fn)(struct uv_object *o, void *arg), void *arg)
{
	struct uv_object *found = NULL;

	pthread_rwlock_rdlock(&t->lock);
	for (size_t i = 0; i < UV_HANDLE_BUCKETS && !found; i++) {
		struct uv_object *o = t->bucket[i];

		while (o && !(o->kind == kind && fn(o, arg)))
			o = o->next;
		found = o;
	}
	if (found)
		uv_object_get(found);
	pthread_rwlock_unlock(&t->lock);
	return found;
}

void uv_object_init(struct uv_object *o, enum uv_handle_kind kind,
		    void (*release)(struct uv_object *o))
{
	o->kind = kind;
	o->release = release;
	atomic_init(&o->refs, 1);
}

void uv_object_get(struct uv_object *o)
{
	atomic_fetch_add_explicit(&o->refs, 1, memory_order_relaxed);
}

void uv_object_put(struct uv_object *o)
{
	if (atomic_fetch_sub_explicit(&o->refs, 1, memory_order_acq_rel) == 1)
		o->release(o);
}
