/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The direct-call transport: client and machine in one process.
 *
 * What is an event between two processes is a call here: task death, a signal,
 * the end of an address space, the close of a descriptor. User addresses are
 * addresses of this process; a bad one gives EFAULT. Guest memory is converted
 * in place. A test plays several VMMs by making several address spaces.
 *
 * Descriptors are small numbers of the address space, as those of a process are.
 */
#ifndef HOST_DIRECT_H
#define HOST_DIRECT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct file;
struct mm;
struct storage;
struct task;
struct uv;

/**
 * direct_mm_create() - a VMM without threads and descriptors
 * @uv: for the pages that leave the address space at its end; may be NULL if nothing protects any
 *
 * Return: the mm with one reference for the caller (mmdrop()), or NULL: no memory.
 */
struct mm *direct_mm_create(struct storage *st, struct uv *uv);

/**
 * direct_mm_exit() - the VMM's process ends: first the address space, then the descriptors
 *
 * Tasks must have been ended; one that is left keeps the address space, as a task that shares it
 * with another process does.
 */
void direct_mm_exit(struct mm *mm);

/** direct_task_start() - the calling thread becomes a task of @mm. Return: NULL: no memory, or gone
 */
struct task *direct_task_start(struct mm *mm);

/** direct_task_end() - the thread that is the task ends, or would after its fatal signal */
void direct_task_end(struct task *t);

/** direct_task_kill() - the fatal signal. Context: any thread; the task still has to be ended */
void direct_task_kill(struct task *t);

/** direct_kick() - a signal: the running ioctl shall return, or else the next one */
void direct_kick(struct task *t);

/**
 * direct_open() - put a file into the descriptor table
 * @file: the reference is taken over, also on failure
 *
 * Return: descriptor, or -EMFILE.
 */
int direct_open(struct mm *mm, struct file *file);

/**
 * direct_ioctl() - as protvirt_ioctl(), called by the thread that is the task
 * Return: as the ioctl handler, or a new descriptor; -EBADF.
 */
long direct_ioctl(struct task *t, int fd, unsigned int cmd, uint64_t arg);

/** direct_mmap() - as protvirt_mmap() with MAP_SHARED. Return: address, or MAP_FAILED and errno */
void *direct_mmap(struct mm *mm, size_t len, int fd, off_t offset);

/** direct_close() - Return: 0 or -EBADF. Context: releases the object if it was the last */
int direct_close(struct mm *mm, int fd);

/** direct_pass() - give a descriptor to another VMM, as over a socket. Return: its number there,
 * -EBADF or -EMFILE */
int direct_pass(struct mm *from, int fd, struct mm *to);

#endif
