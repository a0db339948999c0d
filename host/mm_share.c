// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest memory: from an address range of the VMM to segments of backings.
 *
 * The client is asked what lies in the range. Its answers choose among the
 * backings of its own address space only, so a lie harms nobody else. What is
 * private memory (or memory of a backing that is no more) is converted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/alloc.h"
#include "host/mm_state.h"
#include "host/task.h"
#include "storage/storage.h"

/* As many mappings as a Linux process may have */
#define MAX_EXTENTS 65536

/**
 * struct layout - what lies in a range
 * @extents: in order, without gaps
 * @n: their number; @room: allocated
 */
struct layout {
	struct protvirt_extent *extents;
	size_t n;
	size_t room;
};

static int layout_grow(struct layout *l)
{
	size_t room = l->room ? 2 * l->room : 64;
	struct protvirt_extent *bigger;

	if (room > MAX_EXTENTS)
		return -ENOMEM;
	bigger = host_zalloc(room * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	if (l->n)
		memcpy(bigger, l->extents, l->n * sizeof(*bigger));
	host_free(l->extents);
	l->extents = bigger;
	l->room = room;
	return 0;
}

static bool extent_valid(const struct protvirt_extent *e, uint64_t rest)
{
	return e->len && e->len <= rest && e->len % PAGE_SIZE == 0 && e->offset % PAGE_SIZE == 0 &&
	       (e->kind == PROTVIRT_EXTENT_PRIVATE || e->kind == PROTVIRT_EXTENT_SHARED);
}

/* Return: bytes that one question has told about, or -errno */
static int64_t layout_ask(struct mm *mm, struct layout *l, uva_t uva, uint64_t rest)
{
	struct task *t = current_task();
	size_t first = l->n;
	int64_t told = 0;
	int n;

	n = l->room - l->n < 32 ? layout_grow(l) : 0;
	if (n)
		return n;
	n = mm->ops->describe(t, uva, rest, l->extents + first, l->room - first);
	if (n <= 0)
		return fatal_signal_pending(t) ? -EINTR : -EFAULT;
	for (; l->n < first + (size_t)n; l->n++) {
		const struct protvirt_extent *e = &l->extents[l->n];

		if (!extent_valid(e, rest - (uint64_t)told))
			return -EFAULT;
		told += (int64_t)e->len;
	}
	return told;
}

static int layout_get(struct mm *mm, struct layout *l, uva_t uva, uint64_t size)
{
	for (uint64_t done = 0; done < size;) {
		int64_t told = layout_ask(mm, l, uva + done, size - done);

		if (told < 0)
			return (int)told;
		done += (uint64_t)told;
	}
	return 0;
}

/* The backing that an extent shows, with a reference; NULL: there is none, convert it. */
static struct backing *extent_backing(struct mm *mm, const struct protvirt_extent *e)
{
	struct backing *b;

	if (e->kind != PROTVIRT_EXTENT_SHARED)
		return NULL;
	b = mm_find_inode(mm, e->inode);
	if (b && (e->len > backing_size(b) || e->offset > backing_size(b) - e->len)) {
		backing_put(b);
		return NULL;
	}
	return b;
}

/* Return: bytes converted, or -errno */
static int64_t convert(struct mm *mm, uva_t uva, uint64_t len, struct mm_segment *seg)
{
	struct task *t = current_task();
	struct backing *b = mm_new_backing(mm, len);
	int err;

	if (!b)
		return -ENOMEM;
	err = mm->ops->convert(t, uva, len, backing_memfd(b));
	if (err) {
		backing_put(b);
		return fatal_signal_pending(t) ? -EINTR : err;
	}
	mm_backing_mapped(mm, b, uva);
	*seg = (struct mm_segment){.b = b, .len = len};
	return (int64_t)len;
}

static struct mm_segment known_segment(struct mm *mm, struct backing *b,
				       const struct protvirt_extent *e, uva_t uva)
{
	mm_backing_mapped(mm, b, uva - e->offset);
	return (struct mm_segment){.b = b, .backing_offset = e->offset, .len = e->len};
}

/*
 * One segment for the extents from *@at on: a known backing, or as many as can be converted
 * together. Return: its length, or -errno.
 */
static int64_t next_segment(struct mm *mm, const struct layout *l, size_t *at, uva_t uva,
			    struct mm_segment *seg)
{
	struct backing *b = extent_backing(mm, &l->extents[*at]);
	uint64_t len = 0;

	if (b) {
		*seg = known_segment(mm, b, &l->extents[(*at)++], uva);
		return (int64_t)seg->len;
	}
	do {
		len += l->extents[(*at)++].len;
		b = *at < l->n ? extent_backing(mm, &l->extents[*at]) : NULL;
	} while (*at < l->n && !b);
	if (b)
		backing_put(b);
	return convert(mm, uva, len, seg);
}

static int make_segments(struct mm *mm, const struct layout *l, uva_t uva, struct mm_segment *segs,
			 size_t *n)
{
	for (size_t at = 0; at < l->n;) {
		int64_t len = next_segment(mm, l, &at, uva, &segs[*n]);

		if (len < 0)
			return (int)len;
		uva += (uint64_t)len;
		(*n)++;
	}
	return 0;
}

static int share_locked(struct mm *mm, uva_t uva, uint64_t size, struct mm_segment **segs,
			size_t *n)
{
	struct layout l = {0};
	int err = layout_get(mm, &l, uva, size);

	*n = 0;
	*segs = err ? NULL : host_zalloc(l.n * sizeof(**segs));
	if (!err)
		err = *segs ? make_segments(mm, &l, uva, *segs, n) : -ENOMEM;
	if (err) {
		mm_put_segments(*segs, *n);
		*segs = NULL;
		*n = 0;
	}
	host_free(l.extents);
	return err;
}

int mm_share_range(struct mm *mm, uva_t uva, uint64_t size, struct mm_segment **segs, size_t *n)
{
	int err;

	if (!size || size % PAGE_SIZE || uva % PAGE_SIZE || uva + size < uva)
		return -EFAULT;
	err = mutex_lock_killable(&mm->share_lock);
	if (err)
		return err;
	err = share_locked(mm, uva, size, segs, n);
	mutex_unlock(&mm->share_lock);
	return err;
}

void mm_put_segments(struct mm_segment *segs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		backing_put(segs[i].b);
	host_free(segs);
}
