// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "host/alloc.h"
#include "host/file_state.h"
#include "host/mm_state.h"
#include "host/task_state.h"

struct file *file_create(const char *name, const struct file_operations *fops, void *private_data)
{
	struct task *t = current_task();
	struct mm *mm = t ? t->mm : NULL;
	struct file *file;

	if (mm && !mm_charge_file(mm)) {
		errno = EMFILE;
		return NULL;
	}
	file = host_zalloc(sizeof(*file));
	if (!file) {
		if (mm)
			mm_uncharge_file(mm);
		errno = ENOMEM;
		return NULL;
	}
	atomic_init(&file->refs, 1);
	file->fops = fops;
	file->private_data = private_data;
	snprintf(file->name, sizeof(file->name), "%s", name);
	file->mm = mm;
	if (mm)
		mmgrab(mm);
	return file;
}

void *file_private(const struct file *file)
{
	return file->private_data;
}

const struct file_operations *file_fops(const struct file *file)
{
	return file->fops;
}

const char *file_name(const struct file *file)
{
	return file->name;
}

struct file *fget(struct file *file)
{
	uint32_t refs = atomic_fetch_add_explicit(&file->refs, 1, memory_order_relaxed);

	assert(refs);
	(void)refs;
	return file;
}

void fput(struct file *file)
{
	struct mm *mm = file->mm;

	if (atomic_fetch_sub_explicit(&file->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (file->fops->release)
		file->fops->release(file);
	host_free(file);
	if (!mm)
		return;
	mm_uncharge_file(mm);
	mmdrop(mm);
}

long task_return_file(struct file *file)
{
	return task_return_file_at(file, 0);
}

long task_return_file_at(struct file *file, uva_t where)
{
	struct task *t = current_task();

	assert(!t->returned);
	t->returned = file;
	t->returned_at = where;
	return 0;
}

struct file *task_take_returned(struct task *t)
{
	struct file *file = t->returned;

	t->returned = NULL;
	return file;
}
