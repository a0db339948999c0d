/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that may not have a userfaultfd, as in a container with the usual seccomp profile. */
#ifndef TESTS_LIFE_NO_USERFAULTFD_H
#define TESTS_LIFE_NO_USERFAULTFD_H

/** forbid_userfaultfd() - from now on, for this process and its children. Return: 0 or -errno */
int forbid_userfaultfd(void);

#endif
