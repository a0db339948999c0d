/* SPDX-License-Identifier: MIT */
/*
 * The system-call boundary of /dev/kvm on a machine without one.
 *
 * Descriptors returned here are real file descriptors: dup(2), fork(2), passing
 * over a Unix socket and close(2) mean what they mean on Linux. ioctl numbers,
 * structures and errnos are in <protvirt/kvm.h> and are Linux's own. On a real
 * s390x host the functions are the plain system calls.
 *
 * All functions are thread-safe. Errors: -1 (MAP_FAILED, NULL) and errno.
 */
#ifndef PROTVIRT_PROTVIRT_H
#define PROTVIRT_PROTVIRT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * protvirt_open() - open the system file
 * @path: "/dev/kvm"; anything else is ENOENT
 * @flags: of open(2); O_CLOEXEC is kept
 *
 * The first open of a process connects to the machine that the environment variable
 * PROTVIRT_MACHINE names as `unix:PATH`, or else starts a private machine, which ends with its
 * last user.
 *
 * Return: a descriptor; errno: ENOENT, ECONNREFUSED (no machine there), EMFILE, ENOMEM, EIO.
 */
int protvirt_open(const char *path, int flags);

/**
 * protvirt_ioctl() - ioctl(2) on a descriptor of this library
 * @fd: the descriptor
 * @request: KVM_*
 * @arg: third argument of ioctl(2), pointers cast
 *
 * Return: as the ioctl; EBADF; ENOTTY: not one of our descriptors; EIO: the machine is gone.
 */
int protvirt_ioctl(int fd, unsigned long request, uintptr_t arg);

/**
 * protvirt_mmap() - mmap(2) on a vCPU descriptor: its kvm_run page
 * Return: the address (munmap(2) it), or MAP_FAILED.
 */
void *protvirt_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);

/**
 * protvirt_close() - close(2) a descriptor of this library
 *
 * If it was the last descriptor of its object, and no ioctl is in progress on it, the object has
 * been released when this returns, as on Linux. After a plain close(2), after the end of a process,
 * and in a process (a forked child) that has not used this library itself, the machine sees the
 * last close by a hang-up: the release then happens a moment later. Who must know that a VM is gone
 * before going on, say to give its memory to the next one, closes with this.
 *
 * Return: as close(2).
 */
int protvirt_close(int fd);

/**
 * protvirt_alloc_guest_memory() - memory that is meant for a slot
 * @len: bytes, a multiple of the page size
 *
 * Ordinary anonymous memory works as well, but stores that race with the first
 * KVM_SET_USER_MEMORY_REGION of a range are lost there; here they are not.
 *
 * Return: the address, or NULL.
 */
void *protvirt_alloc_guest_memory(size_t len);

/** protvirt_free_guest_memory() - unmap it; slots keep what they show */
int protvirt_free_guest_memory(void *addr, size_t len);

/**
 * protvirt_make_accessible() - export or pin secure pages ahead of a bulk access or system call
 *
 * Needed before system calls that read guest memory, and for any access where traps are not
 * active (see `protvirt doctor`).
 *
 * Return: 0; EINVAL: not guest memory or not page aligned.
 */
int protvirt_make_accessible(void *addr, size_t len);

/** protvirt_traps_active() - 1: secure pages trap and are exported on touch, 0: they read as zeros */
int protvirt_traps_active(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
