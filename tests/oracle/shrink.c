// SPDX-License-Identifier: GPL-2.0-or-later
/* From a sequence that fails to a short one. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/oracle/run.h"

/* The whole verdict, or what came of it */
static bool read_verdict(int from, struct verdict *v)
{
	size_t done = 0;

	while (done < sizeof(*v)) {
		ssize_t n = read(from, (char *)v + done, sizeof(*v) - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static _Noreturn void child(const struct sequence *s, int to)
{
	struct verdict v;

	alarm(DEADLOCK_S);
	run_sequence(s, &v);
	exit(write(to, &v, sizeof(v)) == sizeof(v) ? 0 : 98);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			exit(99);
	}
	return status;
}

void run_in_child(const struct sequence *s, struct verdict *v)
{
	int ends[2], status;
	pid_t pid;

	fflush(NULL);
	if (pipe(ends) || (pid = fork()) < 0)
		exit(99);
	if (!pid) {
		close(ends[0]);
		child(s, ends[1]);
	}
	close(ends[1]);
	*v = (struct verdict){0};
	if (!read_verdict(ends[0], v))
		*v = (struct verdict){0};
	close(ends[0]);
	status = wait_for(pid);
	v->deadlock = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
	if (WIFSIGNALED(status))
		verdict_fail(v, "ended by signal %d%s", WTERMSIG(status),
			     v->deadlock ? ": a deadlock" : "");
	else if (WEXITSTATUS(status))
		verdict_fail(v, "ended with status %d", WEXITSTATUS(status));
}

/* ---- shrinking ---- */

static bool still_fails(const struct sequence *s, struct verdict *v, unsigned int attempts)
{
	struct verdict now = {0};

	for (unsigned int i = 0; i < attempts && !now.failed; i++)
		run_in_child(s, &now);
	if (now.failed)
		*v = now;
	return now.failed;
}

static bool without(struct sequence *s, unsigned int at, unsigned int n, struct verdict *v,
		    unsigned int attempts)
{
	struct sequence less = *s;

	memmove(less.ops + at, less.ops + at + n, (less.n - at - n) * sizeof(less.ops[0]));
	less.n -= n;
	if (!still_fails(&less, v, attempts))
		return false;
	*s = less;
	return true;
}

/* Return: true if something went */
static bool remove_pieces(struct sequence *s, struct verdict *v, unsigned int attempts)
{
	bool less = false;

	for (unsigned int n = s->n; n; n /= 2) {
		unsigned int at = 0;

		while (at + n <= s->n) {
			if (without(s, at, n, v, attempts))
				less = true;
			else
				at += n;
		}
	}
	return less;
}

static void remove_rules(struct sequence *s, struct verdict *v, unsigned int attempts)
{
	for (unsigned int i = 0; i < s->n; i++) {
		for (int r = MAX_RULES - 1; r >= 0; r--) {
			struct sequence less = *s;

			if (!less.ops[i].rules[r].kind)
				continue;
			less.ops[i].rules[r] = (struct rule){0};
			if (still_fails(&less, v, attempts))
				*s = less;
		}
	}
}

void run_shrink(struct sequence *s, struct verdict *v, unsigned int attempts)
{
	do {
		remove_rules(s, v, attempts);
	} while (remove_pieces(s, v, attempts));
}
