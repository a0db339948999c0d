// SPDX-License-Identifier: MIT
#include "client/userfault.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef USERFAULTFD_IOC_NEW /* Linux 6.1 */
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif

#define FLAGS (O_CLOEXEC | O_NONBLOCK)

/* Its file permissions say who may handle touches by the kernel. */
static int create_by_device(void)
{
	int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
	int fd, err;

	if (device < 0)
		return -1;
	fd = ioctl(device, USERFAULTFD_IOC_NEW, FLAGS);
	err = errno;
	close(device);
	errno = err;
	return fd;
}

int userfault_create(void)
{
	int fd = (int)syscall(SYS_userfaultfd, FLAGS);

	if (fd < 0)
		fd = create_by_device();
	if (fd < 0)
		fd = (int)syscall(SYS_userfaultfd, FLAGS | UFFD_USER_MODE_ONLY);
	return fd;
}
