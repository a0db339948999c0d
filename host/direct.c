// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/direct.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "client/memory.h"
#include "host/alloc.h"
#include "host/file.h"
#include "host/file_state.h"
#include "host/mm_state.h"
#include "host/task_state.h"

#define MAX_FILES 1024

/**
 * struct direct - the process of a VMM
 * @lock: protects @files
 * @files: by descriptor, each with a reference
 */
struct direct {
	pthread_mutex_t lock;
	struct file *files[MAX_FILES];
};

static int direct_copy_from(struct task *t, void *to, uva_t from, size_t n)
{
	return memory_read(to, from, n);
}

static int direct_copy_to(struct task *t, uva_t to, const void *from, size_t n)
{
	return memory_write(to, from, n);
}

static int direct_describe(struct task *t, uva_t uva, uint64_t len, struct protvirt_extent *extents,
			   size_t max)
{
	return memory_describe(uva, len, extents, max);
}

static int direct_convert(struct task *t, uva_t uva, uint64_t len, int memfd)
{
	return memory_convert(uva, len, memfd);
}

static void direct_free(struct mm *mm)
{
	struct direct *d = mm->transport;

	for (int fd = 0; fd < MAX_FILES; fd++)
		assert(!d->files[fd]);
	pthread_mutex_destroy(&d->lock);
	host_free(d);
}

static const struct mm_ops direct_ops = {
	.copy_from = direct_copy_from,
	.copy_to = direct_copy_to,
	.describe = direct_describe,
	.convert = direct_convert,
	.free = direct_free,
};

struct mm *direct_mm_create(struct storage *st, struct uv *uv)
{
	struct direct *d = host_zalloc(sizeof(*d));
	struct mm *mm;

	if (!d)
		return NULL;
	pthread_mutex_init(&d->lock, NULL);
	mm = mm_create(st, uv, &direct_ops, d, NULL);
	if (!mm) {
		pthread_mutex_destroy(&d->lock);
		host_free(d);
		return NULL;
	}
	mmgrab(mm);
	return mm;
}

void direct_mm_exit(struct mm *mm)
{
	mmput(mm);
	for (int fd = 0; fd < MAX_FILES; fd++)
		direct_close(mm, fd);
}

struct task *direct_task_start(struct mm *mm)
{
	struct task *t = task_create(mm, NULL);

	if (t)
		task_make_current(t);
	return t;
}

void direct_task_end(struct task *t)
{
	if (current_task() == t)
		task_make_current(NULL);
	task_destroy(t);
}

void direct_task_kill(struct task *t)
{
	task_kill(t);
}

void direct_kick(struct task *t)
{
	task_kick(t);
}

int direct_open(struct mm *mm, struct file *file)
{
	struct direct *d = mm->transport;
	int fd = 0;

	pthread_mutex_lock(&d->lock);
	while (fd < MAX_FILES && d->files[fd])
		fd++;
	if (fd < MAX_FILES)
		d->files[fd] = file;
	pthread_mutex_unlock(&d->lock);
	if (fd < MAX_FILES)
		return fd;
	fput(file);
	return -EMFILE;
}

static struct file *file_of(struct mm *mm, int fd)
{
	struct direct *d = mm->transport;
	struct file *file = NULL;

	pthread_mutex_lock(&d->lock);
	if (fd >= 0 && fd < MAX_FILES && d->files[fd])
		file = fget(d->files[fd]);
	pthread_mutex_unlock(&d->lock);
	return file;
}

/* The handler may have made a file; it becomes a descriptor unless the ioctl failed. */
static long install_returned(struct task *t, long ret)
{
	uva_t where = t->returned_at;
	struct file *file = task_take_returned(t);
	int fd;

	if (!file)
		return ret;
	if (ret < 0) {
		fput(file);
		return ret;
	}
	fd = direct_open(t->mm, file);
	if (fd < 0 || !where)
		return fd;
	if (memory_write(where, &fd, sizeof(fd)) == 0)
		return ret;
	direct_close(t->mm, fd);
	return -EFAULT;
}

long direct_ioctl(struct task *t, int fd, unsigned int cmd, uint64_t arg)
{
	struct file *file = file_of(t->mm, fd);
	struct task *before;
	long ret;

	if (!file)
		return -EBADF;
	before = task_make_current(t);
	ret = file->fops->ioctl ? file->fops->ioctl(file, cmd, arg) : -ENOTTY;
	ret = install_returned(t, ret);
	task_ioctl_end(t);
	fput(file);
	task_make_current(before);
	return ret;
}

void *direct_mmap(struct mm *mm, size_t len, int fd, off_t offset)
{
	struct file *file = file_of(mm, fd);
	void *p = MAP_FAILED;
	off_t at = 0;
	int memfd;
	int err;

	if (!file) {
		errno = EBADF;
		return p;
	}
	err = file->fops->mmap
		      ? file->fops->mmap(file, (uint64_t)offset / PAGE_SIZE, len, &memfd, &at)
		      : -ENODEV;
	if (!err)
		p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, at);
	else
		errno = -err;
	fput(file);
	return p;
}

int direct_close(struct mm *mm, int fd)
{
	struct direct *d = mm->transport;
	struct file *file = NULL;

	pthread_mutex_lock(&d->lock);
	if (fd >= 0 && fd < MAX_FILES) {
		file = d->files[fd];
		d->files[fd] = NULL;
	}
	pthread_mutex_unlock(&d->lock);
	if (!file)
		return -EBADF;
	fput(file);
	return 0;
}

int direct_pass(struct mm *from, int fd, struct mm *to)
{
	struct file *file = file_of(from, fd);

	return file ? direct_open(to, file) : -EBADF;
}
