/* SPDX-License-Identifier: MIT */
/* The userfaultfd through which a machine learns of touches of secure pages. */
#ifndef CLIENT_USERFAULT_H
#define CLIENT_USERFAULT_H

/**
 * userfault_create() - a userfaultfd of this process, for the machine to set up
 *
 * Whoever has the privilege gets one that handles touches by the kernel as well, so that system
 * calls on secure pages work. Others get one for touches by user mode only: a system call on a
 * missing page fails with EFAULT (protvirt_make_accessible() helps).
 *
 * Return: a descriptor (close-on-exec, non-blocking), or -1 and the errno of the refusal.
 */
int userfault_create(void);

#endif
