// SPDX-License-Identifier: MIT
/* On a host with KVM for s390x the functions are the plain system calls. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "protvirt/protvirt.h"

int protvirt_open(const char *path, int flags)
{
	return open(path, flags);
}

int protvirt_ioctl(int fd, unsigned long request, uintptr_t arg)
{
	return ioctl(fd, request, arg);
}

void *protvirt_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return mmap(addr, len, prot, flags, fd, offset);
}

int protvirt_close(int fd)
{
	return close(fd);
}

void *protvirt_alloc_guest_memory(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int protvirt_free_guest_memory(void *addr, size_t len)
{
	return munmap(addr, len);
}

int protvirt_make_accessible(void *addr, size_t len)
{
	if ((uintptr_t)addr % 4096 || len % 4096) {
		errno = EINVAL;
		return -1;
	}
	return 0; /* the kernel does it on any access, its own as well */
}

int protvirt_traps_active(void)
{
	return 1;
}
