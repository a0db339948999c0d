/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handles of configurations and CPUs: one namespace, random, the kind checked.
 *
 * An object is found by its handle as long as it stands in the table, and lives
 * as long as somebody holds a reference. Who takes a lock of an object found
 * here looks afterwards whether it still stands in the table: see config.h.
 */
#ifndef UV_HANDLE_H
#define UV_HANDLE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum uv_handle_kind {
	UV_HANDLE_CONFIG,
	UV_HANDLE_CPU,
	UV_HANDLE_KINDS
};

/**
 * struct uv_object - what a handle names; the first member of struct uv_config and struct uv_cpu
 * @handle: never 0 once the object has been added
 * @kind: of which kind the object is
 * @refs: the table holds one reference
 * @release: called when the last reference is dropped
 * @next: in its bucket; protected by the table's lock
 */
struct uv_object {
	uint64_t handle;
	enum uv_handle_kind kind;
	_Atomic uint32_t refs;
	void (*release)(struct uv_object *o);
	struct uv_object *next;
};

#define UV_HANDLE_BUCKETS 256

/** struct uv_handles - the table */
struct uv_handles {
	pthread_rwlock_t lock; /* protects the buckets and counts; innermost but for the trace */
	struct uv_object *bucket[UV_HANDLE_BUCKETS];
	uint64_t count[UV_HANDLE_KINDS];
};

void uv_handles_init(struct uv_handles *t);
void uv_handles_fini(struct uv_handles *t);

/**
 * uv_handle_add() - enter an object under a handle that nobody uses
 * @t: the table
 * @o: the object; the table takes the caller's reference
 * @handle: random bits
 *
 * Return: 0, or -EEXIST: @handle is 0 or in use, try another.
 */
int uv_handle_add(struct uv_handles *t, struct uv_object *o, uint64_t handle);

/** uv_handle_remove() - the handle names nothing any more; drops the table's reference */
void uv_handle_remove(struct uv_handles *t, struct uv_object *o);

/**
 * uv_handle_find() - the object of a handle, with a reference; @t NULL: an empty table
 * Return: the object, or NULL if the handle names none of this kind.
 */
struct uv_object *uv_handle_find(struct uv_handles *t, uint64_t handle, enum uv_handle_kind kind);

/** uv_handle_count() - how many objects of a kind there are; @t NULL: none */
uint64_t uv_handle_count(struct uv_handles *t, enum uv_handle_kind kind);

/**
 * uv_handle_each() - call @fn for each object of a kind until it returns true
 *
 * Return: the object for which it did, with a reference, or NULL.
 * Context: @fn runs under the table's lock.
 */
struct uv_object *uv_handle_each(struct uv_handles *t, enum uv_handle_kind kind,
				 bool (*fn)(struct uv_object *o, void *arg), void *arg);

/** uv_object_init() - one reference, in no table */
void uv_object_init(struct uv_object *o, enum uv_handle_kind kind,
		    void (*release)(struct uv_object *o));
void uv_object_get(struct uv_object *o);
void uv_object_put(struct uv_object *o);

#endif
