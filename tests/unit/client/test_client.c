// SPDX-License-Identifier: GPL-2.0-or-later
/* The client library with a private machine. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "protvirt/protvirt.h"
#include "test_device.h"

static int kvm_fd;

static int setup(void **state)
{
	kvm_fd = protvirt_open("/dev/kvm", O_RDWR | O_CLOEXEC);
	return kvm_fd < 0;
}

static int teardown(void **state)
{
	return protvirt_close(kvm_fd);
}

static void ioctl_reads_and_writes_its_argument(void **state)
{
	int value = 41;

	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_INC, (uintptr_t)&value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(protvirt_ioctl(kvm_fd, DEV_GET, (uintptr_t)&value), 0);
	assert_int_equal(value, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		CASE(ioctl_reads_and_writes_its_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
