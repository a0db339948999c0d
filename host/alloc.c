// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "storage/inject.h"
#include "storage/storage.h"

static _Atomic uint64_t live;

/* Not calloc(): that knows nothing of what the thread has freed last, and takes a lock. */
static void *zalloc(size_t size)
{
	void *object = malloc(size);

	if (!object)
		return NULL;
	memset(object, 0, size);
	atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
	return object;
}

void *host_zalloc(size_t size)
{
	return inject(INJECT_ALLOC, ALLOC_OBJECT, size, NULL) ? NULL : zalloc(size);
}

void *host_zalloc_reserved(void **reserve, size_t size)
{
	void *object = *reserve;

	if (inject(INJECT_ALLOC, ALLOC_OBJECT, size, NULL))
		return NULL;
	*reserve = NULL;
	return object ? object : zalloc(size);
}

void host_free(void *object)
{
	if (!object)
		return;
	free(object);
	atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
}

uint64_t host_alloc_live(void)
{
	return atomic_load_explicit(&live, memory_order_relaxed);
}
