/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a file, for the transports. */
#ifndef HOST_FILE_STATE_H
#define HOST_FILE_STATE_H

#include <stdatomic.h>
#include <stdint.h>

#include "host/file.h"

struct mm;
struct task;

/**
 * struct file - see file.h
 * @refs: one of them stands for all descriptors
 * @mm: address space that made it and whose limit it counts against, or NULL; a reference is held
 */
struct file {
	_Atomic uint32_t refs;
	const struct file_operations *fops;
	void *private_data;
	struct mm *mm;
	char name[32];
};

/**
 * task_take_returned() - the file that the ioctl wants to return, with its reference, or NULL
 *
 * @t->returned_at says where its number goes.
 */
struct file *task_take_returned(struct task *t);

#endif
