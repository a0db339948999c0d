/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See direct.h. One machine and one VMM a process; each thread that calls becomes a task. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "host/direct.h"
#include "host/file.h"
#include "host/mm.h"
#include "kvm/machine.h"
#include "protvirt/protvirt.h"
#include "storage/types.h"
#include "tests/direct/direct.h"

static struct machine *machine;
static struct mm *mm;
static _Thread_local struct task *task;

/* Made when the first call needs it, which is where a failure can be told. Return: 0 or -ENOMEM */
static int need_mm(void)
{
	if (!mm)
		mm = direct_mm_create(machine_storage(machine), machine_uv(machine));
	return mm ? 0 : -ENOMEM;
}

int direct_machine_start(const struct machine_params *params)
{
	machine = machine_create(params);
	return machine ? 0 : -errno;
}

void direct_machine_status(struct machine_status *status)
{
	machine_get_status(machine, status);
}

struct task *direct_this_task(void)
{
	if (!task && !need_mm())
		task = direct_task_start(mm);
	return task;
}

void direct_thread_end(void)
{
	if (task)
		direct_task_end(task);
	task = NULL;
}

void direct_vmm_exit(void)
{
	direct_thread_end();
	if (!mm)
		return;
	direct_mm_exit(mm);
	mmdrop(mm);
	mm = NULL;
}

void direct_machine_stop(void)
{
	direct_vmm_exit();
	machine_destroy(machine);
	machine = NULL;
}

static int fail(long ret)
{
	if (ret >= 0)
		return (int)ret;
	errno = (int)-ret;
	return -1;
}

int protvirt_open(const char *path, int flags)
{
	struct file *file;

	if (strcmp(path, "/dev/kvm") != 0)
		return fail(-ENOENT);
	if (need_mm())
		return fail(-ENOMEM);
	file = machine_open(machine);
	return file ? fail(direct_open(mm, file)) : -1;
}

int protvirt_ioctl(int fd, unsigned long request, uintptr_t arg)
{
	struct task *t = direct_this_task();

	return t ? fail(direct_ioctl(t, fd, (unsigned int)request, arg)) : fail(-ENOMEM);
}

void *protvirt_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return direct_mmap(mm, len, fd, offset);
}

int protvirt_close(int fd)
{
	return mm ? fail(direct_close(mm, fd)) : fail(-EBADF);
}

void *protvirt_alloc_guest_memory(size_t len)
{
	void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int protvirt_free_guest_memory(void *addr, size_t len)
{
	return munmap(addr, len);
}
