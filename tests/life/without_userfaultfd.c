// SPDX-License-Identifier: GPL-2.0-or-later
/* without-userfaultfd PROGRAM [ARGUMENTS...]: runs a program that may not have a userfaultfd. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/userfault.h"
#include "tests/life/no_userfaultfd.h"

int main(int argc, char **argv)
{
	int err = argc > 1 ? forbid_userfaultfd() : -EINVAL;

	if (!err && (userfault_create() >= 0 || errno != EPERM))
		err = -EEXIST; /* there is a way around the filter: no test of what it is for */
	if (!err) {
		execvp(argv[1], argv + 1);
		err = -errno;
	}
	fprintf(stderr, "without-userfaultfd: %s\n", strerror(-err));
	return 127;
}
