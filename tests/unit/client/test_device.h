/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device behind /dev/kvm in tests of the transport: each ioctl shows one service. */
#ifndef TESTS_UNIT_CLIENT_TEST_DEVICE_H
#define TESTS_UNIT_CLIENT_TEST_DEVICE_H

#include <stdint.h>
#include <sys/ioctl.h>

/** struct dev_copy - DEV_COPY: bytes to copy inside the VMM */
struct dev_copy {
	uint64_t from;
	uint64_t to;
	uint64_t len;
};

/** struct dev_range - DEV_SHARE, DEV_PEEK */
struct dev_range {
	uint64_t uva;
	uint64_t len;
	uint32_t value;
	uint32_t segments;
};

/** struct dev_make - DEV_MAKE_AT */
struct dev_make {
	uint32_t type;
	int fd;
};

/** struct dev_sched - DEV_SCHED, DEV_FOLLOW: how the thread that runs the ioctl is scheduled */
struct dev_sched {
	int policy;
	int nice;
	uint32_t cpus; /* how many it may run on */
	uint32_t cpu;  /* the first of them */
};

/**
 * struct dev_page - what mmap of a made file shows
 * @asleep: futex word: counts DEV_SLEEP and KVM_RUN calls that are about to sleep
 */
struct dev_page {
	_Atomic uint32_t asleep;
};

#define DEV_MAKE     _IO('T', 1) /* a new file; it belongs to the address space */
#define DEV_MAKE_AT  _IOWR('T', 2, struct dev_make)
#define DEV_INC      _IOWR('T', 3, int)
#define DEV_COPY     _IOW('T', 4, struct dev_copy)
#define DEV_SLEEP    _IO('T', 5) /* until woken, killed, or kicked */
#define DEV_WAKE     _IO('T', 6)
#define DEV_SHARE    _IOWR('T', 7, struct dev_range)
#define DEV_PEEK     _IOWR('T', 8, struct dev_range) /* value at offset uva of what is shared */
#define DEV_RELEASED _IO('T', 9) /* wait until as many made files as arg have been released */
#define DEV_GET      _IOR('T', 10, int) /* 4711 */
#define DEV_KICKED   _IO('T', 11)       /* 1 if the task is kicked, at once */
#define DEV_COUNT    _IO('T', 12)       /* how many made files have been released by now */
#define DEV_SLOW     _IO('T', 13)       /* release of this one waits for the verb "go" */
#define DEV_SCHED    _IOR('T', 14, struct dev_sched)
#define DEV_FOLLOW   _IOR('T', 15, struct dev_sched) /* after task_follow_client() */
#define DEV_TAIL     _IOR('T', 16, struct dev_make)  /* fd = 4711, and nothing else */

#endif
