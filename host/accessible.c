// SPDX-License-Identifier: GPL-2.0-or-later
/* Exports ahead of a bulk access: what a touch of each page would do. */
#include <errno.h>

#include "host/mm_state.h"
#include "host/uffd.h"
#include "storage/frame.h"
#include "uv/ultravisor.h"

/* With traps, a hole of ordinary storage is as much in the way of a system call as a secure page.
 */
static int make_page_accessible(struct mm *mm, struct backing *b, uint64_t offset)
{
	size_t index = offset / PAGE_SIZE;
	int err = -EBUSY;

	if (mm_traps_active(mm))
		err = backing_make_present(b, index);
	else if (backing_frame_info(b, index).state != FRAME_SEC)
		err = 0;
	if (err != -EBUSY)
		return err;
	return mm->uv ? uv_make_accessible(mm->uv, backing_abs(b) + offset) : -EINVAL;
}

/* As far as the backing at @uva goes. Return: bytes, or -EINVAL */
static int64_t make_part_accessible(struct mm *mm, uva_t uva, uint64_t len)
{
	uint64_t offset, done = 0;
	struct backing *b = mm_find_backing(mm, uva, &offset);
	int err = 0;

	if (!b)
		return -EINVAL;
	if (len > backing_size(b) - offset)
		len = backing_size(b) - offset;
	for (; done < len && !err; done += PAGE_SIZE)
		err = make_page_accessible(mm, b, offset + done);
	backing_put(b);
	return err ? -EINVAL : (int64_t)done;
}

int mm_make_accessible(struct mm *mm, uva_t uva, uint64_t len)
{
	if (uva % PAGE_SIZE || len % PAGE_SIZE || uva + len < uva)
		return -EINVAL;
	while (len) {
		int64_t done = make_part_accessible(mm, uva, len);

		if (done < 0)
			return (int)done;
		uva += (uint64_t)done;
		len -= (uint64_t)done;
	}
	return 0;
}
