/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files: what stands behind a VMM's file descriptor.
 *
 * host/ knows the objects of KVM only through struct file_operations.
 */
#ifndef HOST_FILE_H
#define HOST_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "storage/types.h"

struct file;

/**
 * struct file_operations - what can be done with a file
 * @ioctl: returns a value >= 0 or -errno. @arg is the third argument of ioctl(2): a number, or an
 *         address in the VMM for copy_from_user(). The file is pinned meanwhile.
 * @mmap: memory behind the file: sets @memfd (stays owned by the object) and @offset in it for
 *         the @len bytes at @pgoff; -EINVAL if there is none
 * @release: the last reference is gone: descriptors in any process, ioctls in flight, fget()
 */
struct file_operations {
	long (*ioctl)(struct file *file, unsigned int cmd, uint64_t arg);
	int (*mmap)(struct file *file, uint64_t pgoff, size_t len, int *memfd, off_t *offset);
	void (*release)(struct file *file);
};

/**
 * file_create() - a new anonymous file
 * @name: for status, as in /proc/PID/fd: "kvm-vm", "kvm-vcpu:0"; copied
 * @private_data: for file_private()
 *
 * Return: the file with one reference, or NULL with errno ENOMEM or EMFILE.
 */
struct file *file_create(const char *name, const struct file_operations *fops, void *private_data);

void *file_private(const struct file *file);
const struct file_operations *file_fops(const struct file *file);

/** file_name() - what file_create() was given, cut at 31 bytes */
const char *file_name(const struct file *file);

struct file *fget(struct file *file);
void fput(struct file *file);

/**
 * task_return_file() - let the running ioctl return a new descriptor for @file
 *
 * Takes over the caller's reference. The ioctl handler returns what this returns. If the ioctl
 * fails after all, or its caller has no room for a descriptor, the file is released.
 *
 * Return: 0; the client's ioctl returns the descriptor's number instead.
 */
long task_return_file(struct file *file);

/**
 * task_return_file_at() - the same, but the number goes into a structure (KVM_CREATE_DEVICE)
 * @where: address in the VMM of an int; the ioctl's result stays
 *
 * Return: 0.
 */
long task_return_file_at(struct file *file, uva_t where);

#endif
