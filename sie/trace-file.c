/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where trace lines go. Whatever the file is, a guest must not wait for it, and nothing that
 * happens to it may end the machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sie/sie.h"

#define BUFFER_LEN (1UL << 20)

struct sie_trace *sie_trace_open(const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct sie_trace *trace = calloc(1, sizeof(*trace));
	int fd;

	if (!trace)
		return NULL;
	fd = open(path, flags, 0666);
	trace->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!trace->out) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		free(trace);
		errno = error;
		return NULL;
	}
	/* Errors instead: of a pipe whose reader has gone, of a file that reaches its limit */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	setvbuf(trace->out, NULL, _IOFBF, BUFFER_LEN);
	return trace;
}

/* Said once, by whoever is first to find out */
static void give_up(struct sie_trace *trace, int error)
{
	if (!atomic_exchange(&trace->failed, true))
		fprintf(stderr, "protvirt: --trace: %s, the trace ends here\n", strerror(error));
}

bool sie_trace_write(struct sie_trace *trace, const char *line, size_t len)
{
	if (atomic_load_explicit(&trace->failed, memory_order_relaxed))
		return false;
	if (fwrite(line, 1, len, trace->out) == len)
		return true;
	give_up(trace, errno);
	return false;
}

void sie_trace_flush(struct sie_trace *trace)
{
	if (!atomic_load(&trace->failed) && fflush(trace->out))
		give_up(trace, errno);
}

void sie_trace_close(struct sie_trace *trace)
{
	if (!trace)
		return;
	sie_trace_flush(trace);
	fclose(trace->out);
	free(trace);
}
