// SPDX-License-Identifier: GPL-2.0-or-later
/* User copies. The argument structure came with the request; everything else is asked for. */
#include <errno.h>
#include <string.h>

#include "host/mm_state.h"
#include "host/task.h"
#include "host/task_state.h"
#include "storage/inject.h"

/* Bytes of the argument structure, or NULL if [@uva, @uva + @n) is not inside it */
static uint8_t *inside_arg(const struct task *t, uva_t uva, size_t n)
{
	const struct task_arg *arg = &t->arg;

	if (!arg->bytes || uva < arg->uva || n > arg->len || uva - arg->uva > arg->len - n)
		return NULL;
	return arg->bytes + (uva - arg->uva);
}

static void note_written(struct task_arg *arg, size_t start, size_t n)
{
	bool first = arg->written_end == 0;

	if (first || start < arg->written_start)
		arg->written_start = start;
	if (start + n > arg->written_end)
		arg->written_end = start + n;
}

static int fetch(struct task *t, void *to, uva_t from, size_t n)
{
	const uint8_t *bytes = t->arg.readable ? inside_arg(t, from, n) : NULL;

	if (!n)
		return 0;
	if (!bytes)
		return t->mm->ops->copy_from(t, to, from, n);
	memcpy(to, bytes, n);
	return 0;
}

static int store(struct task *t, uva_t to, const void *from, size_t n)
{
	uint8_t *bytes = inside_arg(t, to, n);

	if (!n)
		return 0;
	if (!bytes || !t->arg.writable)
		return t->mm->ops->copy_to(t, to, from, n);
	memcpy(bytes, from, n);
	note_written(&t->arg, to - t->arg.uva, n);
	return 0;
}

/* Return: does a rule make the copy fault? Then *n is what is copied before */
static bool cut_short(enum inject_point point, size_t *n)
{
	struct inject_outcome outcome = {0};

	if (!inject(point, 0, *n, &outcome))
		return false;
	if (*n > outcome.bytes)
		*n = (size_t)outcome.bytes;
	return true;
}

int copy_from_user(void *to, uva_t from, size_t n)
{
	struct task *t = current_task();
	size_t part = n;
	bool cut = cut_short(INJECT_COPY_FROM, &part);
	int err = fetch(t, to, from, part);

	if (err)
		part = 0;
	memset((uint8_t *)to + part, 0, n - part);
	return cut ? -EFAULT : err;
}

int copy_to_user(uva_t to, const void *from, size_t n)
{
	bool cut = cut_short(INJECT_COPY_TO, &n);
	int err = store(current_task(), to, from, n);

	return cut ? -EFAULT : err;
}
