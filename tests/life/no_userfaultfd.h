/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that may not have a userfaultfd, as in a container with the usual seccomp profile, or
 * only one that leaves system calls out, as a user without privileges.
 */
#ifndef TESTS_LIFE_NO_USERFAULTFD_H
#define TESTS_LIFE_NO_USERFAULTFD_H

#include <stdbool.h>

/**
 * forbid_userfaultfd() - from now on, for this process and its children
 * @user_mode_only: but for those that trap in user mode only
 * Return: 0 or -errno.
 */
int forbid_userfaultfd(bool user_mode_only);

#endif
