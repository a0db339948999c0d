/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heap objects of the Ultravisor, failing on demand; free() them. */
#ifndef UV_ALLOC_H
#define UV_ALLOC_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/inject.h"
#include "storage/storage.h"

/** uv_zalloc() - a zeroed object; NULL with errno ENOMEM if memory ran out or injection says so */
static inline void *uv_zalloc(size_t size)
{
	/* not calloc(): that knows nothing of what the thread has freed last */
	void *object = inject(INJECT_ALLOC, ALLOC_OBJECT, size, NULL) ? NULL : malloc(size);

	if (!object) {
		errno = ENOMEM;
		return NULL;
	}
	return memset(object, 0, size);
}

#endif
