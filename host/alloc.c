// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "storage/inject.h"
#include "storage/storage.h"

static _Atomic uint64_t live;

void *host_zalloc(size_t size)
{
	void *object;

	if (inject(INJECT_ALLOC, ALLOC_OBJECT, size, NULL))
		return NULL;
	object = calloc(1, size);
	if (object)
		atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
	return object;
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
