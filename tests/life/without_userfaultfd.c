// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * without-userfaultfd [--but-user-mode] PROGRAM [ARGUMENTS...]: runs a program that may not have a
 * userfaultfd, or as an ordinary user may: one that traps in user mode only.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/userfault.h"
#include "tests/life/no_userfaultfd.h"

int main(int argc, char **argv)
{
	bool user_mode_only = argc > 1 && !strcmp(argv[1], "--but-user-mode");
	int err;

	argv += user_mode_only;
	err = argv[1] ? forbid_userfaultfd(user_mode_only) : -EINVAL;
	if (!err && (userfault_create() >= 0) != user_mode_only)
		err = -EEXIST; /* there is a way around the filter: no test of what it is for */
	if (!err) {
		execvp(argv[1], argv + 1);
		err = -errno;
	}
	fprintf(stderr, "without-userfaultfd: %s\n", strerror(-err));
	return 127;
}
